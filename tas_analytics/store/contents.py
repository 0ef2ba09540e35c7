"""An importable table as it stands, in the columns in which it can be imported again."""

from __future__ import annotations

import datetime as dt
from typing import Final

import pandas as pd

from tas_analytics.store.database import Store
from tas_analytics.store.links import REFERENCES, UNKNOWN_STAGE
from tas_analytics.store.tables import OPPORTUNITIES, STAGES, Table

#: Columns of a deal that name a stage, and the keys that its versions hold for them.
_STAGES: Final = {"stage": "stage_key", "last_open_stage": "last_open_stage_key"}


def contents(store: Store, table: Table, as_of: dt.date | None = None) -> pd.DataFrame:
    """All records of a table as known on a day, or today's knowledge for None; money and whole numbers exact."""
    if table is STAGES:
        return _exact(
            store,
            "select pipeline, stage, position, probability, status, planned_days from stage "
            f"where stage_key <> {UNKNOWN_STAGE} order by pipeline nulls first, position, stage",
        )
    when = "valid_to is null"
    if as_of is not None:
        after = f"timestamp '{as_of + dt.timedelta(days=1)}'"
        when = f"valid_from < {after} and (valid_to is null or valid_to >= {after})"
    columns = []
    for column in table.columns:
        reference = REFERENCES.get(column.name) if table is OPPORTUNITIES else None
        if table is OPPORTUNITIES and column.name in _STAGES:
            columns.append(
                f"(select stage from stage s where s.stage_key = nullif(v.{_STAGES[column.name]}, {UNKNOWN_STAGE})) "
                f"as {column.name}"
            )
        elif reference is None:
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
