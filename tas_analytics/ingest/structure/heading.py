"""The top of a file: what stands above the header, the header itself, and what its columns look like."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from tas_analytics.errors import UnreadableFile
from tas_analytics.formats import count
from tas_analytics.ingest.structure import dialect as dialects, layout, mending, records
from tas_analytics.ingest.structure.dialect import Dialect
from tas_analytics.ingest.structure.header_mending import mend_header
from tas_analytics.ingest.structure.shapes import Shapes
from tas_analytics.ingest.structure.texttable import NoRows, Note, nothing

_HEAD: Final = 120
#: So many rows teach what the columns look like.
_LEARNED: Final = 600
_HEADER_MENDED: Final = {
    mending.QUOTE: "The header has a stray quotation mark, which was kept as text.",
    mending.SPLIT: "The header lacks a delimiter between two names; they were parted.",
    mending.DROPPED: "The header has a delimiter too many; the empty name that it makes was left out.",
    mending.FOREIGN: "The header is delimited differently from the rows; it was split to match them.",
}
_MISNAMED: Final = "Should a delimiter be missing in the header, names stand over the wrong columns."


def raw_line(lines: Sequence[str], number: int) -> str:
    """A line by its number, without its end."""
    return lines[number - 1].rstrip("\r\n")


def shown_lines(lines: Sequence[str], numbers: Sequence[int], dialect: Dialect) -> str:
    """The text of some lines, shortened, for a note."""
    texts = [raw_line(lines, number).strip(f'{dialect.delimiter}" ') for number in numbers[:3]]
    shown = "; ".join(f'"{text[:60]}…"' if len(text) > 60 else f'"{text}"' for text in texts)
    return shown + (" …" if len(numbers) > 3 else "")


def no_rows(name: str, notes: Sequence[Note], cells: Sequence[str], line: int) -> NoRows:
    """What to raise for a file with a header and nothing below it."""
    columns, changes = layout.unique_names(cells)
    said = [Note(kind, line, sentence) for kind, sentence in changes]
    note = Note("empty", line, "The file has a header but no rows.")
    return NoRows(
        f'"{name}" has a header but no rows',
        "Check the filter of the report or list in the CRM, then export it again.",
        nothing(name, *notes, note, *said, columns=columns, header_line=line),
    )


@dataclass
class Heading:
    """The top of a file while it is being read; ``dialect`` comes back with what the columns look like."""

    name: str
    lines: Sequence[str]
    dialect: Dialect
    notes: list[Note]
    header_line: int = 0
    header: list[str] = field(default_factory=list)
    columns: tuple[str, ...] = ()
    width: int = 0
    body_start: int = 0
    preamble: list[str] = field(default_factory=list)

    def read_head(self, skip: int) -> None:
        """Find the header, set aside what is above it, and learn what the columns look like."""
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
        self._mend_header(head, width)
        found = layout.find_header(head, width)
        self.preamble += [raw_line(self.lines, head[index][0]) for index in found.preamble]
        self._describe_dialect()
        if found.preamble:
            lines = [head[index][0] for index in found.preamble]
            shown = shown_lines(self.lines, lines, self.dialect)
            what = f"{count(len(lines), 'line')} above the header set aside: {shown}."
            self.notes.append(Note("preamble", lines[0], what, tuple(lines)))
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
        self._learn()

    def _mend_header(self, head: list[records.Record], width: int) -> None:
        """Mend the first row if it alone is damaged and rows of values follow: then it is a header, not a title."""
        place = next((index for index, record in enumerate(head) if layout.filled(record[1])), 0)
        line, row, state = head[place]
        lines_used = head[place + 1][0] - line if place + 1 < len(head) else 1
        if len(row) == width and state == records.FINE and (lines_used > 1 or self._orderly(line, row)):
            return
        below = [other for _, other, _ in head[place + 1 :] if layout.filled(other)]
        if not layout.values_below(below, width):
            return
        spare = not any(other[-1].strip() for other in below if len(other) == width)
        mended = mend_header(self._unescaped(line), self.dialect, width, spare=spare)
        if mended is not None and mended.cells != row:
            head[place] = (line, mended.cells, mended.how)
            self.notes.append(Note("header", line, _HEADER_MENDED[mended.how]))

    def _learn(self) -> None:
        """Learn what the columns look like, so that damaged rows can be mended."""
        sample = itertools.islice(records.records(self.lines, self.body_start, self.dialect, self.width), _LEARNED)
        rows = [row for line, row, state in sample if len(row) == self.width and not state and self._orderly(line, row)]
        shapes = Shapes(rows)
        if shapes:
            self.dialect = replace(self.dialect, shapes=shapes)

    def _orderly(self, line: int, row: Sequence[str]) -> bool:
        """Whether no quotation mark of a row is out of place; of a record over several lines the cells must do."""
        return not any(self.dialect.quote in cell for cell in row) or bool(
            mending.orderly(self.dialect).fullmatch(self._unescaped(line))
        )

    def _unescaped(self, line: int) -> str:
        raw = raw_line(self.lines, line)
        return dialects.plain_lines([raw], self.dialect)[0]

    def _describe_dialect(self) -> None:
        dialect = self.dialect
        if dialect.width < 2:
            return
        self.notes.append(Note("delimiter", None, f"Columns are separated by {dialect.named}: {dialect.evidence}."))
        if dialect.quote == "'":
            self.notes.append(Note("quote", None, "Cells are quoted with single quotation marks."))
        if dialect.doubled:
            lines = tuple(line for line, text in enumerate(self.lines, 1) if '""' in text)
            what = "Double quotation marks are written twice inside the cells; they were read as one."
            self.notes.append(Note("quote", lines[0] if lines else None, what, lines))
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
            raise no_rows(self.name, self.notes, found.cells, line)
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
            self.preamble.append(raw_line(self.lines, number))
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
            # Every row ends in a delimiter: the cells behind it are dropped as empty.
            what = f"Behind its last named column every row has {count(extra, 'empty cell')}. {_MISNAMED}"
            self.notes.append(Note("header", line, what))
            return cells
        counted = [row[0].strip() for row in full]
        if extra == 1 and counted in ([str(n) for n in range(len(full))], [str(n) for n in range(1, len(full) + 1)]):
            self.notes.append(
                Note("header", line, "The rows begin with a running number that the header does not name.")
            )
            return ["", *cells]
        what = f"The rows have {count(extra, 'cell')} more than the header names; they were given names. {_MISNAMED}"
        self.notes.append(Note("header", line, what))
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
