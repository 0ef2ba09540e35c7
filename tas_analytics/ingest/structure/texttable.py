"""What the reader hands over: the text of one file's table, and every decision taken on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from tas_analytics.errors import UnreadableFile


@dataclass(frozen=True)
class Note:
    """A decision or a repair, in a sentence for someone who is not a programmer.

    Parameters
    ----------
    kind
        What it is about: ``encoding``, ``delimiter``, ``quote``, ``header``, ``preamble``, ``footer``,
        ``subtotal``, ``blank``, ``padded``, ``extra``, ``nul``, ``repair`` ….
    line
        The first line of the file that it concerns, where there is one.
    text
        The sentence.
    lines
        Every line that it concerns, where these are single rows.
    """

    kind: str
    line: int | None
    text: str
    lines: tuple[int, ...] = ()


@dataclass(frozen=True)
class Unplaced:
    """A row that is not loaded, kept as it was read; ``aside`` says that it is sound, but no record to be loaded."""

    line: int
    column: str | None
    value: str
    reason: str
    row: tuple[str, ...]
    aside: bool = False


def rows_of(cells: Sequence[Unplaced]) -> int:
    """Number of rows among cells and rows that are not loaded: a row may have several faults, a line several rows."""
    return len({(cell.line, cell.row) for cell in cells})


@dataclass(frozen=True)
class TextTable:
    """The text of one delimited file, cell by cell, untrimmed.

    ``data`` has one string column per header, named ``c0``, ``c1`` …, and the integer column
    ``line``: the line of the file, counted from 1, at which the row starts. An empty cell is the
    empty text, never null. ``header_line`` is 0 where the file has no header row. ``part`` names the
    sheet of a workbook or the file inside an archive that the table comes from, where that must be said.
    ``escape`` is what stands before a quotation mark inside a quoted cell: the quotation mark again, or a backslash.
    """

    name: str
    columns: tuple[str, ...]
    data: pa.Table
    encoding: str
    delimiter: str
    quote: str
    header_line: int
    preamble: tuple[str, ...]
    footer: tuple[str, ...]
    notes: tuple[Note, ...]
    unplaced: tuple[Unplaced, ...]
    rows_in_file: int
    part: str = ""
    escape: str = ""


class NoRows(UnreadableFile):
    """A file that is a table, but one without a single row; ``table`` has what there is of it."""

    def __init__(self, title: str, hint: str, table: TextTable) -> None:
        super().__init__(title, hint)
        self.table = table


def nothing(name: str, *notes: Note, columns: tuple[str, ...] = (), header_line: int = 0) -> TextTable:
    """A table without rows."""
    fields = [pa.field(f"c{place}", pa.string()) for place in range(len(columns))]
    data = pa.schema([*fields, pa.field("line", pa.int64())]).empty_table()
    return TextTable(name, columns, data, "utf-8", ",", '"', header_line, (), (), notes, (), 0)
