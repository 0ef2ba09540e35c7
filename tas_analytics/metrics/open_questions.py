"""The unknowns of the open pipeline as a work list, ranked by the money and the decisions that hang on each.

The rule: the rank of an unknown is the amount of its deal times one more than the decisions that wait for it. Decisions
are: its question, which this rating alone could settle; whether to attack or to hold a position, which rests on the
compelling event (5) and the unique business value (10); the forecast, where the deal is in commit or best case; and the
answer to a competitor who stands favourably there. A deal without an amount counts as the smallest that has one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from tas_analytics.formats import count, money, within_sentence
from tas_analytics.method.criteria import Criterion
from tas_analytics.metrics.positions import Positions

#: The criteria on which an attack rests.
_ATTACK: Final = (5, 10)
_CALLED: Final = ("commit", "best_case")
#: Each decision as the list writes it.
WAITING: Final = ("settles its question", "attack or hold", "in the forecast", "competitor is strong here")


def open_questions(found: Positions, criteria: Sequence[Criterion], *, never_assessed: bool = True) -> pd.DataFrame:
    """Every unknown rating of ours, the most pressing first.

    Parameters
    ----------
    found
        Open deals and their ratings.
    criteria
        The 20 criteria with their weights, questions and whom to ask.
    never_assessed
        Whether deals without any rating are among them.

    Returns
    -------
    DataFrame
        ``id``, ``name``, ``owner``, ``stage``, ``amount``, ``close_date``, ``number``, ``criterion``, ``question``,
        ``decisions`` (how many wait), ``why`` (which), ``ask``, ``whom``, ``rated`` (? or blank: never), ``rank``.
    """
    ours = np.nan_to_num(found.ours)
    unknown = np.asarray(ours == 0)
    if not never_assessed:
        unknown &= np.repeat(np.asarray(~np.isnan(found.ours).all(axis=1)), ours.shape[1]).reshape(ours.shape)
    deals, numbers = np.nonzero(unknown)
    asked = [criteria[int(n)] for n in numbers]
    waits = np.stack(
        [
            _settles(ours, criteria)[deals, numbers],
            np.isin(numbers + 1, _ATTACK),
            found.deals["category"].isin(_CALLED).to_numpy(dtype=bool)[deals],
            (found.theirs == 1)[deals, numbers],
        ],
        axis=1,
    )
    decisions = waits.sum(axis=1)
    rows = found.deals.iloc[deals][["id", "name", "owner", "stage", "amount", "close_date"]].reset_index(drop=True)
    rows["number"] = numbers + 1
    rows["criterion"] = [one.name for one in asked]
    rows["question"] = [one.question for one in asked]
    rows["decisions"] = decisions
    rows["why"] = [", ".join(np.array(WAITING)[one]) for one in waits]
    rows["ask"] = [one.ask[0] for one in asked]
    rows["whom"] = [one.whom for one in asked]
    rows["rated"] = np.where(np.isnan(found.ours[deals, numbers]), "", "?")
    least = rows["amount"].min()
    rows["rank"] = rows["amount"].fillna(0 if pd.isna(least) else least) * (1 + decisions)
    order = ["rank", "decisions", "name", "number"]
    return rows.sort_values(order, ascending=[False, False, True, True], kind="stable", ignore_index=True)


def headline(rows: pd.DataFrame, currency: str) -> str:
    """How many questions are open, and which presses most."""
    if rows.empty:
        return "No question is open: every criterion of every open deal is known"
    first = rows.iloc[0]
    amount = f" ({money(float(first['amount']), currency)})" if pd.notna(first["amount"]) else ""
    name = within_sentence(str(first["criterion"]))
    open_now = f"{len(rows):,} questions are open" if len(rows) != 1 else "1 question is open"
    return f"{open_now}; most hangs on {name} at {first['name']}{amount}"


def summary(rows: pd.DataFrame) -> str:
    """What the list holds, in a sentence."""
    pressing = rows[rows["decisions"] >= 2]
    return (
        f"{count(rows['id'].nunique(), 'deal')}; {count(len(pressing), 'answer')} would settle two decisions or more. "
        "Ranked by the deal's amount times one more than the decisions that wait for the answer."
    )


def _settles(ours: np.ndarray, criteria: Sequence[Criterion]) -> np.ndarray:
    """Which unknowns could, once known, settle a question that is open now."""
    weights = np.array([one.weight for one in criteria])
    lead = (ours * weights).reshape(-1, 4, 5).sum(axis=2)
    unknown = ((ours == 0) * weights).reshape(-1, 4, 5).sum(axis=2)
    is_open = np.abs(lead) <= unknown + 1e-9
    own = weights.reshape(4, 5)[None]
    # The best it can do is to add its weight to the side that leads, and to be unknown no more.
    reached = np.abs(lead)[:, :, None] + own > unknown[:, :, None] - own + 1e-9
    result: np.ndarray = (is_open[:, :, None] & reached & (own > 0)).reshape(len(ours), -1)
    return result
