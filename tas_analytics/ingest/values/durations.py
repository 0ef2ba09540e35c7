"""Lengths of time: ``12 days``, ``2d 4h``, ``3:30:00``, plain numbers of days or milliseconds; all become days."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

DAYS: Final = "days"
MILLIS: Final = "milliseconds"
#: Words for each unit and how many days it has. The longest words first: m is a minute, mo a month.
_UNITS: Final = (
    (("weeks", "week", "wochen", "woche", "wks", "wk", "w", "semanas", "semana", "周"), 7.0),
    (("days", "day", "tagen", "tage", "tag", "jours", "jour", "días", "dias", "dia", "día", "d", "t", "j", "天"), 1.0),
    (("hours", "hour", "stunden", "stunde", "heures", "heure", "horas", "hora", "hrs", "hr", "std", "h", "小时"),
     1 / 24),
    (("minutes", "minute", "minuten", "minutos", "minuto", "mins", "min", "m", "分钟"), 1 / 1440),
    (("seconds", "second", "sekunden", "sekunde", "secondes", "seconde", "segundos", "secs", "sec", "sek", "s", "秒"),
     1 / 86400),
)  # fmt: skip
_NUMBER: Final = r"\d+(?:[.,]\d+)?"
_CLOCK: Final = r"\d{1,6}:[0-5]\d(?::[0-5]\d(?:\.\d+)?)?"
#: Above this many, plain numbers are milliseconds: no deal is a hundred thousand days old.
_TOO_MANY_DAYS: Final = 100_000


def read_durations(values: Sequence[tuple[str, int]]) -> tuple[str, str]:
    """The unit of a column's plain numbers, and the evidence for it.

    Parameters
    ----------
    values
        The column's distinct cleaned texts with how often each occurs.
    """
    numbers = [float(text.replace(",", ".")) for text, _ in values if re.fullmatch(_NUMBER, text)]
    if numbers and max(numbers) > _TOO_MANY_DAYS:
        return MILLIS, f"{max(numbers):,.0f} days would be too long, so plain numbers are milliseconds"
    return DAYS, "plain numbers are days" if numbers else "the cells name their units"


def duration_sql(text: str, unit: str = DAYS) -> str:
    """SQL of a DOUBLE in days for a trimmed text, or null where it is no length of time."""
    low = f"lower({text})"
    plain = f"try_cast(replace({text}, ',', '.') as double)" + (" / 86400000" if unit == MILLIS else "")
    hours = f"try_cast(split_part({text}, ':', 1) as double) / 24"
    minutes = f"try_cast(split_part({text}, ':', 2) as double) / 1440"
    seconds = f"coalesce(try_cast(nullif(split_part({text}, ':', 3), '') as double), 0) / 86400"
    words = "|".join(word for names, _ in _UNITS for word in names)
    named = rf"(?:{_NUMBER} ?(?:{words})\.?[ ,]*)+"
    parts = " + ".join(
        "coalesce(try_cast(replace(regexp_extract("
        rf"{low}, '({_NUMBER}) ?(?:{'|'.join(names)})(?:[^[:alpha:]]|$)', 1), ',', '.') as double), 0) * {days}"
        for names, days in _UNITS
    )
    return (
        f"(case when regexp_full_match({text}, '{_NUMBER}') then {plain} "
        f"when regexp_full_match({text}, '{_CLOCK}') then {hours} + {minutes} + {seconds} "
        f"when regexp_full_match({low}, '{named}') then {parts} end)"
    )
