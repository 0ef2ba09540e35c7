"""The rows of a table as they come, in chunks large and small."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pyarrow as pa

#: Of tables narrower than this every row is looked at: a row with a single filled cell is no rarity there.
NARROW: Final = 4
#: Chunks of fewer bytes are joined to their neighbours.
_SMALL: Final = 4 << 20
#: A table of fewer bytes becomes a single chunk; joining a larger one would hold it twice.
_WHOLE: Final = 32 << 20


def sparse_from(width: int) -> int:
    """With so many empty cells, at least half of them, a row may be a total: rare, and cheap to ask of every row."""
    return max(1, (width + 1) // 2)


class Rows:
    """Rows of text with the lines at which they start."""

    def __init__(self) -> None:
        self._chunks: list[pa.RecordBatch] = []
        self._small: list[pa.RecordBatch] = []
        self._small_bytes = 0

    def __bool__(self) -> bool:
        """Whether there is any row."""
        return bool(self._chunks or self._small)

    def add(self, columns: Sequence[pa.Array], numbers: Any) -> None:
        """Put rows behind those that are there.

        Parameters
        ----------
        columns
            The cells, column by column.
        numbers
            The line of each row.
        """
        batch = pa.RecordBatch.from_arrays([*columns, pa.array(numbers, pa.int64())], schema=schema(len(columns)))
        size = batch.nbytes
        if size >= _SMALL:
            self._gather()
            self._chunks.append(batch)
            return
        self._small.append(batch)
        self._small_bytes += size
        if self._small_bytes >= _SMALL:
            self._gather()

    def table(self, width: int) -> pa.Table:
        """All rows as a table of so many columns and the column ``line``; the rows are gone from here."""
        self._gather()
        table = pa.Table.from_batches(self._chunks, schema=schema(width))
        self._chunks.clear()
        return table.combine_chunks() if table.nbytes < _WHOLE else table

    def _gather(self) -> None:
        if self._small:
            self._chunks += pa.Table.from_batches(self._small).combine_chunks().to_batches()
            self._small.clear()
            self._small_bytes = 0


def schema(width: int) -> pa.Schema:
    """The columns of a table of text."""
    return pa.schema([*(pa.field(f"c{place}", pa.string()) for place in range(width)), pa.field("line", pa.int64())])
