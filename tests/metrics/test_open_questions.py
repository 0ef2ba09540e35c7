"""The work list of unknowns, on deals made by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from tas_analytics.method.criteria import criteria
from tas_analytics.metrics.open_questions import headline, open_questions
from tas_analytics.metrics.positions import Positions


def made() -> Positions:
    known = np.ones(20)
    # First: one unknown that decides its question, one that does not; second: only #5; third: never assessed.
    first, second, third = known.copy(), known.copy(), np.full(20, np.nan)
    first[[10, 11]], first[12] = -1, 0  # 11 and 12 against us, 13 not known, 14 and 15 for us
    second[4] = 0
    theirs = np.full((3, 20), np.nan)
    theirs[1, 4] = 1
    deals = pd.DataFrame(
        {
            "id": ["A", "B", "C"], "name": ["One", "Two", "Three"], "owner": "Ann", "stage": "Talk",
            "amount": [100.0, 300.0, np.nan], "close_date": pd.Timestamp(2026, 3, 1),
            "category": ["commit", "pipeline", None],
        }
    )  # fmt: skip
    ours = np.stack([first, second, third])
    return Positions(deals, ours, theirs, ours - theirs)


def test_every_unknown_is_listed_once_with_question_and_whom() -> None:
    rows = open_questions(made(), criteria())
    assert len(rows) == 1 + 1 + 20
    assert not rows.duplicated(["id", "number"]).any()
    assert rows["ask"].str.endswith("?").all()
    assert (rows["whom"] != "").all()
    assert rows.loc[rows["id"] == "C", "rated"].eq("").all()
    assert rows.loc[rows["id"] != "C", "rated"].eq("?").all()


def test_the_rank_is_money_times_the_decisions_that_wait() -> None:
    rows: Any = open_questions(made(), criteria()).set_index(["id", "number"])
    thirteen = rows.loc[("A", 13)]
    assert thirteen["why"] == "settles its question, in the forecast"
    assert thirteen["rank"] == 100 * 3
    five = rows.loc[("B", 5)]  # its question is settled already: four stand for us
    assert five["why"] == "attack or hold, competitor is strong here"
    assert five["rank"] == 300 * 3
    assert rows.loc[("C", 1), "rank"] == 100  # without an amount: the smallest; one of five settles nothing
    assert rows.loc[("C", 5), "rank"] == 200
    assert list(rows.index[:2]) == [("B", 5), ("A", 13)]


def test_deals_never_assessed_can_be_left_out() -> None:
    assert set(open_questions(made(), criteria(), never_assessed=False)["id"]) == {"A", "B"}


def test_the_headline_names_the_first() -> None:
    rows = open_questions(made(), criteria())
    assert headline(rows, "USD") == "22 questions are open; most hangs on compelling event at Two ($300)"
    assert headline(rows.head(0), "USD").startswith("No question is open")
