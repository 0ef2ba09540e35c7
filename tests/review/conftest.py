"""The sample company, loaded once."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest

from tas_analytics import sample
from tas_analytics.store.database import Store


@pytest.fixture(scope="session")
def sample_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    path = tmp_path_factory.mktemp("review") / "sample.duckdb"
    ready = os.environ.get("TAS_TEST_SAMPLE")
    if ready:
        shutil.copy(ready, path)
    sample.ensure(path)
    store = Store.open(path)
    yield store
    store.close()
