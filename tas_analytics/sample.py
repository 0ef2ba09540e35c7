"""The fictional company: a store of its own, built from the CSV exports in ``data/sample``."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from tas_analytics.config import SAMPLE_FOLDER
from tas_analytics.errors import StoreProblem
from tas_analytics.ingest.loading.loader import Progress, load
from tas_analytics.ingest.planning.plan import Options, prepare
from tas_analytics.store.database import Store, set_setting


def ensure(path: Path, progress: Progress | None = None) -> None:
    """Build the sample store if it is missing, or was built from other files than those here.

    The store appears whole or not at all: it is built under another name and then moved.
    """
    if path.exists():
        store = Store.open(path)
        if store.setting("sample_files") == _fingerprint():
            return
        store.close()
    partial = path.with_name(f"{path.stem}-{os.getpid()}.partial")
    _remove(partial)
    build(partial, progress)
    partial.replace(path)
    _remove(partial)


def build(path: Path, progress: Progress | None = None) -> None:
    """Load every sample file into a new store at ``path``."""
    files = sample_files()
    if not files:
        raise StoreProblem(
            f"The sample files are missing from {SAMPLE_FOLDER}", "Get them back with git, or load your own exports."
        )
    store = Store.open(path)
    try:
        prepared = [prepare(file.read_bytes(), file.name, Options()) for file in files]
        load(store, prepared, user="sample", progress=progress)
        with store.transaction() as cursor:
            set_setting(cursor, "sample_files", _fingerprint())
    finally:
        store.close()


def sample_files() -> list[Path]:
    """The sample's CSV files, reference tables first, exports by day."""
    return sorted(SAMPLE_FOLDER.rglob("*.csv"), key=lambda path: (len(path.parts), path.name))


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for file in sample_files():
        digest.update(file.name.encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _remove(path: Path) -> None:
    for name in (path, path.with_name(path.name + ".wal")):
        name.unlink(missing_ok=True)
