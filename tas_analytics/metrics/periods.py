"""Fiscal periods: how they are named, where they begin and end, and which came before.

Where years and quarters begin stands in :mod:`tas_analytics.method.fiscal`; months are the calendar's.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tas_analytics.errors import BadQuestion
from tas_analytics.method.fiscal import Fiscal, add_months

#: Years 1000 to 2999: all their quarters, and the years beside them, are days that a calendar has.
_Y: Final = r"([12]\d{3})"
_QUARTER: Final = re.compile(
    rf"^\s*(?:FY\s*)?{_Y}\s*-?\s*Q([1-4])\s*$|^\s*Q([1-4])\s*-?\s*(?:FY\s*)?{_Y}\s*$", re.IGNORECASE
)
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
    """The fiscal year's quarters, and other periods by their names; see :class:`Fiscal` for the three fields."""

    start_month: int = 1
    weeks: bool = False
    week_start: int = 1

    @property
    def fiscal(self) -> Fiscal:
        """The days on which its years and quarters begin."""
        return Fiscal(self.start_month, self.weeks, self.week_start)

    @classmethod
    def of(cls, settings: Mapping[str, str | None]) -> FiscalCalendar:
        """The calendar that a store's settings describe."""
        found = Fiscal.of(settings)
        return cls(found.start_month, found.weeks, found.week_start)

    def quarter_of(self, day: dt.date) -> Period:
        """The fiscal quarter that a day lies in."""
        return self.quarter(*self.fiscal.quarter_of(day))

    def quarter(self, year: int, number: int) -> Period:
        """Quarter ``number`` of fiscal year ``year``."""
        start, end = self.fiscal.quarter_start(year, number), self.fiscal.quarter_start(year, number + 1)
        # A year that begins in another month than January has a number of its own, which is not the calendar's.
        label = f"Q{number} {year}" if self.start_month == 1 else f"Q{number} FY{year}"
        return Period(f"{year}Q{number}", label, start, end)

    def year(self, year: int) -> Period:
        """A whole fiscal year."""
        return Period(f"{year}", f"FY {year}", self.fiscal.year_start(year), self.fiscal.year_start(year + 1))

    def previous(self, period: Period) -> Period:
        """The period of the same kind just before."""
        before = period.start - dt.timedelta(days=1)
        if "Q" in period.key:
            return self.quarter_of(before)
        if "-" not in period.key:
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
        return Period(f"{start:%Y-%m}", f"{start:%b %Y}", start, add_months(start, 1))

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
        return self.fiscal.quarter_sql(column)

    def week_of(self, period: Period, day: dt.date) -> int:
        """The week of a period that a day lies in: 1 is the week of its first day."""
        return self.fiscal.week_of(period.start, day)
