"""Deals at moments: what was known on one day, looked at from a later one.

A score for a day ahead takes what is known now and lets time pass: the deal grows older, stays longer in its stage,
comes nearer to its planned close and beyond it, and the quarter goes by. What is learnt from the past is the same: of
a deal as it was known on a day, whether it closed within a step that began then or some steps later.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace
from typing import Any, Final, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from tas_analytics.forecast.cohorts import Looks
from tas_analytics.forecast.columns import Cells, Codes, Encoding, Floats
from tas_analytics.forecast.features import Features
from tas_analytics.forecast.monotone import held
from tas_analytics.forecast.scorecard import Scorecard, logit, sigmoid
from tas_analytics.forecast.stage_table import Lean, Told
from tas_analytics.forecast.threads import one_thread_of_algebra

#: Columns of :func:`~tas_analytics.forecast.known.known` that are not features themselves.
_NOT_FEATURES: Final = (
    "day", "deal_key", "opportunity_id", "reconstructed", "reaches_back", "created_date", "stage_since", "close_date",
    "position", "stage_probability", "amount", "worth", "won", "ended",
)  # fmt: skip
#: Columns that change as time passes.
MOVING: Final = (
    "age", "days in stage", "days to planned close", "month of quarter", "age and month of quarter", "looking ahead",
    "stage and looking ahead",
)  # fmt: skip
_AGES: Final = np.array([7.0, 14, 28, 56, 84, 112, 140, 180, 270, 365])
#: Steps ahead from which a stage counts as seen from farther away.
_FAR: Final = np.array([1, 2, 3, 5, 8])
#: Points below this are rounding.
_NOTHING: Final = 1e-9


def standing(rows: pd.DataFrame) -> pd.DataFrame:
    """The columns that stay as they were known on the day; amounts in bands of about two to one."""
    kept = rows.drop(columns=[name for name in _NOT_FEATURES if name in rows])
    amount = rows["amount"].to_numpy(dtype=np.float64, na_value=np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        kept["amount"] = np.where(amount > 0, np.round(np.log2(amount)), np.where(amount <= 0, -1.0, np.nan))
    return kept


def moving(
    rows: pd.DataFrame, when: pd.Series, ahead: npt.NDArray[np.intp], step: int, first_month: int
) -> pd.DataFrame:
    """The columns that change: when a step of ``step`` days begins, ``ahead`` steps after the day."""

    def days(later: pd.Series, earlier: pd.Series) -> Floats:
        return np.asarray((later - earlier).dt.total_seconds() / 86_400, dtype=np.float64)

    age = days(when, rows["created_date"])
    middle = when + pd.Timedelta(days=step / 2)
    month = ((middle.dt.month - first_month) % 3 + 1).to_numpy()
    far = np.searchsorted(_FAR, ahead, side="right")
    band = np.where(np.isfinite(age), np.searchsorted(_AGES, np.nan_to_num(age)), -1)
    table: dict[str, Floats | pd.Categorical[str]] = {
        "age": age,
        "days in stage": days(when, rows["stage_since"]),
        "days to planned close": days(rows["close_date"], when),
        "month of quarter": _words(month - 1, ["1", "2", "3"]),
        "age and month of quarter": _words(
            (band + 1) * 3 + month - 1, [f"{a}/{m}" for a in range(len(_AGES) + 2) for m in (1, 2, 3)]
        ),
        "looking ahead": ahead.astype(np.float64),
    }
    stages = pd.Categorical(rows["stage"])
    names = [f"{stage}/{one}" for stage in stages.categories for one in range(len(_FAR) + 1)]
    codes = np.where(stages.codes < 0, -1, stages.codes.astype(np.int64) * (len(_FAR) + 1) + far)
    table["stage and looking ahead"] = _words(codes, names)
    return pd.DataFrame(table, index=rows.index)


def _words(codes: npt.NDArray[Any], words: list[str]) -> pd.Categorical[str]:
    """A column of words from their places, −1 for none."""
    return pd.Categorical.from_codes(cast("list[int]", codes), categories=pd.Index(words))


@dataclass(frozen=True)
class Moments:
    """Rows to learn one part from.

    ``deals``, ``when`` and ``over`` say whose they are, when the step begins and when it is over; ``happened`` is 1
    where it happened within the step. ``told`` is what the stage table says of it.
    """

    features: Features
    codes: list[Codes]
    deals: npt.NDArray[np.int64]
    when: npt.NDArray[np.datetime64]
    over: npt.NDArray[np.datetime64]
    happened: Floats
    created: npt.NDArray[np.datetime64]
    told: Told | None = None

    def expected(self, until: pd.Timestamp, card: Scorecard) -> Looks:
        """The chances that a scorecard of these rows gives to what was over by a day."""
        rows = np.flatnonzero(self.over <= np.datetime64(until))
        chances = sigmoid(card.logits([one[rows] for one in self.codes], len(rows)))
        return Looks(self.created[rows], self.when[rows], chances)

    def learn(
        self,
        until: pd.Timestamp | None,
        prior: float,
        start: Part | None,
        most: int,
        *,
        apart: bool,
        sure: bool = True,
        fit: Callable[..., Scorecard] = Scorecard.fit,
    ) -> Part:
        """Learn from what was over by a day.

        Parameters
        ----------
        until
            The day; None for everything.
        prior
            What the rate leans on by two rows; with too few of either outcome nothing else is learnt.
        start
            The part of an earlier day.
        most
            Rows to learn from.
        apart
            Whether steps of one deal tell of events of their own; otherwise all its rows together count as one.
        sure
            Whether to work out how sure the points are.
        fit
            Who fits the scorecard.
        """
        rows = np.arange(len(self.happened)) if until is None else np.flatnonzero(self.over <= np.datetime64(until))
        if len(rows) > most:
            rows = np.sort(np.random.default_rng(21).choice(rows, most, replace=False))
        y = self.happened[rows]
        # One event that was looked at from several days is one event.
        whose = [self.deals[rows], self.when[rows]] if apart else [self.deals[rows]]
        event, counts = _counted(whose)
        weights = 1.0 / counts[event] if len(rows) else np.empty(0)
        yes = float((weights * y).sum())
        base = logit((yes + 2 * prior) / (weights.sum() + 2))
        if min(yes, weights.sum() - yes) < 3:
            return Part(card=Scorecard(base, (), np.empty(0)))
        with one_thread_of_algebra():
            codes = [one[rows] for one in self.codes]
            lean = None if self.told is None else self.told.lean(codes[self.told.column], y, weights)
            began = None if start is None or start.whole is None else _with(start.whole, start.lean, -1)
            card = fit(
                codes, self.features.sizes, self.features.ordered, y, began, weights,
                ahead=None if lean is None else lean.points[codes[lean.column]],
                sure=sure,
            )  # fmt: skip
            card = _with(card, lean, 1)
        card, against = held(card, self.features, codes, weights)
        # A column without points need not be read again.
        kept = [place for place, own in enumerate(card.points) if np.abs(own).max() > _NOTHING]
        features = Features(tuple(self.features.encodings[place] for place in kept))
        spread = None if card.spread is None else card.spread.only(kept)
        own = Scorecard(card.base, tuple(card.points[place] for place in kept), card.strengths[kept], spread)
        return Part(features, own, card, against, lean)


def _with(card: Scorecard, lean: Lean | None, sign: int) -> Scorecard:
    """A scorecard with what it began at among its points, or without."""
    if lean is None:
        return card
    points = [own + sign * lean.points if at == lean.column else own for at, own in enumerate(card.points)]
    spread = None if card.spread is None else card.spread.wider(lean.column, lean.variance)
    return replace(card, points=tuple(points), spread=spread)


def _counted(keys: list[npt.NDArray[Any]]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """A number per row that rows with the same keys share, and how many rows have each."""
    total = np.zeros(len(keys[0]), dtype=np.int64)
    for one in keys:
        codes = pd.factorize(one)[0]
        total = total * (int(codes.max(initial=0)) + 1) + codes
    event = pd.factorize(total)[0]
    return event, np.bincount(event)


@dataclass
class Part:
    """One of the two parts of a score: a scorecard on the columns that stay and those that move.

    ``whole`` is the scorecard with the columns that have no points, from which a later model's begins; ``against`` are
    the columns of which the data say the opposite of common sense, ``lean`` is what it began at.
    """

    features: Features = field(default_factory=lambda: Features(()))
    card: Scorecard = field(default_factory=lambda: Scorecard(0.0, (), np.empty(0)))
    whole: Scorecard | None = None
    against: tuple[str, ...] = ()
    lean: Lean | None = None

    def points(self, rows: pd.DataFrame, cache: dict[Hashable, Cells], *, moves: bool) -> Floats:
        """The log odds that the columns of one kind add; ``cache`` holds what was read of the same rows before."""
        total = np.zeros(len(rows))
        for one, own in self.of_kind(moves):
            total += own[one.codes(rows, cache)]
        return total

    def by_column(self, rows: pd.DataFrame, cache: dict[Hashable, Cells]) -> pd.DataFrame:
        """What each column adds, in log odds; ``cache`` holds what was read of the same rows before."""
        found: dict[str, Floats] = {}
        for one, own in zip(self.features.encodings, self.card.points, strict=True):
            added = own[one.codes(rows, cache)]
            found[str(one.column)] = found.get(str(one.column), np.zeros(len(rows))) + added
        return pd.DataFrame(found, index=rows.index)

    def variance(self, still: pd.DataFrame, moves: list[pd.DataFrame], caches: list[dict[Hashable, Cells]]) -> Floats:
        """The variance of each row's log odds on average over some moments, for want of deals to learn from.

        ``caches`` hold what was read before: of what stays, and at each moment.
        """
        if self.card.spread is None:
            return np.zeros(len(still))
        codes: list[list[Codes]] = []
        for one in self.features.encodings:
            tables = list(zip(moves, caches[1:], strict=True)) if one.column in MOVING else [(still, caches[0])]
            codes.append([one.codes(table, cache) for table, cache in tables])
        return self.card.spread.of(codes, len(still))

    def of_kind(self, moves: bool) -> list[tuple[Encoding, Floats]]:
        """Encodings and points of the columns that move, or of those that stay."""
        pairs = zip(self.features.encodings, self.card.points, strict=True)
        return [(one, own) for one, own in pairs if (one.column in MOVING) == moves]
