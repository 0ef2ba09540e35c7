"""Where a table begins and ends in its file: titles above the header, the header, totals and trailers below.

The rule throughout is caution: a row of data is never taken out. What is taken out is a row that says so itself
("Grand Total", "(3 records)", "Copyright") or that stands apart after a blank line, and it is kept and noted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tas_analytics.ingest.structure.dialect import DELIMITERS

if TYPE_CHECKING:
    from tas_analytics.ingest.structure.records import Record

_TOTAL_WORDS: Final = (
    r"(?:grand\s+|overall\s+|report\s+)?totals?|sub-?\s?totals?|summe|gesamt(?:summe|ergebnis)?|zwischensumme|"
    r"total\s+g[ée]n[ée]ral|sous-?\s?total|total\s+general|suma|somme|totale|合计|总计|小计|總計|合計"
)
_COUNTED: Final = (
    r"\(?\d[\d.,]*\s+(?:records?|rows?|items?|deals?|opportunit(?:y|ies)|datensätze|enregistrements|registros)\)?"
)
#: A cell that opens a total row, or a group heading of a report: "Subtotal", "Grand Totals (41 records)".
_TOTAL: Final = re.compile(
    rf"\W*(?:(?:{_TOTAL_WORDS})\b\s*(?:[:=]|\(?\d.*|$|for\b.*|of\b.*)|{_COUNTED}\s*$|.*\({_COUNTED}\)\s*$)",
    re.IGNORECASE,
)
#: The first words of a trailer below the table.
_TRAILER: Final = re.compile(
    rf"\W*(?:{_TOTAL_WORDS}|sum|count|anzahl|average|copyright|©|\(c\)\s|confidential|all rights reserved|generated|"
    rf"exported|export date|created (?:by|on)|report\b|filter(?:s|ed)?\b|as of|run (?:by|on)|source:|notes?:|page \d|"
    rf"end of|records?:|rows?:|{_COUNTED}|erstellt|vertraulich|confidentiel|généré|generado)",
    re.IGNORECASE,
)
_NUMBER: Final = re.compile(
    r"[^\w\s]?\s?(?:[A-Z]{3}\s)?[-+(]*[^\w\s]?\s?\d[\d.,'\u00a0\u202f\u2009 ]*[%)kKM]?\s?(?:[^\w\s]|[A-Z]{3})?\)?"
)
_DATE: Final = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[ T]\d.*)?|\d{4}年\d{1,2}月\d{1,2}日?")
_YEARLIKE: Final = re.compile(r"(?:19|20)\d\d")


def filled(row: Sequence[str]) -> int:
    """Number of cells with something in them."""
    return sum(1 for cell in row if cell and not cell.isspace())


def is_value(cell: str) -> bool:
    """Whether a cell is a number, an amount or a date rather than a word."""
    text = cell.strip()
    return bool(_NUMBER.fullmatch(text) or _DATE.fullmatch(text))


@dataclass(frozen=True)
class Head:
    """What was found at the top: positions are indexes into the records that were looked at."""

    preamble: tuple[int, ...]
    header: int | None
    cells: tuple[str, ...]
    second_header: tuple[int, ...] = ()
    reason: str = ""


def find_header(head: Sequence[Record], width: int) -> Head:
    """Find the header row among the first records.

    Parameters
    ----------
    head
        The first records of the file, blank ones included.
    width
        The usual number of cells of the file's rows.
    """
    rows = [(index, record[1]) for index, record in enumerate(head) if filled(record[1])]
    preamble: list[int] = []
    for place, (index, row) in enumerate(rows):
        following = rows[place + 1] if place + 1 < len(rows) else None
        cells = _as_header(row, width)
        if cells is None or _is_title(row, cells, index, following, width):
            preamble.append(index)
            continue
        body = [other for _, other in rows[place + 1 :]]
        columns = _value_columns(body, width)
        if len(body) >= 1 and _looks_like_data(cells, columns):
            return Head(tuple(preamble), None, (), reason="its first row holds values, as the rows below it do")
        if following is not None and len(body) >= 3 and _value_columns(body[1:], width):
            columns = _value_columns(body[1:], width)
            texts = [cell.strip() for cell in following[1]]
            names_below = len(texts) == len(cells) and all(texts) and len(set(texts)) == len(texts)
            if names_below and not any(is_value(cell) for cell in texts):
                sparse_above = filled(cells) < len(cells) or len(set(cells)) < len(cells)
                if sparse_above:
                    return Head((*preamble, index), following[0], tuple(following[1]), reason="two header rows")
                if len(columns) >= 2 or len(columns) == len(cells):
                    return Head(tuple(preamble), index, tuple(cells), (following[0],), "two header rows")
        return Head(tuple(preamble), index, tuple(cells))
    # Nothing is as wide as the table: the first row is as good a header as any.
    first, row = rows[0]
    return Head((), first, tuple(row))


def _as_header(row: list[str], width: int) -> list[str] | None:
    """The row's cells if it can be the header, splitting it again where it alone is written differently."""
    if width < 2:
        return row
    if filled(row) >= max(2, (width + 1) // 2):
        return row
    if len(row) == 1:
        for delimiter in DELIMITERS:
            cells = [cell.strip().removeprefix('"').removesuffix('"') for cell in row[0].split(delimiter)]
            if len(cells) == width and filled(cells) == width:
                return cells
    return None


def _is_title(
    row: list[str], cells: list[str], index: int, following: tuple[int, list[str]] | None, width: int
) -> bool:
    """Whether a row that could be a header is a line above it: narrower, and a full row comes after a blank line."""
    if following is None or (len(cells) == width and filled(cells) == width):
        return False
    fuller = filled(following[1]) > filled(cells) and len(following[1]) == width
    return fuller and following[0] > index + 1 and filled(row) < width


def values_below(body: Sequence[list[str]], width: int) -> bool:
    """Whether the first of these rows is a record, not a header: it has values where the rows below it have them."""
    columns = _value_columns(body, width)
    return bool(body) and len(body[0]) == width and _looks_like_data(body[0], columns)


def _value_columns(body: Sequence[list[str]], width: int) -> list[int]:
    """Columns whose cells are numbers or dates nearly throughout."""
    found = []
    for column in range(width):
        cells = [row[column] for row in body if len(row) == width and row[column].strip()]
        if len(cells) >= 1 and sum(is_value(cell) for cell in cells) >= 0.8 * len(cells):
            found.append(column)
    return found


def _looks_like_data(cells: Sequence[str], columns: list[int]) -> bool:
    """Whether the first row has values wherever the rows below have them; years are names of columns too."""
    present = [cells[column].strip() for column in columns if column < len(cells)]
    values = [cell for cell in present if is_value(cell) and not _YEARLIKE.fullmatch(cell)]
    return bool(values) and all(not cell or is_value(cell) for cell in present)


def is_total(row: Sequence[str], width: int) -> bool:
    """Whether a row inside the table is a sub-total, a total or a group heading of a report."""
    texts = [cell.strip() for cell in row if cell.strip()]
    if not texts or (width > 2 and len(texts) > max(2, width // 2)):
        return False
    named = [text for text in texts if _TOTAL.fullmatch(text)]
    others = [text for text in texts if not _TOTAL.fullmatch(text)]
    if not named or not all(is_value(text) for text in others):
        return False
    # In a table of two columns "Total,12" may be an account's name and its number: only bare counts go.
    return width > 2 or bool(re.fullmatch(rf"\W*(?:grand totals?.*|.*{_COUNTED}\)?)", texts[0], re.IGNORECASE))


def footer_start(rows: Sequence[list[str]], lines: Sequence[int], blanks: set[int], width: int) -> int:
    """Index of the first row of the footer in the last rows of a file; their number where there is none.

    Parameters
    ----------
    rows, lines
        The last rows as read, without blank ones, and the line at which each starts.
    blanks
        The lines of the file that are blank.
    width
        Number of cells under the header.
    """
    start = len(rows)
    while start:
        block = start - 1
        while block and not _blank_between(lines[block - 1], lines[block], blanks):
            block -= 1
        apart = block > 0 and _blank_between(lines[block - 1], lines[block], blanks)
        if apart and start - block <= 30 and all(_trails(row, width, apart=True) for row in rows[block:start]):
            start = block
            continue
        while start > block and _trails(rows[start - 1], width, apart=False):
            start -= 1
        break
    return start


def _blank_between(before: int, after: int, blanks: set[int]) -> bool:
    # The row before may itself run over several lines: only the line right above the later row counts.
    return after - 1 > before and after - 1 in blanks


def _trails(row: Sequence[str], width: int, *, apart: bool) -> bool:
    """Whether a row at the end is a trailer; more is believed of rows that stand apart after a blank line."""
    texts = [cell.strip() for cell in row if cell.strip()]
    if not texts:
        return True
    others_are_values = all(is_value(text) for text in texts[1:])
    keyword = bool(_TRAILER.match(texts[0]))
    few = len(texts) <= max(1, width // 3)
    if keyword and (len(texts) == 1 or others_are_values) and (width > 2 or apart or len(row) != width):
        return len(row) != width or len(texts) < width or (bool(_TOTAL.fullmatch(texts[0])) and width > 2)
    if apart:
        if len(row) != width:
            # A single word may be the id of a record that was cut off; trailers have more to say.
            return few and (len(row) > 1 or len(texts[0].split()) > 1)
        return width > 2 and len(texts) == 1 and len(texts[0].split()) > 1
    sentence = len(texts[0].split()) >= 4 or len(texts[0]) > 60
    return len(row) == 1 and width > 2 and sentence


def unique_names(cells: Sequence[str]) -> tuple[tuple[str, ...], list[tuple[str, str]]]:
    """Headers cleaned and made unique.

    Returns
    -------
    tuple
        The names, and the changes worth a note as ``(kind, sentence)``.
    """
    changes: list[tuple[str, str]] = []
    names: list[str] = []
    for place, cell in enumerate(cells, start=1):
        text = re.sub(r"[\s\u00a0\u200b\ufeff]+", " ", cell).strip()
        bare = re.sub(r"^\*+\s*|\s*\*+$", "", text)
        if bare != text and bare:
            changes.append(("header", f'The star of the header "{text}", a mark for required columns, was left out.'))
            text = bare
        elif text != cell:
            changes.append(("header", f'Blanks around or inside the header "{text}" were tidied.'))
        if not text:
            text = f"Column {place}"
            changes.append(("header", f'The header of column {place} is empty; it is called "{text}".'))
        names.append(text)
    taken = set(names)
    seen: Counter[str] = Counter()
    unique: list[str] = []
    for name in names:
        seen[name] += 1
        final = name
        if seen[name] > 1:
            number = seen[name]
            while f"{name} ({number})" in taken:
                number += 1
            final = f"{name} ({number})"
            taken.add(final)
            changes.append(("duplicate", f'Two columns are called "{name}"; the later one is now "{final}".'))
        unique.append(final)
    return tuple(unique), changes
