"""What models of past days would have said of windows that are over: how far it was wrong.

Each past day has a model that was learnt from what was known then. Lengths of windows share it, for one model answers
any number of days.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from threading import Thread
from typing import Final, TypedDict

import numpy as np
import numpy.typing as npt
import pandas as pd

from tas_analytics.forecast.baselines import answer
from tas_analytics.forecast.beside import helper
from tas_analytics.forecast.by_date import ByDate, Curve
from tas_analytics.forecast.columns import Floats
from tas_analytics.forecast.history import FEW, History
from tas_analytics.forecast.moments import Part
from tas_analytics.forecast.sample import ROWS, Sample
from tas_analytics.forecast.scorecard import Scorecard, log_odds, sigmoid

#: Days of a window: beside the reach of the model itself.
LENGTHS: Final = (30, 60)
#: Simpler answers that may stand in for the score; naive Bayes knows no dates and ranks only.
RIVALS: Final = ("base_rate", "age", "stage", "crm")
#: How many windows of a length the bias is taken from, and how many standard errors it must be away from none.
_WINDOWS: Final = 3
_SURE: Final = 1.5
#: Deals of a window share its fate, so their sum strays further than if each were drawn alone: by this in variance.
_SHARED: Final = 2.0
#: How far windows stray from each other at least, in log odds.
_FATE: Final = 0.15
#: Days that the windows of a length last together, at least: one short window is a matter of luck.
_ENOUGH_DAYS: Final = 90
#: Days that a model must have seen at least before its first window counts.
_SEEN: Final = 75
#: A window may be longer than its model had seen by so much.
_NEARLY: Final = 1.1
#: Rows that a model of the past learns from, at most.
_ROWS: Final = 4_000


@dataclass(frozen=True)
class Window:
    """One past window: what was said on its first day, and what happened until its last."""

    day: pd.Timestamp
    length: int
    deals: npt.NDArray[np.int64]
    said_won: Floats
    said_lost: Floats
    won: Floats
    lost: Floats
    others: dict[str, Floats]


@dataclass(frozen=True)
class Walk:
    """The windows of the past, newest first within a length, and the model of today, if it was asked for."""

    windows: tuple[Window, ...]
    today: ByDate | None = None

    @classmethod
    def of(
        cls,
        sample: Sample,
        days: dict[pd.Timestamp, list[int]] | None = None,
        others: Sequence[str] = RIVALS,
        fewest: int = 1,
        *,
        today: bool = False,
    ) -> Walk:
        """Ask models of past days, as far as the history reaches back.

        Parameters
        ----------
        sample
            What was known until today.
        days
            The first days of windows, and their lengths; left out, what the bias is taken from.
        others
            Simpler answers that are asked beside the models, by key.
        fewest
            Days with fewer open deals are left out.
        today
            Whether to learn the model of today, too, which begins at the strengths of the newest of the past.
        """
        history = sample.history
        chosen = _days(history, sample.reach) if days is None else days
        ended = pd.to_datetime(history.ends["ended"])
        opened = history.rows["day"].value_counts()
        asked = [day for day in sorted(chosen) if (ended <= day).sum() >= FEW and opened.get(day, 0) >= fewest]
        found: list[Window] = []
        model: ByDate | None = None
        with _Closings(sample, asked, today=today) as closings:
            for day in asked:
                rows = history.rows[history.rows["day"] == day].reset_index(drop=True)
                model = ByDate(sample, day, model, closing=closings.of(day), **_how(day))
                curve, past = model.lean(rows, model.curve(rows, chosen[day])), history.before(day)
                told = {key: answer(key, past, rows, curve.days).won for key in others}
                found += [_window(day, rows, curve, told, place) for place in range(len(curve.days))]
            last = ByDate(sample, None, model, closing=closings.of(None), **_how(None)) if today else None
        return cls(tuple(sorted(found, key=lambda one: (one.length, -one.day.value))), last)

    def of_length(self, length: int) -> list[Window]:
        """The windows of a length, newest first."""
        return [one for one in self.windows if one.length == length]

    @property
    def lengths(self) -> list[int]:
        """The lengths of its windows."""
        return sorted({one.length for one in self.windows})

    def shifts(self) -> dict[int, tuple[float, float]]:
        """Per length by how much the log odds of won and lost are to be moved."""
        return {length: shifts(self.of_length(length)) for length in self.lengths}


class _How(TypedDict):
    """Rows to learn from, and whether it is worked out how sure the chances are."""

    most: int
    sure: bool


class _Closings:
    """The closing parts of models, each begun at the one before: learnt by another process, if there is one.

    Parameters
    ----------
    sample
        What to learn from.
    days
        Whose models, in their order.
    today
        Whether that of today follows.
    """

    def __init__(self, sample: Sample, days: Sequence[pd.Timestamp], *, today: bool) -> None:
        self._sample = sample
        self._found: dict[pd.Timestamp | None, Future[Part]] = {}
        self._thread: Thread | None = None
        if (other := helper()) is not None:
            self._found = {day: Future() for day in (*days, *([None] if today else []))}
            self._thread = Thread(target=self._learn, args=(other.fit,), name="tas-closing", daemon=True)

    def of(self, day: pd.Timestamp | None) -> Future[Part] | None:
        """The part of a day, None for today's; None if nobody learns it."""
        return self._found.get(day)

    def __enter__(self) -> _Closings:
        """Begin to learn."""
        if self._thread is not None:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Wait until it has ended, with what is there or at the next model."""
        for one in self._found.values():
            one.cancel()
        if self._thread is not None:
            self._thread.join()

    def _learn(self, fit: Callable[..., Scorecard]) -> None:
        before: Part | None = None
        for day, future in self._found.items():
            if not future.set_running_or_notify_cancel():
                return
            try:
                before = self._sample.learn_closing(day, before, fit=fit, **_how(day))
            except BaseException as error:
                future.set_exception(error)
                return
            future.set_result(before)


def _how(day: pd.Timestamp | None) -> _How:
    """How a day's model is learnt, None for today's: those of the past are many, and asked for no intervals."""
    return _How(most=ROWS, sure=True) if day is None else _How(most=_ROWS, sure=False)


def shifts(windows: Sequence[Window]) -> tuple[float, float]:
    """By how much windows of one length say that the log odds of won and lost are to be moved."""
    if sum(one.length for one in windows) < _ENOUGH_DAYS:
        return 0.0, 0.0
    return _shift([(w.said_won, w.won) for w in windows]), _shift([(w.said_lost, w.lost) for w in windows])


def _days(history: History, reach: int) -> dict[pd.Timestamp, list[int]]:
    """The first days of windows, and the lengths that each is asked about: as many as are over by now.

    The days lie half a reach apart, nearer in a short history.
    """
    first, end = history.rows["day"].min(), pd.Timestamp(history.as_of)
    lengths = sorted({*(one for one in LENGTHS if one < reach), reach})
    every = history.rows["day"].drop_duplicates().sort_values().to_list()
    if not every:
        return {}
    apart = min(reach / 2, (end - first).days / (2 * _WINDOWS))
    chosen: dict[pd.Timestamp, list[int]] = {}
    counts = dict.fromkeys(lengths, 0)
    for goal in _goals(end, first, lengths, apart):
        day = max((one for one in every if one <= goal), default=first)
        # A model that had seen less than a window of the past was wrong for want of data, which now is there.
        seen = (day - first).days + history.step
        longest = min((end - day).days, seen * _NEARLY) if seen >= _SEEN else 0
        asked = [n for n in lengths if n <= longest and counts[n] < _WINDOWS]
        if asked:
            chosen[day] = asked
            counts |= {n: counts[n] + 1 for n in asked}
    return chosen


def _goals(end: pd.Timestamp, first: pd.Timestamp, lengths: list[int], apart: float) -> list[pd.Timestamp]:
    """Days on which windows may begin, newest first: the last possible of the longest length is among them."""
    longest = end - pd.Timedelta(days=lengths[-1])
    if longest < first:
        longest = end - pd.Timedelta(days=max((n for n in lengths if n <= (end - first).days), default=lengths[0]))
    count = int((end - first).days / max(apart, 1.0)) + 1
    goals = {longest - pd.Timedelta(days=apart * back) for back in range(count)}
    goals |= {end - pd.Timedelta(days=n) for n in lengths[:1]}
    return sorted((one for one in goals if one >= first), reverse=True)


def _window(day: pd.Timestamp, rows: pd.DataFrame, curve: Curve, others: dict[str, Floats], place: int) -> Window:
    length = curve.days[place]
    ended = (rows["ended"] <= day + pd.Timedelta(days=length)).to_numpy()
    won = (rows["won"] == True).to_numpy()  # noqa: E712
    lost = (rows["won"] == False).to_numpy()  # noqa: E712
    happened = [(ended & one).astype(np.float64) for one in (won, lost)]
    told = {key: said[:, place] for key, said in others.items()}
    keys = rows["deal_key"].to_numpy(dtype=np.int64)
    return Window(day, length, keys, curve.won[:, place], curve.lost[:, place], happened[0], happened[1], told)


def shifted(curve: Curve, shifts: dict[int, tuple[float, float]]) -> Curve:
    """The curve with past bias taken off; between two lengths the shift lies between theirs."""
    if not any(one for pair in shifts.values() for one in pair):
        return curve
    lengths = sorted(shifts)
    moved = []
    for which, chances in enumerate((curve.won, curve.lost)):
        shift = np.interp(curve.days, lengths, [shifts[one][which] for one in lengths])
        # A longer time never makes either less likely.
        moved.append(np.maximum.accumulate(shifted_chances(chances, shift), axis=1))
    over = np.maximum(moved[0] + moved[1], 1.0)
    return replace(curve, won=moved[0] / over, lost=moved[1] / over)


def _shift(windows: list[tuple[Floats, Floats]]) -> float:
    """The move of the log odds that makes chances agree with what happened, as far as the difference is no accident.

    Windows differ by more than their deals' luck, for each has its own fate; so each tells of the bias with an error of
    its own and one that the spread between windows shows (DerSimonian and Laird 1986).
    """
    asked = [(chances, happened) for chances, happened in windows if chances.sum() > 0]
    if not asked:
        return 0.0
    moves = np.array([_move(chances, happened) for chances, happened in asked])
    errors = np.array([_SHARED / max(float(np.sum(chances * (1 - chances))), 1e-9) for chances, _ in asked])
    weights = 1 / errors
    strays = float(weights @ (moves - np.average(moves, weights=weights)) ** 2)
    spare = weights.sum() - (weights**2).sum() / weights.sum()
    between = max((strays - len(moves) + 1) / spare if spare > 0 else 0.0, _FATE**2)
    weights = 1 / (errors + between)
    move, sure = float(np.average(moves, weights=weights)), float(weights.sum())
    strays = abs(move) * math.sqrt(sure)
    return move * (1 - 1 / strays**2) if strays > _SURE else 0.0


def _move(chances: Floats, happened: Floats) -> float:
    """The move of the log odds with which chances add up to what happened, no more than 3 either way: Newton's method.

    A step that leaves what is known to hold the answer is replaced by half of that.
    """
    odds, goal = log_odds(chances), float(happened.sum())
    low, high, move = -3.0, 3.0, 0.0
    while high - low > 1e-9:
        said = sigmoid(odds + move)
        over = float(said.sum()) - goal
        low, high = (low, move) if over > 0 else (move, high)
        step = over / max(float(said @ (1 - said)), 1e-12)
        move, before = (move - step if low < move - step < high else (low + high) / 2), move
        if abs(move - before) < 1e-9:
            break
    return move


def shifted_chances(chances: Floats, shift: float | Floats) -> Floats:
    """Chances with their log odds moved."""
    return sigmoid(log_odds(chances) + shift)
