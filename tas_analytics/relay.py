"""Commands for a store that the dashboard has open.

A DuckDB file belongs to one process. While the dashboard runs, it is that process; a command that
finds the store taken leaves its words in a folder beside the store, the dashboard carries them
out with the very code that the command would have run, and hands back what was printed and the
exit code.
"""

from __future__ import annotations

import json
import os
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

#: A server that has not shown itself for so long, in seconds, is gone.
SILENCE: Final = 5.0
_BEAT: Final = 0.1


#: Set for a command that whoever gave it wants to be ended; None outside of the relay.
CANCELLED: Final[ContextVar[threading.Event | None]] = ContextVar("cancelled", default=None)


@dataclass(frozen=True)
class Answer:
    """What a command printed, and its exit code."""

    stdout: str
    stderr: str
    code: int


#: Runs the words of a command as if called in a folder.
Runner = Callable[[Sequence[str], Path], Answer]


def folder_of(store: Path) -> Path:
    """The folder in which commands for a store wait."""
    return store.with_name(store.name + ".relay")


def ask(store: Path, words: Sequence[str], *, patience: float = SILENCE) -> Answer | None:
    """Have the process that holds a store carry out a command; None if none answers.

    Ctrl-C is handed on: the command is asked to end, and its answer is waited for all the same.
    """
    folder = folder_of(store)
    if not _alive(folder):
        return None
    name = uuid.uuid4().hex
    request, answer = folder / f"{name}.request", folder / f"{name}.answer"
    _write(request, {"words": list(words), "cwd": str(Path.cwd())})
    since = time.monotonic()
    while not answer.exists():
        try:
            if _alive(folder):
                since = time.monotonic()
            elif time.monotonic() - since > patience:
                request.unlink(missing_ok=True)
                return None
            time.sleep(_BEAT / 2)
        except KeyboardInterrupt:
            cancel = request.with_suffix(".cancel")
            if cancel.exists():
                raise
            cancel.touch()
    content = json.loads(answer.read_text(encoding="utf-8"))
    answer.unlink()
    return Answer(**content)


class Relay:
    """The listening side, in a thread of its own."""

    def __init__(self, store: Path, run: Runner) -> None:
        self._folder = folder_of(store)
        self._run = run
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="relay", daemon=True)

    def start(self) -> Relay:
        """Begin to listen; what an earlier process left behind is swept away."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for old in self._folder.iterdir():
            old.unlink(missing_ok=True)
        self._beat()
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop listening."""
        self._stopped.set()
        self._thread.join(timeout=10)
        (self._folder / "alive").unlink(missing_ok=True)

    def _listen(self) -> None:
        while not self._stopped.wait(_BEAT):
            self._beat()
            for request in sorted(self._folder.glob("*.request")):
                self._answer(request)

    def _answer(self, request: Path) -> None:
        try:
            content = json.loads(request.read_text(encoding="utf-8"))
            words, cwd = [str(word) for word in content["words"]], Path(content["cwd"])
        except (OSError, ValueError, KeyError, TypeError):  # not one of ours
            request.unlink(missing_ok=True)
            return
        request.unlink(missing_ok=True)
        beating, cancelled = threading.Event(), threading.Event()
        cancel = request.with_suffix(".cancel")
        beat = threading.Thread(target=self._beat_until, args=(beating, cancel, cancelled), daemon=True)
        beat.start()
        token = CANCELLED.set(cancelled)
        try:
            answer = self._run(words, cwd)
        except Exception as error:  # the listener must outlive any command
            answer = Answer("", f"The dashboard could not carry out the command: {error}\n", 2)
        finally:
            CANCELLED.reset(token)
            beating.set()
            cancel.unlink(missing_ok=True)
        _write(request.with_suffix(".answer"), asdict(answer))

    def _beat_until(self, done: threading.Event, cancel: Path, cancelled: threading.Event) -> None:
        while not done.wait(_BEAT):
            self._beat()
            if cancel.exists():
                cancelled.set()

    def _beat(self) -> None:
        alive = self._folder / "alive"
        alive.write_text(str(os.getpid()), encoding="utf-8")


def _alive(folder: Path) -> bool:
    try:
        return time.time() - (folder / "alive").stat().st_mtime < SILENCE
    except FileNotFoundError:
        return False


def _write(path: Path, content: object) -> None:
    """Write a file so that a reader sees all of it or nothing."""
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(content), encoding="utf-8")
    partial.replace(path)
