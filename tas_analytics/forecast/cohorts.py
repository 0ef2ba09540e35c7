"""How deals created at about the same time have closed so far, against what the model would have said of them.

A batch of deals may hold fewer that will ever close: a list bought, a clearing up, twice as many leads as before. It
shows early, long before old age tells. If a share of a cohort is to close at all and the rest never, those to close
keep their usual pace, and what a deal that is still open has left is its usual chance times the odds of having closed
by now, as they are, over the odds as they were expected (the cure model of Boag 1949, by one number a cohort).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from tas_analytics.forecast.columns import Floats

#: What a reader sees it called.
COHORT: Final = "deals created around then"
#: Days of creation that have one factor, and how many of them are looked at, from the newest on.
WIDTH: Final = 7
_WEEKS: Final = 36
#: Weeks that are judged together, as one cohort: each with the one after it. A batch begins on any day, so cohorts that
#: do not overlap would cut it in two, each with half of other deals.
_TOGETHER: Final = 2
#: Deals of a cohort share its fate, so their closes stray further than if each were drawn alone: by this in variance.
_SHARED: Final = 2.0
#: Closes expected of a cohort, below which nothing is told.
_LEAST: Final = 3.0
#: Weeks from which on it can be told how far cohorts stray.
_FEWEST: Final = 4


@dataclass(frozen=True)
class Looks:
    """Looks at open deals: when each deal was created, when the step began, and a number."""

    created: npt.NDArray[np.datetime64]
    when: npt.NDArray[np.datetime64]
    value: Floats

    def sums(self, last: int, days: npt.NDArray[np.datetime64]) -> tuple[Floats, Floats]:
        """How many looks there are, and their numbers' sum, cohorts (one per week, newest first) × days."""
        place = _place(self.created, last)
        some = (place >= 0) & (place < _WEEKS)
        cell = place[some] * len(days) + np.searchsorted(days, self.when[some])
        size = _WEEKS * len(days)
        counts, sums = np.zeros((2, size))
        counts += np.bincount(cell, minlength=size)
        sums += np.bincount(cell, self.value[some], size)
        return _together(counts.reshape(_WEEKS, -1)), _together(sums.reshape(_WEEKS, -1))


@dataclass(frozen=True)
class Cohorts:
    """By how much the chances to close are to be multiplied of deals created in the same week.

    Attributes
    ----------
    last : int
        The day, counted from 1970, with which the newest week ends.
    factors : array
        One per week, newest first; 1 where nothing tells that its cohort is unlike others.
    """

    last: int = 0
    factors: Floats = field(default_factory=lambda: np.empty(0))

    @classmethod
    def of(cls, until: pd.Timestamp, came: Looks, expected: Looks) -> Cohorts:
        """Hold what closed against what was to be expected.

        Parameters
        ----------
        until
            The day by which it is known.
        came
            All looks at open deals: whether each closed within the step.
        expected
            Some of them: the model's chance of it.
        """
        last = int(until.to_datetime64().astype("datetime64[D]").astype(np.int64))
        days = np.unique(np.concatenate([came.when, expected.when]))
        if len(days) == 0:
            return cls()
        (looks, closes), (asked, chances) = came.sums(last, days), expected.sums(last, days)
        both = (looks > 0) & (asked > 0)
        looks = np.where(both, looks, 1.0)
        usual = np.where(both, chances / np.maximum(asked, 1.0), 0.0)
        told = np.flatnonzero((looks * usual).sum(axis=1) >= _LEAST)
        if len(told) < _FEWEST:
            return cls()
        gone = 1 - np.exp(-usual.sum(axis=1)[told])
        found = (np.where(both, closes / looks, 0.0) - usual).sum(axis=1)[told] / gone
        errors = _SHARED * (usual * (1 - usual) / looks).sum(axis=1)[told] / gone**2
        # How far cohorts stray beyond chance, all of them together (DerSimonian and Laird 1986, about none): what is
        # expected of the sum is the same for cohorts that overlap.
        weights = 1 / errors
        between = max(float(weights @ found**2 - len(found)) / float(weights.sum()), 0.0)
        factors = np.ones(_WEEKS)
        factors[told] = np.exp(found * between / (between + errors))
        return cls(last, factors)

    def as_table(self) -> list[dict[str, object]]:
        """Each week of creation with its first and last day, newest first."""
        ends = [np.datetime64(self.last - WIDTH * place, "D") for place in range(len(self.factors))]
        return [
            {"from": str(end - np.timedelta64(WIDTH - 1, "D")), "to": str(end), "factor": round(float(factor), 6)}
            for end, factor in zip(ends, self.factors, strict=True)
        ]

    def of_deals(self, created: pd.Series) -> Floats:
        """The factor of each deal."""
        if not len(self.factors):
            return np.ones(len(created))
        place = _place(created.to_numpy(), self.last)
        known = (place >= 0) & (place < len(self.factors))
        return np.where(known, self.factors[np.where(known, place, 0)], 1.0)


def _place(created: npt.NDArray[np.datetime64], last: int) -> npt.NDArray[np.int64]:
    """The week in which a deal was created, 0 the newest; −1 where it is not known."""
    blank = np.isnat(created)
    days = np.where(blank, np.datetime64(0, "D"), created).astype("datetime64[D]").astype(np.int64)
    return np.where(blank | (days > last), -1, (last - days) // WIDTH)


def _together(weeks: Floats) -> Floats:
    """The sum of each week's row and those after it, as many as a cohort has; of the newest ones all as one cohort."""
    added = np.concatenate([np.zeros((1, weeks.shape[1])), np.cumsum(weeks, axis=0)])
    first = np.maximum(np.arange(len(weeks)) - _TOGETHER + 1, 0)
    return np.asarray(added[first + _TOGETHER] - added[first])
