"""Columns that were written at the close, told by what open deals and time say of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tas_analytics.forecast.leaks import findings, timed

DICE = np.random.default_rng(1)
WON = (DICE.random(600) < 0.4).astype(np.float64)


def judged(closed: np.ndarray, still_open: np.ndarray, *, at_close: bool = True) -> list[str]:
    tables = (pd.DataFrame({"column": one}) for one in (closed, still_open))
    return [one.gravity for one in findings(next(tables), WON, next(tables), at_close=at_close)]


LEAKS = {
    "an amount on won deals, 0 on all others": (np.where(WON, DICE.normal(5_000, 900, 600), 0), np.zeros(200)),
    "a code of won deals, most of the time": (np.where((WON > 0) & (DICE.random(600) < 0.7), 7, 3), np.full(200, 3)),
    "a code of few won deals": (np.where((WON > 0) & (DICE.random(600) < 0.2), 7, 3), np.full(200, 3)),
    "other codes on open deals, seldom wrong": (
        np.where(DICE.random(600) < 0.8, np.where(WON, "W", "L"), "?"), DICE.choice(["new", "?"], 200),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LEAKS)
def test_what_changes_at_the_close_is_refused(name: str) -> None:
    assert judged(*LEAKS[name]) == ["leak"]


def test_what_was_known_before_may_tell_much_and_differ() -> None:
    grade = np.where(
        WON, DICE.choice(list("abc"), 600, p=[0.6, 0.3, 0.1]), DICE.choice(list("abc"), 600, p=[0.1, 0.3, 0.6])
    )
    assert judged(grade, DICE.choice(list("abc"), 200, p=[0.2, 0.3, 0.5])) == []
    # Some sellers have left, and open deals are new ones' in part; none of them tells the outcome.
    assert judged(DICE.choice(list("uvwxyz"), 600), DICE.choice(list("wxyzmn"), 200)) == []
    # Deals about to close really are further than others.
    assert judged(*LEAKS["a code of won deals, most of the time"], at_close=False) == []


def test_what_tells_when_deals_closed_is_refused() -> None:
    created = pd.Series(pd.Timestamp("2025-01-01") + pd.to_timedelta(DICE.integers(0, 500, 600), unit="D"))
    lasted = pd.Series(np.ceil(DICE.exponential(60, 600)))
    ended = created + pd.to_timedelta(lasted, unit="D")
    table = pd.DataFrame(
        {
            "Days": lasted + DICE.integers(0, 15, 600), "Tier": pd.cut(lasted, [0, 20, 60, 999]).astype(str),
            "Closed in": ended.dt.to_period("Q").astype(str), "Closed in year": ended.dt.year,
            "Archived": ended + pd.to_timedelta(DICE.integers(0, 9, 600), unit="D"),
            "Opened in": created.dt.to_period("Q").astype(str), "Opened in year": created.dt.year,
            "First call": created + pd.to_timedelta(DICE.integers(0, 9, 600), unit="D"),
            "Seats": np.round(lasted * DICE.lognormal(0, 1.5, 600)), "Region": DICE.choice(list("abcd"), 600),
            "Pace": np.where(DICE.random(600) < 0.8, np.where(lasted > 40, "slow", "fast"), "?"),
        }
    )  # fmt: skip
    assert [one.column for one in timed(table, created, ended)] == [
        "Days", "Tier", "Closed in", "Closed in year", "Archived",
    ]  # fmt: skip
    assert timed(table.head(10), created.head(10), ended.head(10)) == []
