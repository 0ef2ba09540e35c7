"""How many threads the linear algebra may use."""

from __future__ import annotations

from typing import Final

from threadpoolctl import threadpool_limits

_ENOUGH_FOR_THREADS: Final = 10_000


def one_thread_if_small(rows: int) -> threadpool_limits:
    """A context in which small fits keep to one thread: waiting for others costs more than they save."""
    return threadpool_limits(limits=1 if rows < _ENOUGH_FOR_THREADS else None)


def one_thread() -> threadpool_limits:
    """A context in which one thread does it all.

    Trees are grown in thousands of short parallel stretches that end when the slowest thread does: beside other work
    that the machine has to do, two threads took five times as long as one.
    """
    return threadpool_limits(limits=1)
