"""Where a deal stands by its ratings: pure rules over arrays of scores.

Scores are those of a rating: + is 1, ? is 0, − is −1; what was never rated is NaN, and is as unknown as a ?. All
functions take a row for each deal and a column for each criterion, in the order of their numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]

#: Score of each rating.
SCORES: Final = {"+": 1, "?": 0, "-": -1}
#: The sign of each score.
SIGNS: Final = {1: "+", 0: "?", -1: "−"}
FAVOURABLE, OPEN, UNFAVOURABLE = 1, 0, -1
#: Four questions with five criteria each.
_BY_QUESTION: Final = (4, 5)


def known(scores: Scores) -> NDArray[np.bool_]:
    """Which ratings are known: + or −.

    Examples
    --------
    >>> known(np.array([[1.0, 0.0, -1.0, np.nan]])).tolist()
    [[True, False, True, False]]
    """
    found: NDArray[np.bool_] = np.nan_to_num(scores) != 0
    return found


def assessment_score(scores: Scores, weights: Sequence[float]) -> Scores:
    """The assessment in one number, −1 to 1: Σ weight × score ÷ Σ weight × best score; the best score is 1.

    Examples
    --------
    >>> assessment_score(np.array([[1.0, 1.0, -1.0, 0.0]]), (1, 1, 1, 1)).tolist()
    [0.25]
    """
    w = np.asarray(weights, dtype=float)
    total = float(w.sum())
    given: Scores = np.nan_to_num(scores) @ w / total if total else np.full(len(scores), np.nan)
    return given


def net_advantage(ours: Scores, theirs: Scores) -> Scores:
    """Our score less theirs, −2 to 2; NaN where either was never rated.

    Examples
    --------
    >>> net_advantage(np.array([[1.0, 0.0, np.nan]]), np.array([[-1.0, 1.0, 1.0]])).tolist()
    [[2.0, -1.0, nan]]
    """
    return ours - theirs


def standing(net: Scores) -> Scores:
    """Z: 1 ahead, 0 level, −1 behind, by the sign of the sum of the net advantages; NaN where nothing can be compared.

    Examples
    --------
    >>> standing(np.array([[2.0, -1.0], [1.0, -1.0], [np.nan, np.nan]])).tolist()
    [1.0, 0.0, nan]
    """
    result: Scores = np.where(np.isnan(net).all(axis=1), np.nan, np.sign(np.nansum(net, axis=1)))
    return result


def answers(scores: Scores, weights: Sequence[float]) -> NDArray[np.int8]:
    """The four questions of each deal: 1 answered in our favour, −1 unfavourable, 0 open.

    A question is answered when the unknown ratings can no longer turn it: when the weight of its + exceeds that of its
    − by more than the weight of what is unknown, or the other way round. Otherwise it is open.

    Examples
    --------
    >>> row = [1, 1, 1, 0, 0, 1, 1, -1, 0, 0, -1, -1, -1, -1, 1, 1, 1, 1, -1, -1]
    >>> answers(np.array([row], dtype=float), (1,) * 20).tolist()
    [[1, 0, -1, 1]]
    """
    w = np.asarray(weights, dtype=float)
    filled = np.nan_to_num(scores)
    lead = (filled * w).reshape(-1, *_BY_QUESTION).sum(axis=2)
    unknown = ((filled == 0) * w).reshape(-1, *_BY_QUESTION).sum(axis=2)
    decided = np.abs(lead) > unknown + 1e-9
    return np.where(decided, np.sign(lead), 0).astype(np.int8)
