"""A line that says how far a long command has come, for a person at a terminal."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from contextvars import copy_context
from types import TracebackType
from typing import Final, Self, TextIO, TypeVar

from tas_analytics.commands.output import is_redirected
from tas_analytics.relay import CANCELLED
from tas_analytics.store import Store

T = TypeVar("T")

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
        self._cancelled = False
        self._from_afar = CANCELLED.get()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.clear()

    def tell(self, text: str, share: float) -> None:
        """What is being done, and which share of it is done."""
        if self._cancelled or self._ended_from_afar:
            raise KeyboardInterrupt
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

    def interruptible(self, store: Store, act: Callable[[], T]) -> T:
        """Do something that writes to a store, in a thread of its own, so that Ctrl-C ends even a long statement.

        Raises
        ------
        KeyboardInterrupt
            It was ended, and its transaction rolled back.
        """
        done: list[T] = []
        failed: list[BaseException] = []

        def work() -> None:
            try:
                done.append(act())
            except BaseException as error:
                failed.append(error)
            finally:
                over.set()

        # Not by joining: Python takes a thread whose join was interrupted for ended.
        over = threading.Event()
        thread = threading.Thread(target=copy_context().run, args=(work,), name="load", daemon=True)
        thread.start()
        try:
            while not over.wait(_EVERY):
                if self._ended_from_afar:
                    raise KeyboardInterrupt
        except KeyboardInterrupt:
            self._cancelled = True
            while not over.wait(_EVERY):
                store.interrupt(thread.ident or 0)
            if not done:  # what was committed meanwhile is loaded, whatever was wished
                raise
        if failed:
            raise failed[0]
        return done[0]

    @property
    def _ended_from_afar(self) -> bool:
        """Whether another process, for which the command is carried out, wants it to end."""
        return self._from_afar is not None and self._from_afar.is_set()

    def clear(self) -> None:
        """Take the line away."""
        if self._length:
            self._stream.write("\r" + " " * self._length + "\r")
            self._stream.flush()
            self._length = 0
