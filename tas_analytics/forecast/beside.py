"""A second process that fits scorecards, so that a command, which has nothing else to do, learns with two cores.

Threads gain nothing, for NumPy counts while it holds the interpreter. The process is begun before the command imports
pandas, of which it needs nothing, and is there by the time that there is something to learn. What it is told, and what
it tells, are pickles between this program and itself. Where it cannot be begun, or ends, what is asked is done here.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from tas_analytics.forecast.shelf import files_of, written

if TYPE_CHECKING:
    from tas_analytics.forecast.scorecard import Scorecard

_begun: list[Beside] = []


def begin(store: Path | None = None) -> None:
    """Begin the process, unless a model seems to be kept of the store as it is, or there is one processor only.

    Parameters
    ----------
    store
        The store's file, where a model that is kept beside it (:mod:`.kept`) and newer would do.
    """
    # Threads of the algebra's own that would wait for work in a loop: there is none for them here.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    with suppress(OSError):
        if store is not None and _kept(store):
            return
        if (os.cpu_count() or 1) > 1 and not _begun:
            _begun.append(Beside())


def _kept(store: Path) -> bool:
    changed = written(store)
    return any(written(one) >= changed for one in files_of(store))


def helper() -> Beside | None:
    """The process, if it was begun."""
    return _begun[0] if _begun else None


def end() -> None:
    """End the process."""
    while _begun:
        _begun.pop().end()


class Beside:
    """A process of this program that fits scorecards."""

    def __init__(self) -> None:
        paths = [str(Path(__file__).parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])]
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        )  # fmt: skip

    def fit(self, *args: Any, **words: Any) -> Scorecard:
        """What :meth:`.Scorecard.fit` gives; called by one thread at a time."""
        from tas_analytics.forecast.scorecard import Scorecard

        told, heard = self._process.stdin, self._process.stdout
        with suppress(OSError, ValueError, EOFError, pickle.PickleError):
            if told is not None and heard is not None:
                pickle.dump((args, words), told, pickle.HIGHEST_PROTOCOL)
                told.flush()
                if isinstance(found := pickle.load(heard), Scorecard):
                    return found
        return Scorecard.fit(*args, **words)

    def end(self) -> None:
        """End it, whatever it is doing."""
        self._process.kill()
        # Closes its pipes, too.
        with suppress(OSError, ValueError):
            self._process.communicate()


def _answer(heard: IO[bytes], told: IO[bytes]) -> None:
    """Fit what is asked for until nobody is there to ask: what the process does."""
    from tas_analytics.forecast.scorecard import Scorecard

    while True:
        try:
            args, words = pickle.load(heard)
        except EOFError:
            return
        found: object
        try:
            found = Scorecard.fit(*args, **words)
        except Exception as error:
            found = str(error)
        pickle.dump(found, told, pickle.HIGHEST_PROTOCOL)
        told.flush()


if __name__ == "__main__":
    _answer(sys.stdin.buffer, sys.stdout.buffer)
