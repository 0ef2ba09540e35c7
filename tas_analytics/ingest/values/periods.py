"""Periods: quarters, months and years in whatever form a target list has them, as one normal text."""

from __future__ import annotations

from typing import Final

from tas_analytics.ingest.values.dates import month_sql

_YEAR: Final = r"(?:FY|CY|GJ|EF)? ?'?((?:19|20)\d{2}|\d{2})"
_FULL: Final = r"((?:19|20)\d{2})"
_Q: Final = r"(?:Q|T|第)"
#: (pattern, group of the year, group of the quarter). The Roman "T" is the French trimestre.
_QUARTERS: Final = (
    (rf"(?i)(?:FY|CY)? ?'?{_FULL} ?[-/_. ]? ?(?:FY)?{_Q} ?([1-4])", 1, 2),
    (rf"(?i)(?:FY|CY) ?'?(\d{{2}}) ?[-/_. ]? ?{_Q} ?([1-4])", 1, 2),
    (rf"(?i){_Q} ?([1-4]) ?[-/_. ]? ?{_YEAR}", 2, 1),
    (rf"{_FULL} ?年 ?(?:第)? ?([1-4]) ?季度?", 1, 2),
    (rf"{_FULL} ?年 ?Q([1-4])", 1, 2),
)
#: (pattern, group of the year, group of the month as a number).
_MONTHS: Final = (
    (rf"(?i){_FULL} ?[-/._ M] ?(0?[1-9]|1[0-2])", 1, 2),
    (rf"{_FULL}(0[1-9]|1[0-2])", 1, 2),
    (rf"(0?[1-9]|1[0-2]) ?[-/.] ?{_FULL}", 2, 1),
    (rf"{_FULL} ?年 ?(0?[1-9]|1[0-2]) ?月", 1, 2),
)
_WORD: Final = r"([a-zA-Zäéûçôè]+)\.?"
#: (pattern, group of the year, group of the month's name).
_NAMED: Final = (
    (rf"(?i){_WORD} ?[-/, ]? ?(?:de )?{_YEAR}", 2, 1),
    (rf"(?i){_FULL} ?[-/, ]? ?{_WORD}", 1, 2),
)
_YEARS: Final = (rf"(?i)(?:FY|CY|GJ|EF)? ?'?{_FULL} ?年?", r"(?i)(?:FY|CY|GJ|EF) ?'?(\d{2})")


def _quote(pattern: str) -> str:
    return "'" + pattern.replace("'", "''") + "'"


def _four_digits(year: str) -> str:
    return f"(case when length({year}) = 2 then '20' || {year} else {year} end)"


def period_sql(text: str, date: str | None) -> str:
    """SQL of the normal text of a period (``2026Q3``, ``2026-07``, ``2026``), or null.

    Parameters
    ----------
    text
        SQL for the cell, trimmed and with plain blanks.
    date
        SQL that reads the cell as a date, where the column has dates: the first of a month stands for the month.
    """
    branches: list[str] = []
    for pattern, year, quarter in _QUARTERS:
        found = _four_digits(f"regexp_extract({text}, {_quote(pattern)}, {year})")
        part = f"regexp_extract({text}, {_quote(pattern)}, {quarter})"
        branches.append(f"when regexp_full_match({text}, {_quote(pattern)}) then {found} || 'Q' || {part}")
    for pattern, year, month in _MONTHS:
        found = f"regexp_extract({text}, {_quote(pattern)}, {year})"
        part = f"lpad(regexp_extract({text}, {_quote(pattern)}, {month}), 2, '0')"
        branches.append(f"when regexp_full_match({text}, {_quote(pattern)}) then {found} || '-' || {part}")
    for pattern in _YEARS:
        found = _four_digits(f"regexp_extract({text}, {_quote(pattern)}, 1)")
        branches.append(f"when regexp_full_match({text}, {_quote(pattern)}) then {found}")
    for pattern, year, word in _NAMED:
        found = _four_digits(f"regexp_extract({text}, {_quote(pattern)}, {year})")
        number = month_sql(f"regexp_extract({text}, {_quote(pattern)}, {word})")
        branches.append(f"when regexp_full_match({text}, {_quote(pattern)}) then {found} || '-' || {number}")
    if date is not None:
        branches.append(f"when day({date}) = 1 then strftime({date}, '%Y-%m')")
    return f"(case {' '.join(branches)} else null end)"
