"""What the page of the meeting asks the store; the walk is worked out anew only where more than the meeting changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final

from tas_analytics.metrics.company import Company
from tas_analytics.metrics.hierarchy import EVERYBODY, of_leader
from tas_analytics.metrics.scope import Scope
from tas_analytics.review import decisions as deciding, meeting
from tas_analytics.review.buckets import BUCKETS
from tas_analytics.review.changes import changed_deals
from tas_analytics.review.decisions import Decision
from tas_analytics.review.inspection import Answer, Question
from tas_analytics.review.inspection_data import Inspected, answered_before, answers, inspect
from tas_analytics.review.meeting import Minutes, Stop
from tas_analytics.review.risks import Risks, risks
from tas_analytics.review.sentences import happened
from tas_analytics.store import Store
from tas_analytics.ui import board
from tas_analytics.ui.session import View

_MOVED: Final = tuple(one.key for one in BUCKETS if one.key not in {"unchanged", "currency"})
_OWN_TABLES: Final = ("reviews", "decisions", "inspection_answers")


def scope_of(view: View, leader: str) -> Scope:
    """The deals of a leader's meeting."""
    return of_leader(view.scope, board.people(view), leader)


def leader_named(leader: str) -> str:
    """The leader as the reviews name one: blank for everybody."""
    return "" if leader == EVERYBODY else leader


def since(view: View) -> dt.date | None:
    """The day of the last review; where none was held, about a week before."""
    return deciding.last_review(view.store, view.scope.as_of) or view.company.week_before(view.scope.as_of)


def walk(view: View, scope: Scope, limit: int) -> list[Stop]:
    """The deals that matter."""
    return _walk(view.store, _state(view.store), view.company, scope, since(view), limit)


def at_risk(view: View, scope: Scope) -> Risks:
    """What is at risk among the meeting's deals."""
    return _risks(view.store, _state(view.store), view.company, scope)


def questions(view: View, stops: Sequence[Stop], deal_id: str) -> tuple[list[Question], list[Answer]]:
    """The questions about a deal of the walk with all answers up to now, and the last answers to other questions.

    The sheets of the walk are written at once.
    """
    ids = tuple(one.deal_id for one in stops)
    found = _sheets(view.store, _state(view.store), view.company, view.scope.as_of, ids)
    given = answers(view.store, view.scope.as_of, [deal_id]).get(deal_id, {})
    asked = [replace(one, answers=given.get(one.code, ())) for one in found.sheets.get(deal_id, ())]
    return asked, answered_before(given, asked, view.scope.as_of)


def minutes(view: View, scope: Scope, held_on: dt.date, leader: str) -> Minutes:
    """What is kept of the review of a day."""
    return _minutes(view.store, view.version, view.company, scope, held_on, leader_named(leader))


def last_decisions(view: View, scope: Scope) -> tuple[dt.date | None, list[Decision]]:
    """The day of the last review, and what it decided, judged as of today."""
    day = deciding.last_review(view.store, view.scope.as_of)
    return day, ([] if day is None else list(_decisions(view.store, view.version, view.company, scope, day)))


def movement(view: View, deal_id: str) -> list[str]:
    """What happened to a deal since the last review, in words."""
    day = since(view)
    if day is None:
        return []
    rows = _moved(view.store, _state(view.store), view.company, view.scope.where("deal", deal_id), day)
    told = [happened(row, view.company.currency, view.scope.as_of.year) for row in rows]
    return [text for text in told if text != "Amount unchanged"]


def _state(store: Store) -> tuple[int, int]:
    """A number that changes whenever anything but the meeting's own records does.

    Actions agreed in it are activities, as others that are entered in the app: with them the questions would change
    while they are being answered, and a deal would leave the walk because somebody is to call the customer.
    """
    rows = store.rows(
        "select coalesce(max(load_id), 0), count(undone_at) from load where not list_contains($own, table_name) "
        "and not (table_name = 'activities' and source = 'app')",
        {"own": list(_OWN_TABLES)},
    )
    return int(rows[0][0]), int(rows[0][1])


@lru_cache(maxsize=16)
def _risks(store: Store, _state: tuple[int, int], company: Company, scope: Scope) -> Risks:
    return risks(store, company, scope)


@lru_cache(maxsize=16)
def _walk(
    store: Store, state: tuple[int, int], company: Company, scope: Scope, day: dt.date | None, limit: int
) -> list[Stop]:
    known = day is not None and day in company.days
    moved = changed_deals(store, company, day, scope, _MOVED) if day is not None and known else []
    held = deciding.last_review(store, scope.as_of)
    judged = deciding.decisions(store, company, scope, on=held) if held is not None else []
    missed = [one for one in judged if one.outcome == "no"]
    return meeting.agenda(_risks(store, state, company, scope), moved, limit, missed)


@lru_cache(maxsize=16)
def _sheets(
    store: Store, _state: tuple[int, int], company: Company, as_of: dt.date, deal_ids: tuple[str, ...]
) -> Inspected:
    return inspect(store, company, as_of, deal_ids)


@lru_cache(maxsize=16)
def _minutes(store: Store, _version: int, company: Company, scope: Scope, held_on: dt.date, leader: str) -> Minutes:
    return meeting.minutes(store, company, scope, held_on, leader)


@lru_cache(maxsize=16)
def _decisions(store: Store, _version: int, company: Company, scope: Scope, day: dt.date) -> tuple[Decision, ...]:
    return tuple(deciding.decisions(store, company, scope, on=day))


@lru_cache(maxsize=32)
def _moved(store: Store, _state: tuple[int, int], company: Company, scope: Scope, day: dt.date) -> list[dict[str, Any]]:
    return changed_deals(store, company, day, scope)
