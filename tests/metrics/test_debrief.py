"""The debrief's four answers and the roll-out, by hand on a few deals."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from tas_analytics.ingest.loading.entry import enter
from tas_analytics.metrics import activities, debrief
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.scope import Scope
from tas_analytics.store.database import Store
from tests.metrics.small import store_of

DAY = dt.date(2026, 3, 31)
DEALS = """opportunity_id,name,owner,stage,amount,close_date,created_date
1,<b>Full</b>,Ann,Offer,100,2026-06-01,2026-01-01
2,Late,Ann,Offer,50,2026-06-01,2026-01-01
3,Bare,Ann,Talk,10,2026-06-01,2026-01-01
4,Bob's,Bob,Talk,10,2026-06-01,2026-01-01
5,Gone,Ann,Won,10,2026-02-01,2026-01-01
"""
FILES = {
    "opportunities_2026-03-31.csv": DEALS,
    "milestones.csv": "opportunity_id,milestone,achieved_date,target_date,evidence\n"
    "1,NDA received,2026-02-01,,signed copy\n1,Short-listed,,2026-05-01,\n2,NDA received,2026-02-05,,\n",
    "activities.csv": "opportunity_id,subject,type,owner,milestone,status,due_date,resources\n"
    "1,Ask who is left,Call,Ann,Short-listed,In progress,2026-04-10,one hour\n"
    "1,Other,Call,Ann,NDA received,Planned,2026-04-01,\n2,Call back,Call,Ann,,Planned,2026-03-01,\n",
    "assessments.csv": "opportunity_id,criterion,rating,assessed_on\n1,1,+,2026-03-20\n4,1,-,2026-01-20\n",
}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return store_of(tmp_path / "debrief.duckdb", FILES)


def test_the_four_answers(store: Store) -> None:
    company = Company.of(store)
    rows = debrief.debrief(store, company, Scope(DAY).where("owner", "Ann")).set_index("id")
    assert list(rows.index) == ["1", "2", "3"]
    full = rows.loc["1"]
    assert (full["step"], full["evidence"], full["next_step"]) == ("NDA received", "signed copy", "Short-listed")
    assert (full["activity"], full["preparation"], full["answers"]) == ("Ask who is left", "one hour", 4)
    # An overdue activity is no progress, a step without evidence proves nothing.
    assert (rows.loc["2", "activity"], rows.loc["2", "is_overdue"], rows.loc["2", "answers"]) == ("Call back", True, 1)
    assert rows.loc["3", "answers"] == 0
    said = debrief.headline("Ann", rows.reset_index())
    assert said == "1 of 3 open deals of Ann answer all four questions; 2 have nothing in progress"


def test_corrective_actions_are_activities_that_can_be_followed_up(store: Store) -> None:
    company = Company.of(store)
    values = {"activity_id": "c1", "opportunity_id": "2", "subject": "Get the proof", "type": debrief.CORRECTIVE}
    enter(store, "activities", [values | {"owner": "Ann", "status": "Planned", "due_date": DAY}], author="Mia")
    scope = Scope(DAY).where("owner", "Ann")
    row = activities.of_type(store, company, scope, debrief.CORRECTIVE).iloc[0]
    assert (row["subject"], row["entered_by"], row["is_open"]) == ("Get the proof", "Mia", True)
    # It is what was agreed, not what goes on: the answers stay.
    rows = debrief.debrief(store, company, scope).set_index("id")
    assert rows.loc["2", "activity"] == "Call back"
    enter(
        store,
        "activities",
        [{"activity_id": "c1", "opportunity_id": "2", "done_date": DAY, "status": "Done"}],
        author="Ann",
    )
    assert activities.of_type(store, company, scope, debrief.CORRECTIVE)["is_done"].tolist() == [True]


def test_the_roll_out_counts_who_is_graded_and_worked_on(store: Store) -> None:
    company = Company.of(store)
    found = debrief.roll_out(store, company, Scope(DAY), dt.date(2026, 2, 1))
    deals = found.deals.set_index("id")
    assert set(deals.index) == {"1", "2", "3", "4"}
    assert deals["graded_on"].notna().to_dict() == {"1": True, "2": False, "3": False, "4": True}
    assert deals.loc["1", "worked_on"] == pd.Timestamp("2026-03-20")
    ann = found.people.set_index("owner").to_dict("index")["Ann"]
    assert (ann["deals"], ann["graded"], ann["worked"], ann["by_30"]) == (3, 1, 2, 2)
    assert pd.isna(ann["by_90"])  # that day has not come
    assert debrief.rolled_out(found, DAY).startswith("Day 58: 2 of 4 open deals are worked on, 2 of 4 graded")
