"""Workbooks: every cell as exact text, every sheet that holds a table, and a word about all that was left out."""

from __future__ import annotations

import datetime as dt
import io
import struct
import zipfile
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from tas_analytics.errors import UnreadableFile
from tas_analytics.ingest.opening import workbook as workbooks
from tas_analytics.ingest.opening.containers import read_file
from tas_analytics.ingest.structure.texttable import TextTable
from tests.ingest.files import DYNAMICS, dynamics, moment, old_workbook, open_document, raw_workbook, workbook
from tests.ingest.tables import cells, kinds, lines, said

HEADER: list[Any] = ["Id", "Name", "Amount", "Close Date"]
RECORDS: list[list[Any]] = [[f"D-{n}", f"Deal {n}", n * 100.5, dt.date(2026, 3, n)] for n in range(1, 13)]
TABLE: list[list[Any]] = [HEADER, *RECORDS]


def one(data: bytes, name: str = "deals.xlsx") -> TextTable:
    (table,) = read_file(data, name)
    return table


def column(*values: Any, number_format: str | None = None) -> list[str]:
    """The texts of a column with these values."""

    def fill(sheet: Any) -> None:
        sheet.append(["Key", "Value"])
        for row, value in enumerate(values, start=2):
            sheet.cell(row, 1, f"k{row}")
            sheet.cell(row, 2, value)
            if number_format is not None:
                sheet.cell(row, 2).number_format = number_format

    return [row[1] for row in cells(one(workbook(Deals=fill)))]


# --- cells ---------------------------------------------------------------------------------------------------------


def test_a_plain_sheet() -> None:
    table = one(workbook(Deals=TABLE))
    assert (table.name, table.part, table.encoding) == ("deals.xlsx", "Deals", "xlsx")
    assert (table.delimiter, table.quote, table.header_line) == ("", "", 1)
    assert table.columns == tuple(HEADER)
    assert cells(table)[0] == ["D-1", "Deal 1", "100.5", "2026-03-01"]
    assert lines(table) == list(range(2, 14))
    assert table.rows_in_file == 12
    assert "delimiter" not in kinds(table)


def test_dates_times_and_durations() -> None:
    assert column(dt.date(2026, 3, 5), moment(2026, 3, 5, 14, 30), moment(2026, 3, 5)) == [
        "2026-03-05", "2026-03-05 14:30:00", "2026-03-05",
    ]  # fmt: skip
    assert column(dt.time(9, 5), dt.timedelta(hours=30, minutes=5)) == ["09:05:00", "30:05:00"]
    assert column(46086, 46086.25, number_format="[$-407]dd. mmmm yyyy") == ["2026-03-05", "2026-03-05 06:00:00"]
    assert column(46086, number_format="m/d/yyyy h:mm AM/PM") == ["2026-03-05"]


def test_numbers_are_plain_and_exact() -> None:
    assert column(12.0, 0.1, 1234.56, -5, 1e-7, 1e20, 0) == [
        "12", "0.1", "1234.56", "-5", "0.0000001", "100000000000000000000", "0",
    ]  # fmt: skip
    assert column(0.5, number_format="0%") == ["0.5"]
    assert column(1234.5, number_format='#,##0.00 "days"') == ["1234.5"]


def test_what_an_extreme_number_looks_like() -> None:
    assert workbooks.number_text(1e300) == "1e+300"
    assert workbooks.number_text(-0.0) == "0"
    assert workbooks.number_text(0.30000000000000004) == "0.30000000000000004"


def test_booleans_and_texts() -> None:
    assert column(True, False) == ["TRUE", "FALSE"]
    assert column("007", "  blanks ", "a\nb", 'say "yes", no', "'=1+1", "1,5") == [
        "007", "  blanks ", "a\nb", 'say "yes", no', "'=1+1", "1,5",
    ]  # fmt: skip


def test_a_return_sign_in_a_cell_repairs_nothing() -> None:
    table = one(workbook(Deals=[["Id", "Note"], ["1", "_x000D_ and more"], ["2", "b"]]))
    assert cells(table)[0] == ["1", "\r and more"]
    assert "repair" not in kinds(table)


def test_errors_are_kept_as_text_and_said() -> None:
    def fill(sheet: Any) -> None:
        for row in TABLE:
            sheet.append(row)
        sheet["C3"], sheet["D13"] = "#N/A", "#DIV/0!"

    table = one(workbook(Deals=fill))
    assert (cells(table)[1][2], cells(table)[11][3]) == ("#N/A", "#DIV/0!")
    assert "2 cells with an error of a formula" in said(table, "formula")


def test_errors_at_the_edges_of_a_sheet() -> None:
    rows = (
        '<row r="2"><c r="B2" t="inlineStr"><is><t>Id</t></is></c><c r="C2" t="inlineStr"><is><t>N</t></is></c></row>'
        '<row r="3"><c r="B3"><v>1</v></c><c r="C3"><v>5</v></c></row>'
        '<row r="4"><c r="B4"><v>2</v></c><c r="C4"><v>6</v></c><c r="D4" t="e"><v>#REF!</v></c></row>'
        '<row r="5"><c r="A5" t="e"><v>#NAME?</v></c></row>'
    )
    table = one(raw_workbook(rows))
    assert cells(table) == [["", "1", "5", ""], ["", "2", "6", "#REF!"], ["#NAME?", "", "", ""]]
    assert lines(table) == [3, 4, 5]


def test_formulas_give_their_stored_result() -> None:
    rows = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>Id</t></is></c><c r="B1" t="inlineStr"><is><t>N</t></is></c></row>'
        '<row r="2"><c r="A2" t="str"><f>"D"&amp;1</f><v>D1</v></c><c r="B2"><f>1+1</f><v>2</v></c></row>'
        '<row r="3"><c r="A3"><v>7</v></c><c r="B3" t="str"><f>""</f><v></v></c></row>'
    )
    table = one(raw_workbook(rows))
    assert cells(table) == [["D1", "2"], ["7", ""]]
    assert "formula" not in kinds(table)


def test_formulas_without_a_result_are_said() -> None:
    table = one(workbook(Deals=[["Id", "N", "M"], ["D-1", 1, "=B2*2"], ["D-2", 2, "=B3*2"], ["D-3", 3, 6]]))
    assert [row[2] for row in cells(table)] == ["", "", "6"]
    assert "2 formulas without a stored result" in said(table, "formula")


def test_long_ids_stored_as_numbers_keep_the_digits_of_the_file() -> None:
    rows = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>Id</t></is></c><c r="B1" t="inlineStr"><is><t>N</t></is></c></row>'
        '<row r="2"><c r="A2"><v>123456789012345678</v></c><c r="B2"><v>9007199254740991</v></c></row>'
        '<row r="3"><c r="A3"><v>123456789012345679</v></c><c r="B3"><v>1.5</v></c></row>'
    )
    table = one(raw_workbook(rows))
    assert cells(table) == [["123456789012345678", "9007199254740991"], ["123456789012345679", "1.5"]]
    assert "2 numbers (row 2, 3) with more digits" in said(table, "digits")
    assert "digits" not in kinds(one(workbook(Deals=TABLE)))


def test_what_net_libraries_write() -> None:
    rows = (
        '<x:row r="1"><x:c r="A1" t="inlineStr"><x:is><x:t>Id</x:t></x:is></x:c>'
        '<x:c r="B1" t="inlineStr"><x:is><x:t>On</x:t></x:is></x:c></x:row>'
        '<x:row r="2"><x:c r="A2" t="e"><x:v>#N/A</x:v></x:c><x:c r="B2" s="1"><x:v>46086</x:v></x:c></x:row>'
        '<x:row><x:c><x:v>123456789012345678</x:v></x:c><x:c t="d"><x:v>2026-03-06T10:00:00</x:v></x:c></x:row>'
    )
    styles = '<x:cellXfs count="2"><x:xf numFmtId="0"/><x:xf numFmtId="14"/></x:cellXfs>'
    table = one(raw_workbook(rows, prefix="x", styles=styles))
    assert cells(table)[0] == ["#N/A", "2026-03-05"]
    assert cells(table)[1][1] == "2026-03-06 10:00:00"
    assert "more digits" in said(table, "digits"), "its place is not told, so its last digits cannot be kept"


def test_dates_counted_from_1904() -> None:
    rows = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>Id</t></is></c><c r="B1" t="inlineStr"><is><t>On</t></is></c></row>'
        '<row r="2"><c r="A2"><v>1</v></c><c r="B2" s="1"><v>44624</v></c></row>'
    )
    styles = '<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>'
    table = one(raw_workbook(rows, workbook_settings='<workbookPr date1904="1"/>', styles=styles))
    assert cells(table) == [["1", "2026-03-05"]]


def test_cells_merged_over_rows_count_for_each_row() -> None:
    def fill(sheet: Any) -> None:
        for row in (["Account", "Deal", "Amount"], ["Acme", "A", 1], ["", "B", 2], ["", "C", 3], ["Globex", "D", 4]):
            sheet.append(row)
        sheet.merge_cells("A2:A4")

    table = one(workbook(Deals=fill))
    assert [row[0] for row in cells(table)] == ["Acme", "Acme", "Acme", "Globex"]
    assert "2 rows (row 3, 4) filled" in said(table, "merged")


#: Not texts of nothing but blanks: those openpyxl writes without the mark that keeps blanks.
TEXTS = st.text(alphabet="ab1 ,;\"\n\t'|é€", max_size=12).filter(lambda text: not text or not text.isspace())


@settings(max_examples=100, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=8))
def test_any_text_comes_back_as_it_was(texts: list[str]) -> None:
    rows: list[list[Any]] = [["Id", "Text", "Amount"], *([f"k{n}", text, n + 0.5] for n, text in enumerate(texts))]
    table = one(workbook(Deals=rows))
    assert [row[1] for row in cells(table)] == texts
    assert lines(table) == list(range(2, len(texts) + 2))


# --- the layout of a sheet -----------------------------------------------------------------------------------------


def test_titles_above_and_totals_below() -> None:
    rows: list[list[Any]] = [["Pipeline by stage"], ["As of", dt.date(2026, 3, 31)], [], *TABLE]
    rows += [["Grand Total", None, 7839], [], ["Confidential Information - Do Not Distribute"]]
    table = one(workbook(Deals=rows))
    assert table.columns == tuple(HEADER)
    assert (table.header_line, table.rows_in_file, lines(table)) == (4, 12, list(range(5, 17)))
    assert table.preamble == ("Pipeline by stage", "As of,2026-03-31")
    assert table.footer == ("Grand Total,,7839", "Confidential Information - Do Not Distribute")


def test_a_table_that_does_not_begin_in_the_corner() -> None:
    def fill(sheet: Any) -> None:
        for y, row in enumerate(TABLE, start=5):
            for x, value in enumerate(row, start=3):
                sheet.cell(y, x, value)

    table = one(workbook(Deals=fill))
    assert (table.columns, table.header_line, lines(table)[0]) == (tuple(HEADER), 5, 6)


def test_columns_kept_free_and_a_remark_far_to_the_right() -> None:
    rows = [[row[0], None, *row[1:]] for row in TABLE]
    rows[3] += [None] * 20 + ["call Ann"]
    table = one(workbook(Deals=rows))
    assert table.columns == (*HEADER, "Column 5")
    assert cells(table)[2] == ["D-3", "Deal 3", "301.5", "2026-03-03", "call Ann"]
    assert table.rows_in_file == 12


def test_rows_left_blank_and_cells_with_line_ends_keep_the_numbers_of_the_rows() -> None:
    rows = [["Id", "Two\nlines"], ["1", "a\nb\nc"], [], ["2", "d"], ["3", "e"]]
    table = one(workbook(Deals=rows))
    assert table.columns == ("Id", "Two lines")
    assert (cells(table)[0][1], lines(table)) == ("a\nb\nc", [2, 4, 5])


def test_duplicate_headers_and_a_second_header_row() -> None:
    table = one(workbook(Deals=[["Deal", None, "Money", None], *TABLE]))
    assert (table.columns, table.header_line, table.rows_in_file) == (tuple(HEADER), 2, 12)
    rows: list[list[Any]] = [["Id", "Amount", "Amount"], *([n, n, n] for n in range(5))]
    twice = one(workbook(Deals=rows))
    assert twice.columns == ("Id", "Amount", "Amount (2)")


def test_a_csv_file_pasted_into_the_first_column() -> None:
    table = one(workbook(Deals=[["Id,Name,Amount"], *([f'D-{n},"Deal, {n}",{n}'] for n in range(1, 9))]))
    assert table.columns == ("Id", "Name", "Amount")
    assert (cells(table)[0], lines(table)[0]) == (["D-1", "Deal, 1", "1"], 2)
    assert "lines of a CSV file" in said(table, "repair")


def test_a_sheet_of_one_column() -> None:
    table = one(workbook(Deals=[["Account"], ["Acme"], ["Globex"], ["Initech"]]))
    assert (table.columns, table.rows_in_file) == (("Account",), 3)


# --- the sheets of a workbook --------------------------------------------------------------------------------------


def test_every_sheet_with_a_table() -> None:
    first, second = read_file(workbook(Deals=TABLE, Accounts=[["Account", "Region"], ["Acme", "EMEA"]]), "crm.xlsx")
    assert (first.name, first.part) == ("crm.xlsx › Deals", "Deals")
    assert (second.name, second.part) == ("crm.xlsx › Accounts", "Accounts")
    assert cells(second) == [["Acme", "EMEA"]]


def test_sheets_without_a_table_are_left_out_and_said() -> None:
    read_me = [["Please fill in every line, then send the file back to sales operations."], ["Thank you very much!"]]
    table = one(workbook(**{"Read me": read_me, "Deals": TABLE, "Sheet3": [], "Only names": [HEADER]}))
    assert (table.name, table.part) == ("deals.xlsx", "Deals")
    words = said(table, "sheet")
    assert 'The sheet "Read me" was left out: it has only one column' in words
    assert 'The sheet "Sheet3" was left out: it is empty' in words
    assert 'The sheet "Only names" was left out: it has a header but no rows' in words


def test_hidden_sheets_are_no_tables() -> None:
    def hidden(sheet: Any) -> None:
        for row in TABLE:
            sheet.append(row)
        sheet.sheet_state = "hidden"

    table = one(workbook(Deals=TABLE, Secret=hidden))
    assert (table.name, table.part) == ("deals.xlsx", "Deals")
    assert '1 hidden sheet left out: "Secret".' in said(table, "sheet")


def test_an_export_of_dynamics_365() -> None:
    table = one(dynamics(), "Open Opportunities 6-3-2026.xlsx")
    assert table.columns == DYNAMICS, "hidden columns are kept, the hidden sheet is not"
    assert 'left out: "hiddenSheet"' in said(table, "sheet")
    assert table.rows_in_file == 12
    row = dict(zip(table.columns, cells(table)[3], strict=True))
    assert row["(Do Not Modify) Opportunity"] == "00000000-0000-0000-0000-000000000004"
    assert (row["Topic"], row["Est. Revenue"], row["Actual Revenue"]) == ("4 pumps, refit", "4938", "4800")
    assert (row["Est. Close Date"], row["Actual Close Date"]) == ("2026-06-04", "2026-02-04")
    assert (row["Created On"], row["(Do Not Modify) Modified On"]) == ("2026-01-04 14:30:00", "2026-03-01 08:15:04")
    assert cells(table)[0][9] == ""


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (workbook(Sheet1=[]), "is empty"),
        (workbook(Deals=[HEADER]), "has a header but no rows"),
        (workbook(A=[], B=[HEADER]), "has no sheet with a table"),
    ],
)
def test_workbooks_without_a_table_are_refused(data: bytes, what: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read_file(data, "deals.xlsx")
    assert caught.value.title.startswith('"deals.xlsx" ')
    assert what in caught.value.title
    assert caught.value.hint


def test_cells_that_lie_too_far_apart_are_refused_before_they_fill_the_memory() -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    with pytest.raises(UnreadableFile, match="1,048,576 rows and 16,384 columns"):
        read_file(raw_workbook(rows), "deals.xlsx")


def test_a_workbook_whose_parts_break_off_is_refused() -> None:
    for whole in (workbook(Deals=TABLE), open_document([["a", "b"], ["1", "2"]])):
        with zipfile.ZipFile(io.BytesIO(whole)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        for broken in (name for name in parts if name.endswith(("sheet1.xml", "content.xml"))):
            out = io.BytesIO()
            with zipfile.ZipFile(out, "w") as archive:
                for name, content in parts.items():
                    archive.writestr(name, content[:-30] if name == broken else content)
            with pytest.raises(UnreadableFile, match="is a damaged workbook"):
                read_file(out.getvalue(), "deals.xlsx")


# --- other kinds of workbooks --------------------------------------------------------------------------------------


def test_an_old_excel_file() -> None:
    table = one(old_workbook([[*HEADER, "Won"], *([*record, True] for record in RECORDS)]))
    assert (table.encoding, table.columns, table.part) == ("xls", (*HEADER, "Won"), "Deals")
    assert cells(table)[0] == ["D-1", "Deal 1", "100.5", "2026-03-01", "TRUE"]
    assert lines(table) == list(range(2, 14))


@pytest.mark.parametrize("small", [False, True])
def test_errors_in_an_old_excel_file_are_kept_as_text(small: bool) -> None:
    rows: list[list[Any]] = [["Id", "N", "M"], ["D-1", "#N/A", 1], ["D-2", 2, "=#DIV/0!"], ["D-3", 3, 4]]
    table = one(old_workbook(rows, small=small))
    assert [row[1:] for row in cells(table)] == [["#N/A", "1"], ["2", "#DIV/0!"], ["3", "4"]]
    assert "2 cells with an error of a formula" in said(table, "formula")


def test_an_old_excel_file_whose_cells_lie_too_far_apart_is_refused() -> None:
    data = old_workbook([["Id", "N"], ["D-1", 1.5]])
    near, away = struct.pack("<HHHd", 1, 1, 0, 1.5), struct.pack("<HHHd", 65535, 65535, 0, 1.5)
    far = data.replace(near, away)
    assert far != data
    with pytest.raises(UnreadableFile, match="65,536 rows and 65,536 columns"):
        read_file(far, "deals.xls")


def test_an_open_document_sheet() -> None:
    table = one(open_document([["Id", "Name"], ["1", "Łódź & Co".replace("&", "&amp;")], ["2", "b"]]))
    assert (table.encoding, cells(table)) == ("ods", [["1", "Łódź & Co"], ["2", "b"]])
    assert "read as empty cells" in said(table, "encoding")


def test_an_open_document_sheet_that_claims_too_many_cells_is_refused() -> None:
    with zipfile.ZipFile(io.BytesIO(open_document([["a", "b"], ["1", "2"]]))) as archive:
        content = archive.read("content.xml").replace(
            b"<table:table-row>", b'<table:table-row table:number-rows-repeated="90000000">'
        )
        kind = archive.read("mimetype")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", kind)
        archive.writestr("content.xml", content)
    with pytest.raises(UnreadableFile, match="so large when unpacked"):
        read_file(out.getvalue(), "deals.ods")
