"""Stage against evidence, deal by deal: what is missing, what it is worth, and when it would close at the usual pace.

**Projected close** is the day shown + what is left of the stage + the days of the stages to come, each stage at the
company's own median once twenty stays in it have advanced, before that at its planned days.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pandas as pd

from tas_analytics.formats import count, money, out_of, sentence_case
from tas_analytics.metrics import reached, relation
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.justified import ASKED, USED, evidence
from tas_analytics.metrics.measure import measure
from tas_analytics.metrics.relation import ENOUGH_STAYS
from tas_analytics.metrics.scope import Scope
from tas_analytics.store.database import Store

_COLUMNS = "v.name as own_name, "


def against_evidence(store: Store, company: Company, scope: Scope, *, with_pace: bool = True) -> pd.DataFrame:
    """The open deals of a scope with claimed and justified stage, most money ahead of its evidence first.

    Without ``with_pace`` the last two columns are left out: the usual pace is that of all deals and takes its time.

    Columns: id, name, owner, account, stage, justified (blank where not judged), is_judged, is_ahead, is_behind,
    amount, at_stake, missing (mandatory milestones of the stages before the claimed one, in words), n_missing,
    days_in_stage, close_date, projected_close (blank where a stage has neither a median nor planned days),
    days_later (projected minus the CRM's close date).
    """
    inner = evidence(
        company, scope, ("deal", "owner", "account", "stage"),
        {"amount", "close_date", "days_in_stage", "position", "stage_probability"}, extra=_COLUMNS,
    )  # fmt: skip
    ctes = "".join(f"{text}, " for text in relation.base_ctes(company, scope.as_of, inner.leans_on))
    sql = f"""
        with {ctes}
        e as ({inner.sql}),
        missed as (
            select e.deal_key, string_agg(a.milestone, '; ' order by a.position, a.nth) as missing,
                count(*) as n_missing
            from e join ({ASKED}) a on a.pipeline is not distinct from e.pipeline and a.position < e.position
            anti join (
                select deal_key, milestone_key from ({reached.reached(scope.as_of, only="select deal_key from e")})
                where is_reached
            ) r
                on r.deal_key = e.deal_key and r.milestone_key = a.milestone_key
            where e.is_judged group by e.deal_key
        )
        select e.by_deal as id, coalesce(e.own_name, e.by_account, e.by_deal) as name, e.by_owner as owner,
            e.by_account as account, e.by_stage as stage, e.pipeline, e.position, e.justified, e.is_judged, e.is_ahead,
            e.is_behind, cast(e.amount as double) as amount, round(cast(e.at_stake as double), 2) as at_stake,
            m.missing,
            coalesce(m.n_missing, 0) as n_missing, e.days_in_stage, e.close_date
        from e left join missed m using (deal_key)
        order by e.is_ahead desc, e.at_stake desc nulls last, e.amount desc nulls last, id
    """
    frame = store.frame(sql, inner.params)
    if not with_pace:
        return frame
    return _projected(frame, stage_days(store, company, scope.as_of), scope.as_of)


def of_deal(store: Store, company: Company, as_of: dt.date, deal_id: str) -> tuple[str, int] | None:
    """The stage that the milestones of one open deal justify, if it claims a later one: its name, and how many lack.

    None where the deal is not ahead of its evidence, or cannot be judged.
    """
    inner = evidence(company, Scope(as_of).where("deal", deal_id), (), {"position"})
    ctes = "".join(f"{text}, " for text in relation.base_ctes(company, as_of, inner.leans_on))
    rows = store.rows(
        f"""
        with {ctes}
        e as ({inner.sql})
        select e.justified, count(a.milestone_key) from e
        join ({ASKED}) a on a.pipeline is not distinct from e.pipeline and a.position < e.position
        anti join (
            select milestone_key from ({reached.reached(as_of, only="select deal_key from e")}) where is_reached
        ) r on r.milestone_key = a.milestone_key
        where e.is_ahead group by e.justified
        """,
        inner.params,
    )
    return (str(rows[0][0]), int(rows[0][1])) if rows else None


def stage_days(store: Store, company: Company, as_of: dt.date) -> pd.DataFrame:
    """How long each open stage lasts: stage, pipeline, position, days, is_own (the company's median, not the plan)."""
    stages = store.frame(
        f"select stage, pipeline, position, planned_days from stage u where {USED.format(s='u')} order by position"
    )
    known = measure(store, ("stays", "median_days_in_stage"), Scope(as_of), ("stage",), company).set_index("stage")
    enough = stages["stage"].map(known["stays"]).fillna(0) >= ENOUGH_STAYS
    median = stages["stage"].map(known["median_days_in_stage"]).astype(float)
    days = median.where(enough, stages["planned_days"].astype(float))
    return stages[["stage", "pipeline", "position"]].assign(days=days, is_own=enough & median.notna())


def _projected(frame: pd.DataFrame, stages: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    """The deals with the day on which each would close at the usual pace."""
    ahead: dict[tuple[str, str], float] = {}
    own: dict[tuple[str, str], float] = {}
    for pipeline, group in stages.assign(pipeline=stages["pipeline"].fillna("")).groupby("pipeline"):
        rest = 0.0
        for row in group.sort_values("position", ascending=False).to_dict("records"):
            ahead[str(pipeline), row["stage"]] = rest
            own[str(pipeline), row["stage"]] = row["days"]
            rest += row["days"]  # a stage of unknown length makes all before it unknown
    keys = list(zip(frame["pipeline"].fillna(""), frame["stage"], strict=True))
    lasts = pd.Series([own.get(key) for key in keys], index=frame.index, dtype=float)
    rest_of = pd.Series([ahead.get(key) for key in keys], index=frame.index, dtype=float)
    left = (lasts - frame["days_in_stage"].astype(float).fillna(0)).clip(lower=0)
    total = (left + rest_of).round()
    projected = pd.Timestamp(as_of) + pd.to_timedelta(total, unit="D")
    closes = pd.to_datetime(frame["close_date"])
    return frame.assign(projected_close=projected, days_later=(projected - closes).dt.days)


@dataclass(frozen=True)
class Evidence:
    """What the deals of a scope come to."""

    deals: int
    judged: int
    ahead: int
    inflation: float
    weighted: float
    behind: int
    unrecorded: int
    unrecorded_amount: float
    later: int
    later_amount: float

    @classmethod
    def of(cls, frame: pd.DataFrame) -> Evidence:
        """Sum up the rows of :func:`against_evidence`."""
        ahead, unjudged = frame[frame["is_ahead"]], frame[~frame["is_judged"]]
        later = frame[frame["days_later"] > 0]
        return cls(
            len(frame), int(frame["is_judged"].sum()), len(ahead), float(ahead["amount"].sum()),
            float(ahead["at_stake"].sum()), int(frame["is_behind"].sum()), len(unjudged),
            float(unjudged["amount"].sum()), len(later), float(later["amount"].sum()),
        )  # fmt: skip


def headline(found: Evidence, currency: str) -> str:
    """The page's first sentence."""
    if not found.deals:
        return "No open deal in this scope"
    if not found.judged:
        return f"None of the {count(found.deals, 'open deal')} has a milestone, so no stage can be judged"
    if not found.ahead:
        return f"No stage is ahead of its evidence in the {count(found.judged, 'open deal')} with milestones"
    verb = "is" if found.ahead == 1 else "are"
    lead = f"{sentence_case(out_of(found.ahead, found.judged, 'open deal'))} {verb} ahead of the evidence"
    if found.inflation <= 0:
        return lead
    return (
        f"{lead}: {money(found.inflation, currency)} stands in stages not yet earned, "
        f"{money(found.weighted, currency)} of the weighted pipeline"
    )


def projection(found: Evidence, currency: str) -> str:
    """The finding over the projected closes."""
    if not found.deals:
        return "No open deal to project"
    if not found.later:
        return "At the usual pace every open deal closes by its date in the CRM"
    verb = "closes" if found.later == 1 else "close"
    amount = f", {money(found.later_amount, currency)}" if found.later_amount else ""
    lead = sentence_case(out_of(found.later, found.deals, "open deal"))
    return f"{lead} {verb} later than the CRM says at the usual pace{amount}"


def risks(store: Store, company: Company, scope: Scope) -> pd.DataFrame:
    """For the risk list: the deals ahead of their evidence. Columns: id, name, owner, amount, at_stake, why."""
    frame = against_evidence(store, company, scope)
    frame = frame[frame["is_ahead"]]
    why = [
        f"claims {row['stage']}, evidence for {row['justified']}: {row['missing']} missing"
        for row in frame.to_dict("records")
    ]
    return frame[["id", "name", "owner", "amount", "at_stake"]].assign(why=why)
