"""The page Debrief: the four questions for one seller's deals, what was agreed, and the roll-out of the method."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Any, Final

import pandas as pd
import streamlit as st

from tas_analytics.formats import count, day, escape_markdown, money, rate, sentence_case
from tas_analytics.metrics import activities, debrief
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.scope import Scope
from tas_analytics.store import Store
from tas_analytics.store.database import set_setting
from tas_analytics.ui import author, deal_data as data, deal_work as work, drill, entered, lists, page, plan_tab
from tas_analytics.ui.session import View

TABS: Final = ("Four questions", "Roll-out")
#: The company setting that holds the first day of the roll-out.
START: Final = "rollout_start"
#: Deals of one seller shown with their answers; more fit no debrief.
_SHOWN: Final = 30
#: Deals without any answer are listed up to so many: more of them would say no more.
_UNANSWERED: Final = 10
_NONE: Final = ":orange[none]"


def tab() -> str:
    """Which of the two the address asks for."""
    asked = st.segmented_control(
        "Part", TABS, default=TABS[0], required=True, key="part", bind="query-params", label_visibility="collapsed"
    )
    return str(asked or TABS[0])


def person(view: View) -> str:
    """Whose deals are debriefed: the address, else this visitor, else the seller with the most open deals."""
    counted = view.measure(("open_deals",), ("owner",), view.scope.within(None))
    counted = counted[counted["owner"].notna() & (counted["open_deals"] > 0)]
    names = sorted(counted["owner"], key=str.casefold)
    if not names:
        return ""
    most = str(counted.sort_values("open_deals", ascending=False)["owner"].iloc[0])
    me = author.name(view)
    first = me if me in names else most
    return str(
        st.selectbox("Whose deals", names, index=names.index(first), key="seller", bind="query-params", width=320)
    )


def four_questions(view: View, who: str, rows: pd.DataFrame) -> None:
    """A row per deal, a column per question; what has no answer stands out."""
    with page.card("questions"):
        answered = bool((rows["answers"] > 0).any())
        page.finding(
            "Which step, what proves it, what is going on, what is prepared"
            if answered or rows.empty
            else "Nothing is known yet: milestones and activities answer the four questions",
            "Open deals, largest first · amber is a question without an answer · a deal's name opens it",
        )
        if rows.empty:
            page.nothing("No open deal", drill.why_empty(view, view.scope), key="questions")
            return
        shown = rows.head(_SHOWN)
        for row in shown[shown["answers"] > 0].to_dict("records"):
            _deal(view, row)
        if len(rows) > _SHOWN:
            st.caption(f"The {_SHOWN} largest of {len(rows):,} deals.")
    _unanswered(view, shown[shown["answers"] == 0])


def _unanswered(view: View, rows: pd.DataFrame) -> None:
    """Deals of which nothing is answered: four times "none" for each would say no more than the list does."""
    if rows.empty:
        return
    with page.card("unanswered"):
        title = f"{count(len(rows), 'deal')} {'answers' if len(rows) == 1 else 'answer'} none of the four"
        page.finding(
            sentence_case(title), "No milestone achieved, nothing planned · a name opens the deal, where both are added"
        )
        for row in rows.head(_UNANSWERED).to_dict("records"):
            with st.container(key=f"row-unanswered-{row['id']}", gap="xxsmall"):
                page.deal_link(str(row["name"]), str(row["id"]), topic="Milestones")
                st.markdown(f":small[:gray[{escape_markdown(_where(view, row))}]]")
        if len(rows) > _UNANSWERED:
            st.caption(f"and {count(len(rows) - _UNANSWERED, 'smaller one')}")


def _where(view: View, row: dict[Any, Any]) -> str:
    """Amount, stage and close date of a deal, as far as they are known."""
    amount = None if pd.isna(row["amount"]) else money(float(row["amount"]), view.company.currency)
    closes = None if pd.isna(row["close_date"]) else f"closes {day(row['close_date'].date())}"
    return ", ".join(str(part) for part in (amount, row["stage"], closes) if part)


def _deal(view: View, row: dict[Any, Any]) -> None:
    with st.container(key=f"card-debrief-{row['id']}", gap="xsmall"):
        page.deal_link(str(row["name"]), str(row["id"]))
        st.markdown(f":small[:gray[{escape_markdown(_where(view, row))}]]")
        for place, (question, answer) in zip(st.columns(4, gap="small"), _answers(row), strict=True):
            place.markdown(f":small[:gray[{escape_markdown(question)}]]  \n{answer}")


def _answers(row: dict[Any, Any]) -> list[tuple[str, str]]:
    def said(value: Any) -> str | None:
        return None if value is None or pd.isna(value) else escape_markdown(str(value))

    step = said(row["step"])
    if step and pd.notna(row["step_on"]):
        step += escape_markdown(f", {day(row['step_on'].date())}")
    doing = said(row["activity"])
    if doing and pd.notna(row["activity_due"]):
        due = f" due {day(row['activity_due'].date(), year=False)}"
        doing += f" :orange[overdue,{escape_markdown(due)}]" if row["is_overdue"] else escape_markdown(f",{due}")
    answers = (step, said(row["evidence"]), doing, said(row["preparation"]))
    return [(question, answer or _NONE) for question, answer in zip(debrief.QUESTIONS, answers, strict=True)]


def actions_card(view: View, who: str, rows: pd.DataFrame) -> None:
    """What was agreed in debriefs: open ones first, each with its buttons, and a form for the next one."""
    agreed = _corrective(view.store, view.version, view.company, view.scope.where("owner", who))
    listed = [{str(name): value for name, value in row.items()} for row in agreed.to_dict("records")]
    still = [row for row in listed if row["is_open"]]
    overdue = sum(bool(row["is_overdue"]) for row in still)
    with page.card("actions"):
        done = len(listed) - len(still)
        title = "No corrective action is agreed yet"
        if listed:
            title = sentence_case(count(len(still), "corrective action") + f" open, {overdue} overdue, {done} done")
        page.finding(title, f"Agreed in debriefs of {who}'s deals, overdue first")
        entered.undo_line(view)
        for row in listed[:20]:
            plan_tab.line(view, row, [])
        if not data.may_enter(view):
            st.caption("You look at an earlier day: choose the newest one under More filters to enter something.")
        elif len(rows):
            _form(view, who, rows)


def _form(view: View, who: str, rows: pd.DataFrame) -> None:
    names = dict(zip(rows["id"], rows["name"], strict=True))
    with st.form(f"corrective-{view.version}", border=False):
        deal = st.selectbox("Deal", list(names), format_func=lambda key: str(names[key]))
        what = st.text_input("What is to be corrected", max_chars=300)
        left, right = st.columns(2)
        owner = left.text_input("Who does it", value=who)
        due = right.date_input("By", value=view.scope.as_of + dt.timedelta(days=7), format=page.TYPED_DAY)
        save = st.form_submit_button("Agree", type="primary")
    if save:
        values: dict[str, object] = {
            "subject": what, "type": debrief.CORRECTIVE, "display": "to do", "owner": owner, "status": "Planned",
            "priority": "High", "due_date": due,
        }  # fmt: skip
        entered.attempt(
            view, "corrective",
            lambda _: work.add_activity(
                view.store, str(deal), values, today=view.scope.as_of, author=author.name(view)
            ),
        )  # fmt: skip


def start_of(view: View) -> dt.date:
    """The first day of the roll-out: the company's setting, else 90 days before the day shown."""
    set_day = view.store.setting(START)
    return dt.date.fromisoformat(set_day) if set_day else view.scope.as_of - dt.timedelta(days=90)


def choose_start(view: View) -> None:
    """The setting of the first day, for the whole company."""
    now = start_of(view)
    picked = st.date_input("The roll-out begins on", value=now, format=page.TYPED_DAY, key=f"start-{now}", width=220)
    if picked != now:
        with view.store.transaction() as cursor:
            set_setting(cursor, START, picked.isoformat())
        st.rerun()


def people_card(view: View, found: debrief.RollOut) -> None:
    """Per person: deals, graded, worked on, and by day 30, 60 and 90."""
    people = found.people.sort_values(["worked", "owner"], key=_share(found.people), kind="stable")
    with page.card("people"):
        page.finding(
            f"{int(found.deals['graded_on'].notna().sum()):,} of {count(len(found.deals), 'open deal')} are graded",
            "Graded: assessed at least once · worked on: assessed or updated since the start · goals: half by day 30, "
            "all by day 60",
        )
        table = [
            (
                escape_markdown(row["owner"]),
                f"{row['deals']:,}",
                *(escape_markdown(rate(int(row[key]), int(row["deals"]))) for key in ("graded", "worked")),
                *(_by(row, days, goal) for days, goal in debrief.GOALS),
            )
            for row in people.to_dict("records")
        ]
        heads = ["Owner", "Deals", "Graded", "Worked on", *(f"By day {days}" for days, _ in debrief.GOALS)]
        st.table(pd.DataFrame(table, columns=heads), border="horizontal", hide_index=True)


def _share(people: pd.DataFrame) -> Any:
    share = people["worked"] / people["deals"]
    return lambda column: share.loc[column.index] if column.name == "worked" else column


def _by(row: dict[Any, Any], days: int, goal: float) -> str:
    value = row[f"by_{days}"]
    if value is None or pd.isna(value):
        return ":gray[not yet]"
    text = escape_markdown(rate(int(value), int(row["deals"])))
    return text if value >= goal * row["deals"] else f":orange[{text}]"


def missing_card(view: View, found: debrief.RollOut) -> None:
    """Every open deal that lacks something, largest first."""
    rows = found.deals[found.deals["missing"].notna()]
    with page.card("missing-work"):
        page.finding(
            sentence_case(f"{count(len(rows), 'open deal')} {'lacks' if len(rows) == 1 else 'lack'} something"),
            f"Largest first · a row opens the deal · amounts in {view.company.currency}",
        )
        if rows.empty:
            return
        config = st.column_config
        shown = rows.head(lists.SHOWN)
        chosen_row = lists.choose(
            shown[["amount", "name", "owner", "missing", "graded_on", "worked_on"]],
            "missing-table",
            "Open deals that lack something",
            columns={
                "name": lists.deal(),
                "owner": config.TextColumn("Owner", width=160),
                "missing": config.TextColumn("Missing", width=280),
                "amount": lists.amount(),
                "graded_on": config.DateColumn("Graded on", format="D MMM YYYY", width=105),
                "worked_on": config.DateColumn("Worked on", format="D MMM YYYY", width=105),
            },
            most=15,
        )
        if chosen_row is not None:
            page.open_deal(str(shown["id"].iloc[chosen_row]))


def asked(view: View, who: str) -> pd.DataFrame:
    """The deals of a seller with their answers."""
    return _debrief(view.store, view.version, view.company, view.scope.within(None).where("owner", who)).copy()


def rolled_out(view: View) -> debrief.RollOut:
    """The roll-out since the start day."""
    return _roll_out(view.store, view.version, view.company, view.scope, start_of(view))


@lru_cache(maxsize=64)
def _debrief(store: Store, _version: int, company: Company, scope: Scope) -> pd.DataFrame:
    return debrief.debrief(store, company, scope)


@lru_cache(maxsize=64)
def _corrective(store: Store, _version: int, company: Company, scope: Scope) -> pd.DataFrame:
    return activities.of_type(store, company, scope, debrief.CORRECTIVE)


@lru_cache(maxsize=16)
def _roll_out(store: Store, _version: int, company: Company, scope: Scope, start: dt.date) -> debrief.RollOut:
    return debrief.roll_out(store, company, scope, start)
