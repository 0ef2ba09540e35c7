"""Rows that a transaction reads and lets go of: the memory is free at once, and nobody reads nothing unawares."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from tas_analytics.store.database import Store
from tas_analytics.store.held import HeldRows

ROWS = 200_000


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path / "held.duckdb")


def _rows() -> pa.Table:
    return pa.table({"n": pa.array(range(ROWS)), "text": pa.array([f"deal {n}" for n in range(ROWS)])})


def test_they_are_read_as_often_as_wanted_and_in_order(store: Store) -> None:
    rows = HeldRows(_rows())
    assert rows.column_names == ["n", "text"]
    with store.transaction() as cursor:
        rows.register(cursor, "held")
        for _ in range(2):
            assert cursor.execute("select count(*), sum(n), max(text) from held").fetchall() == [
                (ROWS, ROWS * (ROWS - 1) // 2, "deal 99999")
            ]
        assert cursor.execute("select n from held where text = 'deal 7'").fetchall() == [(7,)]
        assert [n for (n,) in cursor.execute("select n from held").fetchall()] == list(range(ROWS))


def test_letting_go_frees_the_memory_within_the_transaction(store: Store) -> None:
    before = pa.total_allocated_bytes()
    with store.transaction() as cursor:
        rows = HeldRows(_rows())
        rows.register(cursor, "held")
        assert cursor.execute("select count(*) from held").fetchall() == [(ROWS,)]
        held = pa.total_allocated_bytes()
        rows.let_go()
        assert held - before > 3_000_000
        assert pa.total_allocated_bytes() - before < 100_000


def test_rows_that_were_let_go_are_never_read_as_none(store: Store) -> None:
    rows = HeldRows(_rows())
    rows.let_go()
    rows.let_go()
    with pytest.raises(RuntimeError, match="let go"):
        _ = rows.column_names
    other = HeldRows(_rows())
    with suppress(duckdb.Error), store.transaction() as cursor:
        other.register(cursor, "held")
        other.let_go()
        with pytest.raises(duckdb.Error, match="let go"):
            cursor.execute("select count(*) from held")
