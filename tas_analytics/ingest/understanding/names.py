"""Which header feeds which column of a table, by names: exactly first, without decorations next, by likeness last."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final, Literal

from rapidfuzz import fuzz, process

from tas_analytics.ingest.understanding.headers import normal, variants
from tas_analytics.ingest.understanding.presets import generic, synonyms
from tas_analytics.ingest.understanding.stage_dates import is_stage_date
from tas_analytics.store.tables import Table

LIKENESS: Final = 86
#: Headers with these ends hold something about a record, never its name, amount or day.
_OTHER_THINGS: Final = ("id", "ids", "by", "count", "url", "currency", "converted", "history", "duration", "modified")

Sureness = Literal["preset", "exact", "similar", "content", "user"]


def match_names(one: Table, headers: Sequence[str], taken: set[str]) -> dict[str, tuple[str, Sureness]]:
    """The header for each column of a table that has one, and how sure that is.

    Parameters
    ----------
    one
        The table.
    headers
        Headers that are free.
    taken
        Columns that are fed already.
    """
    found: dict[str, tuple[str, Sureness]] = {}
    free = list(headers)
    wanted = [column.name for column in one.columns if column.name not in taken]
    names = {column.name: names_of(one.name, column.name, column.label) for column in one.columns}
    _match_exactly(wanted, names, free, found, bare=False)
    _match_exactly(wanted, names, free, found, bare=True)
    known = {name for column in names.values() for name in column} | said_nothing()
    open_names = [(name, column) for column in wanted if column not in found for name in names[column]]
    open_headers = [header for header in free if normal(header) not in known and not is_stage_date(header)]
    for _, column, header in sorted(_alike(open_headers, open_names), key=lambda pair: (-pair[0], pair[1])):
        if column not in found and header in free:
            found[column] = (header, "similar")
            free.remove(header)
    return found


@cache
def names_of(table_name: str, column: str, label: str) -> tuple[str, ...]:
    """Normal forms of every name of a column, its own first."""
    names = [column, label, *synonyms().get(table_name, {}).get(column, [])]
    return tuple(dict.fromkeys(normal(name) for name in names))


@cache
def said_nothing() -> frozenset[str]:
    """Normal forms of headers that systems write for themselves, which say nothing of a deal."""
    return frozenset(normal(name) for name in generic()["ignored"])


def _match_exactly(
    wanted: Sequence[str],
    names: dict[str, tuple[str, ...]],
    free: list[str],
    found: dict[str, tuple[str, Sureness]],
    *,
    bare: bool,
) -> None:
    """Names rank by rank, so that "Amount" comes before "Value" whatever the order of the headers."""
    forms = {header: variants(header)[1:] if bare else variants(header)[:1] for header in free}
    for rank in range(max((len(names[column]) for column in wanted), default=0)):
        for column in wanted:
            if column in found or rank >= len(names[column]):
                continue
            hit = next((header for header in free if names[column][rank] in forms[header]), None)
            if hit is not None:
                found[column] = (hit, "exact")
                free.remove(hit)


def _alike(headers: Sequence[str], names: Sequence[tuple[str, str]]) -> list[tuple[float, str, str]]:
    """Likeness, column and header of every pair that is alike enough to be proposed."""
    if not headers or not names:
        return []
    forms = [normal(header) for header in headers]
    table = process.cdist(forms, [name for name, _ in names], scorer=fuzz.ratio, score_cutoff=LIKENESS)
    return [
        (float(table[row, place]), names[place][1], headers[row])
        for row, place in zip(*(found.tolist() for found in table.nonzero()), strict=True)
        if _comparable(forms[row], names[place][0])
    ]


def _comparable(header: str, name: str) -> bool:
    """Whether a likeness would mean anything: "AccountId" looks like "account", but holds no name."""
    if min(len(header), len(name)) < 4:
        return False
    return all(header.endswith(end) == name.endswith(end) for end in _OTHER_THINGS)
