"""How a few amounts moved over the weeks of a period."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

import pandas as pd

from tas_analytics import formats
from tas_analytics.charts import theme
from tas_analytics.charts.theme import Figure

_HEIGHT, _TOP, _BOTTOM = 220, 14, 24
_LINE = 17.0
Unit = Literal["money", "share", "number"]


def trend(
    frame: pd.DataFrame,
    *,
    period: tuple[dt.date, dt.date] | None = None,
    target: float | None = None,
    target_label: str = "target",
    unit: Unit = "money",
    currency: str | None = "USD",
) -> Figure:
    """Lines by date, each named with its last value at its end.

    What it is: one line a series, a dot at every point, the target a straight ink line. When to
    use it: to see a few related amounts (won, won and commit) move through a quarter.

    Parameters
    ----------
    frame
        ``date``, ``series`` (the name written at the line's end), ``value``; optionally
        ``meaning`` for the colour, else the series' own name is tried. Points of one series must
        be in the order of time; a missing value leaves a gap.
    period
        First and last day. With it the axis spans the whole period and counts weeks
        ("wk 1 … 7, now … 13"); without it, it spans the data and names days.
    target, target_label
        A level to compare with, and what to call it.
    unit, currency
        How values are written: money, a share (63 %) or a plain number.

    Returns
    -------
    Figure
        ``customdata`` of every point is ``[ISO date, series]``.
    """
    data = frame[frame["date"].notna()] if len(frame) else frame
    if data.empty:
        return theme.figure(_HEIGHT)

    def say(number: float | None) -> str:
        if unit == "money":
            return formats.escape_chart(formats.money(number, currency))
        return formats.percent(number) if unit == "share" else formats.number(number)

    goal = theme.maybe(target)
    series: dict[Any, list[tuple[dt.date, float | None, Any]]] = {}
    for row in data.to_dict("records"):
        word = row.get("meaning") or row["series"]
        series.setdefault(row["series"], []).append((theme.day(row["date"]), theme.maybe(row["value"]), word))
    values = [value for line in series.values() for _, value, _ in line if value is not None]
    values += [goal] if goal is not None else []
    if not values:
        return theme.figure(_HEIGHT)
    days = [day for line in series.values() for day, _, _ in line]
    first, last = period or (min(days), max(days))
    last = max(last, *days, first + dt.timedelta(days=1))
    low = min(*values, 0.0)
    step = round_step(max(values) - low)
    high = max(*values, low + step) + 0.04 * (max(values) - low)

    drawn = theme.Drawing()
    result_traces = []
    ends: list[tuple[dt.date, float, str]] = []
    for name, line in series.items():
        tone = theme.meaning(line[-1][2])
        result_traces.append(
            theme.points(
                x=[day.isoformat() for day, _, _ in line],
                y=[value for _, value, _ in line],
                mode="lines+markers",
                line={"color": tone, "width": 2.5},
                marker={
                    "size": [5.0] * (len(line) - 1) + [9.0],
                    "color": tone,
                    "opacity": 1,
                    "line": {"width": 1, "color": theme.PAPER},
                },
                connectgaps=False,
                cliponaxis=False,
                customdata=[[day.isoformat(), theme.plain(name)] for day, _, _ in line],
                hovertext=[f"<b>{say(value)}</b> {theme.clean(name)}<br>{formats.day(day)}" for day, value, _ in line],
            )
        )
        known = [(day, value) for day, value, _ in line if value is not None]
        if known:
            ends.append((known[-1][0], known[-1][1], f"<b>{say(known[-1][1])}</b> {theme.fit(name, 110)}"))

    # labels right of the last points; where lines end close together the labels move apart
    scale = (_HEIGHT - _TOP - _BOTTOM) / (high - low)
    ends.sort(key=lambda end: -end[1])
    fixed = [(goal - low) * scale] if goal is not None else []
    heights = apart([(value - low) * scale for _, value, _ in ends], fixed)
    right = 12.0
    span = (last - first).days
    for (day, value, text), height in zip(ends, heights, strict=True):
        drawn.text(day.isoformat(), value, text, dx=10, dy=height - (value - low) * scale)
        free = (last - day).days / span * 200
        right = max(right, theme.text_width(text) + 14 - free)
    if goal is not None:
        text = f"<b>{say(goal)}</b> {theme.clean(target_label)}"
        drawn.line(first.isoformat(), goal, last.isoformat(), goal, width=1.5)
        drawn.text(last.isoformat(), goal, text, dx=10)
        right = max(right, theme.text_width(text) + 14)
    ticks = [step * i for i in range(int(low // step), int(high / step) + 1)]
    names = [
        "" if tick == 0 else (theme.short_amount(tick, currency) if unit == "money" else say(tick)) for tick in ticks
    ]
    left = max((theme.text_width(name, theme.SMALL) for name in names), default=0.0) + 12
    result = theme.figure(_HEIGHT, left=round(max(left, 24)), right=round(right), top=_TOP, bottom=_BOTTOM)
    result.add_traces(result_traces)
    monthly = period is None and len(days) > 1 and all(day.day == 1 for day in days)
    where, what = _months(sorted(days)) if monthly else week_ticks(first, last, max(days), weeks=period is not None)
    result.update_xaxes(
        type="date",
        visible=True,
        range=[first.isoformat(), last.isoformat()],
        tickvals=where,
        ticktext=what,
        tickangle=0,
    )
    result.update_yaxes(
        visible=True,
        range=[low, high],
        tickvals=ticks,
        ticktext=names,
        showgrid=True,
        gridcolor=theme.GRID,
        tickfont={"size": theme.SMALL, "color": theme.MUTED},
        ticklabelstandoff=6,
    )
    return drawn.apply(result)


def round_step(span: float) -> float:
    """A round step that gives three to five lines."""
    size = 1.0
    span = span or 1.0
    while span / size > 10:
        size *= 10
    while span / size <= 1:
        size /= 10
    return next(size * part for part in (0.2, 0.25, 0.5, 1, 2, 2.5) if span / (size * part) <= 5)


def apart(heights: list[float], fixed: list[float]) -> list[float]:
    """Move label heights, given from top to bottom, a line apart and off the fixed ones.

    The nearest free places that keep the order: each label goes where it belongs if it can, else
    just below what is in its way; only the topmost may go above a fixed one.
    """
    out: list[float] = []
    for wanted in heights:
        place = min(wanted, out[-1] - _LINE) if out else wanted
        for level in fixed:
            if abs(place - level) < 0.85 * _LINE:
                above = level + 0.85 * _LINE
                free = not out or out[-1] - above >= _LINE
                place = above if free and wanted >= level else level - 0.85 * _LINE
        out.append(place)
    return out


def _months(days: list[dt.date]) -> tuple[list[str], list[str]]:
    """Ticks for values that each stand for a month: at most five of them, the last always among them."""
    step = -(-len(days) // 5)
    chosen = days[::-1][::step][::-1]
    names = [f"{day:%b}" + (f" {day.year}" if index == 0 or day.month == 1 else "") for index, day in enumerate(chosen)]
    return [day.isoformat() for day in chosen], names


def week_ticks(first: dt.date, last: dt.date, now: dt.date, *, weeks: bool) -> tuple[list[str], list[str]]:
    """Where the ticks stand and what they say."""
    if weeks:
        count = (last - first).days // 7 + 1
        current = min((now - first).days // 7, count - 1)
        chosen = list(range(0, count, 3)) if count <= 16 else list(range(0, count, 13))
        if current > 0 and now < last:
            chosen = sorted(
                [week for week in chosen if week == current or abs(week - current) > max(count // 9, 1)]
                + ([] if current in chosen else [current])
            )
        where = [first + dt.timedelta(weeks=week) for week in chosen]
        what = [
            ("wk 1" if week == 0 else str(week + 1)) + (", now" if week == current and week else "") for week in chosen
        ]
        return [day.isoformat() for day in where], what
    span = (last - first).days
    parts = min(4, span)
    where = [first + dt.timedelta(days=round(span * part / parts)) for part in range(parts + 1)]
    return [day.isoformat() for day in where], [formats.day(day, year=False) for day in where]
