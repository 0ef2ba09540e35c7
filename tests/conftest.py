"""What every test may use, and what no test may touch."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

ROOT = Path(__file__).resolve().parent.parent

# "ci" gives the same examples on every run, so that a failure is never a matter of luck;
# HYPOTHESIS_PROFILE=search looks further with new examples each time.
hypothesis.settings.register_profile("ci", derandomize=True, deadline=None)
hypothesis.settings.register_profile("search", max_examples=1000, deadline=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(scope="session", autouse=True)
def _not_the_users_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A test that names no store gets one of its own session, never data/tas.duckdb."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TAS_STORE", str(tmp_path_factory.mktemp("store") / "own.duckdb"))
        patch.delenv("TAS_SAMPLE_STORE", raising=False)
        patch.delenv("TAS_INBOX", raising=False)
        yield


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
