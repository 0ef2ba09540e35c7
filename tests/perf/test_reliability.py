"""How reliable scores are on companies whose true chances are known: printed, never asserted. ``make bench`` runs it.

Error: mean gap between chances and truth over tenths of a company's open deals, and of all companies' together. Cover:
how often the 80 % interval of a deal holds its true chance.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tas_analytics.forecast import WinModel, fitted
from tas_analytics.forecast.proof import expected_error
from tas_analytics.metrics.company import Company
from tests.forecast import simulated
from tests.metrics.small import store_of

pytestmark = pytest.mark.bench


@pytest.mark.parametrize(
    ("closed", "companies", "staged", "weeks"),
    [(200, 20, True, 1), (200, 20, False, 1), (200, 10, True, 26), (2_000, 8, True, 1), (2_000, 8, False, 1)],
)
def test_scores_of_known_companies(tmp_path: Path, closed: int, companies: int, staged: bool, weeks: int) -> None:
    errors, covered, widths, every_said, every_true = [], [], [], [], []
    for seed in range(companies):
        drawn = simulated.company(closed, seed, staged=staged)
        store = store_of(tmp_path / f"{seed}.duckdb", drawn.files(weeks=weeks))
        model = fitted.fit(store, Company.of(store), simulated.LAST)
        curve = model.curve([simulated.LAST + dt.timedelta(days=90)], unsure=True)
        truth = drawn.truth(simulated.LAST, 90).reindex(model.rows["opportunity_id"]).to_numpy()
        said, low, high = curve.won[:, 0], curve.won_low[:, 0], curve.won_high[:, 0]
        errors.append(expected_error(said, truth))
        covered.append(((low <= truth) & (truth <= high)).mean())
        widths.append((high - low).mean())
        every_said.append(said)
        every_true.append(truth)
        store.close()
    together = expected_error(np.concatenate(every_said), np.concatenate(every_true))
    print(
        f"\n{companies} companies of {closed:,} closed deals, {'three stages' if staged else 'one stage'}, "
        f"{weeks} export(s): error {np.mean(errors):.4f} each, {together:.4f} together; cover {np.mean(covered):.1%}, "
        f"width {np.mean(widths):.3f}"
    )


def _closed(count: int, seed: int, strength: float, base: float) -> tuple[pd.DataFrame, pd.Series, pd.Series]:
    """Closed deals as raw columns, whether each was won, and its true chance: words, numbers, blanks and noise."""
    rng = np.random.default_rng(seed)
    sellers, industries = rng.normal(0, 0.35, 25), rng.normal(0, 0.5, 8)
    seller, industry = rng.integers(0, 25, count), rng.integers(0, 8, count)
    amount, age = np.exp(rng.normal(10, 1.2, count)), rng.gamma(2, 40, count)
    reached, balance = rng.integers(0, 12, count), rng.normal(0, 4, count)
    effect = industries[industry] + sellers[seller] + (reached - 5.5) / 6 - 0.3 * (np.log(amount) - 10)
    odds = base + strength * (effect + 0.1 * balance - 0.5 * (age > 120))
    truth = 1 / (1 + np.exp(-odds))
    deals = pd.DataFrame(
        {
            "owner": [f"Seller {one}" for one in seller], "industry": [f"Industry {one}" for one in industry],
            "region": rng.choice(["North", "South", "West"], count), "amount": amount.round(), "age": age.round(),
            "milestones": reached, "balance": np.where(rng.random(count) < 0.1, np.nan, balance),
            "noise": rng.normal(size=count),
        }
    )  # fmt: skip
    return deals, pd.Series((rng.random(count) < truth).astype(int)), pd.Series(truth)


@pytest.mark.parametrize(("closed", "companies"), [(200, 16), (2_000, 8)])
@pytest.mark.parametrize(("strength", "base"), [(1.0, -0.8), (0.3, -0.8), (2.0, -0.8), (1.0, -2.5)])
def test_chances_given_the_close_of_known_companies(closed: int, companies: int, strength: float, base: float) -> None:
    """The win-given-close learner alone, on 4,000 deals of each company that it has not seen."""
    errors, every_said, every_true = [], [], []
    for seed in range(companies):
        deals, won, truth = _closed(closed + 4_000, seed, strength, base)
        said = WinModel().fit(deals[:closed], won[:closed]).predict(deals[closed:]).to_numpy()
        errors.append(expected_error(said, truth[closed:].to_numpy()))
        every_said.append(said)
        every_true.append(truth[closed:].to_numpy())
    together = expected_error(np.concatenate(every_said), np.concatenate(every_true))
    print(
        f"\n{companies} companies of {closed:,} closed deals, effects × {strength}, base {base}: "
        f"error {np.mean(errors):.4f} each, {together:.4f} together"
    )
