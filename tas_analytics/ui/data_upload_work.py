"""What lies on the upload page: the files, what the user has said of each, and what was read of them."""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import streamlit as st

from tas_analytics.errors import StoreProblem, TasError
from tas_analytics.formats import count
from tas_analytics.ingest.loading.loader import LoadResult, load
from tas_analytics.ingest.planning import memory
from tas_analytics.ingest.planning.plan import Options, Prepared, prepare_file
from tas_analytics.store import Store
from tas_analytics.ui.jobs import Job, Tell
from tas_analytics.ui.session import View

_ROUND: Final = "upload_round"
_DESK: Final = "upload_desk"
_MB: Final = 1_000_000
#: Of the time that a look at the files takes, reading is about so much; the rest is the preview.
_READING: Final = 0.6


@dataclass(frozen=True)
class Upload:
    """A file as it was dropped, on the disk of the server for as long as it lies on the page."""

    id: str
    name: str
    path: Path


@dataclass
class Said:
    """What the user has said of one file: of it as a whole, and of each of its tables by the table's headers."""

    whole: Options = field(default_factory=Options)
    tables: dict[str, Options] = field(default_factory=dict)
    #: Grows when the choices on the page are to start afresh.
    epoch: int = 0

    @property
    def key(self) -> str:
        """Changes with anything said."""
        return repr((self.whole, sorted(self.tables.items())))


@dataclass(frozen=True)
class Read:
    """A file with the tables found in it, or why it was refused."""

    upload: Upload
    tables: tuple[Prepared, ...] = ()
    error: TasError | None = None

    @property
    def ready(self) -> list[Prepared]:
        """The tables that could be loaded."""
        return [one for one in self.tables if not one.missing]


@dataclass(frozen=True)
class Looked:
    """What a look at all the files showed: each file, and what a load of those that are ready would do."""

    files: tuple[Read, ...]
    results: tuple[LoadResult, ...] = ()
    error: TasError | None = None

    @property
    def ready(self) -> list[Prepared]:
        """The tables that could be loaded, in the order of the results."""
        return [one for file in self.files for one in file.ready]


@dataclass
class Desk:
    """Everything of one round of uploading; a new one is laid out once files are loaded."""

    folder: tempfile.TemporaryDirectory[str] | None = None
    uploads: dict[str, Upload] = field(default_factory=dict)
    said: dict[str, Said] = field(default_factory=dict)
    read: dict[str, tuple[str, Read]] = field(default_factory=dict)
    look: Job[Looked] | None = None
    looked_for: str = ""
    loading: Job[list[LoadResult]] | None = None

    def told(self, upload: Upload) -> Said:
        """What was said of a file."""
        return self.said.setdefault(upload.id, Said())

    def say(self, upload: Upload, **changes: Any) -> None:
        """Say something of a file as a whole."""
        said = self.told(upload)
        said.whole = replace(said.whole, **changes)

    def correct(self, upload: Upload, file: Prepared, **changes: Any) -> None:
        """Correct how one table of a file is read, on top of what held until now."""
        self.told(upload).tables[file.fingerprint] = replace(file.options.corrections, **changes)

    def take_as(self, upload: Upload, file: Prepared | None, table_name: str) -> None:
        """Say which table it is: nothing else that was said holds then."""
        said = self.told(upload)
        said.epoch += 1
        if file is None:
            said.whole = replace(said.whole, as_table=table_name)
        else:
            said.tables[file.fingerprint] = Options(as_table=table_name)
            said.whole = replace(said.whole, as_table=None)

    def forget(self, store: Store, upload: Upload, file: Prepared) -> None:
        """Forget what was settled at an earlier file of the kind."""
        memory.forget(store, file.fingerprint)
        said = self.told(upload)
        said.tables.pop(file.fingerprint, None)
        said.epoch += 1


def desk() -> Desk:
    """The desk of this visitor."""
    found = st.session_state.get(_DESK)
    if not isinstance(found, Desk):
        found = st.session_state[_DESK] = Desk()
    return found


def folder_of(store: Path) -> Path:
    """Where the files lie that have been uploaded for a store and not been loaded yet."""
    return store.with_name(f"{store.name}.uploads")


def sweep(store: Path) -> None:
    """Remove what visitors have left behind. For when the process that holds the store begins, and when it ends."""
    shutil.rmtree(folder_of(store), ignore_errors=True)


def clear() -> None:
    """Lay out a new desk, with an empty place for files."""
    st.session_state.pop(_DESK, None)
    st.session_state[_ROUND] = round_number() + 1


def round_number() -> int:
    """Grows with each load, so that the files of the last one are gone from the page."""
    return int(st.session_state.get(_ROUND, 0))


def take(view: View, uploads: Sequence[Any]) -> list[Upload]:
    """The files dropped on the page, written to the disk, so that large ones are read piece by piece.

    Raises
    ------
    StoreProblem
        There is no room for them.
    """
    table = desk()
    try:
        for one in uploads:
            if one.file_id not in table.uploads:
                table.uploads[one.file_id] = Upload(one.file_id, one.name, _written(table, view.store.path, one))
    except OSError as error:
        raise StoreProblem(
            f"The files cannot be written beside the store: {error.strerror}",
            "Check that the disk has room. Nothing was loaded.",
        ) from error
    present = {one.file_id for one in uploads}
    for gone in table.uploads.keys() - present:
        table.uploads.pop(gone).path.unlink(missing_ok=True)
        table.read.pop(gone, None)
    return [table.uploads[one.file_id] for one in uploads]


def _written(table: Desk, store: Path, upload: Any) -> Path:
    if table.folder is None:
        # Beside the store and not in the system's own place for such files: it is the company's data.
        folder_of(store).mkdir(mode=0o700, exist_ok=True)
        table.folder = tempfile.TemporaryDirectory(dir=folder_of(store), ignore_cleanup_errors=True)
    path = Path(table.folder.name) / str(upload.file_id)
    upload.seek(0)
    with path.open("wb") as file:
        shutil.copyfileobj(upload, file)
    return path


def look_at(view: View, uploads: Sequence[Upload]) -> Job[Looked]:
    """The job that reads the files and works out what a load would do: the present one, or a new one if need be."""
    table = desk()
    marks = {one.fingerprint: one.at for one in memory.remembered(view.store)}
    keys = {upload.id: repr((table.told(upload).key, marks)) for upload in uploads}
    wanted = repr((view.version, list(keys.items())))
    if table.look is None or table.looked_for != wanted:
        if table.look is not None:
            table.look.cancel()
        known = {id_: read for id_, (key, read) in table.read.items() if keys.get(id_) == key}
        told = {upload.id: (table.told(upload).whole, dict(table.told(upload).tables)) for upload in uploads}
        table.looked_for = wanted
        table.look = Job(lambda tell: _look(view.store, list(uploads), told, known, tell), view.store).start()
    if table.look.finished() and not table.look.cancelled:
        table.read = {file.upload.id: (keys[file.upload.id], file) for file in table.look.result().files}
    return table.look


def start_loading(view: View, ready: Sequence[Prepared]) -> None:
    """Load in the background."""
    desk().loading = Job(lambda tell: load(view.store, list(ready), progress=tell), view.store).start()


def _look(
    store: Store,
    uploads: Sequence[Upload],
    told: Mapping[str, tuple[Options, Mapping[str, Options]]],
    known: Mapping[str, Read],
    tell: Tell,
) -> Looked:
    files: list[Read] = []
    sizes = [upload.path.stat().st_size + 1 for upload in uploads]
    for number, upload in enumerate(uploads):
        start, width = sum(sizes[:number]) / sum(sizes) * _READING, sizes[number] / sum(sizes) * _READING
        tell(f"Reading {upload.name}", start)
        files.append(known.get(upload.id) or _read(store, upload, *told[upload.id], tell, (start, width)))
    looked = Looked(tuple(files))
    if not looked.ready:
        return looked
    rows = sum(one.text.rows_in_file for one in looked.ready)
    tell(f"Working out what {count(rows, 'row')} would change", _READING)

    def preview(text: str, share: float) -> None:
        tell(text.replace("Loading", "Trying out"), _READING + (1 - _READING) * share)

    try:
        return replace(looked, results=tuple(load(store, looked.ready, dry_run=True, progress=preview)))
    except TasError as error:
        return replace(looked, error=error)


def _read(
    store: Store,
    upload: Upload,
    whole: Options,
    tables: Mapping[str, Options],
    tell: Tell,
    place: tuple[float, float],
) -> Read:
    remembered = memory.recall(store)

    def settled(fingerprint: str) -> Options | None:
        return tables[fingerprint] if fingerprint in tables else remembered(fingerprint)

    def reading(done: int, size: int) -> None:
        share = done / size if size else 1.0
        how_far = f": {done / _MB:,.0f} of {size / _MB:,.0f} MB" if size > _MB else ""
        tell(f"Reading {upload.name}{how_far}", place[0] + place[1] * share)

    try:
        found = prepare_file(upload.path, upload.name, whole, draft=True, recall=settled, progress=reading)
    except TasError as error:
        tell(f"Reading {upload.name}", place[0])  # a cancelled job ends here, whatever the reader made of it
        return Read(upload, error=error)
    return Read(upload, tuple(found))


def day_of(value: object) -> dt.date | None:
    """A day from a field for days, which may give several or none."""
    return value if isinstance(value, dt.date) else None
