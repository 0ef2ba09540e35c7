"""How many deals reach each stage and what share gets past it."""

from __future__ import annotations

from typing import Any

import pandas as pd

from tas_analytics import formats
from tas_analytics.charts import theme
from tas_analytics.charts.theme import Figure

_PITCH = 43
_EDGE = 46


def worst_step(frame: pd.DataFrame) -> Any:
    """The key of the stage with the lowest rate among those with twenty decided deals or more.

    None where no stage has that many: with fewer, naming a worst step would claim too much.
    A headline should ask this function too, so that it and the amber bar always agree.
    """
    best: tuple[float, Any] | None = None
    for row in frame.to_dict("records"):
        passed, cases = _cases(row)
        if cases >= formats.SMALL_N and passed < cases and (best is None or passed / cases < best[0]):
            best = (passed / cases, row["key"])
    return best[1] if best else None


def conversion(frame: pd.DataFrame, *, selected: object = None) -> Figure:
    """Left-aligned bars, one a stage, with the rate and the days at the right edge.

    What it is: a funnel without the funnel's slopes. The bar is the number of deals that reached
    the stage; the right edge says what share of those decided got past it and the median days
    that took. When to use it: to find the step where deals stop. Only the worst is amber.

    Parameters
    ----------
    frame
        ``stage``, ``key``, ``reached``, ``passed``, ``lost``, ``open`` (counts), ``rate``,
        ``median_days``, in stage order. The rate is written from ``passed`` and ``lost`` so that
        small cases read "7 of 12"; ``rate`` is used where those two are missing.
    selected
        The key of the chosen stage: bold, with an ink outline.

    Returns
    -------
    Figure
        ``customdata`` of every bar is ``[key]``; the whole row takes the click.
    """
    rows = frame.to_dict("records")
    if not rows:
        return theme.figure(_PITCH)
    worst = worst_step(frame)
    top = max(*(theme.number(row["reached"]) for row in rows), 1.0)
    drawn = theme.Drawing()
    ys, hovers, keys, colours = [], [], [], []
    for i, row in enumerate(rows):
        y = len(rows) - 1 - i
        reached = theme.number(row["reached"])
        passed, cases = _cases(row)
        is_worst = worst is not None and row["key"] == worst
        chosen = selected is not None and row["key"] == selected
        rate = formats.rate(passed, cases) if cases else formats.percent(theme.maybe(row.get("rate")))
        days = theme.maybe(row.get("median_days"))
        parts = [theme.strong(rate, is_worst)] + ([f"{formats.number(days)} d"] if days is not None else [])
        edge = " · ".join(part for part in parts if part != "–")
        room = theme.PHONE - theme.text_width(edge, bold=True) - 18
        label = theme.fit(row["stage"], room, bold=is_worst or chosen)
        drawn.left(y + 0.4, theme.strong(label, is_worst or chosen))
        drawn.text(reached, y, f"<b>{formats.number(reached)}</b>", dx=6)
        drawn.right(y + 0.4, edge, _EDGE, colour=theme.TEXT if is_worst else theme.MUTED)
        if chosen:
            drawn.box(0, y - 0.18, reached, y + 0.18, colour=theme.TEXT, width=1.5)
        words = [f"<b>{theme.clean(row['stage'])}</b>", f"{formats.number(reached)} reached it"]
        words += [
            f"{formats.number(theme.number(row[name]))} {word}"
            for name, word in (("passed", "got past it"), ("lost", "lost here"), ("open", "still here"))
            if not theme.is_missing(row.get(name))
        ]
        if days is not None:
            words.append(f"median {formats.number(days)} days to pass")
        ys.append(y)
        hovers.append("<br>".join(words))
        keys.append([theme.plain(row["key"])])
        colours.append(theme.RISK if is_worst else theme.OPEN)

    result = theme.figure(_PITCH * len(rows) + 4, right=_EDGE, top=0)
    shared = {"customdata": keys, "ids": [str(key[0]) for key in keys], "hovertext": hovers}
    reached_all = [theme.number(row["reached"]) for row in rows]
    result.add_trace(theme.bars(y=ys, x=reached_all, width=0.36, marker={"color": colours}, **shared))
    hit = {"y": [y + 0.14 for y in ys], "x": [top] * len(ys), "width": 0.9, "marker": {"color": theme.CLEAR}}
    result.add_trace(theme.bars(**hit, **shared))
    result.update_xaxes(range=[0, top])
    result.update_yaxes(range=[-0.4, len(rows) - 0.35])
    return drawn.apply(result)


def _cases(row: dict[Any, Any]) -> tuple[int, int]:
    passed = int(theme.number(row.get("passed")))
    return passed, passed + int(theme.number(row.get("lost")))
