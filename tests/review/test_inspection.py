"""The questions about a deal: what raises them, their order, and that none is asked twice."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tas_analytics.metrics.company import Company
from tas_analytics.metrics.scope import Scope
from tas_analytics.review import inspection
from tas_analytics.review.inspection import LEAST, MOST, Answer, Known, sheet
from tas_analytics.review.inspection_data import inspect, letters
from tas_analytics.review.risk_rules import default_rules
from tas_analytics.review.risks import risks
from tas_analytics.store.database import Store
from tas_analytics.ui.deal_tabs import TABS

TODAY, SINCE = dt.date(2026, 11, 16), dt.date(2026, 11, 9)
DEAL = {
    "stage": "Proof", "category": "commit", "amount": 1_200_000.0, "close_date": dt.date(2026, 12, 18),
    "created_date": dt.date(2026, 1, 5), "next_step": "Send {the} offer",
}  # fmt: skip
MOVE = {
    "close_date_before": dt.date(2026, 12, 18), "close_date_after": dt.date(2026, 12, 18), "category_then": "commit",
    "category_now": "commit", "stage_before": "Proof", "stage_after": "Proof", "position_then": 4, "position_now": 4,
    "own_amount_before": 10, "own_amount_after": 10, "currency_before": "EUR", "currency_after": "EUR",
    "owner_before": "Ann", "owner_after": "Ann",
}  # fmt: skip
DEBRIEF = {
    "step": "Demo", "step_on": dt.date(2026, 10, 1), "evidence": "Minutes", "activity": "Call *her*",
    "activity_due": dt.date(2026, 11, 20), "is_overdue": False, "preparation": "Slides",
}  # fmt: skip


def known(**given: Any) -> Known:
    plain: dict[str, Any] = {"deal": DEAL, "today": TODAY, "since": SINCE, "currency": "USD", "debrief": DEBRIEF}
    return Known(**(plain | given))


def asked(**given: Any) -> dict[str, str]:
    return {one.code: one.fact for one in sheet(known(**given))}


def test_a_deal_without_a_gap_is_still_asked_three_questions() -> None:
    found = sheet(known())
    assert [one.code for one in found] == ["what_must_happen", "last_step", "next_step"]
    assert found[1].fact == "Demo was completed on 1 Oct"
    assert found[2].fact == "Next step in the CRM: Send {the} offer"


def test_movements_raise_questions_with_before_and_after() -> None:
    moved = MOVE | {
        "close_date_after": dt.date(2027, 1, 20), "category_now": "best_case", "stage_after": "Solution",
        "position_now": 3, "own_amount_after": 7, "owner_after": None,
    }  # fmt: skip
    found = asked(move=moved)
    assert found["date_moved"] == "Close date moved from 18 Dec to 20 Jan 2027 since 9 Nov"
    assert found["category_down"] == "Moved from commit to best case since 9 Nov"
    assert found["stage_back"] == "Went back from Proof to Solution since 9 Nov"
    assert found["amount_down"] == "Amount fell from €10 to €7 since 9 Nov"
    assert found["owner_changed"] == "Handed from Ann to nobody since 9 Nov"
    assert len(found) == MOST
    better = MOVE | {"close_date_after": dt.date(2026, 12, 1), "category_then": "pipeline", "own_amount_after": 12}
    assert {"date_sooner", "category_up", "amount_up"} <= set(asked(move=better))
    assert "amount_up" not in asked(move=MOVE | {"own_amount_after": 12, "currency_after": "USD"})


def test_gaps_of_the_method_raise_questions() -> None:
    found = asked(debrief=DEBRIEF | {"step": None, "activity": None})
    assert {"no_step", "nothing_under_way"} <= set(found)
    found = asked(debrief=DEBRIEF | {"evidence": None, "is_overdue": True})
    assert found["no_proof"] == "Demo is achieved, and no evidence is noted"
    assert found["under_way_late"] == "“Call *her*” was due 20 Nov"
    assert "no_approver" in asked(roles="DEU")
    assert "no_decision_maker" in asked(roles="AS")
    assert "no_contact" in asked(has_contact=False)
    assert not {"no_contact", "no_approver", "no_decision_maker"} & set(asked(has_contact=None))
    unknown = {"number": 5, "criterion": "Compelling event", "ask": "Why now?", "why": "attack or hold"}
    one = next(one for one in sheet(known(assessed=True, unknown=unknown)) if one.code == "criterion_5")
    assert (one.text, one.fact) == ("Why now?", "Not known: compelling event (attack or hold)")
    assert "never_assessed" in asked(assessed=False)
    assert "never_assessed" not in asked(assessed=None)


def test_one_question_a_topic_and_the_weightiest_first() -> None:
    everything = known(
        risks=[(one, "So it is") for one in default_rules()], move=MOVE | {"close_date_after": dt.date(2027, 2, 1)},
        roles="", assessed=False, late=[{"subject": "Call", "owner": "Ann", "due_on": dt.date(2026, 11, 12)}],
    )  # fmt: skip
    found = sheet(everything)
    assert len(found) == MOST
    assert len({one.topic for one in found}) == MOST
    assert len({one.text for one in found}) == MOST
    assert [one.weight for one in found] == sorted((one.weight for one in found), reverse=True)
    assert found[0].code == "action_overdue"
    assert found[0].fact == "Agreed with Ann for 12 Nov, and not done"
    assert sheet(everything) == found, "the same facts give the same questions"


def test_answers_come_back_with_their_question() -> None:
    past = (Answer(SINCE, "In January", "Ann"),)
    found = sheet(known(answers={"what_must_happen": past}))
    assert found[0].answers == past


def test_every_place_of_the_data_exists() -> None:
    words = inspection._words()
    tabs = {tab.label for tab in TABS}
    for row in (*words["question"].values(), *words["rule"].values()):
        assert row["tab"] in tabs
    assert set(words["rule"]) == {one.code for one in default_rules()}
    assert all(row["ask"].rstrip("}").endswith(("?", "{ask", "written?", ".")) for row in words["question"].values())


@pytest.mark.parametrize(
    ("role", "found"),
    [("A", "A"), ("E/U", "EU"), ("d, s", "DS"), ("Economic approver", "A"), ("Decision-maker", "D"), (None, "")],
)
def test_buying_roles_in_letters_or_words(role: str | None, found: str) -> None:
    assert letters(role) == found


def test_the_sample_is_asked_three_to_five_questions_a_deal(sample_store: Store) -> None:
    company = Company.of(sample_store)
    assert company.last_day is not None
    scope = Scope(company.last_day, company.calendar.quarter_of(company.last_day))
    ids = risks(sample_store, company, scope).deals["id"].tolist()
    found = inspect(sample_store, company, company.last_day, ids)
    assert found.since == dt.date(2026, 11, 9)
    assert set(found.sheets) == set(ids)
    for one in found.sheets.values():
        assert LEAST <= len(one) <= MOST
        assert len({question.topic for question in one}) == len(one)
        assert not any("{" in question.text + question.fact for question in one)
    again = inspect(sample_store, company, company.last_day, ids[:3])
    assert all(again.sheets[one] == found.sheets[one] for one in ids[:3]), "a deal's sheet is its own"
