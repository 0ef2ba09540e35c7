"""Files into the store: everything accounted for, all or nothing, and back again."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from tas_analytics.errors import TasError, UndoRefused
from tas_analytics.ingest.loading.loader import load, undo
from tas_analytics.ingest.reporting.rejects import rejects_csv, rejects_name
from tas_analytics.ingest.reporting.report import as_lines
from tas_analytics.ingest.reporting.telling import with_parts
from tas_analytics.ingest.values.salesforce import long_id
from tas_analytics.store import Store
from tests.store.stores import contents, csv_text, deals, load_file, load_text, prepared, reconcile

D = dt.date
HEADER = ["opportunity_id", "name", "stage", "amount", "close_date", "probability", "currency"]
GOOD = ["D1", "Acme renewal", "Qualify", "100.50", "2026-06-30", "20 %", "USD"]


def row(**cells: str) -> list[str]:
    return [cells.get(name, value) for name, value in zip(HEADER, GOOD, strict=True)]


# --- rejects -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        ("close_date", "2026-02-30", "calendar"),
        ("close_date", "soon", "date"),
        ("amount", "lots", "amount"),
        ("stage", "", "is blank, but is needed"),
        ("probability", "150 %", "is not between 0 and 100 %"),
        ("currency", "US", "is not a three-letter currency code"),
    ],
)
def test_a_cell_that_cannot_be_read_is_named(store: Store, column: str, cell: str, reason: str) -> None:
    rows = [row(opportunity_id=f"D{n}") for n in range(2, 9)] + [row(**{column: cell})]
    result = load_text(store, csv_text(HEADER, rows), "d_2026-01-05.csv")
    reconcile(result)
    (reject,) = result.rejects
    assert (reject.line, reject.column, reject.value) == (9, column, cell)
    assert reason in reject.reason
    assert (result.new, result.rejected_rows, result.verdict) == (7, 1, "caveats")
    assert store.rows("select line, column_name, value, reason from reject") == [(9, column, cell, reject.reason)]
    if column != "amount":
        assert (result.amount_in_file, result.amount_loaded) == (Decimal("804.00"), Decimal("703.50"))


@pytest.mark.parametrize("order", ["at once", "one by one", "newest first"])
def test_a_deal_that_is_lost_in_a_stage_where_no_other_is_open_any_more_is_lost(store: Store, order: str) -> None:
    """Won and lost stand apart from the stage, whose name tells nothing; last week others were open in it."""
    head = ["opportunity_id", "name", "stage", "status", "amount", "close_date"]
    weeks = {
        "d_2026-01-05.csv": ["D1", "A", "Lead in", "open", "1", "2026-06-30"],
        "d_2026-01-12.csv": ["D1", "A", "Lead in", "lost", "1", "2026-01-10"],
    }
    other = ["D2", "B", "Demo", "open", "2", "2026-06-30"]
    files = [prepared(csv_text(head, [row, other]), name) for name, row in weeks.items()]
    if order == "newest first":
        files.reverse()
    for some in [files] if order == "at once" else [[one] for one in files]:
        load(store, some, user="test")
    sql = """select v.opportunity_id, s.stage, s.status, o.stage from opportunity_version v
        join stage s using (stage_key) left join stage o on o.stage_key = v.last_open_stage_key
        where v.valid_to is null order by 1"""
    assert store.rows(sql) == [("D1", "Lost", "lost", "Lead in"), ("D2", "Demo", "open", "Demo")]


def test_a_status_of_a_stage_that_means_nothing_is_named(store: Store) -> None:
    text = csv_text(["stage", "position", "probability", "status"], [["A", 1, "10", "open"], ["B", 2, "20", "maybe"]])
    (reject,) = load_text(store, text, "stages.csv").rejects
    assert (reject.column, reject.value, reject.reason) == ("status", "maybe", "is not one of open, won, lost")


def test_a_row_that_says_the_same_twice_counts_as_unchanged(store: Store) -> None:
    result = load_text(store, csv_text(HEADER, [row(), row(), row(opportunity_id="D2")]), "d_2026-01-05.csv")
    reconcile(result)
    assert (result.new, result.unchanged, result.rejected_rows) == (2, 1, 0)


def test_a_row_that_contradicts_another_is_named_with_the_other_line(store: Store) -> None:
    rows = [row(), row(amount="7"), row(opportunity_id="D2")]
    result = load_text(store, csv_text(HEADER, rows), "d_2026-01-05.csv")
    reconcile(result)
    assert [(r.line, r.column) for r in result.rejects] == [(3, None)]
    assert "contradicts line 2" in result.rejects[0].reason
    assert [deal["amount"] for deal in deals(store, "amount")] == [Decimal("100.50"), Decimal("100.50")]


def test_a_faulty_row_does_not_stand_in_the_way_of_a_good_one_of_the_same_deal(store: Store) -> None:
    result = load_text(store, csv_text(HEADER, [row(amount="lots"), row()]), "d_2026-01-05.csv")
    reconcile(result)
    assert (result.new, [r.line for r in result.rejects]) == (1, [2])


def test_deals_without_an_id_are_told_apart_by_account_name_and_day(store: Store) -> None:
    header = ["Account Name", "Opportunity Name", "Stage", "Created Date", "Opportunity Owner"]
    rows = [
        ["Acme", "Renewal", "Qualify", "2026-01-02", "Ann"],
        ["Acme", "Renewal", "Qualify", "2025-01-02", "Ann"],
        ["Bolt", "Renewal", "Qualify", "2026-01-02", "Ann"],
        ["", "", "Qualify", "2026-01-02", "Ann"],
    ]
    result = load_text(store, csv_text(header, rows), "report_2026-01-05.csv")
    reconcile(result)
    assert (result.prepared.mapping.source, result.new) == ("salesforce_report", 3)
    assert [r.reason for r in result.rejects] == ["nothing in the row identifies it"]


def test_salesforce_ids_of_15_and_18_characters_are_one_record(store: Store) -> None:
    short = "006Ec00000AieKF"
    header = ["Opportunity ID", "Opportunity Name", "Stage", "Close Date", "Opportunity Owner"]
    first = load_text(store, csv_text(header, [[short, "A", "Qualify", "2026-06-30", "Ann"]]), "r_2026-01-05.csv")
    second = load_text(
        store, csv_text(header, [[long_id(short), "A", "Proposal", "2026-06-30", "Ann"]]), "r_2026-01-12.csv"
    )
    assert (first.new, second.new, second.changed) == (1, 0, 1)
    assert any("18-character" in finding.text for finding in first.findings)
    assert deals(store, "opportunity_id") == [{"opportunity_id": long_id(short)}]


def test_rejected_rows_come_back_as_a_file_that_can_be_mended_and_loaded(store: Store, tmp_path: Path) -> None:
    header = [*HEADER, "next_step"]
    rows = [
        [*row(opportunity_id="D1"), "call"],
        [*row(opportunity_id="D2", close_date="someday", name="=HYPERLINK(1)"), "+49 30 call"],
        [*row(opportunity_id="D3", amount="lots", name="@boss"), "-wait, and see"],
        [*row(opportunity_id="D4", probability="150 %", name='a "quoted", name'), "two\nlines"],
    ]
    result = load_text(store, csv_text(header, rows), "export.csv", as_of=D(2026, 1, 5))
    assert result.rejected_rows == 3
    back = rejects_csv(store, result.load_id).decode("utf-8-sig")
    assert "'=HYPERLINK" in back
    mended = back.replace("someday", "2026-06-30", 1).replace(",lots,", ",7,", 1).replace("150 %", "50 %", 1)
    path = tmp_path / rejects_name(result.load_id, result.as_of, "export.csv")
    path.write_text(mended, encoding="utf-8-sig")
    again = load_file(store, path)
    reconcile(again)
    assert (again.as_of, again.new, again.rejected_rows) == ("2026-01-05", 3, 0)
    assert [(deal["name"], deal["next_step"]) for deal in deals(store, "name", "next_step")] == [
        ("Acme renewal", "call"),
        ("=HYPERLINK(1)", "+49 30 call"),
        ("@boss", "-wait, and see"),
        ('a "quoted", name', "two\nlines"),
    ]


def test_many_rejected_rows_are_kept_fast_and_make_the_load_unusable(store: Store) -> None:
    rows = [row(opportunity_id=f"D{n}", close_date="someday" if n % 2 else "2026-06-30") for n in range(6000)]
    result = load_text(store, csv_text(HEADER, rows), "d_2026-01-05.csv")
    reconcile(result)
    assert (result.rejected_rows, result.verdict) == (3000, "unusable")
    assert store.value("select count(*) from reject") == 3000


# --- all or nothing ----------------------------------------------------------------------------------------------


def test_a_file_given_twice_in_one_go_counts_once(store: Store) -> None:
    file = prepared(csv_text(HEADER, [row(), row(opportunity_id="D2", amount="lots")]), "d_2026-01-05.csv")
    first, second = load(store, [file, file])
    for result in (first, second):
        reconcile(result)
    assert (first.seen_before, second.seen_before) == (False, True)
    assert (second.new, second.unchanged, second.rejected_rows, second.verdict) == (0, 1, 1, first.verdict)
    assert store.value("select count(*) from load") == 1


def test_two_exports_of_one_deal_in_one_go_are_counted_each_for_itself(store: Store) -> None:
    late = prepared(csv_text(HEADER, [row(stage="Proposal"), row(opportunity_id="D2")]), "d_2026-01-12.csv")
    early = prepared(csv_text(HEADER, [row(), row(opportunity_id="D2")]), "d_2026-01-05.csv")
    results = load(store, [late, early])
    for result in results:
        reconcile(result)
    assert [(r.new, r.changed, r.unchanged) for r in results] == [(2, 0, 0), (0, 2, 0)]


def test_an_error_in_the_last_file_leaves_nothing_of_the_first(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    before = contents(store)
    files = [
        prepared(csv_text(HEADER, [row()]), "d_2026-01-05.csv"),
        prepared(csv_text(["person", "manager"], [["Ann", "Max"]]), "people.csv", as_of=D(1850, 1, 1)),
    ]
    with pytest.raises(TasError, match="before 1900"):
        load(store, files)
    assert contents(store) == before
    assert (store.value("select count(*) from load"), store.data_version) == (0, 0)


def test_a_dry_run_tells_the_same_and_leaves_nothing(store: Store) -> None:
    file = prepared(csv_text(HEADER, [row(), row(opportunity_id="D2", amount="lots")]), "d_2026-01-05.csv")
    before = contents(store)
    dry = load(store, [file], dry_run=True)[0]
    assert contents(store) == before
    assert store.data_version == 0
    real = load(store, [file])[0]
    assert (dry.new, dry.rejected_rows, dry.verdict, dry.findings) == (
        real.new, real.rejected_rows, real.verdict, real.findings,
    )  # fmt: skip


def test_a_load_is_undone_once(store: Store) -> None:
    load_text(store, csv_text(HEADER, [row()]), "d_2026-01-05.csv")
    assert undo(store, 1) == "d_2026-01-05.csv"
    with pytest.raises(UndoRefused, match="already"):
        undo(store, 1)
    with pytest.raises(UndoRefused, match="no load 7"):
        undo(store, 7)
    # What was undone can be loaded again.
    assert load_text(store, csv_text(HEADER, [row()]), "d_2026-01-05.csv").new == 1


# --- what the rows say -------------------------------------------------------------------------------------------


def test_counts_of_new_changed_and_unchanged(store: Store) -> None:
    load_text(store, csv_text(HEADER, [row(), row(opportunity_id="D2")]), "d_2026-01-05.csv")
    rows = [row(), row(opportunity_id="D2", amount="7"), row(opportunity_id="D3")]
    result = load_text(store, csv_text(HEADER, rows), "d_2026-01-12.csv")
    reconcile(result)
    assert (result.new, result.changed, result.unchanged) == (1, 1, 1)


def test_two_currencies_without_rates_are_a_finding_until_rates_come(store: Store) -> None:
    rows = [row(opportunity_id=f"D{n}") for n in range(9)] + [row(opportunity_id="D9", currency="eur")]
    result = load_text(store, csv_text(HEADER, rows), "d_2026-01-05.csv")
    found = {finding.key: finding for finding in result.findings}["no_rate"]
    assert (found.rows, found.examples, found.severity) == (1, ("D9",), "caveat")
    assert found.text.startswith("1 deal in EUR (€")
    assert store.setting("common_currency") == "USD"
    rates = csv_text(["currency", "date", "rate"], [["EUR", "2025-01-01", "1.08"], ["GBP", "2025-01-01", "-1"]])
    bad = load_text(store, rates, "rates.csv")
    assert [r.reason for r in bad.rejects] == ["is not above zero"]
    again = load_text(store, csv_text(HEADER, rows), "d_2026-01-12.csv")
    assert "no_rate" not in {finding.key for finding in again.findings}


def test_most_deals_without_a_rate_make_the_load_unusable(store: Store) -> None:
    rows = [row(opportunity_id=f"D{n}", currency=("EUR", "USD", "USD")[n % 3]) for n in range(9)]
    result = load_text(store, csv_text(HEADER, rows), "d_2026-01-05.csv")
    assert result.verdict == "unusable"


def test_targets_of_people_and_of_teams(store: Store) -> None:
    text = csv_text(
        ["period", "person", "team", "amount"],
        [
            ["2026Q1", "Ann", "", "100"],
            ["2026Q1", "", "East", "300"],
            ["2026-02", "Ann", "", "40"],
            ["2026", "", "", "9"],
        ],
    )
    result = load_text(store, text, "targets.csv")
    reconcile(result)
    assert (result.new, result.amount_loaded) == (4, Decimal(449))
    assert store.rows("select period, person, team, amount from target_version order by amount desc") == [
        ("2026Q1", None, "East", 300), ("2026Q1", "Ann", None, 100), ("2026-02", "Ann", None, 40),
        ("2026", None, None, 9),
    ]  # fmt: skip


def test_managers_are_people_of_the_same_table(store: Store) -> None:
    people = [["Vic", "", ""], ["Max", "Vic", "East"], ["Ann", "Max", "East"]]
    load_text(store, csv_text(["person", "manager", "team"], people), "people.csv")
    chain = store.rows(
        """
        with recursive above as (
            select person, manager from person_version where person = 'Ann'
            union all
            select p.person, p.manager from person_version p join above a on p.person = a.manager
        )
        select person from above
        """
    )
    assert [name for (name,) in chain] == ["Ann", "Max", "Vic"]


def test_unknown_names_are_told_with_the_nearest(store: Store) -> None:
    load_text(store, csv_text(["product", "list_price"], [["GTX Pro", "5"]]), "products.csv")
    header = ["opportunity_id", "stage", "product", "account", "owner"]
    result = load_text(store, csv_text(header, [["D1", "Qualify", "GTXPro", "A", "Ann"]]), "d_2026-01-05.csv")
    text = {finding.key: finding.text for finding in result.findings}["unknown_product"]
    assert "“GTXPro” (1 deal, nearest is “GTX Pro”)" in text
    assert deals(store, "product") == [{"product": "GTXPro"}]


# --- the cells of a large file are let go ---------------------------------------------------------------------------


def test_files_that_are_not_needed_again_give_the_same_store_and_the_same_words(tmp_path: Path) -> None:
    header = [*HEADER, "Budget holder", "Account Tier", "Compelling event?"]
    rows = [
        [*row(opportunity_id=f"D{n}", amount="lots" if n == 5 else "10.00"), f"Person {n}", "AB"[n % 2], ""]
        for n in range(12)
    ]
    told: list[tuple[object, ...]] = []
    for last_use in (False, True):
        store = Store.open(tmp_path / f"{last_use}.duckdb")
        files = [
            prepared(csv_text(header, rows), "deals_2026-01-05.csv"),
            prepared(csv_text(["stage", "position"], [["Qualify", 1]]), "stages.csv"),
        ]
        cells = files[0].data.num_columns
        results = load(store, files, user="test", last_use=last_use)
        assert (files[0].data.num_columns < cells) == last_use
        lines = [line for one in results for line in as_lines(one, None, dry_run=False)]
        told.append((contents(store), lines, [rejects_csv(store, one.load_id) for one in with_parts(results)]))
        assert results[0].rejected_rows == 1
    assert told[0] == told[1]
