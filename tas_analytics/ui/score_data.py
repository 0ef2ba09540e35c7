"""What the pages ask about the chance of single deals, cached by the store's version."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import pandas as pd

from tas_analytics.forecast import ahead as chances, fitted as models
from tas_analytics.forecast.ahead import Ahead
from tas_analytics.forecast.columns import Floats
from tas_analytics.forecast.fitted import Fitted
from tas_analytics.forecast.known import known
from tas_analytics.formats import number
from tas_analytics.review.proven import in_words
from tas_analytics.store import Store
from tas_analytics.ui import behind
from tas_analytics.ui.forecast_data import of_a_period
from tas_analytics.ui.session import View

#: Days ahead that a score is told for, beside the period's end.
AHEAD: Final = (30, 60, 90)
#: Exports over which the trend goes back.
EXPORTS: Final = 8


@dataclass(frozen=True)
class Score:
    """What the model says of one deal: by each day the chance of being won, its band, and of being lost."""

    days: tuple[dt.date, ...]
    won: Floats
    low: Floats
    high: Floats
    lost: Floats

    def by(self, day: dt.date) -> tuple[float, float, float]:
        """Chance, low and high end by a day."""
        place = self.days.index(day)
        return float(self.won[place]), float(self.low[place]), float(self.high[place])


def until(view: View) -> dt.date:
    """The day that a score is told for: the last of the period chosen, or of the quarter; if over, 90 days ahead."""
    period = of_a_period(view).scope.period
    last = period.last_day if period else view.scope.as_of
    return last if last > view.scope.as_of else view.scope.as_of + dt.timedelta(days=AHEAD[-1])


def model(view: View) -> Fitted | None:
    """The model of the view's day; None while it is being learnt."""
    if view.empty:
        return None
    days = max(AHEAD[-1], (until(view) - view.scope.as_of).days)
    return models.ready(view.store, view.company, view.scope.as_of, days)


def proven(view: View) -> list[str]:
    """What past windows prove of the scores, in a sentence; nothing while the model is being learnt."""
    fitted = model(view)
    return [] if fitted is None else [in_words(fitted.proof(until(view)))]


def row_of(fitted: Fitted, deal_key: int) -> pd.DataFrame:
    """The deal as the model takes it; empty if it was not open."""
    return fitted.rows[fitted.rows["deal_key"] == deal_key].reset_index(drop=True)


def score(fitted: Fitted, row: pd.DataFrame, days: tuple[dt.date, ...]) -> Score:
    """What becomes of one deal by each of some days; the interval holds its true chance four times in five."""
    asked = tuple(sorted({day for day in days if day > fitted.as_of}))
    curve = fitted.curve(asked, row, unsure=True)
    return Score(asked, curve.won[0], curve.won_low[0], curve.won_high[0], curve.lost[0])


def answers(view: View) -> Ahead | None:
    """The chances of all open deals by the day that scores are told for; None where the model is not there yet.

    Lists and headers do without it: learning is for the pages about the forecast, and for after a load.
    """
    if view.empty:
        return None
    return chances.there(view.store, view.company, view.scope.as_of, (until(view),))


def by_key(view: View) -> pd.Series | None:
    """The same as a series by ``deal_key``."""
    found = answers(view)
    return None if found is None else pd.Series(found.won[:, -1], index=found.keys)


def trend(view: View) -> behind.Task[pd.DataFrame]:
    """What the model says of each deal as it was known on each of the last exports: ``day``, ``deal_key``, ``chance``.

    The model is today's, so that a change is one of the deal and not of the model.
    """
    last = until(view)
    days = [day for day in view.company.days if day < view.scope.as_of][-EXPORTS:]

    def work(tell: behind.Tell) -> pd.DataFrame:
        tell("The score over the last exports", 0.0)
        reach = max(AHEAD[-1], (last - view.scope.as_of).days)
        today = models.now(view.store, view.company, view.scope.as_of, reach)
        frames = []
        for place, day in enumerate(days):
            tell("The score over the last exports", place / max(len(days), 1))
            past = at(view, today, day)
            if len(past.rows):
                found = chances.of(past, (last,))
                frames.append(pd.DataFrame({"day": day, "deal_key": found.keys, "chance": found.won[:, -1]}))
        return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=["day", "deal_key", "chance"])

    return behind.ask(("trend", view.store, view.version, view.company, view.scope.as_of, last), work)


def at(view: View, today: Fitted, day: dt.date) -> Fitted:
    """Today's model with the deals as they were known on an earlier day."""
    return replace(today, as_of=day, rows=_rows(view.store, view.version, day))


def with_scores(view: View, rows: pd.DataFrame) -> pd.DataFrame:
    """Deals with ``score`` (per cent) and ``moved`` (points in about a week, in words), as far as they are there."""
    found = by_key(view)
    if found is None or rows.empty or not rows["status"].eq("open").any():
        return rows
    chance = rows["deal_key"].map(found)
    rows = rows.assign(score=(chance * 100).astype(float))
    task = trend(view)
    week = a_week_ago(view, task.answer) if task.answer is not None else None
    if week is None:
        return rows
    moved = ((chance - rows["deal_key"].map(week[1])) * 100).astype(float).round()
    said = [None if math.isnan(points) else number(points, sign=True) for points in moved.tolist()]
    return rows.assign(moved=pd.Series(said, index=rows.index, dtype=object))


def a_week_ago(view: View, past: pd.DataFrame) -> tuple[dt.date, pd.Series] | None:
    """The newest export that is about a week old, and the chances that it gave; None without one."""
    if past.empty:
        return None
    days = sorted(set(past["day"]), reverse=True)
    weekly = [day for day in days if (view.scope.as_of - day).days >= 6] or days
    rows = past[past["day"] == weekly[0]]
    return weekly[0], pd.Series(rows["chance"].to_numpy(), index=rows["deal_key"].to_numpy())


@lru_cache(maxsize=16)
def _rows(store: Store, _version: int, day: dt.date) -> pd.DataFrame:
    return known(store, [day], day)
