"""How long a question takes at full size: printed, never asserted. ``make bench`` runs it.

``TAS_BENCH_DEALS=200000`` measures one size only. The stores are built anew in a temporary folder, half a minute for a
million deals.
"""

from __future__ import annotations

import datetime as dt
import os
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tas_analytics.ingest.judging.verdict import judge_store
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.compare import before
from tas_analytics.metrics.deals import deal_list, flag_totals
from tas_analytics.metrics.measure import measure
from tas_analytics.metrics.scope import Scope
from tas_analytics.review.buckets import BUCKETS
from tas_analytics.review.changes import changed_deals, changes
from tas_analytics.review.risks import risks
from tas_analytics.store.database import Store
from tests.perf.big_company import AS_OF, build

pytestmark = pytest.mark.bench

SIZES = [int(size) for size in os.environ.get("TAS_BENCH_DEALS", "200000,1000000").split(",")]
TIMES = 15
#: What the home page asks, query by query.
TILES = (
    *("open_deals", "open_pipeline", "weighted_pipeline", "won_deals", "won_amount", "lost_deals", "closed_deals"),
    *("win_rate", "average_won", "target", "coverage", "needed_coverage"),
    *("category_commit", "category_best_case", "category_omitted"),
)
STAGE_BARS = ("open_pipeline", "open_deals", "stalled_pipeline", "stalled_deals")
WORRIES = ("commit_stalled", "overdue", "pushed", "stalled", "no_next_step", "no_amount", "no_date")
MOVED = tuple(one.key for one in BUCKETS if one.key not in {"unchanged", "currency"})


@pytest.fixture(scope="module", params=SIZES, ids=lambda size: f"{size:,} deals")
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    began = time.perf_counter()
    big = build(tmp_path_factory.mktemp("bench") / f"{request.param}.duckdb", request.param)
    versions = big.value("select count(*) from opportunity_version")
    print(f"\n\n{request.param:,} deals, {versions:,} versions, built in {time.perf_counter() - began:.0f} s")
    print(f"{'question':<46} {'median':>8} {'p95':>8} {'cpu':>8}  ms")
    yield big
    big.close()


def timed(name: str, ask: Callable[[], object]) -> None:
    """Print the median and 95th percentile of the clock, and the least processor time, which is steadier."""
    ask()  # the first query of a kind pays for imports and a cold cache
    taken, worked = [], []
    for _ in range(TIMES):
        began, busy = time.perf_counter(), time.process_time()
        ask()
        taken.append(1000 * (time.perf_counter() - began))
        worked.append(1000 * (time.process_time() - busy))
    late = statistics.quantiles(taken, n=20)[-1]
    print(f"{name:<46} {statistics.median(taken):>8.0f} {late:>8.0f} {min(worked):>8.0f}")


def test_questions(store: Store) -> None:
    company = Company.of(store)
    now = Scope(AS_OF)
    quarter = now.within(company.calendar.quarter_of(AS_OF))
    past = before(company, quarter)
    region = quarter.where("region", "Region 3")
    timed("the company's facts", lambda: Company.of(store))
    timed("open pipeline by stage", lambda: measure(store, ["open_pipeline"], now, ["stage"], company))
    timed(
        "  of a region", lambda: measure(store, ["open_pipeline"], now.where("region", "Region 3"), ["stage"], company)
    )
    timed("  by stage and region", lambda: measure(store, ["open_pipeline"], now, ["stage", "region"], company))
    timed("home: key figures of the quarter", lambda: measure(store, TILES, quarter, (), company))
    timed("  of a region", lambda: measure(store, TILES, region, (), company))
    if past.snapshot and past.flow:
        snapshot, flow = past.snapshot, past.flow
        timed("  same day of the quarter before", lambda: measure(store, TILES, snapshot, (), company))
        timed("  closed until that day", lambda: measure(store, TILES, flow, (), company))
    timed("home: stages with their stalled part", lambda: measure(store, STAGE_BARS, quarter, ["stage"], company))
    timed("home: what needs attention", lambda: flag_totals(store, company, quarter, WORRIES))
    timed("  of a region", lambda: flag_totals(store, company, region, WORRIES))
    timed(
        "home: one day of the trend", lambda: measure(store, ("won_amount", "commit_cumulative"), quarter, (), company)
    )
    timed("home: won by month", lambda: measure(store, ("won_amount",), now, ["close_month"], company))
    timed("largest 1,000 deals", lambda: deal_list(store, company, quarter, limit=1000))
    timed("  of a region", lambda: deal_list(store, company, region, limit=1000))
    timed("stage conversion by stage", lambda: measure(store, ["stage_conversion"], now, ["stage"], company))
    timed("days in stage by stage", lambda: measure(store, ["days_in_stage"], now, ["stage"], company))
    timed("slip rate of the quarter", lambda: measure(store, ["slip_rate"], quarter, (), company))
    timed("win rate by owner", lambda: measure(store, ["win_rate"], now, ["owner"], company))
    week = AS_OF - dt.timedelta(days=7)
    timed("what changed in a week", lambda: changes(store, company, week, quarter))
    timed("  of a region", lambda: changes(store, company, week, region))
    at_risk = risks(store, company, region)
    timed(f"risks of a region, {at_risk.open_deals:,} open deals", lambda: risks(store, company, region))
    timed("  in a year, all close dates", lambda: changes(store, company, AS_OF - dt.timedelta(days=364), now))
    timed("  the week's deals", lambda: changed_deals(store, company, week, quarter, MOVED))
    timed("verdict on the whole store, once per load", lambda: judge_store(store))


def test_the_big_company_is_a_valid_one(tmp_path: Path) -> None:
    small = build(tmp_path / "small.duckdb", 2_000)
    doubles = small.value(
        "select count(*) from (select record_key from opportunity_version where valid_to is null "
        "group by record_key having count(*) <> 1)"
    )
    assert doubles == 0
    assert measure(small, ["deals"], Scope(AS_OF))["deals"].iloc[0] == 2_000
    small.close()
