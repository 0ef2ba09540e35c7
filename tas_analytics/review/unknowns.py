"""Which unknown would move the period's forecast most, with the deal, the thing to find out and whom to ask."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from tas_analytics.forecast.fitted import Fitted
from tas_analytics.forecast.information import information
from tas_analytics.forecast.known import asked
from tas_analytics.formats import money, within_sentence
from tas_analytics.metrics.catalogue import catalogue
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.deals import deals_by_key
from tas_analytics.metrics.milestones import of_deal
from tas_analytics.metrics.open_questions import open_questions
from tas_analytics.metrics.positions import positions
from tas_analytics.metrics.scope import Scope
from tas_analytics.store.database import Store

#: So many are told, at most.
MOST: Final = 30
COLUMNS: Final = [
    "id", "name", "owner", "amount", "kind", "number", "what", "ask", "value", "if_good", "if_bad", "odds",
]  # fmt: skip


def unknowns(store: Store, company: Company, scope: Scope, fitted: Fitted, most: int = MOST) -> pd.DataFrame:
    """The unknowns of a scope's open deals, those that would move the period's expected amount most first.

    Parameters
    ----------
    store, company, scope
        Whose deals, which, and the period forecast.
    fitted
        The model of the scope's day.
    most
        How many.

    Returns
    -------
    DataFrame
        :data:`COLUMNS`: ``number`` is the criterion's (missing for other kinds), ``what`` what is not known, ``ask``
        how to find out; the rest as of :func:`~tas_analytics.forecast.information.information`. Of a deal's unknown
        criteria the one on which most decisions hang stands for all.
    """
    period = scope.period or company.calendar.quarter_of(scope.as_of)
    whole = scope.within(None)
    worth = asked(store, company, whole)
    found = information(fitted, worth, period, company.calendar).head(most)
    if found.empty:
        return pd.DataFrame(columns=COLUMNS)
    deals = deals_by_key(store, company, scope.as_of, found["deal_key"].unique().tolist())
    rows = found.merge(deals[["deal_key", "id", "name", "owner", "amount"]], on="deal_key")
    listed = tuple(sorted(rows.loc[rows["kind"] == "criterion", "id"].unique()))
    first = pd.DataFrame()
    if listed:
        there = positions(store, company, whole.where("deal", *listed))
        first = open_questions(there, catalogue(store)).drop_duplicates("id").set_index("id")
    words = [_words(store, scope, row, first) for row in rows.to_dict("records")]
    told = rows.assign(
        number=pd.array([number for number, _, _ in words], dtype="Int64"), what=[what for _, what, _ in words],
        ask=[ask for _, _, ask in words],
    )  # fmt: skip
    order = told.sort_values(["value", "deal_key"], ascending=[False, True], kind="stable", ignore_index=True)
    return order[COLUMNS]


def sentence(found: pd.DataFrame, currency: str) -> str:
    """What to find out first."""
    if found.empty:
        return "Nothing that is unknown would move the forecast"
    first = found.iloc[0]
    what = str(first["what"])
    what = within_sentence(what)
    return f"Find out first: {what} at {first['name']}, worth {money(float(first['value']), currency)} either way"


def _words(store: Store, scope: Scope, row: dict[Any, Any], first: pd.DataFrame) -> tuple[int | None, str, str]:
    kind, deal = str(row["kind"]), str(row["id"])
    if kind == "criterion" and deal in first.index:
        one: dict[Any, Any] = first.loc[deal].to_dict()
        return int(one["number"]), f"#{int(one['number'])} {one['criterion']}", str(one["ask"])
    if kind == "milestone":
        late = of_deal(store, scope.as_of, deal)
        late = late[late["is_overdue"].astype(bool)]
        name = str(late["milestone"].iloc[0]) if len(late) else "the next milestone"
        return None, f"Whether {name} is reached", "It is overdue: has it happened and nobody noted it?"
    if kind == "close_date":
        return None, "The close date", "By when does the customer have to decide, and why then?"
    if kind == "amount":
        return None, "The amount", "How much is the customer going to order?"
    return None, "A criterion that is not rated", "Rate the deal on its sheet."
