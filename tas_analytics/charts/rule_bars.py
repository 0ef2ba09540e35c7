"""The money under each rule of the risk list."""

from __future__ import annotations

import pandas as pd

from tas_analytics import formats
from tas_analytics.charts import theme
from tas_analytics.charts.theme import Figure

_PITCH = 37


def rule_bars(frame: pd.DataFrame, *, currency: str | None = "USD", selected: object = None) -> Figure:
    """One bar a rule, its name above, amount and number of deals at its end.

    What it is: bars from most money to least on one scale; a deal that meets several rules is in each of their bars,
    so the bars do not add up. When to use it: to see what puts most money at risk, and to choose a list.

    Parameters
    ----------
    frame
        ``code``, ``rule``, ``deals``, ``amount``, in the order wanted.
    currency
        The currency of the amounts; where no rule has any amount, the bars are as long as the number of deals.
    selected
        The code of the chosen rule: bold, with an ink outline.

    Returns
    -------
    Figure
        ``customdata`` of every bar is ``[code]``; the whole row takes the click.
    """
    rows = frame.to_dict("records")
    if not rows:
        return theme.figure(_PITCH)
    by_amount = any(theme.number(row["amount"]) > 0 for row in rows)
    sizes = [max(theme.number(row["amount"] if by_amount else row["deals"]), 0.0) for row in rows]
    top = max(sizes) or 1.0
    drawn = theme.Drawing()
    keys, hovers, ys, ends = [], [], [], []
    for i, (row, size) in enumerate(zip(rows, sizes, strict=True)):
        y = len(rows) - 1 - i
        chosen = selected is not None and row["code"] == selected
        counted = formats.count(round(theme.number(row["deals"])), "deal")
        amount = formats.escape_chart(formats.money(theme.maybe(row["amount"]), currency))
        drawn.left(y + 0.4, theme.strong(theme.fit(row["rule"], theme.PHONE - 8, bold=chosen), chosen))
        ends.append(f"<b>{amount}</b>  {counted}" if by_amount else f"<b>{counted}</b>")
        drawn.text(size, y, ends[-1], dx=6)
        if chosen:
            drawn.box(0, y - 0.17, size, y + 0.17, colour=theme.TEXT, width=1.5)
        keys.append([theme.plain(row["code"])])
        hovers.append(f"<b>{theme.clean(row['rule'])}</b><br>{amount}, {counted}")
        ys.append(y)
    shared = {"customdata": keys, "ids": [str(key[0]) for key in keys], "hovertext": hovers}
    edge = max(theme.text_width(end) for end in ends) + 14
    result = theme.figure(_PITCH * len(rows) + 12, right=round(edge), top=10)
    result.add_trace(theme.bars(y=ys, x=sizes, width=0.34, marker={"color": theme.RISK}, **shared))
    hit = {"y": [y + 0.14 for y in ys], "x": [top] * len(ys), "width": 0.9, "marker": {"color": theme.CLEAR}}
    result.add_trace(theme.bars(**hit, **shared))
    result.update_xaxes(range=[0, top])
    result.update_yaxes(range=[-0.4, len(rows) - 0.3])
    return drawn.apply(result)
