"""Versions of deals and their stays in stages, from the events of their timelines.

Most deals of a first load are shown by one export only. What that export says, and the past that it
implies, needs no timeline: such deals are built at once, by the same rules written without windows. A
test holds the two ways together.
"""

from __future__ import annotations

from typing import Final

from tas_analytics.store import timeline
from tas_analytics.store.database import Cursor, first
from tas_analytics.store.links import REFERENCES, STAGES_SQL, list_identified, mention, stage_name_sql
from tas_analytics.store.tables import OPPORTUNITIES

#: Columns of a deal that its versions hold as they are.
OWN: Final = tuple(
    column.name for column in OPPORTUNITIES.columns if column.name not in {*REFERENCES, "last_open_stage"}
)
#: Number of the stage that stands for "not known".
UNKNOWN_STAGE: Final = 0


def build(cursor: Cursor, *, at_once: bool = True) -> None:
    """Build versions and stays of the deals in the temp table ``touched`` anew."""
    list_identified(cursor)
    _mention_names(cursor)
    cursor.execute("delete from opportunity_version where record_key in (select record_key from touched)")
    cursor.execute("delete from stage_spell where opportunity_key in (select record_key from touched)")
    if at_once:
        _single_exports(cursor)
        if first(cursor.execute("select count(*) from touched")) == (0,):
            return
    timeline.events(cursor, OPPORTUNITIES)
    _from_events(cursor)


def _mention_names(cursor: Cursor) -> None:
    """Give numbers to all accounts, people and products that the touched deals name, unless by a known ID."""
    for column in ("account", "owner", "product"):
        target = REFERENCES[column][0]
        unknown = f"and {column} not in (select ref from alias where table_name = '{target}')"
        mention(
            cursor,
            target,
            f"select distinct {column} from opportunity_state semi join touched using (record_key) "
            f"where {column} is not null {unknown}",
        )
        if column == "owner":
            mention(
                cursor,
                target,
                "select distinct c.owner from change_version c semi join touched t on t.record_key = c.opportunity_key "
                "where c.owner is not null and c.owner not in (select ref from alias where table_name = 'people')",
            )
            mention(
                cursor,
                target,
                "select distinct c.from_owner from change_version c "
                "semi join touched t on t.record_key = c.opportunity_key where c.from_owner is not null "
                "and c.from_owner not in (select ref from alias where table_name = 'people')",
            )


def keys_sql(alias: str) -> tuple[str, str]:
    """SQL of the key columns of a relation with names, and the joins that they need."""
    columns, joins = [], []
    for name, (target, key) in REFERENCES.items():
        named = stage_name_sql(f"{alias}.pipeline", f"{alias}.stage") if name == "stage" else f"{alias}.{name}"
        joins.append(
            f"left join (select record_key, natural_key from record where table_name = '{target}') {name}_record "
            f"on {name}_record.natural_key = {named}"
        )
        joins.append(
            f"left join (select ref, record_key from alias where table_name = '{target}') {name}_alias "
            f"on {name}_alias.ref = {alias}.{name}"
        )
        unknown = f", {UNKNOWN_STAGE}" if name == "stage" else ""
        columns.append(f"coalesce({name}_alias.record_key, {name}_record.record_key{unknown}) as {key}")
    joins.append(
        "left join (select record_key, natural_key from record where table_name = 'stages') last_record "
        f"on last_record.natural_key = {stage_name_sql(f'{alias}.pipeline', f'{alias}.last_open_stage')}"
    )
    columns.append("last_record.record_key as given_last_key")
    return ", ".join(columns), "\n".join(joins)


def _single_exports(cursor: Cursor) -> None:
    """Build the touched deals that one export shows and no history tells of; takes them out of ``touched``."""
    if first(cursor.execute("select count(*) > 0 from load where complete and undone_at is null "
                            "and table_name = 'opportunities'")) == (True,):  # fmt: skip
        return
    cursor.execute(
        """
        create or replace temp table single as
        with seen_once as (
            select s.record_key, any_value(s.state_hash) as state_hash, any_value(s.load_id) as load_id
            from sighting s semi join touched using (record_key)
            where s.table_name = 'opportunities' group by s.record_key having count(*) = 1
        )
        select o.* from seen_once o
        anti join (select opportunity_key as record_key from change_version where opportunity_key is not null) c
            using (record_key)
        """
    )
    if first(cursor.execute("select count(*) from single")) == (0,):
        return
    keys, joins = keys_sql("t")
    own = ", ".join(f"t.{name}" for name in OWN)
    cursor.execute(
        f"""
        create or replace temp table known as
        with named as (
            select t.record_key, l.as_of as export_of, o.load_id, {own}, {keys}
            from single o
            join load l on l.load_id = o.load_id
            join opportunity_state t on t.record_key = o.record_key and t.state_hash = o.state_hash
            {joins}
        ),
        placed as (
            select f.*, s.status as meaning, s.is_opening,
                {timeline.FIRST_DAY} as first_day
            from named f left join {STAGES_SQL} s on s.stage_key = f.stage_key
        ),
        dated as (select *, {timeline.KNOWN_FROM} as dated_from from placed f)
        select *, case when dated_from < first_day then dated_from else export_of end as known_from,
            coalesce(dated_from < first_day, false) as is_dated,
            coalesce(created_date < least(first_day, dated_from), false) as has_past
        from dated
        """
    )
    since = """coalesce(stage_entered, case when stage_key = 0 then null when is_dated then known_from
        when is_opening then created_date end)"""
    was = ", ".join(f"null as {name}" if name in timeline.UNKNOWN_THEN else name for name in OWN)
    cursor.execute(
        f"""
        insert into opportunity_version by name
        with past as (
            select record_key, cast(created_date as timestamp) as valid_from,
                cast(least(known_from, first_day) as timestamp) as valid_to, load_id, {was},
                account_key, owner_key, product_key,
                {UNKNOWN_STAGE} as stage_key, 0 as pushes, 0 as delays, close_date as first_close_date,
                true as reconstructed
            from known where has_past
        ),
        present as (
            select record_key, cast(known_from as timestamp) as valid_from,
                -- Exports between the first of the store and the first of the deal lacked it.
                case when is_dated and first_day < export_of then cast(first_day as timestamp) end as valid_to, load_id,
                {", ".join(OWN)}, account_key, owner_key, product_key, stage_key, {since} as stage_since,
                case when meaning = 'open' and stage_key > 0 then stage_key else given_last_key end
                    as last_open_stage_key,
                0 as pushes, 0 as delays, close_date as first_close_date, is_dated as reconstructed
            from known
        ),
        again as (
            select * replace (cast(export_of as timestamp) as valid_from, null as valid_to, false as reconstructed)
            from (select p.*, k.export_of from present p join known k using (record_key) where p.valid_to is not null)
        )
        select * from past union all by name select * from present
        union all by name select * exclude (export_of) from again
        """
    )
    cursor.execute(
        f"""
        insert into stage_spell by name
        select record_key as opportunity_key, stage_key, cast(1 as integer) as spell, {since} as entered,
            known_from as first_seen, is_dated as is_exact
        from known where stage_key > 0
        """
    )
    cursor.execute("delete from touched where record_key in (select record_key from single)")
    cursor.execute("drop table single")
    cursor.execute("drop table known")


def _from_events(cursor: Cursor) -> None:
    keys, joins = keys_sql("e")
    own = ", ".join(f"e.{name}" for name in OWN)
    cursor.execute(
        f"""
        create or replace temp table event as
        with fiscal as (select cast(value as integer) as first_month from setting where name = 'fiscal_start_month'),
        keyed as (
            select e.record_key, e.valid_from, e.valid_to, e.load_id, e.is_exact, e.reconstructed, {own}, {keys},
                year(e.close_date) * 4 + (month(e.close_date) - fiscal.first_month + 12) // 3 as close_quarter
            from event e cross join fiscal
            {joins}
        ),
        staged as (
            select k.*, s.status as meaning, s.is_opening as is_opening_stage,
                -- A time whose stage is not known neither ends a stay nor begins one.
                lag(nullif(k.stage_key, {UNKNOWN_STAGE}) ignore nulls) over w as stage_before,
                lag(k.close_date) over w as close_before, lag(k.close_quarter) over w as quarter_before
            from keyed k
            left join {STAGES_SQL} s on s.stage_key = k.stage_key
            window w as (partition by k.record_key order by k.valid_from)
        ),
        spelled as (
            select *,
                sum(case when stage_key <> {UNKNOWN_STAGE} and stage_before is distinct from stage_key then 1 else 0
                    end) over w as spell,
                sum(case when close_quarter > quarter_before then 1 else 0 end) over w as pushes,
                sum(case when close_date > close_before then 1 else 0 end) over w as delays,
                first_value(close_date ignore nulls) over w as first_close_date,
                coalesce(
                    last_value(case when meaning = 'open' and stage_key <> {UNKNOWN_STAGE} then stage_key end
                        ignore nulls) over w,
                    given_last_key
                ) as last_open_stage_key
            from staged
            window w as (
                partition by record_key order by valid_from rows between unbounded preceding and current row
            )
        ),
        entered as (
            -- The first stay has no seen beginning, unless a history or the CRM gives it or it is the stage in which
            -- deals open.
            select record_key, spell, arg_min(is_exact, valid_from) as is_exact, coalesce(
                case when arg_min(is_exact, valid_from) and not arg_min(reconstructed, valid_from)
                    then cast(min(valid_from) as date) end,
                max(stage_entered),
                case when arg_min(is_exact, valid_from) or spell > 1 then cast(min(valid_from) as date)
                     when bool_or(is_opening_stage) then min(created_date) end
            ) as stage_since
            from spelled where stage_key <> {UNKNOWN_STAGE} group by record_key, spell
        )
        select s.* exclude (is_exact), e.is_exact, case when s.stage_key <> {UNKNOWN_STAGE} then e.stage_since end
            as stage_since
        from spelled s left join entered e using (record_key, spell)
        """
    )
    cursor.execute(
        """
        insert into opportunity_version by name
        select * exclude (close_quarter, meaning, is_opening_stage, stage_before, close_before, quarter_before, spell,
                given_last_key, is_exact)
            replace (cast(pushes as integer) as pushes, cast(delays as integer) as delays)
        from event order by valid_from, record_key
        """
    )
    cursor.execute(
        f"""
        insert into stage_spell by name
        with stays as (
            select record_key, stage_key, cast(spell as integer) as spell, max(stage_since) as entered,
                cast(min(valid_from) as date) as first_seen, bool_or(is_exact) as is_exact
            from event where stage_key <> {UNKNOWN_STAGE} group by record_key, stage_key, spell
        )
        select record_key as opportunity_key, stage_key, spell, entered, first_seen,
            lead(coalesce(entered, first_seen)) over w as left_on, lead(stage_key) over w as next_stage_key,
            coalesce(is_exact, false) as is_exact
        from stays
        window w as (partition by record_key order by spell)
        order by first_seen, record_key
        """
    )
