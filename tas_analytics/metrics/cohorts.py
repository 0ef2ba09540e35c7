"""Which deals a funnel follows: those created in a span of time, those that close in one, or all; and who came before.

A cohort is a scope, so every metric answers for it: created dates are filtered by fiscal quarter. It is named by a key
that can stand in a link: ``year``, ``all``, ``created`` and ``closing`` for the period of the filters, or with a period
of their own, as in ``created:2025Q3`` and ``closing:2025``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from tas_analytics.metrics.company import Company
from tas_analytics.metrics.periods import FiscalCalendar, Period
from tas_analytics.metrics.scope import Scope

YEAR: Final = "year"
YEAR_BEFORE: Final = "year_before"
CREATED: Final = "created"
CLOSING: Final = "closing"
ALL: Final = "all"
#: Quarters in a year's cohort, the present one included.
_QUARTERS: Final = 4


@dataclass(frozen=True)
class Cohort:
    """Deals to follow: their scope, and what to call them after "deals"."""

    scope: Scope
    words: str


def cohort(company: Company, scope: Scope, key: str) -> Cohort:
    """The deals that a key means within a scope's filters; for a key without a period the scope's own counts.

    Raises
    ------
    BadQuestion
        The key names no period.
    """
    kind, _, named = key.partition(":")
    if key in {YEAR, YEAR_BEFORE}:
        return _created(company, scope, _four(company, scope, key))
    period = company.calendar.parse(named) if named else scope.period
    if period is None or kind == ALL:
        return Cohort(scope.within(None), "of all dates")
    if kind == CREATED:
        return _created(company, scope, company.calendar.quarters(period.start, period.last_day), period.label)
    return Cohort(scope.within(period), f"closing in {period.label}")


def choices(scope: Scope, created: Iterable[str], closing: Iterable[str]) -> list[str]:
    """The keys to choose from, each meaning something else: the usual ones, then years and quarters, newest first.

    Parameters
    ----------
    scope
        Its period comes first.
    created, closing
        The fiscal quarters (``2026Q3``) in which deals were created, and those in which they close.
    """
    usual = [YEAR, YEAR_BEFORE, *([CREATED, CLOSING] if scope.period else []), ALL]
    spans = [
        f"{kind}:{span}"
        for kind, quarters in ((CREATED, set(created)), (CLOSING, set(closing)))
        for span in [
            *sorted({key.partition("Q")[0] for key in quarters}, reverse=True), *sorted(quarters, reverse=True)
        ]
    ]  # fmt: skip
    found: dict[str, str] = {}
    for key in [*usual, *spans]:
        found.setdefault(in_words(key, scope.period), key)
    return list(found.values())


def before(company: Company, scope: Scope, key: str) -> str | None:
    """The key of the deals of the same kind a period (or four quarters) earlier; None for all dates."""
    kind, _, named = key.partition(":")
    if key == YEAR:
        return YEAR_BEFORE
    period = company.calendar.parse(named) if named else scope.period
    if key in {YEAR_BEFORE, ALL} or period is None:
        return None
    return f"{kind}:{company.calendar.previous(period).key}"


def in_words(key: str, period: Period | None = None) -> str:
    """How a choice is written in the list: ``Created in Q4 2026``."""
    kind, _, named = key.partition(":")
    if key == YEAR:
        return "Created in the last four quarters"
    if key == YEAR_BEFORE:
        return "Created in the four quarters before"
    # The days of a period depend on the company's calendar, its name does not.
    span = FiscalCalendar().parse(named) if named else period
    if kind == ALL or span is None:
        return "Deals of all dates"
    return f"Created in {span.label}" if kind == CREATED else f"Closing in {span.label}"


def names_period(key: str) -> bool:
    """Whether a key begins as those do that name a period of their own."""
    return key.startswith((f"{CREATED}:", f"{CLOSING}:"))


def _four(company: Company, scope: Scope, key: str) -> list[Period]:
    last = company.calendar.quarter_of(scope.as_of)
    for _ in range(_QUARTERS if key == YEAR_BEFORE else 0):
        last = company.calendar.previous(last)
    found = [last]
    while len(found) < _QUARTERS:
        found.insert(0, company.calendar.previous(found[0]))
    return found


def _created(company: Company, scope: Scope, quarters: list[Period], label: str | None = None) -> Cohort:
    kept = tuple(quarter.key for quarter in quarters)
    asked = scope.filtered_by.get("created_quarter")
    if asked:
        kept = tuple(key for key in kept if key in asked) or ("none",)
    first, last = quarters[0], quarters[-1]
    span = label or (first.label if first == last else f"{first.label} to {last.label}")
    return Cohort(scope.within(None).where("created_quarter", *kept), f"created in {span}")
