"""Where a second table begins in a large file: found in the bytes of its blocks.

Only few lines can begin one; only those need the look of :mod:`~tas_analytics.ingest.structure.second`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from typing import Final, TypeVar

import numpy as np

from tas_analytics.ingest.reading.blocks import Bytes, Places, Shape
from tas_analytics.ingest.reading.lines import Lines
from tas_analytics.ingest.structure.dialect import Dialect
from tas_analytics.ingest.structure.second import second_table

_T = TypeVar("_T")
_SPACE: Final = 32
_NOT_ASCII: Final = 128
#: So many blanks and quotation marks may stand before the first name.
_LEADING: Final = 3
#: So many lines from the header on tell whether it is one.
_BELOW: Final = 14
#: So many blocks are looked through ahead.
_BLOCKS: Final = 2


def openers(block: Bytes, name: str) -> list[int]:
    """Indexes in the file of the lines that come after a blank one or begin with a name; some may do neither.

    Parameters
    ----------
    block
        The bytes of a block.
    name
        The name of the first column, as :meth:`str.casefold` makes it; may be empty.
    """
    starts = block.starts
    if not len(starts):
        return []
    found = {int(place) + 1 for place in _blank(block, starts)}
    if name:
        found |= {int(place) for place in _named(block, starts, name)}
    return sorted(block.first + place for place in found if place < len(starts))


def ends_blank(block: Bytes) -> bool:
    """Whether the last line of a block is blank."""
    starts = block.starts
    return bool(len(starts)) and bool(len(_blank(block, starts[-1:])))


def _blank(block: Bytes, starts: Places) -> Places:
    """The places of lines with nothing but blanks and delimiters."""
    delimiter = block.shape.delimiter.encode()
    opening = block.array[starts]
    likely = np.flatnonzero((opening == ord(delimiter)) | (opening == _SPACE) | (opening == 10) | (opening == 13))
    blank = delimiter + b" \r\n"
    ends = np.append(starts[1:], len(block.data))
    return likely[[not block.data[starts[place] : ends[place]].strip(blank) for place in likely]]


def _named(block: Bytes, starts: Places, name: str) -> Places:
    """The places of lines that begin with a name; a character above ASCII counts as any other."""
    array, last = block.array, len(block.array) - 1
    places, at = np.arange(len(starts)), starts.copy()
    for _ in range(_LEADING):
        at += (array[np.minimum(at, last)] == ord(block.shape.quote)) | (array[np.minimum(at, last)] == _SPACE)
    leading = (array[np.minimum(at, last)] == ord(block.shape.quote)) | (array[np.minimum(at, last)] == _SPACE)
    certain = [places[leading]]
    places, at = places[~leading], at[~leading]
    for sign in name:
        if not sign.isascii() or not len(places):
            break
        here = array[np.minimum(at, last)]
        certain.append(places[here >= _NOT_ASCII])
        same = (here == ord(sign)) | (here == ord(sign.upper()))
        places, at = places[same], at[same] + 1
    return np.concatenate([*certain, places])


def second_start(
    lines: Lines, start: int, dialect: Dialect, header: Sequence[str], pool: Executor, tell: Callable[[], None]
) -> int | None:
    """What :func:`~tas_analytics.ingest.structure.second.second_table` finds in a large file.

    It is asked only where it can find something.

    Parameters
    ----------
    lines
        The lines of the file.
    start
        Where the rows of the first table begin.
    dialect, header
        How the file is written, and the names of the first table's columns.
    pool
        Looks through blocks ahead.
    tell
        Called after each block.
    """
    shape = Shape.of(dialect, list(header))
    name = header[0].strip().casefold() if header else ""

    def look(number: int) -> tuple[Bytes | None, list[int], bool]:
        block = lines.decoded.blocks[number]
        if shape is None or block.returns:
            return None, [], True
        found = Bytes(lines.utf8(number), block.first, shape)
        return found, openers(found, name), ends_blank(found)

    after_blank = False
    numbers = range(lines.block_of(start), len(lines.decoded.blocks)) if start < len(lines) else range(0)
    for number, (block, places, blank) in _ahead(pool, look, numbers):
        first, count = lines.decoded.blocks[number].first, lines.decoded.blocks[number].count
        if block is None:
            low = max(start, first - 2)
            found = second_table(lines.window(low, first + count + _BELOW), 0, dialect, header)
            if found is not None and low + found < first + count:
                return low + found
        for place in [first] * after_blank + places:
            low = max(start, place - 2)
            if place < start or block is None:
                continue
            around = block.lines(low, place + _BELOW) or lines.window(low, place + _BELOW)
            found = second_table(around, 0, dialect, header)
            if found is not None and low + found == place:
                return place
        after_blank = blank
        tell()
    return None


def _ahead(pool: Executor, look: Callable[[int], _T], numbers: range) -> Iterator[tuple[int, _T]]:
    """The results for some numbers in order, a few computed ahead."""
    coming: deque[tuple[int, Future[_T]]] = deque()
    for number in numbers:
        coming.append((number, pool.submit(look, number)))
        if len(coming) > _BLOCKS:
            ready, future = coming.popleft()
            yield ready, future.result()
    for ready, future in coming:
        yield ready, future.result()
