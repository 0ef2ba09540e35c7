"""What people enter in the app: a load like any other, with an author, that can be taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from tas_analytics.errors import TasError, UnknownRecord, UnknownTable
from tas_analytics.ingest.loading.entry import NAME, enter, withdraw
from tas_analytics.ingest.loading.loader import undo
from tas_analytics.store import Store
from tests.store.stores import contents, load_text

DAY = dt.date(2026, 11, 16)
DEALS = "opportunity_id,stage,amount\nD1,Qualify,100\nD2,Proof,200\n"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path / "store.duckdb")
    load_text(opened, DEALS, "deals_2026-11-16.csv")
    yield opened
    opened.close()


def milestones(store: Store) -> list[tuple[object, ...]]:
    """What is known of milestones now, by deal and name."""
    return store.rows(
        "select d.natural_key, milestone, description, target_date, achieved_date from milestone_version v "
        "left join record d on d.table_name = 'opportunities' and d.record_key = v.opportunity_key "
        "where valid_to is null order by 1, 2"
    )


def test_an_entry_is_a_load_with_an_author_of_the_newest_exports_day(store: Store) -> None:
    number = enter(
        store,
        "milestones",
        [{"opportunity_id": "D1", "milestone": "NDA received", "achieved_date": DAY}],
        author="Dana",
    )
    assert milestones(store) == [("D1", "NDA received", None, None, DAY)]
    assert store.rows(
        "select file_name, source, loaded_by, as_of, rows_new from load where load_id = $n", {"n": number}
    ) == [(NAME, "app", "Dana", DAY, 1)]
    contents(store)


def test_the_same_entry_again_after_another_counts(store: Store) -> None:
    for rating in ("+", "-", "+"):
        row = {"opportunity_id": "D1", "competitor": None, "criterion": 5, "rating": rating, "assessed_on": DAY}
        enter(store, "assessments", [row], author="Dana")
        assert store.rows("select rating from assessment_version where valid_to is null") == [(rating,)]
    assert store.value("select count(*) from load where source = 'app'") == 3
    contents(store)


def test_columns_that_are_not_named_keep_what_was_known_and_none_blanks(store: Store) -> None:
    key = {"opportunity_id": "D1", "milestone": "NDA received"}
    enter(store, "milestones", [key | {"description": "mutual", "target_date": DAY}], author="Dana")
    enter(store, "milestones", [key | {"achieved_date": DAY}], author="Eli")
    assert milestones(store) == [("D1", "NDA received", "mutual", DAY, DAY)]
    enter(store, "milestones", [key | {"target_date": None}], author="Dana")
    assert milestones(store) == [("D1", "NDA received", "mutual", None, DAY)]
    contents(store)


def test_values_of_every_kind_arrive_as_they_are(store: Store) -> None:
    row: dict[str, object] = {
        "opportunity_id": "D1", "type": "Call", "subject": "=cmd | <b>*x*</b>, \"quoted\"\nnext line", "owner": "Eli",
        "start_date": dt.datetime.fromisoformat("2026-11-17 09:30"), "due_date": DAY, "display": None,
    }  # fmt: skip
    enter(store, "activities", [row], author="Dana")
    assert store.rows(
        "select type, subject, owner, start_date, due_date, display from activity_version where valid_to is null"
    ) == [("Call", row["subject"], "Eli", row["start_date"], DAY, None)]
    stage = {"stage": "Qualify", "probability": 0.07, "position": 1.5, "status": "open"}
    enter(store, "stages", [stage], author="Dana")
    assert store.rows("select probability, position from stage_version where valid_to is null") == [(0.07, 1.5)]
    enter(store, "competitors", [{"opportunity_id": "D1", "competitor": "Rival", "incumbent": True}], author="Dana")
    assert store.rows("select incumbent from competitor_version where valid_to is null") == [(True,)]
    contents(store)


def test_what_cannot_be_taken_is_refused_and_nothing_changes(store: Store) -> None:
    before = contents(store)
    version = store.data_version
    good = {"opportunity_id": "D1", "criterion": "5", "rating": "+"}
    with pytest.raises(TasError, match="Rating of 'perhaps'"):
        enter(store, "assessments", [good, good | {"criterion": "6", "rating": "perhaps"}], author="Dana")
    with pytest.raises(TasError, match="is blank"):
        enter(store, "assessments", [good | {"rating": None}], author="Dana")
    with pytest.raises(TasError, match="nothing to enter"):
        enter(store, "assessments", [], author="Dana")
    with pytest.raises(UnknownTable):
        enter(store, "nonsense", [good], author="Dana")
    with pytest.raises(UnknownTable, match="no column"):
        enter(store, "assessments", [good | {"colour": "red"}], author="Dana")
    with pytest.raises(TasError, match="Rating"):
        enter(store, "assessments", [{"opportunity_id": "D1", "criterion": "5"}], author="Dana")
    with pytest.raises(ValueError, match="same columns"):
        enter(store, "assessments", [good, {"opportunity_id": "D2"}], author="Dana")
    assert contents(store) == before
    assert store.data_version == version


def test_what_is_withdrawn_is_gone_until_it_is_entered_again(store: Store) -> None:
    file = "opportunity_id,milestone,achieved_date\nD1,NDA received,2026-11-02\nD2,NDA received,2026-11-03\n"
    load_text(store, file, "milestones_2026-11-09.csv")
    before = contents(store)
    number = withdraw(store, "milestones", ["D1 | NDA received"], author="Dana")
    assert [row[0] for row in milestones(store)] == ["D2"]
    assert store.rows("select valid_to from milestone_version where opportunity_id = 'D1'") == [
        (dt.datetime.fromisoformat("2026-11-16"),)
    ]  # what was known on earlier days stays known
    contents(store)
    undo(store, number)
    assert contents(store) == before
    withdraw(store, "milestones", ["D1 | NDA received"], author="Dana")
    enter(
        store, "milestones", [{"opportunity_id": "D1", "milestone": "NDA received", "achieved_date": None}], author="D"
    )
    assert milestones(store)[0] == ("D1", "NDA received", None, None, None)
    contents(store)


def test_what_was_entered_and_withdrawn_on_one_day_leaves_no_trace_among_the_versions(store: Store) -> None:
    enter(store, "milestones", [{"opportunity_id": "D1", "milestone": "Typo"}], author="Dana")
    withdraw(store, "milestones", ["D1 | Typo"], author="Dana")
    assert milestones(store) == []
    load_text(store, "opportunity_id,stage,amount\nD1,Develop,100\n", "deals_2026-11-23.csv")
    assert milestones(store) == []
    contents(store)


def test_only_what_is_there_can_be_withdrawn(store: Store) -> None:
    before = contents(store)
    with pytest.raises(UnknownRecord, match="Nothing was named"):
        withdraw(store, "milestones", [], author="Dana")
    with pytest.raises(UnknownRecord, match="no 'D1"):
        withdraw(store, "milestones", ["D1 | NDA received"], author="Dana")
    with pytest.raises(UnknownRecord, match="Deals"):
        withdraw(store, "opportunities", ["D1"], author="Dana")
    assert contents(store) == before


def test_an_entry_in_a_store_without_deals_waits_for_them(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "empty.duckdb")
    enter(
        store, "milestones", [{"opportunity_id": "D1", "milestone": "NDA received", "achieved_date": DAY}], author="D"
    )
    assert milestones(store) == [(None, "NDA received", None, None, DAY)]
    load_text(store, DEALS, "deals_2026-11-16.csv")
    assert milestones(store) == [("D1", "NDA received", None, None, DAY)]
    contents(store)
    store.close()
