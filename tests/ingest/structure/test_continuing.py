"""A line break in a cell without quotation marks: the row is put together again and said so, or is a reject."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.ingest.reading.test_reader_blocks import same
from tests.ingest.tables import cells, kinds, lines, read, said

HEADER = ["Id", "Name", "Account", "Stage", "Amount", "Close Date", "Next Step"]
Change = Callable[[int, list[str]], list[str]]


def file(change: Change, *, sign: str = ",", end: str = "\n") -> str:
    rows = [HEADER]
    for n in range(60):
        row = [f"D{n}", f"Deal {n}", f"Acme {n % 7}", "Qualify", str(100 + n), f"2026-0{1 + n % 9}-15", f"Call {n}"]
        rows.append(change(n, row))
    return end.join(sign.join(row) for row in rows) + end


def with_name(name: str, *, every: int = 0, quoted: bool = False) -> Change:
    def change(n: int, row: list[str]) -> list[str]:
        row = [f'"{cell}"' for cell in row] if quoted else row
        return [row[0], name, *row[2:]] if n == 10 or (every and n % every == 0) else row

    return change


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_row_over_two_lines_is_one_again(sign: str, end: str) -> None:
    table = read(file(with_name(f"Deal 10{end}second half"), sign=sign, end=end))
    assert cells(table)[10] == ["D10", "Deal 10\nsecond half", "Acme 3", "Qualify", "110", "2026-02-15", "Call 10"]
    assert (len(cells(table)), table.rows_in_file, table.unplaced) == (60, 60, ())
    assert lines(table)[9:12] == [11, 12, 14]
    assert "line 12" in said(table, "repair")
    assert "several lines" in said(table, "repair")


@pytest.mark.parametrize(
    ("change", "names"),
    [
        (with_name("Deal\nof three\nlines"), {10: "Deal\nof three\nlines"}),
        (with_name("Deal 10\n\nand a blank line"), {10: "Deal 10\n\nand a blank line"}),
        (with_name("Deal\nhalf", every=2), dict.fromkeys(range(0, 60, 2), "Deal\nhalf")),
        (with_name("Deal\nhalf", quoted=True), {10: "Deal\nhalf"}),
    ],
    ids=["three lines", "blank line", "every other row", "among quoted cells"],
)
def test_also_over_more_lines_and_in_many_rows(change: Change, names: dict[int, str]) -> None:
    table = read(file(change))
    assert table.unplaced == ()
    assert [row[1] for row in cells(table)] == [names.get(n, f"Deal {n}") for n in range(60)]


def test_large_files_are_read_alike() -> None:
    same(file(with_name("Deal\nof three\nlines", every=7)).encode(), 300, 20)


def test_rows_that_lack_cells_which_may_be_blank_stay_apart() -> None:
    # Three cells and five make seven, but each is a row of its own.
    def change(n: int, row: list[str]) -> list[str]:
        return row[:5] if n in (20, 22, 40) else row[:3] if n in (21, 41) else [*row[:3], *[""] * 4] if n % 3 else row

    table = read(file(change))
    assert [row[0] for row in cells(table)] == [f"D{n}" for n in range(60)]
    assert kinds(table) >= {"padded"}
    assert "repair" not in kinds(table)


def test_a_row_torn_in_an_amount_is_rejected_as_a_whole() -> None:
    table = read(file(lambda n, row: [*row[:4], "11\n0", *row[5:]] if n == 10 else row))
    assert [(one.line, one.row[4]) for one in table.unplaced] == [(12, "11\n0")]
    assert [row[0] for row in cells(table)] == [f"D{n}" for n in range(60) if n != 10]


def test_what_stands_behind_the_last_cell_is_rejected_with_its_line() -> None:
    table = read(file(lambda n, row: [*row[:6], "Call them\nthen mail"] if n == 10 else row))
    assert [(one.line, one.row) for one in table.unplaced] == [(13, ("then mail",))]
    assert "rest of the last cell of the row above" in table.unplaced[0].reason
    assert len(cells(table)) == 60


IDS: dict[str, Callable[[int], str]] = {
    "letter and number": lambda n: f"D{n:03d}",
    "number": lambda n: str(700_100 + n),
    "of Salesforce": lambda n: f"0065g00000{'aZbQxT'[n % 6]}{'kRw'[n % 3]}{n:02d}X",
    "of different lengths": lambda n: f"OPP-{n}-{n * n}",
}


@pytest.mark.parametrize("kind", IDS)
@pytest.mark.parametrize("at", [1, -1])
def test_a_row_torn_in_its_id_is_rejected_as_a_whole(kind: str, at: int) -> None:
    ident = IDS[kind]
    torn = f"{ident(10)[:at]}\n{ident(10)[at:]}"
    text = file(lambda n, row: [torn if n == 10 else ident(n), *row[1:]])
    table = read(text)
    assert [(one.line, one.row[0]) for one in table.unplaced] == [(12, torn)]
    assert [row[0] for row in cells(table)] == [ident(n) for n in range(60) if n != 10]
    same(text.encode(), 300, 20)


def test_a_name_in_the_first_column_is_put_together_again_where_it_can_only_be_one() -> None:
    def change(n: int, row: list[str]) -> list[str]:
        return [*(["Deal of\nsecond half"] if n == 10 else [f"Deal {'ABCDEFGH'[n % 8]} of {n}"]), *row[1:]]

    text = file(change)
    table = read(text)
    assert table.unplaced == ()
    assert cells(table)[10][0] == "Deal of\nsecond half"
    same(text.encode(), 300, 20)
    headed = read(text.replace("second half", "Deal 10").replace("Deal of\n", "EMEA\n"))
    assert [(one.line, one.row) for one in headed.unplaced] == [(12, ("EMEA",))]
    assert cells(headed)[10][0] == "Deal 10"
