"""The card of the inbox: where it is, and what came through it last."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Final

import streamlit as st

from tas_analytics.config import Config
from tas_analytics.formats import count, day, escape_markdown
from tas_analytics.ingest.judging.verdict import VERDICTS
from tas_analytics.ingest.receiving.inbox import USER, refused
from tas_analytics.ui import page
from tas_analytics.ui.session import View

#: So many files of each kind are listed.
_LAST: Final = 4


def card(view: View) -> None:
    """Where files can be dropped, and the last of those that were."""
    folder = Config.from_environment().inbox
    with page.card("inbox"):
        if folder is None:
            page.finding("The inbox is switched off", "TAS_INBOX is set to off where the dashboard was started")
            return
        page.finding(
            "Files put into the inbox load themselves", "A scheduled export needs nobody, as long as the dashboard runs"
        )
        st.code(str(folder), language=None, wrap_lines=True)
        rows = [*_loaded(view), *_refused(folder)]
        if not rows:
            st.caption("Nothing has come through it yet. What is loaded moves on to the folder “loaded” inside it.")
            return
        page.short_list([(when, text) for _, when, text in sorted(rows, key=lambda row: row[0], reverse=True)])
        st.caption("Times are UTC. Each file lies with its report in “loaded” or “refused” inside the inbox.")


def _loaded(view: View) -> list[tuple[dt.datetime, str, str]]:
    rows = view.store.rows(
        """
        select loaded_at, file_name, rows_in_file, rows_rejected, verdict, undone_at is not null from load
        where loaded_by = $user order by load_id desc limit $last
        """,
        {"user": USER, "last": _LAST},
    )
    told = []
    for at, name, in_file, rejected, verdict, undone in rows:
        text = f"{count(in_file, 'row')} · {'undone' if undone else VERDICTS[verdict].lower()}"
        if rejected:
            text += f" · {rejected:,} rejected"
        told.append((at, _when(at), _text(name, text)))
    return told


def _refused(folder: Path) -> list[tuple[dt.datetime, str, str]]:
    told = []
    for one in refused(folder, _LAST):
        at = one.at.replace(tzinfo=None)  # as the store keeps times: UTC, without saying so
        told.append((at, _when(at), _text(one.name, f"Refused: {one.why}. {one.mend}", sign=":red[**✕**] ")))
    return told


def _when(at: dt.datetime) -> str:
    return f"{day(at.date(), year=False)}, {at:%H:%M}"


def _text(name: str, detail: str, sign: str = "") -> str:
    return f"{sign}{escape_markdown(name)}  \n:small[:gray[{escape_markdown(detail)}]]"
