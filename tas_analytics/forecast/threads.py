"""How many threads the linear algebra may use."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import Any

from threadpoolctl import ThreadpoolController, threadpool_limits


@cache
def _algebra() -> ThreadpoolController:
    """Who sets the threads of NumPy's algebra; to look for libraries takes as long as a small fit."""
    return ThreadpoolController()


def one_thread_of_algebra() -> AbstractContextManager[Any]:
    """A context in which NumPy's algebra keeps to one thread.

    The matrices of a scorecard are as large as its codes, however many deals there are: two threads save nothing there,
    and beside other work took seven times as long as one.
    """
    if os.environ.get("OPENBLAS_NUM_THREADS") == "1":
        return nullcontext()
    limiter: AbstractContextManager[Any] = _algebra().limit(limits=1)
    return limiter


def one_thread() -> threadpool_limits:
    """A context in which one thread does it all.

    Trees are grown in thousands of short parallel stretches that end when the slowest thread does: beside other work
    that the machine has to do, two threads took five times as long as one.
    """
    return threadpool_limits(limits=1)
