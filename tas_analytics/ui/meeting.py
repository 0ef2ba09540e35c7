"""The page Meeting: the weekly review as a walk through the last decisions, the board, what changed, and the deals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from tas_analytics.charts import real_colours, theme
from tas_analytics.errors import TasError
from tas_analytics.formats import count, day
from tas_analytics.metrics.hierarchy import EVERYBODY
from tas_analytics.metrics.scope import Scope
from tas_analytics.review import decisions as deciding, meeting
from tas_analytics.review.decisions import Decision, kinds_for
from tas_analytics.review.inspection import Question
from tas_analytics.review.meeting import Entry, Minutes, Stop
from tas_analytics.ui import author, board, deal_data, meeting_data as data, meeting_steps, page
from tas_analytics.ui.meeting_sheet import meeting_sheet
from tas_analytics.ui.session import View

_HERE: Final = Path(__file__).parent
_STEP: Final = "step"
_OF: Final = "review_of"
_TALK: Final = "talk"
_LEAVE: Final = "leave"
#: The steps before and after the deals.
_BEFORE: Final = (("start", "Last time"), ("board", "Board"), ("changes", "Changes"))
_AFTER: Final = (("close", "Summary"),)
_SIGNS: Final = {"yes": "✓", "no": "✕", "early": "○", "unknown": "?"}
_MINUTES: Final = 5
_SIZES: Final = (4, 6, 8, 12, 16, 24)


@dataclass(frozen=True)
class Walk:
    """A meeting under way: whose, of which deals, and what is kept of it."""

    leader: str
    scope: Scope
    stops: tuple[Stop, ...]
    kept: Minutes

    @classmethod
    def of(cls, view: View) -> Walk:
        """The meeting that the address describes."""
        leader, limit = _settings(view)
        scope = data.scope_of(view, leader)
        stops = tuple(data.walk(view, scope, limit))
        return cls(leader, scope, stops, data.minutes(view, scope, view.scope.as_of, leader))

    @property
    def done(self) -> int:
        """How many of its deals are done."""
        return sum(one.deal_id in self.kept.deals for one in self.stops)


def draw(view: View) -> None:
    """The whole page."""
    st.html(_HERE / "meeting_page.css")
    walk = Walk.of(view)
    steps = _steps(walk)
    asked = str(st.query_params.get(_STEP, ""))
    at = asked if asked in {one["key"] for one in steps} else "start"
    refused = st.session_state.pop("meeting-refused", None)
    if refused:
        page.refusal(refused[0], refused[1], "meeting")
    stop = next((one for one in walk.stops if f"deal:{one.deal_id}" == at), None)
    with st.container(key="meeting-top"):
        meeting_sheet(
            _data(view, walk, steps, at, stop) | {"asked": bool(asked)}, key="meeting",
            save=lambda entries: _save(view, walk.leader, entries), go=_go,
        )  # fmt: skip
    if at == "start":
        meeting_steps.last_time(view, walk.scope, meeting.headline(walk.stops, walk.done, view.company.currency))
        _setup(view)
    elif at == "board":
        meeting_steps.board_step(view, walk.leader)
    elif at == "changes":
        meeting_steps.changes_step(view, walk.scope)
    elif at == "close":
        meeting_steps.summary(view, walk.leader, walk.kept, walk.stops)
    elif stop is not None:
        meeting_steps.deal_step(view, stop)


def _settings(view: View) -> tuple[str, int]:
    """Whose meeting, and how many deals; chosen at the first step, kept in the address."""
    people = board.people(view)
    leader = str(st.query_params.get(_OF, EVERYBODY))
    size = str(st.query_params.get(_TALK, meeting.DEALS))
    limit = int(size) if size.isdigit() and int(size) in _SIZES else meeting.DEALS
    return (leader if leader in people.leaders else EVERYBODY), limit


def _setup(view: View) -> None:
    """The two choices of a meeting.

    They are written to the address by hand: what is bound to it is taken out of it once the choice is no longer drawn,
    as on every later step, and the walk would be another one.
    """
    line = st.container(horizontal=True, gap="small", vertical_alignment="bottom")
    leaders = [EVERYBODY, *board.people(view).leaders]
    leader, limit = _settings(view)
    if len(leaders) > 1:
        line.selectbox(
            "Whose review", leaders, index=leaders.index(leader), key="meeting-of", width=260,
            on_change=lambda: _keep(_OF, str(st.session_state["meeting-of"]), EVERYBODY),
        )  # fmt: skip
    line.selectbox(
        "Deals to talk about", list(_SIZES), index=_SIZES.index(limit), key="meeting-talk", width=170,
        on_change=lambda: _keep(_TALK, str(st.session_state["meeting-talk"]), str(meeting.DEALS)),
    )  # fmt: skip


def _keep(name: str, value: str, default: str) -> None:
    page.keep_in_address(name, None if value == default else value)


def _steps(walk: Walk) -> list[dict[str, Any]]:
    middle = [(f"deal:{one.deal_id}", one.name) for one in walk.stops]
    done = {f"deal:{one}" for one in walk.kept.deals}
    return [
        {"key": key, "label": label, "done": key in done} for key, label in (*_BEFORE, *middle, *_AFTER)
    ]  # fmt: skip


def _go(step: str) -> None:
    if step == _LEAVE:
        st.session_state["meeting-left"] = True
        return
    st.query_params[_STEP] = step


def left() -> bool:
    """Whether the visitor has just asked to leave the meeting."""
    return bool(st.session_state.pop("meeting-left", False))


def _save(view: View, leader: str, entries: Sequence[Entry]) -> bool:
    try:
        if not deal_data.may_enter(view):
            raise TasError("An earlier day is shown", "A meeting is kept on the newest day of the data.")
        meeting.keep(view.store, view.scope.as_of, entries, author=author.name(view), leader=data.leader_named(leader))
    except TasError as refusal:
        st.session_state["meeting-refused"] = (refusal.title, refusal.hint)
        return False
    return True


def _data(view: View, walk: Walk, steps: list[dict[str, Any]], at: str, stop: Stop | None) -> dict[str, Any]:
    """What the browser is told."""
    colours = real_colours.palette("dark" if st.context.theme.type == "dark" else "light")
    period = f"{view.scope.period.label} · " if view.scope.period else ""
    whose = f"{walk.leader} · " if walk.leader != EVERYBODY else ""
    offered = kinds_for(has_categories=bool(view.choices("forecast_category")))
    return {
        "title": f"Forecast review · {whose}{period}{day(view.scope.as_of, weekday=True)}",
        "memory": f"tas-meeting/{view.which}/{view.scope.as_of}/{walk.leader}",
        "steps": steps,
        "at": at,
        "minutes": _MINUTES,
        "editable": deal_data.may_enter(view),
        "author": author.name(view),
        "people": view.choices("owner"),
        "kinds": [{"code": one.code, "label": one.label} for one in offered],
        "due": (view.scope.as_of + dt.timedelta(days=7)).isoformat(),
        "general": at == "close",
        "note": walk.kept.kept[""].note if "" in walk.kept.kept else "",
        "actions": _actions(walk.kept.actions[walk.kept.actions["deal_id"].isna()], view.scope.as_of),
        "deal": _deal(view, walk, stop) if stop is not None else None,
        "colours": {
            "good": colours[theme.WON], "bad": colours[theme.LOST], "risk": colours[theme.RISK],
        },
    }  # fmt: skip


def _deal(view: View, walk: Walk, stop: Stop) -> dict[str, Any]:
    kept = walk.kept
    at_risk = data.at_risk(view, walk.scope).deals
    row = at_risk[at_risk["id"] == stop.deal_id]
    today = view.scope.as_of
    _, decided = data.last_decisions(view, walk.scope)
    mine = [one for one in decided if one.deal_id == stop.deal_id]
    actions = deal_data.activity_frame(view, stop.deal_id)
    actions = actions[actions["type"] == deciding.ACTION]
    since = data.since(view)
    asked, before = data.questions(view, walk.stops, stop.deal_id)
    questions = [_question(view, stop, one) for one in asked]
    facts = {one["fact"] for one in questions}
    return {
        "id": stop.deal_id,
        "name": stop.name,
        "about": meeting.spoken(stop, view.company.currency),
        "owner": stop.owner or "",
        "seconds": kept.kept[stop.deal_id].seconds if stop.deal_id in kept.kept else 0,
        "note": kept.kept[stop.deal_id].note if stop.deal_id in kept.kept else "",
        "questions": questions,
        "before": [f"{one.asked or 'Asked'} – {one.text} ({one.author})" for one in before],
        "decisions": [
            {"kind": one.kind.code, "label": one.kind.label, "note": one.note or "", "record": one.record}
            for one in kept.decisions if one.deal_id == stop.deal_id
        ],
        "last": [_outcome(one) for one in mine],
        "actions": _actions(actions, today),
        "risks": [fact for fact in row["facts"].iloc[0] if fact not in facts] if len(row) else [],
        "moves": data.movement(view, stop.deal_id),
        "moved": f"Since {day(since, year=False)}" if since else "",
    }  # fmt: skip


def _question(view: View, stop: Stop, one: Question) -> dict[str, Any]:
    today = view.scope.as_of
    earlier = [past for past in one.answers if past.day != today]
    return {
        "code": one.code,
        "text": one.text,
        "fact": one.fact,
        "href": "/deal?" + urlencode({"data": view.which, "id": stop.deal_id, "topic": one.tab}),
        "answer": next((past.text for past in one.answers if past.day == today), ""),
        "last": [
            {"day": day(past.day, year=past.day.year != today.year), "author": past.author or "", "text": past.text}
            for past in earlier[:2]
        ],
    }


def _outcome(one: Decision) -> dict[str, str]:
    note = f", {one.note}" if one.note else ""
    return {
        "outcome": one.outcome,
        "sign": _SIGNS[one.outcome],
        "label": one.kind.label,
        "said": f"{note} – {one.said}",
    }


def _actions(rows: pd.DataFrame, today: dt.date) -> list[dict[str, Any]]:
    found = []
    for row in rows.to_dict("records"):
        due = None if pd.isna(row["due_on"]) else row["due_on"].date()
        when = f"due {day(due, year=due.year != today.year)}" if due else "no date"
        late = f", {count(int(row['days_late']), 'day')} late" if row["is_overdue"] else ""
        found.append(
            {
                "id": str(row["activity_id"] or ""), "subject": str(row["subject"]), "done": bool(row["is_done"]),
                "late": bool(row["is_overdue"]),
                "about": f"{row['owner'] or 'nobody'}, {'done' if row['is_done'] else when + late}",
            }
        )  # fmt: skip
    return found
