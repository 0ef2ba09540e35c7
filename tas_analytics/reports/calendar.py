"""Activities as a calendar file (iCalendar, RFC 5545), for one person or one deal.

An activity that is displayed in the calendar and has a start becomes an event; one that is displayed as a to-do becomes
a to-do with its due date. Each keeps its identifier (UID) for good and carries the number of its last change
(SEQUENCE), so a calendar that takes the file again updates what it has and doubles nothing. Starts have no time zone
in a CRM's export: they are written as local time, wherever the calendar is.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any, Final

import icalendar
import pandas as pd

from tas_analytics.formats import as_day
from tas_analytics.method.plans import CALENDAR, display_of, is_cancelled

MIME: Final = "text/calendar"
_PRODUCT: Final = "-//TAS Analytics//Activities//EN"
_HOUR: Final = dt.timedelta(hours=1)
_PRIORITIES: Final = {"high": 1, "hoch": 1, "urgent": 1, "normal": 5, "medium": 5, "low": 9, "niedrig": 9}


def calendar_file(activities: pd.DataFrame, name: str) -> bytes:
    """The calendar file of activities.

    Parameters
    ----------
    activities
        As :func:`tas_analytics.metrics.activities.of_deal` and ``open_ones`` give them.
    name
        What the calendar is called.

    Returns
    -------
    bytes
        The file. Activities that are shown in lists only are not in it.
    """
    made = icalendar.Calendar()
    made.add("prodid", _PRODUCT)
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", name)
    for row in activities.to_dict("records"):
        entry = _entry({str(key): _plain(value) for key, value in row.items()})
        if entry is not None:
            made.add_component(entry)
    return bytes(made.to_ical())


def entries(activities: pd.DataFrame) -> int:
    """How many of the activities a calendar file holds."""
    return sum(_kind(row) is not None for row in activities.to_dict("records"))


def uid(record: str) -> str:
    """The identifier of an activity in calendars: the same in every file, and telling nothing of it."""
    return f"{hashlib.sha256(record.encode()).hexdigest()[:32]}@tas-analytics"


def _kind(row: Any) -> str | None:
    display = display_of(_plain(row["display"]))
    if display == CALENDAR and _plain(row["start_date"]) is not None:
        return "event"
    return "to do" if display == "to do" and not is_cancelled(_plain(row["status"])) else None


def _entry(row: dict[str, Any]) -> Any:
    """The component of an activity; None where it has no place in a calendar."""
    kind = _kind(row)
    if kind is None:
        return None
    entry: Any = icalendar.Event() if kind == "event" else icalendar.Todo()
    entry.add("uid", uid(row["record"]))
    entry.add("dtstamp", row["entered_at"].replace(tzinfo=dt.UTC))
    entry.add("sequence", int(row["load_id"]))
    entry.add("summary", " – ".join(part for part in (row["subject"], row["deal"]) if part))
    entry.add("description", _description(row))
    if row["type"]:
        entry.add("categories", [row["type"]])
    if priority := _PRIORITIES.get((row["priority"] or "").casefold()):
        entry.add("priority", priority)
    if kind == "event":
        _times(entry, row["start_date"])
        entry.add("status", "CANCELLED" if is_cancelled(row["status"]) else "CONFIRMED")
    else:
        if row["due_date"] is not None:
            entry.add("due", as_day(row["due_date"]))
        entry.add("status", "COMPLETED" if row["is_done"] else "NEEDS-ACTION")
        if row["done_date"] is not None:
            entry.add("completed", dt.datetime.combine(as_day(row["done_date"]), dt.time(12), dt.UTC))
    return entry


def _times(entry: Any, start: dt.datetime) -> None:
    """An hour from the start on, or the whole day where no hour is known."""
    if start.time() == dt.time():
        entry.add("dtstart", start.date())
        entry.add("dtend", start.date() + dt.timedelta(days=1))
    else:
        entry.add("dtstart", start)
        entry.add("dtend", start + _HOUR)


def _description(row: dict[str, Any]) -> str:
    lines = (
        ("Deal", row["deal"]), ("Account", row["account"]), ("Milestone", row["milestone"]),
        ("Customer", row["contact"]), ("Owner", row["owner"]),
        ("Resources", row["resources"]), ("Status", row["status"]), ("Note", row["note"]),
    )  # fmt: skip
    return "\n".join(f"{label}: {value}" for label, value in lines if value)


def _plain(value: object) -> Any:
    if value is None or value is pd.NaT or (isinstance(value, float) and pd.isna(value)):
        return None
    return value.to_pydatetime() if isinstance(value, pd.Timestamp) else value
