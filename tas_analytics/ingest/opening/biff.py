"""The records of an old Excel file (.xls), as far as the library for workbooks leaves something out.

Two things are taken from them: cells with an error of a formula, and how far each sheet reaches, because a damaged
file may claim cells so far apart that the room for those between fills the memory.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from tas_analytics.errors import UnreadableFile
from tas_analytics.ingest.opening.oddities import Oddities
from tas_analytics.ingest.reading import signatures

_SECTOR_END: Final = 0xFFFFFFFA
_STREAMS: Final = frozenset({"workbook", "book"})
#: Streams shorter than this lie in small sectors.
_SHORT: Final = 4096
_ENCRYPTED: Final = 0x002F
_BOF: Final = frozenset({0x0009, 0x0209, 0x0409, 0x0809})
_EOF: Final = 0x000A
_SHEET: Final = 0x0085
_FORMULA: Final = 0x0006
_BOOL_OR_ERROR: Final = 0x0205
_SEVERAL: Final = 0x00BD
#: Records that hold a cell: formula, number, label, truth or error, rich text, shared text, short number.
_CELLS: Final = frozenset({_FORMULA, 0x0203, 0x0204, _BOOL_OR_ERROR, 0x00D6, 0x00FD, 0x027E})
_ERRORS: Final = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}


def biff_oddities(data: bytes, name: str) -> list[Oddities]:
    """What was found in each sheet, in the order of the sheets.

    Raises
    ------
    UnreadableFile
        The records cannot be followed, or are encrypted.
    """
    try:
        stream = _Compound(data).stream(_STREAMS)
        records = list(_records(stream, 0))
        if any(kind == _ENCRYPTED for kind, _ in records):
            raise signatures.protected(name)
        return [_sheet(stream, struct.unpack_from("<I", body)[0]) for kind, body in records if kind == _SHEET]
    except (struct.error, IndexError) as problem:
        raise UnreadableFile(f'"{name}" is a damaged workbook', signatures.AGAIN) from problem


class _Compound:
    """A compound file ("OLE"): streams in sectors, short ones in the small sectors of a stream of their own."""

    def __init__(self, data: bytes) -> None:
        self.size = 1 << (struct.unpack_from("<H", data, 30)[0] & 15)
        self.data = data
        tables = list(struct.unpack_from("<109I", data, 76))
        more = struct.unpack_from("<I", data, 68)[0]
        while more < _SECTOR_END and len(tables) * self.size < 2 * len(data):
            further = self._numbers(self._sector(more))
            tables += further[:-1]
            more = further[-1]
        self.following: list[int] = []
        for number in tables:
            if number < _SECTOR_END:
                self.following += self._numbers(self._sector(number))

    def _sector(self, number: int) -> bytes:
        return self.data[(number + 1) * self.size : (number + 2) * self.size]

    @staticmethod
    def _numbers(part: bytes) -> list[int]:
        return list(struct.unpack(f"<{len(part) // 4}I", part[: len(part) // 4 * 4]))

    def chain(self, number: int) -> bytes:
        """The bytes of all sectors from one on."""
        return b"".join(self._sector(each) for each in _chain(number, self.following))

    def stream(self, names: frozenset[str]) -> bytes:
        """The first stream of one of these names; empty if there is none."""
        folder = self.chain(struct.unpack_from("<I", self.data, 48)[0])
        root = struct.unpack_from("<I", folder, 116)[0]
        for at in range(0, len(folder) - 127, 128):
            length = struct.unpack_from("<H", folder, at + 64)[0]
            name = folder[at : at + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
            start, long = struct.unpack_from("<II", folder, at + 116)
            if name.lower() not in names:
                continue
            if long >= _SHORT:
                return self.chain(start)[:long]
            small = self.chain(root)
            following = self._numbers(self.chain(struct.unpack_from("<I", self.data, 60)[0]))
            return b"".join(small[each * 64 : each * 64 + 64] for each in _chain(start, following))[:long]
        return b""


def _chain(number: int, following: list[int]) -> list[int]:
    found: list[int] = []
    while number < _SECTOR_END and len(found) <= len(following):
        found.append(number)
        number = following[number]
    return found


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """The records from a place on to the end of what begins there."""
    depth = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield kind, stream[at + 4 : at + 4 + length]
        depth += (kind in _BOF) - (kind == _EOF)
        if depth <= 0:
            return
        at += 4 + length


def _sheet(stream: bytes, start: int) -> Oddities:
    found = Oddities(columns=0)
    for kind, body in _records(stream, start):
        if kind == _SEVERAL:
            row, last = struct.unpack_from("<H", body)[0], struct.unpack_from("<H", body, len(body) - 2)[0]
        elif kind in _CELLS:
            row, last = struct.unpack_from("<HH", body)
            error = _error(kind, body)
            if error is not None:
                found.add_error((row, last), error)
        else:
            continue
        found.rows, found.columns = max(found.rows, row + 1), max(found.columns, last + 1)
    return found


def _error(kind: int, body: bytes) -> str | None:
    """The error that a cell shows, if it does."""
    if kind == _BOOL_OR_ERROR and body[7]:
        return _ERRORS.get(body[6], "#ERROR")
    if kind == _FORMULA and body[12:14] == b"\xff\xff" and body[6] == 2:
        return _ERRORS.get(body[8], "#ERROR")
    return None
