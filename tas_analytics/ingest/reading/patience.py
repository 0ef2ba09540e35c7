"""The patient reader at work on a part of a file: one record ahead, and with an eye on what it looks at in vain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from tas_analytics.ingest.reading.lines import Lines
from tas_analytics.ingest.structure import records
from tas_analytics.ingest.structure.dialect import Dialect
from tas_analytics.ingest.structure.records import Record

#: A stint ends at the next record that is in order, or after so many lines more.
_OVERTIME: Final = 50
#: So many lines may be looked at in vain, for quotation marks that nothing closes.
VAIN: Final = 100_000


@dataclass
class Chunk:
    """Rows that were read patiently."""

    rows: list[list[str]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    states: dict[int, str] = field(default_factory=dict)
    blanks: list[int] = field(default_factory=list)

    @property
    def records(self) -> int:
        """Number of rows."""
        return len(self.rows)

    def add(self, record: Record) -> None:
        """Put a record behind the others."""
        line, row, state = record
        if not row:
            self.blanks.append(line)
            return
        self.rows.append(row)
        self.numbers.append(line)
        if state:
            self.states[line] = state

    def extend(self, other: Chunk) -> None:
        """Put another chunk behind this one."""
        self.rows += other.rows
        self.numbers += other.numbers
        self.states |= other.states
        self.blanks += other.blanks


class Patient:
    """Reads the records of a window of a file's lines.

    Parameters
    ----------
    window
        The lines; the first must be the first of a record.
    start
        The index of that line in the file.
    dialect, width
        How the file is written.
    budget
        How many lines may be looked at in vain before the reader stops.

    Attributes
    ----------
    position
        The index of the line at which the next record starts.
    """

    def __init__(self, window: Lines, start: int, dialect: Dialect, width: int, budget: int = VAIN) -> None:
        self.window = window
        self.position = start
        self._start = start
        self._budget = budget
        self._width = width
        self._records = records.records(window, 0, dialect, width)
        self._next: Record | None = None

    @property
    def budget(self) -> int:
        """How many lines may still be looked at in vain, beyond those of the records read; each of these adds one."""
        read = self.position - self._start
        return min(VAIN, self._budget + 2 * read - self.window.visits)

    def serves(self, position: int, goal: int, total: int) -> bool:
        """Whether this reader can go on from a position to a line with enough ahead of it."""
        stop = self._start + len(self.window)
        return position == self.position and (goal + _OVERTIME < stop or stop == total)

    def records(self, goal: int) -> Iterator[Record]:
        """The records up to a line, and then up to the next one that is in order."""
        going = False
        while True:
            if self._next is None:
                self._next = next(self._records, None)
            if self._next is None:
                self.position = self._start + len(self.window)
                return
            line, row, state = self._next
            self.position = self._start + line - 1
            if self.position >= goal + _OVERTIME or (
                self.position >= goal and not state and len(row) in (0, self._width)
            ):
                return
            if going and self.budget < 0:
                return
            going = True
            self._next = None
            yield line + self._start, row, state
