"""What the stage table adds to what is learnt, and that it gives way to what came."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tas_analytics.forecast.columns import Codes
from tas_analytics.forecast.features import Features
from tas_analytics.forecast.scorecard import Scorecard, log_odds
from tas_analytics.forecast.spread import Spread
from tas_analytics.forecast.stage_table import Told, share

STAGES = np.array(["Talk", "Offer", "Sign", None], dtype=object)
CHANCES = np.array([0.2, 0.5, 0.8, np.nan])


def told(rows: np.ndarray, *, wins: bool = True) -> tuple[Told, Codes]:
    table = pd.DataFrame({"region": ["N", "S"] * (len(rows) // 2), "stage": STAGES[rows]})
    features = Features.of(table)
    codes = features.table(table)[0]
    found = Told.of(features, codes, CHANCES[rows], usual=CHANCES[:3], wins=wins)
    assert found is not None
    return found, codes[found.column]


ROWS = np.tile(np.arange(4), 50)


@pytest.mark.parametrize("wins", [True, False])
def test_it_tells_stages_apart_and_nothing_of_an_unknown_one(wins: bool) -> None:
    found, codes = told(ROWS, wins=wins)
    by_stage = [found.points[codes[place]] for place in range(4)]
    assert by_stage[0] < by_stage[1] < by_stage[2]
    assert by_stage[3] == 0
    assert sum(by_stage) == pytest.approx(0)
    if wins:
        assert by_stage[2] - by_stage[0] == pytest.approx(float(np.diff(log_odds(np.array([0.2, 0.8])))[0]))


def test_a_table_that_tells_no_stages_apart_says_nothing() -> None:
    table, usual = pd.DataFrame({"stage": STAGES[ROWS]}), CHANCES[ROWS]
    features = Features.of(table)
    codes = features.table(table)[0]
    assert Told.of(features, codes, np.full(len(ROWS), 0.5), usual, wins=True) is None
    assert Told.of(features, codes, np.full(len(ROWS), np.nan), usual, wins=True) is None
    assert Told.of(Features(()), [], CHANCES[ROWS], usual, wins=True) is None


def test_it_gives_way_to_what_came() -> None:
    found, codes = told(ROWS)
    nothing = found.lean(codes[:0], np.empty(0), np.empty(0))
    np.testing.assert_allclose(nothing.points, found.points)
    stages = ROWS[:40]
    agreeing, opposite = (stages == 2).astype(float), (stages == 0).astype(float)
    weights = np.ones(40)
    as_told, against = (found.lean(codes[:40], one, weights) for one in (agreeing, opposite))
    assert np.ptp(against.points) < np.ptp(as_told.points) / 2
    assert (np.sqrt(as_told.variance) <= np.abs(as_told.points)).all()
    many = found.lean(np.tile(codes, 50), np.tile((ROWS == 2).astype(float), 50), np.ones(50 * len(ROWS)))
    assert np.ptp(many.points) < np.ptp(found.points) / 100
    assert share(0) == 1
    assert share(12) == 0.5


def test_a_fit_begins_at_what_is_given_and_learns_the_rest() -> None:
    dice = np.random.default_rng(3)
    codes: Codes = dice.integers(1, 4, 4_000).astype(np.int32)
    truth = np.array([0.0, -1.5, 0.0, 1.5])
    won = (dice.random(4_000) < 1 / (1 + np.exp(-truth[codes]))).astype(float)
    plain = Scorecard.fit([codes], [4], [False], won)
    begun = Scorecard.fit([codes], [4], [False], won, ahead=truth[codes])
    assert np.abs(begun.points[0][1:]).max() < 0.2
    np.testing.assert_allclose((begun.points[0] + truth)[1:], plain.points[0][1:], atol=0.2)


def test_doubts_of_a_column_are_added_whether_it_was_fitted_or_not() -> None:
    codes: list[Codes] = [np.array([0, 1, 1], dtype=np.int32), np.array([1, 0, 1], dtype=np.int32)]
    both = [[one] for one in codes]
    spread = Spread(np.diag([0.1, 0.2, 0.3]), {0: (0, 2)})
    fitted, new = spread.wider(0, np.array([1.0, 2.0])), spread.wider(1, np.array([1.0, 2.0]))
    np.testing.assert_allclose(spread.of(both, 3), [0.4, 0.5, 0.5])
    np.testing.assert_allclose(fitted.of(both, 3), [1.4, 2.5, 2.5])
    np.testing.assert_allclose(new.of(both, 3), [2.4, 1.5, 2.5])
