"""States of deals: written by themselves, or held by the versions of a store's first deals.

A version of a deal that one export shows says all that its state does, so that the first deals of a store, which may
be a million, are written once. ``opportunity_state`` is a view of both kinds. Before a version is built anew, the
state that it holds is written out (:func:`write_out`): versions stay what may be thrown away.

Until the versions of first deals are built, their states are pending (:func:`pend`): a temporary view of the same name
shows them, so that what happens in between sees them like all others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tas_analytics.store.database import Cursor, among, first
from tas_analytics.store.links import ids_in_use
from tas_analytics.store.tables import OPPORTUNITIES, Table

#: The states of deals that are written by themselves; of all that are touched, once :func:`write_out` has run.
KEPT: Final = "opportunity_state_kept"
_VIEW: Final = "opportunity_state"
_PENDING: Final = "pending_state"


def states_of(table: Table) -> str:
    """The table to which states of a table's records are written."""
    return KEPT if table is OPPORTUNITIES else f"{table.one}_state"


def own_columns(*names: str) -> str:
    """SQL of all states of deals that reads no more than these columns, which a version has under the same names."""
    listed = ", ".join(names)
    held = f"select {listed} from opportunity_kept where state_hash is not null"
    return f"(select {listed} from {KEPT} union all {held})"


def pend(cursor: Cursor, rows: str, given: Sequence[str]) -> None:
    """Let states be seen that are neither written nor held yet.

    Parameters
    ----------
    cursor
        Inside a transaction, in a store that has no deals.
    rows
        SQL of a relation with ``record_key``, ``state_hash`` and columns of a deal.
    given
        These columns.
    """
    listed = ", ".join(["record_key", "state_hash", *given])
    cursor.execute(f"create temp view {_PENDING} as select {listed} from {rows}")
    cursor.execute(f"create temp view {_VIEW} as from {_PENDING} union all by name from {KEPT}")


def is_pending(cursor: Cursor) -> bool:
    """Whether there are states that are neither written nor held yet."""
    return first(
        cursor.execute(f"select count(*) > 0 from duckdb_views() where temporary and view_name = '{_PENDING}'")
    ) == (True,)


def can_be_held(cursor: Cursor, given: Sequence[str]) -> bool:
    """Whether versions can hold the states of first deals: what they name is known by these very words."""
    if "last_open_stage" in given or ids_in_use(cursor):
        return False
    return first(cursor.execute("select count(*) from alias where table_name = 'stages'")) == (0,)


def no_longer_pending(cursor: Cursor) -> None:
    """Say that what was pending is written, or that the versions hold it."""
    cursor.execute(f"drop view temp.{_VIEW}")
    cursor.execute(f"drop view temp.{_PENDING}")


def write_pending(cursor: Cursor) -> None:
    """Write the pending states by themselves, if there are any."""
    if is_pending(cursor):
        cursor.execute(f"insert into {KEPT} by name from {_PENDING}")
        no_longer_pending(cursor)


def write_out(cursor: Cursor) -> None:
    """Write the states held by versions of the deals in the temp table ``touched``, which are then to be deleted."""
    mine = among(cursor, "record_key", "select record_key from touched")
    held = f"select record_key, state_hash from opportunity_kept where state_hash is not null and {mine}"
    if first(cursor.execute(f"select count(*) from ({held})")) != (0,):
        cursor.execute(
            f"insert into {KEPT} by name "
            f"select * from {_VIEW} semi join ({held}) using (record_key, state_hash) where {mine}"
        )


def forget(cursor: Cursor, unseen: str) -> None:
    """Let versions no longer hold the states that no load saw any more, those of the temp table ``unseen``."""
    mine = among(cursor, "record_key", f"select record_key from {unseen}")
    cursor.execute(
        f"update opportunity_kept set state_hash = null where state_hash is not null and {mine} "
        f"and (record_key, state_hash) in (select (record_key, state_hash) from {unseen})"
    )
