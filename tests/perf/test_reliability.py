"""How reliable scores are on companies whose true chances are known: printed, never asserted. ``make bench`` runs it.

Error: mean gap between chances and truth over tenths of a company's open deals, and of all companies' together. Cover:
how often the 80 % interval of a deal holds its true chance.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from tas_analytics.forecast import fitted
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
