"""Workbooks (.xlsx, .xlsm, .xlsb, .xls, .ods): every visible sheet that holds a table, cell by cell as text.

calamine reads the sheets. What it leaves out or rounds in an .xlsx (errors such as #N/A, whole numbers with more
digits than a spreadsheet calculates with, formulas without a result) is taken from the file itself: see
``oddities``.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import IO, Any, Final

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
    load_workbook,
)

from tas_analytics.errors import UnreadableFile
from tas_analytics.formats import count
from tas_analytics.ingest.opening.biff import biff_oddities
from tas_analytics.ingest.opening.oddities import Oddities, sheet_oddities
from tas_analytics.ingest.opening.sheets import Grid, lay_out, together
from tas_analytics.ingest.reading import signatures
from tas_analytics.ingest.reading.source import Progress
from tas_analytics.ingest.structure.texttable import Note, TextTable

#: Whole numbers from here on are no longer all exact in a spreadsheet.
EXACT: Final = 2**53
#: A sheet with more is not read: each cell, empty or not, takes memory.
MAX_CELLS: Final = 50_000_000
#: Rows between two words on how far the reading is.
_TELL_EVERY: Final = 5_000
Tell = Callable[[float], object]
#: Beyond so many digits a number is written with its power of ten.
_LONGEST: Final = 21
_MIDNIGHT: Final = dt.time()
_AS_XLSX: Final = (
    "Open it in Excel and save it as an Excel workbook (.xlsx) or as CSV; binary workbooks are read less surely."
)


def read_workbook(source: bytes | Path, name: str, kind: str, progress: Progress | None = None) -> list[TextTable]:
    """Read every visible sheet of a workbook that holds a table.

    Parameters
    ----------
    source
        The file.
    name
        What it is called.
    kind
        ``xlsx``, ``xlsb``, ``xls`` or ``ods``; becomes the encoding of the tables.
    progress
        Told how far the sheets are read, as parts of the size of the file; what it raises passes through.

    Returns
    -------
    list of TextTable
        One per sheet; sheets that were left out are told in the notes of the first.

    Raises
    ------
    UnreadableFile
        The file is protected or damaged, or no sheet holds a table.
    """
    odd = sheet_oddities(source, name) if kind == "xlsx" else {}
    by_place = (
        biff_oddities(source if isinstance(source, bytes) else source.read_bytes(), name) if kind == "xls" else []
    )
    for found in (*odd.values(), *by_place):
        _refuse_far_cells(found, name)
    # Never by its path: calamine would go by the ending of the name.
    with (
        io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as stream,
        _open(stream, name, kind) as book,
    ):
        # The sheets of an old workbook have no names yet when it is looked through.
        odd = odd or dict(zip(book.sheet_names, by_place, strict=False))
        size = len(source) if isinstance(source, bytes) else source.stat().st_size
        tell = (lambda share: progress(int(share * size), size)) if progress is not None else _silent
        return _tables(book, name, kind, odd, tell)


def _refuse_far_cells(found: Oddities, name: str) -> None:
    """Refuse a sheet that would fill the memory, before the library makes room for it: that ends the program."""
    if found.rows * found.columns > MAX_CELLS:
        raise UnreadableFile(
            f'"{name}" has cells too far apart: a sheet of {found.rows:,} rows and {found.columns:,} columns',
            "Delete what stands far away from the table, or save the sheet as CSV, and load that file.",
        )


def _open(stream: IO[bytes], name: str, kind: str) -> CalamineWorkbook:
    try:
        with _no_panic():
            return load_workbook(stream)
    except PasswordError:
        raise signatures.protected(name) from None
    except (CalamineError, OSError, ValueError) as problem:
        again = _AS_XLSX if kind == "xlsb" else signatures.AGAIN
        raise UnreadableFile(f'"{name}" is a damaged workbook', again) from problem


@contextmanager
def _no_panic() -> Iterator[None]:
    """Turn a defect of the library that a damaged file brings out into an error of the file."""
    try:
        yield
    except BaseException as problem:
        # Its type has no name that could be imported, and is no Exception.
        if type(problem).__name__ != "PanicException":
            raise
        raise ValueError(str(problem)) from None


def _silent(_share: float) -> None:
    """Nobody asked how far it is."""


def _tables(book: CalamineWorkbook, name: str, kind: str, odd: dict[str, Oddities], tell: Tell) -> list[TextTable]:
    shown = [
        sheet.name
        for sheet in book.sheets_metadata
        if sheet.visible is SheetVisibleEnum.Visible and sheet.typ is SheetTypeEnum.WorkSheet
    ]
    hidden = [sheet.name for sheet in book.sheets_metadata if sheet.visible is not SheetVisibleEnum.Visible]
    readers = {}
    for place, title in enumerate(shown):
        told = partial(_tell_sheet, tell, place, len(shown))
        readers[title] = partial(_table, book, title, kind, odd.get(title, Oddities()), told)
    return together(readers, name, hidden, [])


def _tell_sheet(tell: Tell, place: int, sheets: int, share: float) -> None:
    tell((place + share) / sheets)


def _table(book: CalamineWorkbook, title: str, kind: str, odd: Oddities, tell: Tell, label: str) -> TextTable:
    try:
        with _no_panic():
            sheet = book.get_sheet_by_name(title)
    except (CalamineError, OSError, ValueError) as problem:
        raise UnreadableFile(f'"{label}" is damaged and cannot be read', signatures.AGAIN) from problem
    cells = _Cells(sheet, odd, tell)
    table = lay_out(Grid(cells.width, cells.rows), label, kind, [])
    tell(1)
    return replace(table, notes=(*cells.notes(kind), *table.notes))


@dataclass
class _Cells:
    """The cells of a sheet as text, and what had to be done to some."""

    sheet: CalamineSheet
    odd: Oddities
    tell: Tell
    told: float = 0.0
    width: int = 0
    left: int = 0
    #: Row → column → text that stands there instead of what calamine gives.
    instead: dict[int, dict[int, str]] = field(default_factory=dict)
    #: Row → column → the cell that is merged over this one from above.
    merged: dict[int, dict[int, tuple[int, int]]] = field(default_factory=dict)
    shift: int = 0
    long: list[int] = field(default_factory=list)
    filled: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        start, end = self.sheet.start, self.sheet.end
        if start is None or end is None:
            start, end = (0, 0), (-1, -1)
        self.left = start[1]
        for place in self.odd.texts:
            # Cells at the edge that hold nothing but an error are outside of what calamine sees.
            self.left = min(self.left, place[1])
        right = max([end[1], *(column for _, column in self.odd.texts)])
        self.width = right - self.left + 1
        self.shift = start[1] - self.left
        for (row, column), text in self.odd.texts.items():
            self.instead.setdefault(row, {})[column - self.left] = text
        for (top, left), (bottom, _) in self.sheet.merged_cell_ranges or []:
            for row in range(top + 1, min(bottom, end[0]) + 1):
                self.merged.setdefault(row, {})[left - self.left] = (top, left - self.left)

    def rows(self) -> Iterator[list[str]]:
        """The rows from the top of the sheet on."""
        self.long.clear()
        self.filled.clear()
        kept: dict[tuple[int, int], str] = {}
        tops: dict[int, list[int]] = {}
        for top, column in {place for places in self.merged.values() for place in places.values()}:
            tops.setdefault(top, []).append(column)
        before, number = [""] * self.shift, -1
        for number, values in enumerate(self.sheet.iter_rows()):
            row = before + [value if type(value) is str else self._text(value, number) for value in values]
            if len(row) < self.width:
                row += [""] * (self.width - len(row))
            if number in self.instead:
                self._put(row, number)
            for column, origin in self.merged.get(number, {}).items():
                if 0 <= column < self.width and not row[column] and kept.get(origin):
                    row[column] = kept[origin]
                    self.filled.append(number + 1)
            for column in tops.get(number, []):
                if 0 <= column < self.width:
                    kept[number, column] = row[column]
            if number % _TELL_EVERY == _TELL_EVERY - 1:
                # A sheet with empty columns is gone through twice.
                self.told = max(self.told, number / self.sheet.total_height)
                self.tell(self.told)
            yield row
        for below in range(number + 1, max(self.instead, default=-1) + 1):
            row = [""] * self.width
            self._put(row, below)
            yield row

    def _put(self, row: list[str], number: int) -> None:
        for column, text in self.instead.get(number, {}).items():
            row[column] = text

    def _text(self, value: Any, row: int) -> str:
        if type(value) is float:
            if abs(value) >= EXACT and value.is_integer():
                self.long.append(row + 1)
            return number_text(value)
        return cell_text(value)

    def notes(self, kind: str) -> list[Note]:
        """What a reader of the table should know of its cells."""
        found = self.odd.notes()
        if self.long:
            found.append(
                Note(
                    "digits",
                    self.long[0],
                    f"{count(len(self.long), 'number')} (row {_rows(self.long)}) with more digits than a spreadsheet "
                    "keeps: the last digits may have been lost before the file was saved. Ids should be formatted as "
                    "text.",
                )
            )
        if self.filled:
            rows = f"{count(len(set(self.filled)), 'row')} (row {_rows(self.filled)})"
            found.append(
                Note("merged", self.filled[0], f"Cells merged over several rows count for each of them: {rows} filled.")
            )
        if kind in {"xlsb", "ods"}:
            found.append(
                Note(
                    "encoding", None, f"In a workbook of the kind .{kind} errors such as #N/A are read as empty cells."
                )
            )
        return found


def _rows(numbers: Sequence[int]) -> str:
    distinct = list(dict.fromkeys(numbers))
    return ", ".join(f"{number:,}" for number in distinct[:5]) + (", …" if len(distinct) > 5 else "")


def cell_text(value: Any) -> str:
    """A cell's value as text: ISO dates, plain numbers with a point, TRUE and FALSE.

    Examples
    --------
    >>> cell_text(dt.datetime(2026, 3, 5)), cell_text(dt.datetime(2026, 3, 5, 14, 30)), cell_text(True)
    ('2026-03-05', '2026-03-05 14:30:00', 'TRUE')
    """
    match value:
        case str():
            return value
        case bool():
            return "TRUE" if value else "FALSE"
        case float():
            return number_text(value)
        case dt.datetime():
            if value.time() == _MIDNIGHT:
                return value.date().isoformat()
            return value.isoformat(" ", "milliseconds" if value.microsecond else "seconds")
        case dt.timedelta():
            return _duration(value)
        case dt.time():
            return value.isoformat("milliseconds" if value.microsecond else "seconds")
    return str(value)


def number_text(value: float) -> str:
    """A number in its shortest exact form: with a point, without an exponent, whole numbers without a fraction.

    Examples
    --------
    >>> number_text(12.0), number_text(0.1), number_text(1e-7), number_text(1e20)
    ('12', '0.1', '0.0000001', '100000000000000000000')
    """
    text = repr(value)
    if text.endswith(".0"):
        return text[:-2] if text != "-0.0" else "0"
    if "e" in text:
        exact = Decimal(text)
        if abs(exact.adjusted()) < _LONGEST:
            return f"{exact:f}"
    return text


def _duration(value: dt.timedelta) -> str:
    """Hours beyond 24 stay hours, as a duration's format in a spreadsheet shows them."""
    seconds = round(value.total_seconds())
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
