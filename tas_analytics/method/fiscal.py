"""The fiscal year: where its years and quarters begin, for Python and for SQL alike.

A fiscal year is named after the calendar year in which it ends, so with a start in February, 2026Q4 runs
from November 2025 to January 2026. Quarters are three calendar months, or thirteen weeks (4-4-5): then the year
begins on the weekday that is nearest to the first of its month, and its last quarter takes the fourteenth week
that some years have.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

#: Values of the setting ``fiscal_quarters``.
MONTHS: Final = "months"
WEEKS: Final = "weeks"
_QUARTER_DAYS: Final = 91


@dataclass(frozen=True)
class Fiscal:
    """When the year begins, and what a quarter is.

    ``start_month`` is 1 to 12; ``weeks`` makes quarters of thirteen weeks; ``week_start`` is the weekday on which
    a week begins, 1 for Monday to 7 for Sunday.
    """

    start_month: int = 1
    weeks: bool = False
    week_start: int = 1

    @classmethod
    def of(cls, settings: Mapping[str, str | None]) -> Fiscal:
        """The calendar that a store's settings describe."""
        return cls(
            int(settings.get("fiscal_start_month") or 1),
            settings.get("fiscal_quarters") == WEEKS,
            int(settings.get("week_start") or 1),
        )

    def year_start(self, year: int) -> dt.date:
        """The first day of a fiscal year."""
        first = dt.date(self._begins_in(year), self.start_month, 1)
        return first - dt.timedelta(days=self._shift(first)) if self.weeks else first

    def quarter_start(self, year: int, number: int) -> dt.date:
        """The first day of a quarter; number 5 is the first of the next year."""
        if number > 4:
            return self.year_start(year + 1)
        start = self.year_start(year)
        if self.weeks:
            return start + dt.timedelta(days=_QUARTER_DAYS * (number - 1))
        return add_months(start, 3 * (number - 1))

    def quarter_of(self, day: dt.date) -> tuple[int, int]:
        """Fiscal year and number of the quarter that a day lies in."""
        year = day.year + (0 if self.start_month == 1 else 1)
        year = next(one for one in (year + 1, year, year - 1) if self.year_start(one) <= day)
        if self.weeks:
            return year, min((day - self.year_start(year)).days // _QUARTER_DAYS, 3) + 1
        return year, (day.month - self.start_month) % 12 // 3 + 1

    def week_of(self, first: dt.date, day: dt.date) -> int:
        """The week that a day lies in, counted from the week of a first day; 1 is that week."""
        monday = first - dt.timedelta(days=(first.isoweekday() - self.week_start) % 7)
        return (day - monday).days // 7 + 1

    def quarter_sql(self, column: str) -> str:
        """SQL that names the quarter of a date column, like ``2026Q3``; NULL for NULL."""
        if self.weeks:
            year = self._week_year_sql(column)
            number = f"least(({column} - {self.year_start_sql(year)}) // {_QUARTER_DAYS}, 3) + 1"
            return f"cast({year} as varchar) || 'Q' || cast({number} as varchar)"
        s = self.start_month
        year = f"year({column})" if s == 1 else f"year({column}) + case when month({column}) >= {s} then 1 else 0 end"
        return f"cast({year} as varchar) || 'Q' || cast(((month({column}) - {s} + 12) % 12) // 3 + 1 as varchar)"

    def quarter_number_sql(self, column: str) -> str:
        """SQL of a number that grows by one from quarter to quarter."""
        if self.weeks:
            year = self._week_year_sql(column)
            return f"({year} * 4 + least(({column} - {self.year_start_sql(year)}) // {_QUARTER_DAYS}, 3))"
        return f"(year({column}) * 4 + (month({column}) - {self.start_month} + 12) // 3)"

    def year_start_sql(self, year: str) -> str:
        """SQL of the first day of a fiscal year that is given as SQL."""
        first = f"make_date({year} - {0 if self.start_month == 1 else 1}, {self.start_month}, 1)"
        if not self.weeks:
            return first
        return f"({first} - cast((isodow({first}) - {self.week_start} + 10) % 7 - 3 as integer))"

    def quarter_start_sql(self, year: str, number: str) -> str:
        """SQL of the first day of a quarter; number 5 is the first of the next year."""
        if self.weeks:
            later = self.year_start_sql(f"({year} + 1)")
            within = f"{self.year_start_sql(year)} + {_QUARTER_DAYS} * ({number} - 1)"
            return f"case when {number} > 4 then {later} else {within} end"
        return f"cast({self.year_start_sql(year)} + to_months(3 * ({number} - 1)) as date)"

    def _week_year_sql(self, column: str) -> str:
        named = f"(year({column}) + {0 if self.start_month == 1 else 1})"
        begun = [f"{column} >= {self.year_start_sql(f'({named} + {step})')}" for step in (1, 0)]
        return f"({named} + case when {begun[0]} then 1 when {begun[1]} then 0 else -1 end)"

    def _begins_in(self, year: int) -> int:
        return year if self.start_month == 1 else year - 1

    def _shift(self, first: dt.date) -> int:
        """Days back from the first of the month to the nearest day on which a week begins; below zero: ahead."""
        return (first.isoweekday() - self.week_start + 10) % 7 - 3


def add_months(day: dt.date, months: int) -> dt.date:
    """The first of the month so many months later."""
    index = day.year * 12 + day.month - 1 + months
    return dt.date(index // 12, index % 12 + 1, 1)
