"""Which stage the achieved milestones of an open deal justify, in SQL: one row per open deal.

The first open stage in which a mandatory milestone of the catalogue is missing is justified: a deal may stand in it,
but has not earned the next one. With all of them it is the last open stage. Deals of which no milestone is
recorded, and pipelines for whose stages the catalogue asks nothing, are not judged.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from tas_analytics.metrics import reached, relation
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.metric import Metric
from tas_analytics.metrics.relation import Query
from tas_analytics.metrics.scope import Scope

#: The open stages of a process: those that deals were seen in, and those that the company listed.
USED: Final = "{s}.status = 'open' and ({s}.in_use or {s}.origin = 'set') and {s}.stage_key <> 0"
#: The mandatory milestones with the company's stage that each belongs to.
ASKED: Final = f"""
    select t.milestone_key, t.milestone, t.position as nth, s.pipeline, s.stage, s.position
    from milestone_type t
    join stage s on lower(trim(s.stage)) = lower(trim(t.stage)) and {USED.format(s="s")}
    where t.mandatory and t.in_use
"""


def evidence(
    company: Company, scope: Scope, by: Iterable[str], columns: Collection[str] | None = None, *, extra: str = ""
) -> Query:
    """The ``evidence`` relation of the open deals that close in the period.

    Columns besides those of the deals: pipeline, justified (name of the stage), justified_position,
    justified_probability, is_judged, is_ahead, is_behind, at_stake (amount × difference of the probabilities).
    """
    needed = {"position", "stage_probability", "amount"}
    inner = relation.deals(
        company,
        scope,
        by,
        None if columns is None else {*columns, *needed},
        extra=f"s.pipeline as pipeline, {extra}",
        only=f"s.status = 'open' and {relation.closes_in(scope.period)}",
    )
    sql = f"""
        with d as ({inner.sql}),
        asked as ({ASKED}),
        held as (
            select deal_key, list(milestone_key) filter (where is_reached) as has
            from ({reached.reached(scope.as_of, only="select deal_key from d")}) group by deal_key
        ),
        unmet as (
            select h.deal_key, a.pipeline, min(a.position) as position
            from held h cross join asked a
            where not list_contains(coalesce(h.has, []), a.milestone_key) group by all
        ),
        last as (
            select pipeline, max(position) as position, bool_or(stage_key in (
                select s.stage_key from stage s join asked a on a.stage = s.stage
                    and a.pipeline is not distinct from s.pipeline
            )) as is_asked
            from stage u where {USED.format(s="u")} group by pipeline
        ),
        justified as (
            select d.*, h.deal_key is not null and coalesce(l.is_asked, false) as is_judged,
                case when is_judged then coalesce(u.position, l.position) end as justified_position
            from d
            left join held h using (deal_key)
            left join unmet u on u.deal_key = d.deal_key and u.pipeline is not distinct from d.pipeline
            left join last l on l.pipeline is not distinct from d.pipeline
        )
        select j.*, s.stage as justified, s.probability as justified_probability,
            coalesce(j.position > j.justified_position, false) as is_ahead,
            coalesce(j.position < j.justified_position, false) as is_behind,
            case when j.position > j.justified_position
                then j.amount * (j.stage_probability - s.probability) end as at_stake
        from justified j
        left join stage s on {USED.format(s="s")} and s.position = j.justified_position
            and s.pipeline is not distinct from j.pipeline
    """
    return Query(sql, inner.params, inner.leans_on)


_RULE: Final = (
    "The justified stage is the first open one in which a mandatory milestone is missing, the last one if none is. "
    "Deals of which no milestone is recorded are not judged."
)

EVIDENCE: Final = (
    Metric(
        "judged_deals", "Deals with evidence", "count", "up", "evidence", "count(*) filter (where is_judged)",
        "Open deals closing in the period of which milestones are recorded, so that their stage can be judged.",
        additive=True, group="Evidence",
    ),
    Metric(
        "ahead_deals", "Deals ahead of their evidence", "count", "down", "evidence",
        "count(*) filter (where is_ahead)",
        f"Open deals whose stage lies beyond the one that their achieved milestones justify. {_RULE}", additive=True,
        group="Evidence",
    ),
    Metric(
        "stage_inflation", "Stage inflation", "money", "down", "evidence",
        "coalesce(sum(amount) filter (where is_ahead), 0)",
        "Amount of the open deals whose stage lies beyond the one that their achieved milestones justify.",
        rivals="Weighted by the stages' probabilities: weighted stage inflation.", additive=True, group="Evidence",
    ),
    Metric(
        "weighted_inflation", "Weighted stage inflation", "money", "down", "evidence", "coalesce(sum(at_stake), 0)",
        "Of the deals ahead of their evidence, amount × (probability of the stage claimed − probability of the stage "
        "justified): what the weighted pipeline would lose if they were put back.", additive=True, group="Evidence",
    ),
    Metric(
        "ahead_share", "Share ahead of the evidence", "percent", "down", "derived", "ratio(ahead_deals, judged_deals)",
        "Deals ahead of their evidence ÷ open deals of which milestones are recorded.", ("ahead_deals", "judged_deals"),
        base="judged_deals", group="Evidence",
    ),
)  # fmt: skip
