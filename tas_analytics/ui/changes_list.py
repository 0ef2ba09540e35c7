"""The deals behind the waterfall: one list for each thing that can have happened, before and after side by side."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import pandas as pd
import streamlit as st

from tas_analytics.formats import count, csv_file, money, number, sentence_case
from tas_analytics.review import sentences
from tas_analytics.review.buckets import BUCKETS
from tas_analytics.review.flows import CATEGORIES
from tas_analytics.ui import lists, page, review_data
from tas_analytics.ui.session import View

PARAM: Final = "show"
_EVERYTHING: Final = (*review_data.MOVED, "unchanged")
_CAME: Final = frozenset(one.key for one in BUCKETS if one.side == "in")
_LEFT: Final = frozenset(one.key for one in BUCKETS if one.side == "out")
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Listed:
    """A list: its key in the URL, what its switch says, what its deals are called, the buckets and the condition."""

    key: str
    label: str
    noun: str
    buckets: tuple[str, ...]
    holds: Callable[[Row], bool] = lambda _row: True


def _later(row: Row) -> bool:
    was, now = row["close_date_before"], row["close_date_after"]
    return bool(row["status_then"] == row["status_now"] == "open" and was and now and now > was)


def _sooner(row: Row) -> bool:
    was, now = row["close_date_before"], row["close_date_after"]
    return bool(row["status_then"] == row["status_now"] == "open" and was and now and now < was)


#: What can be shown: everything that moved, each bucket, and close dates that moved either way.
LISTS: Final = (
    Listed("", "All that moved", "moved", review_data.MOVED),
    Listed("slipped", "Slipped", "with a later close date", _EVERYTHING, _later),
    Listed("sooner", "Sooner", "with an earlier close date", _EVERYTHING, _sooner),
    *(Listed(one.key, one.label, one.noun, (one.key,)) for one in BUCKETS if one.side != "rate"),
)
_BY_KEY: Final = {one.key: one for one in LISTS}


def choose(key: str) -> None:
    """Put a list into the URL, or take it out."""
    page.keep_in_address(PARAM, key)


def table(view: View, since: dt.date) -> None:
    """The switch between the lists and the one that is chosen."""
    asked = str(st.query_params.get(PARAM, ""))
    found = _BY_KEY.get(asked) or _way(asked, view, since) or _BY_KEY[""]
    rows = [row for row in review_data.changed(view, since, found.buckets) if found.holds(row)]
    with page.card("changed"):
        total = sum(float(row["effect"]) for row in rows)
        amount = f" · {money(total, view.company.currency, sign=True)}" if total else ""
        page.finding(
            sentence_case(f"{count(len(rows), 'deal')} {found.noun}{amount}"),
            f"Before and after, at the first day's rates, in {view.company.currency} · select a row to open the deal",
        )
        _switch(view, since, found)
        if not rows:
            page.nothing("No deal here", "Choose another list, other days or another scope.", key="changed")
            return
        _frame(view, rows)


def _switch(view: View, since: dt.date, shown: Listed) -> None:
    """One switch for each list that holds deals."""
    totals = review_data.changes(view, since).buckets
    dated = review_data.changed(view, since, _EVERYTHING)
    options = []
    for one in LISTS:
        holds = (
            any(one.holds(row) for row in dated)
            if one.key in {"slipped", "sooner"}
            else (not one.key or totals[one.key].deals > 0)
        )
        if holds or one.key == shown.key:
            options.append(one.key)
    st.session_state["moved"] = shown.key if shown.key in options else None
    st.pills(
        "Show", options, format_func=lambda key: _BY_KEY[key].label, key="moved", label_visibility="collapsed",
        on_change=_chosen,
    )  # fmt: skip


def _chosen() -> None:
    choose(st.session_state.get("moved") or "")


def _way(text: str, view: View, since: dt.date) -> Listed | None:
    """The list behind a ribbon or a stack of the flow: ``category:commit>bucket:won``; ``*`` stands for any."""
    by, sign, way = text.partition(":")
    source, arrow, target = way.partition(">")
    if by not in {"category", "stage"} or not sign or not arrow:
        return None
    rows = review_data.flows(view, since, "stage" if by == "stage" else "forecast_category")
    names = {**dict(zip(rows["source"], rows["source_label"], strict=True)),
             **dict(zip(rows["target"], rows["target_label"], strict=True))}  # fmt: skip

    def holds(row: Row) -> bool:
        then, now = place(row, by)
        return source in {"*", then} and target in {"*", now}

    parts = [f"from {names.get(source, source)}"] if source != "*" else []
    parts += [f"to {names.get(target, target)}"] if target != "*" else []
    return Listed(text, "", " ".join(parts) or "in scope", _EVERYTHING, holds)


def place(row: Row, by: str) -> tuple[str, str]:
    """Where a deal stands in the flow on either day."""
    known = {key for key, *_ in CATEGORIES}

    def group(when: str, state: str) -> str:
        if by == "stage":
            return str(row[f"stage_{state}"])
        found = row[f"category_{when}"]
        return found if found in known else "none"

    outside, key = f"bucket:{row['bucket']}", row["bucket"]
    return (outside if key in _CAME else group("then", "before"), outside if key in _LEFT else group("now", "after"))


def _frame(view: View, rows: list[dict[str, Any]]) -> None:
    year = view.scope.as_of.year
    shown = pd.DataFrame(
        {
            "Change": float(row["effect"]),
            "Deal": row["name"],
            "What happened": sentences.happened(row, view.company.currency, year),
            # Out of scope on a day: blank, not nought.
            "Before": None if row["bucket"] in _CAME else float(row["before"]),
            "After": None if row["bucket"] in _LEFT else float(row["after"]),
            "Owner": _arrow(row["owner_before"], row["owner_after"]),
            "Stage": _arrow(row["stage_before"], row["stage_after"]),
            "Category": _arrow(row["category_before"], row["category_after"]),
            "Pushes": row["pushes"],
        }
        for row in rows[: lists.SHOWN]
    )
    config = st.column_config
    table = shown.loc[:, shown.notna().any()]
    signed: dict[Any, Any] = {"Change": partial(number, sign=True)}
    chosen_row = lists.choose(
        table.style.format(signed, na_rep="–"),
        "changed-deals",
        "The deals that changed, largest effect first",
        columns={
            "Deal": lists.deal(),
            "Change": config.Column(width=lists.AMOUNT),
            "What happened": config.TextColumn(width=310),
            "Before": lists.amount(None),
            "After": lists.amount(None),
            "Owner": config.TextColumn(width=130),
            "Stage": config.TextColumn(width=125),
            "Category": config.TextColumn(width=140),
            "Pushes": config.NumberColumn(alignment="right", width=65),
        },
        most=12,
    )
    if chosen_row is not None:
        page.open_deal(str(rows[chosen_row]["opportunity_id"]))
    lists.foot(
        len(rows),
        "Amounts in the deals' own currency are in the download.",
        "changed-csv",
        f"changes-{view.scope.as_of}.csv",
        lambda: csv_of(rows),
    )


def _arrow(before: str | None, after: str | None) -> str | None:
    if before == after or not (before and after):
        return after or before
    return f"{before} → {after}"


def csv_of(rows: list[dict[str, Any]]) -> bytes:
    """The deals as CSV, with cells that a spreadsheet would run neutralised."""
    frame = pd.DataFrame(rows).drop(
        columns=["category_then", "category_now", "position_then", "position_now"], errors="ignore"
    )
    return csv_file(frame)
