"""Assessments as people keep them in spreadsheets: a column for each criterion, for us and for each competitor.

A header names a criterion by its number or its name, and may name whom it rates: "7", "Solution fit",
"Acme: Solution fit", "Us - Compelling event", "Competitor A 12". A column of evidence may stand beside it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from tas_analytics.ingest.understanding.headers import normal
from tas_analytics.method import criteria

#: So many criteria named in words make an assessment; numbers alone could be months, so nearly all must be there.
NAMED: Final = 5
NUMBERED: Final = 15
US: Final = frozenset(
    normal(word)
    for word in (
        "us",
        "we",
        "our",
        "ours",
        "own",
        "self",
        "our company",
        "our side",
        "ourselves",
        "home",
        "me",
        "internal",
        "wir selbst",
        "wir",
        "uns",
        "nous",
        "nosotros",
    )
)
_EVIDENCE: Final = re.compile(
    r"^(?P<what>.*?)[\s\-–—:_(]+(?:evidence|comment|comments|note|notes|reason|beleg|preuve|kommentar)\)?$",
    re.IGNORECASE,
)
_SPLIT: Final = re.compile(r"\s*(?::|\s[-–—]\s|\||/|→)\s*")
_BRACKETED: Final = re.compile(r"(?P<what>.+?)\s*[(\[{](?P<who>[^()\[\]{}\d]*[^\W\d_][^()\[\]{}]*)[)\]}]")
_OF: Final = re.compile(r"(?P<what>.+?)\s+(?:for|by|of|@|für|von|pour|de)\s+(?P<who>[^\W\d_].*)", re.IGNORECASE)
#: One rated against another is a difference, not a rating of either.
_AGAINST: Final = re.compile(r"\b(?:vs|versus|against|gegen|contre)\b", re.IGNORECASE)
_LETTER: Final = r"(?:c|q|cr|crit|criterion|criteria)"
_NUMBER_BEHIND: Final = re.compile(
    rf"(?P<who>\D*?[^\W\d_][^#]*?)[\s_#\-–—]+(?:{_LETTER}[\s_#.]*)?0?(?P<number>[1-9]|1\d|20)", re.IGNORECASE
)
_NUMBER_AHEAD: Final = re.compile(
    rf"{_LETTER}[\s_#.]*0?(?P<number>[1-9]|1\d|20)[\s_\-–—:]+(?P<who>[^\W\d_].*)", re.IGNORECASE
)


@dataclass(frozen=True)
class WideColumn:
    """A header that is a criterion; ``competitor`` is empty for ourselves."""

    header: str
    number: int
    competitor: str = ""
    is_evidence: bool = False
    by_number: bool = False


def parse(header: str) -> WideColumn | None:
    """What a header says, if it names a criterion.

    Examples
    --------
    >>> parse("Acme: Solution fit")
    WideColumn(header='Acme: Solution fit', number=7, competitor='Acme', is_evidence=False, by_number=False)
    """
    evidence = _EVIDENCE.match(header)
    if evidence:
        found = parse(evidence["what"])
        return None if found is None else WideColumn(header, found.number, found.competitor, is_evidence=True)
    number = criteria.find(header, alike=False)
    if number is not None:
        return WideColumn(header, number, by_number=not criteria.names_one(header))
    if _AGAINST.search(header):
        return None
    # Whom it rates comes before likeness: "Inside support (Acme)" is like "Inside support", and is not ours.
    parts = _SPLIT.split(header.strip())
    pairs = [(parts[0], parts[1]), (parts[1], parts[0])] if len(parts) == 2 else []
    pairs += [(told["who"], told["what"]) for form in (_BRACKETED, _OF) if (told := form.fullmatch(header.strip()))]
    for who, what in pairs:
        number = criteria.find(what)
        if number is not None and who:
            return WideColumn(header, number, _competitor(who), by_number=not criteria.names_one(what))
    number = criteria.find(header)
    if number is not None:
        return WideColumn(header, number)
    behind = _NUMBER_BEHIND.fullmatch(header.strip()) or _NUMBER_AHEAD.fullmatch(header.strip())
    # "Column 7" is what the reader calls a column without a header.
    if behind and normal(behind["who"]) != "column":
        return WideColumn(header, int(behind["number"]), _competitor(behind["who"]), by_number=True)
    return None


def columns(headers: Sequence[str], content: Callable[[str], Sequence[str]] | None = None) -> tuple[WideColumn, ...]:
    """The criteria among a file's headers, or none where they are too few to be an assessment.

    Parameters
    ----------
    headers
        The file's headers.
    content
        Gives cells under a header; a column whose cells are no ratings is no criterion.
    """
    found = [column for header in headers if (column := parse(header)) is not None]
    if content is not None:
        found = [column for column in found if column.is_evidence or are_ratings(content(column.header), column.number)]
    rated = [column for column in found if not column.is_evidence]
    named = [column for column in rated if not column.by_number]
    by_number: dict[str, set[int]] = {}
    for column in rated:
        if column.by_number:
            by_number.setdefault(column.competitor, set()).add(column.number)
    enough = {who for who, numbers in by_number.items() if len(numbers) >= NUMBERED}
    rated = [column for column in rated if not column.by_number or column.competitor in enough]
    if len({column.number for column in named}) < NAMED and not enough:
        return ()
    pairs = {(column.competitor, column.number) for column in rated}
    return (*rated, *(c for c in found if c.is_evidence and (c.competitor, c.number) in pairs))


def are_ratings(cells: Sequence[str], number: int) -> bool:
    """Whether cells are ratings of a criterion, nearly all of them; a column without cells may be one."""
    present = [cell for cell in cells if cell.strip() and not criteria.is_no_rating(cell)]
    return sum(criteria.rating(cell, number) is not None for cell in present) >= 0.8 * len(present)


def _competitor(who: str) -> str:
    name = who.strip(" \t-–—:_#")
    return "" if normal(name) in US else name
