"""The strategy tree read from the method's text a second time: sentences for a table, worlds for a walk.

A world is one way in which everything could be known. Whatever is not known has two worlds, and what the method
advises is what it advises in all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain, combinations

World = frozenset[str]

#: The order in which the method asks, and what each question rests on.
QUESTIONS = {
    "event": ("5", "event_creatable"),
    "compete": ("6", "7", "8", "9", "10"),
    "three_to_one": ("three_to_one",),
    "change": ("criteria_changeable",),
    "subset": ("winnable_subset",),
    "protect": ("position_to_protect",),
    "worth": ("17", "20"),
}
INPUTS = tuple(chain.from_iterable(QUESTIONS.values()))


def advised(true: World) -> str:
    """What the method says when exactly these inputs are true."""
    has_event = "5" in true or "event_creatable" in true
    favourable = {"6", "7", "8", "9", "10"} & true
    # Attack needs unique business value; a solution that fits; and most of the five criteria of the question.
    can_compete = favourable >= {"7", "10"} and len(favourable) > 5 / 2
    if has_event and can_compete:
        for judgement, strategy in (
            ("three_to_one", "frontal"), ("criteria_changeable", "flanking"), ("winnable_subset", "fragment"),
        ):  # fmt: skip
            if judgement in true:
                return strategy
    if "position_to_protect" in true:
        return "defend"
    return "develop" if {"17", "20"} & true else "disengage"


def worlds(known: Mapping[str, bool | None]) -> Iterator[World]:
    """Every way in which the gaps could be filled, as the set of what is true."""
    sure = {name for name in INPUTS if known.get(name) is True}
    gaps = [name for name in INPUTS if known.get(name) is None]
    for some in chain.from_iterable(combinations(gaps, size) for size in range(len(gaps) + 1)):
        yield frozenset(sure | set(some))


def possible(known: Mapping[str, bool | None]) -> set[str]:
    """The strategies that may still turn out right."""
    return {advised(world) for world in worlds(known)}


def first_open(known: Mapping[str, bool | None]) -> tuple[str, set[str]] | None:
    """The first question in which some unknown input alone can turn the strategy, and all such inputs of it."""
    everything = list(worlds(known))
    for question, inputs in QUESTIONS.items():
        turning = {
            name
            for name in inputs
            if known.get(name) is None
            and any(advised(world | {name}) != advised(world - {name}) for world in everything)
        }
        if turning:
            return question, turning
    return None
