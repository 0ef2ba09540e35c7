"""A long statement can be ended from another thread, and its transaction is as if it had never begun."""

from __future__ import annotations

import threading
from pathlib import Path

from tas_analytics.store.database import Interrupted, Store

LONG = "select sum(range % 7) from range(30000000000)"


def test_a_statement_is_ended_and_rolled_back(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "store.duckdb")
    found: list[BaseException] = []
    begun = threading.Event()

    def work() -> None:
        try:
            with store.transaction() as cursor:
                cursor.execute("create table half (a integer)")
                begun.set()
                cursor.execute(LONG)
        except BaseException as error:
            found.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    begun.wait(10)
    store.interrupt(threading.get_ident())
    thread.join(0.3)
    assert thread.is_alive(), "the statements of others are left alone"
    for _ in range(50):
        store.interrupt(thread.ident or 0)
        thread.join(0.2)
        if not thread.is_alive():
            break
    assert isinstance(found[0], Interrupted)
    assert store.data_version == 0
    assert store.value("select count(*) from duckdb_tables() where table_name = 'half'") == 0
    with store.transaction() as cursor:
        cursor.execute("select 1")
    assert store.data_version == 1
    store.interrupt(thread.ident or 0)
    store.close()
