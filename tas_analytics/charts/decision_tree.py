"""A tree of yes-or-no questions with the way taken lit."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from tas_analytics.charts import theme
from tas_analytics.charts.theme import Figure

_PITCH: Final = 54
_SPINE: Final = 0.0
#: Pixels left of the questions: the spine, and the side way around it.
_LEFT: Final = 44
_RIGHT: Final = 4


def decision_tree(frame: pd.DataFrame, *, end: str | None = None) -> Figure:
    """Questions down a spine, each with its way out at the right edge; the way taken is ink, the rest is hairlines.

    What it is: a decision tree laid on its side, so that it fits a phone. From a question the way leads down to the
    next one, around some of them along the left edge, or out to an end at the right. When to use it: to show why an
    advice came out as it did, and what would have changed it.

    Parameters
    ----------
    frame
        In order, one row per question: ``key``, ``question``, ``answer`` (``yes``, ``no``, ``unknown``),
        ``state`` (``taken``: answered on the way; ``open``: the way ends here; ``passed``: open, but nothing hangs on
        it; ``off``: not reached), ``note`` (why), ``exit`` (the end to which it leads, blank for none), ``exit_on``
        (the answer that leads there), ``skips`` (place of the question to which no jumps, blank: none does), and in
        the last row ``below`` (the end below it).
    end
        The end that the way reached, as ``exit`` names it, or the one below the last question.

    Returns
    -------
    Figure
        ``customdata`` of every mark is ``[key]``.
    """
    rows = frame.to_dict("records")
    if not rows:
        return theme.figure(_PITCH)
    drawn = theme.Drawing()
    last = len(rows)  # the end below the last question
    below = str(rows[-1].get("below") or "")
    for i, row in enumerate(rows):
        _ways(drawn, rows, i, last)
        _words(drawn, row, last - i, end)
    if below:
        drawn.left(0, theme.strong(theme.clean(below), end == below), dx=26, colour=_ink(end == below))
    marks = theme.Marks(theme.TEXT, theme.RISK, theme.MUTED)
    for i, row in enumerate(rows):
        colour = {"taken": theme.TEXT, "open": theme.RISK}.get(theme.raw(row["state"]), theme.MUTED)
        marks.add(colour, y=last - i, data=[theme.plain(row["key"])], hover=_hover(row), answer=row["answer"],
                  state=row["state"])  # fmt: skip
    result = theme.figure(_PITCH * (last + 0.72), left=_LEFT, right=_RIGHT, top=0, bottom=0)
    for colour, trace in marks.items():
        reached = [state in ("taken", "open", "passed") for state in trace["state"]]
        result.add_trace(
            theme.points(
                x=[_SPINE] * len(trace["y"]),
                y=trace["y"],
                mode="markers+text",
                text=[
                    _SIGN[theme.raw(answer)] if on else "" for answer, on in zip(trace["answer"], reached, strict=True)
                ],
                textfont={"color": colour, "size": theme.SMALL},
                marker={
                    "size": [20 if on else 9 for on in reached],
                    "color": theme.PAPER,
                    "opacity": 1,
                    "line": {"width": 2 if colour != theme.MUTED else 1, "color": colour},
                },
                cliponaxis=False,
                customdata=trace["data"],
                hovertext=trace["hover"],
            )
        )
    result.update_xaxes(range=[_SPINE, 10.0])
    result.update_yaxes(range=[-0.28, last + 0.44])
    return drawn.apply(result)


_SIGN: Final = {"yes": "✓", "no": "✕", "unknown": "?"}


def _ways(drawn: theme.Drawing, rows: list[dict[Any, Any]], i: int, last: int) -> None:
    """The ways that lead on from a question: down, or around along the left edge."""
    row, y = rows[i], last - i
    taken = theme.raw(row["state"]) in ("taken", "passed")
    exits, leaves_on = theme.raw(row.get("exit")), theme.raw(row.get("exit_on"))
    answer = theme.raw(row["answer"])
    skips = theme.maybe(row.get("skips"))
    stays = "yes" if skips is not None else ("no" if leaves_on == "yes" else "yes")
    # Where an open answer changes nothing, the way is drawn on the side of yes.
    goes_down = taken and (answer == stays or (answer == "unknown" and stays == "yes"))
    if theme.raw(row["state"]) == "passed" and exits:
        goes_down = True
    if i + 1 < len(rows) or row.get("below"):
        drawn.line(_SPINE, y - 0.2, _SPINE, y - 0.8, **_pen(goes_down))
    if skips is not None:
        lit = taken and answer == "no"
        to = last - skips
        # In pixels left of the spine, so that it keeps its place at any width.
        place = -14 - 7 * i
        for x0, y0, x1, y1 in ((0, y, place, y), (place, y, place, to), (place, to, 0, to)):
            drawn.shapes.append(_side(x0, y0, x1, y1, lit))


def _side(x0: float, y0: float, x1: float, y1: float, lit: bool) -> dict[str, Any]:
    """A piece of the way around, measured in pixels from the spine."""
    pen = _pen(lit)
    return {
        "type": "line", "layer": "below", "xref": "paper", "yref": "y", "xsizemode": "pixel", "xanchor": 0,
        "x0": x0, "x1": x1, "y0": y0, "y1": y1,
        "line": {"color": pen["colour"], "width": pen["width"], "dash": "solid"},
    }  # fmt: skip


def _words(drawn: theme.Drawing, row: dict[Any, Any], y: int, end: str | None) -> None:
    """The question, why it is answered so, and its end at the right edge."""
    state = theme.raw(row["state"])
    reached = state != "off"
    leaves = theme.raw(row.get("exit"))
    lit = bool(leaves) and leaves == end
    edge = f"{theme.raw(row.get('exit_on'))} → {theme.strong(theme.clean(leaves), lit)}" if leaves else ""
    room = theme.PHONE - _LEFT - 26 - (theme.text_width(edge, bold=True) + 16 if edge else 0)
    question = theme.fit(row["question"], room, bold=state in ("taken", "open"))
    note = theme.fit(row["note"], theme.PHONE - _LEFT - 26, theme.SMALL) if reached and row["note"] else ""
    drawn.left(y, theme.strong(question, state in ("taken", "open")), dx=20, dy=8 if note else 0, colour=_ink(reached))
    drawn.left(y, note, dx=20, dy=-9, colour=theme.RISK if state == "open" else theme.MUTED, size=theme.SMALL)
    drawn.right(y, edge, 0, dy=8 if note else 0, colour=_ink(lit))


def _pen(lit: bool) -> theme.Pen:
    return {"colour": theme.TEXT if lit else theme.INK[3], "width": 2.5 if lit else 1, "layer": "below"}


def _ink(on: bool) -> str:
    return theme.TEXT if on else theme.MUTED


def _hover(row: dict[Any, Any]) -> str:
    told = [part for part in (theme.raw(row.get("why")) or theme.raw(row["note"])).split("\n") if part]
    return "<br>".join([f"<b>{theme.clean(row['question'])}</b>", *(theme.clean(part) for part in told)])
