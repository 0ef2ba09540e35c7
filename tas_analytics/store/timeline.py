"""What was said of each record, and when: the events from which versions are built.

Exports say what a record was on their day. Histories say what a deal became at a moment, column by
column. What happened before the first of them is reconstructed where a deal gives the dates: from its
created date on it existed and was open, its stage unknown; from its close date or the day on which it
entered its stage on, it was as the first export shows it. That is done for days before the first export
of the store only: what an export said of its day is not changed by what later ones bring.
"""

from __future__ import annotations

from typing import Final

from tas_analytics.store.database import Cursor, first
from tas_analytics.store.days import FIRST_DAY
from tas_analytics.store.deal_states import states_of
from tas_analytics.store.links import STAGES_SQL, stage_name_sql
from tas_analytics.store.news import keep_entries, speaks_of
from tas_analytics.store.tables import OPPORTUNITIES, Table

#: Columns that a history can give, beside the value that held until then, where it can give that too.
FROM_HISTORY: Final = {
    "pipeline": None,
    "stage": "from_stage",
    "amount": "from_amount",
    "currency": None,
    "probability": None,
    "close_date": "from_close_date",
    "forecast_category": "from_forecast_category",
    "owner": "from_owner",
    "next_step": None,
}
#: What a later export cannot tell of earlier days.
UNKNOWN_THEN: Final = frozenset(
    {"stage", "status", "last_open_stage", "probability", "forecast_category", "next_step", "stage_entered",
     "last_activity", "lost_reason"}
)  # fmt: skip


def events(cursor: Cursor, table: Table) -> None:
    """Fill the temp table ``event``: one row per record and moment at which something else was said of it.

    Needs the temp table ``touched``, the records to look at.
    """
    names = [column.name for column in table.columns]
    listed = ", ".join(names)
    _sightings(cursor, table)
    told = _told_in_parts(cursor, table)
    if table is OPPORTUNITIES:
        told = _histories(cursor) or told
        _past(cursor, told)
    else:
        told = keep_entries(cursor, table) or told
    carried = ", ".join(_carried(name) for name in names) if told else listed
    text = ", ".join(f"coalesce(cast({name} as varchar), chr(0))" for name in names)
    cursor.execute(
        f"""
        create or replace temp table event as
        with merged as (
            select record_key, seen_at, tier, export_of, load_id, line, is_exact, reconstructed,
                coalesce(withdraws, false) as withdraws, {carried}
            from seen
            window w as (
                partition by record_key order by seen_at, tier, export_of, load_id, line
                rows between unbounded preceding and current row
            )
        ),
        last_of_moment as (
            select *, case when tier = 3 or withdraws then 'gone' else md5(concat_ws(chr(31), {text})) end as content
            from merged
            qualify row_number() over (
                partition by record_key, seen_at
                order by tier desc, export_of desc nulls last, load_id desc, line desc
            ) = 1
        ),
        first_seen as (select record_key, min(seen_at) as first_at from seen group by record_key),
        gone as (
            select f.record_key, cast(l.as_of as timestamp) as seen_at, min(l.load_id) as load_id
            from first_seen f
            join load l on l.table_name = $table_name and l.complete and l.undone_at is null
                and cast(l.as_of as timestamp) > f.first_at
            anti join seen x on x.record_key = f.record_key and x.tier = 2 and x.export_of = l.as_of
            group by all
        ),
        timeline as (
            select record_key, seen_at, tier, load_id, is_exact, reconstructed, {listed}, content
            from last_of_moment
            union all by name
            select record_key, seen_at, 3 as tier, load_id, false as is_exact, false as reconstructed,
                'gone' as content
            from gone
        ),
        present as (
            -- Only an export brings back what a complete export lacked, or what somebody took away; a history does not.
            select *, last_value(case when content = 'gone' then 'gone' when tier = 2 then 'there' end ignore nulls)
                over (
                    partition by record_key order by seen_at, tier rows between unbounded preceding and current row
                ) as presence
            from timeline
        ),
        changes as (
            select * from present
            where presence is distinct from 'gone' or content = 'gone'
            qualify lag(content) over (partition by record_key order by seen_at, tier) is distinct from content
        )
        select record_key, seen_at as valid_from,
            lead(seen_at) over (partition by record_key order by seen_at, tier) as valid_to,
            row_number() over (partition by record_key order by seen_at, tier) as nth, load_id, is_exact,
            reconstructed, {listed}, content
        from changes
        """,
        {"table_name": table.name},
    )
    cursor.execute("delete from event where content = 'gone'")


def _carried(name: str) -> str:
    """A column's value when this and all earlier files are taken together: the last that speaks of it counts."""
    said = f"case when {speaks_of(name)} then struct_pack(v := {name}) end"
    return f"struct_extract(last_value({said} ignore nulls) over w, 'v') as {name}"


def _sightings(cursor: Cursor, table: Table) -> None:
    listed = ", ".join(f"t.{column.name}" for column in table.columns)
    cursor.execute(
        f"""
        create or replace temp table seen as
        select s.record_key, cast(l.as_of as timestamp) as seen_at, l.as_of as export_of, 2 as tier, l.load_id,
            s.line, l.columns, coalesce(l.blanks_kept, false) as blanks_kept, false as is_exact,
            false as reconstructed, l.withdraws, {listed}
        from (select * from sighting semi join touched using (record_key) where table_name = $table_name) s
        join load l on l.load_id = s.load_id and l.undone_at is null
        -- Few records among millions: both sides are cut down to them before they meet.
        join (select * from {states_of(table)} semi join touched using (record_key)) t
            on t.record_key = s.record_key and t.state_hash = s.state_hash
        """,
        {"table_name": table.name},
    )


def _told_in_parts(cursor: Cursor, table: Table) -> bool:
    """Whether the files of a table differ in their columns, or leave cells blank for "as before"."""
    return first(
        cursor.execute(
            "select count(distinct columns) > 1 or coalesce(bool_or(blanks_kept), false) from load "
            "where table_name = $table_name and undone_at is null",
            {"table_name": table.name},
        )
    ) == (True,)


def _histories(cursor: Cursor) -> bool:
    """Add what the histories of the touched deals say; tells whether there are any."""
    given = ", ".join(f"case when h.{name} is not null then '{name}' end" for name in FROM_HISTORY)
    values = ", ".join(f"h.{name}" for name in FROM_HISTORY)
    # Of two changes of one moment the one in the later file counts, in one file that on the later line, and on one
    # line (two stages entered on one day) that to the later stage. The rest only keeps the order of loading out.
    cursor.execute(
        f"""
        create or replace temp table past_change as
        select h.opportunity_key as record_key, h.changed_at as seen_at, l.as_of as export_of, h.load_id,
            row_number() over (
                partition by h.opportunity_key
                order by h.changed_at, l.as_of, h.load_id, s.line, g.position nulls first, {values}
            ) as nth,
            list_filter([{given}], lambda x: x is not null) as columns, {values},
            {", ".join(f"h.{old}" for old in FROM_HISTORY.values() if old)}
        from change_version h semi join touched t on t.record_key = h.opportunity_key
        join load l on l.load_id = h.load_id
        join sighting s on s.table_name = 'history' and s.load_id = h.load_id and s.record_key = h.record_key
        left join stage g on g.stage = h.stage and g.pipeline is not distinct from h.pipeline
        where h.valid_to is null
        """
    )
    if first(cursor.execute("select count(*) from past_change")) == (0,):
        return False
    # An export shows how its day ended: what a history says of that day comes before it.
    cursor.execute(
        """
        update seen set seen_at = later.seen_at
        from (
            select record_key, cast(seen_at as date) as day, max(seen_at) as seen_at from past_change group by all
        ) later
        where seen.record_key = later.record_key and seen.export_of = later.day
        """
    )
    cursor.execute(
        f"""
        insert into seen by name
        select record_key, seen_at, export_of, 1 as tier, load_id, nth as line, columns, false as blanks_kept,
            true as is_exact, false as reconstructed, {", ".join(FROM_HISTORY)}
        from past_change where columns <> []
        """
    )
    return True


def _past(cursor: Cursor, told: bool) -> None:
    """Add what can be told of the days before the first export of a deal, and before its history begins."""
    columns = [column.name for column in OPPORTUNITIES.columns]
    # Files of one day are taken together, as in the timeline itself.
    first_day_says = ", ".join(_latest(name) for name in columns) if told else ", ".join(columns)
    once = "" if told else "qualify row_number() over (partition by record_key order by load_id desc, line desc) = 1"
    listed = ", ".join(f"f.{name}" for name in columns)
    everything = ", ".join(f"'{name}'" for name in columns)
    cursor.execute(
        f"""
        create or replace temp table first_export as
        with opened as (
            select record_key, arg_min(created_date, struct_pack(day := seen_at, load := -load_id)) as created_date
            from seen where tier = 2 and created_date is not null group by record_key
        ),
        history as (
            select record_key, min(seen_at) as begins_at, bool_or(stage is not null) as tells_stages,
                {", ".join(_before(name, old) for name, old in FROM_HISTORY.items())}
            from past_change group by record_key
        ),
        first_day as (
            select s.* from seen s
            join (select record_key, min(export_of) as export_of from seen where tier = 2 group by record_key) f
                on f.record_key = s.record_key and f.export_of = s.export_of
            where s.tier = 2
        ),
        firsts as (
            select record_key, {"min(export_of)" if told else "export_of"} as export_of,
                {"max(load_id)" if told else "load_id"} as load_id, {"max(line)" if told else "line"} as line,
                {first_day_says}
            from first_day {"group by record_key" if told else ""} {once}
        )
        select f.* replace (cast(o.created_date as date) as created_date), h.begins_at,
            coalesce(h.tells_stages, false) as tells_stages, s.status as meaning,
            s.is_opening, {FIRST_DAY} as first_day,
            {", ".join(f"h.before_{name}" for name in FROM_HISTORY)}
        from firsts f
        left join opened o using (record_key)
        left join history h using (record_key)
        left join record r on r.table_name = 'stages' and r.natural_key = {stage_name_sql("f.pipeline", "f.stage")}
        left join alias a on a.table_name = 'stages' and a.ref = f.stage
        left join {STAGES_SQL} s on s.stage_key = coalesce(a.record_key, r.record_key)
        """
    )
    # From the day on which a deal closed or entered its stage, it was as the first export shows it.
    cursor.execute(
        f"""
        insert into seen by name
        select f.record_key, cast({KNOWN_FROM} as timestamp) as seen_at, 0 as tier, f.load_id, f.line,
            [{everything}] as columns, false as blanks_kept, true as is_exact, true as reconstructed, {listed}
        from first_export f
        where not f.tells_stages and {KNOWN_FROM} < f.first_day
        """
    )
    was = ", ".join(_then(name) for name in columns)
    cursor.execute(
        f"""
        insert into seen by name
        select f.record_key, {_BEGINS} as seen_at, 0 as tier, f.load_id, f.line,
            [{everything}] as columns, false as blanks_kept, before_stage is not null as is_exact,
            true as reconstructed, {was}
        from first_export f
        where cast({_BEGINS} as date) < least(f.first_day, case when not f.tells_stages then {KNOWN_FROM} end)
        """
    )
    # The exports between lacked the deal.
    cursor.execute(
        """
        insert into seen by name
        select f.record_key, cast(f.first_day as timestamp) as seen_at, 3 as tier, f.load_id, f.line,
            [] as columns, false as blanks_kept, false as is_exact, false as reconstructed
        from first_export f
        where f.export_of > f.first_day and f.begins_at is null
            and f.record_key in (select record_key from seen where tier = 0)
        """
    )


#: The day from which a deal was as its first export ``f`` shows it, where its dates tell; else blank.
KNOWN_FROM: Final = """
    case when f.meaning in ('won', 'lost') and f.close_date >= coalesce(f.created_date, f.close_date) then f.close_date
         when f.meaning = 'open' and f.stage_entered >= coalesce(f.created_date, f.stage_entered)
             and f.stage_entered <= f.export_of then f.stage_entered
         when f.meaning = 'open' and f.is_opening and f.stage_entered is null then f.created_date end
"""

#: When a deal ``f`` began: created, or met for the first time in its history, which may tell of its stages alone.
_BEGINS: Final = """
    case when f.begins_at is null or f.created_date < cast(f.begins_at as date)
        then cast(f.created_date as timestamp) else f.begins_at end
"""


def _latest(name: str) -> str:
    """A column's value by the last file that speaks of it."""
    by_file = "struct_pack(a := load_id, b := line)"
    last = f"arg_max(struct_pack(v := {name}), {by_file}) filter (where {speaks_of(name)})"
    return f"struct_extract({last}, 'v') as {name}"


def _before(name: str, old: str | None) -> str:
    """What a history says of a column before its first change of it."""
    if old is None:
        return f"arg_min({name}, nth) filter (where {name} is not null) as before_{name}"
    earliest = f"arg_min(struct_pack(v := {old}), nth) filter (where {name} is not null or {old} is not null)"
    if name == "stage":  # the stage that a history begins with is that of the change, not of the days before
        return f"struct_extract({earliest}, 'v') as before_stage"
    known = f"arg_min(coalesce({old}, {name}), nth) filter (where {name} is not null or {old} is not null)"
    return f"{known} as before_{name}"


def _then(name: str) -> str:
    """A column of a deal when it was created, as far as its first export and its history tell."""
    later = "null" if name in UNKNOWN_THEN else f"f.{name}"
    if name not in FROM_HISTORY:
        return f"{later} as {name}"
    return f"coalesce(f.before_{name}, {later}) as {name}"
