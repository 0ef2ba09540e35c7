"""Cells of a record whose quotation marks do not follow the rules: a patient reader that no quote makes stumble."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tas_analytics.ingest.structure.dialect import Dialect


def patient(text: str, dialect: Dialect, *, eager: bool = False) -> tuple[list[str], bool]:
    """Cells of one record; a quote closes a cell only where a delimiter or the end follows.

    Parameters
    ----------
    eager
        Let a doubled quote before a delimiter be a quote and the cell's end, as in ``"he said "yes"",``.

    Returns
    -------
    tuple
        The cells, and whether every quoted cell was closed.
    """
    reader = Growing(dialect, eager=eager)
    cells, closed = reader.read(text)
    return (cells, True) if closed else ([*cells[:-1], reader.rest(text)], False)


class Growing:
    """A patient reading of a text that grows at its end; each time it goes on where an unclosed cell began to lack.

    Parameters
    ----------
    dialect, eager
        As for :func:`patient`.
    """

    def __init__(self, dialect: Dialect, *, eager: bool = False) -> None:
        self._dialect = dialect
        self._eager = eager
        self._cells: list[str] = []
        self._parts: list[str] = []
        self._at = 0
        self._inside = False

    def read(self, text: str) -> tuple[list[str], bool]:
        """The cells of a text that begins with the text of the time before, and whether each quoted one was closed.

        The text of one that was not is left out: :meth:`rest` has it.
        """
        quote, delimiter = self._dialect.quote, self._dialect.delimiter
        if not self._inside:
            self._cells, self._at = [], 0
        cells, at, end = self._cells, self._at, len(text)
        while True:
            begin = at
            if self._dialect.skip_space and not self._inside:
                while begin < end and text[begin] == " ":
                    begin += 1
            if self._inside or (begin < end and text[begin] == quote):
                at, closed = self._quoted(text, at if self._inside else begin + 1, quote, delimiter)
                self._inside = not closed
                if not closed:
                    # Every quotation mark so far was judged by what follows it, so longer texts judge it the same.
                    self._at = at
                    return [*cells, ""], False
                cells.append("".join(self._parts))
                self._parts = []
            else:
                stop = text.find(delimiter, at)
                stop = end if stop < 0 else stop
                cells.append(text[begin:stop])
                at = stop
            if at >= end:
                return cells, True
            at += 1

    def rest(self, text: str) -> str:
        """The text of the cell that was not closed."""
        return "".join(self._parts) + text[self._at :]

    def _quoted(self, text: str, at: int, quote: str, delimiter: str) -> tuple[int, bool]:
        """Where a quoted cell ends, or how far its text is known, and whether it was closed."""
        parts = self._parts
        while True:
            stop = text.find(quote, at)
            if stop < 0:
                return at, False
            parts.append(text[at:stop])
            after = stop + 1
            doubled = text[after : after + 1] == quote
            rest = after
            while rest < len(text) and text[rest] == " ":
                rest += 1
            ends = rest >= len(text) or text[rest] == delimiter
            if doubled:
                parts.append(quote)
                if self._eager and text[after + 1 : after + 2] in ("", delimiter):
                    return after + 1, True
                at = after + 1
            elif ends:
                return rest, True
            else:
                parts.append(quote)
                at = after
