"""The body of a large file, block by block: the swift way where a block allows it, patiently where it does not.

Blocks are read ahead on a few threads, each on the assumption that it starts with a record. The assumption is checked
when the block's turn comes: where the record before ended elsewhere, the block is read again from there.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from tas_analytics.ingest.reading import swift
from tas_analytics.ingest.reading.assembly import CHUNK, TAIL, Assembly
from tas_analytics.ingest.reading.blocks import Bytes, Shape
from tas_analytics.ingest.reading.lines import Lines
from tas_analytics.ingest.reading.parting import second_start
from tas_analytics.ingest.reading.patience import VAIN, Chunk, Patient
from tas_analytics.ingest.reading.swift import Run
from tas_analytics.ingest.structure import records

_WORKERS: Final = 2
#: So many blocks are read ahead.
_AHEAD: Final = 3
#: After a damaged record the patient reader goes on for so many lines before the swift way is tried again,
#: and for four times as many after the next one in the block.
_STINT: Final = 200
#: Where much is looked at in vain, readers must look less far ahead: so many lines at least.
_LEAST: Final = 20


@dataclass(frozen=True)
class Limits:
    """How a file is divided: bytes of a block, bytes to look ahead for a quotation mark, lines left for the end."""

    block: int = 8 << 20
    ahead: int = 8 << 20
    tail: int = 500


class Stream:
    """The rows of a file on their way into an assembly whose head has been read.

    Parameters
    ----------
    assembly
        Takes the rows.
    lines
        The lines of the file.
    limits
        How to divide it.
    tell
        Called often, with the number of bytes done.
    """

    def __init__(self, assembly: Assembly, lines: Lines, limits: Limits, tell: Callable[[int], None]) -> None:
        self._assembly = assembly
        self._lines = lines
        self._limits = limits
        self._tell = tell
        self._shape = Shape.of(assembly.dialect, assembly.header)
        self._position = assembly.body_start
        self._total = len(lines)
        #: The swift way ends before this line.
        self._last = self._total - limits.tail
        self._held: deque[Run | Chunk] = deque()
        self._held_records = 0
        self._chunk = Chunk()
        self._coming: dict[int, Future[tuple[Bytes | None, Run | None]]] = {}
        self._reader: Patient | None = None
        self._far = self._total

    def read(self) -> None:
        """Read all rows into the assembly."""
        pool = ThreadPoolExecutor(_WORKERS, "tas-read")
        try:
            self._end_before_second_table(pool)
            while self._position < self._total:
                number = self._lines.block_of(self._position)
                block, run = self._fetch(pool, number)
                if block is None:
                    self._patiently(self._end(number))
                else:
                    self._through(block, run, self._end(number))
                self._coming.pop(number, None)
                self._tell(self._lines.decoded.blocks[number].stop)
        finally:
            pool.shutdown(cancel_futures=True)
        self._put_chunk()
        self._finish()

    def _end_before_second_table(self, pool: ThreadPoolExecutor) -> None:
        assembly = self._assembly
        start = second_start(
            self._lines, self._position, assembly.dialect, assembly.header, pool, lambda: self._tell(0)
        )
        if start is not None:
            assembly.set_second_table_aside(start)
            self._lines = self._lines.window(0, start)
            assembly.lines = self._lines
            self._total = start
            self._last = start - self._limits.tail

    # -- the swift way ------------------------------------------------------------------------------------

    def _end(self, number: int) -> int:
        block = self._lines.decoded.blocks[number]
        return min(block.first + block.count, self._total)

    def _fetch(self, pool: ThreadPoolExecutor, number: int) -> tuple[Bytes | None, Run | None]:
        if self._shape is None:
            return None, None
        for later in range(number, min(number + _AHEAD + 1, len(self._lines.decoded.blocks))):
            if later not in self._coming:
                start = self._position if later == number else self._lines.decoded.blocks[later].first
                self._coming[later] = pool.submit(self._look, self._shape, later, start)
        return self._coming.pop(number).result()

    def _look(self, shape: Shape, number: int, start: int) -> tuple[Bytes | None, Run | None]:
        """What can be read of a block the swift way; on another thread."""
        block = self._lines.decoded.blocks[number]
        if block.returns or start >= self._last:
            return None, None
        found = Bytes(self._lines.utf8(number), block.first, shape)
        return found, swift.read(found, start, self._last)

    def _through(self, block: Bytes, run: Run | None, end: int) -> None:
        """Read a block, swiftly between its damaged places."""
        stint = _STINT
        if run is None or run.start != self._position:
            run = swift.read(block, self._position, self._last)
        while True:
            if run is not None:
                self._put_chunk()
                self._hold(run)
                self._position = run.stop
            if self._position >= min(end, self._last):
                break
            self._patiently(min(end, self._position + stint))
            stint *= 4
            if self._position >= min(end, self._last):
                break
            run = swift.read(block, self._position, self._last)
        self._patiently(end)

    # -- the patient way ----------------------------------------------------------------------------------

    def _patiently(self, until: int) -> None:
        """Read records one by one up to a line, and further to the end of the last one."""
        while self._position < until:
            goal = min(until, self._position + self._far)
            reader = self._reader
            if reader is None or not reader.serves(self._position, goal, self._total):
                reader = self._reader = self._open(goal)
            block = self._lines.decoded.blocks[self._lines.block_of(self._position)]
            for record in reader.records(goal):
                self._chunk.add(record)
                if len(self._chunk.rows) >= CHUNK:
                    self._put_chunk()
                if not len(self._chunk.rows) % 64:
                    share = min(1.0, (record[0] - block.first) / block.count)
                    self._tell(block.start + int(share * (block.stop - block.start)))
            self._position = reader.position
            if reader.budget < 0:
                self._far = max(_LEAST, min(self._far, len(reader.window)) // 8)
                self._reader = None

    def _open(self, goal: int) -> Patient:
        """A patient reader from the position on, that looks so far ahead as a quoted cell may reach."""
        blocks, number = self._lines.decoded.blocks, self._lines.block_of(goal - 1)
        reach = blocks[number].stop + self._limits.ahead
        while number + 1 < len(blocks) and blocks[number].stop < reach:
            number += 1
        window = self._lines.window(self._position, min(self._end(number), goal + self._far))
        budget = VAIN if self._reader is None else self._reader.budget
        return Patient(window, self._position, self._assembly.dialect, self._assembly.width, budget)

    # -- into the table -----------------------------------------------------------------------------------

    def _put_chunk(self) -> None:
        if self._chunk.rows or self._chunk.blanks:
            self._hold(self._chunk)
            self._chunk = Chunk()

    def _hold(self, item: Run | Chunk) -> None:
        """Hold rows back until it is certain that they are not among the last ones."""
        self._held.append(item)
        self._held_records += item.records
        while self._held_records - self._held[0].records >= TAIL:
            first = self._held.popleft()
            self._held_records -= first.records
            self._release(first)

    def _release(self, item: Run | Chunk) -> None:
        if isinstance(item, Run):
            put_run(self._assembly, item)
        elif item.rows:
            self._assembly.flush(item.rows, item.numbers, item.states)

    def _finish(self) -> None:
        """The last rows: a footer may be among them, so those read the swift way are read again one by one."""
        last = Chunk()
        later = self._held_records
        for item in self._held:
            later -= item.records
            if isinstance(item, Chunk):
                last.extend(item)
                continue
            start = item.start
            if item.records > TAIL - later > 0 and not last.rows:
                start = item.record_before_end(TAIL - later)
                self._release(item.until(start))
            window = self._lines.window(start, item.stop)
            dialect, width = self._assembly.dialect, self._assembly.width
            for record in Patient(window, start, dialect, width, budget=1 << 60).records(item.stop):
                last.add(record)
        self._assembly.finish(last.rows, last.numbers, last.states, last.blanks)


def put_run(assembly: Assembly, run: Run) -> None:
    """Put the rows of a run into the table, after a closer look at those that need one."""
    if not run.records:
        return
    numbers = run.lines + 1
    kept = np.ones(len(numbers), np.bool_)
    late: dict[int, list[str]] = {}
    looks: list[tuple[int, int | str]] = [(int(run.lines[place]), int(place)) for place in run.odd]
    looks += [(stray.line, stray.text) for stray in run.strays]
    for index, what in sorted(looks, key=lambda look: look[0]):
        if isinstance(what, int):
            row, state = [column[what].as_py() for column in run.columns], records.FINE
        else:
            _, row, state = next(records.records([what], 0, assembly.dialect, assembly.width))
        placed = assembly.place(row, index + 1, state)
        if isinstance(what, int) and placed != row:
            kept[what] = False
        if (placed is not None and placed != row) or (placed is not None and not isinstance(what, int)):
            late[index + 1] = placed
    columns = run.columns
    if not kept.all():
        mask = pa.array(kept)
        columns, numbers = [column.filter(mask) for column in columns], numbers[kept]
    if late:
        order = np.argsort(np.concatenate([numbers, np.fromiter(late, np.int64)]), kind="stable")
        numbers = np.concatenate([numbers, np.fromiter(late, np.int64)])[order]
        added = list(zip(*late.values(), strict=True))
        columns = [
            pa.concat_arrays([column, pa.array(cells, pa.string())]).take(pa.array(order))
            for column, cells in zip(columns, added, strict=True)
        ]
    if len(numbers):
        assembly.chunks.add(columns, numbers)
