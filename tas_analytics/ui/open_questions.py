"""The page of open questions: what to find out next, whom to ask, and what hangs on it."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import pandas as pd
import streamlit as st

from tas_analytics.formats import csv_file
from tas_analytics.metrics import open_questions
from tas_analytics.ui import assessed, lists, page
from tas_analytics.ui.session import View

#: More rows than this are for the download.
_DOWNLOAD: Final = (
    "id", "name", "owner", "stage", "amount", "close_date", "number", "criterion", "question", "rated", "decisions",
    "why", "ask", "whom",
)  # fmt: skip


def switch() -> bool:
    """Whether deals that nobody has assessed are in the list; in the URL."""
    return not st.checkbox("Only deals assessed before", key="assessed_only", bind="query-params")


def rows(view: View, never_assessed: bool) -> pd.DataFrame:
    """The work list of the view; not to be changed, for it is shared."""
    return _rows(view, never_assessed)


@lru_cache(maxsize=8)
def _rows(view: View, never_assessed: bool) -> pd.DataFrame:
    found = assessed.positions(view)
    return open_questions.open_questions(found, assessed.criteria(view), never_assessed=never_assessed)


def table(view: View, found: pd.DataFrame) -> None:
    """The list; a row opens the deal at its criterion."""
    if found.empty:
        page.nothing("Nothing to find out", f"In {view.scope.sentence()} no rating is unknown.", key="questions")
        return
    shown = found.head(lists.SHOWN)
    config = st.column_config
    chosen_row = lists.choose(
        shown[["amount", "name", "criterion", "ask", "whom", "why", "owner"]],
        "question-list",
        "Open questions, the most pressing first",
        columns={
            "name": lists.deal(),
            "criterion": config.TextColumn("Not known", width=170),
            "amount": lists.amount(),
            "why": config.TextColumn("What waits for it", width=190),
            "ask": config.TextColumn("Ask", width=420),
            "whom": config.TextColumn("Whom", width=170),
            "owner": config.TextColumn("Owner", width=140),
        },
        most=20,
    )
    if chosen_row is not None:
        row = shown.iloc[chosen_row]
        assessed.open_criterion(str(row["id"]), int(row["number"]))
    lists.foot(
        len(found),
        f"Amounts in {view.company.currency}. Select a row to open the deal at its criterion.",
        "questions-csv",
        f"open-questions-{view.scope.as_of}.csv",
        lambda: csv_of(found),
    )


def csv_of(found: pd.DataFrame) -> bytes:
    """The whole list as CSV, cells that a spreadsheet would run neutralised."""
    plain = found[list(_DOWNLOAD)].copy()
    plain["close_date"] = pd.to_datetime(plain["close_date"]).dt.date
    return csv_file(plain)
