"""Open amount by stage, or any measure by any group, as horizontal bars."""

from __future__ import annotations

from typing import Any

import pandas as pd

from tas_analytics import formats
from tas_analytics.charts import theme
from tas_analytics.charts.theme import Figure

_PITCH = 34
_HALF = 0.36


def stage_bars(
    frame: pd.DataFrame,
    *,
    value: str = "amount",
    currency: str | None = "USD",
    selected: object = None,
    stalled: str | None = None,
    past: str = "past the stall line",
) -> Figure:
    """Horizontal bars, one a group, in the order of the frame.

    What it is: bars that start at one line, each with its number at its end; an amber part may
    show how much of it is stalled. When to use it: to compare a sum over a handful of ordered
    groups (stages, forecast categories, owners) and to choose one of them with a click.

    Parameters
    ----------
    frame
        ``group`` (label), ``key``, the value column, ``deals``; optionally the stalled column and
        ``meaning`` (open, won, lost, commit, best). The first row is drawn on top.
    value
        The column to draw. With ``"deals"`` the label is the count alone.
    currency
        The currency of the value; None writes a plain number.
    selected
        The key of the chosen bar: bold, with an ink outline.
    stalled
        The column, in the same unit, of the part drawn in amber.
    past
        What the amber part is, in words, for the hover text.

    Returns
    -------
    Figure
        ``customdata`` of every bar is ``[key]``; the whole row takes the click.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"group": ["Qualify"], "key": ["qualify"], "amount": [8e6], "deals": [61]})
    >>> stage_bars(rows, value="amount", currency="USD").layout.annotations[0].text
    '<b>$8.0M</b>  61 deals'
    """
    rows = frame.to_dict("records")
    if not rows:
        return theme.figure(_PITCH)
    numbers = [theme.number(row[value]) for row in rows]
    top, low = max(*numbers, 0.0) or 1.0, min(*numbers, 0.0)
    ambers = [_amber(row, number, stalled) for row, number in zip(rows, numbers, strict=True)]
    ends, hovers, labels = [], [], []
    drawn = theme.Drawing()
    for i, (row, number, amber) in enumerate(zip(rows, numbers, ambers, strict=True)):
        y = len(rows) - 1 - i
        chosen = selected is not None and row["key"] == selected
        total, extra = _words(row, value, currency)
        ends.append(f"{total}  {extra}".rstrip())
        hover = [theme.strong(theme.clean(row["group"])), ", ".join(filter(None, [_plain(total), extra]))]
        if amber:
            hover.append(f"{_plain(_words(row | {value: amber}, value, currency)[0])} {theme.clean(past)}")
        hovers.append("<br>".join(hover))
        labels.append(theme.strong(theme.fit(row["group"], theme.LEFT_CAP, bold=chosen), chosen))
        drawn.text(max(number, 0.0), y, ends[-1], dx=8)
        if chosen:
            drawn.box(0, y - _HALF, number, y + _HALF, colour=theme.TEXT, width=1.5)

    left = theme.left_margin(row["group"] for row in rows)
    right = round(max(theme.text_width(end) for end in ends) + 14)
    result = theme.figure(_PITCH * len(rows) + 8, left=left, right=right)
    ys = list(range(len(rows)))[::-1]
    keys = [theme.plain(row["key"]) for row in rows]
    shared = {"y": ys, "customdata": [[key] for key in keys], "ids": list(map(str, keys)), "hovertext": hovers}
    if stalled:
        result.add_trace(theme.bars(x=ambers, width=2 * _HALF, marker={"color": theme.RISK}, **shared))
    rests = [number - amber for number, amber in zip(numbers, ambers, strict=True)]
    colours = [theme.meaning(row.get("meaning")) for row in rows]
    result.add_trace(theme.bars(x=rests, width=2 * _HALF, marker={"color": colours}, **shared))
    # the empty rest of the row takes the click too: a small bar is hard to hit
    room = [top - max(number, 0.0) for number in numbers]
    result.add_trace(theme.bars(x=room, width=1, marker={"color": theme.CLEAR}, **shared))
    result.update_layout(barmode="stack")
    result.update_xaxes(range=[low, top])
    result.update_yaxes(visible=True, tickvals=ys, ticktext=labels, ticklabelstandoff=8, range=[-0.5, len(rows) - 0.5])
    return drawn.apply(result)


def _amber(row: dict[Any, Any], number: float, stalled: str | None) -> float:
    """Give the amber part of a bar, never more than the bar."""
    return min(max(theme.number(row.get(stalled)), 0.0), max(number, 0.0)) if stalled else 0.0


def _words(row: dict[Any, Any], value: str, currency: str | None) -> tuple[str, str]:
    """Write what stands at the end of a bar: the number in bold, and the count of deals."""
    amount, count = theme.maybe(row[value]), theme.maybe(row.get("deals"))
    if value == "deals":
        number, _, word = formats.count(int(amount or 0), "deal").partition(" ")
        return f"<b>{number}</b> {word}", ""
    text = formats.money(amount, currency) if currency else formats.number(amount)
    return theme.strong(formats.escape_chart(text)), "" if count is None else formats.count(int(count), "deal")


def _plain(text: str) -> str:
    return text.replace("<b>", "").replace("</b>", "")
