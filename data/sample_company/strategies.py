"""Competitive strategies of the deals: what was declared, when it changed, and what people judged about it.

Most declarations follow from what was known of the deal on the day; some are somebody's habit. A few open deals break
a rule of the method on purpose (:data:`PLANTED`): these a review should find.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from sample_company.assessments import Rating, Rival
from sample_company.catalogue import AS_OF
from sample_company.company import SEED
from sample_company.deals import Deal, outcome
from sample_company.dice import Dice, workday
from sample_company.exports import Seen

#: Strategies with their variations.
VARIATIONS: Final[dict[str, tuple[str, ...]]] = {
    "Frontal": ("Solution", "Reputation"),
    "Flanking": ("Alter the rules", "Acknowledge and expand"),
    "Fragment": ("Niche", "Peaceful coexistence"),
    "Defend": ("Insulate", "Isolate"),
    "Develop": ("Invest", "Delay"),
    "Disengage": (),
}
#: What is broken on purpose, and on how many open deals.
PLANTED: Final[dict[str, int]] = {
    "attack_event": 3,
    "frontal_advantage": 3,
    "two_strategies": 3,
    "changed_alone": 3,
    "position_in_commit": 2,
}
_DECLARED: Final = 0.72
_BY_HABIT: Final = 0.16
_REASONS: Final[dict[str, tuple[str, ...]]] = {
    "Frontal": ("we are simply better and they know it", "three references in the same industry", ""),
    "Flanking": ("the specification was written for somebody else", "total cost must become a criterion", ""),
    "Fragment": ("the first hall is ours to win, the rest later", "maintenance can decide alone up to its limit", ""),
    "Defend": ("installed base at two sites", "the frame contract ends with this decision", ""),
    "Develop": ("nothing forces them this year", "be there when the budget opens", ""),
    "Disengage": ("our effort is better spent elsewhere", ""),
}
_CHANGED: Final = (
    "new head of procurement",
    "the criteria were published",
    "our sponsor has left",
    "the audit was moved up",
)
_JUDGEMENTS: Final[tuple[tuple[str, str, str], ...]] = (
    ("event_creatable", "yes", "the operations director would bring the shutdown forward"),
    ("event_creatable", "no", "nobody there is in a hurry, asked twice"),
    ("three_to_one", "yes", "they scored us 84, the next one 31"),
    ("three_to_one", "no", "two of five evaluators prefer the other one"),
    ("criteria_changeable", "yes", "the chief engineer may still add life-cycle cost"),
    ("criteria_changeable", "no", "the tender is published"),
    ("winnable_subset", "yes", "the pilot hall has a budget of its own"),
    ("winnable_subset", "no", "all or nothing, says procurement"),
    ("position_to_protect", "yes", "40 of our meters are in the utilities"),
    ("position_to_protect", "no", "our last unit was taken out in spring"),
)


@dataclass(frozen=True)
class Declared:
    """One row of the strategies table."""

    deal: Deal
    strategy: str
    variation: str
    competitor: str
    day: dt.date
    author: str
    reason: str


@dataclass(frozen=True)
class Judged:
    """One row of the judgements table."""

    deal: Deal
    judgement: str
    answer: str
    day: dt.date
    author: str
    reason: str


class Known:
    """What was known of one deal over time: its ratings by party and day, and whom it meets."""

    def __init__(self, deal: Deal) -> None:
        self.deal = deal
        self.ratings: list[Rating] = []
        self.rivals: list[str] = []

    @property
    def days(self) -> list[dt.date]:
        """The days on which we were assessed."""
        return sorted({one.day for one in self.ratings if not one.competitor})

    def signs(self, day: dt.date, competitor: str = "") -> dict[int, str]:
        """The newest rating of each criterion by a day."""
        return {one.criterion: one.sign for one in self.ratings if one.competitor == competitor and one.day <= day}

    def changes(self, first: dt.date, second: dt.date) -> int:
        """How many of our ratings differ between two days."""
        before, after = self.signs(first), self.signs(second)
        return sum(before.get(number) != sign for number, sign in after.items())


def known_of(ratings: Iterable[Rating], rivals: Iterable[Rival]) -> list[Known]:
    """The assessed deals in the order of their creation."""
    found: dict[str, Known] = {}
    for rating in ratings:
        found.setdefault(rating.deal.id, Known(rating.deal)).ratings.append(rating)
    for rival in rivals:
        if rival.deal.id in found:
            found[rival.deal.id].rivals.append(rival.competitor)
    return list(found.values())


def build_strategies(assessed: list[Known], last: Iterable[Seen], seed: int = SEED) -> dict[str, list[Declared]]:
    """The declarations by deal; the planted ones replace what an open deal had."""
    declared: dict[str, list[Declared]] = defaultdict(list)
    for number, known in enumerate(assessed):
        declared[known.deal.id] = _of_deal(Dice(seed, 15, number), known)
    commit = {row.deal.id for row in last if row.is_open and row.category == "Commit"}
    _plant(Dice(seed, 16), [known for known in assessed if outcome(known.deal, AS_OF) == "open"], declared, commit)
    return declared


def build_judgements(assessed: list[Known], seed: int = SEED) -> list[Judged]:
    """What people judged about some of the deals, for themselves."""
    rows = []
    for number, known in enumerate(assessed):
        dice = Dice(seed, 17, number)
        if not dice.chance(0.16):
            continue
        picked = {one[0]: one for one in (dice.pick(_JUDGEMENTS), dice.pick(_JUDGEMENTS))}
        for judgement, answer, reason in picked.values():
            day = _after(dice, known, known.days[-1])
            if day is not None:
                rows.append(Judged(known.deal, judgement, answer, day, known.deal.owners.at(day), reason))
    return rows


def fitting(signs: dict[int, str], theirs: dict[int, str]) -> str:
    """A strategy that what is known speaks for, as a seller would see it."""
    # Sellers take what is not known for good news.
    hoped = {number for number in range(1, 21) if signs.get(number) != "-"}
    if {5, 7, 10} <= hoped and len({6, 7, 8, 9, 10} & hoped) >= 3:
        ahead = sum(signs.get(number) == "+" and theirs.get(number) == "-" for number in (7, 9, 10, 12))
        if ahead >= 2:
            return "Frontal"
        if 12 in hoped:
            return "Flanking"
        if 11 in hoped:
            return "Fragment"
    if signs.get(9) == "+":
        return "Defend"
    return "Develop" if "+" in (signs.get(17), signs.get(20)) else "Disengage"


def _of_deal(dice: Dice, known: Known) -> list[Declared]:
    """A deal's declarations: one after the first or second assessment, and another if much has changed since."""
    if not dice.chance(_DECLARED):
        return []
    days = known.days
    basis = days[1] if len(days) > 1 and dice.chance(0.6) else days[0]
    first = _declare(dice, known, basis, _chosen(dice, known, basis))
    rows = [first] if first else []
    for day in days:
        if rows and day > rows[-1].day and known.changes(rows[-1].day, day) >= 5 and dice.chance(0.5):
            better = _chosen(dice, known, day)
            row = _declare(dice, known, day, better, dice.pick(_CHANGED))
            if row and better != rows[-1].strategy:
                rows.append(row)
    return rows


def _chosen(dice: Dice, known: Known, day: dt.date) -> str:
    rival = known.rivals[0] if known.rivals else ""
    fits = fitting(known.signs(day), known.signs(day, rival) if rival else {})
    return dice.pick(list(VARIATIONS)) if dice.chance(_BY_HABIT) else fits


def _declare(dice: Dice, known: Known, basis: dt.date, strategy: str, reason: str | None = None) -> Declared | None:
    """One declaration some days after an assessment; None where the deal was closed by then."""
    day = _after(dice, known, basis)
    if day is None:
        return None
    variations = VARIATIONS[strategy]
    variation = dice.pick(variations) if variations and dice.chance(0.85) else ""
    rival = dice.pick(known.rivals) if known.rivals and dice.chance(0.6) else ""
    why = dice.pick(_REASONS[strategy]) if reason is None else reason
    return Declared(known.deal, strategy, variation, rival, day, known.deal.owners.at(day), why)


def _after(dice: Dice, known: Known, basis: dt.date) -> dt.date | None:
    day = workday(basis + dt.timedelta(days=dice.whole(0, 5)))
    return day if day <= AS_OF and outcome(known.deal, day) == "open" else None


def _plant(dice: Dice, open_deals: list[Known], declared: dict[str, list[Declared]], commit: set[str]) -> None:
    """Break each rule on a few open deals, each deal once."""
    free = [known for known in open_deals if declared[known.deal.id]]
    rules: dict[str, Callable[[Known], list[Declared] | None]] = {
        "position_in_commit": lambda known: _one(known, "Develop", "Invest") if known.deal.id in commit else None,
        "attack_event": lambda known: _one(known, "Flanking", "Alter the rules") if _no_event(known) else None,
        "frontal_advantage": lambda known: _one(known, "Frontal", "Solution") if _level(known) else None,
        "two_strategies": _two,
        "changed_alone": _changed,
    }
    for rule, make in rules.items():
        planted = 0
        while planted < PLANTED[rule]:
            known = free.pop(dice.whole(0, len(free) - 1))
            rows = make(known)
            if rows:
                declared[known.deal.id] = rows
                planted += 1
            else:
                free.append(known)


def _one(known: Known, strategy: str, variation: str) -> list[Declared]:
    day = min(workday(known.days[-1]), AS_OF)
    return [Declared(known.deal, strategy, variation, "", day, known.deal.owners.at(day), "")]


def _no_event(known: Known) -> bool:
    """Nothing compels them, and nobody who could change that listens to us."""
    signs = known.signs(AS_OF)
    return signs[5] == signs[12] == signs[15] == "-"


def _level(known: Known) -> bool:
    """Of four criteria we are ahead of every competitor on two at the very most, whatever is still unknown."""
    signs = known.signs(AS_OF)
    return bool(known.rivals) and all(
        sum(signs[n] != "-" and known.signs(AS_OF, rival).get(n, "?") != "+" for n in (7, 9, 10, 12)) <= 2
        for rival in known.rivals
    )


def _two(known: Known) -> list[Declared] | None:
    """One strategy against each of two competitors, declared on the same day."""
    if len(known.rivals) < 2:
        return None
    day = min(workday(known.days[-1]), AS_OF)
    author = known.deal.owners.at(day)
    return [
        Declared(known.deal, strategy, variation, rival, day, author, "")
        for (strategy, variation), rival in zip(
            (("Flanking", "Acknowledge and expand"), ("Defend", "Insulate")), known.rivals, strict=False
        )
    ]


def _changed(known: Known) -> list[Declared] | None:
    """Another strategy two weeks later, although nothing was rated in between."""
    first = workday(known.days[-1])
    second = workday(first + dt.timedelta(days=14))
    if second > AS_OF:
        return None
    author = known.deal.owners.at(second)
    return [
        Declared(known.deal, "Flanking", "Alter the rules", "", first, author, ""),
        Declared(known.deal, "Defend", "Insulate", "", second, author, "felt wrong"),
    ]
