"""What to find out first: the unknowns that would move the forecast most, each with the way to where it is entered."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import pandas as pd
import streamlit as st

from tas_analytics.forecast import fitted as models
from tas_analytics.formats import number
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.scope import Scope
from tas_analytics.review import unknowns
from tas_analytics.store import Store
from tas_analytics.ui import assessed, lists, page
from tas_analytics.ui.session import View

_ROWS: Final = 12


def card(view: View) -> None:
    """The list; a row opens the deal where the answer is entered."""
    period = view.scope.period
    if period is None or period.last_day <= view.scope.as_of:
        return
    days = (period.last_day - view.scope.as_of).days
    if models.ready(view.store, view.company, view.scope.as_of, days) is None:
        return
    found = _found(view.store, view.version, view.company, view.scope, days)
    with page.card("unknown"):
        page.finding(
            unknowns.sentence(found, view.company.currency),
            f"What is not known of open deals, by how far {period.label}'s expected amount would move if it were, in "
            f"{view.company.currency} · a row opens the deal where it is entered",
        )
        if found.empty:
            page.nothing("No answer would move the forecast", "Everything that the model uses is known.", key="unknown")
            return
        rows = found.head(_ROWS)
        config = st.column_config
        table = pd.DataFrame(
            {
                "Worth": rows["value"], "Deal": rows["name"], "Not known": rows["what"], "If good": rows["if_good"],
                "If bad": rows["if_bad"], "Ask": rows["ask"], "Owner": rows["owner"],
            }
        )  # fmt: skip
        formats: dict[Any, Any] = {"If good": _signed, "If bad": _signed}
        chosen_row = lists.choose(
            table.style.format(formats, na_rep="–"),
            "unknown-list",
            "Unknowns, those that would move the forecast most first",
            columns={
                "Deal": lists.deal(),
                "Not known": config.TextColumn(width=210),
                "Worth": lists.amount(None),
                "If good": config.Column(width=85),
                "If bad": config.Column(width=85),
                "Ask": config.TextColumn(width=280),
                "Owner": config.TextColumn(width=140),
            },
            most=len(rows),
        )
        if chosen_row is not None:
            _open(rows.iloc[chosen_row])


def _open(row: pd.Series) -> None:
    if row["kind"] == "criterion" and pd.notna(row["number"]):
        assessed.open_criterion(str(row["id"]), int(row["number"]))
    topic = "Milestones" if row["kind"] == "milestone" else "Score"
    page.open_deal(str(row["id"]), topic=topic)


def _signed(value: float) -> str:
    return number(value, sign=True)


@lru_cache(maxsize=32)
def _found(store: Store, _version: int, company: Company, scope: Scope, days: int) -> pd.DataFrame:
    fitted = models.now(store, company, scope.as_of, days)
    return unknowns.unknowns(store, company, scope, fitted)
