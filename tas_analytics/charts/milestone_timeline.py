"""The milestones of one deal on a time axis: planned, reached, overdue."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from tas_analytics import formats
from tas_analytics.charts import theme
from tas_analytics.charts.history import month_ticks
from tas_analytics.charts.theme import Figure

_PITCH: Final = 32
_BAND: Final = 18
_TOP: Final = 22
#: Room at both ends of the axis, as a share of its length, so that marks at the ends are whole.
_AIR: Final = 0.03
#: Room that words beside a mark need, in pixels on a phone.
_BESIDE: Final = 96


@dataclass(frozen=True)
class _Row:
    label: str
    key: object
    target: dt.date | None
    achieved: dt.date | None
    overdue: bool


def milestone_timeline(
    frame: pd.DataFrame, *, as_of: dt.date | None = None, stages: pd.DataFrame | None = None
) -> Figure:
    """One line per milestone: a tick at its target, a mark where it was reached or stands now.

    What it is: label above its line; ● reached, ○ due, ◆ overdue with the days in words. When to use it: on a deal's
    page, to see which steps of the customer were late and which are missing.

    Parameters
    ----------
    frame
        In the order in which they are drawn: ``name``, ``key``, ``target_date``, ``achieved_date``, ``is_overdue``.
        Milestones without any date are left out.
    as_of
        The day the data is of: an ink line, on which overdue milestones stand.
    stages
        Optional band on top: ``stage``, ``start``, ``end`` in the order of time.

    Returns
    -------
    Figure
        ``customdata`` of every mark is ``[key]``.
    """
    rows = [_row(row) for row in frame.to_dict("records")] if len(frame.columns) else []
    rows = [row for row in rows if row.target or row.achieved]
    if not rows:
        return theme.figure(_PITCH)
    band = _band_rows(stages)
    first, last = _ends(rows, band, as_of)
    height = _PITCH * len(rows) + 6 + (_BAND + 8 if band else 0)
    figure = theme.figure(height + _TOP + 26, left=6, right=6, top=_TOP, bottom=26)
    drawn = theme.Drawing()
    marks = theme.Marks(theme.RISK, theme.TEXT, theme.LINE)
    scale = (theme.PHONE - 12) / max((last - first).days, 1)
    for place, row in enumerate(rows):
        _draw(drawn, marks, row, height - (_BAND + 8 if band else 0) - _PITCH * place - 25, (first, last), as_of, scale)
    if band:
        _draw_band(drawn, band, height, (first, last), scale)
    if as_of is not None:
        drawn.line(as_of.isoformat(), 0, as_of.isoformat(), height)
        drawn.text(
            as_of.isoformat(), height, formats.day(as_of, year=False), anchor="center", valign="bottom",
            size=theme.SMALL, dy=3,
        )  # fmt: skip
    for colour, trace in marks.items():
        symbols = trace.pop("symbol")
        hollow = [symbol.endswith("open") for symbol in symbols]
        figure.add_trace(
            theme.points(
                mode="markers",
                marker={
                    "symbol": symbols, "size": [11 if s.startswith("diamond") else 10 for s in symbols],
                    "color": colour, "opacity": 1,
                    "line": {"width": [2 if one else 0 for one in hollow], "color": colour},
                },
                cliponaxis=False,
                **trace,
            )
        )  # fmt: skip
    # There is no margin at the left, so a month that begins right at the edge would lose half its name.
    where, what = month_ticks(first + (last - first) * 0.08, last)
    figure.update_xaxes(
        type="date",
        visible=True,
        range=[first.isoformat(), last.isoformat()],
        tickvals=where,
        ticktext=what,
        tickangle=0,
    )
    figure.update_yaxes(range=[0, height])
    return drawn.apply(figure)


def _row(row: dict[Any, Any]) -> _Row:
    target, achieved = row.get("target_date"), row.get("achieved_date")
    return _Row(
        theme.raw(row.get("name")),
        theme.plain(row.get("key")),
        None if theme.is_missing(target) else theme.day(target),
        None if theme.is_missing(achieved) else theme.day(achieved),
        bool(row.get("is_overdue")) and not theme.is_missing(row.get("is_overdue")),
    )


def _band_rows(stages: pd.DataFrame | None) -> list[tuple[str, dt.date, dt.date]]:
    if stages is None or stages.empty:
        return []
    return [
        (theme.raw(row["stage"]), theme.day(row["start"]), theme.day(row["end"])) for row in stages.to_dict("records")
    ]


def _ends(rows: list[_Row], band: list[tuple[str, dt.date, dt.date]], as_of: dt.date | None) -> tuple[dt.date, dt.date]:
    """First and last day of the axis, with a little air at both ends."""
    days = [day for row in rows for day in (row.target, row.achieved) if day] + ([as_of] if as_of else [])
    days += [start for _, start, _ in band]
    span = max((max(days) - min(days)).days, 14)
    air = dt.timedelta(days=max(2, round(_AIR * span)))
    return min(days) - air, max(days) + air


def _draw(
    drawn: theme.Drawing,
    marks: theme.Marks,
    row: _Row,
    y: float,
    ends: tuple[dt.date, dt.date],
    as_of: dt.date | None,
    scale: float,
) -> None:
    """One milestone: its line, its label, the tick, the mark and how far apart they are in words."""
    first, last = ends
    now = as_of if row.overdue and as_of else None
    mark = row.achieved or now or row.target or first
    drawn.line(first.isoformat(), y, last.isoformat(), y, colour=theme.GRID, layer="below")
    drawn.left(y + 13, theme.fit(row.label, theme.PHONE - 20, theme.SMALL), size=theme.SMALL, dx=-4)
    colour = theme.RISK if row.overdue else theme.TEXT if row.achieved else theme.LINE
    late = 0
    if row.target is not None:
        late = (mark - row.target).days
        if late:
            drawn.line(
                min(row.target, mark).isoformat(), y, max(row.target, mark).isoformat(), y, width=2,
                colour=theme.RISK if row.overdue else theme.LINE,
            )  # fmt: skip
        if row.achieved or row.overdue:
            drawn.line(row.target.isoformat(), y - 5, row.target.isoformat(), y + 5, width=2, colour=theme.MUTED)
    if late > 0:
        days = formats.count(late, "day")
        words = theme.strong(f"{days} overdue") if row.overdue else f"{days} late"
        room = (last - mark).days * scale > _BESIDE and not row.overdue
        place, side, dx = (mark, "right", 9) if room else (row.target or mark, "left", -7)
        if room or ((row.target or mark) - first).days * scale > _BESIDE:
            drawn.text(
                place.isoformat(), y, words, size=theme.SMALL, dx=dx, anchor="left" if side == "right" else "right",
                colour=theme.TEXT if row.overdue else theme.MUTED,
            )  # fmt: skip
    symbol = "diamond" if row.overdue else "circle" if row.achieved else "circle-open"
    marks.add(
        colour, x=mark.isoformat(), y=y, symbol=symbol, customdata=[row.key], hovertext=_hover(row, late),
    )  # fmt: skip


def _hover(row: _Row, late: int) -> str:
    said = [f"<b>{theme.clean(row.label)}</b>"]
    if row.target:
        said.append(f"target {formats.day(row.target)}")
    if row.achieved:
        said.append(f"reached {formats.day(row.achieved)}")
    if late > 0:
        said.append(f"{formats.count(late, 'day')} {'overdue' if row.overdue else 'late'}")
    return "<br>".join(said)


def _draw_band(
    drawn: theme.Drawing,
    band: list[tuple[str, dt.date, dt.date]],
    height: float,
    ends: tuple[dt.date, dt.date],
    scale: float,
) -> None:
    """The stages over the axis, the present one darker."""
    first, last = ends
    for place, (stage, start, end) in enumerate(band):
        begin, until = max(start, first), min(max(end, start), last)
        current = place == len(band) - 1
        drawn.box(
            begin.isoformat(), height - _BAND, until.isoformat(), height, fill=theme.INK[1 if current else 0],
            colour=theme.PAPER, width=1, layer="below",
        )  # fmt: skip
        room = (until - begin).days * scale - 8
        if room > 22:
            drawn.text(
                begin.isoformat(), height - _BAND / 2, theme.fit(stage, room, 11.5), size=11.5, dx=4,
                colour=theme.TEXT if current else theme.MUTED,
            )  # fmt: skip
