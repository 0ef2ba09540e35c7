"""Calendar files, read back by a parser."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import icalendar
import pandas as pd
import pytest

from tas_analytics.ingest.loading.entry import enter
from tas_analytics.metrics import activities
from tas_analytics.reports.calendar import calendar_file, entries
from tas_analytics.store.database import Store
from tests.metrics.small import store_of

DAY = dt.date(2026, 1, 31)
DEALS = (
    "opportunity_id,name,stage,amount,close_date,created_date\n"
    'A,"Brandt <Nord>; GmbH, *2*",Talk,100,2026-06-30,2026-01-01\n'
)
TASKS = """activity_id,opportunity_id,subject,type,display,status,priority,start_date,due_date,owner,note,resources
1,A,"Meet, agree; sign\\n",Meeting,Calendar and activity,Planned,High,2026-02-03 14:30,2026-02-03,Ann,"äöü, 赢",A room
2,A,All day,Meeting,calendar,Planned,,2026-02-04,,Ann,,
3,A,Complete the assessment,To do,To do,Planned,Low,,2026-02-10,Bob,,
4,A,List only,Call,Activity,Planned,,2026-02-05 10:00,2026-02-05,Ann,,
5,A,In no calendar without a start,Call,Calendar and activity,Planned,,,2026-02-05,Ann,,
6,A,Called off,Meeting,Calendar and activity,Cancelled,,2026-02-06 10:00,,Ann,,
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = store_of(tmp_path / "s.duckdb", {"opportunities_2026-01-31.csv": DEALS, "activities.csv": TASKS})
    yield opened
    opened.close()


def at(text: str) -> dt.datetime:
    """Local time, without a zone."""
    return dt.datetime.fromisoformat(text)


def read(data: bytes) -> dict[str, Any]:
    """The entries of a file by the first line of their summary."""
    found = icalendar.Calendar.from_ical(data)
    kinds = ("VEVENT", "VTODO")
    return {str(part["summary"]).partition(" – ")[0]: part for part in found.walk() if part.name in kinds}


def test_events_and_to_dos_say_what_the_activities_say(store: Store) -> None:
    rows = activities.of_deal(store, DAY, "A")
    data = calendar_file(rows, "Ann <b>")
    found = read(data)
    assert len(found) == entries(rows) == 4
    meeting = found["Meet, agree; sign\\n"]
    assert meeting.name == "VEVENT"
    assert meeting.decoded("dtstart") == at("2026-02-03 14:30")  # local time, no zone
    assert meeting.decoded("dtend") == at("2026-02-03 15:30")
    assert str(meeting["summary"]).endswith("Brandt <Nord>; GmbH, *2*")
    assert "Note: äöü, 赢" in str(meeting["description"])
    assert "Resources: A room" in str(meeting["description"])
    assert int(meeting["priority"]) == 1
    assert found["All day"].decoded("dtstart") == dt.date(2026, 2, 4)
    to_do = found["Complete the assessment"]
    assert (to_do.name, to_do.decoded("due")) == ("VTODO", dt.date(2026, 2, 10))
    assert str(found["Called off"]["status"]) == "CANCELLED"
    assert data.startswith(b"BEGIN:VCALENDAR\r\n")
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))


def test_a_second_file_updates_the_first(store: Store) -> None:
    before = read(calendar_file(activities.of_deal(store, DAY, "A"), "A"))["All day"]
    enter(
        store,
        "activities",
        [{"activity_id": "2", "start_date": at("2026-02-09 08:00"), "owner": "Bob"}],
        author="X",
    )
    after = read(calendar_file(activities.of_deal(store, DAY, "A"), "A"))["All day"]
    assert str(after["uid"]) == str(before["uid"])
    assert int(after["sequence"]) > int(before["sequence"])
    assert after.decoded("dtstart") == at("2026-02-09 08:00")
    assert after.decoded("dtstamp").tzinfo is not None


def test_no_activities_make_an_empty_calendar(store: Store) -> None:
    rows = activities.of_deal(store, DAY, "nobody")
    assert read(calendar_file(rows, "x")) == {}
    assert isinstance(rows, pd.DataFrame)


def test_identifiers_differ_and_tell_nothing(store: Store) -> None:
    found = read(calendar_file(activities.of_deal(store, DAY, "A"), "A"))
    ids = {str(part["uid"]) for part in found.values()}
    assert len(ids) == len(found)
    assert all(one.endswith("@tas-analytics") and "Brandt" not in one for one in ids)
