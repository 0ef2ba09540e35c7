"""What the stage table says by itself, and how much that counts beside what was learnt from closed deals.

A company whose exports have come for half a year knows the stage of few deals that have closed since, and a stage's
points are then shrunk to almost nothing. Until more were seen, what is learnt begins at the differences between stages
that the table tells of, as far as the few deals do not speak against them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from tas_analytics.forecast.columns import Codes, Floats
from tas_analytics.forecast.features import Features
from tas_analytics.forecast.scorecard import log_odds, sigmoid

#: Closed deals of the rarer outcome at which the company's own history and the stage table weigh the same.
HALF_PRIOR: Final = 12
#: How many days the path of the stage table takes as a whole, and what is left of it at least.
_PATH, _LEAST_LEFT = 180.0, 15.0
#: How far the table's differences may be from the true ones, as a share of them.
_MAY_BE_OFF: Final = 0.5
#: They are not stretched beyond this.
_MOST: Final = 2.0
_ROUNDS: Final = 20


def share(rarer: float) -> float:
    """The weight of the table beside so many closed deals of the rarer outcome."""
    return float(1.0 / (1.0 + (rarer / HALF_PRIOR) ** 1.5))


def days_left(chances: Floats) -> Floats:
    """The days that a deal's path still takes: at probability p it has 1 − p of the path before it."""
    return np.maximum(_PATH * (1 - chances), _LEAST_LEFT)


@dataclass(frozen=True)
class Lean:
    """What a scorecard begins at: log odds by code of the column of stages, and the variance of each."""

    column: int
    points: Floats
    variance: Floats


@dataclass(frozen=True)
class Told:
    """What the table says of stages.

    Attributes
    ----------
    column : int
        The place of the stages among the features.
    points : array
        By code of that column the log odds above or below those of the average row; 0 where no stage is known.
    """

    column: int
    points: Floats

    @classmethod
    def of(cls, features: Features, codes: list[Codes], chances: Floats, usual: Floats, *, wins: bool) -> Told | None:
        """What it says of some rows; None where it tells no two stages apart.

        Parameters
        ----------
        features, codes
            The columns, and the code of each row.
        chances
            Per row the probability of its stage, NaN where none is known.
        usual
            The same of the deals that the differences are told from: open ones, of which those that close are the
            later stages.
        wins
            Whether winning is asked about, or closing.
        """
        column = next((at for at, one in enumerate(features.encodings) if one.column == "stage"), None)
        if column is None:
            return None
        known = np.isfinite(chances) & (codes[column] > 0)
        place, said = codes[column][known], _said(chances[known], wins=wins)
        if len(said) == 0 or np.ptp(said) == 0:
            return None
        size = features.encodings[column].size
        sums = np.bincount(place, said - _said(usual[np.isfinite(usual)], wins=wins).mean(), size)
        return cls(column, sums / np.maximum(np.bincount(place, minlength=size), 1))

    def lean(self, codes: Codes, happened: Floats, weights: Floats) -> Lean:
        """How much of it counts, beside what came of the deals that were seen in a stage.

        Parameters
        ----------
        codes
            Per row the code of its stage.
        happened, weights
            Whether it came to be, and how much the row counts.
        """
        seen = codes > 0
        own, y, w = self.points[codes[seen]], happened[seen], weights[seen]
        yes, every = float(w @ y), float(w.sum())
        counts = share(min(yes, every - yes))
        points = self.points * _stretch(own, y, w)
        return Lean(self.column, points * counts, (_MAY_BE_OFF * points * counts) ** 2)


def _said(chances: Floats, *, wins: bool) -> Floats:
    """Log odds of winning, or of the pace of closing, up to a constant."""
    certain = np.clip(chances, 0.02, 0.98)
    return log_odds(certain) if wins else -np.log(days_left(certain))


def _stretch(told: Floats, happened: Floats, weights: Floats) -> float:
    """By how much the differences are to be multiplied for what came: 1 before anything has."""
    design = np.column_stack([np.ones(len(told)), told])
    held = np.diag([1e-3, 1 / _MAY_BE_OFF**2])
    found = np.array([0.0, 1.0])
    for _ in range(_ROUNDS):
        chances = sigmoid(design @ found)
        slope = design.T @ (weights * (chances - happened)) + held @ (found - [0.0, 1.0])
        curve = (design * (weights * chances * (1 - chances))[:, None]).T @ design + held
        move: npt.NDArray[np.float64] = np.linalg.solve(curve, slope)
        # A step from far away may overshoot.
        found = found - np.clip(move, -1.0, 1.0)
        if np.abs(move).max() < 1e-9:
            break
    return float(np.clip(found[1], 0.0, _MOST))
