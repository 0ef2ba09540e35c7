"""The forecast's track record: how chances came true, and how far period forecasts were off, week by week."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Final

import numpy as np
import pandas as pd

from tas_analytics.forecast import ahead as chances
from tas_analytics.forecast.backtest import ANSWERS, TrackRecord
from tas_analytics.forecast.baselines import NAMES
from tas_analytics.forecast.fitted import fit
from tas_analytics.forecast.period import days_asked, period_forecast
from tas_analytics.forecast.proof import SCORE
from tas_analytics.formats import count, percent
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.intervals import wilson
from tas_analytics.metrics.scope import Scope
from tas_analytics.review.accuracy import finished
from tas_analytics.review.proven import named
from tas_analytics.store.database import Store

#: Weeks of past periods that are asked about, at most.
_WEEKS: Final = 16
#: Deals below which a comparison says nothing.
ENOUGH: Final = 100
Tell = Callable[[str, float], None]
COLUMNS: Final = ["period", "week", "day", "forecast", "p10", "p90", "actual", "error"]


def sentence(record: TrackRecord) -> str:
    """Whether the score does better than simpler answers here, by how much and on how many deals."""
    asked = len(record.answers)
    if not asked:
        return "There is no track record yet: no past window with thirty closed deals before it is over"
    days = record.answers["day"].nunique()
    rest = record.measures.iloc[1:].dropna(subset=["brier"])
    ours = float(record.measures["brier"].iloc[0])
    on = f"on {asked:,} forecasts of {count(days, 'past day')}"
    if record.better is not None:
        theirs = float(rest.set_index("answer")["brier"][record.better])
        less = percent(1 - theirs / ours) if ours else "nothing"
        return f"{ANSWERS[record.better]} did better than the score {on}: it errs {less} less"
    if rest.empty:
        return f"The score could be held against no simpler answer {on}"
    best = rest.sort_values("brier").iloc[0]
    name = ANSWERS[str(best["answer"])]
    gain = 1 - ours / float(best["brier"]) if best["brier"] else 0.0
    sure = beats(record, str(best["answer"]))
    if sure:
        return f"The score errs {percent(gain)} less than the next best answer, {named(name)}, {on}"
    return f"The score and {named(name)} cannot be told apart {on}"


def beats(record: TrackRecord, other: str) -> bool:
    """Whether the score's Brier score is lower than another answer's by more than a standard error."""
    rows = record.answers[record.answers[other].notna()]
    if len(rows) < 2:
        return False
    won = rows["won"].to_numpy(dtype=np.float64)
    gain = (rows[other].to_numpy(dtype=np.float64) - won) ** 2 - (rows["score"].to_numpy(dtype=np.float64) - won) ** 2
    return bool(gain.mean() > gain.std() / np.sqrt(len(gain)))


def used(record: TrackRecord) -> str:
    """Who answers today: what the model's own past windows decide, beside what the record says."""
    answer = SCORE if record.proof is None else record.proof.answer
    if answer != SCORE:
        return f"{NAMES[answer]} is used in place of the score: past windows show it to be better"
    if record.better is not None:
        return f"{NAMES[record.better]} did better on these days; the windows that decide still favour the score"
    beaten = [key for key in NAMES if beats(record, key)]
    asked = [key for key in NAMES if record.answers[key].notna().any()]
    return f"The score beats {len(beaten)} of {count(len(asked), 'simpler answer')} by more than chance; it is used"


def reliable(record: TrackRecord) -> pd.DataFrame:
    """The reliability of the score with intervals: ``bin``, ``deals``, ``predicted``, ``actual``, ``low``, ``high``."""
    rows = record.reliability[record.reliability["answer"] == "score"].reset_index(drop=True)
    bounds = [
        wilson(round(share * deals), int(deals)) for share, deals in zip(rows["actual"], rows["deals"], strict=True)
    ]
    return rows.assign(low=[low for low, _ in bounds], high=[high for _, high in bounds])


def period_errors(store: Store, company: Company, as_of: dt.date, tell: Tell) -> pd.DataFrame:
    """What the model of each past week forecast for its quarter, against what was won in it by the end.

    Each week's model is learnt from what was known then and no later.

    Returns
    -------
    DataFrame
        ``period``, ``week`` (of the period), ``day``, ``forecast`` (P50), ``p10``, ``p90``, ``actual``, ``error``
        (forecast − actual). Empty where no finished quarter has exports of its weeks.
    """
    weeks = [
        (period, day)
        for period in finished(store, company, as_of)
        for day in company.days
        if period.contains(day) and day < period.last_day
    ]
    if len(weeks) > _WEEKS:
        weeks = [weeks[int(at)] for at in np.linspace(0, len(weeks) - 1, _WEEKS).round()]
    rows = []
    for place, (period, day) in enumerate(weeks):
        tell(f"The forecast as of {day.day} {day:%b %Y}, {place + 1} of {len(weeks)}", place / len(weeks))
        scope = Scope(day, period)
        answers = chances.of(fit(store, company, day), days_asked(company, scope))
        one = period_forecast(store, company, scope, answers=answers).total
        end = period_forecast(store, company, Scope(as_of, period)).total
        won, likely = float(end["won"]), float(one["p50"])
        rows.append(
            (period.key, company.calendar.week_of(period, day), day, likely, float(one["p10"]), float(one["p90"]), won,
             likely - won)
        )  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS)


def covered(errors: pd.DataFrame) -> tuple[int, int]:
    """In how many weeks what came lay between P10 and P90, of how many."""
    inside = (errors["p10"] <= errors["actual"]) & (errors["actual"] <= errors["p90"])
    return int(inside.sum()), len(errors)
