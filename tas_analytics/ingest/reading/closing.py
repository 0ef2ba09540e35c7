"""The last row of a table, where it sums up those above: a narrow table's grand total fills all of its cells."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from tas_analytics.ingest.structure import layout
from tas_analytics.ingest.values.amounts import parse_number, read_numbers
from tas_analytics.ingest.values.convert import clean

#: A sum may differ by so much from what its rounded parts come to.
_ROUNDING: Final = Decimal("0.01")
#: Below two rows "the sum of those above" says nothing.
_LEAST: Final = 2


def is_grand_total(data: pa.Table, width: int) -> bool:
    """Whether the last row of a table is the total of the rows above.

    Its first cell must be a word for a total and nothing else, all others values; and it must prove itself: by a cell
    such as "Count: 40", or by a value that is the sum of its column. So a deal that is called "Total" stays.

    Parameters
    ----------
    data
        The rows as text, under ``c0`` and so on.
    width
        How many columns of text there are.
    """
    above = data.num_rows - 1
    if above < _LEAST:
        return False
    cells = [(place, clean(data.column(place)[above].as_py())) for place in range(width)]
    present = [(place, cell) for place, cell in cells if cell]
    if len(present) < 2 or not layout.sums_up(present[0][1]):
        return False
    told = [layout.summed(cell) for _, cell in present[1:]]
    plain = [place_and_cell for place_and_cell, said in zip(present[1:], told, strict=True) if said is None]
    if not all(layout.is_value(cell) for _, cell in plain):
        return False
    return len(plain) < len(told) or any(_is_sum(data.column(place), above) for place, _ in plain)


def _is_sum(column: pa.ChunkedArray, above: int) -> bool:
    """Whether the cell below so many others is their sum, and not zero."""
    counted = pc.value_counts(column.slice(0, above))
    values = [
        (clean(text), times)
        for text, times in zip(counted.field("values").to_pylist(), counted.field("counts").to_pylist(), strict=True)
    ]
    values = [(text, times) for text, times in values if text]
    last = clean(column[above].as_py())
    reading = read_numbers([*values, (last, 1)], None, kind="money")
    total = parse_number(last, reading)
    if not total or not values:
        return False
    found = Decimal(0)
    for text, times in values:
        number = parse_number(text, reading)
        if number is None:
            return False
        found += number * times
    return abs(found - total) <= _ROUNDING
