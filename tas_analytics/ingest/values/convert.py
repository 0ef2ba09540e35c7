"""Text to values: one decision per column on how its cells are read, and the SQL that reads them all.

Nothing is guessed cell by cell. :func:`decide` looks at a column's distinct texts and settles day/month order,
decimal mark, currency and scale with the evidence; :func:`value_sql` gives the expression that casts the column
by that decision. A cell that holds a value (:func:`is_missing`) and becomes null is a reject.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from tas_analytics.ingest.values import amounts, dates, durations, periods
from tas_analytics.store.tables import Kind

#: Blanks other than the plain one: each is turned into it.
ODD_BLANKS: Final = "\t\r\n\f\v\u200b\ufeff" + amounts.SPACES
TRIM: Final = " " + ODD_BLANKS
_PLAIN_BLANKS: Final = str.maketrans(dict.fromkeys(ODD_BLANKS, " "))
_MISSING: Final = (
    "", "-", "--", "---", "–", "—", "−", ".", "n/a", "n.a.", "n. a.", "#n/a", "#na", "#ref!", "#value!",
    "#div/0!", "#name?", "#null!", "#num!", "null", "(null)", "<null>", "\\n", "none", "(none)", "<none>",
    "(no value)",
    "no value", "(blank)", "(leer)", "(vide)", "(empty)", "(not set)", "not set", "k.a.", "k. a.", "无", "空",
)  # fmt: skip
#: Signs that are values in these columns, though they stand for "no value" elsewhere.
KEPT_WORDS: Final = {("assessments", "rating"): ("-", "–", "−"), ("contact_map", "status"): ("-", "–", "−")}
#: For kinds other than text, where "NA" is no region and "Nan" no name: what programs and people write for "not yet".
_UNKNOWN: Final = (
    "na",
    "nan",
    "nil",
    "tbd",
    "tba",
    "tbc",
    "t.b.d.",
    "unknown",
    "?",
    "??",
    "???",
    "pending",
    "offen",
    "unbekannt",
    "待定",
)
_NO_DATE: Final = (
    "0000-00-00", "0000-00-00 00:00:00", "00/00/0000", "00.00.0000", "00-00-0000", "0/0/0000", "00/00/00", "0",
)  # fmt: skip
_TRUE: Final = "true t yes y 1 ja j wahr oui o vrai si sí s verdadero sim verdadeiro x ✓ ✔ on 是 真".split()
_FALSE: Final = "false f no n 0 nein falsch non faux falso não nao off 否 假".split()
SQL_TYPES: Final[dict[str, str]] = {
    "text": "varchar", "date": "date", "timestamp": "timestamp", "duration": "double",
    "money": "decimal(18,2)", "number": "double", "percent": "double",
    "integer": "bigint", "boolean": "boolean", "period": "varchar",
}  # fmt: skip


@dataclass(frozen=True)
class Convention:
    """How one column's text is read.

    Parameters
    ----------
    kind
        The column's kind, from the list of importable tables.
    date_order
        ``ymd``, ``dmy`` or ``mdy``.
    formats
        The shapes that occur, the most frequent first: formats as of ``strptime``, without the time of day.
    decimal
        The decimal mark.
    currency
        ISO code, where the cells themselves carry one throughout.
    scale
        What a percentage is multiplied by: 0.01 where the cells are 0 to 100.
    evidence
        One sentence for the preview.
    ambiguous
        Whether the decision is a guess that the user should confirm.
    """

    kind: Kind
    date_order: str | None = None
    formats: tuple[str, ...] = ()
    decimal: str | None = None
    currency: str | None = None
    scale: float = 1.0
    evidence: str = ""
    ambiguous: bool = False


def clean(value: str) -> str:
    """A cell's text trimmed, with every kind of blank made a plain one, as the SQL does it."""
    return value.translate(_PLAIN_BLANKS).strip(" ")


def is_missing(value: str, kind: Kind = "text") -> bool:
    """Whether a text stands for "no value"."""
    return clean(value).lower() in missing_words(kind)


def missing_words(kind: Kind) -> tuple[str, ...]:
    """What stands for no value, in small letters: ``TBD`` is a text but no date, ``00/00/0000`` a missing date."""
    if kind == "text":
        return _MISSING
    return (*_MISSING, *_UNKNOWN, *_NO_DATE) if kind in ("date", "timestamp") else (*_MISSING, *_UNKNOWN)


def decide(
    values: Sequence[tuple[str, int]],
    kind: Kind,
    *,
    date_order_hint: str | None = None,
    decimal_hint: str | None = None,
    chinese: bool = False,
) -> Convention:
    """Decide how a column is read.

    Parameters
    ----------
    values
        The column's distinct texts with how often each occurs.
    kind
        What the column holds.
    date_order_hint, decimal_hint
        What other columns of the file or the user say; used where the column itself does not tell.
    chinese
        Whether the file's text is Chinese: then ``¥`` is the yuan.

    Examples
    --------
    >>> decide([("13/02/2026", 1), ("01/02/2026", 4)], "date").date_order
    'dmy'
    >>> decide([("1.234,56 €", 1)], "money").currency
    'EUR'
    """
    if kind in ("text", "boolean"):
        return Convention(kind)
    missing = frozenset(missing_words(kind))
    present = [(text, times) for text, times in ((clean(raw), n) for raw, n in values) if text.lower() not in missing]
    if kind == "duration":
        unit, evidence = durations.read_durations(present)
        return Convention(kind, formats=(unit,), evidence=evidence)
    if kind in ("date", "timestamp", "period"):
        found = dates.read_dates(present, date_order_hint)
        if kind == "period":
            # A number of five or eight digits is no period; only written dates can be the first of a month.
            formats = tuple(name for name in found.formats if name.startswith("%"))
            firsts = found.evidence if formats else ""
            return Convention(
                kind, found.order if formats else None, formats, evidence=firsts, ambiguous=found.ambiguous
            )
        return Convention(kind, found.order, found.formats, evidence=found.evidence, ambiguous=found.ambiguous)
    return _decide_number(present, kind, decimal_hint, chinese)


def _decide_number(present: list[tuple[str, int]], kind: Kind, hint: str | None, chinese: bool) -> Convention:
    found = amounts.read_numbers(present, hint, kind=kind, chinese=chinese)
    formats = (amounts.LAKH,) if found.indian else ()
    scale, evidence, ambiguous = 1.0, found.evidence, found.ambiguous
    if kind == "percent":
        scale, why = _scale(present, found)
        evidence = f"{why}; {evidence}" if evidence else why
    return Convention(
        kind,
        formats=formats,
        decimal=found.decimal,
        currency=found.currency if kind != "percent" else None,
        scale=scale,
        evidence=evidence,
        ambiguous=ambiguous,
    )


def _scale(present: list[tuple[str, int]], found: amounts.NumberReading) -> tuple[float, str]:
    """Whether a column's percentages are 0 to 100 or shares of 1."""
    if found.signed_percent:
        return 0.01, "its cells carry percent signs"
    numbers = [(amounts.parse_number(text, found), times) for text, times in present]
    above = sum(times for number, times in numbers if number is not None and number > 1)
    fractions = sum(times for number, times in numbers if number is not None and 0 < number < 1)
    if above > fractions / 9:
        return 0.01, "its cells go above 1, so they are 0 to 100"
    return 1.0, "its cells are shares between 0 and 1"


def _quoted(words: Sequence[str]) -> str:
    return ", ".join("'" + word.replace("'", "''") + "'" for word in words)


def value_sql(convention: Convention, column: str) -> str:
    """SQL for a column's values: null where a cell does not fit.

    Parameters
    ----------
    convention
        The decision of :func:`decide`.
    column
        The column as a quoted identifier. Its cells are trimmed and hold a value
        (:func:`tas_analytics.ingest.values.cells.distinct_cells` sees to both).

    Returns
    -------
    str
        An expression of type DATE, DECIMAL(18,2), DOUBLE, BIGINT, BOOLEAN or VARCHAR.
    """
    plain = _plain(convention, column)
    inner = _typed(convention, column)
    return f"(case {plain}else {inner} end)" if plain else f"cast({inner} as {SQL_TYPES[convention.kind]})"


def _plain(convention: Convention, column: str) -> str:
    """SQL for the cells that need no cleaning at all, which in most exports are all of a column's."""
    kind, comma = convention.kind, convention.decimal == ","
    if kind == "timestamp" and "%Y-%m-%d" in convention.formats:
        shape = "\\d{4}-\\d{2}-\\d{2}(?:[T ]\\d{2}:\\d{2}(?::\\d{2}(?:\\.\\d{1,6})?)?)?"
        return f"when regexp_full_match({column}, '{shape}') then try_cast({column} as timestamp) "
    if kind == "date" and "%Y-%m-%d" in convention.formats:
        return f"when regexp_full_match({column}, '\\d{{4}}-\\d{{2}}-\\d{{2}}') then try_cast({column} as date) "
    if kind == "integer":
        return f"when regexp_full_match({column}, '[-+]?\\d+') then try_cast({column} as bigint) "
    if kind in ("money", "number") and not amounts.unit_of(convention.formats):
        cell = f"replace({column}, ',', '.')" if comma else column
        shape = "[-+]?\\d+(?:,\\d+)?" if comma else "[-+]?\\d+(?:\\.\\d+)?"
        return f"when regexp_full_match({column}, '{shape}') then try_cast({cell} as {SQL_TYPES[kind]}) "
    if kind == "percent" and convention.scale != 1.0:
        # Divided, not multiplied: 7 / 100 is the double nearest to 0.07, and 7 * 0.01 is not.
        shape = "\\d{1,2} ?%?|100 ?%?"
        return f"when regexp_full_match({column}, '{shape}') then try_cast(rtrim({column}, ' %') as double) / 100 "
    return ""


def _typed(convention: Convention, text: str) -> str:
    return _TYPED[convention.kind](convention, text)


def _number_sql(convention: Convention, text: str) -> str:
    decimal, indian = convention.decimal or ".", amounts.LAKH in convention.formats
    unit = amounts.unit_of(convention.formats)
    if convention.kind == "money" and unit:
        exact = amounts.decimal_sql(text, decimal, indian=indian, scale=9)
        return f"try_cast({exact} * cast({10**unit} as decimal(10,0)) as {SQL_TYPES['money']})"
    if convention.kind == "money":
        return amounts.decimal_sql(text, decimal, indian=indian, scale=2)
    if convention.kind == "integer":
        exact = amounts.decimal_sql(text, decimal, indian=indian, scale=6)
        # By way of its text, so that the long expression is computed once.
        return f"try_cast(nullif(regexp_extract(cast({exact} as varchar), '^(-?\\d+)\\.0+$', 1), '') as bigint)"
    exact = amounts.decimal_sql(text, decimal, indian=indian, scale=9)
    return f"cast({exact} as double)"


def _boolean_sql(_convention: Convention, text: str) -> str:
    return (
        f"(case when lower({text}) in ({_quoted(_TRUE)}) then true "
        f"when lower({text}) in ({_quoted(_FALSE)}) then false end)"
    )


def _period_sql(convention: Convention, text: str) -> str:
    return periods.period_sql(text, dates.date_sql(convention.formats, text) if convention.formats else None)


def _share_sql(convention: Convention, text: str) -> str:
    """SQL for a share between 0 and 1: digits and a decimal mark, without groups, signs and multipliers."""
    comma = convention.decimal == ","
    # Full-width signs are how Chinese and Japanese programs write them.
    bare = f"rtrim({text}, ' %' || chr(65285))"
    point = "," if comma else "\\."
    number = f"replace({bare}, ',', '.')" if comma else bare
    exact = f"try_cast({number} as decimal(18,9))"
    # Scaled as decimals: 0.7 % is 0.007, not 0.006999999999999999.
    share = exact if convention.scale == 1.0 else f"({exact} * cast(0.01 as decimal(3,2)))"
    shape = f"\\d{{1,9}}(?:{point}\\d*)?|{point}\\d+"
    return f"(case when regexp_full_match({bare}, '{shape}') and {share} <= 1 then cast({share} as double) end)"


_TYPED: Final[dict[Kind, Callable[[Convention, str], str]]] = {
    "text": lambda _convention, text: text,
    "date": lambda convention, text: dates.date_sql(convention.formats, text),
    "timestamp": lambda convention, text: dates.timestamp_sql(convention.formats, text),
    "duration": lambda convention, text: durations.duration_sql(text, *convention.formats[:1]),
    "period": _period_sql,
    "boolean": _boolean_sql,
    "percent": _share_sql,
    "money": _number_sql,
    "number": _number_sql,
    "integer": _number_sql,
}


def reason(convention: Convention, value: str) -> str:
    """Why a cell was rejected, as the end of a sentence that begins with the cell.

    Examples
    --------
    >>> reason(Convention("date", "dmy", ("%d.%m.%Y",)), "soon")
    'is not a date like 31.12.2026'
    """
    text = clean(value)
    if convention.kind in ("date", "timestamp"):
        return _date_reason(convention, text)
    mark = convention.decimal or "."
    sample = "1,234.56" if mark == "." else "1.234,56"
    if convention.kind == "percent":
        reading = amounts.NumberReading(mark, None, False, False, "", False)
        if amounts.parse_number(text, reading) is not None:
            return "is not between 0 and 100 %"
        return f"is not a percentage like {'45.5' if mark == '.' else '45,5'} %"
    if convention.kind == "money" and amounts.parse_number(
        text, amounts.NumberReading(mark, None, amounts.LAKH in convention.formats, False, "", False)
    ):
        return "is an amount beyond all bounds"
    return {
        "period": "is not a period like 2026Q3, 2026-07 or 2026",
        "boolean": "is neither yes nor no",
        "duration": "is not a length of time like 12 days or 3:30:00",
        "integer": "is not a whole number",
        "money": f"is not an amount like {sample}",
        "number": f"is not a number like {sample}",
    }.get(convention.kind, "is not a text")


def _date_reason(convention: Convention, text: str) -> str:
    found = dates.shapes_of(text)
    orders = {order for _, order, _, _ in found if order} - {"ymd"}
    if convention.date_order in ("dmy", "mdy") and orders and convention.date_order not in orders:
        order = "day/month" if convention.date_order == "dmy" else "month/day"
        return f"is not a date in this column's order, {order}"
    if found:
        return "is a day that the calendar does not have"
    return f"is not a date like {dates.example_of(convention.formats)}"
