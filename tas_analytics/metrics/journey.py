"""How far each deal has come on its milestones, in SQL: one row per deal, with its steps as bits and dates.

``journey`` is the relation that others lean on: ``deal_key``, ``bits`` (bit k: step k was achieved), ``furthest``
(the last step achieved, 0 for none), ``milestone`` (its name), ``dates`` and ``targets`` (a list by step).
One row per deal keeps a million milestones within the time of a click.

reach
    One row per deal and step that it reached. **Reached** is what was achieved, and every step before one
    that was achieved: a deal that has a later milestone has gone past the earlier ones, and a won deal past all.
    What was reached without having been achieved is *skipped*, what was achieved after a later step *out of order*;
    both are counted. Step 0 is the deal itself. Deals of which no milestone is recorded are left out.
plan
    One row per open deal and milestone whose target date has come.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable

from tas_analytics.metrics.asof import at
from tas_analytics.metrics.reached import overdue, told
from tas_analytics.metrics.steps import MOST, Steps

#: What the funnel calls the step at its end.
WON = "Won"


def step_sql(steps: Steps) -> str:
    """The steps as a relation: step, milestone, pipeline (stages only), last (the number of the last one)."""
    if steps.origin == "milestones":
        return """(
            select cast(unnest(generate_series(1, len($step_names))) as integer) as step,
                unnest($step_names) as milestone, cast(null as varchar) as pipeline,
                cast(len($step_names) as integer) as last
        )"""
    return f"""(
        select cast(row_number() over (partition by pipeline order by position, stage_key) as integer) as step,
            stage as milestone, pipeline,
            cast(least(count(*) over (partition by pipeline), {MOST}) as integer) as last, stage_key
        from stage where status = 'open' and in_use and stage_key <> 0
        qualify step <= {MOST}
    )"""


def cte(steps: Steps, as_of: dt.date, *, name: str = "journey", only: str | None = None) -> str:
    """The relation ``journey`` as known on a day; of few deals (``only``, see :func:`told`) it takes little time."""
    width = range(1, len(steps.names) + 1)
    dates = ", ".join(f"min(achieved_date) filter (where step = {step})" for step in width)
    targets = ", ".join(f"min(target_date) filter (where step = {step})" for step in width)
    columns = f"""
        deal_key, coalesce(bit_or(cast(1 as bigint) << step) filter (where is_reached), 0) as bits,
        coalesce(max(step) filter (where is_reached), 0) as furthest,
        {f"[{dates}]" if width else "cast([] as date[])"} as dates
    """
    if steps.origin == "milestones":
        return f"""{name} as (
            select *, $step_names[furthest] as milestone, cast(null as varchar) as pipeline from (
                select {columns}, [{targets}] as targets
                from ({told(as_of, steps.origin, only=only)})
                join (select unnest($step_keys) as milestone_key, unnest($step_numbers) as step) using (milestone_key)
                group by deal_key
            )
        )"""
    nothing = ", ".join("null" for _ in width)
    won = f"""
            union all
            select v.record_key, 0, 0, cast([{nothing}] as date[]), cast([] as date[]),
                coalesce(present.pipeline, v.pipeline)
            from opportunity_version v join stage present on present.stage_key = v.stage_key
            where present.status = 'won' and {at("v", as_of)} and v.record_key not in (select deal_key from seen)
                {f"and v.record_key in ({only})" if only else ""}
    """
    return f"""{name} as (
        with step as {step_sql(steps)},
        seen as (
            select {columns}, cast([] as date[]) as targets, step.pipeline
            from ({told(as_of, steps.origin, only=only)}) t
            join step on step.stage_key = t.milestone_key
            -- Of a deal that has changed its pipeline only the steps of its present one count.
            join opportunity_version v on v.record_key = t.deal_key and {at("v", as_of)}
            join stage present on present.stage_key = v.stage_key
                and coalesce(present.pipeline, v.pipeline) is not distinct from step.pipeline
            group by deal_key, step.pipeline
        ),
        found as (select * from seen {won if steps.won_counts else ""})
        select f.*, step.milestone
        from found f left join step on step.step = f.furthest and step.pipeline is not distinct from f.pipeline
    )"""


def reach_sql(
    steps: Steps, inner: str, columns: Collection[str] | None, names: Iterable[str], journey: str = "journey"
) -> str:
    """The relation ``reach`` over the deals of ``inner``; ``names`` are the dimensions of the split."""
    split = "k.milestone as by_milestone, " if "milestone" in names else ""
    known = {
        "milestone": "k.milestone",
        "next_milestone": "k.next_milestone",
        "achieved": "k.step = 0 or ((j.bits >> k.step) & 1) = 1",
        "skipped": "k.step > 0 and ((j.bits >> k.step) & 1) = 0",
        "out_of_order": "k.step > 0 and coalesce(list_min(j.dates[k.step + 1:]) < j.dates[k.step], false)",
        "reached_on": "j.dates[k.step]",
        # A step is timed from the one before it, the first from the day on which the deal was created.
        "days": "case when k.step = 1 then j.dates[1] - d.created_date when k.step > 1 "
                "then j.dates[k.step] - j.dates[k.step - 1] end",
    }  # fmt: skip
    chosen = [name for name in known if columns is None or name in columns]
    extra = "".join(f", {known[name]} as {name}" for name in chosen)
    return f"""
        select d.*, {split}k.step as step,
            case when d.status = 'won' or k.step < j.furthest then 'passed' when d.status = 'lost' then 'stopped'
                else 'waiting' end as onward
            {extra}
        from ({inner}) d
        join {journey} j using (deal_key)
        join (
            select *, lead(milestone) over (partition by pipeline order by step) as next_milestone from (
                select step, milestone, pipeline, last from {step_sql(steps)}
                union all select distinct 0, null, pipeline, last from {step_sql(steps)}
            )
        ) k on k.pipeline is not distinct from j.pipeline
            and k.step <= case when d.status = 'won' then k.last else j.furthest end
    """


def plan_sql(steps: Steps, inner: str, as_of: dt.date, names: Iterable[str], journey: str = "journey") -> str:
    """The relation ``plan`` over the deals of ``inner``: late is what is past its day and not achieved."""
    split = "k.milestone as by_milestone, " if "milestone" in names else ""
    day = f"date '{as_of}'"
    late = overdue(
        as_of, target="j.targets[k.step]", is_reached="((j.bits >> k.step) & 1) = 1", status="d.status"
    )  # fmt: skip
    return f"""
        select d.*, {split}k.step, {day} - j.targets[k.step] as days_late,
            {late} as is_late
        from ({inner}) d
        join {journey} j using (deal_key)
        join {step_sql(steps)} k on j.targets[k.step] <= {day}
        where d.status = 'open'
    """
