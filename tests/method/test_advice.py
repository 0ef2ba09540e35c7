"""The advised strategy, against every combination of answers."""

from __future__ import annotations

import random
from functools import partial
from itertools import product
from typing import Any, Final

import pytest

from tas_analytics.method.advice import Advice, Judgement, advise, questions
from tas_analytics.method.criteria import Rating
from tests.method import strategy_oracle as oracle

ANSWERS: Final = (True, False, None)
RATING: Final[dict[bool | None, Rating]] = {True: "+", False: "-", None: "?"}
#: For every answer of a question, inputs that give it.
GIVES: Final[dict[str, dict[bool | None, dict[str, bool | None]]]] = {
    "event": {
        True: {"5": True, "event_creatable": None},
        False: {"5": False, "event_creatable": False},
        None: {"5": None, "event_creatable": False},
    },
    "compete": {
        True: {"6": False, "7": True, "8": True, "9": None, "10": True},
        False: {"6": True, "7": True, "8": True, "9": None, "10": False},
        None: {"6": True, "7": None, "8": True, "9": False, "10": True},
    },
    "three_to_one": {answer: {"three_to_one": answer} for answer in ANSWERS},
    "change": {answer: {"criteria_changeable": answer} for answer in ANSWERS},
    "subset": {answer: {"winnable_subset": answer} for answer in ANSWERS},
    "protect": {answer: {"position_to_protect": answer} for answer in ANSWERS},
    "worth": {
        True: {"17": None, "20": True},
        False: {"17": False, "20": False},
        None: {"17": False, "20": None},
    },
}


def ask(known: dict[str, bool | None]) -> Advice:
    ratings = {int(name): RATING[answer] for name, answer in known.items() if name.isdigit()}
    judgements = {name: Judgement(answer) for name, answer in known.items() if not name.isdigit()}
    return advise(ratings, judgements)


def _named(inputs: dict[str, bool | None], one: int | str) -> bool | None:
    return inputs[str(one)]


def check(known: dict[str, bool | None]) -> None:
    advice, can_be = ask(known), oracle.possible(known)
    assert set(advice.possible) == can_be, known
    if len(can_be) == 1:
        assert advice.strategy is not None, known
        assert {advice.strategy.key} == can_be, known
        assert not advice.asks, known
        assert advice.open_question is None
    else:
        opened = oracle.first_open(known)
        assert opened is not None
        assert advice.strategy is None, known
        assert advice.open_question is not None
        assert advice.open_question.key == opened[0], known
        assert {str(one.about) for one in advice.asks} == opened[1], known
        assert all(one.question and one.whom for one in advice.asks)


def test_every_combination_of_the_seven_answers() -> None:
    """3 to the power of 7: the tree answers exactly where all worlds agree, and otherwise asks what decides."""
    combinations = list(product(ANSWERS, repeat=len(GIVES)))
    assert len(combinations) == 2187
    for answers in combinations:
        known: dict[str, bool | None] = {}
        for (question, gives), answer in zip(GIVES.items(), answers, strict=True):
            node = questions()[question]
            assert node.answer(partial(_named, gives[answer])) is answer
            known |= gives[answer]
        check(known)


@pytest.mark.parametrize("question", oracle.QUESTIONS)
def test_every_combination_of_the_inputs_of_each_question(question: str) -> None:
    """Each question's own table in full, where everything else makes that question the one that decides."""
    rest: dict[str, bool | None] = {name: name in {"5", "6", "7", "8", "9", "10"} for name in oracle.INPUTS}
    before = list(oracle.QUESTIONS)[: list(oracle.QUESTIONS).index(question)]
    # The questions before lead to this one; those after it have different ends for yes and no.
    for other in ("three_to_one", "criteria_changeable", "winnable_subset", "position_to_protect"):
        rest[other] = False
    if question in {"event", "compete"}:
        rest["three_to_one"] = True
    assert set(before) <= set(oracle.QUESTIONS)
    inputs = oracle.QUESTIONS[question]
    seen = set()
    for values in product(ANSWERS, repeat=len(inputs)):
        known = rest | dict(zip(inputs, values, strict=True))
        check(known)
        seen |= oracle.possible(known)
    assert len(seen) > 1, "the table would prove nothing if the question never decided"


def test_inputs_drawn_at_random_from_all_of_them() -> None:
    """The whole space has 3 to the power of 13 points; its questions do not share inputs, these look for a slip."""
    dice = random.Random(7)
    for _ in range(600):
        gaps = dice.random() * 0.6
        known = {name: None if dice.random() < gaps else dice.random() < 0.5 for name in oracle.INPUTS}
        check(known)


def test_an_unknown_that_a_no_makes_irrelevant_is_not_asked() -> None:
    advice = advise({5: "-", 17: "+"}, {"event_creatable": Judgement(False), "position_to_protect": Judgement(False)})
    assert advice.strategy is not None
    assert (advice.strategy.key, advice.variation and advice.variation.key) == ("develop", "invest")
    assert [step.question.key for step in advice.path] == ["event", "protect", "worth"]


def test_an_open_first_question_is_passed_over_where_both_ways_meet() -> None:
    judged = {key: Judgement(False) for key in ("three_to_one", "criteria_changeable", "winnable_subset")}
    known: dict[int, Rating] = {6: "+", 7: "+", 10: "+", 17: "-", 20: "+"}
    advice = advise(known, judged | {"position_to_protect": Judgement(True)})
    assert advice.strategy is not None
    assert advice.strategy.key == "defend"
    assert not advice.path[0].matters
    assert advice.path[0].answer is None


def test_nothing_known_asks_the_first_question() -> None:
    advice = advise({})
    assert advice.strategy is None
    assert advice.open_question is not None
    assert advice.open_question.key == "event"
    assert [one.about for one in advice.asks] == [5, "event_creatable"]
    assert advice.possible == ("frontal", "flanking", "fragment", "defend", "develop", "disengage")


@pytest.mark.parametrize(
    ("ratings", "expected"),
    [
        ({10: "?"}, [10]),  # the others suffice
        ({7: "?", 10: "?"}, [7, 10]),
        ({6: "?", 8: "-", 9: "-"}, [6]),
        ({6: "?", 8: "?", 9: "-"}, [6, 8]),
        ({6: "?", 8: "?", 9: "?", 10: "?"}, [10, 6, 8, 9]),  # what is required comes first
    ],
)
def test_only_criteria_that_decide_are_asked(ratings: dict[int, Rating], expected: list[int]) -> None:
    every: dict[int, Rating] = {5: "+", 6: "+", 7: "+", 8: "+", 9: "+", 10: "+"}
    advice = advise(every | ratings, {"three_to_one": Judgement(True)})
    assert [one.about for one in advice.asks] == expected


def test_the_reasons_tell_ratings_and_who_judged() -> None:
    every: dict[int, Rating] = {5: "-", 6: "+", 7: "+", 8: "-", 9: "?", 10: "+"}
    advice = advise(
        every,
        {
            "event_creatable": Judgement(True, "the audit in March", "Dana"),
            "three_to_one": Judgement(False, "level on fit"),
            "criteria_changeable": Judgement(True),
        },
    )
    told = [reason for step in advice.path for reason in step.reasons]
    assert "#5 Compelling event: unfavourable (−)" in told
    assert "We can create a compelling event: Dana says yes (the audit in March)" in told
    assert "Our advantage is three to one: proposed: no (level on fit)" in told
    assert advice.strategy is not None
    assert advice.strategy.key == "flanking"
    assert advice.variation is not None
    assert advice.variation.key == "expand"
    assert [(one.footing.criterion, one.holds) for one in advice.leans_on] == [(6, True), (14, None)]


def test_a_frontal_strategy_takes_the_greater_advantage() -> None:
    ours: dict[int, Rating] = {5: "+", 6: "+", 7: "+", 9: "+", 10: "+", 12: "+"}
    yes = {"three_to_one": Judgement(True)}

    def variation(theirs: dict[int, Rating]) -> Any:
        found = advise(ours, yes, theirs).variation
        return found and found.key

    assert variation({7: "-", 10: "-", 9: "+", 12: "+"}) == "solution"
    assert variation({7: "+", 10: "+", 9: "-", 12: "-"}) == "reputation"
    assert variation({7: "+", 10: "+", 9: "+", 12: "+"}) is None
