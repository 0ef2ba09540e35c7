"""Who forecasts well: calls, commit and weighted pipeline of finished quarters against what was won."""

from __future__ import annotations

import datetime as dt
import math
from typing import Final

import pandas as pd

from tas_analytics.formats import count, out_of, percent, sentence_case
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.hierarchy import hierarchy
from tas_analytics.metrics.measure import measure
from tas_analytics.metrics.periods import Period
from tas_analytics.metrics.scope import Scope
from tas_analytics.store.database import Store

#: A call is right from the week on from which it stays within so much of what was won.
RIGHT: Final = 0.10
#: The forecasts of all together: in a sentence, and in short where the wins in them go without saying.
NAMES: Final = {
    "calls": ("the calls together", "the calls"),
    "commit": ("wins and commit", "commit"),
    "weighted": ("wins and the weighted pipeline", "the weighted pipeline"),
}
_FORECASTS: Final = {"commit": "commit_cumulative", "weighted": "weighted_pipeline"}


def finished(store: Store, company: Company, as_of: dt.date) -> list[Period]:
    """The fiscal quarters with calls or exports that have ended by a day, oldest first."""
    keys = {key for (key,) in store.rows("select distinct period from forecast_call_version where valid_to is null")}
    found = {one.key: one for one in (company.calendar.parse(key) for key in keys if key and "Q" in key)}
    if company.first_day:
        found |= {one.key: one for one in company.calendar.quarters(company.first_day, as_of)}
    return sorted((one for one in found.values() if one.end <= as_of), key=lambda one: one.start)


def call_errors(store: Store, company: Company, scope: Scope, category: str = "commit") -> pd.DataFrame:
    """Each call of each finished quarter beside what was won.

    Columns: ``period``, ``person``, ``week`` (of the quarter, 1 is the first), ``submitted_on``, ``call``,
    ``actual`` (won by the person and everybody below), ``error`` = call − actual.
    """
    tree = hierarchy(store, scope.as_of)
    frames = []
    for period in finished(store, company, scope.as_of):
        won = measure(store, ("won_amount",), scope.within(period), ("owner",), company)
        actual = tree.roll_up(won, ["won_amount"]).set_index("name")["won_amount"]
        calls = store.frame(
            "select person, submitted_on, cast(amount as double) as call from forecast_call_version "
            "where valid_to is null and period = $period and submitted_on >= $start and submitted_on < $end "
            "and lower(regexp_replace(coalesce(category, 'commit'), '[^A-Za-z]', '', 'g')) = $category "
            "order by person, submitted_on",
            {"period": period.key, "start": period.start, "end": period.end, "category": category},
        )
        calls["period"] = period.key
        weeks = [company.calendar.week_of(period, day.date()) for day in calls["submitted_on"]]
        calls["week"] = pd.Series(weeks, index=calls.index, dtype="int64")
        calls["actual"] = calls["person"].map(actual).astype(float).fillna(0.0)
        frames.append(calls)
    columns = ["period", "person", "week", "submitted_on", "call", "actual"]
    every = pd.concat(frames) if frames else pd.DataFrame(columns=columns)
    every = every[columns].reset_index(drop=True)
    return every.assign(error=every["call"] - every["actual"])


def forecast_errors(store: Store, company: Company, scope: Scope) -> pd.DataFrame:
    """Commit (with won) and weighted pipeline (with won) of each week of finished quarters that exports cover.

    Columns as of :func:`call_errors`, with ``forecast`` ("commit" or "weighted") in place of the person.
    """
    rows = []
    for period in finished(store, company, scope.as_of):
        actual = float(measure(store, ("won_amount",), scope.within(period), (), company)["won_amount"].iloc[0])
        for day in company.days:
            if not (period.contains(day) and day <= scope.as_of):
                continue
            keys = (*_FORECASTS.values(), "won_amount")
            now = measure(store, keys, scope.on(day).within(period), (), company).iloc[0]
            week = company.calendar.week_of(period, day)
            for name, key in _FORECASTS.items():
                said = float(now[key]) + (float(now["won_amount"]) if name == "weighted" else 0.0)
                rows.append((period.key, name, week, day, said, actual, said - actual))
    columns = ["period", "forecast", "week", "submitted_on", "call", "actual", "error"]
    return pd.DataFrame(rows, columns=columns)


def by_group(errors: pd.DataFrame, *by: str) -> pd.DataFrame:
    """Accuracy and bias of groups of calls.

    Columns: the groups, ``n`` (calls), ``periods``, ``actual`` and ``call`` (sums), ``bias`` = Σ(call − actual)
    ÷ Σ actual, signed; ``accuracy`` = 1 − Σ|call − actual| ÷ Σ actual. Without any actual both are missing.
    """
    grouped = errors.assign(size=errors["error"].abs()).groupby(list(by), sort=True)
    found = grouped.agg(
        n=("call", "size"), periods=("period", "nunique"), actual=("actual", "sum"), call=("call", "sum"),
        error=("error", "sum"), size=("size", "sum"),
    )  # fmt: skip
    base = found["actual"].where(found["actual"] > 0)
    found = found.assign(bias=found["error"] / base, accuracy=1 - found["size"] / base)
    return found.drop(columns=["error", "size"]).reset_index()


def right_from(errors: pd.DataFrame) -> pd.DataFrame:
    """How early each person is right: ``person``, ``quarters``, ``right`` (of them) and ``week`` (median, of those).

    A person is right in a quarter from the first week on from which every call lies within :data:`RIGHT` of
    what was won; never, where the last call does not. Quarters in which nothing was won prove nothing.
    """
    rows = []
    for (person, _), calls in (
        errors[errors["actual"] > 0].sort_values("submitted_on").groupby(["person", "period"], sort=True)
    ):
        near = (calls["error"].abs() <= RIGHT * calls["actual"].abs()).tolist()
        weeks = calls["week"].tolist()
        first = len(near)
        while first and near[first - 1]:
            first -= 1
        rows.append((person, weeks[first] if first < len(near) else None))
    found = pd.DataFrame(rows, columns=["person", "first"])
    found["first"] = found["first"].astype(float)
    return found.groupby("person", sort=True).agg(
        quarters=("first", "size"), right=("first", "count"), week=("first", "median")
    ).reset_index()  # fmt: skip


def settled(bias: pd.Series) -> int | None:
    """The first week from which on a forecast stays within :data:`RIGHT`; None where its last week does not.

    Parameters
    ----------
    bias
        The bias by week of the quarter; weeks without any are passed over.
    """
    near = bias.dropna().sort_index().abs() <= RIGHT
    first = len(near)
    while first and near.iloc[first - 1]:
        first -= 1
    return int(near.index[first]) if first < len(near) else None


def sentence(people: pd.DataFrame, weeks: pd.DataFrame) -> str:
    """Who is right, and how early, in one sentence.

    Parameters
    ----------
    people
        As :func:`right_from` gives it.
    weeks
        The bias of each forecast (columns ``calls``, ``commit``, ``weighted``) by week of the quarter.
    """
    early = {str(key): week for key in weeks if (week := settled(weeks[key])) is not None}
    best = min(early, key=lambda key: (early[key], key)) if early else None
    within = f"within {percent(RIGHT)} of what was won"
    if people.empty:
        if best is None:
            return f"No forecast of a finished quarter came {within}" if len(weeks) else "No quarter can be judged yet"
        return f"{sentence_case(NAMES[best][0])} come {within} from week {early[best]} on; nobody has made calls"
    right = people[people["right"] > 0].assign(share=lambda rows: rows["right"] / rows["quarters"])
    if right.empty:
        lead = f"Nobody's calls came {within} and stayed there"
    else:
        first = right.sort_values(["share", "week", "person"], ascending=[False, True, True]).iloc[0]
        same = int(((right["share"] == first["share"]) & (right["week"] == first["week"])).sum()) - 1
        who = f"{first['person']}'s calls" + (f" and those of {count(same, 'other')}" if same else "")
        often = out_of(int(first["right"]), int(first["quarters"]), "quarter")
        lead = f"{who} are {within} in {often}, from week {first['week']:.0f} on"
    if best is None:
        return f"{lead}; no forecast of all together is"
    return f"{lead}; {NAMES[best][0]} are from week {early[best]} on"


def corrected(call: float, bias: float) -> float | None:
    """A call with the person's past bias taken out: call ÷ (1 + bias); None where the bias is missing."""
    if math.isnan(bias) or bias <= -1:
        return None
    return call / (1 + bias)
