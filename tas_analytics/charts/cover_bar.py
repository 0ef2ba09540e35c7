"""How far won, commit and best case reach towards the target."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from tas_analytics import formats
from tas_analytics.charts import theme
from tas_analytics.charts.theme import Figure

_BAR = 40
_LEVEL = 40
_AIR = 8


def cover_bar(frame: pd.DataFrame, target: float | None = None, *, currency: str | None = "USD") -> Figure:
    """One stacked bar of won, commit, best case and pipeline against the target.

    What it is: a bar of four parts, name and amount below the start of each, the target an ink
    line across it. When to use it: once, at the top of a forecast: is the quarter covered, and
    by what.

    Parameters
    ----------
    frame
        ``key``, ``label``, ``meaning`` (won, commit, best, open), ``amount``, ``deals``, in the
        order of the bar. A part of nothing gets no bar; a grey line under the chart names it.
    target
        The target, or None.
    currency
        The currency of the amounts.

    Returns
    -------
    Figure
        ``customdata`` of every segment is ``[key]``. Labels that would meet on a phone stand
        lower, joined to their segment by a thin line, so the height depends on the data.
    """
    rows = frame.to_dict("records")
    parts = [row for row in rows if theme.number(row["amount"]) > 0]
    goal = theme.maybe(target)
    goal = goal if goal is not None and goal > 0 else None
    total = sum(theme.number(row["amount"]) for row in parts)
    if not parts and goal is None:
        return theme.figure(_BAR)
    reach = max(total, goal or 0.0) * 1.004

    def say(amount: float) -> str:
        return formats.escape_chart(formats.money(amount, currency))

    drawn = theme.Drawing()
    traces: list[Any] = []
    labels: list[_Label] = []
    at = 0.0
    for row in parts:
        amount = theme.number(row["amount"])
        count = theme.maybe(row.get("deals"))
        text = f"{theme.fit(row['label'], 120)}<br><b>{say(amount)}</b>"
        labels.append(_Label(text, at, at + amount, theme.PHONE / reach))
        hover = f"<b>{theme.clean(row['label'])}</b><br>{say(amount)}"
        hover += "" if count is None else f", {formats.count(int(count), 'deal')}"
        look = {"color": theme.meaning(row.get("meaning")), "line": {"width": 1, "color": theme.PAPER}}
        key = theme.plain(row["key"])
        bar = {"x": [amount], "base": [at], "y": [_BAR / 2], "width": _BAR, "marker": look}
        traces.append(theme.bars(customdata=[[key]], ids=[str(key)], hovertext=[hover], **bar))
        at += amount

    low = _write(drawn, labels)
    empty = [theme.clean(row["label"]).lower() for row in rows if theme.number(row["amount"]) <= 0]
    if empty:
        drawn.left(low, f"Nothing in {' or '.join(empty)}", colour=theme.MUTED, size=theme.SMALL, valign="top")
        low -= 20
    if goal is not None:
        _target(drawn, goal, total, reach, say)
    top, margin = (_BAR + 12, 20) if goal is not None else (_BAR, 2)
    result = theme.figure(top - low + margin, top=margin, bottom=0)
    result.add_traces(traces)
    result.update_xaxes(range=[0, reach])
    result.update_yaxes(range=[low, top])
    return drawn.apply(result)


def _target(drawn: theme.Drawing, goal: float, total: float, reach: float, say: Callable[[float], str]) -> None:
    """Mark the target, and name what is missing where even the whole bar falls short of it."""
    drawn.line(goal, 0, goal, _BAR + 10, width=2)
    text = f"Target <b>{say(goal)}</b>"
    pixel, half = goal / reach * theme.PHONE, theme.text_width(text) / 2
    side: theme.Side = "left" if pixel < half else "right" if pixel > theme.PHONE - half else "center"
    drawn.text(goal, _BAR + 11, text, anchor=side, valign="bottom", dx={"left": -1, "right": 1, "center": 0}[side])
    if goal > total:
        drawn.line(total, _BAR / 2, goal, _BAR / 2, colour=theme.INK[4], dash="dot")
        text = f"<b>{say(goal - total)}</b> missing"
        if (goal - total) / reach * theme.PHONE > theme.text_width(text) + 12:
            drawn.text((total + goal) / 2, _BAR / 2, text, anchor="center", valign="bottom", dy=1)


@dataclass(frozen=True)
class _Label:
    """A label and its segment: in amounts, and in pixels at the width of a phone."""

    text: str
    start: float
    end: float
    scale: float

    @property
    def width(self) -> float:
        return theme.text_width(self.text) + _AIR

    def box(self, right: bool) -> tuple[float, float]:
        if right:
            return self.end * self.scale - self.width, self.end * self.scale
        return self.start * self.scale, self.start * self.scale + self.width

    def pole(self, right: bool) -> float:
        return (self.end if right else self.start) * self.scale


def _write(drawn: theme.Drawing, labels: list[_Label]) -> float:
    """Write the labels under their segments and give the height below the last of them.

    On one line where each can begin beneath its own segment, else on several.
    """
    shifts = _one_line(labels)
    if shifts is not None:
        for label, shift in zip(labels, shifts, strict=True):
            drawn.text(label.start, -4, label.text, valign="top", dx=shift - 1)
        return -4 - _LEVEL * bool(labels)
    deepest = 0
    for label, (right, level) in zip(labels, _arrange(labels), strict=True):
        deepest = max(deepest, level)
        x, foot = (label.end if right else label.start), -4 - _LEVEL * level
        drawn.text(x, foot, label.text, anchor="right" if right else "left", valign="top", dx=-4 if right else 4)
        drawn.line(x, -1, x, foot - 32, colour=theme.INK[3])
    return -4 - _LEVEL * (deepest + 1)


def _one_line(labels: list[_Label]) -> list[float] | None:
    """Find how far each label must move right to clear the one before, if all stay under their segments."""
    shifts: list[float] = []
    free = 0.0
    for label in labels:
        start = label.start * label.scale
        at = max(start, free)
        if (at > start and at > label.end * label.scale - 8) or at + label.width > theme.PHONE + _AIR:
            return None
        shifts.append(at - start)
        free = at + label.width
    return shifts


def _arrange(labels: list[_Label]) -> list[tuple[bool, int]]:
    """Choose for each label whether it ends at its segment's end, and how many lines down it stands.

    The best of all arrangements in which, on a phone, no label meets another and no joining line
    runs through a label. Wider screens only move labels apart. Four labels have 4,096.
    """
    best: tuple[float, list[tuple[bool, int]]] | None = None
    choices = []
    for label in labels:
        sides = [
            right for right in (False, True) if label.box(right)[0] >= -1 and label.box(right)[1] < theme.PHONE + 4
        ]
        choices.append([(right, level) for right in sides or [False] for level in range(len(labels))])
    for option in itertools.product(*choices):
        cost = sum(10 * level + 15 * right for right, level in option) + 30 * max(level for _, level in option)
        if (best is None or cost < best[0]) and _clear(labels, option):
            best = (cost, list(option))
    return best[1] if best else [(False, len(labels) - 1 - i) for i in range(len(labels))]


def _clear(labels: list[_Label], option: tuple[tuple[bool, int], ...]) -> bool:
    """Tell whether nothing meets in an arrangement."""
    for (one, (right, level)), (other, (far, other_level)) in itertools.permutations(
        zip(labels, option, strict=True), 2
    ):
        low, high = other.box(far)
        if level == other_level and one.box(right)[0] < high and low < one.box(right)[1]:
            return False
        inside = low < one.pole(right) < high - 3 if far else low + 3 < one.pole(right) < high
        if level > other_level and inside:
            return False
    return True
