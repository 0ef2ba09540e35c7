"""The frame around every page: look, navigation, filters; and what the server does when it starts."""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import streamlit as st
from starlette.middleware import Middleware
from streamlit.runtime.pages_manager import PagesManager

from tas_analytics.cli import run_words
from tas_analytics.config import Config
from tas_analytics.errors import TasError
from tas_analytics.relay import Relay
from tas_analytics.store import Store
from tas_analytics.ui import filters, page
from tas_analytics.ui.deep_links import SayWhereTheRootIs
from tas_analytics.ui.session import View

_LOG: Final = logging.getLogger(__name__)
_HERE: Final = Path(__file__).parent
_VIEW: Final = "view"
#: What stands between the network and Streamlit.
MIDDLEWARE: Final = [Middleware(SayWhereTheRootIs)]
#: Seconds between garbage collections, which Streamlit would otherwise run after every click.
_COLLECT: Final = 30.0


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
            "Set up": [
                st.Page("pages/data/data.py", title="Data", url_path="data"),
                st.Page("pages/help/glossary.py", title="Glossary", url_path="glossary"),
            ],
        }
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
    relays = _open_stores()
    stopped = threading.Event()
    threading.Thread(target=_collect_garbage, args=(stopped,), name="gc", daemon=True).start()
    try:
        yield
    finally:
        stopped.set()
        for relay in relays:
            relay.stop()
        # Closing folds the last loads into the file, so that a copy of it is a whole backup.
        Store.close_all()


def _open_stores() -> list[Relay]:
    """Open the stores, and listen for commands to those that are ours.

    A store that another process holds has that process's relay; what is wrong with a store the pages
    say. The first query is paid for here: binding a parameter imports pandas and pyarrow, a third of
    a second.
    """
    config = Config.from_environment()
    relays = []
    for path in (config.store, config.sample_store):
        try:
            if path == config.store or path.exists():
                Store.open(path).frame("select $one as one", {"one": 1})
                relays.append(Relay(path, run_words).start())
        except TasError as error:
            _LOG.warning("%s", error)
    return relays


def _collect_garbage(stopped: threading.Event) -> None:
    gc.disable()
    while not stopped.wait(_COLLECT):
        gc.collect()
