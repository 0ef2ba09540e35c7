"""How many deals reach each milestone, what share gets there and in how many days."""

from __future__ import annotations

from typing import Any

import pandas as pd

from tas_analytics import formats
from tas_analytics.charts import theme
from tas_analytics.charts.theme import Figure

_PITCH = 43
_EDGE = 64
#: The part of a bar that is still open.
_PALE = 0.42


def milestone_funnel(
    frame: pd.DataFrame,
    *,
    worst: object = None,
    selected: object = None,
    currency: str | None = None,
    top: float | None = None,
) -> Figure:
    """Left-aligned bars, one a step, with the share of the step before and the days at the right edge.

    What it is: a funnel without slopes. The dark part of a bar is deals that are decided, the pale part
    those still open, the number at its end both. The right edge says what share of the decided deals
    that came to the step got there, and the median days that took. When to use it: to find the step where
    deals stop. Only the worst is amber.

    Parameters
    ----------
    frame
        ``milestone``, ``reached``, ``open``, ``came``, ``passed``, ``cases``, ``gone``, ``median_days``, ``lost``,
        ``waiting``, ``skipped``, in the order of the steps. The step before the first is row 0 with ``step`` 0.
    worst
        The milestone drawn in amber.
    selected
        The milestone chosen: bold, with an ink outline.
    currency
        With one, the bars are amounts.
    top
        The value at which a bar is full, so that several funnels share a scale.

    Returns
    -------
    Figure
        ``customdata`` of every bar is ``[milestone]``; the whole row takes the click.
    """
    rows = frame.to_dict("records")
    if not rows:
        return theme.figure(_PITCH)
    full = max(*(theme.number(row["reached"]) for row in rows), top or 0.0, 1e-9)
    drawn = theme.Drawing()
    ys = [len(rows) - 1 - i for i in range(len(rows))]
    hovers, keys, dark, pale, colours = [], [], [], [], []
    for y, row in zip(ys, rows, strict=True):
        reached, still_open = theme.number(row["reached"]), theme.number(row["open"])
        is_worst = worst is not None and row["milestone"] == worst
        chosen = selected is not None and row["milestone"] == selected
        edge = _edge(row, is_worst)
        room = theme.PHONE - theme.text_width(edge, bold=True) - 14
        label = theme.fit(row["milestone"], room, bold=is_worst or chosen)
        drawn.left(y + 0.4, theme.strong(label, is_worst or chosen))
        drawn.text(reached, y, theme.strong(_say(reached, currency)), dx=6)
        drawn.right(y + 0.4, edge, _EDGE, colour=theme.TEXT if is_worst else theme.MUTED)
        if chosen:
            drawn.box(0, y - 0.18, reached, y + 0.18, colour=theme.TEXT, width=1.5)
        hovers.append(_hover(row, reached, still_open, currency))
        keys.append([theme.plain(row["milestone"])])
        dark.append(max(reached - still_open, 0.0))
        pale.append(still_open)
        colours.append(theme.RISK if is_worst else theme.OPEN)
    result = theme.figure(_PITCH * len(rows) + 4, right=_EDGE, top=0)
    shared = {"customdata": keys, "ids": [str(key[0]) for key in keys], "hovertext": hovers}
    result.add_trace(theme.bars(y=ys, x=dark, base=[0] * len(ys), width=0.36, marker={"color": colours}, **shared))
    pale_bars = theme.bars(y=ys, x=pale, base=dark, width=0.36, marker={"color": colours}, opacity=_PALE, **shared)
    result.add_trace(pale_bars)
    hit = {"y": [y + 0.14 for y in ys], "x": [full] * len(ys), "base": [0] * len(ys), "width": 0.9}
    result.add_trace(theme.bars(**hit, marker={"color": theme.CLEAR}, **shared))
    result.update_xaxes(range=[0, full])
    result.update_yaxes(range=[-0.4, len(rows) - 0.35])
    return drawn.apply(result)


def _say(value: float, currency: str | None) -> str:
    return formats.escape_chart(formats.money(value, currency)) if currency else formats.number(value)


def _edge(row: dict[Any, Any], is_worst: bool) -> str:
    """The share of the decided deals that got here and the days it took; by amount the share is of the money."""
    came, passed = theme.number(row["came"]), theme.number(row["passed"])
    cases, gone = int(theme.number(row["cases"])), int(theme.number(row["gone"]))
    if not row.get("step", 1) or not came:
        return ""
    share = formats.rate(gone, cases) if cases < formats.SMALL_N else formats.percent(passed / came)
    days = theme.maybe(row.get("median_days"))
    return theme.strong(share, is_worst) + (f"  {formats.number(days)} d" if days is not None else "")


def _hover(row: dict[Any, Any], reached: float, still_open: float, currency: str | None) -> str:
    words = [f"<b>{theme.clean(row['milestone'])}</b>"]
    words.append(f"{_say(reached, currency)} got there, {_say(still_open, currency)} of it still open")
    if row.get("step", 1):
        words.append(
            f"{formats.number(theme.number(row['gone']))} of {formats.number(theme.number(row['cases']))} "
            "decided deals that came to it"
        )
        words.append(
            f"{formats.number(theme.number(row['lost']))} lost before it, "
            f"{formats.number(theme.number(row['waiting']))} open and waiting for it"
        )
    if theme.number(row.get("skipped")):
        words.append(f"{formats.number(theme.number(row['skipped']))} went past without it")
    days, late = theme.maybe(row.get("median_days")), theme.maybe(row.get("p75_days"))
    if days is not None:
        words.append(
            f"median {formats.number(days)} days" + (f", P75 {formats.number(late)}" if late is not None else "")
        )
    return "<br>".join(words)
