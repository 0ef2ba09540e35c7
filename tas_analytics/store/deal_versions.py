"""Versions of deals and their stays in stages, from the events of their timelines.

Most deals of a first load are shown by one export only. What that export says, and the past that it
implies, needs no timeline: such deals are built at once (``single_exports``).
"""

from __future__ import annotations

from tas_analytics.method.fiscal import Fiscal
from tas_analytics.store import deal_states, single_exports, timeline
from tas_analytics.store.database import Cursor, first
from tas_analytics.store.links import NAMED, OWN, STAGES_SQL, UNKNOWN_STAGE, keys_sql, list_identified, mention_names
from tas_analytics.store.tables import OPPORTUNITIES


def build(cursor: Cursor, *, at_once: bool = True) -> None:
    """Build versions and stays of the deals in the temp table ``touched`` anew."""
    list_identified(cursor)
    _mention_names(cursor)
    deal_states.write_out(cursor)
    cursor.execute("delete from opportunity_kept where record_key in (select record_key from touched)")
    cursor.execute("delete from stage_spell where opportunity_key in (select record_key from touched)")
    if at_once:
        _single_exports(cursor)
        if first(cursor.execute("select count(*) from touched")) == (0,):
            return
    timeline.events(cursor, OPPORTUNITIES)
    _from_events(cursor)


def _mention_names(cursor: Cursor) -> None:
    """Give numbers to all accounts, people and products that the touched deals and their histories name."""
    deals = f"from {deal_states.KEPT} semi join touched using (record_key)"
    changes = "from change_version c semi join touched t on t.record_key = c.opportunity_key"
    queries = {column: f"select {column} {deals}" for column in NAMED}
    queries["owner"] += f" union all select c.owner {changes} union all select c.from_owner {changes}"
    mention_names(cursor, queries)


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
    columns = ", ".join(f"t.{column.name}" for column in OPPORTUNITIES.columns)
    rows = f"""(
        select t.record_key, o.load_id, l.as_of as export_of, {columns}
        from single o
        join load l on l.load_id = o.load_id
        join {deal_states.KEPT} t on t.record_key = o.record_key and t.state_hash = o.state_hash
    )"""
    single_exports.write(cursor, rows, [column.name for column in OPPORTUNITIES.columns]).let_go()
    cursor.execute("delete from touched where record_key in (select record_key from single)")
    cursor.execute("drop table single")


def _from_events(cursor: Cursor) -> None:
    keys, joins = keys_sql("e")
    own = ", ".join(f"e.{name}" for name in OWN)
    fiscal = Fiscal.of(dict(cursor.execute("select name, value from setting").fetchall()))
    cursor.execute(
        f"""
        create or replace temp table event as
        with keyed as (
            select e.record_key, e.valid_from, e.valid_to, e.load_id, e.is_exact, e.reconstructed, {own}, {keys},
                {fiscal.quarter_number_sql("e.close_date")} as close_quarter
            from event e
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
        insert into opportunity_kept by name
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
