"""What is wrong between tables: orphans, exports that have fallen behind, currencies without a rate."""

from __future__ import annotations

import datetime as dt
from typing import Final

from tas_analytics.formats import count, day, money
from tas_analytics.ingest.judging.checks import Finding, check
from tas_analytics.ingest.judging.quality import JUDGED, REPORTING, Suspects
from tas_analytics.store.database import Cursor
from tas_analytics.store.news import ENTERED
from tas_analytics.store.tables import TABLES, Table

#: Exports made once a week differ by so many days without being stale.
STALE_AFTER: Final = 7
#: Tables that tell of single days; the others hold until something else is said.
_DATED: Final = tuple(table.name for table in TABLES if table.of_deals)


def about_orphans(cursor: Cursor, load_id: int | None, only: str | None = None) -> list[Finding]:
    """Rows that belong to deals which nobody has loaded yet."""
    found = []
    for table in TABLES:
        if table.of_deals and only in {None, table.name}:
            found += _orphans(cursor, table, load_id)
    return found


def _orphans(cursor: Cursor, table: Table, load_id: int | None) -> list[Finding]:
    mine = "" if load_id is None else f"and load_id = {load_id:d}"
    ((rows, orphans),) = cursor.execute(
        f"select count(*), count(*) filter (where opportunity_key is null and opportunity_id is not null) "
        f"from {table.one}_version where valid_to is null {mine}"
    ).fetchall()
    if not orphans:
        return []
    names = cursor.execute(
        f"""
        select opportunity_id from {table.one}_version
        where valid_to is null and opportunity_key is null and opportunity_id is not null {mine}
        group by 1 order by count(*) desc, 1 limit 5
        """
    ).fetchall()
    return [
        check("orphans").found(
            orphans,
            base=rows,
            examples=[name for (name,) in names],
            table=table.label.lower(),
            belong="belongs" if orphans == 1 else "belong",
        )
    ]


def about_days(cursor: Cursor) -> list[Finding]:
    """Exports that tell of an older day than the others."""
    newest = {
        name: (table_day, file)
        for name, table_day, file in cursor.execute(
            "select table_name, max(as_of), max_by(file_name, as_of) from load "
            "where undone_at is null and source <> $entered and list_contains($tables, table_name) group by 1",
            {"tables": ["opportunities", *_DATED], "entered": ENTERED},
        ).fetchall()
    }
    if "opportunities" not in newest:
        return []
    labels = {table.name: table.label.lower() for table in TABLES}
    deals_day, deals_file = newest.pop("opportunities")
    found = []
    late = {name: entry for name, entry in newest.items() if _behind(deals_day, entry[0])}
    if late:
        name = max(late, key=lambda name: late[name][0])
        found.append(
            check("stale_deals").found(
                1,
                examples=[deals_file],
                day=day(deals_day),
                days=count((late[name][0] - deals_day).days, "day"),
                table=labels[name],
            )
        )
    for name, (table_day, file) in sorted(newest.items()):
        if _behind(table_day, deals_day):
            found.append(
                check("stale_table").found(
                    1,
                    examples=[file],
                    day=day(table_day),
                    days=count((deals_day - table_day).days, "day"),
                    table=labels[name],
                )
            )
    return found


def _behind(one: dt.date, other: dt.date) -> bool:
    return (other - one).days > STALE_AFTER


def without_rate(cursor: Cursor) -> list[Suspects]:
    """Judged deals in currencies that no rate converts."""
    deals = f"""
        from {JUDGED} where currency <> {REPORTING}
            and currency not in (select currency from rate_version where valid_to is null)
    """
    rows = cursor.execute(
        f"select currency, cast(sum(amount) as double) {deals} group by 1 order by count(*) desc, 1"
    ).fetchall()
    if not rows:
        return []
    named = ", ".join(code if amount is None else f"{code} ({money(amount, code)})" for code, amount in rows)
    return [Suspects("no_rate", f"select record_key {deals}", {"named": named})]
