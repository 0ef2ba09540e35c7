"""The rules on declared strategies hold where they should, doubt where something is not known, and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest

from tas_analytics.method.advice import questions
from tas_analytics.method.strategies import strategy
from tas_analytics.method.strategy_flags import Case, flags, rule, rules


def raised(*declared: str, **given: Any) -> dict[str, bool]:
    """Keys of the flags with whether they are certain."""
    fine: dict[str, Any] = {
        "answers": dict.fromkeys(questions(), True),
        "ratings": dict.fromkeys(range(1, 21), "+"),
    }
    case = Case(tuple(strategy(key) for key in declared), **(fine | given))
    return {flag.rule.key: flag.certain for flag in flags(case)}


@pytest.mark.parametrize("declared", ["frontal", "flanking", "fragment", "defend", "develop", "disengage"])
def test_a_strategy_with_everything_in_its_favour_breaks_no_rule(declared: str) -> None:
    assert raised(declared, category="best_case") == {}
    assert flags(Case(())) == ()


@pytest.mark.parametrize("declared", ["frontal", "flanking", "fragment"])
@pytest.mark.parametrize(("answer", "certain"), [(False, True), (None, False)])
def test_attack_needs_an_event(declared: str, answer: bool | None, certain: bool) -> None:
    answers = dict.fromkeys(questions(), True) | {"event": answer}
    assert raised(declared, answers=answers) == {"attack_event": certain}
    assert raised("defend", answers=answers) == {}


@pytest.mark.parametrize(("rating", "certain"), [("-", True), ("?", False)])
def test_attack_needs_unique_value(rating: str, certain: bool) -> None:
    ratings = dict.fromkeys(range(1, 21), "+") | {10: rating}
    assert raised("fragment", ratings=ratings) == {"attack_value": certain}
    assert raised("develop", ratings=ratings) == {}


def test_frontal_needs_three_to_one() -> None:
    answers = dict.fromkeys(questions(), True) | {"three_to_one": False}
    assert raised("frontal", answers=answers) == {"frontal_advantage": True}
    assert raised("flanking", answers=answers) == {}


def test_one_deal_has_one_strategy() -> None:
    assert raised("flanking", "defend") == {"two_strategies": True}
    assert raised("flanking", "flanking") == {}


@pytest.mark.parametrize(("changes", "flagged"), [(0, True), (2, True), (3, False), (20, False), (None, False)])
def test_a_change_needs_a_change_of_the_profile(changes: int | None, flagged: bool) -> None:
    found = raised("defend", changed_from=strategy("flanking"), rating_changes=changes)
    assert found == ({"changed_alone": True} if flagged else {})
    assert raised("defend", rating_changes=0) == {}


@pytest.mark.parametrize("declared", ["develop", "disengage"])
def test_a_deal_in_commit_is_not_only_developed(declared: str) -> None:
    assert raised(declared, category="commit") == {"position_in_commit": True}
    assert raised(declared, category="pipeline") == {}
    assert raised("defend", category="commit") == {}


def test_certain_flags_come_first_and_each_says_what_to_do() -> None:
    answers = dict.fromkeys(questions(), True) | {"event": None, "three_to_one": False}
    case = Case((strategy("frontal"),), answers, dict.fromkeys(range(1, 21), "+"))
    assert [flag.rule.key for flag in flags(case)] == ["frontal_advantage", "attack_event"]
    assert all(one.label and one.advice for one in rules())
    assert rule("two_strategies").declared_at_least == 2
