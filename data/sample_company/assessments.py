"""Assessments of the deals: what the owners knew of the 20 criteria, for us and for each competitor, over time.

Planted: a deal with a compelling event (#5) or with inside support (#11) wins more often; no other criterion does,
not even solution fit (#7). One competitor beats us on executive credibility (#12). What is unknown shrinks as deals
advance. A first assessment rates what is known and asks the rest; a later one writes down what has changed.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from sample_company.catalogue import AS_OF, LOST, OPEN_STAGES, TEAMS, WON
from sample_company.company import SEED, Company
from sample_company.deals import Deal
from sample_company.dice import Dice, workday
from sample_company.evidence import EVIDENCE, VOICES
from sample_company.people import Person

CRITERIA: Final = tuple(range(1, 21))
#: Chance that a deal is assessed at all; the very large ones always are.
ASSESSED: Final = 0.6
_LARGE: Final = 60_000_000  # cents
#: The three competitors, and how often a deal meets each.
OSTERWICK: Final = "Osterwick Controls"
RIVALS: Final[dict[str, float]] = {OSTERWICK: 0.42, "Ravensgill & Partner": 0.36, "Quorndale Metering": 0.27}
#: Chance of + for us, by criterion, where the outcome of the deal plays no part.
_FAVOURABLE: Final[dict[int, float]] = {
    1: 0.74, 2: 0.68, 3: 0.72, 4: 0.58, 6: 0.60, 7: 0.72, 8: 0.52, 9: 0.54, 10: 0.48, 12: 0.60, 13: 0.64, 14: 0.45,
    15: 0.46, 16: 0.55, 17: 0.57, 18: 0.53, 19: 0.56, 20: 0.50,
}  # fmt: skip
#: Chance of + where it does: of deals that are won in the end, and of those that are lost.
PLANTED: Final[dict[int, tuple[float, float]]] = {5: (0.80, 0.42), 11: (0.72, 0.36)}
#: Chance of + on executive credibility where the strong competitor is in the deal: ours, and theirs.
_OUTRANKED: Final = (0.16, 0.92)
#: Share that is known by stage, and how much harder some criteria are to find out.
_KNOWN: Final = (0.52, 0.66, 0.78, 0.87, 0.93)
_HARDER: Final[dict[int, float]] = {5: 0.04, 10: -0.06, 11: -0.04, 12: -0.08, 13: 0.02, 14: -0.16, 15: -0.12, 18: -0.06}
#: Of competitors less is known.
_RIVAL_KNOWN: Final = -0.22
_RIVAL_CRITERIA: Final = (7, 8, 9, 10, 11, 12, 13, 14, 15, 18, 19, 20)
#: One team finds out less about who decides.
_CURSORY_TEAM: Final = "Asia Pacific"
_CURSORY: Final = -0.14


@dataclass(frozen=True)
class Rating:
    """One row of the assessments table; ``competitor`` is blank for ourselves."""

    deal: Deal
    competitor: str
    criterion: int
    sign: str
    day: dt.date
    author: str
    evidence: str


@dataclass(frozen=True)
class Rival:
    """One row of the competitors table."""

    deal: Deal
    competitor: str
    incumbent: bool
    status: str


def build_assessments(company: Company, seed: int = SEED) -> tuple[list[Rating], list[Rival]]:
    """All ratings and competitors, by deal in the order of creation, each deal from its own source of chance."""
    ratings: list[Rating] = []
    rivals: list[Rival] = []
    for number, deal in enumerate(company.deals):
        dice = Dice(seed, 10, number)
        large = deal.amounts.entries[0][1] >= _LARGE
        if not (dice.chance(ASSESSED) or large):
            continue
        days = assessment_days(Dice(seed, 11, number), deal)
        if not days:
            continue
        met = _met(Dice(seed, 12, number), deal)
        rivals += met
        ratings += _ratings(Dice(seed, 13, number), deal, days, [one.competitor for one in met], company.people)
    return ratings, rivals


def assessment_days(dice: Dice, deal: Deal) -> list[dt.date]:
    """The days of the assessments: soon after the start, then after most steps, and never on or after a close."""
    days: list[dt.date] = []
    entries = deal.stages.entries
    for at, (entered, stage) in enumerate(entries):
        if stage not in OPEN_STAGES or (at and dice.chance(0.42)):
            continue
        day = workday(entered + dt.timedelta(days=dice.whole(3, 12)))
        left = entries[at + 1][0] if at + 1 < len(entries) else dt.date.max
        if day < left and day <= AS_OF and (not days or day > days[-1]):
            days.append(day)
    return days


def _met(dice: Dice, deal: Deal) -> list[Rival]:
    """Who else wants the deal; the one that a deal was lost to is there when anybody is."""
    names = [name for name, share in RIVALS.items() if dice.chance(share)]
    lost = deal.stages.at(AS_OF) == LOST and deal.loss_reason == "Lost to competitor"
    winner = dice.pick(names) if names else ""
    incumbent = dice.pick(names) if names and dice.chance(0.4) else ""
    closed = deal.stages.at(AS_OF) in (WON, LOST)
    result = []
    for name in names:
        out = dice.chance(0.15) or closed
        status = "Won" if lost and name == winner else "Out" if out else "Short-listed"
        result.append(Rival(deal, name, name == incumbent, status))
    return result


def _ratings(dice: Dice, deal: Deal, days: list[dt.date], rivals: list[str], people: list[Person]) -> list[Rating]:
    """The rows of one deal: everything on the first day, afterwards what has become known or has changed."""
    wins = _wins(dice, deal)
    team = next((person.team for person in people if person.name == deal.owners.entries[0][1]), TEAMS[0][0])
    rows: list[Rating] = []
    for rival in ("", *rivals):
        told: dict[int, str] = {}
        criteria = CRITERIA if not rival else _RIVAL_CRITERIA
        truth = {number: "+" if dice.chance(_odds(number, rival, rivals, wins)) else "-" for number in criteria}
        hidden = {number: dice.uniform() for number in criteria}
        for day in days:
            stage = OPEN_STAGES.index(deal.stages.at(day))
            for number in criteria:
                # Now and then the world changes, by its own chances.
                if told and dice.chance(0.05):
                    truth[number] = "+" if dice.chance(_odds(number, rival, rivals, wins)) else "-"
                sign = truth[number] if hidden[number] < _known(number, stage, rival, team) else "?"
                if told.get(number) == sign or (rival and not told.get(number) and sign == "?" and dice.chance(0.5)):
                    continue
                told[number] = sign
                author = deal.owners.at(day)
                rows.append(Rating(deal, rival, number, sign, day, author, _evidence(dice, number, sign, rival)))
    return rows


def _wins(dice: Dice, deal: Deal) -> bool:
    """Whether the deal is won in the end, which may lie ahead; nobody knows it of the scripted open ones."""
    end = deal.stages.entries[-1][1]
    return end == WON if end in (WON, LOST) else dice.chance(0.4)


def _odds(number: int, rival: str, rivals: list[str], wins: bool) -> float:
    """The chance of +; of a competitor it does not depend on the outcome."""
    if number == 12 and OSTERWICK in (rivals if not rival else [rival]):
        return _OUTRANKED[1 if rival else 0]
    if not rival and number in PLANTED:
        return PLANTED[number][0 if wins else 1]
    return _FAVOURABLE.get(number, 0.5) - (0.06 if rival else 0.0)


def _known(number: int, stage: int, rival: str, team: str) -> float:
    """The chance that a criterion is known by a stage."""
    cursory = _CURSORY if team == _CURSORY_TEAM and 11 <= number <= 15 else 0.0
    return _KNOWN[stage] + _HARDER.get(number, 0.0) + (_RIVAL_KNOWN if rival else 0.0) + cursory


def _evidence(dice: Dice, number: int, sign: str, rival: str) -> str:
    """What was said, for some of the ratings; of competitors hardly anybody writes more than the sign."""
    if not dice.chance(0.07 if rival else {"+": 0.4, "-": 0.4, "?": 0.15}[sign]):
        return ""
    if rival:
        return f"as {dice.pick(VOICES).lower()} sees it"
    text = dice.pick(EVIDENCE[number][sign])
    return f"{dice.pick(VOICES)}: {text}" if sign != "?" and dice.chance(0.7) else text[0].upper() + text[1:]
