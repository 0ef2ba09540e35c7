"""Milestones: the catalogue of formal customer steps, and a resolver that finds them under any spelling.

The facts are data (``milestones.toml``); a company may change them (table ``milestone_catalogue``). This module
compares names and orders what it finds.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal

from rapidfuzz import fuzz

Kind = Literal["milestone", "customer event", "stage outcome", "verifiable outcome", "own"]
#: Kinds in the order of a list of choices; "own" is a milestone that only the company's data name.
KINDS: Final = ("milestone", "customer event", "stage outcome", "verifiable outcome", "own")
#: Where milestones that no catalogue knows stand: after all others.
AT_THE_END: Final = 1000.0
#: A word must be this like another, of 100, to be taken for a misspelling of it.
LIKENESS: Final = 84
#: Shorter words are compared letter by letter: "sent" and "rent" are no misspellings.
_SHORTEST: Final = 5
#: Words that say nothing of which milestone it is.
_FILLING: Final = frozenset(
    "the a an of for to is are was has have been by our their with date day milestone step gate datum fecha".split()
)
_BETWEEN: Final = re.compile(r"\s*[;|\n]\s*")
_NUMBERED: Final = re.compile(r"^\s*(?:m|ms|step|gate)?\s*\d{1,2}\s*[.):–—-]\s*", re.IGNORECASE)


@dataclass(frozen=True)
class MilestoneType:
    """One entry of the catalogue.

    Parameters
    ----------
    code
        A short name that never changes; rules and files refer to it.
    name
        What it is called on pages.
    kind
        One of :data:`KINDS`.
    position
        Its place in the order of a usual deal.
    stage
        The stage that it belongs to, by name.
    planned_days
        Days from entering that stage by which it should be reached.
    mandatory
        Whether the stage is not done without it.
    synonyms
        Other names in exports.
    about
        What it means, in a sentence.
    in_use
        Whether it is offered for new deals.
    origin
        "default", "set" by the company or "found" in its data only.
    """

    code: str
    name: str
    kind: str = "own"
    position: float = AT_THE_END
    stage: str | None = None
    planned_days: int | None = None
    mandatory: bool = False
    synonyms: tuple[str, ...] = ()
    about: str | None = None
    in_use: bool = True
    origin: str = "default"


@cache
def defaults() -> tuple[MilestoneType, ...]:
    """The catalogue before a company changes it, in its order."""
    data = tomllib.loads((Path(__file__).parent / "milestones.toml").read_text(encoding="utf-8"))
    return tuple(
        MilestoneType(
            row["code"], row["name"], row["kind"], float(row["position"]), row["stage"], row["planned_days"],
            row.get("mandatory", False), tuple(row["also"]), row["about"],
        )
        for row in data["milestone"]
    )  # fmt: skip


def normal(name: str) -> str:
    """A name without case, accents, numbering, punctuation and words that tell nothing.

    Examples
    --------
    >>> normal("Short-Listed"), normal("2) Date of the Demo"), normal("N.D.A. received")
    ('short listed', 'demo', 'nda received')
    """
    text = unicodedata.normalize("NFKD", _NUMBERED.sub("", name.replace("_", " ")))
    text = "".join(ch for ch in text if not unicodedata.combining(ch)).casefold()
    text = re.sub(r"\b(?:[a-z]\.){2,}", lambda match: match[0].replace(".", "") + " ", text)
    words = re.findall(r"[^\W_]+", text)
    return " ".join([word for word in words if word not in _FILLING] or words)


def code_of(name: str) -> str:
    """The code of a milestone that no catalogue knows: its normal name in one word."""
    return normal(name).replace(" ", "_") or "unnamed"


def split_synonyms(text: str | None) -> tuple[str, ...]:
    """Other names as a cell holds them, separated by semicolons."""
    return tuple(word for word in _BETWEEN.split(text.strip()) if word) if text else ()


class Resolver:
    """Finds the milestone that a spelling means.

    In this order: the code; the name; a synonym; the same words in another order; the same words, some of them
    misspelt. Nothing is guessed beyond that: "NDA sent" is not "NDA received", and a name that is not found is a
    milestone of its own.

    Examples
    --------
    >>> found = Resolver(defaults())
    >>> [found.find(name) for name in ("Shortlisted", "Executive sponser comitment", "NDA sent", "outbound intrest")]
    ['short_listed', 'executive_sponsor_commitment', None, 'outbound_interest']
    """

    def __init__(self, types: Iterable[MilestoneType]) -> None:
        # What the company says itself outweighs the defaults.
        ordered = sorted(types, key=lambda one: (one.origin != "set", one.position, one.code))
        self._by_name: dict[str, str] = {}
        # A name that is shown outweighs another's code or synonym.
        for names_of in (_shown, _coded, _other):
            for one in ordered:
                for name in names_of(one):
                    self._by_name.setdefault(normal(name), one.code)
        self._by_words: dict[tuple[str, ...], str] = {}
        for text, code in self._by_name.items():
            self._by_words.setdefault(tuple(sorted(text.split())), code)

    def find(self, name: str) -> str | None:
        """The code of the milestone that a spelling means; None where none does."""
        text = normal(name)
        if text in self._by_name:
            return self._by_name[text]
        words = tuple(sorted(text.split()))
        if words in self._by_words:
            return self._by_words[words]
        likely = {code for known, code in self._by_words.items() if _misspelt(words, known)}
        return next(iter(likely)) if len(likely) == 1 else None


def _shown(one: MilestoneType) -> tuple[str, ...]:
    return (one.name,)


def _coded(one: MilestoneType) -> tuple[str, ...]:
    return (one.code,)


def _other(one: MilestoneType) -> tuple[str, ...]:
    return one.synonyms


def _misspelt(words: Sequence[str], known: Sequence[str]) -> bool:
    """Whether the words are the known ones, each as it is or misspelt."""
    if len(words) != len(known) or not any(len(word) >= _SHORTEST for word in words):
        return False
    left = list(known)
    for word in sorted(words, key=lambda one: one not in left):
        if word in left:
            left.remove(word)
            continue
        near = [one for one in left if min(len(one), len(word)) >= _SHORTEST and fuzz.ratio(word, one) >= LIKENESS]
        if not near:
            return False
        left.remove(max(near, key=lambda one: fuzz.ratio(word, one)))
    return True
