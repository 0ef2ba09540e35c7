"""How numbers, dates and foreign texts are written."""

from __future__ import annotations

import datetime as dt
import math

import pandas as pd
import pytest
from hypothesis import given, strategies as st

from tas_analytics import formats as f


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "$0"), (999.4, "$999"), (999.5, "$1.0k"), (322_400, "$322k"), (999_499, "$999k"), (999_500, "$1.0M"),
        (7_932_000, "$7.9M"), (999_949_999, "$999.9M"), (999_950_000, "$1.0B"), (-950, "−$950"), (None, "–"),
        (math.nan, "–"),
    ],
)  # fmt: skip
def test_money_in_words_that_a_headline_can_carry(value: float | None, text: str) -> None:
    assert f.money(value) == text


def test_money_in_other_currencies_and_with_its_sign() -> None:
    assert f.money(950, "eur") == "€950"
    assert f.money(950, "SEK") == "SEK\u00a0950"
    assert f.money(950, None) == "950"
    assert f.money(950, sign=True) == "+$950"
    assert f.money(0, sign=True) == "$0"


def test_shares_rates_and_counts() -> None:
    assert f.percent(0.631) == "63\u202f%"
    assert f.percent(-0.0523, 1) == "−5.2\u202f%"
    assert f.percent(None) == f.percent(math.nan) == "–"
    assert f.rate(3, 0) == "–"
    assert f.rate(3, 19) == "3 of 19"
    assert f.rate(3, 20) == "15\u202f%"
    assert [f.count(n, "deal") for n in (0, 1, 2, 1200)] == ["no deals", "1 deal", "2 deals", "1,200 deals"]
    assert f.count(2, "entry", "entries") == "2 entries"


def test_a_part_of_a_whole_is_said_as_one_says_it() -> None:
    assert f.out_of(0, 11, "deal") == "0 of 11 deals"
    assert f.out_of(1_200, 1_201, "commit deal") == "1,200 of 1,201 commit deals"
    assert f.out_of(11, 11, "commit deal") == "all 11 commit deals"
    assert f.out_of(2, 2, "activity", "activities") == "both activities"
    assert f.out_of(1, 1, "deal") == "the only deal"
    assert f.out_of(0, 0, "deal") == "0 of no deals"


def test_numbers() -> None:
    assert f.number(1234.5, 1) == "1,234.5"
    assert f.number(-1234.5, 1) == "−1,234.5"
    assert f.number(-0.001) == "0"
    assert f.number(5, sign=True) == "+5"
    assert f.number(None) == "–"


def test_days() -> None:
    day = dt.date(2026, 11, 6)
    assert f.day(day) == "6 Nov 2026"
    assert f.day(day, year=False) == "6 Nov"
    assert f.day(day, weekday=True) == "Fri 6 Nov 2026"
    assert f.day(None) == "–"


def test_a_sentence_begins_with_a_capital_and_names_keep_theirs() -> None:
    assert f.sentence_case("open deals of McKay") == "Open deals of McKay"
    assert f.sentence_case("") == ""


@given(st.text())
def test_text_of_others_formats_nothing(text: str) -> None:
    bare = f.escape_markdown(text)
    for sign in "*_$<>`[]|~#":
        assert bare.count("\\" + sign) == text.count(sign)
    assert "\n" not in bare
    chart = f.escape_chart(text)
    assert "<" not in chart
    assert ">" not in chart


@pytest.mark.parametrize("cell", ["=1+1", "+A1", "-A1", "@SUM(A1)", "\t=1", "\r=1", "+49 30 123"])
def test_a_cell_that_a_spreadsheet_would_run_is_made_text(cell: str) -> None:
    assert f.neutralise(cell) == "'" + cell


@pytest.mark.parametrize("value", ["-12.5", "+7", "a=b", "", " =1", -5, 1.5, None])
def test_numbers_and_plain_texts_stay(value: object) -> None:
    assert f.neutralise(value) == value


def test_a_table_as_text_has_every_number_in_full_and_nothing_that_runs() -> None:
    numbers = [0.1, 1 / 3, 1e-7, 1e16, -2.5, 494000.0, float("inf"), float("nan"), 12345678.9, 0.1]
    frame = pd.DataFrame(
        {
            "x": numbers,
            "n": range(10),
            "t": ["=1", "a,b", 'c"d', None, "", "-3", "é", "\n", "+x", "z"],
            "f": [True] * 10,
        },
        index=range(5, 15),
    )
    plain = frame.assign(t=frame["t"].replace({"=1": "'=1", "+x": "'+x"}))
    assert f.csv_text(frame) == plain.to_csv(index=False, lineterminator="\n")
    thrice = pd.concat([plain, plain, plain])
    assert f.csv_text(pd.concat([frame, frame, frame])) == thrice.to_csv(index=False, lineterminator="\n")
    assert f.csv_text(frame[["x"]].head(0)) == "x\n"
    assert f.csv_text(pd.DataFrame({"x": [-0.0, 0.0, None]})) == 'x\n0.0\n0.0\n""\n'
