"""Files that are not text at all: recognised by their first bytes and refused by their right name."""

from __future__ import annotations

import io
import json
import re
import zipfile
from typing import Final

from tas_analytics.errors import UnreadableFile

_EXPORT: Final = "Export the list from the CRM as CSV and load that file."
_SAVE_AS: Final = 'Open it in a spreadsheet program, save the sheet as "CSV UTF-8" and load that file.'

#: (first bytes, what it is, how to mend it). Longest or most specific first.
_SIGNATURES: Final = (
    (b"\x89PNG\r\n\x1a\n", "a PNG image", _EXPORT),
    (b"\xff\xd8\xff", "a JPEG image", _EXPORT),
    (b"GIF87a", "a GIF image", _EXPORT),
    (b"GIF89a", "a GIF image", _EXPORT),
    (b"II*\x00", "a TIFF image", _EXPORT),
    (b"MM\x00*", "a TIFF image", _EXPORT),
    (b"%PDF-", "a PDF document", _EXPORT),
    (b"{\\rtf", "an RTF document", _EXPORT),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel or Office file (.xls)", _SAVE_AS),
    (b"PAR1", "a Parquet file", _EXPORT),
    (b"SQLite format 3\x00", "an SQLite database", _EXPORT),
    (b"\x1f\x8b", "a gzip archive", "Unpack it and load the file inside."),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "Unpack it and load the file inside."),
    (b"Rar!\x1a\x07", "a RAR archive", "Unpack it and load the file inside."),
    (b"\xfd7zXZ\x00", "an XZ archive", "Unpack it and load the file inside."),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive", "Unpack it and load the file inside."),
    (b"BZh91AY&SY", "a bzip2 archive", "Unpack it and load the file inside."),
    (b"\x7fELF", "a program", _EXPORT),
    (b"ARROW1\x00\x00", "an Arrow file", _EXPORT),
)
_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_HTML: Final = re.compile(
    r"<(?:!doctype\s+html|html[\s>]|head[\s>]|body[\s>]|table[\s>]|(?:!--.*?-->\s*)<html)", re.IGNORECASE | re.DOTALL
)
#: Control characters that no text file has; tab, the line ends, form feed and escape are left out.
_CONTROL: Final = re.compile(r"[\x01-\x08\x0e-\x1a\x1c-\x1f]")


def refuse_binary(data: bytes, name: str) -> None:
    """Refuse an empty file and every file whose first bytes show another format.

    Raises
    ------
    UnreadableFile
        With a title that names the file and what it seems to be.
    """
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise UnreadableFile(f'"{name}" is an empty file', "Export it again; the download may have been interrupted.")
    if data.startswith(_ZIP):
        what, hint = _inside_zip(data)
        raise UnreadableFile(f'"{name}" is {what}, not a CSV file', hint)
    for magic, what, hint in _SIGNATURES:
        if data.startswith(magic):
            raise UnreadableFile(f'"{name}" is {what}, not a CSV file', hint)
    if data[8:12] == b"DUCK":
        raise UnreadableFile(f'"{name}" is a DuckDB database, not a CSV file', _EXPORT)
    if data[:4] == b"RIFF" and b"\x00" in data[:32]:
        raise UnreadableFile(f'"{name}" is an image, sound or film, not a CSV file', _EXPORT)


def _inside_zip(data: bytes) -> tuple[str, str]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return "a damaged zip archive", "Export it again; the download may have been interrupted."
    for prefix, what, hint in (
        ("xl/", "an Excel workbook (.xlsx)", _SAVE_AS),
        ("word/", "a Word document", _EXPORT),
        ("ppt/", "a PowerPoint file", _EXPORT),
        ("Index/", "an Apple Numbers or Pages file", _SAVE_AS),
    ):
        if any(entry.startswith(prefix) for entry in names):
            return what, hint
    if "content.xml" in names:
        return "an OpenDocument file", _SAVE_AS
    return "a zip archive", "Unpack it and load the files inside."


def refuse_markup(text: str, name: str) -> None:
    """Refuse decoded text that is a web page, XML, JSON or binary rubbish rather than a table.

    Raises
    ------
    UnreadableFile
        With a title that names the file and what it seems to be.
    """
    head = text[:4096].lstrip("\ufeff \t\r\n")
    if not head and not text.strip():
        raise UnreadableFile(f'"{name}" is an empty file', "Export it again; the download may have been interrupted.")
    if _HTML.match(head):
        raise UnreadableFile(
            f'"{name}" is an HTML page, not a CSV file',
            "Often this is the CRM's sign-in page: sign in again, then export as CSV. "
            "An .xls file of a report may be HTML too: save it as CSV from a spreadsheet program.",
        )
    if re.match(r"<(?:\?xml|[A-Za-z][\w:.-]*(?:\s+[\w:.-]+\s*=|\s*/?>))", head):
        raise UnreadableFile(f'"{name}" is an XML file, not a CSV file', _EXPORT)
    if head[:1] in "{[" and _is_json(text):
        raise UnreadableFile(f'"{name}" is a JSON file, not a CSV file', _EXPORT)
    if len(_CONTROL.findall(head)) * 50 > len(head):
        raise UnreadableFile(f'"{name}" is a binary file, not text', _EXPORT)


def _is_json(text: str) -> bool:
    try:
        json.JSONDecoder().raw_decode(text.strip())
    except (ValueError, RecursionError):
        # A long JSON file may be cut off: brackets that open a quoted name still tell it.
        return bool(re.match(r'\s*[\[{]\s*[\[{]?\s*"[^"]*"\s*:', text[:4096]))
    return True
