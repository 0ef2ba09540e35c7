"""The states of a store's first deals are held by their versions, and nothing can tell the difference."""

from __future__ import annotations

from pathlib import Path

import pytest

from tas_analytics.ingest.loading.loader import load, undo
from tas_analytics.store import Store, deal_states
from tests.store.stores import contents, csv_text, load_text, prepared

HEADER = [
    "opportunity_id", "name", "account", "owner", "pipeline", "stage", "amount", "probability", "close_date",
    "created_date", "next_step", "status",
]  # fmt: skip
ROWS = [
    [
        "D1",
        "Deal › one",
        "Acme",
        "Ann",
        "New › old",
        "Qualify",
        "100.50",
        "0.2",
        "2026-05-01",
        "2026-01-05",
        "",
        "open",
    ],
    ["D2", "", "Acme", "", "", "Won › late", "", "", "", "", 'Call "Bob"', "won"],
    ["D3", "Deal three", "", "Bob", "Renewal", "Won", "0", "1", "2025-02-01", "2025-01-01", "", ""],
    ["D4", "Deal four", "Été", "Ann", "", "Stage not known", "-5", "0", "2026-02-03", "2027-01-05", "x", ""],
]
LATER = [[*ROWS[0][:6], "200", *ROWS[0][7:]], ROWS[2]]


def states(store: Store) -> list[tuple[object, ...]]:
    return store.rows(
        "select r.natural_key, t.* exclude (record_key) from opportunity_state t "
        "join record r on r.table_name = 'opportunities' and r.record_key = t.record_key order by all"
    )


def held(store: Store) -> int:
    return int(store.value("select count(*) from opportunity_kept where state_hash is not null"))


def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store whose states are all written by themselves."""
    monkeypatch.setattr(deal_states, "can_be_held", lambda _cursor, _given: False)
    store = Store.open(tmp_path / "written.duckdb")
    load_text(store, csv_text(HEADER, ROWS), "d_2026-03-02.csv")
    assert held(store) == 0
    monkeypatch.undo()
    return store


def test_what_versions_hold_is_what_would_be_written(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = written(tmp_path, monkeypatch)
    load_text(store, csv_text(HEADER, ROWS), "d_2026-03-02.csv")
    assert held(store) == len(ROWS)
    assert store.value(f"select count(*) from {deal_states.KEPT}") == 0
    assert states(store) == states(other)
    assert contents(store) == contents(other)
    # A later export, then without it again: only deals that it shows have their states written.
    for one in (store, other):
        load_text(one, csv_text(HEADER, LATER), "d_2026-03-09.csv")
    assert held(store) == 2
    assert states(store) == states(other)
    assert contents(store) == contents(other)
    for one in (store, other):
        undo(one, 2, user="test")
    assert states(store) == states(other)
    assert contents(store) == contents(other)
    # Without the first export nothing is left of what it held.
    for one in (store, other):
        undo(one, 1, user="test")
    assert states(store) == states(other) == []
    assert held(store) == 0
    assert contents(store) == contents(other)
    load_text(store, csv_text(HEADER, ROWS[:1]), "d_2026-03-16.csv")
    assert (held(store), len(states(store))) == (1, 1)
    other.close()


def test_the_same_state_seen_again_is_kept_once(store: Store) -> None:
    load_text(store, csv_text(HEADER, ROWS), "d_2026-03-02.csv")
    load_text(store, csv_text(HEADER, ROWS), "d_2026-03-09.csv")
    before = states(store)
    assert len(before) == len(ROWS)
    undo(store, 1, user="test")
    assert states(store) == before
    contents(store)


def test_an_earlier_export_changes_no_state(store: Store) -> None:
    load_text(store, csv_text(HEADER, ROWS), "d_2026-03-02.csv")
    before = states(store)
    load_text(store, csv_text(["opportunity_id", "stage"], [["D9", "Qualify"]]), "d_2026-02-02.csv")
    assert [row for row in states(store) if row[0] != "D9"] == before
    contents(store)


def test_names_by_id_are_kept_as_the_file_says_them(store: Store) -> None:
    load_text(store, csv_text(["person", "person_id"], [["Ann", "P1"]]), "people.csv")
    load_text(store, csv_text(["opportunity_id", "stage", "owner"], [["D1", "Qualify", "P1"]]), "d_2026-03-02.csv")
    assert held(store) == 0
    assert store.rows("select owner from opportunity_state") == [("P1",)]
    contents(store)


def test_stages_by_id_and_last_open_stages_are_kept_as_the_file_says_them(store: Store) -> None:
    load_text(
        store,
        csv_text(["stage", "stage_id", "position", "probability", "status"], [["Proof", "S4", "4", "0.4", "open"]]),
        "stages.csv",
        as_table="stages",
    )
    header = ["opportunity_id", "stage", "last_open_stage"]
    load_text(store, csv_text(header[:2], [["D1", "S4"]]), "d_2026-03-02.csv")
    assert store.rows("select stage from opportunity_state") == [("S4",)]
    undo(store, 2, user="test")
    load_text(store, csv_text(header, [["D1", "Qualify", "Proof"], ["D2", "Won", "Proof"]]), "d_2026-03-09.csv")
    assert states(store) == [
        ("D1", *states(store)[0][1:-1], "Proof"),
        ("D2", *states(store)[1][1:-1], "Proof"),
    ]
    contents(store)


def test_two_files_at_once_and_a_preview_leave_nothing_pending(store: Store) -> None:
    files = [
        prepared(csv_text(HEADER, ROWS[:2]), "a_2026-03-02.csv"),
        prepared(csv_text(HEADER, [*LATER, ROWS[3]]), "b_2026-03-09.csv"),
    ]
    load(store, files, user="test", dry_run=True)
    assert states(store) == []
    load(store, files, user="test")
    assert [row[0] for row in states(store)] == ["D1", "D1", "D2", "D3", "D4"]
    contents(store)


def test_what_belongs_to_first_deals_finds_them_by_name_in_the_same_go(store: Store) -> None:
    deals = prepared(csv_text(HEADER, ROWS), "d_2026-03-02.csv")
    steps = prepared(csv_text(["opportunity_id", "milestone", "achieved_date"], [["Deal three", "1.1", "2025-01-09"]]),
                     "milestones_2026-03-02.csv", as_table="milestones")  # fmt: skip
    load(store, [steps, deals], user="test")
    assert store.value("select count(*) from milestone_version where opportunity_key is null") == 0
    assert held(store) == len(ROWS)
    contents(store)
