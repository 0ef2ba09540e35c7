"""The waterfall's rule, the slip rate and the pushes a second time: deal by deal, in plain Python."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from tests.review.histories import Filters, History, State, convert, passes

Span = tuple[dt.date, dt.date] | None  # first day, and the first day after it
ZERO = Decimal("0.00")


@dataclass(frozen=True)
class Moved:
    """A deal of the waterfall."""

    bucket: str
    before: Decimal
    after: Decimal
    at_end: Decimal  # at the second day's rates


def inside(history: History, state: State | None, day: dt.date, span: Span, filters: Filters) -> bool:
    if state is None or state.status != "open" or not passes(history, state, day, filters):
        return False
    return in_span(state, span)


def in_span(state: State, span: Span) -> bool:
    return span is None or (state.close is not None and span[0] <= state.close < span[1])


def value(history: History, state: State, day: dt.date, known_on: dt.date | None = None) -> Decimal:
    """The amount as a day converts it, by the table of rates of that day or of a later one."""
    return convert(state.amount, day_rate(history, state, day, known_on))


def day_rate(history: History, state: State, day: dt.date, known_on: dt.date | None = None) -> float | None:
    if state.currency in ("", "USD"):
        return 1.0
    return history.rate(state.currency, known_on or day, min(state.close or day, day))


def waterfall(history: History, first: dt.date, second: dt.date, span: Span, filters: Filters) -> dict[str, Moved]:
    then, now = history.known(first), history.known(second)
    found = {}
    for key in then.keys() | now.keys():
        a, b = then.get(key), now.get(key)
        was, is_ = inside(history, a, first, span, filters), inside(history, b, second, span, filters)
        if not was and not is_:
            continue
        before = value(history, a, first) if was and a else ZERO
        after, at_end = ZERO, ZERO
        if is_ and b:
            at_end = value(history, b, second)
            same = was and a is not None and a.currency == b.currency
            after = convert(b.amount, day_rate(history, a, first)) if same and a else value(history, b, first)
        found[key] = Moved(_bucket(history, a, b, (was, is_), (first, second), filters, after - before),
                           before, after, at_end)  # fmt: skip
    return found


def _bucket(
    history: History, a: State | None, b: State | None, inside_: tuple[bool, bool], days: tuple[dt.date, dt.date],
    filters: Filters, change: Decimal,
) -> str:  # fmt: skip
    if inside_ == (True, True):
        return "increased" if change > 0 else "decreased" if change < 0 else "unchanged"
    if inside_[0]:
        if b is None:
            return "removed"
        if b.status != "open":
            return b.status
        return "pushed_out" if passes(history, b, days[1], filters) else "owner_out"
    if a is None:
        return "created"
    if a.status != "open":
        return "reopened"
    return "pulled_in" if passes(history, a, days[0], filters) else "owner_in"


def slipped(history: History, span: tuple[dt.date, dt.date], as_of: dt.date) -> tuple[int, Decimal, int, Decimal]:
    """Of one period: number and amount due at its start, and of these what moved beyond it."""
    start, now = history.known(span[0]), history.known(as_of)
    due = {key: s for key, s in start.items() if s.status == "open" and in_span(s, span)}
    gone = {key: s for key, s in due.items() if key in now and now[key].close and now[key].close >= span[1]}  # type: ignore[operator]
    total = [sum((value(history, s, span[0], as_of) for s in some.values()), ZERO) for some in (due, gone)]
    return len(due), total[0], len(gone), total[1]


def pushes(history: History, as_of: dt.date, span: Span) -> tuple[int, int]:
    """Moves of close dates into a later fiscal quarter, and to any later day, of the deals that close in a period."""

    def quarter(day: dt.date) -> int:
        return day.year * 4 + (day.month - history.first_month + 12) // 3

    later_quarter = later = 0
    for key, state in history.known(as_of).items():
        if in_span(state, span):
            closes = [s.close for s in history.seen(key, as_of)]
            for before, after in pairwise(closes):
                if before and after:
                    later += after > before
                    later_quarter += quarter(after) > quarter(before)
    return later_quarter, later
