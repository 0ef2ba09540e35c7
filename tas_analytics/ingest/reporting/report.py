"""What became of a file, for programs and for people: what ``load --json`` prints, and the same in sentences."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from tas_analytics.errors import TasError
from tas_analytics.formats import count
from tas_analytics.ingest.judging.checks import Finding
from tas_analytics.ingest.judging.verdict import VERDICTS
from tas_analytics.ingest.loading.loader import LoadResult
from tas_analytics.ingest.reporting.rejects import rejects_csv, rejects_name
from tas_analytics.ingest.reporting.telling import not_used, parts_in_words
from tas_analytics.store.database import Store

#: The verdict on a file of which nothing was loaded.
REFUSED: Final = "refused"


def write_rejects(store: Store, result: LoadResult) -> Path | None:
    """Write the rejected rows beside the store; None if there are none.

    Raises
    ------
    OSError
        The folder cannot be written to. The rows are in the store all the same.
    """
    if not result.rejects:
        return None
    folder = store.path.with_name(store.path.stem + "-rejects")
    path = folder / rejects_name(result.load_id, result.as_of, result.prepared.name)
    folder.mkdir(exist_ok=True)
    path.write_bytes(rejects_csv(store, result.load_id))
    return path


def as_dict(
    result: LoadResult, rejects_file: Path | None, parts_files: Mapping[int, Path | None] | None = None
) -> dict[str, Any]:
    """The keys of ``load --json``; ``also`` has the same for what came from the same rows.

    Parameters
    ----------
    result
        What became of the file.
    rejects_file
        Where its rejected rows were written.
    parts_files
        The same for its parts, by the number of the load.
    """
    file = result.prepared
    date, money = file.convention_of("date"), file.convention_of("money") or file.convention_of("number")
    return {
        "file": file.name,
        "part": file.part or None,
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
        "left_out": not_used(file),
        "findings": [_finding(one) for one in result.findings],
        "notes": [note.text for note in file.text.notes] + list(file.notes),
        "also": [as_dict(one, (parts_files or {}).get(one.load_id)) for one in result.parts],
    }


def refused_as_dict(name: str, error: TasError) -> dict[str, Any]:
    """The same keys for a file of which nothing was loaded; the finding says why."""
    why = Finding(REFUSED, "problem", error.title, error.hint)
    nothing = dict.fromkeys(
        ["part", "table", "source", "encoding", "delimiter", "date_order", "decimal", "as_of", "rows_in_file"]
    )
    return {
        "file": name,
        **nothing,
        "loaded": {"new": 0, "changed": 0, "unchanged": 0},
        **dict.fromkeys(["rejected", "rejects_file", "amount_in_file", "amount_loaded", "load_id"]),
        "verdict": REFUSED,
        "mapping": {},
        "left_out": [],
        "findings": [_finding(why)],
        "notes": [],
        "also": [],
    }


def as_lines(result: LoadResult, rejects_file: Path | None, *, dry_run: bool = False) -> list[str]:
    """What ``load`` says of a file."""
    file = result.prepared
    day = f"as of {result.as_of} ({result.as_of_reason})"
    lines = [f"{file.name}: {file.mapping.source_name}, {file.table_name}, {day}"]
    if result.seen_before:
        lines.append(f"  already loaded as load {result.load_id}: nothing changes")
    else:
        done = "would be " if dry_run else ""
        lines.append(
            f"  {count(file.text.rows_in_file, 'row')}: {done}{result.new:,} new, {result.changed:,} changed, "
            f"{result.unchanged:,} unchanged, {result.rejected_rows:,} rejected"
            + ("" if dry_run else f" (load {result.load_id})")
        )
    if result.amount_in_file is not None:
        lines.append(f"  amount in the file {result.amount_in_file:,.2f}, loaded {result.amount_loaded:,.2f}")
    unused = not_used(file)
    if unused:
        lines.append(f"  not used: {', '.join(unused)}")
    for words, part in zip(parts_in_words(file), result.parts, strict=True):
        rejected = f", {part.rejected_rows:,} rejected" if part.rejected_rows else ""
        lines.append(f"  also {words}: {part.new:,} new, {part.changed:,} changed{rejected}")
    lines.append(f"  verdict: {VERDICTS[result.verdict].lower()}")
    for finding in result.findings:
        worth = f" ({finding.amount:,.0f} in money)" if finding.amount else ""
        lines.append(f"    {finding.severity}: {finding.text}{worth}. {finding.mend}")
        if finding.examples:
            lines.append(f"      for example {'; '.join(finding.examples)}")
    if rejects_file:
        lines.append(f"  rejected rows: {rejects_file}")
    return lines


def refused_as_lines(name: str, error: TasError) -> list[str]:
    """The same for a file of which nothing was loaded."""
    return [f"{name}: not loaded", f"  {error.title}.", *([f"  {error.hint}"] if error.hint else [])]


def json_text(content: object) -> str:
    """A report as JSON; money as numbers."""
    return json.dumps(content, ensure_ascii=False, indent=2, default=_plain) + "\n"


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return str(value)


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "key": finding.key,
        "severity": finding.severity,
        "text": finding.text,
        "mend": finding.mend,
        "rows": finding.rows,
        "amount": finding.amount,
        "examples": list(finding.examples),
    }
