"""Files of every kind that may hold tables: text, workbooks, and archives of these, told apart by their content.

One file may give several tables: the sheets of a workbook, the files of an archive. What is left out on the way (a
hidden sheet, a picture in a zip) is told in a note; what cannot be opened is refused by its right name.
"""

from __future__ import annotations

import gzip
import io
import tempfile
import zipfile
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import IO, Final
from xml.parsers import expat

from tas_analytics.errors import UnreadableFile
from tas_analytics.formats import count
from tas_analytics.ingest.opening.markup import read_html, read_xml_sheets
from tas_analytics.ingest.opening.sheets import INSIDE
from tas_analytics.ingest.opening.workbook import MAX_CELLS, read_workbook
from tas_analytics.ingest.reading import signatures
from tas_analytics.ingest.reading.reader import Progress, read_table
from tas_analytics.ingest.reading.source import Source
from tas_analytics.ingest.structure.texttable import Note, TextTable

#: No export is larger when unpacked.
MAX_UNPACKED: Final = 2 << 30
#: Nor packed so tightly, once it is large: an archive made to fill the disk.
MAX_RATIO: Final = 200
_HARMLESS: Final = 64 << 20
#: An archive of more files than this is no export.
_MAX_FILES: Final = 500
#: Larger ones are unpacked to the disk, not into memory.
_IN_MEMORY: Final = 32 << 20
_CHUNK: Final = 1 << 20
_HEAD: Final = 4096
_DEPTH: Final = 2
#: Left behind by the systems that make archives.
_DEBRIS: Final = frozenset({".ds_store", "thumbs.db", "desktop.ini"})
_ENCRYPTED: Final = 0x1
_UTF8: Final = 0x800

Given = bytes | Path


def read_file(source: Given, name: str, progress: Progress | None = None) -> list[TextTable]:
    """Read every table of a file.

    Parameters
    ----------
    source
        The bytes of the file, or where it lies.
    name
        What the file is called; used in messages, never to tell what it is.
    progress
        Called with the bytes done and the bytes of all, for each text file or workbook inside anew. What it raises
        passes through, so it can cancel.

    Returns
    -------
    list of TextTable
        At least one.

    Raises
    ------
    UnreadableFile
        The file holds no table, or cannot be opened; the title says what it seems to be.
    """
    return _read(_Job(progress), source, name, 0)


@dataclass
class _Job:
    """What the reading of one file shares with that of the files inside."""

    progress: Progress | None = None
    #: Bytes unpacked so far, over all archives inside each other.
    unpacked: int = 0


def _read(job: _Job, source: Given, name: str, depth: int) -> list[TextTable]:
    head = _head(source, name)
    match signatures.container(head):
        case "zip":
            return _zip(job, source, name, depth)
        case "gzip":
            return _gzip(job, source, name, depth)
        case "ole":
            signatures.refuse_other_office(_bytes(source), name)
            return read_workbook(source, name, "xls", job.progress)
        case "html":
            return read_html(_bytes(source), name)
        case "xml":
            return read_xml_sheets(_bytes(source), name)
    if head[257:262] == b"ustar":
        raise UnreadableFile(
            f'"{name}" is a tar archive', "Unpack it and load the files inside, or pack them as a zip."
        )
    return [_text(job, source, name)]


def _text(job: _Job, source: Given, name: str) -> TextTable:
    return read_table(source, name, progress=job.progress)


def _head(source: Given, name: str) -> bytes:
    with Source(source, name) as opened:
        return opened.read(0, _HEAD)


def _bytes(source: Given) -> bytes:
    return source if isinstance(source, bytes) else source.read_bytes()


def _size(source: Given) -> int:
    return len(source) if isinstance(source, bytes) else source.stat().st_size


def _stream(source: Given) -> IO[bytes]:
    return io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")


class _TooLarge(UnreadableFile):
    """Not one file of an archive is at fault, but the archive."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f'"{name}" is packed so tightly, or is so large when unpacked, that it is not opened',
            f"No export is larger than {MAX_UNPACKED >> 30} GB. Unpack it yourself and load the files inside.",
        )


def _unpack(job: _Job, stream: IO[bytes] | gzip.GzipFile, packed: int, name: str, stack: ExitStack) -> Given:
    """The bytes of a packed file, or where they lie if they are many.

    Sizes are counted as they come: what an archive says of itself need not be true.
    """
    limit = min(MAX_UNPACKED - job.unpacked, max(_HARMLESS, packed * MAX_RATIO))
    size = 0
    chunks: list[bytes] = []
    path: Path | None = None
    with ExitStack() as files:
        target: IO[bytes] | None = None
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > limit:
                raise _TooLarge(name)
            if target is None and size > _IN_MEMORY:
                folder = stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
                path = Path(folder) / "unpacked"
                target = files.enter_context(path.open("wb"))
                target.writelines(chunks)
                chunks.clear()
            if target is None:
                chunks.append(chunk)
            else:
                target.write(chunk)
    job.unpacked += size
    return path if path is not None else b"".join(chunks)


# --- gzip --------------------------------------------------------------------------------------------------------


def _gzip(job: _Job, source: Given, name: str, depth: int) -> list[TextTable]:
    _not_too_deep(name, depth)
    with ExitStack() as stack:
        try:
            with _stream(source) as packed, gzip.GzipFile(fileobj=packed) as stream:
                inner = _unpack(job, stream, _size(source), name, stack)
        except signatures.DAMAGE as problem:
            raise UnreadableFile(f'"{name}" is a damaged gzip archive', signatures.AGAIN) from problem
        return _read(job, inner, name, depth + 1)


def _not_too_deep(name: str, depth: int) -> None:
    if depth >= _DEPTH:
        raise UnreadableFile(
            f'"{name}" is an archive in an archive in an archive', "Unpack it and load the files inside."
        )


# --- zip ---------------------------------------------------------------------------------------------------------


def _zip(job: _Job, source: Given, name: str, depth: int) -> list[TextTable]:
    damaged = UnreadableFile(f'"{name}" is a damaged zip archive', signatures.AGAIN)
    with ExitStack() as stack:
        try:
            archive = stack.enter_context(zipfile.ZipFile(stack.enter_context(_stream(source))))
            kind = signatures.inside_zip(archive, name)
            if kind != "zip":
                _check_workbook(archive, _size(source), name)
        except signatures.DAMAGE as problem:
            raise damaged from problem
        if kind != "zip":
            return read_workbook(source, name, kind, job.progress)
        _not_too_deep(name, depth)
        found = _Found()
        for info in _members(archive, name):
            inner = _member_name(info)
            label = f"{name}{INSIDE}{inner}"
            if _is_debris(inner):
                found.debris += 1
                continue
            with ExitStack() as unpacked:
                try:
                    with archive.open(info) as stream:
                        data = _unpack(job, stream, info.compress_size, name, unpacked)
                except NotImplementedError:
                    raise UnreadableFile(
                        f'"{label}" is packed in a way that cannot be opened here',
                        "Unpack the archive and load the files inside, or pack them anew as a plain zip.",
                    ) from None
                except signatures.DAMAGE as problem:
                    raise damaged from problem
                try:
                    tables = _read(job, data, label, depth + 1)
                except _TooLarge:
                    raise
                except UnreadableFile as problem:
                    found.refused.append((inner, label, problem))
                    continue
            found.tables += [
                replace(table, part=f"{inner}{INSIDE}{table.part}" if table.part else inner) for table in tables
            ]
        return found.result(name)


def _members(archive: zipfile.ZipFile, name: str) -> list[zipfile.ZipInfo]:
    """The files of an archive, without folders."""
    files = [info for info in archive.infolist() if not info.is_dir()]
    if not files:
        raise UnreadableFile(f'"{name}" is an empty zip archive', "Export the list again and load that file.")
    if len(files) > _MAX_FILES:
        raise UnreadableFile(
            f'"{name}" holds {len(files):,} files',
            f"Load an archive of at most {_MAX_FILES} files, or the files alone.",
        )
    if any(info.flag_bits & _ENCRYPTED for info in files):
        raise UnreadableFile(
            f'"{name}" is protected with a password', "Unpack it with the password and load the files inside."
        )
    return files


def _member_name(info: zipfile.ZipInfo) -> str:
    """The path of a file in its archive; many programs write UTF-8 without saying so."""
    if info.flag_bits & _UTF8:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename


def _is_debris(inner: str) -> bool:
    path = PurePosixPath(inner)
    return "__MACOSX" in path.parts or path.name.lower() in _DEBRIS or path.name.startswith("._")


def _check_workbook(archive: zipfile.ZipFile, packed: int, name: str) -> None:
    """Refuse a workbook that unpacks to more than any export, or whose parts are no sound XML.

    The library for workbooks trusts what it is given: it may never return from a part that breaks off, and makes
    room for as many cells as a file claims to have.
    """
    size = sum(info.file_size for info in archive.infolist())
    if size > min(MAX_UNPACKED, max(_HARMLESS, packed * MAX_RATIO)):
        raise _TooLarge(name)
    for info in archive.infolist():
        with archive.open(info) as stream:
            if not info.filename.endswith((".xml", ".rels")):
                while stream.read(_CHUNK):
                    pass  # its length and checksum are compared on the way
                continue
            parser = expat.ParserCreate()
            repeated = _Repeated()
            if info.filename == "content.xml":
                parser.StartElementHandler = repeated
            try:
                parser.ParseFile(stream)
            except expat.ExpatError as problem:
                raise UnreadableFile(f'"{name}" is a damaged workbook', signatures.AGAIN) from problem
            if repeated.cells > MAX_CELLS:
                raise _TooLarge(name)


class _Repeated:
    """Counts the cells of an OpenDocument sheet, in which one row or cell may stand for a million."""

    def __init__(self) -> None:
        self.cells = 0
        self._rows = 1

    def __call__(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "table:table-row":
            self._rows = self._number(attributes.get("table:number-rows-repeated"))
        elif tag == "table:table-cell" and any(name.startswith(("office:", "table:formula")) for name in attributes):
            self.cells += self._rows * self._number(attributes.get("table:number-columns-repeated"))

    @staticmethod
    def _number(text: str | None) -> int:
        return int(text) if text and text.isdecimal() else 1


@dataclass
class _Found:
    """What an archive holds, while it is being read."""

    tables: list[TextTable] = field(default_factory=list)
    #: Its path, its name in messages, and why it is no table.
    refused: list[tuple[str, str, UnreadableFile]] = field(default_factory=list)
    debris: int = 0

    def result(self, name: str) -> list[TextTable]:
        """The tables; what was left out is told in the notes of the first."""
        reasons = []
        for inner, label, problem in self.refused:
            why = problem.title.removeprefix(f'"{label}" ')
            reasons.append(f'"{inner}" was left out: it {why}')
        if not self.tables:
            if len(self.refused) == 1:
                raise self.refused[0][2]
            raise UnreadableFile(
                f'"{name}" is a zip archive without a table inside',
                ". ".join(reasons[:5]) + "." if reasons else "Export the list again and load that file.",
            )
        notes = [Note("archive", None, f"{reason}.") for reason in reasons]
        if self.debris:
            what = count(self.debris, "file")
            notes.append(Note("archive", None, f"{what} that an operating system left in the archive left out."))
        return [replace(self.tables[0], notes=(*notes, *self.tables[0].notes)), *self.tables[1:]]
