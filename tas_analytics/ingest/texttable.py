"""What the reader hands over: the text of one file's table, and every decision taken on the way."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa


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
    """

    kind: str
    line: int | None
    text: str


@dataclass(frozen=True)
class Unplaced:
    """A row that could not be fitted under the header, kept as it was read."""

    line: int
    column: str | None
    value: str
    reason: str
    row: tuple[str, ...]


@dataclass(frozen=True)
class TextTable:
    """The text of one delimited file, cell by cell, untrimmed.

    ``data`` has one string column per header, named ``c0``, ``c1`` …, and the integer column
    ``line``: the line of the file, counted from 1, at which the row starts. An empty cell is the
    empty text, never null. ``header_line`` is 0 where the file has no header row.
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
