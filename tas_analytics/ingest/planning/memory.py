"""What users have settled about files, remembered by the files' headers, so that it is settled once.

Remembered is what a load was told (which table, which columns, which way round the dates), never what the program
found by itself: that is found anew in every file.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, replace
from typing import Any, Final

from tas_analytics.ingest.planning.mapping_file import said_of, written
from tas_analytics.ingest.planning.plan import Options, Prepared, Recall
from tas_analytics.store.database import Cursor, Store, first

_COLUMNS: Final = "fingerprint, table_name, options, file_name, remembered_at, remembered_by"


@dataclass(frozen=True)
class Remembered:
    """What was settled about files with these headers: at which file, when (UTC) and by whom."""

    fingerprint: str
    table_name: str
    options: Options
    file_name: str | None
    at: dt.datetime
    by: str | None


def recall(store: Store) -> Recall:
    """Gives what was settled before about files with the headers of a fingerprint: see :func:`prepare_file`."""

    def settled(fingerprint: str) -> Options | None:
        found = find(store, fingerprint)
        return found.options if found is not None else None

    return settled


def find(store: Store, fingerprint: str) -> Remembered | None:
    """What is remembered of files with these headers."""
    rows = store.rows(f"select {_COLUMNS} from mapping where fingerprint = $mark", {"mark": fingerprint})
    return _read(rows[0]) if rows else None


def remembered(store: Store) -> list[Remembered]:
    """All that is remembered, newest first."""
    rows = store.rows(f"select {_COLUMNS} from mapping order by remembered_at desc, fingerprint")
    return [one for row in rows if (one := _read(row)) is not None]


def remember(cursor: Cursor, file: Prepared, user: str) -> bool:
    """Remember what the user settled about a file, in place of what was settled before; tells whether that is new.

    Parameters
    ----------
    cursor
        Inside the transaction of the load, so that a load that fails teaches nothing.
    file
        The file as it is loaded.
    user
        Who loads it.
    """
    told = file.options.corrections
    if told == Options():
        return False
    # Columns mean nothing without the table that they are of.
    content = json.dumps(written(replace(told, as_table=told.as_table or file.table_name)), sort_keys=True)
    key = {"mark": file.fingerprint}
    before = first(cursor.execute("select options from mapping where fingerprint = $mark", key))
    if before is not None and json.loads(before[0]) == json.loads(content):
        return False
    cursor.execute("delete from mapping where fingerprint = $mark", key)
    cursor.execute(
        f"insert into mapping ({_COLUMNS}) values ($mark, $table_name, cast($options as json), $file_name, "
        "cast(now() at time zone 'UTC' as timestamp), $user)",
        {**key, "table_name": file.table_name, "options": content, "file_name": file.name, "user": user},
    )
    return True


def forget(store: Store, fingerprint: str) -> bool:
    """Forget what was settled about files with these headers; tells whether there was anything."""
    if find(store, fingerprint) is None:
        return False
    with store.transaction() as cursor:
        cursor.execute("delete from mapping where fingerprint = $mark", {"mark": fingerprint})
    return True


def _read(row: tuple[Any, ...]) -> Remembered | None:
    mark, table_name, content, file_name, at, by = row
    try:
        said = json.loads(content)
        options = said_of(said) if isinstance(said, dict) else Options()
    except (ValueError, TypeError):  # written by another version of the program: as good as forgotten
        return None
    return Remembered(mark, table_name, options, file_name, at, by)
