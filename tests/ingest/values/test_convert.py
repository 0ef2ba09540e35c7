"""One decision per column, with its evidence, and SQL that reads every cell by it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from tas_analytics.ingest.reading.reader import read_table
from tas_analytics.ingest.values.convert import decide, is_missing, reason, value_sql
from tas_analytics.store.tables import Kind
from tests.ingest.cells import D, both, cast, missing, sql_type

# --- missing -----------------------------------------------------------------------------------------------------

MISSING = [
    "",
    "  ",
    "\t\n",
    "\u00a0",
    "-",
    "–",
    "—",
    "N/A",
    "n/a",
    "#N/A",
    "(No value)",
    "null",
    "NULL",
    "None",
    "(blank)",
]


@pytest.mark.parametrize("kind", ["text", "date", "money", "period"])
def test_missing_words(kind: Kind) -> None:
    for cell in [*MISSING, " (no value) "]:
        assert missing(cell, kind), repr(cell)
        assert is_missing(cell, kind)
    assert missing(None, kind)


@pytest.mark.parametrize(
    ("cell", "kind", "expected"),
    [
        ("TBD", "date", True), ("TBD", "text", False), ("0000-00-00", "date", True), ("00/00/0000", "date", True),
        ("00/00/0000", "text", False), ("0", "money", False), ("0", "date", True), ("NA", "text", False),
        ("NA", "money", True), ("x" * 500, "text", False), (" " * 500, "text", True), ("no", "boolean", False),
    ],
)  # fmt: skip
def test_what_is_missing_depends_on_the_kind(cell: str, kind: Kind, expected: bool) -> None:
    assert missing(cell, kind) is expected
    assert is_missing(cell, kind) is expected


@pytest.mark.parametrize("kind", ["text", "date", "money", "number", "percent", "integer", "boolean", "period"])
def test_types_and_a_column_of_nothing(kind: Kind) -> None:
    types = {
        "text": "VARCHAR", "date": "DATE", "money": "DECIMAL(18,2)", "number": "DOUBLE", "percent": "DOUBLE",
        "integer": "BIGINT", "boolean": "BOOLEAN", "period": "VARCHAR",
    }  # fmt: skip
    for cells in ([], MISSING, ["abc"]):
        convention = decide([(cell, 1) for cell in cells], kind)
        assert sql_type(convention) == types[kind]
        assert not convention.ambiguous
    assert cast(decide([], kind), MISSING) == [None] * len(MISSING)


# --- dates -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("2026-03-05", D(2026, 3, 5)), ("2026-3-5", D(2026, 3, 5)), ("2026/03/05", D(2026, 3, 5)),
        ("2026.03.05", D(2026, 3, 5)), ("20260305", D(2026, 3, 5)), ("2026-03-05 4:30:42", D(2026, 3, 5)),
        ("2026-03-05T23:14:25.000+0000", D(2026, 3, 5)), ("2026-03-05T23:14:25.123Z", D(2026, 3, 5)),
        ("2026-03-05T23:14:25-08:00", D(2026, 3, 5)), ("2026-03-05 23:14:25 UTC", D(2026, 3, 5)),
        ("13/02/2026", D(2026, 2, 13)), ("13.02.2026", D(2026, 2, 13)), ("13-02-2026", D(2026, 2, 13)),
        ("2/13/2026", D(2026, 2, 13)), ("2/13/26", D(2026, 2, 13)), ("02/13/26 08:55 PM", D(2026, 2, 13)),
        ("13.2.98", D(1998, 2, 13)), ("13/02/2026 14:05", D(2026, 2, 13)), ("5-Mar-2026", D(2026, 3, 5)),
        ("05-MAR-26", D(2026, 3, 5)), ("15 Apr, 2021 00:02:00", D(2021, 4, 15)), ("March 5, 2026", D(2026, 3, 5)),
        ("Mar 5th 2026", D(2026, 3, 5)), ("Mon, 5 Jan 2026 12:00 PM", D(2026, 1, 5)), ("5. März 2026", D(2026, 3, 5)),
        ("12 déc. 2025", D(2025, 12, 12)), ("1er février 2026", D(2026, 2, 1)), ("5 de marzo de 2026", D(2026, 3, 5)),
        ("05/mai/2026", D(2026, 5, 5)), ("2017年3月1日", D(2017, 3, 1)), ("2017年12月31日 下午 3:05", D(2017, 12, 31)),
        ("45000", D(2023, 3, 15)), ("45000.75", D(2023, 3, 15)), ("1700000000", D(2023, 11, 14)),
        ("1700000000000", D(2023, 11, 14)), (" 2026-03-05\u00a0", D(2026, 3, 5)), ("29.02.2024", D(2024, 2, 29)),
    ],
)  # fmt: skip
def test_date_shapes(cell: str, value: dt.date) -> None:
    convention, got = both([cell], "date")
    assert got == [value]
    assert not convention.ambiguous
    assert convention.evidence


@pytest.mark.parametrize(
    "cell",
    ["31/02/2026", "2026-13-01", "29.02.2023", "0/5/2026", "5 Foo 2026", "soon", "2026", "12:30", "99999", "1/2/3/4",
     "2026-03-05x", "32-Jan-2026", "13/13/2026", "2026-03-05 25:99"],
)  # fmt: skip
def test_no_dates(cell: str) -> None:
    convention, got = both(["2026-03-05", "13/02/2026", "1-Jan-2026", cell], "date")
    assert got[3] is None
    assert reason(convention, cell).startswith("is ")


def test_one_day_above_twelve_decides_for_the_column() -> None:
    convention, got = both(["01/02/2026", "13/02/2026", "03/04/2026"], "date")
    assert (convention.date_order, convention.formats) == ("dmy", ("%d/%m/%Y",))
    assert '"13/02/2026" can only be day/month' in convention.evidence
    assert got == [D(2026, 2, 1), D(2026, 2, 13), D(2026, 4, 3)]
    assert both(["01/02/2026", "02/13/2026"], "date")[1] == [D(2026, 1, 2), D(2026, 2, 13)]


def test_contradiction_goes_to_the_majority_and_rejects_the_rest() -> None:
    cells = ["13/02/2026", "14/02/2026", "15/02/2026", "02/16/2026", "01/02/2026"]
    convention, got = both(cells, "date", date_order_hint="mdy")
    assert convention.date_order == "dmy"
    assert "contradict" in convention.evidence
    assert got == [D(2026, 2, 13), D(2026, 2, 14), D(2026, 2, 15), None, D(2026, 2, 1)]
    assert reason(convention, "02/16/2026") == "is not a date in this column's order, day/month"


def test_counts_of_values_weigh() -> None:
    assert decide([("13/02/2026", 1), ("02/14/2026", 9)], "date").date_order == "mdy"
    tie = decide([("13/02/2026", 2), ("02/14/2026", 2)], "date")
    assert tie.ambiguous


def test_no_evidence() -> None:
    cells = ["01/02/2026", "03/04/2026", "05/06/2026"]
    alone = decide([(cell, 1) for cell in cells], "date")
    assert (alone.date_order, alone.ambiguous) == ("mdy", True)
    assert "cannot be told" in alone.evidence
    hinted = decide([(cell, 1) for cell in cells], "date", date_order_hint="dmy")
    assert (hinted.date_order, hinted.ambiguous) == ("dmy", False)
    assert decide([("01.02.2026", 1)], "date").date_order == "dmy"
    american = decide([("01/02/2026 8:55 AM", 1)], "date")
    assert (american.date_order, american.ambiguous) == ("mdy", False)


def test_first_days_of_months_speak_for_the_day_first() -> None:
    convention = decide([("01/02/2026", 1), ("01/05/2026", 1), ("01/08/2026", 1)], "date")
    assert (convention.date_order, convention.ambiguous) == ("dmy", True)


def test_shapes_mixed_in_one_column() -> None:
    cells = ["13/02/2026", "2026-03-05", "45000", "5-Mar-2026", "01/02/26", "TBD", "00/00/0000"]
    convention, got = both(cells, "date")
    assert got == [D(2026, 2, 13), D(2026, 3, 5), D(2023, 3, 15), D(2026, 3, 5), D(2026, 2, 1), None, None]
    assert convention.date_order == "dmy"


def test_reason_names_the_usual_shape() -> None:
    convention = decide([("13.02.2026", 5), ("soon", 1)], "date")
    assert reason(convention, "soon") == "is not a date like 31.12.2026"
    assert reason(convention, "31.04.2026") == "is a day that the calendar does not have"


@settings(max_examples=60)
@given(
    days=st.lists(st.dates(D(1990, 1, 1), D(2060, 12, 31)), min_size=1, max_size=30),
    form=st.sampled_from(
        ["%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%b-%Y", "%B %d, %Y", "%Y%m%d", "%Y年%m月%d日"]
    ),
    clock=st.sampled_from(["", " 08:55 PM", " 23:59:59", "T00:00:00.000Z"]),
)
def test_dates_round_trip(days: list[dt.date], form: str, clock: str) -> None:
    cells = [day.strftime(form) + clock for day in days]
    order = "dmy" if form.startswith("%d") else "mdy" if form.startswith("%m") else None
    hints = {"date_order_hint": order} if order else {}
    assert both(cells, "date", **hints)[1] == days


# --- periods -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("2026Q3", "2026Q3"), ("2026 Q3", "2026Q3"), ("2026-Q3", "2026Q3"), ("Q3 2026", "2026Q3"),
        ("Q3-2026", "2026Q3"),
        ("q3/2026", "2026Q3"), ("FY2026 Q3", "2026Q3"), ("FY26 Q3", "2026Q3"), ("Q3 FY2026", "2026Q3"),
        ("Q3'26", "2026Q3"),
        ("T3 2026", "2026Q3"), ("2026年第3季度", "2026Q3"), ("2026-07", "2026-07"), ("2026/7", "2026-07"),
        ("07/2026", "2026-07"), ("7.2026", "2026-07"), ("202607", "2026-07"), ("July 2026", "2026-07"),
        ("Jul-26", "2026-07"),
        ("Juli 2026", "2026-07"), ("juillet 2026", "2026-07"), ("2026 Jul", "2026-07"), ("2026年7月", "2026-07"),
        ("2022-01-01", "2022-01"), ("2022-01-01 00:00:00", "2022-01"), ("2026", "2026"), ("FY2026", "2026"),
        ("FY26", "2026"),
    ],
)  # fmt: skip
def test_periods(cell: str, value: str) -> None:
    assert both([cell], "period")[1] == [value]


@pytest.mark.parametrize("cell", ["Q5 2026", "13/2026", "foo 2026", "2022-01-02", "26", "soon", "2026-00", "45000"])
def test_no_periods(cell: str) -> None:
    convention, got = both(["2022-01-01", cell], "period")
    assert got[1] is None
    assert reason(convention, cell) == "is not a period like 2026Q3, 2026-07 or 2026"


def test_first_days_of_months_written_day_first() -> None:
    assert both(["01/07/2022", "01/10/2022", "01/04/2022"], "period")[1] == ["2022-07", "2022-10", "2022-04"]


# --- safety ------------------------------------------------------------------------------------------------------

_SIGNS = [*"0123456789.,-/() '\"$€%kMQ\\:;", "\u00a0", "Jan", "年", "00"]
_EVIL = st.lists(st.sampled_from(_SIGNS), max_size=14).map("".join)


@settings(max_examples=60)
@given(
    cells=st.lists(_EVIL, min_size=1, max_size=12),
    kind=st.sampled_from(["text", "date", "money", "number", "percent", "integer", "boolean", "period"]),
)
def test_no_cell_breaks_a_query_and_none_enters_it(cells: list[str], kind: Kind) -> None:
    convention = decide([(cell, 1) for cell in cells], kind)
    got = cast(convention, cells)
    for cell, value in zip(cells, got, strict=True):
        if is_missing(cell, kind):
            assert value is None
        elif value is None:
            assert reason(convention, cell)
    sql = value_sql(convention, "x")
    assert not any(len(cell) > 8 and cell in sql for cell in cells)


# --- real files --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "column", "kind", "expected"),
    [
        ("messy_variants/de_semicolon_cp1252.csv", "Betrag", "money", {"decimal": ",", "currency": "EUR"}),
        ("messy_variants/fr_semicolon_utf8bom.csv", "Montant", "money", {"decimal": ",", "currency": "EUR"}),
        ("messy_variants/us_utf16le_tab.csv", "Amount", "money", {"decimal": ".", "currency": "USD"}),
        ("messy_variants/de_semicolon_cp1252.csv", "Abschlussdatum", "date", {"date_order": "dmy"}),
        ("messy_variants/fr_semicolon_utf8bom.csv", "Date de clôture", "date", {"date_order": "dmy"}),
        ("messy_variants/us_utf16le_tab.csv", "Close Date", "date", {"date_order": "mdy"}),
        ("messy_variants/us_report_footer.csv", "Created Date", "date", {"date_order": "mdy"}),
        ("maven_crm/sales_pipeline.csv", "close_date", "date", {"date_order": "ymd"}),
        ("maven_variant_messy/accounts.csv", "employees", "integer", {"decimal": "."}),
        ("zoho_sample/Potentials.csv", "Closing Date", "date", {}),
        ("zoho_sample/Potentials.csv", "Amount", "money", {"currency": "USD"}),
        ("zoho_sample/Potentials.csv", "Probability", "percent", {"scale": 0.01}),
        ("salesforce_history_demo/OpportunityHistory.csv", "CreatedDate", "date", {"date_order": "mdy"}),
        ("sfdc_export_format/Opportunity.csv", "CreatedDate", "date", {"date_order": "ymd"}),
        ("qichao_crm/monthly_targets.csv", "month", "period", {}),
        ("olga_pipeline/opportunities.csv", "amount", "money", {"decimal": "."}),
        ("olga_pipeline/opportunities.csv", "is_won", "boolean", {}),
    ],
)
def test_public_columns(file: str, column: str, kind: Kind, expected: dict[str, object], public_data: Path) -> None:
    path = public_data / file
    if not path.is_file():
        pytest.skip(f"{file} is not here")
    table = read_table(path.read_bytes(), path.name)
    cells = table.data.column(table.columns.index(column)).to_pylist()
    convention = decide([(cell, cells.count(cell)) for cell in dict.fromkeys(cells)], kind)
    assert not convention.ambiguous
    assert {name: getattr(convention, name) for name in expected} == expected
    got = cast(convention, cells)
    rejected = {cell for cell, value in zip(cells, got, strict=True) if value is None and not is_missing(cell, kind)}
    assert rejected == set()


def test_the_same_facts_in_every_locale(public_data: Path) -> None:
    folder = public_data / "messy_variants"
    names = ["de_semicolon_cp1252.csv", "fr_semicolon_utf8bom.csv", "us_utf16le_tab.csv", "us_report_footer.csv"]
    if not all((folder / name).is_file() for name in names):
        pytest.skip("not all locale variants are here")
    results = []
    for name in names:
        table = read_table((folder / name).read_bytes(), name)
        columns = []
        kinds: list[tuple[int, Kind]] = [(5, "date"), (6, "date"), (7, "money")]
        for place, kind in kinds:
            columns.append(both(table.data.column(place).to_pylist(), kind)[1])
        results.append(columns)
    assert results[0] == results[1] == results[2] == results[3]
