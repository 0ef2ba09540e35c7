"""Prepared files into the store: one transaction for all of them, everything accounted for.

A dry run is the same transaction, rolled back, so that a preview cannot promise what a load does
not do.
"""

from __future__ import annotations

import getpass
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any, Final

from tas_analytics.errors import UndoRefused
from tas_analytics.ingest.plan import Prepared, find_as_of, reject_reason, stage_rows
from tas_analytics.ingest.stages import sync_stages
from tas_analytics.ingest.verdict import Finding, judge, judge_load
from tas_analytics.store.database import Cursor, Store, set_setting
from tas_analytics.store.tables import TABLES, table
from tas_analytics.store.versions import REFERENCES, mention, rebuild

Progress = Callable[[str, float], None]
#: The column whose sum is controlled, by table.
CONTROLLED: Final = {"opportunities": "amount", "targets": "amount"}


@dataclass(frozen=True)
class Rejected:
    """One cell or row that was not loaded."""

    line: int
    column: str | None
    value: str
    reason: str
    row: tuple[str, ...]


@dataclass(frozen=True)
class LoadResult:
    """What became of one file: the content of ``load --json`` and of the page's verdict."""

    prepared: Prepared
    load_id: int
    as_of: str
    as_of_reason: str
    new: int
    changed: int
    unchanged: int
    rejected_rows: int
    amount_in_file: Decimal | None
    amount_loaded: Decimal | None
    verdict: str
    findings: tuple[Finding, ...]
    rejects: tuple[Rejected, ...] = field(repr=False)
    seen_before: bool = False

    @property
    def loaded_rows(self) -> int:
        """Rows that went in or said what was known."""
        return self.new + self.changed + self.unchanged


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
        row = cursor.execute(
            "select file_name, table_name, undone_at from load where load_id = $load_id", {"load_id": load_id}
        ).fetchone()
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
    results: list[LoadResult | None] = [None] * len(files)
    batch = _next(cursor, "batch_id")
    # Deals first: they know the day that files without a date of their own follow.
    order = sorted(range(len(files)), key=lambda index: files[index].table_name != "opportunities")
    written: dict[int, _Written] = {}
    for done, index in enumerate(order):
        tell(f"Reading {files[index].name}", done / (len(files) + 1))
        stage_rows(cursor, files[index])
        known = _already_loaded(cursor, files[index])
        if known is not None:
            results[index] = known
            continue
        written[index] = _write(cursor, files[index], batch, user)
    touched = {files[index].table_name for index in written}
    tell("Building the history", len(files) / (len(files) + 1))
    for name in sorted(touched - {"opportunities"}):
        rebuild(cursor, table(name), [entry.load_id for i, entry in written.items() if files[i].table_name == name])
    deals = [entry.load_id for i, entry in written.items() if files[i].table_name == "opportunities"]
    if deals:
        _mention_references(cursor)
    if not _settle(cursor, touched) and deals:
        rebuild(cursor, table("opportunities"), deals)
    for index, entry in written.items():
        results[index] = _account_for(cursor, files[index], entry)
    tell("Done", 1.0)
    return [result for result in results if result is not None]


@dataclass(frozen=True)
class _Written:
    load_id: int
    as_of: str
    as_of_reason: str
    known_before: int
    repeats: int
    rejects: tuple[Rejected, ...]
    amount_in_file: Decimal | None
    amount_loaded: Decimal | None


def _write(cursor: Cursor, file: Prepared, batch: int, user: str) -> _Written:
    one = table(file.table_name)
    as_of, why = find_as_of(cursor, file, newest_day(cursor))
    rejects = _rejects(cursor, file)
    load_id = _next(cursor, "load_id")
    good = "faults = [] and natural_key is not null and same_as_first"
    control = CONTROLLED.get(one.name)
    amounts: tuple[Decimal | None, Decimal | None] = (None, None)
    if control in file.columns:
        found = cursor.execute(
            f"select coalesce(sum({control}), 0), coalesce(sum({control}) filter (where {good}), 0) from typed"
        ).fetchone()
        amounts = (found[0], found[1]) if found else (None, None)
    date, money = file.convention_of("date"), file.convention_of("money") or file.convention_of("number")
    text = file.text
    cursor.execute(
        """
        insert into load by name select
            $load_id as load_id, $batch as batch_id, cast(now() at time zone 'UTC' as timestamp) as loaded_at,
            $user as loaded_by, $file_name as file_name, $file_hash as file_hash, $file_bytes as file_bytes,
            $table_name as table_name, $source as source, cast($as_of as date) as as_of, $why as as_of_reason,
            $complete as complete, cast($columns as varchar[]) as columns,
            cast($headers as varchar[]) as headers, cast($mapping as json) as mapping,
            cast($conventions as json) as conventions, $encoding as encoding, $delimiter as delimiter,
            $date_order as date_order, $decimal as decimal, $rows_in_file as rows_in_file, 0 as rows_new,
            0 as rows_changed, 0 as rows_unchanged, $rejected as rows_rejected, $in_file as amount_in_file,
            $loaded as amount_loaded, 'usable' as verdict, cast('[]' as json) as findings
        """,
        {
            "load_id": load_id,
            "batch": batch,
            "user": user,
            "file_name": file.name,
            "file_hash": file.file_hash,
            "file_bytes": file.file_bytes,
            "table_name": one.name,
            "source": file.mapping.source,
            "as_of": as_of,
            "why": why,
            "complete": file.options.complete,
            "columns": sorted(file.columns),
            "headers": list(text.columns),
            "mapping": _as_json(dict(file.mapping.columns)),
            "conventions": _as_json({name: asdict(c) for name, c in file.conventions.items()}),
            "encoding": text.encoding,
            "delimiter": text.delimiter,
            "date_order": date.date_order if date else None,
            "decimal": money.decimal if money else None,
            "rows_in_file": text.rows_in_file,
            "rejected": len({reject.line for reject in rejects}),
            "in_file": amounts[0],
            "loaded": amounts[1],
        },
    )
    if rejects:
        cursor.executemany(
            "insert into reject values (?, ?, ?, ?, ?, ?)",
            [[load_id, r.line, r.column, r.value, r.reason, list(r.row)] for r in rejects],
        )
    params = {"table_name": one.name}
    cursor.execute(f"create or replace temp table good as select * from typed where {good}")
    known = cursor.execute(
        "select count(*) from (select distinct natural_key from good) t "
        "join record r on r.table_name = $table_name and r.natural_key = t.natural_key "
        "semi join sighting s on s.table_name = $table_name and s.record_key = r.record_key",
        params,
    ).fetchone()
    mention(cursor, one.name, "select natural_key from good")
    cursor.execute(
        f"""
        insert into {one.one}_state
        select r.record_key, t.state_hash, {", ".join(f"t.{column.name}" for column in one.columns)}
        from good t
        join record r on r.table_name = $table_name and r.natural_key = t.natural_key
        anti join {one.one}_state known on known.record_key = r.record_key and known.state_hash = t.state_hash
        where t.line = t.first_line
        """,
        params,
    )
    cursor.execute(
        """
        insert into sighting
        select $table_name, r.record_key, t.state_hash, $load_id, t.line
        from good t join record r on r.table_name = $table_name and r.natural_key = t.natural_key
        where t.line = t.first_line
        order by r.record_key
        """,
        {"table_name": one.name, "load_id": load_id},
    )
    repeats = cursor.execute("select count(*) from good where line <> first_line").fetchone()
    return _Written(
        load_id, as_of.isoformat(), why, known[0] if known else 0, repeats[0] if repeats else 0, rejects, *amounts
    )


def _account_for(cursor: Cursor, file: Prepared, entry: _Written) -> LoadResult:
    """Count new, changed and unchanged rows, and judge the load."""
    one = table(file.table_name)
    params = {"table_name": one.name, "load_id": entry.load_id}
    row = cursor.execute(
        f"""
        with mine as (select record_key from sighting where table_name = $table_name and load_id = $load_id),
        versions as (select distinct record_key from {one.one}_version where load_id = $load_id)
        select (select count(*) from mine), (select count(*) from mine semi join versions using (record_key))
        """,
        params,
    ).fetchone()
    seen, told = row or (0, 0)
    new = seen - entry.known_before
    changed = max(told - new, 0)
    unchanged = seen - new - changed + entry.repeats
    rejected = len({reject.line for reject in entry.rejects})
    findings = judge_load(cursor, file, entry.load_id, entry.rejects, seen + entry.repeats)
    verdict = judge(findings, seen + entry.repeats)
    cursor.execute(
        "update load set rows_new = $new, rows_changed = $changed, rows_unchanged = $unchanged, verdict = $verdict, "
        "findings = cast($findings as json) where load_id = $load_id",
        {
            "new": new,
            "changed": changed,
            "unchanged": unchanged,
            "verdict": verdict,
            "findings": _as_json([asdict(finding) for finding in findings]),
            "load_id": entry.load_id,
        },
    )
    return LoadResult(
        file,
        entry.load_id,
        entry.as_of,
        entry.as_of_reason,
        new,
        changed,
        unchanged,
        rejected,
        entry.amount_in_file,
        entry.amount_loaded,
        verdict,
        tuple(findings),
        entry.rejects,
    )


def _already_loaded(cursor: Cursor, file: Prepared) -> LoadResult | None:
    """The result for a file whose very bytes are in the store, read the same way, of the same day."""
    as_of, why = find_as_of(cursor, file, newest_day(cursor))
    dated = file.table_name == "opportunities" or file.options.as_of is not None
    row = cursor.execute(
        f"""
        select load_id, as_of, rows_new + rows_changed + rows_unchanged, rows_rejected, amount_in_file, amount_loaded,
            verdict, findings
        from load
        where file_hash = $file_hash and table_name = $table_name and undone_at is null
            {"and as_of = $as_of" if dated else ""}
            and complete = $complete and mapping = cast($mapping as json) and conventions = cast($conventions as json)
        order by load_id desc limit 1
        """,
        {
            "file_hash": file.file_hash,
            "table_name": file.table_name,
            "complete": file.options.complete,
            "mapping": _as_json(dict(file.mapping.columns)),
            "conventions": _as_json({name: asdict(c) for name, c in file.conventions.items()}),
        }
        | ({"as_of": as_of} if dated else {}),
    ).fetchone()
    if row is None:
        return None
    findings = tuple(Finding.from_json(item) for item in json.loads(row[7]))
    return LoadResult(
        file, row[0], row[1].isoformat(), why, 0, 0, row[2], row[3], row[4], row[5], row[6], findings,
        _rejects(cursor, file), seen_before=True,
    )  # fmt: skip


def _rejects(cursor: Cursor, file: Prepared) -> tuple[Rejected, ...]:
    """Every cell and row of ``typed`` that cannot be loaded, and every row the reader could not place, by line."""
    found = [Rejected(u.line, u.column, u.value, u.reason, u.row) for u in file.text.unplaced]
    bad = cursor.execute(
        """
        select line, faults, natural_key is null, first_line from typed
        where faults <> [] or natural_key is null or not same_as_first
        """
    ).fetchall()
    if bad:
        position = {line: index for index, line in enumerate(file.data["line"].to_pylist())}
        for line, faults, nameless, first_line in bad:
            cells = file.data.slice(position[line], 1).to_pylist()[0]
            row = tuple(cells[f"c{index}"] for index in range(len(file.text.columns)))
            for column in faults:
                header = file.mapping.columns[column]
                value = cells[file.cells(header)]
                found.append(Rejected(line, header, value, reject_reason(file, column, value), row))
            if not faults and nameless:
                found.append(Rejected(line, None, "", "nothing in the row identifies it", row))
            elif not faults:
                text = f"the row contradicts line {first_line}, which has the same key; only the first is loaded"
                found.append(Rejected(line, None, "", text, row))
    return tuple(sorted(found, key=lambda reject: reject.line))


def newest_day(cursor: Cursor) -> Any:
    """The newest day that a load of deals tells of, or None."""
    row = cursor.execute(
        "select max(as_of) from load where table_name = 'opportunities' and undone_at is null"
    ).fetchone()
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
    row = cursor.execute(
        """
        select currency from opportunity_state where currency is not null
            and currency not in (select currency from rate_version where valid_to is null)
        group by currency order by count(*) desc, currency limit 1
        """
    ).fetchone()
    set_setting(cursor, "common_currency", row[0] if row else None)


def _mention_references(cursor: Cursor) -> None:
    for column, (target, _) in REFERENCES.items():
        mention(cursor, target, f"select distinct {column} from opportunity_state")


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


def _next(cursor: Cursor, column: str) -> int:
    row = cursor.execute(f"select coalesce(max({column}), 0) + 1 from load").fetchone()
    return int(row[0]) if row else 1


def _as_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run under a number without a name
        return "unknown"
