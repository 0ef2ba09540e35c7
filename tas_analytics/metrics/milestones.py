"""The catalogue of milestones, and the milestones of one deal as they were known on a day.

What counts as reached and as overdue is settled in :mod:`tas_analytics.metrics.reached`.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

import pandas as pd

from tas_analytics.method.milestones import MilestoneType, Resolver, defaults, split_synonyms
from tas_analytics.metrics import reached, relation
from tas_analytics.store.database import Store

#: Columns of :func:`types`.
_TYPES: Final = (
    "milestone_key, code, milestone, kind, position, stage, planned_days, mandatory, in_use, origin, about, synonyms"
)


def types(store: Store) -> pd.DataFrame:
    """The milestones in their order.

    Columns: milestone_key, code, milestone, kind, position, stage, planned_days, mandatory, in_use, origin, about,
    synonyms. Of a store into which nothing was loaded the keys are blank.
    """
    found = store.frame(f"select {_TYPES} from milestone_type order by position, milestone")
    if len(found):
        return found
    rows = [
        (None, t.code, t.name, t.kind, t.position, t.stage, t.planned_days, t.mandatory, t.in_use, t.origin, t.about,
         "; ".join(t.synonyms))
        for t in defaults()
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=[name.strip() for name in _TYPES.split(",")])


def resolver(store: Store) -> Resolver:
    """Finds the milestones of a store under any spelling."""
    known = [
        MilestoneType(code, name, position=position, synonyms=split_synonyms(synonyms), origin=origin)
        for code, name, position, synonyms, origin in store.rows(
            "select code, milestone, position, synonyms, origin from milestone_type"
        )
    ]
    return Resolver(known or defaults())


def of_deal(store: Store, as_of: dt.date, deal_id: str) -> pd.DataFrame:
    """The recorded milestones of one deal as known on a day, in the order of the catalogue.

    Columns: record (its natural key), milestone_id, deal_named and named (deal and milestone as the file has them),
    code, milestone, kind, position, stage, description, contact, target_date, achieved_date (blank if it lies after
    the day), evidence, mandatory, is_reached, is_overdue, days_late, entered_by, load_id. One row per record:
    several that mean the same milestone are all shown.
    """
    late = reached.overdue(as_of, target="m.target_date", is_reached="m.is_reached", status="m.status")
    return store.frame(
        f"""
        with deal as (
            select v.record_key, s.status from opportunity_version v join stage s using (stage_key)
            join record o on o.table_name = 'opportunities' and o.record_key = v.record_key
            where o.natural_key = $deal_id and {relation.at("v", as_of)}
        ),
        m as (
            select mv.*, {reached.achieved("mv", as_of)} as is_reached, deal.status
            from milestone_version mv join deal on deal.record_key = mv.opportunity_key
            where {relation.at("mv", as_of)}
        )
        select r.natural_key as record, m.milestone_id, m.opportunity_id as deal_named, m.milestone as named, t.code,
            coalesce(t.milestone, m.milestone) as milestone, t.kind,
            t.position, coalesce(m.stage, t.stage) as stage, m.description, m.contact, m.target_date,
            case when m.is_reached then m.achieved_date end as achieved_date, m.evidence,
            coalesce(t.mandatory, false) as mandatory, m.is_reached, {late} as is_overdue,
            case when {late} then $day - m.target_date end as days_late, l.loaded_by as entered_by, m.load_id
        from m
        join record r on r.table_name = 'milestones' and r.record_key = m.record_key
        left join milestone_type t on t.milestone_key = m.milestone_key
        left join load l on l.load_id = m.load_id
        order by t.position nulls last, m.target_date nulls last, milestone
        """,
        {"deal_id": deal_id, "day": as_of},
    )


def derived_of_deal(store: Store, as_of: dt.date, deal_id: str) -> pd.DataFrame:
    """The milestones of one deal that its stages tell: milestone, achieved_date (blank where it is not known)."""
    deal = "select record_key from record where table_name = 'opportunities' and natural_key = $deal_id"
    return store.frame(
        f"""
        select {reached.STAGE_NAME.format(s="s")} as milestone, m.achieved_date
        from ({reached.reached(as_of, "stages", only=deal)}) m join stage s on s.stage_key = m.milestone_key
        order by s.position
        """,
        {"deal_id": deal_id},
    )


def customers(store: Store, deal_id: str, account: str) -> list[str]:
    """The people at a customer: contacts of the account, and whoever a milestone or activity of the deal names."""
    rows = store.rows(
        """
        with deal as (
            select record_key from record where table_name = 'opportunities' and natural_key = $deal_id
        )
        select contact from contact_version where valid_to is null and account = $account
        union select contact from milestone_version where opportunity_key in (select record_key from deal)
        union select contact from activity_version where opportunity_key in (select record_key from deal)
        order by 1
        """,
        {"deal_id": deal_id, "account": account},
    )
    return [name for (name,) in rows if name]
