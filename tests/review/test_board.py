"""The board equals the registry for every person; calls are kept, all of them, and the newest one is in force."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from tas_analytics.errors import BadQuestion
from tas_analytics.ingest.loading.loader import undo
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.hierarchy import hierarchy, of_leader
from tas_analytics.metrics.measure import measure
from tas_analytics.metrics.scope import Scope
from tas_analytics.review.board import board, sentence, silent
from tas_analytics.review.calls import calls_in_force, every_call, submit
from tas_analytics.store.database import Store
from tests.metrics.small import store_of
from tests.store.stores import load_text

WEEK = dt.date(2026, 11, 9)
PAIRS = {
    "won": "won_amount", "commit": "commit_cumulative", "best_case": "best_case_cumulative",
    "pipeline": "pipeline_cumulative", "target": "target", "open": "open_pipeline", "deals": "open_deals",
    "coverage": "coverage", "needed": "needed_coverage",
}  # fmt: skip
FILES = {
    "people.csv": "person,manager\nAnn,Max\nBob,Max\nMax,\n",
    "targets.csv": "period,person,amount\n2026Q1,Ann,1000\n2026Q1,Bob,500\n",
    "opportunities_2026-01-05.csv": "opportunity_id,owner,stage,amount,close_date,forecast_category\n"
    "D1,Ann,Offer,300,2026-03-01,Commit\nD2,Bob,Talk,200,2026-03-01,Best Case\n",
    "opportunities_2026-01-12.csv": "opportunity_id,owner,stage,amount,close_date,forecast_category\n"
    "D1,Ann,Won,300,2026-01-10,Closed\nD2,Bob,Talk,200,2026-03-01,Commit\nD3,Zoe,Talk,50,2026-03-02,Pipeline\n",
}

CALLS = (
    "period,person,category,amount,submitted_on,reason\n2026Q1,Ann,commit,700,2026-01-05,first\n"
    "2026Q1,Ann,Commit,800,2026-01-12,\n2026Q1,Bob,Best Case,900,2026-01-12,\n"
)


def quarter(store: Store, name: str) -> tuple[Company, Scope]:
    company = Company.of(store)
    assert company.last_day
    return company, Scope(company.last_day, company.calendar.parse(name))


def test_every_figure_of_everybody_is_the_registrys(sample_store: Store) -> None:
    company, scope = quarter(sample_store, "2026Q4")
    found = board(sample_store, company, scope, WEEK).set_index("name")
    tree = hierarchy(sample_store, scope.as_of)
    assert len(found) == 30
    for name in [*tree.leaders, "Emilio Santacroce", "Mei-Lin Thanaporn"]:
        ours = {key: float(found[key][name]) for key in found if found[key].dtype == float}
        assert ours["gap"] == pytest.approx(ours["commit"] - ours["target"])
        narrowed = of_leader(scope, tree, name)
        now = measure(sample_store, tuple(PAIRS.values()), narrowed, (), company).iloc[0].astype(float)
        then = measure(sample_store, tuple(PAIRS.values()), narrowed.on(WEEK), (), company).iloc[0].astype(float)
        for column, key in PAIRS.items():
            assert ours[column] == pytest.approx(now[key], abs=0.01, nan_ok=True), (name, key)
            if f"{column}_before" in ours:
                assert ours[f"{column}_before"] == pytest.approx(then[key], abs=0.01), (name, key)


def test_exclusive_categories_add_up_to_the_cumulative_ones(sample_store: Store) -> None:
    company, scope = quarter(sample_store, "2026Q4")
    apart = board(sample_store, company, scope, cumulative=False)
    together = board(sample_store, company, scope)
    assert (apart["won"] + apart["commit"]).round(2).tolist() == together["commit"].round(2).tolist()
    added = apart["won"] + apart["commit"] + apart["best_case"] + apart["pipeline"]
    assert added.round(2).tolist() == together["pipeline"].round(2).tolist()
    assert apart["gap"].tolist() == together["gap"].tolist()


def test_the_sentence_names_the_gap_and_where_most_of_it_is(sample_store: Store) -> None:
    company, scope = quarter(sample_store, "2026Q4")
    said = sentence(board(sample_store, company, scope), scope, "USD")
    assert said == (
        "Wins and commit are $2.8M short of the Q4 target, $1.1M of it with Thibault Varenne-Roux (34\u202f% covered)"
    )


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Store]:
    store = store_of(tmp_path / "small.duckdb", FILES)
    load_text(store, CALLS, "calls.csv", as_table="forecast_calls")
    yield store
    store.close()


def test_leaders_strangers_and_calls(small: Store) -> None:
    company, scope = quarter(small, "2026Q1")
    found = board(small, company, scope, dt.date(2026, 1, 5)).set_index("name")
    assert list(found.index) == ["Everybody", "Max", "Ann", "Bob", "Zoe"]
    assert found["commit"].tolist() == [500, 500, 300, 200, 0]
    assert found["commit_before"].tolist()[:4] == [300, 300, 300, 0]
    assert [found[key]["Ann"] for key in ("call", "call_before")] == [800, 700]
    assert found["calls_below"]["Max"] == 800
    assert found["call"].isna()["Bob"], "a best case is no commit"
    assert found.loc["Everybody", "gap"] == -1000


def test_calls_are_appended_and_the_newest_is_in_force(small: Store) -> None:
    company, scope = quarter(small, "2026Q1")
    assert scope.period
    first = submit(
        small, company, scope.period, "Ann", {"Commit": 650.0, "Best case": 990.0}, reason=" cut ", author="Max"
    )
    second = submit(small, company, scope.period, "Ann", {"Commit": 610.5}, reason="", author="Ann")
    assert calls_in_force(small, scope.as_of, scope.period).set_index("person")["call"].to_dict() == {"Ann": 610.5}
    log = every_call(small, scope.period, "Ann")
    commits = log[log["category"].str.lower() == "commit"]
    assert commits["amount"].tolist()[0] == 610.5
    assert sorted(commits["amount"]) == [610.5, 650.0, 700.0, 800.0], "the call replaced on its own day is still there"
    assert set(log["entered_by"]) == {"Ann", "Max", "test"}
    assert log["entered_at"].notna().all()
    undo(small, second)
    assert calls_in_force(small, scope.as_of, scope.period)["call"].tolist() == [650.0]
    undo(small, first)
    assert calls_in_force(small, scope.as_of, scope.period)["call"].tolist() == [800.0]
    assert calls_in_force(small, dt.date(2026, 1, 5), scope.period)["call"].tolist() == [700.0]


def test_what_cannot_be_called_is_refused(small: Store) -> None:
    company, scope = quarter(small, "2026Q1")
    assert scope.period
    for amounts in ({"Hope": 1.0}, {"Commit": -1.0}):
        with pytest.raises(BadQuestion):
            submit(small, company, scope.period, "Ann", amounts, reason="", author="Ann")
    assert len(every_call(small, scope.period, "Ann")) == 2


def test_a_scope_in_which_nobody_has_anything(small: Store) -> None:
    company, scope = quarter(small, "2026Q1")
    nobody = scope.where("owner", "Who?")
    found = board(small, company, nobody, dt.date(2026, 1, 5))
    assert found["won"].tolist() == [0.0]
    assert sentence(found, nobody, "USD") == "Nothing is won or open in Q1 2026"


def test_a_board_leaves_out_what_nobody_has(small: Store, tmp_path: Path) -> None:
    company, scope = quarter(small, "2026Q1")
    assert silent(board(small, company, scope, dt.date(2026, 1, 5))).isdisjoint(
        {"target", "commit", "call", "pipeline"}
    )
    store = store_of(
        tmp_path / "bare.duckdb",
        {
            "opportunities_2026-01-05.csv": "opportunity_id,owner,stage,amount,close_date\n"
            "D1,Ann,Offer,300,2026-03-01\nD2,Bob,Talk,200,2026-03-01\nD3,Bob,Won,50,2026-01-02\n"
        },
    )
    bare, now = quarter(store, "2026Q1")
    for cumulative in (True, False):
        found = board(store, bare, now, cumulative=cumulative)
        quiet = {"target", "gap", "cover", "coverage", "needed", "closed", "commit", "best_case", "call", "calls_below"}
        assert {name for name in silent(found) if not name.endswith("_before")} == quiet
        assert found["pipeline"].tolist() == ([550, 300, 250] if cumulative else [500, 300, 200]), "in no category"
    assert sentence(board(store, bare, now), now, "USD") == "Q1 has no target: $50 is won, $500 is open in 2 deals"
    assert board(store, bare, now, leader="Bob")["open"].tolist() == [200], "without a list of people, too"
    store.close()
