"""Deals created together that will never close are noticed before they are old, and chance is not taken for such."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tas_analytics.forecast.cohorts import WIDTH, Cohorts, Looks

UNTIL = pd.Timestamp("2026-06-30")
STEP, PACE, CLOSING = 7, 0.15, 0.8


def looks(shares: list[float], seed: int, deals: int = 75) -> tuple[Looks, Looks]:
    """Weeks, newest first, of which these shares close at a constant pace, and a model that knows the usual share."""
    dice = np.random.default_rng(seed)
    rows = []
    for place, share in enumerate(shares):
        created = UNTIL - pd.Timedelta(days=WIDTH * (place + 1) - 1)
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


@pytest.mark.parametrize("newest", [4, 5, 6, 7])
def test_a_batch_that_never_closes_is_noticed_while_it_is_young_whatever_day_it_began(newest: int) -> None:
    batch = range(newest, newest + 4)
    found = Cohorts.of(UNTIL, *looks([0.4 if week in batch else 0.8 for week in range(24)], 1))
    # Of those open, the odds of ever closing: 0.4 / 0.6 instead of 0.8 / 0.2 at first, so fewer than half as many. Its
    # newest week is judged with one of other deals.
    assert found.factors[batch[1:]].mean() < 0.62
    assert found.factors[newest] < 0.85
    assert np.median(np.delete(found.factors, batch)) > 0.9
    assert (np.delete(found.factors, [*batch, newest + 4]) > 0.65).all()


def test_a_deal_has_the_factor_of_the_week_in_which_it_was_created() -> None:
    found = Cohorts(int(UNTIL.to_datetime64().astype("datetime64[D]").astype(int)), np.array([0.5, 2.0, 1.5]))
    created = [UNTIL, UNTIL - pd.Timedelta(days=WIDTH - 1), UNTIL - pd.Timedelta(days=WIDTH), pd.NaT,
               UNTIL - pd.Timedelta(days=5_000), UNTIL + pd.Timedelta(days=1)]  # fmt: skip
    assert found.of_deals(pd.Series(created)).tolist() == [0.5, 0.5, 2.0, 1.0, 1.0, 1.0]
    assert found.as_table()[1] == {"from": "2026-06-17", "to": "2026-06-23", "factor": 2.0}


@pytest.mark.parametrize("seed", range(5))
def test_chance_is_not_taken_for_a_cohort(seed: int) -> None:
    found = Cohorts.of(UNTIL, *looks([0.8] * 24, seed))
    assert (np.abs(np.log(found.of_deals(pd.Series(pd.date_range("2026-01-01", UNTIL))))) < 0.1).all()


def test_nothing_known_moves_nothing() -> None:
    none = Looks(np.empty(0, "datetime64[ns]"), np.empty(0, "datetime64[ns]"), np.empty(0))
    assert (Cohorts.of(UNTIL, none, none).of_deals(pd.Series([UNTIL])) == 1).all()
