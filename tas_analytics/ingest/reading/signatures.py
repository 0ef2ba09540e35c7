"""What a file is, by its first bytes: what can be opened is named, everything else is refused by its right name.

:func:`container` names the files that hold tables inside (``tas_analytics.ingest.opening.containers`` opens them);
:func:`refuse_binary` and :func:`refuse_markup` are for files that should be text.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
import zlib
from typing import Final, Literal

from tas_analytics.errors import UnreadableFile

_EXPORT: Final = "Export the list from the CRM as CSV and load that file."
_SAVE_AS: Final = 'Open it in a spreadsheet program, save the sheet as "CSV UTF-8" and load that file.'
#: How to mend a file that broke off or was altered on its way.
AGAIN: Final = "Export it again; the download may have been interrupted."
#: What the standard library raises for archives that are damaged, cut off, or packed in a way that it cannot read.
DAMAGE: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    ValueError,
    KeyError,
    RuntimeError,  # among them NotImplementedError: a way of packing that is not known
)

ZipKind = Literal["zip", "xlsx", "xlsb", "ods"]
Container = Literal["zip", "gzip", "ole", "html", "xml"]
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_GZIP: Final = b"\x1f\x8b"

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
    (_OLE, "an old Excel or Office file (.xls)", _SAVE_AS),
    (b"PAR1", "a Parquet file", _EXPORT),
    (b"SQLite format 3\x00", "an SQLite database", _EXPORT),
    (_GZIP, "a gzip archive", "Unpack it and load the file inside."),
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
#: What else a page may begin with, which is a page only if more of one follows.
_HTML_LATER: Final = re.compile(r"<(?:!--|\?xml|meta[\s>]|style[\s>]|title>|div[\s>])", re.IGNORECASE)
_HTML_TABLE: Final = re.compile(r"<(?:html|table|body)[\s>]", re.IGNORECASE)
#: A spreadsheet as a single XML file, as Excel 2003 and old CRMs write it.
_XML_SHEET: Final = re.compile(
    r"""<\?mso-application\s+progid=["']Excel\.Sheet|urn:schemas-microsoft-com:office:spreadsheet"""
)
#: Control characters that no text file has; tab, the line ends, form feed and escape are left out.
_CONTROL: Final = re.compile(r"[\x01-\x08\x0e-\x1a\x1c-\x1f]")


def container(head: bytes) -> Container | None:
    """What a file that may hold tables inside is; None for text and for everything else.

    Parameters
    ----------
    head
        The first few thousand bytes of the file.
    """
    if head.startswith(_ZIP):
        return "zip"
    if head.startswith(_GZIP):
        return "gzip"
    if head.startswith(_OLE):
        return "ole"
    # Markup is ASCII in every encoding that it comes in, once the padding of the wide ones is left out.
    text = head.lstrip(b"\xef\xbb\xbf\xff\xfe").replace(b"\0", b"").decode("latin-1").lstrip()
    if _XML_SHEET.search(text) and text.startswith("<"):
        return "xml"
    if _HTML.match(text) or (_HTML_LATER.match(text) and _HTML_TABLE.search(text)):
        return "html"
    return None


def refuse_binary(data: bytes, name: str) -> None:
    """Refuse an empty file and every file whose first bytes show another format.

    Raises
    ------
    UnreadableFile
        With a title that names the file and what it seems to be.
    """
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise UnreadableFile(f'"{name}" is an empty file', AGAIN)
    if data.startswith(_ZIP):
        raise UnreadableFile(f'"{name}" is {_packed(data)}, not a CSV file', "Unpack it and load the file inside.")
    for magic, what, hint in _SIGNATURES:
        if data.startswith(magic):
            raise UnreadableFile(f'"{name}" is {what}, not a CSV file', hint)
    if data[8:12] == b"DUCK":
        raise UnreadableFile(f'"{name}" is a DuckDB database, not a CSV file', _EXPORT)
    if data[:4] == b"RIFF" and b"\x00" in data[:32]:
        raise UnreadableFile(f'"{name}" is an image, sound or film, not a CSV file', _EXPORT)


def inside_zip(archive: zipfile.ZipFile, name: str) -> ZipKind:
    """Which kind of workbook a zip archive is, or ``zip`` if it is an archive of files.

    Raises
    ------
    UnreadableFile
        It is a document of another program.
    """
    names = archive.namelist()
    if "xl/workbook.bin" in names:
        return "xlsb"
    if any(entry.startswith("xl/") for entry in names):
        return "xlsx"
    if "content.xml" in names and "mimetype" in names:
        if b"spreadsheet" in archive.read("mimetype")[:200]:
            return "ods"
        raise UnreadableFile(f'"{name}" is an OpenDocument file, but no spreadsheet', _EXPORT)
    for prefix, what, hint in (
        ("word/", "a Word document", _EXPORT),
        ("ppt/", "a PowerPoint file", _EXPORT),
        ("Index/", "an Apple Numbers or Pages file", _SAVE_AS),
    ):
        if any(entry.startswith(prefix) for entry in names):
            raise UnreadableFile(f'"{name}" is {what}, not a table', hint)
    return "zip"


def protected(name: str) -> UnreadableFile:
    """The refusal of a workbook that asks for a password."""
    return UnreadableFile(
        f'"{name}" is protected with a password',
        "Open it in a spreadsheet program, save it without a password and load that file.",
    )


def refuse_other_office(data: bytes, name: str) -> None:
    """Refuse a compound file ("OLE") that holds no workbook that can be opened.

    Raises
    ------
    UnreadableFile
        It is a document, a message or a presentation, or its content is encrypted.
    """
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise protected(name)
    if not any(stream.encode("utf-16-le") in data for stream in ("Workbook", "WORKBOOK", "Book", "BOOK")):
        raise UnreadableFile(
            f'"{name}" is an old Office file without a workbook, such as a Word document or an e-mail', _EXPORT
        )


def _packed(data: bytes) -> str:
    """What a zip archive is, for a reader of text that cannot open it."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return "a zip archive" if inside_zip(archive, "") == "zip" else "an Excel workbook"
    except UnreadableFile:
        return "a document"
    except DAMAGE:
        return "a damaged zip archive"


def web_page(name: str) -> UnreadableFile:
    """The refusal of a web page that holds no table."""
    return UnreadableFile(
        f'"{name}" is an HTML page, not a table',
        "Often this is the CRM's sign-in page: sign in again, then export as CSV.",
    )


def refuse_markup(text: str, name: str) -> None:
    """Refuse decoded text that is a web page, XML, JSON or binary rubbish rather than a table.

    Raises
    ------
    UnreadableFile
        With a title that names the file and what it seems to be.
    """
    head = text[:4096].lstrip("\ufeff \t\r\n")
    if not head and not text.strip():
        raise UnreadableFile(f'"{name}" is an empty file', AGAIN)
    if _HTML.match(head):
        raise web_page(name)
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
