"""The cells of a column, each distinct one once: trimmed, and known to hold a value or not.

Done on Arrow columns, which costs next to nothing, so that the SQL that reads values meets clean
cells only and stays short.
"""

from __future__ import annotations

import re
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from tas_analytics.ingest.convert import ODD_BLANKS, TRIM, missing_words
from tas_analytics.store.tables import Kind

#: An apostrophe before = + - @ is how a spreadsheet keeps text from running as a formula: we wrote it, or Excel did.
_NEUTRALISED: Final = r"^'([=+@\t\r-])"
_ODD: Final = "[" + "".join(f"\\x{{{ord(sign):04x}}}" for sign in ODD_BLANKS) + "]"


def distinct_cells(column: pa.ChunkedArray, kind: Kind) -> pa.Table:
    """The distinct cells of a column.

    Parameters
    ----------
    column
        Cells as they stand in the file.
    kind
        What the column holds; texts keep the blanks inside them, other kinds get plain ones.

    Returns
    -------
    pyarrow.Table
        ``raw`` (as in the file), ``cell`` (to be read), ``missing`` (whether it stands for no value).
    """
    raw = pc.unique(column)
    bare = pc.replace_substring_regex(raw, _NEUTRALISED, r"\1")
    plain = pc.utf8_trim(pc.replace_substring_regex(bare, _ODD, " "), " ")
    missing = pc.is_in(pc.utf8_lower(plain), pa.array(missing_words(kind), pa.string()))
    cell = pc.utf8_trim(bare, TRIM) if kind == "text" else plain
    return pa.table({"raw": raw, "cell": cell, "missing": pc.or_(missing, pc.is_null(raw))})


def bare(value: str) -> str:
    """One cell without the apostrophe of a spreadsheet."""
    return re.sub(_NEUTRALISED, r"\1", value)
