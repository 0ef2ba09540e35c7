"""Damaged rows of one line, mended by one stroke where only one stroke makes sense.

A row may have lost a delimiter, have got one too many, hold a delimiter or a quotation mark that should have been
quoted, or be written with another delimiter than its neighbours. Every such stroke is tried; the row is mended
only if one result fits the columns (see :mod:`shapes`) clearly better than all others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from tas_analytics.ingest.structure.dialect import Dialect
from tas_analytics.ingest.structure.shapes import MISFIT, Shapes

#: What was done to a row, as the states of a record.
QUOTE: Final = "quote"
SPLIT: Final = "split"
DROPPED: Final = "dropped"
JOINED: Final = "joined"
FOREIGN: Final = "foreign"
_PADDED: Final = "padded"

#: A result must be better than the next best by this much, and better than this; a row that costs more than the last
#: of these does not fit its columns at all.
_MARGIN: Final = 1.0
_ENOUGH: Final = 2.0
LIMIT: Final = 3.0
_LITERAL: Final = "\ue000"
FOREIGN_DELIMITERS: Final = (" ", ";", "\t", "|", ",", ":")
_MAX_QUOTES: Final = 60
_MAX_TOKENS: Final = 150
MAX_LINE: Final = 8_000

Token = tuple[str, bool]


@dataclass(frozen=True)
class Mended:
    """The cells of a mended row and what was done to it."""

    cells: list[str]
    how: str


@dataclass(frozen=True)
class Try:
    """One way to mend a row, and how badly the result fits."""

    cost: float
    cells: tuple[str, ...]
    how: str


def tokens(text: str, delimiter: str, quote: str, *, skip_space: bool = False) -> list[Token] | None:
    """The cells of one line, each with whether it was quoted; None where its quotation marks break the rules.

    Stricter than the standard library: no quotation mark may stand inside an unquoted cell.
    """
    found: list[Token] = []
    at, end, step = 0, len(text), len(delimiter)
    while True:
        begin = at
        if skip_space:
            while begin < end and text[begin] == " ":
                begin += 1
        if quote and text.startswith(quote, begin):
            stop = begin + 1
            while True:
                stop = text.find(quote, stop)
                if stop < 0:
                    return None
                if not text.startswith(quote, stop + 1):
                    break
                stop += 2
            found.append((text[begin + 1 : stop].replace(quote * 2, quote), True))
            at = stop + 1
            if at < end and not text.startswith(delimiter, at):
                return None
        else:
            stop = text.find(delimiter, begin)
            stop = end if stop < 0 else stop
            cell = text[begin:stop]
            if quote and quote in cell:
                return None
            found.append((cell, False))
            at = stop
        if at >= end:
            return found
        at += step


def orderly(dialect: Dialect) -> re.Pattern[str]:
    """Matches a whole line whose quotation marks all open or close a cell or are doubled inside a quoted one."""
    return _orderly(re.escape(dialect.delimiter), re.escape(dialect.quote), " *+" if dialect.skip_space else "")


@lru_cache(32)
def _orderly(delimiter: str, quote: str, blanks: str) -> re.Pattern[str]:
    cell = rf"(?:{blanks}{quote}(?:[^{quote}]|{quote}{quote})*+{quote}|[^{delimiter}{quote}]*+)"
    return re.compile(rf"{cell}(?:{delimiter}{cell})*+[\r\n]*")


def encloses(line: str, dialect: Dialect) -> bool:
    """Whether a delimiter stands between two quotation marks, wherever these stand."""
    return any(dialect.delimiter in piece for piece in line.split(dialect.quote)[1:-1:2])


def mend_line(line: str, dialect: Dialect, width: int, shapes: Shapes) -> Mended | None:
    """The one way in which a stroke makes this line a row of the table; None where there is none or several.

    Parameters
    ----------
    line
        The line without its end.
    width
        The number of cells it should have.
    shapes
        What the columns look like; where they teach nothing, only stray quotation marks are mended.
    """
    if width < 2 or len(line) > MAX_LINE or not line.strip():
        return None
    tries = list(literal_quotes(line, dialect, width, shapes))
    if not shapes or shapes.patience <= 0:
        return choose(tries)
    mended = choose([*tries, *_restructured(line, dialect, width, shapes)])
    shapes.patience -= 10 if mended is None else 1
    # A row that only lacks cells at its end is no damage: it is padded, and said to be, like any other.
    return None if mended is not None and mended.how == _PADDED else mended


def choose(tries: Sequence[Try]) -> Mended | None:
    """The best way to mend a row, if it is good enough and no other comes near."""
    best: dict[tuple[str, ...], Try] = {}
    for attempt in tries:
        known = best.get(attempt.cells)
        if known is None or attempt.cost < known.cost:
            best[attempt.cells] = attempt
    ranked = sorted(best.values(), key=lambda attempt: attempt.cost)
    if not ranked or ranked[0].cost >= _ENOUGH:
        return None
    if len(ranked) > 1 and ranked[1].cost < ranked[0].cost + _MARGIN:
        return None
    return Mended(list(ranked[0].cells), ranked[0].how)


def out_of_line(row: Sequence[str], width: int, shapes: Shapes | None) -> bool:
    """Whether cutting off or adding cells at the end of a row would put its cells under the wrong columns."""
    if not shapes or len(row) == width:
        return False
    costs = [column.cost(cell) for column, cell in zip(shapes.columns, row, strict=False)]
    plain = sum(costs)
    # One cell of a row, and that unusual: not a row that was cut off, but one of another kind.
    if len(row) == 1 and plain and shapes.never_blank(1) > 1:
        return True
    strangers = sum(cost >= MISFIT for cost in costs)
    if strangers > 1 or costs[-1] >= MISFIT:
        return True
    if not strangers:
        return False
    if len(row) == width + 1:
        others = [attempt.cost for attempt in _dropped([(cell, False) for cell in row], shapes)]
        return min(others, default=plain) + _MARGIN <= plain
    if len(row) == width - 1:
        # A delimiter may be missing at any place: what is behind it belongs one column further to the right.
        moved = [shapes.cost(row[:place]) + shapes.cost(row[place + 1 :], start=place + 2) for place in range(len(row))]
        return min(moved) + _MARGIN <= plain
    return False


# -- strokes ----------------------------------------------------------------------------------------------------------


def literal_quotes(line: str, dialect: Dialect, width: int, shapes: Shapes | None) -> Iterator[Try]:
    """Each quotation mark in turn taken as a sign of the text."""
    quote = dialect.quote
    places = [match.start() for match in re.finditer(re.escape(quote), line)]
    if len(places) > _MAX_QUOTES:
        return
    for place in places:
        cells = _row(line[:place] + _LITERAL + line[place + 1 :], dialect)
        if cells is None or len(cells) != width:
            continue
        cost = shapes.cost([cell.replace(_LITERAL, "") for cell in cells]) if shapes else 0.0
        # Next to the edge of a cell a quotation mark goes astray more easily than in the middle of a word.
        middle = any(_LITERAL in cell.strip()[1:-1] for cell in cells)
        yield Try(cost + (0.0 if not middle else 0.1), tuple(cell.replace(_LITERAL, quote) for cell in cells), QUOTE)


def _restructured(line: str, dialect: Dialect, width: int, shapes: Shapes) -> Iterator[Try]:
    quote, delimiter = dialect.quote, dialect.delimiter
    split = tokens(line, delimiter, quote, skip_space=dialect.skip_space)
    if split is None:
        yield from parted_at_quotes(line, dialect, width, shapes)
    else:
        if len(split) < width:
            padded = [text for text, _ in split] + [""] * (width - len(split))
            yield Try(shapes.cost(padded), tuple(padded), _PADDED)
        if len(split) == width - 1:
            yield from _parted(split, quote, shapes)
        if len(split) == width + 1:
            yield from _dropped(split, shapes)
    sign = delimiter + " " if dialect.skip_space else delimiter
    pieces = tokens(line, sign, quote) if dialect.skip_space else split
    if pieces is not None and len(pieces) > width:
        yield from _grouped(pieces, sign, width, shapes, JOINED)
    for foreign in FOREIGN_DELIMITERS:
        if foreign == delimiter or foreign not in line:
            continue
        other = tokens(line, foreign, quote)
        if other is not None and len(other) >= width:
            yield from _grouped(other, foreign, width, shapes, FOREIGN)


def parted_at_quotes(line: str, dialect: Dialect, width: int, shapes: Shapes | None) -> Iterator[Try]:
    """A delimiter put before or behind a quotation mark that stands where none may stand."""
    places = [match.start() for match in re.finditer(re.escape(dialect.quote), line)]
    if len(places) > _MAX_QUOTES:
        return
    for place in sorted({*places, *(place + 1 for place in places)}):
        cells = _row(line[:place] + dialect.delimiter + line[place:], dialect)
        if cells is not None and len(cells) == width:
            yield Try(shapes.cost(cells) if shapes else 0.0, tuple(cells), SPLIT)


#: A cut inside a word or a number is a guess.
_UNSURE: Final = 0.5


def _parted(split: list[Token], quote: str, shapes: Shapes) -> Iterator[Try]:
    """One cell cut in two, for a delimiter that got lost."""
    texts = [text for text, _ in split]
    # The cells before the cut stay in their columns, those behind it move on by one.
    before = [0.0]
    for place, text in enumerate(texts):
        before.append(before[-1] + shapes.columns[place].cost(text))
    behind = [0.0]
    for place in range(len(texts) - 1, -1, -1):
        behind.append(behind[-1] + shapes.columns[place + 1].cost(texts[place]))
    behind.reverse()
    for place, (text, quoted) in enumerate(split):
        around = before[place] + behind[place + 1]
        if around >= LIMIT:
            continue
        for left, right in _cuts(text, quote, quoted=quoted):
            cost = around + (0.0 if quoted else _seam(left, right)) + shapes.columns[place].cost(left)
            cost += shapes.columns[place + 1].cost(right) if cost < LIMIT else 0.0
            if cost < LIMIT + _MARGIN:
                yield Try(cost, (*texts[:place], left, right, *texts[place + 1 :]), SPLIT)


def _cuts(text: str, quote: str, *, quoted: bool) -> Iterator[tuple[str, str]]:
    """Two cells that could have become one; one of them may have been empty."""
    yield "", text
    yield text, ""
    if not quoted:
        for at in range(1, len(text)):
            yield text[:at], text[at:]
        return
    # Two quoted cells that touch look like one with a doubled quotation mark in it.
    for match in re.finditer(re.escape(quote), text):
        yield text[: match.start()], text[match.end() :]


def _seam(left: str, right: str) -> float:
    """How unlikely it is that two cells met here: in the middle of a number, or of a word without a capital."""
    if not left or not right:
        return _UNSURE
    a, b = left[-1], right[0]
    if a.isdigit() and b.isdigit():
        return _UNSURE
    return _UNSURE if a.isalpha() and b.isalpha() and not (a.islower() and b.isupper()) else 0.0


def _dropped(split: list[Token], shapes: Shapes) -> Iterator[Try]:
    """An empty cell left out, for a delimiter too many."""
    texts = [text for text, _ in split]
    for place, (text, quoted) in enumerate(split):
        if not text and not quoted:
            cells = texts[:place] + texts[place + 1 :]
            yield Try(shapes.cost(cells), tuple(cells), DROPPED)


def _grouped(split: list[Token], delimiter: str, width: int, shapes: Shapes, how: str) -> Iterator[Try]:
    """Neighbouring pieces put together again, for delimiters that belong to the text: the two best ways."""
    count = len(split)
    if count > _MAX_TOKENS:
        return
    # ways[n]: the best ways to make cells of the first n pieces, for the columns so far.
    ways: list[list[tuple[float, tuple[str, ...]]]] = [[] for _ in range(count + 1)]
    ways[0] = [(0.0, ())]
    for place in range(width):
        column = shapes.columns[place]
        following: list[list[tuple[float, tuple[str, ...]]]] = [[] for _ in range(count + 1)]
        for start in range(count - (width - place) + 1):
            if not ways[start]:
                continue
            for stop in range(start + 1, count - (width - place - 1) + 1):
                piece = split[start:stop]
                if len(piece) > 1 and any(quoted for _, quoted in piece):
                    break
                cell = delimiter.join(text for text, _ in piece)
                cost = column.cost(cell)
                if len(piece) > 1 and how == JOINED:
                    # No other cell without quotation marks can have had the delimiter in it: it speaks against none.
                    cost = min(column.cost(cell.replace(delimiter, sign)) for sign in (" ", ""))
                    cost += _UNSURE
                if len(piece) > 1 and (cell.startswith(delimiter) or cell.endswith(delimiter)):
                    cost += 2 * _MARGIN
                if cost >= MISFIT:
                    continue
                following[stop] += [(known + cost, (*cells, cell)) for known, cells in ways[start]]
        ways = [sorted(options)[:2] for options in following]
    for cost, cells in ways[count]:
        yield Try(cost, cells, how)


def _row(line: str, dialect: Dialect) -> list[str] | None:
    split = tokens(line, dialect.delimiter, dialect.quote, skip_space=dialect.skip_space)
    return None if split is None else [text for text, _ in split]
