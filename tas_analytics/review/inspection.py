"""The questions to ask about a deal this week: three to five, each with the fact that raised it.

The rules are pure: what is known of a deal goes in, questions come out, the same for the same facts. Words are data
(``inspection.toml``; the risk list's rules and the criteria bring their own). Of each topic only the weightiest
question is asked, so no two ask for the same thing.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from tas_analytics.formats import as_day, day, exact_money, money, within_sentence
from tas_analytics.review.decisions import Decision
from tas_analytics.review.flows import called
from tas_analytics.review.risk_rules import Rule

MOST: Final = 5
LEAST: Final = 3
#: Questions of less weight are asked only where there would be fewer than three.
_FILLING: Final = 20.0
#: A deal younger than this that is to close within as many days is asked about.
_YOUNG: Final = 30
_OWN_RULE: Final = 60.0
_ORDER: Final = {"omitted": 0, "pipeline": 1, None: 1, "best_case": 2, "commit": 3}


@dataclass(frozen=True)
class Answer:
    """What was answered to a question on a day."""

    day: dt.date
    text: str
    author: str | None
    asked: str | None = None


@dataclass(frozen=True)
class Question:
    """One question: ``code`` finds its answers again; ``tab`` of the deal's page shows the fact."""

    code: str
    topic: str
    text: str
    fact: str
    tab: str
    weight: float
    answers: tuple[Answer, ...] = ()


@dataclass(frozen=True)
class Known:
    """What is known of a deal that may raise a question.

    Parameters
    ----------
    deal
        ``stage``, ``category``, ``amount``, ``close_date``, ``created_date``, ``next_step``.
    today, since, currency
        The day shown, the day of the last review (or a week before), and the reporting currency.
    risks
        The rules of the risk list that it meets, each with its fact.
    move
        What changed since then: ``<column>_before`` and ``_after`` of close_date, stage, owner and own_amount,
        ``category_then``, ``category_now``, ``position_then``, ``position_now``; None where it was not known then.
    debrief
        ``step``, ``step_on``, ``evidence``, ``activity``, ``activity_due``, ``is_overdue``, ``preparation``.
    keeps_steps, keeps_work
        Whether the company records milestones, and activities other than those that reviews agree on.
    unknown
        The unknown criterion on which most hangs: ``number``, ``criterion``, ``ask``, ``why``; None if none.
    assessed
        Whether the company assesses deals, and whether this one was: None, False or True.
    roles
        The buying roles on its organisation map, as letters; None where there is no map.
    has_contact
        Whether any person at the customer is recorded; None where the company records none.
    late
        Actions of reviews that are overdue: ``subject``, ``owner``, ``due_on``.
    missed
        Decisions of the last review that did not come true.
    answers
        Earlier answers by question, the newest first.
    """

    deal: Mapping[str, Any]
    today: dt.date
    since: dt.date | None
    currency: str
    risks: Sequence[tuple[Rule, str]] = ()
    move: Mapping[str, Any] | None = None
    debrief: Mapping[str, Any] | None = None
    keeps_steps: bool = True
    keeps_work: bool = True
    unknown: Mapping[str, Any] | None = None
    assessed: bool | None = None
    roles: str | None = None
    has_contact: bool | None = None
    late: Sequence[Mapping[str, Any]] = ()
    missed: Sequence[Decision] = ()
    answers: Mapping[str, tuple[Answer, ...]] = field(default_factory=dict)


def sheet(known: Known) -> list[Question]:
    """The questions about a deal, the weightiest first: at most five, at least three."""
    candidates = sorted(_candidates(known), key=lambda one: (-one.weight, one.code))
    chosen: list[Question] = []
    topics: set[str] = set()
    for one in candidates:
        enough = len(chosen) >= (LEAST if one.weight < _FILLING else MOST)
        if one.topic not in topics and not enough:
            chosen.append(one)
            topics.add(one.topic)
    return chosen


def _candidates(known: Known) -> Iterator[Question]:
    yield from _agreed(known)
    yield from _risky(known)
    yield from _moved(known)
    yield from _debriefed(known)
    yield from _unknown(known)
    yield from _missing(known)
    yield from _always(known)


def _agreed(known: Known) -> Iterator[Question]:
    if known.late:
        first = known.late[0]
        yield _ask(
            known, "action_overdue", subject=first["subject"], who=first["owner"] or "nobody",
            due=_date(first["due_on"], known),
        )  # fmt: skip
    if known.missed:
        one = known.missed[0]
        said = f"{one.kind.verb}{f' ({one.note})' if one.note else ''}"
        yield _ask(known, "decision_missed", day=_date(one.decided_on, known), decision=said, outcome=one.said)


def _risky(known: Known) -> Iterator[Question]:
    places = _words()["rule"]
    for one, fact in known.risks:
        place = places.get(one.code, {"topic": one.code, "tab": "Overview", "weight": _OWN_RULE})
        text = one.ask or f"What do we do about it: {one.name}?"
        yield Question(
            one.code, place["topic"], text, fact, place["tab"], float(place["weight"]), known.answers.get(one.code, ())
        )


def _moved(known: Known) -> Iterator[Question]:
    move = known.move
    created, close = as_day(known.deal.get("created_date")), as_day(known.deal.get("close_date"))
    young = created is not None and close is not None and (known.today - created).days < _YOUNG
    if young and close is not None and 0 <= (close - known.today).days <= _YOUNG:
        yield _ask(known, "new_deal", created=_date(created, known), close=_date(close, known))
    if move is None or known.since is None:
        return
    was, now = as_day(move["close_date_before"]), as_day(move["close_date_after"])
    if was is not None and now is not None and was != now:
        code = "date_moved" if now > was else "date_sooner"
        yield _change(known, code, _date(was, known), _date(now, known))
    before, after = move["category_then"], move["category_now"]
    if before != after:
        code = "category_up" if _ORDER.get(after, 1) > _ORDER.get(before, 1) else "category_down"
        yield _change(known, code, called(before), called(after))
    places = move["position_then"], move["position_now"]
    if move["stage_before"] != move["stage_after"] and None not in places and places[0] != places[1]:
        code = "stage_forward" if places[1] > places[0] else "stage_back"
        yield _change(known, code, move["stage_before"], move["stage_after"])
    amounts = move["own_amount_before"], move["own_amount_after"]
    if None not in amounts and amounts[0] != amounts[1] and move["currency_before"] == move["currency_after"]:
        code = "amount_up" if amounts[1] > amounts[0] else "amount_down"
        currency = move["currency_after"] or known.currency
        yield _change(known, code, *(exact_money(float(one), currency) for one in amounts))
    if move["owner_before"] != move["owner_after"]:
        yield _change(known, "owner_changed", move["owner_before"] or "nobody", move["owner_after"] or "nobody")


def _debriefed(known: Known) -> Iterator[Question]:
    found = known.debrief
    if found is None:
        return
    # A company that records no milestones, or no activities, is not told so deal by deal.
    if found["step"] and not found["evidence"]:
        yield _ask(known, "no_proof", step=found["step"])
    elif not found["step"] and known.keeps_steps:
        yield _ask(known, "no_step")
    if not found["activity"]:
        if known.keeps_work:
            yield _ask(known, "nothing_under_way")
    elif found["is_overdue"]:
        yield _ask(known, "under_way_late", activity=found["activity"], due=_date(found["activity_due"], known))
    elif not found["preparation"]:
        yield _ask(known, "not_prepared", activity=found["activity"])


def _unknown(known: Known) -> Iterator[Question]:
    if known.assessed is False:
        yield _ask(known, "never_assessed")
    elif known.assessed and known.unknown is not None:
        one = known.unknown
        found = _ask(
            known,
            "unknown",
            ask=one["ask"],
            criterion=within_sentence(one["criterion"]),
            why=one["why"] or "never rated",
        )
        code = f"criterion_{one['number']}"
        yield Question(code, found.topic, found.text, found.fact, found.tab, found.weight, known.answers.get(code, ()))


def _missing(known: Known) -> Iterator[Question]:
    if known.roles is not None:
        if "A" not in known.roles:
            yield _ask(known, "no_approver")
        if "D" not in known.roles:
            yield _ask(known, "no_decision_maker")
    elif known.has_contact is False:
        yield _ask(known, "no_contact")


def _always(known: Known) -> Iterator[Question]:
    close = as_day(known.deal.get("close_date"))
    when = f"Closes on {_date(close, known)}" if close else "No close date"
    yield _ask(known, "what_must_happen", close=when, stage=known.deal["stage"])
    step = (known.debrief or {}).get("step")
    if step:
        on = as_day((known.debrief or {}).get("step_on"))
        yield _ask(known, "last_step", step=step, on=f" on {_date(on, known)}" if on else "")
    following = known.deal.get("next_step")
    yield _ask(known, "next_step", next=f"Next step in the CRM: {following}" if following else "No next step is known")
    amount = known.deal.get("amount")
    yield _ask(known, "could_lose", amount="No amount" if amount is None else money(float(amount), known.currency))


def _change(known: Known, code: str, was: str, now: str) -> Question:
    since = "" if known.since is None else _date(known.since, known)
    return _ask(known, code, was=was, now=now, since=since)


def _ask(known: Known, code: str, **slots: str) -> Question:
    """A question of the data with its slots filled; what is filled in may hold braces of its own."""
    row = _words()["question"][code]
    return Question(
        code, row["topic"], row["ask"].format(**slots), row["fact"].format(**slots), row["tab"], float(row["weight"]),
        known.answers.get(code, ()),
    )  # fmt: skip


def _date(value: Any, known: Known) -> str:
    found = as_day(value)
    return "no date" if found is None else day(found, year=found.year != known.today.year)


@cache
def _words() -> dict[str, dict[str, dict[str, Any]]]:
    return tomllib.loads((Path(__file__).parent / "inspection.toml").read_text(encoding="utf-8"))


def codes() -> tuple[str, ...]:
    """The short names of all questions that have words of their own."""
    return tuple(_words()["question"])
