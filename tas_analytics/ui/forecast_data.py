"""What the pages of the forecast ask, cached by the store's version; what takes long comes from the background."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import pandas as pd

from tas_analytics.forecast import ahead as chances
from tas_analytics.forecast.ahead import Ahead
from tas_analytics.forecast.fitted import REACHES, fit
from tas_analytics.forecast.period import PeriodForecast, days_asked, period_forecast
from tas_analytics.formats import day as say_day
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.deals import deals_by_key
from tas_analytics.metrics.scope import Scope
from tas_analytics.review import outlook as outlooks
from tas_analytics.store import Store
from tas_analytics.ui import behind
from tas_analytics.ui.session import View

Found = tuple[PeriodForecast, pd.DataFrame]


def of_a_period(view: View) -> View:
    """The view of the period chosen, or else of the fiscal quarter of its day: a forecast is one of a period."""
    if view.scope.period is not None:
        return view
    return replace(view, scope=view.scope.within(view.company.calendar.quarter_of(view.scope.as_of)))


def answers(view: View) -> Ahead | None:
    """What the model says of the open deals; None while it is being learnt."""
    return chances.ready(view.store, view.company, view.scope.as_of, days_asked(view.company, view.scope))


def found(view: View, by: str | None = None) -> Found | None:
    """The forecast of the view and its rows with the calls; None while the model is being learnt."""
    if days_asked(view.company, view.scope) and answers(view) is None:
        return None
    return _found(view.store, view.version, view.company, view.scope, by)


def is_ready(view: View) -> bool:
    """Whether the model is there, asked again and again."""
    return not days_asked(view.company, view.scope) or answers(view) is not None


def call(view: View, forecast: PeriodForecast) -> tuple[str, float] | None:
    """Who calls for the whole scope, and how much."""
    return outlooks.call_over_all(view.store, view.scope, forecast)


def earlier(view: View) -> behind.Task[pd.DataFrame]:
    """What each earlier export of the period forecast for its end: ``day``, ``p10``, ``p50``, ``p90``.

    Each day has a model of its own, learnt from what was known then.
    """
    period, scope = view.scope.period, view.scope
    days = [day for day in view.company.days if period and period.start <= day < scope.as_of]

    def work(tell: behind.Tell) -> pd.DataFrame:
        rows = []
        for place, day in enumerate(days):
            tell(f"learning what was known on {say_day(day)}", place / len(days))
            # The shared models are few and belong to the days that people look at: this one is not kept.
            one = period_forecast(view.store, view.company, scope.on(day), answers=_past(view, day)).total
            rows.append((day, float(one["p10"]), float(one["p50"]), float(one["p90"])))
        return pd.DataFrame(rows, columns=["day", "p10", "p50", "p90"])

    return behind.ask(("earlier", view.store, view.version, view.company, scope), work)


def _past(view: View, day: dt.date) -> Ahead:
    """What the model of an earlier day said of the period's days; kept, for other filters ask the same."""
    days = days_asked(view.company, view.scope.on(day))
    return _past_answers(view.store, view.version, view.company, day, days)


@lru_cache(maxsize=64)
def _past_answers(store: Store, _version: int, company: Company, day: dt.date, days: tuple[dt.date, ...]) -> Ahead:
    reach = max((one - day).days for one in days) if days else 1
    return chances.of(fit(store, company, day, max(reach, REACHES[0])), days)


def won_by_day(view: View) -> pd.DataFrame:
    """What was won in the period by each export of it, and now: ``day``, ``won``."""
    period = view.scope.period
    days = [day for day in view.company.days if period and period.contains(day) and day <= view.scope.as_of]
    rows = [(day, view.value("won_amount", view.scope.on(day)) or 0.0) for day in days]
    if period and (not rows or rows[0][0] > period.start):
        rows.insert(0, (period.start, 0.0))
    return pd.DataFrame(rows, columns=["day", "won"])


def deals(view: View, keys: Sequence[int]) -> pd.DataFrame:
    """The deals of some keys, in the order of the keys."""
    rows = _deals(view.store, view.version, view.company, view.scope.as_of, tuple(int(key) for key in keys))
    place = {int(key): at for at, key in enumerate(keys)}
    return rows.assign(place=rows["deal_key"].map(place)).sort_values("place").reset_index(drop=True)


@lru_cache(maxsize=128)
def _found(store: Store, _version: int, company: Company, scope: Scope, by: str | None) -> Found:
    return outlooks.outlook(store, company, scope, by)


@lru_cache(maxsize=32)
def _deals(store: Store, _version: int, company: Company, as_of: dt.date, keys: tuple[int, ...]) -> pd.DataFrame:
    return deals_by_key(store, company, as_of, keys)
