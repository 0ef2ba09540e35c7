"""The same question asked of the period before, on the same day of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from tas_analytics.metrics.company import Company
from tas_analytics.metrics.periods import Period
from tas_analytics.metrics.scope import Scope


@dataclass(frozen=True)
class Before:
    """Scopes to compare with, and what to call them.

    ``snapshot`` asks what was open on the same day of the period before: it needs an export of
    then and is None without one. ``flow`` asks what closed up to the same day of the period
    before, which today's data tell as well.
    """

    snapshot: Scope | None
    flow: Scope | None
    words: str
    brief: str


def before(company: Company, scope: Scope) -> Before:
    """What to compare a scope with.

    With a period: the period before, up to the same day. Without one: the export before.
    """
    if scope.period is None:
        earlier = [day for day in company.days if day < scope.as_of]
        if not earlier:
            return Before(None, None, "no earlier export", "")
        same = scope.on(earlier[-1])
        name = f"{earlier[-1].day} {earlier[-1]:%b}"
        return Before(same, same, f"the export of {name}", f"since {name}")
    previous = company.calendar.previous(scope.period)
    passed = min(max(scope.period.day_of(scope.as_of), 0), scope.period.days)
    day = min(previous.start + dt.timedelta(days=max(passed, 1) - 1), previous.last_day)
    if passed >= scope.period.days:
        day = previous.last_day
    until = Period(previous.key, previous.label, previous.start, day + dt.timedelta(days=1))
    words = f"{previous.label} on its day {previous.day_of(day)}, like today's of this period"
    # Before close dates are known, what was due in a period cannot be told.
    told = company.closes_from or company.first_day
    known = told is not None and told <= day
    return Before(
        replace(scope, as_of=day, period=previous) if known else None,
        replace(scope, period=until) if passed > 0 else None,
        words,
        f"vs {short(previous)}",
    )


def short(period: Period) -> str:
    """``Q3`` for a quarter; other periods by their label."""
    return period.label.split()[0] if "Q" in period.key else period.label
