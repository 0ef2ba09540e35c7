"""What the tabs of a deal ask the store, kept per version of its data; and what may be entered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import pandas as pd

from tas_analytics.method.plans import PlanStep, Signal
from tas_analytics.metrics import activities, milestones, plans
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.scope import Scope
from tas_analytics.store import Store
from tas_analytics.ui.session import View

Row = dict[str, Any]


def milestones_of(view: View, deal_id: str) -> list[Row]:
    """The recorded milestones of a deal on the view's day, in the catalogue's order."""
    return _records(_milestones(view.store, view.version, view.scope.as_of, deal_id))


def stages_of(view: View, deal_id: str) -> list[Row]:
    """The milestones that the stages of a deal tell: where nobody has recorded any."""
    return _records(_derived(view.store, view.version, view.scope.as_of, deal_id))


def activities_of(view: View, deal_id: str) -> list[Row]:
    """The activities of a deal on the view's day: overdue first, done last."""
    return _records(activity_frame(view, deal_id))


def activity_frame(view: View, deal_id: str) -> pd.DataFrame:
    """The same as a frame, for the calendar."""
    return _activities(view.store, view.version, view.scope.as_of, deal_id)


def open_activities(view: View) -> pd.DataFrame:
    """The open activities of the view's deals: overdue first."""
    return _open(view.store, view.version, view.company, view.scope).copy()


def catalogue(view: View) -> list[Row]:
    """The milestones in their order."""
    return _records(_types(view.store, view.version))


def plans_of(view: View) -> Mapping[str, tuple[PlanStep, ...]]:
    """The activity plans by the code of their milestone."""
    return _plans(view.store, view.version)


def signals_of(view: View) -> tuple[Signal, ...]:
    """The warning signals in their order."""
    return _signals(view.store, view.version)


def warnings_of(view: View, deal_id: str) -> Mapping[str, tuple[dt.date | None, str | None, str | None]]:
    """The warning signals that hold for a deal: code → day, author, note."""
    return _warnings(view.store, view.version, view.scope.as_of, deal_id)


def customers_of(view: View, deal_id: str, account: str | None) -> list[str]:
    """The people at a deal's customer, as far as any table names them."""
    return list(_customers(view.store, view.version, deal_id, account or ""))


def may_enter(view: View) -> bool:
    """Whether the page shows the newest day: what is entered counts from that day on and shows on no earlier one."""
    return not view.empty and view.scope.as_of == view.company.last_day


def _records(frame: pd.DataFrame) -> list[Row]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


@lru_cache(maxsize=128)
def _milestones(store: Store, _version: int, as_of: dt.date, deal_id: str) -> pd.DataFrame:
    return milestones.of_deal(store, as_of, deal_id)


@lru_cache(maxsize=128)
def _derived(store: Store, _version: int, as_of: dt.date, deal_id: str) -> pd.DataFrame:
    return milestones.derived_of_deal(store, as_of, deal_id)


@lru_cache(maxsize=128)
def _activities(store: Store, _version: int, as_of: dt.date, deal_id: str) -> pd.DataFrame:
    return activities.of_deal(store, as_of, deal_id)


@lru_cache(maxsize=32)
def _open(store: Store, _version: int, company: Company, scope: Scope) -> pd.DataFrame:
    return activities.open_ones(store, company, scope)


@lru_cache(maxsize=8)
def _types(store: Store, _version: int) -> pd.DataFrame:
    return milestones.types(store)


@lru_cache(maxsize=8)
def _plans(store: Store, _version: int) -> Mapping[str, tuple[PlanStep, ...]]:
    return plans.plans(store)


@lru_cache(maxsize=8)
def _signals(store: Store, _version: int) -> tuple[Signal, ...]:
    return plans.signals(store)


@lru_cache(maxsize=128)
def _warnings(
    store: Store, _version: int, as_of: dt.date, deal_id: str
) -> Mapping[str, tuple[dt.date | None, str | None, str | None]]:
    return plans.warnings_of(store, as_of, deal_id)


@lru_cache(maxsize=128)
def _customers(store: Store, _version: int, deal_id: str, account: str) -> tuple[str, ...]:
    return tuple(milestones.customers(store, deal_id, account))
