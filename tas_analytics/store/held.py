"""Rows of Arrow that a transaction reads, and can let go of before it ends.

What is registered inside a transaction, DuckDB holds in memory until the end of it, unregistered or not. Of these rows
it holds the handle only.
"""

from __future__ import annotations

import ctypes
import os
import sys
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

if TYPE_CHECKING:
    from tas_analytics.store.database import Cursor


#: Rows of an Arrow batch: as many as DuckDB gives to a thread at a time.
BATCH: Final = 122_880
#: So many bytes are worth handing back to the system at once.
LARGE: Final = 64 << 20

# Arrow's usual allocator asks for huge pages, of which the kernel blanks 2 MiB however little of one is used: that is a
# third of the system's time in a large load.
if "jemalloc" in pa.supported_memory_backends() and "ARROW_DEFAULT_MEMORY_POOL" not in os.environ:
    pa.set_memory_pool(pa.jemalloc_memory_pool())


class HeldRows:
    """A table to be registered with a cursor and read by SQL until :meth:`let_go`.

    Parameters
    ----------
    rows
        The table; nobody else should hold on to it.
    """

    def __init__(self, rows: pa.Table) -> None:
        self._rows: pa.Table | None = rows

    @property
    def column_names(self) -> list[str]:
        """Names of the columns."""
        return list(self._held.column_names)

    def register(self, cursor: Cursor, name: str) -> None:
        """Let SQL on this cursor read the rows under a name."""
        cursor.register(name, self)

    def let_go(self) -> None:
        """Free the memory; whoever reads the rows after this is at fault."""
        large = self._rows is not None and self._rows.nbytes > LARGE
        self._rows = None
        if large:
            hand_back()

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """The rows by the Arrow PyCapsule protocol, which is how DuckDB reads them, anew for each query."""
        return self._held.__arrow_c_stream__(requested_schema)

    @property
    def _held(self) -> pa.Table:
        if self._rows is None:
            raise RuntimeError("rows are read that were let go")
        return self._rows


def hand_back() -> None:
    """Give freed memory back to the system, where Arrow or the C library (glibc) would keep it for later."""
    pa.default_memory_pool().release_unused()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)


def arrow_of(cursor: Cursor, query: str) -> pa.Table:
    """The rows of a query without parameters as an Arrow table, in the order of the query.

    For many rows: all of DuckDB's threads collect them, which is so for a relation only.
    """
    return cursor.sql(query).to_arrow_table(BATCH)


def repeated(numbers: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """The numbers that stand there more than once, in order: sorting takes a tenth of the time of grouping."""
    in_order = np.sort(numbers)
    return np.unique(in_order[1:][in_order[1:] == in_order[:-1]])
