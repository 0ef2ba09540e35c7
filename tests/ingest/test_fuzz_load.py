"""Any file, through the whole import: refused in words, or every row and every unit of money accounted for."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import cache
from pathlib import Path

from hypothesis import HealthCheck, given, settings, strategies as st

from tas_analytics.errors import TasError
from tas_analytics.ingest.loading.loader import LoadResult, load, undo
from tas_analytics.ingest.loading.writing import CONTROLLED
from tas_analytics.ingest.planning.plan import Options, Prepared, prepare_file
from tas_analytics.ingest.reporting.rejects import rejects_csv
from tas_analytics.ingest.reporting.report import as_dict, as_lines, json_text
from tas_analytics.store import Store
from tas_analytics.store.tables import TABLES, table
from tests.ingest.odd_files import files, noise
from tests.store.stores import contents

#: More examples for a search by hand: TAS_FUZZ=50 for fifty times as many.
TIMES = int(os.environ.get("TAS_FUZZ", "1"))
_settings = settings(
    max_examples=30 * TIMES,
    derandomize=TIMES == 1,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
_reading = settings(_settings, max_examples=200 * TIMES)


@cache
def _empty() -> Path:
    """An empty store to copy: much faster than to make one for every example."""
    path = Path(tempfile.mkdtemp(prefix="tas-fuzz-")) / "empty.duckdb"
    Store.open(path).close()
    return path


@contextmanager
def _fresh() -> Iterator[Store]:
    with tempfile.TemporaryDirectory(prefix="tas-fuzz-") as folder:
        store = Store.open(Path(shutil.copy(_empty(), folder)))
        try:
            yield store
        finally:
            store.close()


def _understood(name: str, data: bytes, options: Options | None = None, *, draft: bool = False) -> list[Prepared]:
    """The tables of a file, each with all its rows; none if it is refused in words."""
    try:
        found = prepare_file(data, name, options, draft=draft)
    except TasError as refusal:
        _in_words(refusal)
        return []
    for one in found:
        assert one.text.rows_in_file == one.data.num_rows + len(one.text.unplaced)
        assert all(line >= 1 for line in one.data["line"].to_pylist())
    return found


def _in_words(refusal: TasError) -> None:
    """A refusal says what is wrong."""
    assert refusal.title.strip()


def _accounted_for(store: Store, result: LoadResult) -> None:
    """Rows and amounts of a load add up, by its own words and by what the store holds."""
    assert result.prepared.text.rows_in_file == result.loaded_rows + result.rejected_rows
    for reject in result.rejects:
        assert reject.line > 0
        assert reject.reason
    one = table(result.prepared.table_name)
    control = CONTROLLED.get(one.name)
    ((rows,),) = store.rows("select count(*) from sighting where load_id = $load", {"load": result.load_id})
    assert rows <= result.loaded_rows
    if control is not None and result.amount_loaded is not None and rows == result.loaded_rows:
        kept = store.value(
            f"select sum(t.{control}) from sighting s join {one.one}_state t using (record_key, state_hash) "
            "where s.load_id = $load",
            {"load": result.load_id},
        )
        assert (kept or Decimal(0)) == result.amount_loaded
    if not result.rejects:
        assert result.amount_in_file == result.amount_loaded
    assert store.rows(
        "select rows_in_file, rows_rejected from load where load_id = $load", {"load": result.load_id}
    ) == [(result.prepared.text.rows_in_file, result.rejected_rows)]
    assert rejects_csv(store, result.load_id)
    for part in result.parts:
        _accounted_for(store, part)


def _loads_honestly(name: str, data: bytes) -> None:
    found = _understood(name, data)
    if not found:
        return
    with _fresh() as store:
        empty = contents(store)
        try:
            results = load(store, found, user="test")
        except TasError as refusal:
            _in_words(refusal)
            assert contents(store) == empty
            return
        for result in results:
            _accounted_for(store, result)
            assert as_lines(result, None)
            assert json_text(as_dict(result, None))
        before = contents(store)
        if len(found) == 1:
            (again,) = load(store, prepare_file(data, name), user="test")
            assert again.seen_before
            assert contents(store) == before
            undo(store, again.load_id, user="test")
            left, empty = contents(store), dict(empty)
            # The method's own stages are listed with the first load.
            assert {k: v for k, v in left.items() if k != "stage"} == {k: v for k, v in empty.items() if k != "stage"}


@_settings
@given(files())
def test_any_export_is_accounted_for_or_refused(file: tuple[str, bytes]) -> None:
    _loads_honestly(*file)


@_reading
@given(files(), st.sampled_from([None, *(one.name for one in TABLES)]), st.booleans())
def test_any_file_is_understood_or_refused(file: tuple[str, bytes], as_table: str | None, draft: bool) -> None:
    _understood(*file, Options(as_table=as_table), draft=draft)


@_reading
@given(noise)
def test_noise_is_refused_or_read_as_what_it_is(data: bytes) -> None:
    _loads_honestly("deals.csv", data)
