"""Chance and the calendar: everything random or date-like that the other modules share.

Only ``Generator.random`` is drawn from numpy. Its bit stream is the one part of the generator that has the same
values on every platform and in every release, so all other distributions are derived from it here.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import Final, TypeVar

import numpy as np

T = TypeVar("T")
_NORMAL: Final = NormalDist()


class Dice:
    """A seeded source of chance; every component takes its own, so that a change in one leaves the others alone."""

    def __init__(self, *seed: int) -> None:
        self._generator = np.random.Generator(np.random.PCG64(list(seed)))

    def uniform(self, low: float = 0.0, high: float = 1.0) -> float:
        """A number from ``low`` up to, not including, ``high``."""
        return low + (high - low) * float(self._generator.random())

    def chance(self, probability: float) -> bool:
        """True in ``probability`` of the cases."""
        return self.uniform() < probability

    def whole(self, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high``, both included."""
        return low + int(self.uniform() * (high - low + 1))

    def normal(self) -> float:
        """A standard normal number, by inversion, kept away from the infinite ends."""
        return _NORMAL.inv_cdf(min(max(self.uniform(), 1e-9), 1 - 1e-9))

    def spread(self, median: float, sigma: float) -> float:
        """A log-normal number around ``median``: what durations and amounts look like."""
        return median * math.exp(sigma * self.normal())

    def pick(self, items: Sequence[T]) -> T:
        """One of the items, each as likely as the other."""
        return items[self.whole(0, len(items) - 1)]

    def weighted(self, items: Sequence[tuple[T, float]]) -> T:
        """One of the items, as likely as its weight says."""
        at = self.uniform() * sum(weight for _, weight in items)
        for item, weight in items:
            at -= weight
            if at < 0:
                return item
        return items[-1][0]


def workday(day: dt.date) -> dt.date:
    """The day itself, or the Monday after a weekend: nobody updates a CRM on Sundays."""
    return day + dt.timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)


def friday_before(day: dt.date) -> dt.date:
    """The day itself, or the Friday before a weekend: a period's last signature comes before the period's end."""
    return day - dt.timedelta(days=max(0, day.weekday() - 4))


def month_end(day: dt.date) -> dt.date:
    """The last day of the month."""
    following = day.replace(day=28) + dt.timedelta(days=4)
    return following - dt.timedelta(days=following.day)


def quarter(day: dt.date) -> str:
    """The fiscal quarter, which is the calendar's: ``2026Q4``."""
    return f"{day.year}Q{(day.month + 2) // 3}"


def quarter_start(name: str) -> dt.date:
    """The first day of a fiscal quarter."""
    return dt.date(int(name[:4]), 3 * int(name[5]) - 2, 1)


def quarter_end(day: dt.date) -> dt.date:
    """The last day of the fiscal quarter in which the day lies."""
    return month_end(day.replace(day=1, month=3 * ((day.month + 2) // 3)))
