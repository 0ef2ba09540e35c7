"""What if something about a deal were otherwise, and what knowing more would be worth."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tas_analytics.forecast import ahead as chances
from tas_analytics.forecast.explain import TOGETHER, contributions, name_of, told, value_of
from tas_analytics.forecast.fitted import Fitted, now
from tas_analytics.forecast.information import KINDS, information
from tas_analytics.forecast.known import asked
from tas_analytics.forecast.period import days_asked, period_forecast
from tas_analytics.forecast.whatif import WhatIf, answers_if, supposed
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.periods import FiscalCalendar
from tas_analytics.metrics.scope import Scope
from tas_analytics.review.unknowns import sentence, unknowns
from tas_analytics.store.database import Store

CALENDAR = FiscalCalendar()


@pytest.fixture(scope="module")
def company(sample_store: Store) -> Company:
    return Company.of(sample_store)


@pytest.fixture(scope="module")
def scope(company: Company) -> Scope:
    return Scope(company.last_day or dt.date(2026, 11, 16), company.calendar.parse("2026Q4"))


@pytest.fixture(scope="module")
def fitted(sample_store: Store, company: Company, scope: Scope) -> Fitted:
    return now(sample_store, company, scope.as_of)


def one(**cells: object) -> pd.DataFrame:
    row = {
        "milestones achieved": 2.0, "days since milestone": 40.0, "milestones overdue": 1.0, "assessment balance": 3.0,
        "criteria known": 5.0, "amount": 200.0, "worth": 100.0, "close_date": pd.Timestamp("2026-12-10"), "pushes": 1.0,
        "delays": 2.0,
    }  # fmt: skip
    return pd.DataFrame([row | cells])


def test_each_supposition_changes_what_the_event_would_change_and_nothing_else() -> None:
    before = one()
    ticked = supposed(before, WhatIf(reached=2, reached_late=1), CALENDAR).iloc[0]
    assert ticked[["milestones achieved", "days since milestone", "milestones overdue"]].tolist() == [4, 0, 0]
    flipped = supposed(before, WhatIf(ratings=(("?", "+"), ("-", "+"), ("+", "?"))), CALENDAR).iloc[0]
    assert flipped[["assessment balance", "criteria known"]].tolist() == [3 + 1 + 2 - 1, 5 + 1 - 1]
    # The model knows the deal's own currency: twice the worth is twice the amount.
    assert supposed(before, WhatIf(amount=200.0), CALENDAR)["amount"].iloc[0] == 400
    assert supposed(one(worth=None), WhatIf(amount=70.0), CALENDAR)["amount"].iloc[0] == 70
    later = supposed(before, WhatIf(close_date=dt.date(2027, 1, 5)), CALENDAR).iloc[0]
    assert later[["pushes", "delays"]].tolist() == [2, 3]
    same_quarter = supposed(before, WhatIf(close_date=dt.date(2026, 12, 20)), CALENDAR).iloc[0]
    assert same_quarter[["pushes", "delays"]].tolist() == [1, 3]
    sooner = supposed(before, WhatIf(close_date=dt.date(2026, 11, 20)), CALENDAR).iloc[0]
    assert sooner[["pushes", "delays"]].tolist() == [1, 2]
    assert not WhatIf().anything
    pd.testing.assert_frame_equal(before, one())
    pd.testing.assert_frame_equal(supposed(before, WhatIf(), CALENDAR), before)
    # A store without milestones or ratings has no such columns.
    bare = before[["amount", "close_date"]]
    assert set(supposed(bare, WhatIf(reached=1, ratings=(("?", "+"),)), CALENDAR)) == set(bare)


def test_a_dropped_deal_takes_its_expected_amount_out_of_the_period(
    sample_store: Store, company: Company, scope: Scope, fitted: Fitted
) -> None:
    before = period_forecast(sample_store, company, scope)
    assert before.answers is not None
    first = before.deals.iloc[0]
    row = fitted.rows[fitted.rows["deal_key"] == first["deal_key"]]
    answers = answers_if(fitted, before.answers, row, WhatIf(dropped=True), CALENDAR)
    after = period_forecast(sample_store, company, scope, answers=answers)
    lost = float(before.total["expected"]) - float(after.total["expected"])
    assert lost == pytest.approx(float(first["expected"]), rel=0.06)
    assert after.total["expected_wins"] == pytest.approx(float(before.total["expected_wins"]) - first["chance"])
    unchanged = answers_if(fitted, before.answers, row, WhatIf(), CALENDAR)
    assert np.allclose(unchanged.won, before.answers.won)
    double = {int(first["deal_key"]): 2 * float(first["amount"])}
    more = period_forecast(sample_store, company, scope, answers=before.answers, amounts=double)
    gained = float(more.total["expected"]) - float(before.total["expected"])
    assert gained == pytest.approx(float(first["expected"]), rel=0.06)


def test_contributions_add_up_to_the_chance_against_the_average(fitted: Fitted, company: Company, scope: Scope) -> None:
    found = chances.of(fitted, days_asked(company, scope)).won[:, -1]
    average = float(found.mean())
    points = contributions(fitted, fitted.rows, found, average)
    assert np.allclose(points.sum(axis=1), 100 * (found - average))
    alone = points.drop(columns=TOGETHER)
    # The parts alone tell most of it: they put the deals in nearly the same order.
    assert np.corrcoef(alone.sum(axis=1).rank(), pd.Series(found).rank())[0, 1] > 0.8
    row = fitted.rows.iloc[0]
    assert value_of(row, "age").endswith(" days")
    assert value_of(row, "stage") == row["stage"]
    assert value_of(row.drop("stage"), "stage") == ""
    assert name_of("attribute budget *cycle*") == "Budget *cycle*"


def test_knowing_is_worth_what_the_answers_would_move(
    sample_store: Store, company: Company, scope: Scope, fitted: Fitted
) -> None:
    worth = asked(sample_store, company, scope.within(None))
    assert scope.period is not None
    found = information(fitted, worth, scope.period, company.calendar)
    assert set(found["kind"]) <= set(KINDS)
    assert found["value"].is_monotonic_decreasing
    assert (found["if_good"] >= found["if_bad"]).all()
    average = found["odds"] * found["if_good"].abs() + (1 - found["odds"]) * found["if_bad"].abs()
    assert np.allclose(found["value"], average)
    # The forecast takes a milestone for not reached until somebody says so.
    assert not found.loc[found["kind"] == "milestone", ["if_good", "if_bad"]].min(axis=1).gt(0).any()
    first = found[found["kind"] == "criterion"].iloc[0]
    row = fitted.rows[fitted.rows["deal_key"] == first["deal_key"]]
    assert row["criteria known"].fillna(0).iloc[0] < 20
    amount = float(worth.set_index("deal_key")["amount"][first["deal_key"]])
    both = [
        amount
        * chances.of(fitted, (scope.period.last_day,), supposed(row, WhatIf(ratings=(("?", sign),)), CALENDAR)).won
        for sign in ("+", "-")
    ]
    assert first["if_good"] - first["if_bad"] == pytest.approx(abs(float((both[0] - both[1])[0, 0])))


def test_a_period_that_is_over_leaves_nothing_to_find_out(fitted: Fitted, company: Company) -> None:
    worth = pd.DataFrame({"deal_key": fitted.rows["deal_key"], "amount": 100.0})
    assert information(fitted, worth, company.calendar.parse("2026Q3"), company.calendar).empty


def test_missing_dates_and_amounts_are_asked_for(fitted: Fitted, company: Company, scope: Scope) -> None:
    assert scope.period is not None
    rows = fitted.rows.copy()
    rows.loc[rows.index[:2], "close_date"] = pd.NaT
    worth = pd.DataFrame({"deal_key": rows["deal_key"], "amount": np.linspace(10, 1000, len(rows))})
    worth.loc[worth.index[2:4], "amount"] = np.nan
    blank = replace(fitted, rows=rows)
    found = information(blank, worth, scope.period, company.calendar)
    assert set(found.loc[found["kind"] == "close_date", "deal_key"]) <= set(rows["deal_key"].iloc[:2])
    assert set(found.loc[found["kind"] == "amount", "deal_key"]) == set(rows["deal_key"].iloc[2:4])


def test_unknowns_are_named_and_lead_to_their_deal(
    sample_store: Store, company: Company, scope: Scope, fitted: Fitted
) -> None:
    found = unknowns(sample_store, company, scope.where("region", "EMEA"), fitted, most=8)
    assert len(found) == 8
    assert found["what"].str.len().gt(5).all()
    criteria = found[found["kind"] == "criterion"]
    assert criteria["number"].between(1, 20).all()
    assert criteria["what"].str.startswith("#").all()
    assert sentence(found, "USD").startswith("Find out first: ")
    ids = sample_store.frame("select natural_key from record where table_name = 'opportunities'")["natural_key"]
    assert found["id"].isin(ids).all()


def test_a_reason_is_told_once_however_few_there_are() -> None:
    points = pd.DataFrame({"age": [1.2, 0.2, -9.0], "stage": [0.4, -0.3, 3.0], "owner": [0.0, 0.0, 5.0], TOGETHER: 7.0})
    assert told(points).tolist() == ["age +1", "", "age \N{MINUS SIGN}9; owner +5; stage +3"]
