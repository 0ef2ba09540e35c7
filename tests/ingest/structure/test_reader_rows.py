"""Bytes to rows of text, unaided: rows that do not fit, footers, refusals, and the same cells back."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from tas_analytics.errors import UnreadableFile
from tas_analytics.ingest.reading.reader import read_table
from tests.ingest.tables import PLAIN, ROWS, cells, lines, read, said

# --- rows that do not fit ----------------------------------------------------------------------------------------


def test_missing_cells_are_padded_with_one_note() -> None:
    table = read(PLAIN + "".join(f"D-{n},Short {n}\n" for n in range(20, 28)))
    assert cells(table)[-1] == ["D-27", "Short 27", "", "", ""]
    assert said(table, "padded").startswith("8 rows (line 14, 15, 16, 17, 18, …) lack 3 cells at the end")


def test_extra_cells() -> None:
    table = read(PLAIN + "D-20,Empty,Acme,1.00,2026-04-01,,\nD-21,Acme, Inc,Acme,1.00,2026-04-01\n")
    assert table.rows_in_file == table.data.num_rows + len(table.unplaced) == 14
    assert cells(table)[-1][0] == "D-20"
    assert "empty cells beyond the last column" in said(table, "extra")
    (lost,) = table.unplaced
    assert (lost.line, lost.value, lost.row[0]) == (15, "2026-04-01", "D-21")
    assert "6 cells where the header has 5" in lost.reason


def test_blank_lines_and_empty_rows_are_no_rows() -> None:
    table = read(PLAIN.replace("D-5,", "\n   \n,,,,\nD-5,"))
    assert table.rows_in_file == 12
    assert lines(table)[4] == 9


def test_repeated_header_in_the_middle() -> None:
    table = read(PLAIN + PLAIN)
    assert table.rows_in_file == 24
    assert "repeat the header" in said(table, "header")


# --- footers -----------------------------------------------------------------------------------------------------

SALESFORCE = (
    '"Pipeline by stage"\n"Grand Totals (12 records)"\n"Confidential Information - Do Not Distribute"\n'
    '"Copyright (c) 2000-2026 salesforce.com, inc. All rights reserved."\n'
)


def test_salesforce_trailers() -> None:
    table = read(PLAIN + "\n\n" + SALESFORCE)
    assert table.rows_in_file == 12
    assert len(table.footer) == 4
    assert "4 lines below the table" in said(table, "footer")


def test_trailers_without_a_blank_line() -> None:
    table = read(PLAIN + '"Total","","","7800.00",""\n"Copyright (c) 2026 Acme"\n')
    assert (table.rows_in_file, len(table.footer)) == (12, 2)


def test_sub_totals_and_group_headings() -> None:
    body = PLAIN.splitlines()
    text = "\n".join(
        [body[0], "Stage: Won (6 records),,,,", *body[1:7], "Subtotal,,,2100.00,", *body[7:], "Grand Total,,,7800.00,"]
    )
    table = read(text)
    assert table.rows_in_file == 12
    assert table.footer[0] == "Grand Total,,,7800.00,"
    assert len(table.footer) == 3
    assert lines(table)[0] == 3


@pytest.mark.parametrize(
    "row",
    [
        "D-20,Total rebuild,Total Energies,5.00,2026-04-01",
        "D-20,Copyright audit,,,",
        "Total Energies,Big deal,,,",
        "D-20,,,,",
        "D-20",
        "Confidential,Deal with Acme,Acme,1.00,2026-05-01",
    ],
)
@pytest.mark.parametrize("blank", ["", "\n"])
def test_real_rows_that_look_odd_stay(row: str, blank: str) -> None:
    table = read(PLAIN + blank + row + "\n")
    assert table.rows_in_file == 13
    assert table.footer == ()


def test_a_number_of_records_in_a_name_is_kept_where_the_row_has_more() -> None:
    table = read(PLAIN + "D-20,Migration (300 records),Acme,5.00,2026-04-01\n" + ROWS)
    assert table.rows_in_file == 25


# --- refusals ----------------------------------------------------------------------------------------------------


def _zip(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "empty file"),
        (b"\n \r\n", "empty file"),
        (b"\xef\xbb\xbf", "empty file"),
        (b"\0" * 500, "empty file"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)), "PNG image"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF" + bytes(range(256)), "JPEG image"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "PDF"),
        (_zip("a.csv"), "zip archive"),
        (_zip("[Content_Types].xml", "xl/workbook.xml"), "Excel workbook"),
        (_zip("a.csv")[:30], "damaged zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500, "old Excel"),
        (b"PAR1\x15\x04\x15\x10" + bytes(range(200)), "Parquet"),
        (b"\x1f\x8b\x08\0" + bytes(range(200)), "gzip"),
        (bytes((n * 7 + n // 3) % 32 for n in range(2000)), "binary"),
        (b"<!DOCTYPE html>\n<html><body><table><tr><td>1,2</td></tr></table></body></html>", "HTML"),
        (b'<?xml version="1.0"?>\n<rows><row a="1"/></rows>', "XML"),
        (b'[{"id": 1, "name": "a"}, {"id": 2, "name": "b"}]', "JSON"),
        (b"Id,Name,Amount\n", "has a header but no rows"),
        (b"Id,Name,Amount", "has a header but no rows"),
        (b"Id,Name,Amount\n\n\n,,\n", "has a header but no rows"),
        (b"Dear Sir or Madam,\n\nplease find attached the list we spoke about.\n\nYours\nA. Miller\n", "plain text"),
    ],
    # Not by the bytes: those of an archive carry the time at which it was made.
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_refusals_name_the_file_and_what_it_is(data: bytes, what: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read_table(data, "deals.csv")
    assert '"deals.csv"' in caught.value.title
    assert what in caught.value.title
    assert caught.value.hint


def test_a_list_of_names_is_a_table_of_one_column() -> None:
    table = read("Account\nAcme\nGlobex Corp\nInitech\n")
    assert (table.columns, table.rows_in_file) == (("Account",), 3)


@settings(max_examples=300)
@given(st.binary(max_size=400))
def test_no_bytes_make_a_traceback(data: bytes) -> None:
    try:
        table = read_table(data, "x.csv")
    except UnreadableFile:
        return
    assert table.rows_in_file == table.data.num_rows + len(table.unplaced)


@settings(max_examples=300)
@given(st.text(alphabet="ab1,;\"\n\r\t'\\ |", max_size=200))
def test_no_text_makes_a_traceback(text: str) -> None:
    try:
        table = read_table(text.encode(), "x.csv")
    except UnreadableFile:
        return
    assert table.rows_in_file == table.data.num_rows + len(table.unplaced)
    assert len(table.columns) == table.data.num_columns - 1


# --- the same cells back -----------------------------------------------------------------------------------------

_WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp")), min_size=1, max_size=12
)
_MESSY = st.text(st.sampled_from(list("abcXYZ019 äé€,;|\t\"'\n.:-/")), max_size=14)


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    columns = draw(st.integers(3, 7))
    header = [f"Field {chr(65 + place)}" for place in range(columns)]
    body = []
    for number in range(draw(st.integers(4, 20))):
        row = [f"ID-{number:04d}", *(draw(st.one_of(_WORDS, _MESSY)) for _ in range(columns - 2)), f"Owner {number}"]
        body.append(row)
    return [header, *body]


@settings(max_examples=200)
@given(
    rows=tables(),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    end=st.sampled_from(["\r\n", "\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_written_by_csv_read_back_the_same(rows: list[list[str]], delimiter: str, end: str, encoding: str) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(rows)
    table = read_table(out.getvalue().encode(encoding), "x.csv")
    assert table.delimiter == delimiter
    assert [list(table.columns), *cells(table)] == rows


@settings(max_examples=200)
@given(rows=tables(), delimiter=st.sampled_from([",", ";", "\t"]), end=st.sampled_from(["\r\n", "\n"]))
def test_minimal_quotes_read_back_the_same(rows: list[list[str]], delimiter: str, end: str) -> None:
    # A foreign delimiter in every unquoted cell is a riddle that no reader can solve: it is taken out here.
    riddle = "[" + ",;\t|".replace(delimiter, "") + "]"
    rows = [[re.sub(riddle, "_", cell) for cell in row] for row in rows]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerows(rows)
    table = read_table(out.getvalue().encode(), "x.csv")
    assert [list(table.columns), *cells(table)] == rows


# --- real files --------------------------------------------------------------------------------------------------

FOLDERS = (
    "maven_crm messy_variants zoho_sample hubspot_dummy sfdc_export_format salesforce_history_demo olga_pipeline "
    "helixcore_stage_history"
).split()


@pytest.mark.parametrize("folder", FOLDERS)
def test_public_files(folder: str, public_data: Path) -> None:
    files = sorted((public_data / folder).glob("*.csv"))
    if not files:
        pytest.skip(f"no CSV files in {folder}")
    for path in files:
        table = read_table(path.read_bytes(), path.name)
        text = path.read_bytes().decode("utf-16" if table.encoding.startswith("utf-16") else table.encoding)
        plain = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=table.delimiter) if row]
        aside = len(table.preamble) + len(table.footer)
        assert table.unplaced == ()
        assert table.rows_in_file == len(plain) - 1 - aside, path.name
        body = plain[1 + len(table.preamble) : len(plain) - len(table.footer)]
        assert cells(table) == body, path.name


def test_us_report_with_footer(public_data: Path) -> None:
    path = public_data / "messy_variants" / "us_report_footer.csv"
    if not path.is_file():
        pytest.skip("us_report_footer.csv is not here")
    table = read_table(path.read_bytes(), path.name)
    assert (table.header_line, table.rows_in_file) == (3, 3000)
    assert table.preamble == ('"Pipeline report, generated 1/2/2018"',)
    assert table.footer[0].startswith('"Total"')
    assert len(table.footer) == 2


@pytest.mark.parametrize(
    ("name", "encoding", "delimiter"),
    [
        ("de_semicolon_cp1252.csv", "cp1252", ";"),
        ("fr_semicolon_utf8bom.csv", "utf-8-sig", ";"),
        ("us_utf16le_tab.csv", "utf-16-le", "\t"),
    ],
)
def test_messy_variants_are_told_apart(name: str, encoding: str, delimiter: str, public_data: Path) -> None:
    path = public_data / "messy_variants" / name
    if not path.is_file():
        pytest.skip(f"{name} is not here")
    table = read_table(path.read_bytes(), name)
    assert (table.encoding, table.delimiter, table.rows_in_file) == (encoding, delimiter, 3000)
