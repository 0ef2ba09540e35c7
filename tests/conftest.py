"""What every test may use, and what no test may touch."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import hypothesis
import pytest

from tas_analytics import sample
from tas_analytics.store import database
from tests import shared

ROOT = Path(__file__).resolve().parent.parent

# "ci" gives the same examples on every run, so that a failure is never a matter of luck;
# HYPOTHESIS_PROFILE=search looks further with new examples each time.
hypothesis.settings.register_profile("ci", derandomize=True, deadline=None)
hypothesis.settings.register_profile("search", max_examples=1000, deadline=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


#: Folders and files whose tests take longest, the longest first.
LONG: Final = ("tests/e2e/", "tests/charts/test_in_browser.py", "tests/app/", "tests/forecast/", "tests/metrics/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no worker is left alone with it at the end."""
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    return next((place for place, start in enumerate(LONG) if item.nodeid.startswith(start)), len(LONG))


@pytest.fixture(scope="session", autouse=True)
def _not_the_users_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A test that names no store gets one of its own session, never data/tas.duckdb."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TAS_STORE", str(tmp_path_factory.mktemp("store") / "own.duckdb"))
        patch.delenv("TAS_SAMPLE_STORE", raising=False)
        patch.delenv("TAS_INBOX", raising=False)
        yield


@pytest.fixture(scope="session", autouse=True)
def _stores_for_tests(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[None]:
    """Stores as thousands of small tests want them: made quickly, and each content with one thread.

    A new store is a copy of one that the migrations have made in this run: they take half a second, and a thousand
    tests begin with a new store. What they do to stores of every age is tested in tests/store/test_migrations.py.
    Several threads are for large data; for few rows they only cost, and the workers have the cores already. Servers
    and commands in processes of their own, which the browser's and other tests start, do without either, and so do
    benchmarks.
    """
    if any(item.get_closest_marker("bench") for item in request.session.items):
        yield
        return
    connect = database._connect
    template = shared.run_folder(tmp_path_factory.getbasetemp()) / "empty.duckdb"

    def from_template(path: Path) -> database.Cursor:
        if path.parent.is_dir() and not os.path.lexists(path):
            with suppress(OSError):  # then the real thing says what is wrong
                shared.copy(shared.once(template, lambda partial: connect(partial).close()), path)
        return connect(path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "_connect", from_template)
        patch.setattr(database, "_LOCKDOWN", {"threads": "1", **database._LOCKDOWN})
        yield


@pytest.fixture(scope="session")
def sample_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample company's store, closed, to copy from: it is built once for all workers.

    While you work, name a store that is built already in ``TAS_TEST_SAMPLE`` and save that time on every run.
    """
    ready = os.environ.get("TAS_TEST_SAMPLE")
    if ready:
        return Path(ready)
    return shared.once(shared.run_folder(tmp_path_factory.getbasetemp()) / "sample.duckdb", sample.build)


def public_folder() -> Path:
    """Where the public CRM data sets should lie: TAS_PUBLIC_DATA, else shared/data beside the repository."""
    named = os.environ.get("TAS_PUBLIC_DATA")
    return Path(named) if named else ROOT.parent / "shared" / "data"


@pytest.fixture(scope="session")
def public_data() -> Path:
    """The folder of public CRM data sets."""
    folder = public_folder()
    if not folder.is_dir():
        named = "TAS_PUBLIC_DATA" in os.environ
        where = "TAS_PUBLIC_DATA names no folder" if named else "no folder ../shared/data beside the repository"
        pytest.skip(f"the public CRM data sets are not here: {where}")
    return folder
