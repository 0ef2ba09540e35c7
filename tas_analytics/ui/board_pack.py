"""The review pack from the page Forecast board: a file of the board that is shown, made when it is asked for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Final

import streamlit as st

from tas_analytics.commands.review import WRITERS
from tas_analytics.reports.pack import pack
from tas_analytics.ui.session import View

#: Ending of a file → what its button says and the file's type.
_FORMATS: Final = {
    ".pdf": ("PDF for print", "application/pdf"),
    ".pptx": ("Slides", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ".xlsx": ("Workbook", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ".html": ("Web page", "text/html"),
}


def downloads(view: View, leader: str, since: dt.date | None) -> None:
    """A button for each format; none where there is no period to review.

    Nothing is made before a button is pressed, and then by a thread of the server's own: the page stays usable.
    """
    if view.scope.period is None:
        return
    with st.popover("Review pack", icon=":material/download:", key="pack"):
        st.caption("What changed, this board and the deals that moved, as a file. Categories are cumulative in it.")
        for ending, (label, mime) in _FORMATS.items():
            st.download_button(
                label, _maker(view, leader, since, ending), file_name=f"review-{view.scope.as_of}{ending}", mime=mime,
                key=f"pack{ending}", on_click="ignore", width="stretch",
            )  # fmt: skip


def _maker(view: View, leader: str, since: dt.date | None, ending: str) -> Callable[[], bytes]:
    def make() -> bytes:
        return WRITERS[ending]()(pack(view.store, view.company, view.scope, since, leader))

    return make
