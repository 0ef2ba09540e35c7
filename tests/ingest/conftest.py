from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tas_analytics.ingest.receiving.inbox import Inbox
from tas_analytics.store import Store
from tests.ingest.boxes import Time


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path / "store.duckdb")
    yield opened
    opened.close()


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest.fixture
def box(tmp_path: Path, clock: Time) -> Inbox:
    return Inbox(tmp_path / "inbox", clock=clock).create()
