"""The chance of one deal over the days to come."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final

import pandas as pd

from tas_analytics import formats
from tas_analytics.charts import theme
from tas_analytics.charts.theme import Figure

_HEIGHT: Final = 250


def chance_curve(frame: pd.DataFrame, *, marks: Mapping[dt.date, str] | None = None) -> Figure:
    """P(won by a day) and P(lost by a day), with the band in which the first may lie.

    What it is: two lines that only rise, each named at its end, a band around the first, and upright lines at days that
    matter. When to use it: to say not only whether but when a deal may come.

    Parameters
    ----------
    frame
        ``day``, ``won``, ``low``, ``high``, ``lost`` (shares), in the order of time; optionally ``supposed``, the
        chance of being won if something were otherwise.
    marks
        Days to mark, with their names.

    Returns
    -------
    Figure
        ``customdata`` of every point is ``[ISO date]``.
    """
    rows = [row for row in frame.to_dict("records") if theme.maybe(row.get("won")) is not None]
    if not rows:
        return theme.figure(_HEIGHT)
    days = [theme.day(row["day"]) for row in rows]
    x = [day.isoformat() for day in days]
    keys = [[day] for day in x]
    won, lost, low, high = ([theme.number(row.get(key)) for row in rows] for key in ("won", "lost", "low", "high"))
    hover = [
        f"<b>{formats.percent(w)}</b> won, {formats.percent(lo)} lost by {formats.day(day)}<br>"
        f"won: {formats.percent(a)} to {formats.percent(b)}"
        for day, w, lo, a, b in zip(days, won, lost, low, high, strict=True)
    ]
    top = min(max(0.25, *won, *lost, *high) * 1.1, 1.04)
    drawn = theme.Drawing()
    traces = [
        theme.points(
            x=[*x, *x[::-1]], y=[*high, *low[::-1]], mode="lines", fill="toself", fillcolor=theme.INK[1],
            line={"width": 0, "color": theme.INK[1]}, hoverinfo="skip", customdata=[*keys, *keys[::-1]],
            hovertext=[*hover, *hover[::-1]],
        ),
        _line(x, lost, theme.LOST, keys, hover, 1.5),
        _line(x, won, theme.WON, keys, hover, 2.5),
    ]  # fmt: skip
    ends = [(won[-1], f"<b>{formats.percent(won[-1])}</b> won"), (lost[-1], f"{formats.percent(lost[-1])} lost")]
    if any(theme.maybe(row.get("supposed")) is not None for row in rows):
        other = [theme.number(row.get("supposed")) for row in rows]
        traces.append(_line(x, other, theme.TEXT, keys, hover, 2.0, "dot"))
        ends.append((other[-1], f"<b>{formats.percent(other[-1])}</b> what if"))
    scale = (_HEIGHT - 50) / top
    place, room = float("inf"), 12.0
    for value, text in sorted(ends, reverse=True):
        place = min(value * scale, place - 17)
        drawn.text(x[-1], value, text, dx=10, dy=place - value * scale)
        room = max(room, theme.text_width(text) + 14)
    free, pixels = 0.0, (theme.PHONE - 44 - room) / max((days[-1] - days[0]).days, 1)
    for day, name in sorted((marks or {}).items()):
        if days[0] < day <= days[-1]:
            drawn.line(day.isoformat(), 0, day.isoformat(), top, colour=theme.INK[4], dash="dot")
            right = (day - days[0]).days > (days[-1] - days[0]).days * 0.6
            wide = theme.text_width(name, theme.SMALL) + 8
            start = (day - days[0]).days * pixels - (wide if right else 0)
            # A name that would run into the one before stands a line lower.
            drop = -16 if start < free else 0
            free = start + wide
            drawn.text(
                day.isoformat(), top, theme.clean(name), size=theme.SMALL, colour=theme.MUTED, valign="bottom",
                anchor="right" if right else "left", dy=drop, dx=-3 if right else 3,
            )  # fmt: skip
    result = theme.figure(_HEIGHT, left=44, right=round(room), top=22, bottom=34)
    result.add_traces(traces)
    step = 0.25 if top > 0.55 else 0.1
    ticks = [step * n for n in range(int(top / step) + 1)]
    shown = [days[round((len(days) - 1) * part / 3)] for part in range(4)]
    result.update_xaxes(
        type="date", visible=True, range=[x[0], x[-1]], tickvals=[day.isoformat() for day in shown], tickangle=0,
        ticklabelstandoff=8,
        ticktext=[formats.day(day, year=False) for day in shown],
    )  # fmt: skip
    result.update_yaxes(
        visible=True, range=[0, top], tickvals=ticks, ticktext=[formats.percent(tick) for tick in ticks],
        showgrid=True, gridcolor=theme.GRID, tickfont={"size": theme.SMALL, "color": theme.MUTED}, ticklabelstandoff=6,
    )  # fmt: skip
    return drawn.apply(result)


def _line(
    x: list[str],
    y: list[float],
    colour: str,
    keys: list[list[str]],
    hover: list[str],
    width: float,
    dash: str = "solid",
) -> theme.Figure:
    return theme.points(
        x=x, y=y, mode="lines", line={"width": width, "color": colour, "dash": dash}, customdata=keys, hovertext=hover,
        cliponaxis=False, marker={"opacity": 1},
    )  # fmt: skip
