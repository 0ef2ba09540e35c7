"""How numbers and dates are written for people, in one place.

The rules are those of the look: a narrow space before the percent sign, at which no line breaks, a true minus, three
significant figures for money, "k of n" where a rate rests on fewer than twenty cases.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import TYPE_CHECKING, Any, Final, overload

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

NARROW: Final = "\u202f"
MINUS: Final = "\u2212"
#: Below this many cases a rate is written as "k of n": a percentage would claim too much.
SMALL_N: Final = 20

_SYMBOLS: Final = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹", "CNY": "CN¥", "BRL": "R$"}
#: Kinds of columns that hold no text: booleans, whole numbers, numbers.
_NUMBERS: Final = "biuf"
#: With which of these a text begins, a spreadsheet runs it.
_RUN: Final = ("=", "+", "-", "@", "\t", "\r")
_MARKDOWN: Final = re.compile(r"([\\`*_{}\[\]()<>#+\-!|$~:])")


def currency_symbol(currency: str | None) -> str:
    """The sign that stands before an amount; a code without a sign of its own gets a space."""
    if not currency:
        return ""
    return _SYMBOLS.get(currency.upper(), currency.upper() + "\u00a0")


def money(value: float | None, currency: str | None = "USD", *, sign: bool = False) -> str:
    """An amount in words a headline can carry: ``$7.9M``, ``$322k``, ``−€950``.

    A missing value is written as an en dash, never as zero.
    """
    if value is None or math.isnan(value):
        return "–"
    size = abs(float(value))
    lead = MINUS if value < 0 else ("+" if sign and value > 0 else "")
    symbol = currency_symbol(currency)
    for limit, divisor, suffix in ((999.95e6, 1e9, "B"), (999.5e3, 1e6, "M"), (999.5, 1e3, "k")):
        if size >= limit:
            scaled = size / divisor
            text = f"{scaled:.0f}" if suffix == "k" and scaled >= 9.95 else f"{scaled:.1f}"
            return f"{lead}{symbol}{text}{suffix}"
    return f"{lead}{symbol}{size:.0f}"


def exact_money(value: float | None, currency: str | None = "USD") -> str:
    """An amount to the whole unit, where it is a deal's own: ``$1,054``."""
    if value is None or math.isnan(value):
        return "–"
    return f"{MINUS if value < 0 else ''}{currency_symbol(currency)}{abs(value):,.0f}"


def percent(share: float | None, digits: int = 0) -> str:
    """A share between 0 and 1 as a percentage: ``63 %`` with a narrow space."""
    if share is None or math.isnan(share):
        return "–"
    return f"{100 * share:.{digits}f}{NARROW}%".replace("-", MINUS)


def rate(hits: int, cases: int, digits: int = 0) -> str:
    """A rate with its base: a percentage, or "k of n" where n is small."""
    if cases == 0:
        return "–"
    if cases < SMALL_N:
        return f"{hits} of {cases}"
    return percent(hits / cases, digits)


def number(value: float | None, digits: int = 0, *, sign: bool = False) -> str:
    """A plain number with thousands separators and a true minus."""
    if value is None or math.isnan(value):
        return "–"
    text = f"{abs(value):,.{digits}f}"
    lead = MINUS if value < 0 and float(text.replace(",", "")) != 0 else ("+" if sign and value > 0 else "")
    return lead + text


def count(n: int, one: str, many: str | None = None) -> str:
    """``1 deal``, ``12 deals``, ``no deals``."""
    word = one if n == 1 else (many or one + "s")
    return f"{'no' if n == 0 else f'{n:,}'} {word}"


def out_of(part: int, whole: int, one: str, many: str | None = None) -> str:
    """How many of a whole, as one would say it.

    Examples
    --------
    >>> out_of(3, 11, "deal"), out_of(11, 11, "deal"), out_of(2, 2, "deal"), out_of(1, 1, "deal")
    ('3 of 11 deals', 'all 11 deals', 'both deals', 'the only deal')
    """
    if part != whole or not whole:
        return f"{part:,} of {count(whole, one, many)}"
    if whole == 1:
        return f"the only {one}"
    return f"both {many or one + 's'}" if whole == 2 else f"all {count(whole, one, many)}"


def times(n: int) -> str:
    """``once``, ``twice``, ``3 times``, ``never``."""
    return {0: "never", 1: "once", 2: "twice"}.get(n, f"{n:,} times")


def sentence_case(text: str) -> str:
    """The text with its first letter made a capital, and nothing else changed: names keep theirs."""
    return text[:1].upper() + text[1:]


def named(text: str, name: str) -> str:
    """A sentence about a file, with the file's name before it where it does not name it."""
    return text if name in text else f"{name}: {text}"


def within_sentence(text: str) -> str:
    """The text with its first letter made small, and nothing else changed: a name in the middle of a sentence."""
    return text[:1].lower() + text[1:]


@overload
def as_day(value: dt.date) -> dt.date: ...
@overload
def as_day(value: object) -> dt.date | None: ...
def as_day(value: object) -> dt.date | None:
    """The day of a value from a query or a frame; nothing where it is blank.

    Examples
    --------
    >>> as_day(dt.datetime(2026, 11, 2, 9, 30)), as_day(dt.date(2026, 11, 2)), as_day(None)
    (datetime.date(2026, 11, 2), datetime.date(2026, 11, 2), None)
    """
    if isinstance(value, dt.datetime):
        return value.date() if value == value else None  # noqa: PLR0124 - NaT is a datetime that equals nothing
    return value if isinstance(value, dt.date) else None


def day(value: dt.date | None, *, year: bool = True, weekday: bool = False) -> str:
    """A date as read aloud: ``16 Nov 2026``, ``Mon 16 Nov 2026``."""
    if value is None:
        return "–"
    text = f"{value.day} {value:%b}" + (f" {value.year}" if year else "")
    return f"{value:%a} {text}" if weekday else text


def escape_markdown(text: str) -> str:
    """Text from a CRM, safe inside Markdown: nothing in it formats, links or becomes LaTeX."""
    return _MARKDOWN.sub(r"\\\1", text).replace("\n", " ")


def escape_chart(text: str) -> str:
    """Text from a CRM, safe inside a Plotly label, which reads a little HTML."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\n", " ")


def neutralise(value: object) -> object:
    """A cell for a CSV or XLSX file that a spreadsheet will not run as a formula.

    Only text is touched, and only where it begins with ``= + - @``, a tab or a carriage return;
    text that is a plain number keeps its sign.
    """
    if isinstance(value, str) and value.startswith(_RUN):
        try:
            float(value)
        except ValueError:
            return "'" + value
    return value


def csv_text(frame: pd.DataFrame) -> str:
    """A table as CSV for people, with a header and without an index; see :func:`neutralise`."""
    harmless = frame.copy(deep=False)
    for place, kind in enumerate(frame.dtypes):
        column = frame.iloc[:, place]
        if kind == "float64":
            harmless.isetitem(place, _in_full(column))
        elif kind == "str" and not column.str.startswith(_RUN).any():
            continue
        elif kind.kind not in _NUMBERS:
            harmless.isetitem(place, column.map(neutralise).array)
    return str(harmless.to_csv(index=False, lineterminator="\n"))


def _in_full(numbers: pd.Series) -> np.ndarray[Any, np.dtype[Any]]:
    """Numbers as text, in as few digits as tell them apart: each once, where most of a million stand there again."""
    import numpy as np

    # Nought is nought, with or without a sign. Blanks have the code −1.
    numbers = numbers + 0.0
    codes, found = numbers.factorize()
    if 2 * len(found) > len(numbers):
        return np.asarray(numbers)
    texts = np.array([*map(repr, found.tolist()), ""], dtype=object)
    return np.asarray(texts[codes])


def csv_file(frame: pd.DataFrame) -> bytes:
    """The same as a file to download; it begins with a mark by which Excel knows that it is UTF-8."""
    return csv_text(frame).encode("utf-8-sig")
