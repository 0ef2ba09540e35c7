"""How good and how fast the chance to win is, beside other learners: printed, never asserted. ``make bench`` runs it.

Fixed protocol: five folds in which rows of identical cells stay together (seed 100), or four steps forward in time;
columns known only after the close left out. Without the public data only the sets that scikit-learn brings are
measured.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer, load_wine

from tas_analytics.forecast import WinModel
from tas_analytics.forecast.features import folds
from tests.conftest import public_folder
from tests.forecast.companies import deals as drawn
from tests.perf.learners import LEARNERS, auc, log_loss, missing

pytestmark = pytest.mark.bench

Deals = tuple[pd.DataFrame, pd.Series]
SMALL: Final = (50, 200, 1_000)
REPEATS: Final = 10


def _table(*parts: str, sep: str = ",") -> pd.DataFrame:
    import pyarrow.csv

    path = public_folder().joinpath(*parts)
    if not path.exists():
        pytest.skip(f"the public data sets have no {'/'.join(parts)}")
    options = pyarrow.csv.ParseOptions(delimiter=sep)
    return pd.DataFrame(pyarrow.csv.read_csv(path, parse_options=options).to_pandas())


def salvirt() -> Deals:
    table = _table("salvirt_b2b", "salvirt_b2b.csv", sep=";")
    return table.drop(columns="Status"), table["Status"] == "Won"


def ibm() -> Deals:
    table = _table("ibm_win_loss", "ibm_sales_win_loss.csv")
    late = [name for name in table if str(name).startswith(("Total Days", "Ratio", "Sales Stage", "Elapsed"))]
    return table.drop(columns=[*late, "Opportunity Result", "Opportunity Number"]), table["Opportunity Result"] == "Won"


def maven() -> Deals:
    table = _table("maven_crm", "sales_pipeline.csv")
    table = table[table["deal_stage"].isin(["Won", "Lost"])].sort_values("close_date", kind="stable")
    table = table.merge(_table("maven_crm", "accounts.csv"), how="left", on="account")
    table = table.merge(_table("maven_crm", "sales_teams.csv"), how="left", on="sales_agent")
    late = ["deal_stage", "close_date", "close_value", "opportunity_id"]
    return table.drop(columns=late), table["deal_stage"] == "Won"


def helixcore() -> Deals:
    table = _table("helixcore_stage_history", "deals.csv")
    table = table[table["status"].isin(["Closed Won", "Closed Lost"])].reset_index(drop=True)
    return table.drop(columns=["status", "lost_reason", "close_at"]), table["status"] == "Closed Won"


def breast_cancer() -> Deals:
    bunch = load_breast_cancer(as_frame=True)
    return bunch.data, bunch.target == 1


def wine() -> Deals:
    bunch = load_wine(as_frame=True)
    return bunch.data, bunch.target == 1


SETS: Final[dict[str, Callable[[], Deals]]] = {
    one.__name__: one for one in (salvirt, ibm, maven, helixcore, breast_cancer, wine)
}


def _rounds(name: str, deals: pd.DataFrame) -> list[tuple[np.ndarray, np.ndarray]]:
    if name == "maven":
        cuts = [int(len(deals) * share) for share in (0.4, 0.55, 0.7, 0.85, 1.0)]
        return [(np.arange(a), np.arange(a, b)) for a, b in pairwise(cuts)]
    marks = pd.util.hash_pandas_object(deals.astype(str), index=False).to_numpy()
    fold = folds(np.unique(marks, return_inverse=True)[1].astype(np.intp), 5, 100)
    return [(np.flatnonzero(fold != one), np.flatnonzero(fold == one)) for one in range(5)]


@pytest.mark.parametrize("name", SETS)
def test_log_loss(name: str) -> None:
    deals, won = SETS[name]()
    print(f"\n{name}: {len(deals):,} deals, {won.mean():.1%} won")
    for learner, (fit, _) in LEARNERS.items():
        if (package := missing(learner)) is not None:
            print(f"  {learner:12} left out: {package} is not installed")
            continue
        start, losses, areas = time.process_time(), [], []
        for into, out in _rounds(name, deals):
            chances = fit(deals.iloc[into].reset_index(drop=True), won.iloc[into].reset_index(drop=True))(
                deals.iloc[out]
            )
            losses.append(log_loss(won.iloc[out], chances))
            areas.append(auc(won.iloc[out], chances))
        loss = np.concatenate(losses)
        error = loss.std() / np.sqrt(len(loss))
        spent = time.process_time() - start
        print(f"  {learner:12} log loss {loss.mean():.4f} ± {error:.4f}  AUC {np.mean(areas):.3f}  {spent:5.1f} s")


@pytest.mark.parametrize("count", SMALL)
@pytest.mark.parametrize("name", SETS)
def test_few_deals(name: str, count: int) -> None:
    deals, won = SETS[name]()
    if len(deals) < count * 1.25:
        pytest.skip(f"{name} has {len(deals)} deals")
    losses: dict[str, list[float]] = {}
    for seed in range(REPEATS):
        order = np.random.default_rng(seed).permutation(len(deals))
        into, out = order[:count], order[count : count + 3_000]
        if won.iloc[into].nunique() < 2:
            continue
        for learner in ("constant", "one column", "ridge", "HistGB", "ours"):
            fitted = LEARNERS[learner][0](
                deals.iloc[into].reset_index(drop=True), won.iloc[into].reset_index(drop=True)
            )
            loss = float(log_loss(won.iloc[out], fitted(deals.iloc[out])).mean())
            losses.setdefault(learner, []).append(loss)
    print(f"\n{name}, {count} deals: " + "  ".join(f"{one} {np.mean(all_):.4f}" for one, all_ in losses.items()))


def test_speed() -> None:
    table, won, _ = drawn(100_000, 1)
    start = time.perf_counter()
    model = WinModel().fit(table, won)
    fitted = time.perf_counter()
    model.predict(pd.concat([table] * 10, ignore_index=True))
    print(f"\n100,000 deals fitted in {fitted - start:.1f} s, 1,000,000 scored in {time.perf_counter() - fitted:.1f} s")
