"""A file's bytes as lines of text, block by block: the same text as :func:`encoding.decode` makes, without holding it.

A first run through the file settles the encoding, counts lines, and cuts the file into blocks at line ends. Later
each block can be had again as UTF-8 or as lines, so any line can be quoted without any being kept.
"""

from __future__ import annotations

import codecs
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from tas_analytics.errors import UnreadableFile
from tas_analytics.ingest.reading import encoding as encodings
from tas_analytics.ingest.reading.source import Source
from tas_analytics.ingest.structure.texttable import Note

_HEAD: Final = 1 << 16
#: A line as long as this is no row of a table, and to take it apart would need too much memory.
LONGEST_LINE: Final = 64 << 20
_MARKS: Final = {
    "utf-8-sig": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}
#: Bytes that mean something else in Windows-1252 than in ISO-8859-1.
_OWN_SIGNS: Final = bytes(range(0x80, 0xA0))
_UNITS: Final = {"utf-16-le": 2, "utf-16-be": 2, "utf-32-le": 4, "utf-32-be": 4}
#: Encodings of several bytes a character in which the byte of a line end is never part of another character.
_MULTIBYTE: Final = frozenset(
    "utf-8 gb18030 gbk gb2312 big5 big5hkscs cp950 euc_jp euc_kr cp949 shift_jis cp932 shift_jisx0213 johab".split()
)
#: As much of the file as the decision between encodings looks at.
_HIGH_LINES: Final = 4000
_HIGH_BYTES: Final = 400_000


@dataclass(frozen=True)
class Block:
    """A piece of the file that ends at a line end.

    ``first`` is the number of lines before it. ``clean`` says that its bytes are its text in UTF-8 as they stand,
    ``returns`` that somewhere in it a carriage return ends a line by itself.
    """

    start: int
    stop: int
    first: int
    count: int
    clean: bool
    returns: bool


@dataclass
class Decoded:
    """A file whose encoding is settled, cut into blocks."""

    source: Source
    encoding: str
    codec: str
    errors: str
    notes: list[Note]
    blocks: list[Block]

    def text(self, block: Block) -> str:
        """The text of a block, without byte order mark and NUL characters."""
        text = _decoded(self.source.read(block.start, block.stop), self.codec, self.errors)
        if not block.first:
            text = text.removeprefix("\ufeff")
        return text.replace("\x00", "")

    def utf8(self, block: Block) -> bytes:
        """The same text in UTF-8."""
        if block.clean:
            return self.source.read(block.start, block.stop)
        return self.text(block).encode()

    @property
    def lines(self) -> int:
        """Number of lines of the file."""
        return self.blocks[-1].first + self.blocks[-1].count if self.blocks else 0


class _InvalidError(Exception):
    """A strict reading met bytes that the encoding does not have."""

    def __init__(self, line: bytes) -> None:
        super().__init__("invalid")
        self.line = line


@dataclass
class _Scan:
    """The first run through a file with one encoding."""

    source: Source
    codec: str
    errors: str
    block: int
    tell: Callable[[int], None]
    blocks: list[Block] = field(default_factory=list)
    lines: int = 0
    damaged: int = 0
    damaged_line: int = 0
    zeros: int = 0
    zero_line: int = 0
    not_ascii: bytes = b""

    def run(self, mark: bytes) -> None:
        """Cut the whole file into blocks."""
        codecs.register_error("tas-mend-block", _mend)
        self._ascii_superset = b"\r\n,".decode(self.codec) == "\r\n," if self._unit == 1 else False
        at, odd = len(mark), False
        while at < self.source.size:
            data, odd = self._take(at, odd)
            self._add(at, data)
            at += len(data)
            self.tell(at)

    @property
    def _unit(self) -> int:
        return _UNITS.get(self.codec, 1)

    def _take(self, at: int, odd: bool) -> tuple[bytes, bool]:
        """The next bytes up to a line end, best one outside quotation marks; and whether they leave one open."""
        size = self.block - self.block % 4
        while True:
            data = self.source.read(at, at + size)
            if not data:
                self.source.check_unchanged()
                raise UnreadableFile(f'"{self.source.name}" ended before its size', "Copy the file and load the copy.")
            if at + len(data) >= self.source.size:
                return data, False
            cut = _line_end(data, self.codec, self._unit)
            if cut:
                break
            if size >= LONGEST_LINE:
                raise UnreadableFile(
                    f'"{self.source.name}" has a line of more than {LONGEST_LINE >> 20} MB: no table is written so',
                    "Export the list from the CRM as CSV and load that file.",
                )
            size *= 2
        data = data[:cut]
        if self._unit == 1 and b'"' in data:
            odd ^= bool(np.count_nonzero(np.frombuffer(data, np.uint8) == 34) % 2)  # a quotation mark
            if odd:
                mark = data.rfind(b'"')
                earlier = data.rfind(b"\n", max(0, mark - len(data) // 4), mark) + 1
                if earlier and data.count(b'"', earlier) % 2:
                    return data[:earlier], False
        return data, odd

    def _add(self, at: int, data: bytes) -> None:
        plain = data.isascii() and self._ascii_superset
        self._damaged_here = False
        if not plain and not self.not_ascii and self._unit == 1:
            self.not_ascii = next(encodings.high_lines(data), b"")
        text = "" if plain else self._decode(data)
        first = not self.blocks and text.startswith("\ufeff")
        clean = (plain or self.codec == "utf-8") and not self._damaged_here and not first
        zeros = data.count(0) if clean else text.count("\x00")
        if zeros and plain:
            text = data.decode("ascii")
        if first:
            text = text[1:]
        if zeros:
            clean = False
            if not self.zeros:
                self.zero_line = self.lines + encodings.line_ends(text[: text.index("\x00")]) + 1
            self.zeros += zeros
            text = text.replace("\x00", "")
        if clean:
            count, alone = _count_bytes(data)
        else:
            count = encodings.line_ends(text) + bool(text and text[-1] not in "\r\n")
            alone = encodings.line_ends(text) - text.count("\n")
        self.blocks.append(Block(at, at + len(data), self.lines, count, clean, alone > 0))
        self.lines += count

    def _decode(self, data: bytes) -> str:
        try:
            return _decoded(data, self.codec, "strict")
        except UnicodeDecodeError as problem:
            if self.errors == "strict":
                begin = data.rfind(b"\n", 0, problem.start) + 1
                end = data.find(b"\n", problem.end)
                raise _InvalidError(data[begin : len(data) if end < 0 else end]) from None
            places = _damaged_places(data, self.codec)
            if not self.damaged:
                before = data[: places[0]].decode(self.codec, "replace")
                self.damaged_line = self.lines + encodings.line_ends(before) + 1
            self.damaged += len(places)
            self._damaged_here = True
            return data.decode(self.codec, self.errors)

    _damaged_here: bool = False
    _ascii_superset: bool = False


def _decoded(data: bytes, codec: str, errors: str) -> str:
    # Where Windows-1252 has no sign of its own it is ISO-8859-1, which decodes many times as fast.
    if codec == "cp1252" and len(data.translate(None, _OWN_SIGNS)) == len(data):
        return data.decode("latin-1")
    return data.decode(codec, errors)


def _mend(error: UnicodeError) -> tuple[str, int]:
    """What stands for damaged bytes: in UTF-8 their characters in Windows-1252, in wide encodings a mark."""
    if not isinstance(error, UnicodeDecodeError):  # pragma: no cover - only decoding calls this
        raise error
    piece = error.object[error.start : error.end]
    wide = error.encoding.lower().startswith(("utf-16", "utf-32", "utf16", "utf32"))
    return ("\ufffd" if wide else piece.decode("cp1252", "replace")), error.end


def _damaged_places(data: bytes, codec: str) -> list[int]:
    places: list[int] = []

    def note(error: UnicodeError) -> tuple[str, int]:
        if not isinstance(error, UnicodeDecodeError):  # pragma: no cover - only decoding calls this
            raise error
        places.append(error.start)
        return "", error.end

    codecs.register_error("tas-count", note)
    data.decode(codec, "tas-count")
    return places


def _line_end(data: bytes, codec: str, unit: int) -> int:
    """Where the last whole line of the bytes ends; 0 where none does."""
    if unit == 1:
        cut = data.rfind(b"\n") + 1
        if cut:
            return cut
        cut = data.rfind(b"\r", 0, len(data) - 1)
        while cut >= 0 and data[cut + 1] == 0:
            cut = data.rfind(b"\r", 0, cut)
        return cut + 1
    feed, turn, zero = "\n".encode(codec), "\r".encode(codec), "\x00".encode(codec)
    for sign, limit in ((feed, len(data)), (turn, len(data) - unit)):
        cut = data.rfind(sign, 0, limit)
        while cut >= 0 and (cut % unit or (sign is turn and data[cut + unit : cut + 2 * unit] in (feed, zero))):
            cut = data.rfind(sign, 0, cut + unit - 1)
        if cut >= 0:
            return cut + unit
    return 0


def _count_bytes(data: bytes) -> tuple[int, int]:
    """Number of lines, and of carriage returns that end one alone."""
    feeds = int(np.count_nonzero(np.frombuffer(data, np.uint8) == 10))  # line feeds
    alone = data.count(b"\r") - data.count(b"\r\n") if b"\r" in data else 0
    return feeds + alone + (data[-1:] not in (b"\n", b"\r")), alone


def settle(source: Source, block: int, tell: Callable[[int], None]) -> Decoded:
    """Settle the encoding of a file and cut it into blocks.

    The decision itself is :func:`encoding.decode`'s: it is asked about the head of the file and all else that it
    would look at in the whole.

    Parameters
    ----------
    source
        The file.
    block
        About so many bytes make a block.
    tell
        Called with the number of bytes looked at.
    """
    head = source.read(0, _HEAD)
    if len(head) < source.size:
        rest = source.read(_HEAD, _HEAD + (1 << 20))
        head += rest[: rest.find(b"\n") + 1]
    _, encoding, notes = encodings.decode(head, source.name)
    mark = _MARKS.get(encoding, b"")
    mark = mark if head.startswith(mark) else b""
    if mark or encoding in _UNITS:
        codec = encoding.removesuffix("-sig")
        return _finish(_scan(source, codec, "tas-mend-block", block, tell, mark), encoding, notes[:1])
    sample = head
    try:
        scan = _scan(source, "utf-8", "strict", block, tell)
        if scan.not_ascii:
            sample += b"\n" + scan.not_ascii
        return _finish(scan, "utf-8", encodings.decode(sample, source.name)[2][:1])
    except _InvalidError as problem:
        more = _high_lines(source, len(head), list(encodings.high_lines(head)), block)
        if not any(problem.line in seen for seen in (sample, *more)):
            more.append(problem.line)
        sample = b"\n".join([sample, *more])
    return _legacy(source, sample, block, tell)


def _legacy(source: Source, sample: bytes, block: int, tell: Callable[[int], None]) -> Decoded:
    """Some encoding that is not, or not quite, UTF-8."""
    _, encoding, notes = encodings.decode(sample, source.name)
    if not _cuts_at_line_ends(encoding):
        text, encoding, notes = encodings.decode(source.read(0, source.size), source.name)
        again = Source(text.encode("utf-8", "replace"), source.name)
        del text
        scan = _scan(again, "utf-8", "strict", block, tell)
        return Decoded(again, encoding, "utf-8", "strict", notes, scan.blocks)
    try:
        errors = "tas-mend-block" if encoding == "utf-8" else "strict"
        return _finish(_scan(source, encoding, errors, block, tell), encoding, notes[:1])
    except _InvalidError as problem:
        _, other, notes = encodings.decode(sample + b"\n" + problem.line, source.name)
    return _finish(_scan(source, other, "replace", block, tell), other, notes[:1])


def _scan(source: Source, codec: str, errors: str, block: int, tell: Callable[[int], None], mark: bytes = b"") -> _Scan:
    scan = _Scan(source, codec, errors, block, tell)
    scan.run(mark)
    return scan


def _finish(scan: _Scan, encoding: str, notes: list[Note]) -> Decoded:
    notes = list(notes)
    if scan.damaged and scan.errors != "replace":
        notes.append(encodings.damage_note(scan.damaged, scan.damaged_line, scan.codec))
    if scan.zeros:
        notes.append(encodings.nul_note(scan.zeros, scan.zero_line))
    return Decoded(scan.source, encoding, scan.codec, scan.errors, notes, scan.blocks)


def _high_lines(source: Source, at: int, known: list[bytes], block: int) -> list[bytes]:
    """The lines with bytes above ASCII below the head, as many as the decision looks at."""
    lines: list[bytes] = []
    size = sum(map(len, known))
    rest = b""
    while at < source.size and len(known) + len(lines) < _HIGH_LINES and size < _HIGH_BYTES:
        data = rest + source.read(at, at + block)
        at += block
        cut = max(data.rfind(b"\n"), data.rfind(b"\r")) + 1 if at < source.size else len(data)
        rest = data[cut:]
        for line in itertools.islice(encodings.high_lines(data[:cut]), _HIGH_LINES):
            lines.append(line[:_HIGH_BYTES])
            size += len(line)
            if size > _HIGH_BYTES:
                break
    return lines


def _cuts_at_line_ends(encoding: str) -> bool:
    """Whether a text in the encoding can be cut at the bytes of its line ends."""
    if encoding in _MULTIBYTE:
        return True
    signs = bytes(range(256)).decode(encoding, "replace")
    return len(signs) == 256 and signs[10] == "\n" and signs[13] == "\r" and signs.count("\n") == 1
