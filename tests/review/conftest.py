"""The sample company, loaded once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tas_analytics.store.database import Store
from tests import shared


@pytest.fixture(scope="session")
def sample_store(sample_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = Store.open(shared.copy(sample_file, tmp_path_factory.mktemp("review") / "sample.duckdb"))
    yield store
    store.close()
