"""The debrief of one seller's deals in four questions, and how far the method is rolled out in each person's deals.

The questions: which step was last completed; what proves it; which activity of the present step is in progress; what is
prepared for it. A deal answers the first by an achieved milestone, the second by the evidence entered with it,
the third by an open activity that is not overdue, the fourth by what that activity names: resources, a person at the
customer, a start or a note.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from tas_analytics.formats import count, out_of, percent, rate, sentence_case
from tas_analytics.metrics import activities, reached, relation, touch
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.scope import Scope
from tas_analytics.store.database import Store

#: The type of an activity that a debrief ends in.
CORRECTIVE: Final = "Corrective action"
#: Days from the start of the roll-out, and the share of each person's open deals that should be worked on by then.
GOALS: Final = ((30, 0.5), (60, 1.0), (90, 1.0))
QUESTIONS: Final = ("Step last completed", "What proves it", "In progress", "Preparation")
_NAME: Final = relation.deal_name("d.own_name", "d.by_account", "d.by_product", "d.by_deal")


def debrief(store: Store, company: Company, scope: Scope) -> pd.DataFrame:
    """The open deals of a scope with their answers, largest first.

    Columns: id, name, stage, amount, close_date, step, step_on, evidence, contact, next_step (the milestone that
    follows), activity, activity_due, is_overdue, preparation, answers (how many of the four are answered).
    """
    inner = relation.deals(
        company, scope, ("deal", "account", "product"), {"amount", "close_date", "stage_key"},
        extra="v.name as own_name, s.stage as stage, ",
        only=f"s.status = 'open' and {relation.closes_in(scope.period)}",
    )  # fmt: skip
    ctes = "".join(f"{text}, " for text in relation.base_ctes(company, scope.as_of, inner.leans_on))
    # A filter leaves few deals: the milestones of the others need not be read.
    only = "select deal_key from d" if scope.filters else None
    frame = store.frame(
        f"""
        with {ctes}
        d as materialized ({inner.sql}),
        m as (select x.*, t.milestone, t.position from ({reached.reached(scope.as_of, only=only)}) x
            join milestone_type t using (milestone_key) semi join d using (deal_key)),
        done as (
            select deal_key, arg_max(milestone_key, (position, achieved_date)) as milestone_key,
                arg_max(milestone, (position, achieved_date)) as step, arg_max(achieved_date, (position, achieved_date))
                as step_on, max(position) as position
            from m where is_reached group by deal_key
        ),
        ahead as (
            select m.deal_key, arg_min(m.milestone, m.position) as next_step
            from m left join done using (deal_key)
            where not m.is_reached and m.position > coalesce(done.position, -1) group by m.deal_key
        ),
        proof as (
            select v.opportunity_key as deal_key, v.milestone_key, string_agg(distinct v.evidence, '; ') as evidence,
                any_value(v.contact) as contact
            from milestone_version v
            where {relation.at("v", scope.as_of)} and {reached.achieved("v", scope.as_of)}
                {f"and v.opportunity_key in ({only})" if only else ""} group by all
        )
        select d.by_deal as id, {_NAME} as name, d.stage,
            cast(d.amount as double) as amount, d.close_date, done.step, done.step_on, proof.evidence, proof.contact,
            ahead.next_step
        from d left join done using (deal_key) left join ahead using (deal_key)
        left join proof on proof.deal_key = done.deal_key and proof.milestone_key = done.milestone_key
        order by d.amount desc nulls last, name, id
        """,
        inner.params,
    )
    return _with_activities(frame, activities.open_ones(store, company, scope))


def _with_activities(deals: pd.DataFrame, open_ones: pd.DataFrame) -> pd.DataFrame:
    work = open_ones[(open_ones["type"] != CORRECTIVE) & open_ones["deal_id"].notna()]
    rows: dict[str, list[dict[Any, Any]]] = {}
    for row in work.to_dict("records"):
        rows.setdefault(str(row["deal_id"]), []).append(row)
    answers = [_answer(deal, rows.get(str(deal["id"]), [])) for deal in deals.to_dict("records")]
    columns = ["activity", "activity_due", "is_overdue", "preparation", "answers"]
    return deals.assign(**{name: [one[name] for one in answers] for name in columns})


def _answer(deal: dict[Any, Any], work: list[dict[Any, Any]]) -> dict[str, Any]:
    # Of the present step first, what is in progress before what is only planned; what is late comes last.
    def order(row: dict[Any, Any]) -> tuple[bool, bool, bool, str]:
        started = "progress" in str(row["status"]).lower()
        return (bool(row["is_overdue"]), row["milestone"] != deal["next_step"], not started, str(row["due_on"]))

    first = min(work, key=order, default=None)
    if first is None:
        found: dict[str, Any] = {"activity": None, "activity_due": None, "is_overdue": False, "preparation": None}
    else:
        parts = [first["resources"], first["contact"], first["note"]]
        if pd.notna(first["start_date"]):
            parts.append(f"on {first['start_date']:%d %b}".replace("on 0", "on "))
        prepared = ", ".join(str(part) for part in parts if isinstance(part, str) and part.strip())
        found = {
            "activity": first["subject"], "activity_due": first["due_on"], "is_overdue": bool(first["is_overdue"]),
            "preparation": prepared or None,
        }  # fmt: skip
    answered = (
        pd.notna(deal["step"]), pd.notna(deal["evidence"]), first is not None and not found["is_overdue"],
        found["preparation"] is not None,
    )  # fmt: skip
    return found | {"answers": sum(answered)}


def headline(person: str, rows: pd.DataFrame) -> str:
    """How many of a person's deals answer all four questions, and which answer is missing most."""
    n = len(rows)
    if not n:
        return f"{person} has no open deal in this scope"
    whole = int((rows["answers"] == len(QUESTIONS)).sum())
    if not rows["answers"].any():
        lead = "The only open deal" if n == 1 else f"None of the {n:,} open deals"
        return f"{lead} of {person} answers {'none' if n == 1 else 'any'} of the four questions"
    lead = sentence_case(out_of(whole, n, "open deal"))
    lead += f" of {person} {'answers' if n == 1 else 'answer'} all four questions"
    lacking = {
        "have no completed step": int(rows["step"].isna().sum()),
        "have a step without evidence": int((rows["step"].notna() & rows["evidence"].isna()).sum()),
        "have nothing in progress": int((rows["activity"].isna() | rows["is_overdue"]).sum()),
        "have nothing prepared": int(rows["preparation"].isna().sum()),
    }
    what, most = max(lacking.items(), key=lambda pair: pair[1])
    if most == 1:
        what = what.replace("have", "has", 1)
    return f"{lead}; {most:,} {what}" if most else lead


@dataclass(frozen=True)
class RollOut:
    """The roll-out from a start day: per person and per deal."""

    start: dt.date
    people: pd.DataFrame
    deals: pd.DataFrame


def roll_out(store: Store, company: Company, scope: Scope, start: dt.date) -> RollOut:
    """How far the open deals of each person are graded and worked on since a day.

    Returns
    -------
    RollOut
        ``people``: owner, deals, graded (assessed at least once), worked (assessed or updated from the start day on),
        by_30, by_60, by_90 (worked on by that day; blank while it has not come). ``deals``: id, name, owner, amount,
        graded_on, worked_on, missing (in words; blank where nothing is).
    """
    inner = relation.deals(
        company, scope.within(None), ("deal", "owner", "account", "product"), {"amount"}, extra="v.name as own_name, ",
        only="s.status = 'open'",
    )  # fmt: skip
    ctes = "".join(f"{text}, " for text in relation.base_ctes(company, scope.as_of, inner.leans_on))
    deals = store.frame(
        f"""
        with {ctes}
        {touch.work(scope.as_of)},
        d as ({inner.sql}),
        graded as (
            select opportunity_key as deal_key, max(assessed_on) as graded_on from assessment_version a
            where {relation.at("a", scope.as_of)} and assessed_on <= $today and competitor is null group by 1
        ),
        worked as (select deal_key, min(day) as first_on, max(day) as worked_on from work
            where day between $start and $today group by 1)
        select d.by_deal as id, {_NAME} as name,
            coalesce(d.by_owner, 'No owner') as owner, cast(d.amount as double) as amount, g.graded_on, w.first_on,
            w.worked_on
        from d left join graded g using (deal_key) left join worked w using (deal_key)
        order by d.amount desc nulls last, name, id
        """,
        {**inner.params, "start": start, "today": scope.as_of},
    )
    missing = [
        "; ".join(
            words
            for words, lacks in (("no assessment", pd.isna(graded)), ("not worked on since the start", pd.isna(worked)))
            if lacks
        )
        for graded, worked in zip(deals["graded_on"], deals["worked_on"], strict=True)
    ]
    deals["missing"] = pd.Series(missing, index=deals.index, dtype=object).replace("", None)
    return RollOut(start, _people(deals, start, scope.as_of), deals)


def _people(deals: pd.DataFrame, start: dt.date, today: dt.date) -> pd.DataFrame:
    groups = deals.groupby("owner", sort=True)
    people = groups.agg(
        deals=("id", "size"), graded=("graded_on", "count"), worked=("worked_on", "count"),
        missing=("missing", "count"),
    ).reset_index()  # fmt: skip
    for days, _ in GOALS:
        until = start + dt.timedelta(days=days)
        come = start + dt.timedelta(days=days) <= today
        by_then = (deals["first_on"] <= pd.Timestamp(until)).groupby(deals["owner"]).sum()
        people[f"by_{days}"] = people["owner"].map(by_then).astype(float) if come else None
    return people


def rolled_out(found: RollOut, today: dt.date) -> str:
    """The headline of the roll-out: where it stands against the goal of the day."""
    n, worked, graded = len(found.deals), int(found.deals["worked_on"].notna().sum()), found.deals["graded_on"].count()
    if not n:
        return "No open deal in this scope"
    day = (today - found.start).days
    if day < 0:
        return f"The roll-out begins in {count(-day, 'day')}"
    goal = next(((days, share) for days, share in GOALS if day <= days), GOALS[-1])
    behind = found.people[found.people["worked"] < goal[1] * found.people["deals"]]
    # Counts, because 211 of 212 would round to all.
    lead = (
        f"Day {day}: {worked:,} of {n:,} open deals are worked on, {rate(int(graded), n) if graded else 'none'} graded"
    )
    target = f"{percent(goal[1])} by day {goal[0]}"
    if behind.empty:
        return f"{lead}; everybody is at the goal of {target}"
    return f"{lead}; {count(len(behind), 'person is', 'people are')} below the goal of {target}"
