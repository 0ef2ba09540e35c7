"""Damaged rows: mended by one stroke where only one makes sense, said so, and otherwise set aside with their line."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st

from tas_analytics.ingest.structure.dialect import Dialect
from tas_analytics.ingest.structure.mending import mend_line, orderly, tokens
from tas_analytics.ingest.structure.shapes import Shapes, form
from tests.ingest.tables import cells, lines, read, said

STAGES = ["Qualify", "Develop", "Closed Won"]
NOTES = ["Call the buyer, then write", 'Needs a 24" frame, soon', "Waits for legal"]
DAYS = [f"2026-{n % 12 + 1:02d}-{n % 28 + 1:02d}" for n in range(33)]
ROWS = [
    [f"AB-{1000 + 37 * n}", DAYS[n], f"${n * 731 % 90}.{n % 10}5", STAGES[n % 3], NOTES[n % 3], ""]
    for n in range(3, 33)
]
HEADER = ["Id", "Close Date", "Amount", "Stage", "Next Step", "Comment"]


def line(row: list[str]) -> str:
    return ",".join('"' + cell.replace('"', '""') + '"' if "," in cell or '"' in cell else cell for cell in row)


def file(damaged: str, at: int = 12, header: str = ",".join(HEADER)) -> str:
    """The table with one of its lines (counted from 1) in another form."""
    text = [header, *map(line, ROWS)]
    text[at - 1] = damaged
    return "\n".join(text) + "\n"


ROW = ROWS[10]  # line 12
PLAIN = line(ROW)


def test_the_orderly_file() -> None:
    table = read(file(PLAIN))
    assert cells(table) == ROWS
    assert {note.kind for note in table.notes} == {"encoding", "delimiter", "header"}


# --- each way to be damaged, at every place --------------------------------------------------------------------------


def mended(text: str, at: int = 12) -> None:
    """The table reads as if it had never been damaged, and the line is spoken of."""
    table = read(text)
    assert cells(table) == ROWS
    assert lines(table) == list(range(2, 32))
    assert [note.lines for note in table.notes if note.lines] == [(at,)]
    assert table.unplaced == ()


@pytest.mark.parametrize("row", [10, 11, 12])
@pytest.mark.parametrize("place", range(6))
def test_a_delimiter_too_many(place: int, row: int) -> None:
    parts = [line([cell]) for cell in ROWS[row]]
    mended(file(",".join([*parts[:place], "", *parts[place:]]), row + 2), row + 2)


@pytest.mark.parametrize("row", [10, 11, 12])
@pytest.mark.parametrize("place", range(1, 6))
def test_a_delimiter_too_few(place: int, row: int) -> None:
    parts = [line([cell]) for cell in ROWS[row]]
    mended(
        file(",".join([*parts[: place - 1], parts[place - 1] + parts[place], *parts[place + 1 :]]), row + 2), row + 2
    )


@pytest.mark.parametrize("row", [0, 10, 11, 12, 29])
@pytest.mark.parametrize("place", range(6))
def test_a_stray_quotation_mark_at_the_beginning_of_a_cell(place: int, row: int) -> None:
    parts = [line([cell]) for cell in ROWS[row]]
    quoted = parts[place].startswith('"')
    parts[place] = f'""{parts[place][1:]}' if quoted else f'"{parts[place]}'
    table = read(file(",".join(parts), row + 2))
    expected = [list(other) for other in ROWS]
    expected[row][place] = '"' + expected[row][place]
    assert cells(table) == expected
    assert [note.lines for note in table.notes if note.lines] == [(row + 2,)]
    assert "stray quotation marks" in said(table, "repair")


@pytest.mark.parametrize("delimiter", [" ", ";", "\t", "|"])
@pytest.mark.parametrize("row", [10, 11, 12])
def test_a_row_with_another_delimiter(delimiter: str, row: int) -> None:
    mended(file(delimiter.join(line([cell]) for cell in ROWS[row]), row + 2), row + 2)


def test_a_delimiter_in_a_cell_without_quotation_marks() -> None:
    row = [*ROW]
    row[4] = "Waits, for legal"
    table = read(file(",".join(row)))
    assert cells(table)[10] == row
    assert "put together again" in said(table, "repair")


def test_a_damaged_row_that_has_the_right_number_of_cells_by_chance() -> None:
    # The delimiter before the quotation mark is missing, the one behind it counts instead.
    damaged = PLAIN.replace('Won,"', 'Won"').replace('Develop,"', 'Develop"').replace('Qualify,"', 'Qualify"')
    assert '"' in damaged
    assert damaged.count(",") == 5
    mended(file(damaged))


# --- headers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", range(6))
def test_a_header_with_a_delimiter_too_many(place: int) -> None:
    table = read(file(",".join([*HEADER[:place], "", *HEADER[place:]]), 1))
    assert (list(table.columns), cells(table)) == (HEADER, ROWS)
    assert "a delimiter too many" in said(table, "header")


@pytest.mark.parametrize("place", range(6))
def test_a_header_with_a_stray_quotation_mark(place: int) -> None:
    header = [*HEADER]
    header[place] = '"' + header[place]
    table = read(file(",".join(header), 1))
    assert (list(table.columns), cells(table)) == (header, ROWS)


@pytest.mark.parametrize(
    "header",
    [
        'Id,Close Date,Amount,Stage"Next Step",Comment',
        'Id,Close Date,Amount,Stage,"Next Step"Comment',
        'Id,Close Date,Amount,"Stage""Next Step",Comment',
        'Id "Close Date" Amount Stage "Next Step" Comment',
    ],
)
def test_a_header_that_can_be_parted(header: str) -> None:
    table = read(file(header, 1))
    assert (list(table.columns), cells(table)) == (HEADER, ROWS)
    assert any(note.line == 1 and note.kind == "header" and "header is in" not in note.text for note in table.notes)


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("Deal ID,Deal NameAmount,Stage,Close Date,Next Step", ["Deal ID", "Deal Name", "Amount", "Stage"]),
        ("Deal IDName,Amount,Stage,Close Date,Next Step,", ["Deal ID", "Name", "Amount", "Stage"]),
        ("Deal ID,Deal nameamount,Stage,Close Date,Next Step", ["Deal ID", "Deal nameamount", "Stage", "Close Date"]),
        ("Deal ID,DealName,OurStage,Close Date,Next Step", ["Deal ID", "DealName", "OurStage", "Close Date"]),
        ("Id,DealName,Stage,Date,Step", ["Id", "DealName", "Stage", "Date"]),
    ],
)
def test_names_that_ran_together(header: str, names: list[str]) -> None:
    rows = "".join(f"D-{n},Deal {n},{n}00.50,Open,2026-03-{n:02d},go on\n" for n in range(1, 20))
    table = read(header.rstrip(",") + "\n" + rows)
    assert list(table.columns[:4]) == names
    assert len(table.columns) == 6


def test_names_stay_together_where_the_rows_end_in_a_delimiter() -> None:
    rows = "".join(f"{n},Deal {n},{n}00.50,Open,2026-03-{n:02d},\n" for n in range(1, 20))
    table = read("Deal ID,DealName,Stage Name,Close Date,Next Step\n" + rows)
    assert table.columns == ("Deal ID", "DealName", "Stage Name", "Close Date", "Next Step")
    assert "wrong columns" in said(table, "header")
    quoted = read('Id,"Entered ""Won""",Stage,Date,Step\n' + rows)
    assert quoted.columns[1] == 'Entered "Won"'


def test_a_title_of_as_many_words_is_no_header() -> None:
    table = read("Deals of the whole northern region\n" + file(PLAIN))
    assert (list(table.columns), table.preamble) == (HEADER, ("Deals of the whole northern region",))


# --- doubt -----------------------------------------------------------------------------------------------------------

TEXTS = "Name,Topic,Place\n" + "".join(
    f"{a},{b},{c}\n" for a in ("Ann", "Bo b", "C") for b in ("x y", "Zed") for c in "pqr"
)


def test_rows_that_could_be_mended_in_several_ways_are_set_aside() -> None:
    table = read(TEXTS + "one,two,three,four\n")
    assert [(row.line, row.row) for row in table.unplaced] == [(20, ("one", "two", "three", "four"))]
    assert "4 cells where the header has 3" in table.unplaced[0].reason


def test_a_lost_delimiter_that_cannot_be_found_is_set_aside_not_padded() -> None:
    row = [*ROW]
    table = read(file(",".join([row[0] + "0" + row[1], *row[2:4], "soon", ""])))
    assert [found.line for found in table.unplaced] == [12]
    assert "5 cells where the header has 6, and they do not fit" in table.unplaced[0].reason
    assert table.rows_in_file == 30


def test_a_row_of_another_kind_is_set_aside_not_padded() -> None:
    damaged = " / ".join(ROW[:4])
    table = read(file(damaged))
    assert [found.row for found in table.unplaced] == [(damaged,)]


def test_missing_cells_at_the_end_are_still_padded() -> None:
    table = read(file(",".join(ROW[:4])))
    assert cells(table)[10] == [*ROW[:4], "", ""]
    assert "lacks 2 cells at the end" in said(table, "padded")


def test_a_short_row_with_an_unusual_value_is_padded_and_said_so() -> None:
    table = read(file(",".join([*ROW[:3], "Stalled", "Waits"])))
    assert cells(table)[10] == [*ROW[:3], "Stalled", "Waits", ""]
    assert "line 12" in said(table, "padded")


def test_inches_are_no_damage() -> None:
    text = "Id,Part,Price\n" + "".join(f'{n},{n}" pipe,{n}.50\n' for n in range(10, 40))
    table = read(text)
    assert cells(table)[0] == ["10", '10" pipe', "10.50"]
    assert not [note for note in table.notes if note.kind == "repair"]


def test_an_unusual_value_is_no_damage() -> None:
    row = ["x", "TBD", "?", "On hold", 'A 24" frame', "new"]
    table = read(file(",".join(row)))
    assert cells(table)[10] == row
    assert table.unplaced == ()


# --- the parts -------------------------------------------------------------------------------------------------------


def test_forms() -> None:
    assert [form(text) for text in ("MG-8769", "$74.69", "Größe 3", "", "Köln")] == ["A-9", "$9.9", "Aa 9", "", "Aa"]


def test_tokens_are_strict() -> None:
    assert tokens('a,"b ""c"", d",', ",", '"') == [("a", False), ('b "c", d', True), ("", False)]
    assert tokens('a,b "c"', ",", '"') is None
    assert tokens('a,"b"c', ",", '"') is None
    assert tokens('a,"b', ",", '"') is None


@given(st.text(alphabet='ab1,; "', max_size=30))
def test_orderly_lines_are_those_with_tokens(text: str) -> None:
    dialect = Dialect(",")
    assert bool(orderly(dialect).fullmatch(text)) == (tokens(text, ",", '"') is not None)


@settings(max_examples=200)
@given(st.text(alphabet='ABab19-$., ;"\t', max_size=60))
def test_whatever_is_mended_has_the_width_and_all_the_text(text: str) -> None:
    shapes = Shapes(ROWS)
    found = mend_line(text, Dialect(","), 6, shapes)
    if found is not None:
        assert len(found.cells) == 6
        kept = "".join(found.cells)
        for sign in "ABab19-$.":
            assert kept.count(sign) == text.count(sign)


def test_many_damaged_rows_do_not_take_for_ever() -> None:
    body = "".join(",".join(f"w{n} x{m} in no column" for m in range(7)) + "\n" for n in range(2500))
    table = read(file(PLAIN) + 100 * ("\n".join(map(line, ROWS)) + "\n") + body)
    assert table.rows_in_file == 30 + 3000 + 2500
    assert len(table.unplaced) == 2500
