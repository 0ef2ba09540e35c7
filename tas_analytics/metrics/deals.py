"""The deals behind a number: one row each, under the same scope as the metric that led there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import pandas as pd

from tas_analytics.errors import BadQuestion
from tas_analytics.metrics import relation
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.scope import Scope
from tas_analytics.store.database import Store


@dataclass(frozen=True)
class Flag:
    """A named condition on deals, for lists of what needs attention."""

    key: str
    label: str
    sql: str


#: Conditions over the ``deal`` relation; the words follow "12 deals".
FLAGS: Final = (
    Flag("overdue", "open past their close date", "status = 'open' and is_overdue"),
    Flag("stalled", "past the stall line of their stage", "status = 'open' and is_stalled"),
    Flag("pushed", "pushed into a later quarter twice or more", "status = 'open' and pushes >= 2"),
    Flag("no_amount", "open without an amount", "status = 'open' and amount is null"),
    Flag("no_date", "open without a close date", "status = 'open' and close_date is null"),
    Flag(
        "no_next_step", "in commit without a next step", "status = 'open' and category = 'commit' and next_step is null"
    ),
    Flag("commit_stalled", "in commit past the stall line", "status = 'open' and category = 'commit' and is_stalled"),
    Flag("commit", "in commit", "status = 'open' and category = 'commit'"),
    Flag("best_case", "in best case", "status = 'open' and category = 'best_case'"),
    Flag(
        "pipeline",
        "in the category pipeline or in none",
        "status = 'open' and coalesce(category, 'pipeline') = 'pipeline'",
    ),
    Flag("omitted", "omitted from the forecast", "status = 'open' and category = 'omitted'"),
    Flag("top10", "largest ten", "status = 'open' and rank <= 10"),
)
_BY_KEY: Final = {flag.key: flag for flag in FLAGS}
#: What a deal is called; an export without names leaves its account and product, or its ID.
NAME: Final = relation.deal_name("v.name", "an.natural_key", "pn.natural_key", "oid.natural_key")
_COLUMNS: Final = (
    f"oid.natural_key as id, {NAME} as name, an.natural_key as account, "
    "ow.natural_key as owner, pn.natural_key as product, s.stage, v.forecast_category, v.next_step, v.currency, "
    "v.amount as own_amount, v.source, v.type, v.last_activity, v.lost_reason, v.stage_since, v.first_close_date, "
)


def flag(key: str) -> Flag:
    """The condition of that key."""
    try:
        return _BY_KEY[key]
    except KeyError:
        raise BadQuestion(f'There is no list "{key}"', f"Lists: {', '.join(_BY_KEY)}.") from None


def deal_list(
    store: Store,
    company: Company,
    scope: Scope,
    flags: tuple[str, ...] = (),
    limit: int | None = None,
    among: relation.Query | None = None,
) -> pd.DataFrame:
    """The deals of a scope, largest first; only those of the query ``among`` (deal_key, amount) if there is one.

    Columns: id, name, account, owner, manager, region, product, stage, position, status, category,
    forecast_category, amount (reporting currency), own_amount and currency (the deal's own),
    close_date, created_date, days_in_stage, stall_line, is_stalled, is_overdue, pushes, delays,
    next_step and more of the export's own columns.
    """
    narrow = among or _narrow(company, scope, flags)
    conditions = " and ".join(["true", *(f"({flag(key).sql})" for key in flags)])
    least = f"(select amount from chosen order by amount desc nulls last limit 1 offset {int(limit or 1) - 1})"
    # Names are looked up for few deals only. All that tie on the last amount pass here; the order breaks the tie.
    enough = f"where coalesce(amount >= {least}, {least} is null)" if limit else ""
    wide = relation.deals(
        company,
        scope,
        ("deal", "account", "owner", "product", "manager", "region", "team", "segment", "industry"),
        relation.column_names(company, scope) - {"days_untouched"},  # it takes a look through all that was ever done
        extra=_COLUMNS,
        only=f"v.record_key in (select deal_key from chosen {enough})",
    )
    query = f"""
        with {_ctes(company, scope, narrow, wide)}
        chosen as (select * from ({narrow.sql}) where {conditions}),
        deal as (select *, by_manager as manager, by_region as region, by_team as team, by_segment as segment,
            by_industry as industry from ({wide.sql}))
        select * from deal
        order by amount desc nulls last, name, id
        {f"limit {int(limit)}" if limit else ""}
    """
    return store.frame(query, wide.params | narrow.params)


def deals_by_key(store: Store, company: Company, as_of: dt.date, keys: Sequence[int]) -> pd.DataFrame:
    """The deals of some keys with the columns of :func:`deal_list`, whatever their period and filters."""
    listed = ", ".join(str(int(key)) for key in keys) or "null"
    among = relation.Query(
        f"select v.record_key as deal_key, v.amount from opportunity_version v where {relation.at('v', as_of)} "
        f"and v.record_key in ({listed})",
        {},
    )
    return deal_list(store, company, Scope(as_of), among=among)


def flag_totals(store: Store, company: Company, scope: Scope, keys: tuple[str, ...]) -> pd.DataFrame:
    """Per flag: deals, amount, and the largest deal's name and amount; one query for all."""
    narrow = _narrow(company, scope, keys)
    parts = " union all ".join(
        f"select '{key}' as key, count(*) as deals, coalesce(sum(amount), 0) as amount, max(amount) as largest_amount, "
        "arg_max(deal_key, (amount, -deal_key)) filter (where amount is not null) as deal_key "
        f"from deal where {flag(key).sql}"
        for key in keys
    )
    query = f"""
        with {_ctes(company, scope, narrow)}
        deal as ({narrow.sql}),
        total as ({parts})
        select t.key, t.deals, t.amount, {NAME} as largest, t.largest_amount
        from total t
        left join opportunity_version v on v.record_key = t.deal_key and {relation.at("v", scope.as_of)}
        left join record oid on oid.table_name = 'opportunities' and oid.record_key = v.record_key
        left join record an on an.table_name = 'accounts' and an.record_key = v.account_key
        left join record pn on pn.table_name = 'products' and pn.record_key = v.product_key
    """
    return store.frame(query, narrow.params)


def _narrow(company: Company, scope: Scope, keys: tuple[str, ...]) -> relation.Query:
    """The deals of a scope with what their flags need: no names, so that millions can be looked through."""
    words = relation.words(flag(key).sql for key in keys)
    status = "s.status = 'open'" if keys else "true"  # every flag is one of open deals
    query = relation.deals(
        company,
        scope,
        (),
        {*words, "status", "amount"},
        extra="v.next_step, " if "next_step" in words else "",
        only=f"{relation.closes_in(scope.period)} and {status}",
    )
    if "rank" not in words:
        return query
    return replace(query, sql=f"select *, rank() over (order by amount desc nulls last) as rank from ({query.sql})")


def _ctes(company: Company, scope: Scope, *queries: relation.Query) -> str:
    names = {name for query in queries for name in query.leans_on}
    return "".join(f"{text}, " for text in relation.base_ctes(company, scope.as_of, names))


def deal_history(store: Store, company: Company, deal_id: str) -> pd.DataFrame:
    """Every version of one deal, oldest first, with names in place of numbers."""
    return store.frame(
        """
        select v.valid_from, v.valid_to, s.stage, s.status, cast(v.amount as double) as amount, v.currency,
            v.probability, v.close_date, v.forecast_category, v.next_step,
            ow.natural_key as owner, pn.natural_key as product,
            an.natural_key as account, v.name, v.source, v.type, v.last_activity, v.lost_reason, v.segment, v.region,
            v.created_date, l.file_name, l.loaded_by, l.loaded_at
        from opportunity_version v
        join record oid on oid.table_name = 'opportunities' and oid.record_key = v.record_key
        left join stage s using (stage_key)
        left join record ow on ow.table_name = 'people' and ow.record_key = v.owner_key
        left join record pn on pn.table_name = 'products' and pn.record_key = v.product_key
        left join record an on an.table_name = 'accounts' and an.record_key = v.account_key
        left join load l using (load_id)
        where oid.natural_key = $deal_id
        order by v.valid_from
        """,
        {"deal_id": deal_id},
    )
