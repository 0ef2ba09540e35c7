"""Work that takes longer than a page may: it runs in a thread of its own, tells how far it is, and can be cancelled.

A page must be free to be drawn, left and closed while a large file is read or loaded. The thread knows nothing of the
page: it writes down where it stands, and the page looks twice a second. Closing the tab leaves the work to end by
itself; what it does to the store is one transaction, so it happens as a whole or not at all.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar
from weakref import WeakSet

import streamlit as st

from tas_analytics.errors import TasError
from tas_analytics.formats import escape_markdown
from tas_analytics.store import Store
from tas_analytics.ui import page

_LOG: Final = logging.getLogger(__name__)
#: Work that is done within this many seconds shows no bar: it would only flash.
PATIENCE: Final = 1.0
_LOOK_EVERY: Final = 0.5

T = TypeVar("T")
Tell = Callable[[str, float], None]


#: The jobs of all visitors.
_RUNNING: Final[WeakSet[Job[Any]]] = WeakSet()


class Cancelled(TasError):
    """The user has cancelled the work."""


class Job(Generic[T]):
    """One piece of work in a thread of its own.

    Parameters
    ----------
    work
        What is to be done. It is handed a function to which it tells what it is doing and which share is done; that
        function ends the work, by raising, once the job is cancelled.
    store
        The store in which it may be busy with a long statement, which cancelling ends too.
    """

    def __init__(self, work: Callable[[Tell], T], store: Store | None = None) -> None:
        self._work = work
        self._store = store
        self._began = time.monotonic()
        self._cancelled = threading.Event()
        self._value: list[T] = []
        self._error: BaseException | None = None
        self.text, self.share = "", 0.0
        self._thread = threading.Thread(target=self._run, name="upload", daemon=True)

    def start(self) -> Job[T]:
        """Begin."""
        _RUNNING.add(self)
        self._thread.start()
        return self

    @property
    def seconds(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self._began

    @property
    def running(self) -> bool:
        """Whether it is still at it."""
        return self._thread.is_alive()

    @property
    def cancelled(self) -> bool:
        """Whether the user has cancelled it; it may need a moment to end."""
        return self._cancelled.is_set()

    def finished(self) -> bool:
        """Whether it has ended; a young job is given the time in which no bar is shown."""
        self._thread.join(max(0.0, PATIENCE - self.seconds))
        return not self.running

    def cancel(self) -> None:
        """End it at the next occasion; what it has done to the store is rolled back."""
        self._cancelled.set()
        if self._store is not None and self._thread.ident is not None:
            self._store.interrupt(self._thread.ident)

    def result(self) -> T:
        """What came of it, once it has ended.

        Raises
        ------
        Cancelled
            The user has cancelled it before it was done.
        Exception
            Whatever it ended with.
        """
        if self._value:
            return self._value[0]
        if self.cancelled:
            raise Cancelled("Cancelled: nothing was changed", "")
        assert self._error is not None
        raise self._error

    def _run(self) -> None:
        try:
            self._value.append(self._work(self._tell))
        except BaseException as error:
            self._error = error
            if not self.cancelled and not isinstance(error, TasError):
                _LOG.exception("Work in the background failed")

    def _tell(self, text: str, share: float) -> None:
        if self.cancelled:
            raise Cancelled("Cancelled", "")
        self.text, self.share = text, share


def cancel_all(patience: float = 10.0) -> None:
    """Cancel whatever is going on, for when the server stops, and wait for it to end."""
    until = time.monotonic() + patience
    while (running := [job for job in list(_RUNNING) if job.running]) and time.monotonic() < until:
        for job in running:
            job.cancel()
        time.sleep(0.05)


def panel(job: Job[T], title: str, note: str) -> None:
    """What a job is doing, with a bar and a way to cancel it; draws the page anew when the job has ended."""

    @st.fragment(run_every=_LOOK_EVERY)
    def look() -> None:
        if not job.running:
            st.rerun()
        if job.cancelled:
            job.cancel()  # between two statements there was nothing to interrupt
        with page.card("job"):
            page.finding(title, note)
            seconds = f"{job.seconds:.0f} s"
            text = "Cancelling …" if job.cancelled else job.text or "Starting …"
            st.progress(min(max(job.share, 0.0), 1.0), text=f"{escape_markdown(text)} · {seconds}")
            st.button("Cancel", key="cancel-job", on_click=job.cancel, disabled=job.cancelled)

    look()
