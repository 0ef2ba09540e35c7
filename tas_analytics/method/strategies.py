"""The competitive strategies: what each is, when it fits, and what it leans on.

The facts are data (``strategies.toml``); this module reads them and compares names.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final, Literal

from rapidfuzz import fuzz, process

from tas_analytics.method.criteria import normal

#: A name must be this like a known one, of 100, to be taken for it.
LIKENESS: Final = 88
#: The likeness of shorter names means nothing.
_SHORTEST: Final = 6

Kind = Literal["attack", "position", "leave"]


@dataclass(frozen=True)
class Variation:
    """One way to carry out a strategy; ``when`` holds the conditions under which it is advised, as data."""

    key: str
    name: str
    idea: str
    when: tuple[Mapping[str, Any], ...] = field(hash=False)


@dataclass(frozen=True)
class Footing:
    """A criterion that a strategy leans on.

    ``needed`` says that the strategy stands on it; otherwise it is watched, because a change ends the strategy.
    """

    criterion: int
    needed: bool
    why: str


@dataclass(frozen=True)
class Strategy:
    """One strategy with its variations, in the order of the method."""

    key: str
    name: str
    kind: Kind
    idea: str
    caution: str
    leans_on: tuple[Footing, ...]
    variations: tuple[Variation, ...]

    def variation(self, key: str) -> Variation | None:
        """The variation of that key."""
        return next((one for one in self.variations if one.key == key), None)


@cache
def strategies() -> tuple[Strategy, ...]:
    """All six, attack first."""
    return tuple(
        Strategy(
            row["key"],
            row["name"],
            row["kind"],
            row["idea"],
            row["caution"],
            tuple(Footing(one["criterion"], one["role"] == "needs", one["why"]) for one in row["leans_on"]),
            tuple(
                Variation(one["key"], one["name"], one["idea"], tuple(one["when"])) for one in row.get("variation", ())
            ),
        )
        for row in data()["strategy"]
    )


def strategy(key: str) -> Strategy:
    """The strategy of that key."""
    return next(one for one in strategies() if one.key == key)


@lru_cache(maxsize=4096)
def find(text: str | None) -> Strategy | None:
    """The strategy that a text names in any spelling, or None.

    Examples
    --------
    >>> find("Frontal attack").key, find("flank").key, find("Defense").key, find("wait and see")
    ('frontal', 'flanking', 'defend', None)
    """
    key = _closest(text, _names())
    return strategy(key) if key else None


@lru_cache(maxsize=4096)
def find_variation(of: Strategy | None, text: str | None) -> Variation | None:
    """The variation of a strategy that a text names in any spelling, or None."""
    if of is None:
        return None
    key = _closest(text, _variation_names(of.key))
    return of.variation(key) if key else None


def _closest(text: str | None, known: Mapping[str, str]) -> str | None:
    name = _plain(text or "")
    if name in known:
        return known[name]
    if len(name) < _SHORTEST:
        return None
    best = process.extractOne(name, list(known), scorer=fuzz.ratio, score_cutoff=LIKENESS)
    return known[best[0]] if best else None


def _plain(text: str) -> str:
    """A name without case, punctuation and the word strategy."""
    return re.sub("strateg(y|ie|ies)", "", normal(text))


@cache
def _names() -> dict[str, str]:
    return {_plain(name): row["key"] for row in data()["strategy"] for name in (row["key"], row["name"], *row["names"])}


@cache
def _variation_names(key: str) -> dict[str, str]:
    rows: Sequence[dict[str, Any]] = next(row for row in data()["strategy"] if row["key"] == key).get("variation", ())
    return {_plain(name): row["key"] for row in rows for name in (row["key"], row["name"], *row.get("names", ()))}


@cache
def data() -> dict[str, Any]:
    """The file of strategies as it is."""
    return tomllib.loads((Path(__file__).parent / "strategies.toml").read_text(encoding="utf-8"))
