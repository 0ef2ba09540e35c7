"""The planted callers: one who always calls too little, one too much, found again in the files."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.sample.raw import AS_OF, Facts, quarters, read_table, to_usd


@pytest.fixture(scope="module")
def errors(last: pd.DataFrame) -> pd.DataFrame:
    won = last[last["Stage"].eq("Won")]
    actual = to_usd(won).groupby([won["Opportunity Owner"], quarters(won["Close Date"])]).sum()
    calls = read_table("forecast_calls").astype({"amount": float})
    calls = calls[calls["category"].eq("Commit") & calls["period"].ne("2026Q4")]
    pairs = zip(calls["person"], calls["period"], strict=True)
    calls["actual"] = [actual.get((person, period), 0.0) for person, period in pairs]
    sums = calls.groupby("person")[["amount", "actual"]].sum()
    return sums.assign(bias=(sums["amount"] - sums["actual"]) / sums["actual"], n=calls.groupby("person").size())


@pytest.mark.parametrize("who", ["sandbagger", "optimist"])
def test_the_two_who_are_never_right(facts: Facts, errors: pd.DataFrame, who: str) -> None:
    planted = facts["calls"][who]
    found = errors.loc[planted["person"]]
    assert (found["n"], found["amount"]) == (planted["calls"], planted["called"])
    assert found["actual"] == pytest.approx(planted["won"], abs=0.01)
    assert found["bias"] == pytest.approx(planted["bias"], abs=1e-6)


def test_nobody_else_is_as_far_off(facts: Facts, errors: pd.DataFrame) -> None:
    planted = {facts["calls"][who]["person"] for who in ("sandbagger", "optimist")}
    sellers = read_table("people").loc[lambda t: ~t["title"].str.contains("Manager|Vice"), "person"]
    errors = errors[errors.index.isin(sellers)]
    others = errors.loc[[name for name in errors.index if name not in planted]]
    assert errors["bias"].idxmin() == facts["calls"]["sandbagger"]["person"]
    assert errors["bias"].idxmax() == facts["calls"]["optimist"]["person"]
    assert others["bias"].abs().max() < 0.1


def test_every_call_is_of_a_monday_of_its_quarter(facts: Facts) -> None:
    calls = read_table("forecast_calls")
    assert len(calls) == facts["calls"]["rows"]
    days = pd.to_datetime(calls["submitted_on"])
    assert set(days.dt.day_of_week) == {0}
    assert (quarters(days) == calls["period"]).all()
    assert days.max() == AS_OF
    assert not calls.duplicated(["period", "person", "category", "submitted_on"]).any()
