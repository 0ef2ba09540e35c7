"""What became of each file of a load: rows new, changed, unchanged and rejected, amounts, verdict."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal

from tas_analytics.ingest.judging.verdict import Finding, judge, judge_load
from tas_analytics.ingest.loading.writing import Rejected, Written, as_json, reading
from tas_analytics.ingest.opening.sheets import INSIDE
from tas_analytics.ingest.planning.asof import NAMED, SAID, stated_day
from tas_analytics.ingest.planning.plan import Prepared
from tas_analytics.ingest.structure.texttable import rows_of
from tas_analytics.store.database import Cursor, first
from tas_analytics.store.held import HeldRows
from tas_analytics.store.news import ENTERED
from tas_analytics.store.tables import table


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
    parts: tuple[LoadResult, ...] = ()

    @property
    def loaded_rows(self) -> int:
        """Rows that went in or said what was known."""
        return self.new + self.changed + self.unchanged


def account_for(
    cursor: Cursor,
    file: Prepared,
    entry: Written,
    parts: Sequence[LoadResult] = (),
    deals: HeldRows | None = None,
) -> LoadResult:
    """Count new, changed and unchanged rows once the versions are built, and judge the load.

    ``deals`` are the first ones of a store as they are now, if this load has brought them.
    """
    new, changed, unchanged = _counts(cursor, file, entry)
    loaded = new + changed + unchanged
    # What people enter in the app has been looked at by those who did.
    entered = file.mapping.source == ENTERED
    findings = [] if entered else judge_load(cursor, file, entry.load_id, entry.rejects, loaded, deals)
    verdict = judge(findings, loaded)
    cursor.execute(
        "update load set rows_new = $new, rows_changed = $changed, rows_unchanged = $unchanged, verdict = $verdict, "
        "findings = cast($findings as json) where load_id = $load_id",
        {
            "new": new,
            "changed": changed,
            "unchanged": unchanged,
            "verdict": verdict,
            "findings": as_json([asdict(finding) for finding in findings]),
            "load_id": entry.load_id,
        },
    )
    return LoadResult(
        file,
        entry.load_id,
        entry.as_of.isoformat(),
        entry.as_of_reason,
        new,
        changed,
        unchanged,
        rows_of(entry.rejects),
        entry.amount_in_file,
        entry.amount_loaded,
        verdict,
        tuple(findings),
        entry.rejects,
        parts=tuple(parts),
    )


def _counts(cursor: Cursor, file: Prepared, entry: Written) -> tuple[int, int, int]:
    """Rows of records not known before, rows that say something new of a known record, and the others."""
    if not entry.met:
        return entry.new, 0, entry.repeats
    one = table(file.table_name)
    row = first(
        cursor.execute(
            f"""
            with known as (
                select distinct record_key from sighting semi join met_{entry.load_id} using (record_key)
                where table_name = $table_name and load_id < $load_id
            ),
            telling as (
                select distinct record_key from {one.one}_version semi join met_{entry.load_id} using (record_key)
                where load_id = $load_id
            )
            select count(*) filter (where k.record_key is null),
                count(*) filter (where k.record_key is not null and t.record_key is not null),
                count(*) filter (where k.record_key is not null and t.record_key is null)
            from met_{entry.load_id} m
            left join known k on k.record_key = m.record_key
            left join telling t on t.record_key = m.record_key
            """,
            {"table_name": one.name, "load_id": entry.load_id},
        )
    )
    cursor.execute(f"drop table met_{entry.load_id}")
    new, changed, unchanged = row or (0, 0, 0)
    return entry.new + new, changed, unchanged + entry.repeats


def loaded_before(cursor: Cursor, file: Prepared) -> int | None:
    """The load that brought these very bytes, read the same way, of the same day; None if there is none.

    The same bytes read the same way tell of the same day, unless the user or the file's name says
    another. A table without a day of its own says how things are now: it counts as new again where a
    later load has said something else.
    """
    day = stated_day(file)
    row = first(
        cursor.execute(
            f"""
        select load_id from load
        where file_hash = $file_hash and table_name = $table_name and part is not distinct from $part
            and (file_name = $file_name or not contains(file_name, '{INSIDE.strip()}')) and undone_at is null
            and complete = $complete and mapping = cast($mapping as json) and conventions = cast($conventions as json)
            and {"as_of = $as_of" if day else "as_of_reason not in ($said, $named)"}
        order by load_id desc limit 1
        """,
            {
                "file_hash": file.file_hash,
                "table_name": file.table_name,
                "part": file.part or None,
                "file_name": file.name,
                "complete": file.options.complete and not file.part,
                **reading(file),
            }
            | ({"as_of": day[0]} if day else {"said": SAID, "named": NAMED}),
        )
    )
    undated = file.table_name != "opportunities" and file.options.as_of is None
    if row is None or (undated and _overruled(cursor, file.table_name, row[0])):
        return None
    return int(row[0])


def as_before(cursor: Cursor, file: Prepared, load_id: int, parts: Sequence[LoadResult] = ()) -> LoadResult:
    """The result for a file that a load has brought already."""
    as_of, reason, in_file, loaded, verdict, findings, rejected = cursor.execute(
        "select as_of, as_of_reason, amount_in_file, amount_loaded, verdict, findings, rows_rejected from load "
        "where load_id = $load_id",
        {"load_id": load_id},
    ).fetchall()[0]
    rejects = cursor.execute(
        "select line, column_name, value, reason, row_text from reject where load_id = $load_id order by line",
        {"load_id": load_id},
    ).fetchall()
    return LoadResult(
        file,
        load_id,
        as_of.isoformat(),
        reason,
        0,
        0,
        file.text.rows_in_file - rejected,
        rejected,
        in_file,
        loaded,
        verdict,
        tuple(Finding.from_json(item) for item in json.loads(findings)),
        tuple(Rejected(line, column, value, why, tuple(row)) for line, column, value, why, row in rejects),
        seen_before=True,
        parts=tuple(parts),
    )


def _overruled(cursor: Cursor, table_name: str, load_id: int) -> bool:
    row = first(
        cursor.execute(
            """
        select count(*) from sighting mine
        join sighting later on later.table_name = mine.table_name and later.record_key = mine.record_key
            and later.load_id > mine.load_id and later.state_hash <> mine.state_hash
        where mine.table_name = $table_name and mine.load_id = $load_id
        """,
            {"table_name": table_name, "load_id": load_id},
        )
    )
    return row is not None and row[0] > 0
