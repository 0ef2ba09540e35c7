"""An importable table as it stands, in the columns in which it can be imported again."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from tas_analytics.store.database import Store
from tas_analytics.store.tables import OPPORTUNITIES, STAGES, Table
from tas_analytics.store.versions import REFERENCES


def contents(store: Store, table: Table, as_of: dt.date | None = None) -> pd.DataFrame:
    """All records of a table as known on a day, or today's knowledge for None; money and whole numbers exact."""
    if table is STAGES:
        return _exact(
            store, "select stage, position, probability, status, planned_days from stage order by position, stage"
        )
    when = "valid_to is null"
    if as_of is not None:
        after = f"timestamp '{as_of + dt.timedelta(days=1)}'"
        when = f"valid_from < {after} and (valid_to is null or valid_to >= {after})"
    columns = []
    for column in table.columns:
        reference = REFERENCES.get(column.name) if table is OPPORTUNITIES else None
        if reference is None:
            columns.append(f"v.{column.name}")
        else:
            target, key = reference
            columns.append(
                f"(select natural_key from record r where r.table_name = '{target}' and r.record_key = v.{key}) "
                f"as {column.name}"
            )
    return _exact(
        store, f"select {', '.join(columns)} from {table.one}_version v where {when} order by {', '.join(table.key)}"
    )


def _exact(store: Store, sql: str) -> pd.DataFrame:
    """Decimals, whole numbers with gaps and days as Python's own, not as floats and times of day."""
    frame: pd.DataFrame = store.arrow(sql).to_pandas(integer_object_nulls=True)
    return frame
