"""Answers that take longer than a page may: worked out in the background, one after the other, and kept.

A page asks, draws what it has, and is drawn anew when the answer has come. Who asks the same thing meanwhile waits for
the same answer.
"""

from __future__ import annotations

import atexit
import logging
import queue
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from contextlib import suppress
from typing import Any, Final, Generic, TypeVar

import streamlit as st

from tas_analytics.formats import escape_markdown

_LOG: Final = logging.getLogger(__name__)
_KEPT: Final = 64
_LOOK_EVERY: Final = 0.7

T = TypeVar("T")
#: Says what is being done and which share of it is done.
Tell = Callable[[str, float], None]


class Stopped(Exception):
    """The program ends: nobody waits for the answer any more."""


class Task(Generic[T]):
    """One question and, once it is there, its answer."""

    def __init__(self, work: Callable[[Tell], T]) -> None:
        self._work = work
        self._value: list[T] = []
        self.error: Exception | None = None
        self.text, self.share = "", 0.0
        self.unwanted = False
        self._ended = threading.Event()

    @property
    def done(self) -> bool:
        """Whether there is an answer, or there will be none."""
        return self._ended.is_set()

    @property
    def answer(self) -> T | None:
        """The answer; None while it is worked out, and if that has failed."""
        return self._value[0] if self._value else None

    def carry_out(self) -> None:
        """Work it out: what the background thread does."""
        try:
            self._tell("", 0.0)
            self._value.append(self._work(self._tell))
        except Stopped:
            pass
        except Exception as error:
            self.error = error
            # Whose answer nobody wants any more may have lost its store under its feet.
            if not (self.unwanted or _stopped.is_set()):
                _LOG.exception("An answer could not be worked out in the background")
        finally:
            self._ended.set()

    def wait(self, seconds: float) -> bool:
        """Wait for the answer, but no longer than so many seconds; whether it is there."""
        return self._ended.wait(seconds)

    def _tell(self, text: str, share: float) -> None:
        if self.unwanted or _stopped.is_set():
            raise Stopped
        self.text, self.share = text, share


_tasks: OrderedDict[Hashable, Task[Any]] = OrderedDict()
_waiting: queue.SimpleQueue[Task[Any]] = queue.SimpleQueue()
_guard: Final = threading.Lock()
_stopped: Final = threading.Event()
#: Seconds for which the end of the program waits for the step that is under way.
_END: Final = 8.0
_worker: list[threading.Thread] = []


def ask(key: Hashable, work: Callable[[Tell], T]) -> Task[T]:
    """The task of that key; begun if nobody has asked before.

    Parameters
    ----------
    key
        What the answer depends on, the version of the data among it.
    work
        What works it out; handed a function to say how far it is.
    """
    with _guard:
        task = _tasks.get(key)
        if task is None:
            task = _tasks[key] = Task(work)
            _waiting.put(task)
            if not _worker or not _worker[0].is_alive():
                _worker[:] = [threading.Thread(target=_run, name="behind", daemon=True)]
                _worker[0].start()
        _tasks.move_to_end(key)
        while len(_tasks) > _KEPT:
            _tasks.popitem(last=False)
        return task


def look(done: Callable[[], bool], words: Callable[[], tuple[str, float | None]], key: str) -> None:
    """Say what is being worked out, and draw the page anew once it is there.

    Parameters
    ----------
    done
        Whether the answer has come.
    words
        What is being done and which share of it is done, None if nobody knows.
    key
        The name of the place on the page.
    """

    @st.fragment(run_every=_LOOK_EVERY)
    def watch() -> None:
        if done():
            st.rerun()
        text, share = words()
        with st.container(key=f"behind-{key}"):
            if share is None:
                st.caption(escape_markdown(text))
            else:
                st.progress(min(max(share, 0.0), 1.0), text=escape_markdown(text))

    watch()


def forget() -> None:
    """End what is still being worked out at its next step: nobody wants it any more."""
    with _guard:
        for key in [key for key, task in _tasks.items() if not task.done]:
            _tasks.pop(key).unwanted = True


def stop() -> None:
    """End what is being worked out at its next step: a thread that is cut off inside a query takes the program down."""
    _stopped.set()
    for thread in _worker:
        thread.join(_END)


def _run() -> None:
    while not _stopped.is_set():
        with suppress(queue.Empty):
            _waiting.get(timeout=0.5).carry_out()


atexit.register(stop)
