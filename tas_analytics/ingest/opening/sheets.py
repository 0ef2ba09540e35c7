"""Rows of ready cells, as a sheet or a web page has them, laid out as a table by the rules for text files."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from tas_analytics.errors import UnreadableFile
from tas_analytics.formats import count, sentence_case
from tas_analytics.ingest.reading.assembly import Assembly
from tas_analytics.ingest.reading.reader import read_table
from tas_analytics.ingest.structure import dialect as dialects
from tas_analytics.ingest.structure.dialect import Dialect
from tas_analytics.ingest.structure.texttable import Note, TextTable

#: Stands between a file and its sheet, or an archive and the file in it.
INSIDE: Final = " \u203a "
#: A column of cells that are lines of a delimited file: so many of them must hold the same sign.
_PASTED: Final = 0.9
_LOOKED_AT: Final = 200


@dataclass(frozen=True)
class Grid:
    """Cells in rows and columns, the first row being row 1; every row is equally long.

    ``rows`` gives them anew each time it is called: a large sheet is never held twice in memory.
    """

    width: int
    rows: Callable[[], Iterable[list[str]]]


def lay_out(grid: Grid, name: str, encoding: str, notes: list[Note]) -> TextTable:
    """Find the table of a grid: its header, its rows, and what stands around it.

    Parameters
    ----------
    grid
        The cells.
    name
        What the sheet is called; used in messages.
    encoding
        The kind of file it comes from; stands where a text file has its encoding.
    notes
        What is known of the cells already.

    Raises
    ------
    UnreadableFile
        There is no table in it.
    """
    empty = _empty_columns(grid)
    kept = [place for place in range(grid.width) if place not in empty]
    if not kept:
        raise UnreadableFile(f'"{name}" is empty', "Check the filter of the report or list, then export it again.")
    # One item per row, whatever its cells hold: the number of the item is the number of the row.
    lines: list[str] = []
    # Both signs of a line end, so that the writer puts cells with either of them into quotes.
    writer = csv.writer(_Sink(lines.append), lineterminator="\r\n")
    for row in grid.rows():
        if any(row):
            writer.writerow([row[place] for place in kept] if empty else row)
        else:
            lines.append("\n")
    if len(kept) == 1 and (pasted := _pasted(lines)):
        return _read_pasted(pasted, name, encoding, notes)
    assembly = Assembly(name, lines, Dialect(",", width=len(kept)), notes)
    assembly.read_head(0)
    assembly.read_body()
    table = assembly.table(encoding)
    return replace(
        table,
        delimiter="",
        quote="",
        escape="",
        preamble=tuple(line.rstrip(",") for line in table.preamble),
        footer=tuple(line.rstrip(",") for line in table.footer),
        # How our own lines are delimited is no news of the sheet.
        notes=tuple(note for note in table.notes if note.kind != "delimiter" or "single column" in note.text),
    )


def together(
    sheets: Mapping[str, Callable[[str], TextTable]], name: str, hidden: Sequence[str], notes: Sequence[Note]
) -> list[TextTable]:
    """The tables of all sheets of a file that hold one.

    Parameters
    ----------
    sheets
        Title of a sheet → what reads it, given the name to use in messages.
    name
        What the file is called.
    hidden
        Titles of hidden sheets, which nobody meant to hand over.
    notes
        What is known of the file already; goes to the first table, as does what was left out.

    Raises
    ------
    UnreadableFile
        No sheet holds a table.
    """
    said = list(notes)
    if hidden:
        titles = ", ".join(f'"{title}"' for title in hidden)
        said.append(Note("sheet", None, f"{sentence_case(count(len(hidden), 'hidden sheet'))} left out: {titles}."))
    tables: list[TextTable] = []
    refused: list[UnreadableFile] = []
    for title, read in sheets.items():
        label = f"{name}{INSIDE}{title}" if len(sheets) > 1 else name
        try:
            tables.append(replace(read(label), part=title))
        except UnreadableFile as problem:
            refused.append(problem)
            why = problem.title.removeprefix(f'"{label}" ')
            said.append(Note("sheet", None, f'The sheet "{title}" was left out: it {why}.'))
    if not tables:
        if len(refused) == 1 and not hidden:
            raise refused[0]
        raise UnreadableFile(
            f'"{name}" has no sheet with a table',
            " ".join(note.text for note in said if note.kind == "sheet") or "Export the list again and load that file.",
        )
    if len(tables) == 1:
        tables = [replace(tables[0], name=name)]
    return [replace(tables[0], notes=(*said, *tables[0].notes)), *tables[1:]]


@dataclass(frozen=True)
class _Sink:
    """What the writer of the standard library needs of a file, and no more."""

    write: Callable[[str], object]


def _empty_columns(grid: Grid) -> set[int]:
    """Columns without a single cell: they only keep others apart, and would hide how wide the table is."""
    unseen = list(range(grid.width))
    for row in grid.rows():
        unseen = [place for place in unseen if not row[place]]
        if not unseen:
            break
    return set(unseen)


def _pasted(lines: list[str]) -> list[str]:
    """The lines of a delimited file that somebody pasted into one column of a sheet, or nothing."""
    cells = [row[0] if row else "" for row in csv.reader(lines)]
    sample = [cell for cell in cells if cell.strip()][:_LOOKED_AT]
    regular = any(sum(sign in cell for cell in sample) >= _PASTED * len(sample) for sign in dialects.DELIMITERS)
    broken = any("\n" in cell or "\r" in cell for cell in cells)
    return cells if len(sample) > 1 and regular and not broken else []


def _read_pasted(cells: list[str], name: str, encoding: str, notes: list[Note]) -> TextTable:
    table = read_table("\n".join(cells).encode(), name)
    said = Note("repair", 1, "The sheet has the lines of a CSV file in its first column; they were taken apart.")
    kept = [note for note in table.notes if note.kind != "encoding"]
    return replace(table, encoding=encoding, notes=(*notes, said, *kept))
