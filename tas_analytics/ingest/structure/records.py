"""Lines to records: exact line numbers, and repairs where quotation marks do not pair up.

A strict reader runs through the file at the standard library's speed. Where it stumbles (text after a closing
quote, a quote that never closes) or where a record over several lines has the wrong number of cells, that one
record is read again by a patient reader that takes quotes inside a cell literally.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Final

from tas_analytics.ingest.structure import mending
from tas_analytics.ingest.structure.continuing import continued
from tas_analytics.ingest.structure.dialect import Dialect, plain_lines
from tas_analytics.ingest.structure.quoting import Growing, patient
from tas_analytics.ingest.structure.shapes import Shapes

#: A cell with unescaped quotes may run over so many lines or characters; beyond, its quote is taken literally.
_PATIENCE_LINES: Final = 200
_PATIENCE_CHARS: Final = 100_000
#: Line ends for ``str.splitlines`` that are no line ends in a CSV file.
_OTHER_BREAKS: Final = "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"

#: What had to be done to a record: nothing, quotes taken literally, or quotes that could not be paired; beside these
#: the strokes of :mod:`mending`.
FINE: Final = ""
REPAIRED: Final = "repaired"
BROKEN: Final = "broken"

Record = tuple[int, list[str], str]


def split_lines(text: str) -> list[str]:
    """The lines of a text with their ends; LF, CR and CRLF end a line, other separators do not."""
    if any(sign in text for sign in _OTHER_BREAKS):
        return list(io.StringIO(text, newline=""))
    return text.splitlines(keepends=True)


def unwrap(lines: list[str]) -> list[str] | None:
    """Lines that a spreadsheet wrapped whole into quotes, unwrapped; None where that is not so."""
    filled = [line for line in lines[:500] if line.strip()]
    wrapped = [line for line in filled if line.rstrip("\r\n").startswith('"') and line.rstrip("\r\n").endswith('"')]
    if len(filled) < 2 or len(wrapped) < 0.9 * len(filled):
        return None
    inner = unwrapped(lines)
    changed = [new for new, old in zip(inner[:500], lines[:500], strict=True) if new != old]
    if len(changed) < 0.9 * len(filled) or not all(any(sign in line for sign in ",;\t|") for line in changed):
        return None
    return inner


def unwrapped(lines: list[str]) -> list[str]:
    """Lines without the quotes around each; one that is not wrapped stays."""
    return [_unwrap_line(line) for line in lines]


def _unwrap_line(line: str) -> str:
    body = line.rstrip("\r\n")
    if not (len(body) > 1 and body[0] == '"' and body[-1] == '"'):
        return line
    if '"' in body[1:-1].replace('""', ""):
        return line
    return body[1:-1].replace('""', '"') + line[len(body) :]


def records(lines: Sequence[str], start: int, dialect: Dialect, width: int) -> Iterator[Record]:
    """Every record from a line on, as ``(line, cells, state)``; a blank line is a record without cells.

    Parameters
    ----------
    lines
        All lines of the file with their ends.
    start
        Index of the first line to read.
    dialect
        How the file is written.
    width
        Number of cells a record should have; 0 where that is not known yet.
    """
    found = _records(plain_lines(lines, dialect), start, dialect, width)
    if not dialect.sign:
        return found
    # A quoted cell over several lines may hold the long delimiter itself.
    return (
        (line, [cell.replace(dialect.delimiter, dialect.sign) for cell in row], state) for line, row, state in found
    )


def _records(lines: Sequence[str], start: int, dialect: Dialect, width: int) -> Iterator[Record]:
    known = dialect.shapes if width else None
    position = start
    while position < len(lines):
        reader = csv.reader(
            map(lines.__getitem__, range(position, len(lines))),
            delimiter=dialect.delimiter,
            quotechar=dialect.quote,
            skipinitialspace=dialect.skip_space,
            strict=True,
        )
        base, before, whole = position, 0, None
        position = len(lines)
        strict: tuple[list[str], int] | None = None
        try:
            for row in reader:
                after = reader.line_num
                if (
                    after - before > 1
                    and width
                    and _suspicious(lines, base + before, base + after, row, dialect, width)
                ):
                    position, strict = base + before, (row, after - before)
                    break
                whole = None
                if known and after - before == 1 and 0 < len(row) < width:
                    whole = continued(lines, base + before, dialect, width, known)
                if whole is not None:
                    yield base + before + 1, whole.cells, whole.state
                    position = base + before + whole.lines
                    break
                if known and row and after - before == 1 and (len(row) != width or dialect.quote in "".join(row)):
                    yield base + before + 1, *_looked_at(lines[base + before], row, dialect, width, known)
                else:
                    yield base + before + 1, row, FINE
                before = after
        except csv.Error:
            position = base + before
        if position < len(lines) and whole is None:
            row, used, state = mend(lines, position, dialect, width, strict)
            yield position + 1, row, state
            position += used


def _ragged(line: str, row: list[str], dialect: Dialect, width: int, shapes: Shapes) -> tuple[list[str], str]:
    """A row with too few or too many cells, mended if its cells are not simply cut off or padded with empty ones."""
    if not any(row[width:]) and shapes.cost((row + [""] * width)[:width]) == 0:
        return row, FINE
    mended = mending.mend_line(line.rstrip("\r\n"), dialect, width, shapes)
    return (mended.cells, mended.how) if mended is not None else (row, FINE)


def _looked_at(line: str, row: list[str], dialect: Dialect, width: int, shapes: Shapes) -> tuple[list[str], str]:
    """A row that may be damaged: it has too few or too many cells, or quotation marks in them."""
    if len(row) != width:
        return _ragged(line, row, dialect, width, shapes)
    # In the middle of a cell a quotation mark is harmless (5" pipe), unless a delimiter was lost before it.
    if mending.orderly(dialect).fullmatch(line) or not mending.encloses(line, dialect):
        return row, FINE
    if shapes.cost(row) == 0:
        return row, REPAIRED
    mended = mending.mend_line(line.rstrip("\r\n"), dialect, width, shapes)
    if mended is not None:
        return mended.cells, mended.how
    return row, REPAIRED if shapes.cost(row) < mending.LIMIT else BROKEN


def _suspicious(lines: Sequence[str], first: int, last: int, row: list[str], dialect: Dialect, width: int) -> bool:
    """Whether a record over several lines is more likely the work of a quote that was never closed."""
    if len(row) != width:
        return True
    inner = range(first + 1, last - 1)
    if width < 4 or len(inner) < 2:
        return False
    # Whole lines of a note do not happen to be rows of this very table.
    return all(len(patient(lines[index].rstrip("\r\n"), dialect)[0]) == width for index in inner)


def mend(
    lines: Sequence[str], position: int, dialect: Dialect, width: int, strict: tuple[list[str], int] | None = None
) -> tuple[list[str], int, str]:
    """Read the record that starts at a line although its quotes do not pair up.

    Parameters
    ----------
    strict
        The cells and number of lines of a strict reading, where there was one: kept if nothing better is found.

    Returns
    -------
    tuple
        The cells, the number of lines used and :data:`FINE`, :data:`REPAIRED` or :data:`BROKEN`.
    """
    line = lines[position].rstrip("\r\n")
    mended = mending.mend_line(line, dialect, width, dialect.shapes or Shapes(()))
    if mended is not None and _starts_row(lines, position + 1, dialect, width):
        return mended.cells, 1, mended.how
    text = ""
    readers = (Growing(dialect), Growing(dialect, eager=True))
    for used in range(1, min(_PATIENCE_LINES, len(lines) - position) + 1):
        text += lines[position + used - 1]
        if used > 1 and len(text) > _PATIENCE_CHARS:
            break
        body = text.rstrip("\r\n")
        too_many = 0
        for reader in readers:
            cells, closed = reader.read(body)
            if closed and (len(cells) == width or (not width and used == 1)):
                return cells, used, REPAIRED if _altered(body, cells, dialect) else FINE
            too_many += len(cells) > width
        if used == 1:
            # An opening quote that nothing closes: take it literally if that makes a row of this line, and the
            # next line is a row of its own. Otherwise the cell goes on over the next lines.
            literal = line.split(dialect.delimiter)
            if len(literal) == width and _starts_row(lines, position + 1, dialect, width):
                return literal, 1, REPAIRED
        if too_many == 2:
            break
    if strict is not None:
        return strict[0], strict[1], FINE
    cells, closed = patient(line, dialect)
    if closed:
        return cells, 1, FINE if _strictly_fine(lines[position], dialect) else REPAIRED
    literal = line.split(dialect.delimiter)
    return literal, 1, REPAIRED if not width or len(literal) == width else BROKEN


def _starts_row(lines: Sequence[str], position: int, dialect: Dialect, width: int) -> bool:
    """Whether a line stands by itself: a row of the right width, a blank line, or the end of the file."""
    if position >= len(lines):
        return True
    line = lines[position].rstrip("\r\n")
    if not line.strip() or len(line.split(dialect.delimiter)) == width:
        return True
    cells, closed = patient(line, dialect)
    return len(cells) == width or (not closed and len(cells) > 1)


def _strictly_fine(line: str, dialect: Dialect) -> bool:
    """Whether the line is a complete record of its own for a strict reader."""
    try:
        next(csv.reader([line], delimiter=dialect.delimiter, quotechar=dialect.quote, strict=True))
    except csv.Error:
        return False
    return True


def _altered(body: str, cells: list[str], dialect: Dialect) -> bool:
    """Whether a strict reader would have seen something else."""
    try:
        rows = dialect.rows(split_lines(body), strict=True)
    except csv.Error:
        return True
    return rows != [cells]
