"""Columns that no single header feeds, made as text before anything is typed, and rows that are no records.

A mapping names what is to be made (:class:`Making`); :func:`with_made` adds the cells. What comes out is a text table
like any other, with further columns at its end, and every column made is said in a note.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from tas_analytics.formats import count
from tas_analytics.ingest.structure.texttable import Note, TextTable, Unplaced
from tas_analytics.ingest.understanding.headers import normal
from tas_analytics.ingest.understanding.presets import Drop, MakingKind, Recipe
from tas_analytics.ingest.values.convert import TRIM, clean, missing_words

#: What stands for yes in a flag.
YES: Final = ("true", "t", "yes", "y", "1", "1.0", "ja", "wahr", "oui", "vrai", "si", "sí", "sim", "x", "да", "是")
NO: Final = ("false", "f", "no", "n", "0", "0.0", "nein", "falsch", "non", "faux", "não", "nao", "нет", "否")


@dataclass(frozen=True)
class Bound:
    """A header of the file, and the condition under which it counts."""

    header: str
    where: str = ""
    values: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()


@dataclass(frozen=True)
class Making:
    """A column made from headers of the file; ``header`` is what the column is called."""

    column: str
    header: str
    kind: MakingKind
    sources: tuple[Bound, ...] = ()
    value: str = ""
    words: Mapping[str, str] = field(default_factory=dict)

    @property
    def uses(self) -> tuple[str, ...]:
        """Headers of the file that it is made from."""
        named = [source.header for source in self.sources]
        named += [source.where for source in self.sources if source.where and self.kind != "status"]
        return tuple(dict.fromkeys(named))


def bind(recipe: Recipe, headers: Sequence[str]) -> Making | str | None:
    """A recipe for a file's headers: what is made, the one header that will do, or nothing."""
    by_normal = {normal(header): header for header in reversed(headers)}

    def actual(names: Sequence[str]) -> str | None:
        return next((by_normal[normal(name)] for name in names if normal(name) in by_normal), None)

    if recipe.kind == "constant":
        return Making(recipe.column, f'always "{recipe.value}"', "constant", value=recipe.value)
    found: list[Bound] = []
    for source in recipe.sources:
        header = actual(source.names)
        if header is None:
            continue
        if recipe.kind == "status":
            found.append(Bound(header, source.where[0]))
            continue
        where = actual(source.where)
        if source.where and where is None and len(recipe.sources) == 1:
            # Without its condition the header would say something else.
            continue
        found.append(Bound(header, where or "", source.values if where else (), source.unless))
    if not found:
        return None
    if recipe.kind in ("join", "first_of") and len(found) == 1 and not (found[0].where or found[0].unless):
        return found[0].header
    between = {"join": " + ", "first_of": " or ", "status": " and "}.get(recipe.kind, "")
    names = list(dict.fromkeys(source.header for source in found))
    header = between.join(names) if len(names) > 1 else f"{names[0]}, as {recipe.column}"
    return Making(recipe.column, header, recipe.kind, tuple(found), recipe.value, recipe.words)


def without_dropped(text: TextTable, drops: Sequence[Drop]) -> TextTable:
    """The table without the rows that are no records; each is set aside with its line and the reason."""
    for drop in drops:
        header = next((one for one in text.columns if normal(one) == normal(drop.header)), None)
        if header is None:
            continue
        gone = pc.is_in(lowered(column_of(text, header)), pa.array(drop.values, pa.string()))
        times = pc.sum(gone).as_py() or 0
        if not times:
            continue
        rows = text.data.filter(gone)
        places = [f"c{place}" for place in range(len(text.columns))]
        columns = [rows[place].to_pylist() for place in places]
        lines = rows["line"].to_pylist()
        aside = [
            Unplaced(line, header, cell, drop.why, tuple(cells[row] for cells in columns), aside=True)
            for row, (line, cell) in enumerate(zip(lines, columns[text.columns.index(header)], strict=True))
        ]
        said = f"{count(times, 'row')} set aside: “{header}” says that the record {drop.why}."
        note = Note("dropped", lines[0], said)
        text = replace(
            text,
            data=text.data.filter(pc.invert(gone)),
            unplaced=(*text.unplaced, *aside),
            notes=(*text.notes, note),
        )
    return text


def add_made(text: TextTable, makings: Sequence[Making]) -> TextTable:
    """The table with the columns to be made at its end, and a note for each; those already there are left alone."""
    columns, data, notes = list(text.columns), text.data, list(text.notes)
    for making in makings:
        if making.header in columns:
            continue
        cells, said = _cells(text, making)
        data = data.append_column(f"c{len(columns)}", cells)
        columns.append(making.header)
        notes.append(Note("column", None, said))
    if len(columns) == len(text.columns):
        return text
    # The line stays the last column, as the reader leaves it.
    order = [f"c{place}" for place in range(len(columns))] + ["line"]
    return replace(text, columns=tuple(columns), data=data.select(order), notes=tuple(notes))


def lowered(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Cells trimmed and in small letters."""
    return pc.utf8_lower(pc.utf8_trim(cells, TRIM))


def filled(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Cells trimmed, and null where they stand for no value."""
    trimmed = pc.utf8_trim(cells, TRIM)
    missing = pc.is_in(pc.utf8_lower(trimmed), pa.array(missing_words("text"), pa.string()))
    return pc.if_else(missing, pa.scalar(None, pa.string()), trimmed)


def column_of(text: TextTable, header: str) -> pa.ChunkedArray:
    """The cells under a header, in chunks of plain strings."""
    cells = text.data[f"c{text.columns.index(header)}"]
    return cells if cells.type == pa.string() else cells.cast(pa.string())


def _cells(text: TextTable, making: Making) -> tuple[pa.ChunkedArray, str]:
    """The cells of a column to be made, and the sentence that says how."""
    label = making.column.replace("_", " ")
    names = _listed([source.header for source in making.sources])
    if making.kind == "constant":
        return _constant(text, making.value), f"The {label} of every row is “{making.value}”."
    if making.kind == "line":
        lines = pc.cast(text.data["line"], pa.string())
        said = f"No column names the deals, so each is known by its line: {making.value}12 for line 12."
        return pc.binary_join_element_wise(making.value, lines, ""), said
    if making.kind == "join":
        return _joined(text, making), f"The {label} is put together from {names}."
    if making.kind == "first_of":
        return _first_of(text, making), f"The {label} is the first of {names} that is filled{_conditions(making)}."
    if making.kind == "inverse":
        cells = column_of(text, making.sources[0].header)
        return _inverse(cells), f"The {label} is 1 divided by {names}, which counts the other way round."
    if making.kind == "status":
        return _status(text, making), f"The {label} (open, won or lost) is taken from {names}."
    return _words(text, making, f"The {label} is taken from {names}")


def _constant(text: TextTable, value: str) -> pa.ChunkedArray:
    return pa.chunked_array([pa.repeat(pa.scalar(value, pa.string()), text.data.num_rows)])


def _listed(headers: Sequence[str]) -> str:
    names = [f"“{header}”" for header in dict.fromkeys(headers)]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""


def _conditions(making: Making) -> str:
    found = [
        f"“{source.header}” counts only where “{source.where}” is {' or '.join(source.values)}"
        for source in making.sources
        if source.where
    ]
    found += [f"“{word}” means no value" for source in making.sources for word in source.unless]
    return f" ({'; '.join(found)})" if found else ""


def _joined(text: TextTable, making: Making) -> pa.ChunkedArray:
    found = _constant(text, "")
    for source in making.sources:
        cells = pc.fill_null(filled(column_of(text, source.header)), "")
        both = pc.and_(pc.not_equal(found, ""), pc.not_equal(cells, ""))
        between = pc.if_else(both, making.value, "")
        found = pc.binary_join_element_wise(found, between, cells, "")
    return found


def _first_of(text: TextTable, making: Making) -> pa.ChunkedArray:
    candidates = []
    for source in making.sources:
        cells = filled(column_of(text, source.header))
        if source.where:
            holds = pc.is_in(lowered(column_of(text, source.where)), pa.array(list(source.values), pa.string()))
            cells = pc.if_else(holds, cells, pa.scalar(None, pa.string()))
        if source.unless:
            blank = pc.is_in(lowered(column_of(text, source.header)), pa.array(list(source.unless), pa.string()))
            cells = pc.if_else(blank, pa.scalar(None, pa.string()), cells)
        candidates.append(cells)
    return pc.fill_null(pc.coalesce(*candidates), "")


def _inverse(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """One divided by each number; what is no number above nought stays, so that it is refused as it was written."""
    distinct = pc.unique(cells)
    found = []
    for cell in distinct.to_pylist():
        try:
            number = float(clean(cell))
        except ValueError:
            number = 0.0
        found.append(f"{1 / number:.12g}" if number > 0 and math.isfinite(number) else cell)
    return pa.chunked_array([pa.array(found, pa.string()).take(pc.index_in(cells, distinct).combine_chunks())])


def _status(text: TextTable, making: Making) -> pa.ChunkedArray:
    """Open, won or lost from flags; blank where they do not tell."""
    flags = {source.where: lowered(column_of(text, source.header)) for source in making.sources}
    yes = {flag: pc.is_in(cells, pa.array(YES, pa.string())) for flag, cells in flags.items()}
    no = {flag: pc.is_in(cells, pa.array(NO, pa.string())) for flag, cells in flags.items()}
    found = _constant(text, "")
    if "closed" in flags:
        found = pc.if_else(no["closed"], "open", found)
        if "won" in flags:
            # A closed deal that is not won is lost; some exports write no "false" at all.
            found = pc.if_else(yes["closed"], "lost", found)
    if "lost" in flags:
        found = pc.if_else(yes["lost"], "lost", found)
    if "won" in flags:
        found = pc.if_else(yes["won"], "won", found)
    return found


def _words(text: TextTable, making: Making, said: str) -> tuple[pa.ChunkedArray, str]:
    cells = lowered(column_of(text, making.sources[0].header))
    source = making.sources[0]
    if source.where:
        holds = pc.is_in(lowered(column_of(text, source.where)), pa.array(list(source.values), pa.string()))
        cells = pc.if_else(holds, cells, "")
    words = list(making.words)
    place = pc.index_in(cells, pa.array(words, pa.string()))
    found = pa.array([making.words[word] for word in words], pa.string()).take(place.combine_chunks())
    unknown = pc.and_(pc.is_null(place), pc.is_valid(filled(cells)))
    times = pc.sum(unknown).as_py() or 0
    if times:
        example = cells.filter(unknown)[0].as_py()
        said += f"; {count(times, 'cell')} such as “{example}” say nothing of it: left blank"
    return pa.chunked_array([pc.fill_null(found, "")]), f"{said}."
