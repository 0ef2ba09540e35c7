"""Deals that one export shows and no history tells of, built in one go.

Most deals of a first load are such. What their export says, and the past that it implies, needs neither a timeline
nor windows: the rules of ``timeline`` for a single sighting, written out. A test holds the two ways together. The past
is two days of a row, from which the view ``opportunity_version`` makes a version: in it, what a later export cannot
tell of earlier days (``timeline.UNKNOWN_THEN``) is blank.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pyarrow.compute as pc

from tas_analytics.store import deal_states, timeline
from tas_analytics.store.database import Cursor, first
from tas_analytics.store.days import FIRST_DAY
from tas_analytics.store.held import HeldRows, arrow_of
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
#: A deal as its export shows it, and again after exports that lacked it.
_SHOWN, _AGAIN = 0, 1


def are_the_first(cursor: Cursor, load_ids: Sequence[int]) -> bool:
    """Whether loads that brought the first deals of a store can be built by :func:`build`: one load, no history."""
    if len(load_ids) != 1:
        return False
    return first(cursor.execute("select count(*) = 0 from change_version where opportunity_key is not null")) == (True,)


def build(cursor: Cursor, rows: str, given: Sequence[str], held: HeldRows) -> HeldRows:
    """Build the first deals of a store straight from the rows of the file that brings them; see :func:`write`.

    Their states are pending before, and are held by their versions or written by themselves afterwards.
    """
    list_identified(cursor)
    mention_names(cursor, {column: f"select {column} from {rows}" for column in NAMED if column in given})
    hold_states = deal_states.can_be_held(cursor, given)
    if hold_states:
        deal_states.no_longer_pending(cursor)
    else:
        deal_states.write_pending(cursor)
    return write(cursor, rows, given, held, hold_states=hold_states)


def write(
    cursor: Cursor, rows: str, given: Sequence[str], held: HeldRows | None = None, *, hold_states: bool = False
) -> HeldRows:
    """Write versions and stays of deals whose names have numbers.

    Parameters
    ----------
    cursor
        Inside a transaction.
    rows
        SQL of a relation with ``record_key``, ``load_id``, ``export_of`` and columns of a deal, one row a deal.
    given
        These columns.
    held
        What ``rows`` reads, if that may be let go as soon as it has been read.
    hold_states
        Whether the versions hold the states, which ``rows`` then gives as ``state_hash``.

    Returns
    -------
    HeldRows
        The deals as they are now: keys, what their stage means, and the given columns of :data:`OWN`.
    """
    kept = [name for name in OWN if name in given]
    # Worked out once and read twice: an Arrow table, as DuckDB reads what a transaction wrote with one thread only.
    found = arrow_of(
        cursor,
        f"""
        with {_known(rows, given)}
        select record_key, {"state_hash, " if hold_states else ""}load_id, export_of,
            {"".join(f"{name}, " for name in _own(given))}
            account_key, owner_key, product_key, stage_key, stage_since, meaning, is_dated, was_lacking,
            cast(known_from as date) as known_from, first_day,
            case when meaning = 'open' and stage_key <> {UNKNOWN_STAGE} then stage_key else given_last_key end
                as last_open_stage_key
        from known
        """,
    )
    # Most first loads are one day's: then no deal has been shown again after an export that lacked it.
    moments = f"select *, {_SHOWN} as at_moment from known"
    if pc.any(found["was_lacking"]).as_py():
        moments += f" union all select *, {_AGAIN} as at_moment from known where was_lacking"
    known = HeldRows(found)
    del found
    if held is not None:
        held.let_go()
    known.register(cursor, "known")
    existed = "created_date < least(first_day, known_from)"
    cursor.execute(
        f"""
        insert into opportunity_kept by name
        with moments as ({moments})
        select record_key, load_id, {"".join(f"{name}, " for name in kept)}account_key, owner_key, product_key,
            cast(case when at_moment = {_SHOWN} then known_from else export_of end as timestamp) as valid_from,
            cast(case when at_moment = {_SHOWN} and was_lacking then first_day end as timestamp) as valid_to,
            stage_key, stage_since, last_open_stage_key, 0 as pushes, 0 as delays, close_date as first_close_date,
            at_moment = {_SHOWN} and is_dated as reconstructed,
            {f"case when at_moment = {_SHOWN} then state_hash end as state_hash," if hold_states else ""}
            -- As timestamps, like the days of a version: then a question about now need not read them.
            cast(case when at_moment = {_SHOWN} and {existed} then created_date end as timestamp) as past_from,
            cast(case when at_moment = {_SHOWN} and {existed} then least(first_day, known_from) end as timestamp)
                as past_to
        from moments
        """
    )
    cursor.execute(
        f"""
        insert into stage_spell by name
        select record_key as opportunity_key, stage_key, cast(1 as integer) as spell, stage_since as entered,
            known_from as first_seen, is_dated as is_exact
        from known where stage_key <> {UNKNOWN_STAGE}
        """
    )
    cursor.unregister("known")
    return known


def _own(given: Sequence[str]) -> list[str]:
    """Columns of a deal that its versions hold, or that their days follow from."""
    return [name for name in OWN if name in given or name in _DATES]


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
