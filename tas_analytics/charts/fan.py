"""Where a period will land: what is won, what was forecast week by week, and the fan to the period's end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, Final

import pandas as pd

from tas_analytics import formats
from tas_analytics.charts import theme
from tas_analytics.charts.theme import Figure
from tas_analytics.charts.trend import apart, round_step, week_ticks

_HEIGHT: Final = 300
_TOP: Final = 16
_BOTTOM: Final = 26


def fan(
    frame: pd.DataFrame,
    *,
    period: tuple[dt.date, dt.date],
    won: pd.DataFrame | None = None,
    said: pd.DataFrame | None = None,
    target: float | None = None,
    currency: str | None = "USD",
) -> Figure:
    """What is won so far, and the fan of what may come until the period's end, against its target.

    What it is: a line of what was won by each day, a widening band that holds four in five futures with its middle as
    a dotted line, and the target as a straight ink line. An upright stroke on each past day is what the forecast of
    that day said of the period's end. When to use it: to say where a period will land, how sure that is, and whether
    earlier forecasts have come nearer to each other.

    Parameters
    ----------
    frame
        ``day``, ``p10``, ``p50``, ``p90`` from today to the period's last day.
    period
        First and last day.
    won
        ``day``, ``won``: what was won by past days.
    said
        ``day``, ``p10``, ``p50``, ``p90``: what past days forecast for the end.
    target, currency
        The target, and the currency of all amounts.

    Returns
    -------
    Figure
        ``customdata`` of every point is ``[ISO date]``.
    """
    first, last = period
    rows = [row for row in frame.to_dict("records") if theme.maybe(row.get("p50")) is not None]
    past = won.to_dict("records") if won is not None and len(won) else []
    strokes = said.to_dict("records") if said is not None and len(said) else []
    if not rows and not past:
        return theme.figure(_HEIGHT)

    def say(value: float) -> str:
        return formats.escape_chart(formats.money(value, currency))

    goal = theme.maybe(target)
    values = [theme.number(row[name]) for row in (*rows, *strokes) for name in ("p10", "p90")]
    values += [theme.number(row["won"]) for row in past] + ([goal] if goal is not None else [])
    step = round_step(max(values))
    high = max(*values, step) * 1.04
    drawn = theme.Drawing()
    traces = [*_band(rows, say), *_strokes(drawn, strokes, say), *_won(past, say)]
    scale = (_HEIGHT - _TOP - _BOTTOM) / high
    right = _labels(drawn, rows, goal, scale, last, say)
    if goal is not None:
        drawn.line(first.isoformat(), goal, last.isoformat(), goal, width=1.5)
    now = theme.day(rows[0]["day"]) if rows else theme.day(past[-1]["day"])
    if first < now < last:
        drawn.line(now.isoformat(), 0, now.isoformat(), high, colour=theme.INK[3], dash="dot")
    ticks = [step * place for place in range(1, int(high / step) + 1)]
    names = [theme.short_amount(tick, currency) for tick in ticks]
    left = max((theme.text_width(name, theme.SMALL) for name in names), default=0.0) + 12
    result = theme.figure(_HEIGHT, left=round(max(left, 24)), right=round(right), top=_TOP, bottom=_BOTTOM)
    result.add_traces(traces)
    where, what = week_ticks(first, last, now, weeks=True)
    result.update_xaxes(
        type="date", visible=True, range=[first.isoformat(), last.isoformat()], tickvals=where, ticktext=what,
        tickangle=0,
    )  # fmt: skip
    result.update_yaxes(
        visible=True, range=[0, high], tickvals=ticks, ticktext=names, showgrid=True, gridcolor=theme.GRID,
        tickfont={"size": theme.SMALL, "color": theme.MUTED}, ticklabelstandoff=6,
    )  # fmt: skip
    return drawn.apply(result)


def _band(rows: list[dict[Any, Any]], say: Callable[[float], str]) -> list[Any]:
    """The band of four in five futures and its middle."""
    if not rows:
        return []
    days = [theme.day(row["day"]).isoformat() for row in rows]
    low, middle, high = ([theme.number(row[name]) for row in rows] for name in ("p10", "p50", "p90"))
    hover = [
        f"<b>{say(m)}</b> by {formats.day(theme.day(row['day']))}<br>four in five: {say(lo)} to {say(hi)}"
        for row, lo, m, hi in zip(rows, low, middle, high, strict=True)
    ]
    keys = [[day] for day in days]
    area = theme.points(
        x=[*days, *days[::-1]], y=[*high, *low[::-1]], mode="lines", fill="toself", fillcolor=theme.INK[1],
        line={"width": 0, "color": theme.INK[1]}, hoverinfo="skip", customdata=[*keys, *keys[::-1]],
        hovertext=[*hover, *hover[::-1]],
    )  # fmt: skip
    line = theme.points(
        x=days, y=middle, mode="lines+markers", line={"width": 2, "color": theme.TEXT, "dash": "dot"},
        marker={"size": [5.0] * (len(days) - 1) + [9.0], "color": theme.TEXT, "opacity": 1}, customdata=keys,
        hovertext=hover, cliponaxis=False,
    )  # fmt: skip
    return [area, line]


def _strokes(drawn: theme.Drawing, rows: list[dict[Any, Any]], say: Callable[[float], str]) -> list[Any]:
    """What past days forecast for the end: an upright stroke each, with its middle."""
    if not rows:
        return []
    days = [theme.day(row["day"]) for row in rows]
    for row, day in zip(rows, days, strict=True):
        drawn.line(
            day.isoformat(), theme.number(row["p10"]), day.isoformat(), theme.number(row["p90"]), width=3,
            colour=theme.INK[2],
        )  # fmt: skip
    hover = [
        f"<b>{say(theme.number(row['p50']))}</b> was forecast on {formats.day(day)}<br>"
        f"four in five: {say(theme.number(row['p10']))} to {say(theme.number(row['p90']))}"
        for row, day in zip(rows, days, strict=True)
    ]
    return [
        theme.points(
            x=[day.isoformat() for day in days], y=[theme.number(row["p50"]) for row in rows], mode="markers",
            marker={"size": 8, "color": theme.PAPER, "opacity": 1, "line": {"width": 1.5, "color": theme.TEXT}},
            customdata=[[day.isoformat()] for day in days], hovertext=hover,
        )
    ]  # fmt: skip


def _won(rows: list[dict[Any, Any]], say: Callable[[float], str]) -> list[Any]:
    if not rows:
        return []
    days = [theme.day(row["day"]) for row in rows]
    won = [theme.number(row["won"]) for row in rows]
    return [
        theme.points(
            x=[day.isoformat() for day in days], y=won, mode="lines+markers",
            line={"width": 2.5, "color": theme.WON},
            marker={"size": [5.0] * (len(days) - 1) + [9.0], "color": theme.WON, "opacity": 1,
                    "line": {"width": 1, "color": theme.PAPER}},
            customdata=[[day.isoformat()] for day in days],
            hovertext=[f"<b>{say(w)}</b> won by {formats.day(day)}" for day, w in zip(days, won, strict=True)],
            cliponaxis=False,
        )
    ]  # fmt: skip


def _labels(
    drawn: theme.Drawing, rows: list[dict[Any, Any]], goal: float | None, scale: float, last: dt.date,
    say: Callable[[float], str],
) -> float:  # fmt: skip
    """Name the fan's ends and the target at the right; gives the room that the labels need."""
    ends = [] if goal is None else [(goal, f"<b>{say(goal)}</b> target", theme.TEXT)]
    if rows:
        end = rows[-1]
        names = {"p90": "one in ten above", "p50": "likely", "p10": "one in ten below"}
        for key, word in names.items():
            value = theme.number(end[key])
            text = f"<b>{say(value)}</b> {word}" if key == "p50" else f"{say(value)} {word}"
            ends.append((value, text, theme.TEXT if key == "p50" else theme.MUTED))
    if rows and theme.number(rows[-1]["p90"]) - theme.number(rows[-1]["p10"]) < 1:
        ends = [one for one in ends if one[2] == theme.TEXT]
    ends.sort(key=lambda one: -one[0])
    room = 12.0
    for (value, text, colour), height in zip(ends, apart([value * scale for value, _, _ in ends], []), strict=True):
        drawn.text(last.isoformat(), value, text, dx=12, dy=height - value * scale, colour=colour)
        room = max(room, theme.text_width(text) + 16)
    return room
