"""The tab "Milestones" of a deal: what the customer has to do, by when, what is reached and what proves it."""

from __future__ import annotations

import datetime as dt
import zlib
from collections import Counter
from typing import Any, Final

import pandas as pd
import streamlit as st

from tas_analytics.charts.milestone_timeline import milestone_timeline
from tas_analytics.formats import count, day, sentence_case
from tas_analytics.metrics.plans import of_milestone
from tas_analytics.ui import author, deal_data as data, deal_work as work, entered, page
from tas_analytics.ui.deal import versions
from tas_analytics.ui.deal_work import as_day, clean
from tas_analytics.ui.session import View

#: Days within which a target lies that an event proposes where its stage says nothing.
_SOON: Final = 14


def draw(view: View, deal: pd.Series) -> None:
    """The whole tab."""
    rows = data.milestones_of(view, deal["id"])
    entered.undo_line(view)
    if not timeline_card(view, deal):
        _none(view, deal)
    if data.may_enter(view):
        _add(view, deal, rows)
    else:
        st.caption("You look at an earlier day: choose the newest one under More filters to enter something.")
    if rows:
        _list(view, deal, rows)


def timeline_card(view: View, deal: pd.Series) -> bool:
    """The milestones over time, under the stages; tells whether the deal has any."""
    rows = data.milestones_of(view, deal["id"])
    if not rows:
        return False
    with page.card("milestones"):
        page.finding(finding(rows), "● reached  ○ due  ◆ overdue · target date as a tick")
        page.chart(
            milestone_timeline(_marks(rows), as_of=view.scope.as_of, stages=_bands(view, deal)),
            "milestones",
            "Milestones of the deal over time: planned, reached and overdue",
        )
    return True


def finding(rows: list[dict[str, Any]]) -> str:
    """Where the milestones stand, in one sentence."""
    overdue = [row for row in rows if row["is_overdue"]]
    waiting = [row for row in rows if not row["is_reached"]]
    if overdue:
        longest = max(overdue, key=lambda row: row["days_late"])
        words = count(len(overdue), "milestone is", "milestones are")
        late = count(int(longest["days_late"]), "day")
        which = f"{longest['milestone']} for {late}" if len(overdue) > 1 else f"{longest['milestone']}, {late}"
        return f"{sentence_case(words)} overdue: {which}"
    dated = [row for row in waiting if clean(row["target_date"]) is not None]
    if dated:
        following = min(dated, key=lambda row: row["target_date"])
        return f"Nothing is overdue; next is {following['milestone']}, due {day(as_day(following['target_date']))}"
    if waiting:
        return f"{sentence_case(count(len(waiting), 'milestone'))} to reach, without a target date"
    return f"All {len(rows)} milestones are reached" if len(rows) > 1 else "The one milestone is reached"


def _none(view: View, deal: pd.Series) -> None:
    derived = data.stages_of(view, deal["id"])
    told = ", ".join(
        f"{row['milestone']}" + (f" since {day(as_day(row['achieved_date']))}" if clean(row["achieved_date"]) else "")
        for row in derived
    )
    detail = f"Derived from its stages: {told}." if told else "Its stages tell of none either."
    page.nothing("No milestones are recorded for this deal", detail, key="milestones")


def _marks(rows: list[dict[str, Any]]) -> pd.DataFrame:
    columns = ["name", "key", "target_date", "achieved_date", "is_overdue"]
    return pd.DataFrame(
        [(r["milestone"], r["record"], r["target_date"], r["achieved_date"], r["is_overdue"]) for r in rows],
        columns=columns,
    )


def _bands(view: View, deal: pd.Series) -> pd.DataFrame:
    """The stays in stages that the exports saw, joined where nothing but the rest changed."""
    log = versions(view, deal["id"])
    bands: list[list[Any]] = []
    for row in log[log["stage"].notna()].to_dict("records"):
        if row["status"] != "open":
            continue
        end = view.scope.as_of if pd.isna(row["valid_to"]) else min(row["valid_to"].date(), view.scope.as_of)
        if bands and bands[-1][0] == row["stage"]:
            bands[-1][2] = end
        else:
            bands.append([row["stage"], row["valid_from"].date(), end])
    return pd.DataFrame(bands, columns=["stage", "start", "end"])


def _add(view: View, deal: pd.Series, rows: list[dict[str, Any]]) -> None:
    known = {row["code"] for row in rows}
    offered = {one["milestone"]: one for one in data.catalogue(view) if one["in_use"] and one["code"] not in known}
    mark = f"{deal['id']}-{view.version}"
    with page.card("add-milestone"):
        page.finding("Add an event of the customer", "Choosing it brings the activities of its plan")
        event = st.selectbox(
            "Event", list(offered), index=None, key=f"event-{mark}", placeholder="Choose an event of the catalogue",
        )  # fmt: skip
        if event is None:
            return
        chosen = offered[event]
        steps = of_milestone(data.plans_of(view).get(str(chosen["code"]), ()))
        if clean(chosen["about"]):
            st.caption(page.plain(str(chosen["about"])))
        with st.form(f"add-{mark}", border=False):
            left, middle, right = st.columns(3)
            target = left.date_input("Target date", value=_target(view, deal, chosen), format=page.TYPED_DAY)
            contact = middle.selectbox(
                "Responsible at the customer", data.customers_of(view, deal["id"], clean(deal["account"])), index=None,
                accept_new_options=True, placeholder="Choose or type a name",
            )  # fmt: skip
            description = right.text_input("Description", placeholder="What it means for this deal")
            if steps:
                st.markdown("Suggested activities")
            picked = [
                step
                for step in steps
                if st.checkbox(page.plain(step.subject), value=True, key=f"{step.step_id}-{mark}")
            ]
            sent = st.form_submit_button(f"Add {page.plain(event)}", type="primary")
        if sent:
            people = data.customers_of(view, deal["id"], clean(deal["account"]))
            values = {"target_date": target, "contact": work.meant(contact, people), "description": description or None}
            entered.attempt(
                view, "add",
                lambda _: work.add_milestone(
                    view.store, _as_dict(deal), event, values, picked, today=view.scope.as_of, author=author.name(view)
                ),
            )  # fmt: skip


def _target(view: View, deal: pd.Series, chosen: dict[str, Any]) -> dt.date:
    """The day that the catalogue's plan gives, counted from the entry into the present stage, or else from today.

    A plan whose day is near or gone by leaves two weeks.
    """
    today = view.scope.as_of
    planned, entered = clean(chosen["planned_days"]), as_day(deal["stage_since"])
    start = entered if entered is not None and chosen["stage"] == deal["stage"] else today
    found = today if planned is None else start + dt.timedelta(days=int(planned))
    return found if (found - today).days > _SOON / 2 else today + dt.timedelta(days=_SOON)


def _list(view: View, deal: pd.Series, rows: list[dict[str, Any]]) -> None:
    reached = sum(row["is_reached"] for row in rows)
    still = Counter(one["milestone"] for one in data.activities_of(view, deal["id"]) if one["is_open"])
    with page.card("milestone-list"):
        page.finding(
            f"{reached} of {len(rows)} reached",
            "In the order of the catalogue; what a stage is not done without says so",
        )
        for row in rows:
            mark = f"{zlib.crc32(str(row['record']).encode()):08x}"
            words, buttons = page.row(f"milestone-{mark}")
            words.markdown(_line(row, still[row["milestone"]]))
            if data.may_enter(view):
                if not row["is_reached"] and buttons.button("Reached", key=f"reached-{mark}", type="tertiary"):
                    _edit(view, deal, row, reached=True)
                if buttons.button("Edit", key=f"edit-{mark}", type="tertiary"):
                    _edit(view, deal, row, reached=False)


def _line(row: dict[str, Any], still: int) -> str:
    """A milestone in two lines: its name and state, and what is known of it; ``still`` counts its open activities."""
    plain = page.plain
    sign = "●" if row["is_reached"] else ":orange[◆]" if row["is_overdue"] else "○"
    facts = [f"target {day(as_day(row['target_date']))}" if clean(row["target_date"]) else "no target date"]
    if row["is_reached"]:
        facts.insert(0, f"reached {day(as_day(row['achieved_date']))}")
    if row["is_overdue"]:
        facts.append(f"{count(int(row['days_late']), 'day')} overdue")
    facts += [str(row[name]) for name in ("contact", "description", "evidence") if clean(row[name])]
    if still:
        facts.append(count(still, "open activity", "open activities"))
    if row["mandatory"] and clean(row["stage"]):
        facts.append(f"ends {row['stage']}")
    name = plain(str(row["milestone"]))
    return f"{sign} **{name}**  \n:small[:gray[{plain(' · '.join(facts))}]]"


@st.dialog("Milestone", width="medium")
def _edit(view: View, deal: pd.Series, before: dict[str, Any], *, reached: bool) -> None:
    """The form of one milestone. ``before`` is what was shown when it was opened."""
    st.markdown(f"**{page.plain(str(before['milestone']))}**")
    people = data.customers_of(view, deal["id"], clean(deal["account"]))
    mark = f"{zlib.crc32(str(before['record']).encode()):08x}-{before['load_id']}-{reached:d}"
    with st.form(f"form-{mark}", border=False):
        left, right = st.columns(2)
        values: dict[str, object] = {
            "target_date": left.date_input("Target date", value=as_day(before["target_date"]), format=page.TYPED_DAY),
            "achieved_date": right.date_input(
                "Reached on", value=as_day(before["achieved_date"]) or (view.scope.as_of if reached else None),
                max_value=view.scope.as_of, format=page.TYPED_DAY,
            ),
            "contact": st.selectbox(
                "Responsible at the customer", people, accept_new_options=True, placeholder="Choose or type a name",
                index=people.index(before["contact"]) if before["contact"] in people else None,
            ),
            "evidence": st.text_input("Evidence", value=clean(before["evidence"]) or "", placeholder="What proves it"),
            "description": st.text_input("Description", value=clean(before["description"]) or ""),
        }  # fmt: skip
        save = st.form_submit_button("Save", type="primary")
    if save:
        values["contact"] = work.meant(values["contact"], people)
        now = next((row for row in _fresh(view, deal) if row["record"] == before["record"]), None)
        entered.attempt(
            view, f"{mark}-{now['load_id'] if now else 0}",
            lambda anyway: work.edit_milestone(
                view.store, before, now, values, author=author.name(view), anyway=anyway
            ),
        )  # fmt: skip
    if st.button("Remove from the deal", type="tertiary", key=f"remove-{mark}"):
        entered.attempt(
            view, "remove", lambda _: work.delete(view.store, "milestones", before, author=author.name(view))
        )  # fmt: skip


def _fresh(view: View, deal: pd.Series) -> list[dict[str, Any]]:
    """The milestones as they are now: others may have entered some since the page was drawn."""
    newest = View(view.which, view.store, view.store.data_version, view.company, view.scope)
    return data.milestones_of(newest, deal["id"])


def _as_dict(deal: pd.Series) -> dict[str, Any]:
    return {str(name): value for name, value in deal.items()}
