"""Of thousands of random waterfalls each balances to the cent and says of each deal what its history says."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from tas_analytics.metrics.company import Company
from tas_analytics.metrics.measure import measure
from tas_analytics.metrics.periods import Period
from tas_analytics.metrics.scope import Scope
from tas_analytics.review.buckets import BUCKETS
from tas_analytics.review.changes import changed_deals, changes
from tas_analytics.store.database import Store
from tests.review import brute_force
from tests.review.histories import CATEGORIES, GROUPS, OWNERS, REGIONS, STAGES, Filters, History, invent

ZERO = Decimal("0.00")


def any_filters(dice: random.Random) -> Filters:
    choices = {"owner": OWNERS, "region": (*REGIONS, "East"), "stage": tuple(STAGES), "forecast_category": CATEGORIES}
    keys = dice.sample(list(choices), dice.choice((0, 0, 1, 1, 2)))
    return {key: tuple(set(dice.choices(choices[key], k=dice.randint(1, 3)))) for key in keys}


def any_period(company: Company, day: dt.date, dice: random.Random) -> Period | None:
    near = day + dt.timedelta(days=dice.randint(-40, 120))
    return dice.choice((None, company.calendar.quarter_of(near), company.calendar.month(near)))


def compare(store: Store, company: Company, history: History, dice: random.Random, seen: Counter[str]) -> None:
    """One waterfall between any two days in any scope, against the deals' histories."""
    last = (history.days[-1] - history.days[0]).days + 3
    first, second = sorted(dice.sample(range(last), 2))
    since, as_of = (history.days[0] + dt.timedelta(days=offset) for offset in (first, second))
    filters, period = any_filters(dice), any_period(company, as_of, dice)
    scope = Scope.of(as_of, period, filters)
    span = (period.start, period.end) if period else None
    expected = brute_force.waterfall(history, since, as_of, span, filters)
    found = changes(store, company, since, scope)
    listed = changed_deals(store, company, since, scope)

    assert {row["opportunity_id"]: row["bucket"] for row in listed} == {k: m.bucket for k, m in expected.items()}
    assert len(listed) == len(expected), "a deal is in exactly one bucket"
    for row in listed:
        deal = expected[row["opportunity_id"]]
        assert (row["before"], row["after"]) == (deal.before, deal.after), row
        assert (row["amount"], row["currency_effect"]) == (deal.after - deal.before, deal.at_end - deal.after), row
    assert found.start.amount == sum((m.before for m in expected.values()), ZERO)
    assert found.end.amount == sum((m.at_end for m in expected.values()), ZERO)
    assert found.end.amount == found.start.amount + sum((t.amount for t in found.buckets.values()), ZERO)
    for group in range(GROUPS):  # each of the companies in the store balances by itself
        own = {key: m for key, m in expected.items() if history.group(key) == f"Company {group}"}
        rows = [row for row in listed if row["opportunity_id"] in own]
        start, end = (sum((getattr(m, side) for m in own.values()), ZERO) for side in ("before", "at_end"))
        assert end == start + sum((row["effect"] for row in rows), ZERO)
    signs = {"in": 1, "out": -1, "both": 0, "rate": 0}
    assert found.end.deals == found.start.deals + sum(signs[b.side] * found.buckets[b.key].deals for b in BUCKETS)
    for one in BUCKETS:
        ours = [m for m in expected.values() if m.bucket == one.key]
        amount = sum((m.after - m.before for m in ours), ZERO)
        if one.key == "currency":
            amount = sum((m.at_end - m.after for m in expected.values()), ZERO)
        assert (found.buckets[one.key].deals, found.buckets[one.key].amount) == (len(ours), amount), one.key
    seen.update(m.bucket for m in expected.values())
    seen["currency"] += found.buckets["currency"].amount != 0


def compare_moves(store: Store, company: Company, history: History, dice: random.Random) -> int:
    """Slip rate and pushes of a period; gives how many deals were due."""
    as_of = dice.choice(history.days[3:])
    near = history.days[0] + dt.timedelta(days=dice.randint(17, 40))
    period = dice.choice((None, company.calendar.quarter_of(near), company.calendar.month(near)))
    span = (period.start, period.end) if period else None
    keys = ("push_count", "delay_count", "due_deals", "due_amount", "slipped_deals", "slipped_amount", "slip_rate")
    row = measure(store, keys, Scope(as_of, period), (), company).iloc[0]
    assert (row["push_count"], row["delay_count"]) == brute_force.pushes(history, as_of, span)
    if span is None or not history.days[0] <= span[0] <= as_of:
        return 0
    n, due, gone, amount = brute_force.slipped(history, span, as_of)
    assert (row["due_deals"], row["slipped_deals"]) == (n, gone)
    assert (round(row["due_amount"], 2), round(row["slipped_amount"], 2)) == (float(due), float(amount))
    if due:
        assert row["slip_rate"] == pytest.approx(float(amount / due))
    return n


@pytest.mark.parametrize("seed", range(3))
def test_every_waterfall_equals_the_deals_own_histories(seed: int, tmp_path: Path) -> None:
    """Together 1,800 companies' waterfalls, 90 of whole stores; tests/perf has ten thousand."""
    check_histories(seed, tmp_path, waterfalls=30)


def check_histories(seed: int, folder: Path, *, waterfalls: int) -> None:
    dice = random.Random(seed)
    history = invent(dice)
    store = history.store(folder / f"{seed}.duckdb", dice)
    company = Company.of(store)
    seen: Counter[str] = Counter()
    try:
        for _ in range(waterfalls):
            compare(store, company, history, dice, seen)
        due = sum(compare_moves(store, company, history, dice) for _ in range(waterfalls // 3))
    finally:
        store.close()
    assert {one.key for one in BUCKETS} - {key for key, n in seen.items() if n} == set(), "each bucket was met"
    assert due
