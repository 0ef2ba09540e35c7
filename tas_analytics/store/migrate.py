"""Numbered SQL migrations, each applied once, in order, each in a transaction of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Final

import duckdb

from tas_analytics.errors import StoreProblem

FOLDER: Final = Path(__file__).parent / "migrations"
_NAME: Final = re.compile(r"^(\d{4})_\w+\.sql$")


def migrations() -> list[tuple[int, Path]]:
    """All migrations, by number."""
    found = [(int(match[1]), path) for path in FOLDER.glob("*.sql") if (match := _NAME.match(path.name))]
    return sorted(found)


def migrate(connection: duckdb.DuckDBPyConnection) -> int:
    """Bring a store to the newest shape; gives the number of migrations applied.

    Raises
    ------
    StoreProblem
        The store was written by a newer version of the program, or the file holds something else.
    """
    _refuse_foreign(connection)
    connection.execute("create table if not exists migration (number integer not null, name varchar not null)")
    row = connection.execute("select coalesce(max(number), 0) from migration").fetchone()
    current = row[0] if row else 0
    known = migrations()
    if current > known[-1][0]:
        raise StoreProblem(
            "The store was written by a newer version of TAS Analytics",
            "Update the program, or name another store with --store.",
        )
    pending = [(number, path) for number, path in known if number > current]
    with nullcontext() if current else _in_haste(connection):
        for number, path in pending:
            _apply(connection, number, path)
    return len(pending)


def _apply(connection: duckdb.DuckDBPyConnection, number: int, path: Path) -> None:
    connection.execute("begin transaction")
    try:
        connection.execute(path.read_text(encoding="utf-8"))
        # Spelt out: at a parameter DuckDB imports pandas first, and the name is one of our own files'.
        connection.execute(f"insert into migration values ({number:d}, '{path.stem}')")
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise


@contextmanager
def _in_haste(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """For a new store: of its thousand small statements, planning and waking threads would be half the time."""
    connection.execute("pragma disable_optimizer")
    connection.execute("set threads = 1")
    try:
        yield
    finally:
        connection.execute("reset threads")
        connection.execute("pragma enable_optimizer")


def _refuse_foreign(connection: duckdb.DuckDBPyConnection) -> None:
    """A database that has tables, but not ours, belongs to another program: nothing is added to it."""
    tables = {name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()}
    # A store whose very first opening was cut short has the list of migrations and nothing else.
    if tables - {"migration"} and not {"migration", "setting", "load"} <= tables:
        raise StoreProblem(
            "The file is a database of another program, not a store of TAS Analytics",
            "Name another file with --store.",
        )
