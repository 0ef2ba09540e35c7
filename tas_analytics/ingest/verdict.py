"""How far the data can be trusted: ranked findings about one load or the whole store, and one word for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from tas_analytics.formats import count
from tas_analytics.ingest.quality import TOO_MANY, Finding, about_deals, about_names
from tas_analytics.store.database import Cursor, Store, first

if TYPE_CHECKING:
    from tas_analytics.ingest.plan import Prepared
    from tas_analytics.ingest.writing import Rejected

__all__ = ["VERDICTS", "Finding", "judge", "judge_load", "judge_store"]

_RANK: Final = {"problem": 0, "caveat": 1, "note": 2}
#: Kinds of the reader's notes that tell of something left out or mended; the others tell how the file is written.
_TOLD: Final = {"repair", "footer", "nul", "unplaced", "empty"}
VERDICTS: Final = {
    "usable": "Usable",
    "caveats": "Usable with caveats",
    "unusable": "Not usable",
    "empty": "No data yet",
}


def judge(findings: Sequence[Finding], loaded_rows: int) -> str:
    """``usable``, ``caveats`` or ``unusable``."""
    if loaded_rows == 0 or any(finding.severity == "problem" for finding in findings):
        return "unusable"
    return "caveats" if any(finding.severity == "caveat" for finding in findings) else "usable"


def judge_load(
    cursor: Cursor, file: Prepared, load_id: int, rejects: Sequence[Rejected], loaded_rows: int
) -> list[Finding]:
    """Ranked findings about one load, within its transaction."""
    found = _about_rejects(rejects, loaded_rows)
    found += _about_reading(file)
    if file.table_name == "opportunities":
        found += about_deals(cursor, load_id)
    else:
        found += about_names(cursor, None, only=file.table_name)
    return _ranked(found)


def judge_store(store: Store) -> tuple[str, list[Finding]]:
    """Verdict and ranked findings about everything that is loaded."""
    with store.cursor() as cursor:
        deals = first(cursor.execute("select count(*) from opportunity_version where valid_to is null"))
        if not deals or deals[0] == 0:
            return "empty", []
        found = about_deals(cursor, None)
        rejected = first(cursor.execute("select coalesce(sum(rows_rejected), 0) from load where undone_at is null"))
    if rejected and rejected[0]:
        found.append(
            Finding(
                "rejected",
                "caveat",
                f"{count(int(rejected[0]), 'row')} of the loaded files were rejected",
                "Download the rejected rows from the list of loads, mend them and load that file.",
                int(rejected[0]),
            )
        )
    return judge(found, deals[0]), _ranked(found)


def _ranked(found: list[Finding]) -> list[Finding]:
    return sorted(found, key=lambda finding: (_RANK[finding.severity], -finding.rows))


def _about_rejects(rejects: Sequence[Rejected], loaded_rows: int) -> list[Finding]:
    rows = len({reject.line for reject in rejects})
    if not rows:
        return []
    share = rows / (rows + loaded_rows)
    examples = tuple(
        f"line {r.line}, {r.column}: “{r.value[:40]}” {r.reason}" if r.column else f"line {r.line}: {r.reason}"
        for r in rejects[:5]
    )
    return [
        Finding(
            "rejected",
            "problem" if share > TOO_MANY else "caveat",
            f"{count(rows, 'row')} rejected",
            "Download the rejected rows, mend them and load that file.",
            rows,
            None,
            examples,
        )
    ]


def _about_reading(file: Prepared) -> list[Finding]:
    found = [
        Finding(
            "ambiguous",
            "caveat",
            f"“{file.mapping.columns[column]}” can be read in two ways: {convention.evidence}",
            "Choose the right reading if this one is wrong.",
        )
        for column, convention in file.conventions.items()
        if convention.ambiguous
    ]
    for column in file.mapping.unsure:
        header = file.mapping.columns[column]
        found.append(
            Finding(
                "unsure",
                "caveat",
                f"“{header}” was taken for {column.replace('_', ' ')} because it looks alike",
                "Correct the mapping if it is something else.",
            )
        )
    found += [
        Finding("repair", "note", note.text.rstrip("."), "Nothing to do if this is right.")
        for note in file.text.notes
        if note.kind in _TOLD
    ]
    found += [Finding("repair", "note", note, "Nothing to do: both forms name the same record.") for note in file.notes]
    return found
