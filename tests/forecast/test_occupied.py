"""Codes that no row has are left out of a fit without changing it, and what a model learns from is bounded."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from tas_analytics.forecast import history
from tas_analytics.forecast.history import History
from tas_analytics.forecast.occupied import Occupied
from tas_analytics.forecast.scorecard import Scorecard, sigmoid
from tas_analytics.metrics.company import Company
from tests.forecast import simulated
from tests.metrics.small import store_of


def test_what_no_row_has_follows_from_the_rest() -> None:
    dice = np.random.default_rng(1)
    root = dice.normal(size=(7, 7))
    penalty, counts = root @ root.T + np.eye(7), np.array([0, 3, 0, 5, 2, 0, 4])
    told, slope = np.diag(counts.astype(float)), counts * dice.normal(size=7)
    whole = np.linalg.solve(told + 2 * penalty, slope)
    part = Occupied.of(penalty, counts)
    inner = told[np.ix_(part.codes, part.codes)] + 2 * part.penalty
    assert np.allclose(part.spread @ np.linalg.solve(inner, slope[part.codes]), whole)
    covariance = part.spread @ np.linalg.inv(inner) @ part.spread.T + part.rest / 2
    assert np.allclose(covariance, np.linalg.inv(told + 2 * penalty))
    assert part.of_rows(np.array([1, 6, 3], dtype=np.int32)).tolist() == [0, 3, 1]


def test_codes_that_nobody_has_change_no_score() -> None:
    dice = np.random.default_rng(2)
    codes = [dice.integers(1, 5, 600).astype(np.int32), dice.integers(1, 4, 600).astype(np.int32)]
    won = (dice.random(600) < sigmoid(np.asarray((codes[0] - 2.5) * 0.8, dtype=np.float64))).astype(float)
    one = Scorecard.fit(codes, [5, 4], [True, False], won, sure=True)
    more = Scorecard.fit([codes[0], codes[1] + 2], [5, 9], [True, False], won, sure=True)
    assert np.allclose(one.logits(codes, 600), more.logits([codes[0], codes[1] + 2], 600), atol=1e-9)
    assert more.points[1][[1, 2, 7]].tolist() == [0, 0, 0]
    assert one.spread is not None
    assert more.spread is not None
    own, unmet = (more.spread.of([[codes[0]], [np.full(600, code, np.int32)]], 600) for code in (4, 8))
    assert (unmet > own).all()


def test_rows_of_one_deal_that_say_the_same_tell_as_much_as_one() -> None:
    """Three rows of a third each are one."""
    dice = np.random.default_rng(3)
    codes, won = [dice.integers(1, 5, 300).astype(np.int32)], (dice.random(300) < 0.4).astype(float)
    often = [np.repeat(codes[0], 3)]
    sizes, weights = [5], np.full(900, 1 / 3)
    once = Scorecard.fit(codes, sizes, [False], won, sure=True)
    thrice = Scorecard.fit(often, sizes, [False], np.repeat(won, 3), None, weights, sure=True)
    assert once.spread is not None
    assert thrice.spread is not None
    assert np.allclose(once.spread.of([codes], 300), thrice.spread.of([codes], 300), rtol=1e-3)


def test_many_open_deals_are_looked_at_in_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = store_of(tmp_path / "s.duckdb", simulated.company(400, 4).files())
    company, day = Company.of(store), simulated.LAST
    whole = History.until(store, company, day, 92)
    assert whole.today is not None
    monkeypatch.setattr(history, "_LOOKS", len(whole.rows) // 3)
    some = History.until(store, company, day, 92)
    store.close()
    assert some.today is None
    assert len(whole.rows) * 0.15 < len(some.rows) < len(whole.rows) * 0.6
    assert some.rows["day"].max() == whole.rows["day"].max() < np.datetime64(day + dt.timedelta(days=1))
