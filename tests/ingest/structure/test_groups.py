"""Grouped reports: the value of a group reaches all its rows, but an empty cell elsewhere stays empty."""

from __future__ import annotations

import pytest

from tests.ingest.tables import cells, kinds, read, said

HEADER = "Stage,Owner,Deal,Amount,Close Date\n"
GROUPED = (
    HEADER
    + "Won,Ann,D-1,100.00,2026-03-01\n,,D-2,200.00,2026-03-02\n,Bob,D-3,300.00,2026-03-03\nSubtotal,,,600.00,\n"
    + "Lost,Ann,D-4,400.00,2026-03-04\n,,D-5,500.00,2026-03-05\nSubtotal,,,900.00,\n"
    + "Open,Eve,D-6,600.00,2026-03-06\nSubtotal,,,600.00,\nGrand Total,,,2100.00,\n"
)


def test_the_value_of_a_group_reaches_its_rows() -> None:
    table = read(GROUPED)
    assert [row[0] for row in cells(table)] == ["Won", "Won", "Won", "Lost", "Lost", "Open"]
    assert 'The column "Stage" has its value in the first row of each group only; 3 empty cells' in said(
        table, "filled"
    )
    (note,) = [note for note in table.notes if note.kind == "filled"]
    assert note.lines == (3, 4, 7)


def test_a_column_with_values_inside_groups_is_left_alone() -> None:
    assert [row[1] for row in cells(read(GROUPED))] == ["Ann", "", "Bob", "Ann", "", "Eve"]


def test_groups_inside_groups() -> None:
    rows = [",".join(row.split(",")[:2] + row.split(",")[2:]) for row in GROUPED.splitlines()]
    rows[3] = ",,D-3,300.00,2026-03-03"
    rows.insert(3, "Subtotal,,,300.00,")
    rows[4] = ",Bob,D-3,300.00,2026-03-03"
    table = read("\n".join(rows))
    assert [row[:2] for row in cells(table)] == [
        ["Won", "Ann"], ["Won", "Ann"], ["Won", "Bob"], ["Lost", "Ann"], ["Lost", "Ann"], ["Open", "Eve"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "".join(line for line in GROUPED.splitlines(keepends=True) if "otal" not in line),
        GROUPED.replace("\n,,D-2", "\nWon,,D-2"),
        GROUPED.replace("Lost,Ann", ",Ann").replace("Open,Eve", ",Eve"),
        GROUPED.replace("Won,Ann", ",Ann"),
    ],
)
def test_without_clear_groups_empty_cells_stay_empty(text: str) -> None:
    table = read(text)
    assert "filled" not in kinds(table)
    assert "" in [row[0] for row in cells(table)]
