"""How each column of a file is read, decided from all its cells and the file's other columns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tas_analytics.ingest.structure.texttable import TextTable
from tas_analytics.ingest.understanding.headers import unit_of
from tas_analytics.ingest.understanding.mapping import FileMapping
from tas_analytics.ingest.values.amounts import UNIT, has_multiplier
from tas_analytics.ingest.values.convert import Convention, clean, decide
from tas_analytics.store.tables import table

#: Cells beyond this many distinct ones add nothing to a decision about a column.
ENOUGH_VALUES: Final = 100_000
#: Of a column with many more cells, so many from all over it tell what they are like.
_SAMPLE: Final = 25_000
_HANZI: Final = re.compile("[\u4e00-\u9fff]")
_DATES: Final = ("date", "timestamp")


def conventions(
    text: TextTable, mapping: FileMapping, date_order: str | None, decimal: str | None
) -> Mapping[str, Convention]:
    """The convention of every column that the mapping feeds.

    Parameters
    ----------
    text, mapping
        The file and what its headers are.
    date_order, decimal
        What the user says; None leaves the decision to the cells, and then to the source's preset.
    """
    one = table(mapping.table)
    chinese = bool(_HANZI.search("".join(text.columns)))

    def decided(column: str, header: str, order: str | None) -> Convention:
        kind = one.column(column).kind
        if kind in ("text", "boolean"):
            return Convention(kind)
        cells = _values(text.data[f"c{text.columns.index(header)}"])
        found = decide(
            cells,
            kind,
            date_order_hint=date_order or order or mapping.date_order,
            decimal_hint=decimal or mapping.decimal,
            chinese=chinese,
        )
        return _in_units(found, header, cells) if kind == "money" else found

    found = {column: decided(column, header, None) for column, header in mapping.columns.items()}
    # Dates that could be read both ways follow the file's other dates.
    orders = {c.date_order for c in found.values() if c.kind in _DATES and not c.ambiguous} & {"dmy", "mdy"}
    if date_order is None and len(orders) == 1:
        order = orders.pop()
        for column, header in mapping.columns.items():
            if found[column].kind in _DATES and found[column].ambiguous:
                evidence = f"read as {'day/month' if order == 'dmy' else 'month/day'} like the file's other dates"
                found[column] = replace(decided(column, header, order), ambiguous=False, evidence=evidence)
    return found


def _in_units(found: Convention, header: str, cells: list[tuple[str, int]]) -> Convention:
    """An amount whose header says that it is in thousands or millions, unless its cells say so themselves."""
    unit = unit_of(header)
    if unit is None or any(has_multiplier(clean(cell)) for cell, _ in cells):
        return found
    said = f"multiplied by {10**unit:,}, as its header says"
    evidence = f"{found.evidence}; {said}" if found.evidence else said
    return replace(found, formats=(*found.formats, f"{UNIT}{unit}"), evidence=evidence)


def _values(cells: pa.ChunkedArray) -> list[tuple[str, int]]:
    """Distinct cells with how often each occurs: all of them, or those of a part if there are very many."""
    if len(cells) > 4 * ENOUGH_VALUES:
        sample = cells.take(pa.array(np.arange(0, len(cells), len(cells) // _SAMPLE)))
        if pc.count_distinct(sample).as_py() > _SAMPLE // 2:
            cells = sample
    counted = pc.value_counts(cells)
    if len(counted) > ENOUGH_VALUES:
        counted = counted.slice(0, ENOUGH_VALUES)
    return list(zip(counted.field("values").to_pylist(), counted.field("counts").to_pylist(), strict=True))
