"""What the pages of the weekly review ask, cached by the store's version."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Any, Final

import pandas as pd

from tas_analytics.metrics.company import Company
from tas_analytics.metrics.scope import Scope
from tas_analytics.review import changes as comparing, flows as flowing
from tas_analytics.review.buckets import BUCKETS
from tas_analytics.review.changes import Changes
from tas_analytics.store import Store
from tas_analytics.ui.session import View

#: Buckets of deals that are not as they were.
MOVED: Final = tuple(one.key for one in BUCKETS if one.key not in {"unchanged", "currency"})


def earlier_days(view: View) -> list[dt.date]:
    """The days of which the data tell before the view's, newest first."""
    return [day for day in reversed(view.company.days) if day < view.scope.as_of]


def a_week_before(view: View) -> dt.date | None:
    """The day of the previous weekly export: the newest that is about a week old, or else the newest before."""
    return view.company.week_before(view.scope.as_of)


def changes(view: View, since: dt.date) -> Changes:
    """The waterfall from a day to the view's."""
    return _changes(view.store, view.version, view.company, since, view.scope)


def changed(view: View, since: dt.date, buckets: tuple[str, ...] = MOVED) -> list[dict[str, Any]]:
    """The deals of some buckets, largest effect first."""
    return _changed(view.store, view.version, view.company, since, view.scope, buckets)


def flows(view: View, since: dt.date, by: flowing.By) -> pd.DataFrame:
    """Where the deals went, by category or stage."""
    return _flows(view.store, view.version, view.company, since, view.scope, by).copy()


@lru_cache(maxsize=128)
def _changes(store: Store, _version: int, company: Company, since: dt.date, scope: Scope) -> Changes:
    return comparing.changes(store, company, since, scope)


@lru_cache(maxsize=32)
def _changed(
    store: Store, _version: int, company: Company, since: dt.date, scope: Scope, buckets: tuple[str, ...]
) -> list[dict[str, Any]]:
    return comparing.changed_deals(store, company, since, scope, buckets)


@lru_cache(maxsize=64)
def _flows(store: Store, _version: int, company: Company, since: dt.date, scope: Scope, by: flowing.By) -> pd.DataFrame:
    return flowing.flows(store, company, since, scope, by)
