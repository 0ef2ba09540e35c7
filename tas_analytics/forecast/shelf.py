"""Where kept models lie: beside their store. Needs no pandas, for a command asks before it imports that."""

from __future__ import annotations

from pathlib import Path


def folder_of(store: Path) -> Path:
    """The folder of a store's models: readable for its owner only."""
    return store.with_name(f"{store.name}.forecast")


def files_of(store: Path) -> list[Path]:
    """The models that are kept of a store, newest first; none where there is no such folder."""
    return sorted(folder_of(store).glob("*.npz"), key=written, reverse=True)


def written(file: Path) -> int:
    """When a file was last written, in nanoseconds."""
    return file.stat().st_mtime_ns
