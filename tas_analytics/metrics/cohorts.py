"""Which deals a funnel follows: those created in a span of time, those that close in one, or all; and who came before.

A cohort is a scope, so every metric answers for it: created dates are filtered by fiscal quarter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tas_analytics.metrics.company import Company
from tas_analytics.metrics.periods import Period
from tas_analytics.metrics.scope import Scope

YEAR: Final = "year"
CREATED: Final = "created"
CLOSING: Final = "closing"
ALL: Final = "all"
KEYS: Final = (YEAR, CREATED, CLOSING, ALL)
#: Quarters in a year's cohort, the present one included.
_QUARTERS: Final = 4


@dataclass(frozen=True)
class Cohort:
    """Deals to follow: their scope, and what to call them after "deals"."""

    scope: Scope
    words: str


def cohort(company: Company, scope: Scope, key: str) -> Cohort:
    """The deals that a choice means within a scope's filters; its period says which quarters."""
    if key == YEAR:
        return _created(company, scope, _quarters(company, company.calendar.quarter_of(scope.as_of)))
    if scope.period is None or key == ALL:
        return Cohort(scope.within(None), "of all dates")
    if key == CREATED:
        return _created(company, scope, company.calendar.quarters(scope.period.start, scope.period.last_day))
    return Cohort(scope, f"closing in {scope.period.label}")


def before(company: Company, scope: Scope, key: str) -> Cohort | None:
    """The deals of the same kind a period (or four quarters) earlier; None where there is no earlier one."""
    if key == YEAR:
        last = company.calendar.quarter_of(scope.as_of)
        for _ in range(_QUARTERS):
            last = company.calendar.previous(last)
        return _created(company, scope, _quarters(company, last))
    if scope.period is None or key == ALL:
        return None
    return cohort(company, scope.within(company.calendar.previous(scope.period)), key)


def in_words(key: str, period: Period | None) -> str:
    """How a choice is written in the list: ``Created in Q4 2026``."""
    if key == YEAR:
        return "Created in the last four quarters"
    if key == ALL or period is None:
        return "Deals of all dates"
    return f"Created in {period.label}" if key == CREATED else f"Closing in {period.label}"


def _quarters(company: Company, last: Period) -> list[Period]:
    found = [last]
    while len(found) < _QUARTERS:
        found.insert(0, company.calendar.previous(found[0]))
    return found


def _created(company: Company, scope: Scope, quarters: list[Period]) -> Cohort:
    kept = tuple(quarter.key for quarter in quarters)
    asked = scope.filtered_by.get("created_quarter")
    if asked:
        kept = tuple(key for key in kept if key in asked) or ("none",)
    first, last = quarters[0], quarters[-1]
    span = first.label if first == last else f"{first.label} to {last.label}"
    return Cohort(scope.within(None).where("created_quarter", *kept), f"created in {span}")
