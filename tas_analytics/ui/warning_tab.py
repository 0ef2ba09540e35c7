"""The tab "Warnings" of a deal: the signs of losing control, ticked with author and day, and counted."""

from __future__ import annotations

from itertools import groupby
from typing import Final

import pandas as pd
import streamlit as st

from tas_analytics.formats import count, day, sentence_case
from tas_analytics.method.plans import Signal
from tas_analytics.ui import author, deal_data as data, deal_work as work, entered, page
from tas_analytics.ui.session import View

_GROUPS: Final = {
    "customer": "What the customer does",
    "contest": "Where we stand",
    "us": "What we notice in ourselves",
}


def draw(view: View, deal: pd.Series) -> None:
    """The whole tab."""
    seen = data.warnings_of(view, deal["id"])
    listed = [one for one in data.signals_of(view) if one.in_use or one.code in seen]
    entered.undo_line(view)
    with page.card("warnings"):
        page.finding(
            f"{sentence_case(count(len(seen), 'warning signal'))} of {len(listed)}"
            if seen
            else "No warning signal was ticked",
            "Signs that control of the deal is slipping; tick what you see, with your name and the day",
        )
        ordered = sorted(listed, key=lambda one: list(_GROUPS).index(one.about) if one.about in _GROUPS else 9)
        for about, group in groupby(ordered, key=lambda one: one.about):
            st.markdown(f"**{page.plain(_GROUPS.get(about or '', about or 'More'))}**")
            for one in group:
                _box(view, deal, one, holds=one.code in seen)


def _box(view: View, deal: pd.Series, one: Signal, *, holds: bool) -> None:
    seen = data.warnings_of(view, deal["id"]).get(one.code)
    words = f"{page.plain(one.name)}"
    if seen is not None:
        when, who, note = seen
        said = " · ".join(
            part for part in (f"seen {day(when)}" if when else "", f"by {who}" if who else "", note or "") if part
        )
        words += f"  :small[:gray[{page.plain(said)}]]"
    ticked = st.checkbox(
        words, value=holds, key=f"signal-{one.code}-{deal['id']}-{view.version}", help=page.plain(one.ask or one.name),
        disabled=not data.may_enter(view),
    )  # fmt: skip
    if ticked != holds:
        entered.attempt(
            view, "warning",
            lambda _: work.see_warning(
                view.store, deal["id"], one.code, one.name, holds=ticked, today=view.scope.as_of,
                author=author.name(view),
            ),
        )  # fmt: skip
