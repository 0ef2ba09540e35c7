"""Prepared files into the store: one transaction for all of them, everything accounted for.

A dry run is the same transaction, rolled back, so that a preview cannot promise what a load does
not do.
"""

from __future__ import annotations

import datetime as dt
import getpass
from collections.abc import Callable, Sequence
from contextlib import suppress

from tas_analytics.errors import UndoRefused
from tas_analytics.ingest.accounting import LoadResult, account_for, as_before, loaded_before
from tas_analytics.ingest.plan import Prepared, find_as_of, stage_rows
from tas_analytics.ingest.stages import sync_stages
from tas_analytics.ingest.writing import Rejected, Written, next_number, rejected_rows, write
from tas_analytics.store.database import Cursor, Store, first, set_setting
from tas_analytics.store.tables import TABLES, table
from tas_analytics.store.versions import REFERENCES, rebuild

__all__ = ["LoadResult", "Progress", "Rejected", "load", "newest_day", "undo"]

Progress = Callable[[str, float], None]


class _DryRun(Exception):
    """Leaves the transaction without committing."""


def load(
    store: Store,
    files: Sequence[Prepared],
    *,
    user: str | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> list[LoadResult]:
    """Load files together, all or nothing.

    Parameters
    ----------
    store
        The store.
    files
        Prepared files, of any tables, in any order.
    user
        Who loads; the operating system's user for None.
    dry_run
        Work everything out and leave the store as it is.
    progress
        Called with a sentence and a share between 0 and 1.

    Returns
    -------
    list of LoadResult
        One per file, in the same order.
    """
    tell = progress or (lambda _text, _share: None)
    results: list[LoadResult] = []
    with suppress(_DryRun), store.transaction() as cursor:
        results = _load(cursor, files, user or _user(), tell)
        if dry_run:
            raise _DryRun
    return results


def undo(store: Store, load_id: int, *, user: str | None = None) -> str:
    """Take a load back: the store is as if it had never happened. Gives the file's name.

    Raises
    ------
    UndoRefused
        There is no such load, or it is undone already.
    """
    with store.transaction() as cursor:
        row = first(
            cursor.execute(
                "select file_name, table_name, undone_at from load where load_id = $load_id", {"load_id": load_id}
            )
        )
        if row is None:
            raise UndoRefused(f"There is no load {load_id}", "The list of loads shows the numbers.")
        if row[2] is not None:
            raise UndoRefused(f"Load {load_id} ({row[0]}) is undone already", "Nothing is left of it in the store.")
        cursor.execute(
            "update load set undone_at = cast(now() at time zone 'UTC' as timestamp), undone_by = $user "
            "where load_id = $load_id",
            {"load_id": load_id, "user": user or _user()},
        )
        one = table(row[1])
        rebuild(cursor, one, [load_id])
        cursor.execute("delete from sighting where load_id = $load_id", {"load_id": load_id})
        cursor.execute(
            f"delete from {one.one}_state where (record_key, state_hash) not in "
            "(select (record_key, state_hash) from sighting where table_name = $table_name)",
            {"table_name": one.name},
        )
        _settle(cursor, {one.name})
        _forget_unmentioned(cursor)
        return str(row[0])


def _load(cursor: Cursor, files: Sequence[Prepared], user: str, tell: Progress) -> list[LoadResult]:
    batch = next_number(cursor, "batch_id")
    # Deals first: they know the day that files without a date of their own follow.
    order = sorted(range(len(files)), key=lambda index: files[index].table_name != "opportunities")
    written: dict[int, Written] = {}
    repeated: dict[int, tuple[int, str, tuple[Rejected, ...]]] = {}
    for done, index in enumerate(order):
        tell(f"Reading {files[index].name}", done / (len(files) + 1))
        stage_rows(cursor, files[index])
        day = find_as_of(cursor, files[index], newest_day(cursor))
        before = loaded_before(cursor, files[index], day[0])
        if before is None:
            written[index] = write(cursor, files[index], batch, user, day)
        else:
            repeated[index] = (before, day[1], rejected_rows(cursor, files[index]))
    tell("Building the history", len(files) / (len(files) + 1))
    loads: dict[str, list[int]] = {}
    for index, entry in written.items():
        loads.setdefault(files[index].table_name, []).append(entry.load_id)
    for name in sorted(loads.keys() - {"opportunities"}):
        rebuild(cursor, table(name), loads[name])
    if not _settle(cursor, set(loads)) and "opportunities" in loads:
        rebuild(cursor, table("opportunities"), loads["opportunities"])
    results = {index: account_for(cursor, files[index], entry) for index, entry in written.items()}
    # A file given twice in one go repeats a load of this very batch, so these come last.
    results |= {index: as_before(cursor, files[index], *before) for index, before in repeated.items()}
    tell("Done", 1.0)
    return [results[index] for index in range(len(files))]


def newest_day(cursor: Cursor) -> dt.date | None:
    """The newest day that a load of deals tells of, or None."""
    row = first(cursor.execute("select max(as_of) from load where table_name = 'opportunities' and undone_at is null"))
    return row[0] if row else None


def _settle(cursor: Cursor, touched: set[str]) -> bool:
    """Derive what hangs on the loads: stages and currency. True if all deals were built anew for it."""
    changed = bool(touched & {"opportunities", "stages"}) and sync_stages(cursor)
    if changed:
        rebuild(cursor, table("opportunities"), None)
    _settle_currency(cursor)
    return changed


def _settle_currency(cursor: Cursor) -> None:
    """Unless chosen, the reporting currency is the commonest one of the deals that no rate converts."""
    row = first(
        cursor.execute(
            """
        select currency from opportunity_state where currency is not null
            and currency not in (select currency from rate_version where valid_to is null)
        group by currency order by count(*) desc, currency limit 1
        """
        )
    )
    set_setting(cursor, "common_currency", row[0] if row else None)


def _forget_unmentioned(cursor: Cursor) -> None:
    """Drop the numbers of records that nothing in the store speaks of any more."""
    for one in TABLES:
        used = ["select record_key from sighting where table_name = $table_name"]
        used += [
            f"select {key} from opportunity_version where {key} is not null"
            for target, key in REFERENCES.values()
            if target == one.name
        ]
        if one.name == "stages":
            used.append("select stage_key from stage")
        cursor.execute(
            f"delete from record where table_name = $table_name and record_key not in ({' union all '.join(used)})",
            {"table_name": one.name},
        )


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run under a number without a name
        return "unknown"
