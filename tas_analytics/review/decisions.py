"""What reviews decided about deals, and whether it came true: judged from what the data say since.

A decision is judged by the deal as it was known on the day of the decision and as it is known now. Where no newer day
is known it is too early; where the data cannot tell, nobody is blamed.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

from tas_analytics.formats import as_day, count, day, sentence_case, within_sentence
from tas_analytics.metrics import activities, relation
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.deals import NAME
from tas_analytics.metrics.periods import FiscalCalendar
from tas_analytics.metrics.scope import Scope
from tas_analytics.review.flows import called
from tas_analytics.store.database import Store

#: The type of an activity that a review agreed on.
ACTION: Final = "Review action"
Outcome = Literal["yes", "no", "early", "unknown"]


@dataclass(frozen=True)
class Kind:
    """One kind of decision."""

    code: str
    label: str
    verb: str


@cache
def kinds() -> tuple[Kind, ...]:
    """The kinds of decisions in their order."""
    data = tomllib.loads((Path(__file__).parent / "decision_kinds.toml").read_text(encoding="utf-8"))
    return tuple(Kind(row["code"], row["label"], row["verb"]) for row in data["kind"])


#: Decisions about the category, which mean nothing where no deal has one.
_OF_CATEGORY: Final = frozenset({"keep_commit", "move_in", "move_out"})


def kinds_for(*, has_categories: bool) -> tuple[Kind, ...]:
    """The kinds of decisions that a company can take, by whether its deals have forecast categories."""
    return tuple(one for one in kinds() if has_categories or one.code not in _OF_CATEGORY)


def kind_of(text: str | None) -> Kind:
    """The kind of that code or label; any other word is a kind of its own."""
    word = "_".join((text or "").strip().lower().split())
    found = next((one for one in kinds() if word in {one.code, "_".join(one.label.lower().split())}), None)
    return found or Kind(word or "other", sentence_case((text or "Other").strip()), (text or "other").strip())


@dataclass(frozen=True)
class Decision:
    """A decision with its judgement: ``outcome`` and the fact behind it in words."""

    deal_id: str
    deal: str
    owner: str | None
    amount: float | None
    kind: Kind
    note: str | None
    decided_on: dt.date
    author: str | None
    outcome: Outcome
    said: str
    record: str
    is_open: bool = True


def days_of_reviews(store: Store, as_of: dt.date) -> list[dt.date]:
    """The days of reviews of which anything is kept, newest first, up to a day."""
    rows = store.rows(
        """
        select distinct day from (
            select decided_on as day from decision_version where valid_to is null
            union all select held_on from review_version where valid_to is null
            union all select answered_on from inspection_answer_version where valid_to is null and answer is not null
        ) where day <= $as_of order by day desc
        """,
        {"as_of": as_of},
    )
    return [row[0] for row in rows]


def last_review(store: Store, as_of: dt.date) -> dt.date | None:
    """The day of the newest review before a day."""
    return next((one for one in days_of_reviews(store, as_of) if one < as_of), None)


def decisions(
    store: Store, company: Company, scope: Scope, *, on: dt.date | None = None, deal_id: str | None = None
) -> list[Decision]:
    """The decisions on the deals of a scope up to its day, newest first, each judged as of that day.

    Parameters
    ----------
    store, company, scope
        Whose deals; the scope's period chooses none: a deal that was pushed out is the very one to look at.
    on
        Only the decisions of this day.
    deal_id
        Only those of this deal.
    """
    anywhere = scope.within(None)
    inner = relation.deals(
        company, anywhere, ("deal", "account", "owner", "product"), {"amount", "category", "close_date"},
        extra=f"{NAME} as name, v.next_step, ",
    )  # fmt: skip
    ctes = "".join(f"{text}, " for text in relation.base_ctes(company, scope.as_of, inner.leans_on))
    frame = store.frame(
        f"""
        with {ctes} now as ({inner.sql}),
        said as (
            select d.*, r.natural_key as record, l.loaded_by from decision_version d
            join record r on r.table_name = 'decisions' and r.record_key = d.record_key
            left join load l on l.load_id = d.load_id
            where d.valid_to is null and d.opportunity_key is not null and d.decided_on <= $as_of
                and ($on is null or d.decided_on = $on)
        ),
        worked as (
            select deal_key, max(least(coalesce(done_date, cast(start_date as date), due_date), $as_of)) as worked_on
            from ({activities.known(scope.as_of)}) where is_done and deal_key is not null group by deal_key
        ),
        rated as (
            select opportunity_key as deal_key, max(assessed_on) as rated_on from assessment_version a
            where {relation.at("a", scope.as_of)} and competitor is null and assessed_on <= $as_of group by 1
        )
        select n.by_deal as id, n.name, n.by_owner as owner, cast(n.amount as double) as amount, n.status, n.category,
            n.close_date, n.next_step, said.decided_on, said.kind, said.note, coalesce(said.author, said.loaded_by) as
            author, said.record, worked.worked_on, rated.rated_on
        from said join now n on n.deal_key = said.opportunity_key
        left join worked on worked.deal_key = n.deal_key left join rated on rated.deal_key = n.deal_key
        where $deal is null or n.by_deal = $deal
        order by said.decided_on desc, amount desc nulls last, n.name, said.kind
        """,
        {**activities.words(), **inner.params, "as_of": scope.as_of, "on": on, "deal": deal_id},
    )
    frame = frame.astype(object).where(frame.notna(), None)
    then = _then(
        store, company, anywhere, sorted({as_day(value) for value in frame["decided_on"]}), frame["id"].tolist()
    )
    return [_judged(row, then.get((str(row["id"]), as_day(row["decided_on"]))), company, scope.as_of)
            for row in frame.to_dict("records")]  # fmt: skip


@dataclass(frozen=True)
class Facts:
    """What a decision is judged by.

    ``then`` and ``now`` hold ``status``, ``category``, ``close_date`` and ``next_step`` on both days, now also
    ``worked_on`` and ``rated_on``; ``then`` is None where the deal was not known. The calendar says which dates lie in
    the same quarter.
    """

    then: Mapping[str, Any] | None
    now: Mapping[str, Any]
    calendar: FiscalCalendar
    decided: dt.date
    today: dt.date

    @property
    def was(self) -> dt.date | None:
        """The close date on the day of the decision."""
        return None if self.then is None else self.then["close_date"]

    @property
    def close(self) -> dt.date | None:
        """The close date now."""
        found: dt.date | None = self.now["close_date"]
        return found

    @property
    def has_moved(self) -> bool:
        """Whether the close date is another one now."""
        return self.then is not None and self.was != self.close

    @property
    def has_left(self) -> bool:
        """Whether it has left the quarter in which it was to close: whatever its category, there it counts no more."""
        if not self.has_moved or self.was is None:
            return False
        return self.close is None or self.close >= self.calendar.quarter_of(self.was).end

    @property
    def dates(self) -> str:
        """The move of the close date in words."""
        return f"Close date moved from {_said(self.was)} to {_said(self.close)}"

    @property
    def leaving(self) -> str:
        """That it has left its quarter, in words."""
        return f"It left the quarter: {within_sentence(self.dates)}"

    @property
    def place(self) -> str:
        """The category now in words."""
        return f"It is in {called(self.now['category'])}"


def judge(kind: str, facts: Facts) -> tuple[Outcome, str]:
    """Whether a decision of a kind came true, and the fact that says so."""
    if facts.today <= facts.decided:
        return "early", "Decided today"
    if facts.now["status"] != "open":
        was_won = facts.now["status"] == "won"
        meant = kind not in {"close_lost", "move_out"}
        said = f"{'Won' if was_won else 'Lost'} on {_said(facts.close)}"
        return ("yes" if was_won == meant else "no"), said
    rule = _JUDGES.get(kind)
    return rule(facts) if rule else ("unknown", "The data cannot tell")


def _in_commit(facts: Facts) -> tuple[Outcome, str]:
    if facts.now["category"] != "commit":
        return "no", facts.place
    return ("no", facts.leaving) if facts.has_left else ("yes", facts.place)


def _out_of_commit(facts: Facts) -> tuple[Outcome, str]:
    if facts.now["category"] != "commit":
        return "yes", facts.place
    return ("yes", facts.leaving) if facts.has_left else ("no", "It is still in commit")


def _date_held(facts: Facts) -> tuple[Outcome, str]:
    if facts.then is None:
        return "unknown", "The deal was not known on the day of the decision"
    if facts.has_moved and (facts.close is None or facts.was is None or facts.close > facts.was):
        return "no", facts.dates
    if facts.close is not None and facts.close < facts.today:
        return "no", f"The close date, {_said(facts.close)}, has passed"
    return "yes", facts.dates if facts.has_moved else f"The close date is still {_said(facts.close)}"


def _date_moved(facts: Facts) -> tuple[Outcome, str]:
    if facts.then is None:
        return "unknown", "The deal was not known on the day of the decision"
    return ("yes", facts.dates) if facts.has_moved else ("no", f"The close date is still {_said(facts.close)}")


def _chased(facts: Facts) -> tuple[Outcome, str]:
    worked, step = facts.now["worked_on"], facts.now["next_step"]
    if worked is not None and worked > facts.decided:
        return "yes", f"An activity was done on {_said(worked)}"
    if facts.then is not None and step and step != facts.then["next_step"]:
        return "yes", "The next step is a new one"
    return "no", "No activity was done since, and the next step is the same"


def _reassessed(facts: Facts) -> tuple[Outcome, str]:
    rated = facts.now["rated_on"]
    if rated is not None and rated > facts.decided:
        return "yes", f"Assessed on {_said(rated)}"
    return "no", "Not assessed since"


#: How a decision about a deal that is still open is judged, by its kind.
_JUDGES: Final[Mapping[str, Callable[[Facts], tuple[Outcome, str]]]] = {
    "keep_commit": _in_commit,
    "move_in": _in_commit,
    "move_out": _out_of_commit,
    "hold_date": _date_held,
    "move_date": _date_moved,
    "chase": _chased,
    "reassess": _reassessed,
    "close_lost": lambda _facts: ("no", "It is still open"),
}


def came_true(found: Sequence[Decision]) -> str:
    """How many decisions came true, in a sentence."""
    if not found:
        return "No decision is kept of an earlier review"
    judged = [one for one in found if one.outcome in {"yes", "no"}]
    when = day(found[0].decided_on, year=False)
    if not judged:
        return f"{sentence_case(count(len(found), 'decision'))} of {when}, none of which can be judged yet"
    true = sum(one.outcome == "yes" for one in judged)
    return f"{true} of {count(len(judged), 'decision')} of {when} came true"


def _judged(row: Mapping[Any, Any], then: Mapping[str, Any] | None, company: Company, today: dt.date) -> Decision:
    kind, decided = kind_of(row["kind"]), as_day(row["decided_on"])
    now = {name: row[name] for name in ("status", "category", "next_step")}
    now |= {name: as_day(row[name]) for name in ("close_date", "worked_on", "rated_on")}
    outcome, said = judge(kind.code, Facts(then, now, company.calendar, decided, today))
    return Decision(
        str(row["id"]), str(row["name"]), row["owner"], row["amount"], kind, row["note"], decided, row["author"],
        outcome, said, str(row["record"]), row["status"] == "open",
    )  # fmt: skip


def _then(
    store: Store, company: Company, scope: Scope, days: Sequence[dt.date], ids: Sequence[str]
) -> dict[tuple[str, dt.date], dict[str, Any]]:
    """The deals as they were known on the days of their decisions."""
    found: dict[tuple[str, dt.date], dict[str, Any]] = {}
    for one in days:
        inner = relation.deals(
            company, Scope(one), ("deal",), {"category", "close_date"}, extra="v.next_step, ",
            only="list_contains($asked, oid.natural_key)",
        )  # fmt: skip
        frame = store.frame(
            f"select by_deal as id, status, category, close_date, next_step from ({inner.sql})",
            {**inner.params, "asked": list(dict.fromkeys(ids))},
        )
        frame = frame.astype(object).where(frame.notna(), None)
        for row in frame.to_dict("records"):
            found[str(row["id"]), one] = {
                "status": row["status"], "category": row["category"], "next_step": row["next_step"],
                "close_date": as_day(row["close_date"]),
            }  # fmt: skip
    return found


def _said(value: dt.date | None) -> str:
    return "no date" if value is None else day(value)
