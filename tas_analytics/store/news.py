"""What a file says anew of records that somebody has entered something about.

A CRM that does not know of an entry made here goes on exporting what it said before. Taken as it stands, each
export would take back what was entered, bring back what was removed, and nobody could work with both. So from an entry
on, a file speaks of a column only where it says something else than the last file before it did; what it merely repeats
is no news, and an entry stands until the CRM's own record changes.
"""

from __future__ import annotations

from typing import Final

from tas_analytics.store.database import Cursor, first
from tas_analytics.store.tables import Table

#: The source of loads that people made in the app, by entering or withdrawing records.
ENTERED: Final = "app"


def keep_entries(cursor: Cursor, table: Table) -> bool:
    """Cut rows of the temp table ``seen`` down to what is news in them; tells whether there were entries at all.

    A record that was taken away stays away while files only repeat what they said of it.
    """
    any_entry = first(
        cursor.execute(
            "select count(*) > 0 from load where table_name = $table_name and source = $entered and undone_at is null",
            {"table_name": table.name, "entered": ENTERED},
        )
    )
    if any_entry != (True,):
        return False
    names = [column.name for column in table.columns]
    cursor.execute(
        f"""
        create or replace temp table told as
        with by_load as (select load_id, source = $entered as entered from load where table_name = $table_name),
        mine as (select distinct record_key from seen semi join (from by_load where entered) using (load_id)),
        spoken as (
            select s.*, s.rowid as place, l.entered
            from seen s semi join mine using (record_key) join by_load l using (load_id)
        ),
        files as (
            select place, list_filter([{", ".join(_news(name) for name in names)}], lambda x: x is not null) as news
            from spoken where not entered
            window before as (
                partition by record_key order by seen_at, tier, export_of, load_id, line
                rows between unbounded preceding and 1 preceding
            )
        )
        select s.place, s.entered, f.news,
            coalesce(bool_or(s.entered) over before, false) as after_entry,
            last_value(case when s.entered then coalesce(s.withdraws, false) when len(f.news) > 0 then false end
                ignore nulls) over upto as is_away
        from spoken s left join files f using (place)
        window before as (
            partition by record_key order by seen_at, tier, export_of, load_id, line
            rows between unbounded preceding and 1 preceding
        ),
        upto as (
            partition by record_key order by seen_at, tier, export_of, load_id, line
            rows between unbounded preceding and current row
        )
        """,
        {"table_name": table.name, "entered": ENTERED},
    )
    cursor.execute(
        """
        update seen set columns = t.news, withdraws = t.is_away, blanks_kept = false
        from told t where seen.rowid = t.place and not t.entered and t.after_entry
        """
    )
    cursor.execute("drop table told")
    return True


def speaks_of(name: str) -> str:
    """SQL of whether a row of ``seen`` says something of a column."""
    return f"list_contains(columns, '{name}') and not (blanks_kept and {name} is null)"


def _news(name: str) -> str:
    """SQL of a column's name where a file says something else of it than the files before."""
    said = f"case when {speaks_of(name)} then struct_pack(v := {name}) end"
    before = f"last_value({said} ignore nulls) over before"
    return f"case when {speaks_of(name)} and {before} is distinct from struct_pack(v := {name}) then '{name}' end"
