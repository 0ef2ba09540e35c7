"""One store file, opened once per process, locked down, with a cursor per query.

Traps that shape this module: a connection shared by threads crashes DuckDB 1.5, so every query
runs on a cursor of its own and is fetched before the cursor is closed; a store file belongs to
one process, so opening is cached per path; and SQL that reads or writes other files is switched
off, because texts in the store come from uploads.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import duckdb

from tas_analytics.errors import StoreProblem, TasError
from tas_analytics.store.cut_off import cut_off
from tas_analytics.store.migrate import migrate

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

_LOG: Final = logging.getLogger(__name__)

Cursor = duckdb.DuckDBPyConnection
Params = Mapping[str, object]

#: Set while opening: a foreign file must not make DuckDB fetch the extension that could read it.
_AT_OPENING: Final[Mapping[str, str]] = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
_LOCKDOWN: Final = {
    # Beyond this the database moves to a folder beside the store, so that a large load leaves room for the rest.
    "memory_limit": "'600MB'",
    "allow_community_extensions": "false",
    "enable_external_access": "false",
    "allowed_configs": "['memory_limit']",
    "lock_configuration": "true",
}
#: What versions of many deals that are there already are built anew in.
_MORE_MEMORY: Final = "'2GB'"


#: What each commit adds: the version that caches go by, and a token that no other contents have.
_CHANGED: Final = """
    update setting set value = case name
        when 'data_version' then cast(cast(value as bigint) + 1 as varchar) else cast(uuid() as varchar) end
    where name in ('data_version', 'content_token')
"""
#: So many numbers are spelt out in a condition.
_FEW: Final = 200
#: How DuckDB says that another process has the file, on POSIX and on Windows; "block" alone tells of damage.
_HELD: Final = re.compile(r"\block\b|used by another process", re.IGNORECASE)
#: What a statement raises in the main thread when Ctrl-C ends it.
_CTRL_C: Final = "Query interrupted"
#: The disk or the file has failed, not the query.
_BROKEN: Final = (
    duckdb.IOException,
    duckdb.FatalException,
    duckdb.InternalException,
    duckdb.OutOfMemoryException,
)


class StoreLocked(StoreProblem):
    """Another process, most likely the dashboard, has the store open."""


class Interrupted(TasError):
    """A statement was ended from outside: by :meth:`Store.interrupt`, or with Ctrl-C."""


class Store:
    """An open store.

    Use :meth:`open`, which gives every caller in the process the same object for the same path.
    """

    _opened: Final[dict[Path, Store]] = {}
    _guard: Final = threading.Lock()

    def __init__(self, path: Path, connection: Cursor) -> None:
        self.path = path
        self._connection = connection
        self._writing = threading.RLock()
        self._transaction: Cursor | None = None
        self._writer: int | None = None
        self._data_version = self._read_data_version()

    @classmethod
    def open(cls, path: Path) -> Store:
        """Open or create the store at ``path``.

        Raises
        ------
        StoreLocked
            Another process holds the file.
        StoreProblem
            The file is not a store, or was written by a newer version.
        """
        path = path.resolve()
        with cls._guard:
            known = cls._opened.get(path)
            if known is None:
                known = cls._opened[path] = cls(path, _connect(path))
            return known

    def close(self) -> None:
        """Close the file, so that another process may open it."""
        with self._guard:
            self._opened.pop(self.path, None)
            self._connection.close()

    @classmethod
    def close_all(cls) -> None:
        """Close every store of this process."""
        for store in list(cls._opened.values()):
            store.close()

    @property
    def data_version(self) -> int:
        """Grows by one with every committed change; part of every cache key."""
        return self._data_version

    @property
    def content_token(self) -> str:
        """Other after every committed change, and other than that of any other store but a copy.

        What is kept in a file goes by it, for two stores may well have the same :attr:`data_version`.
        """
        return str(self.value("select value from setting where name = 'content_token'"))

    @contextmanager
    def cursor(self) -> Iterator[Cursor]:
        """A cursor for reading, closed at the end of the block."""
        cursor = self._connection.cursor()
        try:
            yield cursor
        except _BROKEN as error:
            raise self._broken(error) from error
        finally:
            cursor.close()

    def frame(self, sql: str, params: Params | None = None) -> pd.DataFrame:
        """The result of a query as a DataFrame."""
        with self.cursor() as cursor:
            return cursor.execute(sql, dict(params or {})).df()

    def rows(self, sql: str, params: Params | None = None) -> list[tuple[Any, ...]]:
        """The result of a query as tuples of Python values; money stays exact (Decimal)."""
        with self.cursor() as cursor:
            return cursor.execute(sql, dict(params or {})).fetchall()

    def value(self, sql: str, params: Params | None = None) -> Any:
        """The first column of the first row, or None."""
        with self.cursor() as cursor:
            row = first(cursor.execute(sql, dict(params or {})))
        return row[0] if row else None

    def arrow(self, sql: str, params: Params | None = None) -> pa.Table:
        """The result of a query as an Arrow table."""
        with self.cursor() as cursor:
            return cursor.execute(sql, dict(params or {})).to_arrow_table()

    @contextmanager
    def transaction(self) -> Iterator[Cursor]:
        """All or nothing: commits at the end of the block, rolls back if it raises.

        One writer at a time in this process. Nested use joins the outer block.
        """
        with self._writing:
            if self._transaction is not None:
                yield self._transaction
                return
            cursor = self._transaction = self._connection.cursor()
            self._writer = threading.get_ident()
            try:
                cursor.execute("begin transaction")
                yield cursor
                cursor.execute(_CHANGED)
                cursor.execute("commit")
            except _BROKEN as error:
                _rollback(cursor)
                raise self._broken(error) from error
            except (duckdb.InterruptException, RuntimeError) as error:
                _rollback(cursor)
                if isinstance(error, RuntimeError) and str(error) != _CTRL_C:
                    raise
                raise Interrupted("The work was interrupted", "Nothing was changed.") from error
            except BaseException:
                _rollback(cursor)
                raise
            finally:
                self._transaction = self._writer = None
                cursor.close()
            self._data_version = self._read_data_version()

    @contextmanager
    def more_memory(self) -> Iterator[None]:
        """While the block runs, the database may take more memory before it moves to disk."""
        with self.cursor() as cursor:
            cursor.execute(f"set memory_limit = {_MORE_MEMORY}")
        try:
            yield
        finally:
            # What is still in use cannot be given back at once; then the limit stays.
            with suppress(duckdb.Error), self.cursor() as cursor:
                cursor.execute(f"set memory_limit = {_LOCKDOWN['memory_limit']}")

    def interrupt(self, thread: int) -> None:
        """End the statement that a thread is in with its transaction, which is then rolled back.

        Nothing happens where that thread has no transaction; those of others are left alone.

        Parameters
        ----------
        thread
            The thread's ``ident``.
        """
        cursor = self._transaction
        if cursor is not None and self._writer == thread:
            with suppress(duckdb.Error):  # it has ended meanwhile
                cursor.interrupt()

    def setting(self, name: str, default: str | None = None) -> str | None:
        """A company setting as text."""
        value = self.value("select value from setting where name = $name", {"name": name})
        return default if value is None else str(value)

    def _broken(self, error: duckdb.Error) -> StoreProblem:
        return StoreProblem(
            f"The store {self.path.name} cannot be read or written: {str(error).splitlines()[0]}",
            "Check that the disk has room. If it has, the file is damaged: restore it from a backup, or load it anew.",
        )

    def _read_data_version(self) -> int:
        return int(self.value("select value from setting where name = 'data_version'"))


def first(cursor: Cursor) -> tuple[Any, ...] | None:
    """The first row of a result, which is read to its end: DuckDB 2 refuses a cursor with rows left over."""
    rows = cursor.fetchall()
    return rows[0] if rows else None


def among(cursor: Cursor, column: str, query: str) -> str:
    """SQL of whether a column is one of the whole numbers that a query yields.

    A few numbers are spelt out, so that of a large table only the blocks are read in which they can be; how many more
    there are is for the planner to see.

    Parameters
    ----------
    cursor
        To ask with.
    column
        The column.
    query
        SQL with one column of whole numbers, without parameters.
    """
    rows = cursor.execute(f"select * from ({query}) limit {_FEW + 1}").fetchall()
    if len(rows) > _FEW:
        return f"{column} in ({query})"
    return f"{column} in ({', '.join(str(int(n)) for (n,) in rows)})" if rows else "false"


def set_setting(cursor: Cursor, name: str, value: str | None) -> None:
    """Write a company setting inside a transaction."""
    cursor.execute("delete from setting where name = $name", {"name": name})
    cursor.execute("insert into setting values ($name, $value)", {"name": name, "value": value})


def _rollback(cursor: Cursor) -> None:
    try:
        cursor.execute("rollback")
    except duckdb.Error:  # the failed statement has ended the transaction already
        return


def _connect(path: Path) -> Cursor:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _refuse_foreign(path)
        if cut_off(path):
            _LOG.warning("The last change to %s was cut off while it was written; it is not there.", path.name)
        connection = duckdb.connect(str(path), config=dict(_AT_OPENING))
    except duckdb.IOException as error:
        if _HELD.search(str(error)):
            raise StoreLocked(
                f"The store {path.name} is open in another program",
                "Close the other program, or use the dashboard that has it open.",
            ) from error
        raise _not_a_store(path) from error
    except (duckdb.Error, OSError) as error:
        raise StoreProblem(
            f"The store {path} cannot be opened: {getattr(error, 'strerror', None) or error}",
            "Check that the folder exists and can be written to.",
        ) from error
    try:
        migrate(connection)
        for name, value in _LOCKDOWN.items():
            connection.execute(f"set {name} = {value}")
    except duckdb.Error as error:
        connection.close()
        raise _not_a_store(path) from error
    except BaseException:
        connection.close()
        raise
    return connection


def _refuse_foreign(path: Path) -> None:
    if path.exists():
        with path.open("rb") as file:
            if file.read(12)[8:] != b"DUCK":
                raise _not_a_store(path)


def _not_a_store(path: Path) -> StoreProblem:
    return StoreProblem(
        f"{path.name} is not a store of this program, or is damaged",
        "Name another file with --store, or restore the file from a backup.",
    )
