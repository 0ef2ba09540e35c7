"""Files dropped in a folder are loaded without anybody: the inbox.

A file is taken once it has been at rest for a moment, so that half an upload never counts. All that
are ready are loaded together, as ``load`` would, and then moved: to ``loaded/<date>/``, or to
``refused/`` where nothing of them could be loaded. Beside each lies a report for people and one for
programs. A file is moved after its load is committed and never deleted: if the program is ended
between the two, the file is loaded once more, which changes nothing.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from tas_analytics.errors import StoreProblem, TasError
from tas_analytics.ingest.loading.loader import LoadResult, load
from tas_analytics.ingest.planning.mapping_file import with_mapping
from tas_analytics.ingest.planning.memory import recall
from tas_analytics.ingest.planning.plan import Options, Prepared, prepare_file
from tas_analytics.ingest.receiving.filing import Outcome, Stamp, is_mapping, mapping_of, move
from tas_analytics.ingest.reporting import report
from tas_analytics.ingest.reporting.telling import with_parts
from tas_analytics.store.database import Store
from tas_analytics.store.tables import TABLES

_LOG: Final = logging.getLogger(__name__)
#: Who loads, as the list of loads has it.
USER: Final = "inbox"
LOADED: Final = "loaded"
REFUSED: Final = "refused"
COMPLETE: Final = "complete"
#: Seconds for which size and time of a file must not have changed. Some programs create an empty file long before
#: they fill it.
QUIET: Final = 2.0
QUIET_IF_EMPTY: Final = 10.0
#: Files beyond this size together wait for the next batch: all files of one are held in memory.
BATCH_BYTES: Final = 256 * 1024**2
_UNFINISHED: Final = (".part", ".partial", ".tmp", ".temp", ".crdownload", ".download", ".filepart", ".opdownload")
_OF_THE_SYSTEM: Final = frozenset({"desktop.ini", "thumbs.db"})
_TABLES: Final = frozenset(table.name for table in TABLES)
#: One pass at a time over one folder in this process: the watcher's, or a command's that was handed over.
_WORKING: Final[dict[Path, threading.Lock]] = {}
_GUARD: Final = threading.Lock()


class Inbox:
    """The folder and what has been noticed of the files in it."""

    def __init__(self, folder: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.folder = folder.resolve()
        self._clock = clock
        self._seen: dict[Path, tuple[Stamp, float]] = {}
        self._unmoved: dict[Path, Outcome] = {}
        self._told: set[Path] = set()
        with _GUARD:
            self._working = _WORKING.setdefault(self.folder, threading.Lock())

    def create(self) -> Inbox:
        """Make sure that the folder is there.

        Raises
        ------
        StoreProblem
            It cannot be created.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreProblem(
                f"The inbox {self.folder} cannot be created: {error.strerror}",
                "Name another folder in TAS_INBOX, or switch the inbox off with TAS_INBOX=off.",
            ) from error
        return self

    def look(self, store: Store) -> list[Outcome]:
        """One pass: load what has come to rest, and move it.

        Raises
        ------
        StoreProblem
            The store cannot be written. All files stay where they are, for the next pass.
        """
        with self._working:
            for outcome in list(self._unmoved.values()):
                self._file_away(outcome)
            ready = self._ready()
            outcomes = self._load(store, ready) if ready else []
            return [self._file_away(outcome) for outcome in outcomes]

    def empty(
        self, store: Store, *, patience: float = 30.0, wait: Callable[[float], None] = time.sleep
    ) -> list[Outcome]:
        """Load everything that lies in the inbox, waiting for files that are still being written.

        Files that have not come to rest after ``patience`` seconds stay for the next time.
        """
        since, outcomes = self._clock(), self.look(store)
        while self.waiting and self._clock() - since < patience:
            wait(0.25)
            outcomes += self.look(store)
        return outcomes

    @property
    def waiting(self) -> list[Path]:
        """Files that were in the inbox at the last pass and have still to be loaded."""
        return [path for path in self._seen if not is_mapping(path) and path not in self._unmoved]

    def options(self, path: Path) -> Options:
        """How a file is read: its folders may name the table and say that exports are complete; then its mapping.

        Raises
        ------
        UnreadableFile
            The mapping cannot be read.
        """
        folders = [part.casefold() for part in path.relative_to(self.folder).parts[:-1]]
        tables = [part for part in folders if part in _TABLES]
        options = Options(as_table=tables[-1] if tables else None, complete=COMPLETE in folders)
        mapping = mapping_of(path)
        return with_mapping(options, mapping) if mapping else options

    def _ready(self) -> list[Path]:
        """The files at rest, in the order of their names, as many as one batch may hold."""
        now, seen = self._clock(), {}
        for path in self._files():
            stamp = _stamp(path)
            if stamp is not None:
                before = self._seen.get(path)
                seen[path] = (stamp, before[1] if before and before[0] == stamp else now)
        self._seen = seen
        for path, outcome in list(self._unmoved.items()):
            if path not in seen or seen[path][0] != outcome.stamp:
                del self._unmoved[path]  # gone, or another file by now
        at_rest = [path for path in self.waiting if self._at_rest(path, now)]
        at_rest.sort(key=lambda path: (path.name.casefold(), str(path)))
        batch: list[Path] = []
        size = 0
        for path in at_rest:
            size += seen[path][0][0]
            if batch and size > BATCH_BYTES:
                break
            batch.append(path)
        return batch

    def _at_rest(self, path: Path, now: float) -> bool:
        mapping = mapping_of(path)
        for one in (path, mapping):
            if one is None:
                continue
            if one not in self._seen:
                return False
            (size, _), since = self._seen[one]
            if now - since < (QUIET if size else QUIET_IF_EMPTY):
                return False
        return True

    def _files(self) -> Iterator[Path]:
        for where, folders, names in os.walk(self.folder):
            at_top = Path(where) == self.folder
            folders[:] = [
                name for name in folders
                if not name.startswith(".") and not (at_top and name.casefold() in {LOADED, REFUSED})
            ]  # fmt: skip
            for name in names:
                low = name.casefold()
                if not (low.startswith((".", "~$")) or low.endswith(_UNFINISHED) or low in _OF_THE_SYSTEM):
                    yield Path(where) / name

    def _load(self, store: Store, paths: Sequence[Path]) -> list[Outcome]:
        outcomes: dict[Path, Outcome] = {}
        files: dict[Path, list[Prepared]] = {}
        for path in paths:
            outcome = Outcome(path, self._seen[path][0])
            try:
                files[path] = prepare_file(path, path.name, self.options(path), recall=recall(store))
            except Exception as error:
                if isinstance(error, OSError) and error.errno is not None:
                    # Another program holds it, or has taken it away: the next pass will see.
                    self._tell(path, "cannot be read yet", error)
                    continue
                outcomes[path] = replace(outcome, error=_reason(path, error))
        groups = [list(files)] if files else []
        while groups:
            group = groups.pop(0)
            try:
                results = load(store, [one for path in group for one in files[path]], user=USER)
            except StoreProblem:
                raise
            except Exception as error:
                if len(group) > 1:  # one of them is at fault: it shall not hold up the others
                    groups = [[path] for path in group]
                    continue
                outcomes[group[0]] = Outcome(group[0], self._seen[group[0]][0], error=_reason(group[0], error))
                continue
            for path in group:
                mine, results = tuple(results[: len(files[path])]), results[len(files[path]) :]
                written = {one.load_id: _rejects_file(store, one) for one in with_parts(mine)}
                outcomes[path] = Outcome(path, self._seen[path][0], mine, written)
        return [outcomes[path] for path in paths if path in outcomes]

    def _file_away(self, outcome: Outcome) -> Outcome:
        """Move a file that is done with, its mapping and its reports along with it."""
        path = outcome.path
        self._unmoved.pop(path, None)
        if _stamp(path) != outcome.stamp:
            self._seen.pop(path, None)  # written to meanwhile: it counts as a new file
            return outcome
        today = dt.datetime.now(dt.UTC).date().isoformat()
        place = self.folder / REFUSED if outcome.error else self.folder / LOADED / today
        try:
            to = move(path, place / path.relative_to(self.folder).parent, outcome)
        except OSError as error:
            self._tell(path, "is done with, but cannot be moved", error)
            self._unmoved[path] = outcome
            return outcome
        self._seen.pop(path, None)
        self._told.discard(path)
        return replace(outcome, moved_to=to)

    def _tell(self, path: Path, what: str, error: OSError) -> None:
        """Say once, in the server's log, what does not pass with a file."""
        if path not in self._told:
            _LOG.warning("%s in the inbox %s: %s", path.name, what, error)
        self._told.add(path)


class Watcher:
    """Looks into an inbox once a second, in a thread of its own."""

    def __init__(
        self,
        inbox: Inbox,
        store: Store,
        *,
        pause: float = 1.0,
    ) -> None:
        self._inbox, self._store, self._pause = inbox, store, pause
        self._complaint = ""
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="inbox", daemon=True)

    def start(self) -> Watcher:
        """Begin to watch. The folder is there from now on, unless it cannot be made, which the watcher will say."""
        with suppress(TasError):
            self._inbox.create()
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop watching; a load that is under way is waited for."""
        self._stopped.set()
        self._thread.join(timeout=10)

    def _watch(self) -> None:
        while not self._stopped.wait(self._pause):
            try:
                self._inbox.create()
                for outcome in self._inbox.look(self._store):
                    _LOG.info("\n".join(outcome.as_lines()))
                self._complaint = ""
            except TasError as error:
                self._complain(str(error))
            except Exception as error:  # the watcher must outlive any file
                self._complain(f"The inbox could not be looked into: {type(error).__name__}: {error}")

    def _complain(self, text: str) -> None:
        """Say once what does not pass; it is tried again all the same."""
        if text != self._complaint:
            _LOG.warning("%s", text)
        self._complaint = text
        self._stopped.wait(10 * self._pause)


@dataclass(frozen=True)
class Refused:
    """A file that the inbox has refused: when, and why."""

    name: str
    at: dt.datetime
    why: str
    mend: str


def refused(folder: Path, limit: int) -> list[Refused]:
    """The files refused last, newest first."""
    found = []
    reports = [path for path in (folder / REFUSED).rglob("*.report.json") if path.is_file()]
    for path in sorted(reports, key=lambda path: path.stat().st_mtime, reverse=True)[:limit]:
        try:
            (told,) = json.loads(path.read_text(encoding="utf-8"))
            why = told["findings"][0]
            at = dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)
            found.append(Refused(str(told["file"]), at, str(why["text"]), str(why["mend"])))
        except (OSError, ValueError, KeyError, IndexError, TypeError):  # no report of ours, or gone meanwhile
            continue
    return found


def _reason(path: Path, error: Exception) -> TasError:
    if isinstance(error, TasError):
        return error
    _LOG.error("%s in the inbox could not be loaded", path.name, exc_info=error)
    return TasError(
        f"The program failed at {path.name} where it should not: {type(error).__name__}: {error}",
        "Nothing of it was loaded. Please report this with the file; the server's log says more.",
    )


def _rejects_file(store: Store, result: LoadResult) -> Path | None:
    try:
        return report.write_rejects(store, result)
    except OSError as error:
        _LOG.warning("The rejected rows of %s cannot be written: %s", result.prepared.name, error.strerror or error)
        return None


def _stamp(path: Path) -> Stamp | None:
    """Size and time of the last change; None where there is no such file any more."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns
