"""Prepared files into the store: one transaction for all of them, everything accounted for.

A dry run is the same transaction, rolled back, so that a preview cannot promise what a load does
not do.
"""

from __future__ import annotations

import datetime as dt
import getpass
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from typing import Final

from tas_analytics.errors import UndoRefused
from tas_analytics.formats import count
from tas_analytics.ingest.loading import spellings
from tas_analytics.ingest.loading.accounting import LoadResult, account_for, as_before, loaded_before
from tas_analytics.ingest.loading.deriving import Fresh, derive, make_anew, named_by_id
from tas_analytics.ingest.loading.typed import stage_rows
from tas_analytics.ingest.loading.writing import Batch, Rejected, Written, next_number, rejected_rows, write
from tas_analytics.ingest.planning.asof import find_as_of
from tas_analytics.ingest.planning.memory import remember
from tas_analytics.ingest.planning.plan import Prepared
from tas_analytics.store import deal_states
from tas_analytics.store.database import Cursor, Store, among, first
from tas_analytics.store.days import FIRST_DAY, first_day, newest_day
from tas_analytics.store.held import LARGE, HeldRows, hand_back
from tas_analytics.store.links import (
    IDENTIFIED,
    REFERENCES,
)
from tas_analytics.store.tables import MILESTONE_CATALOGUE, TABLES, table
from tas_analytics.store.versions import rebuild

__all__ = ["LoadResult", "Progress", "Rejected", "load", "system_user", "undo"]

Progress = Callable[[str, float], None]


#: Rows of one go whose deals are built anew with more memory, if there are deals already.
_MANY: Final = 200_000


class _DryRun(Exception):
    """Leaves the transaction without committing."""


def load(
    store: Store,
    files: Sequence[Prepared],
    *,
    user: str | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
    last_use: bool = False,
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
    last_use
        The files are not loaded or looked at again: their cells are let go as soon as they are read, for which
        ``files`` must be a list that may be changed. A large file takes much less memory then.

    Returns
    -------
    list of LoadResult
        One per file, in the same order.
    """
    tell = progress or (lambda _text, _share: None)
    results: list[LoadResult] = []
    own = files if last_use and isinstance(files, list) else list(files)
    many = sum(file.text.rows_in_file for file in own) > _MANY
    # Of deals that are there already, windows over all that is known of them are worked out: with many, in memory only.
    room = store.more_memory() if many and store.value(f"select {FIRST_DAY}") is not None else nullcontext()
    with room, suppress(_DryRun), store.transaction() as cursor:
        user = user or system_user()
        results = _load(cursor, own, user, tell, light=last_use)
        if dry_run:
            raise _DryRun
        for file in own:
            remember(cursor, file, user)
    return results


def undo(store: Store, load_id: int, *, user: str | None = None) -> str:
    """Take a load back, with its parts: the store is as if it had never happened. Gives the file's name.

    Raises
    ------
    UndoRefused
        There is no such load, it is undone already, or it is a part of another.
    """
    with store.transaction() as cursor:
        row = first(
            cursor.execute(
                "select file_name, undone_at, part_of from load where load_id = $load_id", {"load_id": load_id}
            )
        )
        if row is None:
            raise UndoRefused(f"There is no load {load_id}", "The list of loads shows the numbers.")
        if row[1] is not None:
            raise UndoRefused(f"Load {load_id} ({row[0]}) is undone already", "Nothing is left of it in the store.")
        if row[2] is not None:
            raise UndoRefused(
                f"Load {load_id} is a part of load {row[2]}", f"Undo load {row[2]}, and its parts go too."
            )
        loads = cursor.execute(
            "select load_id, table_name from load where (load_id = $load_id or part_of = $load_id) "
            "and undone_at is null",
            {"load_id": load_id},
        ).fetchall()
        before = first_day(cursor)
        numbers = [number for number, _ in loads]
        touched = cursor.execute(
            "select distinct opportunity_key from change_version "
            "where opportunity_key is not null and list_contains($loads, load_id)",
            {"loads": numbers},
        ).fetchall()
        cursor.execute(
            "update load set undone_at = cast(now() at time zone 'UTC' as timestamp), undone_by = $user "
            "where list_contains($loads, load_id)",
            {"loads": numbers, "user": user or system_user()},
        )
        by_table: dict[str, list[int]] = {}
        for number, name in loads:
            by_table.setdefault(name, []).append(number)
        if "opportunities" in by_table:
            # The versions of deals are built from the sightings that remain, those of the load being marked as undone.
            cursor.execute(
                "create or replace temp table gone_deal as select distinct record_key from sighting "
                "where table_name = 'opportunities' and list_contains($loads, load_id)",
                {"loads": by_table["opportunities"]},
            )
            touched += cursor.execute("select record_key from gone_deal").fetchall()
            cursor.execute("drop table gone_deal")
        cursor.execute(
            "create or replace temp table undone_record as select distinct table_name, record_key from sighting "
            "where list_contains($loads, load_id)",
            {"loads": numbers},
        )
        named = named_by_id(cursor, by_table)
        for name in sorted(by_table.keys() - {"opportunities"}):
            rebuild(cursor, table(name), by_table[name] if name not in IDENTIFIED else None)
        everything = named or any(
            found[0]
            for found in cursor.execute(
                "select complete and table_name = 'opportunities' from load where list_contains($loads, load_id)",
                {"loads": numbers},
            ).fetchall()
        )
        for name, ids in by_table.items():
            _forget_sightings(cursor, name, ids)
        derive(
            cursor,
            {name: [] for name in by_table},
            also=[key for (key,) in touched],
            everything=everything or first_day(cursor) != before,
        )
        _forget_unmentioned(cursor, by_table.keys())
        return str(row[0])


def _forget_sightings(cursor: Cursor, name: str, loads: Sequence[int]) -> None:
    """Drop what loads saw, and the states that no other load saw."""
    cursor.execute(
        "create or replace temp table unseen as select distinct record_key, state_hash from sighting "
        "where table_name = $table_name and list_contains($loads, load_id)",
        {"table_name": name, "loads": list(loads)},
    )
    cursor.execute("delete from sighting where list_contains($loads, load_id)", {"loads": list(loads)})
    cursor.execute(
        "delete from unseen where (record_key, state_hash) in "
        "(select (record_key, state_hash) from sighting semi join unseen using (record_key) "
        "where table_name = $table_name)",
        {"table_name": name},
    )
    cursor.execute(
        f"delete from {deal_states.states_of(table(name))} "
        f"where {among(cursor, 'record_key', 'select record_key from unseen')} "
        "and (record_key, state_hash) in (select (record_key, state_hash) from unseen)"
    )
    if name == "opportunities":
        deal_states.forget(cursor, "unseen")


def _load(cursor: Cursor, files: list[Prepared], user: str, tell: Progress, *, light: bool) -> list[LoadResult]:
    batch = Batch(next_number(cursor, "batch_id"), user)
    files[:] = spellings.settled(cursor, files)
    # Deals first: they know the day that files without a date of their own follow.
    order = sorted(range(len(files)), key=lambda index: files[index].table_name != "opportunities")
    before, steps = first_day(cursor), len(files) + 2
    written: dict[int, list[Written]] = {}
    repeated: dict[int, list[int]] = {}
    fresh: dict[int, Fresh] = {}
    for done, index in enumerate(order):
        file = files[index]
        tell(f"Loading {file.name}: {count(file.text.rows_in_file, 'row')}", done / steps)
        known = [loaded_before(cursor, part) for part in file.everything]
        if all(known):
            repeated[index] = [number for number in known if number is not None]
        else:
            tables = list(file.everything)
            if light:
                file = files[index] = file.without_loaded_cells()
            written[index] = _write(cursor, tables, batch, fresh, _within(tell, done / steps, 1 / steps))
    tell("Building the history", (steps - 2) / steps)
    loads: dict[str, list[int]] = {}
    for index, entries in written.items():
        for part, entry in zip(files[index].everything, entries, strict=True):
            loads.setdefault(part.table_name, []).append(entry.load_id)
    deals = make_anew(cursor, loads, everything=before is not None and first_day(cursor) != before, fresh=fresh)
    for load_id in fresh:
        cursor.unregister(f"fresh_{load_id}")
    tell("Checking what came in", (steps - 1) / steps)
    results: dict[int, LoadResult] = {}
    for index, entries in written.items():
        parts = [account_for(cursor, part, entry) for part, entry in zip(files[index].parts, entries[1:], strict=True)]
        results[index] = account_for(cursor, files[index], entries[0], parts, deals)
    # A file given twice in one go repeats a load of this very batch, so these come last.
    for index, numbers in repeated.items():
        parts = [as_before(cursor, part, n) for part, n in zip(files[index].parts, numbers[1:], strict=True)]
        results[index] = as_before(cursor, files[index], numbers[0], parts)
    tell("Done", 1.0)
    return [results[index] for index in range(len(files))]


def _within(tell: Progress, start: float, width: float) -> Progress:
    """Progress of one file as a part of that of all."""
    return lambda text, share: tell(text, start + width * share)


def _write(
    cursor: Cursor, parts: list[Prepared], batch: Batch, fresh: dict[int, Fresh], tell: Progress
) -> list[Written]:
    """Write a file and its parts, all of the same day; ``parts`` is used up."""
    entries: list[Written] = []
    day: tuple[dt.date, str] | None = None
    for number in range(len(parts)):
        part = parts[number]
        what = f"{part.name}, {part.part.lower()}" if part.part else part.name
        size = count(part.text.rows_in_file, "row")
        tell(f"Understanding {what}: {size}", number / len(parts))
        if part.data.nbytes > LARGE:
            hand_back()  # what reading the file has left over
        with _aside(cursor) as side:
            staged = stage_rows(side, part)
            rejects = rejected_rows(side, part)
        rows, given = HeldRows(staged.rows), staged.given
        del staged
        rows.register(cursor, "typed")
        # What follows needs the typed rows only.
        part = parts[number] = part.without_loaded_cells()
        tell(f"Loading {what}: {size}", (number + 0.4) / len(parts))
        day = day or find_as_of(cursor, part, newest_day(cursor))
        part_of = entries[0].load_id if entries else None
        entry = write(cursor, part, given, rejects, batch, day, part_of)
        entries.append(entry)
        if part.table_name == "opportunities" and entry.numbered:
            # The first deals of a store: their versions can be built from these very rows.
            rows.register(cursor, f"fresh_{entry.load_id}")
            first_deals = fresh[entry.load_id] = Fresh(entry.load_id, rows, given)
            deal_states.pend(cursor, first_deals.sql, given)
        else:
            rows.let_go()
    cursor.unregister("typed")
    return entries


@contextmanager
def _aside(cursor: Cursor) -> Iterator[Cursor]:
    """A cursor outside the transaction: what is registered inside one, DuckDB holds in memory until its end."""
    side = cursor.cursor()
    try:
        yield side
    finally:
        side.close()


def _forget_unmentioned(cursor: Cursor, undone: Collection[str]) -> None:
    """Drop the numbers of records that nothing in the store speaks of any more, after loads of the tables ``undone``.

    Some records come into being by being named as well; of the others only those can be forgotten that these loads saw.
    """
    named_by_deals = {target for target, _ in REFERENCES.values()}
    deals_changed = not named_by_deals.isdisjoint(undone) or not {"opportunities", "history"}.isdisjoint(undone)
    for one in TABLES:
        used = "select record_key from sighting where table_name = $table_name"
        which = "true"
        if one is MILESTONE_CATALOGUE:
            used += " union all select milestone_key from milestone_type"
        elif one.name in named_by_deals:
            if not deals_changed:
                continue
            used += "".join(
                f" union all select {key} from opportunity_version where {key} is not null"
                for target, key in REFERENCES.values()
                if target == one.name
            )
            used += " union all select stage_key from stage" if one.name == "stages" else ""
        elif one.name in undone:
            mine = f"select record_key from undone_record where table_name = '{one.name}'"
            which = among(cursor, "record_key", mine)
            used += f" and {which}"
        else:
            continue
        cursor.execute(
            f"delete from record where table_name = $table_name and {which} and record_key not in ({used})",
            {"table_name": one.name},
        )
    cursor.execute("drop table undone_record")


def system_user() -> str:
    """The user under whom the program runs."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run under a number without a name
        return "unknown"
