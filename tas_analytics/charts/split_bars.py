"""The stage bars split by a dimension: a small matrix of bars."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Final

import pandas as pd

from tas_analytics import formats
from tas_analytics.charts import theme
from tas_analytics.charts.theme import Figure

#: The second element of ``customdata`` for the values folded into one row.
OTHER: Final = "__other__"
_PITCH = 62
_GAP = 0.12


def split_bars(
    frame: pd.DataFrame,
    *,
    value: str = "amount",
    currency: str | None = "USD",
    stalled: str | None = None,
    selected: tuple[object, object] | None = None,
    limit: int = 6,
    past: str = "past the stall line",
) -> Figure:
    """One row a split value, one thin bar a stage, all on one scale.

    What it is: a matrix. Each row begins with the name and total of one value of the dimension
    (an owner, a region); each column is one stage; each cell is a bar under its number. When to
    use it: to see whose pipeline sits where, without a legend. The values must add up, because
    everything past the largest is summed into "Other".

    Parameters
    ----------
    frame
        ``group`` and ``key`` (the stage and its key, in stage order of first appearance),
        ``split`` and ``split_key``, the value column, ``deals``; optionally the stalled column.
    value, currency
        As in :func:`tas_analytics.charts.stage_bars.stage_bars`.
    stalled
        The column of the part drawn in amber.
    selected
        The chosen cell as (stage key, split key): bold, with an ink outline.
    limit
        How many values get a row of their own, largest first.
    past
        What the amber part is, in words, for the hover text.

    Returns
    -------
    Figure
        ``customdata`` of every cell is ``[stage key, split key]``; the folded row has
        :data:`OTHER` as its split key.
    """
    if frame.empty:
        return theme.figure(_PITCH)
    matrix = _collect(frame, value, stalled)
    order = _fold(matrix, limit)
    stages = matrix.stages
    top = max(matrix.cell(split, key).size for split in order for key in stages) or 1.0
    room = 1 - _GAP

    def say(amount: float) -> str:
        if value == "deals":
            return formats.number(amount)
        return formats.escape_chart(formats.money(amount, currency) if currency else formats.number(amount))

    drawn = theme.Drawing()
    marks = theme.Marks(theme.RISK, theme.OPEN, theme.CLEAR)
    for i, split in enumerate(order):
        y = len(order) - 1 - i
        total = matrix.total(split)
        counted = formats.count(round(total.deals), "deal")
        head = theme.fit(matrix.names[split], theme.PHONE - 130, bold=True)
        drawn.left(y + 0.34, f"<b>{head}</b>  " + (counted if value == "deals" else f"{say(total.size)}  {counted}"))
        drawn.line(0, y + 0.52, len(stages), y + 0.52, colour=theme.GRID, layer="below")
        for column, (key, stage) in enumerate(stages.items()):
            cell = matrix.cell(split, key)
            place = [theme.plain(key), split]
            chosen = selected is not None and tuple(place) == tuple(selected)
            wide = room * max(cell.size, 0.0) / top
            risky = room * min(max(cell.amber, 0.0), max(cell.size, 0.0)) / top
            words = [f"<b>{theme.clean(matrix.names[split])}</b>, {theme.clean(stage)}"]
            words.append(("" if value == "deals" else f"{say(cell.size)}, ") + formats.count(round(cell.deals), "deal"))
            words += [f"{say(cell.amber)} {theme.clean(past)}"] if risky else []
            hover = "<br>".join(words)
            for colour, start, length in ((theme.RISK, 0.0, risky), (theme.OPEN, risky, wide - risky)):
                if length > 0:
                    marks.add(colour, x=length, base=column + start, y=y - 0.22, customdata=place, hovertext=hover)
            # the whole cell takes the click: a thin bar is hard to hit
            marks.add(theme.CLEAR, x=room, base=column, y=y - 0.02, customdata=place, hovertext=hover)
            drawn.line(column, y - 0.32, column, y - 0.12, colour=theme.RULE, layer="below")
            if cell.size or cell.deals:
                drawn.text(column, y + 0.04, theme.strong(say(cell.size), chosen), size=11.5, dx=-2)
            if chosen:
                drawn.box(column, y - 0.32, column + wide, y - 0.12, colour=theme.TEXT, width=1.5)

    top_margin, right_margin = _heads(drawn, list(stages.values()), len(order) - 0.46)
    result = theme.figure(_PITCH * len(order) + top_margin, top=top_margin, right=right_margin, bottom=0)
    for colour, trace in marks.items():
        thick = 0.62 if colour == theme.CLEAR else 0.2
        result.add_trace(theme.bars(width=thick, marker={"color": colour}, **trace))
    result.update_xaxes(range=[0, len(stages)])
    result.update_yaxes(range=[-0.46, len(order) - 0.46])
    return drawn.apply(result)


@dataclass
class _Cell:
    size: float = 0.0
    deals: float = 0.0
    amber: float = 0.0

    def add(self, other: _Cell) -> None:
        self.size += other.size
        self.deals += other.deals
        self.amber += other.amber


@dataclass
class _Matrix:
    """The cells by (split key, stage key), and the labels of both in order of first appearance."""

    stages: dict[Any, object] = field(default_factory=dict)
    names: dict[Any, object] = field(default_factory=dict)
    cells: dict[tuple[Any, Any], _Cell] = field(default_factory=dict)

    def cell(self, split: Any, key: Any) -> _Cell:
        return self.cells.setdefault((split, key), _Cell())

    def total(self, split: Any) -> _Cell:
        result = _Cell()
        for key in self.stages:
            result.add(self.cell(split, key))
        return result


def _collect(frame: pd.DataFrame, value: str, stalled: str | None) -> _Matrix:
    matrix = _Matrix()
    for row in frame.to_dict("records"):
        matrix.stages.setdefault(row["key"], row["group"])
        split = theme.plain(row["split_key"])
        matrix.names.setdefault(split, row["split"])
        amber = theme.number(row.get(stalled)) if stalled else 0.0
        matrix.cell(split, row["key"]).add(_Cell(theme.number(row[value]), theme.number(row.get("deals")), amber))
    return matrix


def _fold(matrix: _Matrix, limit: int) -> list[Any]:
    """Give the rows from largest to smallest; what is past the limit is summed into one more."""
    order = sorted(matrix.names, key=lambda split: -matrix.total(split).size)
    folded = order[limit:]
    if len(folded) < 2:
        return order
    matrix.names[OTHER] = f"Other, {len(folded)} values"
    for split in folded:
        for key in matrix.stages:
            matrix.cell(OTHER, key).add(matrix.cell(split, key))
    return [*order[:limit], OTHER]


def _heads(drawn: theme.Drawing, stages: list[object], y: float) -> tuple[float, float]:
    """The column heads: level where every word fits a phone's column, else at −45°."""
    room = theme.PHONE / len(stages) - 4
    broken = [_wrap(theme.raw(stage), room) for stage in stages]
    if all(broken):
        for column, lines in enumerate(broken):
            text = "<br>".join(theme.clean(line) for line in lines)
            drawn.text(column, y, text, size=11.5, colour=theme.MUTED, valign="bottom", dx=-2)
        return 8 + 15 * max(len(lines) for lines in broken), 0
    longest = 0.0
    for column, stage in enumerate(stages):
        text = theme.fit(stage, 116, 11.5)
        longest = max(longest, theme.text_width(text, 11.5))
        drawn.text(column, y, text, size=11.5, colour=theme.MUTED, valign="bottom", angle=-45, dx=-2)
    return math.ceil(longest * 0.71) + 20, max(math.ceil(longest * 0.71 - room), 0)


def _wrap(text: str, room: float) -> list[str]:
    """A name in at most three lines of a width, empty where that cannot be."""
    lines: list[str] = []
    for word in text.split():
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and theme.text_width(joined, 11.5) <= room:
            lines[-1] = joined
        else:
            lines.append(word)
    fits = len(lines) <= 3 and all(theme.text_width(line, 11.5) <= room for line in lines)
    return lines if fits else []
