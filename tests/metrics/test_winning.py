"""The sentences about what wins claim what the statistics hold, and no more."""

from __future__ import annotations

import pandas as pd
import pytest

from tas_analytics.metrics.separation import Difference, Effect, Rate, Verdict
from tas_analytics.metrics.what_wins import WhatWins, rivals
from tas_analytics.metrics.winning import hardest, knowing, rated, what_separates


def effect(
    number: int, verdict: Verdict, plus: tuple[int, int] = (63, 100), minus: tuple[int, int] = (29, 100)
) -> Effect:
    gap = plus[0] / plus[1] - minus[0] / minus[1]
    return Effect(
        number, Rate(*plus), Rate(*minus), Rate(0, 5), Difference(gap, gap - 0.1, gap + 0.1), 0.01, verdict, None
    )


def said(*effects: Effect, closed: int = 200, assessed: int = 200) -> str:
    return what_separates(WhatWins(Rate(70, closed), Rate(60, assessed), effects), 30)


def test_one_two_and_three_criteria_are_named() -> None:
    assert said(effect(5, "more"), effect(7, "none")) == (
        "Compelling event separates winners: 63\u202f% of the deals rated + are won, 29\u202f% of those rated −"
    )
    assert said(effect(11, "more"), effect(5, "more")) == (
        "Inside support and compelling event separate winners: 63\u202f% of the deals rated + on inside support are "
        "won, 29\u202f% of those rated −"
    )
    assert said(effect(1, "more"), effect(2, "more"), effect(3, "more"), effect(4, "more")).startswith(
        "Customer's application or project, Customer's business profile and customer's financial condition separate"
    )


def test_the_other_direction_is_said_as_such() -> None:
    words = said(effect(8, "less", (10, 100), (50, 100)))
    assert words.startswith("Deals rated + on sales resource requirements win less often: 10\u202f%")
    assert said(effect(5, "more"), effect(8, "less")).endswith("; sales resource requirements the other way round")


def test_nothing_is_claimed_where_nothing_holds() -> None:
    assert said(effect(5, "none"), effect(6, "few")) == (
        "Nothing separates winners here: luck explains the differences of the only criterion tested"
    )
    assert said(effect(5, "few")).startswith("Too few deals to tell")
    assert said(closed=0) == "No deal has been closed here"
    assert said(assessed=0) == "None of the 200 closed deals had been assessed 30 days before its close"
    assert said(closed=1, assessed=0) == "The only closed deal had not been assessed 30 days before its close"


def test_small_cases_read_k_of_n() -> None:
    assert rated("+", 11, Rate(7, 12), 30) == "12 closed deals were rated + on inside support; 7 of 12 won"
    assert rated("−", 11, Rate(50, 100), 30) == "100 closed deals were rated − on inside support; 50\u202f% of them won"
    assert rated("?", 5, Rate(0, 0), 14) == "No closed deal was rated ? on compelling event 14 days before its close"


def quarters(name: str, *outcomes: tuple[int, int]) -> list[tuple[object, ...]]:
    return [
        (name, f"{2025 + i // 4}Q{i % 4 + 1}", won, lost, won * 100.0, lost * 100.0, (won + lost) * 10_000.0)
        for i, (won, lost) in enumerate(outcomes)
    ]


def against(*rows: tuple[object, ...]) -> pd.DataFrame:
    columns = ["competitor", "quarter", "won", "lost", "won_amount", "lost_amount", "squares"]
    return pd.DataFrame(list(rows), columns=columns)


def test_a_competitor_who_beats_us_is_named_only_beyond_luck() -> None:
    rows = quarters("Halden", *[(2, 18)] * 4) + quarters("Orrin", *[(10, 10)] * 4)
    assert hardest(rivals(against(*rows)), Rate(100, 220)) == (
        "We win less against Halden: 10\u202f%, against 66\u202f% of all other deals"
    )
    level = quarters("Halden", *[(9, 11)] * 4) + quarters("Orrin", *[(10, 10)] * 4)
    assert hardest(rivals(against(*level)), Rate(76, 160)).startswith("We win against any competitor about as often")
    assert hardest(rivals(against()), Rate(3, 9)) == "No competitor is known in any closed deal"


def test_a_trend_needs_more_than_luck() -> None:
    falling = quarters("Halden", *[(15, 5)] * 4, *[(5, 15)] * 4)
    assert hardest(rivals(against(*falling)), Rate(80, 160)) == (
        "Our win rate against Halden falls: 25\u202f% in the last four quarters, 75\u202f% before"
    )
    steady = rivals(against(*quarters("Halden", *[(10, 10)] * 8)))
    assert steady["trend"].tolist() == ["none"]
    assert (steady["new_deals"].tolist(), steady["old_deals"].tolist()) == ([80], [80])


def test_a_rate_by_value_of_few_large_deals_is_less_sure() -> None:
    equal = rivals(against(("A", "2026Q1", 10, 10, 1000.0, 1000.0, 20 * 100.0**2))).iloc[0]
    uneven = rivals(against(("A", "2026Q1", 10, 10, 1000.0, 1000.0, 2 * 900.0**2 + 18 * 11.0**2))).iloc[0]
    assert equal["value_rate"] == pytest.approx(0.5)
    assert uneven["value_high"] - uneven["value_low"] > 1.5 * (equal["value_high"] - equal["value_low"])
    nothing = rivals(against(("A", "2026Q1", 1, 1, 0.0, 0.0, 0.0))).iloc[0]
    assert pd.isna(nothing["value_rate"])


def test_knowing_is_told_in_points() -> None:
    one = Effect(1, Rate(1, 2), Rate(1, 2), Rate(0, 1), None, None, "few", Difference(0.084, -0.02, 0.19))
    assert knowing(one) == "+8 (−2 to +19)"
