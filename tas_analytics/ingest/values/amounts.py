"""Numbers as people write them: decimal mark, grouping, currency, multiplier, sign; and the SQL that reads them.

The decimal mark is decided once for a column. The SQL computes in decimals throughout: an amount that was written
with two places is stored with exactly those.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

#: Blanks that group digits; the caller has turned all of them into plain blanks.
SPACES: Final = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_CODES: Final = (
    "USD EUR GBP JPY CNY RMB CHF CAD AUD NZD SEK NOK DKK ISK PLN CZK HUF RON BGN HRK RSD UAH RUB TRY ILS "
    "AED SAR QAR KWD BHD OMR JOD EGP MAD TND ZAR NGN KES GHS UGX TZS INR PKR BDT LKR NPR IDR MYR SGD THB "
    "PHP VND KRW TWD HKD MOP MXN BRL ARS CLP COP PEN UYU PYG BOB VES CRC GTQ DOP PAB KZT GEL AMD AZN"
).split()
#: Signs and the currency they stand for; None where several share one. Longest first: "R$" before "$".
_SIGNS: Final[dict[str, str | None]] = {
    "CN¥": "CNY", "RMB¥": "CNY", "US$": "USD", "CA$": "CAD", "AU$": "AUD", "NZ$": "NZD", "HK$": "HKD", "NT$": "TWD",
    "MX$": "MXN", "C$": "CAD", "A$": "AUD", "S$": "SGD", "R$": "BRL", "Fr.": "CHF", "SFr.": "CHF", "Rs.": "INR",
    "Rs": "INR", "Kč": "CZK", "kr.": None, "kr": None, "zł": "PLN", "Ft": "HUF", "lei": "RON", "euros": "EUR",
    "euro": "EUR", "$": "USD", "€": "EUR", "£": "GBP", "¥": None, "￥": None, "元": "CNY", "円": "JPY", "₹": "INR",
    "₩": "KRW", "₽": "RUB", "₺": "TRY", "₪": "ILS", "฿": "THB", "₫": "VND", "₴": "UAH", "₦": "NGN", "₱": "PHP",
}  # fmt: skip
_YEN_SIGNS: Final = ("¥", "￥")
_BY_UPPER: Final = (
    {sign.upper(): code for sign, code in _SIGNS.items()} | {code: code for code in _CODES} | {"RMB": "CNY"}
)
#: Words for powers of ten, in cells and in headers. Not "mil", which is a thousand in Spanish and a million in English.
MULTIPLIERS: Final = {
    3: ("k", "tsd", "tsd.", "thousand", "thousands", "milliers", "miles", "milhares", "тыс", "тыс.", "千"),
    4: ("万", "萬"),
    5: ("lakh", "lakhs", "lac"),
    6: (
        "m", "mm", "mn", "mln", "mln.", "mio", "mio.", "million", "millions", "millionen", "millones", "milhões", "млн",
        "млн.", "百万",
    ),
    7: ("crore", "crores", "cr"),
    8: ("亿", "億"),
    9: ("b", "bn", "mrd", "mrd.", "md", "billion", "billions", "milliarden", "milliards", "млрд", "млрд."),
}  # fmt: skip
_POWER: Final = {word: power for power, words in MULTIPLIERS.items() for word in words}


#: "CR" behind an amount: a credit for accountants, ten million in India, where rupees are named with it.
_CREDIT: Final = r"(?i)\d ?cr\b"
_RUPEES: Final = r"(?i)₹|\brs|\binr"


def any_of(words: Iterable[str]) -> str:
    """The alternatives of a regular expression for these words, longer ones first."""
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))


_CURRENCY: Final = rf"(?:{any_of([*_SIGNS, *_CODES])})"
_MULTIPLIER: Final = rf"(?:{any_of(_POWER)})"
_MINUS: Final = r"[-−–+]"
#: Grouping marks as regular expressions, and what they may stand beside.
_GROUPS: Final = {".": ["'", "’", " ", ","], ",": ["'", "’", " ", r"\."]}
#: A name for the Indian style in ``Convention.formats``.
LAKH: Final = "1,00,000"
#: What the amounts of a column are multiplied by, as its header says, in ``Convention.formats``.
UNIT: Final = "× 10^"


def unit_of(formats: Iterable[str]) -> int:
    """The power of ten in a convention's formats; 0 where there is none."""
    return next((int(one.removeprefix(UNIT)) for one in formats if one.startswith(UNIT)), 0)


def has_multiplier(text: str) -> bool:
    """Whether a cleaned cell says itself that it is in thousands, millions and the like."""
    match = _LOOSE.fullmatch(text)
    return match is not None and match[4] is not None


def pattern(decimal: str, *, indian: bool = False) -> str:
    """Regular expression of a whole cell; group 1 is the opening bracket, 2 the digits, 3 the multiplier.

    The same text serves Python's ``re`` and DuckDB's RE2.
    """
    whole = [rf"\d{{1,3}}(?:{mark}\d{{3}})+" for mark in _GROUPS[decimal]]
    if indian:
        whole.append(r"\d{1,2}(?:,\d{2})*,\d{3}")
    point = r"\." if decimal == "." else ","
    body = rf"(?:{'|'.join(whole)}|\d+)(?:{point}\d*)?|{point}\d+"
    return (
        rf"(?i)(\()? ?{_MINUS}? ?(?:{_CURRENCY} ?{_MINUS}?)? ?({body}) ?({_MULTIPLIER})? ?(?:{_CURRENCY})? ?-?(?: ?\))?"
    )


#: A cell taken apart without regard to the decimal mark; used to decide it.
_LOOSE: Final = re.compile(
    rf"(\()? ?{_MINUS}? ?({_CURRENCY})? ?{_MINUS}? ?((?:\d[\d.,'’ ]*\d|\d|[.,]\d+)[.,]?) ?({_MULTIPLIER})? ?"
    rf"({_CURRENCY})? ?-?(?: ?\))? ?([%\uff05])?",
    re.IGNORECASE,
)
_DIGIT: Final = re.compile(r"\d")
_ANY_DIGIT: Final = str.maketrans("012345678", "999999999")
PLAIN: Final = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d{1,2})?"


@dataclass(frozen=True)
class NumberReading:
    """How a column's numbers are read."""

    decimal: str
    currency: str | None
    indian: bool
    signed_percent: bool
    evidence: str
    ambiguous: bool


def read_numbers(
    values: Iterable[tuple[str, int]], hint: str | None, *, kind: str, chinese: bool = False
) -> NumberReading:
    """Decide decimal mark, grouping style and currency of a column.

    Parameters
    ----------
    values
        The distinct texts that are not missing, trimmed and with plain blanks, and how often each occurs.
    hint
        The decimal mark found elsewhere in the file or set by the user.
    kind
        The column's kind: an amount of money hardly ever has three places, a rate often has.
    chinese
        Whether the file is Chinese: then the yen sign is the yuan's.
    """
    votes: Counter[str] = Counter()
    example: dict[str, str] = {}
    open_marks: Counter[str] = Counter()
    currencies: Counter[str] = Counter()
    lakh = western = percents = numbers = 0
    dollar_like = False
    for text, times in _by_shape(values):
        match = _LOOSE.fullmatch(text)
        if match is None:
            continue
        numbers += times
        body = match.group(3).rstrip()
        before, after = match.group(2), match.group(5)
        currencies[_currency(before, after, text, chinese)] += times
        percents += times if match.group(6) else 0
        dollar_like |= (before or "").upper() in {"$", "£", "₹", "US$", "¥", "￥", "₩"} or "元" in text
        mark, certain = _decimal_of(body)
        if mark and certain:
            votes[mark] += times
            example.setdefault(mark, text)
        elif mark:
            open_marks[mark] += times
            example.setdefault("?" + mark, text)
        whole = body.split(".")[0]
        if re.fullmatch(r"\d{1,2}(?:,\d{2})+,\d{3}", whole):
            lakh += times
        elif re.fullmatch(r"\d{3}(?:,\d{3})+|\d{1,3}(?:,\d{3}){2,}", whole):
            western += times
    decimal, evidence, ambiguous = _decide_mark(votes, open_marks, example, hint, kind, dollar_like)
    # One bare number is enough to doubt: its currency may be another one.
    named = [code for code in currencies if code]
    currency = named[0] if len(named) == 1 and currencies[named[0]] == numbers else None
    if len(named) > 1:
        evidence += f"; several currencies stand in its cells: {', '.join(sorted(named))}"
    return NumberReading(decimal, currency, lakh > 0 and not western, percents > 0, evidence, ambiguous)


def _by_shape(values: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    """One example for each shape of number: a million amounts differ in their digits, hardly in their signs.

    Only a leading zero tells something by itself: 0.123 is no thousand.
    """
    shapes: dict[tuple[str, bool], tuple[str, int]] = {}
    for text, times in values:
        digit = _DIGIT.search(text)
        key = (text.translate(_ANY_DIGIT), digit is not None and digit.group() == "0")
        example, before = shapes.get(key, (text, 0))
        shapes[key] = (example, before + times)
    return list(shapes.values())


def _currency(before: str | None, after: str | None, text: str, chinese: bool) -> str:
    sign = (before or after or "").upper()
    if not sign:
        return "CNY" if re.search("[万萬亿億]", text) and chinese else ""
    if sign in _YEN_SIGNS:
        return "CNY" if chinese or re.search("[元万亿]", text) else "JPY"
    return _BY_UPPER.get(sign) or ""


def _decimal_of(body: str) -> tuple[str | None, bool]:
    """The decimal mark that a number's digits show, and whether they leave no doubt."""
    points, commas = body.count("."), body.count(",")
    if points and commas:
        last = "." if body.rfind(".") > body.rfind(",") else ","
        return (last, True) if body.count(last) == 1 else (None, False)
    mark = "." if points else ","
    other = "," if points else "."
    many = points + commas
    if not many:
        return None, False
    if many > 1:
        groups = body.split(mark)
        regular = all(len(group) == 3 for group in groups[1:]) and 1 <= len(groups[0]) <= 3
        indian = mark == "," and len(groups[-1]) == 3 and all(len(group) == 2 for group in groups[1:-1])
        return (other, True) if regular or indian else (None, False)
    whole, places = body.split(mark)
    if len(places) != 3 or len(whole) > 3 or whole in ("", "0") or re.search(r"[' ’]", whole) or whole.startswith("0"):
        return mark, True
    return mark, False


def _decide_mark(
    votes: Counter[str], open_marks: Counter[str], example: dict[str, str], hint: str | None, kind: str, dollar: bool
) -> tuple[str, str, bool]:
    """The decimal mark, the evidence in a sentence, and whether it remains a guess."""
    names = {".": "point", ",": "comma"}
    if votes:
        best = max(votes, key=lambda mark: (votes[mark], mark == hint, mark == "."))
        sentence = f'"{example[best]}" shows that the decimal mark is a {names[best]}'
        other = "," if best == "." else "."
        if votes[other]:
            sentence += f', though {votes[other]:,} such as "{example[other]}" speak against it'
        return best, sentence, votes[other] == votes[best]
    if not open_marks:
        return hint or ".", "no cell has a decimal mark", False
    mark = max(open_marks, key=lambda sign: open_marks[sign])
    other = "," if mark == "." else "."
    shown = example["?" + mark]
    if hint in names:
        return hint, f'"{shown}" could be read either way; the decimal mark is a {names[hint]} as in the rest', False
    if len(open_marks) == 2:
        # 1.234 and 1,234 in one column: a point for decimals is by far the more frequent style.
        return ".", f'"{example["?."]}" and "{example["?,"]}" contradict each other; read with a decimal point', True
    if mark == "," and dollar:
        return ".", f'"{shown}": with this currency sign the comma groups thousands', False
    if mark == "." and kind in ("number", "percent"):
        return ".", f'"{shown}" could be a thousand or have three places; read with a decimal point', True
    return other, f'"{shown}" could be read either way; all have three digits behind the {names[mark]}: thousands', True


def decimal_sql(text: str, decimal: str, *, indian: bool, scale: int) -> str:
    """SQL of a DECIMAL with ``scale`` places for a cleaned text, or null where the cell is no such number.

    Parameters
    ----------
    text
        SQL for the cell, trimmed and with plain blanks.
    """
    # Every regular expression stands once: DuckDB compiles each place of one anew, and long ones take a while.
    regex = "^(?:" + pattern(decimal, indian=indian).replace("'", "''").removeprefix("(?i)") + ")$"
    kind = f"decimal({16 + scale},{scale})"
    brackets = rf"regexp_full_match({text}, '[^()]*(?:\([^()]*\))?[^()]*')"
    sign = f"case when regexp_matches({text}, '[-−–(]') then '-' else '' end"
    digits = f"regexp_replace(regexp_extract({text}, '(?i){regex}', 2), '[^0-9{decimal}]', '', 'g')"
    if decimal == ",":
        digits = f"replace({digits}, ',', '.')"
    words = ", ".join(f"'{word}'" for word in ("", *_POWER))
    powers = ", ".join(str(10**power) for power in (0, *_POWER.values()))
    word = f"lower(regexp_extract({text}, '(?i){regex}', 3))"
    factor = f"cast(list_extract([{powers}], list_position([{words}], {word})) as decimal(10,0))"
    credit = f"regexp_matches({text}, '{_CREDIT}') and not regexp_matches({text}, '{_RUPEES}')"
    product = f"try_cast(({sign}) || {digits} as decimal(27,9)) * {factor}"
    spelled = f"case when not ({credit}) then try_cast({product} as {kind}) end"
    # The usual forms need no groups taken out of a long pattern, which is what costs time.
    point = r"\." if decimal == "." else ","
    group = "," if decimal == "." else r"\."
    coin = f"(?:{any_of(sign for sign in (*_SIGNS, *_CODES) if '.' not in sign)})"
    whole = rf"(?:\d{{1,3}}(?:{group}\d{{3}})+|\d{{1,3}}(?: \d{{3}})+|\d+)(?:{point}\d+)?"
    usual = rf"\(?[-−]? ?(?:{coin} ?[-−]?)? ?{whole} ?{coin}?\)?"
    stripped = f"regexp_replace({text}, '[^0-9{decimal}]', '', 'g')"
    if decimal == ",":
        stripped = f"replace({stripped}, ',', '.')"
    exponent = f"when regexp_full_match({text}, '{PLAIN}') then try_cast({text} as {kind}) " if decimal == "." else ""
    return (
        f"(case {exponent}when not {brackets} then null "
        f"when regexp_full_match({text}, '{usual}') then try_cast(({sign}) || {stripped} as {kind}) else {spelled} end)"
    )


def parse_number(text: str, reading: NumberReading) -> Decimal | None:
    """A cell's number by the same rules as the SQL; for evidence, not for loading."""
    match = re.fullmatch(pattern(reading.decimal, indian=reading.indian), re.sub(r" ?[%\uff05]$", "", text))
    if match is None or ("(" in text) != (")" in text):
        return None
    if re.search(_CREDIT, text) and not re.search(_RUPEES, text):
        return None
    digits = re.sub(rf"[^0-9{reading.decimal}]", "", match.group(2)).replace(",", ".")
    value = Decimal(digits or "0") * Decimal(10) ** _POWER.get((match.group(3) or "").lower(), 0)
    return -value if re.search(r"[-−–(]", text) else value
