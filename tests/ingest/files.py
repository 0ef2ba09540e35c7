"""Files as CRMs, spreadsheet programs and operating systems write them, made afresh for the tests."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import struct
import uuid
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

import openpyxl  # type: ignore[import-untyped]

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256))
DEALS = "Id,Name,Amount\nD-1,First,10\nD-2,Second,20\n"
MORE = "Id,Name,Amount\nD-3,Third,30\nD-4,Fourth,40\n"
#: The columns of Dynamics 365's export of opportunities; the first three are hidden.
DYNAMICS = (
    "(Do Not Modify) Opportunity", "(Do Not Modify) Row Checksum", "(Do Not Modify) Modified On", "Topic",
    "Potential Customer", "Account", "Est. Close Date", "Est. Revenue", "Actual Revenue", "Actual Close Date",
    "Probability", "Rating", "Status", "Status Reason", "Pipeline Phase", "Forecast Category", "Owner", "Created On",
)  # fmt: skip


def workbook(**sheets: Sequence[Sequence[Any]] | Callable[[Any], None]) -> bytes:
    """An .xlsx with the named sheets: rows of values, or a function that fills the sheet."""
    book = openpyxl.Workbook()
    for title, content in sheets.items():
        sheet = book.create_sheet(title)
        if callable(content):
            content(sheet)
        else:
            for row in content:
                sheet.append(row)
    if sheets:
        del book["Sheet"]
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def moment(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> dt.datetime:
    """A time as a cell holds it: without a zone."""
    return dt.datetime(year, month, day, hour, minute, second)  # noqa: DTZ001


def dynamics(rows: int = 12) -> bytes:
    """An export of Dynamics 365: hidden columns for its re-import, and a hidden sheet that describes them."""

    def opportunities(sheet: Any) -> None:
        sheet.append(DYNAMICS)
        for column in "ABC":
            sheet.column_dimensions[column].hidden = True
        for n in range(1, rows + 1):
            won = n % 4 == 0
            closed = moment(2026, 2, n) if won else None
            sheet.append(
                [
                    str(uuid.UUID(int=n)),
                    f"k+{n}J3v==",
                    moment(2026, 3, 1, 8, 15, n),
                    f"{n} pumps, refit",
                    f"Acme {n}",
                    f"Acme {n}",
                    moment(2026, 6, n),
                    1234.5 * n,
                    1200 * n if won else None,
                    closed,
                    100 if won else 40,
                    "Hot",
                    "Won" if won else "Open",
                    "Won" if won else "In Progress",
                    "3-Propose",
                    "Committed",
                    "Ann Lee",
                    moment(2026, 1, n, 14, 30),
                ]
            )
            for cell in ("G", "J"):
                sheet[f"{cell}{n + 1}"].number_format = "m/d/yyyy"
            sheet[f"H{n + 1}"].number_format = '"$"#,##0.00'

    def described(sheet: Any) -> None:
        sheet.append(["opportunity:abc", *DYNAMICS])
        sheet.append(["name", "estimatedvalue", "ownerid"])
        sheet.sheet_state = "veryHidden"

    return workbook(**{"Open Opportunities": opportunities, "hiddenSheet": described})


def zipped(files: dict[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive of those files; a name that ends in a slash is a folder."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def locked_zip(name: str = "deals.csv") -> bytes:
    """A zip archive whose file is marked as encrypted, in both places where an archive says so."""
    data = bytearray(zipped({name: DEALS}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    return bytes(data)


def gzipped(data: bytes | str) -> bytes:
    return gzip.compress(data if isinstance(data, bytes) else data.encode())


# --- workbooks that no library of ours writes ------------------------------------------------------------------------

_OFFICE = "http://schemas.openxmlformats.org/"


def raw_workbook(rows: str, *, prefix: str = "", workbook_settings: str = "", styles: str = "") -> bytes:
    """An .xlsx with hand-written rows, for what only other programs write; ``prefix`` as the .NET libraries have it."""
    spreadsheet, relation = f"{_OFFICE}spreadsheetml/2006/main", f"{_OFFICE}officeDocument/2006/relationships"
    p, ns = (f"{prefix}:", f'xmlns:{prefix}="{spreadsheet}"') if prefix else ("", f'xmlns="{spreadsheet}"')

    def relations(*targets: tuple[str, str]) -> str:
        each = "".join(
            f'<Relationship Id="rId{n}" Type="{relation}/{kind}" Target="{target}"/>'
            for n, (kind, target) in enumerate(targets, start=1)
        )
        return f'<Relationships xmlns="{_OFFICE}package/2006/relationships">{each}</Relationships>'

    return zipped(
        {
            "[Content_Types].xml": f'<Types xmlns="{_OFFICE}package/2006/content-types"/>',
            "_rels/.rels": relations(("officeDocument", "xl/workbook.xml")),
            "xl/workbook.xml": f'<{p}workbook {ns} xmlns:r="{relation}">{workbook_settings}<{p}sheets>'
            f'<{p}sheet name="Deals" sheetId="1" r:id="rId1"/></{p}sheets></{p}workbook>',
            "xl/_rels/workbook.xml.rels": relations(
                ("worksheet", "/xl/worksheets/sheet1.xml"), ("styles", "styles.xml")
            ),
            "xl/styles.xml": f"<{p}styleSheet {ns}>{styles}</{p}styleSheet>",
            "xl/worksheets/sheet1.xml": f"<{p}worksheet {ns}><{p}sheetData>{rows}</{p}sheetData></{p}worksheet>",
        }
    )


#: Errors that an old workbook can hold; with an equals sign before it, one is the result of a formula.
ERRORS = {"#DIV/0!": 0x07, "#N/A": 0x2A}


def old_workbook(rows: Sequence[Sequence[str | float | bool | dt.date]], *, small: bool = False) -> bytes:
    """A real .xls: BIFF 8 records in a compound file."""
    stream = io.BytesIO()

    def record(kind: int, data: bytes) -> None:
        stream.write(struct.pack("<HH", kind, len(data)) + data)

    record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0x0DBB, 0x07CC, 0, 6))
    for number_format in (0, 14):  # plain, and a date
        record(0x00E0, struct.pack("<HHH", 0, number_format, 0) + b"\0" * 14)
    at = stream.tell()
    sheet_name = b"Deals"
    record(0x0085, struct.pack("<IBBBB", 0, 0, 0, len(sheet_name), 0) + sheet_name)
    record(0x000A, b"")
    begin = stream.tell()
    record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0x0DBB, 0x07CC, 0, 6))
    for y, row in enumerate(rows):
        for x, value in enumerate(row):
            if isinstance(value, str) and value in ERRORS:
                record(0x0205, struct.pack("<HHHBB", y, x, 0, ERRORS[value], 1))
            elif isinstance(value, str) and value.startswith("="):
                result = struct.pack("<BBBBBBH", 2, 0, ERRORS[value[1:]], 0, 0, 0, 0xFFFF)
                record(0x0006, struct.pack("<HHH", y, x, 0) + result + struct.pack("<HIH", 0, 0, 2) + b"\x1c\x07")
            elif isinstance(value, str):
                text = value.encode("utf-16-le")
                record(0x0204, struct.pack("<HHHHB", y, x, 0, len(value), 1) + text)
            elif isinstance(value, bool):
                record(0x0205, struct.pack("<HHHBB", y, x, 0, value, 0))
            elif isinstance(value, dt.date):
                record(0x0203, struct.pack("<HHHd", y, x, 1, (value - dt.date(1899, 12, 30)).days))
            else:
                record(0x0203, struct.pack("<HHHd", y, x, 0, value))
    record(0x000A, b"")
    content = bytearray(stream.getvalue())
    struct.pack_into("<I", content, at + 4, begin)
    return compound(bytes(content), "Workbook", small=small)


def compound(content: bytes, stream: str, *, small: bool = False) -> bytes:
    """A compound file ("OLE") with one stream, as .xls, .doc and protected .xlsx files are.

    A ``small`` one keeps the stream in sectors of 64 bytes, which the root's own stream holds.
    """
    end, free = 0xFFFFFFFE, 0xFFFFFFFF
    size = len(content) if small else max(4096, -(-len(content) // 512) * 512)
    content += b"\0" * (-(-size // 512) * 512 - len(content))
    first = 3 if small else 2
    sectors = len(content) // 512
    assert sectors < 120, "one table of sectors must do"
    chain = [0xFFFFFFFD, end, *([end] if small else []), *range(first + 1, first + sectors), end]
    pieces = -(-size // 64)
    small_chain = [*range(1, pieces), end] if small else []

    def table(numbers: list[int]) -> bytes:
        return struct.pack("<128I", *(numbers + [free] * (128 - len(numbers))))

    def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
        text = (name + "\0").encode("utf-16-le") if name else b""
        return (
            text.ljust(64, b"\0")
            + struct.pack("<HBBIII", len(text), kind, 1, free, free, child)
            + b"\0" * 36
            + struct.pack("<IQ", start, size)
        )

    folder = entry("Root Entry", 5, 1, first if small else end, len(content) if small else 0)
    folder += entry(stream, 2, free, 0 if small else first, size) + entry("", 0, free, 0, 0) * 2
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    header += b"\0" * 6 + struct.pack("<IIIIIIIIII", 0, 1, 1, 0, 4096, 2 if small else end, int(small), end, 0, 0)
    header += b"\xff" * 432
    return header + table(chain) + folder + (table(small_chain) if small else b"") + content


def open_document(rows: Sequence[Sequence[str]]) -> bytes:
    """An .ods as LibreOffice writes it, reduced to its cells."""
    ns = "urn:oasis:names:tc:opendocument:xmlns"
    cells = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>' for cell in row
        )
        + "</table:table-row>"
        for row in rows
    )
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": f'<manifest:manifest xmlns:manifest="{ns}:manifest:1.0"/>',
            "content.xml": f'<office:document-content xmlns:office="{ns}:office:1.0" xmlns:table="{ns}:table:1.0" '
            f'xmlns:text="{ns}:text:1.0"><office:body><office:spreadsheet><table:table table:name="Deals">{cells}'
            "</table:table></office:spreadsheet></office:body></office:document-content>",
        }
    )
