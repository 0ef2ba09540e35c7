"""Where the records of a block of bytes lie, as far as its quotation marks prove it.

A block is proved by looking at its bytes: no quotation mark may stand anywhere but at the edge of a cell or doubled
inside a quoted one. Up to the first that does, a strict reader stumbles nowhere, records end at the line ends outside
quotation marks, and line numbers follow from counting.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from tas_analytics.ingest.structure.dialect import Dialect

Places = npt.NDArray[np.int64]

_FEED: Final = 10
_RETURN: Final = 13
#: What a dialect may say (shapes concern damaged rows only); every other property must be as it is by default.
_KNOWN: Final = frozenset("delimiter quote width score evidence shapes".split())
#: A record over so many lines is looked at more closely: it may be rows swallowed by a quote never closed.
_LONG: Final = 4


@dataclass(frozen=True)
class Shape:
    """How the rows of a file are written; ``first`` is the header of the first column."""

    delimiter: str
    quote: str
    width: int
    first: str

    @staticmethod
    def of(dialect: Dialect, header: list[str]) -> Shape | None:
        """The shape of a dialect; None for a dialect with anything that is not known here.

        Examples
        --------
        >>> Shape.of(Dialect(";"), ["Deal", "Amount"])
        Shape(delimiter=';', quote='"', width=2, first='Deal')
        >>> Shape.of(Dialect(";", escape=True), ["Deal", "Amount"]) is None
        True
        """
        plain = all(
            getattr(dialect, field.name) == field.default
            for field in dataclasses.fields(dialect)
            if field.name not in _KNOWN
        )
        signs = (dialect.delimiter, dialect.quote)
        single = all(len(sign) == 1 and (" " <= sign <= "~" or sign == "\t") for sign in signs)
        if not plain or not single or dialect.delimiter == dialect.quote or len(header) < 2:
            return None
        return Shape(dialect.delimiter, dialect.quote, len(header), header[0])


@dataclass(frozen=True)
class Layout:
    """The records that are not blank in a stretch of bytes, which ends at byte ``cut`` and before line ``stop``.

    Of each record: the index of its first line in the file, the number of its lines, its first byte and the byte
    behind its last, and how many bytes of it are neither cells nor line ends: delimiters of a row of the right
    width, and quotation marks.
    """

    lines: Places
    spans: Places
    starts: Places
    ends: Places
    signs: Places
    cut: int
    stop: int


class Bytes:
    """The bytes of a block, with what was found out about them.

    Parameters
    ----------
    data
        The block as UTF-8, without NUL and without carriage returns that end a line alone.
    first
        The number of lines of the file before it.
    shape
        How its rows are written.
    """

    def __init__(self, data: bytes, first: int, shape: Shape) -> None:
        self.data = data
        self.first = first
        self.shape = shape
        self.array = np.frombuffer(data, np.uint8)

    @cached_property
    def starts(self) -> Places:
        """The byte at which each line starts."""
        starts = np.concatenate(([0], self._feeds + 1))
        return starts[starts < len(self.data)]

    def lines(self, start: int, stop: int) -> list[str] | None:
        """Some lines of the file with their ends; None where they are not all in the block."""
        low, high = start - self.first, stop - self.first
        if low < 0 or high > len(self._feeds):
            return None
        begin = int(self._feeds[low - 1]) + 1 if low else 0
        text = self.data[begin : int(self._feeds[high - 1])].decode() if high > low else ""
        return [line + "\n" for line in text.split("\n")]

    @cached_property
    def _feeds(self) -> Places:
        return np.flatnonzero(self.array == _FEED)

    @cached_property
    def _quotes(self) -> Places:
        sign = ord(self.shape.quote)
        if self.data.find(sign) < 0:
            return np.empty(0, np.int64)
        return np.flatnonzero(self.array == sign)

    def layout(self, line: int, limit: int) -> Layout | None:
        """Where the records lie from a line on; None where nothing is sure.

        Parameters
        ----------
        line
            Index of a line of the file, at which a record must start.
        limit
            Index of the line before which to end.
        """
        low, high = line - self.first, min(limit - self.first, len(self._feeds))
        if low >= high:
            return None
        begin = int(self._feeds[low - 1]) + 1 if low else 0
        stop = int(self._feeds[high - 1]) + 1
        feeds = self._feeds[low:high]
        quotes = self._quotes
        quotes = quotes[int(np.searchsorted(quotes, begin)) : int(np.searchsorted(quotes, stop))]
        if not len(quotes):
            return self._without_blanks(line, begin, feeds, np.arange(1, len(feeds) + 1), np.zeros_like(feeds))
        stop = self._first_misplaced(quotes, begin, stop)
        feeds = feeds[: int(np.searchsorted(feeds, stop))]
        passed = np.searchsorted(quotes, feeds)
        after = np.flatnonzero(passed % 2 == 0)
        if len(after) < len(feeds):
            after = after[: self._swallowed(feeds, after)]
        if not len(after):
            return None
        # A doubled quotation mark stands for one: of the pair one byte is text.
        doubled = quotes[2::2][quotes[2::2] == quotes[1:-1:2] + 1]
        marks = passed[after] - np.searchsorted(doubled, feeds[after])
        return self._without_blanks(line, begin, feeds[after], after + 1, np.diff(marks, prepend=0))

    def _first_misplaced(self, quotes: Places, begin: int, end: int) -> int:
        """The first quotation mark at which a strict reader could stumble; the end where there is none."""
        array, stop = self.array, end
        delimiter, quote = ord(self.shape.delimiter), ord(self.shape.quote)
        opening, closing = quotes[0::2], quotes[1::2]
        ahead = array[np.maximum(opening - 1, 0)]
        good = (ahead == delimiter) | (ahead == _FEED) | (ahead == quote)
        good[0] = opening[0] == begin or ahead[0] in (delimiter, _FEED)
        if not good.all():
            stop = min(stop, int(opening[np.argmin(good)]))
        if len(closing):
            behind = array[np.minimum(closing + 1, len(array) - 1)]
            good = (behind == delimiter) | (behind == _FEED) | (behind == _RETURN) | (behind == quote)
            if not good.all():
                stop = min(stop, int(closing[np.argmin(good)]))
        if len(opening) > len(closing):
            stop = min(stop, int(opening[-1]))
        return stop

    def _swallowed(self, feeds: Places, after: Places) -> int:
        """How many records come before the first one over several lines whose inner lines may all be rows."""
        spans = np.diff(after, prepend=-1)
        if self.shape.width < _LONG:
            return len(after)
        delimiter, needed = self.shape.delimiter.encode(), self.shape.width - 1
        for place in np.flatnonzero(spans >= _LONG):
            last = int(after[place])
            inner = range(last - int(spans[place]) + 1, last - 1)
            if all(self.data.count(delimiter, feeds[at], feeds[at + 1]) >= needed for at in inner):
                return int(place)
        return len(after)

    def _without_blanks(self, line: int, begin: int, feeds: Places, after: Places, marks: Places) -> Layout:
        """The layout of records that end at some line feeds, ``after`` so many lines, with so many marks."""
        starts = np.empty_like(feeds)
        starts[0] = begin
        starts[1:] = feeds[:-1] + 1
        returns = (self.array[feeds - 1] == _RETURN) & (feeds > starts)
        ends = feeds - returns
        lines = np.empty_like(feeds)
        lines[0] = line
        lines[1:] = after[:-1] + line
        spans = np.diff(after, prepend=0)
        signs = marks + (self.shape.width - 1)
        cut, stop = int(feeds[-1]) + 1, line + int(after[-1])
        filled = ends > starts
        if filled.all():
            return Layout(lines, spans, starts, ends, signs, cut, stop)
        return Layout(lines[filled], spans[filled], starts[filled], ends[filled], signs[filled], cut, stop)
