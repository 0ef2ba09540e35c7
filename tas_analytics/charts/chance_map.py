"""Open deals by close date and chance, as bubbles."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any, Final

import pandas as pd

from tas_analytics import formats
from tas_analytics.charts import theme
from tas_analytics.charts.theme import Figure

_HEIGHT: Final = 320
_SMALLEST: Final = 7.0
_LARGEST: Final = 34.0
_NAMED: Final = 4
#: How far apart in chance two names must stand.
_APART: Final = 0.07
_MEANINGS: Final = {"commit": theme.COMMIT, "best": theme.BEST, "risk": theme.RISK, "open": theme.OPEN}


def chance_map(
    frame: pd.DataFrame,
    *,
    as_of: dt.date,
    until: dt.date,
    currency: str | None = "USD",
    selected: object = None,
) -> Figure:
    """Open deals by planned close date and chance of being won in the period; a bubble's area is the amount.

    What it is: a scatter of bubbles, the largest named. When to use it: to see which large deals hang in the balance,
    which are planned for the period but will hardly come, and which may come sooner than planned.

    Parameters
    ----------
    frame
        ``id``, ``name``, ``amount``, ``close_date``, ``chance``, ``meaning`` (commit, best, open, risk), ``detail``.
    as_of, until
        Today, and the period's last day; the axis reaches as far beyond it as the period is still long.
    currency
        The currency of the amounts.
    selected
        The id of the chosen deal: an ink outline.

    Returns
    -------
    Figure
        ``customdata`` of every bubble is ``[deal id]``. Deals planned before or after the axis stand at its edge, and
        their hover text says when.
    """
    rows = [row for row in frame.to_dict("records") if theme.maybe(row.get("chance")) is not None]
    if not rows:
        return theme.figure(_HEIGHT)
    span = max((until - as_of).days, 21)
    low, high = as_of - dt.timedelta(days=span // 3), until + dt.timedelta(days=span)
    rows.sort(key=lambda row: (-theme.number(row["amount"]), str(row["id"])))
    largest = max((theme.number(row["amount"]) for row in rows), default=0.0) or 1.0
    marks = theme.Marks(*_MEANINGS.values())
    drawn = theme.Drawing()
    named: list[float] = []
    for place, row in enumerate(rows):
        close = None if theme.is_missing(row["close_date"]) else theme.day(row["close_date"])
        x = high if close is None else min(max(close, low), high)
        chance = theme.number(row["chance"])
        size = min(max(_LARGEST * math.sqrt(max(theme.number(row["amount"]), 0) / largest), _SMALLEST), _LARGEST)
        chosen = selected is not None and row["id"] == selected
        marks.add(
            _MEANINGS.get(theme.raw(row.get("meaning")), theme.OPEN), x=x.isoformat(), y=chance, size=round(size, 1),
            ring=theme.TEXT if chosen else theme.PAPER, customdata=[theme.plain(row["id"])], ids=str(row["id"]),
            hovertext=_hover(row, close, currency),
        )  # fmt: skip
        if len(named) < _NAMED and place < 3 * _NAMED and theme.number(row["amount"]) > 0 and low < x < high:
            left = (x - low).days > (high - low).days * 0.55
            # A name that would run into another one is left out: the hover text has it.
            if any(abs(chance - other) < _APART for other in named):
                continue
            named.append(chance)
            drawn.text(
                x.isoformat(), chance, theme.fit(row["name"], 120, theme.SMALL), size=theme.SMALL,
                anchor="right" if left else "left", dx=(-1 if left else 1) * (size / 2 + 4),
            )  # fmt: skip
    drawn.line(until.isoformat(), 0, until.isoformat(), 1, width=1)
    drawn.line(as_of.isoformat(), 0, as_of.isoformat(), 1, colour=theme.INK[3], dash="dot")
    # Near the period's end the two words would stand upon each other.
    near = (until - as_of).days < (high - low).days / 6
    at_end: theme.Side = "left" if near else "center"
    at_today: theme.Side = "right" if near else "center"
    small: dict[str, Any] = {"valign": "bottom", "size": theme.SMALL}
    away = 4 if near else 0
    drawn.text(until.isoformat(), 1.03, "period ends", anchor=at_end, dx=away, **small)
    drawn.text(as_of.isoformat(), 1.03, "today", anchor=at_today, dx=-away, colour=theme.MUTED, **small)
    result = theme.figure(_HEIGHT, left=44, right=14, top=24, bottom=26)
    for colour, trace in marks.items():
        result.add_trace(
            theme.points(
                x=trace["x"], y=trace["y"], mode="markers", customdata=trace["customdata"], ids=trace["ids"],
                hovertext=trace["hovertext"], cliponaxis=False,
                marker={"size": trace["size"], "color": colour, "opacity": 1,
                        "line": {"width": 1, "color": trace["ring"]}},
            )
        )  # fmt: skip
    days = [low + dt.timedelta(days=round((high - low).days * part / 4)) for part in (0.5, 1.5, 2.5, 3.5)]
    result.update_xaxes(
        type="date", visible=True, range=[low.isoformat(), high.isoformat()], tickangle=0,
        tickvals=[day.isoformat() for day in days], ticktext=[formats.day(day, year=False) for day in days],
    )  # fmt: skip
    result.update_yaxes(
        visible=True, range=[-0.03, 1.03], tickvals=[0, 0.25, 0.5, 0.75, 1], showgrid=True, gridcolor=theme.GRID,
        ticktext=[formats.percent(share) for share in (0, 0.25, 0.5, 0.75, 1)],
        tickfont={"size": theme.SMALL, "color": theme.MUTED}, ticklabelstandoff=6,
    )  # fmt: skip
    return drawn.apply(result)


def _hover(row: dict[Any, Any], close: dt.date | None, currency: str | None) -> str:
    when = "no close date" if close is None else f"planned for {formats.day(close)}"
    amount = theme.maybe(row["amount"])
    told = [
        f"<b>{theme.clean(row['name'])}</b>",
        f"{formats.percent(theme.number(row['chance']))} to be won in the period, {when}",
        "no amount" if amount is None else formats.escape_chart(formats.money(amount, currency)),
    ]
    return "<br>".join([*told, *([theme.clean(row["detail"])] if row.get("detail") else [])])
