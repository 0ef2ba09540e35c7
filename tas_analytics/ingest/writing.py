"""One staged file into the store: its load, its rejected rows, its records, states and sightings."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Final

import pyarrow as pa

from tas_analytics.ingest.convert import Convention
from tas_analytics.ingest.plan import Prepared, reject_reason
from tas_analytics.store.database import Cursor, first
from tas_analytics.store.tables import table
from tas_analytics.store.versions import mention

#: The column whose sum is controlled, by table.
CONTROLLED: Final = {"opportunities": "amount", "targets": "amount"}
#: A row of ``typed`` that is loaded.
_GOOD: Final = "faults = [] and natural_key is not null and same_as_first"
_REJECT: Final = pa.schema(
    [
        ("load_id", pa.int32()), ("line", pa.int64()), ("column_name", pa.string()), ("value", pa.string()),
        ("reason", pa.string()), ("row_text", pa.list_(pa.string())),
    ]
)  # fmt: skip


@dataclass(frozen=True)
class Rejected:
    """One cell or row that was not loaded."""

    line: int
    column: str | None
    value: str
    reason: str
    row: tuple[str, ...]


@dataclass(frozen=True)
class Written:
    """What was written of one file, before its versions are built."""

    load_id: int
    as_of: dt.date
    as_of_reason: str
    repeats: int
    rejects: tuple[Rejected, ...]
    amount_in_file: Decimal | None
    amount_loaded: Decimal | None


def write(cursor: Cursor, file: Prepared, batch: int, user: str, day: tuple[dt.date, str]) -> Written:
    """Write the staged file (see :func:`tas_analytics.ingest.plan.stage_rows`) with the day of which it tells."""
    rejects = rejected_rows(cursor, file)
    load_id = next_number(cursor, "load_id")
    amounts = _control_sums(cursor, file)
    _write_load(cursor, file, day, rejects, amounts, {"load_id": load_id, "batch": batch, "user": user})
    _write_rejects(cursor, load_id, rejects)
    repeats = _write_rows(cursor, file, load_id)
    return Written(load_id, *day, repeats, rejects, *amounts)


def rejected_rows(cursor: Cursor, file: Prepared) -> tuple[Rejected, ...]:
    """Every cell and row of ``typed`` that cannot be loaded, and every row the reader could not place, by line."""
    found = [Rejected(u.line, u.column, u.value, u.reason, u.row) for u in file.text.unplaced]
    bad = cursor.execute(
        f"select line, faults, broken, natural_key is null, first_line from typed where not ({_GOOD}) order by line"
    ).fetchall()
    if bad:
        position = {line: index for index, line in enumerate(file.data["line"].to_pylist())}
        cells_of = file.data.take([position[line] for line, *_ in bad]).to_pylist()
        for (line, faults, broken, nameless, first_line), cells in zip(bad, cells_of, strict=True):
            row = tuple(cells[f"c{index}"] for index in range(len(file.text.columns)))
            for column in faults:
                header = file.mapping.columns[column]
                value = cells[file.cells(header)]
                found.append(
                    Rejected(line, header, value, reject_reason(file, column, value, broken=column in broken), row)
                )
            if not faults and nameless:
                found.append(Rejected(line, None, "", "nothing in the row identifies it", row))
            elif not faults:
                text = f"the row contradicts line {first_line}, which has the same key; only the first is loaded"
                found.append(Rejected(line, None, "", text, row))
    return tuple(sorted(found, key=lambda reject: reject.line))


def reading(file: Prepared) -> Mapping[str, str]:
    """How a file is read, as the store keeps it: mapping and conventions as JSON."""
    return {
        "mapping": as_json(dict(file.mapping.columns)),
        "conventions": as_json({name: asdict(convention) for name, convention in file.conventions.items()}),
    }


def next_number(cursor: Cursor, column: str) -> int:
    """The next free number of a load or a batch."""
    row = first(cursor.execute(f"select coalesce(max({column}), 0) + 1 from load"))
    return int(row[0]) if row else 1


def as_json(value: object) -> str:
    """JSON whose text depends on the content only."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


def _control_sums(cursor: Cursor, file: Prepared) -> tuple[Decimal | None, Decimal | None]:
    control = CONTROLLED.get(file.table_name)
    if control not in file.columns:
        return None, None
    found = first(
        cursor.execute(
            f"select coalesce(sum({control}), 0), coalesce(sum({control}) filter (where {_GOOD}), 0) from typed"
        )
    )
    return (found[0], found[1]) if found else (None, None)


def _write_load(
    cursor: Cursor,
    file: Prepared,
    day: tuple[dt.date, str],
    rejects: tuple[Rejected, ...],
    amounts: tuple[Decimal | None, Decimal | None],
    numbers: Mapping[str, object],
) -> None:
    date: Convention | None = file.convention_of("date")
    money = file.convention_of("money") or file.convention_of("number")
    text = file.text
    cursor.execute(
        """
        insert into load by name select
            $load_id as load_id, $batch as batch_id, cast(now() at time zone 'UTC' as timestamp) as loaded_at,
            $user as loaded_by, $file_name as file_name, $file_hash as file_hash, $file_bytes as file_bytes,
            $table_name as table_name, $source as source, cast($as_of as date) as as_of, $why as as_of_reason,
            $complete as complete, cast($columns as varchar[]) as columns,
            cast($headers as varchar[]) as headers, cast($mapping as json) as mapping,
            cast($conventions as json) as conventions, $encoding as encoding, $delimiter as delimiter,
            $date_order as date_order, $decimal as decimal, $rows_in_file as rows_in_file, 0 as rows_new,
            0 as rows_changed, 0 as rows_unchanged, $rejected as rows_rejected, $in_file as amount_in_file,
            $loaded as amount_loaded, 'usable' as verdict, cast('[]' as json) as findings
        """,
        {
            **numbers,
            **reading(file),
            "file_name": file.name,
            "file_hash": file.file_hash,
            "file_bytes": file.file_bytes,
            "table_name": file.table_name,
            "source": file.mapping.source,
            "as_of": day[0],
            "why": day[1],
            "complete": file.options.complete,
            "columns": sorted(file.columns),
            "headers": list(text.columns),
            "encoding": text.encoding,
            "delimiter": text.delimiter,
            "date_order": date.date_order if date else None,
            "decimal": money.decimal if money else None,
            "rows_in_file": text.rows_in_file,
            "rejected": len({reject.line for reject in rejects}),
            "in_file": amounts[0],
            "loaded": amounts[1],
        },
    )


def _write_rejects(cursor: Cursor, load_id: int, rejects: tuple[Rejected, ...]) -> None:
    if not rejects:
        return
    rows = [
        {
            "load_id": load_id, "line": r.line, "column_name": r.column, "value": r.value, "reason": r.reason,
            "row_text": list(r.row),
        }
        for r in rejects
    ]  # fmt: skip
    cursor.register("rejected", pa.Table.from_pylist(rows, schema=_REJECT))
    cursor.execute("insert into reject by name select * from rejected")
    cursor.unregister("rejected")


def _write_rows(cursor: Cursor, file: Prepared, load_id: int) -> int:
    """Records, states and sightings of the good rows; gives the number of rows that repeat another."""
    one = table(file.table_name)
    params = {"table_name": one.name}
    cursor.execute(f"create or replace temp table good as select * from typed where {_GOOD}")
    mention(cursor, one.name, "select natural_key from good")
    cursor.execute(
        f"""
        insert into {one.one}_state
        select r.record_key, t.state_hash, {", ".join(f"t.{column.name}" for column in one.columns)}
        from good t
        join record r on r.table_name = $table_name and r.natural_key = t.natural_key
        anti join {one.one}_state known on known.record_key = r.record_key and known.state_hash = t.state_hash
        where t.line = t.first_line
        """,
        params,
    )
    cursor.execute(
        """
        insert into sighting
        select $table_name, r.record_key, t.state_hash, $load_id, t.line
        from good t join record r on r.table_name = $table_name and r.natural_key = t.natural_key
        where t.line = t.first_line
        order by r.record_key
        """,
        params | {"load_id": load_id},
    )
    row = first(cursor.execute("select count(*) from good where line <> first_line"))
    return int(row[0]) if row else 0
