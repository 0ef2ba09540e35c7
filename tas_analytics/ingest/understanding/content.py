"""What the cells of a column look like, for files whose headers say nothing, or that have none.

Only deals and currency rates are proposed in this way, and everything proposed is shown as unsure: cells can tell
that a column holds money or days, hardly ever which money or which day.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

import pyarrow.compute as pc

from tas_analytics.ingest.structure.texttable import TextTable
from tas_analytics.ingest.understanding.headers import currency_of, normal
from tas_analytics.ingest.understanding.names import said_nothing
from tas_analytics.ingest.values import amounts, dates
from tas_analytics.ingest.values.convert import clean, is_missing
from tas_analytics.method import stages

#: Cells looked at in a column.
SAMPLE: Final = 400
#: This share of a column's cells must look alike.
MOST: Final = 0.8
_CODE: Final = re.compile(r"[A-Z]{3}")
_MAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}")
_PERCENT: Final = re.compile(r"\d{1,3}(?:[.,]\d+)? ?[%\uff05]")
_PERSON: Final = re.compile(r"[^\W\d_][^\W\d_'’.-]*(?: [^\W\d_]\.)?(?: [^\W\d_][^\W\d_'’.-]+){1,2}")
_LAST_FIRST: Final = re.compile(r"[^\W\d_][\w'’-]+, [^\W\d_][\w'’ .-]+")
_COMPANY: Final = re.compile(
    r"(?i).*\b(?:inc|ltd|llc|gmbh|ag|corp|corporation|co|group|holding|holdings|s\.?a|s\.?l|plc|kg|bv|oy|ab)\b\.?|"
    # The Russian forms of companies, by number: their letters look like Latin ones.
    "(?:\u043e\u043e\u043e|\u0437?\u0430\u043e|\u0438\u043f)\\b.*|.*(?:公司|集团|银行)"
)
_IDENTIFIER: Final = re.compile(r"(?=\S*\d)[\w.:/-]{3,40}")

Content = Callable[[str], Sequence[str]]


@dataclass(frozen=True)
class Guess:
    """Columns of a table and the headers whose cells look like them."""

    table: str
    columns: Mapping[str, str]


@dataclass(frozen=True)
class Look:
    """What a column's cells look like: the share of them that could be each thing."""

    header: str
    kind: str
    distinct: float
    middle: float


def sampler(text: TextTable) -> Content:
    """Cells under each header of a table: some of its distinct ones with their repetitions, from its whole length."""

    def some(header: str) -> list[str]:
        cells = text.data[f"c{text.columns.index(header)}"]
        step = max(1, -(-len(cells) // SAMPLE))
        chosen = cells if step == 1 else cells.take(list(range(0, len(cells), step)))
        found = [clean(cell) for cell in chosen.to_pylist()]
        present = [cell for cell in found if not is_missing(cell)]
        if len(present) < 5 and step > 1:
            # A column that is nearly empty: look at what it has.
            found = [clean(cell) for cell in pc.unique(cells)[:SAMPLE].to_pylist()]
            present = [cell for cell in found if not is_missing(cell)]
        return present[:SAMPLE]

    memo: dict[str, list[str]] = {}

    def remembered(header: str) -> list[str]:
        if header not in memo:
            memo[header] = some(header)
        return memo[header]

    return remembered


def cleaned(content: Content) -> Content:
    """The same cells trimmed, without those that are empty."""
    return lambda header: [cell for cell in map(clean, content(header)) if cell]


def are_stages(cells: Sequence[str]) -> bool:
    """Whether cells are a small vocabulary of which most are stages that we know by name."""
    words = {cell for cell in cells if not is_missing(cell)}
    if not 2 <= len(words) <= 30 or len(words) > 0.5 * len(cells) + 2:
        return False
    known = sum(_is_known_stage(word) for word in words)
    return known >= 2 and known >= 0.5 * len(words)


def are_few_words(cells: Sequence[str]) -> bool:
    """Whether many cells hold a handful of values only, as a category does and names do not."""
    return len(cells) >= 50 and len(set(cells)) <= 5


def propose_columns(headers: Sequence[str], content: Content, as_table: str | None = None) -> Guess | None:
    """The table and columns that a file's cells speak for, or nothing."""
    looks = [look(header, content(header)) for header in headers if normal(header) not in said_nothing()]
    if as_table in (None, "opportunities"):
        deals = _deals(looks, required=as_table is None)
        if deals is not None:
            return deals
    if as_table in (None, "rates") and len(headers) <= 5:
        return _rates(looks)
    return None


def look(header: str, cells: Sequence[str]) -> Look:
    """What a column's cells look like."""
    present = [cell for cell in cells if not is_missing(cell)]
    if not present:
        return Look(header, "empty", 0.0, 0.0)
    distinct = len(set(present)) / len(present)
    if are_stages(present):
        return Look(header, "stage", distinct, 0.0)
    if _share(present, lambda cell: _day(cell) is not None) >= MOST:
        days = [day.toordinal() for day in map(_day, present) if day is not None]
        return Look(header, "date", distinct, median(days))
    for kind, fits in _SIMPLE:
        if _share(present, fits) >= MOST:
            return Look(header, kind, distinct, 0.0)
    numbers = _numbers(present)
    if len(numbers) >= MOST * len(present):
        return Look(header, _kind_of_number(present, numbers, distinct), distinct, median(numbers))
    return Look(header, _kind_of_text(present, distinct), distinct, 0.0)


def _share(cells: Sequence[str], fits: Callable[[str], bool]) -> float:
    return sum(map(fits, cells)) / len(cells)


_SIMPLE: Final[tuple[tuple[str, Callable[[str], bool]], ...]] = (
    ("currency", lambda cell: bool(_CODE.fullmatch(cell)) and currency_of(f"x {cell}") is not None),
    ("email", lambda cell: bool(_MAIL.fullmatch(cell))),
    ("percent", lambda cell: bool(_PERCENT.fullmatch(cell))),
)


def _kind_of_text(cells: Sequence[str], distinct: float) -> str:
    if distinct > 0.95 and _share(cells, lambda cell: bool(_IDENTIFIER.fullmatch(cell))) >= MOST:
        return "id"
    if _share(cells, lambda cell: bool(_COMPANY.fullmatch(cell))) >= 0.3:
        return "company"
    if distinct < 0.6 and _share(cells, lambda c: bool(_PERSON.fullmatch(c) or _LAST_FIRST.fullmatch(c))) >= MOST:
        return "person"
    return "text"


def _deals(looks: Sequence[Look], *, required: bool) -> Guess | None:
    by_kind: dict[str, list[Look]] = {}
    for one in looks:
        by_kind.setdefault(one.kind, []).append(one)
    columns: dict[str, str] = {}
    if "stage" in by_kind:
        columns["stage"] = max(by_kind["stage"], key=lambda one: one.distinct).header
    elif required:
        return None
    # The day that lies later is the close: nothing closes before it is created.
    days = sorted(by_kind.get("date", ()), key=lambda one: one.middle)
    if len(days) >= 2:
        columns["created_date"] = days[0].header
    if days:
        columns["close_date"] = days[-1].header
    if "money" in by_kind:
        columns["amount"] = max(by_kind["money"], key=lambda one: one.middle).header
    for column, kind in (("currency", "currency"), ("probability", "percent"), ("account", "company")):
        if kind in by_kind:
            columns[column] = by_kind[kind][0].header
    if "id" in by_kind:
        columns["opportunity_id"] = by_kind["id"][0].header
    people = by_kind.get("person") or by_kind.get("email", [])
    if people:
        columns["owner"] = min(people, key=lambda one: one.distinct).header
    texts = sorted(by_kind.get("text", ()), key=lambda one: -one.distinct)
    if texts and texts[0].distinct > 0.7:
        columns["name"] = texts[0].header
    if required and not {"amount", "close_date"} & set(columns):
        return None
    return Guess("opportunities", columns) if columns else None


def _rates(looks: Sequence[Look]) -> Guess | None:
    kinds = {one.kind: one.header for one in looks}
    number = next((one.header for one in looks if one.kind in ("money", "number", "small")), None)
    if "currency" not in kinds or "date" not in kinds or number is None:
        return None
    return Guess("rates", {"currency": kinds["currency"], "date": kinds["date"], "rate": number})


def _is_known_stage(word: str) -> bool:
    if len(word) < 3 and word.isascii():
        return False
    return stages.is_known(word) or stages.propose(word).status != stages.OPEN


def _day(cell: str) -> dt.date | None:
    """A day, where a cell is written as one; numbers alone are none."""
    if cell.isdigit():
        return None
    year = re.search(r"(?:19|20)\d{2}", cell)
    for _, _, month, day in dates.shapes_of(cell):
        try:
            return dt.date(int(year[0]) if year else 2000 + int(cell[-2:]), month, day)
        except ValueError:
            continue
    return None


def _numbers(cells: Sequence[str]) -> list[float]:
    reading = amounts.read_numbers([(cell, 1) for cell in cells], None, kind="money")
    found = [amounts.parse_number(cell, reading) for cell in cells]
    return [float(number) for number in found if number is not None]


def _kind_of_number(cells: Sequence[str], numbers: Sequence[float], distinct: float) -> str:
    """Money, a running number, a percentage or some number, as far as that can be told."""
    signed = any(not cell.isascii() or re.search(r"[$£]|[A-Z]{3}", cell) for cell in cells)
    whole = all(number == int(number) for number in numbers)
    if not signed and whole and distinct > 0.98 and len(cells) > 5:
        span = max(numbers) - min(numbers) + 1
        lengths = {len(cell) for cell in cells}
        if span <= 3 * len(numbers) or (len(lengths) <= 2 and min(lengths) >= 6):
            return "id"
    if not signed and max(numbers) <= 100 and all(number >= 0 for number in numbers):
        steps = sum(number % 5 == 0 for number in numbers) / len(numbers)
        return "percent" if whole and steps > 0.9 and distinct < 0.7 else "small"
    return "money"
