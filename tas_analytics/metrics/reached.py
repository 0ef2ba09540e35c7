"""Which milestones the deals have reached on a day, in SQL: the one definition that pages, funnel and lists read.

milestones
    A file or a person has named them. Reached is one whose achieved date is on or before the day.
stages
    Where a company keeps no milestones, a deal's first entry into each stage stands for one, won included. The days
    come from the rows of a stage history, from stays (the CRM's date of the last stage change, or the export that first
    shows the deal there), and the last open stage of a closed deal is reached on a day that may not be known.

The two are never mixed: a company has one of them (:class:`tas_analytics.metrics.steps.Steps`).
"""

from __future__ import annotations

import datetime as dt

from tas_analytics.metrics.asof import at
from tas_analytics.metrics.steps import Origin

#: How a derived milestone is called: with its pipeline where stages belong to one.
STAGE_NAME = "coalesce({s}.pipeline || ' › ', '') || {s}.stage"


def told(as_of: dt.date, origin: Origin = "milestones", *, only: str | None = None) -> str:
    """SQL of what is told of milestones on a day, one row per record, several for one deal and milestone.

    Columns: deal_key, milestone_key (the stage's key for stages), target_date, achieved_date (blank if it lies after
    the day or is not known), is_reached. It holds no parameters.

    Parameters
    ----------
    as_of
        The day whose knowledge counts.
    origin
        What stands for milestones in this company.
    only
        SQL of a query whose one column is the keys of the deals wanted; None for all. Few deals are quicker.
    """
    if origin != "milestones":
        return _of_stages(as_of, only)
    return f"""
        select m.opportunity_key as deal_key, m.milestone_key, m.target_date,
            case when {achieved("m", as_of)} then m.achieved_date end as achieved_date,
            {achieved("m", as_of)} as is_reached
        from milestone_version m
        where {at("m", as_of)} and m.opportunity_key is not null and m.milestone_key is not null
            {_among("m.opportunity_key", only)}
    """


def reached(as_of: dt.date, origin: Origin = "milestones", *, only: str | None = None) -> str:
    """SQL of the ``milestone`` relation: one row per deal and milestone of which something is told, see :func:`told`.

    A milestone that is planned and not reached has a row too. Of several records the earliest dates count.
    """
    return f"""
        select deal_key, milestone_key, min(target_date) as target_date, min(achieved_date) as achieved_date,
            bool_or(is_reached) as is_reached
        from ({told(as_of, origin, only=only)}) group by deal_key, milestone_key
    """


def achieved(alias: str, as_of: dt.date) -> str:
    """SQL of whether a recorded milestone was achieved by a day."""
    return f"coalesce({alias}.achieved_date <= date '{as_of}', false)"


def overdue(as_of: dt.date, *, target: str, is_reached: str, status: str) -> str:
    """SQL of whether a milestone is overdue: its target is past, it is not reached, and the deal is still open."""
    return f"coalesce({status} = 'open' and not {is_reached} and {target} < date '{as_of}', false)"


def _of_stages(as_of: dt.date, only: str | None) -> str:
    day = f"date '{as_of}'"
    return f"""
        with s as (select stage_key, stage, pipeline from stage where status <> 'lost' and stage_key <> 0)
        select y.opportunity_key as deal_key, y.stage_key as milestone_key, cast(null as date) as target_date,
            case when y.entered <= {day} then y.entered end as achieved_date, true as is_reached
        from stage_spell y join s using (stage_key)
        where y.first_seen <= {day}{_among("y.opportunity_key", only)}
        union all
        -- The rows of a history themselves: of two stages entered at one moment the stays keep the later.
        select h.opportunity_key, s.stage_key, null, cast(h.changed_at as date), true
        from change_version h
        join s on s.stage = h.stage and s.pipeline is not distinct from h.pipeline
        where h.opportunity_key is not null and h.valid_to is null
            and h.changed_at < timestamp '{as_of + dt.timedelta(days=1)}'{_among("h.opportunity_key", only)}
        union all
        select v.record_key, v.last_open_stage_key, null, null, true
        from opportunity_version v join s on s.stage_key = v.last_open_stage_key
        where {at("v", as_of)}{_among("v.record_key", only)}
    """


def _among(column: str, only: str | None) -> str:
    return f" and {column} in ({only})" if only else ""
