"""Stages: the method's own five, and a proposal for names that an export brings.

The facts are data (``stages.toml``); this module only compares names.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Stage:
    """One step: ``position`` orders, ``probability`` is a share, ``origin`` says who decided."""

    stage: str
    position: float
    probability: float
    status: str
    planned_days: int | None
    origin: str


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


def propose(name: str, crm_probability: float | None = None) -> Stage:
    """What a stage most likely means, from its name and the CRM's average probability in it.

    Parameters
    ----------
    name
        The stage as the export calls it.
    crm_probability
        Average of the CRM's own probability over the deals in the stage, 0 to 1, if it gives one.

    Returns
    -------
    Stage
        Origin "default" for the method's own names, otherwise "proposed".
    """
    for stage in defaults():
        if normal(stage.stage) == normal(name):
            position = _known()[normal(name)].at if normal(name) in _known() else stage.position
            return Stage(name, position, stage.probability, stage.status, stage.planned_days, "default")
    # Nought for every open deal of a stage says that nobody keeps the field, not that none will be won.
    crm_probability = crm_probability or None
    known = _find(normal(name))
    if known is None:
        at = 100 * crm_probability if crm_probability is not None else MIDDLE
        known = _Known(_status_by_word(normal(name)), at)
    if known.status != OPEN:
        at = 101.0 if known.status == WON else 102.0
        return Stage(name, at, 1.0 if known.status == WON else 0.0, known.status, None, "proposed")
    share = crm_probability if crm_probability is not None else round(known.at / 100, 2)
    return Stage(name, known.at, min(max(share, 0.01), 0.99), OPEN, None, "proposed")


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
