"""Cells of an .xlsx that the library for workbooks leaves out or rounds, taken from the file itself.

They are few in any sheet, so they are searched for as bytes instead of reading each sheet a second time: errors
(``t="e"``), whole numbers with more digits than a binary number holds, and formulas whose result was never stored.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final
from xml.etree import ElementTree

from tas_analytics.errors import UnreadableFile
from tas_analytics.formats import count
from tas_analytics.ingest.reading import signatures
from tas_analytics.ingest.structure.texttable import Note

_BOOK: Final = "xl/workbook.xml"
_RELATIONS: Final = "xl/_rels/workbook.xml.rels"
_CHUNK: Final = 4 << 20
_ERROR: Final = re.compile(rb"t=[\"']e[\"']")
_DIGITS: Final = re.compile(rb"v>(-?\d{16,})<")
_NO_RESULT: Final = re.compile(rb"(?:f>|f\s[^<>]*/>)(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?</(?:\w+:)?c>")
_CELL: Final = re.compile(rb"<(?:\w+:)?c(?:\s[^<>]*)?>")
_REFERENCE: Final = re.compile(rb"\sr=[\"']([A-Z]{1,3})(\d{1,7})[\"']")
_ROW: Final = re.compile(rb"row\s[^<>]*?\br=[\"'](\d+)[\"']")
#: A quick look whether a cell may lie beyond column Z or row 999,999; the next two say where.
_FAR: Final = re.compile(rb" r=[\"'][A-Z](?:[A-Z]|\d{7})")
_FAR_ROW: Final = re.compile(rb"\sr=[\"'][A-Z]{1,3}(\d{7,})[\"']")
_FAR_COLUMN: Final = re.compile(rb"\sr=[\"']([A-Z]{2,})\d")
_TEXT_RESULT: Final = re.compile(rb"\st=[\"']str[\"']")
_VALUE: Final = re.compile(rb"<(?:\w+:)?v>([^<]*)</")


@dataclass
class Oddities:
    """What was found in one sheet; rows and columns are counted from 0."""

    texts: dict[tuple[int, int], str] = field(default_factory=dict)
    errors: int = 0
    unplaced: int = 0
    no_result: int = 0
    first_error: int = 0
    #: How far the sheet reaches; columns up to Z are not counted, they are never too many.
    rows: int = 0
    columns: int = 26

    def add_error(self, place: tuple[int, int], text: str) -> None:
        """Take a cell that shows an error."""
        self.texts[place] = text
        self.errors += 1
        self.first_error = self.first_error or place[0] + 1

    def notes(self) -> list[Note]:
        """Sentences about them."""
        found = []
        if self.errors:
            found.append(
                Note(
                    "formula",
                    self.first_error or None,
                    f"{count(self.errors, 'cell')} with an error of a formula, such as #N/A, kept as that text.",
                )
            )
        if self.unplaced:
            found.append(
                Note("formula", None, f"{count(self.unplaced, 'cell')} with an error of a formula read as empty.")
            )
        if self.no_result:
            found.append(
                Note(
                    "formula",
                    None,
                    f"{count(self.no_result, 'formula')} without a stored result read as empty. Open the file in a "
                    "spreadsheet program and save it, then load it again.",
                )
            )
        return found


def sheet_oddities(source: bytes | Path, name: str) -> dict[str, Oddities]:
    """Sheet name → the cells in it that must be taken from the file itself.

    Raises
    ------
    UnreadableFile
        The file is damaged.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(source) if isinstance(source, bytes) else source) as archive:
            found = {}
            for title, part in _parts(archive).items():
                with archive.open(part) as stream:
                    found[title] = _search(stream)
            return found
    except (*signatures.DAMAGE, ElementTree.ParseError) as problem:
        raise UnreadableFile(f'"{name}" is a damaged workbook', signatures.AGAIN) from problem


def _parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Sheet name → the part of the archive that holds its cells."""
    names = set(archive.namelist())
    if not {_BOOK, _RELATIONS} <= names:
        return {}
    relations = ElementTree.fromstring(archive.read(_RELATIONS))
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    parts = {}
    for element in ElementTree.fromstring(archive.read(_BOOK)).iter():
        if element.tag.endswith("}sheet"):
            key = next((value for attribute, value in element.attrib.items() if attribute.endswith("}id")), None)
            part = posixpath.normpath(posixpath.join("/xl", targets.get(key, ""))).lstrip("/")
            if part in names:
                parts[element.get("name", "")] = part
    return parts


def _blocks(stream: IO[bytes]) -> Iterator[bytes]:
    """The bytes of a sheet in blocks of whole rows."""
    rest = b""
    while chunk := stream.read(_CHUNK):
        cut = chunk.rfind(b"row>") + 4
        if cut < 4:
            rest += chunk
            continue
        yield rest + chunk[:cut]
        rest = chunk[cut:]
    yield rest


def _search(stream: IO[bytes]) -> Oddities:
    found = Oddities()
    for block in _blocks(stream):
        found.rows = max([found.rows, *map(int, _ROW.findall(block))])
        if _FAR.search(block):
            found.rows = max([found.rows, *map(int, _FAR_ROW.findall(block))])
            found.columns = max([found.columns, *(_column(each) + 1 for each in set(_FAR_COLUMN.findall(block)))])
        for match in _ERROR.finditer(block):
            begin = block.rfind(b"<", 0, match.start())
            cell = _CELL.match(block, begin)
            value = _VALUE.search(block, cell.end()) if cell and cell.end() > match.start() else None
            if cell is None or value is None:
                continue
            place = _place(cell.group())
            if place is None:
                found.unplaced += 1
            else:
                found.add_error(place, value[1].decode())
        for match in _DIGITS.finditer(block):
            place = _place(_cell_before(block, match.start()))
            if place is not None:
                found.texts[place] = match[1].decode()
        for match in _NO_RESULT.finditer(block) if b"<f" in block or b":f" in block else ():
            found.no_result += not _TEXT_RESULT.search(_cell_before(block, match.start()))
    return found


def _cell_before(block: bytes, position: int) -> bytes:
    """The opening tag of the cell that a position lies in."""
    while (position := block.rfind(b"<", 0, position)) >= 0:
        cell = _CELL.match(block, position)
        if cell:
            return cell.group()
    return b""


def _place(cell: bytes) -> tuple[int, int] | None:
    """Row and column of a cell by its own reference, counted from 0."""
    reference = _REFERENCE.search(cell)
    if reference is None:
        return None
    return int(reference[2]) - 1, _column(reference[1])


def _column(letters: bytes) -> int:
    """The number of a column, counted from 0."""
    column = 0
    for letter in letters:
        column = column * 26 + letter - 64
    return column - 1
