"""The two stores that the numbers are checked in, each loaded once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tas_analytics.ingest.loading.loader import load
from tas_analytics.ingest.planning.plan import prepare
from tas_analytics.store.database import Store
from tests import shared

PUBLIC_FILES = ("accounts.csv", "products.csv", "sales_pipeline.csv", "sales_teams.csv")


@pytest.fixture(scope="session")
def public_folder(public_data: Path) -> Path:
    folder = public_data / "maven_crm"
    if not all((folder / name).is_file() for name in PUBLIC_FILES):
        pytest.skip("the public CRM Sales Opportunities data are not here: no folder maven_crm with its four files")
    return folder


@pytest.fixture(scope="session")
def public_store(public_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = Store.open(tmp_path_factory.mktemp("metrics") / "public.duckdb")
    load(store, [prepare((public_folder / name).read_bytes(), name) for name in PUBLIC_FILES], user="test")
    yield store
    store.close()


@pytest.fixture(scope="session")
def sample_store(sample_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = Store.open(shared.copy(sample_file, tmp_path_factory.mktemp("metrics") / "sample.duckdb"))
    yield store
    store.close()


@pytest.fixture
def empty_store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(tmp_path / "empty.duckdb")
    yield store
    store.close()
