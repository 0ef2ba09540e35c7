"""How far the data can be trusted: ranked findings about one load or the whole store, and one word for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from tas_analytics.formats import count
from tas_analytics.ingest.judging.checks import EXAMPLES, Finding, check, ranked
from tas_analytics.ingest.judging.quality import about_deals, about_suspects, forget, newest
from tas_analytics.ingest.judging.quality_columns import about_columns
from tas_analytics.ingest.judging.quality_names import NAMED, about_stages, alike_names, unknown_names
from tas_analytics.ingest.judging.quality_tables import about_days, about_orphans, without_rate
from tas_analytics.ingest.planning.asof import LOADED
from tas_analytics.ingest.structure.texttable import rows_of
from tas_analytics.store.database import Cursor, Store, first
from tas_analytics.store.held import HeldRows

if TYPE_CHECKING:
    from tas_analytics.ingest.planning.plan import Prepared
    from tas_analytics.ingest.structure.texttable import Unplaced as Rejected

__all__ = ["VERDICTS", "Finding", "judge", "judge_load", "judge_store"]

#: Kinds of the reader's notes that tell of something left out or mended; the others tell how the file is written.
_TOLD: Final = frozenset(
    {"repair", "padded", "extra", "nul", "preamble", "footer", "subtotal", "second", "unplaced", "empty", "archive",
     "sheet", "merged", "missing", "filled", "formula", "rounded", "fields", "wide", "parts", "duplicate",
     "spelling"}
)  # fmt: skip
#: How the loader begins its reason where a row has the key of another one and says something else.
_CONTRADICTS: Final = "the row contradicts line "
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
    cursor: Cursor,
    file: Prepared,
    load_id: int,
    rejects: Sequence[Rejected],
    loaded_rows: int,
    deals: HeldRows | None = None,
) -> list[Finding]:
    """Ranked findings about one load, within its transaction; ``deals`` are the first ones of a store as they are."""
    found = _about_rejects(cursor, load_id, rejects, loaded_rows)
    found += _about_reading(file)
    if file.table_name == "opportunities":
        which = newest(cursor, load_id, deals)
        if _has_no_day(cursor, load_id):
            found.append(check("without_day").found(0))
        found += about_deals(cursor, which, [*unknown_names(cursor), *without_rate(cursor)])
        found += about_stages(cursor)
    elif file.table_name in NAMED:
        every = newest(cursor, None)
        found += about_suspects(cursor, every, unknown_names(cursor, only=file.table_name))
    else:
        found += about_orphans(cursor, load_id, only=file.table_name)
    forget(cursor)
    return ranked(found)


def _has_no_day(cursor: Cursor, load_id: int) -> bool:
    return first(cursor.execute("select as_of_reason from load where load_id = $n", {"n": load_id})) == (LOADED,)


def judge_store(store: Store) -> tuple[str, list[Finding]]:
    """Verdict and ranked findings about everything that is loaded."""
    with store.cursor() as cursor:
        which = newest(cursor, None)
        if not which.deals:
            return "empty", ranked(about_orphans(cursor, None))
        suspects = [*unknown_names(cursor), *alike_names(cursor), *without_rate(cursor)]
        found = about_deals(cursor, which, suspects)
        found += about_stages(cursor)
        found += about_orphans(cursor, None)
        found += about_days(cursor)
        found += about_columns(cursor)
        found += _about_rejected_before(cursor)
    return judge(found, which.deals), ranked(found)


def _about_rejected_before(cursor: Cursor) -> list[Finding]:
    rows = cursor.execute(
        """
        select file_name, rows_rejected, cast(coalesce(amount_in_file - amount_loaded, 0) as double)
        from load where undone_at is null and rows_rejected > 0
        order by 3 desc, 2 desc, 1
        """
    ).fetchall()
    if not rows:
        return []
    total, amount = sum(n for _, n, _ in rows), sum(lost for *_, lost in rows)
    names = [f"{name} ({count(n, 'row')})" for name, n, _ in rows]
    found = [check("rejected_before").found(total, amount=amount or None, examples=names)]
    contradicting = cursor.execute(
        f"""
        select l.file_name || ', line ' || r.line from reject r join load l on l.load_id = r.load_id
        where l.undone_at is null and r.column_name is null and starts_with(r.reason, '{_CONTRADICTS}')
        order by l.load_id desc, r.line
        """
    ).fetchall()
    if contradicting:
        places = [place for (place,) in contradicting[:EXAMPLES]]
        found.append(check("contradicting_rows").found(len(contradicting), examples=places))
    return found


def _about_rejects(cursor: Cursor, load_id: int, rejects: Sequence[Rejected], loaded_rows: int) -> list[Finding]:
    aside = [reject for reject in rejects if reject.aside]
    rejects = [reject for reject in rejects if not reject.aside]
    found = [check("set_aside").found(len(aside), examples=_examples(aside[:EXAMPLES]))] if aside else []
    rows = rows_of(rejects)
    if not rows:
        return found
    lost = first(
        cursor.execute(
            "select cast(amount_in_file - amount_loaded as double) from load where load_id = $load_id",
            {"load_id": load_id},
        )
    )
    amount = (lost[0] if lost else None) or None
    found.append(
        check("rejected").found(rows, base=rows + loaded_rows, amount=amount, examples=_examples(rejects[:EXAMPLES]))
    )
    twice = [reject for reject in rejects if reject.column is None and reject.reason.startswith(_CONTRADICTS)]
    if twice:
        found.append(check("contradicting_rows").found(len(twice), examples=_examples(twice[:EXAMPLES])))
    return found


def _examples(rejects: Sequence[Rejected]) -> list[str]:
    return [
        f"line {r.line}, {r.column}: “{r.value[:40]}” {r.reason}" if r.column else f"line {r.line}: {r.reason}"
        for r in rejects
    ]


def _about_reading(file: Prepared) -> list[Finding]:
    found = [
        check("ambiguous").found(0, header=file.mapping.columns[column], evidence=convention.evidence)
        for column, convention in file.conventions.items()
        if convention.ambiguous
    ]
    found += [
        check("unsure").found(0, header=file.mapping.columns[column], column=column.replace("_", " "))
        for column in file.mapping.unsure
    ]
    found += [check("repair").found(0, note=note.text.rstrip(".")) for note in file.text.notes if note.kind in _TOLD]
    found += [check("same_record").found(0, note=note) for note in file.notes]
    return found
