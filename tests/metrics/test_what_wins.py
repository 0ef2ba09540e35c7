"""What wins: the numbers of the pages against the raw files, without hindsight."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tas_analytics.metrics.company import Company
from tas_analytics.metrics.periods import FiscalCalendar
from tas_analytics.metrics.scope import Scope
from tas_analytics.metrics.separation import Rate
from tas_analytics.metrics.what_wins import against, deals_rated, what_wins
from tas_analytics.store.database import Store
from tests.metrics.small import store_of
from tests.sample.raw import SAMPLE, read_report, read_table

AS_OF = dt.date(2026, 11, 16)
ALL = Scope(AS_OF)


@pytest.fixture(scope="module")
def closed() -> pd.DataFrame:
    deals = read_report(SAMPLE / "opportunities" / f"opportunities_{AS_OF}.csv")
    deals = deals[~deals["open"]].set_index("Opportunity ID")
    return deals.assign(won=deals["Stage"] == "Won")


def signs(closed: pd.DataFrame, days: int) -> pd.DataFrame:
    """Our newest rating of each criterion so many days before the close, by plain pandas."""
    rows = read_table("assessments").query("competitor == ''").assign(day=lambda t: pd.to_datetime(t["assessed_on"]))
    rows = rows.join(closed[["Close Date"]], on="opportunity_id", how="inner")
    rows = rows[rows["day"] <= rows["Close Date"] - pd.Timedelta(days=days)].sort_values("day", kind="stable")
    newest = rows.groupby(["opportunity_id", rows["criterion"].astype(int)])["rating"].last()
    return newest.unstack().fillna("?")


@pytest.mark.parametrize("days", [0, 30, 90])
def test_every_count_is_that_of_the_raw_files(sample_store: Store, closed: pd.DataFrame, days: int) -> None:
    found = what_wins(sample_store, Company.of(sample_store), ALL, days)
    table = signs(closed, days)
    won = closed["won"].reindex(table.index)
    assert found.closed == Rate(int(closed["won"].sum()), len(closed))
    assert found.assessed == Rate(int(won.sum()), len(table))
    assert {one.criterion for one in found.effects} == set(range(1, 21))
    for one in found.effects:
        for sign, rate in (("+", one.plus), ("-", one.minus), ("?", one.unknown)):
            has = table[one.criterion] == sign
            assert (rate.won, rate.deals) == (int(won[has].sum()), int(has.sum())), (one.criterion, sign)


@pytest.mark.parametrize("days", [14, 30, 60])
def test_the_planted_effects_are_named_and_no_other(sample_store: Store, days: int) -> None:
    found = what_wins(sample_store, Company.of(sample_store), ALL, days)
    assert {one.criterion: one.verdict for one in found.effects if one.verdict in ("more", "less")} == {
        5: "more", 11: "more",
    }  # fmt: skip


def test_a_rating_made_after_the_moment_does_not_count(tmp_path: Path) -> None:
    deals = "opportunity_id,name,stage,amount,close_date,created_date\nD1,One,Won,100,2026-01-20,2025-10-01\n"
    ratings = "opportunity_id,criterion,rating,assessed_on\nD1,5,-,2025-11-01\nD1,5,?,2025-12-21\nD1,5,+,2025-12-22\n"
    store = store_of(tmp_path / "s.duckdb", {"opportunities_2026-01-31.csv": deals, "assessments.csv": ratings})
    scope, company = Scope(dt.date(2026, 1, 31)), Company.of(store)

    def rated(days: int) -> str:
        effect = next((e for e in what_wins(store, company, scope, days).effects if e.criterion == 5), None)
        if effect is None:
            return "not assessed"
        return "+" if effect.plus.deals else ("-" if effect.minus.deals else "?")

    assert [rated(days) for days in (0, 29, 30, 31, 80, 81)] == ["+", "+", "?", "-", "-", "not assessed"]
    listed = deals_rated(store, company, scope, 5, None, 30)
    assert listed[["id", "rating"]].to_numpy().tolist() == [["D1", "?"]]
    assert deals_rated(store, company, scope, 5, "+", 30).empty
    store.close()


def test_the_deals_behind_a_rating_are_those_counted(sample_store: Store) -> None:
    company = Company.of(sample_store)
    found = next(e for e in what_wins(sample_store, company, ALL, 30).effects if e.criterion == 11)
    for sign, rate in (("+", found.plus), ("-", found.minus), ("?", found.unknown)):
        rows = deals_rated(sample_store, company, ALL, 11, sign, 30, limit=10_000)
        assert len(rows) == rate.deals
        assert set(rows["rating"]) == {sign}


def test_win_rates_against_each_competitor(sample_store: Store, closed: pd.DataFrame) -> None:
    found = against(sample_store, Company.of(sample_store), ALL)
    named = pd.concat([read_table("competitors"), read_table("assessments").query("competitor != ''")])
    met = named[["opportunity_id", "competitor"]].drop_duplicates()
    rows = met.join(closed, on="opportunity_id", how="inner")
    rows["quarter"] = [FiscalCalendar().quarter_of(day.date()).key for day in rows["Close Date"]]
    expected = rows.groupby(["competitor", "quarter"])["won"].agg(["sum", "size"])
    shown = found[found["competitor"] != ""].set_index(["competitor", "quarter"])
    assert set(shown.index) == set(expected.index)
    np.testing.assert_array_equal(shown["won"].reindex(expected.index), expected["sum"])
    np.testing.assert_array_equal((shown["won"] + shown["lost"]).reindex(expected.index), expected["size"])
    # Deals without a known competitor stand apart: no deal is lost from view.
    alone = found[found["competitor"] == ""]
    assert int((alone["won"] + alone["lost"]).sum()) == len(closed) - rows["opportunity_id"].nunique()


def test_an_empty_store_has_nothing_to_say(empty_store: Store) -> None:
    company = Company.of(empty_store)
    found = what_wins(empty_store, company, ALL)
    assert (found.closed.deals, found.assessed.deals, found.effects) == (0, 0, ())
    assert against(empty_store, company, ALL).empty
    assert deals_rated(empty_store, company, ALL, 5, "+", 30).empty
