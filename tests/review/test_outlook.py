"""The forecast of a period: against the raw files, against what happened, and on stores that tell little."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import io
import json
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tas_analytics import cli
from tas_analytics.forecast.ahead import Ahead
from tas_analytics.forecast.past_periods import USUAL_SPREAD, late_business, past_periods, spread
from tas_analytics.forecast.period import HIERARCHY, period_forecast, places
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.measure import measure
from tas_analytics.metrics.periods import FiscalCalendar
from tas_analytics.metrics.scope import Scope
from tas_analytics.review.calls import calls_in_force
from tas_analytics.review.outlook import call_over_all, outlook, said, sentence
from tas_analytics.store.database import Store
from tests.metrics.small import store_of

QUARTERS = FiscalCalendar()
LAST = pd.Timestamp("2026-05-15")


def busy(count: int, seed: int, *, slow: bool = False) -> pd.DataFrame:
    """Deals that close within weeks, half of them won, opened all the time: much is won of what was not yet created."""
    dice = np.random.default_rng(seed)
    created = pd.Timestamp("2024-10-01") + pd.to_timedelta(dice.integers(0, 590, count), unit="D")
    closed = created + pd.to_timedelta(np.ceil(dice.exponential(400 if slow else 20, count)).astype(int), unit="D")
    won = dice.random(count) < 0.5
    done = closed <= LAST
    frame = pd.DataFrame(
        {
            "opportunity_id": [f"B{place:05d}" for place in range(count)],
            "name": "b", "stage": np.where(done, np.where(won, "Won", "Lost"), "Talk"),
            "amount": dice.integers(5, 15, count) * 1000,
            "created_date": created.strftime("%Y-%m-%d"),
            "close_date": [day.strftime("%Y-%m-%d") if over else "" for day, over in zip(closed, done, strict=True)],
            "owner": np.where(np.arange(count) % 3 == 0, "Ann <b>", "Bob"),
        }
    )  # fmt: skip
    return frame[created <= LAST].assign(truly_closed=closed[created <= LAST], truly_won=won[created <= LAST])


@pytest.fixture(scope="module")
def deals() -> pd.DataFrame:
    return busy(1500, 3)


@pytest.fixture(scope="module")
def busy_store(tmp_path_factory: pytest.TempPathFactory, deals: pd.DataFrame) -> Store:
    path = tmp_path_factory.mktemp("outlook") / "busy.duckdb"
    columns = [name for name in deals if not str(name).startswith("truly")]
    return store_of(path, {f"opportunities_{LAST.date()}.csv": deals[columns].to_csv(index=False)})


def run(store: Store, *words: str) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as end:
        cli.main(["--store", str(store.path), "forecast", *words])
    assert not end.value.code, err.getvalue()
    return out.getvalue(), err.getvalue()


def test_business_not_yet_created_is_that_of_past_periods(busy_store: Store, deals: pd.DataFrame) -> None:
    company = Company.of(busy_store)
    found = period_forecast(busy_store, company, Scope(LAST.date()), "owner")
    assert found.period.key == "2026Q2"
    left = (pd.Timestamp("2026-06-30") - LAST).days
    truth = []
    created, closed = pd.to_datetime(deals["created_date"]), pd.to_datetime(deals["close_date"].replace("", None))
    for one in found.late.periods:
        end = pd.Timestamp(one.last_day)
        late = (created > end - pd.Timedelta(days=left)) & (closed <= end) & (deals["stage"] == "Won")
        truth.append(float(deals.loc[late & (closed >= pd.Timestamp(one.start)), "amount"].sum()))
    assert [one.key for one in found.late.periods] == ["2026Q1", "2025Q4", "2025Q3", "2025Q2", "2025Q1"]
    assert np.allclose(found.late.amounts.sum(axis=0)[-1], truth)
    assert found.total["new_likely"] == pytest.approx(np.mean(truth), rel=0.25)
    assert {"Ann <b>", "Bob"} == set(found.rows["name"])
    assert found.rows["expected"].sum() == pytest.approx(float(found.total["expected"]), rel=0.02)


def test_past_forecasts_hold_what_came(busy_store: Store, deals: pd.DataFrame) -> None:
    """Asked on days of the past, four in five periods should end between P10 and P90; of four at least two do."""
    company = Company.of(busy_store)
    won = deals[deals["stage"] == "Won"].assign(closed=lambda rows: pd.to_datetime(rows["close_date"]))
    inside = []
    for day in ("2025-08-14", "2025-11-14", "2025-12-05", "2026-02-13"):
        found = period_forecast(busy_store, company, Scope(dt.date.fromisoformat(day)))
        first, last = pd.Timestamp(found.period.start), pd.Timestamp(found.period.last_day)
        came = float(won.loc[won["closed"].between(first, last), "amount"].sum())
        inside.append(found.total["p10"] <= came <= found.total["p90"])
        assert found.total["p50"] == pytest.approx(came, rel=0.35)
    assert sum(inside) >= 2


def test_a_filter_shows_what_the_row_shows(sample_store: Store) -> None:
    company = Company.of(sample_store)
    period = company.calendar.parse("2026Q4")
    scope = Scope(company.last_day or LAST.date(), period)
    rows = period_forecast(sample_store, company, scope, "region").rows.set_index("name")
    alone = period_forecast(sample_store, company, scope.where("region", "EMEA")).total
    figures = ["won", "p10", "p50", "p90", "expected", "commit", "weighted"]
    assert np.allclose(rows.loc["EMEA", figures].astype(float), alone[figures].astype(float))


def test_the_figures_beside_are_those_of_the_registry_and_the_calls(sample_store: Store) -> None:
    company = Company.of(sample_store)
    scope = Scope(company.last_day or LAST.date(), company.calendar.parse("2026Q4"))
    found, rows = outlook(sample_store, company, scope, HIERARCHY)
    keys = ("target", "won_amount", "commit_cumulative", "best_case_cumulative", "weighted_pipeline")
    truth = measure(sample_store, keys, scope, (), company).iloc[0].astype(float)
    top = rows.iloc[0]
    assert top["name"] == "Everybody"
    assert [top["target"], top["won"], top["commit"], top["best_case"]] == pytest.approx(list(truth[:4]))
    assert top["weighted"] == pytest.approx(truth["won_amount"] + truth["weighted_pipeline"])
    assert top["won"] + top["open_likely"] + top["new_likely"] == pytest.approx(top["p50"])
    assert (rows["p10"] <= rows["p50"]).all()
    assert (rows["p50"] <= rows["p90"]).all()
    assert (rows["p10"] >= rows["won"] - 0.01).all()
    calls = calls_in_force(sample_store, scope.as_of, found.period).set_index("person")["call"]
    named = rows.set_index("name")["call"].dropna()
    assert len(named) > 5
    assert named.to_dict() == {name: calls[name] for name in named.index}
    person = named.index[0]
    narrow = scope.where("owner", str(person))
    assert call_over_all(sample_store, narrow, found) == (person, calls[person])


def test_the_fan_starts_with_what_is_won_and_ends_with_the_forecast(sample_store: Store) -> None:
    company = Company.of(sample_store)
    scope = Scope(company.last_day or LAST.date(), company.calendar.parse("2026Q4"))
    found = period_forecast(sample_store, company, scope)
    assert found.fan["day"].iloc[0] == scope.as_of
    assert found.fan.iloc[0][["p10", "p90"]].tolist() == [found.total["won"]] * 2
    assert found.fan["day"].iloc[-1] == dt.date(2026, 12, 31)
    assert found.fan.iloc[-1][["p10", "p50", "p90"]].tolist() == pytest.approx(
        found.total[["p10", "p50", "p90"]].tolist()
    )
    assert (found.fan[["p10", "p50", "p90"]].diff().dropna() >= 0).all(axis=None)


def test_the_command_prints_the_same_numbers(sample_store: Store) -> None:
    company = Company.of(sample_store)
    scope = Scope(company.last_day or LAST.date(), company.calendar.parse("2026Q4"))
    found = period_forecast(sample_store, company, scope, HIERARCHY)
    text, told = run(sample_store, "--by", "hierarchy", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["person"] for row in rows] == found.rows["name"].tolist()
    assert [float(row["p50"]) for row in rows] == pytest.approx(found.rows["p50"].tolist(), abs=0.01)
    assert "Learnt from" in told
    one = json.loads(run(sample_store, "--period", "2026Q4", "--format", "json")[0])
    assert one[0]["p90"] == pytest.approx(float(found.total["p90"]), abs=0.01)
    assert sentence(found, company.currency) in run(sample_store)[0]


def test_a_period_that_is_over_is_what_was_won(sample_store: Store) -> None:
    company = Company.of(sample_store)
    found = period_forecast(sample_store, company, Scope(dt.date(2026, 11, 16), company.calendar.parse("2026Q3")))
    assert found.answers is None
    assert found.total[["p10", "p50", "p90"]].tolist() == pytest.approx([float(found.total["won"])] * 3)
    assert sentence(found, "USD").startswith("Q3 is over")
    # On its last day deals may still be signed.
    last = dataclasses.replace(found, as_of=found.period.last_day)
    assert sentence(last, "USD").startswith("Q3 is on its last day: ")
    assert not said(found)


def test_a_period_to_come_leaves_out_what_is_won_before_it(sample_store: Store) -> None:
    company = Company.of(sample_store)
    scope = Scope(company.last_day or LAST.date(), company.calendar.parse("2027Q1"))
    keys = sample_store.frame("select distinct record_key from opportunity_version order by 1")["record_key"]
    days = (dt.date(2026, 12, 31), *places(company.calendar.parse("2027Q1"), scope.as_of))
    chances = np.tile(np.linspace(0.3, 0.5, len(days)), (len(keys), 1))
    answers = Ahead(days, keys.to_numpy(dtype=np.int64), chances, 0.0, 500, 500)
    found = period_forecast(sample_store, company, scope, answers=answers)
    open_now = measure(sample_store, ("open_deals",), scope.within(None), (), company)["open_deals"].iloc[0]
    assert found.total["expected_wins"] == pytest.approx(0.2 * open_now)
    assert found.deals["chance"].tolist() == pytest.approx([0.2] * int(open_now))


@pytest.mark.parametrize("deals", ["", "D1,Talk,500,2026-03-01,2026-01-02,\n"])
def test_a_store_that_tells_little_says_so(tmp_path: Path, deals: str) -> None:
    head = "opportunity_id,stage,amount,close_date,created_date,owner\n"
    files = {"opportunities_2026-01-31.csv": head + (deals or "D0,Won,100,2026-01-05,2026-01-02,\n")}
    store = store_of(tmp_path / "s.duckdb", files)
    company = Company.of(store)
    found = period_forecast(store, company, Scope(dt.date(2026, 1, 31)), "owner")
    assert found.total["p90"] >= found.total["p10"] >= found.total["won"]
    assert found.spread_periods < 2
    assert found.answers is not None
    assert found.answers.prior_share > 0.9
    assert any("too little history" in line for line in said(found))
    assert sentence(found, "USD")
    store.close()


def test_places_go_week_by_week_and_end_with_the_period() -> None:
    quarter = QUARTERS.parse("2026Q4")
    days = places(quarter, dt.date(2026, 11, 16))
    assert days[0] == dt.date(2026, 11, 23)
    assert days[-1] == dt.date(2026, 12, 31)
    assert places(quarter, dt.date(2026, 12, 31)) == ()
    assert len(places(QUARTERS.parse("2026"), dt.date(2026, 1, 1))) <= 15


def test_the_spread_of_periods_is_found_again_and_leans_on_a_guess() -> None:
    dice = np.random.default_rng(5)
    periods = [QUARTERS.quarter(year, number) for year in (2020, 2021) for number in (1, 2, 3, 4)]
    frames = []
    for one in periods:
        chance = 1 / (1 + np.exp(-(-0.5 + dice.normal(0, 0.8))))
        won = dice.random(400) < chance
        start, middle = pd.Timestamp(one.start), pd.Timestamp(one.last_day) - pd.Timedelta(days=10)
        frames.append(
            pd.DataFrame({"status": np.where(won, "won", "lost"), "created_date": start, "close_date": middle})
        )
    deals = pd.concat(frames, ignore_index=True).assign(amount=1.0)
    strays, told = spread(deals, periods, 45)
    assert told == 8
    assert 0.45 < strays < 0.95
    assert spread(deals, periods[:1], 45) == (USUAL_SPREAD, 1)
    late = late_business(deals, periods, [91, 0], np.zeros(len(deals), dtype=np.intp), 1)
    assert late.amounts.shape == (1, 1, 8)
    assert past_periods(Company(QUARTERS, "USD", False, ()), deals, QUARTERS.parse("2022Q1"), dt.date(2022, 2, 1))
