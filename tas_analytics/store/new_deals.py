"""The first deals of a store, straight from the rows of the file that brings them.

A company's first load is its largest. Each of its deals is shown by one export of one day, so its versions need
neither a timeline nor a second look at what was just written. The rules are those of ``deal_versions``, which a
test holds this module to.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tas_analytics.store import timeline
from tas_analytics.store.database import Cursor, first
from tas_analytics.store.deal_versions import OWN, UNKNOWN_STAGE, keys_sql
from tas_analytics.store.links import REFERENCES, STAGES_SQL, list_identified, mention

#: Dates of a deal that tell of its past.
_DATES: Final = ("created_date", "close_date", "stage_entered")


def can_build(cursor: Cursor, load_ids: Sequence[int]) -> bool:
    """Whether loads of the first deals can be built here: one load, and no history that tells of them."""
    if len(load_ids) != 1:
        return False
    return first(cursor.execute("select count(*) = 0 from change_version where opportunity_key is not null")) == (True,)


def build(cursor: Cursor, rows: str, given: Sequence[str], load_id: int) -> None:
    """Build versions and stays of new deals.

    Parameters
    ----------
    cursor
        Inside a transaction.
    rows
        SQL of a relation with ``record_key`` and the columns that the file gives.
    given
        These columns.
    load_id
        The load.
    """
    cursor.execute("delete from opportunity_version")
    cursor.execute("delete from stage_spell")
    list_identified(cursor)
    for column in ("account", "owner", "product"):
        if column in given:
            target = REFERENCES[column][0]
            unknown = f"and {column} not in (select ref from alias where table_name = '{target}')"
            mention(cursor, target, f"select distinct {column} from {rows} where {column} is not null {unknown}")
    # Of the columns that the file lacks only those are named that the rules look at.
    lacking = [
        f"cast(null as {'date' if name in _DATES else 'varchar'}) as {name}"
        for name in ("pipeline", "stage", "account", "owner", "product", "last_open_stage", *_DATES)
        if name not in given
    ]
    own = [name for name in OWN if name in given]
    named, joins = keys_sql("t")
    cursor.execute(
        f"""
        insert into opportunity_version by name
        with t as (select * {"".join(f", {column}" for column in lacking)} from {rows}),
        day as (select as_of as export_of from load where load_id = {load_id}),
        named as (
            select t.*, day.export_of, {named} from t cross join day {joins}
        ),
        placed as (
            select f.*, s.status as meaning, s.is_opening
            from named f left join {STAGES_SQL} s on s.stage_key = f.stage_key
        ),
        dated as (select *, {timeline.KNOWN_FROM} as dated_from from placed f),
        known as (
            select *, case when dated_from < export_of then dated_from else export_of end as known_from,
                coalesce(dated_from < export_of, false) as is_dated
            from dated
        ),
        twice as (
            select * from known cross join (values (true), (false)) moment(is_past)
            where not is_past or created_date < known_from
        )
        select record_key, cast(case when is_past then created_date else known_from end as timestamp) as valid_from,
            case when is_past then cast(known_from as timestamp) end as valid_to, {load_id} as load_id,
            {"".join(f"{_then(name)}, " for name in own)}account_key, owner_key, product_key,
            case when is_past then {UNKNOWN_STAGE} else stage_key end as stage_key,
            case when is_past or stage_key = {UNKNOWN_STAGE} then null
                else coalesce(stage_entered, case when is_dated then known_from when is_opening then created_date end)
                end as stage_since,
            case when is_past then null when meaning = 'open' and stage_key > 0 then stage_key else given_last_key end
                as last_open_stage_key,
            0 as pushes, 0 as delays, close_date as first_close_date, is_past or is_dated as reconstructed
        from twice
        """
    )
    cursor.execute(
        f"""
        insert into stage_spell by name
        select record_key as opportunity_key, stage_key, cast(1 as integer) as spell, stage_since as entered,
            cast(valid_from as date) as first_seen, reconstructed as is_exact
        from opportunity_version where stage_key <> {UNKNOWN_STAGE}
        """
    )


def _then(name: str) -> str:
    return f"case when is_past then null else {name} end as {name}" if name in timeline.UNKNOWN_THEN else name
