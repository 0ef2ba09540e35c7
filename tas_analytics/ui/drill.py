"""From a mark to the deals behind it, and from a deal's row to its page.

What was chosen stands in the URL as ``deals=stage:Proof~month:2026-12``, so a link shows the same
list. Dimension keys and flag keys share the list's language; an unknown one is ignored.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd
import streamlit as st

from tas_analytics.errors import BadQuestion
from tas_analytics.formats import count, csv_file, day, money, sentence_case
from tas_analytics.metrics.deals import flag
from tas_analytics.metrics.dimensions import dimension
from tas_analytics.metrics.periods import FiscalCalendar
from tas_analytics.metrics.scope import Scope, values_in_words
from tas_analytics.ui import lists, page, score_data
from tas_analytics.ui.session import View

PARAM: Final = "deals"
#: More rows than this are for the download: the browser need not hold them.


def chosen() -> dict[str, str]:
    """What the URL asks for: dimension or "list" → value."""
    found: dict[str, str] = {}
    for part in str(st.query_params.get(PARAM, "")).split("~"):
        key, sign, value = part.partition(":")
        try:
            if key == "list":
                flag(value)
            else:
                dimension(key)
            if key == "close_month" and value:
                FiscalCalendar().parse(value)
        except BadQuestion:
            continue
        if sign:
            found[key] = value
    return found


def choose(choice: Mapping[str, str] | None) -> None:
    """Put a choice into the URL, or take it out."""
    page.keep_in_address(PARAM, as_param(choice or {}))


def as_param(choice: Mapping[str, str]) -> str:
    """A choice as it stands in the URL."""
    return "~".join(f"{key}:{value}" for key, value in choice.items())


def on_mark(chart: str, *keys: str) -> Any:
    """A callback for a chart whose marks carry the values of these dimensions as custom data."""
    state_key = page.chart_key(chart)

    def callback() -> None:
        points = st.session_state[state_key]["selection"]["points"]
        if not points:
            choose(None)
            return
        data = points[0].get("customdata") or []
        values = data if isinstance(data, list) else [data]
        choose({key: str(value) for key, value in zip(keys, values, strict=False) if value is not None})

    return callback


def on_deal(chart: str) -> Any:
    """A callback for a chart whose marks are deals: remembers the deal to open."""
    state_key = page.chart_key(chart)

    def callback() -> None:
        points = st.session_state[state_key]["selection"]["points"]
        if points:
            data = points[0].get("customdata") or []
            st.session_state["open_deal"] = str(data[0] if isinstance(data, list) else data)

    return callback


def narrowed(scope: Scope, choice: Mapping[str, str]) -> tuple[Scope, tuple[str, ...]]:
    """The scope of the chosen deals, and the flags that they carry."""
    for key, value in choice.items():
        if key != "list":
            scope = scope.where(key, value)
    return scope, (choice["list"],) if "list" in choice else ()


def words(choice: Mapping[str, str], n: int) -> str:
    """``12 open deals in Proof, West`` or ``3 deals past the stall line of their stage``."""
    status = choice.get("status", "")
    lead = f"{count(n, f'{status} deal'.strip())}"
    if "list" in choice:
        lead += f" {flag(choice['list']).label}"
    places = [_place(key, value) for key, value in choice.items() if key not in {"list", "status"}]
    joint = " " if places and places[0].startswith(("in ", "closing ")) else ": "
    text = lead + (joint + ", ".join(places) if places else "")
    return sentence_case(text)


def _place(key: str, value: str) -> str:
    if key == "stage" and value:
        return f"in {value}"
    if key == "close_month" and value:
        return f"closing in {FiscalCalendar().parse(value).label}"
    return values_in_words(key, (value,))


def table(view: View, *, default: Mapping[str, str], above: str = "a mark") -> None:
    """The drill table: what was clicked ``above``, or the default list."""
    choice = chosen() or dict(default)
    scope, flags = narrowed(view.scope, choice)
    rows = view.deals(flags, scope)
    total = float(rows["amount"].sum())
    with page.card("deals"):
        title, back = st.columns([9, 3], vertical_alignment="bottom")
        with title:
            amount = f" · {money(total, view.company.currency)}" if rows["amount"].notna().any() else ""
            page.finding(
                words(choice, len(rows)) + amount,
                f"Select {above} above to change the list, a row to open the deal · amounts in {view.company.currency}",
            )
        if chosen():
            back.button("Show all open deals", key="drill-all", on_click=choose, args=(None,), type="tertiary")
        if rows.empty:
            page.nothing("No deal here", why_empty(view, scope), key="deals")
            return
        listing(view, rows)


def why_empty(view: View, scope: Scope) -> str:
    """Why a scope holds no deal: which filter to take off."""
    everything = int(view.measure(("deals",), scope=scope.within(None))["deals"].iloc[0])
    if scope.period and everything:
        return f"{sentence_case(count(everything, 'deal'))} match the filters, but none closes in {scope.period.label}."
    for key, _ in scope.filters:
        without = int(view.measure(("deals",), scope=scope.where(key))["deals"].iloc[0])
        if without:
            return f"Without the filter on {dimension(key).label.lower()} there would be {count(without, 'deal')}."
    return "Nothing in the store matches these filters together."


def listing(view: View, rows: pd.DataFrame) -> None:
    """The table of deals itself with its download; a row opens the deal."""
    shown = score_data.with_scores(view, rows.head(lists.SHOWN))
    config = st.column_config
    order = ["amount", "name", "owner", "stage", "forecast_category", "close_date", "days_in_stage", "pushes"]
    order += ["score", "moved"]
    if len(view.company.days) < 2:
        order.remove("pushes")  # one export tells of no move
    if rows["close_date"].isna().all():
        order.insert(6, "created_date")
    # A column in which no export says anything is left out.
    table_of = shown[[column for column in order if column in shown and shown[column].notna().any()]]
    chosen_row = lists.choose(
        table_of,
        "drill",
        "The deals behind the selection, largest first",
        columns={
            "name": lists.deal(),
            "owner": config.TextColumn("Owner"),
            "stage": config.TextColumn("Stage"),
            "forecast_category": config.TextColumn("Category"),
            "amount": lists.amount(),
            "close_date": config.DateColumn("Close", format="D MMM YYYY", width=100),
            "created_date": config.DateColumn("Created", format="D MMM YYYY", width=105),
            "days_in_stage": config.NumberColumn("Days in stage", alignment="right", width=95),
            "pushes": config.NumberColumn("Pushes", alignment="right", width=70),
            "score": config.NumberColumn(
                "Score",
                format="%.0f %%",
                alignment="right",
                width=65,
                help=f"The model's chance that the deal is won by {day(score_data.until(view))}, in per cent.",
            ),
            "moved": config.TextColumn("± week", alignment="right", width=65),
        },
        most=15,
    )
    if chosen_row is not None:
        page.open_deal(str(shown["id"].iloc[chosen_row]))
    lists.foot(
        len(rows),
        "Amounts in the deals' own currency are in the download.",
        "drill-csv",
        f"deals-{view.scope.as_of}.csv",
        lambda: csv_of(rows),
    )


def csv_of(rows: pd.DataFrame) -> bytes:
    """The deals as CSV: names and raw numbers, cells that a spreadsheet would run neutralised."""
    kept = [
        *("id", "name", "account", "owner", "manager", "team", "region", "product", "segment", "industry"),
        *("stage", "status", "forecast_category", "amount", "own_amount", "currency", "close_date", "created_date"),
        *("days_in_stage", "stall_line", "pushes", "delays", "next_step", "last_activity"),
        *("source", "type", "lost_reason"),
    ]
    plain = rows[kept].rename(columns={"own_amount": "amount_in_deal_currency", "currency": "deal_currency"})
    for column in plain.select_dtypes("datetime").columns:
        plain[column] = plain[column].dt.date
    return csv_file(plain)
