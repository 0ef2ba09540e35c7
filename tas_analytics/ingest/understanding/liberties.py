"""What reading the cells of a column takes the liberty of, so that it can be said.

A cell that stands for no value ("TBD", "N/A", a dash) is read as a blank, and money is kept to two decimals. Neither
makes a row wrong, and neither may happen in silence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from tas_analytics.formats import count
from tas_analytics.ingest.structure.texttable import Note, TextTable
from tas_analytics.ingest.understanding.mapping import FileMapping
from tas_analytics.ingest.values.convert import KEPT_WORDS, Convention, missing_words
from tas_analytics.store.tables import Column, table

#: Decimals of money in the store.
_DECIMALS: Final = 2
#: Behind so many cells a note gives their number, not their lines.
_FEW: Final = 3
#: A note keeps every line that it concerns up to so many.
_MOST_LINES: Final = 1000
#: So many columns are looked through at a time.
_WORKERS: Final = 2
#: What may stand behind the decimals of an amount without changing them.
_BEHIND: Final = r"\s*\)?\s*-?\s*(?:[A-Za-z]{3}|[€$£¥])?\s*"


def notes(text: TextTable, mapping: FileMapping, conventions: Mapping[str, Convention]) -> tuple[Note, ...]:
    """A note for every column of which cells are read as no value, or rounded.

    Parameters
    ----------
    text, mapping, conventions
        A table, its headers, and how each column is read.
    """
    one = table(mapping.table)

    def of_column(name: str, header: str) -> list[Note]:
        cells = text.data[f"c{text.columns.index(header)}"]
        column = one.column(name)
        found = _missing(header, column, cells, text.data["line"], KEPT_WORDS.get((one.name, name), ()))
        if column.kind == "money":
            found += _rounded(header, cells, text.data["line"], conventions[name].decimal or ".")
        return found

    # Arrow looks through the cells without Python's lock.
    with ThreadPoolExecutor(_WORKERS, "tas-notes") as pool:
        return tuple(note for found in pool.map(of_column, mapping.columns, mapping.columns.values()) for note in found)


def _missing(
    header: str, column: Column, cells: pa.ChunkedArray, lines: pa.ChunkedArray, kept: tuple[str, ...]
) -> list[Note]:
    if column.required:  # a row without it is rejected, and that is said
        return []
    words = [word for word in missing_words(column.kind) if word and word not in kept]
    spellings = dict.fromkeys(form for word in words for form in _forms(word))
    hits = pc.is_in(cells, pa.array(spellings, pa.string()))
    if not pc.any(hits).as_py():
        return []
    where = lines.filter(hits).to_pylist()
    by_word: dict[str, list[int]] = {}
    for cell, line in zip(cells.filter(hits).to_pylist(), where, strict=True):
        by_word.setdefault(cell, []).append(line)
    told = _and([f"“{word}” ({_places(places)})" for word, places in by_word.items()])
    were = "was" if len(where) == 1 else "were"
    return [Note("missing", where[0], f"“{header}”: {told} {were} read as no value.", _kept(where))]


def _forms(word: str) -> tuple[str, ...]:
    """How a word in small letters may be written: much faster to look up than to make every cell small."""
    first = re.sub(r"[^\W\d_]", lambda letter: letter[0].upper(), word, count=1)
    return word, word.upper(), first, word.title()


def _rounded(header: str, cells: pa.ChunkedArray, lines: pa.ChunkedArray, mark: str) -> list[Note]:
    places = pc.find_substring(cells, mark)
    behind = pc.subtract(pc.binary_length(cells), places)
    likely = pc.and_(pc.greater_equal(places, 0), pc.greater(behind, _DECIMALS + 1))
    if not pc.any(likely).as_py():
        return []
    more = re.compile(rf"[^{re.escape(mark)}]*{re.escape(mark)}\d{{{_DECIMALS}}}\d*[1-9]\d*{_BEHIND}")
    candidates = zip(cells.filter(likely).to_pylist(), lines.filter(likely).to_pylist(), strict=True)
    found = [(cell, line) for cell, line in candidates if more.fullmatch(cell)]
    if not found:
        return []
    where = [line for _, line in found]
    were = "was" if len(found) == 1 else "were"
    said = (
        f"“{header}” is kept to two decimals: {count(len(found), 'cell')} with more {were} rounded ({_places(where)}), "
        f"such as “{found[0][0].strip()}”."
    )
    return [Note("rounded", where[0], said, _kept(where))]


def _places(lines: list[int]) -> str:
    """Lines, or how many cells if they are many."""
    if len(lines) > _FEW:
        return f"{count(len(lines), 'cell')}, the first in line {lines[0]:,}"
    return f"line{'s' if len(lines) > 1 else ''} {_and([f'{line:,}' for line in lines])}"


def _and(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]


def _kept(lines: list[int]) -> tuple[int, ...]:
    return tuple(lines) if len(lines) <= _MOST_LINES else ()
