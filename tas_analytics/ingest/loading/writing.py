"""One staged file into the store: its load, its rejected rows, its records, states and sightings."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Final

import pyarrow as pa

from tas_analytics.ingest.loading.typed import GOOD, reject_reason
from tas_analytics.ingest.planning.plan import Prepared
from tas_analytics.ingest.structure.texttable import Unplaced as Rejected, rows_of
from tas_analytics.store.database import Cursor, first
from tas_analytics.store.deal_states import own_columns, states_of
from tas_analytics.store.news import ENTERED
from tas_analytics.store.tables import OPPORTUNITIES, Table, table

__all__ = [
    "CONTROLLED",
    "Batch",
    "Rejected",
    "Written",
    "as_json",
    "next_number",
    "reading",
    "rejected_rows",
    "write",
    "write_withdrawal",
]

#: The column whose sum is controlled, by table.
CONTROLLED: Final = {
    "opportunities": "amount",
    "targets": "amount",
    "revenue_lines": "amount",
    "forecast_calls": "amount",
}
_REJECT: Final = pa.schema(
    [
        ("load_id", pa.int32()), ("line", pa.int64()), ("column_name", pa.string()), ("value", pa.string()),
        ("reason", pa.string()), ("row_text", pa.list_(pa.string())),
    ]
)  # fmt: skip


@dataclass(frozen=True)
class Written:
    """What was written of one file, before its versions are built.

    ``new`` counts records that nothing in the store spoke of before; the others are in the temp table
    ``met_<load_id>``, if there are any. ``numbered`` says that the rows of ``typed`` number the records.
    """

    load_id: int
    as_of: dt.date
    as_of_reason: str
    new: int
    met: int
    repeats: int
    rejects: tuple[Rejected, ...]
    amount_in_file: Decimal | None
    amount_loaded: Decimal | None
    numbered: bool


@dataclass(frozen=True)
class Batch:
    """What the loads of one go share."""

    batch_id: int
    user: str


def write(
    cursor: Cursor,
    file: Prepared,
    given: Sequence[str],
    rejects: tuple[Rejected, ...],
    batch: Batch,
    day: tuple[dt.date, str],
    part_of: int | None,
) -> Written:
    """Write the staged file (see :mod:`tas_analytics.ingest.loading.typed`) with the day of which it tells.

    Parameters
    ----------
    cursor
        Inside a transaction.
    file
        The file whose rows are staged.
    given
        The columns that ``typed`` has.
    rejects
        Its :func:`rejected_rows`.
    batch
        What the loads of one go share.
    day
        The day, and how it is known.
    part_of
        The load of the same file that this one is a part of.
    """
    load_id = next_number(cursor, "load_id")
    amounts = _control_sums(cursor, file)
    numbers = {"load_id": load_id, "batch": batch.batch_id, "user": batch.user, "part_of": part_of}
    _write_load(cursor, file, day, rejects, amounts, numbers)
    _write_rejects(cursor, load_id, rejects)
    new, met, repeats, numbered = _write_rows(cursor, file, load_id, given)
    return Written(load_id, *day, new, met, repeats, rejects, *amounts, numbered)


def write_withdrawal(cursor: Cursor, one: Table, names: Sequence[str], batch: Batch, day: tuple[dt.date, str]) -> int:
    """Write a load that takes records away: it names each in the state in which it was seen last.

    Parameters
    ----------
    cursor
        Inside a transaction.
    one
        The table.
    names
        Natural keys of records that are there.
    batch, day
        As for :func:`write`.

    Returns
    -------
    int
        The number of the load.
    """
    load_id = next_number(cursor, "load_id")
    cursor.execute(
        """
        insert into load by name select
            $load_id as load_id, $batch as batch_id, cast(now() at time zone 'UTC' as timestamp) as loaded_at,
            $user as loaded_by, 'Removed in the app' as file_name, '' as file_hash, 0 as file_bytes,
            $table_name as table_name, $source as source, cast($as_of as date) as as_of, $why as as_of_reason,
            false as complete, cast([] as varchar[]) as columns, cast([] as varchar[]) as headers,
            cast('{}' as json) as mapping, cast('{}' as json) as conventions, $rows as rows_in_file,
            0 as rows_new, $rows as rows_changed, 0 as rows_unchanged, 0 as rows_rejected, 'usable' as verdict,
            cast('[]' as json) as findings, true as withdraws
        """,
        {
            "load_id": load_id, "batch": batch.batch_id, "user": batch.user, "table_name": one.name,
            "source": ENTERED, "as_of": day[0], "why": day[1], "rows": len(names),
        },
    )  # fmt: skip
    cursor.execute(
        """
        insert into sighting
        with named as (select unnest($names) as natural_key, generate_subscripts($names, 1) as line),
        wanted as (
            select r.record_key, n.line from named n
            join record r on r.table_name = $table_name and r.natural_key = n.natural_key
        )
        select $table_name, w.record_key, arg_max(s.state_hash, (l.as_of, l.load_id, s.line)), $load_id, w.line
        from wanted w
        join sighting s on s.table_name = $table_name and s.record_key = w.record_key
        join load l on l.load_id = s.load_id
        group by w.record_key, w.line
        """,
        {"names": list(names), "table_name": one.name, "load_id": load_id},
    )
    return load_id


def rejected_rows(cursor: Cursor, file: Prepared) -> tuple[Rejected, ...]:
    """Every cell and row of ``typed`` that cannot be loaded, and every row the reader could not place, by line."""
    found = list(file.text.unplaced)
    bad = cursor.execute(
        "select place, line, faults, broken, natural_key is null, first_line from typed "
        f"where not ({GOOD}) order by place"
    ).fetchall()
    if bad:
        cells_of = file.data.take([row[0] for row in bad]).to_pylist()
        width = len(_headers(file))
        for (_, line, faults, broken, nameless, first_line), cells in zip(bad, cells_of, strict=True):
            row = tuple(cells[f"c{index}"] for index in range(width))
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


def _headers(file: Prepared) -> tuple[str, ...]:
    """The headers under which rejected rows are given back: the file's own where the rows still have them."""
    own = file.headers
    return own if own and file.text.columns[: len(own)] == own else file.text.columns


def _control_sums(cursor: Cursor, file: Prepared) -> tuple[Decimal | None, Decimal | None]:
    control = CONTROLLED.get(file.table_name)
    if control not in file.columns:
        return None, None
    found = first(
        cursor.execute(
            f"select coalesce(sum({control}), 0), coalesce(sum({control}) filter (where {GOOD}), 0) from typed"
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
    date = file.convention_of("date", "timestamp")
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
            $loaded as amount_loaded, 'usable' as verdict, cast('[]' as json) as findings, $part as part,
            $part_of as part_of, cast($options as json) as options, $blanks_kept as blanks_kept
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
            "complete": file.options.complete and not file.part,
            "columns": sorted(file.columns),
            "headers": list(_headers(file)),
            "encoding": text.encoding,
            "delimiter": text.delimiter,
            "date_order": date.date_order if date else None,
            "decimal": money.decimal if money else None,
            "rows_in_file": text.rows_in_file,
            "rejected": rows_of(rejects),
            "in_file": amounts[0],
            "loaded": amounts[1],
            "part": file.part or None,
            "options": as_json(asdict(file.options)),
            "blanks_kept": file.mapping.blank_means_unchanged,
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


def _write_rows(cursor: Cursor, file: Prepared, load_id: int, given: Sequence[str]) -> tuple[int, int, int, bool]:
    """Records, states and sightings of the good rows; gives how many records are new, known, and rows repeated.

    Where the store holds no records of the table, the rows number them: the number of a record is its place. The states
    of such deals are not written, for their versions may hold them (``store/deal_states``).
    """
    one = table(file.table_name)
    params = {"table_name": one.name}
    ((repeats,),) = cursor.execute(f"select count(*) from typed where {GOOD} and place <> first_place").fetchall()
    ((top,),) = cursor.execute(
        "select coalesce(max(record_key), 0) from record where table_name = $table_name", params
    ).fetchall()
    loaded, good = f"where {GOOD} and place = first_place", "good_rows"
    if top:
        cursor.execute(
            f"""
            create or replace temp table good_rows as
            select t.*, r.record_key is null as is_new, coalesce(
                r.record_key,
                cast({top} + row_number() over (partition by r.record_key is null order by place) as integer)
            ) as record_key
            from typed t
            left join (
                select natural_key, record_key from record semi join typed using (natural_key)
                where table_name = $table_name
            ) r using (natural_key)
            {loaded}
            """,
            params,
        )
    else:
        # Nothing to compare with: the rows number the records.
        good = f"(select *, true as is_new, cast(place + 1 as integer) as record_key from typed {loaded})"
    ((rows, new),) = cursor.execute(f"select count(*), count(*) filter (where is_new) from {good}").fetchall()
    cursor.execute(f"insert into record select $table_name, record_key, natural_key from {good} where is_new", params)
    known = own_columns("record_key", "state_hash") if one is OPPORTUNITIES else f"{one.one}_state"
    unseen = (
        f"anti join {known} known on known.record_key = t.record_key and known.state_hash = t.state_hash"
        if new < rows
        else ""
    )
    if top or one is not OPPORTUNITIES:  # the states of the first deals stay pending
        cursor.execute(
            f"""
            insert into {states_of(one)} by name
            select t.record_key, t.state_hash, {", ".join(f"t.{name}" for name in given)} from {good} t {unseen}
            """
        )
    cursor.execute(
        f"insert into sighting select $table_name, record_key, state_hash, $load_id, line from {good}",
        params | {"load_id": load_id},
    )
    if new < rows:
        cursor.execute(f"create temp table met_{load_id} as select record_key from good_rows where not is_new")
    cursor.execute("drop table if exists temp.good_rows")
    return new, rows - new, repeats, not top
