from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tas_analytics.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path / "store.duckdb")
    yield opened
    opened.close()
