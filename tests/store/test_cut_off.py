"""A log that ends within a change: the change is not there at all, and the ones before it are."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tas_analytics.store import Store
from tas_analytics.store.cut_off import cut_off

#: Rows enough for DuckDB to write them before the change ends.
ROWS = 130_000
#: Two changes: a small one, and one of several tables with rows that are written beforehand; then the program dies.
KILLED = f"""
import duckdb, os, sys
connection = duckdb.connect(sys.argv[1])
connection.execute("create table a (n integer); create table b (n integer); create table c (n integer); checkpoint")
connection.execute("insert into c values (1)")
print(os.path.getsize(sys.argv[1] + ".wal"), flush=True)
connection.execute("set debug_skip_checkpoint_on_commit = true")
connection.execute("begin")
for name in "ab":
    connection.execute(f"insert into {{name}} select * from range({ROWS})")
connection.execute("insert into c values (2)")
connection.execute("commit")
os._exit(9)
"""


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """A database that was killed with two changes in its log, and where the first of them ends."""
    path = tmp_path_factory.mktemp("killed") / "killed.duckdb"
    done = subprocess.run([sys.executable, "-c", KILLED, path], capture_output=True, text=True, check=False)
    assert done.returncode == 9, done.stderr
    return path, int(done.stdout)


def log_of(path: Path) -> Path:
    return path.with_name(path.name + ".wal")


def rows(path: Path) -> tuple[int, ...]:
    with duckdb.connect(str(path)) as connection:
        found = connection.sql("select (select count(*) from a), (select count(*) from b), (select count(*) from c)")
        return tuple(found.fetchall()[0])


def test_wherever_the_log_ends_a_change_is_there_wholly_or_not_at_all(killed: tuple[Path, int], tmp_path: Path) -> None:
    path, first = killed
    whole = log_of(path).read_bytes()
    assert len(whole) > first > 8
    copy = tmp_path / "copy.duckdb"
    for end in [*range(first - 20, len(whole), 23), *range(len(whole) - 24, len(whole) + 1)]:
        shutil.copy(path, copy)
        log_of(copy).write_bytes(whole[:end])
        assert cut_off(copy) is (end not in (first, len(whole))), end
        expected = (ROWS, ROWS, 2) if end == len(whole) else (0, 0, int(end >= first))
        assert rows(copy) == expected, end


def test_a_log_that_is_not_understood_stays_as_it_is(killed: tuple[Path, int], tmp_path: Path) -> None:
    path, _ = killed
    copy = tmp_path / "copy.duckdb"
    assert not cut_off(copy)
    shutil.copy(path, copy)
    assert not cut_off(copy)
    for log in (b"", b"something else", log_of(path).read_bytes()[:5] + b"\3" + log_of(path).read_bytes()[6:-4]):
        log_of(copy).write_bytes(log)
        assert not cut_off(copy)
        assert log_of(copy).read_bytes() == log


def test_the_log_of_a_store_that_a_program_has_open_stays_as_it_is(killed: tuple[Path, int], tmp_path: Path) -> None:
    path, _ = killed
    copy = tmp_path / "copy.duckdb"
    shutil.copy(path, copy)
    code = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read(); c.close()"
    with subprocess.Popen(
        [sys.executable, "-c", code, copy], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        log_of(copy).write_bytes(log_of(path).read_bytes()[:-4])
        assert not cut_off(copy)
        assert log_of(copy).read_bytes() == log_of(path).read_bytes()[:-4]
        holder.communicate("")


def test_a_store_opens_as_it_was_and_says_what_is_not_there(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "store.duckdb"
    code = """
import os, sys
from pathlib import Path
from tas_analytics.store import Store
store = Store.open(Path(sys.argv[1]))
with store.transaction() as cursor:
    cursor.execute(
        "insert into reject (load_id, line, reason, row_text) select 7, n, 'r', ['t'] from range(130000) t(n)"
    )
os._exit(9)
"""
    Store.open(path).close()
    assert subprocess.run([sys.executable, "-c", code, path], check=False).returncode == 9
    log = log_of(path)
    log.write_bytes(log.read_bytes()[:-1])
    with caplog.at_level("WARNING"):
        store = Store.open(path)
    assert store.value("select count(*) from reject") == 0
    assert "store.duckdb was cut off" in caplog.text
    store.close()
