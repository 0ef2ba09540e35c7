"""What the page Milestones asks, and the answers, cached by the store's version."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pandas as pd

from tas_analytics.charts import theme
from tas_analytics.metrics import funnel, funnel_deals
from tas_analytics.metrics.cohorts import Cohort
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.scope import Scope
from tas_analytics.store import Store
from tas_analytics.ui.session import View

#: By what a group of deals is told from the others in the headline: the first of which there are several.
PLACES: tuple[str, ...] = ("region", "team", "manager", "segment", "product")
#: More funnels than this beside each other cannot be read.
MOST: int = 6


@dataclass(frozen=True)
class Asked:
    """What the switches of the page say.

    Parameters
    ----------
    cohort
        Whose deals.
    by_amount
        Measured by their amounts, else by their number.
    names
        The steps, first to last.
    split
        The dimension whose groups are compared, if any.
    other
        The deals that they are compared with, if any.
    pipeline
        The one chosen where there are several.
    """

    cohort: Cohort
    by_amount: bool
    names: tuple[str, ...]
    split: str | None = None
    other: Cohort | None = None
    pipeline: str | None = None

    @property
    def compares(self) -> bool:
        """Whether several funnels are shown beside each other."""
        return self.split is not None or self.other is not None


def measured(view: View, keys: tuple[str, ...], scope: Scope, split: str | None = None) -> pd.DataFrame:
    """Metrics by milestone, and by a dimension before that."""
    return view.measure(keys, (split, "milestone") if split else ("milestone",), scope)


def steps(view: View, asked: Asked, scope: Scope | None = None) -> pd.DataFrame:
    """The steps of the funnel of all deals asked for."""
    return funnel.table(everything(view, scope or asked.cohort.scope), asked.names, by_amount=asked.by_amount)


def everything(view: View, scope: Scope) -> pd.DataFrame:
    """All that the page tells of a scope's deals by milestone: asked once, read by several cards."""
    return measured(view, funnel.EVERY, scope)


def separator(view: View, asked: Asked) -> funnel.Separator | None:
    """The milestone that parts won from lost deals best."""
    return funnel.separator(everything(view, asked.cohort.scope))


def skipper(view: View, asked: Asked) -> funnel.Skipper | None:
    """The group of deals that goes past a milestone without it where the others do not.

    Stages that no export shows a deal in prove nothing, so milestones must be recorded.
    """
    if view.company.steps.derived:
        return None
    for key in (asked.split,) if asked.split else PLACES:
        if len(asked.cohort.scope.filtered_by.get(key, ())) == 1:
            continue  # all deals are of one group
        frame = measured(view, ("milestone_reached", "milestone_skipped"), asked.cohort.scope, key)
        if frame[key].dropna().nunique() > 1:
            return funnel.skipper(frame, key)
    return None


def side_by_side(view: View, asked: Asked) -> list[tuple[str, pd.DataFrame]]:
    """The funnels to show beside each other, the largest groups first; one without a comparison."""
    if asked.other:
        return [(f"Deals {one.words}", steps(view, asked, one.scope)) for one in (asked.cohort, asked.other)]
    if asked.split is None:
        return [("", steps(view, asked))]
    frame = measured(view, funnel.KEYS, asked.cohort.scope, asked.split)
    groups = []
    for value, rows in frame.groupby(asked.split, dropna=False, sort=False):
        one = funnel.table(rows, asked.names, by_amount=asked.by_amount)
        groups.append((theme.raw(value), one))
    groups.sort(key=lambda pair: (-float(pair[1]["reached"].iloc[0]), pair[0]))
    return groups


def listed(view: View, scope: Scope, milestone: str, which: str) -> pd.DataFrame:
    """The deals of a list of a step."""
    return _asked(funnel_deals.step_deals, view.store, view.version, view.company, scope, (milestone, which)).copy()


def overdue(view: View, scope: Scope) -> pd.DataFrame:
    """The overdue milestones of open deals."""
    return _asked(funnel_deals.overdue, view.store, view.version, view.company, scope, ()).copy()


def unrecorded(view: View, scope: Scope) -> int:
    """How many deals in scope have no milestone at all."""
    total = view.measure(("deals",), (), scope)["deals"].iloc[0]
    start = everything(view, scope)
    known = start.loc[start["milestone"].isna(), "milestone_reached"].sum()
    return int(total) - int(known)


@lru_cache(maxsize=64)
def _asked(
    question: Callable[..., pd.DataFrame], store: Store, _version: int, company: Company, scope: Scope,
    args: tuple[Any, ...],
) -> pd.DataFrame:  # fmt: skip
    return question(store, company, scope, *args)
