"""A second table below the first one in the same file: where it begins, and the two taken apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import pyarrow as pa

from tas_analytics.ingest.structure import layout
from tas_analytics.ingest.structure.dialect import Dialect
from tas_analytics.ingest.structure.quoting import patient
from tas_analytics.ingest.structure.rows import schema
from tas_analytics.ingest.structure.texttable import Note, TextTable, Unplaced

#: So many lines below a header must be rows of its table, as far as there are any.
_ROWS: Final = 3


def second_table(lines: Sequence[str], start: int, dialect: Dialect, header: Sequence[str]) -> int | None:
    """Index of the line with the header of a second table; None where there is no such table.

    It is a row of words that names columns of the first table again but is not its header, or one that comes after
    a blank line; and the rows below it have as many cells as it has names.

    Parameters
    ----------
    lines
        The lines of the file.
    start
        Where the rows of the first table begin.
    header
        The names of its columns; empty cells where it has none.
    """
    names = {name.strip().casefold() for name in header if name.strip()}
    first = header[0].strip().casefold() if header else ""
    after_blank = False
    for index in range(start, len(lines)):
        line = lines[index].rstrip("\r\n")
        if not line.strip(dialect.delimiter + " "):
            after_blank = index > start
            continue
        opens = bool(first) and line.lstrip(dialect.quote + " ").casefold().startswith(first)
        if (after_blank or opens) and _is_header(lines, index, dialect, header, names):
            return index
        after_blank = False
    return None


def _is_header(lines: Sequence[str], index: int, dialect: Dialect, header: Sequence[str], names: set[str]) -> bool:
    cells, closed = patient(lines[index].rstrip("\r\n"), dialect)
    words = [cell.strip() for cell in cells]
    if not closed or len(cells) < 2 or cells == list(header) or not all(words) or len({*words}) < len(words):
        return False
    if any(layout.is_value(word) for word in words):
        return False
    below = _below(lines, index + 1, dialect)
    if not below or any(len(row) != len(cells) for row in below):
        return False
    if words[0].casefold() == header[0].strip().casefold():
        known = sum(word.casefold() in names for word in words)
        return len(below) > 1 and (len(cells) != len(header) or len(words) // 2 <= known < len(words))
    return len(cells) != len(header) and layout.values_below(below, len(cells))


def _below(lines: Sequence[str], start: int, dialect: Dialect) -> list[list[str]]:
    rows: list[list[str]] = []
    for index in range(start, min(len(lines), start + 4 * _ROWS)):
        if lines[index].strip():
            rows.append(patient(lines[index].rstrip("\r\n"), dialect)[0])
        if len(rows) == _ROWS:
            break
    return rows


def parted(table: TextTable) -> list[TextTable]:
    """A table and the second one that was found below it, each as a table; without a second one just the table.

    The reader hands over the rows of a second table as rows without a place, because whoever asks for one table must
    not lose them. Here they become a table again: same line numbers, cells as they were read.
    """
    start = next((note.line for note in table.notes if note.kind == "second"), None)
    if start is None:
        return [table]
    header, *rows = sorted((row for row in table.unplaced if row.line >= start), key=lambda row: row.line)
    width = len(header.row)
    fitting = [row for row in rows if len(row.row) == width]
    lost = tuple(_misfit(row, width) for row in rows if len(row.row) != width)
    columns, changes = layout.unique_names(header.row)
    cells = list(zip(*(row.row for row in fitting), strict=True)) or [()] * width
    arrays = [*(pa.array(column, pa.string()) for column in cells), pa.array([row.line for row in fitting], pa.int64())]
    notes = [Note("header", start, f"The second table of the file; its header is in line {start:,}.")]
    notes += [Note(kind, start, sentence) for kind, sentence in changes]
    second = replace(
        table,
        columns=columns,
        data=pa.Table.from_arrays(arrays, schema=schema(width)),
        header_line=start,
        preamble=(),
        footer=(),
        notes=tuple(notes),
        unplaced=lost,
        rows_in_file=len(rows),
        part=f"{table.part}, second table" if table.part else "second table",
    )
    kept = tuple(row for row in table.unplaced if row.line < start)
    aside = {"second", "unplaced"}
    spoken = [note for note in table.notes if note.kind not in aside]
    spoken.append(Note("second", start, f"A second table begins in line {start:,}."))
    first = replace(table, unplaced=kept, notes=tuple(spoken), rows_in_file=table.data.num_rows + len(kept))
    return [first, second]


def _misfit(row: Unplaced, width: int) -> Unplaced:
    return replace(row, reason=f"it has {len(row.row)} cells where the header of the second table has {width}")
