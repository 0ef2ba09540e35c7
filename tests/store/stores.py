"""Stores for tests: small files in, contents out."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from tas_analytics.ingest.loading.loader import LoadResult, load
from tas_analytics.ingest.planning.plan import Options, Prepared, prepare
from tas_analytics.store import Store
from tas_analytics.store.check import check

Contents = dict[str, tuple[int, str]]


def csv_text(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(["" if cell is None else cell for cell in row] for row in rows)
    return text.getvalue()


def prepared(text: str | bytes, name: str = "deals.csv", **options: object) -> Prepared:
    data = text.encode() if isinstance(text, str) else text
    return prepare(data, name, Options(**options))  # type: ignore[arg-type]


def load_text(store: Store, text: str | bytes, name: str = "deals.csv", **options: object) -> LoadResult:
    return load(store, [prepared(text, name, **options)], user="test")[0]


def load_file(store: Store, path: Path, **options: object) -> LoadResult:
    return load_text(store, path.read_bytes(), path.name, **options)


def contents(store: Store) -> Contents:
    """What `check` says a store holds, after making sure that it is sound."""
    found = check(store)
    assert found.problems == ()
    return {name: (rows, mark) for name, rows, mark in found.contents}


def reconcile(result: LoadResult) -> None:
    """Every row and every unit of money in the file is accounted for."""
    assert result.prepared.text.rows_in_file == result.new + result.changed + result.unchanged + result.rejected_rows
    assert len({reject.line for reject in result.rejects}) == result.rejected_rows
    if result.amount_in_file is not None and result.amount_loaded is not None and not result.rejects:
        assert result.amount_in_file == result.amount_loaded


def deals(store: Store, *columns: str, as_of: dt.date | None = None) -> list[Mapping[str, object]]:
    """The deals as known on a day, with the names of what they refer to."""
    when = (
        "v.valid_to is null" if as_of is None else "v.valid_from <= $day and (v.valid_to is null or v.valid_to > $day)"
    )
    keys = {"account": "accounts", "owner": "people", "product": "products", "stage": "stages"}
    wanted = [
        f"(select natural_key from record r where r.table_name = '{keys[c]}' and r.record_key = v.{c}_key) as {c}"
        if c in keys
        else f"v.{c}"
        for c in columns
    ]
    rows = store.rows(
        f"select {', '.join(wanted)} from opportunity_version v join record o "
        f"on o.table_name = 'opportunities' and o.record_key = v.record_key where {when} order by o.natural_key",
        {"day": as_of} if as_of else {},
    )
    return [dict(zip(columns, row, strict=True)) for row in rows]
