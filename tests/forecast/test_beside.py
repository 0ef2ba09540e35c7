"""The second process that fits scorecards: what it gives, and what happens where it cannot."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tas_analytics.forecast import beside
from tas_analytics.forecast.scorecard import Scorecard


@pytest.fixture(autouse=True)
def _algebra(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is set for the process is taken back: the other tests' algebra has its threads."""
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")


@pytest.fixture
def other() -> Iterator[beside.Beside]:
    beside.begin()
    found = beside.helper()
    assert found is not None
    yield found
    beside.end()


def _deals() -> tuple[list[Any], dict[str, Any]]:
    dice = np.random.default_rng(4)
    sizes = [4, 9, 20]
    codes = [dice.integers(0, size, 600).astype(np.int32) for size in sizes]
    won = (dice.random(600) < 0.2 + 0.05 * codes[1]).astype(float)
    return [codes, sizes, [False, True, True], won], {"weights": dice.random(600), "sure": True}


def _same(one: Scorecard, other: Scorecard) -> None:
    assert one.spread is not None and other.spread is not None  # noqa: PT018
    assert one.base == pytest.approx(other.base, abs=1e-12)
    for mine, theirs in zip(one.points, other.points, strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-12)
    np.testing.assert_allclose(one.spread.covariance, other.spread.covariance, atol=1e-12)


def test_it_fits_what_is_fitted_here_as_often_as_it_is_asked(
    other: beside.Beside, monkeypatch: pytest.MonkeyPatch
) -> None:
    args, words = _deals()
    here = Scorecard.fit(*args, **words)
    with monkeypatch.context() as only:
        only.setattr(Scorecard, "fit", None)
        first = other.fit(*args, **words)
        again = other.fit(*args, **words | {"start": first})
    _same(first, here)
    _same(again, Scorecard.fit(*args, **words | {"start": here}))


def test_what_it_cannot_do_is_done_here(other: beside.Beside) -> None:
    args, words = _deals()
    with pytest.raises(ValueError, match="zip"):
        other.fit(args[0], args[1][:2], *args[2:], **words)
    # A refusal does not end it; and where it is ended in the middle, nothing is lost.
    _same(other.fit(*args, **words), Scorecard.fit(*args, **words))
    other.end()
    _same(other.fit(*args, **words), Scorecard.fit(*args, **words))


def test_it_is_not_begun_where_a_model_is_kept(tmp_path: Path) -> None:
    store = tmp_path / "s.duckdb"
    beside.begin(store)
    assert beside.helper() is None
    store.write_bytes(b"")
    kept = tmp_path / "s.duckdb.forecast" / "a.npz"
    kept.parent.mkdir()
    kept.write_bytes(b"")
    beside.begin(store)
    assert beside.helper() is None
    os.utime(kept, (0, 0))
    beside.begin(store)
    assert (beside.helper() is None) == ((os.cpu_count() or 1) == 1)
    beside.end()
    assert beside.helper() is None


def test_it_imports_no_pandas_and_ends_with_who_asked() -> None:
    """It has to be there before the command has imported what it needs itself."""
    code = (
        "import sys, tas_analytics.forecast.beside, tas_analytics.forecast.scorecard; sys.exit('pandas' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    process = subprocess.Popen(
        [sys.executable, "-m", beside.__name__], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    )
    assert process.stdin is not None
    process.stdin.close()
    end = time.monotonic() + 20
    while process.poll() is None and time.monotonic() < end:
        time.sleep(0.02)
    assert process.returncode == 0
