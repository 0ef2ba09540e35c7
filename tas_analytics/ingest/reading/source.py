"""Where the bytes of a file come from: memory or disk, read block by block so that a large file is never held whole."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from tas_analytics.errors import UnreadableFile

#: Bytes done so far and bytes in all; what it raises passes through, which is how a read is cancelled.
Progress = Callable[[int, int], None]


class Source:
    """The bytes of one file, wherever they are; safe to read from several threads.

    Parameters
    ----------
    source
        The bytes themselves, or the path of a file.
    name
        What the file is called; used in messages.

    Raises
    ------
    UnreadableFile
        The file cannot be opened.
    """

    def __init__(self, source: bytes | Path, name: str) -> None:
        self.name = name
        self._lock = threading.Lock()
        self._data = source if isinstance(source, bytes) else None
        self._file = None
        if isinstance(source, bytes):
            self.size = len(source)
            return
        try:
            self._file = source.open("rb")
        except OSError as problem:
            raise UnreadableFile(
                f'"{name}" cannot be opened: {problem.strerror or problem}',
                "Check that the file is there, that you may read it and that no other program holds it.",
            ) from problem
        self._stamp = self._status()
        self.size = self._stamp[0]

    def read(self, start: int, stop: int) -> bytes:
        """The bytes from one position to another, as far as the file goes.

        Raises
        ------
        UnreadableFile
            The file cannot be read any more.
        """
        if self._data is not None:
            return self._data[start:stop]
        if self._file is None:  # pragma: no cover - one of the two is always set
            return b""
        try:
            with self._lock:
                self._file.seek(start)
                return self._file.read(min(stop, self.size) - start)
        except OSError as problem:
            raise UnreadableFile(
                f'"{self.name}" cannot be read to its end: {problem.strerror or problem}',
                "Copy the file to this computer, then load the copy.",
            ) from problem

    def check_unchanged(self) -> None:
        """Refuse a file that another program has written to since it was opened.

        Raises
        ------
        UnreadableFile
            Size or time of the file are not what they were.
        """
        if self._file is not None and self._status() != self._stamp:
            raise UnreadableFile(
                f'"{self.name}" was changed by another program while it was being read',
                "Wait until the export is finished, then load the file again.",
            )

    def _status(self) -> tuple[int, int]:
        if self._file is None:  # pragma: no cover - the callers have looked
            return (0, 0)
        status = os.fstat(self._file.fileno())
        return status.st_size, status.st_mtime_ns

    def close(self) -> None:
        """Give the file back."""
        if self._file is not None:
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def sha256_of(source: bytes | Path) -> str:
    """The fingerprint of a file's bytes, read in blocks.

    Examples
    --------
    >>> sha256_of(b"Deal;Amount")[:12]
    '62e97e50f403'
    """
    if isinstance(source, bytes):
        return hashlib.sha256(source).hexdigest()
    with source.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
