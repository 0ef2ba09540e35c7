"""Differences with their intervals, one below the other: which of them stand out from luck."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from tas_analytics import formats
from tas_analytics.charts import theme
from tas_analytics.charts.theme import Figure

_PITCH: Final = 38
_EDGE: Final = 4
#: What a row's ``verdict`` may say, with its colour.
_COLOURS: Final = {"more": theme.WON, "less": theme.LOST, "none": theme.OPEN, "few": theme.MUTED}


def forest(frame: pd.DataFrame, *, selected: object = None, left: str = "", right: str = "") -> Figure:
    """A dot for each difference and a line for its interval, around a line of no difference.

    What it is: a forest plot. A row's label stands above its mark, the difference at the right edge. What stands out is
    bold and coloured; what rests on too few cases is hollow. When to use it: to compare many differences that are all
    measured alike, and to see at once which intervals keep clear of nought.

    Parameters
    ----------
    frame
        ``key``, ``label``, ``detail`` (grey, after the label), ``difference``, ``low``, ``high`` (shares; missing
        where there is nothing to compare), ``verdict`` (``more``, ``less``, ``none``, ``few``), in the order drawn.
    selected
        The key of the chosen row: its label is underlined by an ink line.
    left, right
        What the sides of the axis mean.

    Returns
    -------
    Figure
        ``customdata`` of every mark is ``[key]``; the whole row takes the click.
    """
    rows = frame.to_dict("records")
    if not rows:
        return theme.figure(_PITCH)
    ends = [theme.number(row[name]) for row in rows for name in ("low", "high") if not theme.is_missing(row[name])]
    reach = min(max([0.3, *(abs(end) for end in ends)]), 1.0) * 1.04
    drawn = theme.Drawing()
    marks = theme.Marks(*_COLOURS.values())
    count = len(rows)
    for i, row in enumerate(rows):
        y = count - 1 - i
        verdict = theme.raw(row["verdict"])
        strong = verdict in ("more", "less") or row["key"] == selected
        value = theme.maybe(row["difference"])
        edge = "–" if value is None else f"{formats.number(round(100 * value), sign=True)} pts"
        room = theme.PHONE - theme.text_width(edge, bold=True) - 14
        drawn.left(y + 0.28, _label(row, room, strong), colour=theme.TEXT if verdict != "few" else theme.MUTED)
        drawn.right(y + 0.28, theme.strong(edge, strong), 0, colour=theme.TEXT if strong else theme.MUTED)
        drawn.line(-reach, y - 0.12, reach, y - 0.12, colour=theme.GRID, layer="below")
        # The line of no difference stays clear of the words.
        drawn.line(0, y - 0.36, 0, y + 0.1, colour=theme.TEXT)
        if row["key"] == selected:
            drawn.line(-reach, y - 0.42, reach, y - 0.42, width=1.5)
        if value is None:
            continue
        colour = _COLOURS.get(verdict, theme.OPEN)
        drawn.line(theme.number(row["low"]), y - 0.12, theme.number(row["high"]), y - 0.12, colour=colour, width=2.5)
        marks.add(colour, x=value, y=y - 0.12, data=[theme.plain(row["key"])], hover=_hover(row),
                  fill=theme.PAPER if verdict == "few" else colour)  # fmt: skip
    drawn.left(count - 0.22, theme.clean(left), colour=theme.MUTED, size=theme.SMALL)
    drawn.right(count - 0.22, theme.clean(right), 0, colour=theme.MUTED, size=theme.SMALL)
    result = theme.figure(_PITCH * (count + 0.6 * bool(left or right)), right=_EDGE, left=_EDGE, top=0, bottom=0)
    hit = [row for row in rows if not theme.is_missing(row["key"])]
    result.add_trace(
        theme.bars(
            x=[2 * reach] * count,
            base=[-reach] * count,
            y=[count - 1 - i for i in range(count)],
            width=0.96,
            marker={"color": theme.CLEAR},
            customdata=[[theme.plain(row["key"])] for row in hit],
            hovertext=[_hover(row) for row in hit],
        )
    )
    for colour, trace in marks.items():
        result.add_trace(
            theme.points(
                x=trace["x"],
                y=trace["y"],
                mode="markers",
                marker={"size": 10, "color": trace["fill"], "opacity": 1, "line": {"width": 2, "color": colour}},
                customdata=trace["data"],
                hovertext=trace["hover"],
                cliponaxis=False,
            )
        )
    result.update_xaxes(range=[-reach, reach])
    result.update_yaxes(range=[-0.5, count - 0.5 + 0.6 * bool(left or right)])
    return drawn.apply(result)


def _label(row: dict[Any, Any], room: float, strong: bool) -> str:
    """The label and, where there is room, the grey detail."""
    label = theme.fit(row["label"], room, bold=strong)
    detail = theme.clean(row.get("detail") or "")
    if detail and theme.text_width(f"{label}  {detail}", bold=strong) <= room:
        return f"{theme.strong(label, strong)}  <span style='color:{theme.MUTED}'>{detail}</span>"
    return theme.strong(label, strong)


def _hover(row: dict[Any, Any]) -> str:
    told = [part for part in theme.raw(row.get("hover")).split("\n") if part]
    return "<br>".join([f"<b>{theme.clean(row['label'])}</b>", *(theme.clean(part) for part in told)])
