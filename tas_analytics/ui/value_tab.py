"""The tab Value of a deal's page: lines of argument, and the propositions made of them."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Any, Final

import pandas as pd
import streamlit as st

from tas_analytics.formats import count, day, sentence_case
from tas_analytics.ingest.loading.entry import enter, withdraw
from tas_analytics.method.value import Form, forms, gains, steps
from tas_analytics.metrics.values import Argument, Proposition, Value, value_of
from tas_analytics.store.database import Store
from tas_analytics.ui import author, page
from tas_analytics.ui.session import View
from tas_analytics.ui.strategy_data import may_enter

_NEW: Final = "A new line of argument"


def draw(view: View, deal: pd.Series) -> None:
    """Draw the tab."""
    value = _value(view.store, view.version, int(deal["deal_key"]), view.scope.as_of)
    left, right = page.columns()
    with left:
        _chain_card(view, deal, value)
    with right:
        _propositions_card(view, deal, value)


def _propositions_card(view: View, deal: pd.Series, value: Value) -> None:
    with page.card("propositions"):
        page.finding(_state(value), "Sentences of six forms; one with an empty slot is unfinished")
        for number, one in enumerate(value.propositions):
            _proposition(view, one, number)
        if not value.propositions:
            page.nothing(
                "No value proposition yet",
                "Choose a form, fill its slots, and have the customer confirm it.",
                key="propositions",
            )
        if may_enter(view):
            with st.popover("Write a proposition", key="propose"):
                _propose(view, deal, value)


def _state(value: Value) -> str:
    told = value.propositions
    if not told:
        return "Nothing says yet what the customer gains"
    unfinished = sum(bool(one.empty) or one.form is None for one in told)
    confirmed = sum(one.confirmed_on is not None for one in told)
    lead = f"{sentence_case(count(len(told), 'value proposition'))}"
    parts = [f"{unfinished} unfinished" if unfinished else "all finished" if len(told) > 1 else "finished"]
    parts.append(f"{confirmed or 'none'} confirmed by the customer")
    return f"{lead}: {', '.join(parts)}"


def _proposition(view: View, one: Proposition, number: int) -> None:
    with st.container(border=True, gap="xsmall", key=f"proposition-{number}"):
        if one.form is None:
            st.markdown(f":orange[**!**] {page.plain(f'There is no form called {one.written_as}')}")
            return
        words = "".join(
            f":orange[**[{page.plain(text)}]**]" if empty else page.plain(text)
            for text, empty in one.form.parts(one.slots)
        )
        st.markdown(words)
        if one.empty:
            lacks = " and ".join(slot.label.lower() for slot in one.empty)
            state = f":orange[**!**] unfinished: {page.plain(lacks)}"
        elif one.confirmed_on:
            who = f" by {one.confirmed_by}" if one.confirmed_by else ""
            state = f":green[**✓**] confirmed{page.plain(who)} on {day(one.confirmed_on)}"
        else:
            state = "○ finished, not confirmed by the customer"
        name = f"{one.form.name} {one.name or ''}".strip()
        st.markdown(
            f":small[{state} :gray[· {page.plain(name)}{page.plain(f' · {one.author}' if one.author else '')}]]"
        )


def _propose(view: View, deal: pd.Series, value: Value) -> None:
    """Fill a form; what is there already is shown for being changed."""
    names = {one.name: one for one in forms()}
    form = names[str(st.selectbox("Form", list(names), key="propose-form"))]
    known = next((one for one in value.propositions if one.form == form and not one.name), None)
    st.caption(page.plain(form.sentence({})))
    filled = {slot.key: _slot(form, slot.key, slot.label, slot.example, known, value) for slot in form.slots}
    who, when = _confirmation(f"propose-{form.key}", known.confirmed_by if known else None,
                              known.confirmed_on if known else None)  # fmt: skip
    with st.popover("What value is made of", key="gains"):
        for words, label in (("more", "More"), ("less", "Less"), ("costs", "What it costs them")):
            st.markdown(f"**{label}**: {', '.join(gains()[words])}")
    line = st.container(horizontal=True, gap="small")
    if line.button("Save", type="primary", key="propose-save"):
        row: dict[str, object] = {"opportunity_id": deal["id"], "form": form.name, "proposition": None}
        row |= {key: text.strip() or None for key, text in filled.items()}
        row |= {"confirmed_by": who, "confirmed_on": when, "author": author.name(view)}
        enter(view.store, "value_propositions", [row], author=author.name(view))
        st.rerun()
    if known and line.button("Withdraw", key="propose-withdraw"):
        withdraw(view.store, "value_propositions", [known.record], author=author.name(view))
        st.rerun()


def _slot(form: Form, key: str, label: str, example: str, known: Proposition | None, value: Value) -> str:
    """One slot: what it holds, else what the chain says of the same thing."""
    held = (known.slots.get(key) if known else None) or next(
        (said for one in value.arguments if (said := one.said.get(key))), ""
    )
    return str(
        st.text_input(label, value=str(held or ""), placeholder=f"such as: {example}", key=f"slot-{form.key}-{key}",
                      max_chars=300)
    )  # fmt: skip


def _confirmation(key: str, who: str | None, when: dt.date | None) -> tuple[str | None, dt.date | None]:
    name = st.text_input("Confirmed by (the customer)", value=who or "", key=f"{key}-who", max_chars=120)
    on = st.date_input("Confirmed on", value=when, key=f"{key}-when", format=page.TYPED_DAY)
    return (name or "").strip() or None, on if isinstance(on, dt.date) else None


def _chain_card(view: View, deal: pd.Series, value: Value) -> None:
    with page.card("chain"):
        page.finding(_chain_state(value), "From what drives the customer to what only we bring")
        for one in value.arguments:
            page.short_list([(step.label, _said(one, step.key, step.ask)) for step in steps()])
            if one.confirmed_on:
                who = f" by {one.confirmed_by}" if one.confirmed_by else ""
                st.markdown(f":small[:green[**✓**] {page.plain(f'confirmed{who} on {day(one.confirmed_on)}')}]")
            elif not one.open_steps:
                st.markdown(":small[○ complete, not confirmed by the customer]")
        if not value.arguments:
            page.nothing("No line of argument yet", "Begin with what drives the customer's business.", key="chain")
        if may_enter(view):
            with st.popover("Edit the chain", key="chain-edit"):
                _argue(view, deal, value)


def _chain_state(value: Value) -> str:
    if not value.arguments:
        return "No chain leads to a unique business value yet"
    whole = sum(not one.open_steps for one in value.arguments)
    if not whole:
        gap = value.arguments[0].open_steps[0].label.lower()
        return f"No chain is complete: the {gap} is open"
    confirmed = sum(one.confirmed_on is not None for one in value.arguments)
    lead = f"{sentence_case(count(whole, 'chain'))} {'leads' if whole == 1 else 'lead'} to a unique business value"
    return f"{lead}, {confirmed or 'none'} confirmed by the customer"


def _said(one: Argument, key: str, ask: str) -> str:
    return page.plain(one.said[key] or "") or f":orange[open] :small[:gray[{page.plain(ask)}]]"


def _argue(view: View, deal: pd.Series, value: Value) -> None:
    names = [f"Line {one.name or place}" for place, one in enumerate(value.arguments, start=1)] + [_NEW]
    place = int(st.selectbox("Line", range(len(names)), format_func=names.__getitem__, key="argue-which"))
    known = value.arguments[place] if place < len(value.arguments) else None
    told = {
        step.key: st.text_input(
            step.label, value=(known.said[step.key] if known else None) or "", placeholder=step.ask,
            key=f"argue-{place}-{step.key}", max_chars=300,
        )
        for step in steps()
    }  # fmt: skip
    who, when = _confirmation(f"argue-{place}", known.confirmed_by if known else None,
                              known.confirmed_on if known else None)  # fmt: skip
    line = st.container(horizontal=True, gap="small")
    if line.button("Save", type="primary", key="argue-save"):
        row: dict[str, Any] = {"opportunity_id": deal["id"], "argument": known.name if known else _next(value)}
        row |= {key: (text or "").strip() or None for key, text in told.items()}
        row |= {"confirmed_by": who, "confirmed_on": when, "author": author.name(view)}
        enter(view.store, "value_chain", [row], author=author.name(view))
        st.rerun()
    if known and line.button("Withdraw", key="argue-withdraw"):
        withdraw(view.store, "value_chain", [known.record], author=author.name(view))
        st.rerun()


def _next(value: Value) -> str:
    """A number that no line has."""
    taken = {one.name for one in value.arguments}
    return next(str(number) for number in range(1, len(taken) + 2) if str(number) not in taken)


@lru_cache(maxsize=128)
def _value(store: Store, _version: int, deal_key: int, as_of: dt.date) -> Value:
    return value_of(store, deal_key, as_of)
