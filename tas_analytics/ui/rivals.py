"""The cards about competitors on the page What wins here."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import pandas as pd
import streamlit as st

from tas_analytics.charts import rate_panels
from tas_analytics.formats import count, percent, rate
from tas_analytics.metrics import what_wins as queries, winning
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.intervals import wilson
from tas_analytics.metrics.scope import Scope
from tas_analytics.metrics.separation import Rate
from tas_analytics.store.database import Store
from tas_analytics.ui import drill, lists, page
from tas_analytics.ui.session import View


def card(view: View) -> None:
    """The win rate against each competitor, over the quarters."""
    frame = _against(view.store, view.version, view.company, view.scope)
    table = queries.rivals(frame)
    usual = Rate(*(int(value) for value in _usual(view)))
    with page.card("rivals"):
        page.finding(
            winning.hardest(table, usual),
            "Win rate by quarter of the close · the line is the 95 % interval, the dotted one our win rate over all "
            "deals · a dot lists its deals",
        )
        if table.empty:
            page.nothing(
                "No competitor is named in a closed deal",
                "Load a file of competitors, or rate them on the deals' own pages.",
                key="rivals",
            )
            return
        page.chart(
            rate_panels.rate_panels(_panels(view, frame, table), usual=usual.share),
            "rivals",
            "Win rate against each competitor by quarter",
            on_select=_on_rival("rivals"),
        )
        _rival_table(table)


def table_card(view: View) -> None:
    """The deals of a chosen competitor and quarter."""
    if "competitor" in drill.chosen():
        drill.table(view, default={})


def _panels(view: View, frame: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for rival in table.to_dict("records"):
        own = frame[(frame["competitor"] == rival["competitor"]) & frame["quarter"].notna()]
        for row in own.to_dict("records"):
            cases = int(row["won"] + row["lost"])
            low, high = wilson(int(row["won"]), cases)
            rows.append(
                {
                    "group": rival["competitor"], "key": rival["competitor"],
                    "summary": f"{rate(int(rival['won']), int(rival['deals']))} of {count(int(rival['deals']), 'deal')}"
                    if rival["deals"] >= 20 else f"{rate(int(rival['won']), int(rival['deals']))} won",
                    "period": view.company.calendar.parse(str(row["quarter"])).label, "order": row["quarter"],
                    "rate": row["won"] / cases, "low": low, "high": high, "cases": cases,
                }
            )  # fmt: skip
    columns = ["group", "key", "summary", "period", "order", "rate", "low", "high", "cases"]
    return pd.DataFrame(rows, columns=columns)


def _rival_table(table: pd.DataFrame) -> None:
    rows = [
        {
            "Competitor": row["competitor"],
            "Won": rate(int(row["won"]), int(row["deals"])),
            "95 %": f"{percent(row['low'])} to {percent(row['high'])}",
            "By value": percent(row["value_rate"]) if pd.notna(row["value_rate"]) else "–",
            "95 % by value": f"{percent(row['value_low'])} to {percent(row['value_high'])}"
            if pd.notna(row["value_low"]) else "–",
            "Last 4 quarters": rate(int(row["new_won"]), int(row["new_deals"])),
            "Before": rate(int(row["old_won"]), int(row["old_deals"])),
            "Deals": int(row["deals"]),
        }
        for row in table.to_dict("records")
    ]  # fmt: skip
    lists.show(pd.DataFrame(rows), "rival-table", "Win rate against each competitor")


def _on_rival(chart: str) -> Callable[[], None]:
    key = page.chart_key(chart)

    def callback() -> None:
        points = st.session_state[key]["selection"]["points"]
        data = points[0].get("customdata") if points else None
        if not data or not data[1]:
            drill.choose(None)
            return
        drill.choose({"competitor": str(data[0]), "close_quarter": str(data[1])})

    return callback


def _usual(view: View) -> tuple[float, float]:
    row = view.measure(("won_deals", "lost_deals")).iloc[0]
    return float(row["won_deals"]), float(row["won_deals"] + row["lost_deals"])


@lru_cache(maxsize=64)
def _against(store: Store, _version: int, company: Company, scope: Scope) -> pd.DataFrame:
    return queries.against(store, company, scope)
