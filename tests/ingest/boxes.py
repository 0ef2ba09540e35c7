"""An inbox for tests: a clock that they set, files that they drop, and what lies where afterwards."""

from __future__ import annotations

from pathlib import Path

from tas_analytics.ingest.receiving.filing import Outcome
from tas_analytics.ingest.receiving.inbox import QUIET, Inbox
from tas_analytics.store import Store
from tests.store.stores import csv_text

HEADER = ["opportunity_id", "account", "owner", "stage", "amount", "close_date", "created_date"]
GOOD = csv_text(HEADER, [["D1", "Acme", "Ann", "Qualify", "10", "2026-06-30", "2026-01-02"]])
LATER = csv_text(HEADER, [["D1", "Acme", "Ann", "Proof", "20", "2026-06-30", "2026-01-02"]])
BAD = csv_text(HEADER, [["D1", "Acme", "Ann", "Qualify", "10", "2026-06-30", "2026-01-02"],
                        ["D2", "Acme", "Ann", "Qualify", "lots", "2026-06-30", "2026-01-02"]])  # fmt: skip
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


class Time:
    """A clock that tests set themselves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += seconds


def drop(box: Inbox, name: str, content: str | bytes) -> Path:
    path = box.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def settle(box: Inbox, store: Store, clock: Time, seconds: float = QUIET) -> list[Outcome]:
    """Two passes, so long apart that what lies there is at rest."""
    first = box.look(store)
    clock.pass_by(seconds)
    return first + box.look(store)


def found(box: Inbox, place: str) -> list[str]:
    folder = box.folder / place
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def loaded(box: Inbox) -> list[str]:
    """What lies under ``loaded``, without the day."""
    return sorted(name.partition("/")[2] for name in found(box, "loaded"))
