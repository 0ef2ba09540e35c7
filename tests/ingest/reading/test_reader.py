"""Bytes to rows of text, unaided: encodings, dialects, quotes and headers."""

from __future__ import annotations

import csv
import io

import pytest

from tests.ingest.tables import PLAIN, ROWS, cells, kinds, lines, read, said

# --- the plain case ----------------------------------------------------------------------------------------------


def test_plain_file() -> None:
    table = read(PLAIN)
    assert table.columns == ("Id", "Name", "Account", "Amount", "Close Date")
    assert table.data.column_names == ["c0", "c1", "c2", "c3", "c4", "line"]
    assert (table.encoding, table.delimiter, table.quote, table.header_line) == ("utf-8", ",", '"', 1)
    assert cells(table)[0] == ["D-1", "Deal 1", "Acme 1", "100.50", "2026-03-01"]
    assert lines(table) == list(range(2, 14))
    assert (table.rows_in_file, table.unplaced, table.preamble, table.footer) == (12, (), (), ())
    assert "all 13 rows looked at have 5 cells" in said(table, "delimiter")


def test_cells_are_exact_and_untrimmed() -> None:
    table = read("Id,Name\nA1,  two blanks  \nA2,\t\nA3,=1+1\n")
    assert cells(table) == [["A1", "  two blanks  "], ["A2", "\t"], ["A3", "=1+1"]]


# --- encodings ---------------------------------------------------------------------------------------------------

GERMAN = "Nr;Verkäufer;Größe;Betrag\n" + "".join(f"{n};Jürgen Weiß;groß;{n}.000,00 €\n" for n in range(1, 30))
CHINESE = "编号,客户名称,阶段,金额,日期\n" + "".join(
    f"{n},北京销售有限公司,赢单,¥{n}00,2017年3月{n}日\n" for n in range(1, 25)
)


@pytest.mark.parametrize(
    ("codec", "named"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16-le"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32-le"),
        ("cp1252", "cp1252"),
    ],
)
def test_western_encodings(codec: str, named: str) -> None:
    table = read(GERMAN.encode(codec))
    assert table.encoding == named
    assert table.columns == ("Nr", "Verkäufer", "Größe", "Betrag")
    assert cells(table)[0] == ["1", "Jürgen Weiß", "groß", "1.000,00 €"]
    assert "encoding" in kinds(table)


def test_iso_8859_1_reads_as_its_superset() -> None:
    text = GERMAN.replace("€", "EUR")
    assert cells(read(text.encode("latin-1")))[0][1] == "Jürgen Weiß"


@pytest.mark.parametrize("codec", ["gb18030", "utf-8", "utf-16"])
def test_chinese(codec: str) -> None:
    table = read(CHINESE.encode(codec))
    assert table.columns[1] == "客户名称"
    assert cells(table)[0] == ["1", "北京销售有限公司", "赢单", "¥100", "2017年3月1日"]
    if codec == "gb18030":
        assert table.encoding == "gb18030"


@pytest.mark.parametrize(
    ("codec", "owner"), [("cp1250", "Łukasz Żółkiewski"), ("mac-roman", "Jürgen Müßig"), ("cp1251", "Дмитрий Иванов")]
)
def test_other_encodings(codec: str, owner: str) -> None:
    text = "Id,Owner,Amount\n" + "".join(f"{n},{owner},{n}\n" for n in range(1, 40))
    assert cells(read(text.encode(codec)))[0][1] == owner


def test_utf8_with_a_damaged_place_is_mended_and_said() -> None:
    data = GERMAN.encode().replace("Größe".encode(), b"Gr\xf6\xdfe", 1)
    table = read(data)
    assert table.columns[2] == "Größe"
    assert "not valid UTF-8" in said(table, "encoding")


def test_nul_bytes_are_removed_and_said() -> None:
    table = read(PLAIN.replace("Deal 3", "De\0al 3").encode())
    assert cells(table)[2][1] == "Deal 3"
    assert "1 NUL character was removed; the first is in line 4" in said(table, "nul")


# --- dialects ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "^", "~"])
def test_delimiters(delimiter: str) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerows(row.split(",") for row in PLAIN.splitlines())
    table = read(out.getvalue())
    assert table.delimiter == delimiter
    assert len(table.columns) == 5
    assert table.rows_in_file == 12


def test_semicolons_with_decimal_commas_in_every_row() -> None:
    table = read("Name;Wert\n" + "".join(f"A{n};{n},5\n" for n in range(20)))
    assert (table.delimiter, cells(table)[3]) == (";", ["A3", "3,5"])


def test_delimiter_is_not_decided_on_the_first_line() -> None:
    table = read("a,b,c;Name;Stage\n" + "".join(f"{n};Deal {n};Won\n" for n in range(20)))
    assert table.delimiter == ";"
    assert table.columns[0] == "a,b,c"


def test_separator_line_of_a_spreadsheet() -> None:
    table = read("sep=;\nId;Name\n1;A\n2;B\n")
    assert (table.delimiter, table.header_line, table.preamble, lines(table)) == (";", 2, ("sep=;",), [3, 4])


def test_header_written_with_another_delimiter_than_the_rows() -> None:
    table = read("Id;Name;Amount\n" + "".join(f"{n},Deal {n},{n}00\n" for n in range(1, 9)))
    assert table.columns == ("Id", "Name", "Amount")
    assert table.rows_in_file == 8
    assert "delimited differently" in said(table, "header")


def test_lines_wrapped_whole_into_quotes() -> None:
    table = read('"Id,Name,Amount"\n' + "".join(f'"{n},""Deal, {n}"",{n}00"\n' for n in range(1, 9)))
    assert table.columns == ("Id", "Name", "Amount")
    assert cells(table)[0] == ["1", "Deal, 1", "100"]
    assert lines(table)[0] == 2


def test_a_row_wrapped_whole_into_quotes() -> None:
    table = read(PLAIN + '"D-99,Big,Acme,1.00,2026-04-01"\n')
    assert cells(table)[-1] == ["D-99", "Big", "Acme", "1.00", "2026-04-01"]
    assert "wrapped whole" in said(table, "repair")


def test_single_quotes_and_apostrophes() -> None:
    quoted = read("'Id','Name'\n" + "".join(f"'{n}','Deal, {n}'\n" for n in range(9)))
    assert (quoted.quote, cells(quoted)[0]) == ("'", ["0", "Deal, 0"])
    apostrophes = read("Id,Name,City\n" + "".join(f"{n},'t Hooft's,O'Hare'\n" for n in range(9)))
    assert cells(apostrophes)[0] == ["0", "'t Hooft's", "O'Hare'"]


def test_backslash_escapes_leave_other_backslashes_alone() -> None:
    body = "".join(f'{n},"a \\"big\\" deal, {n}","C:\\new\\{n}"\n' for n in range(9))
    table = read("Id,Name,Path\n" + body)
    assert cells(table)[0] == ["0", 'a "big" deal, 0', "C:\\new\\0"]


def test_blank_before_a_quote() -> None:
    table = read("Id, Name, Note\n" + "".join(f'{n}, "Deal, {n}", x\n' for n in range(9)))
    assert cells(table)[0] == ["0", "Deal, 0", "x"]


def test_newlines_and_delimiters_in_cells_keep_line_numbers_exact() -> None:
    text = 'Id,Note,Amount\r\n1,"two\nlines, and ""quotes""",5\r\n2,plain,6\r3,"a\r\nb\rc",7\n\n4,end,8\n'
    table = read(text)
    assert cells(table) == [
        ["1", 'two\nlines, and "quotes"', "5"],
        ["2", "plain", "6"],
        ["3", "a\r\nb\rc", "7"],
        ["4", "end", "8"],
    ]
    assert lines(table) == [2, 4, 5, 9]


def test_line_separators_that_end_no_line() -> None:
    table = read("Id,Note\n1,a\u2028b\x0bc\x85d\n2,e\n")
    assert (cells(table)[0][1], lines(table)) == ("a\u2028b\x0bc\x85d", [2, 3])


def test_a_cell_of_a_million_characters() -> None:
    assert len(cells(read(f'Id,Note\n1,"{"x" * 1_000_000}"\n2,y\n'))[0][1]) == 1_000_000


# --- quotes that do not pair up ----------------------------------------------------------------------------------


def test_unescaped_quotes_inside_a_cell() -> None:
    table = read(PLAIN + 'D-20,"the "big" one",Acme,1.00,2026-04-01\nD-21,"he said "yes"",Acme,1.00,2026-04-02\n')
    assert [row[1] for row in cells(table)[-2:]] == ['the "big" one', 'he said "yes"']
    assert table.rows_in_file == 14
    assert "stray quotation marks" in said(table, "repair")


def test_quote_that_never_closes_costs_no_other_row() -> None:
    broken = PLAIN.replace("D-4,Deal 4", 'D-4,"Deal 4')
    table = read(broken)
    assert table.rows_in_file == 12
    assert cells(table)[3][1] == '"Deal 4'
    assert lines(table) == list(range(2, 14))


def test_quote_that_never_closes_before_a_quoted_row() -> None:
    broken = PLAIN.replace("D-4,Deal 4", 'D-4,"Deal 4').replace("D-5,Deal 5", 'D-5,"Deal, 5"')
    table = read(broken)
    assert [row[1] for row in cells(table)[3:5]] == ['"Deal 4', "Deal, 5"]
    assert table.rows_in_file == 12


def test_quote_that_cannot_be_paired_is_set_aside_with_its_line() -> None:
    table = read(PLAIN + 'D-20,"what, ever, this, is, it, is\n')
    assert table.rows_in_file == 13
    assert [(row.line, row.row[0]) for row in table.unplaced] == [(14, "D-20")]


# --- headers -----------------------------------------------------------------------------------------------------


def test_duplicate_starred_and_empty_headers() -> None:
    table = read("* Name,Product , Product,,Amount*\n" + "".join(f"A{n},b,c,d,{n}\n" for n in range(5)))
    assert table.columns == ("Name", "Product", "Product (2)", "Column 4", "Amount")
    assert "duplicate" in kinds(table)


def test_second_name_of_a_duplicate_does_not_collide() -> None:
    table = read("A,A,A (2)\n" + "x,y,1\n" * 3)
    assert len(set(table.columns)) == 3


def test_quotes_and_newlines_inside_headers() -> None:
    table = read('Id,"Date entered ""Proposal (Sales Pipeline)""","Two\nlines"\n' + "1,2026-01-01,x\n" * 3)
    assert table.columns[1:] == ('Date entered "Proposal (Sales Pipeline)"', "Two lines")
    assert lines(table) == [3, 4, 5]


def test_title_lines_above_the_header() -> None:
    table = read("Pipeline report\nAs of,2026-03-31\n\n" + PLAIN)
    assert table.preamble == ("Pipeline report", "As of,2026-03-31")
    assert (table.header_line, table.rows_in_file, lines(table)[0]) == (4, 12, 5)


def test_title_padded_with_delimiters() -> None:
    table = read("Pipeline report,,,,\n,,,,\n" + PLAIN)
    assert (table.header_line, table.preamble) == (3, ("Pipeline report,,,,",))


def test_two_header_rows() -> None:
    table = read("Deal,,Money,,Dates\n" + PLAIN)
    assert table.columns == ("Id", "Name", "Account", "Amount", "Close Date")
    labels = read(PLAIN.replace("\n", "\nid,name,account,amount,close_date\n", 1))
    assert labels.columns[4] == "Close Date"
    assert labels.rows_in_file == 12
    assert labels.preamble == ("id,name,account,amount,close_date",)


def test_no_header_at_all() -> None:
    table = read(ROWS)
    assert table.columns == ("Column 1", "Column 2", "Column 3", "Column 4", "Column 5")
    assert (table.header_line, table.rows_in_file, lines(table)[0]) == (0, 12, 1)


def test_years_are_names_of_columns() -> None:
    table = read("Rep,2024,2025\n" + "".join(f"R{n},{n}0,{n}1\n" for n in range(1, 6)))
    assert table.columns == ("Rep", "2024", "2025")


def test_running_number_without_a_name() -> None:
    table = read("Name,Amount\n" + "".join(f"{n},Deal {n},{n}00\n" for n in range(1, 9)))
    assert table.columns == ("Column 1", "Name", "Amount")


def test_every_row_ends_in_a_delimiter() -> None:
    table = read("Id,Name,\n" + "1,A,\n2,B,\n3,C,\n")
    assert table.columns == ("Id", "Name")
    assert cells(table)[0] == ["1", "A"]
