"""The deals behind the forecast: by chance and close date, and which move it most."""

from __future__ import annotations

import math
from typing import Any, Final

import pandas as pd
import streamlit as st

from tas_analytics.charts.chance_map import chance_map
from tas_analytics.formats import count, csv_file, money, number, percent
from tas_analytics.metrics.compare import short
from tas_analytics.ui import drill, forecast_data as data, forecast_table, lists, page
from tas_analytics.ui.session import View

#: Deals that are drawn and listed.
_MOST: Final = 300
_MEANINGS: Final = {"commit": "commit", "best_case": "best"}


def map_card(view: View, named: pd.DataFrame) -> None:
    """Open deals by planned close date and chance; a bubble opens its deal."""
    period = view.scope.period
    if period is None:
        return
    with page.card("chances"):
        page.finding(
            _doubtful(view, named),
            f"Chance to be won in {short(period)} by planned close date, one bubble a deal, its area the amount · dark "
            "blue commit, light blue best case, amber past its close date, grey the rest",
        )
        if named.empty:
            page.nothing("No open deal", drill.why_empty(view, view.scope), key="chances")
            return
        if named["close_date"].isna().all():
            page.nothing(
                "No close date to show", "Fill the expected close date in the CRM, or map its column.", key="chances"
            )
            return
        frame = pd.DataFrame(
            {
                "id": named["id"], "name": named["name"], "amount": named["amount"], "close_date": named["close_date"],
                "chance": named["chance"],
                "meaning": [
                    "risk" if late else _MEANINGS.get(str(category), "open")
                    for late, category in zip(named["is_overdue"], named["category"], strict=True)
                ],
                "detail": [
                    ", ".join(str(part) for part in (row["owner"], row["stage"]) if part)
                    for row in named.to_dict("records")
                ],
            }
        )  # fmt: skip
        page.chart(
            chance_map(frame, as_of=view.scope.as_of, until=period.last_day, currency=view.company.currency),
            "chances",
            _doubtful(view, named),
            on_select=drill.on_deal("chances"),
        )


def _doubtful(view: View, named: pd.DataFrame) -> str:
    """How much is called commit, or planned for the period, that will hardly come."""
    period, currency = view.scope.period, view.company.currency
    if period is None or named.empty:
        return "No open deal"
    due = named[named["close_date"].between(pd.Timestamp(period.start), pd.Timestamp(period.last_day))]
    for words, rows in (
        ("of commit", due[due["category"] == "commit"]), (f"planned for {short(period)}", due),
    ):  # fmt: skip
        weak = rows[rows["chance"] < 0.5]
        amount = float(weak["amount"].sum())
        if amount > 0:
            return f"{money(amount, currency)} {words} is less likely to come than not ({count(len(weak), 'deal')})"
    return f"Every deal planned for {short(period)} is more likely to come than not" if len(due) else (
        f"No open deal is planned for {short(period)}"
    )  # fmt: skip


def named_deals(view: View) -> pd.DataFrame:
    """The open deals of the view with names, those that move the sum most first."""
    got = data.found(view)
    if got is None:
        return pd.DataFrame()
    deals = got[0].deals.head(_MOST)
    if deals.empty:
        return pd.DataFrame()
    rows = data.deals(view, deals["deal_key"].tolist())
    return rows.merge(deals[["deal_key", "chance", "expected", "swing"]], on="deal_key")


def movers_card(view: View, named: pd.DataFrame) -> None:
    """The deals that move the forecast most; a row opens its deal."""
    period = view.scope.period
    with page.card("movers"):
        title, back = st.columns([9, 3], vertical_alignment="bottom")
        with title:
            page.finding(
                _heaviest(view, named),
                f"Open deals by how much their fate moves {period.label if period else 'the period'}, "
                f"{view.company.currency} · a row opens the deal",
            )
        group = forecast_table.chosen()
        if group is not None:
            back.button("Show all deals", key="forecast-all", on_click=forecast_table.forget, type="tertiary")
        if named.empty:
            page.nothing("No open deal", drill.why_empty(view, view.scope), key="movers")
            return
        if named["amount"].isna().all():
            page.nothing("Nothing to rank", "The exports give no amount for the open deals in scope.", key="movers")
            return
        table = pd.DataFrame(
            {
                "Amount": named["amount"], "Deal": named["name"], "Chance": named["chance"] * 100,
                "Expected": named["expected"],
                "If won": named["amount"] - named["expected"], "If not": -named["expected"],
                "Stage": named["stage"], "Category": named["forecast_category"], "Close": named["close_date"],
                "Owner": named["owner"],
            }
        )  # fmt: skip
        signed: dict[Any, Any] = {"If won": _signed, "If not": _signed}
        chosen_row = lists.choose(
            table.loc[:, table.notna().any()].style.format(signed, na_rep="–"),
            "movers",
            "Open deals, those that move the forecast most first",
            columns=_columns(),
            most=12,
        )
        if chosen_row is not None:
            page.open_deal(str(named["id"].iloc[chosen_row]), topic="Score")
        most = f"The {_MOST} deals that move it most. " if len(named) == _MOST else ""
        lists.foot(
            len(named),
            f"{most}If won, if not: how far the deal moves the expected amount.",
            "movers-csv",
            f"forecast-deals-{view.scope.as_of}.csv",
            lambda: _csv(named),
        )


def _signed(value: float) -> str:
    return "–" if math.isnan(value) else number(value, sign=True)


def _columns() -> dict[str, Any]:
    config = st.column_config
    return {
        "Deal": lists.deal(), "Amount": lists.amount(), "Expected": lists.amount(None),
        "Chance": config.ProgressColumn(format="%.0f %%", min_value=0, max_value=100, width=110),
        "If won": config.Column(width=lists.AMOUNT), "If not": config.Column(width=lists.AMOUNT),
        "Close": config.DateColumn(format="D MMM YYYY", width=105), "Stage": config.TextColumn(width=135),
        "Category": config.TextColumn(width=100), "Owner": config.TextColumn(width=150),
    }  # fmt: skip


def _heaviest(view: View, named: pd.DataFrame) -> str:
    """The deals on which most of the spread hangs."""
    if named.empty:
        return "Nothing moves the forecast"
    power = named["swing"] ** 2
    if not power.sum():
        return "No open deal moves the amount: none has an amount and an open fate"
    share = float(power.head(3).sum() / power.sum())
    first = named.iloc[0]
    if len(named) <= 3:
        return f"{first['name']} moves the forecast most, {percent(float(first['chance']))} to come"
    return (
        f"Three deals hold {percent(share)} of what is uncertain, first {first['name']} "
        f"({money(float(first['amount']), view.company.currency)}, {percent(float(first['chance']))})"
    )


def _csv(named: pd.DataFrame) -> bytes:
    kept = ["id", "name", "account", "owner", "stage", "forecast_category", "amount", "close_date", "chance",
            "expected", "swing"]  # fmt: skip
    plain = named[kept].copy()
    plain["close_date"] = pd.to_datetime(plain["close_date"]).dt.date
    return csv_file(plain)
