"""The period forecast beside the calls of those who answer for it."""

from __future__ import annotations

from typing import Any

import pandas as pd

from tas_analytics.forecast.ahead import Ahead
from tas_analytics.forecast.period import HIERARCHY, PeriodForecast, period_forecast
from tas_analytics.formats import count as deals, money, percent
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.compare import short
from tas_analytics.metrics.hierarchy import EVERYBODY, hierarchy
from tas_analytics.metrics.scope import Scope
from tas_analytics.review.calls import calls_in_force
from tas_analytics.store.database import Store

#: Splits whose groups are persons, who make calls.
_PERSONS = frozenset({HIERARCHY, "owner", "manager"})
#: Below this share of the model's own learning the sentence says that the stage table speaks.
_OWN = 0.5


def with_calls(store: Store, scope: Scope, found: PeriodForecast, by: str | None) -> pd.DataFrame:
    """The forecast's rows with ``call``, the one in force of the person that a row is about; blank for other rows."""
    people = set(found.rows["name"]) if by in _PERSONS else set()
    if any(key not in {"owner", "manager", "team", "region"} for key, _ in scope.filters):
        people = set()
    calls = calls_in_force(store, scope.as_of, found.period).set_index("person")["call"] if people else pd.Series()
    return found.rows.assign(call=pd.to_numeric(found.rows["name"].map(calls.to_dict())).astype(float))


def call_over_all(store: Store, scope: Scope, found: PeriodForecast) -> tuple[str, float] | None:
    """Who calls for the whole scope, and how much: the one leader over all, or the one person filtered by."""
    filters = scope.filtered_by
    who: str | None = None
    if not filters:
        tops = [one.name for one in hierarchy(store, scope.as_of).people if one.depth == 0]
        who = tops[0] if len(tops) == 1 else None
    elif set(filters) <= {"owner", "manager"} and len(filters) == 1:
        values = next(iter(filters.values()))
        who = values[0] if len(values) == 1 else None
    if who is None or who == EVERYBODY:
        return None
    calls = calls_in_force(store, scope.as_of, found.period).set_index("person")["call"]
    return (who, float(calls[who])) if who in calls.index else None


def beside_board(figures: pd.DataFrame, rows: pd.DataFrame | None) -> pd.DataFrame:
    """The forecast board's rows with the model's ``p10``, ``p50`` and ``p90``; missing where it says nothing.

    Parameters
    ----------
    figures
        The board.
    rows
        The forecast's rows by :data:`~tas_analytics.forecast.period.HIERARCHY`; None before the model is there.
    """
    keys = ["p10", "p50", "p90"]
    if rows is None:
        return figures.assign(**dict.fromkeys(keys, float("nan")))
    named = rows.drop_duplicates("name").set_index("name")
    return figures.assign(**{key: figures["name"].map(named[key].to_dict()).astype(float) for key in keys})


def outlook(
    store: Store, company: Company, scope: Scope, by: str | None = None, *, answers: Ahead | None = None
) -> tuple[PeriodForecast, pd.DataFrame]:
    """The forecast of a scope's period and its rows with the calls beside."""
    found = period_forecast(store, company, scope, by, answers=answers)
    return found, with_calls(store, scope, found, by)


def sentence(found: PeriodForecast, currency: str) -> str:
    """Where the period will land, against its target, and how sure that is."""
    when, total = short(found.period), found.total
    likely, target = float(total["p50"]), total["target"]
    if found.answers is None:
        # On its last day deals may still be signed, and the export of that day does not have them all.
        over = "is on its last day" if found.as_of == found.period.last_day else "is over"
        return f"{when} {over}: {money(float(total['won']), currency)} was won{_against(likely, target, currency)}"
    if float(total["p90"]) == 0:
        wins = float(total["expected_wins"])
        if wins >= 1:
            return f"{when} will likely bring {wins:.0f} wins; no open deal has an amount"
        return f"Nothing is likely to be won in {when}"
    low, high = money(float(total["p10"]), currency), money(float(total["p90"]), currency)
    lead = f"{when} will likely land at {money(likely, currency)}{_against(likely, target, currency)}"
    if pd.isna(target) or not target:
        return f"{lead}: four in five futures lie between {low} and {high}"
    return f"{lead}: {_odds(float(total['chance']))} to reach it, {low} to {high} in four of five futures"


def _against(value: float, target: Any, currency: str) -> str:
    if pd.isna(target) or not target:
        return ""
    gap = value - float(target)
    word = "above" if gap >= 0 else "short of"
    return f", {money(abs(gap), currency)} {word} target"


def _odds(chance: float) -> str:
    if chance < 0.01:
        return f"under {percent(0.01)}"
    return f"over {percent(0.99)}" if chance > 0.99 else percent(chance)


def said(found: PeriodForecast) -> list[str]:
    """What the forecast rests on, one sentence each: history, past periods, and what is not proven."""
    if found.answers is None:
        return []
    answers = found.answers
    lines = [
        f"Learnt from {answers.learnt_won:,} won and {answers.learnt_lost:,} lost deals: "
        f"{percent(1 - answers.prior_share)} of each chance is this history, {percent(answers.prior_share)} the stage "
        "table."
    ]
    if answers.prior_share > _OWN:
        lines.append("That is too little history: take the figures as a guess that the next closed deals will correct.")
    if found.late.periods:
        periods = deals(len(found.late.periods), "period")
        number = int(found.late.deals.sum())
        lines.append(
            f"Business not yet created: in {periods} before, {deals(number, 'deal was', 'deals were')} created so late "
            "and won in the same period."
            if number
            else f"Nothing is added for business not yet created: in {periods} before no deal was created so late and "
            "won in the same period."
        )
    else:
        lines.append("Nothing is added for business not yet created: no past period is known in full.")
    if found.spread_periods < 2:
        lines.append("How far whole periods stray is a usual figure: too few past periods are known.")
    return lines
