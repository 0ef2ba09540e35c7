"""Entering milestones and activities: what is brought along, what is kept, and what two people do to each other."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tas_analytics.errors import TasError
from tas_analytics.ingest.loading.loader import load
from tas_analytics.ingest.planning.plan import Options, prepare
from tas_analytics.method.plans import CALENDAR
from tas_analytics.metrics import activities, milestones, plans
from tas_analytics.store.check import check
from tas_analytics.store.database import Store
from tas_analytics.ui import deal_work as work
from tests.metrics.small import store_of

DAY = dt.date(2026, 1, 31)
#: After all files of these tests.
LATER = dt.date(2026, 2, 28)
DEALS = "opportunity_id,name,stage,amount,owner\nA,Alpha *one*,Talk,100,Bob\nB,Beta,Talk,100,Bob\n"
#: A file without IDs, which names its deal by name.
TASKS = (
    "opportunity_id,subject,type,status,due_date,owner,note\n"
    "Alpha *one*,Call them,Call,Planned,2026-02-05,Bob,old note\n"
)
DEAL = {"id": "A", "owner": "Bob", "manager": "Cas"}


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store that every test begins with, made once and closed."""
    path = tmp_path_factory.mktemp("work") / "loaded.duckdb"
    store_of(path, {"opportunities_2026-01-31.csv": DEALS, "activities.csv": TASKS}).close()
    return path


@pytest.fixture
def store(loaded: Path, tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(Path(shutil.copy(loaded, tmp_path / "s.duckdb")))
    yield opened
    assert check(opened).problems == ()
    opened.close()


def tasks(store: Store, day: dt.date = LATER) -> list[dict[str, Any]]:
    return [{str(k): v for k, v in row.items()} for row in activities.of_deal(store, day, "A").to_dict("records")]


def next_file(store: Store, day: str, text: str, table: str = "activities") -> None:
    """The CRM's next export of a table."""
    options = Options(as_table=table, as_of=dt.date.fromisoformat(day))
    load(store, [prepare(text.encode(), f"{table}.csv", options)], user="CRM")


def task(store: Store, subject: str) -> dict[str, Any]:
    return next(row for row in tasks(store) if str(row["subject"]).startswith(subject))


def steps(store: Store) -> list[dict[str, Any]]:
    return [{str(k): v for k, v in row.items()} for row in milestones.of_deal(store, LATER, "A").to_dict("records")]


def offering(store: Store) -> work.Change:
    values = {"target_date": dt.date(2026, 3, 31), "contact": "Ann Customer"}
    plan = plans.of_milestone(plans.plans(store)["request_offering"])
    return work.add_milestone(store, DEAL, "Request Offering", values, plan, today=DAY, author="Dana")


def test_the_example_of_the_method_works_as_written(store: Store) -> None:
    change = offering(store)
    assert change.words == "Added Request Offering with 4 activities"
    brought = [row for row in tasks(store) if row["milestone"] == "Request Offering"]
    assert len(brought) == 4
    assert {row["owner"] for row in brought} == {"Dana"}
    assert work.as_day(task(store, "Understand")["due_date"]) == dt.date(2026, 3, 17)
    work.edit_activity(
        store,
        task(store, "Define"),
        task(store, "Define"),
        {"subject": "Define it *with* the CFO"},
        today=DAY,
        author="Dana",
    )
    delegated = work.edit_activity(
        store, row := task(store, "Develop"), row, {"owner": "Eve"}, today=DAY, author="Dana"
    )
    assert delegated is not None
    assert delegated.words.endswith("is now Eve's")
    work.delete(store, "activities", task(store, "Complete"), author="Dana")
    start = dt.datetime.fromisoformat("2026-03-17 10:00")
    work.edit_activity(store, row := task(store, "Understand"), row, {"start_date": start}, today=DAY, author="Dana")
    left = {row["subject"]: row for row in tasks(store) if row["milestone"] == "Request Offering"}
    assert set(left) == {
        "Understand the opportunity: the problem, who raised it, what it is part of", "Define it *with* the CFO",
        "Develop the organisation map of the customer's business",
    }  # fmt: skip
    moved = task(store, "Understand")
    assert (moved["display"], moved["start_date"].to_pydatetime()) == (CALENDAR, start)
    assert task(store, "Develop")["created_by"] == "Dana"


def test_taking_back_an_event_takes_its_activities_along(store: Store) -> None:
    change = offering(store)
    work.take_back(store, change, author="Dana")
    assert steps(store) == []
    assert [row["subject"] for row in tasks(store)] == ["Call them"]
    with pytest.raises(TasError, match="undone already"):
        work.take_back(store, change, author="Dana")


def test_an_event_and_its_plan_come_both_or_not_at_all(store: Store) -> None:
    bad = plans.of_milestone(plans.plans(store)["request_offering"])
    with pytest.raises(TasError):
        work.add_milestone(store, DEAL, " ", {}, bad, today=DAY, author="Dana")
    assert steps(store) == []
    assert len(tasks(store)) == 1


def test_two_people_who_change_different_things_lose_nothing(store: Store) -> None:
    offering(store)
    seen = steps(store)[0]
    work.edit_milestone(store, seen, steps(store)[0], {**seen, "evidence": "E-mail of 3 Feb"}, author="Dana")
    work.edit_milestone(store, seen, steps(store)[0], {**seen, "contact": "Ben Customer"}, author="Eve")
    now = steps(store)[0]
    assert (now["evidence"], now["contact"], now["entered_by"]) == ("E-mail of 3 Feb", "Ben Customer", "Eve")
    shown = task(store, "Define")
    work.edit_activity(store, shown, task(store, "Define"), {**shown, "note": "by phone"}, today=DAY, author="Dana")
    work.edit_activity(store, shown, task(store, "Define"), {**shown, "priority": "High"}, today=DAY, author="Eve")
    assert (task(store, "Define")["note"], task(store, "Define")["priority"]) == ("by phone", "High")


def test_who_changes_the_same_thing_later_is_told(store: Store) -> None:
    offering(store)
    seen = steps(store)[0]
    work.edit_milestone(store, seen, steps(store)[0], {**seen, "contact": "Ben"}, author="Dana")
    with pytest.raises(work.Stale, match="changed meanwhile by Dana") as told:
        work.edit_milestone(store, seen, steps(store)[0], {**seen, "contact": "Cid"}, author="Eve")
    assert "contact: Ben" in told.value.hint
    work.edit_milestone(store, seen, steps(store)[0], {**seen, "contact": "Cid"}, author="Eve", anyway=True)
    assert steps(store)[0]["contact"] == "Cid"
    work.delete(store, "milestones", steps(store)[0], author="Dana")
    with pytest.raises(work.Stale, match="taken away"):
        work.edit_milestone(store, seen, None, {**seen, "contact": "Ed"}, author="Eve")


def test_nothing_changed_enters_nothing(store: Store) -> None:
    offering(store)
    before = store.data_version
    seen, shown = steps(store)[0], task(store, "Define")
    assert work.edit_milestone(store, seen, seen, dict(seen), author="Dana") is None
    assert work.edit_activity(store, shown, shown, dict(shown), today=DAY, author="Dana") is None
    assert store.data_version == before


def test_an_activity_without_an_id_keeps_all_that_is_known_of_it(store: Store) -> None:
    row = task(store, "Call them")
    work.edit_activity(store, row, row, {"priority": "High"}, today=DAY, author="Dana")
    assert [(t["subject"], t["note"], t["priority"]) for t in tasks(store)] == [("Call them", "old note", "High")]
    row = task(store, "Call them")
    change = work.edit_activity(store, row, row, {"owner": "Eve"}, today=DAY, author="Dana")
    (only,) = tasks(store)
    assert (only["subject"], only["owner"], only["note"], only["priority"]) == ("Call them", "Eve", "old note", "High")
    assert only["record"] == row["record"]
    assert change is not None
    work.take_back(store, change, author="Dana")
    assert [t["owner"] for t in tasks(store)] == ["Bob"]


def test_an_activity_without_an_id_is_found_again_by_the_next_file(store: Store) -> None:
    """Edited, delegated and moved here, it is one activity still; what the CRM changes since then counts."""
    row = task(store, "Call them")
    values = {"subject": "Call *them* again", "owner": "Eve", "due_date": dt.date(2026, 2, 9)}
    work.edit_activity(store, row, row, values, today=DAY, author="Dana")
    next_file(store, "2026-02-07", TASKS)
    (only,) = tasks(store)
    assert (only["subject"], only["owner"], work.as_day(only["due_date"]), only["note"]) == (
        "Call *them* again", "Eve", dt.date(2026, 2, 9), "old note",
    )  # fmt: skip
    next_file(store, "2026-02-14", TASKS.replace("Planned", "In progress").replace("old note", "a *new* note"))
    (only,) = tasks(store)
    assert (only["subject"], only["owner"], only["status"], only["note"]) == (
        "Call *them* again", "Eve", "In progress", "a *new* note",
    )  # fmt: skip


@pytest.mark.parametrize("days", [("2026-02-07", "2026-02-14"), ("2026-02-14", "2026-02-07")], ids=["in order", "not"])
def test_what_was_removed_here_comes_back_only_with_news(store: Store, days: tuple[str, str]) -> None:
    work.delete(store, "activities", task(store, "Call them"), author="Dana")
    texts = {"2026-02-07": TASKS, "2026-02-14": TASKS.replace("old note", "They asked for us")}
    next_file(store, days[0], texts[days[0]])
    assert len(tasks(store, dt.date(2026, 2, 7))) == 0
    next_file(store, days[1], texts[days[1]])
    assert len(tasks(store, dt.date(2026, 2, 7))) == 0
    (back,) = tasks(store)
    assert (back["subject"], back["note"]) == ("Call them", "They asked for us")


def test_what_a_file_repeats_takes_back_no_entry_of_a_milestone(store: Store) -> None:
    said = "opportunity_id,milestone,target_date,contact\nA,NDA received,2026-02-20,Ann\n"
    next_file(store, "2026-01-31", said, "milestones")
    (row,) = steps(store)
    work.edit_milestone(store, row, row, {"target_date": dt.date(2026, 3, 1)}, author="Dana")
    next_file(store, "2026-02-08", said.replace("Ann", "Ben"), "milestones")
    (row,) = steps(store)
    assert (work.as_day(row["target_date"]), row["contact"]) == (dt.date(2026, 3, 1), "Ben")
    next_file(store, "2026-02-15", said.replace("02-20", "04-01"), "milestones")
    assert work.as_day(steps(store)[0]["target_date"]) == dt.date(2026, 4, 1)


def test_what_is_said_to_be_done_is_done_today(store: Store) -> None:
    row = task(store, "Call them")
    work.edit_activity(store, row, row, {**row, "status": "Erledigt"}, today=DAY, author="Dana")
    row = task(store, "Call them")
    assert (row["status"], work.as_day(row["done_date"]), row["is_done"]) == ("Erledigt", DAY, True)
    work.edit_activity(store, row, row, {**row, "status": "In progress"}, today=DAY, author="Dana")
    row = task(store, "Call them")
    assert (work.as_day(row["done_date"]), row["is_open"]) == (None, True)
    earlier = DAY - dt.timedelta(days=3)
    work.edit_activity(store, row, row, {**row, "done_date": earlier}, today=DAY, author="Dana")
    row = task(store, "Call them")
    assert (row["status"], work.as_day(row["done_date"])) == ("Done", earlier)
    work.add_activity(store, "A", {"subject": "Met them", "status": "Done"}, today=DAY, author="Dana")
    assert work.as_day(task(store, "Met them")["done_date"]) == DAY


def test_what_is_in_the_calendar_needs_a_start(store: Store) -> None:
    with pytest.raises(TasError, match="needs a start"):
        work.add_activity(store, "A", {"subject": "Meet", "display": CALENDAR}, today=DAY, author="Dana")
    with pytest.raises(TasError, match="no text"):
        work.add_activity(store, "A", {"subject": "  "}, today=DAY, author="Dana")
    work.add_activity(store, "A", {"subject": "Meet"}, today=DAY, author="Dana")
    row = task(store, "Meet")
    assert (row["owner"], row["created_by"]) == ("Dana", "Dana")
    with pytest.raises(TasError, match="needs a start"):
        work.edit_activity(store, row, row, {"display": CALENDAR}, today=DAY, author="Dana")


def test_what_gets_a_start_goes_into_the_calendar_unless_told_otherwise(store: Store) -> None:
    start = dt.datetime.fromisoformat("2026-03-17 10:00")
    work.add_activity(store, "A", {"subject": "Meet", "display": "activity"}, today=DAY, author="Dana")
    row = task(store, "Meet")
    work.edit_activity(store, row, row, {"start_date": start, "display": "to do"}, today=DAY, author="Dana")
    assert task(store, "Meet")["display"] == "to do"
    row = task(store, "Meet")
    change = work.edit_activity(store, row, row, {"display": "Calendar & Activities"}, today=DAY, author="Dana")
    row = task(store, "Meet")
    moved = work.edit_activity(store, row, row, {"start_date": start + dt.timedelta(days=7)}, today=DAY, author="Dana")
    assert task(store, "Meet")["display"] == "Calendar & Activities", "the company's own spelling stays"
    assert change is not None
    assert moved is not None
    assert moved.words == "Changed “Meet”: start"


def test_what_was_withdrawn_and_is_added_again_starts_afresh(store: Store) -> None:
    offering(store)
    work.delete(store, "milestones", steps(store)[0], author="Dana")
    assert steps(store) == []
    work.add_milestone(store, DEAL, "Request Offering", {}, [], today=DAY, author="Eve")
    (again,) = steps(store)
    assert (again["contact"], work.as_day(again["target_date"])) == (None, None)


def test_a_name_that_is_begun_means_the_only_one_that_begins_so() -> None:
    people = ["Ann Lee", "Ann Marie", "Bob Lee"]
    typed = ("Bob", "bob lee", "Ann", "Ann Lee", "Zoe", None, " ")
    assert [work.meant(one, people) for one in typed] == ["Bob Lee", "Bob Lee", "Ann", "Ann Lee", "Zoe", None, None]


def test_warnings_are_ticked_and_cleared(store: Store) -> None:
    work.see_warning(store, "A", "delays", "Dates keep moving", holds=True, today=DAY, author="Dana")
    assert plans.warnings_of(store, DAY, "A") == {"delays": (DAY, "Dana", None)}
    work.see_warning(store, "A", "delays", "Dates keep moving", holds=False, today=DAY, author="Eve")
    assert plans.warnings_of(store, DAY, "A") == {}
