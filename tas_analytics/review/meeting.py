"""The weekly review as a walk: which deals are looked at, and what is kept of it.

What a meeting keeps are entries like any other: answers, notes and decisions in tables of their own, actions as
activities of the type "Review action", so that they stand in their owner's list, in the deal's plan and in the calendar
too. Everything is dated with the day of the data that the meeting looks at.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from tas_analytics.errors import TasError
from tas_analytics.formats import count, money
from tas_analytics.ingest.loading.entry import enter, withdraw
from tas_analytics.metrics import activities
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.scope import Scope
from tas_analytics.review.buckets import bucket
from tas_analytics.review.decisions import ACTION, Decision, decisions, kind_of
from tas_analytics.review.risks import Risks
from tas_analytics.store.database import Store

#: So many deals are gone through unless the leader wants more or fewer.
DEALS: Final = 8
_LONGEST: Final = 2000


@dataclass(frozen=True)
class Stop:
    """A deal of the walk: ``effect`` is what the forecast would lose or has lost with it, ``why`` what leads there."""

    deal_id: str
    name: str
    owner: str | None
    stage: str | None
    amount: float | None
    effect: float
    why: str


def agenda(
    found: Risks, moved: Sequence[Mapping[str, Any]], limit: int = DEALS, missed: Sequence[Decision] = ()
) -> list[Stop]:
    """The deals that matter, largest effect on the period's forecast first.

    Parameters
    ----------
    found
        The deals at risk.
    moved
        The deals that moved since the last review, as :func:`changed_deals` gives them; those still open count with
        what moved: a deal pushed out of the period is lost to its forecast.
    limit
        How many deals there is time for.
    missed
        Decisions of the last review that did not come true: their deals are talked about in any case.
    """
    stops: dict[str, Stop] = {}
    for row in found.deals.to_dict("records"):
        stops[row["id"]] = Stop(
            row["id"], row["name"], row["owner"], row["stage"],
            None if pd.isna(row["amount"]) else float(row["amount"]), float(row["effect"]),
            count(int(row["risks"]), "risk"),
        )  # fmt: skip
    for move in moved:
        if move["status_now"] != "open" or move["bucket"] == "unchanged":
            continue
        effect, said = abs(float(move["effect"])), bucket(str(move["bucket"])).label.lower()
        known = stops.get(move["opportunity_id"])
        if known is not None:
            stops[known.deal_id] = Stop(
                known.deal_id, known.name, known.owner, known.stage, known.amount, max(known.effect, effect),
                f"{known.why}, {said}",
            )  # fmt: skip
        else:
            stops[move["opportunity_id"]] = Stop(
                move["opportunity_id"], move["name"], move["owner_after"], move["stage_after"],
                max(float(move["after"]), float(move["before"])), effect, said,
            )  # fmt: skip
    ranked = sorted(stops.values(), key=lambda one: (-one.effect, one.name, one.deal_id))
    broken = {one.deal_id: one for one in missed}
    walk = [one for place, one in enumerate(ranked) if place < limit or one.deal_id in broken]
    known_ids = {one.deal_id for one in walk}
    walk += [
        Stop(one.deal_id, one.deal, one.owner, None, one.amount, 0.0, "decision did not come true")
        for one in broken.values() if one.deal_id not in known_ids and one.is_open
    ]  # fmt: skip
    return walk


@dataclass(frozen=True)
class Entry:
    """Something that was said in the meeting.

    ``kind`` is answer, note, decide, undecide, action, done or time. ``ident`` names an action, so that the same entry
    twice is one action.
    """

    kind: str
    deal_id: str = ""
    text: str = ""
    ident: str = ""
    question: str = ""
    asked: str = ""
    fact: str = ""
    owner: str = ""
    due: dt.date | None = None
    seconds: int = 0


@dataclass(frozen=True)
class Kept:
    """What is kept of one deal, or of the meeting as a whole (``deal_id`` is blank)."""

    deal_id: str
    note: str
    seconds: int
    author: str | None


@dataclass(frozen=True)
class Minutes:
    """Everything that is kept of the review of a day: by deal, its decisions, and the actions agreed then."""

    held_on: dt.date
    kept: Mapping[str, Kept]
    decisions: tuple[Decision, ...]
    actions: pd.DataFrame
    answered: Mapping[str, int]

    @property
    def deals(self) -> set[str]:
        """The deals of which anything is kept."""
        found = set(self.kept) | {one.deal_id for one in self.decisions} | set(self.answered)
        return (found | {str(one) for one in self.actions["deal_id"].dropna()}) - {""}

    @property
    def nothing(self) -> bool:
        """Whether nothing is kept of that day."""
        return not (self.kept or self.decisions or self.answered or len(self.actions))


def minutes(store: Store, company: Company, scope: Scope, held_on: dt.date, leader: str = "") -> Minutes:
    """What is kept of the review of a day, of the deals of a scope, judged as of the scope's day."""
    rows = store.rows(
        """
        select coalesce(o.natural_key, ''), r.note, r.seconds, coalesce(r.author, l.loaded_by) from review_version r
        left join record o on o.table_name = 'opportunities' and o.record_key = r.opportunity_key
        left join load l on l.load_id = r.load_id
        where r.valid_to is null and r.held_on = $day and coalesce(r.leader, '') = $leader
            and (r.opportunity_id is null or o.natural_key is not null)
        """,
        {"day": held_on, "leader": leader},
    )
    kept = {row[0]: Kept(row[0], row[1] or "", int(row[2] or 0), row[3]) for row in rows}
    actions = activities.of_type(store, company, scope, ACTION)
    if not scope.filters:
        actions = pd.concat([actions, activities.without_deal(store, scope.as_of, ACTION)], ignore_index=True)
    actions = actions[pd.to_datetime(actions["created_date"]) == pd.Timestamp(held_on)].reset_index(drop=True)
    answered = store.rows(
        """
        select o.natural_key, count(*) from inspection_answer_version a
        join record o on o.table_name = 'opportunities' and o.record_key = a.opportunity_key
        where a.valid_to is null and a.answer is not null and a.answered_on = $day group by 1
        """,
        {"day": held_on},
    )
    return Minutes(
        held_on, kept, tuple(decisions(store, company, scope, on=held_on)), actions,
        {row[0]: int(row[1]) for row in answered},
    )  # fmt: skip


def keep(store: Store, today: dt.date, entries: Iterable[Entry], *, author: str, leader: str = "") -> list[int]:
    """Enter what was said, all or nothing; gives the numbers of the loads.

    Raises
    ------
    TasError
        An entry cannot be taken: nothing is kept.
    """
    groups: list[tuple[str, list[dict[str, object]]]] = []
    for one in entries:
        text = one.text.strip()[:_LONGEST] or None
        table, row = _row(one, text, today, author, leader)
        # What follows another of its kind is entered with it: one load instead of five.
        if groups and groups[-1][0] == table and tuple(groups[-1][1][0]) == tuple(row):
            groups[-1][1].append(row)
        else:
            groups.append((table, [row]))
    with store.transaction():
        return [
            enter(store, table, rows, author=author)
            if table
            else withdraw(store, "decisions", [str(row["record"]) for row in rows], author=author)
            for table, rows in groups
        ]


def _row(one: Entry, text: str | None, today: dt.date, author: str, leader: str) -> tuple[str, dict[str, object]]:
    if one.kind == "undecide":
        return "", {"record": one.ident}
    deal = one.deal_id or None
    reviewed: dict[str, object] = {"held_on": today, "leader": leader or None, "opportunity_id": deal}
    if one.kind == "answer":
        return "inspection_answers", {
            "opportunity_id": deal, "question": one.question, "answered_on": today, "asked": one.asked or None,
            "fact": one.fact or None, "answer": text, "author": author,
        }  # fmt: skip
    if one.kind == "note":
        return "reviews", reviewed | {"note": text, "author": author}
    if one.kind == "time":
        return "reviews", reviewed | {"seconds": one.seconds, "author": author}
    if one.kind == "decide":
        kind = kind_of(one.question).code
        return "decisions", {
            "opportunity_id": deal, "decided_on": today, "kind": kind, "note": text, "author": author,
        }  # fmt: skip
    if one.kind == "action":
        if text is None:
            raise TasError("The action has no text", "Say what is to be done.")
        return "activities", {
            "activity_id": f"review-{one.ident}", "opportunity_id": deal, "subject": text, "type": ACTION,
            "display": "to do", "owner": one.owner or author, "created_by": author, "status": "Planned",
            "due_date": one.due, "created_date": today,
        }  # fmt: skip
    if one.kind == "done":
        return "activities", {"activity_id": one.ident, "status": "Done", "done_date": today}
    raise TasError("That cannot be kept", "Load the page again.")


def spoken(stop: Stop, currency: str) -> str:
    """A stop of the walk in a few words: amount, owner, stage, why."""
    parts = [None if stop.amount is None else money(stop.amount, currency), stop.owner, stop.stage, stop.why]
    return " · ".join(part for part in parts if part)


def headline(stops: Sequence[Stop], done: int, currency: str) -> str:
    """How far the meeting is, and what hangs on the deals of its walk."""
    if not stops:
        return "No deal has to be talked about: none is at risk, and none has moved"
    effect = money(sum(one.effect for one in stops), currency)
    lead = f"{count(len(stops), 'deal')} to talk about, on which {effect} of the forecast hangs"
    return f"{lead}; {done} of {len(stops)} done" if done else lead
