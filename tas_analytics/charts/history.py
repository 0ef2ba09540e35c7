"""One deal's life: amount over time, stages above it, close-date moves below it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pandas as pd

from tas_analytics import formats
from tas_analytics.charts import theme
from tas_analytics.charts.theme import Figure

# heights in pixels, from the bottom: the row of close dates, the amount, the stage band
_CLOSE, _AMOUNT, _BAND, _GAP = 46, 104, 20, 16
_HEIGHT = _CLOSE + _AMOUNT + 2 * _GAP + _BAND


def history(
    frame: pd.DataFrame, *, as_of: dt.date | None = None, currency: str | None = "USD", width: float = theme.PHONE
) -> Figure:
    """A step line of the amount with the stages as a band and the close-date moves as ticks.

    What it is: three rows on one time axis, one for each thing that moves. When to use it: on a
    deal's page, to see whether amount, stage and close date moved together or drifted.

    Parameters
    ----------
    frame
        The versions in the order of time: ``valid_from``, ``valid_to`` (empty for the current
        one), ``stage``, ``amount``, ``close_date``.
    as_of
        The day the data is of; an ink line. Without it, the last day in the frame.
    currency
        The currency of the amounts.
    width
        The least width in pixels at which it is drawn.

    Returns
    -------
    Figure
        ``customdata`` of every point is ``[ISO date of the change]``. A later close date is
        amber and says by how many days; labels that would meet at the least width are left to the hover.
    """
    rows = frame.to_dict("records")
    if not rows:
        return theme.figure(_CLOSE)
    life = _life(rows, as_of, currency, width)
    drawn = theme.Drawing()
    result = theme.figure(_HEIGHT + 46, left=4, right=life.right, top=22, bottom=24)
    result.add_traces([_bands(drawn, life), _amounts(drawn, life, currency)])
    moves = _moves(drawn, life)
    if moves is not None:
        result.add_trace(moves)
    if as_of is not None:
        drawn.line(as_of.isoformat(), 0, as_of.isoformat(), _HEIGHT)
        text = formats.day(as_of, year=False)
        drawn.text(as_of.isoformat(), _HEIGHT, text, anchor="center", valign="bottom", size=theme.SMALL, dy=3)
    where, what = month_ticks(life.first, life.last)
    ends = [life.first.isoformat(), life.last.isoformat()]
    result.update_xaxes(type="date", visible=True, range=ends, tickvals=where, ticktext=what, tickangle=0)
    result.update_yaxes(range=[0, _HEIGHT])
    return drawn.apply(result)


@dataclass
class _Version:
    start: dt.date
    end: dt.date
    stage: object
    amount: float | None
    close: dt.date | None


@dataclass
class _Life:
    """The versions of a deal and the time axis they are drawn on."""

    versions: list[_Version]
    first: dt.date
    last: dt.date
    #: What stands right of the plot: the amount and the close date of today, and the room for them.
    amount: str
    close: str
    right: int
    #: The least width at which it is drawn: what is written must have room then.
    width: float = theme.PHONE

    def pixel(self, day: dt.date) -> float:
        """Where a day stands at the least width, in pixels."""
        return (day - self.first).days / (self.last - self.first).days * (self.width - self.right)


def _life(rows: list[dict[Any, Any]], as_of: dt.date | None, currency: str | None, width: float) -> _Life:
    starts = [theme.day(row["valid_from"]) for row in rows]
    ends = [None if theme.is_missing(row["valid_to"]) else theme.day(row["valid_to"]) for row in rows]
    known = [*starts, *(end for end in ends if end is not None), *([as_of] if as_of else [])]
    first, last = min(starts), max([*known, min(starts) + dt.timedelta(days=1)])
    versions = [
        _Version(
            start,
            last if end is None else end,
            row["stage"],
            theme.maybe(row["amount"]),
            None if theme.is_missing(row["close_date"]) else theme.day(row["close_date"]),
        )
        for row, start, end in zip(rows, starts, ends, strict=True)
    ]
    amount, close = versions[-1].amount, versions[-1].close
    texts = (
        "" if amount is None else theme.strong(formats.escape_chart(formats.money(amount, currency))),
        "" if close is None else theme.strong(formats.day(close, year=close.year != last.year)),
    )
    right = round(max(30.0, *(theme.text_width(text) + 14 for text in texts)))
    return _Life(versions, first, last, *texts, right, width)


def _bands(drawn: theme.Drawing, life: _Life) -> Any:
    """Draw the stages as a band, consecutive versions of one stage joined; its marks carry the hover."""
    bands: list[tuple[object, dt.date, dt.date]] = []
    for version in life.versions:
        joins = bands and bands[-1][0] == version.stage
        start = bands.pop()[1] if joins else version.start
        bands.append((version.stage, start, version.end))
    low, middle = _HEIGHT - _BAND, _HEIGHT - _BAND / 2
    marks = theme.Marks(theme.CLEAR)
    for i, (stage, start, end) in enumerate(bands):
        current = i == len(bands) - 1
        drawn.box(
            start.isoformat(),
            low,
            end.isoformat(),
            _HEIGHT,
            fill=theme.INK[1 if current else 0],
            colour=theme.PAPER,
            width=1,
            layer="below",
        )
        room = life.pixel(end) - life.pixel(start) - 8
        if room > 22:
            tone = theme.TEXT if current else theme.MUTED
            drawn.text(start.isoformat(), middle, theme.fit(stage, room, 11.5), size=11.5, colour=tone, dx=4)
        days = formats.count((end - start).days, "day")
        marks.add(
            theme.CLEAR,
            x=(start + (end - start) / 2).isoformat(),
            y=middle,
            customdata=[start.isoformat()],
            hovertext=f"<b>{theme.clean(stage)}</b><br>from {formats.day(start)}, {days}",
        )
    return theme.points(
        mode="markers", marker={"size": 16, "color": theme.CLEAR, "line": {"width": 0}}, **marks.traces[theme.CLEAR]
    )


def _amounts(drawn: theme.Drawing, life: _Life, currency: str | None) -> Any:
    """Draw the amount as a step line, scaled into its own row from zero."""
    versions = life.versions
    base = _CLOSE + _GAP
    peak = max((version.amount or 0.0 for version in versions), default=0.0) or 1.0
    heights = [None if v.amount is None else base + 0.88 * _AMOUNT * max(v.amount, 0.0) / peak for v in versions]
    changes = [i for i, v in enumerate(versions) if i == 0 or v.amount != versions[i - 1].amount]
    drawn.line(life.first.isoformat(), base, life.last.isoformat(), base, colour=theme.RULE)
    drawn.text(life.last.isoformat(), heights[-1], life.amount, dx=8)
    for i, after in zip(changes, [*changes[1:], None], strict=True):
        text = formats.escape_chart(formats.money(versions[i].amount, currency))
        until = life.pixel(life.last if after is None else versions[after].start)
        fits = theme.text_width(text, theme.SMALL) + 6 < until - life.pixel(versions[i].start)
        # the last amount stands at the right edge already
        if heights[i] is not None and fits and (after is not None or i == 0):
            fell = i > 0 and (versions[i].amount or 0.0) < (versions[i - 1].amount or 0.0)
            drawn.text(
                versions[i].start.isoformat(),
                heights[i],
                text,
                size=theme.SMALL,
                colour=theme.MUTED,
                valign="top" if fell else "bottom",
                dx=5,
                dy=-3 if fell else 2,
            )
    hovers = [
        f"<b>{formats.escape_chart(formats.money(v.amount, currency))}</b>"
        f"<br>since {formats.day(v.start)}, {theme.clean(v.stage)}"
        for v in versions
    ]
    days = [version.start.isoformat() for version in versions]
    size = [7.0 if i in changes else 0.1 for i in range(len(versions))]
    return theme.points(
        x=[*days, versions[-1].end.isoformat()],
        y=[*heights, heights[-1]],
        mode="lines+markers",
        line={"color": theme.TEXT, "width": 2, "shape": "hv"},
        marker={"size": [*size, 0.1], "color": theme.TEXT, "opacity": 1, "line": {"width": 0}},
        cliponaxis=False,
        customdata=[[day] for day in [*days, days[-1]]],
        hovertext=[*hovers, hovers[-1]],
    )


def _moves(drawn: theme.Drawing, life: _Life) -> Any:
    """Draw a tick whenever the expected close date changed, amber where it moved out."""
    y = 12
    marks = theme.Marks(theme.TEXT)
    moves: list[tuple[dt.date, str, bool]] = []
    before: dt.date | None = None
    for version in life.versions:
        if version.close is None or version.close == before:
            continue
        shift = 0 if before is None else (version.close - before).days
        word = f"{formats.count(abs(shift), 'day')} {'later' if shift > 0 else 'earlier'}: "
        note = f"{formats.number(shift, sign=True)} d" if shift else formats.day(version.close, year=False)
        moves.append((version.start, note, shift > 0))
        marks.add(
            theme.TEXT,
            x=version.start.isoformat(),
            y=y,
            colour=theme.RISK if shift > 0 else theme.LINE,
            customdata=[version.start.isoformat()],
            hovertext=f"<b>{word if shift else 'planned for '}{formats.day(version.close)}</b>"
            f"<br>on {formats.day(version.start)}",
        )
        before = version.close
    if not moves:
        return None
    drawn.left(_CLOSE - 6, "Expected close", size=theme.SMALL, colour=theme.MUTED)
    drawn.line(life.first.isoformat(), y, life.last.isoformat(), y, colour=theme.GRID, layer="below")
    drawn.text(life.last.isoformat(), y, life.close, dx=8)
    for (start, note, later), after in zip(moves, [*(move[0] for move in moves[1:]), life.last], strict=True):
        if theme.text_width(note, theme.SMALL, bold=later) + 10 < life.pixel(after) - life.pixel(start):
            tone = theme.TEXT if later else theme.MUTED
            drawn.text(start.isoformat(), y, theme.strong(note, later), size=theme.SMALL, colour=tone, dx=6)
    trace = marks.traces[theme.TEXT]
    colours = trace.pop("colour")
    look = {"size": 14, "symbol": "line-ns-open", "color": colours, "line": {"width": 2.5, "color": colours}}
    return theme.points(mode="markers", marker=look | {"opacity": 1}, cliponaxis=False, **trace)


def month_ticks(first: dt.date, last: dt.date) -> tuple[list[str], list[str]]:
    """Ticks at firsts of months, at most seven; the year where it begins."""
    months = []
    at = first.year * 12 + first.month  # the month after the first day's
    while dt.date(at // 12, at % 12 + 1, 1) <= last:
        months.append(dt.date(at // 12, at % 12 + 1, 1))
        at += 1
    if not months:
        return [first.isoformat()], [formats.day(first)]
    every = -(-len(months) // 6)
    months = months[::every]
    names = [
        f"{month:%b}" + (f" {month.year}" if i == 0 or month.year != months[i - 1].year else "")
        for i, month in enumerate(months)
    ]
    return [month.isoformat() for month in months], names
