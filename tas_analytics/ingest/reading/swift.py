"""The swift way through a block: where the layout of its records is proved, Arrow reads the cells.

What Arrow gives is checked against the bytes it came from, rows and characters of each row. Wherever anything is in
doubt there is no result, and the patient reader of :mod:`~tas_analytics.ingest.structure.records` does the work.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from tas_analytics.ingest.reading.blocks import Bytes, Layout, Places, Shape
from tas_analytics.ingest.structure import layout
from tas_analytics.ingest.structure.rows import NARROW, sparse_from

_Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Stray:
    """A record on one line that has not as many cells as the header; ``line`` is the index of its line."""

    line: int
    text: str


@dataclass(frozen=True)
class Run:
    """What was read of the lines from ``start`` up to ``stop``, indexes into the lines of the file.

    ``lines`` are the indexes of the rows' first lines, ``odd`` the places of rows that need a closer look; strays
    are not among the rows.
    """

    start: int
    stop: int
    columns: Sequence[pa.Array]
    lines: Places
    odd: Places
    strays: Sequence[Stray]

    @property
    def records(self) -> int:
        """Number of records, strays included."""
        return len(self.lines) + len(self.strays)

    def record_before_end(self, count: int) -> int:
        """The index of the line at which the last ``count`` records begin."""
        starts = np.sort(np.concatenate([self.lines, np.fromiter((stray.line for stray in self.strays), np.int64)]))
        return int(starts[-count])

    def until(self, line: int) -> Run:
        """The records before a line."""
        rows = int(np.searchsorted(self.lines, line))
        return Run(
            self.start,
            line,
            [column.slice(0, rows) for column in self.columns],
            self.lines[:rows],
            self.odd[self.odd < rows],
            [stray for stray in self.strays if stray.line < line],
        )


def read(block: Bytes, line: int, limit: int) -> Run | None:
    """The rows of a block from a line on, at which a record must start; None where it cannot be read this way.

    Parameters
    ----------
    block
        The block.
    line, limit
        Indexes of the first line to read and of the line before which to end.
    """
    found = block.layout(line, limit)
    if found is None:
        return None
    if not len(found.lines):
        return Run(line, found.stop, [], found.lines, found.lines, [])
    parsed = _parse(block, found)
    if parsed is None:
        return None
    columns, numbers = parsed
    stray = np.zeros(len(found.lines), np.bool_)
    stray[numbers] = True
    # A stray over several lines may be rows swallowed by a quotation mark; two that follow each other, one at the end
    # and a lone cell may be a row with a line break in it. The run ends before it.
    followed = np.append(stray[1:], True)
    alone = np.zeros(len(stray), np.bool_)
    sign = block.shape.delimiter.encode()
    alone[numbers] = [block.data.find(sign, found.starts[n], found.ends[n]) < 0 for n in numbers]
    doubtful = np.flatnonzero(stray & ((found.spans > 1) | followed | alone))
    last = int(doubtful[0]) if len(doubtful) else len(found.lines)
    kept = np.flatnonzero(~stray[:last]) if numbers else slice(0, last)
    rows = found.lines[kept]
    columns = [column.slice(0, len(rows)) for column in columns]
    lengths = [_lengths(column) for column in columns]
    expected = found.ends[kept] - found.starts[kept] - found.signs[kept]
    if not np.array_equal(np.add.reduce(lengths, axis=0), expected):
        return None
    strays = [
        Stray(int(found.lines[place]), block.data[found.starts[place] : found.ends[place]].decode())
        for place in np.flatnonzero(stray[:last])
    ]
    stop = found.stop if last == len(found.lines) else int(found.lines[last])
    return Run(line, stop, columns, rows, _odd(columns, lengths, block.shape), strays)


def _parse(block: Bytes, found: Layout) -> tuple[list[pa.Array], list[int]] | None:
    """The columns of the rows of the right width, and the places of the other records."""
    shape, begin = block.shape, int(found.starts[0])
    names = [f"c{place}" for place in range(shape.width)]
    strays: list[int] = []

    def set_aside(row: Any) -> str:
        strays.append(row.number - 1)
        return "skip"

    view = pa.py_buffer(memoryview(block.data)[begin : found.cut])
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(view),
            read_options=arrow_csv.ReadOptions(use_threads=False, block_size=len(view) + 1, column_names=names),
            parse_options=arrow_csv.ParseOptions(
                delimiter=shape.delimiter,
                quote_char=shape.quote,
                double_quote=True,
                escape_char=False,
                newlines_in_values=True,
                ignore_empty_lines=True,
                invalid_row_handler=set_aside,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=False,
                quoted_strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid:
        return None
    if table.num_rows + len(strays) != len(found.lines) or not table.num_rows:
        return None
    if any(column.num_chunks != 1 for column in table.columns):
        return None
    return [column.chunk(0) for column in table.columns], strays


def _lengths(column: pa.Array) -> npt.NDArray[np.int32]:
    """Bytes of each cell."""
    offsets = np.frombuffer(column.buffers()[1], np.int32)[column.offset : column.offset + len(column) + 1]
    return np.diff(offsets)


def _odd(columns: Sequence[pa.Array], lengths: Sequence[npt.NDArray[np.int32]], shape: Shape) -> Places:
    """The places of rows that may be blank, a total or the header again."""
    width = shape.width
    if width < NARROW:
        sparse = np.ones(len(columns[0]), np.bool_)
    else:
        empty = np.zeros(len(columns[0]), np.int32)
        for length in lengths:
            empty += length == 0
        sparse = empty >= sparse_from(width)
    candidates = np.flatnonzero(sparse)
    # A total has nothing but totals and values in its cells, so a single other cell acquits a row.
    for column, length in zip(columns, lengths, strict=True):
        if not len(candidates):
            break
        present = candidates[length[candidates] > 0]
        cells = _without_digits(column.take(pa.array(present))).dictionary_encode()
        guilty = np.array([_may_be_total(cell) for cell in cells.dictionary.to_pylist()], np.bool_)
        if len(present):
            acquitted = present[~guilty[np.asarray(cells.indices)]]
            candidates = np.setdiff1d(candidates, acquitted, assume_unique=True)
    repeated = np.flatnonzero(pc.equal(columns[0], shape.first).to_numpy(zero_copy_only=False))
    return np.union1d(candidates, repeated)


def _without_digits(column: pa.Array) -> pa.Array:
    """Cells with a nine for each digit: which digits they are makes no total, and so the different cells are few."""
    _, offsets, values = column.buffers()
    signs = np.frombuffer(values, np.uint8)
    nines = np.where((signs >= ord("0")) & (signs <= ord("9")), np.uint8(ord("9")), signs)
    return pa.StringArray.from_buffers(len(column), offsets, pa.py_buffer(nines), offset=column.offset)


def _may_be_total(cell: str) -> bool:
    text = cell.strip()
    return not text or layout.is_value(text) or layout.is_total([text], 99)
