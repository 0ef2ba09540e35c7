"""The criteria as a company changes them: texts, weights and thresholds, by file or in the app."""

from __future__ import annotations

from pathlib import Path

import pytest

from tas_analytics.ingest.loading.entry import enter
from tas_analytics.ingest.loading.loader import undo
from tas_analytics.method.criteria import criteria, questions
from tas_analytics.metrics.catalogue import catalogue
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.measure import measure
from tas_analytics.metrics.scope import Scope
from tas_analytics.store.database import Store
from tests.metrics.small import store_of

DEALS = "opportunity_id,name,stage,amount,created_date,close_date\nD1,One,Talk,100,2026-01-01,2026-06-30\n"
RATINGS = "opportunity_id,criterion,rating,assessed_on\nD1,5,+,2026-01-10\nD1,7,-,2026-01-10\n"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    files = {"opportunities_2026-01-31.csv": DEALS, "assessments_2026-01-31.csv": RATINGS}
    return store_of(tmp_path / "store.duckdb", files)


def test_every_default_can_be_asked_and_answered() -> None:
    assert len(questions()) == 4
    assert len({one.short for one in criteria()}) == 20
    for one in criteria():
        assert 3 <= len(one.ask) <= 4
        assert all(text.endswith("?") for text in one.ask)
        assert one.whom
        assert one.weight == 1.0
        assert len(one.short) <= 24
    assert [one.number for one in criteria() if one.threshold is not None] == [16, 17, 18]


def test_the_poles_of_effort_and_risk_are_turned_so_that_plus_is_favourable() -> None:
    assert criteria()[7].short == "Low sales effort"
    assert criteria()[18].short == "Low risk"


def test_without_changes_the_defaults_hold(store: Store) -> None:
    assert catalogue(store) == criteria()
    assert Company.of(store).weights == (1.0,) * 20


def test_a_weight_changes_the_assessment_and_can_be_undone(store: Store) -> None:
    scope = Scope(Company.of(store).last_day)  # type: ignore[arg-type]
    assert measure(store, ["assessment_score"], scope)["assessment_score"].iloc[0] == 0
    number = enter(store, "criteria", [{"criterion": 5, "weight": 3.0}], author="Ann")
    assert catalogue(store)[4].weight == 3.0
    assert catalogue(store)[4].ask == criteria()[4].ask
    assert measure(store, ["assessment_score"], scope)["assessment_score"].iloc[0] == pytest.approx(2 / 22)
    undo(store, number)
    assert catalogue(store) == criteria()


def test_a_file_names_criteria_by_number_or_name(tmp_path: Path) -> None:
    text = "criterion,weight,ask,whom,short\nCompelling event,2,Why now? | Why us?,The boss,Reason to act\n7,0,,,\n"
    store = store_of(tmp_path / "store.duckdb", {"criteria_2026-01-31.csv": text})
    five, seven = catalogue(store)[4], catalogue(store)[6]
    assert (five.weight, five.ask, five.whom, five.short) == (2.0, ("Why now?", "Why us?"), "The boss", "Reason to act")
    assert (seven.weight, seven.whom, seven.short) == (0.0, criteria()[6].whom, criteria()[6].short)


def test_two_people_change_two_things_of_one_criterion(store: Store) -> None:
    enter(store, "criteria", [{"criterion": 16, "threshold": 500_000}], author="Ann")
    enter(store, "criteria", [{"criterion": 16, "within_days": 60}], author="Bob")
    assert (catalogue(store)[15].threshold, catalogue(store)[15].within_days) == (500_000.0, 60)
