"""Milestones of deals as they were known on a day: the one definition that pages, funnel and forecast read.

recorded
    Milestones that a file or a person has named. Reached is one whose achieved date is on or before the day; several
    records of one deal that mean the same milestone are one, with the earliest dates.
derived
    Where a company keeps no milestones, the first entry of a deal into each stage stands for one, won included. The
    days come from stage histories, the CRM's date of the last stage change, or the export that first shows the deal
    there; a stage that a deal was in before anything tells of it is reached on a day that is not known.

The two are never mixed: a question is asked of one of them, and its rows say which (``is_derived``).
"""

from __future__ import annotations

import datetime as dt
from typing import Final, Literal

import pandas as pd

from tas_analytics.method.milestones import MilestoneType, Resolver, defaults, split_synonyms
from tas_analytics.metrics import relation
from tas_analytics.store.database import Store

Source = Literal["recorded", "derived"]
RECORDED: Final = "recorded"
DERIVED: Final = "derived"
#: Columns of :func:`types`.
_TYPES: Final = (
    "milestone_key, code, milestone, kind, position, stage, planned_days, mandatory, in_use, origin, about, synonyms"
)


def source_of(store: Store) -> Source:
    """Which milestones a store has: recorded ones if there is any, else those derived from stages."""
    any_recorded = store.value(
        "select count(*) > 0 from milestone_version where opportunity_key is not null and milestone_key is not null"
    )
    return RECORDED if any_recorded else DERIVED


def reached(as_of: dt.date, source: Source = RECORDED, *, only: str | None = None) -> str:
    """SQL of the ``milestone`` relation: one row per deal and milestone known on a day.

    Columns: deal_key, milestone_key (of :func:`types`), target_date, achieved_date, is_reached, is_derived. A milestone
    that is planned and not reached has a row too; derived ones have no targets. It holds no parameters.

    Parameters
    ----------
    as_of
        The day whose knowledge counts.
    source
        Recorded milestones, or those derived from stages.
    only
        SQL of a query whose one column is the keys of the deals wanted; None for all. Few deals are quicker.
    """
    day = f"date '{as_of}'"
    if source == DERIVED:
        return f"""
            select y.opportunity_key as deal_key, y.stage_key as milestone_key, cast(null as date) as target_date,
                min(y.entered) as achieved_date, true as is_reached, true as is_derived
            from stage_spell y join stage s on s.stage_key = y.stage_key and s.status <> 'lost'
            where y.first_seen <= {day} and coalesce(y.entered, y.first_seen) <= {day}{_among("y", only)}
            group by y.opportunity_key, y.stage_key
        """
    achieved = f"min(m.achieved_date) filter (where m.achieved_date <= {day})"
    return f"""
        select m.opportunity_key as deal_key, m.milestone_key, min(m.target_date) as target_date,
            {achieved} as achieved_date, {achieved} is not null as is_reached, false as is_derived
        from milestone_version m
        where {relation.at("m", as_of)} and m.opportunity_key is not null and m.milestone_key is not null
            {_among("m", only)}
        group by m.opportunity_key, m.milestone_key
    """


def _among(alias: str, only: str | None) -> str:
    return f" and {alias}.opportunity_key in ({only})" if only else ""


def overdue(as_of: dt.date, *, milestone: str = "m", status: str = "status") -> str:
    """SQL of whether a milestone is overdue: its target is past, it is not reached, and the deal is still open."""
    late = f"not {milestone}.is_reached and {milestone}.target_date < date '{as_of}'"
    return f"coalesce({status} = 'open' and {late}, false)"


def types(store: Store, source: Source = RECORDED) -> pd.DataFrame:
    """The milestones in their order.

    Columns: milestone_key, code, milestone, kind, position, stage, planned_days, mandatory, in_use, origin, about,
    synonyms. Of a store into which nothing was loaded the keys are blank. Derived ones are the stages in use, lost
    left out, of the kind "stage".
    """
    if source == DERIVED:
        return store.frame(
            """
            select stage_key as milestone_key, 'stage:' || coalesce(pipeline || ' › ', '') || stage as code,
                coalesce(pipeline || ' › ', '') || stage as milestone, 'stage' as kind, position, stage, planned_days,
                false as mandatory, in_use, 'derived' as origin, cast(null as varchar) as about,
                cast(null as varchar) as synonyms
            from stage where status <> 'lost' and in_use order by pipeline nulls first, position, stage
            """
        )
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
    return store.frame(
        f"""
        with deal as (
            select v.record_key, s.status from opportunity_version v join stage s using (stage_key)
            join record o on o.table_name = 'opportunities' and o.record_key = v.record_key
            where o.natural_key = $deal_id and {relation.at("v", as_of)}
        ),
        m as (
            select mv.*, mv.achieved_date is not null and mv.achieved_date <= $day as is_reached, deal.status
            from milestone_version mv join deal on deal.record_key = mv.opportunity_key
            where {relation.at("mv", as_of)}
        )
        select r.natural_key as record, m.milestone_id, m.opportunity_id as deal_named, m.milestone as named, t.code,
            coalesce(t.milestone, m.milestone) as milestone, t.kind,
            t.position, coalesce(m.stage, t.stage) as stage, m.description, m.contact, m.target_date,
            case when m.is_reached then m.achieved_date end as achieved_date, m.evidence,
            coalesce(t.mandatory, false) as mandatory, m.is_reached, {overdue(as_of)} as is_overdue,
            case when {overdue(as_of)} then $day - m.target_date end as days_late, l.loaded_by as entered_by, m.load_id
        from m
        join record r on r.table_name = 'milestones' and r.record_key = m.record_key
        left join milestone_type t on t.milestone_key = m.milestone_key
        left join load l on l.load_id = m.load_id
        order by t.position nulls last, m.target_date nulls last, milestone
        """,
        {"deal_id": deal_id, "day": as_of},
    )


def derived_of_deal(store: Store, as_of: dt.date, deal_id: str) -> pd.DataFrame:
    """The milestones of one deal that its stages tell, as :func:`reached` derives them: milestone, achieved_date."""
    return store.frame(
        f"""
        select coalesce(s.pipeline || ' › ', '') || s.stage as milestone, m.achieved_date, m.is_reached, m.is_derived
        from ({reached(as_of, DERIVED)}) m
        join record o on o.table_name = 'opportunities' and o.record_key = m.deal_key
        join stage s on s.stage_key = m.milestone_key
        where o.natural_key = $deal_id order by s.position
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
