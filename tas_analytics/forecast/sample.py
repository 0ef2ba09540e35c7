"""What the score by date is learnt from: looks at deals as known on past days, and at the ends that came of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from tas_analytics.forecast.columns import PER_BIN, Cells, Floats
from tas_analytics.forecast.features import Features
from tas_analytics.forecast.history import History
from tas_analytics.forecast.moments import Moments, Part, moving, standing
from tas_analytics.forecast.scorecard import Scorecard
from tas_analytics.forecast.stage_table import Told

#: Rows to learn from, at most.
ROWS: Final = 10_000
#: Bins of a number, at most and where deals are few.
_BINS: Final = 32
_FEWEST_BINS: Final = 4
#: Days of history below which the calendar is not learnt from.
_CALENDAR: Final = 100


class Sample:
    """Moments of the past to learn from: deals as known on a day, looked at from that day or some steps later.

    A model of an earlier day takes those that were over by then, so all models of a walk share them.

    Parameters
    ----------
    history
        What was known until the day of the score.
    reach
        Days ahead to learn for.
    calendar
        Whether the month of the quarter counts; left out, it does once the history is long enough.
    """

    def __init__(self, history: History, reach: int, calendar: bool | None = None) -> None:
        self.history, self.reach = history, reach
        self.steps = max(1, math.ceil(reach / history.step))
        rows, step = history.rows, np.timedelta64(history.step, "D")
        end = pd.Timestamp(history.as_of)
        enough = bool(len(rows)) and (end - rows["day"].min()).days >= _CALENDAR
        self.calendar = enough if calendar is None else calendar
        dice = np.random.default_rng(20)
        room = np.maximum(((end - rows["day"]).dt.days.to_numpy() // history.step) - 1, 0)
        further = (dice.random(len(rows)) * (np.minimum(self.steps, room) + 1)).astype(np.intp)
        places = np.concatenate([np.arange(len(rows)), np.flatnonzero(further > 0)])
        ahead = np.concatenate([np.zeros(len(rows), dtype=np.intp), further[further > 0]])
        when = rows["day"].to_numpy()[places] + ahead * step
        ended = rows["ended"].to_numpy()[places]
        ok = (np.isnat(ended) | (ended > when)) & (when + step <= np.datetime64(end))
        places, ahead, when, ended = places[ok], ahead[ok], when[ok], ended[ok]
        drawn = _draw(len(places), dice)
        closed = (~np.isnat(ended) & (ended <= when + step))[drawn].astype(np.float64)
        self.closing = self._moments(places[drawn], when[drawn], ahead[drawn], closed, wins=False)
        self.winning = self._winning(dice)

    def _winning(self, dice: np.random.Generator) -> Moments:
        """Every look at a deal that closed within the reach, from as many steps away as the close was.

        So ends are seen from near and far as often as they are when a window is asked about. Of early stages a near end
        is a loss: more of those would make little data foresee too few wins.
        """
        rows, step = self.history.rows, np.timedelta64(self.history.step, "D")
        ended = rows["ended"].to_numpy()
        places = np.flatnonzero(~np.isnat(ended))
        day = rows["day"].to_numpy()[places]
        ahead = ((ended[places] - day - np.timedelta64(1, "D")) // step).astype(np.intp)
        when = day + ahead * step
        ok = np.flatnonzero((ahead <= self.steps) & (when + step <= np.datetime64(self.history.as_of)))
        if len(ok) > ROWS:
            # Each deal tells of one end: a look at every deal comes first, then a second one, and so on.
            ok = dice.permutation(ok)
            deals = pd.Series(rows["deal_key"].to_numpy()[places[ok]])
            ok = np.sort(ok[np.argsort(deals.groupby(deals).cumcount(), kind="stable")[:ROWS]])
        won = rows["won"].to_numpy()[places[ok]].astype(np.float64)
        return self._moments(places[ok], when[ok], ahead[ok], won, wins=True)

    def _moments(
        self,
        places: npt.NDArray[np.intp],
        when: npt.NDArray[np.datetime64],
        ahead: npt.NDArray[np.intp],
        happened: Floats,
        *,
        wins: bool,
    ) -> Moments:
        some = self.history.rows.iloc[places].reset_index(drop=True)
        moved = moving(some, pd.Series(when), ahead, self.history.step, self.history.first_month)
        if not self.calendar:
            moved = moved.drop(columns=["month of quarter", "age and month of quarter"])
        table = pd.concat([standing(some), moved], axis=1)
        read: dict[Hashable, Cells] = {}
        # Many looks at few deals tell no finer than the deals do.
        bins = int(np.clip(some["deal_key"].nunique() / PER_BIN, _FEWEST_BINS, _BINS))
        features = Features.of(table, bins, read) if len(table) else Features(())
        over: npt.NDArray[np.datetime64] = when + np.timedelta64(self.history.step, "D")
        codes = [one.codes(table, read) for one in features.encodings]
        chances, usual = (
            one["stage_probability"].to_numpy(dtype=np.float64, na_value=np.nan) for one in (some, self.history.rows)
        )
        return Moments(
            features,
            codes,
            some["deal_key"].to_numpy(),
            when,
            over,
            happened,
            some["created_date"].to_numpy(),
            Told.of(features, codes, chances, usual, wins=wins),
        )

    def learn_closing(
        self,
        until: pd.Timestamp | None,
        start: Part | None,
        most: int,
        *,
        sure: bool,
        fit: Callable[..., Scorecard] = Scorecard.fit,
    ) -> Part:
        """The part that says whether a deal closes within a step; see :meth:`.Moments.learn`."""
        return self.closing.learn(until, 0.1, start, most, apart=True, sure=sure, fit=fit)


def _draw(count: int, dice: np.random.Generator) -> npt.NDArray[np.intp]:
    return np.arange(count) if count <= ROWS else np.sort(dice.choice(count, ROWS, replace=False))
