"""Every promise is tested by breaking it."""

from __future__ import annotations

import pytest

from tas_analytics.store import Store
from tas_analytics.store.check import check
from tests.store.stores import contents, csv_text, load_text

BREACHES = {
    "records with the same number": "insert into record values ('opportunities', 1, 'D9')",
    "records with the same name": "insert into record values ('opportunities', 99, 'D1')",
    "loads with the same number": "insert into load select * from load where load_id = 1",
    "sightings of a load that is missing or undone": "update load set undone_at = loaded_at where load_id = 2",
    "loads whose rows do not add up": "update load set rows_new = 7 where load_id = 1",
    "loads whose rejected rows are not kept": "delete from reject",
    "stages listed twice": "insert into stage select * from stage",
    "stages of an unknown meaning": "update stage set status = 'maybe'",
    "deals in a stage that is not listed": "delete from stage",
    "stays in a stage of no deal": "insert into stage_spell select 99, * exclude (opportunity_key) from stage_spell",
    "opportunities known in two ways at once": "update opportunity_kept set valid_to = null",
    "opportunities that end before they begin": (
        "update opportunity_kept set valid_to = timestamp '1999-01-01' where valid_to is null"
    ),
    "opportunities without a record": "delete from record where table_name = 'opportunities'",
    "sightings of opportunities in a state that is not kept": "delete from opportunity_state_kept",
    "states of opportunities that no load saw": (
        "insert into opportunity_state_kept select 99, * exclude (record_key) from opportunity_state_kept"
    ),
    "people without a record": "delete from record where table_name = 'people'",
}


@pytest.fixture
def filled(store: Store) -> Store:
    header = ["opportunity_id", "stage", "owner", "amount"]
    rows = [["D1", "Qualify", "Ann", "100"], ["D2", "Qualify", "Bob", "lots"]]
    load_text(store, csv_text(header, rows), "d_2026-01-05.csv")
    load_text(store, csv_text(header, [["D1", "Proposal", "Ann", "100"]]), "d_2026-01-12.csv")
    load_text(store, csv_text(["person", "manager"], [["Ann", "Max"]]), "people.csv")
    return store


def test_a_sound_store_passes(filled: Store) -> None:
    assert check(filled).ok


@pytest.mark.parametrize("promise", BREACHES)
def test_a_planted_breach_is_found(filled: Store, promise: str) -> None:
    with filled.transaction() as cursor:
        cursor.execute(BREACHES[promise])
    problems = check(filled).problems
    assert any(problem.split(" ", 1)[1] == promise for problem in problems), problems


def test_the_contents_change_with_any_fact_and_only_then(filled: Store) -> None:
    before = contents(filled)
    with filled.transaction() as cursor:
        cursor.execute("update load set loaded_by = 'someone else', load_id = load_id")
    assert contents(filled) == before
    with filled.transaction() as cursor:
        cursor.execute("update opportunity_kept set amount = 101 where valid_to is null")
    after = contents(filled)
    assert {name for name in after if after[name] != before[name]} == {"opportunity_version"}
