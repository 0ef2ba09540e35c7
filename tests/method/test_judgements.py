"""The judgements are proposed where the data say so, with the reason, and left open otherwise."""

from __future__ import annotations

from itertools import product

import pytest

from tas_analytics.method.advice import Answer
from tas_analytics.method.criteria import Rating
from tas_analytics.method.judgements import Account, answer_of, answer_word, propose, three_to_one


def proposed(key: str, ours: dict[int, Rating], account: Account | None = None) -> Answer:
    judgement = propose(ours, None, None, account or Account())[key]
    assert judgement.reason
    assert judgement.author is None
    return judgement.answer


@pytest.mark.parametrize(
    ("key", "ours", "answer"),
    [
        ("event_creatable", {15: "+", 12: "-"}, True),
        ("event_creatable", {15: "-", 12: "-"}, False),
        ("event_creatable", {15: "-", 12: "?"}, None),
        ("event_creatable", {}, None),
        ("criteria_changeable", {6: "-"}, True),
        ("criteria_changeable", {6: "-", 12: "-"}, False),
        ("criteria_changeable", {6: "+", 12: "+"}, True),
        ("criteria_changeable", {6: "+"}, None),
        ("criteria_changeable", {12: "+"}, None),
        ("winnable_subset", {10: "+", 11: "+", 18: "+"}, True),
        ("winnable_subset", {10: "+", 11: "+"}, None),
        ("winnable_subset", {11: "-"}, False),
        ("position_to_protect", {9: "+"}, True),
        ("position_to_protect", {9: "?"}, None),
        ("three_to_one", {7: "+", 9: "+", 10: "+", 12: "+"}, None),
    ],
)
def test_a_judgement_is_proposed_from_our_ratings(key: str, ours: dict[int, Rating], answer: Answer) -> None:
    assert proposed(key, ours) is answer


@pytest.mark.parametrize(
    ("relationship", "account", "answer"),
    [
        ("-", Account(won_before=2, won_amount=180_000), True),
        ("-", Account(won_before=0), False),
        ("?", Account(won_before=0), None),
        ("?", Account(won_before=0, incumbents=("Halden",)), False),
        ("+", Account(won_before=0, incumbents=("Halden",)), True),
        ("-", Account(), None),
    ],
)
def test_business_won_before_is_a_position(relationship: Rating, account: Account, answer: Answer) -> None:
    assert proposed("position_to_protect", {9: relationship}, account) is answer


def test_the_reason_names_deals_and_amount() -> None:
    reason = propose({}, None, None, Account(2, 180_000.0, "EUR"))["position_to_protect"].reason
    assert reason == "2 deals of this account won before for €180k"


def test_three_to_one_is_certain_only_where_no_gap_can_change_it() -> None:
    """All 6561 tables of four criteria, against counting over every way to fill the gaps."""
    for cells in product("+-?", repeat=8):
        pairs = {number: (cells[2 * i], cells[2 * i + 1]) for i, number in enumerate((7, 9, 10, 12))}
        certain_ahead = sum(pair == ("+", "-") for pair in pairs.values())
        certain_behind = sum(pair == ("-", "+") for pair in pairs.values())
        may_ahead = sum(ours != "-" and theirs != "+" for ours, theirs in pairs.values())
        may_behind = sum(ours != "+" and theirs != "-" for ours, theirs in pairs.values())
        # At the worst every gap that can goes against us, at the best for us.
        worst = certain_ahead >= 3 and certain_ahead >= 3 * may_behind
        best = may_ahead >= 3 and may_ahead >= 3 * certain_behind
        expected = True if worst else (None if best else False)
        assert three_to_one(pairs) is expected, pairs  # type: ignore[arg-type]


def test_three_to_one_says_on_what_it_rests() -> None:
    ours: dict[int, Rating] = {7: "+", 9: "+", 10: "+", 12: "-"}
    theirs: dict[int, Rating] = {7: "-", 9: "-", 10: "-", 12: "+"}
    judgement = propose(ours, theirs, "Halden", Account())["three_to_one"]
    assert judgement.answer is True
    assert judgement.reason == "ahead of Halden on #7 #9 #10, behind on #12"


@pytest.mark.parametrize(
    ("text", "answer"), [("Yes", True), (" no ", False), ("−", False), ("unknown", None), ("", None), (None, None)]
)
def test_answers_are_read_as_people_write_them(text: str | None, answer: Answer) -> None:
    assert answer_of(text) is answer
    assert answer_of(answer_word(answer)) is answer
