"""The tab Strategy of a deal's page: what is advised beside what is declared, and why."""

from __future__ import annotations

from typing import Final

import pandas as pd
import streamlit as st

from tas_analytics.formats import count, day, sentence_case
from tas_analytics.ingest.loading.entry import enter, withdraw
from tas_analytics.method.advice import Judgement, judgement_keys, judgement_label, leaning
from tas_analytics.method.judgements import answer_word
from tas_analytics.method.strategies import Strategy, strategies
from tas_analytics.metrics.strategic import DealCase, Declaration
from tas_analytics.metrics.strategy_words import named, of_deal, of_support, of_tree
from tas_analytics.ui import author, page
from tas_analytics.ui.session import View
from tas_analytics.ui.strategy_data import SIGNS, may_enter, of_deal as case_of, tree

_ANSWERS: Final = ("yes", "no", "unknown")
_SHOWN: Final = {True: "yes", False: "no", None: "open"}


def draw(view: View, deal: pd.Series) -> None:
    """Draw the tab."""
    case = case_of(view, deal)
    left, right = page.columns()
    with left:
        _tree_card(case)
        _judgements_card(view, case)
    with right:
        _declared_card(view, case)
        _support_card(case)


def _tree_card(case: DealCase) -> None:
    advice = case.advice
    against = f" · against {case.competitor}, the strongest competitor rated" if case.competitor else ""
    with page.card("tree"):
        page.finding(of_tree(advice), f"✓ yes, ✕ no, ? not known · ratings and judgements as of the day shown{against}")
        path = "; ".join(f"{step.question.short}: {_SHOWN[step.answer]}" for step in advice.path)
        page.chart(tree(case), "tree", f"{of_tree(advice)}. {path}")
        if advice.asks:
            lines = [
                f"- **{page.plain(ask.question)}**  \n  :small[:gray[{page.plain(f'{ask.label} · ask {ask.whom}')}]]"
                for ask in advice.asks
            ]
            st.markdown("What would settle it:\n" + "\n".join(lines))
        elif advice.strategy is not None:
            chosen = advice.variation.idea if advice.variation else advice.strategy.idea
            st.markdown(f"**{page.plain(advice.strategy.idea)}.** {page.plain(chosen)}." if advice.variation
                        else f"**{page.plain(chosen)}.**")  # fmt: skip
            st.caption(page.plain(advice.strategy.caution))


def _declared_card(view: View, case: DealCase) -> None:
    with page.card("declared"):
        page.finding(of_deal(case), _since(case))
        for flag in case.flags:
            sign = ":orange[**!**]" if flag.certain else ":gray[**?**]"
            st.markdown(
                f"{sign} **{page.plain(flag.rule.label)}**{'' if flag.certain else ' may be'}  \n"
                f":small[:gray[{page.plain(f'{flag.detail}. {flag.rule.advice}')}]]"
            )
        if may_enter(view):
            with st.popover("Declare a strategy", key="declare"):
                _declare(view, case)
        else:
            st.caption("An earlier day is shown; what you enter holds from the newest day on.")
        if case.declared:
            with st.expander(f"{sentence_case(count(len(case.declared), 'declaration'))} so far"):
                _history(view, case)


def _since(case: DealCase) -> str:
    if not case.current:
        return "Nothing has been declared for this deal"
    one = case.current[0]
    against = f" against {one.competitor}" if one.competitor else ""
    who = f" by {one.author}" if one.author else ""
    why = f": {one.reason}" if one.reason else ""
    return f"{_said(one)}{against} since {day(one.day.date())}{who}{why}"


def _said(one: Declaration) -> str:
    return named(one.strategy, one.variation) if one.strategy else one.text


def _declare(view: View, case: DealCase) -> None:
    """The form of a declaration. It is no st.form, because the variations depend on the strategy."""
    names = {one.name: one for one in strategies()}
    advised = case.advice.strategy
    options = list(names)
    chosen = names[
        str(
            st.selectbox(
                "Strategy", options, index=options.index(advised.name) if advised else 0, key="declare-strategy",
                format_func=lambda name: f"{name}, as advised" if advised and name == advised.name else name,
            )
        )
    ]  # fmt: skip
    st.caption(page.plain(f"{chosen.idea}. {chosen.caution}."))
    variation = None
    if chosen.variations:
        variation = st.selectbox(
            "Variation", [one.name for one in chosen.variations], index=None, placeholder="Not decided",
            key=f"declare-variation-{chosen.key}",
        )  # fmt: skip
    competitor = st.selectbox(
        "Against", sorted({one for one in (case.competitor, *(d.competitor for d in case.declared)) if one}),
        index=None, placeholder="Nobody in particular", accept_new_options=True, key="declare-competitor",
        help="One against nobody in particular replaces what was declared before; one against a competitor stands "
        "beside those against others.",
    )  # fmt: skip
    reason = st.text_input("Why", key="declare-reason", max_chars=500)
    if st.button("Declare", type="primary", key="declare-save"):
        row = {
            "opportunity_id": case.deal["id"], "strategy": chosen.name, "variation": variation,
            "competitor": competitor or None, "declared_on": view.company.last_day, "author": author.name(view),
            "reason": reason.strip() or None,
        }  # fmt: skip
        enter(view.store, "strategies", [row], author=author.name(view))
        st.rerun()


def _history(view: View, case: DealCase) -> None:
    for one in case.declared:
        line = f"**{page.plain(_said(one))}**{page.plain(f' against {one.competitor}' if one.competitor else '')}"
        detail = " · ".join(part for part in (day(one.day.date()), one.author, one.reason) if part)
        st.markdown(f"{line}  \n:small[:gray[{page.plain(detail)}]]")
        if one in case.current and may_enter(view):
            st.button("Withdraw", key=f"withdraw-{one.record}", type="tertiary", on_click=_withdraw, args=(view, one))


def _withdraw(view: View, one: Declaration) -> None:
    withdraw(view.store, "strategies", [one.record], author=author.name(view))


def _support_card(case: DealCase) -> None:
    """What the declared strategy stands on; what the advised one does, where nothing is declared."""
    one: Strategy | None = case.strategy or case.advice.strategy
    if one is None or not one.leans_on:
        return
    supports = leaning(one, case.ours)
    with page.card("support"):
        page.finding(of_support(one, supports), "Our rating, and why the strategy stands on it")
        page.short_list(
            [
                (
                    SIGNS[each.rating],
                    f"#{each.footing.criterion} {page.plain(each.name)}  \n"
                    f":small[:gray[{'' if each.footing.needed else 'watch: '}{page.plain(each.footing.why)}]]",
                )
                for each in supports
            ]
        )


def _judgements_card(view: View, case: DealCase) -> None:
    own = [key for key in judgement_keys() if case.judgements[key].author]
    with page.card("judgements"):
        title = f"{len(own)} of {len(judgement_keys())} judgements are somebody's own" if own else (
            "All judgements are proposals from the data"
        )  # fmt: skip
        page.finding(title, "What ratings cannot say; your answer goes before the proposal")
        page.short_list([(_SHOWN[case.judgements[key].answer], _judged(case, key)) for key in judgement_keys()])
        if not may_enter(view):
            return
        with st.popover("Judge for yourself", key="judge"):
            _judge(view, case, own)


def _judged(case: DealCase, key: str) -> str:
    given: Judgement = case.judgements[key]
    line = page.plain(judgement_label(key))
    if not given.author:
        return f"{line}  \n:small[:gray[{page.plain(f'proposed: {given.reason}')}]]"
    proposal = case.proposals[key]
    said = f"{given.author}: {given.reason or 'no reason given'} · proposed was {_SHOWN[proposal.answer]}"
    return f"{line}  \n:small[:gray[{page.plain(said)}]]"


def _judge(view: View, case: DealCase, own: list[str]) -> None:
    keys = list(judgement_keys())
    asked = next((ask.about for ask in case.advice.asks if isinstance(ask.about, str)), keys[0])
    key = str(
        st.selectbox("Judgement", keys, index=keys.index(str(asked)), format_func=judgement_label, key="judge-key")
    )
    now = answer_word(case.judgements[key].answer)
    answer = st.segmented_control(
        "Answer", _ANSWERS, default="unknown" if now == "not known" else now, required=True, key=f"judge-answer-{key}"
    )
    reason = st.text_input("Why", key="judge-reason", max_chars=500, placeholder="Who said so, or what shows it")
    line = st.container(horizontal=True, gap="small")
    if line.button("Save", type="primary", key="judge-save"):
        if not reason.strip():
            st.markdown(":orange[**!**] A judgement needs a reason: others will ask.")
            return
        row = {
            "opportunity_id": case.deal["id"], "judgement": key, "answer": answer,
            "judged_on": view.company.last_day, "author": author.name(view), "reason": reason.strip(),
        }  # fmt: skip
        enter(view.store, "judgements", [row], author=author.name(view))
        st.rerun()
    if key in own and line.button("Back to the proposal", key="judge-back"):
        withdraw(view.store, "judgements", list(case.judgement_records[key]), author=author.name(view))
        st.rerun()
