"""What was known of deals on days of the past: from it the score by date is learnt, and for it the score is given.

One row per open deal and day, from the store's versions of that day. Values that a later day gave (versions that
reach back before a deal's first export, or that only a history of stages tells of) are left blank where they change
over a deal's life: an exported amount is today's, and a closed deal's close date is its end. Events with a day of their
own (milestones achieved, ratings, activities) count from that day on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import pandas as pd

from tas_analytics.metrics import relation
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.scope import Scope
from tas_analytics.store.database import Store

#: Attributes that most deals have are used, at most so many.
ATTRIBUTES: Final = 20
#: What their columns begin with.
ATTRIBUTE: Final = "attribute "
#: Columns whose value of a later day is taken for earlier ones where there is no other.
REACHING_BACK: Final = (
    "owner", "manager", "region", "product", "product family", "source", "type", "segment", "industry", "employees",
    "annual revenue", "pipeline",
)  # fmt: skip
#: Columns that count: none on file is none.
COUNTS: Final = frozenset({"milestones achieved", "milestones overdue", "touches in 30 days"})
#: How one day's version is picked, the day being a column.
_HELD: Final = (
    "{v}.valid_from < {day} + interval 1 day and coalesce({v}.valid_to, timestamp 'infinity') >= {day} + interval 1 day"
)

_SNAP: Final = """
    day as (select cast(unnest($days) as date) as day),
    snap as (
        select day.day, v.*, s.stage, s.position, s.probability as stage_probability
        from day join opportunity_version v on {held} join stage s using (stage_key)
        where s.status = 'open' and ($part <= 1 or hash(v.record_key) % $part = 0)
    )
"""
#: What stays the same over a deal's life, told by its first export: a history of changes does not repeat it.
_TOLD_ONCE: Final = (
    "created_date", "source", "type", "region", "segment", "pipeline", "owner_key", "product_key", "account_key",
)  # fmt: skip
_FILLED: Final = f"""
    first_told as (
        select record_key, {", ".join(f"arg_min({name}, valid_from) as {name}" for name in _TOLD_ONCE)}
        from opportunity_version
        where valid_from < cast($as_of as date) + interval 1 day and ($part <= 1 or hash(record_key) % $part = 0)
        group by record_key
    ),
    filled as (
        select v.* replace ({", ".join(f"coalesce(v.{name}, t.{name}) as {name}" for name in _TOLD_ONCE)}),
            v.reconstructed or (v.created_date is null and t.created_date is not null) as reaches_back
        from snap v left join first_told t using (record_key)
    )
"""
_AS_IT_IS: Final = "filled as (select *, reconstructed as reaches_back from snap)"
_BASE: Final = """
    with {snap}, {filled}
    select v.day, v.record_key as deal_key, oid.natural_key as opportunity_id, v.reconstructed, v.reaches_back,
        v.created_date,
        case when not v.reconstructed then v.stage end as stage,
        case when not v.reconstructed then v.position end as position,
        case when not v.reconstructed then v.stage_probability end as stage_probability,
        case when v.day >= $exports_from then v.probability end as crm_probability,
        case when not v.reconstructed then v.stage_since end as stage_since,
        case when v.day >= $closes_from then v.close_date end as close_date,
        case when v.day >= $exports_from then cast(v.amount as double) end as amount,
        case when v.day >= $closes_from then v.pushes end as pushes,
        case when v.day >= $closes_from then v.delays end as delays,
        case when v.day >= $exports_from then v.forecast_category end as category,
        case when v.day >= $exports_from then v.day - v.last_activity end as "days since activity",
        case when v.day >= $exports_from then v.next_step is not null end as "next step",
        ow.natural_key as owner, p.manager, coalesce(v.region, p.region) as region, pn.natural_key as product,
        pr.family as "product family", v.source, v.type, coalesce(v.segment, a.segment) as segment, a.industry,
        cast(a.employees as double) as employees, a.annual_revenue as "annual revenue", v.pipeline
    from filled v
    left join record oid on oid.table_name = 'opportunities' and oid.record_key = v.record_key
    left join record ow on ow.table_name = 'people' and ow.record_key = v.owner_key
    left join record pn on pn.table_name = 'products' and pn.record_key = v.product_key
    left join person_version p on p.record_key = v.owner_key and {held_p}
    left join account_version a on a.record_key = v.account_key and {held_a}
    left join product_version pr on pr.record_key = v.product_key and {held_pr}
    order by v.day, v.record_key
"""
#: From when exports, and close dates, are known as they were then.
_TOLD_FROM: Final = """
    with loaded as (select min(as_of) as day from load where table_name = 'opportunities' and undone_at is null),
    closes as (select cast(min(changed_at) filter (where close_date is not null) as date) as day
        from change_version where opportunity_key is not null and valid_to is null)
    select loaded.day, least(loaded.day, closes.day) from loaded, closes
"""
_MILESTONES: Final = """
    with {snap}
    select v.day, v.record_key as deal_key,
        count(*) filter (where m.achieved_date <= v.day) as "milestones achieved",
        v.day - max(m.achieved_date) filter (where m.achieved_date <= v.day) as "days since milestone",
        count(*) filter (where m.target_date < v.day and (m.achieved_date is null or m.achieved_date > v.day))
            as "milestones overdue"
    from snap v join milestone_version m on m.opportunity_key = v.record_key and {at}
    group by v.day, v.record_key
"""
_RATINGS: Final = """
    with {snap},
    newest as (
        select v.day, v.record_key as deal_key, t.criterion, arg_max(t.rating, t.assessed_on) as rating
        from snap v join assessment_version t on t.opportunity_key = v.record_key and {at}
        where t.competitor is null and t.assessed_on <= v.day
        group by all
    )
    select day, deal_key, count(*) filter (where rating = '+') - count(*) filter (where rating = '-')
            as "assessment balance",
        count(*) filter (where rating in ('+', '-')) as "criteria known"
    from newest group by all
"""
_ACTIVITIES: Final = """
    with {snap}
    select v.day, v.record_key as deal_key, v.day - max(cast(coalesce(t.done_date, t.start_date) as date))
            as "days since last touch",
        count(*) filter (where cast(coalesce(t.done_date, t.start_date) as date) > v.day - 30) as "touches in 30 days"
    from snap v join activity_version t on t.opportunity_key = v.record_key and {at}
    where cast(coalesce(t.done_date, t.start_date) as date) <= v.day
    group by v.day, v.record_key
"""
_ATTRIBUTES: Final = """
    with {snap}
    select v.day, v.record_key as deal_key, t.attribute, any_value(t.value) as value
    from snap v join attribute_version t on t.opportunity_key = v.record_key and {held_t}
    where list_contains($attributes, t.attribute)
    group by all
"""
#: What is read beside the deals: the query, its table, and what it calls it.
_BESIDE: Final = (
    (_MILESTONES, "milestone_version", "m"),
    (_RATINGS, "assessment_version", "t"),
    (_ACTIVITIES, "activity_version", "t"),
)
_ANY: Final = "select count(*) > 0 from (select 1 from {table} where opportunity_key is not null limit 1)"
_COMMON: Final = f"""
    select attribute from attribute_version where opportunity_key is not null
    group by all order by count(distinct opportunity_key) desc, attribute limit {ATTRIBUTES}
"""
_ENDS: Final = """
    with seen as (
        select v.record_key, cast(min(v.valid_from) as date) as first_closed from opportunity_version v
        join stage s using (stage_key)
        where s.status in ('won', 'lost') and v.valid_from < cast($as_of as date) + interval 1 day
            and ($part <= 1 or hash(v.record_key) % $part = 0)
        group by all
    )
    select v.record_key as deal_key, s.status = 'won' as won,
        least(coalesce(v.close_date, first_closed), cast($as_of as date), greatest(first_closed, v.created_date))
            as ended,
        v.created_date
    from opportunity_version v join stage s using (stage_key) join seen using (record_key)
    where s.status in ('won', 'lost') and {at}
"""


def ends(store: Store, as_of: dt.date, part: int = 1) -> pd.DataFrame:
    """The deals that had closed by a day, as known on it: ``deal_key``, ``won``, ``ended``, ``created_date``."""
    sql = _ENDS.format(at=relation.at("v", as_of))
    return store.frame(sql, {"as_of": as_of, "part": part})


def known(store: Store, days: Sequence[dt.date], as_of: dt.date, part: int = 1) -> pd.DataFrame:
    """The deals that were open on each of those days, with what was known of them then.

    Parameters
    ----------
    store
        The store.
    days
        The days.
    as_of
        Nothing that became known later is used.
    part
        Every deal, or about one in so many.
    """
    snap = _SNAP.format(held=_HELD.format(v="v", day="day.day"))
    params: dict[str, object] = {"days": list(days), "part": part}
    with ThreadPoolExecutor(1, "tas-known") as pool:
        # What stands beside the deals is read while they are, by the other core.
        beside = [pool.submit(_beside, store, snap, params, as_of, *one) for one in _BESIDE]
        attributes = pool.submit(_attributes, store, snap, params)
        deals = _deals(store, snap, params, as_of)
        for found in (one.result() for one in (*beside, attributes)):
            if found is not None:
                deals = deals.merge(found, how="left", on=["day", "deal_key"])
    for name in COUNTS & set(deals.columns):
        deals[name] = deals[name].fillna(0)
    for name in ("day", "created_date", "stage_since", "close_date"):
        deals[name] = pd.to_datetime(deals[name]).astype("datetime64[us]")
    return deals


def _deals(store: Store, snap: str, params: dict[str, object], as_of: dt.date) -> pd.DataFrame:
    """The deals with what stands in their own records."""
    held = {f"held_{one}": _HELD.format(v=one, day="v.day") for one in ("p", "a", "pr")}
    exports_from, closes_from = store.rows(_TOLD_FROM)[0]
    told = {"exports_from": exports_from or as_of, "closes_from": closes_from or exports_from or as_of}
    filled = _AS_IT_IS
    if store.value(_ANY.format(table="change_version")):
        filled, told = _FILLED, {**told, "as_of": as_of}
    # By Arrow, for there may be a million, and their words need not become objects one by one.
    table = store.arrow(_BASE.format(snap=snap, filled=filled, **held), {**params, **told})
    deals: pd.DataFrame = table.to_pandas(date_as_object=False, split_blocks=True, self_destruct=True)
    return deals


def _beside(
    store: Store, snap: str, params: dict[str, object], as_of: dt.date, sql: str, table: str, alias: str
) -> pd.DataFrame | None:
    """What one kind of record tells of them; None without any."""
    if not store.value(_ANY.format(table=table)):
        return None
    return store.frame(sql.format(snap=snap, at=relation.at(alias, as_of)), params)


def _attributes(store: Store, snap: str, params: dict[str, object]) -> pd.DataFrame | None:
    """The attributes that most deals have, a column each; None without any."""
    names = [row[0] for row in store.rows(_COMMON)]
    if not names:
        return None
    sql = _ATTRIBUTES.format(snap=snap, held_t=_HELD.format(v="t", day="v.day"))
    found = store.frame(sql, {**params, "attributes": names})
    wide = found.pivot(index=["day", "deal_key"], columns="attribute", values="value").reset_index()
    wide.columns = pd.Index([name if name in {"day", "deal_key"} else f"{ATTRIBUTE}{name}" for name in wide.columns])
    return wide


def asked(store: Store, company: Company, scope: Scope) -> pd.DataFrame:
    """The keys of the open deals of a scope, with their amounts in the reporting currency."""
    inner = relation.deals(company, scope, (), {"amount"}, only="s.status = 'open'")
    ctes = relation.base_ctes(company, scope.as_of, inner.leans_on)
    head = f"with {', '.join(ctes)}" if ctes else ""
    return store.frame(f"{head} select deal_key, cast(amount as double) as amount from ({inner.sql}) d", inner.params)
