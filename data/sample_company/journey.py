"""How one deal travels: its stages and, beside them, the close date that its owner believes in.

The two are separate on purpose. What happens to a deal is drawn first; the owner knows only a part of it and is as
optimistic as sellers are. Every push, slip and past-due date of the exports comes from that difference.
"""

from __future__ import annotations

import datetime as dt
import math
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from sample_company.catalogue import LOST, OPEN_STAGES, WON
from sample_company.dice import Dice, friday_before, month_end, quarter_end, workday

T = TypeVar("T")

#: Chance of moving on and median days, per stage. Solution is the bottleneck in both.
CONVERSION: Final = (0.85, 0.86, 0.585, 0.84, 0.91)
MEDIAN_DAYS: Final = (14.0, 23.0, 52.0, 24.0, 17.0)


@dataclass
class Track(Generic[T]):
    """The values of one field over time: what an export of any day shows is looked up, never stored twice."""

    entries: list[tuple[dt.date, T]] = field(default_factory=list)

    def put(self, day: dt.date, value: T) -> None:
        """A new value from that day on; a second one on the same day replaces the first."""
        if self.entries and self.entries[-1][0] == day:
            self.entries.pop()
        self.entries.append((day, value))

    def at(self, day: dt.date) -> T:
        """The value in force at the end of the day."""
        return self.entries[self._index(day)][1]

    def since(self, day: dt.date) -> dt.date:
        """The day on which the value in force was set."""
        return self.entries[self._index(day)][0]

    def _index(self, day: dt.date) -> int:
        return max(0, bisect_right([entry[0] for entry in self.entries], day) - 1)


@dataclass(frozen=True)
class Temper:
    """What distinguishes one deal, and its owner's habits, from another."""

    odds: float  # shift of the log-odds of moving on
    pace: float  # multiplies every duration
    optimism: float  # multiplies the time that the owner believes is left
    slack: int  # days before the close date at which the owner moves it; negative lets it go past due
    quarter_bound: float  # how often an estimate is put at a quarter's end
    restless: float  # how often the owner re-dates the deal for no reason


def stage_path(dice: Dice, created: dt.date, first: int, temper: Temper) -> Track[str]:
    """Stage entries from creation to the end, which may lie in the future of the data's as-of date."""
    path: Track[str] = Track()
    stage, day, reopened = first, created, False
    path.put(day, OPEN_STAGES[stage])
    while True:
        advances = dice.chance(_shifted(CONVERSION[stage], temper.odds))
        length = dice.spread(MEDIAN_DAYS[stage] * temper.pace * (1.0 if advances else 1.25), 0.5)
        day = workday(day + dt.timedelta(days=max(2, round(length))))
        if not advances:
            path.put(day, LOST)
            if reopened or stage < 2 or not dice.chance(0.05):
                return path
            reopened, stage = True, stage - 1
            day = workday(day + dt.timedelta(days=dice.whole(25, 80)))
        elif stage == len(OPEN_STAGES) - 1:
            path.put(_signed_on(dice, day, path.entries[-1][0]), WON)
            return path
        else:
            stage = _next_stage(dice, stage)
        path.put(day, OPEN_STAGES[stage])


def _shifted(probability: float, odds: float) -> float:
    """The probability after a shift of its log-odds."""
    return 1 / (1 + (1 - probability) / probability * math.exp(-odds))


def _next_stage(dice: Dice, stage: int) -> int:
    """Usually the next one; some deals skip one, a few fall back."""
    at = dice.uniform()
    if at < 0.06 and stage < len(OPEN_STAGES) - 2:
        return stage + 2
    return stage - 1 if at > 0.965 and stage >= 1 else stage + 1


def _signed_on(dice: Dice, day: dt.date, entered: dt.date) -> dt.date:
    """The day of signature: many wait for the last days of the quarter, some of January's use up December's budget."""
    if day.month == 1 and dice.chance(0.5):
        return max(friday_before(dt.date(day.year - 1, 12, dice.whole(15, 31))), entered + dt.timedelta(days=2))
    end = quarter_end(day)
    if (end - day).days < 40 and dice.chance(0.5):
        return max(day, friday_before(end - dt.timedelta(days=dice.whole(0, 16))))
    return day


def close_dates(dice: Dice, path: Track[str], temper: Temper) -> Track[dt.date]:
    """The close date as the owner kept it week by week, ending on the true one."""
    dates: Track[dt.date] = Track()
    for start, end, final in _spells(path):
        believed = _estimate(dice, start, path.at(start), temper)
        dates.put(start, believed)
        day, reviewed = start, start
        while (day := day + dt.timedelta(days=dice.whole(5, 9))) < end:
            day = workday(day)
            if day >= end:
                break
            moved = path.since(day) > reviewed
            reviewed = day
            revised = _review(dice, day, end if final == WON else None, (path.at(day), believed, moved), temper)
            if revised != believed:
                believed = revised
                dates.put(day, believed)
        dates.put(end, end)
    return dates


def _spells(path: Track[str]) -> list[tuple[dt.date, dt.date, str]]:
    """(start, end, outcome) of each time the deal was open: two for one that was re-opened."""
    spells: list[tuple[dt.date, dt.date, str]] = []
    start: dt.date | None = None
    for day, stage in path.entries:
        if stage in (WON, LOST):
            assert start is not None
            spells.append((start, day, stage))
            start = None
        elif start is None:
            start = day
    return spells


def _review(
    dice: Dice, day: dt.date, signature: dt.date | None, state: tuple[str, dt.date, bool], temper: Temper
) -> dt.date:
    """The close date after one weekly review: corrected near a signature, pushed when it draws too near, else kept."""
    stage, believed, moved = state
    if signature is not None and (signature - day).days <= 30 and dice.chance(0.45):
        return signature
    if signature is not None and stage == OPEN_STAGES[-1] and believed >= day and dice.chance(0.8):
        return believed
    due = (believed - day).days <= temper.slack
    if (due and dice.chance(0.5)) or (moved and dice.chance(0.25)) or dice.chance(temper.restless):
        estimate = _estimate(dice, day, stage, temper)
        return max(estimate, believed) if due else estimate
    return believed


def _estimate(dice: Dice, day: dt.date, stage: str, temper: Temper) -> dt.date:
    """When the owner expects the signature: the usual time left, seen through optimism, often at a month's end."""
    at = OPEN_STAGES.index(stage)
    left = 0.6 * MEDIAN_DAYS[at] + sum(MEDIAN_DAYS[at + 1 :])
    guess = day + dt.timedelta(days=max(9, round(dice.spread(left * temper.optimism, 0.3))))
    if dice.chance(temper.quarter_bound):
        return friday_before(quarter_end(guess))
    return friday_before(month_end(guess)) if dice.chance(0.5) else workday(guess)
