"""Open amount by expected close month, the overdue months in amber."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from tas_analytics import formats
from tas_analytics.charts import theme
from tas_analytics.charts.theme import Figure

#: The key of the column of deals without a close date.
NO_DATE: Final = "none"
_LIMIT = 18
_OVERDUE_KEPT = 3
_UNITS = ((1e9, "B"), (1e6, "M"), (1e3, "k"), (1.0, ""))


def month_columns(
    frame: pd.DataFrame,
    *,
    value: str = "amount",
    currency: str | None = "USD",
    selected: object = None,
) -> Figure:
    """Columns by the month in which deals are expected to close.

    What it is: one column a month on an unbroken time axis, overdue months in amber, deals
    without a date apart at the far right. When to use it: to see when the pipeline is due and
    how much of it is overdue, and to choose a month with a click.

    Parameters
    ----------
    frame
        ``month`` (a date, first of month; empty for no date), the value column, ``deals``,
        ``kind`` (overdue, due or none). A month may have an overdue and a due row: they stack.
    value, currency
        As in :func:`tas_analytics.charts.stage_bars.stage_bars`.
    selected
        The key of the chosen column (as in ``customdata``): bold, with an ink outline.

    Returns
    -------
    Figure
        At most 18 columns: months further off are folded into "earlier" and "later".
        ``customdata`` is ``[key, first month, last month]`` with ISO dates; the key is the first
        month, or :data:`NO_DATE`, for which both months are None.
    """
    if frame.empty:
        return theme.figure(_height(False))
    months: dict[int | None, _Kinds] = {}
    for row in frame.to_dict("records"):
        kind = theme.raw(row.get("kind"))
        month = None if kind == NO_DATE or theme.is_missing(row["month"]) else _index(row["month"])
        late = kind == "overdue" and month is not None
        pair = months.setdefault(month, {}).setdefault("overdue" if late else "due", [0.0, 0.0])
        pair[0] += theme.number(row[value])
        pair[1] += theme.number(row.get("deals"))
    columns = _place(_fold(months))
    short = len(columns) > 12
    top = max(*(column.total for column in columns), 0.0) or 1.0
    full, brief, unit = _writers(columns, value, currency)

    drawn = theme.Drawing()
    marks = theme.Marks(theme.RISK, theme.OPEN, theme.CLEAR)
    for column in columns:
        hover = _hover(column, full, counts_only=value == "deals")
        chosen = selected is not None and selected == column.place[0]
        rest = top - max(column.total, 0.0)
        heights = {theme.RISK: column.amount("overdue"), theme.OPEN: column.amount("due"), theme.CLEAR: rest}
        for colour, height in heights.items():
            if height > 0 or colour == theme.CLEAR:
                marks.add(colour, x=column.x, y=height, customdata=column.place, hovertext=hover)
        if column.kinds:
            text = theme.strong(brief(column.total), chosen or not short)
            drawn.text(
                column.x, max(column.total, 0.0), text, anchor="center", valign="bottom", size=11 if short else 12, dy=2
            )
        if chosen:
            drawn.box(column.x - 0.36, 0, column.x + 0.36, column.total, colour=theme.TEXT, width=1.5)
    _feet(drawn, columns, selected, short=short)
    overdue = [column for column in columns if "overdue" in column.kinds]
    if overdue:
        text = f"<b>overdue {full(sum(column.amount('overdue') for column in overdue))}</b>"
        drawn.text(overdue[0].x - 0.36, 0, text, valign="top", size=12, yref="paper", dy=-36)
    if unit:
        drawn.left(1, unit, yref="paper", valign="bottom", size=12, colour=theme.MUTED, dx=2, dy=18)

    ends = [columns[0].x - 0.5, columns[-1].x + 0.5]
    result = theme.figure(_height(bool(overdue)), left=6, right=6, top=38, bottom=58 if overdue else 38)
    for colour, trace in marks.items():
        wide = 1 if colour == theme.CLEAR else 0.72
        result.add_trace(theme.columns(width=wide, marker={"color": colour}, **trace))
    result.update_layout(barmode="stack")
    result.update_xaxes(range=ends)
    result.update_yaxes(range=[min(*(column.total for column in columns), 0.0), top])
    drawn.line(ends[0], 0, ends[1], 0, colour=theme.RULE)
    return drawn.apply(result)


#: Amount and deals by kind: overdue, due.
_Kinds = dict[str, list[float]]


@dataclass
class _Column:
    """One column: its first and last month (none for deals without a date) and where it stands."""

    first: int | None
    last: int | None
    kinds: _Kinds
    x: float = 0.0

    def amount(self, kind: str) -> float:
        return self.kinds.get(kind, [0.0])[0]

    @property
    def total(self) -> float:
        return sum(pair[0] for pair in self.kinds.values())

    @property
    def folded(self) -> bool:
        return self.first != self.last

    @property
    def place(self) -> list[str | None]:
        if self.first is None or self.last is None:
            return [NO_DATE, None, None]
        return [_date(self.first).isoformat(), _date(self.first).isoformat(), _date(self.last).isoformat()]

    @property
    def title(self) -> str:
        if self.first is None or self.last is None:
            return "No close date"
        if self.folded:
            return f"{_date(self.first):%b %Y} to {_date(self.last):%b %Y}"
        return f"{_date(self.first):%B %Y}"


def _height(overdue: bool) -> float:
    return 234 if overdue else 214


def _index(month: Any) -> int:
    return int(month.year) * 12 + int(month.month) - 1


def _date(index: int) -> dt.date:
    return dt.date(index // 12, index % 12 + 1, 1)


def _hover(column: _Column, full: Callable[[float], str], *, counts_only: bool) -> str:
    lines = [theme.strong(column.title)]
    for kind, (amount, deals) in column.kinds.items():
        count = formats.count(round(deals), "deal")
        lines.append((count if counts_only else f"{full(amount)}, {count}") + (" overdue" if kind == "overdue" else ""))
    return "<br>".join(lines if column.kinds else [*lines, "no deals"])


def _place(columns: list[_Column]) -> list[_Column]:
    """Give every column its place; what is no single month stands a little apart."""
    x = 0.0
    for i, column in enumerate(columns):
        before = columns[i - 1] if i else column
        gap = 0.0 if i == 0 else 0.7 if column.first is None else 0.6 if column.folded or before.folded else 0.0
        x += gap + (1.0 if i else 0.0)
        column.x = x
    return columns


def _feet(drawn: theme.Drawing, columns: list[_Column], selected: object, *, short: bool) -> None:
    """Write the months under the columns, and the year under its first month."""
    year = None
    for i, column in enumerate(columns):
        if column.first is None:
            lines = ("no", "date")
        elif column.folded:
            lines = ("ear-", "lier") if i == 0 else ("later", "")
        else:
            month = _date(column.first)
            # a December's year would run into the January's
            named = month.year != year and not (short and month.month == 12)
            lines = (f"{month:%b}"[: 1 if short else 3], str(month.year) if named else "")
            year = month.year
        chosen = selected is not None and selected == column.place[0]
        for line, text in enumerate(lines):
            tone = theme.TEXT if chosen else theme.MUTED
            drawn.text(
                column.x,
                0,
                theme.strong(text, chosen),
                anchor="center",
                valign="top",
                size=11.5,
                colour=tone,
                yref="paper",
                dy=-3 - 15 * line,
            )


def _fold(months: dict[int | None, _Kinds]) -> list[_Column]:
    """Give the columns from left to right, at most 18: months far off are folded together."""
    known = sorted(month for month in months if month is not None)
    columns = []
    if known:
        low, high = known[0], known[-1]
        start, stop = low, high
        room = _LIMIT - (None in months)
        if high - low + 1 > room:
            turn = min((month for month in known if "due" in months[month]), default=high)
            start = turn - min(turn - low, max(_OVERDUE_KEPT, room - (high - turn + 1)))
            stop = min(high, start + room - 1)
            start += start > low  # the folded months take one column
            stop -= stop < high
        spans = [(low, start - 1)] if start > low else []
        spans += [(month, month) for month in range(start, stop + 1)]
        spans += [(stop + 1, high)] if stop < high else []
        for first, last in spans:
            kinds: _Kinds = {}
            for month in known:
                if first <= month <= last:
                    for kind, pair in months[month].items():
                        have = kinds.get(kind, [0.0, 0.0])
                        kinds[kind] = [have[0] + pair[0], have[1] + pair[1]]
            columns.append(_Column(first, last, kinds))
    if None in months:
        columns.append(_Column(None, None, months[None]))
    return columns


def _writers(
    columns: list[_Column], value: str, currency: str | None
) -> tuple[Callable[[float], str], Callable[[float], str], str]:
    """Say how to write an amount in full and above a column, and the unit where that one leaves it out."""
    if value == "deals" or not currency:
        return formats.number, formats.number, ""

    def full(amount: float) -> str:
        return formats.escape_chart(formats.money(amount, currency))

    room = theme.PHONE / (len(columns) + 1) - 3
    if max(theme.text_width(full(column.total), 12, bold=True) for column in columns) <= room:
        return full, full, ""
    size = max(abs(column.total) for column in columns)
    divisor, suffix = next((unit for unit in _UNITS if size >= unit[0]), _UNITS[-1])

    def brief(amount: float) -> str:
        scaled = amount / divisor
        return formats.number(scaled, 0 if abs(scaled) >= 9.95 or not suffix else 1)

    return full, brief, formats.escape_chart(formats.currency_symbol(currency) + suffix)
