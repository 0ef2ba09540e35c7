"""A rate over the quarters, in one small panel for each group, all on the same scale."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from tas_analytics import formats
from tas_analytics.charts import theme
from tas_analytics.charts.theme import Figure

_PANEL: Final = 112
_BOTTOM: Final = 22
_LEFT, _RIGHT = 34, 10
#: Shares of a panel: the plot stands between them, the label above it.
_FLOOR, _CEILING = 0.06, 0.70


def rate_panels(frame: pd.DataFrame, *, usual: float | None = None, selected: object = None) -> Figure:
    """Small multiples of a rate with its interval.

    What it is: a panel per group, one below the other; a dot is a quarter's rate, the thin line its interval, its size
    the number of cases; the dotted line is the rate over everything. When to use it: to see whether a group's rate
    moves, and whether there are cases enough to say so.

    Parameters
    ----------
    frame
        ``group``, ``key``, ``summary`` (bold, at the right of the label), ``period`` (label of the quarter), ``order``
        (what quarters are ordered by), ``rate``, ``low``, ``high`` (shares), ``cases``; groups in the order drawn.
    usual
        The rate over everything.
    selected
        The key of the chosen group: its label is bold.

    Returns
    -------
    Figure
        ``customdata`` of every dot is ``[key, order]``.
    """
    rows = frame.to_dict("records")
    if not rows:
        return theme.figure(_PANEL)
    groups = list(dict.fromkeys(row["key"] for row in rows))
    periods = sorted({theme.raw(row["period"]): row.get("order", row["period"]) for row in rows}.items(), key=_second)
    place = {label: i for i, (label, _) in enumerate(periods)}
    most = max(*(theme.number(row["cases"]) for row in rows), 1.0)
    drawn = theme.Drawing()
    marks: dict[str, list[Any]] = {"x": [], "y": [], "size": [], "data": [], "hover": []}
    lines_x: list[float | None] = []
    lines_y: list[float | None] = []
    for at, key in enumerate(groups):
        own = [row for row in rows if row["key"] == key]
        floor = len(groups) - 1 - at + _FLOOR

        def height(share: Any, floor: float = floor) -> float:
            return floor + theme.number(share) * (_CEILING - _FLOOR)

        summary = theme.clean(own[0].get("summary") or "")
        name = theme.fit(own[0]["group"], theme.PHONE - theme.text_width(summary, bold=True) - 24, bold=True)
        top = len(groups) - 1 - at + 0.86
        drawn.left(top, theme.strong(name, key == selected), dx=-_LEFT)
        drawn.right(top, theme.strong(summary), _RIGHT)
        for share in (0.0, 0.5, 1.0):
            drawn.line(-0.4, height(share), len(periods) - 0.6, height(share), colour=theme.GRID, layer="below")
            drawn.left(height(share), formats.percent(share), dx=-_LEFT, colour=theme.MUTED, size=theme.SMALL - 1)
        if usual is not None:
            drawn.line(-0.4, height(usual), len(periods) - 0.6, height(usual), colour=theme.MUTED, dash="dot")
        for row in sorted(own, key=lambda row: place[theme.raw(row["period"])]):
            x = place[theme.raw(row["period"])]
            drawn.line(x, height(row["low"]), x, height(row["high"]), colour=theme.LINE, width=1.5)
            marks["x"].append(x)
            marks["y"].append(height(row["rate"]))
            marks["size"].append(5 + 9 * (theme.number(row["cases"]) / most) ** 0.5)
            marks["data"].append([theme.plain(key), theme.plain(row.get("order", row["period"]))])
            marks["hover"].append(_hover(row))
            lines_x.append(x)
            lines_y.append(height(row["rate"]))
        lines_x.append(None)
        lines_y.append(None)
    result = theme.figure(_PANEL * len(groups) + _BOTTOM, left=_LEFT, right=_RIGHT, top=0, bottom=_BOTTOM)
    result.add_trace(
        theme.points(
            x=lines_x, y=lines_y, mode="lines", line={"color": theme.THEIRS, "width": 1.5}, hoverinfo="skip",
            customdata=[[theme.plain(groups[0]), ""]] * len(lines_x), hovertext=[""] * len(lines_x),
        )
    )  # fmt: skip
    result.add_trace(
        theme.points(
            x=marks["x"], y=marks["y"], mode="markers", customdata=marks["data"], hovertext=marks["hover"],
            marker={"size": marks["size"], "color": theme.THEIRS, "opacity": 1,
                    "line": {"width": 1, "color": theme.PAPER}},
            cliponaxis=False,
        )
    )  # fmt: skip
    result.update_xaxes(visible=True, range=[-0.5, len(periods) - 0.5], tickvals=list(place.values()),
                        ticktext=_thinned([theme.clean(label) for label in place]), tickangle=0)  # fmt: skip
    result.update_yaxes(range=[0, len(groups)])
    return drawn.apply(result)


def _thinned(labels: list[str]) -> list[str]:
    """Every label, or so many of them that they fit a phone; the last one stays."""
    step = -(-len(labels) // 4)
    return [label if (len(labels) - 1 - i) % step == 0 else "" for i, label in enumerate(labels)]


def _second(pair: tuple[str, Any]) -> Any:
    return pair[1]


def _hover(row: dict[Any, Any]) -> str:
    rate = formats.rate(round(theme.number(row["rate"]) * theme.number(row["cases"])), int(theme.number(row["cases"])))
    interval = f"95 %: {formats.percent(theme.maybe(row['low']))} to {formats.percent(theme.maybe(row['high']))}"
    return f"<b>{theme.clean(row['group'])}</b>, {theme.clean(row['period'])}<br>{rate} won<br>{interval}"
