"""Which competitive strategy a deal's ratings and a few judgements lead to, and which question is still open.

The tree is data (``strategies.toml``). Every question of it is answered yes, no or not known, and what is
not known is never guessed: the advice is given only where every way of filling the gaps leads to the
same strategy. Otherwise it names the first question whose answer decides, and whom to ask. A gap that
changes nothing is passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from itertools import product
from types import MappingProxyType
from typing import Any, Final

from tas_analytics.method.criteria import Rating, criteria
from tas_analytics.method.strategies import Footing, Strategy, Variation, data, strategies, strategy

#: Yes, no, or not known.
Answer = bool | None
_YES_OR_NO: Final[Mapping[Rating, Answer]] = {"+": True, "-": False, "?": None}
_SCORE: Final[Mapping[Rating, int]] = {"+": 1, "-": -1, "?": 0}
_POLE: Final[Mapping[Rating, str]] = {"+": "favourable (+)", "-": "unfavourable (−)", "?": "not known (?)"}
_WORD: Final[Mapping[Answer, str]] = {True: "yes", False: "no", None: "not known"}


@dataclass(frozen=True)
class Judgement:
    """An answer that ratings cannot give, with its reason; without an author it is a proposal from the data."""

    answer: Answer
    reason: str = ""
    author: str | None = None


@dataclass(frozen=True)
class Question:
    """A question of the tree: ``yes`` and ``no`` are keys of a question or of a strategy."""

    key: str
    question: str
    short: str
    yes: str
    no: str
    inputs: tuple[int | str, ...]
    required: tuple[int, ...]
    at_least: int
    """How many inputs must be yes."""

    def answer(self, of: Callable[[int | str], Answer]) -> Answer:
        """Yes or no where every way of filling the gaps says so, otherwise None."""
        return _answered(self.key, tuple(of(one) for one in self.inputs))

    def pivots(self, of: Callable[[int | str], Answer]) -> tuple[int | str, ...]:
        """The inputs that are not known and on which the answer hangs, required ones first."""
        known = {one: of(one) for one in self.inputs}
        gaps = [one for one, answer in known.items() if answer is None]
        gaps.sort(key=lambda one: one not in self.required)
        return tuple(
            gap
            for gap in gaps
            if any(self.decided(full | {gap: True}) != self.decided(full | {gap: False}) for full in _filled(known))
        )

    def decided(self, answers: Mapping[int | str, bool]) -> bool:
        """Yes or no where every input is known."""
        return sum(answers.values()) >= self.at_least and all(answers[one] for one in self.required)


@dataclass(frozen=True)
class Step:
    """A question as the deal answers it; ``matters`` is False where an open answer changes nothing."""

    question: Question
    answer: Answer
    reasons: tuple[str, ...]
    leads_to: str | None
    """Key of the next question or of the strategy; None at the question that is open."""
    matters: bool = True


@dataclass(frozen=True)
class Ask:
    """What to find out, and of whom: a criterion by its number, or a judgement by its key."""

    about: int | str
    label: str
    question: str
    whom: str


@dataclass(frozen=True)
class Support:
    """A criterion that the strategy leans on, and whether it holds; what is only watched neither holds nor fails."""

    footing: Footing
    name: str
    rating: Rating

    @property
    def holds(self) -> Answer:
        """True, False, or None where the rating is not known."""
        return _YES_OR_NO[self.rating]


@dataclass(frozen=True)
class Advice:
    """What the tree says. What only the page of one deal shows is worked out when it is asked for.

    Parameters
    ----------
    strategy
        What is advised; None while a question that decides is open.
    possible
        Keys of the strategies that are still possible, in the order of the method; one where it is decided.
    answers
        All questions with their answers, also those that were not reached.
    ratings, judgements, theirs
        What it rests on: see :func:`advise`.
    """

    strategy: Strategy | None
    possible: tuple[str, ...]
    answers: Mapping[str, Answer]
    ratings: Mapping[int, Rating]
    judgements: Mapping[str, Judgement]
    theirs: Mapping[int, Rating]

    @cached_property
    def path(self) -> tuple[Step, ...]:
        """The questions from the start on, with their answers and reasons."""
        route, _ = _route(tuple(self.answers.values()))
        return tuple(
            Step(
                questions()[key],
                self.answers[key],
                _reasons(questions()[key], self.ratings, self.judgements),
                after,
                matters,
            )
            for key, after, matters in route
        )

    @cached_property
    def variation(self) -> Variation | None:
        """The variation that is advised; None where nothing prefers one."""
        return _variation(self.strategy, self.answers, self.ratings, self.theirs) if self.strategy else None

    @cached_property
    def leans_on(self) -> tuple[Support, ...]:
        """The criteria on which the strategy stands, with our ratings."""
        return leaning(self.strategy, self.ratings) if self.strategy else ()

    @cached_property
    def asks(self) -> tuple[Ask, ...]:
        """What to find out first, where a question is open: the first is *the* question."""
        asked = self.open_question
        if asked is None:
            return ()
        return tuple(_ask(pivot) for pivot in asked.pivots(lambda one: _input(one, self.ratings, self.judgements)))

    @property
    def open_question(self) -> Question | None:
        """The question that decides and whose answer is not known."""
        last = self.path[-1]
        return last.question if last.leads_to is None else None


@cache
def questions() -> Mapping[str, Question]:
    """The questions of the tree by key, the first one first."""
    rows = {row["key"]: row for row in data()["node"]}
    start = data()["start"]
    order = [start, *(key for key in rows if key != start)]
    return {key: _question(rows[key]) for key in order}


def advise(
    ratings: Mapping[int, Rating],
    judgements: Mapping[str, Judgement] | None = None,
    theirs: Mapping[int, Rating] | None = None,
) -> Advice:
    """Follow the tree.

    Parameters
    ----------
    ratings
        Our ratings by the criterion's number; a missing one is not known.
    judgements
        By key; a missing one is not known.
    theirs
        The competitor's ratings, which only choose between the variations of a frontal strategy.
    """
    judged = judgements or {}
    found, possible, answers = _told(tuple([_input(one, ratings, judged) for one in _inputs()]))
    return Advice(found, possible, answers, ratings, judged, theirs or {})


def leaning(on: Strategy, ratings: Mapping[int, Rating]) -> tuple[Support, ...]:
    """The criteria that a strategy leans on, with our ratings."""
    return tuple(
        Support(one, criteria()[one.criterion - 1].name, ratings.get(one.criterion, "?")) for one in on.leans_on
    )


def judgement_keys() -> tuple[str, ...]:
    """The judgements of the tree, in its order."""
    return tuple(row["key"] for row in data()["judgement"])


def judgement_label(key: str) -> str:
    """What a judgement says when it is answered yes."""
    return str(next(row for row in data()["judgement"] if row["key"] == key)["label"])


def _input(one: int | str, ratings: Mapping[int, Rating], judgements: Mapping[str, Judgement]) -> Answer:
    """What a deal answers to an input of a question: a criterion by its number, or a judgement by its key."""
    if isinstance(one, int):
        return _YES_OR_NO[ratings.get(one, "?")]
    return judgements[one].answer if one in judgements else None


@cache
def _inputs() -> tuple[int | str, ...]:
    """Everything that the tree asks."""
    return tuple(dict.fromkeys(one for question in questions().values() for one in question.inputs))


@lru_cache(maxsize=1 << 16)
def _told(given: tuple[Answer, ...]) -> tuple[Strategy | None, tuple[str, ...], Mapping[str, Answer]]:
    """Strategy, those still possible, and all answers, by the answers to :func:`_inputs`: many deals answer alike."""
    known = dict(zip(_inputs(), given, strict=True))
    answers = {key: question.answer(known.__getitem__) for key, question in questions().items()}
    route, possible = _route(tuple(answers.values()))
    end = route[-1][1]
    return None if end is None else strategy(end), possible, MappingProxyType(answers)


@cache
def _answered(key: str, known: tuple[Answer, ...]) -> Answer:
    """A question's answer by the answers of its inputs: there are few combinations, and many deals."""
    question = questions()[key]
    found = {question.decided(filled) for filled in _filled(dict(zip(question.inputs, known, strict=True)))}
    return found.pop() if len(found) == 1 else None


@cache
def _route(given: tuple[Answer, ...]) -> tuple[tuple[tuple[str, str | None, bool], ...], tuple[str, ...]]:
    """The questions one after the other, up to a strategy or to the first open one on which something hangs.

    Parameters
    ----------
    given
        The answers of all questions, in their order.

    Returns
    -------
    tuple
        Each question with what it leads to (None where it is open) and whether its answer matters; and the keys of the
        strategies that are still possible.
    """
    answers = dict(zip(questions(), given, strict=True))
    ends = {_end(filled) for filled in _filled(answers)}
    route: list[tuple[str, str | None, bool]] = []
    key = next(iter(questions()))
    while key in questions():
        question, answer = questions()[key], answers[key]
        if answer is None and any(
            _end(filled, question.yes) != _end(filled, question.no) for filled in _filled(answers)
        ):
            route.append((key, None, True))
            break
        # Where an open answer changes nothing, the longer way shows why: it asks what both ways have in common.
        after = question.no if answer is False else question.yes
        route.append((key, after, answer is not None))
        key = after
    return tuple(route), tuple(one.key for one in strategies() if one.key in ends)


def _end(answers: Mapping[Any, bool], key: str | None = None) -> str:
    """The strategy to which full answers lead, from the start or from a question on."""
    key = key or next(iter(questions()))
    while key in questions():
        question = questions()[key]
        key = question.yes if answers[key] else question.no
    return key


def _filled(answers: Mapping[Any, Answer]) -> Iterator[dict[Any, bool]]:
    """Every way of filling the gaps."""
    gaps = [key for key, answer in answers.items() if answer is None]
    for values in product((True, False), repeat=len(gaps)):
        yield {key: bool(answer) for key, answer in answers.items()} | dict(zip(gaps, values, strict=True))


def _question(row: Mapping[str, Any]) -> Question:
    either = [one.get("criterion", one.get("judgement")) for one in row.get("any_of", ())]
    inputs = row["of"] if "of" in row else either or [row["judgement"]]
    return Question(
        row["key"],
        row["question"],
        row["short"],
        row["yes"],
        row["no"],
        tuple(inputs),
        tuple(row.get("required", ())),
        row.get("at_least", 1),
    )


def _reasons(question: Question, ratings: Mapping[int, Rating], judgements: Mapping[str, Judgement]) -> tuple[str, ...]:
    """What each input of a question says, in words."""
    found = []
    for one in question.inputs:
        if isinstance(one, int):
            found.append(f"#{one} {criteria()[one - 1].name}: {_POLE[ratings.get(one, '?')]}")
            continue
        given = judgements.get(one, Judgement(None))
        who = f"{given.author} says {_WORD[given.answer]}" if given.author else f"proposed: {_WORD[given.answer]}"
        reason = f" ({given.reason})" if given.reason else ""
        found.append(f"{judgement_label(one)}: {who}{reason}")
    return tuple(found)


def _ask(about: int | str) -> Ask:
    if isinstance(about, int):
        row = next(row for row in data()["ask"] if row["criterion"] == about)
        return Ask(about, f"#{about} {criteria()[about - 1].name}", row["ask"], row["whom"])
    row = next(row for row in data()["judgement"] if row["key"] == about)
    return Ask(about, row["label"], row["ask"], row["whom"])


def _variation(
    of: Strategy, answers: Mapping[str, Answer], ours: Mapping[int, Rating], theirs: Mapping[int, Rating]
) -> Variation | None:
    """The first variation of which all conditions hold; of those by advantage, the one with the greater advantage."""
    found = [one for one in of.variations if all(_holds(when, answers, ours, theirs) for when in one.when)]
    return max(found, key=lambda one: sum(_lead(when, ours, theirs) for when in one.when), default=None)


def _holds(
    when: Mapping[str, Any],
    answers: Mapping[str, Answer],
    ours: Mapping[int, Rating],
    theirs: Mapping[int, Rating],
) -> bool:
    if "node" in when:
        return answers[when["node"]] is (when["answer"] == "yes")
    if "ahead" in when:
        return _lead(when, ours, theirs) > 0
    numbers = when.get("any_criterion") or [when["criterion"]]
    return any(ours.get(number, "?") == when["rating"] for number in numbers)


def _lead(when: Mapping[str, Any], ours: Mapping[int, Rating], theirs: Mapping[int, Rating]) -> int:
    """Our net advantage over the criteria of a condition on it."""
    return sum(_SCORE[ours.get(one, "?")] - _SCORE[theirs.get(one, "?")] for one in when.get("ahead", ()))
