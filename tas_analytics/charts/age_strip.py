"""How long open deals have stood in their stage, one dot a deal."""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping
from typing import Any

import pandas as pd

from tas_analytics import formats
from tas_analytics.charts import theme
from tas_analytics.charts.theme import Figure

_PITCH = 76
_SMALLEST, _LARGEST = 6.0, 18.0
_STEPS = (1, 2, 5, 7, 10, 15, 20, 30, 60, 90, 120, 180, 365, 730, 1825)


def age_strip(
    frame: pd.DataFrame,
    lines: Mapping[str, float | None],
    *,
    currency: str | None = "USD",
    selected: object = None,
) -> Figure:
    """Open deals as dots on one line a stage, by days in the stage.

    What it is: a strip of dots for each stage; the dot's area is the amount, a tick marks the
    stage's stall line, dots beyond it are amber. When to use it: to see whether a stage has a
    few old deals or is old throughout, and to open one of them. For up to about 5,000 deals.

    Parameters
    ----------
    frame
        ``id``, ``name``, ``stage``, ``amount``, ``days`` (in the stage).
    lines
        The stall line of every stage in days, or None, in stage order: this is the order of the
        rows. Stages that only the frame knows follow; stages without deals are left out.
    currency
        The currency of the amounts.
    selected
        The id of the chosen deal: an ink outline.

    Returns
    -------
    Figure
        ``customdata`` of every dot is ``[deal id]``. The axis ends near the 98th percentile;
        older deals stand at its edge as triangles and their hover text says so.
    """
    rows = [row for row in frame.to_dict("records") if theme.maybe(row["days"]) is not None]
    if not rows:
        return theme.figure(_PITCH)
    present = dict.fromkeys(row["stage"] for row in rows)
    stages = [stage for stage in lines if stage in present] + [stage for stage in present if stage not in lines]
    limits = {stage: theme.maybe(lines.get(stage)) for stage in stages}
    place = {stage: len(stages) - 1 - i for i, stage in enumerate(stages)}
    edge = _edge([_age(row) for row in rows], [limit for limit in limits.values() if limit])
    largest = _quantile([max(theme.number(row["amount"]), 0.0) for row in rows], 0.99) or 1.0

    marks = theme.Marks(theme.OPEN, theme.RISK)
    # large dots first, so that small ones stay on top; the order is the same on every run
    rows.sort(key=lambda row: (-theme.number(row["amount"]), str(row["id"])))
    for row in rows:
        limit = limits[row["stage"]]
        size = _LARGEST * math.sqrt(max(theme.number(row["amount"]), 0.0) / largest)
        outside = _age(row) > edge
        chosen = selected is not None and row["id"] == selected
        marks.add(
            theme.RISK if limit is not None and _age(row) > limit else theme.OPEN,
            x=min(_age(row), edge),
            y=place[row["stage"]] + 0.24 * _jitter(row["id"]),
            size=round(min(max(size, 10.0 if outside else _SMALLEST), _LARGEST), 1),
            symbol="triangle-right" if outside else "circle",
            ring=theme.TEXT if chosen else theme.PAPER,
            width=2 if chosen else 0.8,
            customdata=[theme.plain(row["id"])],
            ids=str(row["id"]),
            hovertext=_hover(row, limit, currency, outside=outside),
        )

    drawn = theme.Drawing()
    for stage, y in place.items():
        _row(drawn, y, stage, limits[stage], [_age(row) for row in rows if row["stage"] == stage])
        drawn.line(0, y, edge, y, colour=theme.GRID, layer="below")
    _scale(drawn, edge, pinned=any(_age(row) > edge for row in rows))
    result = theme.figure(_PITCH * len(stages) + 26, left=10, right=14, top=0, bottom=26)
    for colour, trace in marks.items():
        ring = {"color": trace.pop("ring"), "width": trace.pop("width")}
        marker = {"color": colour, "size": trace.pop("size"), "symbol": trace.pop("symbol"), "opacity": 1, "line": ring}
        result.add_trace(theme.points(mode="markers", marker=marker, cliponaxis=False, **trace))
    result.update_xaxes(range=[0, edge])
    result.update_yaxes(range=[-0.56, len(stages) - 0.38])
    return drawn.apply(result)


def _age(row: dict[Any, Any]) -> float:
    return max(theme.number(row["days"]), 0.0)


def _quantile(numbers: list[float], share: float) -> float:
    """Give the smallest number that so large a share of all does not exceed."""
    return sorted(numbers)[max(math.ceil(share * len(numbers)), 1) - 1]


def _edge(ages: list[float], limits: list[float]) -> float:
    """Choose where the axis ends: near the 98th percentile, never short of a stall line."""
    edge = max([_quantile(ages, 0.98), 7.0, *(1.1 * limit for limit in limits)])
    return max(ages) if edge < max(ages) <= 1.1 * edge else edge


def _hover(row: dict[Any, Any], limit: float | None, currency: str | None, *, outside: bool) -> str:
    amount = formats.escape_chart(formats.money(theme.maybe(row["amount"]), currency))
    age = formats.count(round(_age(row)), "day")
    words = [f"<b>{theme.clean(row['name'])}</b>", f"{amount}, {age} in {theme.clean(row['stage'])}"]
    if limit is not None and _age(row) > limit:
        words.append(f"{formats.count(round(_age(row) - limit), 'day')} past the stall line")
    if outside:
        words.append("older than the scale shows")
    return "<br>".join(words)


def _row(drawn: theme.Drawing, y: float, stage: object, limit: float | None, ages: list[float]) -> None:
    """Write a stage's name and count above its dots and mark its stall line."""
    past = sum(limit is not None and age > limit for age in ages)
    text = formats.count(len(ages), "deal")
    if limit is not None:
        text = f"{theme.strong(formats.number(past), past > 0)} of {len(ages):,} past"
        drawn.line(limit, y - 0.3, limit, y + 0.3, width=1.5)
        note = f"{formats.number(limit)} d"
        drawn.text(limit, y - 0.3, note, anchor="center", valign="top", size=11.5, dy=1)
    drawn.left(y + 0.46, theme.fit(stage, theme.PHONE - theme.text_width(text) - 20), dx=-10)
    drawn.right(y + 0.46, text, 14, colour=theme.TEXT if past else theme.MUTED)


def _scale(drawn: theme.Drawing, edge: float, *, pinned: bool) -> None:
    """Write the days under the plot, the first and last of them inside its edges."""
    step = next((step for step in _STEPS if edge / step <= 5.5), _STEPS[-1])
    ticks = [float(step * i) for i in range(int(edge / step) + 1)]
    ticks = [tick for tick in ticks if not pinned or tick < 0.74 * edge]
    for tick in ticks:
        side: theme.Side = "left" if tick == 0 else "right" if tick > 0.96 * edge else "center"
        shift = {"left": -10, "right": 14, "center": 0}[side]
        text = formats.number(tick) + (" days" if tick == 0 else "")
        drawn.text(
            tick,
            0,
            text,
            anchor=side,
            valign="top",
            colour=theme.MUTED,
            size=theme.SMALL,
            yref="paper",
            dx=shift,
            dy=-6,
        )
    if pinned:
        text = f"over {formats.number(edge)} →"
        drawn.right(0, text, 14, valign="top", colour=theme.MUTED, size=theme.SMALL, yref="paper", dy=-6)


def _jitter(key: object) -> float:
    """A number between −1 and 1 that belongs to the deal: the dot never jumps between two runs."""
    return (zlib.crc32(str(key).encode()) % 2001) / 1000 - 1
