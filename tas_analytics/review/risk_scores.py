"""The chance of each open deal to be won until the end of a period, on a day and about a week before."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from tas_analytics.errors import TasError
from tas_analytics.forecast.score import score
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.scope import Scope
from tas_analytics.store.database import Store


def scores_between(store: Store, company: Company, scope: Scope, since: dt.date) -> pd.DataFrame | None:
    """Scores of the deals of a scope that were open on both days; None where no model can be learnt.

    It learns two models, which takes seconds: not for the way of a click.

    Returns
    -------
    DataFrame or None
        ``id``, ``p_before`` (as known on the day ``since``), ``p_now``.
    """
    period = scope.period or company.calendar.quarter_of(scope.as_of)
    by = period.end - dt.timedelta(days=1)
    if not since < scope.as_of < by:
        return None
    try:
        now = score(store, company, scope, by).deals
        before = score(store, company, scope.on(since), by).deals
    except TasError:
        return None
    both = now.merge(before, on="opportunity_id", suffixes=("_now", "_before"))
    if both.empty:
        return None
    return pd.DataFrame({"id": both["opportunity_id"], "p_before": both["p_won_before"], "p_now": both["p_won_now"]})
