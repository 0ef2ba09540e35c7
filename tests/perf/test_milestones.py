"""How long questions about a million milestones take: printed, never asserted."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from tas_analytics.ingest.loading.entry import enter
from tas_analytics.metrics import activities, milestones, reached, relation
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.scope import Scope
from tas_analytics.store.database import Store
from tests.perf.big_company import AS_OF, build
from tests.perf.big_milestones import EACH, add
from tests.perf.test_measure import timed

pytestmark = pytest.mark.bench

EVENTS = 1_000_000


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    big = build(tmp_path_factory.mktemp("bench") / "milestones.duckdb", EVENTS // EACH)
    print(f"\n\n{add(big):,} milestones of {EVENTS // EACH:,} deals")
    print(f"{'question':<46} {'median':>8} {'p95':>8} {'cpu':>8}  ms")
    yield big
    big.close()


def ask(store: Store, company: Company, scope: Scope) -> list[tuple[object, ...]]:
    deals = relation.deals(company, scope, (), {"status", "amount"})
    ctes = "".join(f"{text}, " for text in relation.base_ctes(company, scope.as_of, deals.leans_on))
    only = "select deal_key from deal" if scope.filters else None
    return store.rows(
        f"with {ctes} deal as ({deals.sql}), m as ({reached.reached(scope.as_of, only=only)}) "
        "select milestone_key, status, count(*), sum(amount) from m join deal using (deal_key) where is_reached "
        "group by all",
        deals.params,
    )


def test_questions(store: Store) -> None:
    company, now = Company.of(store), Scope(AS_OF)
    numbers = count()
    timed("deals and amounts that reached each milestone", lambda: ask(store, company, now))
    timed("  of a region", lambda: ask(store, company, now.where("region", "Region 3")))
    timed("the milestones of one deal", lambda: milestones.of_deal(store, AS_OF, "D000000007"))
    timed("all open activities", lambda: activities.open_ones(store, company, now))
    row = {"opportunity_id": "D000000007", "milestone": "NDA received"}
    timed(
        "entering a milestone",
        lambda: enter(store, "milestones", [{**row, "evidence": f"no. {next(numbers)}"}], author="bench"),
    )
