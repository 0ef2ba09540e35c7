"""The 20 criteria of an opportunity's assessment, found by number or by name in any spelling.

The facts are data (``criteria.toml``); this module only compares names.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

from rapidfuzz import fuzz, process

#: A name must be this like a known one, of 100, to be taken for it.
LIKENESS: Final = 88
#: A likeness of shorter names means nothing.
_SHORTEST: Final = 8
_NUMBER: Final = re.compile(
    r"(?:criterion|criteria|kriterium|critere|criterio|question|crit|no|nr|c|q|n)?0*([1-9]|1\d|20)"
)
_NUMBERED: Final = re.compile(r"\s*(?:[#№CQcq]\s*)?0*([1-9]|1\d|20)\s*[.):–—\-_ ]+\s*(\D.*)")

Rating = Literal["+", "-", "?"]


@dataclass(frozen=True)
class Criterion:
    """One criterion: ``favourable`` and ``unfavourable`` name its poles, ``short`` the favourable one in few words.

    ``ask`` finds it out and ``whom`` can answer. ``threshold`` and ``within_days`` decide what the deal's own figures
    propose, where they can (see :mod:`tas_analytics.metrics.proposals`).
    """

    number: int
    key: str
    name: str
    question: str
    favourable: str
    unfavourable: str
    high_is_bad: bool
    short: str = ""
    weight: float = 1.0
    ask: tuple[str, ...] = ()
    whom: str = ""
    threshold: float | None = None
    within_days: int | None = None

    @property
    def place(self) -> int:
        """The place of its question among the four, from 0."""
        return (self.number - 1) // 5


@cache
def criteria() -> tuple[Criterion, ...]:
    """All 20 by number."""
    return tuple(
        Criterion(
            row["number"], row["key"], row["name"], row["question"], row["favourable"], row["unfavourable"],
            row.get("high_is_bad", False), row["short"], row["weight"], tuple(row["ask"]), row["whom"],
            row.get("threshold"), row.get("within_days"),
        )
        for row in _data()["criterion"]
    )  # fmt: skip


def questions() -> tuple[str, ...]:
    """The four questions in their order."""
    return tuple(dict.fromkeys(one.question for one in criteria()))


def find(text: str, *, alike: bool = True) -> int | None:
    """The number of a criterion that a text names, or None.

    Parameters
    ----------
    text
        The text.
    alike
        Whether a name that is only like a known one will do.

    Examples
    --------
    >>> find("7"), find("#7 Solution fit"), find("solution-fit"), find("Compeling Event"), find("Colour")
    (7, 7, 7, 5, None)
    """
    numbered = _NUMBERED.fullmatch(text)
    if numbered:
        # "2. Develop" is no criterion: behind a number stands its name or nothing.
        by_name = find(numbered[2], alike=alike)
        return by_name if by_name in (None, int(numbered[1])) else None
    # A spreadsheet makes 7 to 7.0.
    name = normal(text.strip().removesuffix(".0"))
    if match := _NUMBER.fullmatch(name):
        return int(match[1])
    known = _names()
    if name in known:
        return known[name]
    if len(name) < _SHORTEST or not alike:
        return None
    best = process.extractOne(name, list(known), scorer=fuzz.ratio, score_cutoff=LIKENESS)
    # "Formal decision criteria" and "Informal decision criteria" are likelier than not to be taken for each other.
    return known[best[0]] if best and name.startswith("in") == best[0].startswith("in") else None


def names_one(text: str) -> bool:
    """Whether a text names a criterion in words, not by its number alone."""
    return find(text) is not None and not _NUMBER.fullmatch(normal(text))


def rating(text: str, number: int | None = None) -> Rating | None:
    """What a cell says about a criterion: ``+``, ``-``, ``?``, or None where it is no rating.

    Parameters
    ----------
    text
        The cell.
    number
        The criterion; without it, "high" and "low" cannot be told.

    Examples
    --------
    >>> rating("+"), rating("−"), rating("Yes"), rating("amber"), rating("maybe later")
    ('+', '-', '+', '?', None)
    >>> rating("high", 17), rating("high", 19), rating("high")
    ('+', '-', None)
    """
    word = _word(text)
    if not word:
        return None
    if number is not None:
        one = criteria()[number - 1]
        if word in (one.favourable, one.unfavourable):
            return "+" if word == one.favourable else "-"
    found = _rating_words().get(word)
    if found in ("high", "low"):
        if number is None:
            return None
        return "+" if (found == "high") != criteria()[number - 1].high_is_bad else "-"
    return {"plus": "+", "minus": "-", "unknown": "?"}.get(found or "")  # type: ignore[return-value]


def is_no_rating(text: str) -> bool:
    """Whether a cell says that there is no rating, which is not the same as a rating of ``?``."""
    return _rating_words().get(_word(text)) == "none"


def traffic_light(texts: Iterable[str]) -> bool:
    """Whether cells are the letters of a traffic light, of which "y" is yellow: ``?``, not yes."""
    return not set(_data()["rating"]["lights"]).isdisjoint(map(_word, texts))


def normal(name: str) -> str:
    """A name without case, accents, blanks and punctuation."""
    text = unicodedata.normalize("NFKD", name)
    text = "".join(ch for ch in text if not unicodedata.combining(ch)).casefold()
    return re.sub(r"[\W_]+", "", text)


def _word(text: str) -> str:
    """A cell in small letters without accents and blanks around it; signs stay."""
    plain = unicodedata.normalize("NFKD", text.strip().strip("'\"()[]").strip())
    return "".join(ch for ch in plain if not unicodedata.combining(ch)).casefold()


@cache
def _names() -> dict[str, int]:
    found: dict[str, int] = {}
    for row in _data()["criterion"]:
        for name in (row["name"], row["key"], *row["names"]):
            found[normal(name)] = row["number"]
    return found


@cache
def _rating_words() -> dict[str, str]:
    groups: dict[str, list[str]] = _data()["rating"]
    return {_word(word): group for group, words in groups.items() if group != "lights" for word in words}


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "criteria.toml").read_text(encoding="utf-8"))
