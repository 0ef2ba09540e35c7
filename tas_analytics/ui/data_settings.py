"""Settings: the stages with their order and probability, the fiscal year, the reporting currency."""

from __future__ import annotations

import calendar
import zlib
from collections import Counter
from dataclasses import replace
from typing import Final

import streamlit as st

from tas_analytics.errors import TasError
from tas_analytics.formats import count, day, sentence_case
from tas_analytics.ingest.loading.settings import (
    StageRow,
    change_currency,
    change_stages,
    change_year,
    in_this_order,
    stages_of,
)
from tas_analytics.ingest.planning import memory
from tas_analytics.store.tables import table
from tas_analytics.ui import criteria_settings, page, plan_settings, risk_settings
from tas_analytics.ui.session import OWN, View
from tas_analytics.ui.stage_list import stage_list

_QUARTERS: Final = ("Three calendar months", "13 weeks (4-4-5)")
_NO_PIPELINE: Final = "Without a pipeline"


def tab(view: View) -> None:
    """The tab Settings."""
    _stages(view)
    criteria_settings.card(view)
    plan_settings.cards(view)
    risk_settings.card(view)
    if view.which == OWN:
        _year_and_currency(view)
        _remembered(view)


def _stages(view: View) -> None:
    """The stages of each pipeline, with why they stand where they stand."""
    rows = stages_of(view.store)
    waiting = sum(row.origin == "proposed" for row in rows)
    pipelines = sorted({row.pipeline for row in rows}, key=lambda name: (name is None, name or ""))
    to_confirm = Counter(row.pipeline for row in rows if row.origin == "proposed")
    with page.card("stages-setting"):
        page.finding(
            f"{sentence_case(count(waiting, 'stage'))} to be confirmed" if waiting else "Stages in their order",
            "Drag a stage, or move it with its arrows; the weighted pipeline uses the probability",
        )
        names = [
            page.plain(name or _NO_PIPELINE) + (f" · {to_confirm[name]} to confirm" if to_confirm[name] else "")
            for name in pipelines
        ]
        first = next((label for name, label in zip(pipelines, names, strict=True) if to_confirm[name]), None)
        places = st.tabs(names, default=first) if len(names) > 1 else [st.container() for _ in names]
        edited: list[StageRow] = []
        changed: list[StageRow] = []
        for place, pipeline in zip(places, pipelines, strict=True):
            before = [row for row in rows if row.pipeline == pipeline]
            with place:
                after = _pipeline(view, before)
            edited += after
            if after != before:
                changed += after
        if view.which != OWN:
            st.caption("The sample's stages stay as they are.")
            return
        with st.container(horizontal=True):
            save = st.button("Save the stages", type="primary", disabled=not changed, key="save-stages")
            confirm = bool(waiting) and st.button(f"Confirm all {waiting}", key="confirm-stages")
        st.caption("Saved as a load, so it can be undone under Loads. The same list can be loaded as a file, too.")
        if save or confirm:
            proposed = {row.pipeline for row in rows if row.origin == "proposed"}
            kept = changed if save else [row for row in edited if row in changed or row.pipeline in proposed]
            _save(view, kept)


def _pipeline(view: View, before: list[StageRow]) -> list[StageRow]:
    """The stages of one pipeline as the user has them now."""
    given = [
        {
            "stage": row.stage,
            "note": _why(row),
            "proposed": row.origin == "proposed",
            "probability": round(100 * row.probability, 4),
            "status": row.status,
            "planned_days": row.planned_days,
        }
        for row in before
    ]
    # Drawn afresh where the stages are others, and only then: what is typed outlives the loads of colleagues.
    mark = zlib.crc32(repr(before).encode())
    found = stage_list(given, key=f"stages-{mark}", editable=view.which == OWN)
    known = {row.stage: row for row in before}
    after = []
    for one in found:
        row, share = known[one["stage"]], one["probability"]
        same = share is not None and share == round(100 * row.probability, 4)
        after.append(
            replace(
                row,
                # A blank is no probability: it is refused when it is saved.
                probability=row.probability if same else (-1.0 if share is None else share / 100),
                status=one["status"],
                planned_days=one["planned_days"],
            )
        )
    return after if [row.stage for row in after] == [row.stage for row in before] else in_this_order(after)


def _why(row: StageRow) -> str:
    """Who decided where a stage stands, and by what."""
    words = {"set": "Set by your company", "default": "A stage of the method"}.get(row.origin)
    if words is None:
        words = f"To be confirmed. Evidence: {row.evidence}" if row.evidence else "To be confirmed"
    return words if row.in_use else f"{words} · no deal has been in it"


def _save(view: View, rows: list[StageRow]) -> None:
    try:
        change_stages(view.store, rows)
    except TasError as error:
        page.refusal(error.title, error.hint, "stages")
        return
    st.toast("Stages saved.")
    st.rerun()


def _year_and_currency(view: View) -> None:
    with page.card("year"):
        page.finding("Fiscal year and currency", "Used on every page, on the command line and in exports")
        left, right = st.columns(2)
        months, now = list(calendar.month_name)[1:], view.company.calendar
        month = left.selectbox("The fiscal year begins in", months, index=now.start_month - 1, key="fiscal-start")
        quarters = left.selectbox(
            "A quarter is", list(_QUARTERS), index=int(now.weeks), key="fiscal-quarters",
            help="With 13 weeks (4-4-5) the year begins on the week's first day that is nearest to the first of its "
            "month; the last quarter of some years has 14.",
        )  # fmt: skip
        weekdays = list(calendar.day_name)
        weekday = right.selectbox("A week begins on", weekdays, index=now.week_start - 1, key="week-start")
        wanted = (months.index(month) + 1, _QUARTERS.index(quarters) == 1, weekdays.index(weekday) + 1)
        if wanted != (now.start_month, now.weeks, now.week_start):
            change_year(view.store, wanted[0], weeks=wanted[1], week_start=wanted[2])
            st.rerun()
        code = right.text_input(
            "Reporting currency", value=view.company.currency, max_chars=3, key=f"currency-{view.company.currency}",
            help="Deals in other currencies are converted with the rates that you load.",
        )  # fmt: skip
        if code.upper() != view.company.currency:
            try:
                change_currency(view.store, code)
            except TasError as error:
                page.refusal(error.title, error.hint, "currency")
                return
            st.rerun()


def _remembered(view: View) -> None:
    """What was settled about files, to be forgotten one by one."""
    found = memory.remembered(view.store)
    if not found:
        return
    with page.card("remembered"):
        page.finding(
            f"{sentence_case(count(len(found), 'kind'))} of files read as you settled",
            "Files with the same headers are read the same way, on the page, on the command line and in the inbox",
        )
        for one in found:
            with st.container(horizontal=True, vertical_alignment="center"):
                words = f"{one.file_name or 'A file'} · {table(one.table_name).label.lower()}"
                by = f" by {one.by}" if one.by else ""
                st.markdown(
                    f"{page.plain(words)}  \n:small[:gray[{page.plain(f'settled on {day(one.at.date())}{by}')}]]",
                    width=420,
                )
                st.button(
                    "Forget",
                    key=f"forget-{one.fingerprint}",
                    on_click=_forget,
                    args=(view, one.fingerprint),
                )


def _forget(view: View, fingerprint: str) -> None:
    memory.forget(view.store, fingerprint)
