"""Grouped reports: the value of a group stands in its first row only, and belongs to the rows below it too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tas_analytics.formats import count
from tas_analytics.ingest.structure.texttable import Note

#: A report of fewer groups with a sub-total is none.
_GROUPS: Final = 2


def fill_down(data: pa.Table, names: Sequence[str], totals: Sequence[int]) -> tuple[pa.Table, list[Note]]:
    """Give every row of a group the group's value.

    It takes sub-totals to tell groups from cells that are merely empty: a column is filled only where all its values
    stand in first rows of groups, right below the header or a sub-total, and every other cell of it is empty.

    Parameters
    ----------
    data
        The rows, the lines at which they start last.
    names
        What the columns are called.
    totals
        The lines of sub-totals and other rows between groups.
    """
    if len(totals) < _GROUPS or not data.num_rows:
        return data, []
    lines = data.column("line").to_numpy()
    group = np.searchsorted(np.sort(np.asarray(totals)), lines)
    first = np.append(True, group[1:] != group[:-1])
    notes = []
    for place, name in enumerate(names):
        column = data.column(place).combine_chunks()
        filled = pc.greater(pc.utf8_length(pc.utf8_trim_whitespace(column)), 0)
        has = filled.to_numpy(zero_copy_only=False)
        if not has[0] or (has & ~first).any() or has.sum() < _GROUPS or has.all():
            break
        values = pc.fill_null_forward(pc.if_else(filled, column, pa.scalar(None, pa.string())))
        data = data.set_column(place, data.schema.field(place), values)
        empty = tuple(int(line) for line in lines[~has])
        cells = f"{count(len(empty), 'empty cell')} below {'was' if len(empty) == 1 else 'were'} filled with it"
        text = f'The column "{name}" has its value in the first row of each group only; {cells}.'
        notes.append(Note("filled", empty[0], text, empty))
    return data, notes
