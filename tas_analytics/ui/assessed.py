"""The assessments of a view, cached by the store's version: positions, criteria, and the way to a deal's worksheet."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Final

import pandas as pd

from tas_analytics.method.criteria import Criterion
from tas_analytics.method.position import Scores
from tas_analytics.metrics import catalogue as catalogues, positions as position_queries
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.positions import Positions
from tas_analytics.metrics.scope import Scope
from tas_analytics.store import Store
from tas_analytics.ui import page
from tas_analytics.ui.session import View

#: The tab of the deal's page that holds the worksheet, and the parameter that names the criterion shown.
TAB: Final = "Assessment"
CRITERION: Final = "criterion"


def criteria(view: View) -> tuple[Criterion, ...]:
    """The 20 criteria as the company wants them."""
    return _criteria(view.store, view.version)


def positions(view: View, status: str | None = "open") -> Positions:
    """Where the deals of the view stand; not to be changed, for it is shared."""
    return _positions(view.store, view.version, view.company, view.scope, status)


def scores_on(view: View, day: dt.date, found: Positions, *, theirs: bool = False) -> Scores:
    """The scores of the same deals as known on another day, ours or those of the same competitors."""
    rivals = found.deals["strongest"] if theirs else None
    return position_queries.scores_on(view.store, day, found.deals["deal_key"], rivals)


def scores_against(view: View, found: Positions, competitor: str) -> Scores:
    """The scores of one competitor in each deal; NaN where it is not rated."""
    rivals = pd.Series([competitor] * len(found.deals), dtype=object)
    return position_queries.scores_on(view.store, view.scope.as_of, found.deals["deal_key"], rivals)


def open_criterion(deal_id: str, number: int | None = None) -> None:
    """Go to a deal's worksheet, at a criterion."""
    at = {CRITERION: str(number)} if number else {}
    page.open_deal(deal_id, topic=TAB, **at)


@lru_cache(maxsize=16)
def _criteria(store: Store, _version: int) -> tuple[Criterion, ...]:
    return catalogues.catalogue(store)


@lru_cache(maxsize=24)
def _positions(store: Store, _version: int, company: Company, scope: Scope, status: str | None) -> Positions:
    return position_queries.positions(store, company, scope, status)
