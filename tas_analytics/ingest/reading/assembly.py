"""A text table while it is being put together: its head, its rows chunk by chunk, its footer and its notes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from tas_analytics.errors import UnreadableFile
from tas_analytics.formats import count
from tas_analytics.ingest.reading.closing import is_grand_total
from tas_analytics.ingest.structure import continuing, layout, mending, records
from tas_analytics.ingest.structure.groups import fill_down
from tas_analytics.ingest.structure.heading import Heading, no_rows, raw_line, shown_lines
from tas_analytics.ingest.structure.quoting import patient
from tas_analytics.ingest.structure.rows import NARROW, Rows, sparse_from
from tas_analytics.ingest.structure.second import second_table
from tas_analytics.ingest.structure.texttable import Note, TextTable, Unplaced

#: Rows are handed to Arrow in chunks: the text of a chunk is still in the processor's cache.
CHUNK: Final = 2_000
#: So many rows at the end are held back until it is known whether they are a footer.
TAIL: Final = 60
#: Rows that fit nowhere are kept up to so many bytes; a file with more of them is refused.
_MOST_UNPLACED: Final = 384 << 20
#: What was done to a damaged row, for a note.
_MENDED: Final = {
    records.REPAIRED: "in {n} stray quotation marks were kept as text",
    mending.QUOTE: "in {n} stray quotation marks were kept as text",
    continuing.CONTINUED: "in {n} a cell without quotation marks runs over several lines; they were put together again",
    mending.SPLIT: "in {n} a delimiter is missing between two cells; they were parted where both fit their columns",
    mending.DROPPED: "in {n} there is a delimiter too many; the empty cell that it makes was left out",
    mending.JOINED: "in {n} a cell without quotation marks holds a delimiter; the cell was put together again",
    mending.FOREIGN: "in {n} another sign than in the other rows separates the cells; they were taken apart by it",
}


@dataclass
class Assembly(Heading):
    """A table while it is being put together: the top of a file, and what was read below it."""

    footer: list[str] = field(default_factory=list)
    asides: list[str] = field(default_factory=list)
    unplaced: list[Unplaced] = field(default_factory=list)
    unplaced_size: int = 0
    chunks: Rows = field(default_factory=Rows)
    repairs: dict[tuple[str, str], list[int]] = field(default_factory=dict)

    # -- the rows -----------------------------------------------------------------------------------------

    def read_body(self) -> None:
        """Read every row below the header; the last ones only after the footer has been found."""
        second = second_table(self.lines, self.body_start, self.dialect, self.header)
        if second is not None:
            self.set_second_table_aside(second)
            self.lines = self.lines[:second]
        rows: list[list[str]] = []
        numbers: list[int] = []
        states: dict[int, str] = {}
        blanks: list[int] = []
        for line, row, state in records.records(self.lines, self.body_start, self.dialect, self.width):
            if not row:
                blanks.append(line)
                continue
            rows.append(row)
            numbers.append(line)
            if state:
                states[line] = state
            if len(rows) >= CHUNK + TAIL:
                self.flush(rows[:CHUNK], numbers[:CHUNK], states)
                del rows[:CHUNK], numbers[:CHUNK]
        self.finish(rows, numbers, states, blanks)

    def set_second_table_aside(self, start: int) -> None:
        """Note where a second table begins: its rows have no place under the header of the first."""
        reason = f"it belongs to a second table, which begins in line {start + 1:,}; save that as a file of its own"
        rows = records.records(self.lines, start, replace(self.dialect, shapes=None), 0)
        for line, row, _ in rows:
            if layout.filled(row):
                self._keep(Unplaced(line, None, self._raw(line), reason, tuple(row)))
        what = f"A second table begins in line {start + 1:,}; only the first was read. Save the second as its own file."
        self.notes.append(Note("second", start + 1, what))

    def finish(self, rows: list[list[str]], numbers: list[int], states: dict[int, str], blanks: list[int]) -> None:
        """Put the last rows, :data:`TAIL` or more, into the table, all but the footer.

        ``states`` says by line what had to be done to them, ``blanks`` which lines among them are blank.
        """
        empty = [place for place, row in enumerate(rows[-TAIL:], max(0, len(rows) - TAIL)) if not layout.filled(row)]
        around = set(blanks) | {numbers[place] for place in empty}
        kept = [place for place in range(max(0, len(rows) - TAIL), len(rows)) if place not in set(empty)]
        tail = [rows[place] for place in kept]
        start = layout.footer_start(tail, [numbers[place] for place in kept], around, self.width)
        if start < len(tail) and (self.chunks or start or kept[0]):
            first = kept[start]
            self._set_footer([numbers[place] for place in kept[start:]])
            for place in range(first, len(rows)):
                states.pop(numbers[place], None)
            del rows[first:], numbers[first:]
        self.flush(rows, numbers, states)

    def _set_footer(self, lines: list[int]) -> None:
        self.footer += [self._raw(line) for line in lines]
        self.notes.append(
            Note("footer", lines[0], f"{count(len(lines), 'line')} below the table set aside: {self._quote(lines)}.")
        )

    def flush(self, rows: list[list[str]], numbers: list[int], states: dict[int, str]) -> None:
        """Put a chunk of rows into the table, after a closer look at those that need one."""
        width, first = self.width, self.header[0]
        limit = sparse_from(width)
        odd = [
            place
            for place, row in enumerate(rows)
            if len(row) != width or row.count("") >= limit or row[0] == first or width < NARROW
        ]
        if states:
            odd = sorted({*odd, *(place for place, number in enumerate(numbers) if number in states)})
        dropped: set[int] = set()
        for place in odd:
            placed = self.place(rows[place], numbers[place], states.pop(numbers[place], records.FINE))
            if placed is None:
                dropped.add(place)
            else:
                rows[place] = placed
        if dropped:
            rows = [row for place, row in enumerate(rows) if place not in dropped]
            numbers = [number for place, number in enumerate(numbers) if place not in dropped]
        if rows:
            self.chunks.add([pa.array(column, pa.string()) for column in zip(*rows, strict=True)], numbers)

    def place(self, row: list[str], line: int, state: str) -> list[str] | None:
        """The row as it goes into the table, or None if it was set aside."""
        width = self.width
        if not layout.filled(row):
            self._repair("blank", "{n} with nothing but empty cells left out", line)
            return None
        if self.header_line and row == self.header:
            self._aside("header", "{n} that repeat the header left out", line)
            return None
        if layout.is_total(row, width):
            self._aside("subtotal", "{n} set aside as totals or group headings, not records", line)
            return None
        if len(row) == 1 and width > 1 and self.dialect.delimiter in row[0]:
            inner, closed = patient(row[0], self.dialect)
            if closed and len(inner) == width:
                self._repair("repair", "{n} wrapped whole into quotation marks were taken apart", line)
                return inner
        reason = self._reason_against(row, state)
        if reason:
            self._unplace(row, line, reason)
            return None
        if len(row) < width:
            missing = count(width - len(row), "cell")
            self._repair("padded", f"{{n}} lack {missing} at the end; the missing cells were taken as empty", line)
            row = row + [""] * (width - len(row))
        elif len(row) > width:
            if any(cell.strip() for cell in row[width:]):
                self._unplace(
                    row,
                    line,
                    f"it has {len(row)} cells where the header has {width}; "
                    "perhaps a cell holds a delimiter without quotation marks around it",
                )
                return None
            self._repair("extra", "{n} have empty cells beyond the last column; they were left out", line)
            row = row[:width]
        if state in _MENDED:
            self._repair("repair", _MENDED[state], line)
        return row

    def _reason_against(self, row: list[str], state: str) -> str:
        """Why the cells of a row cannot be put under the columns, if so."""
        width = self.width
        if state == records.BROKEN:
            has = "" if len(row) == width else f", and it has {count(len(row), 'cell')}, not {width}"
            return f"its quotation marks do not pair up{has}"
        if state == continuing.TORN:
            return "it goes on in the next line, with a break in a cell where none can be"
        if mending.out_of_line(row, width, self.dialect.shapes):
            what = f"it has {count(len(row), 'cell')} where the header has {width}, and they do not fit its columns"
            hint = "it may be the rest of the last cell of the row above, after a line break without quotation marks"
            return f"{what}; {hint}" if len(row) <= width // 2 else what
        return ""

    def _unplace(self, row: list[str], line: int, reason: str) -> None:
        extra = row[self.width :]
        value = self.dialect.delimiter.join(extra) if extra else self._raw(line)
        self._keep(Unplaced(line, None, value, reason, tuple(row)))

    def _keep(self, unplaced: Unplaced) -> None:
        self.unplaced.append(unplaced)
        self.unplaced_size += 400 + sum(map(len, unplaced.row)) + 57 * len(unplaced.row)  # as Python holds them
        if self.unplaced_size > _MOST_UNPLACED:
            raise UnreadableFile(
                f'"{self.name}" is too damaged to be read: {len(self.unplaced):,} rows do not fit under its header',
                "Export it again with quotation marks around the cells, or as an Excel workbook.",
            )

    def _repair(self, kind: str, sentence: str, line: int) -> None:
        self.repairs.setdefault((kind, sentence), []).append(line)

    def _aside(self, kind: str, sentence: str, line: int) -> None:
        self.asides.append(self._raw(line))
        self._repair(kind, sentence, line)

    # -- the result ---------------------------------------------------------------------------------------

    def table(self, encoding: str) -> TextTable:
        """The finished table."""
        data = self.chunks.table(self.width)
        if not data.num_rows and not self.unplaced:
            raise no_rows(self.name, self.notes, self.header, self.header_line)
        if is_grand_total(data, self.width):
            self._set_footer([data["line"][-1].as_py()])
            data = data.slice(0, data.num_rows - 1)
        totals = [line for (kind, _), lines in self.repairs.items() if kind == "subtotal" for line in lines]
        data, filled = fill_down(data, self.columns, totals)
        self.notes += filled
        data, columns = self._without_empty_end(data)
        for (kind, told), lines in self.repairs.items():
            sentence = told
            examples = ", ".join(f"{line:,}" for line in lines[:5]) + (", …" if len(lines) > 5 else "")
            what = f"{count(len(lines), 'row')} (line {examples})"
            if len(lines) == 1:
                sentence = sentence.replace("{n} lack ", "{n} lacks ").replace("{n} have ", "{n} has ")
            text = sentence.replace("{n}", what)
            self.notes.append(Note(kind, lines[0], f"{text[0].upper()}{text[1:]}.", tuple(lines)))
        if self.unplaced:
            first = self.unplaced[0].line
            self.notes.append(
                Note("unplaced", first, f"{count(len(self.unplaced), 'row')} could not be fitted under the header.")
            )
        return TextTable(
            name=self.name,
            columns=columns,
            data=data,
            encoding=encoding,
            delimiter=self.dialect.sign or self.dialect.delimiter,
            quote=self.dialect.quote,
            escape="\\" if self.dialect.escape else self.dialect.quote,
            header_line=self.header_line,
            preamble=tuple(self.preamble),
            footer=(*self.footer, *self.asides),
            notes=tuple(self.notes),
            unplaced=tuple(self.unplaced),
            rows_in_file=data.num_rows + len(self.unplaced),
        )

    def _without_empty_end(self, data: pa.Table) -> tuple[pa.Table, tuple[str, ...]]:
        """Drop columns at the right edge that have neither a name nor a single value."""
        width = self.width
        while width > 1 and self.header_line and not self.header[width - 1].strip():
            column = data.column(width - 1)
            if pc.any(pc.greater(pc.binary_length(column), 0)).as_py():
                break
            width -= 1
        if width < self.width:
            gone = count(self.width - width, "column")
            self.notes.append(Note("empty", None, f"{gone} at the right edge without name and values left out."))
            data = data.select([f"c{place}" for place in range(width)] + ["line"])
        return data, self.columns[:width]

    def _raw(self, line: int) -> str:
        return raw_line(self.lines, line)

    def _quote(self, lines: list[int]) -> str:
        return shown_lines(self.lines, lines, self.dialect)
