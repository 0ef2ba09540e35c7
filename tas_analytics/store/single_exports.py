"""Deals that one export shows and no history tells of, built in one go.

Most deals of a first load are such. What their export says, and the past that it implies, needs neither a timeline
nor windows: the rules of ``timeline`` for a single sighting, written out. A test holds the two ways together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tas_analytics.store import timeline
from tas_analytics.store.database import Cursor, first
from tas_analytics.store.days import FIRST_DAY
from tas_analytics.store.links import (
    NAMED,
    OWN,
    STAGES_SQL,
    UNKNOWN_STAGE,
    keys_sql,
    list_identified,
    mention_names,
)

#: Dates of a deal that tell of its past.
_DATES: Final = ("created_date", "close_date", "stage_entered")
#: What a deal was before its export tells, as the export shows it, and again after exports that lacked it.
_PAST, _SHOWN, _AGAIN = 0, 1, 2


def are_the_first(cursor: Cursor, load_ids: Sequence[int]) -> bool:
    """Whether loads that brought the first deals of a store can be built by :func:`build`: one load, no history."""
    if len(load_ids) != 1:
        return False
    return first(cursor.execute("select count(*) = 0 from change_version where opportunity_key is not null")) == (True,)


def build(cursor: Cursor, rows: str, given: Sequence[str]) -> None:
    """Build the first deals of a store straight from the rows of the file that brings them; see :func:`write`."""
    list_identified(cursor)
    mention_names(cursor, {column: f"select {column} from {rows}" for column in NAMED if column in given})
    write(cursor, rows, given)


def write(cursor: Cursor, rows: str, given: Sequence[str]) -> None:
    """Write versions and stays of deals whose names have numbers.

    Parameters
    ----------
    cursor
        Inside a transaction.
    rows
        SQL of a relation with ``record_key``, ``load_id``, ``export_of`` and columns of a deal, one row a deal.
    given
        These columns.
    """
    known = _known(rows, given)
    kept = [name for name in OWN if name in given]
    cursor.execute(
        f"""
        insert into opportunity_version by name
        with {known},
        moments as (
            select * from known cross join (values ({_PAST}), ({_SHOWN}), ({_AGAIN})) moment(at_moment)
            where case at_moment when {_PAST} then created_date < least(first_day, known_from)
                when {_AGAIN} then was_lacking else true end
        )
        select record_key, load_id, {"".join(f"{_then(name)}, " for name in kept)}account_key, owner_key, product_key,
            cast(case at_moment when {_PAST} then created_date when {_SHOWN} then known_from else export_of end
                as timestamp) as valid_from,
            cast(case when at_moment = {_PAST} then least(first_day, known_from)
                when at_moment = {_SHOWN} and was_lacking then first_day end as timestamp) as valid_to,
            case when at_moment = {_PAST} then {UNKNOWN_STAGE} else stage_key end as stage_key,
            case when at_moment <> {_PAST} then stage_since end as stage_since,
            case when at_moment = {_PAST} then null
                when meaning = 'open' and stage_key <> {UNKNOWN_STAGE} then stage_key else given_last_key end
                as last_open_stage_key,
            0 as pushes, 0 as delays, close_date as first_close_date,
            at_moment = {_PAST} or (at_moment = {_SHOWN} and is_dated) as reconstructed
        from moments
        """
    )
    cursor.execute(
        f"""
        insert into stage_spell by name
        with {known}
        select record_key as opportunity_key, stage_key, cast(1 as integer) as spell, stage_since as entered,
            known_from as first_seen, is_dated as is_exact
        from known where stage_key <> {UNKNOWN_STAGE}
        """
    )


def _known(rows: str, given: Sequence[str]) -> str:
    """The relation ``known``, and those that it needs: each deal with the day from which it was as its export shows."""
    # Of the columns that the rows lack only those are named that the rules look at.
    lacking = [
        f"cast(null as {'date' if name in _DATES else 'varchar'}) as {name}"
        for name in ("pipeline", "stage", *NAMED, "last_open_stage", *_DATES)
        if name not in given
    ]
    keys, joins = keys_sql("t")
    return f"""
        t as (select * {"".join(f", {column}" for column in lacking)} from {rows}),
        named as (select t.*, {keys} from t {joins}),
        placed as (
            select f.*, s.status as meaning, s.is_opening, {FIRST_DAY} as first_day
            from named f left join {STAGES_SQL} s on s.stage_key = f.stage_key
        ),
        dated as (select *, {timeline.KNOWN_FROM} as dated_from from placed f),
        settled as (select *, coalesce(dated_from < first_day, false) as is_dated from dated),
        known as (
            select *, case when is_dated then dated_from else export_of end as known_from,
                -- Exports between the first of the store and the first of the deal lacked it.
                is_dated and first_day < export_of as was_lacking,
                case when stage_key <> {UNKNOWN_STAGE} then coalesce(
                    stage_entered, case when is_dated then dated_from when is_opening then created_date end
                ) end as stage_since
            from settled
        )
    """


def _then(name: str) -> str:
    if name not in timeline.UNKNOWN_THEN:
        return name
    return f"case when at_moment <> {_PAST} then {name} end as {name}"
