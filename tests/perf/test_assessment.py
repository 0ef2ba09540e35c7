"""How long the assessment's questions take with 10,000 open deals, three parties each, assessed four times."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Any

import numpy as np
import pytest

from tas_analytics.ingest.loading.entry import enter
from tas_analytics.ingest.loading.loader import load
from tas_analytics.ingest.planning.plan import Options, prepare
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.measure import measure
from tas_analytics.metrics.positions import positions, scores_on
from tas_analytics.metrics.scope import Scope
from tas_analytics.store.database import Store

pytestmark = pytest.mark.bench
DEALS = 10_000
AS_OF = dt.date(2026, 11, 16)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    chance = np.random.default_rng(4)
    deals = ["opportunity_id,name,account,owner,stage,amount,created_date,close_date"]
    deals += [
        f"D{n},Deal {n},Account {n % 900},Owner {n % 60},Stage {n % 5},{1000 + n},2026-01-01,2026-12-{1 + n % 28:02d}"
        for n in range(DEALS)
    ]
    numbers = ",".join(f"{n}" for n in range(1, 21))
    rows = [f"opportunity_id,competitor,assessed_on,{numbers}"]
    for n in range(DEALS):
        for rival in ("", "Acme", "Bolt"):
            for month in (2, 4, 6, 8):
                rows.append(f"D{n},{rival},2026-{month:02d}-01,{','.join(chance.choice(['+', '-', '?'], 20))}")
    store = Store.open(tmp_path_factory.mktemp("bench") / "assessed.duckdb")
    start = perf_counter()
    options = Options(as_of=AS_OF)
    files = [("opportunities.csv", deals), ("assessments.csv", rows)]
    load(store, [prepare("\n".join(text).encode(), name, options) for name, text in files], user="bench")
    ratings = store.value("select count(*) from assessment_version")
    print(f"\nloaded {DEALS:,} deals and {ratings:,} ratings in {perf_counter() - start:.1f} s")
    yield store
    store.close()


def timed(name: str, ask: Callable[[], Any], times: int = 5) -> Any:
    taken: list[float] = []
    found: Any = None
    for _ in range(times):
        start = perf_counter()
        found = ask()
        taken.append(perf_counter() - start)
    print(f"{name:<44}{1000 * sorted(taken)[times // 2]:8.0f} ms")
    return found


def test_questions_of_the_assessment(store: Store) -> None:
    company, scope = Company.of(store), Scope(AS_OF)
    found = timed("positions of all open deals", lambda: positions(store, company, scope))
    assert len(found.deals) == DEALS
    timed("positions of one owner", lambda: positions(store, company, scope.where("owner", "Owner 7")))
    timed("ratings on an earlier day", lambda: scores_on(store, dt.date(2026, 5, 1), found.deals["deal_key"]))
    shares = ["known_share", "favourable_share", "assessment_score"]
    timed("shares by owner and question", lambda: measure(store, shares, scope, ["owner", "question"], company))
    both = ["competitor", "criterion"]
    timed("net advantage by competitor and criterion", lambda: measure(store, ["net_advantage"], scope, both, company))
    days = iter(range(1, 29))

    def rate() -> int:
        row = {"opportunity_id": "D5", "competitor": None, "criterion": 5, "rating": "+"}
        return enter(store, "assessments", [row | {"assessed_on": dt.date(2026, 10, next(days))}], author="Bench")

    timed("one rating entered in the app", rate)
