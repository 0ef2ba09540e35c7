"""How a file is written, where that is out of the ordinary: long delimiters, blanks, apostrophes, two tables."""

from __future__ import annotations

import pytest

from tas_analytics.errors import UnreadableFile
from tas_analytics.ingest.structure.second import parted
from tests.ingest.tables import PLAIN, ROWS, cells, kinds, lines, read, said

# --- delimiters of several signs -------------------------------------------------------------------------------------


@pytest.mark.parametrize("sign", ["||", "::", ";;", "\t\t", "|~|", "^^", "\\t"])
def test_a_delimiter_of_several_signs(sign: str) -> None:
    table = read(PLAIN.replace(",", sign))
    assert table.delimiter == sign
    assert table.columns == ("Id", "Name", "Account", "Amount", "Close Date")
    assert cells(table) == cells(read(PLAIN))


def test_a_long_delimiter_inside_quoted_cells_stays() -> None:
    text = PLAIN.replace(",", "||").replace("Deal 3", '"Deal || 3"').replace("Deal 5", '"Deal\n|| ""5"""')
    table = read(text)
    assert [row[1] for row in cells(table)[2:5:2]] == ["Deal || 3", 'Deal\n|| "5"']
    assert table.rows_in_file == 12


def test_empty_columns_do_not_make_a_long_delimiter() -> None:
    table = read("a|b|c|d\n" + "1||2|3\n4||5|6\n" * 5)
    assert (table.delimiter, table.columns) == ("|", ("a", "b", "c", "d"))


# --- blanks ----------------------------------------------------------------------------------------------------------

BLANKS = "Day Deals Amount Owner Note\n" + "".join(
    f'2026-03-{n:02d} {n} {n}50.00 {owner} "said {n}, then, left"\n'
    for n, owner in enumerate(["Annabel", "Bob Miller", "Evelyn", "Kimberly", "Ann Lee", "Flora"] * 3, start=1)
)


def test_blanks_as_delimiters() -> None:
    table = read(BLANKS)
    assert table.columns == ("Day", "Deals", "Amount", "Owner", "Note")
    assert cells(table)[1] == ["2026-03-02", "2", "250.00", "Bob Miller", "said 2, then, left"]
    assert table.rows_in_file == 18
    assert table.unplaced == ()
    assert "put together again" in said(table, "repair")
    assert "blanks" in said(table, "delimiter")


@pytest.mark.parametrize(
    "text",
    [
        "Dear all, the meeting is on 3 May at 5\nWe shall see 3 of you there\nBest 2 wishes\nAnn Bee\n" * 3,
        "3 apples and 5 pears\n4 apples and 6 pears\n5 apples and 7 pears\n9 apples and 9 pears\n",
    ],
)
def test_sentences_are_no_table(text: str) -> None:
    with pytest.raises(UnreadableFile, match="plain text"):
        read(text)


def test_names_with_blanks_are_one_column() -> None:
    assert read("Account Name\nAcme Inc\nGlobex Corp\nInitech Ltd\nHooli Inc\n").columns == ("Account Name",)


# --- quotation marks -------------------------------------------------------------------------------------------------


def test_apostrophes_inside_cells_quoted_with_single_quotes() -> None:
    body = "".join(f"{n},'It won't, they''d said, {n}','Ann's',{n}.5\n" for n in range(1, 20))
    table = read("Id,Note,Owner,Amount\n" + body)
    assert table.quote == "'"
    assert cells(table)[0] == ["1", "It won't, they'd said, 1", "Ann's", "1.5"]


def test_double_quotes_written_twice_between_single_ones() -> None:
    body = "".join(f"{n},'a {n}\"\" pipe, long','x{n}'\n" for n in range(1, 9))
    table = read("Id,Part,Code\n" + body)
    assert cells(table)[0] == ["1", 'a 1" pipe, long', "x1"]
    assert "written twice" in said(table, "quote")


def test_a_backslash_before_an_apostrophe_is_no_escape() -> None:
    body = "".join(f"{n},'an 8\\'{n} rod, won't','b, {n}'\n" for n in range(1, 3))
    body += "".join(f"{n},'men's socks, {n}','b, {n}'\n" for n in range(3, 20))
    assert cells(read("Id,Part,Code\n" + body))[0] == ["1", "an 8\\'1 rod, won't", "b, 1"]


# --- two tables ------------------------------------------------------------------------------------------------------

SECOND = "Id,Owner,Region\n" + "".join(f"D-{n},Ann {n},North\n" for n in range(1, 6))


def test_the_rows_of_a_second_table_have_no_place_in_the_first() -> None:
    table = read(PLAIN + SECOND)
    assert (table.data.num_rows, len(table.unplaced), table.rows_in_file) == (12, 6, 18)
    assert [row.line for row in table.unplaced] == list(range(14, 20))
    assert "second table, which begins in line 14" in table.unplaced[0].reason
    assert "second" in kinds(table)


def test_a_second_table_becomes_a_table() -> None:
    first, second = parted(read(PLAIN + SECOND))
    assert (first.rows_in_file, first.unplaced, cells(first)) == (12, (), cells(read(PLAIN)))
    assert (second.columns, second.header_line, second.part) == (("Id", "Owner", "Region"), 14, "second table")
    assert cells(second)[0] == ["D-1", "Ann 1", "North"]
    assert (second.rows_in_file, lines(second)) == (5, list(range(15, 20)))


def test_a_second_table_with_other_columns_after_a_blank_line() -> None:
    text = PLAIN + "\nRegion,Reps,Target\n" + "".join(f"R{n},{n},{n}000\n" for n in range(1, 9)) + "R9,9\n"
    first, second = parted(read(text))
    assert first.rows_in_file == 12
    assert second.columns == ("Region", "Reps", "Target")
    assert [row.row for row in second.unplaced] == [("R9", "9")]


@pytest.mark.parametrize(
    "text",
    [
        PLAIN + PLAIN,
        PLAIN + "\n" + PLAIN,
        PLAIN + "\n" + ROWS.replace("D-", "E-") + "\n",
        PLAIN + '\n"Grand Total","","","7800.00",""\n"Copyright (c) 2026 Acme, Inc"\n',
        PLAIN + "\nD-30,Name,Account\nD-31,Other,Acme\n",
    ],
)
def test_one_table_stays_one(text: str) -> None:
    assert len(parted(read(text))) == 1
    assert "second" not in kinds(read(text))
