"""The tab "Inspect" of a deal: what to ask this week, with the facts that raise it; answers and decisions."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import pandas as pd
import streamlit as st

from tas_analytics.errors import TasError
from tas_analytics.formats import count, day, sentence_case
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.scope import Scope
from tas_analytics.review import decisions as deciding, meeting
from tas_analytics.review.inspection import Question
from tas_analytics.review.inspection_data import Inspected, answered_before, answers, inspect
from tas_analytics.store import Store
from tas_analytics.ui import author, deal_data as data, page
from tas_analytics.ui.session import View

#: Sign and word of how a decision turned out.
OUTCOMES: Final = {
    "yes": (":green[**✓**]", "came true"),
    "no": (":red[**✕**]", "did not come true"),
    "early": (":gray[**○**]", "too early to say"),
    "unknown": (":gray[**?**]", "cannot be told from the data"),
}


def draw(view: View, deal: pd.Series) -> None:
    """The whole tab."""
    if deal["status"] != "open":
        page.nothing("Nothing to ask", f"The deal is {deal['status']}.", key="inspect")
    else:
        _questions(view, deal)
    _decisions(view, deal)


def _questions(view: View, deal: pd.Series) -> None:
    found = inspected(view, str(deal["id"]))
    asked = found.sheets.get(str(deal["id"]), ())
    since = f"movements since {day(found.since)}" if found.since else "no earlier day to compare with"
    with page.card("inspect"):
        answered = sum(bool(_today(view, one)) for one in asked)
        title = f"{sentence_case(count(len(asked), 'question'))} for this deal this week"
        page.finding(
            f"{title}, {answered} answered" if answered else title,
            f"Each with the fact that raised it · {since} · answers are kept and shown the week after",
        )
        given_before = answers(view.store, view.scope.as_of, [str(deal["id"])]).get(str(deal["id"]), {})
        before = answered_before(given_before, asked, view.scope.as_of)
        with st.form("inspect", border=False):
            given = {one.code: _one(view, deal, one, place) for place, one in enumerate(asked, start=1)}
            sent = st.form_submit_button("Save the answers", type="primary", disabled=not data.may_enter(view))
        if not data.may_enter(view):
            st.caption("Answers are entered on the newest day: change As of under More filters.")
        for one in before:
            said = f"{one.asked or 'Asked'} – {one.text} ({day(one.day)}, {one.author})"
            st.markdown(f":small[:gray[Answered last time: {page.plain(said)}]]")
        if sent:
            _save(view, str(deal["id"]), asked, given)


def _one(view: View, deal: pd.Series, one: Question, place: int) -> str:
    st.markdown(f"**{place}.** {page.plain(one.text)}")
    page.deal_link(one.fact, str(deal["id"]), topic=one.tab)
    now = _today(view, one)
    for past in one.answers:
        if past.day != view.scope.as_of:
            st.markdown(f":small[:gray[{page.plain(f'{day(past.day)}, {past.author}: {past.text}')}]]")
    return str(
        st.text_area(
            one.text, value=now, key=f"answer-{deal['id']}-{one.code}-{view.version}", height=68, max_chars=2000,
            label_visibility="collapsed", placeholder="Answer", disabled=not data.may_enter(view),
        )
        or ""
    )  # fmt: skip


def _today(view: View, one: Question) -> str:
    return next((past.text for past in one.answers if past.day == view.scope.as_of), "")


def _save(view: View, deal_id: str, asked: tuple[Question, ...], given: dict[str, str]) -> None:
    changed = [one for one in asked if given[one.code].strip() != _today(view, one).strip()]
    if not changed:
        st.toast("Nothing was changed.")
        return
    entries = [
        meeting.Entry("answer", deal_id, given[one.code], question=one.code, asked=one.text, fact=one.fact)
        for one in changed
    ]
    try:
        meeting.keep(view.store, view.scope.as_of, entries, author=author.name(view))
    except TasError as refusal:
        page.refusal(refusal.title, refusal.hint, "answers")
        return
    st.toast(f"{sentence_case(count(len(entries), 'answer'))} kept.")
    st.rerun()


def _decisions(view: View, deal: pd.Series) -> None:
    found = deciding.decisions(view.store, view.company, Scope(view.scope.as_of), deal_id=str(deal["id"]))
    if not found:
        return
    with page.card("decided"):
        page.finding(
            deciding.came_true(found), "What reviews decided about this deal, judged by what the data say since"
        )
        rows = [
            (
                day(one.decided_on),
                f"{OUTCOMES[one.outcome][0]} **{page.plain(one.kind.label)}**"
                + (f": {page.plain(one.note)}" if one.note else "")
                + f"  \n:small[:gray[{page.plain(one.said)} · {page.plain(one.author or '')}]]",
            )
            for one in found
        ]
        page.pairs(rows)


def inspected(view: View, *deal_ids: str) -> Inspected:
    """The sheets of some deals."""
    return _inspected(view.store, view.version, view.company, view.scope, deal_ids)


@lru_cache(maxsize=64)
def _inspected(store: Store, _version: int, company: Company, scope: Scope, deal_ids: tuple[str, ...]) -> Inspected:
    return inspect(store, company, scope.as_of, deal_ids)
