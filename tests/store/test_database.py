"""One file, one process, many threads; nothing outside the store can be touched through it."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest

from tas_analytics.errors import StoreProblem
from tas_analytics.store import Store
from tas_analytics.store.database import StoreLocked, set_setting


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_csv('{outside}')",
        "select * from read_text('{outside}')",
        "select * from '{outside}'",
        "select * from glob('{folder}/*')",
        "copy (select 1) to '{folder}/new.csv'",
        "copy setting from '{outside}'",
        "export database '{folder}/dump'",
        "attach '{folder}/other.duckdb'",
        "install httpfs",
        "load httpfs",
        "set threads = 1",
        "pragma threads = 9",
        "set enable_external_access = true",
        "set autoinstall_known_extensions = true",
        "reset lock_configuration",
    ],
)
def test_nothing_outside_the_store_can_be_reached(store: Store, tmp_path: Path, sql: str) -> None:
    outside = tmp_path / "outside.csv"
    outside.write_text("name,value\nsecret,1\n")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(duckdb.Error):
        store.rows(sql.format(outside=outside, folder=tmp_path))
    assert sorted(tmp_path.iterdir()) == before


def test_a_local_variable_is_not_a_table(store: Store) -> None:
    setting_frame = store.frame("select 1 as a")
    assert list(setting_frame.columns) == ["a"]
    with pytest.raises(duckdb.Error):
        store.rows("select * from setting_frame_that_is_nowhere")


def test_a_cursor_per_query_serves_eight_threads(store: Store) -> None:
    def ask(number: int) -> int:
        return sum(
            int(store.value("select count(*) + $n from range(1000)", {"n": number}))
            + len(store.frame("select * from range(10)"))
            + store.arrow("select * from range(10)").num_rows
            for _ in range(25)
        )

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(8))) == [25 * (1020 + number) for number in range(8)]


def test_each_commit_renews_the_token_of_the_contents(store: Store, tmp_path: Path) -> None:
    tokens = [store.content_token]
    with store.transaction() as cursor:
        set_setting(cursor, "colour", "red")
    tokens.append(store.content_token)
    with pytest.raises(ZeroDivisionError), store.transaction():
        raise ZeroDivisionError
    assert store.content_token == tokens[1]
    path = store.path
    store.close()
    assert Store.open(path).content_token == tokens[1]
    other = Store.open(tmp_path / "other.duckdb")
    with other.transaction() as cursor:
        set_setting(cursor, "colour", "red")
    tokens.append(other.content_token)
    assert len(set(tokens)) == 3


def test_reading_goes_on_while_another_thread_writes(store: Store) -> None:
    begun, go = threading.Event(), threading.Event()

    def write() -> None:
        with store.transaction() as cursor:
            set_setting(cursor, "colour", "red")
            begun.set()
            go.wait(10)

    writer = threading.Thread(target=write)
    writer.start()
    assert begun.wait(10)
    assert store.setting("colour") is None
    go.set()
    writer.join(10)
    assert store.setting("colour") == "red"


def test_writers_take_turns(store: Store) -> None:
    def add(_: int) -> None:
        with store.transaction() as cursor:
            (count,) = cursor.execute("select count(*) from setting where name like 'n%'").fetchall()[0]
            set_setting(cursor, f"n{count}", "x")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(16)))
    assert store.value("select count(distinct name) from setting where name like 'n%'") == 16
    assert store.data_version == 16


def test_an_error_takes_everything_back(store: Store) -> None:
    def fail(sql: str, error: type[Exception]) -> None:
        with store.transaction() as cursor:
            set_setting(cursor, "colour", "red")
            cursor.execute(sql)
            raise error

    for sql, error in (("select 1", ZeroDivisionError), ("select * from nowhere", duckdb.CatalogException)):
        with pytest.raises(error):
            fail(sql, error)
        assert (store.setting("colour"), store.data_version) == (None, 0)


def test_the_data_version_grows_with_every_commit_and_survives(tmp_path: Path) -> None:
    path = tmp_path / "store.duckdb"
    store = Store.open(path)
    for number in range(1, 4):
        with store.transaction() as cursor:
            set_setting(cursor, "colour", str(number))
            assert store.data_version == number - 1
        assert store.data_version == number
    store.close()
    again = Store.open(path)
    assert again.data_version == 3
    again.close()


def test_a_transaction_within_another_joins_it(store: Store) -> None:
    def fail() -> None:
        with store.transaction() as outer:
            set_setting(outer, "colour", "red")
            with store.transaction() as inner:
                set_setting(inner, "shape", "round")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert (store.setting("colour"), store.setting("shape"), store.data_version) == (None, None, 0)


def test_opening_a_path_twice_gives_the_same_store(store: Store) -> None:
    assert Store.open(store.path) is store
    assert Store.open(store.path.parent / "." / store.path.name) is store


def test_a_store_that_another_process_holds_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "store.duckdb"
    Store.open(path).close()
    code = f"import duckdb, sys; c = duckdb.connect({str(path)!r}); print('ready', flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"ready\n"
        with pytest.raises(StoreLocked, match="another program"):
            Store.open(path)
        other.kill()
    Store.open(path).close()


def test_a_failing_disk_is_a_refusal_and_a_wrong_query_a_defect(store: Store) -> None:
    with pytest.raises(StoreProblem, match="cannot be read or written: no room") as refusal, store.cursor():
        raise duckdb.IOException("no room\nat all")
    assert "disk" in refusal.value.hint
    with pytest.raises(duckdb.CatalogException):
        store.rows("select * from nowhere")


def test_a_ratio_is_never_infinite(store: Store) -> None:
    assert store.rows("select ratio(1, 0), ratio(0, 0), ratio(1, null), ratio(1, 4)") == [(None, None, None, 0.25)]


def test_a_block_may_take_more_memory_and_nothing_else_can_be_changed(store: Store) -> None:
    limit = "select current_setting('memory_limit')"
    before = store.value(limit)
    with store.more_memory():
        assert store.value(limit) != before
    assert store.value(limit) == before
    with pytest.raises(duckdb.Error, match="locked"), store.cursor() as cursor:
        cursor.execute("set enable_external_access = true")
