"""What became of an amount between two days, as a ledger of floating bars."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from tas_analytics import formats
from tas_analytics.charts import theme
from tas_analytics.charts.theme import Figure

_PITCH: Final = 34
_HALF: Final = 0.34
_TICK: Final = 0.4
#: Pixels right of the plot for the deals, and for the amounts before them.
_DEALS: Final = 52
_AMOUNTS: Final = 66
#: Room at the cut axis' ends, as a share of what is drawn.
_AIR: Final = 0.04
_UNITS: Final = ((1e9, "B"), (1e6, "M"), (1e3, "k"))


def waterfall(
    frame: pd.DataFrame,
    *,
    value: str = "amount",
    currency: str | None = "USD",
    selected: object = None,
    counts: bool = True,
) -> Figure:
    """A horizontal ledger: one row for the start, one for each cause, one for the end.

    What it is: label, floating bar, signed amount and number of deals, row by row. Start and end are ink
    ticks, not bars, because the axis is cut; a dotted line from the start leads to the end's net. When to use it:
    to say why a total is another one than before.

    Parameters
    ----------
    frame
        ``key``, ``label``, ``kind`` ("start", "move", "at" for a place on the way, or "end"), ``amount`` (signed for
        moves), ``deals`` (None where a row counts none) and ``meaning``; from top to bottom.
    value
        ``"amount"``, or ``"deals"`` to draw a column ``signed_deals`` instead.
    currency
        The currency of the amounts.
    selected
        The key of the chosen row: bold, with an ink outline.
    counts
        Whether a column tells the deals of each row.

    Returns
    -------
    Figure
        ``customdata`` of every row is ``[key]``; the whole row takes the click.
    """
    rows = frame.to_dict("records")
    if not rows:
        return theme.figure(_PITCH)
    column = "amount" if value == "amount" else "signed_deals"
    divisor, suffix, digits = unit([theme.number(row[column]) for row in rows], count=value != "amount")
    spans = _spans(rows, column)
    low, high = min(min(span) for span in spans), max(max(span) for span in spans)
    air = (high - low) * _AIR or abs(high) * _AIR or 1.0
    low, high = low - air, high + air
    last = len(rows) - 1
    drawn = theme.Drawing()
    if value == "amount":
        head = f"{formats.escape_chart(formats.currency_symbol(currency))}{suffix}" if currency else suffix
        drawn.right(last + 0.62, head or "amount", _AMOUNTS, size=theme.SMALL, colour=theme.MUTED)
    if counts or value != "amount":
        drawn.right(last + 0.62, "deals", _right(value), size=theme.SMALL, colour=theme.MUTED)
    bars = theme.Marks(*dict.fromkeys(theme.meaning(row.get("meaning")) for row in rows))
    ys, labels, hovers = [], [], []
    for i, (row, span) in enumerate(zip(rows, spans, strict=True)):
        y = last - i
        chosen = selected is not None and row["key"] == selected
        move = row["kind"] == "move"
        number = theme.number(row[column]) / divisor
        text = formats.number(number, digits, sign=move)
        drawn.right(y, theme.strong(text), _AMOUNTS if value == "amount" else _right(value))
        n = theme.maybe(row.get("deals"))
        if value == "amount" and counts:
            drawn.right(y, "–" if n is None else formats.number(n), _right(value), colour=theme.MUTED)
        hover = [theme.strong(theme.clean(row["label"])), _said(row, value, currency)]
        hovers.append("<br>".join(hover))
        labels.append(theme.strong(theme.fit(row["label"], theme.LEFT_CAP, bold=chosen), chosen))
        ys.append(y)
        if move:
            bars.add(
                theme.meaning(row.get("meaning")), x=span[1] - span[0], base=span[0], y=y,
                customdata=[theme.plain(row["key"])], ids=str(row["key"]), hovertext=hovers[-1],
            )  # fmt: skip
            if chosen:
                drawn.box(min(span), y - _HALF, max(span), y + _HALF, colour=theme.TEXT, width=1.5)
            drawn.line(span[1], y - _HALF, span[1], y - 1 + (_HALF if i + 1 < last else 0), colour=theme.INK[3])
    _start_and_end(drawn, rows, spans, (column, divisor, digits), (low, high))

    result = theme.figure(
        _PITCH * len(rows) + 26,
        left=theme.left_margin(row["label"] for row in rows),
        right=(_right(value) if counts else _AMOUNTS) + 4,
        top=0,
    )
    shared = {"customdata": [[theme.plain(row["key"])] for row in rows], "ids": [f"row {row['key']}" for row in rows]}
    # The empty rest of the row takes the click too: a small bar is hard to hit.
    result.add_trace(
        theme.bars(x=[high - low] * len(rows), base=[low] * len(rows), y=ys, width=1, marker={"color": theme.CLEAR},
                   hovertext=hovers, **shared)
    )  # fmt: skip
    for colour, trace in bars.items():
        result.add_trace(theme.bars(width=2 * _HALF, marker={"color": colour}, **trace))
    result.update_xaxes(range=[low, high])
    result.update_yaxes(visible=True, tickvals=ys, ticktext=labels, ticklabelstandoff=8, range=[-0.5, last + 0.95])
    return drawn.apply(result)


def unit(values: list[float], *, count: bool = False) -> tuple[float, str, int]:
    """One unit for all numbers of a chart or table: what to divide by, its letter, and the digits after the point."""
    largest = max((abs(value) for value in values), default=0.0)
    if not count:
        for divisor, suffix in _UNITS:
            if largest >= divisor:
                return divisor, suffix, 2 if suffix != "k" else 0
    return 1.0, "", 0


def _right(value: str) -> int:
    return _AMOUNTS + _DEALS if value == "amount" else _AMOUNTS


def _spans(rows: list[dict[Any, Any]], column: str) -> list[tuple[float, float]]:
    """Where each row's bar begins and ends; start and end are places."""
    at = 0.0
    spans = []
    for row in rows:
        number = theme.number(row[column])
        if row["kind"] == "move":
            spans.append((at, at + number))
            at += number
        else:
            at = number
            spans.append((at, at))
    return spans


def _start_and_end(
    drawn: theme.Drawing,
    rows: list[dict[Any, Any]],
    spans: list[tuple[float, float]],
    scale: tuple[str, float, int],
    bounds: tuple[float, float],
) -> None:
    """Draw the ink ticks, the dotted line from the start, and the net at the end."""
    last = len(rows) - 1
    places = [(last - i, span[0], row["kind"]) for i, (row, span) in enumerate(zip(rows, spans, strict=True))]
    for y, x, kind in places:
        if kind != "move":
            drawn.line(x, y - _TICK, x, y + _TICK, width=3)
    start = next((x for _, x, kind in places if kind == "start"), None)
    end = next(((y, x) for y, x, kind in places if kind == "end"), None)
    if start is None or end is None:
        return
    column, divisor, digits = scale
    y, x = end
    drawn.line(start, last - _TICK, start, y, colour=theme.MUTED, dash="dot")
    drawn.line(start, y, x, y)
    net = theme.number(rows[-1][column]) - theme.number(rows[0][column])
    text = f"<b>{formats.number(net / divisor, digits, sign=True)}</b> net"
    # On a phone, where room is scarcest: right of the line, else above it, else left of it.
    pixels = (theme.PHONE - 240) / (bounds[1] - bounds[0])
    need, left, right = theme.text_width(text) + 10, min(x, start), max(x, start)
    if (bounds[1] - right) * pixels > need:
        drawn.text(right, y, text, dx=8)
    elif (right - left) * pixels > need or (left - bounds[0]) * pixels < need:
        drawn.text((left + right) / 2, y, text, anchor="center", valign="bottom", dy=1)
    else:
        drawn.text(left, y, text, anchor="right", dx=-8)


def _said(row: dict[Any, Any], value: str, currency: str | None) -> str:
    n = theme.maybe(row.get("deals"))
    deals = "" if n is None else formats.count(int(n), "deal")
    if value != "amount":
        return deals
    amount = formats.money(theme.maybe(row["amount"]), currency, sign=row["kind"] == "move")
    return ", ".join(filter(None, [formats.escape_chart(amount), deals]))
