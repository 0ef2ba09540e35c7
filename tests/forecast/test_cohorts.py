"""Deals created together that will never close are noticed before they are old, and chance is not taken for such."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tas_analytics.forecast.cohorts import WIDTH, Cohorts, Looks

UNTIL = pd.Timestamp("2026-06-30")
STEP, PACE, CLOSING = 7, 0.15, 0.8


def looks(shares: list[float], seed: int, deals: int = 300) -> tuple[Looks, Looks]:
    """Cohorts, newest first, of which these shares close at a constant pace, and a model that knows the usual share."""
    dice = np.random.default_rng(seed)
    rows = []
    for place, share in enumerate(shares):
        created = UNTIL - pd.Timedelta(days=WIDTH * (place + 1) - STEP)
        steps = np.where(dice.random(deals) < share, dice.geometric(PACE, deals), 10_000)
        for ahead in range((UNTIL - created).days // STEP):
            still = steps > ahead
            left = (1 - PACE) ** ahead * CLOSING
            when = np.repeat((created + pd.Timedelta(days=ahead * STEP)).to_datetime64(), still.sum())
            usual = np.full(still.sum(), PACE * left / (left + 1 - CLOSING))
            rows.append((np.repeat(created.to_datetime64(), still.sum()), when, steps[still] == ahead + 1, usual))
    opened, days, closed, usual = (np.concatenate(one) for one in zip(*rows, strict=True))
    some = dice.random(len(usual)) < 0.2
    return Looks(opened, days, closed.astype(float)), Looks(opened[some], days[some], usual[some])


def test_a_batch_that_never_closes_is_noticed_while_it_is_young() -> None:
    found = Cohorts.of(UNTIL, *looks([0.8, 0.4, 0.8, 0.8, 0.8, 0.8], 1))
    # Of those open, the odds of ever closing: 0.4 / 0.6 instead of 0.8 / 0.2 at first, so fewer than half as many.
    assert found.factors[1] < 0.55
    assert (np.delete(found.factors, 1) > 0.7).all()
    created = pd.Series([UNTIL - pd.Timedelta(days=WIDTH + 3), UNTIL, pd.NaT, UNTIL - pd.Timedelta(days=5_000)])
    assert found.of_deals(created)[0] == found.factors[1]
    assert found.of_deals(created)[2] == found.of_deals(created)[3] == 1
    assert found.as_table()[1] == {"from": "2026-05-06", "to": "2026-06-02", "factor": round(found.factors[1], 6)}


@pytest.mark.parametrize("seed", range(5))
def test_chance_is_not_taken_for_a_cohort(seed: int) -> None:
    found = Cohorts.of(UNTIL, *looks([0.8] * 6, seed))
    assert (np.abs(np.log(found.of_deals(pd.Series(pd.date_range("2026-01-01", UNTIL))))) < 0.1).all()


def test_nothing_known_moves_nothing() -> None:
    none = Looks(np.empty(0, "datetime64[ns]"), np.empty(0, "datetime64[ns]"), np.empty(0))
    assert (Cohorts.of(UNTIL, none, none).of_deals(pd.Series([UNTIL])) == 1).all()
