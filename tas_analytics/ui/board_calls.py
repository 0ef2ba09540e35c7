"""Forecast calls on the board's page: what was called, by whom and when, and a form for the next one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd
import streamlit as st

from tas_analytics.errors import TasError
from tas_analytics.formats import count, currency_symbol, day, exact_money, money, sentence_case
from tas_analytics.metrics.hierarchy import EVERYBODY, of_leader
from tas_analytics.review import calls
from tas_analytics.ui import author, board, drill, lists, page
from tas_analytics.ui.session import View


def chosen(view: View, selected: str | None, leader: str) -> str:
    """Whose calls and deals the page shows below the board: the row selected, else the URL's, else the leader."""
    names = board.people(view).names
    if selected and selected != st.query_params.get("person"):
        st.query_params["person"] = selected
    asked = str(st.query_params.get("person", ""))
    if asked in names or asked == EVERYBODY:
        return asked
    return leader if leader != EVERYBODY else (names[0] if names else EVERYBODY)


def calls_card(view: View, found: pd.DataFrame, person: str) -> None:
    """The calls of a person, and the form."""
    period = view.scope.period
    with page.card("calls"):
        if period is None or person == EVERYBODY:
            missing = "Choose a period, and select" if period is None else "Select"
            page.finding("Whose call?", f"{missing} a person's row above, to see that person's calls or to make one")
            return
        log = calls.every_call(view.store, period, person)
        log = log[log["submitted_on"].isna() | (log["submitted_on"] <= pd.Timestamp(view.scope.as_of))]
        row = found[found["name"] == person]
        page.finding(
            _words(view, person, row, log), f"Calls of {person} for {period.label}, newest first · none is overwritten"
        )
        if not log.empty:
            _log(view, log)
        _form(view, person, log)


def _words(view: View, person: str, row: pd.DataFrame, log: pd.DataFrame) -> str:
    commits = log[log["category"].str.lower() == "commit"]
    if commits.empty:
        return f"{person} has made no call yet"
    now = float(commits["amount"].iloc[0])
    said = f"{person} calls {money(now, view.company.currency)}"
    below = None if row.empty or pd.isna(row["calls_below"].iloc[0]) else float(row["calls_below"].iloc[0])
    if below:
        apart = now - below
        word = "above" if apart > 0 else "below"
        return (
            f"{said}, {money(abs(apart), view.company.currency)} {word} the calls of the team"
            if apart
            else (f"{said}, as the team does")
        )
    earlier = commits[commits["submitted_on"] < commits["submitted_on"].iloc[0]]
    if earlier.empty:
        return said
    moved = now - float(earlier["amount"].iloc[0])
    when = day(earlier["submitted_on"].iloc[0].date(), year=False)
    if not moved:
        return f"{said}, as on {when}"
    return f"{said}, {money(abs(moved), view.company.currency)} {'more' if moved > 0 else 'less'} than on {when}"


def _log(view: View, log: pd.DataFrame) -> None:
    config = st.column_config
    shown = pd.DataFrame(
        {
            "Day": log["submitted_on"].dt.date, "Category": log["category"],
            "Amount": [exact_money(float(v), view.company.currency) for v in log["amount"]],
            "Reason": log["reason"], "Entered by": log["entered_by"],
        }
    )  # fmt: skip
    lists.show(
        shown,
        "call-log",
        "Calls, newest first",
        columns={
            "Day": config.DateColumn(format="D MMM YYYY", width=105),
            "Amount": config.Column(alignment="right"),
            "Reason": config.TextColumn(width=220),
        },
        most=6,
    )


def _form(view: View, person: str, log: pd.DataFrame) -> None:
    """The next call. It tells of the newest export's day, whatever day the page shows."""
    if view.scope.as_of != view.company.last_day or view.scope.period is None:
        st.caption("Calls are entered on the newest day: change As of under More filters.")
        return
    latest = {name: log[log["category"].str.lower() == name.lower()]["amount"] for name in calls.CATEGORIES}
    with st.form("call", border=False):
        line = st.container(horizontal=True, gap="small", vertical_alignment="bottom")
        amounts = {
            name: line.number_input(
                f"{name}, {currency_symbol(view.company.currency).strip()}",
                min_value=0.0, step=1000.0, format="%.0f", key=f"call-{name}-{person}", width=170,
                value=float(latest[name].iloc[0]) if len(latest[name]) else None, placeholder="Amount",
            )
            for name in calls.CATEGORIES
        }  # fmt: skip
        reason = line.text_input("Why", key=f"call-reason-{person}", max_chars=400, placeholder="What changed")
        sent = line.form_submit_button("Submit the call", type="primary")
    st.caption(
        f"Entered by {page.plain(author.name(view))} on {day(view.company.last_day)}; a load that can be undone."
    )
    if not sent:
        return
    given = changed(amounts, {name: float(rows.iloc[0]) for name, rows in latest.items() if len(rows)})
    try:
        if not given:
            raise TasError("Nothing was changed", "Write another amount in one of the two.")
        calls.submit(
            view.store, view.company, view.scope.period, person, given, reason=reason, author=author.name(view)
        )
    except TasError as error:
        page.refusal(error.title, error.hint, "call")
        return
    st.toast(sentence_case(f"{count(len(given), 'call')} of {person} kept."))
    st.rerun()


def changed(amounts: Mapping[str, float | None], latest: Mapping[str, float]) -> dict[str, float]:
    """The calls to enter: those that differ from the newest ones. A field that was left as it was is no new call."""
    return {
        name: float(value)
        for name, value in amounts.items()
        if value is not None and (name not in latest or round(float(value), 2) != round(latest[name], 2))
    }


def deals_of(view: View, person: str) -> None:
    """The open deals of a person and everybody below."""
    scope = of_leader(view.scope, board.people(view), person)
    drill.table(replace(view, scope=scope), default={"status": "open"}, above="a row")
