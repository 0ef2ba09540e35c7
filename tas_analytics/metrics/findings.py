"""Headlines: what the numbers say, in a sentence computed from them and tested against them.

Pure functions of values that the registry computed. A sentence claims no more than its figures
hold: a rate with few cases reads "k of n", a missing amount turns money into counts.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pandas as pd

from tas_analytics.formats import count, money, number, out_of, percent, rate, sentence_case
from tas_analytics.metrics.compare import short
from tas_analytics.metrics.periods import Period


@dataclass(frozen=True)
class State:
    """The figures from which the state of the pipeline is told; None where there is none."""

    currency: str
    period: Period | None
    open_deals: int
    open_pipeline: float
    won_deals: int
    won_amount: float
    lost_deals: int
    target: float | None
    commit: float
    has_categories: bool
    coverage: float | None
    worst: tuple[str, float, int] | None = None  # words, amount, deals of the largest worry


def state_of_pipeline(state: State) -> str:
    """The first sentence of the home page."""
    closed = state.won_deals + state.lost_deals
    when = short(state.period) if state.period else ""
    worry = _worry(state)
    if state.open_deals == 0 and closed == 0:
        return f"No deal closes in {state.period.label}" if state.period else "No deals match these filters"
    if state.period and state.target:
        if state.won_amount >= state.target:
            won, target = money(state.won_amount, state.currency), money(state.target, state.currency)
            return f"{when} target is reached: {won} won of {target}"
        if state.has_categories:
            share = (state.won_amount + state.commit) / state.target
            lead = f"Wins and commit cover {percent(share)} of the {when} target"
        else:
            lead = f"{percent(state.won_amount / state.target)} of the {when} target is won"
        if worry:
            return f"{lead}; {worry}"
        if state.coverage is not None:
            return f"{lead}; the open pipeline covers the rest {number(state.coverage, 1)} times"
        return lead
    if state.open_pipeline > 0:
        lead = f"{money(state.open_pipeline, state.currency)} is open in {count(state.open_deals, 'deal')}"
        lead += f" closing in {when}" if when else ""
        return f"{lead}; {worry}" if worry else lead + _won_words(state, closed)
    if state.open_deals > 0:
        verb = "is" if state.open_deals == 1 else "are"
        lead = f"{sentence_case(count(state.open_deals, 'deal'))} {verb} open" + (f" in {when}" if when else "")
        return f"{lead}, none with an amount" + _won_words(state, closed)
    return f"Nothing is open{f' in {when}' if when else ''}" + _won_words(state, closed)


def _won_words(state: State, closed: int) -> str:
    if closed == 0:
        return ""
    if closed == 1:
        return f"; the only closed deal was {'won' if state.won_deals else 'lost'}"
    if closed < 20:
        return f"; {rate(state.won_deals, closed)} closed deals were won"
    return f"; {rate(state.won_deals, closed)} of the {closed:,} closed deals were won"


def _worry(state: State) -> str:
    if not state.worst or state.worst[1] <= 0 or state.open_pipeline <= 0:
        return ""
    what, amount, _ = state.worst
    return f"{money(amount, state.currency)} {what}"


def largest_stage(stages: pd.DataFrame, currency: str, *, by_amount: bool) -> str:
    """Which stage holds most of the open pipeline, and how much of that is stalled.

    ``stages`` has one row per open stage: stage, open_pipeline, open_deals, stalled_pipeline, stalled_deals.
    """
    column, stalled = ("open_pipeline", "stalled_pipeline") if by_amount else ("open_deals", "stalled_deals")
    total = float(stages[column].sum()) if len(stages) else 0.0
    if total <= 0:
        return "No open deal in this scope"
    top = stages.sort_values(column, ascending=False, kind="stable").iloc[0]

    def say(value: float) -> str:
        return money(value, currency) if by_amount else number(value)

    noun = "open pipeline" if by_amount else "open deals"
    if not by_amount and total == 1:
        return f"The only open deal is in {top['stage']}"
    if float(top[column]) == total:
        lead = f"All {say(total)} of the {noun} {'is' if by_amount else 'are'} in {top['stage']}"
    else:
        lead = f"{top['stage']} holds {say(float(top[column]))} of the {say(total)} {noun}"
    share = float(top[stalled]) / float(top[column])
    return f"{lead}; {percent(share)} of that is stalled" if share >= 0.005 else lead


def months_ahead(months: pd.DataFrame, currency: str, *, by_amount: bool) -> str:
    """What stands out in the open pipeline by close month: what is overdue, or the fullest month.

    ``months`` has month (date or None), kind (overdue, due, none), amount, deals.
    """
    column = "amount" if by_amount else "deals"

    def say(value: float) -> str:
        return money(value, currency) if by_amount else count(int(value), "open deal")

    total = float(months[column].sum()) if len(months) else 0.0
    late = float(months.loc[months["kind"] == "overdue", column].sum()) if len(months) else 0.0
    undated = float(months.loc[months["kind"] == "none", column].sum()) if len(months) else 0.0
    if total <= 0:
        return "No open deal has a close month"
    if undated == total and not by_amount and total == 1:
        return "The only open deal has no close date"
    if undated == total:
        return f"None of the {say(total)}{'' if not by_amount else ' open pipeline'} has a close date"
    due = months[months["kind"] == "due"]
    if due.empty and not by_amount and late == 1:
        return "The only open deal with a close date is past it"
    if due.empty:
        return f"All {say(late)} with a date {'is' if by_amount else 'are'} past the close date"
    top = due.sort_values(column, ascending=False, kind="stable").iloc[0]
    month: dt.date = top["month"]
    lead = f"{month:%B} {month.year} is fullest with {say(float(top[column]))}"
    return f"{lead}; {say(late)} {'is' if by_amount or late == 1 else 'are'} past the close date" if late > 0 else lead


def weakest_step(steps: pd.DataFrame, worst: str | None) -> str:
    """Where deals are lost.

    ``steps`` has stage, passed, lost; ``worst`` is the stage that the chart marks, None where no
    stage has cases enough to be named.
    """
    if worst is None:
        return "Too few deals were decided to name a weak step"
    row = steps[steps["stage"] == worst].iloc[0]
    passed, lost = int(row["passed"]), int(row["lost"])
    lead = f"{worst} is where deals stop: {rate(passed, passed + lost)} get past it"
    others = steps.loc[steps["stage"] != worst, "lost"]
    if others.empty or lost > int(others.max()):
        return f"{lead}, {count(lost, 'deal')} {'was' if lost == 1 else 'were'} lost there"
    return lead


def stalled_share(deals: int, stalled: int, amount: float, stalled_amount: float, currency: str) -> str:
    """How much of the open pipeline has been in its stage for too long."""
    if deals == 0:
        return "No open deal has a known day of entering its stage"
    if stalled == 0:
        return "No open deal is past the stall line of its stage"
    lead = f"{sentence_case(out_of(stalled, deals, 'open deal'))} {'is' if stalled == 1 else 'are'} past the stall line"
    return f"{lead}: {money(stalled_amount, currency)} of {money(amount, currency)}" if stalled_amount > 0 else lead


def concentration(top_share: float | None, deals: int, first_share: float | None) -> str:
    """How much hangs on the ten largest deals."""
    if top_share is None:
        return "No open deal has an amount"
    if deals <= 10:
        return f"All of it hangs on {count(deals, 'deal')}"
    lead = f"Ten of {count(deals, 'deal')} hold {percent(top_share)} of the open pipeline"
    return f"{lead}, the largest alone {percent(first_share)}" if first_share and first_share >= 0.1 else lead
