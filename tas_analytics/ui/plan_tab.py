"""The tab "Plan" of a deal: what is to be done, by whom and when; edited, delegated, done and deleted here."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
import streamlit as st

from tas_analytics.formats import count, day, sentence_case
from tas_analytics.method.plans import CALENDAR, display_of
from tas_analytics.reports.calendar import MIME, calendar_file, entries
from tas_analytics.ui import activity_form as form, deal_data as data, deal_work as work, entered, page
from tas_analytics.ui.deal_work import as_day, clean
from tas_analytics.ui.session import View

#: So many done activities are listed; the others are in the table's file.
_SHOWN: Final = 30


def draw(view: View, deal: pd.Series) -> None:
    """The whole tab."""
    rows = data.activities_of(view, deal["id"])
    names = [row["milestone"] for row in data.milestones_of(view, deal["id"])]
    entered.undo_line(view)
    still = [row for row in rows if row["is_open"]]
    rest = [row for row in rows if not row["is_open"]]
    with page.card("plan"):
        page.finding(finding(still, rest), "Overdue first, then by due date")
        with st.container(horizontal=True, key="plan-actions"):
            if data.may_enter(view) and st.button("Add an activity", type="primary", key="add-activity"):
                form.new(view, deal["id"], clean(deal["account"]), names)
            frame = data.activity_frame(view, deal["id"])
            if entries(frame):
                st.download_button(
                    "Calendar file", calendar_file(frame, str(deal["name"])), file_name=f"{deal['id']}.ics", mime=MIME,
                    on_click="ignore", key="deal-ics",
                    help="Calendar entries and to-dos. Taken again later, it updates your calendar.",
                )  # fmt: skip
        for row in still:
            line(view, row, names)
        if not still:
            st.markdown(":gray[Nothing is open. An event of the customer brings the activities of its plan.]")
    if rest:
        with st.expander(f"{sentence_case(count(len(rest), 'activity', 'activities'))} done or closed"):
            for row in rest[:_SHOWN]:
                line(view, row, names)
            if len(rest) > _SHOWN:
                st.caption(f"The first {_SHOWN}; the rest is in the table of activities under Data.")


def finding(still: list[dict[str, Any]], rest: list[dict[str, Any]]) -> str:
    """What there is to do, in one sentence."""
    if not still:
        return f"Nothing left to do, {len(rest)} done" if rest else "No activities yet"
    many = sentence_case(f"{count(len(still), 'open activity', 'open activities')}")
    overdue = [row for row in still if row["is_overdue"]]
    if overdue:
        late = count(int(max(row["days_late"] for row in overdue)), "day")
        return f"{many}, {late} overdue" if len(still) == 1 else f"{many}: {len(overdue)} overdue, the oldest {late}"
    dated = [row for row in still if clean(row["due_on"]) is not None]
    if dated:
        return f"{many}, none overdue; next is due {day(as_day(dated[0]['due_on']))}"
    return f"{many}, none with a date"


def line(view: View, row: dict[str, Any], milestones: list[str]) -> None:
    """One activity with what can be done about it."""
    mark = form.mark_of(row)
    text, buttons = page.row(f"activity-{mark}")
    text.markdown(words(row))
    if not data.may_enter(view):
        return
    with buttons:
        if row["is_open"]:
            done_button(view, row, mark)
            delegate(view, row, mark)
        if st.button("Edit", key=f"edit-{mark}", type="tertiary"):
            form.edit(view, row, milestones)


def done_button(view: View, row: dict[str, Any], mark: str) -> None:
    """One click: done on the newest day."""
    if st.button("Done", key=f"done-{mark}", type="tertiary"):
        form.submit(view, row, {"done_date": view.scope.as_of, "status": "Done"})


def delegate(view: View, row: dict[str, Any], mark: str) -> None:
    """Give it to somebody else."""
    with st.popover("Delegate", key=f"delegate-{mark}", on_change="rerun", type="tertiary") as place:
        if not place.open:
            return
        others = [name for name in form.people(view, row["owner"]) if name != row["owner"]]
        to = st.selectbox(
            "To", others, index=None, key=f"to-{mark}", accept_new_options=True, placeholder="Choose or type a name",
        )  # fmt: skip
        if st.button("Delegate", key=f"delegate-now-{mark}", type="primary", disabled=to is None):
            form.submit(view, row, {"owner": work.meant(to, others)})


def words(row: dict[str, Any], *, with_deal: bool = False, of: str | None = None) -> str:
    """An activity in two lines: what, and the facts; the name of the person whose list it stands in is left out."""
    facts = [str(row["deal"])] if with_deal and clean(row["deal"]) else []
    if row["is_done"]:
        facts.append(f"done {day(as_day(row['done_date']))}" if clean(row["done_date"]) else "done")
    elif row["is_overdue"]:
        facts.append(f"{count(int(row['days_late']), 'day')} overdue, due {day(as_day(row['due_on']), year=False)}")
    elif clean(row["due_on"]):
        facts.append(f"due {day(as_day(row['due_on']))}")
    if display_of(row["display"]) == CALENDAR and clean(row["start_date"]):
        start = clean(row["start_date"])
        facts.append(f"in the calendar {day(start.date(), year=False)}, {start:%H:%M}")
    owner, by = clean(row["owner"]), clean(row["created_by"])
    if owner:
        delegated = f"delegated by {by}" if by and by != owner else ""
        facts.append(", ".join(part for part in ("" if owner == of else str(owner), delegated) if part))
    if not row["is_done"]:
        facts += [str(row[name]) for name in ("status",) if clean(row[name]) and clean(row[name]) != "Planned"]
    facts += [str(row[name]) for name in ("type", "milestone", "contact", "resources", "note") if clean(row[name])]
    if clean(row["priority"]) == "High" and not row["is_done"]:
        facts.append("high priority")
    sign = "●" if row["is_done"] else ":orange[◆]" if row["is_overdue"] else "○"
    what = page.plain(str(clean(row["subject"]) or clean(row["type"]) or "Activity"))
    return f"{sign} **{what}**  \n:small[:gray[{page.plain(' · '.join(fact for fact in facts if fact))}]]"
