"""Effects whose sense is settled."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tas_analytics.forecast.features import Features
from tas_analytics.forecast.monotone import held
from tas_analytics.forecast.scorecard import Scorecard


@pytest.mark.parametrize(("column", "sense"), [("milestones achieved", 1), ("days since milestone", -1), ("other", 0)])
@pytest.mark.parametrize("effect", [0.8, -0.8])
def test_an_effect_runs_in_its_sense_or_the_data_are_named(column: str, sense: int, effect: float) -> None:
    dice = np.random.default_rng(3)
    table = pd.DataFrame({column: dice.integers(0, 8, 3_000), "source": dice.choice(["a", "b"], 3_000)})
    won = (dice.random(3_000) < 1 / (1 + np.exp(1 - effect * (table[column] - 3.5)))).to_numpy(dtype=np.float64)
    features = Features.of(table)
    codes = features.table(table)[0]
    card = Scorecard.fit(codes, features.sizes, features.ordered, won)
    level, against = held(card, features, codes, np.ones(3_000))
    own = level.points[0][1:]
    assert against == ((column,) if sense * effect < 0 else ())
    if sense == 0:
        assert level.points[0] is card.points[0]
    else:
        assert (sense * np.diff(own) >= -1e-12).all()
    assert np.allclose(level.points[1], card.points[1])
    if sense * effect > 0:
        assert np.ptp(own) > 3
    else:
        assert sense == 0 or np.ptp(own) < 0.2
