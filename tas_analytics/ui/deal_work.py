"""What people do with the milestones and activities of a deal, as entries: each a change that can be taken back.

Only columns that differ from what was shown are entered, so two people who edit one record lose nothing; where both
changed the same column, the later one is asked first.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from tas_analytics.errors import TasError
from tas_analytics.formats import count
from tas_analytics.ingest.loading.entry import enter, withdraw
from tas_analytics.ingest.loading.loader import undo
from tas_analytics.method.plans import CALENDAR, DONE, PlanStep, display_of, is_done
from tas_analytics.store.database import Store

#: What can be edited of a milestone and of an activity, in the order of their forms.
MILESTONE_FIELDS: Final = ("description", "contact", "target_date", "achieved_date", "evidence")
ACTIVITY_FIELDS: Final = (
    "subject", "type", "display", "milestone", "owner", "contact", "resources", "status", "priority", "start_date",
    "due_date", "done_date", "note",
)  # fmt: skip
_LABELS: Final = {
    "target_date": "target", "achieved_date": "achieved date", "start_date": "start", "due_date": "due date",
    "done_date": "done date", "display": "place of display",
}  # fmt: skip


@dataclass(frozen=True)
class Change:
    """Something that was entered: in words, and the loads to take back."""

    words: str
    loads: tuple[int, ...]


class Stale(TasError):
    """Somebody else has changed meanwhile what is about to be changed; it can be entered all the same."""


def take_back(store: Store, change: Change, *, author: str) -> None:
    """Undo a change, its last part first."""
    with store.transaction():
        for load_id in sorted(change.loads, reverse=True):
            undo(store, load_id, user=author)


def clean(value: object) -> Any:
    """A cell as Python knows it: None where it is blank, dates without a time as dates."""
    if value is None or value is pd.NaT or (isinstance(value, float) and pd.isna(value)):
        return None
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    if isinstance(value, str):
        return value.strip() or None
    return value


def as_day(value: object) -> dt.date | None:
    """A cell as a day."""
    found = clean(value)
    return found.date() if isinstance(found, dt.datetime) else found


def meant(typed: object, known: Sequence[str]) -> str | None:
    """The name that somebody typed: a known one in any case, or the only known one that begins so; else a new one.

    A list in which new names may be typed takes what stands there when Enter is pressed, finished or not.
    """
    if clean(typed) is None:
        return None
    text = str(clean(typed))
    same = [name for name in known if name.casefold() == text.casefold()]
    begin = [name for name in known if name.casefold().startswith(text.casefold())]
    if text in known:
        return text
    return same[0] if same else begin[0] if len(begin) == 1 else text


def add_milestone(
    store: Store,
    deal: Mapping[str, Any],
    name: str,
    values: Mapping[str, object],
    steps: Sequence[PlanStep],
    *,
    today: dt.date,
    author: str,
) -> Change:
    """Give a deal a milestone and the activities of its plan, both or neither.

    Parameters
    ----------
    store
        The store.
    deal
        The deal's row: id, owner and manager are read.
    name
        What the milestone is called in the catalogue.
    values
        Of :data:`MILESTONE_FIELDS`; what is missing stays blank.
    steps
        The activities to suggest.
    today
        The newest day of the data.
    author
        Who enters it.
    """
    target = as_day(values.get("target_date")) or today
    row = {"opportunity_id": deal["id"], "milestone": name} | {f: values.get(f) for f in MILESTONE_FIELDS}
    planned = [
        {
            "activity_id": _new_id(), "opportunity_id": deal["id"], "milestone": name, "subject": step.subject,
            "type": step.type, "display": display_of(step.display),
            "owner": step.owned_by(author, clean(deal.get("owner")), clean(deal.get("manager"))), "created_by": author,
            "resources": step.resources, "status": "Planned", "priority": step.priority or "Normal",
            "due_date": step.due(target, today), "created_date": today,
        }
        for step in steps
    ]  # fmt: skip
    with store.transaction():
        loads = [enter(store, "milestones", [row], author=author)]
        if planned:
            loads.append(enter(store, "activities", planned, author=author))
    brought = f" with {count(len(planned), 'activity', 'activities')}" if planned else ""
    return Change(f"Added {name}{brought}", tuple(loads))


def edit_milestone(
    store: Store,
    before: Mapping[str, Any],
    now: Mapping[str, Any] | None,
    values: Mapping[str, object],
    *,
    author: str,
    anyway: bool = False,
) -> Change | None:
    """Enter what was changed of a milestone; None where nothing was.

    Parameters
    ----------
    store
        The store.
    before
        The row as it was shown.
    now
        The row as it is; None if it is gone.
    values
        Of :data:`MILESTONE_FIELDS`, as edited.
    author
        Who enters it.
    anyway
        Enter it even if somebody else has changed the same column meanwhile.

    Raises
    ------
    Stale
        Somebody has, or the milestone is gone.
    """
    changed = _changed(before, now, values, MILESTONE_FIELDS, before["milestone"], anyway=anyway)
    if not changed:
        return None
    named = {"opportunity_id": before["deal_named"], "milestone": before["named"]}
    if clean(before["milestone_id"]) is not None:
        named["milestone_id"] = before["milestone_id"]
    load_id = enter(store, "milestones", [named | changed], author=author)
    return Change(f"Changed {before['milestone']}: {_in_words(changed)}", (load_id,))


def add_activity(
    store: Store, deal_id: str | None, values: Mapping[str, object], *, today: dt.date, author: str
) -> Change:
    """Add an activity to a deal.

    Raises
    ------
    TasError
        It has no text, or is to be in the calendar and has no start.
    """
    row = {name: clean(values.get(name)) for name in ACTIVITY_FIELDS}
    row = _checked(row | _done(row, row, today))
    named = {"activity_id": _new_id(), "opportunity_id": deal_id, "created_by": author, "created_date": today}
    row["owner"] = row["owner"] or author
    return Change(f"Added “{row['subject']}”", (enter(store, "activities", [named | row], author=author),))


def edit_activity(
    store: Store,
    before: Mapping[str, Any],
    now: Mapping[str, Any] | None,
    values: Mapping[str, object],
    *,
    today: dt.date,
    author: str,
    anyway: bool = False,
) -> Change | None:
    """Enter what was changed of an activity; None where nothing was. See :func:`edit_milestone`.

    An activity that a file names without an ID is known by its deal, type, text, owner and dates. It goes on being
    known by those when they change here, so that the next file finds it again. One that is done is done today, unless a
    day is given.
    """
    changed = _changed(before, now, values, ACTIVITY_FIELDS, str(before["subject"]), anyway=anyway)
    if not changed:
        return None
    merged = {name: changed.get(name, clean((now or before)[name])) for name in ACTIVITY_FIELDS}
    in_calendar = "display" in changed or display_of(merged["display"]) == CALENDAR
    if changed.get("start_date") and not in_calendar:
        # What has got a start is meant for the calendar.
        merged["display"] = changed["display"] = CALENDAR
    changed |= _done(changed, merged, today)
    _checked(merged)
    words = f"Changed “{before['subject']}”: {_in_words(changed)}"
    if set(changed) == {"done_date", "status"} and changed["done_date"]:
        words = f"Done: “{before['subject']}”"
    elif set(changed) == {"owner"}:
        words = f"“{before['subject']}” is now {changed['owner']}'s"
    # What identifies a record without an ID stands in place of its ID.
    named = {"activity_id": clean(before["activity_id"]) or before["record"]}
    return Change(words, (enter(store, "activities", [named | changed], author=author),))


def delete(store: Store, table_name: str, row: Mapping[str, Any], *, author: str) -> Change:
    """Take a milestone, an activity or another record away."""
    load_id = withdraw(store, table_name, [row["record"]], author=author)
    return Change(f"Removed “{row.get('subject') or row.get('milestone')}”", (load_id,))


def see_warning(
    store: Store, deal_id: str, code: str, name: str, *, holds: bool, today: dt.date, author: str
) -> Change:
    """Tick a warning signal of a deal, or clear it."""
    row = {"opportunity_id": deal_id, "signal": code, "holds": holds, "seen_on": today, "author": author}
    words = f"Seen: {name}" if holds else f"Cleared: {name}"
    return Change(words, (enter(store, "warnings", [row], author=author),))


def _changed(
    before: Mapping[str, Any],
    now: Mapping[str, Any] | None,
    values: Mapping[str, object],
    fields: Iterable[str],
    what: str,
    *,
    anyway: bool,
) -> dict[str, Any]:
    """The fields whose value differs from what was shown."""
    if now is None:
        raise Stale(f"{what} was taken away meanwhile", "Somebody else removed it; undo that first, or add it anew.")
    changed = {
        name: _comparable(values[name], name)
        for name in fields
        if name in values and _comparable(values[name], name) != _comparable(before[name], name)
    }
    both = [name for name in changed if _comparable(before[name], name) != _comparable(now[name], name)]
    if both and not anyway:
        said = ", ".join(f"{_label(name)}: {_said(now[name])}" for name in both)
        raise Stale(
            f"{what} was changed meanwhile by {now.get('entered_by') or 'somebody else'}",
            f"Now: {said}. Save again to put yours in its place, or close to keep it.",
        )
    return changed


def _done(changed: Mapping[str, Any], merged: Mapping[str, Any], today: dt.date) -> dict[str, Any]:
    """What follows for the other one from a status or a day of being done that somebody gave."""
    if changed.get("status") and is_done(merged["status"]) and not merged["done_date"]:
        return {"done_date": today}
    if changed.get("status") and not is_done(merged["status"]) and merged["done_date"] and "done_date" not in changed:
        return {"done_date": None}  # it was opened again
    if changed.get("done_date") and "status" not in changed and not is_done(merged["status"]):
        return {"status": DONE}
    return {}


def _checked(row: dict[str, Any]) -> dict[str, Any]:
    if not row.get("subject"):
        raise TasError("The activity has no text", "Say what is to be done.")
    if display_of(row.get("display")) == CALENDAR and not row.get("start_date"):
        raise TasError("An activity in the calendar needs a start", "Give it one, or display it elsewhere.")
    return row


def _comparable(value: object, name: str) -> Any:
    found = clean(value)
    if name.endswith("_date") and name != "start_date" and isinstance(found, dt.datetime):
        return found.date()
    if name == "start_date" and isinstance(found, dt.date) and not isinstance(found, dt.datetime):
        return dt.datetime.combine(found, dt.time())
    return found


def _in_words(changed: Mapping[str, Any]) -> str:
    return ", ".join(_label(name) for name in changed)


def _label(name: str) -> str:
    return _LABELS.get(name, name)


def _said(value: object) -> str:
    found = clean(value)
    if found is None:
        return "blank"
    return found.isoformat() if isinstance(found, dt.date) else str(found)


def _new_id() -> str:
    return f"app-{uuid.uuid4().hex[:16]}"
