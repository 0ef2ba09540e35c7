"""A change that a killed program was just writing is taken off the log before the store is opened.

DuckDB keeps committed changes in a log beside the file until it folds them in. A killed program may leave the log
without the mark that ends a change. DuckDB ignores such a change, but for large ones: rows that it had written to the
file beforehand, and named in the log, it adds for good, table by table as far as the log goes (DuckDB 1.5 and 2.0;
https://github.com/duckdb/duckdb/pull/25931). So the log is cut after its last ended change here: all or nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

try:
    import fcntl
except ImportError:  # Windows, where a file that DuckDB has open cannot be opened
    fcntl = None  # type: ignore[assignment]

#: What a log begins with: an entry that gives its version, here 2, the only one that is understood.
_HEAD: Final = bytes.fromhex("6400 6265 0002 ffff")
#: Before each entry: its length and its checksum, eight bytes each, the lowest first.
_LENGTH: Final = 8
_FRAME: Final = 16
#: The entry that ends a change.
_ENDED: Final = bytes.fromhex("6400 64ff ff")
#: The log, and the one that takes its place while DuckDB folds it in.
_LOGS: Final = (".wal", ".wal.checkpoint")


def cut_off(path: Path) -> bool:
    """Cut the log of a store after the last change that was written to its end.

    A log that is whole, of another version, or of a store that a program has open stays as it is.

    Parameters
    ----------
    path
        The store, which must not be open in this process.

    Returns
    -------
    bool
        Whether something was cut.

    Raises
    ------
    OSError
        The log cannot be read or written.
    """
    logs = [log for one in _LOGS if (log := Path(f"{path}{one}")).exists()]
    if not logs or not path.exists():
        return False
    with _alone(path) as alone:
        cut = [_cut(log) for log in logs] if alone else []
        return any(cut)


def _cut(log: Path) -> bool:
    with log.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        if file.read(len(_HEAD)) != _HEAD:
            return False
        ended = len(_HEAD)
        for at, entry in _entries(file, size):
            if entry == _ENDED:
                ended = at
        if ended == size:
            return False
        file.truncate(ended)
        os.fsync(file.fileno())
        return True


def _entries(file: BinaryIO, size: int) -> Iterator[tuple[int, bytes]]:
    """Where each whole entry ends, and its first bytes."""
    at = len(_HEAD)
    while at + _FRAME <= size:
        file.seek(at)
        length = int.from_bytes(file.read(_FRAME)[:_LENGTH], "little")
        at += _FRAME + length
        if not length or at > size:
            return
        yield at, file.read(min(length, len(_ENDED) + 1))


@contextmanager
def _alone(path: Path) -> Iterator[bool]:
    """Whether no other program has the store open; none can open it within the block."""
    try:
        file = path.open("r+b")
    except OSError:
        yield False
        return
    with file:
        if fcntl is not None:
            try:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                yield False
                return
        yield True
