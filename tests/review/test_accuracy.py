"""Bias and accuracy against sums by hand, and the sample's planted callers found by the program."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pandas as pd
import pytest

from tas_analytics.metrics.company import Company
from tas_analytics.metrics.scope import Scope
from tas_analytics.review import accuracy
from tas_analytics.store.database import Store

FACTS = Path(__file__).resolve().parents[2] / "data" / "sample" / "facts.json"


def errors(*rows: tuple[str, str, int, float, float]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["period", "person", "week", "call", "actual"])
    return frame.assign(error=frame["call"] - frame["actual"], submitted_on=frame["week"])


def test_bias_is_signed_and_accuracy_is_not() -> None:
    found = accuracy.by_group(
        errors(("Q1", "Ann", 1, 150, 100), ("Q1", "Ann", 2, 50, 100), ("Q1", "Bob", 1, 5, 0)), "person"
    )
    ann, bob = found.to_dict("records")
    assert (ann["n"], ann["bias"], ann["accuracy"]) == (2, 0.0, 0.5)
    assert math.isnan(bob["bias"])
    assert math.isnan(bob["accuracy"])


def test_right_from_the_first_week_after_which_no_call_is_wrong() -> None:
    rows = [("Q1", "Ann", week, call, 100.0) for week, call in enumerate((95, 150, 105, 110, 91), start=1)]
    rows += [("Q2", "Ann", 1, 100, 100), ("Q2", "Ann", 2, 300, 100), ("Q3", "Ann", 1, 0, 0)]
    (found,) = accuracy.right_from(errors(*rows)).to_dict("records")
    assert (found["quarters"], found["right"], found["week"]) == (2, 1, 3.0)


def test_a_call_without_its_bias() -> None:
    assert accuracy.corrected(150.0, 0.5) == 100.0
    assert accuracy.corrected(100.0, math.nan) is None
    assert accuracy.corrected(100.0, -1.0) is None


def test_the_samples_planted_callers_are_found(sample_store: Store) -> None:
    facts = json.loads(FACTS.read_text(encoding="utf-8"))["calls"]
    company = Company.of(sample_store)
    assert company.last_day
    found = accuracy.call_errors(sample_store, company, Scope(company.last_day))
    people = accuracy.by_group(found, "person").set_index("person")
    for planted in (facts["sandbagger"], facts["optimist"]):
        row = people.loc[planted["person"]]
        assert (row["n"], row["call"]) == (planted["calls"], planted["called"])
        assert row["actual"] == pytest.approx(planted["won"], abs=0.01)
        assert row["bias"] == pytest.approx(planted["bias"], abs=1e-6)
    assert set(found["week"]) <= set(range(1, 15))
    assert "2026Q4" not in set(found["period"]), "a running quarter has no actual yet"


def test_commit_and_weighted_are_those_of_the_day(sample_store: Store) -> None:
    company = Company.of(sample_store)
    assert company.last_day
    found = accuracy.forecast_errors(sample_store, company, Scope(company.last_day))
    third = found[found["period"] == "2026Q3"]
    assert set(third["forecast"]) == {"commit", "weighted"}
    assert third["actual"].nunique() == 1
    assert third["actual"].iloc[0] == pytest.approx(5_641_524.54)
    assert third.groupby("forecast")["week"].apply(list).map(sorted).tolist() == [list(range(2, 15))] * 2


def test_who_is_right_and_how_early_in_one_sentence() -> None:
    rows = [("Q1", "Ann", week, call, 100.0) for week, call in enumerate((95, 150, 105, 91), start=1)]
    rows += [("Q1", "Bob", week, call, 100.0) for week, call in enumerate((150, 101, 102, 99), start=1)]
    rows += [("Q1", "Zoe", 4, 300, 100)]
    calls = errors(*rows)
    weeks = pd.DataFrame({"calls": [0.5, 0.2, 0.09], "commit": [0.0, 0.3, 0.2]}, index=[1, 2, 3])
    assert accuracy.sentence(accuracy.right_from(calls), weeks) == (
        "Bob's calls are within 10\u202f% of what was won in the only quarter, from week 2 on; "
        "the calls together are from week 3 on"
    )
    wrong = accuracy.sentence(accuracy.right_from(errors(("Q1", "Zoe", 4, 300, 100))), weeks[["commit"]])
    assert (
        wrong == "Nobody's calls came within 10\u202f% of what was won and stayed there; no forecast of all together is"
    )
    nobody = accuracy.right_from(errors())
    assert accuracy.sentence(nobody, weeks).startswith(
        "The calls together come within 10\u202f% of what was won from week"
    )
    assert accuracy.sentence(nobody, weeks.iloc[:0]) == "No quarter can be judged yet"
