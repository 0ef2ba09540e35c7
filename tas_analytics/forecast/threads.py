"""How many threads the linear algebra may use."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache
from typing import Any, Final

from threadpoolctl import ThreadpoolController, threadpool_limits

_ENOUGH_FOR_THREADS: Final = 10_000


@cache
def _algebra() -> ThreadpoolController:
    """Who sets the threads of NumPy's algebra; to look for libraries takes as long as a small fit."""
    return ThreadpoolController()


def one_thread_if_small(rows: int) -> AbstractContextManager[Any]:
    """A context in which small fits keep to one thread: waiting for others costs more than they save."""
    limiter: AbstractContextManager[Any] = _algebra().limit(limits=1 if rows < _ENOUGH_FOR_THREADS else None)
    return limiter


def one_thread() -> threadpool_limits:
    """A context in which one thread does it all.

    Trees are grown in thousands of short parallel stretches that end when the slowest thread does: beside other work
    that the machine has to do, two threads took five times as long as one.
    """
    return threadpool_limits(limits=1)
