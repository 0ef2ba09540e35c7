"""Which targets count: people's, teams', roll-ups, and by which splits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from tas_analytics.metrics.company import Company
from tas_analytics.metrics.measure import measure, total
from tas_analytics.metrics.scope import Scope
from tas_analytics.store.database import Store
from tests.metrics.small import store_of

DAY = dt.date(2026, 2, 28)
PEOPLE = """person,manager,team,region
Abe,,,
Mo,Abe,Red,North
Mia,Abe,Blue,South
Ann,Mo,Red,North
Bob,Mo,Red,North
Cid,Mia,Blue,South
"""
DEALS = """opportunity_id,owner,stage,amount,close_date,created_date
1,Ann,Won,100,2026-02-01,2026-01-05
2,Bob,Talk,300,2026-03-01,2026-01-05
3,Cid,Talk,500,2026-03-05,2026-01-05
"""


def company_with(path: Path, targets: str) -> Store:
    files = {"people.csv": PEOPLE, "opportunities_2026-02-28.csv": DEALS, "targets.csv": targets}
    return store_of(path / "targets.duckdb", files)


@pytest.fixture
def made(tmp_path: Path) -> Iterator[list[Store]]:
    opened: list[Store] = []
    yield opened
    for store in opened:
        store.close()


def target(store: Store, period: str | None = None, **filters: tuple[str, ...]) -> float | None:
    company = Company.of(store)
    return total(store, "target", Scope.of(DAY, company.calendar.parse(period) if period else None, filters), company)


def test_a_managers_roll_up_is_not_added(tmp_path: Path, made: list[Store]) -> None:
    text = "period,person,team,amount\n2026Q1,Mo,,700\n2026Q1,Ann,,300\n2026Q1,Bob,,400\n2026Q1,Mia,,900\n"
    made.append(company_with(tmp_path, text))
    assert target(made[0]) == 300 + 400 + 900  # nobody under Mia has a target: hers counts
    assert target(made[0], owner=("Mo",)) is None
    assert target(made[0], manager=("Mo",)) == 700
    assert target(made[0], region=("South",)) == 900


def test_a_roll_up_over_two_levels_is_not_added(tmp_path: Path, made: list[Store]) -> None:
    text = "period,person,team,amount\n2026Q1,Abe,,1000\n2026Q1,Ann,,300\n2026Q1,Cid,,200\n"
    made.append(company_with(tmp_path, text))
    assert target(made[0]) == 500


def test_people_who_manage_each_other_do_not_hang_the_question(tmp_path: Path, made: list[Store]) -> None:
    people = "person,manager,team,region\nAnn,Bob,Red,North\nBob,Ann,Red,North\nCid,Cid,Blue,South\n"
    text = "period,person,team,amount\n2026Q1,Ann,,300\n2026Q1,Cid,,200\n"
    files = {"people.csv": people, "opportunities_2026-02-28.csv": DEALS, "targets.csv": text}
    made.append(store_of(tmp_path / "loop.duckdb", files))
    assert target(made[0]) == 500


def test_a_teams_target_counts_where_its_people_have_none(tmp_path: Path, made: list[Store]) -> None:
    text = "period,person,team,amount\n2026Q1,,Red,1000\n2026Q1,,Blue,600\n2026Q1,Cid,,550\n"
    made.append(company_with(tmp_path, text))
    assert target(made[0]) == 1000 + 550
    rows = measure(made[0], ["target"], Scope(DAY), ["team"]).set_index("team")["target"]
    assert rows.to_dict() == {"Blue": 550, "Red": 1000}
    # The team's manager is the one that most of its people report to, not whichever row comes first.
    assert target(made[0], manager=("Mo",)) == 1000
    assert target(made[0], region=("North",)) == 1000


def test_the_companys_target_counts_where_nobody_has_one(tmp_path: Path, made: list[Store]) -> None:
    text = "period,person,team,amount\n2026Q1,,,5000\n2026Q2,,,6000\n2026Q2,Ann,,10\n"
    made.append(company_with(tmp_path, text))
    assert target(made[0], "2026Q1") == 5000
    assert target(made[0], "2026Q2") == 10


def test_a_year_is_not_added_to_its_quarters(tmp_path: Path, made: list[Store]) -> None:
    text = (
        "period,person,team,amount\n2026,Ann,,1200\n2026Q1,Ann,,300\n2026Q2,Ann,,300\n2026,Bob,,800\n2026-01,Cid,,50\n"
    )
    made.append(company_with(tmp_path, text))
    assert target(made[0], "2026Q1") == 300 + 50
    assert target(made[0], "2026", owner=("Ann",)) == 600
    assert target(made[0], "2026", owner=("Bob",)) == 800
    assert target(made[0], owner=("Ann",)) == 600
    assert target(made[0], "2026-01") == 50


def test_targets_follow_a_fiscal_year(tmp_path: Path, made: list[Store]) -> None:
    text = "period,person,team,amount\n2026Q4,Ann,,40\n2026,Bob,,100\n2027Q1,Ann,,7\n"
    files = {"people.csv": PEOPLE, "opportunities_2026-02-28.csv": DEALS, "targets.csv": text}
    made.append(store_of(tmp_path / "fiscal.duckdb", files, settings={"fiscal_start_month": "2"}))
    assert target(made[0], "2026Q4") == 40
    assert target(made[0], "2026") == 140  # February 2025 to January 2026
    assert target(made[0], "2027") == 7
    rows = measure(made[0], ["target", "deals"], Scope(DAY), ["close_quarter"])
    assert rows.values.tolist()[:2] == [["2026Q4", 40, 0], ["2027Q1", 7, 3]]


def test_what_targets_are_not_split_by_is_blank(tmp_path: Path, made: list[Store]) -> None:
    made.append(company_with(tmp_path, "period,person,team,amount\n2026Q1,Ann,,300\n"))
    rows = measure(made[0], ["target", "coverage", "open_pipeline"], Scope(DAY), ["product"])
    assert rows[["target", "coverage"]].isna().all().all()
    assert rows["open_pipeline"].sum() == 800
    assert target(made[0], stage=("Talk",)) is None


def test_coverage_is_blank_where_the_target_is_reached(tmp_path: Path, made: list[Store]) -> None:
    made.append(company_with(tmp_path, "period,person,team,amount\n2026Q1,Ann,,90\n2026Q1,Bob,,400\n2026Q1,Cid,,0\n"))
    rows = measure(made[0], ["coverage", "attainment", "gap"], Scope(DAY), ["owner"]).set_index("owner")
    assert rows["coverage"].isna().to_dict() == {"Ann": True, "Bob": False, "Cid": True}
    assert rows["gap"].to_dict() == {"Ann": -10, "Bob": 400, "Cid": 0}
    assert rows.loc["Bob", "coverage"] == 0.75
    assert rows["attainment"].isna().to_dict() == {"Ann": False, "Bob": False, "Cid": True}
