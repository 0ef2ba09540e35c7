"""Versions and stage stays, derived from what the loads saw.

Sightings are the truth: which load saw which record in which state. Versions are computed from
them for the records that a load touched, so the same exports give the same store in whatever
order they are loaded, and taking a load back is nothing but leaving its sightings out.

Rules
-----
* A column that a file does not have keeps what earlier files said; a blank cell is a blank.
* Of two loads of one day the later load wins.
* A record that a complete export lacks is gone from that day until it is seen again.
* Reference tables (accounts, people, …) hold from the beginning of time on: a team list loaded
  today also tells whose deals those of last year were.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tas_analytics.store.database import Cursor, first
from tas_analytics.store.tables import OPPORTUNITIES, Table

#: Columns of an opportunity that name a record of another table: column → (table, key column).
REFERENCES: Final = {
    "account": ("accounts", "account_key"),
    "owner": ("people", "owner_key"),
    "product": ("products", "product_key"),
    "stage": ("stages", "stage_key"),
}
BEGINNING: Final = "timestamp '1900-01-01'"


def rebuild(cursor: Cursor, table: Table, load_ids: Sequence[int] | None) -> None:
    """Build the versions anew of every record that one of the loads touched; of all records for None."""
    _touched(cursor, table, load_ids)
    if table is OPPORTUNITIES:
        for column, (target, _) in REFERENCES.items():
            mention(
                cursor, target, f"select distinct {column} from opportunity_state semi join touched using (record_key)"
            )
    _events(cursor, table)
    cursor.execute(f"delete from {table.one}_version where record_key in (select record_key from touched)")
    if table is OPPORTUNITIES:
        _opportunity_versions(cursor)
    else:
        _reference_versions(cursor, table)
    for name in ("touched", "seen", "event"):
        cursor.execute(f"drop table if exists temp.{name}")


def mention(cursor: Cursor, table_name: str, query: str) -> None:
    """Give a number to every name that a query yields and that has none yet.

    ``query`` is SQL with one text column; the order of numbers follows the names, so that equal
    loads give equal stores.
    """
    cursor.execute(
        f"""
        insert into record
        with wanted as (select distinct name from ({query}) as t(name) where name is not null),
        fresh as (
            select w.name from wanted w
            anti join record r on r.table_name = $table_name and r.natural_key = w.name
        ),
        top as (select coalesce(max(record_key), 0) as top from record where table_name = $table_name)
        select $table_name, cast(top + row_number() over (order by name) as integer), name from fresh, top
        """,
        {"table_name": table_name},
    )


def _touched(cursor: Cursor, table: Table, load_ids: Sequence[int] | None) -> None:
    # A complete export also says something of the records that it lacks: all are touched.
    everything = load_ids is None or first(
        cursor.execute(
            "select count(*) > 0 from load where complete and list_contains($load_ids, load_id)",
            {"load_ids": list(load_ids)},
        )
    ) == (True,)
    params: dict[str, object] = {"table_name": table.name}
    if not everything:
        params["load_ids"] = list(load_ids or ())
    cursor.execute(
        f"""
        create or replace temp table touched as
        select distinct record_key from sighting
        where table_name = $table_name {"" if everything else "and list_contains($load_ids, load_id)"}
        """,
        params,
    )
    if everything:
        cursor.execute(
            f"insert into touched select distinct record_key from {table.one}_version "
            "where record_key not in (select record_key from touched)"
        )


def _events(cursor: Cursor, table: Table) -> None:
    """Temp table ``event``: one row per record and day on which something was said of it that differs."""
    names = [column.name for column in table.columns]
    listed = ", ".join(names)
    shapes = first(
        cursor.execute(
            "select count(distinct columns) from load where table_name = $t and undone_at is null", {"t": table.name}
        )
    )
    carried = (
        ", ".join(
            f"struct_extract(last_value(case when list_contains(columns, '{name}') then struct_pack(v := {name}) end "
            f"ignore nulls) over w, 'v') as {name}"
            for name in names
        )
        if shapes and shapes[0] > 1
        else listed
    )
    text = ", ".join(f"coalesce(cast({name} as varchar), chr(0))" for name in names)
    cursor.execute(
        f"""
        create or replace temp table seen as
        select s.record_key, cast(l.as_of as timestamp) as seen_at, l.load_id, l.columns,
            {", ".join(f"st.{n}" for n in names)}
        from sighting s
        join touched using (record_key)
        join load l on l.load_id = s.load_id and l.undone_at is null
        join {table.one}_state st on st.record_key = s.record_key and st.state_hash = s.state_hash
        where s.table_name = $table_name
        """,
        {"table_name": table.name},
    )
    cursor.execute(
        f"""
        create or replace temp table event as
        with merged as (
            select record_key, seen_at, load_id, {carried}
            from seen
            window w as (
                partition by record_key order by seen_at, load_id rows between unbounded preceding and current row
            )
        ),
        last_of_day as (
            select *, md5(concat_ws(chr(31), {text})) as content
            from merged
            qualify row_number() over (partition by record_key, seen_at order by load_id desc) = 1
        ),
        first_seen as (select record_key, min(seen_at) as first_at from seen group by record_key),
        gone as (
            select f.record_key, cast(l.as_of as timestamp) as seen_at, min(l.load_id) as load_id
            from first_seen f
            join load l on l.table_name = $table_name and l.complete and l.undone_at is null
                and cast(l.as_of as timestamp) > f.first_at
            anti join seen x on x.record_key = f.record_key and x.seen_at = cast(l.as_of as timestamp)
            group by all
        ),
        timeline as (
            select record_key, seen_at, load_id, {listed}, content from last_of_day
            union all by name
            select record_key, seen_at, load_id, 'gone' as content from gone
        ),
        changes as (
            select * from timeline
            qualify lag(content) over (partition by record_key order by seen_at) is distinct from content
        )
        select record_key, seen_at as valid_from,
            lead(seen_at) over (partition by record_key order by seen_at) as valid_to,
            row_number() over (partition by record_key order by seen_at) as nth, load_id, {listed}, content
        from changes
        """,
        {"table_name": table.name},
    )
    cursor.execute("delete from event where content = 'gone'")


def _reference_versions(cursor: Cursor, table: Table) -> None:
    listed = ", ".join(column.name for column in table.columns)
    cursor.execute(
        f"""
        insert into {table.one}_version by name
        select record_key, case when nth = 1 then {BEGINNING} else valid_from end as valid_from, valid_to, load_id,
            {listed}
        from event order by valid_from, record_key
        """
    )


def _opportunity_versions(cursor: Cursor) -> None:
    own = ", ".join(f"e.{c.name}" for c in OPPORTUNITIES.columns if c.name not in REFERENCES)
    keys = ", ".join(f"{name}_record.record_key as {key}" for name, (_, key) in REFERENCES.items())
    joins = "\n".join(
        f"left join record {name}_record on {name}_record.table_name = '{target}' "
        f"and {name}_record.natural_key = e.{name}"
        for name, (target, _) in REFERENCES.items()
    )
    cursor.execute(
        f"""
        create or replace temp table event as
        with fiscal as (select cast(value as integer) as first_month from setting where name = 'fiscal_start_month'),
        keyed as (
            select e.record_key, e.valid_from, e.valid_to, e.load_id, {own}, {keys},
                year(e.close_date) * 4 + (month(e.close_date) - fiscal.first_month + 12) // 3 as close_quarter
            from event e cross join fiscal
            {joins}
        ),
        opening as (select min(position) as position from stage where status = 'open' and in_use),
        staged as (
            select k.*, s.status, s.position = opening.position as is_opening_stage,
                lag(k.stage_key) over w as stage_before, lag(k.close_date) over w as close_before,
                lag(k.close_quarter) over w as quarter_before
            from keyed k cross join opening
            left join stage s on s.stage_key = k.stage_key
            window w as (partition by k.record_key order by k.valid_from)
        ),
        spelled as (
            select *,
                sum(case when stage_before is distinct from stage_key then 1 else 0 end) over w as spell,
                sum(case when close_quarter > quarter_before then 1 else 0 end) over w as pushes,
                sum(case when close_date > close_before then 1 else 0 end) over w as delays,
                first_value(close_date ignore nulls) over w as first_close_date,
                last_value(case when status = 'open' then stage_key end ignore nulls) over w as last_open_stage_key
            from staged
            window w as (
                partition by record_key order by valid_from rows between unbounded preceding and current row
            )
        ),
        entered as (
            -- The first stay has no seen beginning, unless the CRM gives it or it is the stage in which deals open.
            select record_key, spell, coalesce(
                max(stage_entered),
                case when spell > 1 then cast(min(valid_from) as date)
                     when bool_or(is_opening_stage) then min(created_date) end
            ) as stage_since
            from spelled group by record_key, spell
        )
        select s.*, e.stage_since from spelled s join entered e using (record_key, spell)
        """
    )
    cursor.execute(
        """
        insert into opportunity_version by name
        select * exclude (close_quarter, status, is_opening_stage, stage_before, close_before, quarter_before, spell)
            replace (cast(pushes as integer) as pushes, cast(delays as integer) as delays)
        from event order by valid_from, record_key
        """
    )
    cursor.execute("delete from stage_spell where opportunity_key in (select record_key from touched)")
    cursor.execute(
        """
        insert into stage_spell
        with stays as (
            select record_key, stage_key, cast(spell as integer) as spell, max(stage_since) as entered,
                cast(min(valid_from) as date) as first_seen
            from event where stage_key is not null group by record_key, stage_key, spell
        )
        select record_key, stage_key, spell, entered, first_seen,
            lead(coalesce(entered, first_seen)) over w as left_on, lead(stage_key) over w as next_stage_key
        from stays
        window w as (partition by record_key order by spell)
        order by first_seen, record_key
        """
    )
