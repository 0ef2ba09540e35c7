"""The tab "Timeline" of a deal: everything that happened to it, newest first."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import pandas as pd
import streamlit as st

from tas_analytics.formats import count, day, sentence_case
from tas_analytics.metrics import deal_events
from tas_analytics.store import Store
from tas_analytics.ui import lists, page
from tas_analytics.ui.deal import said, versions
from tas_analytics.ui.session import View

_HEIGHT: Final = 18


def draw(view: View, deal: pd.Series) -> None:
    """The list of events with its filter."""
    rows = events(view, deal)
    with page.card("timeline"):
        if rows.empty:
            page.finding("Nothing has happened to this deal yet", "Changes show here from the second export on")
            return
        first = rows["day"].iloc[-1]
        kinds = [kind for kind in deal_events.KINDS if (rows["kind"] == kind).any()]
        page.finding(finding(rows), f"Changes that the exports saw, and what people recorded, since {day(first)}")
        chosen = st.pills(
            "Kinds", kinds, selection_mode="multi", key="kinds", bind="query-params", label_visibility="collapsed",
        )  # fmt: skip
        shown = rows[rows["kind"].isin(chosen)] if chosen else rows
        config = st.column_config
        # On a phone two columns are in sight: what happened comes before the kind of it.
        order = (
            ("day", "what", "detail", "who", "kind") if page.on_phone() else ("day", "kind", "what", "detail", "who")
        )
        lists.show(
            shown[list(order)],
            "timeline",
            "Everything that happened to the deal, newest first",
            columns={
                "day": config.DateColumn("Day", format="D MMM YYYY", width=105),
                "kind": config.TextColumn("Kind", width=105),
                "what": config.TextColumn("What", width=210 if page.on_phone() else 300),
                "detail": config.TextColumn("Detail", width=420),
                "who": config.TextColumn("Who", width=150),
            },
            most=_HEIGHT,
        )


def finding(rows: pd.DataFrame) -> str:
    """How much happened, and what the last thing was."""
    last = rows.iloc[0]
    told = f", {last['detail']}" if "→" in str(last["detail"]) else ""
    return sentence_case(f"{count(len(rows), 'event')}; the last on {day(last['day'])}: {last['what']}{told}")


def events(view: View, deal: pd.Series) -> pd.DataFrame:
    """Everything that happened to the deal up to the view's day: day, kind, what, detail, who; newest first."""
    changed = deal_events.changes(versions(view, deal["id"]))
    rows = [
        {
            "day": row["day"],
            "kind": row["kind"],
            "what": row["what"],
            "detail": f"{said(row['column'], row['before'], row['currency_before'])} → "
            f"{said(row['column'], row['after'], row['currency_after'])}",
            "who": None,
        }
        for row in changed.to_dict("records")
    ]
    # Whatever else is known of its past, the deal was created on a day.
    began = deal["created_date"]
    if pd.notna(began) and began.date() <= view.scope.as_of:
        rows.append({"day": began.date(), "kind": "Other changes", "what": "Created", "detail": None, "who": None})
    log = pd.DataFrame(rows, columns=["day", "kind", "what", "detail", "who"])
    told = _recorded(view.store, view.version, view.scope.as_of, deal["id"]).copy()
    told["day"] = told["day"].dt.date
    both = pd.concat([part for part in (log, told) if len(part)]) if len(log) or len(told) else log
    return both.sort_values("day", ascending=False, kind="stable").reset_index(drop=True)


@lru_cache(maxsize=64)
def _recorded(store: Store, _version: int, as_of: object, deal_id: str) -> pd.DataFrame:
    return deal_events.recorded(store, as_of, deal_id)  # type: ignore[arg-type]
