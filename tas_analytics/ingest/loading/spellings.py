"""One competitor under several spellings: "ACME  Inc" and "Acme Inc" are one, and the first spelling is kept.

Exports are typed by many hands. Two names that differ only in case and blanks would split a competitor's deals in two,
in every count and picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from tas_analytics.formats import count
from tas_analytics.ingest.planning.plan import Prepared
from tas_analytics.ingest.structure.texttable import Note
from tas_analytics.ingest.understanding.transforms import column_of
from tas_analytics.store.database import Cursor

#: Tables with a column of competitors, and where the store's own spellings are found.
NAMING: Final = ("assessments", "competitors", "strategies")
_KNOWN: Final = """
    select distinct competitor from assessment_profile where competitor <> ''
    union select distinct competitor from competitor_version union select distinct competitor from strategy_version
    order by competitor
"""


def settled(cursor: Cursor, files: Sequence[Prepared]) -> list[Prepared]:
    """The files with each competitor spelt as the store spells it, or as the first of them does.

    Parameters
    ----------
    cursor
        Inside a transaction.
    files
        In the order in which they are loaded.
    """
    if not any(
        part.table_name in NAMING and "competitor" in part.mapping.columns for f in files for part in f.everything
    ):
        return list(files)
    spelling: dict[str, str] = {}
    for (name,) in cursor.execute(_KNOWN).fetchall():
        if name:
            spelling.setdefault(_key(name), name)
    return [
        replace(_settled(file, spelling), parts=tuple(_settled(part, spelling) for part in file.parts))
        for file in files
    ]


def _settled(file: Prepared, spelling: dict[str, str]) -> Prepared:
    """The file with one spelling for each competitor; those that it is the first to name are remembered."""
    header = file.mapping.columns.get("competitor")
    if file.table_name not in NAMING or header is None:
        return file
    cells = column_of(file.text, header)
    distinct = pc.unique(cells)
    names = distinct.to_pylist()
    kept = [
        spelling.setdefault(_key(name), " ".join(name.split())) if name and name.strip() else name for name in names
    ]
    other = {name: one for name, one in zip(names, kept, strict=True) if name and " ".join(name.split()) != one}
    if kept == names:
        return file
    column = f"c{file.text.columns.index(header)}"
    found = pa.array(kept, pa.string()).take(pc.index_in(cells, distinct).combine_chunks())
    place = file.text.data.column_names.index(column)
    data = file.text.data.set_column(place, column, pa.chunked_array([found]))
    notes = file.text.notes
    if other:
        name, one = next(iter(other.items()))
        more = f", and {count(len(other) - 1, 'other spelling')} likewise" if len(other) > 1 else ""
        notes = (*notes, Note("spelling", None, f"“{name.strip()}” was read as the competitor “{one}”{more}."))
    return replace(file, text=replace(file.text, data=data, notes=notes))


def _key(name: str) -> str:
    return " ".join(name.split()).casefold()
