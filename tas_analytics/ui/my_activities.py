"""The page "My activities": what a person has to do across all deals, overdue first."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import pandas as pd
import streamlit as st

from tas_analytics.formats import count, day, sentence_case
from tas_analytics.metrics.scope import values_in_words
from tas_analytics.reports.calendar import MIME, calendar_file, entries
from tas_analytics.ui import activity_form as form, author, deal_data as data, entered, lists, page, plan_tab
from tas_analytics.ui.deal_work import as_day, clean
from tas_analytics.ui.session import View

EVERYBODY: Final = "Everybody"
#: So many activities of a group are drawn with their buttons; more would make the page slow.
SHOWN: Final = 40
SHOWN_OF_ALL: Final = 8
_POSTPONED: Final = (1, 7, 14)


def rows_of(view: View, person: str) -> list[dict[str, Any]]:
    """The open activities of a person, or of everybody: overdue first."""
    frame = data.open_activities(view)
    if person != EVERYBODY:
        frame = frame[frame["owner"] == person]
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def chosen(view: View) -> str:
    """Whose activities the address asks for: else this visitor's, or everybody's for one who has none."""
    names = _names(view)
    asked, me = _asked(), author.name(view)
    return asked if asked in names else me if me in names else EVERYBODY


def person_picker(view: View) -> None:
    """The list of people, whose choice stands in the address, and the calendar file of the one chosen."""
    names, person = _names(view), chosen(view)
    frame = data.open_activities(view)
    mine = frame if person == EVERYBODY else frame[frame["owner"] == person]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="whose"):
        st.selectbox(
            "Whose", names, index=names.index(person), key="person", bind="query-params",
            width=320,
        )  # fmt: skip
        if entries(mine):
            st.download_button(
                "Calendar file", calendar_file(mine, person), file_name=f"{_file_name(person)}.ics", mime=MIME,
                on_click="ignore", key="person-ics",
                help="Calendar entries and to-dos. Taken again later, it updates your calendar.",
            )  # fmt: skip


def about(view: View) -> str:
    """The grey line: filters choose deals, the period does not count."""
    filters = " · ".join(values_in_words(key, values) for key, values in view.scope.filters)
    when = f"as of {day(view.scope.as_of, weekday=True)}"
    return f"{filters} · {when}" if filters else when


def _names(view: View) -> list[str]:
    owners = {str(name) for name in data.open_activities(view)["owner"].dropna()}
    asked = _asked()
    # Who has done the last one stays chosen.
    if asked and asked in view.choices("owner"):
        owners.add(asked)
    return [EVERYBODY, *sorted(owners, key=str.casefold)]


def _asked() -> str:
    return str(st.session_state.get("person") or st.query_params.get("person") or "")


def headline(person: str, rows: list[dict[str, Any]]) -> str:
    """What there is to do, in one sentence."""
    if not rows:
        return "Nobody has anything left to do" if person == EVERYBODY else f"{person} has nothing left to do"
    overdue = [row for row in rows if row["is_overdue"]]
    many = count(len(rows), "open activity", "open activities")
    if person != EVERYBODY:
        if not overdue:
            return f"{person} has {many}, none overdue"
        late = count(int(max(row["days_late"] for row in overdue)), "day")
        return f"{person} has {many}: {len(overdue)} overdue, the oldest {late}"
    if not overdue:
        return f"{sentence_case(many)}, none overdue"
    owners = pd.Series([row["owner"] for row in overdue if clean(row["owner"])]).value_counts()
    most = [str(name) for name in owners[owners == owners.max()].index]
    tail = f"; {most[0]} has the most, {int(owners.max())}" if len(most) == 1 and len(owners) > 1 else ""
    return f"{sentence_case(many)}, {len(overdue)} of them overdue{tail}"


def groups(view: View, person: str, rows: list[dict[str, Any]]) -> None:
    """The activities in groups: overdue, this week, later, without a date."""
    entered.undo_line(view)
    if not rows:
        page.nothing(
            "Nothing is open", "Activities come with the milestones of a deal, or from your CRM's export.", key="mine"
        )
        return
    if person == EVERYBODY:
        _by_person(data.open_activities(view), view.scope.as_of)
    for title, about, group in _groups(rows, view.scope.as_of):
        with page.card(f"mine-{title.split()[0].lower()}"):
            page.finding(f"{title}: {count(len(group), 'activity', 'activities')}", about)
            shown = SHOWN_OF_ALL if person == EVERYBODY else SHOWN
            for row in group[:shown]:
                _line(view, row, person)
            if len(group) > shown:
                st.caption(f"The first {shown} of {len(group)}. Choose a person, or a filter, to see the others.")


def _groups(rows: list[dict[str, Any]], today: dt.date) -> list[tuple[str, str, list[dict[str, Any]]]]:
    week = today + dt.timedelta(days=7)
    overdue = [row for row in rows if row["is_overdue"]]
    dated = [row for row in rows if not row["is_overdue"] and clean(row["due_on"]) is not None]
    soon = [row for row in dated if (as_day(row["due_on"]) or today) <= week]
    later = [row for row in dated if (as_day(row["due_on"]) or today) > week]
    undated = [row for row in rows if clean(row["due_on"]) is None]
    groups = (
        ("Overdue", f"Due before {day(today)}, the longest first", overdue),
        ("Within a week", f"Due until {day(week)}", soon),
        ("Later", f"Due after {day(week)}", later),
        ("Without a date", "Give them one, or they wait for ever", undated),
    )
    return [(title, about, group) for title, about, group in groups if group]


def _line(view: View, row: dict[str, Any], person: str) -> None:
    mark = form.mark_of(row)
    text, buttons = page.row(f"activity-{mark}")
    text.markdown(plan_tab.words(row, with_deal=True, of=person))
    with buttons:
        if clean(row["deal_id"]):
            page.deal_link("Deal", str(row["deal_id"]), topic="Plan")
        if data.may_enter(view):
            plan_tab.done_button(view, row, mark)
            plan_tab.delegate(view, row, mark)
            _postpone(view, row, mark)


def _postpone(view: View, row: dict[str, Any], mark: str) -> None:
    """Another due date, counted from today or from the old one if that lies ahead."""
    with st.popover("Postpone", key=f"postpone-{mark}", on_change="rerun", type="tertiary") as place:
        if not place.open:
            return
        today = view.scope.as_of
        start = max(as_day(row["due_on"]) or today, today)
        for days in _POSTPONED:
            to = start + dt.timedelta(days=days)
            if st.button(f"{day(to, weekday=True)}", key=f"postpone-{days}-{mark}"):
                form.submit(view, row, postponed(row, to))


def postponed(row: dict[str, Any], to: dt.date) -> dict[str, object]:
    """The due date moved to a day; a start moves to that day too, at its hour."""
    values: dict[str, object] = {"due_date": to}
    start = clean(row["start_date"])
    if start is not None:
        values["start_date"] = dt.datetime.combine(to, start.time())
    return values


def _by_person(frame: pd.DataFrame, today: dt.date) -> None:
    """How much each person has to do: a table, the longest list of overdue ones first."""
    week = pd.Timestamp(today + dt.timedelta(days=7))
    due = pd.to_datetime(frame["due_on"])
    told = frame.assign(soon=(due >= pd.Timestamp(today)) & (due <= week), owner=frame["owner"].fillna("Nobody"))
    table = (
        told.groupby("owner")
        .agg(overdue=("is_overdue", "sum"), soon=("soon", "sum"), open=("record", "size"), oldest=("days_late", "max"))
        .sort_values(["overdue", "open"], ascending=False)
        .reset_index()
    )
    with page.card("mine-people"):
        page.finding("By person", "Overdue, due within a week, all open; the oldest in days")
        lists.show(
            table.set_axis(["Person", "Overdue", "This week", "Open", "Oldest"], axis="columns"),
            "mine-people",
            "Open activities by person",
            most=11,
        )


def _file_name(person: str) -> str:
    return "".join(ch if ch.isalnum() else "-" for ch in person).strip("-").lower() or "activities"
