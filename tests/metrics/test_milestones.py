"""Milestones and activities as known on a day, against the raw files and against cases worked out by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from tas_analytics.ingest.loading.entry import enter, withdraw
from tas_analytics.metrics import activities, milestones, plans, reached
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.measure import measure
from tas_analytics.metrics.scope import Scope
from tas_analytics.metrics.steps import Origin
from tas_analytics.store.database import Store
from tests.metrics.small import store_of
from tests.sample.raw import read_table

DAY = dt.date(2026, 11, 16)
DEALS = """opportunity_id,name,stage,amount,close_date,created_date
A,Alpha,Talk,100,2026-06-30,2026-01-01
B,Beta *bold*,Offer,200,2026-06-30,2026-01-05
C,Gamma,Lost,300,2026-02-10,2026-01-06
"""
EVENTS = """opportunity_id,milestone,target_date,achieved_date,contact
A,NDA received,2026-01-20,,Ann
A,Shortlisted,2026-03-01,2026-02-01,
A,Short-listed,2026-02-20,2026-02-05,
B,NDA received,2026-02-20,2026-01-15,
B,Board approval,2026-02-01,2026-02-20,
C,NDA received,2026-01-20,,
Z,NDA received,2026-01-20,,
"""
TASKS = """activity_id,opportunity_id,subject,type,status,start_date,due_date,done_date,owner
1,A,late,Call,Planned,,2026-01-30,,Ann
2,A,due today,Call,Planned,,2026-01-31,,Ann
3,A,done,Call,Done,,2026-01-10,2026-01-12,Ann
4,A,done by its word,Call,erledigt,,2026-01-10,,Bob
5,A,called off,Call,Cancelled,,2026-01-10,,Bob
6,A,a note,Note,,2026-01-10,2026-01-10,,Bob
7,A,logged call,Call,,2026-01-10,,,Bob
8,B,done tomorrow,Call,,,2026-01-20,2026-02-01,Ann
9,C,of a lost deal,Call,Planned,,2026-01-10,,Ann
10,,without a deal,To do,Planned,,2026-01-09,,Ann
11,B,meeting gone by,Meeting,Planned,2026-01-30 09:00,,,Bob
12,B,meeting ahead,Meeting,,2026-02-10 09:00,,,Bob
13,B,what came of it,Call,No answer,2026-01-12 09:00,,,Bob
"""


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Store]:
    files = {"opportunities_2026-01-31.csv": DEALS, "milestones.csv": EVENTS, "activities.csv": TASKS}
    store = store_of(tmp_path / "small.duckdb", files)
    yield store
    store.close()


def told(store: Store, day: dt.date, origin: Origin = "milestones") -> set[tuple[object, ...]]:
    code = "t.code" if origin == "milestones" else "s.stage"
    return set(
        store.rows(
            f"select o.natural_key, {code}, m.target_date, m.achieved_date, m.is_reached "
            f"from ({reached.reached(day, origin)}) m "
            "join record o on o.table_name = 'opportunities' and o.record_key = m.deal_key "
            "left join milestone_type t using (milestone_key) left join stage s on s.stage_key = m.milestone_key"
        )
    )


def test_reached_is_what_was_achieved_by_the_day_once_per_deal_and_milestone(small: Store) -> None:
    assert told(small, dt.date(2026, 2, 3)) == {
        ("A", "nda_received", dt.date(2026, 1, 20), None, False),
        ("A", "short_listed", dt.date(2026, 2, 20), dt.date(2026, 2, 1), True),
        ("B", "nda_received", dt.date(2026, 2, 20), dt.date(2026, 1, 15), True),
        ("B", "board_approval", dt.date(2026, 2, 1), None, False),
        ("C", "nda_received", dt.date(2026, 1, 20), None, False),
    }
    wanted = "select record_key from record where table_name = 'opportunities' and natural_key = 'B'"
    rows = small.rows(f"select count(*) from ({reached.reached(DAY, only=wanted)})")
    assert rows == [(2,)]


def test_overdue_is_past_its_target_not_reached_and_of_an_open_deal(small: Store) -> None:
    day = dt.date(2026, 1, 31)
    found = milestones.of_deal(small, day, "A").set_index("milestone")
    assert found[["is_overdue", "days_late", "contact"]].iloc[0].tolist() == [True, 11, "Ann"]
    assert list(found.index) == ["NDA received", "Short-listed", "Short-listed"]  # the catalogue's names and order
    assert list(milestones.of_deal(small, day, "C")["is_overdue"]) == [False]
    assert True not in set(milestones.of_deal(small, dt.date(2026, 1, 20), "A")["is_overdue"])
    assert list(milestones.of_deal(small, day, "B")["milestone"]) == ["NDA received", "Board approval"]
    assert milestones.of_deal(small, day, "nobody").empty


def test_stages_stand_for_milestones_only_where_none_are_recorded(tmp_path: Path, small: Store) -> None:
    assert Company.of(small).steps.origin == "milestones"
    store = store_of(
        tmp_path / "bare.duckdb",
        {
            "opportunities_2026-01-31.csv": DEALS,
            "opportunities_2026-02-28.csv": DEALS.replace("A,Alpha,Talk", "A,Alpha,Won"),
        },
    )
    assert Company.of(store).steps.names == ("Talk", "Offer")
    january = {row[:2] for row in told(store, dt.date(2026, 1, 31), "stages")}
    assert january == {("A", "Talk"), ("B", "Offer")}  # lost is no milestone
    everything = told(store, dt.date(2026, 2, 28), "stages")
    assert {row[:2] for row in everything} == {("A", "Talk"), ("A", "Won"), ("B", "Offer")}
    assert all(row[4] for row in everything)
    assert list(milestones.derived_of_deal(store, dt.date(2026, 2, 28), "A")["milestone"]) == ["Talk", "Won"]
    store.close()


def test_a_stage_whose_day_lies_ahead_is_reached_on_a_day_not_known(tmp_path: Path) -> None:
    deals = "opportunity_id,stage,stage_entered,created_date\nA,Offer,2026-03-05,2026-01-01\n"
    store = store_of(tmp_path / "ahead.duckdb", {"opportunities_2026-01-31.csv": deals})
    january = milestones.derived_of_deal(store, dt.date(2026, 1, 31), "A")
    assert list(january["milestone"]) == ["Offer"]
    assert january["achieved_date"].isna().all()
    # The funnel counts the same, and no day that has not come goes into its medians.
    keys = ["milestone_reached", "milestone_timed"]
    funnel = measure(store, keys, Scope(dt.date(2026, 1, 31)), ["milestone"]).set_index("milestone")
    assert list(funnel.loc["Offer"]) == [1, 0]
    store.close()


def test_the_funnel_and_the_deal_tell_the_same_derived_milestones(tmp_path: Path) -> None:
    """Days from a history, a stage left within the day, and a deal that was moved to another pipeline."""
    deals = (
        "opportunity_id,pipeline,stage,created_date,close_date\n"
        "A,New,Pilot,2026-01-01,\nB,New,Won,2026-01-01,2026-01-25\nC,Old,Offer,2026-01-01,\n"
    )
    history = (
        "opportunity_id,pipeline,stage,changed_at\n"
        "A,Old,Talk,2026-01-02 09:00\nA,Old,Offer,2026-01-05 09:00\nA,New,Pilot,2026-01-20 09:00\n"
        "B,New,Talk,2026-01-02 09:00\nB,New,Pilot,2026-01-02 09:00\nB,New,Won,2026-01-25 09:00\n"
        "C,Old,Offer,2026-01-09 09:00\n"
    )
    stages = (
        "pipeline,stage,position,probability,status\n"
        "Old,Talk,1,0.2,open\nOld,Offer,2,0.5,open\nOld,Signing,3,0.8,open\n"
        "New,Talk,1,0.2,open\nNew,Pilot,2,0.5,open\nNew,Won,3,1,won\n"
    )
    files = {"opportunities_2026-01-31.csv": deals, "history.csv": history, "stages.csv": stages}
    store = store_of(tmp_path / "moved.duckdb", files)
    day = dt.date(2026, 1, 31)
    of_a = milestones.derived_of_deal(store, day, "A").set_index("milestone")["achieved_date"]
    assert of_a.dt.day.to_dict() == {"Old › Talk": 2, "Old › Offer": 5, "New › Pilot": 20}
    of_b = milestones.derived_of_deal(store, day, "B").set_index("milestone")["achieved_date"]
    assert of_b.dt.day.to_dict() == {"New › Talk": 2, "New › Pilot": 2, "New › Won": 25}
    # In the funnel a deal stands in the pipeline that it is in now: A has skipped Talk there, and reached no Offer.
    keys = ["milestone_reached", "milestone_skipped"]
    funnel = measure(store, keys, Scope(day), ["pipeline", "milestone"])
    assert funnel.to_numpy().tolist() == [
        ["New", None, 2, 0], ["New", "Talk", 2, 1], ["New", "Pilot", 2, 0],
        ["Old", None, 1, 0], ["Old", "Talk", 1, 1], ["Old", "Offer", 1, 0],
    ]  # fmt: skip
    store.close()


def test_an_empty_store_has_the_default_catalogue_and_nothing_else(empty_store: Store) -> None:
    assert len(milestones.types(empty_store)) == 23
    assert milestones.resolver(empty_store).find("shortlisted") == "short_listed"
    assert Company.of(empty_store).steps.origin == "none"
    assert plans.warning_counts(empty_store, DAY).empty
    assert activities.open_ones(empty_store, Company.of(empty_store), Scope(DAY)).empty


def test_which_activities_are_open_and_which_overdue(small: Store) -> None:
    company, scope = Company.of(small), Scope(dt.date(2026, 1, 31))
    found = activities.open_ones(small, company, scope)
    assert dict(zip(found["subject"], found["is_overdue"], strict=True)) == {
        "without a deal": True, "done tomorrow": True, "late": True, "meeting gone by": True, "due today": False,
        "meeting ahead": False,
    }  # fmt: skip
    assert found["subject"].iloc[0] == "without a deal"  # the longest overdue first
    assert found.set_index("subject").loc["late", "days_late"] == 1
    later = activities.open_ones(small, company, scope.on(dt.date(2026, 2, 1)))
    assert "done tomorrow" not in set(later["subject"])
    filtered = activities.open_ones(small, company, scope.where("deal", "B"))
    assert set(filtered["subject"]) == {"done tomorrow", "meeting gone by", "meeting ahead"}
    assert set(filtered["deal"]) == {"Beta *bold*"}
    everything = activities.of_deal(small, dt.date(2026, 1, 31), "A")
    assert len(everything) == 7
    assert everything.set_index("subject")["is_done"].to_dict()["done by its word"]


def test_a_companys_plan_replaces_the_default_one_of_its_milestone(small: Store) -> None:
    assert len(plans.plans(small)["request_offering"]) == 4
    enter(
        small,
        "activity_plans",
        [{"step_id": "ours-1", "milestone": "RFP received", "subject": "Read it *twice*", "lead_days": 3}],
        author="Ann",
    )
    found = plans.plans(small)
    assert [step.subject for step in found["request_offering"]] == ["Read it *twice*"]
    assert len(found["executive_sponsor_commitment"]) == 3
    enter(small, "milestone_catalogue", [{"code": "request_offering", "milestone": "Tender is out"}], author="Ann")
    assert [step.step_id for step in plans.plans(small)["request_offering"]] == ["ours-1"]


def test_a_milestone_of_the_companys_own_needs_no_other_names(small: Store) -> None:
    enter(small, "milestone_catalogue", [{"milestone": "Site visit *done*"}], author="Ann")
    assert milestones.resolver(small).find("site visit done") == "site_visit_done"
    enter(small, "activity_plans", [{"milestone": "Site visit *done*", "subject": "Book it"}], author="Ann")
    assert [step.subject for step in plans.plans(small)["site_visit_done"]] == ["Book it"]


def test_warnings_hold_from_the_day_on_which_they_were_seen_until_they_are_cleared(small: Store) -> None:
    def see(signal: str, *, holds: bool = True) -> None:
        row = {
            "opportunity_id": "A",
            "signal": signal,
            "holds": holds,
            "seen_on": dt.date(2026, 1, 30),
            "author": "Ann",
        }
        enter(small, "warnings", [row], author="Ann")

    see("delays")
    see("They do not call back")
    counts = plans.warning_counts(small, dt.date(2026, 1, 31))
    assert counts[["id", "signals"]].to_numpy().tolist() == [["A", 2]]
    assert counts["names"].iloc[0] == ["They do not call back", "Dates keep moving"]
    assert plans.warnings_of(small, dt.date(2026, 1, 31), "A")["unreturned_calls"] == (
        dt.date(2026, 1, 30),
        "Ann",
        None,
    )
    assert plans.warning_counts(small, dt.date(2026, 1, 29)).empty
    see("delays", holds=False)
    assert set(plans.warnings_of(small, dt.date(2026, 1, 31), "A")) == {"unreturned_calls"}
    enter(small, "warning_signals", [{"signal": "They went to the *fair*", "ask": "Did they?"}], author="Ann")
    assert plans.signals(small)[-1].name == "They went to the *fair*"


def test_what_is_withdrawn_is_gone_and_comes_back_with_undo(small: Store) -> None:
    record = milestones.of_deal(small, DAY, "B")["record"].iloc[0]
    withdraw(small, "milestones", [record], author="Ann")
    assert list(milestones.of_deal(small, DAY, "B")["milestone"]) == ["Board approval"]


def test_the_sample_agrees_with_its_files(sample_store: Store) -> None:
    raw = read_table("milestones")
    raw["achieved_date"] = pd.to_datetime(raw["achieved_date"].where(raw["achieved_date"] != ""))
    for day in (dt.date(2026, 3, 31), DAY):
        found = sample_store.frame(
            f"select t.milestone, count(*) filter (where m.is_reached) as n from ({reached.reached(day)}) m "
            "join milestone_type t using (milestone_key) group by all"
        )
        expected = raw[raw["achieved_date"] <= pd.Timestamp(day)].groupby("milestone").size()
        counted = found.set_index("milestone")["n"]
        assert counted[counted > 0].to_dict() == expected.to_dict()
    tasks = read_table("activities")
    still = tasks[tasks["done_date"] == ""]
    found = activities.open_ones(sample_store, Company.of(sample_store), Scope(DAY))
    assert set(found["activity_id"]) == set(still["activity_id"])
    late = still[still["due_date"] < DAY.isoformat()]
    assert set(found.loc[found["is_overdue"], "activity_id"]) == set(late["activity_id"])
