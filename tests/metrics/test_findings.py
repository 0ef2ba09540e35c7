"""Headlines: they never fail, they claim nothing that the figures do not hold, and their grammar is right."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Hashable
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, strategies as st

from tas_analytics.charts.conversion import worst_step
from tas_analytics.formats import money, number, percent
from tas_analytics.metrics import findings
from tas_analytics.metrics.findings import State
from tas_analytics.metrics.periods import FiscalCalendar

QUARTER = FiscalCalendar().parse("2026Q4")
COUNTS = st.integers(0, 3000)
AMOUNTS = st.one_of(st.just(0.0), st.floats(0.01, 5e9, allow_nan=False))
MAYBE = st.one_of(st.none(), st.floats(0.0, 1e9))
#: Names without digits, so that every digit of a sentence is a figure.
NAMES = ["Talk", "Offer", "Proof", "Close"]


def figures(sentence: str) -> set[str]:
    """The numbers of a sentence as they are written, without quarter names and years."""
    plain = re.sub(r"\bQ[1-4]\b( \d{4})?|\b(January|February|March|April|May|June|July|August|September|October|"
                   r"November|December) \d{4}", "", sentence)  # fmt: skip
    return set(re.findall(r"[$]?\d[\d,]*(?:\.\d+)?[kMB]?(?:\u202f%)?", plain))


def clean(sentence: str) -> None:
    assert sentence
    assert sentence[0].isupper() or not sentence[0].isalpha()
    assert not re.search(r"nan|None\b(?! of)|inf\b|\.$|  ", sentence), sentence
    assert not re.search(r"(?<![\d,.])1 (open deals|deals)\b(?! hold)", sentence.replace("of 1 ", "")), sentence


@st.composite
def states(draw: st.DrawFn) -> State:
    worst = draw(st.one_of(st.none(), st.tuples(st.just("is past its close date"), AMOUNTS, COUNTS)))
    open_deals = draw(COUNTS)
    return State(
        "USD", draw(st.sampled_from([None, QUARTER])), open_deals, draw(AMOUNTS) if open_deals else 0.0,
        draw(COUNTS), draw(AMOUNTS), draw(COUNTS), draw(MAYBE), draw(AMOUNTS), draw(st.booleans()), draw(MAYBE), worst,
    )  # fmt: skip


@given(states())
def test_the_state_of_the_pipeline_holds_only_its_figures(state: State) -> None:
    sentence = findings.state_of_pipeline(state)
    clean(sentence)
    closed = state.won_deals + state.lost_deals
    allowed = {money(state.won_amount), money(state.open_pipeline), number(state.open_deals), number(closed),
               number(state.won_deals)}  # fmt: skip
    if state.target:
        allowed |= {money(state.target), percent(state.won_amount / state.target)}
        allowed |= {percent((state.won_amount + state.commit) / state.target)}
    if closed:
        allowed |= {percent(state.won_deals / closed)}
    if state.coverage is not None:
        allowed |= {number(state.coverage, 1)}
    if state.worst:
        allowed |= {money(state.worst[1])}
    assert figures(sentence) <= allowed


def state(**changes: object) -> State:
    plain: dict[str, object] = {
        "currency": "USD", "period": None, "open_deals": 0, "open_pipeline": 0.0, "won_deals": 0, "won_amount": 0.0,
        "lost_deals": 0, "target": None, "commit": 0.0, "has_categories": False, "coverage": None, "worst": None,
    }  # fmt: skip
    return State(**{**plain, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "No deals match these filters"),
        ({"period": QUARTER}, "No deal closes in Q4 2026"),
        ({"open_deals": 1}, "1 deal is open, none with an amount"),
        ({"open_deals": 2, "won_deals": 3, "lost_deals": 4},
         "2 deals are open, none with an amount; 3 of 7 closed deals were won"),
        ({"open_deals": 1, "open_pipeline": 5e3, "won_deals": 30, "lost_deals": 30},
         "$5.0k is open in 1 deal; 50\u202f% of the 60 closed deals were won"),
        ({"won_deals": 19}, "Nothing is open; 19 of 19 closed deals were won"),
        ({"won_deals": 15, "lost_deals": 5}, "Nothing is open; 75\u202f% of the 20 closed deals were won"),
        ({"lost_deals": 1}, "Nothing is open; the only closed deal was lost"),
        ({"period": QUARTER, "open_deals": 3, "open_pipeline": 1e6, "target": 2e6, "won_amount": 5e5, "won_deals": 1,
          "coverage": 0.67}, "25\u202f% of the Q4 target is won; the open pipeline covers the rest 0.7 times"),
        ({"period": QUARTER, "won_amount": 3e6, "won_deals": 9, "target": 2e6},
         "Q4 target is reached: $3.0M won of $2.0M"),
    ],
)  # fmt: skip
def test_the_state_in_words(changes: dict[str, object], sentence: str) -> None:
    assert findings.state_of_pipeline(state(**changes)) == sentence


@st.composite
def stage_frames(draw: st.DrawFn) -> pd.DataFrame:
    rows = []
    for name in NAMES[: draw(st.integers(0, 4))]:
        deals = draw(COUNTS)
        amount = draw(AMOUNTS) if deals else 0.0
        share = draw(st.floats(0, 1))
        rows.append((name, amount, deals, amount * share, int(deals * share)))
    columns = ["stage", "open_pipeline", "open_deals", "stalled_pipeline", "stalled_deals"]
    return pd.DataFrame(rows, columns=columns)


@given(stage_frames(), st.booleans())
def test_the_largest_stage_holds_only_its_figures(frame: pd.DataFrame, by_amount: bool) -> None:
    sentence = findings.largest_stage(frame, "USD", by_amount=by_amount)
    clean(sentence)
    column, stalled = ("open_pipeline", "stalled_pipeline") if by_amount else ("open_deals", "stalled_deals")
    if not len(frame) or frame[column].sum() <= 0:
        assert sentence == "No open deal in this scope"
        return
    top: dict[Hashable, Any] = max(frame.to_dict("records"), key=lambda row: float(row[column]))
    say = money if by_amount else number
    assert top["stage"] in sentence
    assert figures(sentence) <= {say(top[column]), say(frame[column].sum()), percent(top[stalled] / top[column])}


def test_the_one_open_deal_is_named_as_one() -> None:
    frame = pd.DataFrame([("Talk", 5.0, 1, 0.0, 0)], columns=["stage", "open_pipeline", "open_deals",
                                                              "stalled_pipeline", "stalled_deals"])  # fmt: skip
    assert findings.largest_stage(frame, "USD", by_amount=False) == "The only open deal is in Talk"
    assert findings.largest_stage(frame, "USD", by_amount=True) == "All $5 of the open pipeline is in Talk"


@st.composite
def month_frames(draw: st.DrawFn) -> pd.DataFrame:
    rows = []
    for month in range(draw(st.integers(0, 5))):
        kind = draw(st.sampled_from(["overdue", "due", "none"]))
        day = None if kind == "none" else dt.date(2026, 1 + month, 1)
        deals = draw(st.integers(0, 50))
        rows.append((day, kind, draw(AMOUNTS) if deals else 0.0, deals))
    return pd.DataFrame(rows, columns=["month", "kind", "amount", "deals"])


@given(month_frames(), st.booleans())
def test_the_months_ahead_hold_only_their_figures(frame: pd.DataFrame, by_amount: bool) -> None:
    sentence = findings.months_ahead(frame, "USD", by_amount=by_amount)
    clean(sentence)
    column = "amount" if by_amount else "deals"
    say = money if by_amount else number
    late = frame.loc[frame["kind"] == "overdue", column].sum()
    undated = frame.loc[frame["kind"] == "none", column].sum()
    allowed = {say(late), say(undated), *(say(value) for value in frame.loc[frame["kind"] == "due", column])}
    assert figures(sentence) <= allowed


def test_what_has_no_date_is_not_said_to_be_late() -> None:
    rows = [(dt.date(2026, 1, 1), "overdue", 10.0, 1), (None, "none", 90.0, 9)]
    frame = pd.DataFrame(rows, columns=["month", "kind", "amount", "deals"])
    assert findings.months_ahead(frame, "USD", by_amount=True) == "All $10 with a date is past the close date"
    assert findings.months_ahead(frame, "USD", by_amount=False) == "The only open deal with a close date is past it"


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=4))
def test_the_weakest_step_is_one_with_cases_enough(counts: list[tuple[int, int]]) -> None:
    frame = pd.DataFrame(
        [(name, name, passed, lost) for name, (passed, lost) in zip(NAMES, counts, strict=False)],
        columns=["stage", "key", "passed", "lost"],
    ).assign(reached=lambda t: t["passed"] + t["lost"])
    worst = worst_step(frame)
    sentence = findings.weakest_step(frame, worst)
    clean(sentence)
    enough = frame[(frame["passed"] + frame["lost"] >= 20) & (frame["lost"] > 0)]
    if enough.empty:
        assert sentence == "Too few deals were decided to name a weak step"
        return
    row = frame[frame["stage"] == worst].iloc[0]
    rates = enough["passed"] / (enough["passed"] + enough["lost"])
    assert row["passed"] / (row["passed"] + row["lost"]) == rates.min()
    assert figures(sentence) <= {percent(rates.min()), number(int(row["lost"]))}


@given(st.integers(0, 50), st.integers(0, 50), AMOUNTS)
def test_what_is_stalled_is_a_part_of_what_is_open(deals: int, stalled: int, amount: float) -> None:
    stalled = min(stalled, deals)
    late = amount * stalled / deals if deals else 0.0
    sentence = findings.stalled_share(deals, stalled, amount, late, "USD")
    clean(sentence)
    assert figures(sentence) <= {number(stalled), number(deals), money(amount), money(late)}
    assert (" is past" in sentence) == (stalled <= 1) or deals == 0


@given(st.one_of(st.none(), st.floats(0, 1)), st.integers(1, 500), st.one_of(st.none(), st.floats(0, 1)))
def test_concentration_in_words(share: float | None, deals: int, first: float | None) -> None:
    sentence = findings.concentration(share, deals, first)
    clean(sentence)
    assert figures(sentence) <= {number(deals), percent(share), percent(first)}
    if share is not None and deals == 1:
        assert sentence == "All of it hangs on 1 deal"
