"""The risk list: against the sample's raw files, and by rules that are changed."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from tas_analytics.ingest.loading.entry import enter
from tas_analytics.ingest.loading.loader import undo
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.deals import deal_list
from tas_analytics.metrics.scope import Scope
from tas_analytics.review import risk_rules
from tas_analytics.review.risk_measures import MEASURES
from tas_analytics.review.risks import Risks, headline, risks
from tas_analytics.store.database import Store
from tests.metrics.small import store_of

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
DEALS = """opportunity_id,name,owner,stage,amount,close_date,created_date,forecast_category,next_step
A,Alpha *x*,Ann,Offer,100,2026-01-10,2025-12-01,Commit,
B,Beta,Ann,Talk,200,2026-03-10,2025-12-01,Pipeline,Call
C,Gamma,Bob,Offer,400,2026-03-20,2025-12-01,Omitted,
D,Delta,,Talk,,2026-01-20,2025-12-01,Best Case,Call
W,Won one,Bob,Won,900,2026-01-12,2025-12-01,Closed,
"""


@pytest.fixture(scope="module")
def company(sample_store: Store) -> Company:
    return Company.of(sample_store)


@pytest.fixture(scope="module")
def found(sample_store: Store, company: Company) -> Risks:
    return risks(sample_store, company, _scope(company))


def _scope(company: Company) -> Scope:
    assert company.last_day is not None
    return Scope(company.last_day, company.calendar.quarter_of(company.last_day))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = store_of(tmp_path_factory.mktemp("risks") / "s.duckdb", {"opportunities_2026-01-31.csv": DEALS})
    yield store
    store.close()


def check(store: Store, period: str | None = "2026Q1") -> Risks:
    company = Company.of(store)
    scope = Scope(dt.date(2026, 1, 31), company.calendar.parse(period) if period else None)
    return risks(store, company, scope)


def rule(found: Risks, code: str) -> set[str]:
    return set(found.of(code)["id"])


def test_each_deal_stands_once_and_the_money_is_counted_once(sample_store: Store, found: Risks) -> None:
    deals = found.deals
    assert deals["id"].is_unique
    assert found.amount == pytest.approx(deals["amount"].sum())
    assert found.amount < found.by_rule["amount"].sum(), "a deal counts under each of its rules"
    assert [len(codes) for codes in deals["codes"]] == deals["risks"].tolist()
    assert (deals["risks"] >= 1).all()
    assert deals["effect"].is_monotonic_decreasing
    assert found.by_owner["amount"].sum() == pytest.approx(found.amount)
    assert found.by_owner["open_amount"].sum() == pytest.approx(found.open_amount)
    assert found.by_owner["deals"].sum() == len(deals)


def test_rules_agree_with_the_list_of_deals(sample_store: Store, company: Company, found: Risks) -> None:
    """The same conditions, asked deal by deal of another query."""
    scope = _scope(company)
    rows = deal_list(sample_store, company, scope.where("status", "open"))
    assert len(rows) == found.open_deals
    today = pd.Timestamp(scope.as_of)
    late = rows[(today - rows["close_date"]).dt.days >= 1]
    assert rule(found, "date_past") == set(late["id"])
    assert rule(found, "pushed") == set(rows[rows["pushes"] >= 2]["id"])
    over = (rows["days_in_stage"] - rows["stall_line"]).map(lambda days: days > 0)
    assert rule(found, "stalled") == set(rows[over]["id"]) == set(rows[rows["is_stalled"]]["id"])
    counted = rows["category"].isin(["commit", "best_case"])
    assert rule(found, "no_next_step") == set(rows[counted & rows["next_step"].isna()]["id"])
    commit = rows[rows["category"] == "commit"]
    held = found.deals[found.deals["category"] == "commit"]
    assert (held["effect"] == held["amount"]).all()
    assert found.commit_deals == len(commit)


def test_warnings_and_ratings_agree_with_the_raw_files(sample_store: Store, company: Company, found: Risks) -> None:
    with (SAMPLE / "warnings.csv").open(encoding="utf-8-sig", newline="") as file:
        seen: dict[str, set[str]] = {}
        for row in csv.DictReader(file):
            if row.get("holds", "").lower() not in {"false", "no"} and row["seen_on"] <= company.days[-1].isoformat():
                seen.setdefault(row["opportunity_id"], set()).add(row["signal"])
    rows = deal_list(sample_store, company, _scope(company).where("status", "open"))
    assert rule(found, "warnings") == {one for one in rows["id"] if len(seen.get(one, ())) >= 2}
    newest: dict[tuple[str, str], tuple[str, str]] = {}
    with (SAMPLE / "assessments.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            if not row["competitor"] and row["assessed_on"] <= company.days[-1].isoformat():
                key = (row["opportunity_id"], row["criterion"])
                newest[key] = max(newest.get(key, ("", "")), (row["assessed_on"], row["rating"]))
    unknown = {}
    for deal in rows["id"]:
        ratings = [rating for (one, _), (_, rating) in newest.items() if one == deal]
        if ratings:
            unknown[deal] = 1 - sum(rating in {"+", "-"} for rating in ratings) / 20
    counted = rows[rows["category"].isin(["commit", "best_case"])]["id"]
    assert rule(found, "unknowns") == {one for one in counted if unknown.get(one, 0) >= 0.5}


def test_effects_and_what_cannot_be_checked(small: Store) -> None:
    found = check(small)
    effects = dict(zip(found.deals["id"], found.deals["effect"], strict=True))
    assert effects["A"] == 100, "commit counts in full"
    assert effects.get("C", 0) == 0, "omitted counts for nothing"
    assert rule(found, "date_past") == {"A", "D"}
    assert rule(found, "no_next_step") == {"A"}
    assert "W" not in set(found.deals["id"])
    why = {one.code: reason for one, reason in found.skipped}
    assert why["warnings"] == "no warning signal was ticked"
    assert why["unknowns"] == "no deal is assessed"
    assert why["score_fell"] == "there is no score of both days"
    assert headline(found).startswith("The only Q1 commit deal has a risk, $100 of $100")
    assert check(small, "2027Q1").open_deals == 0
    assert headline(check(small, "2027Q1")) == "No deal is open in Q1 2027"


def test_a_threshold_a_switch_and_an_own_rule_and_their_undo(small: Store) -> None:
    before = {one.code: one for one in risk_rules.rules(small)}
    others = [
        enter(small, "risk_rules", [{"code": "date_past", "rule": "Date is past", "threshold": 15}], author="Ann")
    ]
    load = enter(small, "risk_rules", [{"rule": "No next step", "in_use": False}], author="Ann")
    own = {"rule": "Big & early", "measure": "age", "comparison": "at least", "threshold": 30, "from_amount": 150}
    others.append(enter(small, "risk_rules", [own], author="Ann"))
    found = check(small)
    assert rule(found, "date_past") == {"A"}, "21 days, and 11"
    assert not rule(found, "no_next_step")
    assert rule(found, "big_early") == {"B", "C"}
    after = {one.code: one for one in risk_rules.rules(small)}
    assert after["date_past"].why == before["date_past"].why, "what is blank stays as it was"
    assert after["date_past"].name == "Date is past"
    undo(small, load, user="Ann")
    assert rule(check(small), "no_next_step") == {"A"}
    for one in others:
        undo(small, one, user="Ann")
    assert risk_rules.rules(small) == tuple(before.values())


def test_an_unknown_measure_is_told_and_breaks_nothing(small: Store) -> None:
    load = enter(small, "risk_rules", [{"rule": "Odd", "measure": "drop table", "threshold": 1}], author="Ann")
    found = check(small)
    undo(small, load, user="Ann")
    assert ("Odd", "there is no measure 'drop table'") in {(one.name, why) for one, why in found.skipped}
    assert rule(found, "date_past") == {"A", "D"}


def test_scores_make_a_rule_where_they_are_given(small: Store) -> None:
    company = Company.of(small)
    scope = Scope(dt.date(2026, 1, 31), company.calendar.parse("2026Q1"))
    scores = pd.DataFrame({"id": ["A", "B"], "p_before": [0.6, 0.5], "p_now": [0.45, 0.45]})
    found = risks(small, company, scope, scores=scores)
    assert rule(found, "score_fell") == {"A"}
    facts = found.of("score_fell").iloc[0]
    assert "Chance to win fell from 60\u202f% to 45\u202f%" in facts["facts"]


@pytest.mark.parametrize("one", risk_rules.default_rules(), ids=lambda one: one.code)
def test_default_rules_are_whole(one: risk_rules.Rule) -> None:
    assert one.measure in MEASURES
    assert one.why
    assert one.mend
    assert str(one.ask).endswith("?")
    assert set(one.categories) <= {"commit", "best_case", "pipeline", "omitted"}


@pytest.mark.parametrize(
    ("text", "key"), [("Days past the close date", "days_past_close"), ("PUSHES", "pushes"), ("what?", "what?")]
)
def test_measures_are_found_by_key_or_label(text: str, key: str) -> None:
    assert risk_rules.measure_of(text) == key


def test_people_of_the_map_decide_politics(tmp_path: Path) -> None:
    files = {
        "opportunities_2026-01-31.csv": "opportunity_id,name,account,stage,amount,close_date,created_date\n"
        "A,Alpha,Acme,Offer,100,2026-03-10,2025-12-01\nB,Beta,Bolt,Offer,200,2026-03-10,2025-12-01\n"
        "C,Gamma,Core,Offer,300,2026-03-10,2025-12-01\n",
    }
    store = store_of(tmp_path / "p.duckdb", files)
    people = (
        ("A", None, "Ina", "in-depth", "+", 5, True),
        ("A", None, "Udo", "brief", "X", 4, False),
        (None, "Bolt", "Eve", "brief", "=", 2, False),
    )
    columns = ("opportunity_id", "account", "contact", "coverage", "status", "influence", "inner_circle")
    try:
        enter(store, "contact_map", [dict(zip(columns, row, strict=True)) for row in people], author="Ann")
        found = check(store)
        assert rule(found, "no_supporter") == {"B"}, "no map of C: nothing can be said"
        assert rule(found, "opponents") == {"A"}
        assert rule(found, "single_threaded") == {"B", "C"}
        facts = dict(zip(found.deals["id"], found.deals["facts"], strict=True))
        assert "Udo is against us" in facts["A"]
        assert "Only Eve is known" in facts["B"]
    finally:
        store.close()
