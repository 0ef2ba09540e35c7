"""The cells of a column, each distinct one once: trimmed, and known to hold a value or not.

Done on Arrow columns, which costs next to nothing, so that the SQL that reads values meets clean
cells only and stays short.
"""

from __future__ import annotations

import re
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tas_analytics.ingest.values.amounts import unit_of
from tas_analytics.ingest.values.convert import ODD_BLANKS, SQL_TYPES, TRIM, Convention, missing_words
from tas_analytics.store.tables import Kind

#: An apostrophe before = + - @ is how a spreadsheet keeps text from running as a formula: we wrote it, or Excel did.
_NEUTRALISED: Final = r"^'([=+@\t\r-])"
#: So many cells show whether a column repeats itself; above this share of distinct ones it does not.
_LOOK: Final = 20_000
_MANY: Final = 0.2
_STRETCHES: Final = 20
#: No word for "no value" has more bytes.
_LONGEST_MISSING: Final = max(len(word.encode()) for word in missing_words("text"))
_ODD: Final = "[" + "".join(f"\\x{{{ord(sign):04x}}}" for sign in ODD_BLANKS) + "]"


def distinct_cells(raw: pa.Array, kind: Kind, words: tuple[str, ...] = ()) -> pa.Table:
    """What the distinct cells of a column hold.

    Parameters
    ----------
    raw
        Distinct cells as they stand in the file.
    kind
        What the column holds; texts keep the blanks inside them, other kinds get plain ones.
    words
        What is a value in this column, though it stands for "no value" in others, such as the minus of a rating.

    Returns
    -------
    pyarrow.Table
        ``raw`` (as in the file), ``cell`` (to be read), ``missing`` (whether it stands for no value).
    """
    cell, missing = _read(raw, kind, words)
    return pa.table({"raw": raw, "cell": cell, "missing": missing})


def text_cells(column: pa.ChunkedArray) -> tuple[list[pa.Array], bool]:
    """The same for all cells of a column of texts that hardly repeat: those that stand for no value are null.

    Returns
    -------
    list of pyarrow.Array
        The cells, in the chunks of the column. A chunk with nothing to mend is the very same.
    bool
        Whether there is any null.
    """
    read, any_missing = [], False
    for chunk in column.chunks:
        odd = _odd(chunk)
        if not odd.any():
            read.append(chunk)
            continue
        mask = pa.array(odd)
        cell, missing = _read(chunk.filter(mask), "text", ())
        any_missing = any_missing or bool(pc.any(missing).as_py())
        read.append(pc.replace_with_mask(chunk, mask, pc.if_else(missing, pa.scalar(None, chunk.type), cell)))
    return read, any_missing


def _read(raw: pa.Array, kind: Kind, words: tuple[str, ...]) -> tuple[pa.Array, pa.Array]:
    """Cells to be read, and whether each stands for no value."""
    bare = pc.replace_substring_regex(raw, _NEUTRALISED, r"\1")
    plain = pc.utf8_trim(pc.replace_substring_regex(bare, _ODD, " "), " ")
    missing = pc.is_in(pc.utf8_lower(plain), pa.array([w for w in missing_words(kind) if w not in words], pa.string()))
    return pc.utf8_trim(bare, TRIM) if kind == "text" else plain, pc.or_(missing, pc.is_null(raw))


def bare(value: str) -> str:
    """One cell without the apostrophe of a spreadsheet."""
    return re.sub(_NEUTRALISED, r"\1", value)


def few_distinct(column: pa.ChunkedArray) -> bool:
    """Whether a column repeats its cells so often that each distinct one is best looked at once."""
    if len(column) <= _LOOK:
        return True
    # Stretches from all over the column: taking single cells out of a long column costs more than it tells.
    length = _LOOK // _STRETCHES
    starts = range(0, len(column) - length, (len(column) - length) // _STRETCHES)
    sample = pa.chunked_array([chunk for start in starts for chunk in column.slice(start, length).chunks])
    return bool(pc.count_distinct(sample).as_py() < _MANY * len(sample))


def _odd(chunk: pa.Array) -> np.ndarray[Any, Any]:
    """Cells that may be other than they stand: short ones, and those with an edge that may be a blank or a quote."""
    if chunk.null_count:
        return np.ones(len(chunk), np.bool_)
    offsets, data = _bytes_of(chunk)
    begins, ends = offsets[:-1], offsets[1:]
    odd: np.ndarray[Any, Any] = np.asarray(ends - begins <= _LONGEST_MISSING)
    places = np.flatnonzero(~odd)
    # Blanks that are no ASCII begin with a byte above 127, and so do letters with accents: better once too often.
    for edges in (data[begins[places]], data[ends[places] - 1]):
        odd[places[(edges <= 0x20) | (edges >= 0x7F) | (edges == ord("'"))]] = True
    return odd


def _bytes_of(chunk: pa.Array) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Offsets and bytes of an Arrow array of strings without nulls."""
    wide = pa.types.is_large_string(chunk.type)
    _, where, what = chunk.buffers()
    offsets = np.frombuffer(where, np.int64 if wide else np.int32)[chunk.offset : chunk.offset + len(chunk) + 1]
    data = np.frombuffer(what, np.uint8) if what is not None else np.zeros(0, np.uint8)
    return offsets.astype(np.int64), data


def usual_cast(column: pa.ChunkedArray, kind: Kind, convention: Convention) -> str | None:
    """SQL that reads the cells of ``cell`` where a whole column is of the usual form, with nulls where one is not.

    Numbers without groups and dates with the year first are what programs write. A column with any other sign in it is
    not read this way, so that the cast meets nothing that it would take for something else.
    """
    if unit_of(convention.formats):
        return None
    if kind in ("money", "number", "integer") and convention.decimal != ",":
        signs = "0123456789-" + ("" if kind == "integer" else ".")
    elif kind in ("date", "timestamp") and "%Y-%m-%d" in convention.formats:
        signs = "0123456789-" + ("" if kind == "date" else " T:.")
    else:
        return None
    if not _only(column, signs):
        return None
    cast = f"try_cast(cell as {SQL_TYPES[kind]})"
    if kind in ("date", "timestamp"):
        length = "= 10" if kind == "date" else ">= 10"
        return f"case when cell[5] = '-' and cell[8] = '-' and length(cell) {length} then {cast} end"
    return cast


def _only(column: pa.ChunkedArray, signs: str) -> bool:
    """Whether a column has no other signs than these."""
    allowed = np.zeros(256, np.bool_)
    allowed[[ord(sign) for sign in signs]] = True
    for chunk in column.chunks:
        offsets, data = _bytes_of(chunk)
        if len(offsets) > 1 and not allowed[data[offsets[0] : offsets[-1]]].all():
            return False
    return True
