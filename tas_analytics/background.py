"""Answers that take longer than who asks may wait: worked out in the background, one after the other, and kept.

There are several lines, each with a thread of its own: what takes a minute in one keeps nobody waiting in another. Who
asks the same thing meanwhile gets the same answer; who has to wait for it anyway works it out himself, if it has not
been begun. So an answer may need another one, of its own line too.
"""

from __future__ import annotations

import atexit
import logging
import queue
import threading
import time
import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable
from contextlib import suppress
from typing import Any, Final, Generic, TypeVar

_LOG: Final = logging.getLogger(__name__)
#: Seconds for which the end of the program waits for the steps that are under way.
_END: Final = 8.0

T = TypeVar("T")
#: Says what is being done and which share of it is done.
Tell = Callable[[str, float], None]


class Stopped(Exception):
    """Nobody waits for the answer any more: the program ends, or the question is out of date."""


class Task(Generic[T]):
    """One question and, once it is there, its answer."""

    def __init__(self, work: Callable[[Tell], T]) -> None:
        self._work = work
        self._value: list[T] = []
        self.error: Exception | None = None
        self.text, self.share = "", 0.0
        self.unwanted = False
        self._begun = threading.Lock()
        self._ended = threading.Event()

    @property
    def done(self) -> bool:
        """Whether there is an answer, or there will be none."""
        return self._ended.is_set()

    @property
    def dropped(self) -> bool:
        """Whether there will be no answer because nobody wanted it."""
        return self._ended.is_set() and not self._value and self.error is None

    @property
    def answer(self) -> T | None:
        """The answer; None while it is worked out, and if that has failed."""
        return self._value[0] if self._value else None

    def carry_out(self) -> None:
        """Work it out, unless somebody has begun to."""
        if not self._begun.acquire(blocking=False):
            return
        try:
            self._tell("", 0.0)
            self._value.append(self._work(self._tell))
        except Stopped:
            pass
        except Exception as error:
            self.error = error
        finally:
            self._ended.set()

    def wait(self, seconds: float) -> bool:
        """Wait for the answer, but no longer than so many seconds; whether it is there."""
        return self._ended.wait(seconds)

    def result(self) -> T:
        """The answer, worked out here and now if nobody has begun to.

        Raises
        ------
        Stopped
            If nobody wanted it any more.
        Exception
            Whatever working it out ended with.
        """
        self.carry_out()
        self._ended.wait()
        if self.error is not None:
            raise self.error
        if not self._value:
            raise Stopped
        return self._value[0]

    def _tell(self, text: str, share: float) -> None:
        if self.unwanted or _stopped.is_set():
            raise Stopped
        self.text, self.share = text, share


class Line:
    """Questions that are answered one after the other by a thread of their own.

    Parameters
    ----------
    name
        The thread's.
    kept
        How many answers are kept.
    failed
        What is written to the log, with the error, where a question could not be answered.
    """

    def __init__(self, name: str, kept: int, failed: str) -> None:
        self._name, self._most, self._failed = name, kept, failed
        self._tasks: OrderedDict[Hashable, Task[Any]] = OrderedDict()
        self._waiting: queue.SimpleQueue[Task[Any]] = queue.SimpleQueue()
        self._guard = threading.Lock()
        self._thread: threading.Thread | None = None
        _lines.add(self)

    def ask(self, key: Hashable, work: Callable[[Tell], T]) -> Task[T]:
        """The task of that key; begun in the background if nobody has asked before.

        Parameters
        ----------
        key
            What the answer depends on, the version of the data among it.
        work
            What works it out; handed a function to say how far it is.
        """
        task, new = self._of(key, work)
        if new:
            self._waiting.put(task)
            with self._guard:
                if self._thread is None or not self._thread.is_alive():
                    self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                    self._thread.start()
        return task

    def now(self, key: Hashable, work: Callable[[Tell], T]) -> T:
        """The answer to a question, waited for; see :meth:`Task.result`."""
        return self._of(key, work)[0].result()

    def found(self, key: Hashable) -> Task[Any] | None:
        """The task of that key, if somebody has asked; nothing is begun."""
        with self._guard:
            return self._tasks.get(key)

    def forget(self) -> None:
        """End what is still being worked out at its next step."""
        with self._guard:
            for key in [key for key, task in self._tasks.items() if not task.done]:
                self._tasks.pop(key).unwanted = True

    def join(self, seconds: float) -> None:
        """Wait for the thread to end."""
        if self._thread is not None:
            self._thread.join(seconds)

    def _of(self, key: Hashable, work: Callable[[Tell], T]) -> tuple[Task[T], bool]:
        """The task of that key, and whether it is new."""
        with self._guard:
            task = self._tasks.get(key)
            if new := task is None or task.dropped:
                task = self._tasks[key] = Task(work)
            self._tasks.move_to_end(key)
            if (over := len(self._tasks) - self._most) > 0:
                for one in [one for one, other in self._tasks.items() if other.done and one != key][:over]:
                    del self._tasks[one]
            return task, new

    def _run(self) -> None:
        while not _stopped.is_set():
            with suppress(queue.Empty):
                task = self._waiting.get(timeout=0.5)
                task.carry_out()
                # Whose answer nobody wants any more may have lost its store under its feet.
                if task.error is not None and not (task.unwanted or _stopped.is_set()):
                    _LOG.error("%s", self._failed, exc_info=task.error)


_lines: Final[weakref.WeakSet[Line]] = weakref.WeakSet()
_stopped: Final = threading.Event()


def forget() -> None:
    """End what is still being worked out at its next step: nobody wants it any more."""
    for line in list(_lines):
        line.forget()


def stop() -> None:
    """End what is being worked out at its next step: a thread that is cut off inside a query takes the program down."""
    _stopped.set()
    end = time.monotonic() + _END
    for line in list(_lines):
        line.join(max(0.0, end - time.monotonic()))


atexit.register(stop)
