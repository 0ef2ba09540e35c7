"""What the place of a file in the inbox, and a mapping beside it, say of it."""

from __future__ import annotations

import json

import pytest

from tas_analytics.ingest.receiving.inbox import QUIET, Inbox
from tas_analytics.store import Store
from tests.ingest.boxes import GOOD, LATER, Time, drop, found, loaded, settle
from tests.store.stores import deals


def test_a_folder_named_like_a_table_says_what_its_files_are(box: Inbox, store: Store, clock: Time) -> None:
    drop(box, "people/list.csv", "name\nAnn\n")
    drop(box, "Complete/Opportunities/deals_2026-02-02.csv", GOOD)
    drop(box, "emea/deals_2026-02-09.csv", LATER)
    outcomes = settle(box, store, clock)
    assert [str(outcome.error) for outcome in outcomes if outcome.error] == []
    assert store.rows("select file_name, table_name, complete from load order by file_name") == [
        ("deals_2026-02-02.csv", "opportunities", True),
        ("deals_2026-02-09.csv", "opportunities", False),
        ("list.csv", "people", False),
    ]
    assert [name for name in loaded(box) if name.endswith(".csv")] == [
        "Complete/Opportunities/deals_2026-02-02.csv", "emea/deals_2026-02-09.csv", "people/list.csv",
    ]  # fmt: skip


STRANGE = "Nummer,Phasenname,Wert\nD1,Qualify,12\n"
MAPPING = json.dumps(
    {"table": "opportunities", "columns": {"opportunity_id": "Nummer", "stage": "Phasenname", "amount": "Wert"}}
)


@pytest.mark.parametrize("name", ["strange.csv.mapping.json", "strange.mapping.json", "mapping.json"])
def test_a_mapping_beside_the_file_is_used(box: Inbox, store: Store, clock: Time, name: str) -> None:
    drop(box, "weekly/strange.csv", STRANGE)
    drop(box, f"weekly/{name}", MAPPING)
    (outcome,) = settle(box, store, clock)
    assert outcome.error is None
    assert deals(store, "opportunity_id", "amount") == [{"opportunity_id": "D1", "amount": 12}]
    stays = name == "mapping.json"
    assert (box.folder / "weekly" / name).exists() is stays, "a folder's mapping serves the next file too"
    assert ("weekly/strange.csv.mapping.json" in loaded(box)) is not stays


def test_a_mapping_that_cannot_be_read_refuses_its_file_and_says_why(box: Inbox, store: Store, clock: Time) -> None:
    drop(box, "strange.csv", STRANGE)
    drop(box, "strange.csv.mapping.json", '{"columns": 1')
    (outcome,) = settle(box, store, clock)
    assert outcome.error is not None
    assert "mapping" in outcome.error.title
    assert "strange.csv.mapping.json" in found(box, "refused")


def test_a_file_waits_for_a_mapping_that_is_still_being_written(box: Inbox, store: Store, clock: Time) -> None:
    drop(box, "strange.csv", STRANGE)
    box.look(store)
    clock.pass_by(QUIET)
    drop(box, "strange.csv.mapping.json", MAPPING)
    assert box.look(store) == []
    clock.pass_by(QUIET)
    (outcome,) = box.look(store)
    assert outcome.error is None
