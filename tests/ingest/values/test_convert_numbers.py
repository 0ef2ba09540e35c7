"""Amounts, percentages and whole numbers: one decision per column, and SQL that reads by it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings, strategies as st

from tas_analytics.ingest.values.convert import decide, reason
from tests.ingest.cells import both

# --- money -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1.234,56", "1234.56"), ("1,234.56", "1234.56"), ("$45,000.00", "45000"), ("45k", "45000"),
        ("1.2M", "1200000"),
        ("1,25 Mio. €", "1250000"), ("$1.5bn", "1500000000"), ("USD 100", "100"), ("100 USD", "100"), ("100 €", "100"),
        ("€100", "100"), ("(1,000.00)", "-1000"), ("($1,000.50)", "-1000.50"), ("-1,000.00", "-1000"), ("-$45", "-45"),
        ("$-45", "-45"), ("−45", "-45"), ("5-", "-5"), ("+5", "5"), ("1 054,00", "1054"), ("1\u00a0054,00", "1054"),
        ("1\u202f054,00 €", "1054"), ("1\u2009054,00", "1054"), ("¥1,054.00", "1054"), ("￥1,054.00", "1054"),
        ("1'054.00", "1054"), ("1’054.50 CHF", "1054.50"), ("Fr. 100.50", "100.50"), ("Rs.100", "100"),
        ("R$ 1.234,50", "1234.50"),
        (".5", "0.50"), ("5.", "5"), ("0", "0"), ("12 345 678.90", "12345678.90"), ("1.5万", "15000"),
        ("3亿元", "300000000"),
        ("1e5", "100000"), ("9999999999999999.99", "9999999999999999.99"), ("0.1", "0.10"), ("1,2 Mio", "1200000"),
        ("1.005", "1005.00"), ("-0.00", "0"), ("2,5 млн ₽", "2500000"), ("750 ТЫС. ₽", "750000"),
        ("3 Milliarden", "3000000000"),
        ("1,5 millones", "1500000"), ("₹ 2.5 Cr", "25000000"), ("Rs. 2 cr", "20000000"), ("2,25 milhões", "2250000"),
    ],
)  # fmt: skip
def test_money(cell: str, value: str) -> None:
    assert both([cell], "money")[1] == [Decimal(value)]


@pytest.mark.parametrize(
    "cell",
    ["1,23,4", "12,34.50", "1.2.3", "abc", "100 XYZ1", "(5", "5)", "1,0000.00", "--5", "$", "10%",
     "1 2", "5 apples", "5 mil", "1,234.50 CR", "1,234,56", "99999999999999999999"],
)  # fmt: skip
def test_no_money(cell: str) -> None:
    convention, got = both(["1,000.00", "2,500.50", cell], "money")
    assert got[2] is None
    assert reason(convention, cell).startswith("is ")


def test_decimal_mark_is_decided_for_the_column() -> None:
    convention, got = both(["1.234", "12,50", "3.000"], "money")
    assert (convention.decimal, convention.ambiguous) == (",", False)
    assert '"12,50" shows that the decimal mark is a comma' in convention.evidence
    assert got == [Decimal("1234"), Decimal("12.50"), Decimal("3000")]
    assert decide([("1.234.567", 1), ("1.234", 3)], "money").decimal == ","
    assert decide([("0.123", 1), ("1.234", 3)], "money").decimal == "."


def test_groups_of_three_only() -> None:
    points = decide([("1.234", 1), ("5.678", 1)], "money")
    assert (points.decimal, points.ambiguous) == (",", True)
    commas = decide([("1,234", 1), ("5,678", 1)], "money")
    assert (commas.decimal, commas.ambiguous) == (".", True)
    hinted = decide([("1.234", 1)], "money", decimal_hint=".")
    assert (hinted.decimal, hinted.ambiguous) == (".", False)
    dollars = decide([("$1,234", 1)], "money")
    assert (dollars.decimal, dollars.ambiguous) == (".", False)
    assert decide([("1.234", 1)], "number").decimal == "."


def test_a_minority_with_the_other_mark_is_rejected() -> None:
    convention, got = both(["1.234,56", "2.345,67", "99.5"], "money")
    assert convention.decimal == ","
    assert got[2] is None
    assert reason(convention, "99.5") == "is not an amount like 1.234,56"


def test_indian_groups() -> None:
    convention, got = both(["1,00,000", "₹ 12,34,567.50", "5,000"], "money")
    assert got == [Decimal("100000"), Decimal("1234567.50"), Decimal("5000")]
    assert convention.decimal == "."
    assert both(["1,00,000", "1,000,000", "250,000,000"], "money")[1][0] is None


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        (["$1", "$2,000.00"], "USD"), (["1,00 €", "2,00 €"], "EUR"), (["EUR 1", "2 EUR"], "EUR"), (["£5"], "GBP"),
        (["¥5"], "JPY"), (["¥5", "5元"], None), (["5元"], "CNY"), (["$1", "€2"], None), (["$1", "2"], None),
        (["1", "2"], None), (["R$ 5"], "BRL"), (["CHF 5"], "CHF"), (["5 kr"], None), (["₹5", "-", ""], "INR"),
    ],
)  # fmt: skip
def test_currency(cells: list[str], code: str | None) -> None:
    assert decide([(cell, 1) for cell in cells], "money").currency == code


def test_yen_sign_in_a_chinese_file() -> None:
    assert decide([("¥1,054", 2)], "money", chinese=True).currency == "CNY"


def test_no_float_touches_money() -> None:
    cells = [*(f"0.{cents:02d}" for cents in range(100)), "90071992547409.93", "1234567.89k"]
    assert both(cells, "money")[1] == [*(Decimal(cell) for cell in cells[:-1]), Decimal("1234567890")]


_LOCALES = {
    "us": (",", ".", "${}"), "de": (".", ",", "{} €"), "fr": ("\u202f", ",", "{} €"), "ch": ("'", ".", "CHF {}"),
    "plain": ("", ".", "{}"), "br": (".", ",", "R$ {}"),
}  # fmt: skip


@settings(max_examples=60)
@given(
    amounts=st.lists(st.decimals(-(10**12), 10**12, places=2, allow_nan=False), min_size=1, max_size=20),
    locale=st.sampled_from(sorted(_LOCALES)),
    brackets=st.booleans(),
)
def test_money_round_trips(amounts: list[Decimal], locale: str, brackets: bool) -> None:
    group, mark, frame = _LOCALES[locale]
    cells = []
    for amount in amounts:
        whole, cents = f"{abs(amount):,.2f}".split(".")
        digits = whole.replace(",", group) + mark + cents
        text = frame.format(digits)
        cells.append((f"({text})" if brackets else f"-{text}") if amount < 0 else text)
    assert both(cells, "money")[1] == amounts


# --- other numbers -----------------------------------------------------------------------------------------------


def test_numbers() -> None:
    assert both(["1.2E+05", "-3.25", "12", "1,234.5", "1.08512"], "number")[1] == [
        120000.0,
        -3.25,
        12.0,
        1234.5,
        1.08512,
    ]
    assert both(["0,912", "1,085"], "number")[1] == [0.912, 1.085]


@pytest.mark.parametrize(
    ("cells", "values", "scale"),
    [
        (["45%", "45,5 %", "100 %", "0%"], [0.45, 0.455, 1.0, 0.0], 0.01), (["0.45", "1", "0"], [0.45, 1.0, 0.0], 1.0),
        (["10", "90", "7", "100", "0"], [0.1, 0.9, 0.07, 1.0, 0.0], 0.01), (["0,5", "0,75"], [0.5, 0.75], 1.0),
        (["45.5", "20"], [0.455, 0.2], 0.01), (["0.5%", "1%"], [0.005, 0.01], 0.01), (["45\uff05"], [0.45], 0.01),
        (["50", "110", "-5", "abc"], [0.5, None, None, None], 0.01),
        (["0.1"] * 10 + ["0.2"] * 10 + ["1.5"], [0.1] * 10 + [0.2] * 10 + [None], 1.0),
    ],
)  # fmt: skip
def test_percent(cells: list[str], values: list[float | None], scale: float) -> None:
    convention, got = both(cells, "percent")
    assert got == values
    assert convention.scale == scale


def test_whole_percents_are_exact() -> None:
    assert both([str(n) for n in range(101)], "percent")[1] == [n / 100 for n in range(101)]


def test_percent_reasons() -> None:
    convention = decide([("50%", 3)], "percent")
    assert reason(convention, "150%") == "is not between 0 and 100 %"
    assert reason(convention, "high") == "is not a percentage like 45.5 %"


def test_integers() -> None:
    assert both(["13938.0", "1,000", "10", "-5", "10k"], "integer")[1] == [13938, 1000, 10, -5, 10000]
    convention, got = both(["10", "1.5", "51-200"], "integer")
    assert got == [10, None, None]
    assert reason(convention, "51-200") == "is not a whole number"


def test_booleans() -> None:
    yes = ["true", "TRUE", "yes", "Y", "1", "ja", "oui", "Wahr", "x", "X", "si", "sim", "是"]
    no = ["false", "No", "0", "nein", "non", "falsch", "faux", "否"]
    assert both(yes, "boolean")[1] == [True] * len(yes)
    assert both(no, "boolean")[1] == [False] * len(no)
    assert both(["maybe", ""], "boolean")[1] == [None, None]


def test_text_is_trimmed_and_nothing_else() -> None:
    assert both(["  a  b ", "\u00a0x\n", "a\nb", "=1+1", "é\u00a0è"], "text")[1] == [
        "a  b",
        "x",
        "a\nb",
        "=1+1",
        "é\u00a0è",
    ]
