"""The frame around every page: look, navigation, filters; and what the server does when it starts."""

from __future__ import annotations

import gc
import logging
import math
import threading
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

import streamlit as st
from starlette.middleware import Middleware
from streamlit.runtime.pages_manager import PagesManager

from tas_analytics import background
from tas_analytics.cli import run_words
from tas_analytics.config import Config
from tas_analytics.errors import TasError
from tas_analytics.forecast import fitted
from tas_analytics.ingest.receiving.inbox import Inbox, Watcher
from tas_analytics.relay import Relay
from tas_analytics.store import Store
from tas_analytics.ui import data_upload_work, filters, jobs, overtaken, page, session
from tas_analytics.ui.head import OwnHead
from tas_analytics.ui.session import View

_LOG: Final = logging.getLogger(__name__)
_HERE: Final = Path(__file__).parent
_VIEW: Final = "view"
#: What stands between the network and Streamlit.
MIDDLEWARE: Final = [Middleware(OwnHead)]
#: Seconds between garbage collections, which Streamlit would otherwise run after every click.
_COLLECT: Final = 30.0
#: Seconds within which a changed store is judged anew.
_NOTICE: Final = 0.5
#: Seconds without a change after which the forecast of changed data is learnt.
_STILL: Final = 20.0


def run() -> None:
    """The whole dashboard, for one visit."""
    st.set_page_config(page_title="TAS Analytics", layout="wide", page_icon=str(_HERE / "icon.png"))
    st.logo(str(_HERE / "logo.svg"), size="medium")
    st.html(_HERE / "look.css")
    current = st.navigation(
        {
            "": [
                st.Page("pages/overview/home.py", title="Home", default=True),
                st.Page("pages/pipeline/by_stage.py", title="Pipeline by stage", url_path="pipeline"),
                st.Page("pages/pipeline/deal.py", title="Deal", url_path="deal", visibility="hidden"),
            ],
            "Review": [
                st.Page("pages/review/forecast.py", title="Forecast", url_path="forecast"),
                st.Page("pages/review/track_record.py", title="Track record", url_path="track-record"),
                st.Page("pages/review/board.py", title="Forecast board", url_path="board"),
                st.Page("pages/review/changes.py", title="What changed", url_path="changes"),
                st.Page("pages/review/risks.py", title="Risks", url_path="risks"),
                st.Page("pages/review/meeting.py", title="Meeting", url_path="meeting"),
                st.Page("pages/review/debrief.py", title="Debrief", url_path="debrief"),
            ],
            "Method": [
                st.Page("pages/assessment/heatmap.py", title="Assessments", url_path="assessment"),
                st.Page("pages/assessment/unknowns.py", title="Open questions", url_path="unknowns"),
                st.Page("pages/strategy/strategy.py", title="Strategy", url_path="strategy"),
                st.Page("pages/assessment/what_wins.py", title="What wins here", url_path="what-wins"),
                st.Page("pages/milestones/funnel.py", title="Milestones", url_path="milestones"),
                st.Page("pages/milestones/evidence.py", title="Stage against evidence", url_path="evidence"),
                st.Page("pages/activities/mine.py", title="My activities", url_path="activities"),
            ],
            "Set up": [
                st.Page("pages/data/data.py", title="Data", url_path="data"),
                st.Page("pages/help/glossary.py", title="Glossary", url_path="glossary"),
            ],
        },
        expanded=True,
    )
    try:
        st.session_state[_VIEW] = filters.sidebar()
        current.run()
    except TasError as error:
        page.refusal(error.title, error.hint, "page")


def begin() -> View:
    """The view for a page. A page that is run by itself, without the frame, draws the frame's filters first."""
    view = st.session_state.get(_VIEW)
    if not isinstance(view, View):
        view = st.session_state[_VIEW] = filters.sidebar()
    return view


def on_error(error: Exception) -> bool:
    """What a page shows when the program itself is at fault: a sentence, while the log has the details."""
    _LOG.error("A page failed", exc_info=error)
    page.refusal(
        "This page could not be drawn: that is a defect of the program, not of your data",
        "Reload it, or take off the last filter. The server's log says more; please report it.",
        "defect",
    )
    return True


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[None]:
    """What the server does before its first visit, and when it stops.

    Streamlit takes a folder called ``pages`` for its older kind of multipage app until
    ``st.navigation`` has run once, and greets the first deep link of a fresh process with "Page
    not found". Saying beforehand that we navigate ourselves spares it that.
    """
    PagesManager.uses_pages_directory = False
    overtaken.drop()
    config = Config.from_environment()
    stores = _open_stores(config)
    for store in stores:
        data_upload_work.sweep(store.path)
    relays = [Relay(store.path, run_words).start() for store in stores]
    inboxes = [
        Watcher(Inbox(config.inbox), store).start()
        for store in stores
        if config.inbox is not None and store.path == config.store
    ]
    stopped = threading.Event()
    for name, work in (("gc", _collect_garbage), ("trust", partial(_judge, stores))):
        threading.Thread(target=work, args=(stopped,), name=name, daemon=True).start()
    try:
        yield
    finally:
        stopped.set()
        background.forget()
        jobs.cancel_all()
        for inbox in inboxes:
            inbox.stop()
        for relay in relays:
            relay.stop()
        # Closing folds the last loads into the file, so that a copy of it is a whole backup.
        Store.close_all()
        for store in stores:
            data_upload_work.sweep(store.path)


def _open_stores(config: Config) -> list[Store]:
    """Open the stores that are ours.

    A store that another process holds has that process's relay; what is wrong with a store the pages
    say. The first query is paid for here: binding a parameter imports pandas and pyarrow, a third of
    a second.
    """
    stores = []
    for path in (config.store, config.sample_store):
        try:
            if path == config.store or path.exists():
                store = Store.open(path)
                store.frame("select $one as one", {"one": 1})
                stores.append(store)
        except TasError as error:
            _LOG.warning("%s", error)
    return stores


def _judge(stores: Sequence[Store], stopped: threading.Event) -> None:
    """Work out the verdict on a store whenever it has changed, before a visitor waits for it.

    The forecast is learnt after a load too, but only when the data have stood still for a while: people who enter
    things, and loads that follow each other, need the machine more. Until something changes it waits to be asked.
    """
    known: dict[Store, int] = {}
    unlearnt: dict[Store, float] = {}
    while not stopped.wait(_NOTICE):
        for store in stores:
            version = store.data_version
            try:
                if known.get(store) != version:
                    if store in known:
                        unlearnt[store] = time.monotonic() + _STILL
                    known[store] = version
                    session.judged(store, version)
                elif unlearnt.get(store, math.inf) < time.monotonic():
                    del unlearnt[store]
                    company = session.company_of(store)
                    if company.last_day is not None:
                        fitted.ready(store, company, company.last_day)
            except Exception as error:  # the pages will meet it too, and say it
                _LOG.warning("The data of %s could not be judged: %s", store.path.name, error)


def _collect_garbage(stopped: threading.Event) -> None:
    gc.disable()
    while not stopped.wait(_COLLECT):
        gc.collect()
