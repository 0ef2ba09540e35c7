"""A line that says how far a long command has come, for a person at a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self, TextIO

from tas_analytics.commands.output import is_redirected

#: What is done within this many seconds is not announced.
PATIENCE: Final = 1.0
_EVERY: Final = 0.1
_WIDTH: Final = 24
_MB: Final = 1_000_000


class Progress:
    """Draws on standard error, if that is a terminal and the work takes longer than a moment; gone at the end."""

    def __init__(self, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream or sys.stderr
        self._on = stream is not None or (not is_redirected() and self._stream.isatty())
        self._clock = clock
        self._began = clock()
        self._drawn = 0.0
        self._length = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.clear()

    def tell(self, text: str, share: float) -> None:
        """What is being done, and which share of it is done."""
        now = self._clock()
        if not self._on or now - self._began < PATIENCE or (now - self._drawn < _EVERY and share < 1):
            return
        self._drawn = now
        full = round(_WIDTH * min(max(share, 0.0), 1.0))
        line = f"[{'#' * full}{'.' * (_WIDTH - full)}] {text}, {now - self._began:.0f} s"
        self._stream.write("\r" + line.ljust(self._length))
        self._stream.flush()
        self._length = len(line)

    def reading(self, name: str) -> Callable[[int, int], None]:
        """The same for a file that is being read, told in bytes."""

        def told(done: int, whole: int) -> None:
            self.tell(f"Reading {name}: {done / _MB:,.0f} of {whole / _MB:,.0f} MB", done / whole if whole else 1.0)

        return told

    def clear(self) -> None:
        """Take the line away."""
        if self._length:
            self._stream.write("\r" + " " * self._length + "\r")
            self._stream.flush()
            self._length = 0
