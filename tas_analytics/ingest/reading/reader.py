"""The bytes of one delimited text file, turned into a table of text, unaided.

Everything that has to be decided (encoding, delimiter, header, where the table ends) is decided from the whole
file and said in a note; everything that does not fit is repaired with a note, set aside with its reason, or
refused by name. Nothing is dropped in silence.

A small file is read in one piece. A large one is read block by block (:mod:`streaming`), with the same result.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tas_analytics.ingest.reading import decoding, signatures
from tas_analytics.ingest.reading.assembly import Assembly
from tas_analytics.ingest.reading.encoding import decode
from tas_analytics.ingest.reading.lines import Lines
from tas_analytics.ingest.reading.source import Progress, Source, sha256_of
from tas_analytics.ingest.reading.streaming import Limits, Stream
from tas_analytics.ingest.structure import dialect as dialects, records
from tas_analytics.ingest.structure.dialect import Dialect
from tas_analytics.ingest.structure.texttable import Note, TextTable, Unplaced

__all__ = ["Note", "Progress", "TextTable", "Unplaced", "read_table", "sha256_of"]

#: Files up to this size are read in one piece.
_SMALL: Final = 1 << 20
#: So much of a large file is looked at to settle the dialect and to find the header.
_HEAD_LINES: Final = 20_000
_HEAD_BYTES: Final = 16 << 20
#: The first of two runs through a large file, which settles the encoding, is so much of the work.
_FIRST_RUN: Final = 0.2
_TELL_EVERY: Final = 0.2
_BLANK: Final = b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"


def read_table(source: bytes | Path, name: str, *, progress: Progress | None = None) -> TextTable:
    r"""Read one delimited text file.

    Parameters
    ----------
    source
        The bytes of the file, or its path.
    name
        What the file is called; used in messages only.
    progress
        Called several times a second with the number of bytes done and of all. What it raises passes through, so it
        can cancel.

    Returns
    -------
    TextTable
        The cells as text, with the decisions and repairs.

    Raises
    ------
    UnreadableFile
        Where the file is no table of text; the title says what it seems to be.

    Examples
    --------
    >>> table = read_table(b"Deal;Amount\nA;1,50\nB;2,00\n", "deals.csv")
    >>> table.columns, table.delimiter, table.data.to_pylist()[0]
    (('Deal', 'Amount'), ';', {'c0': 'A', 'c1': '1,50', 'line': 2})
    """
    with Source(source, name) as opened, _collector_at_rest():
        if opened.size > _SMALL:
            return read_large(opened, progress)
        table = read_whole(opened.read(0, opened.size), name)
        opened.check_unchanged()
        if progress is not None:
            progress(opened.size, opened.size)
        return table


def read_whole(data: bytes, name: str) -> TextTable:
    """Read a file in one piece.

    Parameters
    ----------
    data, name
        The bytes of the file and what it is called.
    """
    signatures.refuse_binary(data, name)
    text, encoding, notes = decode(data, name)
    signatures.refuse_markup(text, name)
    lines = records.split_lines(text)
    skip, dialect, wrapped = _settle(lines, notes)
    if wrapped:
        lines = records.unwrapped(lines)
    assembly = Assembly(name, lines, dialect, notes)
    assembly.read_head(skip)
    assembly.read_body()
    return assembly.table(encoding)


def read_large(source: Source, progress: Progress | None = None, limits: Limits | None = None) -> TextTable:
    """Read a file block by block.

    Parameters
    ----------
    source
        The file.
    progress
        Told how far the work is.
    limits
        How the file is divided.
    """
    limits = limits or Limits()
    tell = _Teller(source.size, progress)
    head = source.read(0, _HEAD_BYTES)
    # A zip archive is named by what is inside, which stands at its end.
    whole = head.startswith(b"PK") or not head.strip(_BLANK)
    signatures.refuse_binary(source.read(0, source.size) if whole else head, source.name)
    decoded = decoding.settle(source, limits.block, lambda done: tell(int(done * _FIRST_RUN)))
    text = decoded.text(decoded.blocks[0])
    if text.lstrip("\ufeff \t\r\n")[:1] in ("", "{", "["):
        text = "".join(map(decoded.text, decoded.blocks))
    signatures.refuse_markup(text, source.name)
    del text, head
    lines = Lines(decoded)
    first = lines.window(0, _head_stop(lines))
    notes = list(decoded.notes)
    sample = first[:]
    skip, dialect, wrapped = _settle(sample, notes)
    if wrapped:
        lines = Lines(decoded, records.unwrapped)
        first = lines.window(0, len(first))
    del sample
    assembly = Assembly(source.name, first, dialect, notes)
    assembly.read_head(skip)
    assembly.lines = lines
    Stream(assembly, lines, limits, lambda done: tell(int(source.size * _FIRST_RUN + done * (1 - _FIRST_RUN)))).read()
    source.check_unchanged()
    table = assembly.table(decoded.encoding)
    tell(source.size, last=True)
    return table


def _settle(lines: Sequence[str], notes: list[Note]) -> tuple[int, Dialect, bool]:
    """How many lines to skip, how the file is written, and whether its lines must be unwrapped first."""
    lines = list(lines)
    skip = 1 if lines[0].strip().lower() in {f"sep={sign}".strip() for sign in dialects.DELIMITERS} else 0
    dialect = dialects.detect(lines[skip:])
    if dialect.width < 2:
        unwrapped = records.unwrap(lines)
        if unwrapped is not None:
            notes.append(Note("repair", 1, "Every line was wrapped whole into quotation marks; they were taken off."))
            return skip, dialects.detect(unwrapped[skip:]), True
    return skip, dialect, False


def _head_stop(lines: Lines) -> int:
    """How many lines of a large file are its head."""
    near = [block for block in lines.decoded.blocks if block.start < _HEAD_BYTES]
    return min(_HEAD_LINES, near[-1].first + near[-1].count)


class _Teller:
    """Passes progress on, a few times a second, and never backwards."""

    def __init__(self, size: int, progress: Progress | None) -> None:
        self._size = size
        self._progress = progress
        self._done = 0
        self._next = 0.0

    def __call__(self, done: int, *, last: bool = False) -> None:
        if self._progress is None:
            return
        now = time.monotonic()
        if last or now >= self._next:
            self._next = now + _TELL_EVERY
            self._done = min(max(self._done, done), self._size)
            self._progress(self._done, self._size)


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Without the cyclic garbage collector: it finds nothing in lists of text, and takes a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
