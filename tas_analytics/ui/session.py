"""Which store a page shows, and everything that a page asks it, cached by the store's version.

The company's own store and the sample's are two files; the URL says which one a page shows
(``data=sample`` or ``data=own``), so a link always leads to the same one.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import pandas as pd
import streamlit as st

from tas_analytics import sample
from tas_analytics.config import Config
from tas_analytics.ingest.judging.verdict import Finding, judge_store
from tas_analytics.metrics import deals as deal_queries
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.measure import measure
from tas_analytics.metrics.scope import Scope
from tas_analytics.store import Store

OWN: Final = "own"
SAMPLE: Final = "sample"
_JUDGING: Final = threading.Lock()
NAMES: Final = {SAMPLE: "Sample company", OWN: "Your data"}


@dataclass(frozen=True)
class View:
    """What a page shows: a store at one version of its data, and the deals in scope."""

    which: str
    store: Store
    version: int
    company: Company
    scope: Scope

    @property
    def empty(self) -> bool:
        """Whether no deal has been loaded yet."""
        return not self.company.days

    def measure(self, keys: Sequence[str], by: Sequence[str] = (), scope: Scope | None = None) -> pd.DataFrame:
        """Metrics in this view's scope or another."""
        return _measured(self.store, self.version, self.company, tuple(keys), scope or self.scope, tuple(by)).copy()

    def value(self, key: str, scope: Scope | None = None) -> float | None:
        """One metric without a split; None where it has no value."""
        value = self.measure((key,), (), scope)[key].iloc[0]
        return None if pd.isna(value) else float(value)

    def deals(self, flags: tuple[str, ...] = (), scope: Scope | None = None, limit: int | None = None) -> pd.DataFrame:
        """The deals behind a number, largest first."""
        return _listed(self.store, self.version, self.company, scope or self.scope, flags, limit).copy()

    def flags(self, keys: tuple[str, ...], scope: Scope | None = None) -> pd.DataFrame:
        """Number and amount of the deals under each flag."""
        return _flagged(self.store, self.version, self.company, scope or self.scope, keys).copy()

    def choices(self, key: str) -> list[str]:
        """The values of a dimension over all deals, in its order; the blank one left out."""
        frame = self.measure(("deals",), (key,), Scope(self.scope.as_of))
        return [value for value in frame[key] if value]

    def verdict(self) -> tuple[str, list[Finding]]:
        """How far the store's data can be trusted."""
        return judged(self.store, self.version)


def own_store() -> Store:
    """The company's own store."""
    return Store.open(Config.from_environment().store)


def sample_store() -> Store:
    """The sample's store, built on first use."""
    _ensure_sample()
    return Store.open(Config.from_environment().sample_store)


def default_store() -> str:
    """The company's own data once there are any, before that the sample."""
    return OWN if company_of(own_store()).days else SAMPLE


def store_of(which: str) -> Store:
    """The store of that name."""
    return own_store() if which == OWN else sample_store()


def company_of(store: Store) -> Company:
    """The store's facts, cached by its version."""
    return _company(store, store.data_version)


def judged(store: Store, version: int) -> tuple[str, list[Finding]]:
    """The verdict on a store, cached by its version; who asks while it is worked out waits for that one answer."""
    with _JUDGING:
        return _judged(store, version)


def first_day(company: Company) -> dt.date:
    """The view's day: the newest export's; an empty store shows the same nothing on any day."""
    return company.last_day or dt.date(1970, 1, 1)


@st.cache_resource(show_spinner="Building the sample company's data: this happens once and takes a few seconds …")
def _ensure_sample() -> bool:
    sample.ensure(Config.from_environment().sample_store)
    return True


@lru_cache(maxsize=16)
def _company(store: Store, _version: int) -> Company:
    return Company.of(store)


@lru_cache(maxsize=1024)
def _measured(
    store: Store, _version: int, company: Company, keys: tuple[str, ...], scope: Scope, by: tuple[str, ...]
) -> pd.DataFrame:
    return measure(store, keys, scope, by, company)


@lru_cache(maxsize=64)
def _listed(
    store: Store, _version: int, company: Company, scope: Scope, flags: tuple[str, ...], limit: int | None
) -> pd.DataFrame:
    return deal_queries.deal_list(store, company, scope, flags, limit)


@lru_cache(maxsize=256)
def _flagged(store: Store, _version: int, company: Company, scope: Scope, keys: tuple[str, ...]) -> pd.DataFrame:
    return deal_queries.flag_totals(store, company, scope, keys)


@lru_cache(maxsize=16)
def _judged(store: Store, _version: int) -> tuple[str, list[Finding]]:
    return judge_store(store)
