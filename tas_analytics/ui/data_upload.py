"""Upload: what was understood of the files, corrections, the verdict, and the load."""

from __future__ import annotations

import streamlit as st

from tas_analytics.errors import TasError
from tas_analytics.ingest.loading.loader import LoadResult
from tas_analytics.ingest.opening.suffixes import SUFFIXES
from tas_analytics.ui import data_upload_cards as cards, data_upload_verdict as verdicts, page
from tas_analytics.ui.data_upload_work import Desk, Looked, clear, desk, look_at, round_number, start_loading, take
from tas_analytics.ui.filters import show
from tas_analytics.ui.jobs import Cancelled, Job, panel
from tas_analytics.ui.session import OWN, View


def tab(view: View) -> None:
    """The tab Upload."""
    if view.which != OWN:
        page.finding("You are looking at the sample company", "Your own files go into a store of their own")
        st.markdown("The sample and your data never mix. You can come back to the sample at any time, in the sidebar.")
        st.button("Switch to your data", type="primary", key="start-own", on_click=show, args=(OWN,))
        return
    told = None
    job = desk().loading
    if job is not None and job.finished():
        told = _take_over(desk(), job)
        if told is None:
            st.rerun()
    verdicts.last_load(view)
    page.finding(
        "Upload exports",
        "Deals and everything about them, one table a file, sheet by sheet, or zipped; several files at once · "
        + " ".join(SUFFIXES),
    )
    table = desk()
    busy = table.loading is not None
    dropped = st.file_uploader(
        "Files", accept_multiple_files=True, key=f"files-{round_number()}", label_visibility="collapsed", disabled=busy
    )
    if isinstance(told, Cancelled):
        with page.card("cancelled"):
            page.finding(told.title, told.hint)
    elif told is not None:
        page.refusal(told.title, told.hint, "load")
    if table.loading is not None:
        panel(table.loading, "Loading", "All together or not at all; you may leave this page meanwhile")
        return
    uploads = take(view, dropped or [])
    if uploads:
        _files(view, look_at(view, uploads))


def _take_over(table: Desk, job: Job[list[LoadResult]]) -> TasError | None:
    """Take over what came of a load that has ended; what the user is to be told of it, if it came to nothing."""
    table.loading = None
    try:
        seen = table.look.result() if table.look is not None and table.look.finished() else None
        verdicts.keep(job.result(), verdicts.left_out(seen) if seen is not None else ())
    except Cancelled:
        return Cancelled("Cancelled: nothing was loaded", "The files are still here, and can be loaded as before.")
    except TasError as error:
        return error
    clear()
    return None


def _files(view: View, look: Job[Looked]) -> None:
    if not look.finished():
        panel(look, "Reading", "Nothing is loaded yet: first you see what would happen")
        return
    if look.cancelled:
        page.nothing(
            "Cancelled: nothing was loaded",
            "The files are still here.",
            key="cancelled",
            button="Read them again",
            on_click=_again,
        )
        return
    looked = look.result()
    verdict = st.container()
    index = 0
    for file in looked.files:
        if file.error is not None:
            cards.refused(index, file)
            index += 1
        for number, prepared in enumerate(file.tables):
            cards.one_table(view, index, file, prepared, first=number == 0)
            index += 1
    if looked.ready:
        with verdict:
            if verdicts.verdict(looked):
                start_loading(view, looked.ready)
                st.rerun()


def _again() -> None:
    desk().look = None
