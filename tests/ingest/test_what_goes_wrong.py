"""What goes wrong with exports, thing by thing, each with a file in ``wrong/``: what is loaded, and what is said.

Histories, owners, stages and files that are no tables are in ``test_what_goes_wrong_over_time.py``.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from tas_analytics.ingest.values.salesforce import long_id
from tas_analytics.store import Store
from tests.ingest.wrong.make_files import CHINESE, DEALS, PLAIN_DEALS
from tests.ingest.wrong_files import column, finding, rejected, take, told
from tests.store.stores import deals

D = dt.date
MADE = ("opportunity_id", "name", "account", "stage", "amount", "close_date", "owner")


def as_text(store: Store) -> list[list[str]]:
    """The deals in the words of the files that hold nothing else."""
    found = deals(store, *MADE)
    return [[str(deal[name]) for name in MADE] for deal in found]


def in_cents(rows: list[list[str]]) -> list[list[str]]:
    return [[*row[:4], f"{Decimal(row[4]):.2f}", *row[5:]] for row in rows]


# --- 1. Encodings ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "encoding", "delimiter", "rows"),
    [
        ("01_utf8.csv", "utf-8", ",", DEALS),
        ("01_utf8_bom.csv", "utf-8-sig", ",", DEALS),
        ("01_utf16_tab.csv", "utf-16-le", "\t", DEALS),
        ("01_windows1252.csv", "cp1252", ",", DEALS),
        # The same signs in both where neither has its own; Windows-1252 holds all of ISO-8859-1.
        ("01_iso8859_1.csv", "cp1252", ",", PLAIN_DEALS),
    ],
)
def test_an_encoding_is_found_and_said(
    store: Store, name: str, encoding: str, delimiter: str, rows: list[list[str]]
) -> None:
    result = take(store, name)
    assert (result.prepared.text.encoding, result.prepared.text.delimiter) == (encoding, delimiter)
    assert told(result, "encoding")
    assert as_text(store) == in_cents(rows)
    assert (result.new, result.amount_in_file, result.amount_loaded) == (3, Decimal("2100.49"), Decimal("2100.49"))


def test_gb18030(store: Store) -> None:
    result = take(store, "01_gb18030.csv")
    assert (result.prepared.text.encoding, result.prepared.mapping.source) == ("gb18030", "chinese_crm")
    assert [list(deal.values()) for deal in deals(store, "opportunity_id", "name", "account", "owner")] == [
        row[:4] for row in CHINESE[1:]
    ]
    assert (column(store, "amount"), column(store, "currency")) == ([10000, 2500, 700], ["CNY"] * 3)
    assert result.amount_loaded == 13200


# --- 2. Delimiters -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "delimiter"), [("comma", ","), ("semicolon", ";"), ("tab", "\t"), ("pipe", "|")])
def test_a_delimiter_is_found_and_said(store: Store, name: str, delimiter: str) -> None:
    result = take(store, f"02_{name}.csv")
    assert result.prepared.text.delimiter == delimiter
    assert told(result, "delimiter")
    assert as_text(store) == in_cents(DEALS)


# --- 3. Amounts --------------------------------------------------------------------------------------------------


def test_amounts_with_signs_units_brackets_and_hard_spaces(store: Store) -> None:
    result = take(store, "03_amounts.csv")
    assert column(store, "amount") == [
        45000, 45000, 1_200_000, 100, -1000, Decimal("12345.67"), 750,
    ]  # fmt: skip
    assert rejected(result) == [(9, "Amount", "about ten")]
    assert (result.amount_in_file, result.amount_loaded) == (Decimal("1302195.67"), Decimal("1302195.67"))
    assert finding(result, "negative_amount").examples == ("A-5",)


def test_a_decimal_comma_holds_for_the_whole_column(store: Store) -> None:
    result = take(store, "03_decimal_comma.csv")
    assert column(store, "amount") == [Decimal("1234.56"), 1234, Decimal("12345.60"), Decimal("99.50")]
    convention = result.prepared.conventions["amount"]
    assert (convention.decimal, convention.ambiguous) == (",", False)
    assert "1.234,56" in convention.evidence
    assert rejected(result) == [(6, "Amount", "1,234.56")]


def test_an_amount_of_more_than_two_decimals_is_rounded_and_said(store: Store) -> None:
    result = take(store, "03_fractions.csv")
    assert column(store, "amount") == [Decimal("100.00"), Decimal("0.01"), Decimal("12.30"), Decimal(7)]
    assert told(result, "rounded") == [
        (2, "“Amount” is kept to two decimals: 2 cells with more were rounded (lines 2 and 3), such as “99.999”.")
    ]
    assert (result.amount_in_file, result.amount_loaded) == (Decimal("119.31"), Decimal("119.31"))


# --- 4. Dates ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "order", "days"),
    [
        ("day_month", "dmy", [D(2026, 4, 3), D(2026, 4, 25), D(2026, 12, 1)]),
        ("month_day", "mdy", [D(2026, 3, 4), D(2026, 4, 25), D(2026, 12, 1)]),
        ("iso_zones", "ymd", [D(2026, 6, 30)] * 3),  # the day that the writer's clock showed
        ("twelve_hours", "mdy", [D(2026, 6, 30), D(2026, 6, 30), D(2026, 6, 29)]),
        ("month_names", None, [D(2026, 3, 5), D(2026, 4, 5), D(2026, 12, 31)]),
        ("excel_serials", None, [D(2026, 3, 5), D(2026, 6, 30), D(2026, 6, 30)]),
        ("epoch", None, [D(2026, 3, 5), D(2026, 7, 1), D(2026, 6, 30)]),
        ("two_digit_years", "dmy", [D(2026, 4, 25), D(2069, 12, 1), D(1999, 4, 3)]),
    ],
)
def test_the_form_of_dates_is_decided_for_the_column_and_shown(
    store: Store, name: str, order: str | None, days: list[D]
) -> None:
    result = take(store, f"04_{name}.csv")
    convention = result.prepared.conventions["close_date"]
    assert (convention.date_order, convention.ambiguous) == (order, False)
    assert convention.evidence
    assert column(store, "close_date") == days
    assert (result.new, result.rejected_rows, result.amount_loaded) == (3, 0, Decimal(600))


def test_days_that_fit_both_orders_are_a_question(store: Store) -> None:
    result = take(store, "04_either_order.csv")
    assert "“Close Date” can be read in two ways" in finding(result, "ambiguous").text
    assert column(store, "close_date") == [D(2026, 3, 4), D(2026, 5, 6), D(2026, 1, 12)]
    take(store, "04_either_order.csv", date_order="dmy")
    assert column(store, "close_date") == [D(2026, 4, 3), D(2026, 6, 5), D(2026, 12, 1)]


def test_no_cell_is_read_in_another_order_than_its_column(store: Store) -> None:
    result = take(store, "04_two_orders.csv")
    assert rejected(result) == [(6, "Close Date", "04/28/2026")]
    assert "order, day/month" in result.rejects[0].reason
    assert column(store, "close_date") == [D(2026, 4, 3), D(2026, 4, 25), D(2026, 4, 26), D(2026, 4, 27)]
    assert (result.amount_in_file, result.amount_loaded) == (Decimal(1500), Decimal(1000))


def test_a_date_to_be_decided_is_none_and_said_and_an_impossible_one_is_rejected(store: Store) -> None:
    result = take(store, "04_to_be_decided.csv")
    assert column(store, "close_date") == [D(2026, 6, 30), None, D(2026, 7, 31)]
    assert told(result, "missing") == [(3, "“Close Date”: “TBD” (line 3) was read as no value.")]
    assert rejected(result) == [(5, "Close Date", "2026-02-30")]
    assert (result.amount_in_file, result.amount_loaded) == (Decimal(1000), Decimal(600))


# --- 5. Lines that are no records --------------------------------------------------------------------------------


def test_the_footer_of_a_report_is_set_aside_and_said(store: Store) -> None:
    result = take(store, "05_report_footer.csv")
    assert (result.prepared.mapping.source, result.prepared.text.rows_in_file, result.new) == (
        "salesforce_report",
        3,
        3,
    )
    assert result.prepared.text.footer == (
        '"Open pipeline of the West"', '"Grand Totals (3 records)"', '"Confidential Information - Do Not Distribute"',
        '"Copyright (c) 2000-2026 salesforce.com, inc. All rights reserved."',
    )  # fmt: skip
    ((line, text),) = told(result, "footer")
    assert (line, "4 lines below the table set aside" in text) == (6, True)
    assert result.amount_in_file == result.amount_loaded == Decimal("20800.50")


def test_sub_totals_and_grand_totals_are_no_deals(store: Store) -> None:
    result = take(store, "05_subtotals.csv")
    assert column(store, "opportunity_id") == ["S-1", "S-2", "S-3", "S-4"]
    assert (told(result, "subtotal")[0][0], told(result, "footer")[0][0]) == (4, 7)
    assert set(result.prepared.text.footer) == {"Subtotal,,,,300,", "Subtotal,,,,75,", "Grand Total,,,,375,"}
    assert result.amount_in_file == result.amount_loaded == 375


@pytest.mark.parametrize(("name", "header", "new"), [("title_lines", 4, 2), ("two_header_rows", 2, 3)])
def test_what_stands_above_the_header_is_set_aside_and_said(store: Store, name: str, header: int, new: int) -> None:
    result = take(store, f"05_{name}.csv")
    assert (result.prepared.text.header_line, result.new) == (header, new)
    assert told(result, "preamble")[0][0] == 1
    assert f"line {header}" in told(result, "header")[0][1]
    assert column(store, "name")[:2] == ["Acme renewal", "Bolt refit"]
    assert column(store, "close_date")[:2] == [D(2026, 6, 30), D(2026, 3, 13)]


# --- 6. Quotation marks ------------------------------------------------------------------------------------------


def test_quotes_line_breaks_and_delimiters_inside_cells_are_kept(store: Store) -> None:
    result = take(store, "06_quotes_in_cells.csv")
    assert column(store, "name") == ['Pump, 5" inlet', 'Acme; "the big one"', "Plain"]
    assert column(store, "next_step") == [
        'Call Ann\nthen write:\n"agreed, subject to price"', "one, two; three", "call",
    ]  # fmt: skip
    assert result.prepared.data["line"].to_pylist() == [2, 5, 6]


def test_quotes_inside_headers(store: Store) -> None:
    result = take(store, "06_quotes_in_headers.csv")
    assert (result.prepared.mapping.source, result.new) == ("hubspot", 2)
    (history,) = result.parts
    assert (history.prepared.table_name, history.new, history.rejected_rows) == ("history", 3, 0)
    assert store.rows("select stage, cast(changed_at as date), pipeline from change_state order by 2") == [
        ("Proposal", D(2026, 1, 20), "Sales Pipeline"),
        ("Proposal", D(2026, 2, 3), "Sales Pipeline"),
        ("Closed Won", D(2026, 3, 13), "Sales Pipeline"),
    ]


def test_unescaped_quotes_are_repaired_and_said(store: Store) -> None:
    result = take(store, "06_unescaped_quotes.csv")
    assert column(store, "name") == ['Pump 5" inlet, steel', 'The "big" one', 'Acme "renewal"', "Plain"]
    ((line, text),) = told(result, "repair")
    assert (line, "line 2, 4" in text) == (2, True)
    assert "stray quotation marks" in finding(result, "repair").text
    assert result.amount_in_file == result.amount_loaded == 1000


# --- 7. Headers and cells ----------------------------------------------------------------------------------------


def test_of_two_headers_of_one_name_neither_is_lost(store: Store) -> None:
    result = take(store, "07_duplicate_headers.csv")
    assert [text for _, text in told(result, "duplicate")] == [
        'Two columns are called "Amount"; the later one is now "Amount (2)".',
        'Two columns are called "Name"; the later one is now "Name (2)".',
    ]
    assert (column(store, "name"), column(store, "amount")) == (["Acme renewal", "Bolt refit"], [100, 50])
    assert store.rows("select attribute, value from attribute_state order by 1, 2") == [
        ("Amount (2)", "111"), ("Amount (2)", "55"), ("Name (2)", "Ann Reyes"), ("Name (2)", "Ben Okafor"),
    ]  # fmt: skip


def test_localised_headers(store: Store) -> None:
    result = take(store, "07_german_headers.csv")
    assert result.prepared.mapping.left_out == ()
    assert [list(deal.values()) for deal in deals(store, *MADE)] == [
        ["H-1", "Acme Verlängerung", "Acme Pumpen", "Angebot", Decimal(1500), D(2026, 6, 30), "Jürgen Weiß"],
        ["H-2", "Bolt Umbau", "Bolt Werke", "Gewonnen", Decimal("50.25"), D(2026, 3, 13), "Zoë Núñez"],
    ]


def test_starred_headers(store: Store) -> None:
    result = take(store, "07_starred_headers.csv")
    assert (result.prepared.mapping.source, len(told(result, "header"))) == ("pipedrive", 4)
    assert (column(store, "name"), column(store, "amount"), column(store, "stage")) == (
        ["Acme renewal", "Bolt refit"], [100, 50], ["Offer", "Won"],
    )  # fmt: skip


def test_headers_with_blanks_around_them(store: Store) -> None:
    result = take(store, "07_spaces_in_headers.csv")
    assert set(result.prepared.mapping.columns) == set(MADE) - {"account"}
    assert column(store, "amount") == [100, 50]


def test_rows_that_lack_cells_are_filled_up_and_rows_with_too_many_rejected(store: Store) -> None:
    result = take(store, "07_ragged_rows.csv")
    assert (told(result, "padded")[0][0], told(result, "extra")[0][0]) == (3, 4)
    assert [(reject.line, reject.row[0], len(reject.row)) for reject in result.rejects] == [(5, "R-4", 7)]
    assert column(store, "next_step") == ["call", None, "wait", "visit"]
    assert (result.prepared.text.rows_in_file, result.new, result.rejected_rows) == (5, 4, 1)


# --- 8. Which deal is which --------------------------------------------------------------------------------------


def test_the_same_id_twice(store: Store) -> None:
    result = take(store, "08_same_id_twice.csv")
    assert (result.new, result.unchanged, result.rejected_rows) == (2, 1, 1)
    assert [reject.line for reject in result.rejects] == [5]
    assert "contradicts line 3" in result.rejects[0].reason
    assert (result.amount_in_file, result.amount_loaded) == (Decimal(320), Decimal(250))
    assert column(store, "amount") == [100, 50]


def test_a_row_without_a_key_does_not_hide_that_another_is_repeated(store: Store) -> None:
    result = take(store, "08_repeated_beside_blank.csv")
    assert (result.new, result.unchanged, result.rejected_rows) == (1, 1, 1)
    assert [(reject.line, reject.reason) for reject in result.rejects] == [(4, "nothing in the row identifies it")]
    assert column(store, "amount") == [100]


def test_same_named_deals_without_an_id(store: Store) -> None:
    result = take(store, "08_same_names_no_ids.csv")
    assert (result.new, [reject.line for reject in result.rejects]) == (3, [5])
    assert (result.amount_in_file, result.amount_loaded) == (Decimal(300), Decimal(240))
    assert [list(deal.values()) for deal in deals(store, "account", "amount")] == [
        ["Acme Pumps", 90], ["Acme Pumps", 100], ["Bolt Works", 50],
    ]  # fmt: skip


def test_ids_of_15_and_18_characters_are_one_deal_and_their_case_tells_deals_apart(store: Store) -> None:
    first = take(store, "08_ids_15.csv", D(2026, 3, 30))
    second = take(store, "08_ids_18.csv")
    assert (first.new, second.new, second.changed, second.unchanged) == (2, 0, 1, 1)
    assert "18-character" in finding(first, "same_record").text
    assert column(store, "opportunity_id") == [long_id("006Ec00000AieKF"), long_id("006Ec00000AieKf")]
    assert column(store, "stage") == ["Negotiation/Review", "Proposal"]
