"""What past windows prove: which answer is used, and whether its chances may be taken at their word."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from tas_analytics.forecast.columns import Floats
from tas_analytics.forecast.walk import Walk, Window, shifted_chances, shifts

#: The score's own key among the answers.
SCORE: Final = "score"
#: How many standard errors a simpler answer must be ahead (several are tried, so one is not enough), and by what share
#: of the score's own error at least.
_ERRORS: Final = 1.5
_SHARE: Final = 0.01
#: Days of windows, and won deals in them, below which nothing is proven.
_ENOUGH_DAYS: Final = 90
_ENOUGH_WON: Final = 20
#: An answer must be told for this share of the deals to stand for the score.
_COVERS: Final = 0.8
#: How far the wins foreseen may be from those that came, and the chances of tenths of the deals from their shares.
_RATIO: Final = 1.25
_ECE: Final = 0.05
_TENTHS: Final = 10


@dataclass(frozen=True)
class Proof:
    """What past windows of one length say.

    Attributes
    ----------
    length : int
        Days of the windows.
    answer : str
        ``score``, or the key of the simpler answer that did better by more than a standard error and is used instead.
    windows, deals, won : int
        How many windows, open deals in them, and how many of these were won.
    foreseen : float
        How many wins the score foresaw.
    brier : dict
        Brier score by answer.
    ece : float
        Mean gap between chances and shares won, over tenths of the deals.
    proven : bool
        Whether the chances have shown to be what they say; if not, ``why`` says what is missing.
    """

    length: int
    answer: str
    windows: int
    deals: int
    won: int
    foreseen: float
    brier: dict[str, float]
    ece: float
    proven: bool
    why: str


@dataclass(frozen=True)
class Calibration:
    """Whether chances have shown to be what they say.

    Attributes
    ----------
    foreseen, came : float, int
        Wins foreseen, and those that came.
    ece : float
        Mean gap between chances and shares won, over tenths of the deals.
    enough : bool
        Whether there are days and wins enough to tell.
    why : str
        What is missing for the chances to count as proven; empty if nothing is.
    """

    foreseen: float
    came: int
    ece: float
    enough: bool
    why: str

    @property
    def proven(self) -> bool:
        """Whether nothing is missing."""
        return not self.why


def calibration(chances: Floats, won: Floats, days: int) -> Calibration:
    """Hold chances of past windows against what came: the one rule for pages, commands and the score itself.

    Parameters
    ----------
    chances, won
        Per forecast what was said, and 1 where the deal was won.
    days
        How long the windows last together.
    """
    foreseen, came, ece = float(chances.sum()), int(won.sum()), expected_error(chances, won)
    enough = days >= _ENOUGH_DAYS and came >= _ENOUGH_WON
    why = ""
    if not enough:
        why = "no past windows of this length, or too few wins in them, to hold the chances against"
    elif not 1 / _RATIO <= foreseen / max(came, 1) <= _RATIO:
        why = f"past windows foresaw {foreseen:,.0f} wins and {came:,} came"
    elif ece > _ECE:
        why = f"chances of past windows were {ece:.0%} off on average"
    return Calibration(foreseen, came, ece, enough, why)


def proofs(walk: Walk) -> dict[int, Proof]:
    """What is proven for each length of window."""
    return {length: _proof(length, walk.of_length(length)) for length in walk.lengths}


def corrected(windows: Sequence[Window]) -> list[Floats]:
    """What the score would have said in each window, its bias taken off as the other windows show it."""
    said = []
    for one in windows:
        said.append(shifted_chances(one.said_won, shifts([other for other in windows if other is not one])[0]))
    return said


def _proof(length: int, windows: list[Window]) -> Proof:
    ours = np.concatenate(corrected(windows))
    won = np.concatenate([one.won for one in windows])
    deals = np.concatenate([one.deals for one in windows])
    place = np.repeat(np.arange(len(windows)), [len(one.won) for one in windows])
    losses = {SCORE: (ours - won) ** 2}
    for key in windows[0].others:
        told = np.concatenate([one.others[key] for one in windows])
        if np.isfinite(told).mean() >= _COVERS:
            losses[key] = np.where(np.isfinite(told), (told - won) ** 2, losses[SCORE])
    brier = {key: float(loss.mean()) for key, loss in losses.items()}
    said = calibration(ours, won, len(windows) * length)
    best = min(brier, key=lambda key: brier[key])
    if best != SCORE and not (said.enough and ahead(losses[SCORE], losses[best], deals, place)):
        best = SCORE
    return Proof(length, best, len(windows), len(won), said.came, said.foreseen, brier, said.ece, said.proven, said.why)


def ahead(ours: Floats, theirs: Floats, deals: npt.NDArray[Any], windows: npt.NDArray[Any]) -> bool:
    """Whether another answer did better by more than chance.

    A deal that was open in several windows counts once in the error, and more than half of the windows must agree.
    """
    gain = ours - theirs
    if gain.mean() <= _SHARE * ours.mean():
        return False
    by_deal = pd.Series(gain - gain.mean()).groupby(deals).sum().to_numpy()
    error = math.sqrt(float((by_deal**2).sum())) / len(gain)
    agreed = pd.Series(gain).groupby(windows).mean() > 0
    return bool(gain.mean() > _ERRORS * error and agreed.mean() > 0.5)


def expected_error(chances: Floats, happened: Floats) -> float:
    """The gap between chances and shares, over tenths of the deals in the order of their chances."""
    if len(chances) == 0:
        return 0.0
    tenth = (np.argsort(np.argsort(chances, kind="stable"), kind="stable") * _TENTHS) // len(chances)
    return float(np.abs(np.bincount(tenth, chances - happened)).sum() / len(chances))
