"""The review's sentences hold only what the waterfall holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

import pytest

from tas_analytics.metrics.periods import FiscalCalendar
from tas_analytics.metrics.scope import Scope
from tas_analytics.review import sentences
from tas_analytics.review.buckets import BUCKETS
from tas_analytics.review.changes import Changes, Total

QUARTER = FiscalCalendar().parse("2026Q4")
AS_OF = dt.date(2026, 11, 16)


def found(moved: Mapping[str, float], start: float = 1_000_000, days: int = 7, deals: int = 10) -> Changes:
    buckets = {one.key: Total(1 if one.key in moved else 0, Decimal(str(moved.get(one.key, 0)))) for one in BUCKETS}
    end = Decimal(str(start)) + sum(total.amount for total in buckets.values())
    signs = {"in": 1, "out": -1, "both": 0, "rate": 0}
    last = deals + sum(signs[one.side] * buckets[one.key].deals for one in BUCKETS)
    scope = Scope(AS_OF, QUARTER)
    return Changes(
        AS_OF - dt.timedelta(days=days), scope, Total(deals, Decimal(str(start))), Total(last, end), buckets
    )  # fmt: skip


@pytest.mark.parametrize(
    ("moved", "said"),
    [
        ({"won": -900e3, "pushed_out": -1.1e6, "created": 900e3},
         "Open Q4 pipeline fell $1.1M this week: $900k was won, but $1.1M was pushed out"),
        ({"lost": -500e3, "pushed_out": -400e3},
         "Open Q4 pipeline fell $900k this week: $500k was lost and $400k was pushed out"),
        ({"created": 500e3, "increased": 300e3, "lost": -100e3},
         "Open Q4 pipeline rose $700k this week: $500k is new and $300k was added to deals"),
        ({"created": 500e3, "won": -500e3}, "Open Q4 pipeline stood still this week: $500k came in, $500k left"),
        ({"currency": -50e3}, "Open Q4 pipeline fell $50k this week: $50k came from exchange rates"),
        ({}, "Open Q4 pipeline did not change this week: 10 deals"),
    ],
)  # fmt: skip
def test_the_headline_names_direction_and_causes(moved: dict[str, float], said: str) -> None:
    assert sentences.what_changed(found(moved), "USD") == said


def test_a_longer_time_is_named_by_its_first_day() -> None:
    assert "since 5 Oct:" in sentences.what_changed(found({"lost": -500e3}, days=42), "USD")
    assert "since 17 Nov 2025" in sentences.what_changed(found({"lost": -500e3}, days=364), "USD")


def test_without_amounts_deals_are_counted() -> None:
    assert sentences.what_changed(found({"removed": 0.0, "won": 0.0}, 0), "USD") == (
        "Open Q4 pipeline lost 2 deals this week"
    )
    assert sentences.what_changed(found({}, 0, deals=0), "USD") == "Nothing was open in this scope this week"


@pytest.mark.parametrize(
    ("moved", "said"),
    [
        ({"created": 2e6, "won": -1e6}, "What came in, $2.0M, made up for the $1.0M that left"),
        ({"created": 1e6, "won": -2e6}, "$1.0M came in for the $2.0M that left"),
        ({"won": -2e6}, "Nothing replaced the $2.0M that left"),
        ({"created": 1e6, "currency": -2e6}, "$1.0M came in and nothing left"),
        ({}, "Nothing came in and nothing left"),
    ],
)
def test_the_finding_over_the_ledger_weighs_in_against_out(moved: dict[str, float], said: str) -> None:
    assert sentences.ledger(found(moved), "USD") == said
