"""Columns that several headers or none feed, and rows that are no records."""

from __future__ import annotations

import pytest

from tas_analytics.ingest.reading.reader import read_table
from tas_analytics.ingest.structure.texttable import TextTable
from tas_analytics.ingest.understanding.presets import Drop, Recipe, Source
from tas_analytics.ingest.understanding.transforms import Making, add_made, bind, column_of, without_dropped


def table(*rows: str) -> TextTable:
    return read_table(("\n".join(rows) + "\n").encode(), "file.csv")


def made(recipe: Recipe, *rows: str) -> tuple[list[str], str]:
    """The cells of the column made, and what is said of it."""
    text = table(*rows)
    making = bind(recipe, text.columns)
    assert isinstance(making, Making)
    found = add_made(text, [making])
    assert found.columns == (*text.columns, making.header)
    assert found.data.column_names[-1] == "line"
    return column_of(found, making.header).to_pylist(), found.notes[-1].text


def test_a_constant_stands_in_every_row() -> None:
    assert made(Recipe("type", "constant", value="Task"), "A,B", "1,2", "3,4") == (
        ["Task", "Task"], "The type of every row is “Task”.",
    )  # fmt: skip


def test_names_are_put_together_and_blanks_left_out() -> None:
    recipe = Recipe("person", "join", (Source(("First Name",)), Source(("Last Name",))), " ")
    cells, said = made(recipe, "First Name,Last Name,x", "Ada, Lovelace ,1", "(No value),Hopper,2", ",,3", "Alan,n/a,4")
    assert cells == ["Ada Lovelace", "Hopper", "", "Alan"]
    assert said == "The person is put together from “First Name” and “Last Name”."


def test_one_header_of_several_needs_nothing_to_be_made() -> None:
    recipe = Recipe("person", "join", (Source(("First Name",)), Source(("Last Name", "Surname"))), " ")
    assert bind(recipe, ["Surname", "E-mail"]) == "Surname"
    assert bind(recipe, ["E-mail"]) is None


def test_the_first_that_is_filled_counts_under_its_condition() -> None:
    recipe = Recipe(
        "amount", "first_of", (Source(("Actual",), ("Status",), ("won",)), Source(("Estimate",), unless=("none",)))
    )
    cells, said = made(recipe, "Actual,Estimate,Status", "9,10,Won", "9,10,Open", ",10, WON ", "-,none,Open")
    assert cells == ["9", "10", "10", ""]
    assert "“Actual” counts only where “Status” is won" in said
    assert "“none” means no value" in said


def test_a_condition_that_cannot_be_looked_up_counts_only_beside_others() -> None:
    alone = Recipe("lost_reason", "first_of", (Source(("Reason",), ("Status",), ("lost",)),))
    assert bind(alone, ["Reason"]) is None
    both = Recipe("close_date", "first_of", (Source(("Actual",), ("Status",), ("won",)), Source(("Expected",))))
    making = bind(both, ["Actual", "Expected"])
    assert isinstance(making, Making)
    assert [source.where for source in making.sources] == ["", ""]


STATUS = Recipe(
    "status",
    "status",
    (Source(("IsClosed",), ("closed",)), Source(("IsWon",), ("won",)), Source(("IsLost",), ("lost",))),
)


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("IsClosed,IsWon", {"true,true": "won", "true,false": "lost", "TRUE,": "lost", "false,false": "open", ",": "",
                            "0,0": "open", "1,1": "won", "maybe,maybe": ""}),
        ("IsClosed,x", {"true,1": "", "false,1": "open", ",1": ""}),
        ("IsWon,x", {"yes,1": "won", "no,1": "", ",1": ""}),
        ("IsWon,IsLost", {"yes,no": "won", "no,yes": "lost", "no,no": "", "да,нет": "won"}),
    ],
)  # fmt: skip
def test_flags_say_open_won_or_lost_or_nothing(header: str, cells: dict[str, str]) -> None:
    assert made(STATUS, f"{header},y", *(f"{row},1" for row in cells))[0] == list(cells.values())


def test_words_are_translated_and_unknown_ones_said() -> None:
    recipe = Recipe("status", "words", (Source(("Status",)),), words={"open": "open", "abgeschlossen": "won"})
    cells, said = made(recipe, "Status,x", "Open,1", "ABGESCHLOSSEN,2", "Paused,3", ",4")
    assert cells == ["open", "won", "", ""]
    assert said == ("The status is taken from “Status”; 1 cell such as “paused” say nothing of it: left blank.")


def test_a_rate_the_other_way_round_is_turned() -> None:
    cells, _ = made(
        Recipe("rate", "inverse", (Source(("Rate",)),)), "Rate,x", "0.8,1", "4,2", "0,3", "?,4", ",5", "nan,6"
    )
    assert cells == ["1.25", "0.25", "0", "?", "", "nan"]


def test_rows_that_are_no_records_are_set_aside_with_their_line() -> None:
    text = table("Id,Is_Deleted,Name", "1,false,A", "2,TRUE,B", "3, true ,C", "4,,D")
    found = without_dropped(text, [Drop("isDeleted", ("true",), "is deleted"), Drop("Missing", ("x",), "is gone")])
    assert column_of(found, "Id").to_pylist() == ["1", "4"]
    assert [(aside.line, aside.row) for aside in found.unplaced] == [(3, ("2", "TRUE", "B")), (4, ("3", " true ", "C"))]
    assert found.rows_in_file == 4
    assert "2 rows set aside: “Is_Deleted” says that the record is deleted." in [note.text for note in found.notes]


def test_what_is_there_already_is_not_made_again() -> None:
    text = table("A,B", "1,2")
    making = bind(Recipe("type", "constant", value="Task"), text.columns)
    assert isinstance(making, Making)
    once = add_made(text, [making])
    assert add_made(once, [making]) is once
