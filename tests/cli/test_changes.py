"""`changes`: the waterfall for people, for spreadsheets and for programs."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from pathlib import Path

import pytest

from tas_analytics.review.buckets import BUCKETS
from tests.cli.conftest import Command

FIRST = """opportunity_id,name,owner,stage,amount,close_date
D1,=cmd|' /C calc'!A0,Ann,Qualify,100.10,2026-03-01
D2,Grow <b>,Ann,Qualify,200,2026-03-05
D3,Gone,Ann,Qualify,300,2026-03-09
D4,Push,Bob,Qualify,400,2026-03-10
D5,Pull,Bob,Qualify,50,2026-06-10
"""
SECOND = """opportunity_id,name,owner,stage,amount,close_date
D1,=cmd|' /C calc'!A0,Ann,Won,100.10,2026-02-07
D2,Grow <b>,Ann,Qualify,250.05,2026-03-05
D4,Push,Bob,Qualify,400,2026-04-10
D5,Pull,Bob,Qualify,60,2026-03-30
D6,New,Bob,Qualify,,2026-03-30
"""
WORDS = ("changes", "--since", "2026-02-02", "--period", "2026Q1")


@pytest.fixture
def two_weeks(tas: Command, tmp_path: Path) -> Command:
    for day, text in (("2026-02-02", FIRST), ("2026-02-09", SECOND)):
        path = tmp_path / f"opportunities_{day}.csv"
        path.write_text(text)
        assert tas("load", path, "--complete").code == 0
    return tas


def test_json_holds_every_bucket_and_every_deal_once(two_weeks: Command) -> None:
    found = two_weeks(*WORDS, "--format", "json")
    assert (found.code, found.err) == (0, "")
    answer = found.json
    assert (answer["start"], answer["end"], answer["start_deals"], answer["end_deals"]) == ("1000.10", "310.05", 4, 3)
    assert [one["bucket"] for one in answer["buckets"]] == [one.key for one in BUCKETS]
    moved = {one["bucket"]: (one["deals"], one["amount"]) for one in answer["buckets"] if one["deals"]}
    assert moved == {
        "created": (1, "0.00"), "pulled_in": (1, "60.00"), "increased": (1, "50.05"), "pushed_out": (1, "-400.00"),
        "removed": (1, "-300.00"), "won": (1, "-100.10"),
    }  # fmt: skip
    assert Decimal(answer["end"]) == Decimal(answer["start"]) + sum(Decimal(b["amount"]) for b in answer["buckets"])
    deals = {one["opportunity_id"]: one for one in answer["deals"]}
    assert len(deals) == len(answer["deals"]) == 6
    assert (deals["D2"]["before"], deals["D2"]["after"], deals["D2"]["amount"]) == ("200.00", "250.05", "50.05")
    assert (deals["D4"]["close_date_before"], deals["D4"]["close_date_after"]) == ("2026-03-10", "2026-04-10")
    assert (deals["D3"]["stage_before"], deals["D3"]["stage_after"]) == ("Qualify", None)


def test_csv_has_the_deals_and_runs_no_formula(two_weeks: Command) -> None:
    rows = list(csv.DictReader(io.StringIO(two_weeks(*WORDS, "--format", "csv").out)))
    assert {row["opportunity_id"]: row["bucket"] for row in rows}["D3"] == "removed"
    assert next(row["name"] for row in rows if row["opportunity_id"] == "D1").startswith("'=")
    assert sum(Decimal(row["amount"]) for row in rows) == Decimal("-690.05")


def test_a_table_for_people(two_weeks: Command) -> None:
    lines = [" ".join(line.split()) for line in two_weeks(*WORDS).out.splitlines()]
    assert lines[1] == "Open on 2 Feb 2026 4 1,000.10"
    assert lines[-1] == "Open on 9 Feb 2026 3 310.05"
    assert "Pushed out 1 -400.00" in lines
    assert not [line for line in lines if line.startswith(("Lost", "Currency"))], "what holds nothing is not shown"


def test_filters_take_their_own_deals_only(two_weeks: Command) -> None:
    answer = two_weeks(*WORDS, "--where", "owner=Ann", "--format", "json").json
    assert (answer["start"], answer["end"]) == ("600.10", "250.05")
    assert answer["filters"] == {"owner": ["Ann"]}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--since", "2026-02-09"), "does not lie before"),
        (("--since", "2026-02-02", "--period", "2026Q7"), "2026Q7"),
        (("--since", "2026-02-02", "--where", "colour=red"), "colour"),
        (("--since", "soon"), "--since"),
        ((), "--since"),
    ],
)
def test_what_is_no_comparison_is_refused(two_weeks: Command, words: tuple[str, ...], said: str) -> None:
    found = two_weeks("changes", *words)
    assert (found.code, found.out) == (2, "")
    assert said in found.err


def test_a_day_before_the_data_is_said(two_weeks: Command) -> None:
    found = two_weeks("changes", "--since", "2026-01-05")
    assert found.code == 0
    assert "The data begin on 2 Feb 2026" in found.err


def test_an_empty_store_says_what_to_load(tas: Command) -> None:
    found = tas("changes", "--since", "2026-02-02")
    assert found.code == 2
    assert "Load two exports" in found.err
