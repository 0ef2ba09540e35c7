"""Stages: the method's own five, and a proposal for names that an export brings.

The facts are data (``stages.toml``); this module only compares names.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from rapidfuzz import fuzz, process

OPEN: Final = "open"
WON: Final = "won"
LOST: Final = "lost"
STATUSES: Final = (OPEN, WON, LOST)
#: A name must be this like a known one, of 100, to be taken for it.
LIKENESS: Final = 88
#: An unknown name stands between the known first and last steps.
MIDDLE: Final = 55
#: A number at the beginning of a stage's name is most often its place.
_NUMBER: Final = re.compile(r"\s*(\d{1,2})(?!\d)")


@dataclass(frozen=True)
class Stage:
    """One step: ``position`` orders, ``probability`` is a share, ``origin`` says who decided and ``evidence`` why."""

    stage: str
    position: float
    probability: float
    status: str
    planned_days: int | None
    origin: str
    evidence: str | None = None


@dataclass(frozen=True)
class Signs:
    """What the data says of a stage beside its name.

    Parameters
    ----------
    probability
        Average of the CRM's own probability over the deals in the stage, 0 to 1, if it gives one.
    won, lost, opened
        How many deals in the stage the CRM calls so, where it does.
    deals
        How many deals were seen in it.
    place, placed_deals
        Where in the lives of deals it stands, 0 for first to 1 for last, and how many deals show that.
    known
        Places and names of the stages of the same process whose names are known.
    """

    probability: float | None = None
    won: int = 0
    lost: int = 0
    opened: int = 0
    deals: int = 0
    place: float | None = None
    placed_deals: int = 0
    known: tuple[tuple[float, str], ...] = ()

    def placed(self, place: float, deals: int) -> Signs:
        """The same with its place in the lives of deals."""
        return replace(self, place=place, placed_deals=deals)

    def beside(self, known: Sequence[tuple[float | None, str]]) -> Signs:
        """The same with the places of known stages, between which it may stand."""
        return replace(self, known=tuple(sorted((place, name) for place, name in known if place is not None)))


@dataclass(frozen=True)
class _Known:
    status: str
    at: float


def normal(name: str) -> str:
    """A stage name without case, accents, numbering and punctuation: ``6 - Closed/Won`` → ``closed won``."""
    text = unicodedata.normalize("NFKD", name)
    text = "".join(ch for ch in text if not unicodedata.combining(ch)).casefold()
    words = re.findall(r"[^\W\d_]+", text)
    return " ".join(words)


@cache
def defaults() -> tuple[Stage, ...]:
    """The five stages of METHOD §8 with won and lost."""
    return tuple(
        Stage(row["stage"], float(index), row["probability"], row["status"], row.get("planned_days"), "default")
        for index, row in enumerate(_data()["default"], start=1)
    )


def is_known(name: str) -> bool:
    """Whether the name alone tells what the stage means."""
    text = normal(name)
    return any(normal(stage.stage) == text for stage in defaults()) or _find(text) is not None


def propose(name: str, signs: Signs | None = None) -> Stage:
    """What a stage most likely means: from its name, or else from what the data says of it.

    Parameters
    ----------
    name
        The stage as the export calls it.
    signs
        What the data says of it.

    Returns
    -------
    Stage
        Origin "default" for the method's own names, otherwise "proposed".
    """
    signs = signs or Signs()
    for stage in defaults():
        if normal(stage.stage) == normal(name):
            position = _known()[normal(name)].at if normal(name) in _known() else stage.position
            return replace(stage, stage=name, position=position, evidence="its name is the method's")
    # Nought for every open deal of a stage says that nobody keeps the field, not that none will be won.
    crm_probability = signs.probability or None
    known, why = _find(normal(name)), "its name"
    guessed = known is None
    if known is None:
        known, why = _by_signs(name, signs, crm_probability)
    if known.status != OPEN:
        at = 101.0 if known.status == WON else 102.0
        return Stage(name, at, 1.0 if known.status == WON else 0.0, known.status, None, "proposed", why)
    # A place worked out from the deals moves a little with every load; in steps, weighted pipelines of past days stay.
    step = 5 if guessed and signs.place is not None else 1
    share = crm_probability if crm_probability is not None else round(step * round(known.at / step) / 100, 2)
    return Stage(name, known.at, min(max(share, 0.01), 0.99), OPEN, None, "proposed", why)


def _by_signs(name: str, signs: Signs, probability: float | None) -> tuple[_Known, str]:
    """What a stage means whose name is not known."""
    status, why = _status_by_word(normal(name)), "its name"
    if status == OPEN:
        said = {WON: signs.won, LOST: signs.lost, OPEN: signs.opened}
        only = [word for word, deals in said.items() if deals]
        if len(only) == 1 and only[0] != OPEN:
            status, why = only[0], f"the CRM calls its {said[only[0]]:,} deals {only[0]}"
    if status != OPEN:
        return _Known(status, MIDDLE), why
    if probability is not None:
        return _Known(OPEN, 100 * probability), "the CRM's probability"
    if signs.place is not None:
        return _Known(
            OPEN, _between(signs.place, signs.known)
        ), f"its place in the lives of {signs.placed_deals:,} deals"
    number = _NUMBER.match(name)
    if number is not None:
        return _Known(OPEN, min(10.0 * int(number[1]), 95.0)), "its number"
    return _Known(OPEN, MIDDLE), "nothing tells its place: it stands in the middle"


def _between(place: float, known: Sequence[tuple[float, str]]) -> float:
    """A position from a place in the lives of deals, measured by the stages whose positions are known."""
    points = [(where, propose(name).position) for where, name in known]
    below = max((point for point in points if point[0] <= place), default=(0.0, 0.0))
    above = min((point for point in points if point[0] > place), default=(1.0, 100.0))
    share = (place - below[0]) / (above[0] - below[0]) if above[0] > below[0] else 0.0
    at = below[1] + share * (min(above[1], 100.0) - below[1])
    return round(min(max(at, 1.0), 99.0), 1)


def _find(text: str) -> _Known | None:
    table = _known()
    if text in table:
        return table[text]
    match = process.extractOne(text, table.keys(), scorer=fuzz.ratio, score_cutoff=LIKENESS)
    return table[match[0]] if match else None


def _status_by_word(text: str) -> str:
    words = set(text.split())
    if words & {"lost", "verloren", "perdu", "perdue", "perdido", "perdida"}:
        return LOST
    if words & {"won", "gewonnen", "ganado", "ganada", "ganho", "ganha", "gagne", "gagnee"}:
        return WON
    return OPEN


@cache
def _known() -> dict[str, _Known]:
    return {
        normal(name): _Known(group["status"], float(group["at"]))
        for group in _data()["known"]
        for name in group["names"]
    }


@cache
def _data() -> dict[str, list[dict[str, Any]]]:
    return tomllib.loads((Path(__file__).parent / "stages.toml").read_text(encoding="utf-8"))
