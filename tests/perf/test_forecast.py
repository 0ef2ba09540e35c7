"""How long the forecast of a period takes, the model's answers given: `make bench`."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tas_analytics.forecast.ahead import Ahead
from tas_analytics.forecast.period import days_asked, period_forecast
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.scope import Scope
from tests.metrics.small import store_of

LAST = pd.Timestamp("2026-05-15")
DEALS = 30_000


@pytest.mark.bench
def test_a_period_of_ten_thousand_open_deals(tmp_path: Path) -> None:
    dice = np.random.default_rng(2)
    created = pd.Timestamp("2024-06-01") + pd.to_timedelta(dice.integers(0, 700, DEALS), unit="D")
    closed = created + pd.to_timedelta(np.ceil(dice.exponential(300, DEALS)).astype(int), unit="D")
    done, won = closed <= LAST, dice.random(DEALS) < 0.4
    frame = pd.DataFrame(
        {
            "opportunity_id": [f"B{place}" for place in range(DEALS)], "name": "b",
            "stage": np.where(done, np.where(won, "Won", "Lost"), "Talk"),
            "amount": dice.integers(5, 500, DEALS) * 1000, "created_date": created.strftime("%Y-%m-%d"),
            "close_date": np.where(done, closed.strftime("%Y-%m-%d"), "2026-06-15"),
            "owner": [f"O{place % 40}" for place in range(DEALS)],
        }
    )  # fmt: skip
    export = frame[created <= LAST].to_csv(index=False)
    store = store_of(tmp_path / "big.duckdb", {f"opportunities_{LAST.date()}.csv": export})
    company, scope = Company.of(store), Scope(LAST.date())
    sql = (
        "select record_key from opportunity_version v join stage s using (stage_key) where s.status = 'open' order by 1"
    )
    keys = store.frame(sql)["record_key"].drop_duplicates().to_numpy(dtype=np.int64)
    days = days_asked(company, scope)
    chances = dice.beta(1, 3, len(keys))[:, None] * np.linspace(0.2, 1, len(days))[None, :]
    answers = Ahead(days, keys, chances, 0.0, 500, 500)
    for by in (None, "owner"):
        began = time.perf_counter()
        found = period_forecast(store, company, scope, by, answers=answers)
        seconds = time.perf_counter() - began
        print(f"period forecast, {len(found.deals):,} open deals, by {by or 'nothing'}: {seconds:.2f} s")
    store.close()
