"""A row that runs over several lines, because a line break in a cell stands without quotation marks.

Such a row looks like two that are too short. They are put together again only where the result fits the columns and the
pieces do not: rows that merely lack optional cells at their end stay what they are. Where the break goes through an
amount or a date, nobody can tell what was meant: neither piece may pass for a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tas_analytics.ingest.structure.dialect import Dialect
from tas_analytics.ingest.structure.mending import MAX_LINE, tokens
from tas_analytics.ingest.structure.shapes import MISFIT, Column, Shapes, form

#: What was done to such a row, as the state of a record: put together, or put together in vain.
CONTINUED: Final = "continued"
TORN: Final = "torn"
#: A row is followed over so many lines.
_MOST: Final = 20
#: What a text with a line break costs at most.
_TEXT: Final = 0.5


@dataclass(frozen=True)
class Continued:
    """The cells of a row, how many lines it takes, and :data:`CONTINUED` or :data:`TORN`."""

    cells: list[str]
    lines: int
    state: str


def continued(lines: Sequence[str], start: int, dialect: Dialect, width: int, shapes: Shapes) -> Continued | None:
    """The row that begins with a line of too few cells and goes on in the next lines; None if it is not such a row.

    Parameters
    ----------
    lines
        The lines with their ends.
    start
        Index of the first line of the row.
    dialect, width
        How the file is written, and how many cells a row has.
    shapes
        What the columns look like.
    """
    if not shapes or shapes.patience <= 0:
        return None
    cells: list[str] = []
    open_end, size = False, 0
    apart, strange = 0.0, True
    for used, index in enumerate(range(start, min(start + _MOST, len(lines))), start=1):
        line = lines[index].rstrip("\r\n")
        size += len(line)
        pieces = tokens(line, dialect.delimiter, dialect.quote, skip_space=dialect.skip_space)
        # Quotation marks enclose a cell and its line breaks: the break is not inside such a one.
        if pieces is None or size > MAX_LINE or (used > 1 and (not open_end or pieces[0][1])):
            return None
        texts = [text for text, _ in pieces]
        # A row of its own, unless what stands above is the beginning of its first cell.
        if used > 1 and len(texts) == width:
            state = _in_first_cell(cells[0], texts[0], shapes.columns[0]) if used == 2 and len(cells) == 1 else ""
            return Continued([f"{cells[0]}\n{texts[0]}", *texts[1:]], used, state) if state else None
        if line.strip():
            apart += shapes.cost([*texts, *[""] * (width - len(texts))])
            strange = strange and (used == 1 or shapes.cost(texts) >= MISFIT)
        cells = [*cells[:-1], f"{cells[-1]}\n{texts[0]}", *texts[1:]] if cells else texts
        open_end = not pieces[-1][1]
        if len(cells) > width:
            return None
        if len(cells) == width and used > 1 and line.strip():
            break
    else:
        return None
    # A text may look like no other where it has a line break in it; an amount or a date has none.
    together = sum(
        min(column.cost(cell), _TEXT) if "\n" in cell and not column.strict else column.cost(cell)
        for column, cell in zip(shapes.columns, cells, strict=True)
    )
    if together < MISFIT / 2 and together + MISFIT <= apart:
        return Continued(cells, used, CONTINUED)
    shapes.patience -= 1
    # Only what no row can begin with is the rest of another.
    return Continued(cells, used, TORN) if strange and apart >= MISFIT else None


def _in_first_cell(above: str, below: str, column: Column) -> str:
    """What a lone cell above a whole row is, if it is the beginning of that row's first cell."""
    if not above.strip() or not below.strip() or form(above)[0] not in column.usual_initials:
        return ""
    if column.usual_length and " " not in column.signs:  # ids are all as long as each other
        return TORN if len(above) + len(below) == column.usual_length else ""
    if column.strict:
        whole = form(above + below) in column.usual_forms
        return TORN if whole and not {form(above), form(below)} <= column.usual_forms else ""
    # A name goes on with a small letter, with which none begins; "EMEA" above a row is the heading of a group.
    return CONTINUED if form(below)[0] == "a" and "a" not in column.usual_initials else ""
