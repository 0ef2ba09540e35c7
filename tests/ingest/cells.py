"""Cells as the store would get them, for the tests of how text becomes values."""

from __future__ import annotations

import datetime as dt

import duckdb
import pyarrow as pa

from tas_analytics.ingest.values.cells import distinct_cells
from tas_analytics.ingest.values.convert import Convention, decide, value_sql
from tas_analytics.store.tables import Kind

D = dt.date
#: One connection for all: a test asks single questions of it and leaves nothing behind.
DB = duckdb.connect(config={"threads": 1})


def cast(convention: Convention, cells: list[str]) -> list[object]:
    """The cells as the store would get them, with the column's name needing its quotes."""
    column = '"a ""b"""'
    DB.register("distinct_cells", distinct_cells(pa.chunked_array([cells], pa.string()), convention.kind))
    source = f"select raw, missing, cell as {column} from distinct_cells"
    query = f"select raw, case when not missing then {value_sql(convention, column)} end from ({source})"
    values = dict(DB.execute(query).fetchall())
    DB.unregister("distinct_cells")
    return [values[cell] for cell in cells]


def missing(cell: str | None, kind: Kind) -> bool:
    """Whether the import takes a cell for no value."""
    return bool(distinct_cells(pa.chunked_array([[cell]], pa.string()), kind)["missing"][0].as_py())


def both(cells: list[str], kind: Kind, **hints: str) -> tuple[Convention, list[object]]:
    convention = decide([(cell, 1) for cell in cells], kind, **hints)  # type: ignore[arg-type]
    return convention, cast(convention, cells)


def sql_type(convention: Convention) -> str:
    with duckdb.connect() as connection:
        row = connection.execute(f"select typeof({value_sql(convention, 'x')}) from (select '' as x)").fetchone()
        assert row is not None
        return str(row[0])
