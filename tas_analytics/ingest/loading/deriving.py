"""What hangs on loads whose rows are written: versions, what belongs to which deal, stages, milestones, currency."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tas_analytics.ingest.loading.milestone_types import SPEAKING, is_synced, sync_milestones
from tas_analytics.ingest.loading.stages import sync_stages
from tas_analytics.ingest.loading.typed import GOOD
from tas_analytics.store import deal_states, profiles, single_exports
from tas_analytics.store.database import Cursor, first, set_setting
from tas_analytics.store.held import HeldRows
from tas_analytics.store.links import (
    IDENTIFIED,
    ids_in_use,
    join_to_deals,
    tables_of_deals,
    waiting_for_deals,
)
from tas_analytics.store.tables import OPPORTUNITIES, table
from tas_analytics.store.versions import rebuild


@dataclass(frozen=True)
class Fresh:
    """The typed rows of a load of the first deals of a store, and those columns of a deal that they have."""

    load_id: int
    rows: HeldRows
    given: Sequence[str]

    @property
    def sql(self) -> str:
        """SQL of the deals among these rows, each with its number, its load and the day of that."""
        return f"""(
            select f.*, cast(place + 1 as integer) as record_key, l.load_id, l.as_of as export_of
            from fresh_{self.load_id} f
            cross join (select load_id, as_of from load where load_id = {self.load_id}) l
            where {GOOD} and place = first_place
        )"""


def make_anew(
    cursor: Cursor,
    loads: Mapping[str, Sequence[int]],
    *,
    everything: bool = False,
    fresh: Mapping[int, Fresh] | None = None,
) -> HeldRows | None:
    """Build what loads whose rows are written have touched: versions, and what hangs on them (:func:`derive`)."""
    named = named_by_id(cursor, loads)
    for name in sorted(loads.keys() - {"opportunities"}):
        rebuild(cursor, table(name), loads[name] if name not in IDENTIFIED else None)
    return derive(cursor, loads, everything=named or everything, fresh=fresh)


def derive(
    cursor: Cursor,
    loads: Mapping[str, Sequence[int]],
    *,
    also: Sequence[int] = (),
    everything: bool = False,
    fresh: Mapping[int, Fresh] | None = None,
) -> HeldRows | None:
    """Derive what hangs on loads whose rows are written: what belongs to which deal, stages, deals, currency.

    Parameters
    ----------
    cursor
        Inside a transaction.
    loads
        Numbers of the loads by table; a table without numbers lost some of its rows.
    also
        Deals that are to be built anew besides.
    everything
        Whether all deals are to be built anew.
    fresh
        Loads of the first deals of the store, whose typed rows are registered as ``fresh_<load_id>``, with
        their columns.

    Returns
    -------
    HeldRows or None
        The first deals of the store as they are now, if these loads have brought them.
    """
    deals = None
    lost = "opportunities" in loads and not loads["opportunities"]
    waiting = waiting_for_deals(cursor) if "opportunities" in loads else set()
    for one in tables_of_deals():
        if one.name in loads or lost:
            # Versions that were built anew know no deal yet; those of others only change with the deals.
            join_to_deals(cursor, one, only_missing="opportunities" not in loads)
        elif one.name in waiting:
            join_to_deals(cursor, one, only_missing=True)
    if loads.keys() & SPEAKING or not is_synced(cursor):
        sync_milestones(cursor)
    if loads.keys() & {"opportunities", "assessments"}:
        profiles.sync(cursor, loads.get("assessments") if "opportunities" not in loads else None)
    of_deals = [*loads.get("opportunities", ()), *loads.get("history", ())]
    changed = bool(loads.keys() & {"opportunities", "stages", "history"}) and sync_stages(cursor)
    named = named_by_id(cursor, loads)
    if fresh and of_deals == list(fresh) and single_exports.are_the_first(cursor, of_deals):
        (firsts,) = fresh.values()
        deals = single_exports.build(cursor, firsts.sql, firsts.given, firsts.rows)
    else:
        deal_states.write_pending(cursor)
        if everything or changed or named:
            rebuild(cursor, OPPORTUNITIES, None)
        elif of_deals or also:
            # Deals that came to a history that was there before are among those of the loads.
            rebuild(cursor, OPPORTUNITIES, of_deals, also)
    _settle_currency(cursor)
    return deals


def named_by_id(cursor: Cursor, tables: Mapping[str, object]) -> bool:
    """Whether deals name something by an ID of these tables; to be asked before their versions change, and after."""
    return bool(tables.keys() & IDENTIFIED.keys()) and ids_in_use(cursor)


def _settle_currency(cursor: Cursor) -> None:
    """Unless chosen, the reporting currency is the one into which the rates convert.

    That is the one whose rate is always 1, where a table of rates names it; else the commonest one of the deals that
    no rate converts.
    """
    row = first(
        cursor.execute(
            f"""
        with rated as (
            select currency, bool_and(rate = 1) as is_base from rate_version where valid_to is null group by currency
        )
        select s.currency from {deal_states.own_columns("currency")} s left join rated r using (currency)
        where s.currency is not null and coalesce(r.is_base, true)
        group by s.currency order by bool_or(r.is_base) is not null desc, count(*) desc, s.currency limit 1
        """
        )
    )
    set_setting(cursor, "common_currency", row[0] if row else None)
