"""Dates as people and programs write them: shapes, the order of day and month, and the SQL that reads them.

A column may mix shapes (a spreadsheet turns some dates into serial numbers), but day and month have one order in
the whole column. That order is decided from all its values, with the evidence, never cell by cell.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

#: A time of day behind the date, with or without seconds, half of the day and zone. It is read over: a date is
#: the day as it was written, so that a deal closed late in the evening does not move to the next day.
TIME: Final = (
    r"(?:(?:[T ]|, ?) *(?:上午|下午)? ?[0-2]?\d:[0-5]\d(?::[0-5]\d(?:[.,]\d+)?)?(?: ?[aApP]\.? ?[mM]\.?)?"
    r"(?: ?(?:[zZ]|UTC|GMT|[A-Z]{3,4}|[+-]\d{2}:?(?:\d{2})?))?)?"
)
_WEEKDAY: Final = (
    r"(?:(?:mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so|lun|mar|mer|jeu|ven|sam|dim)[[:alpha:]]*\.?,? +)?"
)
#: Month names by number: English, German, French, Spanish, Portuguese and Italian, in full and shortened.
MONTHS: Final = (
    "jan january januar jänner jaenner janv janvier ene enero janeiro gen gennaio".split(),
    "feb february februar fév fev févr fevr février fevrier febrero fevereiro febbraio".split(),
    "mar march mär mrz märz maerz mars marzo março marco".split(),
    "apr april avr avril abr abril aprile".split(),
    "may mai mayo maio mag maggio".split(),
    "jun june juni juin junio junho giu giugno".split(),
    "jul july juli juil juillet julio julho lug luglio".split(),
    "aug august août aout aoû ago agosto".split(),
    "sep sept september septembre septiembre set setembro settembre".split(),
    "oct october okt oktober octobre octubre out outubro ott ottobre".split(),
    "nov november novembre noviembre novembro".split(),
    "dec december dez dezember déc décembre decembre dic diciembre dezembro dicembre".split(),
)
_MONTH_NUMBER: Final = {name: number for number, names in enumerate(MONTHS, start=1) for name in names}
_WORD: Final = r"([a-zA-Zäéûçôè]+)\.?"
#: Two-digit years: 70 to 99 are of the last century, as in POSIX.
PIVOT: Final = 70


@dataclass(frozen=True)
class Shape:
    """One way to write a date: its name, its pattern and which group is year, month and day."""

    name: str
    pattern: str
    year: int
    month: int
    day: int
    order: str | None = None
    words: bool = False
    short_year: bool = False

    @property
    def regex(self) -> str:
        """The whole cell, time included."""
        return "(?i)" + self.pattern + TIME if self.words else self.pattern + TIME


def _numeric() -> list[Shape]:
    """Day and month as numbers, in both orders, for each separator, with four and two digits of the year."""
    shapes = []
    for order, directives, groups in (
        ("dmy", ("%d", "%m"), (2, 1)),
        ("mdy", ("%m", "%d"), (1, 2)),
    ):
        for sign in "/.-":
            for year, digits in (("%Y", r"(\d{4})"), ("%y", r"(\d{2})")):
                name = sign.join((*directives, year))
                mark = re.escape(sign) if sign != "/" else sign
                pattern = rf"(\d{{1,2}}){mark} ?(\d{{1,2}}){mark} ?{digits}"
                shapes.append(Shape(name, pattern, 3, groups[0], groups[1], order, short_year=year == "%y"))
    for sign in "/.-":
        mark = re.escape(sign) if sign != "/" else sign
        name = sign.join(("%y", "%m", "%d"))
        shapes.append(Shape(name, rf"(\d{{2}}){mark}(\d{{1,2}}){mark}(\d{{1,2}})", 1, 2, 3, "ymd", short_year=True))
    return shapes


SHAPES: Final = (
    Shape("%Y-%m-%d", r"(\d{4})-(\d{1,2})-(\d{1,2})", 1, 2, 3),
    Shape("%Y/%m/%d", r"(\d{4})/(\d{1,2})/(\d{1,2})", 1, 2, 3),
    Shape("%Y.%m.%d", r"(\d{4})\.(\d{1,2})\.(\d{1,2})\.?", 1, 2, 3),
    Shape("%Y%m%d", r"((?:19|20)\d{2})(\d{2})(\d{2})", 1, 2, 3),
    Shape("%Y年%m月%d日", r"(\d{4}) ?年 ?(\d{1,2}) ?月 ?(\d{1,2}) ?[日号]", 1, 2, 3),
    *_numeric(),
    Shape(
        "%d %b %Y",
        _WEEKDAY + rf"(\d{{1,2}})(?:st|nd|rd|th|er|\.|º)?[ /-]*(?:de )? ?{_WORD},?[ /-]*(?:de )? ?(\d{{4}})",
        3, 2, 1, words=True,
    ),
    Shape("%d %b %y", rf"(\d{{1,2}})[ /-]{_WORD}[ /-]'?(\d{{2}})", 3, 2, 1, words=True, short_year=True),
    Shape("%b %d, %Y", _WEEKDAY + rf"{_WORD}[ -]+(\d{{1,2}})(?:st|nd|rd|th)?,?[ -]+(\d{{4}})", 3, 1, 2, words=True),
    Shape("%Y-%b-%d", rf"(\d{{4}})[ /-]{_WORD}[ /-](\d{{1,2}})", 1, 2, 3, words=True),
)  # fmt: skip
_BY_NAME: Final = {shape.name: shape for shape in SHAPES}
#: Numbers that stand for a day: (name, pattern).
SERIAL: Final = "Excel day number"
SECONDS: Final = "seconds since 1970"
MILLIS: Final = "milliseconds since 1970"
_NUMBERS: Final = {SERIAL: r"[3-5]\d{4}(?:\.\d+)?|60000", SECONDS: r"\d{9,10}(?:\.\d+)?", MILLIS: r"\d{12,13}"}


def _python(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern.replace("[[:alpha:]]", r"[^\W\d_]"))


_COMPILED: Final = tuple((shape, _python(shape.regex)) for shape in SHAPES)
_COMPILED_NUMBERS: Final = tuple((name, re.compile(pattern)) for name, pattern in _NUMBERS.items())


_CLOCK: Final = re.compile(r"(?<!\d)[0-2]?\d:[0-5]\d(?::[0-5]\d(?:[.,]\d+)?)?")


@dataclass(frozen=True)
class DateReading:
    """How a column's dates are read."""

    order: str | None
    formats: tuple[str, ...]
    evidence: str
    ambiguous: bool


def month_number(word: str) -> int | None:
    """The number of a month by its name in one of the languages known."""
    return _MONTH_NUMBER.get(word.lower().rstrip("."))


def shapes_of(text: str) -> list[tuple[str, str | None, int, int]]:
    """Every way a text can be read as a date: ``(format, order, month, day)``."""
    found: list[tuple[str, str | None, int, int]] = [
        (shape.name, shape.order, month, day)
        for shape, _, month, day in _matches(text)
        if 1 <= month <= 12 and 1 <= day <= 31
    ]
    found += [(name, None, 1, 1) for name, regex in _COMPILED_NUMBERS if regex.fullmatch(text)]
    return found


def _matches(text: str) -> Iterator[tuple[Shape, re.Match[str], int, int]]:
    """The shapes that fit a text, each with its match, month and day, which need not be of any calendar."""
    for shape, regex in _COMPILED:
        match = regex.fullmatch(text)
        if match is None:
            continue
        month = month_number(match[shape.month]) if shape.words else int(match[shape.month])
        if month is not None:
            yield shape, match, month, int(match[shape.day])


#: What may be a date inside a sentence: three numbers, or two and a month's name.
_INSIDE: Final = re.compile(
    r"(?<![\w/.-])(?:\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|(?:19|20)\d{6}|\d{4} ?年 ?\d{1,2} ?月 ?\d{1,2} ?[日号]"
    rf"|\d{{1,2}}\.?[ /-]?(?:de )?{_WORD}[ /-]?(?:de )?\d{{4}}|{_WORD} \d{{1,2}},? \d{{4}})(?!(?!T\d)[\w/-])"
)


def days_in(sentence: str) -> list[dict[str | None, dt.date]]:
    """The different dates in a sentence, each with the days that it can mean by the order of day and month.

    Examples
    --------
    >>> days_in("Generated By: Jane Doe 10/30/2026 9:12 AM")
    [{'mdy': datetime.date(2026, 10, 30)}]
    >>> sorted(days_in("Stand: 3.4.2026")[0])
    ['dmy', 'mdy']
    """
    found: list[dict[str | None, dt.date]] = []
    for match in _INSIDE.finditer(sentence):
        readings = {order: day for order, day in _days(match[0]) if day.year >= _OLDEST}
        if readings and readings not in found:
            found.append(readings)
    return found


#: Older days are no dates of a CRM.
_OLDEST: Final = 1970


def _days(text: str) -> Iterable[tuple[str | None, dt.date]]:
    """Every day that a text can mean, the four-digit year first or last."""
    for shape, match, month, day in _matches(text):
        if not shape.short_year:
            with suppress(ValueError):  # there is no such day
                yield shape.order, dt.date(int(match[shape.year]), month, day)


def read_dates(values: Iterable[tuple[str, int]], hint: str | None) -> DateReading:
    """Decide the shapes and the order of day and month of a column.

    Parameters
    ----------
    values
        The distinct trimmed texts that are not missing, with how often each occurs.
    hint
        The order found elsewhere in the file or set by the user, for a column that does not tell.
    """
    formats: dict[str, int] = {}
    votes = {"dmy": 0, "mdy": 0, "ymd": 0}
    example: dict[str, str] = {}
    open_cells: list[tuple[str, int]] = []
    dotted = clock = False
    memo: dict[str, list[tuple[str, str | None, int, int]]] = {}
    for text, times in values:
        # A million time stamps have few thousand days: the time of day decides nothing here.
        key = _CLOCK.sub("0:00", text, count=1)
        found = memo.get(key)
        if found is None:
            found = memo[key] = shapes_of(key)
        orders = {order for _, order, _, _ in found if order}
        for name, _, _, _ in found:
            formats[name] = formats.get(name, 0) + times
        if not orders or any(order is None for _, order, _, _ in found):
            continue
        # 25-03-15 may be the year 2025 first, or the day: the year comes first only where no other reading fits.
        if len(orders) > 1:
            orders.discard("ymd")
        if len(orders) == 1:
            only = orders.pop()
            votes[only] += times
            example.setdefault(only, text)
        else:
            open_cells.append((text, times))
            dotted |= bool(re.match(r"\d{1,2}\.", text))
            clock |= bool(re.search(r"\d ?[ap]\.? ?m", text, re.IGNORECASE))
    decided, evidence, ambiguous = _order(votes, example, open_cells, hint, dotted, clock)
    known = [name for name in formats if (_BY_NAME[name].order if name in _BY_NAME else None) in (None, decided)]
    known.sort(key=lambda name: -formats[name])
    if decided is None:
        shown = next(iter(known), "")
        decided = "ymd" if shown.startswith("%Y") else None
        evidence = evidence or _plain_evidence(shown)
    return DateReading(decided, tuple(known), evidence, ambiguous)


_ORDER_NAMES: Final = {"dmy": "day/month", "mdy": "month/day", "ymd": "year/month/day"}


def _order(
    votes: dict[str, int],
    example: dict[str, str],
    open_cells: Sequence[tuple[str, int]],
    hint: str | None,
    dotted: bool,
    clock: bool,
) -> tuple[str | None, str, bool]:
    """The order of day and month, the evidence in a sentence, and whether it remains a guess."""
    ranked = sorted((order for order in votes if votes[order]), key=lambda order: -votes[order])
    if ranked:
        best = ranked[0]
        times = votes[best]
        also = "" if times == 1 else f", as can {times - 1:,} more"
        sentence = f'"{example[best]}" can only be {_ORDER_NAMES[best]}{also}'
        against = sum(votes[order] for order in ranked[1:])
        if against:
            other = ranked[1]
            sentence += f'; {against:,} contradict this, such as "{example[other]}", and are rejected'
            if votes[other] == votes[best]:
                chosen = hint if hint in ranked else best
                return chosen, f"as many cells are day/month as month/day; read as {_ORDER_NAMES[chosen]}", True
        return best, sentence, False
    if not open_cells:
        return None, "", False
    if hint in ("dmy", "mdy"):
        return hint, f"no day is above 12; read as {_ORDER_NAMES[hint]} like the rest of the file or as set", False
    if dotted:
        return "dmy", "no day is above 12, but dates with points are written day.month.year", False
    if clock:
        return "mdy", "no day is above 12, but the 12-hour clock speaks for the American month/day", False
    firsts = {text.split(sign)[0].zfill(2) for text, _ in open_cells for sign in "/-" if sign in text}
    seconds = {text.split(sign)[1].zfill(2) for text, _ in open_cells for sign in "/-" if sign in text}
    if firsts == {"01"} and len(seconds) >= 3:
        return "dmy", "no day is above 12; the first number is always 1, as on first days of months", True
    return "mdy", "no day is above 12, so day/month cannot be told from month/day; read as month/day", True


def _plain_evidence(name: str) -> str:
    if name == SERIAL:
        return "the cells are day numbers of a spreadsheet"
    if name in (SECONDS, MILLIS):
        return f"the cells are {name}"
    if name.startswith("%Y"):
        return "the year comes first, so day and month cannot be mistaken"
    if "%b" in name:
        return "the months are named, so day and month cannot be mistaken"
    return "no cell looks like a date"


def month_sql(word: str) -> str:
    """SQL for the two-digit number of a month by its name, null where the word is no month."""
    # Looked up in a list: every branch of a CASE would compute the word anew.
    names = ", ".join(f"'{name}'" for name in _MONTH_NUMBER)
    numbers = ", ".join(f"'{number:02d}'" for number in _MONTH_NUMBER.values())
    return f"list_extract([{numbers}], list_position([{names}], lower({word})))"


def _iso(shape: Shape, text: str) -> str:
    """SQL for a date from the groups of a shape; the caller has made sure that the pattern matches."""
    pattern = "'" + shape.regex.replace("'", "''") + "'"
    group = {part: f"regexp_extract({text}, {pattern}, {number})" for part, number in
             (("y", shape.year), ("m", shape.month), ("d", shape.day))}  # fmt: skip
    year = group["y"]
    if shape.short_year:
        year = f"(case when {year} >= '{PIVOT}' then '19' else '20' end || {year})"
    month = group["m"]
    if shape.words:
        month = month_sql(month)
    return f"try_cast({year} || '-' || {month} || '-' || {group['d']} as date)"


def date_sql(formats: Sequence[str], text: str) -> str:
    """SQL of type DATE for a trimmed text, or null where none of the formats fits."""
    branches = []
    for name in formats:
        if name in _BY_NAME:
            shape = _BY_NAME[name]
            pattern = shape.regex.replace("'", "''")
            branches.append(f"when regexp_full_match({text}, '{pattern}') then {_iso(shape, text)}")
            continue
        pattern = _NUMBERS[name]
        if name == SERIAL:
            day = f"date '1899-12-30' + try_cast(regexp_extract({text}, '^\\d+') as integer)"
        else:
            per_day = 86_400 if name == SECONDS else 86_400_000
            since = f"try_cast(regexp_extract({text}, '^\\d+') as bigint) // {per_day}"
            day = f"date '1970-01-01' + try_cast({since} as integer)"
        branches.append(f"when regexp_full_match({text}, '{pattern}') then {day}")
    return f"(case {' '.join(branches)} else null end)" if branches else "cast(null as date)"


#: The time of day in a cell: hours, minutes, seconds, and the half of the day.
_TIME_OF_DAY: Final = r"(?:[T ,]|^)([0-2]?\d):([0-5]\d)(?::([0-5]\d))?(?:[.,]\d+)? ?([aApP]?)"


def timestamp_sql(formats: Sequence[str], text: str) -> str:
    """SQL of type TIMESTAMP for a trimmed text, or null where none of the formats fits.

    The time is the one that is written, whatever its zone, so that a day stays the day that the CRM shows.
    """
    branches = []
    for name, unit in ((SERIAL, "86400.0"), (SECONDS, "1.0"), (MILLIS, "0.001")):
        if name in formats:
            start = "1899-12-30" if name == SERIAL else "1970-01-01"
            seconds = f"cast(round(try_cast({text} as double) * {unit}) as bigint)"
            branches.append(
                f"when regexp_full_match({text}, '{_NUMBERS[name]}') then timestamp '{start}' + to_seconds({seconds}) "
            )
    written = [name for name in formats if name in _BY_NAME]

    def part(group: int) -> str:
        return f"coalesce(try_cast(nullif(regexp_extract({text}, '{_TIME_OF_DAY}', {group}), '') as integer), 0)"

    half = f"lower(regexp_extract({text}, '{_TIME_OF_DAY}', 4))"
    hours = f"(case when {half} = '' then {part(1)} else {part(1)} % 12 + if({half} = 'p', 12, 0) end)"
    seconds = f"{hours} * 3600 + {part(2)} * 60 + {part(3)}"
    otherwise = f"cast({date_sql(written, text)} as timestamp) + to_seconds({seconds})" if written else "null"
    return f"cast((case {' '.join(branches)} else {otherwise} end) as timestamp)" if branches else f"({otherwise})"


def example_of(formats: Sequence[str]) -> str:
    """The last day of 2026 in the column's usual format, for messages."""
    if not formats:
        return "31 Dec 2026"
    name = formats[0]
    if name == SERIAL:
        return "46387"
    if name in (SECONDS, MILLIS):
        return "1798675200" + ("000" if name == MILLIS else "")
    for directive, value in (("%Y", "2026"), ("%y", "26"), ("%m", "12"), ("%d", "31"), ("%b", "Dec")):
        name = name.replace(directive, value)
    return name
