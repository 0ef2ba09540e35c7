"""Ratings as a heatmap: a square with a sign for each cell, columns in groups."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from tas_analytics.charts import theme
from tas_analytics.charts.theme import Figure

#: Pixels: a row, a column, the air between groups, a square.
_PITCH: Final = 22
_COLUMN: Final = 28
_GAP: Final = 16
_SQUARE: Final = 20
_LEFT: Final = 262
_SMALL: Final = 12.5
#: Room above the squares: the question, the slanted labels and the counts.
_TOP: Final = 172
_UNKNOWN: Final = "?"

_FILL: Final = {2: theme.DIVERGING[9], 1: theme.DIVERGING[7], 0: theme.GRID, -1: theme.DIVERGING[2],
                -2: theme.DIVERGING[0], None: theme.CLEAR}  # fmt: skip
_INK: Final = {2: theme.PAPER, 1: theme.TEXT, 0: theme.MUTED, -1: theme.TEXT, -2: theme.PAPER, None: theme.MUTED}


@dataclass(frozen=True)
class Cell:
    """One square: ``level`` from −2 (against us) to 2 (for us) gives the colour, None is unknown; ``text`` its sign.

    ``data`` is what a click carries, ``hover`` what is said on it, and a changed one has an outline.
    """

    level: int | None
    text: str
    data: tuple[Any, ...]
    hover: str = ""
    changed: bool = False


@dataclass(frozen=True)
class Row:
    """One row: its label, its cells (None leaves a place empty) and the numbers behind it, as they are written."""

    label: str
    cells: Sequence[Cell | None]
    numbers: Sequence[str] = ()


@dataclass(frozen=True)
class Grid:
    """A whole heatmap.

    Parameters
    ----------
    rows
        From top to bottom.
    columns, groups
        The label of each column, and the group that it belongs to; equal neighbours stand together.
    counts
        A number under each column's label, as it is written; ``count_label`` says what it counts.
    worst
        The place of the column that is bold; None for none.
    key
        What the squares mean, as (level, sign, words); ``key_title`` stands above.
    numbers
        Heads of the numbers behind the rows.
    changed
        Words for an outlined square; blank if there are none.
    text_size, left, column, pitch, square
        Measures in pixels: the signs, the room for labels, a column, a row, a square.
    level
        Labels of columns stand level, for few and wide columns.
    """

    rows: Sequence[Row]
    columns: Sequence[str]
    groups: Sequence[str]
    counts: Sequence[str] = ()
    count_label: str = ""
    worst: int | None = None
    key_title: str = ""
    key: Sequence[tuple[int | None, str, str]] = ()
    numbers: Sequence[str] = ()
    changed: str = ""
    text_size: float = 14
    left: float = _LEFT
    column: float = _COLUMN
    pitch: float = _PITCH
    square: float = _SQUARE
    level: bool = False


def heatmap(grid: Grid) -> Figure:
    """Squares in rows and grouped columns, each with its sign, which says what the colour says.

    What it is: one mark for each rating, so that gaps and patterns stand out over dozens of deals. When to use it: to
    see which criterion is weak across a portfolio, and which deal is weak across the criteria.

    Returns
    -------
    Figure
        ``customdata`` of every square is its cell's ``data``. The width is fixed: narrower places scroll.

    Examples
    --------
    >>> one = Row("Deal", [Cell(1, "+", ("D1", 5))], ["$1.0M"])
    >>> drawn = heatmap(Grid([one], ["Compelling event"], ["Is there an opportunity?"], numbers=["amount"]))
    >>> list(drawn.data[0].customdata[0]), drawn.data[0].text[0]
    (['D1', 5], '+')
    """
    centres = _centres(grid)
    end = centres[-1] + grid.column / 2
    numbers = [62.0 + 58 * place for place in range(len(grid.numbers))]
    # The last slanted label leans over the right edge of its column.
    lean = math.ceil(0.75 * max((theme.text_width(label, _SMALL) for label in grid.columns), default=0))
    wide = round(end + max([*numbers, lean]) + 8)
    high = grid.pitch * len(grid.rows) + _TOP + 10
    drawn = theme.Drawing()
    result = theme.figure(high, top=0, bottom=0)
    result.update_layout(width=wide)
    result.update_xaxes(range=[0, wide])
    result.update_yaxes(range=[len(grid.rows) + 10 / grid.pitch - 0.5, -_TOP / grid.pitch - 0.5])
    _heads(grid, drawn, centres, end, numbers)
    for place, row in enumerate(grid.rows):
        drawn.text(0, place, theme.fit(row.label, grid.left - 16), dx=-2)
        for number, text in enumerate(row.numbers):
            drawn.text(
                end + numbers[number], place, text, anchor="right", colour=theme.TEXT if not number else theme.MUTED
            )
    for trace in _squares(grid, centres):
        result.add_trace(trace)
    _legend(grid, drawn, result)
    return drawn.apply(result)


def _centres(grid: Grid) -> list[float]:
    """The middle of each column, with air between the groups."""
    found, at = [], float(grid.left)
    for place, group in enumerate(grid.groups):
        if place and group != grid.groups[place - 1]:
            at += _GAP
        found.append(at + grid.column / 2)
        at += grid.column
    return found


def _squares(grid: Grid, centres: Sequence[float]) -> list[Any]:
    """A trace for each look of a square."""
    looks: dict[tuple[int | None, bool], dict[str, list[Any]]] = {}
    for place, row in enumerate(grid.rows):
        for x, cell in zip(centres, row.cells, strict=True):
            if cell is None:
                continue
            trace = looks.setdefault(
                (cell.level, cell.changed), {"x": [], "y": [], "text": [], "customdata": [], "hovertext": []}
            )
            for name, value in (
                ("x", x), ("y", place), ("text", cell.text), ("customdata", list(cell.data)), ("hovertext", cell.hover),
            ):  # fmt: skip
                trace[name].append(value)
    return [
        _trace(grid, level, changed, trace)
        for (level, changed), trace in sorted(looks.items(), key=lambda one: str(one[0]))
    ]


def _trace(grid: Grid, level: int | None, changed: bool, points: dict[str, list[Any]]) -> Any:
    ink = {"color": _INK[level]}
    marker = {
        "symbol": "square",
        "size": grid.square,
        "color": _FILL[level],
        "line": {"width": 2 if changed else 0, "color": theme.TEXT},
    }
    return theme.points(
        mode="markers+text",
        marker=marker,
        textfont={"family": theme.SANS, "size": grid.text_size, **ink},
        unselected={"marker": {"opacity": 1}, "textfont": ink},
        selected={"marker": {"opacity": 1}},
        **points,
    )


def _heads(grid: Grid, drawn: theme.Drawing, centres: Sequence[float], end: float, numbers: Sequence[float]) -> None:
    """Labels, counts and questions above the columns."""
    counted = -0.5 - 13 / grid.pitch
    for place, (x, label) in enumerate(zip(centres, grid.columns, strict=True)):
        worst = place == grid.worst
        text = theme.strong(theme.clean(label), worst)
        if grid.level:
            drawn.text(x, counted, text, anchor="center", size=_SMALL)
            continue
        drawn.text(x, -0.5 - 26 / grid.pitch, text, angle=-45, valign="bottom", dx=-9, size=_SMALL)
        if grid.counts:
            colour = theme.TEXT if worst else theme.MUTED
            drawn.text(x, counted, theme.strong(grid.counts[place], worst), anchor="center", size=_SMALL, colour=colour)
    look = {"anchor": "right", "size": _SMALL, "colour": theme.MUTED}
    drawn.text(grid.left - 14, counted, grid.count_label, **look)  # type: ignore[arg-type]
    for dx, name in zip(numbers, grid.numbers, strict=True):
        drawn.text(end + dx, counted, name, **look)  # type: ignore[arg-type]
    for group in dict.fromkeys(grid.groups):
        inside = [x for x, one in zip(centres, grid.groups, strict=True) if one == group]
        start, stop = inside[0] - grid.column / 2 + 2, inside[-1] + grid.column / 2 - 2
        drawn.line(start, -0.5 - 2 / grid.pitch, stop, -0.5 - 2 / grid.pitch)
        drawn.text(start, -0.5 - (_TOP - 10) / grid.pitch, theme.strong(theme.clean(group)))


def _legend(grid: Grid, drawn: theme.Drawing, result: Figure) -> None:
    """What the squares mean, at the left above the rows."""
    top = -0.5 - (_TOP - 10) / grid.pitch
    drawn.text(0, top, theme.strong(grid.key_title), dx=-2)
    entries = [(Cell(level, sign, ()), words) for level, sign, words in grid.key]
    if grid.changed:
        entries.append((Cell(None, "", (), changed=True), grid.changed))
    deep = len(entries) if len(entries) <= 5 else (len(entries) + 1) // 2
    for place, (cell, words) in enumerate(entries):
        x, y = 10 + 100 * (place // deep), top + (24 * (place % deep + 1)) / grid.pitch
        trace = _trace(grid, cell.level, cell.changed, {"x": [x], "y": [y], "text": [cell.text]})
        trace.hoverinfo = "skip"
        trace.marker.size = _SQUARE
        if cell.level is None and not cell.changed:
            trace.marker.line = {"width": 1, "color": theme.LINE}
        result.add_trace(trace)
        drawn.text(x + 17, y, theme.clean(words))
