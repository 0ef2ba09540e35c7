"""What is known of some deals that may raise a question, read once for all of them; and the answers that were given."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from tas_analytics.metrics import activities, relation
from tas_analytics.metrics.catalogue import catalogue
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.debrief import CORRECTIVE, debrief
from tas_analytics.metrics.open_questions import open_questions
from tas_analytics.metrics.positions import positions
from tas_analytics.metrics.scope import Scope
from tas_analytics.review import decisions as deciding
from tas_analytics.review.changes import changed_deals
from tas_analytics.review.inspection import Answer, Known, Question, sheet
from tas_analytics.review.people import known_people
from tas_analytics.review.risk_rules import rules
from tas_analytics.review.risks import risks
from tas_analytics.store.database import Store

#: Words for the buying roles besides their letters.
_ROLES: Final = {"approver": "A", "decision": "D", "evaluator": "E", "user": "U", "sponsor": "S"}
_LETTERS: Final = re.compile(r"[ADEUSadeus,;/ ]{1,12}")


@dataclass(frozen=True)
class Inspected:
    """The question sheets of some deals, and since when movements count."""

    sheets: Mapping[str, tuple[Question, ...]]
    since: dt.date | None


def inspect(
    store: Store, company: Company, as_of: dt.date, deal_ids: Sequence[str], *, scores: pd.DataFrame | None = None
) -> Inspected:
    """The sheets of some open deals as of a day; deals that are not open then have none.

    Movements count since the last review before that day; where none was held, since about a week before.
    """
    scope = Scope.of(as_of, None, {"deal": tuple(deal_ids)})
    since = deciding.last_review(store, as_of) or company.week_before(as_of)
    by_code = {one.code: one for one in rules(store)}
    found = risks(store, company, scope, scores=scores)
    at_risk = {
        row["id"]: [(by_code[code], fact) for code, fact in zip(row["codes"], row["facts"], strict=True)]
        for row in found.deals.to_dict("records")
    }
    moves = {}
    if since is not None and company.first_day is not None and since >= company.first_day:
        moves = {row["opportunity_id"]: row for row in changed_deals(store, company, since, scope)
                 if row["status_then"] == "open" == row["status_now"]}  # fmt: skip
    debriefed = _by_id(debrief(store, company, scope))
    stand = positions(store, company, scope)
    keeps = store.rows(
        "select exists (select 1 from milestone_version), exists (select 1 from activity_version "
        "where coalesce(type, '') not in ($review, $debrief))",
        {"review": deciding.ACTION, "debrief": CORRECTIVE},
    )[0]
    assesses = bool(store.rows("select 1 from assessment_profile limit 1"))
    unknown = {}
    if assesses:
        rows = open_questions(stand, catalogue(store), never_assessed=False)
        unknown = _by_id(rows.drop_duplicates("id"))
    roles, contacts = _people(store, as_of, stand.deals["deal_key"].tolist())
    late = _late(store, company, scope)
    missed = defaultdict(list)
    for decided in deciding.decisions(store, company, scope):
        if decided.outcome == "no" and decided.decided_on == since:
            missed[decided.deal_id].append(decided)
    given = answers(store, as_of, deal_ids)
    created = _created(store, as_of, deal_ids)
    deals = stand.deals.astype(object).where(stand.deals.notna(), None)
    sheets: dict[str, tuple[Question, ...]] = {}
    for row in deals.to_dict("records"):
        one = str(row["id"])
        key = int(row["deal_key"])
        deal = {str(name): value for name, value in row.items()} | created.get(one, {})
        known = Known(
            deal=deal, today=as_of, since=since, currency=company.currency, risks=at_risk.get(one, ()),
            move=moves.get(one), debrief=debriefed.get(one),
            keeps_steps=bool(keeps[0]), keeps_work=bool(keeps[1]), unknown=unknown.get(one),
            assessed=(row["assessed_on"] is not None) if assesses else None, roles=roles.get(key),
            has_contact=None if contacts is None else key in contacts, late=late.get(one, ()),
            missed=missed.get(one, ()), answers=given.get(one, {}),
        )  # fmt: skip
        sheets[one] = tuple(sheet(known))
    return Inspected(sheets, since)


def answers(store: Store, as_of: dt.date, deal_ids: Sequence[str]) -> dict[str, dict[str, tuple[Answer, ...]]]:
    """The answers by deal and question up to a day, the newest first."""
    found: dict[str, dict[str, tuple[Answer, ...]]] = defaultdict(dict)
    rows = store.rows(
        """
        select o.natural_key, a.question, a.answered_on, a.answer, coalesce(a.author, l.loaded_by), a.asked
        from inspection_answer_version a
        join record o on o.table_name = 'opportunities' and o.record_key = a.opportunity_key
        left join load l on l.load_id = a.load_id
        where a.valid_to is null and a.answer is not null and a.answered_on <= $as_of
            and list_contains($ids, o.natural_key)
        order by a.answered_on desc
        """,
        {"as_of": as_of, "ids": list(deal_ids)},
    )
    for deal, question, when, text, author, asked in rows:
        found[deal][question] = (*found[deal].get(question, ()), Answer(when, text, author, asked))
    return found


def answered_before(given: Mapping[str, tuple[Answer, ...]], asked: Sequence[Question], today: dt.date) -> list[Answer]:
    """The newest earlier answers to questions that are not asked again: those of the last day with any."""
    again = {one.code for one in asked}
    earlier = [one for code, rows in given.items() if code not in again for one in rows if one.day < today]
    last = max((one.day for rows in given.values() for one in rows if one.day < today), default=None)
    return [one for one in earlier if one.day == last]


def _created(store: Store, as_of: dt.date, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    rows = store.rows(
        f"""
        select o.natural_key, v.created_date, v.next_step from opportunity_version v
        join record o on o.table_name = 'opportunities' and o.record_key = v.record_key
        where {relation.at("v", as_of)} and list_contains($ids, o.natural_key)
        """,
        {"ids": list(ids)},
    )
    return {row[0]: {"created_date": row[1], "next_step": row[2]} for row in rows}


def _people(store: Store, as_of: dt.date, keys: Sequence[int]) -> tuple[dict[int, str], frozenset[int] | None]:
    """The letters of the buying roles by deal, where there is a map, and the deals of which some person is known.

    The second is None where the company records no people at all.
    """
    found = known_people(store, as_of, keys)
    if found is None:
        return {}, None
    mapped = found[found["roles"].notna()]
    roles = {
        int(key): "".join(letters(role) for role in written)
        for key, written in zip(mapped["deal_key"], mapped["roles"], strict=True)
    }
    return roles, frozenset(found.loc[found["contacts"] > 0, "deal_key"].tolist()) | set(roles)


def letters(role: str | None) -> str:
    """Buying roles as letters, from letters or words.

    Examples
    --------
    >>> letters("E/U"), letters("Decision-maker, sponsor"), letters(None)
    ('EU', 'DS', '')
    """
    text = (role or "").strip()
    if _LETTERS.fullmatch(text):
        return "".join(letter for letter in text.upper() if letter in "ADEUS")
    return "".join(letter for word, letter in _ROLES.items() if word in text.lower())


def _late(store: Store, company: Company, scope: Scope) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    rows = activities.of_type(store, company, scope, deciding.ACTION)
    for row in rows[rows["is_overdue"]].to_dict("records"):
        found[str(row["deal_id"])].append({str(name): value for name, value in row.items()})
    return found


def _by_id(frame: pd.DataFrame) -> dict[str, dict[str, Any]]:
    plain = frame.astype(object).where(frame.notna(), None)
    return {str(row["id"]): {str(name): value for name, value in row.items()} for row in plain.to_dict("records")}
