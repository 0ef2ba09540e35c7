"""load, loads, undo and check."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tas_analytics.commands.output import err, here, out, out_json, out_table
from tas_analytics.errors import UnknownTable, UnreadableFile
from tas_analytics.formats import count
from tas_analytics.store import Store
from tas_analytics.store.check import check as check_store

if TYPE_CHECKING:  # reading files takes long to import, and the short commands do without it
    from tas_analytics.ingest.loader import LoadResult
    from tas_analytics.ingest.plan import Options


@dataclass(frozen=True)
class Wishes:
    """The options of ``load``."""

    as_table: str | None
    source: str | None
    as_of: dt.date | None
    complete: bool
    mapping: Path | None
    dry_run: bool


def load(store: Store, files: Sequence[Path], wishes: Wishes, *, as_json: bool) -> int:
    """Load files; 1 if rows were rejected or the verdict is "not usable"."""
    from tas_analytics.ingest import loader
    from tas_analytics.ingest.plan import prepare

    options = _options(wishes)
    prepared, left_out = [], 0
    for path, named in _expand(files):
        try:
            data = path.read_bytes()
        except OSError as error:
            raise UnreadableFile(
                f"{path} cannot be read: {error.strerror}", "Check the name and that you may read the file."
            ) from error
        try:
            prepared.append(prepare(data, path.name, options))
        except (UnknownTable, UnreadableFile) as error:
            if named:
                raise
            # A folder of exports may hold a read-me or a dictionary as well: said, and left out.
            left_out += 1
            err(f"Left out: {error}")
    if not prepared:
        raise UnknownTable("No file in the folder can be loaded", "The lines above say why for each.")
    results = loader.load(store, prepared, dry_run=wishes.dry_run)
    files_written = [None if wishes.dry_run else write_rejects(store, result) for result in results]
    if as_json:
        out_json([as_dict(result, path) for result, path in zip(results, files_written, strict=True)])
    else:
        for result, written in zip(results, files_written, strict=True):
            _tell(result, written, dry_run=wishes.dry_run)
    return 1 if left_out or any(result.rejected_rows or result.verdict == "unusable" for result in results) else 0


def loads(store: Store, *, as_json: bool) -> int:
    """Print the loads, newest first."""
    keys = [
        "load_id", "loaded_at", "loaded_by", "file_name", "table_name", "source", "as_of", "complete", "rows_in_file",
        "rows_new", "rows_changed", "rows_unchanged", "rows_rejected", "amount_in_file", "amount_loaded", "verdict",
        "undone_at",
    ]  # fmt: skip
    rows = [
        dict(zip(keys, row, strict=True))
        for row in store.rows(f"select {', '.join(keys)} from load order by load_id desc")
    ]
    if as_json:
        out_json(rows)
        return 0
    if not rows:
        err("Nothing has been loaded yet.")
        return 0
    counts = ["rows_in_file", "rows_new", "rows_changed", "rows_unchanged", "rows_rejected"]
    out_table(
        ["load", "file", "table", "as of", "rows", "new", "changed", "unchanged", "rejected", "verdict"],
        [
            [
                str(row["load_id"]),
                row["file_name"],
                row["table_name"],
                row["as_of"].isoformat(),
                *(str(row[key]) for key in counts),
                row["verdict"] if row["undone_at"] is None else "undone",
            ]
            for row in rows
        ],
        [True, False, False, False, True, True, True, True, True, False],
    )
    return 0


def undo(store: Store, load_id: int) -> int:
    """Take a load back."""
    from tas_analytics.ingest import loader

    name = loader.undo(store, load_id)
    err(f"Load {load_id} ({name}) is undone; the store is as if it had never been loaded.")
    return 0


def check(store: Store, *, as_json: bool) -> int:
    """Print the outcome of the checks; 1 if a promise is broken."""
    found = check_store(store)
    if as_json:
        contents = [{"table": name, "rows": rows, "fingerprint": mark} for name, rows, mark in found.contents]
        out_json({"ok": found.ok, "problems": list(found.problems), "contents": contents})
    else:
        out_table(
            ["table", "rows", "fingerprint"],
            [[name, str(rows), mark] for name, rows, mark in found.contents],
            [False, True, False],
        )
        for problem in found.problems:
            err(f"Broken: {problem}.")
        err("All checks pass." if found.ok else "The store is damaged. Restore it from a backup, or load it anew.")
    return 0 if found.ok else 1


def write_rejects(store: Store, result: LoadResult) -> Path | None:
    """Write the rejected rows beside the store; None if there are none."""
    if not result.rejects:
        return None
    from tas_analytics.ingest.rejects import rejects_csv, rejects_name

    folder = store.path.with_name(store.path.stem + "-rejects")
    path = folder / rejects_name(result.load_id, result.as_of, result.prepared.name)
    try:
        folder.mkdir(exist_ok=True)
        path.write_bytes(rejects_csv(store, result.load_id))
    except OSError as error:
        err(f"The rejected rows cannot be written to {path}: {error.strerror}. The Data page has them for download.")
        return None
    return path


def as_dict(result: LoadResult, rejects_file: Path | None) -> dict[str, Any]:
    """The keys of ``load --json``."""
    file = result.prepared
    date, money = file.convention_of("date"), file.convention_of("money") or file.convention_of("number")
    return {
        "file": file.name,
        "table": file.table_name,
        "source": file.mapping.source,
        "encoding": file.text.encoding,
        "delimiter": file.text.delimiter,
        "date_order": date.date_order if date else None,
        "decimal": money.decimal if money else None,
        "as_of": result.as_of,
        "rows_in_file": file.text.rows_in_file,
        "loaded": {"new": result.new, "changed": result.changed, "unchanged": result.unchanged},
        "rejected": result.rejected_rows,
        "rejects_file": str(rejects_file) if rejects_file else None,
        "amount_in_file": result.amount_in_file,
        "amount_loaded": result.amount_loaded,
        "load_id": result.load_id,
        "verdict": result.verdict,
        "mapping": dict(file.mapping.columns),
        "left_out": list(file.mapping.left_out),
        "findings": [
            {"key": f.key, "severity": f.severity, "text": f.text, "mend": f.mend, "rows": f.rows,
             "examples": list(f.examples)}
            for f in result.findings
        ],
        "notes": [note.text for note in file.text.notes] + list(file.notes),
    }  # fmt: skip


def _tell(result: LoadResult, rejects_file: Path | None, *, dry_run: bool) -> None:
    from tas_analytics.ingest.verdict import VERDICTS

    file = result.prepared
    out(f"{file.name}: {file.mapping.source_name}, {file.table_name}, as of {result.as_of} ({result.as_of_reason})")
    done = "would be " if dry_run else ""
    if result.seen_before:
        out(f"  already loaded as load {result.load_id}: nothing changes")
    else:
        out(
            f"  {count(file.text.rows_in_file, 'row')}: {done}{result.new:,} new, {result.changed:,} changed, "
            f"{result.unchanged:,} unchanged, {result.rejected_rows:,} rejected"
            + ("" if dry_run else f" (load {result.load_id})")
        )
    if result.amount_in_file is not None:
        out(f"  amount in the file {result.amount_in_file:,.2f}, loaded {result.amount_loaded:,.2f}")
    if file.mapping.left_out:
        out(f"  not used: {', '.join(file.mapping.left_out)}")
    out(f"  verdict: {VERDICTS[result.verdict].lower()}")
    for finding in result.findings:
        out(f"    {finding.severity}: {finding.text}. {finding.mend}")
    if rejects_file:
        out(f"  rejected rows: {rejects_file}")


def _expand(files: Sequence[Path]) -> list[tuple[Path, bool]]:
    """The files, those inside folders among them, each with whether the user named it."""
    found: list[tuple[Path, bool]] = []
    for path in map(here, files):
        if path.is_dir():
            inside = sorted(path.rglob("*.csv"))
            if not inside:
                raise UnreadableFile(f"The folder {path} holds no CSV file", "Name files, or a folder that has some.")
            found += [(file, False) for file in inside]
        else:
            found.append((path, True))
    return found


def _options(wishes: Wishes) -> Options:
    from tas_analytics.ingest.plan import Options

    columns, more = None, {}
    if wishes.mapping is not None:
        path = here(wishes.mapping)
        try:
            more = json.loads(path.read_text(encoding="utf-8"))
            columns = {str(column): str(header) for column, header in more["columns"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise UnreadableFile(
                f"The mapping {path} cannot be read",
                'It is JSON such as {"table": "opportunities", "columns": {"stage": "Deal Stage"}}.',
            ) from error
    return Options(
        wishes.as_table or more.get("table"),
        wishes.source,
        wishes.as_of,
        wishes.complete,
        columns,
        more.get("date_order"),
        more.get("decimal"),
    )
