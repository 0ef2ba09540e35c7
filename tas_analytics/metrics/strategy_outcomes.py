"""What became of the deals by the strategy that was in force at their close."""

from __future__ import annotations

import pandas as pd

from tas_analytics.metrics import relation
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.scope import Scope
from tas_analytics.metrics.strategic import declarations, in_force
from tas_analytics.metrics.what_wins import met_sql
from tas_analytics.store.database import Store

COLUMNS = ["id", "strategy", "won", "competitors"]


def outcomes(store: Store, company: Company, scope: Scope) -> pd.DataFrame:
    """The closed deals of a scope with a strategy in force at their close.

    What was declared after the close does not count. Of several strategies at once the newest counts.

    Returns
    -------
    DataFrame
        ``id``, ``strategy`` (key), ``won``, ``competitors`` (names of those met, a list).
    """
    closed = relation.deals(
        company,
        scope,
        ("deal",),
        {"status", "close_date"},
        only=f"s.status in ('won', 'lost') and {relation.closes_in(scope.period)} and v.record_key in "
        "(select opportunity_key from strategy_version where opportunity_key is not null)",
    )
    frame = store.frame(
        f"""
        with deal as ({closed.sql}), met as ({met_sql(scope)})
        select d.deal_key, d.by_deal as id, d.status = 'won' as won, d.close_date,
            list(m.competitor order by m.competitor) filter (where m.competitor is not null) as competitors
        from deal d left join met m on m.opportunity_key = d.deal_key group by all order by id
        """,
        closed.params,
    )
    declared = declarations(store, scope, [int(key) for key in frame["deal_key"]])
    rows = []
    for row in frame.to_dict("records"):
        end = row["close_date"]
        before = [one for one in declared[int(row["deal_key"])] if pd.isna(end) or one.day <= end]
        held = in_force(before)
        if held and held[0].strategy is not None:
            met = row["competitors"]
            rows.append((row["id"], held[0].strategy.key, bool(row["won"]), [] if met is None else list(met)))
    return pd.DataFrame(rows, columns=COLUMNS)
