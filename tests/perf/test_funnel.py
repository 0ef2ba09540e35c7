"""How long the milestone funnel takes over a million milestones: printed, never asserted. ``make bench`` runs it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tas_analytics.metrics.company import Company
from tas_analytics.metrics.measure import measure
from tas_analytics.metrics.registry import metrics
from tas_analytics.metrics.scope import Scope
from tas_analytics.store.database import Store
from tests.perf.big_company import AS_OF, build
from tests.perf.test_measure import timed

pytestmark = pytest.mark.bench

#: With about seven milestones each.
DEALS = 145_000
#: Twelve of the catalogue, in its order.
MILESTONES = (
    "Inbound interest", "Qualitative call occurred", "Opportunity qualified", "Discovery call occurred",
    "NDA received", "Timeline confirmed", "Executive sponsor commitment", "Decision-making criteria understood",
    "Commercial terms understood", "Short-listed", "Contracting process understood", "Contracts out for redline",
)  # fmt: skip
_SETTLE = """
    insert into milestone_type by name
    select step as milestone_key, 'm' || step as code, name as milestone, 'milestone' as kind, step as position,
        false as mandatory, true as in_use, 'default' as origin
    from (select unnest(generate_series(1, 12)) as step, unnest($names) as name)
"""
#: A deal gets so many of the twelve as its number says; one in eleven lacks one in between, some are out of order.
_MILESTONES = """
    insert into milestone_version by name
    with step as (select unnest(generate_series(1, 12)) as step, unnest($names) as milestone)
    select cast(row_number() over () as integer) as record_key, timestamp '1900-01-01' as valid_from, 1 as load_id,
        v.record_key as opportunity_key, v.opportunity_id, step.milestone, step.step as milestone_key,
        'Buyer ' || v.record_key % 900 as contact,
        v.created_date + cast(9 * step.step as integer) as target_date,
        case when step.step <= hash(v.record_key) % 13 and hash(v.record_key, step.step) % 11 > 0
            then v.created_date + cast(9 * step.step + hash(step.step, v.record_key) % 40 - 15 as integer)
        end as achieved_date
    from opportunity_version v, step
    where v.valid_to is null and step.step <= 1 + hash(v.record_key) % 13 and step.step <= 12
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    big = build(tmp_path_factory.mktemp("funnel") / "big.duckdb", DEALS)
    with big.transaction() as cursor:
        cursor.execute("delete from milestone_type")
        cursor.execute(_SETTLE, {"names": list(MILESTONES)})
        cursor.execute(_MILESTONES, {"names": list(MILESTONES)})
    rows = big.value("select count(*) from milestone_version")
    print(f"\n\n{DEALS:,} deals, {rows:,} milestones")
    print(f"{'question':<46} {'median':>8} {'p95':>8} {'cpu':>8}  ms")
    yield big
    big.close()


def test_questions(store: Store) -> None:
    company = Company.of(store)
    everything = [one.key for one in metrics() if one.grain in {"reach", "plan"}]
    bars = ["milestone_reached", "milestone_open", "milestone_conversion", "median_days_to_milestone"]
    now, region = Scope(AS_OF), Scope(AS_OF).where("region", "Region 3")
    timed("the company's facts", lambda: Company.of(store))
    timed("funnel: bars of all deals", lambda: measure(store, bars, now, ["milestone"], company))
    timed("  of a region", lambda: measure(store, bars, region, ["milestone"], company))
    timed("funnel: every number, all deals", lambda: measure(store, everything, now, ["milestone"], company))
    timed("  of a region", lambda: measure(store, everything, region, ["milestone"], company))
    timed("  by region", lambda: measure(store, everything, now, ["region", "milestone"], company))
    timed("adoption by owner", lambda: measure(store, ["adoption_30", "adoption_60"], now, ["owner"], company))
