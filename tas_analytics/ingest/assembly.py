"""A text table while it is being put together: its head, its rows chunk by chunk, its footer and its notes."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import pyarrow as pa

from tas_analytics.errors import UnreadableFile
from tas_analytics.formats import count
from tas_analytics.ingest import dialect as dialects, layout, records
from tas_analytics.ingest.dialect import Dialect
from tas_analytics.ingest.texttable import Note, TextTable, Unplaced

#: Rows are handed to Arrow in chunks: the text of a chunk is still in the processor's cache.
_CHUNK: Final = 2_000
#: So many rows at the end are held back until it is known whether they are a footer.
_TAIL: Final = 60
_HEAD: Final = 120


@dataclass
class Assembly:
    """A table while it is being put together."""

    name: str
    lines: list[str]
    dialect: Dialect
    notes: list[Note]
    header_line: int = 0
    header: list[str] = field(default_factory=list)
    columns: tuple[str, ...] = ()
    width: int = 0
    body_start: int = 0
    numbered: bool = False
    preamble: list[str] = field(default_factory=list)
    footer: list[str] = field(default_factory=list)
    unplaced: list[Unplaced] = field(default_factory=list)
    chunks: list[pa.RecordBatch] = field(default_factory=list)
    repairs: dict[tuple[str, str], list[int]] = field(default_factory=dict)

    # -- the top of the file ------------------------------------------------------------------------------

    def read_head(self, skip: int) -> None:
        """Find the header, set aside what is above it, and settle the number of columns."""
        width = self.dialect.width
        everything = records.records(self.lines, skip, self.dialect, 0)
        head = list(
            itertools.islice(itertools.dropwhile(lambda record: not layout.filled(record[1]), everything), _HEAD)
        )
        if not head:
            raise UnreadableFile(
                f'"{self.name}" is an empty file: it has nothing but blanks and delimiters',
                "Export it again; the download may have been interrupted.",
            )
        if skip:
            self.preamble.append(self.lines[0].rstrip("\r\n"))
        found = layout.find_header(head, width)
        self.preamble += [self._raw(head[index][0]) for index in found.preamble]
        self._describe_dialect()
        if found.preamble:
            lines = [head[index][0] for index in found.preamble]
            self.notes.append(
                Note(
                    "preamble",
                    lines[0],
                    f"{count(len(lines), 'line')} above the header set aside: {self._quote(lines)}.",
                )
            )
        if found.header is None:
            first = len(found.preamble) and max(found.preamble) + 1
            self.body_start = head[first][0] - 1 if head else 0
            self.header = [""] * max(width, 1)
            self.columns = tuple(f"Column {place}" for place in range(1, len(self.header) + 1))
            self.notes.append(Note("header", None, f"The file has no header row: {found.reason}."))
        else:
            self._settle_header(head, found)
        self.width = len(self.columns)
        if self.width < 2:
            self._refuse_prose(head)

    def _describe_dialect(self) -> None:
        dialect = self.dialect
        if dialect.width < 2:
            return
        self.notes.append(
            Note(
                "delimiter", None, f"Columns are separated by {dialects.NAMES[dialect.delimiter]}: {dialect.evidence}."
            )
        )
        if dialect.quote == "'":
            self.notes.append(Note("quote", None, "Cells are quoted with single quotation marks."))
        if dialect.escape:
            self.notes.append(
                Note("quote", None, "A quotation mark inside a cell is written with a backslash before it.")
            )
        if dialect.skip_space:
            self.notes.append(Note("quote", None, "Blanks between a delimiter and the next cell were left out."))

    def _settle_header(self, head: Sequence[records.Record], found: layout.Head) -> None:
        index = found.header
        if index is None:  # pragma: no cover - the caller has looked
            return
        line, raw, _ = head[index]
        self.header_line = line
        last = found.second_header[-1] if found.second_header else index
        following = [row for _, row, _ in head[last + 1 :] if layout.filled(row)]
        if last + 1 < len(head):
            self.body_start = head[last + 1][0] - 1
        else:
            self.body_start = len(self.lines)
        if not following:
            raise UnreadableFile(
                f'"{self.name}" has a header but no rows',
                "Check the filter of the report or list in the CRM, then export it again.",
            )
        cells = list(found.cells)
        if cells != raw:
            self.notes.append(
                Note("header", line, "The header is delimited differently from the rows; it was split to match them.")
            )
        cells = self._match_width(cells, following, line)
        self.header = cells
        self.columns, changes = layout.unique_names(cells)
        self.notes.append(Note("header", line, f"The header is in line {line:,}: {count(len(cells), 'column')}."))
        for second in found.second_header:
            number = head[second][0]
            self.preamble.append(self._raw(number))
            self.notes.append(
                Note("header", number, f"Line {number:,} is a second header row, not a record; it was set aside.")
            )
        self.notes += [Note(kind, line, sentence) for kind, sentence in changes]

    def _match_width(self, cells: list[str], following: list[list[str]], line: int) -> list[str]:
        """Give names to columns that all rows have but the header lacks."""
        usual, how_many = Counter(len(row) for row in following).most_common(1)[0]
        full = [row for row in following if len(row) == usual]
        extra = usual - len(cells)
        if extra <= 0 or how_many < 0.9 * len(following) or len(cells) < 2:
            return cells
        if not any(cell.strip() for row in full for cell in row[len(cells) :]):
            return cells  # every row ends in a delimiter: the cells behind it are dropped as empty
        counted = [row[0].strip() for row in full]
        if extra == 1 and counted in ([str(n) for n in range(len(full))], [str(n) for n in range(1, len(full) + 1)]):
            self.notes.append(
                Note("header", line, "The rows begin with a running number that the header does not name.")
            )
            return ["", *cells]
        self.notes.append(
            Note(
                "header",
                line,
                f"The rows have {count(extra, 'cell')} more than the header names; they were given names.",
            )
        )
        return cells + [""] * extra

    def _refuse_prose(self, head: Sequence[records.Record]) -> None:
        """A single column is a table only if it looks like a list of names or numbers."""
        cells = [row[0].strip() for _, row, _ in head if row and row[0].strip()]
        name, values = cells[0], cells[1:]
        short = [
            value for value in values if len(value) <= 60 and len(value.split()) <= 6 and value[-1] not in ":.,;!?"
        ]
        if len(name) > 40 or len(name.split()) > 3 or name[-1] in ":.,;!?" or len(short) < 0.9 * max(1, len(values)):
            raise UnreadableFile(
                f'"{self.name}" has only one column, which makes no table; it seems to be plain text',
                "Export the list from the CRM as CSV, with columns separated by commas, semicolons or tabs.",
            )
        self.notes.append(Note("delimiter", None, "The file has a single column; no delimiter occurs in it regularly."))

    # -- the rows -----------------------------------------------------------------------------------------

    def read_body(self) -> None:
        """Read every row below the header; the last ones only after the footer has been found."""
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
            if len(rows) >= _CHUNK + _TAIL:
                self._flush(rows[:_CHUNK], numbers[:_CHUNK], states)
                del rows[:_CHUNK], numbers[:_CHUNK]
        empty = [place for place, row in enumerate(rows[-_TAIL:], max(0, len(rows) - _TAIL)) if not layout.filled(row)]
        around = set(blanks) | {numbers[place] for place in empty}
        kept = [place for place in range(max(0, len(rows) - _TAIL), len(rows)) if place not in set(empty)]
        tail = [rows[place] for place in kept]
        start = layout.footer_start(tail, [numbers[place] for place in kept], around, self.width)
        if start < len(tail) and (self.chunks or start or kept[0]):
            first = kept[start]
            self._set_footer([numbers[place] for place in kept[start:]])
            for place in range(first, len(rows)):
                states.pop(numbers[place], None)
            del rows[first:], numbers[first:]
        self._flush(rows, numbers, states)

    def _set_footer(self, lines: list[int]) -> None:
        self.footer += [self._raw(line) for line in lines]
        self.notes.append(
            Note("footer", lines[0], f"{count(len(lines), 'line')} below the table set aside: {self._quote(lines)}.")
        )

    def _flush(self, rows: list[list[str]], numbers: list[int], states: dict[int, str]) -> None:
        """Put a chunk of rows into the table, after a closer look at those that need one."""
        width, first = self.width, self.header[0]
        # At least half of the cells empty: may be a total. Cheap to ask of every row, and rare to be true.
        limit = max(1, (width + 1) // 2)
        odd = [
            place
            for place, row in enumerate(rows)
            if len(row) != width or row.count("") >= limit or row[0] == first or width < 4
        ]
        if states:
            odd = sorted({*odd, *(place for place, number in enumerate(numbers) if number in states)})
        dropped: set[int] = set()
        for place in odd:
            placed = self._place(rows[place], numbers[place], states.pop(numbers[place], records.FINE))
            if placed is None:
                dropped.add(place)
            else:
                rows[place] = placed
        if dropped:
            rows = [row for place, row in enumerate(rows) if place not in dropped]
            numbers = [number for place, number in enumerate(numbers) if place not in dropped]
        if rows:
            arrays = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
            arrays.append(pa.array(numbers, pa.int64()))
            self.chunks.append(pa.RecordBatch.from_arrays(arrays, schema=self._schema()))

    def _place(self, row: list[str], line: int, state: str) -> list[str] | None:
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
            inner, closed = records.patient(row[0], self.dialect)
            if closed and len(inner) == width:
                self._repair("repair", "{n} wrapped whole into quotation marks were taken apart", line)
                return inner
        if state == records.BROKEN:
            self._unplace(
                row, line, f"its quotation marks do not pair up, and it has {count(len(row), 'cell')}, not {width}"
            )
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
        if state == records.REPAIRED:
            self._repair("repair", "{n} have stray quotation marks, which were kept as text", line)
        return row

    def _unplace(self, row: list[str], line: int, reason: str) -> None:
        extra = row[self.width :]
        value = self.dialect.delimiter.join(extra) if extra else self._raw(line)
        self.unplaced.append(Unplaced(line, None, value, reason, tuple(row)))

    def _repair(self, kind: str, sentence: str, line: int) -> None:
        self.repairs.setdefault((kind, sentence), []).append(line)

    def _aside(self, kind: str, sentence: str, line: int) -> None:
        self.footer.append(self._raw(line))
        self._repair(kind, sentence, line)

    # -- the result ---------------------------------------------------------------------------------------

    def table(self, encoding: str) -> TextTable:
        """The finished table."""
        data = pa.Table.from_batches(self.chunks, schema=self._schema()).combine_chunks()
        if not data.num_rows and not self.unplaced:
            raise UnreadableFile(
                f'"{self.name}" has a header but no rows',
                "Check the filter of the report or list in the CRM, then export it again.",
            )
        data, columns = self._without_empty_end(data)
        for (kind, sentence), lines in self.repairs.items():
            examples = ", ".join(f"{line:,}" for line in lines[:5]) + (", …" if len(lines) > 5 else "")
            what = f"{count(len(lines), 'row')} (line {examples})"
            self.notes.append(Note(kind, lines[0], sentence.replace("{n}", what) + "."))
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
            delimiter=self.dialect.delimiter,
            quote=self.dialect.quote,
            header_line=self.header_line,
            preamble=tuple(self.preamble),
            footer=tuple(self.footer),
            notes=tuple(self.notes),
            unplaced=tuple(self.unplaced),
            rows_in_file=data.num_rows + len(self.unplaced),
        )

    def _without_empty_end(self, data: pa.Table) -> tuple[pa.Table, tuple[str, ...]]:
        """Drop columns at the right edge that have neither a name nor a single value."""
        width = self.width
        while width > 1 and self.header_line and not self.header[width - 1].strip():
            column = data.column(width - 1)
            if any(value for chunk in column.chunks for value in set(chunk.to_pylist())):
                break
            width -= 1
        if width < self.width:
            gone = count(self.width - width, "column")
            self.notes.append(Note("empty", None, f"{gone} at the right edge without name and values left out."))
            data = data.select([f"c{place}" for place in range(width)] + ["line"])
        return data, self.columns[:width]

    def _schema(self) -> pa.Schema:
        fields = [pa.field(f"c{place}", pa.string()) for place in range(self.width)]
        return pa.schema([*fields, pa.field("line", pa.int64())])

    def _raw(self, line: int) -> str:
        return self.lines[line - 1].rstrip("\r\n")

    def _quote(self, lines: list[int]) -> str:
        """The text of some lines, shortened, for a note."""
        texts = [self._raw(line).strip(f'{self.dialect.delimiter}" ') for line in lines[:3]]
        shown = "; ".join(f'"{text[:60]}…"' if len(text) > 60 else f'"{text}"' for text in texts)
        return shown + (" …" if len(lines) > 3 else "")
