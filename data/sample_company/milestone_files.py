"""Milestones and activities as files, and the facts planted in them, computed from what was built."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Final

from sample_company.activities import INTRODUCTION, TARDY, Activity
from sample_company.catalogue import AS_OF, LOST, REGIONS, WON
from sample_company.company import Company
from sample_company.exports import write_table
from sample_company.facts import Json
from sample_company.milestones import CRITERIA, SPONSOR, STEPS, TERMS, Milestone

#: The chain in which the planted bottleneck is looked for: the milestones that every deal has to reach.
CHAIN: Final = tuple(step.name for step in STEPS if step.name not in ("Inbound interest", "Outbound interest", SPONSOR))
#: Milestones of the stage Solution and later: a deal with one of them has got that far.
_FAR: Final = frozenset(step.name for step in STEPS if step.stage in ("Solution", "Proof", "Close"))


def write_milestones(folder: Path, rows: Sequence[Milestone]) -> None:
    """The milestones table, as of the newest export."""
    header = ("opportunity_id", "milestone", "stage", "contact", "target_date", "achieved_date", "evidence")
    write_table(
        folder / "milestones.csv",
        header,
        (
            (r.deal.id, r.step.name, r.step.stage, r.contact, r.target.isoformat(), _iso(r.achieved), r.evidence)
            for r in rows
        ),
    )


def write_activities(folder: Path, rows: Sequence[Activity]) -> None:
    """The activities table, as of the newest export."""
    header = (
        "activity_id", "opportunity_id", "milestone", "subject", "type", "display", "owner", "created_by", "contact",
        "resources", "status", "priority", "start_date", "due_date", "done_date", "created_date", "note",
    )  # fmt: skip
    write_table(
        folder / "activities.csv",
        header,
        (
            (
                f"00T5e{a.number:07d}", a.deal.id, a.milestone, a.subject, a.type, a.display, a.owner, a.created_by,
                a.contact, a.resources, a.status, a.priority, a.start.strftime("%Y-%m-%d %H:%M") if a.start else "",
                a.due.isoformat(), _iso(a.done), a.created.isoformat(), a.note,
            )
            for a in rows
        ),
    )  # fmt: skip


def milestone_facts(company: Company, milestones: Sequence[Milestone], activities: Sequence[Activity]) -> Json:
    """What is planted, as numbers; ``data/README.md`` says how each is computed."""
    regions = {person.name: person.region for person in company.people}
    reached: dict[str, dict[str, dt.date]] = defaultdict(dict)
    ends: dict[str, str] = {}
    places: dict[str, str] = {}
    for row in milestones:
        ends[row.deal.id] = row.deal.stages.at(AS_OF)
        places[row.deal.id] = regions.get(row.deal.owners.at(AS_OF), "")
        if row.achieved:
            reached[row.deal.id][row.step.name] = row.achieved
    resolved = [deal for deal, end in ends.items() if end in (WON, LOST)]
    waiting = [row for row in milestones if row.achieved is None and ends[row.deal.id] not in (WON, LOST)]
    return {
        "rows": len(milestones),
        "deals": len(ends),
        "achieved": sum(row.achieved is not None for row in milestones),
        "pending_of_open_deals": len(waiting),
        "overdue_of_open_deals": sum(row.target < AS_OF for row in waiting),
        "sponsor": _sponsor(resolved, reached, ends),
        "steps": _steps(resolved, reached),
        "criteria_by_region": _criteria(reached, places),
        "activities": _activity_facts(activities, resolved, reached),
    }


def _sponsor(resolved: list[str], reached: dict[str, dict[str, dt.date]], ends: dict[str, str]) -> Json:
    """Won of resolved, with and without the sponsor, over the deals that got as far as the stage Solution."""
    far = [deal for deal in resolved if _FAR & reached[deal].keys()]
    result: dict[str, Json] = {}
    for name, with_it in (("with", True), ("without", False)):
        deals = [deal for deal in far if (SPONSOR in reached[deal]) is with_it]
        won = sum(ends[deal] == WON for deal in deals)
        result[name] = {"won": won, "resolved": len(deals), "rate": round(won / len(deals), 6)}
    return result


def _steps(resolved: list[str], reached: dict[str, dict[str, dt.date]]) -> Json:
    """Per step of the chain: deals that reached the first or a later one, and of them the second or a later one."""
    furthest = {
        deal: max((CHAIN.index(name) for name in reached[deal] if name in CHAIN), default=-1) for deal in resolved
    }
    result: dict[str, Json] = {}
    for at in range(len(CHAIN) - 1):
        begun = sum(place >= at for place in furthest.values())
        gone = sum(place > at for place in furthest.values())
        first, second = CHAIN[at], CHAIN[at + 1]
        days = [
            (found[second] - found[first]).days
            for found in reached.values()
            if first in found and second in found and found[second] >= found[first]
        ]
        result[f"{first} → {second}"] = {
            "reached": begun,
            "moved_on": gone,
            "rate": round(gone / begun, 6),
            "both": len(days),
            "median_days": float(median(days)),
        }
    return result


def _criteria(reached: dict[str, dict[str, dt.date]], places: dict[str, str]) -> Json:
    """Of the deals that reached the commercial terms, how many had the decision criteria, by region."""
    result: dict[str, Json] = {}
    for region in REGIONS:
        deals = [deal for deal, found in reached.items() if TERMS in found and places[deal] == region]
        had = sum(CRITERIA in reached[deal] for deal in deals)
        result[region] = {"had": had, "deals": len(deals), "share": round(had / len(deals), 6)}
    return result


def _activity_facts(rows: Sequence[Activity], resolved: list[str], reached: dict[str, dict[str, dt.date]]) -> Json:
    still = [row for row in rows if row.done is None]
    overdue = [row for row in still if row.due < AS_OF]
    by_owner = Counter(row.owner for row in overdue)
    asked = {row.deal.id for row in rows if row.subject == INTRODUCTION and row.done}
    far = [deal for deal in resolved if _FAR & reached[deal].keys()]
    introduced: dict[str, Json] = {}
    for name, with_it in (("with_sponsor", True), ("without_sponsor", False)):
        deals = [deal for deal in far if (SPONSOR in reached[deal]) is with_it]
        introduced[name] = {"asked": sum(deal in asked for deal in deals), "deals": len(deals)}
    return {
        "rows": len(rows),
        "done": len(rows) - len(still),
        "open": len(still),
        "overdue": len(overdue),
        "delegated": sum(row.owner != row.created_by for row in rows),
        "in_calendar": sum(row.start is not None for row in rows),
        "overdue_of": {TARDY: by_owner[TARDY], "next": max(n for name, n in by_owner.items() if name != TARDY)},
        "introduction": introduced,
    }


def _iso(day: dt.date | None) -> str:
    return day.isoformat() if day else ""
