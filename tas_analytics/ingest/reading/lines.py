"""The lines of a decoded file as a sequence, of which only a few blocks are in memory at a time."""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Final, overload

from tas_analytics.ingest.reading.decoding import Block, Decoded
from tas_analytics.ingest.structure import records

#: So many blocks are kept as lines: the one being read, and the one that its last record runs into.
_KEPT: Final = 2


class Lines(Sequence[str]):
    """Every line of a file with its end, or a window of them, read when asked for.

    Parameters
    ----------
    decoded
        The file.
    rewrite
        Changes the lines of a block, one by one, where the whole file is written in a wrapping.
    start, stop
        The window: indexes into the lines of the file.

    Attributes
    ----------
    visits
        How many lines were asked for, one by one: the work that a reader made of them.
    """

    def __init__(
        self,
        decoded: Decoded,
        rewrite: Callable[[list[str]], list[str]] | None = None,
        start: int = 0,
        stop: int | None = None,
    ) -> None:
        self.decoded = decoded
        self.rewrite = rewrite
        self.visits = 0
        self._start = start
        self._stop = decoded.lines if stop is None else min(stop, decoded.lines)
        self._firsts = [block.first for block in decoded.blocks]
        self._kept: OrderedDict[int, list[str]] = OrderedDict()
        self._page: list[str] = []
        self._low = self._high = 0

    def window(self, start: int, stop: int) -> Lines:
        """Some of the lines as a sequence of their own, which shares what is in memory."""
        view = Lines(self.decoded, self.rewrite, start, min(stop, self._stop))
        view._firsts, view._kept = self._firsts, self._kept
        return view

    def block_of(self, index: int) -> int:
        """The number of the block that a line of the file stands in."""
        return bisect_right(self._firsts, index) - 1

    def of_block(self, number: int) -> list[str]:
        """The lines of a block."""
        found = self._kept.get(number)
        if found is None:
            while len(self._kept) >= _KEPT:
                self._kept.popitem(last=False)
            found = self.decoded_lines(self.decoded.blocks[number])
            self._kept[number] = found
        else:
            self._kept.move_to_end(number)
        return found

    def utf8(self, number: int) -> bytes:
        """The lines of a block as UTF-8; may be called from several threads."""
        block = self.decoded.blocks[number]
        if self.rewrite:
            return "".join(self.decoded_lines(block)).encode()
        return self.decoded.utf8(block)

    def decoded_lines(self, block: Block) -> list[str]:
        """The lines of a block, read anew."""
        lines = records.split_lines(self.decoded.text(block))
        return self.rewrite(lines) if self.rewrite else lines

    def __len__(self) -> int:
        return self._stop - self._start

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> list[str]: ...

    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        place = index + self._start if index >= 0 else index + self._stop
        self.visits += 1
        if self._low <= place < self._high:
            return self._page[place - self._low]
        if not self._start <= place < self._stop:
            raise IndexError(index)
        number = self.block_of(place)
        self._page = self.of_block(number)
        self._low = self._firsts[number]
        # The window may end inside the block.
        self._high = min(self._low + len(self._page), self._stop)
        self._low, low = max(self._low, self._start), self._low
        self._page = self._page[self._low - low :] if self._low > low else self._page
        return self._page[place - self._low]
