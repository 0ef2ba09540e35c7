"""Rules that a declared strategy breaks. The rules are data (``strategy_flags.toml``)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from tas_analytics.formats import count
from tas_analytics.method.advice import Answer
from tas_analytics.method.criteria import Rating
from tas_analytics.method.strategies import Strategy

_YES_OR_NO: Mapping[Rating, Answer] = {"+": True, "-": False, "?": None}


@dataclass(frozen=True)
class Rule:
    """One rule as the data has it."""

    key: str
    label: str
    advice: str
    kinds: tuple[str, ...] = ()
    strategies: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    question: str | None = None
    criterion: int | None = None
    declared_at_least: int | None = None
    rating_changes_below: int | None = None


@dataclass(frozen=True)
class Case:
    """A deal with a declared strategy.

    Parameters
    ----------
    declared
        The strategies in force, the newest first.
    answers
        The tree's questions as the deal answers them.
    ratings
        Our ratings.
    category
        The forecast category's key, such as ``commit``.
    changed_from, rating_changes
        The strategy before, if it was another one, and how many of our ratings differ between the two days.
    """

    declared: tuple[Strategy, ...]
    answers: Mapping[str, Answer] = field(default_factory=dict)
    ratings: Mapping[int, Rating] = field(default_factory=dict)
    category: str | None = None
    changed_from: Strategy | None = None
    rating_changes: int | None = None


@dataclass(frozen=True)
class Flag:
    """A rule that is broken; ``certain`` is False where it may be, because something is not known."""

    rule: Rule
    certain: bool
    detail: str


@cache
def rules() -> tuple[Rule, ...]:
    """All rules."""
    text = (Path(__file__).parent / "strategy_flags.toml").read_text(encoding="utf-8")
    return tuple(_rule(row) for row in tomllib.loads(text)["flag"])


def _rule(row: Mapping[str, Any]) -> Rule:
    given: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
    return Rule(**given)


def rule(key: str) -> Rule:
    """The rule of that key."""
    return next(one for one in rules() if one.key == key)


def flags(case: Case) -> tuple[Flag, ...]:
    """The rules that a deal breaks, certain ones first; none where no strategy is declared."""
    if not case.declared:
        return ()
    found = [flag for one in rules() if (flag := _broken(one, case)) is not None]
    return tuple(sorted(found, key=lambda flag: not flag.certain))


def _broken(one: Rule, case: Case) -> Flag | None:
    strategy = case.declared[0]
    if (one.kinds or one.strategies) and strategy.kind not in one.kinds and strategy.key not in one.strategies:
        return None
    if one.categories:
        return Flag(one, True, f"{strategy.name} is declared") if case.category in one.categories else None
    if one.declared_at_least is not None:
        names = list(dict.fromkeys(each.name for each in case.declared))
        return Flag(one, True, " and ".join(names)) if len(names) >= one.declared_at_least else None
    if one.rating_changes_below is not None:
        return _changed(one, case, strategy)
    answer = _answer(one, case)
    if answer is True:
        return None
    return Flag(one, answer is False, f"{strategy.name} is declared" + ("" if answer is False else ", not known yet"))


def _changed(one: Rule, case: Case, strategy: Strategy) -> Flag | None:
    if case.changed_from is None or case.rating_changes is None or one.rating_changes_below is None:
        return None
    if case.rating_changes >= one.rating_changes_below:
        return None
    changed = count(case.rating_changes, "rating") if case.rating_changes else "no rating"
    return Flag(one, True, f"{case.changed_from.name} became {strategy.name}, {changed} changed in between")


def _answer(one: Rule, case: Case) -> Any:
    if one.question is not None:
        return case.answers.get(one.question)
    return _YES_OR_NO[case.ratings.get(one.criterion or 0, "?")]
