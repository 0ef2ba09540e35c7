"""What adds to a number and what takes from it, as bars left and right of a line."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from tas_analytics import formats
from tas_analytics.charts import theme
from tas_analytics.charts.theme import Figure

_PITCH: Final = 30
_HALF: Final = 0.32
_EDGE: Final = 58


def signed_bars(frame: pd.DataFrame, *, unit: str = "pts") -> Figure:
    """Bars from a common line: to the right what adds, to the left what takes.

    What it is: one bar a row, its label and grey detail at the left, its signed value at the right. When to use it: to
    explain a number as a sum of parts.

    Parameters
    ----------
    frame
        ``key``, ``label``, ``detail`` (grey, below the hover's title), ``value``; in the order drawn.
    unit
        What the values count.

    Returns
    -------
    Figure
        ``customdata`` of every bar is ``[key]``.
    """
    rows = frame.to_dict("records")
    if not rows:
        return theme.figure(_PITCH)
    reach = max([abs(theme.number(row["value"])) for row in rows] + [1.0]) * 1.05
    drawn = theme.Drawing()
    marks = theme.Marks(theme.WON, theme.LOST)
    count = len(rows)
    for place, row in enumerate(rows):
        y = count - 1 - place
        value = theme.number(row["value"])
        text = f"{formats.number(value, 0 if abs(value) >= 0.95 or value == 0 else 1, sign=True)} {unit}"
        hover = [theme.strong(theme.clean(row["label"])), text]
        if theme.raw(row.get("detail")):
            hover.append(theme.clean(row["detail"]))
        marks.add(
            theme.WON if value >= 0 else theme.LOST, x=value, y=y, customdata=[theme.plain(row["key"])],
            ids=str(row["key"]), hovertext="<br>".join(hover),
        )  # fmt: skip
        drawn.right(y, theme.strong(text), _EDGE)
    labels = [theme.fit(_label(row), 230) for row in rows]
    drawn.line(0, -0.5, 0, count - 0.5, colour=theme.TEXT)
    left = min(theme.left_margin([_label(row) for row in rows], cap=230), 240)
    result = theme.figure(_PITCH * count + 4, left=left, right=_EDGE + 6, top=2, bottom=2)
    for colour, trace in marks.items():
        result.add_trace(theme.bars(width=2 * _HALF, marker={"color": colour}, **trace))
    result.update_xaxes(range=[-reach, reach])
    result.update_yaxes(
        visible=True, tickvals=[count - 1 - place for place in range(count)], ticktext=labels, ticklabelstandoff=8,
        range=[-0.5, count - 0.5],
    )  # fmt: skip
    return drawn.apply(result)


def _label(row: dict[Any, Any]) -> str:
    detail = theme.raw(row.get("detail"))
    return f"{theme.raw(row['label'])}: {detail}" if detail else theme.raw(row["label"])
