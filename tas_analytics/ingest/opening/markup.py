"""Tables written as markup: HTML pages that CRMs call .xls, and the single-file XML of Excel 2003."""

from __future__ import annotations

import codecs
import io
import re
from dataclasses import dataclass, field, replace
from functools import partial
from html.parser import HTMLParser
from typing import Final
from xml.etree import ElementTree

from tas_analytics.errors import UnreadableFile
from tas_analytics.ingest.opening.sheets import Grid, lay_out, together
from tas_analytics.ingest.opening.workbook import number_text
from tas_analytics.ingest.reading import signatures
from tas_analytics.ingest.reading.encoding import decode
from tas_analytics.ingest.structure.texttable import Note, TextTable

_CHARSET: Final = re.compile(rb"charset\s*=\s*[\"']?([\w.-]+)", re.IGNORECASE)
_BLANKS: Final = re.compile(r"[ \t\r\n\f]+")
#: Tags after which the text goes on in a new line.
_BLOCKS: Final = frozenset("br p div li h1 h2 h3 h4 h5 h6".split())
_SILENT: Final = frozenset("script style head title template".split())
#: A cell may claim to span any number of columns or rows; no table of ours does beyond this.
_SPAN: Final = 1_000
#: What a sheet may have.
_ROWS: Final = 1_048_576
_COLUMNS: Final = 16_384
_SS: Final = "{urn:schemas-microsoft-com:office:spreadsheet}"
_XL: Final = "{urn:schemas-microsoft-com:office:excel}"


@dataclass
class Cells:
    """Rows of cells while they are collected; short rows are filled up when they are laid out."""

    title: str
    rows: list[list[str]] = field(default_factory=list)
    #: Column → how many rows more a cell spans, and its text.
    spans: dict[int, tuple[int, str]] = field(default_factory=dict)
    merged: int = 0
    taken: set[int] = field(default_factory=set)
    at: int = 0

    def begin_row(self) -> None:
        """Start a row with what spans into it from above."""
        row: list[str] = []
        self.taken, self.at = set(self.spans), 0
        for column, (left, text) in sorted(self.spans.items()):
            row += [""] * (column + 1 - len(row))
            row[column] = text
            self.merged += bool(text)
            if left > 1:
                self.spans[column] = (left - 1, text)
            else:
                del self.spans[column]
        self.rows.append(row)

    def put(self, text: str, across: int = 1, down: int = 1) -> None:
        """Put the next cell into its place."""
        if not self.rows:
            self.begin_row()
        row = self.rows[-1]
        while self.at in self.taken:
            self.at += 1
        row += [""] * (self.at + across - len(row))
        row[self.at] = text
        if down > 1:
            for column in range(self.at, self.at + across):
                self.spans[column] = (down - 1, text if column == self.at else "")
        self.at += across

    def table(self, kind: str, name: str) -> TextTable:
        """The table that the cells make."""
        width = max((len(row) for row in self.rows), default=0)
        for row in self.rows:
            row.extend([""] * (width - len(row)))
        notes = []
        if self.merged:
            notes.append(Note("merged", None, "Cells merged over several rows count for each of them."))
        return lay_out(Grid(width, lambda: self.rows), name, kind, notes)

    @property
    def may_be_table(self) -> bool:
        """Whether there are at least two rows and two columns."""
        return len(self.rows) > 1 and max(len(row) for row in self.rows) > 1


# --- HTML --------------------------------------------------------------------------------------------------------


def read_html(data: bytes, name: str) -> list[TextTable]:
    """Read the tables of a web page: many CRMs write one and call it .xls.

    Raises
    ------
    UnreadableFile
        It is a page without a table, such as the CRM's sign-in page.
    """
    text, encoding, notes = _decode(data, name)
    page = _Page()
    page.feed(text)
    page.close()
    sheets = [cells for cells in page.tables if cells.may_be_table]
    if page.password or not sheets:
        raise signatures.web_page(name)
    notes = [note for note in notes if note.kind != "encoding"]
    notes.insert(0, Note("encoding", None, f"The file is a web page with a table, in the encoding {encoding}."))
    outside = " ".join(page.outside)
    if outside:
        shown = outside if len(outside) <= 120 else f"{outside[:120]}…"
        notes.append(Note("footer", None, f'Text outside of the table set aside: "{shown}".'))
    readers = {f"table {number}": partial(cells.table, "html") for number, cells in enumerate(sheets, start=1)}
    found = together(readers, name, [], notes)
    return found if len(found) > 1 else [replace(found[0], part="")]


def _decode(data: bytes, name: str) -> tuple[str, str, list[Note]]:
    """The text of a page: in the encoding that it names, if that fits, otherwise in the one that we find."""
    named = _CHARSET.search(data[:4096])
    if named and not data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE)):
        codec = named[1].decode("ascii", "replace").lower()
        codec = "cp1252" if codec in {"iso-8859-1", "latin1", "us-ascii", "ascii"} else codec
        try:
            if "<".encode(codec) == b"<":
                return data.decode(codec), codec, []
        except (LookupError, UnicodeError):
            pass  # it names one that does not exist or does not fit
    return decode(data, name)


class _Page(HTMLParser):
    """Collects the cells of every table that holds no other table."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[Cells] = []
        self.outside: list[str] = []
        self.password = False
        self._open: list[Cells] = []
        self._cell: list[str] | None = None
        self._span = (1, 1)
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a table, a row or a cell; the end of the one before may be missing."""
        if tag in _SILENT:
            self._silent += 1
        elif tag == "table":
            self._cell = None
            self._open.append(Cells(""))
        elif tag == "tr" and self._open:
            self._end_cell()
            self._open[-1].begin_row()
        elif tag in {"td", "th"} and self._open:
            self._end_cell()
            given = dict(attrs)
            self._span = (_number(given.get("colspan")), _number(given.get("rowspan")))
            self._cell = []
        elif tag in _BLOCKS and self._cell:
            self._cell.append("\0")
        elif tag == "input" and (dict(attrs).get("type") or "").lower() == "password":
            self.password = True

    def handle_endtag(self, tag: str) -> None:
        """Close what the tag names."""
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in {"td", "th", "tr"} and self._open:
            self._end_cell()
        elif tag == "table" and self._open:
            self._end_cell()
            self.tables.append(self._open.pop())
        elif tag in _BLOCKS and self._cell:
            self._cell.append("\0")

    def handle_data(self, data: str) -> None:
        """Take the text of a cell; keep what stands outside of all tables."""
        if self._silent:
            return
        if self._cell is not None:
            self._cell.append(data)
        elif not self._open and data.strip():
            self.outside.append(_BLANKS.sub(" ", data).strip())

    def close(self) -> None:
        """Take what a page that breaks off has given so far."""
        super().close()
        self._end_cell()
        self.tables += self._open
        self._open = []

    def _end_cell(self) -> None:
        if self._cell is not None:
            # Blanks and line ends of the page's own text mean one blank; a line ends where a tag says so.
            lines = [_BLANKS.sub(" ", line).strip(" ") for line in "".join(self._cell).split("\0")]
            text = "\n".join(line for line in lines if line)
            self._open[-1].put("" if text.isspace() else text, *self._span)
            self._cell = None


def _number(text: str | None) -> int:
    return min(max(1, int(text)), _SPAN) if text and text.strip().isdecimal() else 1


# --- the XML of Excel 2003 -----------------------------------------------------------------------------------------


def read_xml_sheets(data: bytes, name: str) -> list[TextTable]:
    """Read a workbook that is a single XML file.

    Raises
    ------
    UnreadableFile
        It is damaged or holds no table.
    """
    try:
        sheets, hidden = _xml_sheets(data)
    except (ElementTree.ParseError, ValueError) as problem:
        raise UnreadableFile(f'"{name}" is a damaged workbook', signatures.AGAIN) from problem
    return together({cells.title: partial(cells.table, "xml") for cells in sheets}, name, hidden, [])


def _xml_sheets(data: bytes) -> tuple[list[Cells], list[str]]:
    sheets: list[Cells] = []
    hidden: list[str] = []
    for event, element in ElementTree.iterparse(io.BytesIO(data), ("start", "end")):
        if event == "start":
            if element.tag == f"{_SS}Worksheet":
                sheets.append(Cells(element.get(f"{_SS}Name", f"Sheet{len(sheets) + 1}")))
        elif element.tag == f"{_SS}Row" and sheets:
            sheet = sheets[-1]
            for _ in range(_at_most(element.get(f"{_SS}Index", "0"), _ROWS) - len(sheet.rows) - 1):
                sheet.begin_row()
            sheet.begin_row()
            for cell in element.iter(f"{_SS}Cell"):
                if f"{_SS}Index" in cell.attrib:
                    sheet.at = max(sheet.at, _at_most(cell.attrib[f"{_SS}Index"], _COLUMNS) - 1)
                across = _at_most(cell.get(f"{_SS}MergeAcross", "0"), _COLUMNS) + 1
                down = _at_most(cell.get(f"{_SS}MergeDown", "0"), _ROWS) + 1
                sheet.put(_xml_text(cell.find(f"{_SS}Data")), across, down)
            element.clear()
        elif element.tag == f"{_XL}Visible" and (element.text or "").startswith("SheetHidden"):
            hidden.append(sheets.pop().title)
    return sheets, hidden


def _at_most(text: str, limit: int) -> int:
    """A number of rows or columns; ValueError beyond what a sheet may have."""
    number = int(text)
    if not 0 <= number <= limit:
        raise ValueError(text)
    return number


def _xml_text(data: ElementTree.Element | None) -> str:
    if data is None:
        return ""
    text = "".join(data.itertext())
    match data.get(f"{_SS}Type"):
        case "DateTime":
            day, _, time = text.partition("T")
            time = time.removesuffix("Z").removesuffix(".000")
            return day if time in {"", "00:00:00"} else f"{day} {time}"
        case "Boolean":
            return "TRUE" if text.strip() == "1" else "FALSE"
        case "Number" if "E" in text.upper():
            return number_text(float(text))
    return text
