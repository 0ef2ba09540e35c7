"""Histories with a row for each field that changed: the field's name, its value before and after.

A change of stage, amount, day of closing, category, owner, probability or next step becomes a value of the column
that holds it, so that it is read as what it is. Other fields keep their name and both values as text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from tas_analytics.formats import count
from tas_analytics.ingest.structure.texttable import Note, TextTable
from tas_analytics.ingest.understanding.headers import normal
from tas_analytics.ingest.understanding.mapping import FileMapping
from tas_analytics.ingest.understanding.presets import generic
from tas_analytics.ingest.understanding.transforms import column_of, filled
from tas_analytics.store.tables import table


def in_columns(text: TextTable, mapping: FileMapping) -> tuple[TextTable, FileMapping]:
    """The history with a column for each field that we know; the field's name stays in every row.

    The name stays because it tells apart two changes of one moment, of which each has a row.
    """
    if mapping.table != "history" or not {"field", "new_value"} <= set(mapping.columns):
        return text, mapping
    new_header = mapping.columns["new_value"]
    old_header = mapping.columns.get("old_value")
    names = column_of(text, mapping.columns["field"])
    distinct = pc.unique(names)
    meant = [known_fields().get(normal(name)) for name in distinct.to_pylist()]
    place = pc.index_in(names, distinct)
    kinds = pa.chunked_array([pa.array(meant, pa.string()).take(place.combine_chunks())])
    new, old = column_of(text, new_header), column_of(text, old_header) if old_header else None
    columns = {column: header for column, header in mapping.columns.items() if not column.endswith("_value")}
    made: dict[str, pa.ChunkedArray] = {}
    known = {column.name for column in table("history").columns}
    said = []
    for column in dict.fromkeys(one for one in meant if one):
        rows = pc.fill_null(pc.equal(kinds, column), fill_value=False)
        said.append(f"{column.replace('_', ' ')} {pc.sum(rows).as_py():,}")
        made[f"{new_header}, as {column}"] = pc.if_else(rows, new, "")
        columns[column] = f"{new_header}, as {column}"
        if old is not None and f"from_{column}" in known:
            made[f"{old_header}, as {column}"] = pc.if_else(rows, old, "")
            columns[f"from_{column}"] = f"{old_header}, as {column}"
    # A known field that became blank keeps its old and new value as text as well, or the blank would say nothing.
    told = pc.and_(pc.is_valid(kinds), pc.is_valid(filled(new)))
    made[f"{new_header}, of other fields"] = pc.if_else(told, "", new)
    columns["new_value"] = f"{new_header}, of other fields"
    if old is not None:
        made[f"{old_header}, of other fields"] = pc.if_else(told, "", old)
        columns["old_value"] = f"{old_header}, of other fields"
    others = pc.sum(pc.is_null(kinds)).as_py() or 0
    notes = [Note("fields", None, _sentence(said, others))]
    if old is not None:
        same = pc.sum(pc.equal(pc.fill_null(filled(new), ""), pc.fill_null(filled(old), ""))).as_py() or 0
        if same:
            notes.append(Note("fields", None, f"In {count(same, 'row')} nothing changed; they were kept."))
    return _with_columns(text, made, notes), replace(
        mapping,
        columns=columns,
        sureness={column: mapping.sureness.get(column, "preset") for column in columns},
    )


@cache
def known_fields() -> dict[str, str]:
    """Normal forms of the names that systems give to fields, and the column that each is."""
    return {normal(name): column for column, names in generic()["fields"].items() for name in names}


def _sentence(said: Sequence[str], others: int) -> str:
    rest = f"; {count(others, 'row')} of other fields kept as text" if others else ""
    if not said:
        return f"A row for each change of a field: none of the fields is known{rest}."
    return f"A row for each change of a field, by field: {', '.join(said)}{rest}."


def _with_columns(text: TextTable, made: dict[str, pa.ChunkedArray], notes: Sequence[Note]) -> TextTable:
    columns, data = list(text.columns), text.data
    for header, cells in made.items():
        data = data.append_column(f"c{len(columns)}", cells)
        columns.append(header)
    order = [f"c{place}" for place in range(len(columns))] + ["line"]
    return replace(text, columns=tuple(columns), data=data.select(order), notes=(*text.notes, *notes))
