"""The store's shape: built once, described in full, never mistaken for another file."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import duckdb
import pytest

from tas_analytics.errors import StoreProblem
from tas_analytics.store import TABLES, Store
from tas_analytics.store.migrate import migrate, migrations

_TYPES = {
    "text": "VARCHAR", "date": "DATE", "money": "DECIMAL(18,2)", "number": "DOUBLE", "percent": "DOUBLE",
    "integer": "BIGINT", "boolean": "BOOLEAN", "period": "VARCHAR", "timestamp": "TIMESTAMP", "duration": "DOUBLE",
}  # fmt: skip
#: Columns of an opportunity that a version keeps as the number of a record.
_KEYS = {"account", "owner", "product", "stage", "last_open_stage"}


def test_migrations_are_numbered_without_gaps() -> None:
    assert [number for number, _ in migrations()] == list(range(1, len(migrations()) + 1))


def test_a_second_opening_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "store.duckdb"
    Store.open(path).close()
    with duckdb.connect(str(path)) as connection:
        assert migrate(connection) == 0
    store = Store.open(path)
    assert store.value("select count(*) from migration") == len(migrations())
    store.close()


def test_a_new_store_works_with_all_threads_and_the_optimizer(tmp_path: Path) -> None:
    with duckdb.connect() as plain:
        usual = plain.execute("select current_setting('threads')").fetchall()
    with duckdb.connect(str(tmp_path / "store.duckdb")) as connection:
        migrate(connection)
        assert connection.execute("select current_setting('threads')").fetchall() == usual
        connection.execute("pragma explain_output = 'optimized_only'")
        ((_, plan),) = connection.execute("explain select * from load where false").fetchall()
        assert "EMPTY_RESULT" in plan


def test_every_table_and_column_is_described(store: Store) -> None:
    assert store.rows("select table_name from duckdb_tables() where coalesce(comment, '') = ''") == []
    assert not store.rows("select view_name from duckdb_views() where not internal and coalesce(comment, '') = ''")
    assert not store.rows(
        "select table_name, column_name from duckdb_columns() where not internal and coalesce(comment, '') = ''"
    )


@pytest.mark.parametrize("suffix", ["state", "version"])
def test_every_importable_column_is_kept_in_its_type(store: Store, suffix: str) -> None:
    found = {
        (table, column): kind
        for table, column, kind in store.rows("select table_name, column_name, data_type from duckdb_columns()")
    }
    for table in TABLES:
        for column in table.columns:
            if suffix == "version" and table.name == "opportunities" and column.name in _KEYS:
                assert found[f"{table.one}_version", f"{column.name}_key"] == "INTEGER"
            else:
                assert found[f"{table.one}_{suffix}", column.name] == _TYPES[column.kind], (table.name, column.name)


def test_the_descriptions_are_those_of_the_importable_columns(store: Store) -> None:
    found = {
        (table, column): comment
        for table, column, comment in store.rows("select table_name, column_name, comment from duckdb_columns()")
    }
    for table in TABLES:
        for column in table.columns:
            assert found[f"{table.one}_state", column.name] == column.doc


def test_a_store_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "store.duckdb"
    Store.open(path).close()
    with duckdb.connect(str(path)) as connection:
        connection.execute("insert into migration values (9999, 'of the future')")
    with pytest.raises(StoreProblem, match="newer version") as refusal:
        Store.open(path)
    assert "Update" in refusal.value.hint
    with duckdb.connect(str(path)) as connection:
        assert connection.execute("select max(number) from migration").fetchone() == (9999,)


def test_a_store_of_the_first_shape_is_brought_up_with_its_contents(tmp_path: Path) -> None:
    path = tmp_path / "store.duckdb"
    first = next(file for number, file in migrations() if number == 1)
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table migration (number integer not null, name varchar not null)")
        connection.execute(first.read_text(encoding="utf-8"))
        connection.execute("insert into migration values (1, 'first')")
        connection.execute(
            "insert into opportunity_version by name select 1 as record_key, timestamp '2026-01-05' as valid_from, "
            "1 as load_id, 0 as pushes, 0 as delays"
        )
    store = Store.open(path)
    assert store.rows("select record_key, pipeline, reconstructed from opportunity_version") == [(1, None, False)]
    assert store.rows("select stage from stage") == [("Stage not known",)]
    store.close()


def test_a_first_opening_that_was_cut_short_is_taken_up_again(tmp_path: Path) -> None:
    path = tmp_path / "store.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table migration (number integer not null, name varchar not null)")
    store = Store.open(path)
    assert store.data_version == 0
    store.close()


def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "theirs.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table invoice (number integer)")
    with pytest.raises(StoreProblem, match="another program"):
        Store.open(path)
    with duckdb.connect(str(path)) as connection:
        assert connection.execute("select table_name from duckdb_tables()").fetchall() == [("invoice",)]


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    text = tmp_path / "text.duckdb"
    text.write_text("Deal;Amount\n")
    empty = tmp_path / "empty.duckdb"
    empty.touch()
    sqlite = tmp_path / "sqlite.duckdb"
    with sqlite3.connect(sqlite) as connection:
        connection.execute("create table t (a)")
    for path in (text, empty, sqlite, tmp_path):
        before = path.read_bytes() if path.is_file() else None
        with pytest.raises(StoreProblem) as refusal:
            Store.open(path)
        assert refusal.value.hint
        assert (path.read_bytes() if path.is_file() else None) == before


@pytest.mark.parametrize("damage", ["head", "catalogue", "half"])
def test_a_damaged_store_is_refused(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "store.duckdb"
    Store.open(path).close()
    data = bytearray(path.read_bytes())
    if damage == "head":
        data[4096:12288] = b"\x01" * 8192
    elif damage == "catalogue":
        for place in range(12288, len(data), 7):
            data[place] ^= 0x55
    else:
        del data[len(data) // 2 :]
    path.write_bytes(data)
    with pytest.raises(StoreProblem, match="damaged") as refusal:
        Store.open(path)
    assert "backup" in refusal.value.hint


def test_a_folder_that_cannot_be_made_is_a_refusal(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreProblem, match="cannot be opened"):
        Store.open(tmp_path / "file" / "store.duckdb")
