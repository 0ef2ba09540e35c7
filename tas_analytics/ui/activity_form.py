"""The form of one activity, in a dialogue: for a new one and for one that is there."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

import streamlit as st

from tas_analytics.formats import sentence_case
from tas_analytics.method.plans import DISPLAYS, PRIORITIES, STATUSES, TYPES, display_of
from tas_analytics.metrics.activities import of_deal
from tas_analytics.ui import author, deal_data as data, deal_work as work, entered, page
from tas_analytics.ui.deal_work import as_day, clean
from tas_analytics.ui.session import View


def mark_of(row: dict[str, Any]) -> str:
    """A short name of an activity, for the keys of its widgets."""
    return f"{zlib.crc32(str(row['record']).encode()):08x}"


def people(view: View, *more: object) -> list[str]:
    """Everybody who may own an activity: the sellers, this visitor and whoever owns one already."""
    names = {author.name(view), *view.choices("owner"), *(str(name) for name in more if clean(name))}
    return sorted(names, key=str.casefold)


@st.dialog("New activity", width="medium")
def new(view: View, deal_id: str, account: str | None, milestones: Sequence[str]) -> None:
    """Add an activity to a deal."""
    blank: dict[str, Any] = dict.fromkeys(work.ACTIVITY_FIELDS)
    with st.form(f"new-activity-{view.version}", border=False):
        values = _fields(
            view, {**blank, "status": "Planned", "priority": "Normal", "display": "activity", "type": "To do",
                   "owner": author.name(view)},
            milestones, data.customers_of(view, deal_id, account),
        )  # fmt: skip
        save = st.form_submit_button("Add", type="primary")
    if save:
        entered.attempt(
            view, "new-activity",
            lambda _: work.add_activity(
                view.store, deal_id, values, today=view.scope.as_of, author=author.name(view)
            ),
        )  # fmt: skip


@st.dialog("Activity", width="medium")
def edit(view: View, before: dict[str, Any], milestones: Sequence[str]) -> None:
    """Edit an activity, or remove it. ``before`` is what was shown when the form was opened."""
    mark = f"{mark_of(before)}-{before['load_id']}"
    by = clean(before["created_by"]) or clean(before["entered_by"])
    facts = " · ".join(str(part) for part in (clean(before["deal"]), f"entered by {by}") if part)
    st.markdown(f":small[:gray[{page.plain(facts)}]]")
    with st.form(f"activity-{mark}", border=False):
        customers = data.customers_of(view, str(before["deal_id"]), clean(before["account"]))
        values = _fields(view, before, milestones, customers)
        save = st.form_submit_button("Save", type="primary")
    if save:
        submit(view, before, values)
    if st.button("Delete the activity", type="tertiary", key=f"delete-{mark}"):
        entered.attempt(
            view, "delete", lambda _: work.delete(view.store, "activities", before, author=author.name(view))
        )  # fmt: skip


def submit(view: View, before: dict[str, Any], values: dict[str, object]) -> None:
    """Enter what was changed of an activity; what others changed meanwhile is kept, or asked about."""
    frame = of_deal(view.store, view.scope.as_of, before["deal_id"]) if clean(before["deal_id"]) else None
    rows = [] if frame is None else [{str(k): v for k, v in row.items()} for row in frame.to_dict("records")]
    now = before if frame is None else next((row for row in rows if row["record"] == before["record"]), None)
    entered.attempt(
        view, f"{mark_of(before)}-{before['load_id']}-{now['load_id'] if now else 0}",
        lambda anyway: work.edit_activity(
            view.store, before, now, values, today=view.scope.as_of, author=author.name(view), anyway=anyway
        ),
    )  # fmt: skip


def _fields(view: View, row: dict[str, Any], milestones: Sequence[str], customers: Sequence[str]) -> dict[str, object]:
    """The widgets, with what is known filled in."""
    values: dict[str, object] = {
        "subject": st.text_input("What is to be done", value=clean(row["subject"]) or "", key=None)
    }
    one, two, three = st.columns(3)
    values["type"] = _choice(one, "Type", TYPES, row["type"])
    shown = display_of(row["display"])
    display = _choice(two, "Display in", DISPLAYS, shown, new=False)
    # A spelling of the CRM's is kept where nobody chose another place.
    values["display"] = row["display"] if display == shown and clean(row["display"]) else display
    values["milestone"] = _choice(three, "Milestone", milestones, row["milestone"])
    one, two, three = st.columns(3)
    values["start_date"] = one.datetime_input(
        "Start",
        value=clean(row["start_date"]),
        format=page.TYPED_DAY,
        help="What has a start can be shown in the calendar.",
    )
    values["due_date"] = two.date_input("Due date", value=as_day(row["due_date"]), format=page.TYPED_DAY)
    values["done_date"] = three.date_input(
        "Done on", value=as_day(row["done_date"]), max_value=view.scope.as_of, format=page.TYPED_DAY,
        help="Blank: with the status Done it is the newest day of the data.",
    )  # fmt: skip
    one, two, three = st.columns(3)
    values["owner"] = _choice(one, "Owner", people(view, row["owner"]), row["owner"])
    values["status"] = _choice(two, "Status", STATUSES, row["status"])
    values["priority"] = _choice(three, "Priority", PRIORITIES, row["priority"])
    left, right = st.columns(2)
    values["contact"] = _choice(left, "Customer contact", customers, row["contact"])
    values["resources"] = right.text_input("Resources", value=clean(row["resources"]) or "")
    values["note"] = st.text_area("Note", value=clean(row["note"]) or "", height=80)
    return values


def _choice(place: Any, label: str, options: Sequence[str], value: object, *, new: bool = True) -> str | None:
    """A list to choose from, with the present value in it whatever it is."""
    present = clean(value)
    listed = list(dict.fromkeys([*options, *([present] if present else [])]))
    found = place.selectbox(
        label, listed, index=listed.index(present) if present in listed else None, accept_new_options=new,
        format_func=str if new else sentence_case, placeholder="Choose or type" if new else "Choose",
    )  # fmt: skip
    return work.meant(found, listed)
