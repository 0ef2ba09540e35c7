"""The largest deals and how much of the whole they make up."""

from __future__ import annotations

import pandas as pd

from tas_analytics import formats
from tas_analytics.charts import theme
from tas_analytics.charts.theme import Figure

_PITCH = 43
_EDGE = 50


def ranking(frame: pd.DataFrame, *, currency: str | None = "USD", selected: object = None) -> Figure:
    """The top deals as bars, with the share of the whole added up at the right edge.

    What it is: bars from largest to smallest, name above, amount and share at the end, running
    share at the right. When to use it: to say how much rests on a few deals.

    Parameters
    ----------
    frame
        ``id``, ``name``, ``amount``, ``share`` (of the whole, 0 to 1), in rank order; optionally
        ``cumulative`` (else the shares are added up), ``detail`` (a few grey words after the
        name, such as owner and stage) and ``meaning``.
    currency
        The currency of the amounts.
    selected
        The id of the chosen deal: bold, with an ink outline.

    Returns
    -------
    Figure
        ``customdata`` of every bar is ``[deal id]``; the whole row takes the click.
    """
    rows = frame.to_dict("records")
    if not rows:
        return theme.figure(_PITCH)
    top = max(*(theme.number(row["amount"]) for row in rows), 0.0) or 1.0
    drawn = theme.Drawing()
    drawn.right(len(rows) - 0.35, "added up", _EDGE, size=theme.SMALL, colour=theme.MUTED, valign="bottom")
    running = 0.0
    ends: list[str] = []
    keys, hovers, colours, ys = [], [], [], []
    for i, row in enumerate(rows):
        y = len(rows) - 1 - i
        share = theme.maybe(row.get("share"))
        running = theme.number(row["cumulative"]) if "cumulative" in row else running + (share or 0.0)
        chosen = selected is not None and row["id"] == selected
        amount = formats.escape_chart(formats.money(theme.maybe(row["amount"]), currency))
        name = theme.fit(row["name"], theme.PHONE - _EDGE - 8, bold=chosen)
        rest = theme.PHONE - _EDGE - 20 - theme.text_width(name, bold=chosen)
        detail = theme.fit(row.get("detail"), rest, theme.SMALL) if rest > 60 and row.get("detail") else ""
        drawn.left(y + 0.4, theme.strong(name, chosen))
        if detail:
            shift = theme.text_width(name, bold=chosen) + 8
            drawn.left(y + 0.4, detail, dx=shift, size=theme.SMALL, colour=theme.MUTED)
        ends.append(theme.strong(amount) + (f"  {formats.percent(share)}" if share is not None else ""))
        drawn.text(max(theme.number(row["amount"]), 0.0), y, ends[-1], dx=6)
        drawn.right(y, formats.percent(running), _EDGE, colour=theme.MUTED)
        if chosen:
            drawn.box(0, y - 0.18, theme.number(row["amount"]), y + 0.18, colour=theme.TEXT, width=1.5)
        words = [f"<b>{theme.clean(row['name'])}</b>", theme.clean(row.get("detail")), amount]
        if share is not None:
            words.append(f"{formats.percent(share, 1)} of the whole, {formats.percent(running)} added up")
        hovers.append("<br>".join(filter(None, words)))
        keys.append([theme.plain(row["id"])])
        colours.append(theme.meaning(row.get("meaning")))
        ys.append(y)

    # the amount stands between the longest bar and the running share, so the bars leave it room
    edge = _EDGE + max(theme.text_width(end) for end in ends) + 20
    for note in drawn.annotations:
        if note["xref"] == "paper" and note["xanchor"] == "right":
            note["xshift"] = edge
    result = theme.figure(_PITCH * len(rows) + 20, right=round(edge), top=16)
    shared = {"customdata": keys, "ids": [str(key[0]) for key in keys], "hovertext": hovers}
    amounts = [theme.number(row["amount"]) for row in rows]
    result.add_trace(theme.bars(y=ys, x=amounts, width=0.36, marker={"color": colours}, **shared))
    hit = {"y": [y + 0.14 for y in ys], "x": [top] * len(ys), "width": 0.9, "marker": {"color": theme.CLEAR}}
    result.add_trace(theme.bars(**hit, **shared))
    result.update_xaxes(range=[min(*amounts, 0.0), top])
    result.update_yaxes(range=[-0.4, len(rows) - 0.35])
    return drawn.apply(result)
