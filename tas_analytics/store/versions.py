"""Versions and stage stays, derived from what the loads saw.

Sightings are the truth: which load saw which record in which state. Versions are computed from
them for the records that a load touched, so the same exports give the same store in whatever
order they are loaded, and taking a load back is nothing but leaving its sightings out.

Rules
-----
* A column that a file does not have keeps what earlier files said; a blank cell is a blank, unless the
  file's system writes blanks for "as before".
* Of two loads of one day the later load wins.
* A record that a complete export lacks is gone from that day until an export shows it again.
* Reference tables (accounts, people, …) hold from the beginning of time on: a team list loaded
  today also tells whose deals those of last year were.
* Deals have a past before their first export as far as their dates and histories tell (``timeline``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tas_analytics.store import deal_versions, links, timeline
from tas_analytics.store.database import Cursor, first
from tas_analytics.store.tables import OPPORTUNITIES, Table

BEGINNING: Final = "timestamp '1900-01-01'"


def rebuild(
    cursor: Cursor, table: Table, load_ids: Sequence[int] | None, also: Sequence[int] = (), *, at_once: bool = True
) -> None:
    """Build the versions anew of every record that one of the loads touched; of all records for None.

    Loads of histories touch the deals that they tell of.

    Parameters
    ----------
    cursor
        Inside a transaction.
    table
        Whose versions.
    load_ids
        The loads, or None.
    also
        Numbers of more records to build anew.
    at_once
        Build deals that a single export shows without the general rules, which give the same and take longer.
    """
    if table is OPPORTUNITIES:
        _touch_deals(cursor, load_ids, also)
        deal_versions.build(cursor, at_once=at_once)
    else:
        _touch(cursor, table, load_ids)
        timeline.events(cursor, table)
        cursor.execute(f"delete from {table.one}_version where record_key in (select record_key from touched)")
        _reference_versions(cursor, table)
        if table.name in links.IDENTIFIED:
            links.name_by_id(cursor, table.name)
    for name in ("touched", "seen", "event", "past_change", "first_export"):
        cursor.execute(f"drop table if exists temp.{name}")


def _touch(cursor: Cursor, table: Table, load_ids: Sequence[int] | None) -> None:
    everything = load_ids is None or _says_what_is_gone(cursor, load_ids)
    # Spelt out, so that only the blocks of sightings are read in which these loads are.
    mine = ", ".join(str(int(number)) for number in load_ids or ()) or "null"
    cursor.execute(
        f"""
        create or replace temp table touched as
        select distinct record_key from sighting
        where table_name = $table_name {"" if everything else f"and load_id in ({mine})"}
        """,
        {"table_name": table.name},
    )
    if everything:
        cursor.execute(
            f"insert into touched select distinct record_key from {table.one}_version "
            "where record_key not in (select record_key from touched)"
        )


def _touch_deals(cursor: Cursor, load_ids: Sequence[int] | None, also: Sequence[int]) -> None:
    _touch(cursor, OPPORTUNITIES, load_ids)
    if load_ids is not None:
        cursor.execute(
            """
            insert into touched
            select distinct record_key from (
                select opportunity_key as record_key from change_version
                where opportunity_key is not null and list_contains($load_ids, load_id)
                union all select cast(unnest($also) as integer)
            ) where record_key not in (select record_key from touched)
            """,
            {"load_ids": list(load_ids), "also": list(also)},
        )


def _says_what_is_gone(cursor: Cursor, load_ids: Sequence[int]) -> bool:
    """A complete export also says something of the records that it lacks: then all are touched."""
    return first(
        cursor.execute(
            "select count(*) > 0 from load where complete and list_contains($load_ids, load_id)",
            {"load_ids": list(load_ids)},
        )
    ) == (True,)


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
