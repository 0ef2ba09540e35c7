"""What every metric keeps: named, documented, never infinite, additive where it says so, never counted twice."""

from __future__ import annotations

import datetime as dt
import math
import re
from pathlib import Path

import pandas as pd
import pytest

from tas_analytics.errors import BadQuestion
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.dimensions import DIMENSIONS, dimension
from tas_analytics.metrics.measure import compile_query, measure
from tas_analytics.metrics.registry import metric, metrics, with_parts
from tas_analytics.metrics.scope import Scope
from tas_analytics.store.database import Store
from tests.metrics.small import store_of

AS_OF = dt.date(2026, 11, 16)
EVERY = [one.key for one in metrics()]
DIMENSION_KEYS = [one.key for one in DIMENSIONS]
#: Names that the command line's users and other programs rely on.
PROMISED = (
    "deals open_deals won_deals lost_deals won_amount lost_amount open_pipeline weighted_pipeline win_rate "
    "value_win_rate average_won days_to_win sales_velocity coverage slip_rate push_count"
).split()
PROMISED_DIMENSIONS = (
    "stage owner manager region product account industry segment source forecast_category close_month close_quarter "
    "created_quarter"
).split()


def test_promised_keys_exist() -> None:
    assert set(PROMISED) <= set(EVERY)
    assert set(PROMISED_DIMENSIONS) <= set(DIMENSION_KEYS)


def test_keys_and_labels_are_unique_and_everything_is_documented() -> None:
    for things in (metrics(), DIMENSIONS):
        assert len({one.key for one in things}) == len(things)
        assert len({one.label for one in things}) == len(things)
    for one in metrics():
        assert re.fullmatch(r"[a-z][a-z0-9_]*", one.key)
        assert one.label[0].isupper()
        assert one.doc.endswith(".")
        assert one.formula
        assert one.group
    for way in DIMENSIONS:
        assert re.fullmatch(r"[a-z][a-z0-9_]*", way.key)
        assert way.doc.endswith(".")


def test_parts_and_bases_exist_and_come_first() -> None:
    for one in metrics():
        names = set(re.findall(r"[a-z_0-9]+", one.sql))
        assert bool(one.parts) == (one.grain == "derived"), one.key
        if one.grain == "derived":
            # The formula reads nothing but its parts.
            assert names & set(EVERY) <= set(one.parts), one.key
        for part in one.parts:
            metric(part)
        if one.base:
            assert metric(one.base).unit == "count"
        order = [found.key for found in with_parts([one.key])]
        assert order[-1] == one.key
        assert len(order) == len(set(order))
        for found in with_parts([one.key]):
            assert all(order.index(part) < order.index(found.key) for part in found.parts)


def test_a_rate_has_its_number_of_cases() -> None:
    without = {"attainment", "commit_cumulative"}
    assert [one.key for one in metrics() if one.unit == "percent" and not one.base and one.key not in without] == []


def test_unknown_names_are_refused_with_a_list() -> None:
    for ask, word in ((metric, "win_rate"), (dimension, "region")):
        with pytest.raises(BadQuestion) as caught:
            ask("no_such_thing")
        assert word in str(caught.value.hint)


@pytest.mark.parametrize("period", [None, "2026Q3", "2026", "2026-07"])
@pytest.mark.parametrize("key", [None, *DIMENSION_KEYS])
def test_an_empty_store_answers_with_nothing(empty_store: Store, key: str | None, period: str | None) -> None:
    company = Company.of(empty_store)
    scope = Scope(AS_OF, company.calendar.parse(period) if period else None)
    frame = measure(empty_store, EVERY, scope, [key] if key else [], company)
    if key:
        assert frame.empty
        assert list(frame.columns) == [key, *EVERY]
    else:
        row = frame.iloc[0]
        for one in metrics():
            value = row[one.key]
            assert pd.isna(value) if one.unit in {"percent", "ratio", "days"} else pd.isna(value) or value == 0, one.key


def test_each_metric_alone_answers_on_an_empty_store(empty_store: Store) -> None:
    company = Company.of(empty_store)
    for key in EVERY:
        assert len(measure(empty_store, [key], Scope(AS_OF), (), company)) == 1
        assert measure(empty_store, [key], Scope(AS_OF), ["stage"], company).empty


def test_divisions_by_nothing_are_blank_and_never_infinite(tmp_path: Path) -> None:
    deals = """opportunity_id,stage,amount,close_date,created_date,forecast_category
1,Won,0,2026-02-01,2026-02-01,
2,Won,,2026-02-01,,
3,Lost,,,2026-03-05,
4,Talk,,,,Best Case
5,Talk,0,2026-01-01,2026-01-01,commit
"""
    store = store_of(tmp_path / "blank.duckdb", {"opportunities_2026-02-28.csv": deals})
    try:
        for by in ([], *([key] for key in DIMENSION_KEYS)):
            frame = measure(store, EVERY, Scope(dt.date(2026, 2, 28)), by)
            values = frame[EVERY].astype(float).to_numpy().ravel()
            assert not any(math.isinf(value) for value in values)
            raw = store.rows(*_compiled(store, by))
            assert not any(isinstance(value, float) and math.isnan(value) for row in raw for value in row)
        row = measure(store, EVERY, Scope(dt.date(2026, 2, 28))).iloc[0]
        blank = {key for key in EVERY if pd.isna(row[key])}
        assert {"value_win_rate", "sales_velocity", "needed_coverage", "coverage", "top_1_share", "target"} <= blank
        assert row["win_rate"] == pytest.approx(2 / 3)
        assert (row["average_won"], row["days_to_win"], row["open_pipeline"]) == (0, 0, 0)
    finally:
        store.close()


def _compiled(store: Store, by: list[str]) -> tuple[str, dict[str, object]]:
    query = compile_query(Company.of(store), EVERY, Scope(dt.date(2026, 2, 28)), by)
    return query.sql, query.params


@pytest.mark.parametrize("period", [None, "2026Q3", "2026Q4"])
@pytest.mark.parametrize("key", DIMENSION_KEYS)
def test_groups_sum_to_the_total(sample_store: Store, key: str, period: str | None) -> None:
    company = Company.of(sample_store)
    scope = Scope(AS_OF, company.calendar.parse(period) if period else None)
    additive = [one.key for one in metrics() if one.additive]
    whole = measure(sample_store, additive, scope, (), company).iloc[0]
    parts = measure(sample_store, additive, scope, [key], company)
    for name in additive:
        assert math.fsum(parts[name].astype(float)) == pytest.approx(float(whole[name]), rel=1e-12, abs=1e-6), name


def test_what_is_not_additive_does_not_say_so(sample_store: Store) -> None:
    whole = measure(sample_store, EVERY, Scope(AS_OF)).iloc[0]
    parts = measure(sample_store, EVERY, Scope(AS_OF), ["region"])
    for one in metrics():
        if one.unit in {"percent", "days", "ratio", "money per day"} and not pd.isna(whole[one.key]):
            assert not one.additive, one.key
            assert parts[one.key].sum() != pytest.approx(float(whole[one.key]), rel=1e-6), one.key


@pytest.mark.parametrize("by", [[], ["stage"], ["region"], ["owner", "close_quarter"]], ids=str)
@pytest.mark.parametrize("period", [None, "2026Q4"])
def test_asked_together_is_asked_alone(sample_store: Store, by: list[str], period: str | None) -> None:
    """The fan trap: deals, steps, stays, what was due and targets in one question, none joined to another's rows."""
    company = Company.of(sample_store)
    scope = Scope(AS_OF, company.calendar.parse(period) if period else None)
    together = measure(sample_store, EVERY, scope, by, company)
    for one in metrics():
        alone = measure(sample_store, [one.key], scope, by, company)
        if by:
            merged = alone.merge(together[[*by, one.key]], on=by, how="left", suffixes=("", "_together"))
            left, right = merged[one.key], merged[f"{one.key}_together"]
        else:
            left, right = alone[one.key], together[one.key]
        assert len(left) == len(alone)
        pd.testing.assert_series_equal(
            left.astype(float), right.astype(float), check_names=False, rtol=1e-12, atol=1e-9, obj=one.key
        )


def test_a_deal_of_many_sightings_and_versions_counts_once(tmp_path: Path) -> None:
    header = "opportunity_id,owner,product,account,stage,amount,close_date,created_date\n"
    weeks = ["2026-01-05", "2026-01-12", "2026-01-19", "2026-01-26"]
    files = {
        f"opportunities_{day}.csv": header + f"1,Ann,Pump,Acme,{stage},{amount},2026-{month}-10,2026-01-01\n"
        for day, stage, amount, month in zip(
            weeks, ["Talk", "Talk", "Offer", "Offer"], [100, 100, 120, 150], ["03", "04", "04", "07"], strict=True
        )
    }
    # The owner, the account and the product change from day to day as well, and each has a target or two.
    for day, manager in zip(weeks, ["Mo", "Mia", "Mo", "Vera"], strict=True):
        files[f"people_{day}.csv"] = f"person,manager,team,region\nAnn,{manager},Red,North\n"
        files[f"accounts_{day}.csv"] = f"account,industry\nAcme,Industry of {day}\n"
        files[f"products_{day}.csv"] = f"product,family\nPump,Family of {day}\n"
    files["targets.csv"] = "period,person,team,amount\n2026Q1,Ann,,70\n2026Q2,Ann,,80\n2026Q1,,Red,500\n"
    store = store_of(tmp_path / "fan.duckdb", files)
    try:
        assert store.value("select count(*) from opportunity_version") > 1
        assert store.value("select count(*) from person_version") > 1
        for by in ([], *([key] for key in DIMENSION_KEYS), ["manager", "industry"], ["stage", "family", "team"]):
            frame = measure(
                store, ["deals", "open_pipeline", "push_count", "delay_count"], Scope(dt.date(2026, 1, 31)), by
            )
            assert frame[["deals", "open_pipeline", "push_count", "delay_count"]].values.tolist() == [[1, 150, 2, 2]]
        assert measure(store, ["target"], Scope(dt.date(2026, 1, 31)))["target"].tolist() == [70 + 80]
        rows = measure(store, ["deals"], Scope(dt.date(2026, 1, 15)), ["manager", "industry"])
        assert rows.values.tolist() == [["Mia", "Industry of 2026-01-12", 1]]
    finally:
        store.close()


def test_stages_come_in_their_order_and_other_values_by_name(sample_store: Store) -> None:
    stages = measure(sample_store, ["deals"], Scope(AS_OF), ["stage"])["stage"]
    assert list(stages) == ["Qualify", "Develop", "Solution", "Proof", "Close", "Won", "Lost"]
    assert list(measure(sample_store, ["deals"], Scope(AS_OF), ["status"])["status"]) == ["open", "won", "lost"]
    families = list(measure(sample_store, ["deals"], Scope(AS_OF), ["family"])["family"])
    assert families[-1] is None
    assert families[:-1] == sorted(families[:-1])


def test_no_query_uses_the_arrow_that_later_versions_of_the_database_drop(sample_store: Store) -> None:
    company = Company.of(sample_store)
    for key in DIMENSION_KEYS:
        sql = compile_query(company, EVERY, Scope.of(AS_OF, None, {key: ("x",)}), [key]).sql
        assert "->" not in sql
