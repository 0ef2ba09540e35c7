"""Fiscal periods: how they are named, where they begin and end, and which came before.

A fiscal year is named after the calendar year in which it ends, so with a start in February,
2026Q4 runs from November 2025 to January 2026.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Final

from tas_analytics.errors import BadQuestion

#: Years 1000 to 2999: all their quarters, and the years beside them, are days that a calendar has.
_Y: Final = r"([12]\d{3})"
_QUARTER: Final = re.compile(rf"^\s*{_Y}\s*-?\s*Q([1-4])\s*$|^\s*Q([1-4])\s*-?\s*{_Y}\s*$", re.IGNORECASE)
_MONTH: Final = re.compile(rf"^\s*{_Y}-(\d{{2}})\s*$")
_YEAR: Final = re.compile(rf"^\s*(?:FY\s*)?{_Y}\s*$", re.IGNORECASE)


@dataclass(frozen=True)
class Period:
    """A span of days: ``end`` is the first day after it."""

    key: str
    label: str
    start: dt.date
    end: dt.date

    @property
    def days(self) -> int:
        """Length in days."""
        return (self.end - self.start).days

    @property
    def last_day(self) -> dt.date:
        """The last day that belongs to it."""
        return self.end - dt.timedelta(days=1)

    def day_of(self, day: dt.date) -> int:
        """1 on the first day; may lie outside 1 … ``days``."""
        return (day - self.start).days + 1

    def contains(self, day: dt.date) -> bool:
        """Whether a day belongs to it."""
        return self.start <= day < self.end


@dataclass(frozen=True)
class FiscalCalendar:
    """Quarters of three calendar months from a chosen month on."""

    start_month: int = 1

    def quarter_of(self, day: dt.date) -> Period:
        """The fiscal quarter that a day lies in."""
        return self.quarter(*self._name(day))

    def quarter(self, year: int, number: int) -> Period:
        """Quarter ``number`` of fiscal year ``year``."""
        first_year = year if self.start_month == 1 else year - 1
        start = _add_months(dt.date(first_year, self.start_month, 1), 3 * (number - 1))
        return Period(f"{year}Q{number}", f"Q{number} {year}", start, _add_months(start, 3))

    def year(self, year: int) -> Period:
        """A whole fiscal year."""
        start = self.quarter(year, 1).start
        return Period(f"{year}", f"FY {year}", start, _add_months(start, 12))

    def previous(self, period: Period) -> Period:
        """The period of the same length just before."""
        months = round(period.days / 30.4)
        before = _add_months(period.start, -months)
        if months == 3:
            return self.quarter_of(before)
        if months == 12:
            return self.parse(str(int(period.key) - 1))
        return self.month(before)

    def next_quarter(self, period: Period) -> Period:
        """The quarter after a period."""
        return self.quarter_of(period.end)

    def quarters(self, first: dt.date, last: dt.date) -> list[Period]:
        """All quarters that touch the days from ``first`` to ``last``, oldest first."""
        found = [self.quarter_of(first)]
        while found[-1].end <= last:
            found.append(self.quarter_of(found[-1].end))
        return found

    @staticmethod
    def month(day: dt.date) -> Period:
        """The calendar month that a day lies in."""
        start = day.replace(day=1)
        return Period(f"{start:%Y-%m}", f"{start:%b %Y}", start, _add_months(start, 1))

    def parse(self, text: str) -> Period:
        """A period from its name: ``2026Q3``, ``2026-07`` or ``2026``.

        Raises
        ------
        BadQuestion
            The text names no period.
        """
        if match := _QUARTER.match(text):
            return self.quarter(int(match[1] or match[4]), int(match[2] or match[3]))
        if (match := _MONTH.match(text)) and 1 <= int(match[2]) <= 12:
            return self.month(dt.date(int(match[1]), int(match[2]), 1))
        if match := _YEAR.match(text):
            return self.year(int(match[1]))
        raise BadQuestion(
            f'"{text}" is not a period', "Write a fiscal quarter as 2026Q3, a month as 2026-07 or a year as 2026."
        )

    def quarter_sql(self, column: str) -> str:
        """SQL that names the fiscal quarter of a date column, like ``2026Q3``; NULL for NULL."""
        s = self.start_month
        year = f"year({column})" if s == 1 else f"year({column}) + case when month({column}) >= {s} then 1 else 0 end"
        return f"cast({year} as varchar) || 'Q' || cast(((month({column}) - {s} + 12) % 12) // 3 + 1 as varchar)"

    def _name(self, day: dt.date) -> tuple[int, int]:
        year = day.year + (1 if self.start_month > 1 and day.month >= self.start_month else 0)
        return year, (day.month - self.start_month) % 12 // 3 + 1


def _add_months(day: dt.date, months: int) -> dt.date:
    index = day.year * 12 + day.month - 1 + months
    return dt.date(index // 12, index % 12 + 1, 1)
