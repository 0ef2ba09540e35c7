"""What people enter in the app: a rating, a milestone, a call. Each entry is a load, and so is each withdrawal.

That makes an entry append-only with author and time, lets it be undone like any file, and leaves one set of rules
for how versions come about. An entry tells of the day of the newest export of deals.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

import pyarrow as pa

from tas_analytics.errors import TasError, UnknownRecord
from tas_analytics.ingest.loading.deriving import make_anew
from tas_analytics.ingest.loading.loader import load
from tas_analytics.ingest.loading.writing import Batch, next_number, write_withdrawal
from tas_analytics.ingest.planning.plan import Options, Prepared
from tas_analytics.ingest.structure.texttable import TextTable
from tas_analytics.ingest.understanding.mapping import FileMapping, missing_required
from tas_analytics.ingest.values.convert import Convention
from tas_analytics.store.database import Store
from tas_analytics.store.days import newest_day
from tas_analytics.store.news import ENTERED
from tas_analytics.store.tables import Table, table

#: What stands in place of a file's name.
NAME: Final = "Entered in the app"
#: The day from which entries hold in a store without deals.
_BEGINNING: Final = dt.date(1900, 1, 1)


def enter(store: Store, table_name: str, rows: Sequence[Mapping[str, object]], *, author: str) -> int:
    """Enter records of one table, all or none.

    Parameters
    ----------
    store
        The store.
    table_name
        An importable table.
    rows
        Column → value for each record, all with the same columns: those that identify the record and those that
        change. None makes a column blank; a column that is not named keeps what was known. Values are texts, numbers,
        booleans, dates or times; a share of 40 % is 0.4.
    author
        Who enters them.

    Returns
    -------
    int
        The number of the load, by which the entry can be undone.

    Raises
    ------
    TasError
        A value cannot be taken, or a column that is needed is blank: nothing is changed.
    """
    one = table(table_name)
    with store.transaction():
        result = load(store, [_prepared(one, rows)], user=author)[0]
        if result.rejects:
            first = result.rejects[0]
            what = f"{one.column(first.column).label} of {first.value!r} " if first.column else ""
            raise TasError(f"This cannot be entered: {what}{first.reason}", "Correct it and save again.")
    return result.load_id


def withdraw(store: Store, table_name: str, names: Sequence[str], *, author: str) -> int:
    """Take records away from the newest export's day on; what was known before that day stays known.

    Parameters
    ----------
    store
        The store.
    table_name
        An importable table that is not ``opportunities``: deals leave with a complete export.
    names
        The records' natural keys, as in the table ``record``.
    author
        Who takes them away.

    Returns
    -------
    int
        The number of the load, by which the withdrawal can be undone.

    Raises
    ------
    UnknownRecord
        There is no such record: nothing is changed.
    """
    one = table(table_name)
    if one.name == "opportunities":
        raise UnknownRecord("Deals cannot be taken away by hand", "Load a complete export that lacks them.")
    with store.transaction() as cursor:
        known = {
            name
            for (name,) in cursor.execute(
                "select natural_key from record where table_name = $table_name and list_contains($names, natural_key)",
                {"table_name": one.name, "names": list(names)},
            ).fetchall()
        }
        missing = [name for name in names if name not in known]
        if missing or not names:
            raise UnknownRecord(
                f"There is no {missing[0]!r} among the {one.label.lower()}" if missing else "Nothing was named",
                "It may have been taken away meanwhile; look at the page again.",
            )
        load_id = write_withdrawal(
            cursor,
            one,
            list(dict.fromkeys(names)),
            Batch(next_number(cursor, "batch_id"), author),
            (newest_day(cursor) or _BEGINNING, "the newest deals in the store"),
        )
        make_anew(cursor, {one.name: [load_id]})
    return load_id


def _prepared(one: Table, rows: Sequence[Mapping[str, object]]) -> Prepared:
    """Rows of values as a file of texts that needs no guessing."""
    if not rows:
        raise TasError("There is nothing to enter", "Fill in at least one row.")
    columns = tuple(rows[0])
    if any(tuple(row) != columns for row in rows):
        raise ValueError("all rows of one entry have the same columns, in the same order")
    mapping = FileMapping(one.name, ENTERED, "the app", {name: name for name in columns})
    if missing := missing_required(mapping):
        raise TasError(f"{' and '.join(missing)} must be given", f"The {one.label.lower()} cannot do without.")
    data: dict[str, pa.Array] = {
        f"c{place}": pa.array([_text(row[name]) for row in rows], pa.string()) for place, name in enumerate(columns)
    }
    data["line"] = pa.array(range(1, len(rows) + 1), pa.int64())
    text = TextTable(NAME, columns, pa.table(data), "utf-8", ",", '"', 0, (), (), (), (), len(rows))
    how = {name: _convention(one, name) for name in columns}
    return Prepared(text, mapping, how, Options(), uuid.uuid4().hex, 0, headers=columns)


def _convention(one: Table, name: str) -> Convention:
    kind = one.column(name).kind
    if kind in ("date", "timestamp"):
        return Convention(kind, "ymd", ("%Y-%m-%d",))
    return Convention(kind, decimal="." if kind in ("money", "number", "integer", "percent", "duration") else None)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, float):
        # As a decimal, never with an exponent.
        return format(Decimal(repr(value)), "f")
    return str(value)
