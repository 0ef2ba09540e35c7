"""The small files in ``wrong/``: loaded into a store, with everything that always holds checked on the way."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from tas_analytics.ingest.judging.verdict import Finding, judge_store
from tas_analytics.ingest.loading.loader import LoadResult, load
from tas_analytics.ingest.planning.plan import Options, prepare_file
from tas_analytics.store import Store
from tests.store.stores import contents, deals, reconcile

FOLDER = Path(__file__).parent / "wrong"
#: The day of which the files tell, unless a test says another.
TODAY = dt.date(2026, 4, 7)


def take(store: Store, name: str, as_of: dt.date | None = TODAY, **options: object) -> LoadResult:
    """Load a file of the folder: its control totals and those of its parts add up, and the store is sound."""
    files = prepare_file((FOLDER / name).read_bytes(), name, Options(as_of=as_of, **options))  # type: ignore[arg-type]
    (result,) = load(store, files, user="test")
    for one in (result, *result.parts):
        reconcile(one)
    contents(store)
    return result


def rejected(result: LoadResult) -> list[tuple[int, str | None, str]]:
    """Line, column and cell of what was rejected."""
    return [(reject.line, reject.column, reject.value) for reject in result.rejects]


def told(result: LoadResult, kind: str) -> list[tuple[int | None, str]]:
    """Line and text of the reader's notes of one kind."""
    return [(note.line, note.text) for note in result.prepared.text.notes if note.kind == kind]


def finding(result: LoadResult, key: str) -> Finding:
    """The finding of a load; it must be there."""
    return {one.key: one for one in result.findings}[key]


def verdict(store: Store, key: str) -> tuple[int, tuple[str, ...]]:
    """How many deals the whole store's verdict counts under a key, and which; none if it says nothing of it."""
    found = {one.key: one for one in judge_store(store)[1]}
    return (found[key].rows, found[key].examples) if key in found else (0, ())


def column(store: Store, name: str) -> list[object]:
    """One column of all deals, in the order of their ids."""
    return [deal[name] for deal in deals(store, name)]


def stays(store: Store, deal: str) -> list[tuple[object, ...]]:
    """The stages of a deal: stage, entered, left, and whether the day of entering is exact."""
    return store.rows(
        "select s.stage, p.entered, p.left_on, p.is_exact from stage_spell p join stage s using (stage_key) "
        "join record r on r.table_name = 'opportunities' and r.record_key = p.opportunity_key "
        "where r.natural_key = $deal order by p.spell",
        {"deal": deal},
    )
