"""Of which day a file tells, how its columns are read, and what the user's word changes."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from tas_analytics.errors import UnknownTable
from tas_analytics.ingest.loading.loader import load
from tas_analytics.ingest.planning.asof import LOADED
from tas_analytics.store import Store
from tests.store.stores import csv_text, deals, load_text, prepared

D = dt.date
HEADER = ["opportunity_id", "stage", "amount", "close_date", "created_date"]
ROWS = [
    ["D1", "Qualify", "1", "2027-06-30", "2026-01-02"],
    ["D2", "Closed Won", "1", "2026-01-09", "2025-12-02"],
    ["D3", "Proposal", "1", "2026-12-31", "2026-01-05"],
]


@pytest.mark.parametrize(
    ("name", "given", "day", "reason"),
    [
        ("deals_2026-02-01.csv", None, "2026-02-01", "file's name"),
        ("deals 20260201 v2.csv", None, "2026-02-01", "file's name"),
        ("deals_2026.02.01.csv", D(2026, 3, 1), "2026-03-01", "as you said"),
        ("deals.csv", None, "2026-01-09", "something happened"),
        ("deals_2026-02-31.csv", None, "2026-01-09", "something happened"),
        ("deals_120260201.csv", None, "2026-01-09", "something happened"),
    ],
)
def test_the_day_of_an_export(store: Store, name: str, given: dt.date | None, day: str, reason: str) -> None:
    result = load_text(store, csv_text(HEADER, ROWS), name, as_of=given)
    assert result.as_of == day
    assert reason in result.as_of_reason


def test_tables_without_a_day_follow_the_deals_of_the_same_go(store: Store) -> None:
    people = prepared(csv_text(["person", "manager"], [["Ann", "Max"]]), "people.csv")
    first, second = load(store, [people, prepared(csv_text(HEADER, ROWS), "d_2026-02-01.csv")])
    assert (first.as_of, second.as_of) == ("2026-02-01", "2026-02-01")
    assert "newest deals" in first.as_of_reason


def test_a_table_before_any_deals_holds_from_the_beginning(store: Store) -> None:
    assert load_text(store, csv_text(["person", "manager"], [["Ann", "Max"]]), "people.csv").as_of == "1900-01-01"


def test_dates_that_can_be_read_two_ways_follow_the_other_column(store: Store) -> None:
    rows = [["D1", "Qualify", "1", "03/04/2026", "13/02/2026"], ["D2", "Qualify", "1", "05/04/2026", "01/02/2026"]]
    file = prepared(csv_text(HEADER, rows))
    assert file.conventions["close_date"].date_order == "dmy"
    assert not file.conventions["close_date"].ambiguous
    assert "like the file's other dates" in file.conventions["close_date"].evidence
    load(store, [file])
    assert deals(store, "close_date")[0] == {"close_date": D(2026, 4, 3)}


def test_a_day_order_that_nothing_decides_is_a_caveat_and_can_be_chosen(store: Store) -> None:
    rows = [["D1", "Qualify", "1", "03/04/2026", ""], ["D2", "Qualify", "1", "05/04/2026", ""]]
    result = load_text(store, csv_text(HEADER, rows), "d_2026-02-01.csv")
    assert "ambiguous" in {finding.key for finding in result.findings}
    chosen = load_text(store, csv_text(HEADER, rows), "d_2026-02-02.csv", date_order="dmy")
    assert "ambiguous" not in {finding.key for finding in chosen.findings}
    assert deals(store, "close_date")[0] == {"close_date": D(2026, 4, 3)}


def test_columns_that_the_user_chose_are_taken(store: Store) -> None:
    text = csv_text(["Ref", "Phase X", "Worth", "Stage"], [["D1", "Proposal", "12", "ignored"]])
    columns = {"opportunity_id": "Ref", "stage": "Phase X", "amount": "Worth"}
    result = load_text(store, text, "d_2026-02-01.csv", as_table="opportunities", columns=columns)
    assert [(part.part, part.text.data.to_pylist()[0]["c2"]) for part in result.prepared.parts] == [
        ("Attributes", "ignored")
    ]
    assert set(result.prepared.mapping.sureness.values()) == {"user"}
    assert deals(store, "opportunity_id", "stage", "amount") == [
        {"opportunity_id": "D1", "stage": "Proposal", "amount": 12}
    ]


def test_a_choice_that_lacks_a_needed_column_is_refused() -> None:
    with pytest.raises(UnknownTable, match="no column for Stage"):
        prepared(csv_text(HEADER, ROWS), as_table="opportunities", columns={"opportunity_id": "opportunity_id"})


def test_a_table_that_the_user_names_still_needs_its_columns() -> None:
    with pytest.raises(UnknownTable, match="no column for Stage") as refusal:
        prepared("a,b\n1,2\n3,4\n", as_table="opportunities")
    assert "Its headers are: a, b" in refusal.value.hint


def test_the_currency_of_the_cells_themselves_counts(store: Store) -> None:
    text = csv_text(
        ["opportunity_id", "stage", "amount"], [["D1", "Qualify", "€1,500.00"], ["D2", "Qualify", "€2,500.50"]]
    )
    result = load_text(store, text, "d_2026-02-01.csv")
    assert result.prepared.columns == ["opportunity_id", "stage", "amount", "currency"]
    assert deals(store, "amount", "currency")[0] == {"amount": 1500, "currency": "EUR"}


def test_deals_that_name_no_day_are_of_the_day_of_loading(store: Store) -> None:
    """Then pages do not tell of 1900, and next week's list without a day is of next week."""
    undated = csv_text(["opportunity_id", "stage", "close_date"], [["D1", "Qualify", "2099-01-31"]])
    first = load_text(store, undated, "list.csv")
    ((loaded,),) = store.rows("select cast(loaded_at as date) from load")
    assert (first.as_of, first.as_of_reason) == (loaded.isoformat(), LOADED)
    assert load_text(store, undated, "list.csv").seen_before
    later = load_text(store, csv_text(["opportunity_id", "stage"], [["D1", "Develop"]]), "list.csv")
    assert (later.as_of, later.as_of_reason) == (first.as_of, LOADED)


def test_a_correction_without_a_day_follows_deals_that_have_one(store: Store) -> None:
    load_text(store, csv_text(["opportunity_id", "stage"], [["D1", "Qualify"]]), "deals_2017-05-01.csv")
    mended = load_text(store, csv_text(["opportunity_id", "stage", "amount"], [["D1", "Qualify", "5"]]), "mended.csv")
    assert (mended.as_of, mended.as_of_reason) == ("2017-05-01", "the newest deals in the store")


@pytest.mark.parametrize(
    ("header", "cells", "amounts"),
    [
        ("Amount (k€)", ("1234.56789", "-0.5"), ("1234567.89", "-500.00")),
        ("Betrag in TEUR", ("1.234,5", "2,25"), ("1234500.00", "2250.00")),
        ("Amount (USD mn)", ("1.25", "(3)"), ("1250000.00", "-3000000.00")),
        ("预计金额(万元)", ("120.5", "3"), ("1205000.00", "30000.00")),
        ("Amount (€m)", ("1.25", "0.000001"), ("1250000.00", "1.00")),
        ("Amount (lakh)", ("1.5", "2"), ("150000.00", "200000.00")),
        ("Amount (INR cr)", ("1.5", "2"), ("15000000.00", "20000000.00")),
        ("Сумма (млн ₽)", ("1,25", "2"), ("1250000.00", "2000000.00")),
        ("Amount (CR)", ("12.5", "5"), ("12.50", "5.00")),  # nor does CR, for credit, say it alone
        ("Amount (M)", ("12.5", "5"), ("12.50", "5.00")),  # M may be anything
        ("Amount (in thousands)", ("12k", "5"), ("12000.00", "5.00")),  # the cells say it themselves
        ("Amount (USD)", ("12.5", "5"), ("12.50", "5.00")),
    ],
)
def test_amounts_are_in_the_units_that_their_header_names(
    store: Store, header: str, cells: tuple[str, ...], amounts: tuple[str, ...]
) -> None:
    rows = [[f"D{n}", "Qualify", cell, "2026-12-31"] for n, cell in enumerate(cells)]
    file = prepared(csv_text(["opportunity_id", "stage", header, "close_date"], rows), "d_2026-02-01.csv")
    (result,) = load(store, [file])
    assert [str(row["amount"]) for row in deals(store, "amount")] == list(amounts)
    assert str(result.amount_in_file) == str(result.amount_loaded) == str(sum(map(Decimal, amounts)))
    multiplied = cells[0] not in ("12k", "12.5")
    assert ("as its header says" in file.conventions["amount"].evidence) == multiplied
