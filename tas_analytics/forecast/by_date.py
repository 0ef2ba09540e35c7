"""P(won by a day) for each open deal: two parts, rolled forward over steps of time.

P(closes within a step) and P(won, if it closes then), both learnt from what was known on past days. Deals that are
still open take part until today and are then censored. With few closed deals the answer leans on the stage table.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from tas_analytics.forecast.cohorts import COHORT, Cohorts
from tas_analytics.forecast.columns import Cells, Floats
from tas_analytics.forecast.history import Past
from tas_analytics.forecast.moments import Part, moving, standing
from tas_analytics.forecast.sample import ROWS, Sample
from tas_analytics.forecast.scorecard import log_odds, sigmoid
from tas_analytics.forecast.stage_table import days_left, share
from tas_analytics.forecast.timetable import Timetable

#: Days after which an expected close is not told any more.
_NEVER: Final = 1_095
#: Half the width of an interval that holds 80 % of a normal distribution, in standard deviations.
_EIGHTY: Final = 1.2816
#: The step in log odds by which slopes are taken.
_DOUBT: Final = 0.25
#: Posterior intervals take the strengths as known, and the shape of the model as right: they are this much wider.
_WIDER: Final = 1.0
#: How far the stage table's word may be from the truth, in log odds.
_PRIOR_SPREAD: Final = 0.8


@dataclass(frozen=True)
class Curve:
    """What becomes of deals within some days.

    Attributes
    ----------
    days : tuple of int
        Days ahead, ascending.
    won, lost : array, deals × days
        P(won by then), P(lost by then).
    close : array, deals
        Days until the deal has closed with even odds, won or lost; NaN where that is years away.
    spread : array, deals × days
        Standard deviation of the log odds of won; 0 where it was not asked for.
    """

    days: tuple[int, ...]
    won: Floats
    lost: Floats
    close: Floats
    spread: Floats

    @property
    def won_low(self) -> Floats:
        """Lower end of the interval that holds the true chance of winning with 80 %."""
        return np.asarray(sigmoid(log_odds(self.won) - _EIGHTY * self.spread))

    @property
    def won_high(self) -> Floats:
        """Its upper end."""
        return np.asarray(sigmoid(log_odds(self.won) + _EIGHTY * self.spread))


class ByDate:
    """The score by date as learnt from a history, before past windows have corrected it.

    Parameters
    ----------
    sample
        What to learn from.
    until
        Learn only what was over by this day; left out, all.
    start
        A model of an earlier day, from whose strengths the search begins.
    most
        Rows to learn from.
    sure
        Whether to work out how sure the chances are; otherwise :meth:`curve` cannot tell.
    closing
        The part that says whether a deal closes, where it is learnt elsewhere, as :meth:`Sample.learn_closing` does.
    """

    def __init__(
        self,
        sample: Sample,
        until: pd.Timestamp | None = None,
        start: ByDate | None = None,
        most: int = ROWS,
        *,
        sure: bool = True,
        closing: Future[Part] | None = None,
    ) -> None:
        self.past, self.steps, self.reach = sample.history.past, sample.steps, sample.reach
        won = sample.history.ends["won"].astype(bool)
        if until is not None:
            won = won[pd.to_datetime(sample.history.ends["ended"]) <= until]
        self.won, self.lost = int(won.sum()), int((~won).sum())
        before = (None, None) if start is None else (start.closing, start.winning)
        self.winning: Part = sample.winning.learn(until, 0.3, before[1], most, apart=False, sure=sure)
        self.closing: Part = (
            sample.learn_closing(until, before[0], most, sure=sure) if closing is None else closing.result()
        )
        self.cohorts = Cohorts()
        # Before the month of the quarter can be told from how old deals are, cohorts would be taken for it.
        if self.closing.whole is not None and sample.calendar:
            day = until or pd.Timestamp(sample.history.as_of)
            self.cohorts = Cohorts.of(day, sample.history.looks(day), sample.closing.expected(day, self.closing.whole))

    @classmethod
    def of(
        cls, past: Past, won: int, lost: int, steps: int, reach: int, closing: Part, winning: Part, cohorts: Cohorts
    ) -> ByDate:
        """A model whose parts have been learnt before."""
        model = cls.__new__(cls)
        model.past, model.won, model.lost, model.steps, model.reach = past, won, lost, steps, reach
        model.closing, model.winning = closing, winning
        model.cohorts = cohorts
        return model

    @property
    def prior_share(self) -> float:
        """The share of each score that the stage table gives."""
        return share(min(self.won, self.lost))

    def curve(self, rows: pd.DataFrame, days: Sequence[int], *, unsure: bool = False) -> Curve:
        """What becomes of open deals.

        Parameters
        ----------
        rows
            Open deals as :func:`~tas_analytics.forecast.known.known` gives them, all of one day.
        days
            Days ahead, each at least 1.
        unsure
            Whether to work out how sure the chances are.
        """
        asked = sorted(set(days))
        still = standing(rows)
        read: dict[Hashable, Cells] = {}
        fixed = [part.card.base + part.points(still, read, moves=False) for part in (self.closing, self.winning)]
        steps = max(self.steps, math.ceil(asked[-1] / self.past.step))
        time = Timetable(rows, self.past.step, self.past.first_month)
        moved = time.points((self.closing, self.winning), steps)
        curve = self._by_cohort(rows, self._roll(fixed, moved, asked))
        if not unsure:
            return curve
        # How much a small doubt in either part moves the answer, at the middle of each stretch of time.
        variance = np.zeros(curve.won.shape)
        doubts = [self._roll([fixed[0] + _DOUBT * (one == 0), fixed[1] + _DOUBT * (one == 1)], moved, asked)
                  for one in (0, 1)]  # fmt: skip
        plain, kept = rows.reset_index(drop=True), still.reset_index(drop=True)
        for place, day in enumerate(asked):
            moments = sorted({min(day, self.reach) * third // (3 * self.past.step) for third in (0, 1, 2)})
            tables = [self._at(plain, ahead) for ahead in moments]
            caches: list[dict[Hashable, Cells]] = [read, *({} for _ in tables)]
            for one, part in enumerate((self.closing, self.winning)):
                slope = (log_odds(doubts[one].won[:, place]) - log_odds(curve.won[:, place])) / _DOUBT
                variance[:, place] += slope**2 * part.variance(kept, tables, caches)
        return replace(curve, spread=np.sqrt(variance) * _WIDER)

    def _by_cohort(self, rows: pd.DataFrame, curve: Curve) -> Curve:
        """The curve with what the deals created at about the same time tell of each."""
        factor = self.cohorts.of_deals(rows["created_date"])[:, None]
        # Fewer that close at all: their share. More: the odds, for no chance is more than sure.
        won, lost = curve.won * factor, curve.lost * factor
        over = 1 + (curve.won + curve.lost) * (factor - 1)
        up = factor > 1
        return replace(curve, won=np.where(up, won / over, won), lost=np.where(up, lost / over, lost))

    def _at(self, rows: pd.DataFrame, ahead: int) -> pd.DataFrame:
        """The columns that move, so many steps ahead."""
        when = rows["day"] + pd.Timedelta(days=ahead * self.past.step)
        return moving(rows, when, np.full(len(rows), ahead), self.past.step, self.past.first_month)

    def _roll(self, fixed: list[Floats], moved: list[list[Floats]], asked: list[int]) -> Curve:
        """Let time pass, step by step."""
        step, steps, count = self.past.step, len(moved), len(fixed[0])
        won, lost = np.zeros((2, count, len(asked)))
        is_open, all_won, all_lost = np.ones(count), np.zeros(count), np.zeros(count)
        close, closes = np.full(count, np.nan), np.zeros(count)
        for ahead, points in enumerate(moved):
            closes, wins = sigmoid(fixed[0] + points[0]), sigmoid(fixed[1] + points[1])
            for place, day in enumerate(asked):
                if ahead * step < day <= (ahead + 1) * step:
                    share = (day - ahead * step) / step
                    now = is_open * (closes if share == 1 else 1 - (1 - closes) ** share)
                    won[:, place], lost[:, place] = all_won + now * wins, all_lost + now * (1 - wins)
            now = is_open * closes
            half = (is_open > 0.5) & (is_open - now <= 0.5)
            close[half] = (ahead + (is_open[half] - 0.5) / np.maximum(now[half], 1e-12)) * step
            all_won, all_lost, is_open = all_won + now * wins, all_lost + now * (1 - wins), is_open - now
        # Beyond the last step deals close at the rate of that step.
        later = np.isnan(close)
        pace = -np.log1p(-np.clip(closes[later], 1e-9, 1 - 1e-9))
        gone = (steps + np.log(is_open[later] / 0.5) / pace) * step
        close[later] = np.where(gone <= _NEVER, gone, np.nan)
        return Curve(tuple(asked), won, lost, close, np.zeros(won.shape))

    def parts(self, rows: pd.DataFrame) -> pd.DataFrame:
        """What each column adds to the log odds of closing soon and of being won then, against the average deal."""
        rows = rows.reset_index(drop=True)
        table = pd.concat([standing(rows), self._at(rows, 0)], axis=1)
        read: dict[Hashable, Cells] = {}
        closing, winning = (part.by_column(table, read) for part in (self.closing, self.winning))
        parts = closing.add(winning, fill_value=0.0)
        moved = np.log(self.cohorts.of_deals(rows["created_date"]))
        return parts.assign(**{COHORT: moved}) if moved.any() else parts

    def lean(self, rows: pd.DataFrame, curve: Curve) -> Curve:
        """Lean on the stage table as far as the company's own history is short.

        The stage table alone says: the stage's probability, spread over the days that the path still takes.
        """
        rate = (self.won + 0.6) / (self.won + self.lost + 2)
        chance = rows["stage_probability"].to_numpy(dtype=np.float64, na_value=np.nan)
        chance = np.where(np.isfinite(chance), chance, rate)[:, None]
        closed = 1 - np.exp(-np.array(curve.days) / days_left(chance))
        weight = self.prior_share
        # Odds are pooled, not chances: a table that is wrong by tens of points must not outweigh hundreds of deals that
        # hardly ever close.
        won, lost = (
            sigmoid((1 - weight) * log_odds(own) + weight * log_odds(told))
            for own, told in ((curve.won, chance * closed), (curve.lost, (1 - chance) * closed))
        )
        over = np.maximum(won + lost, 1.0)
        spread = np.hypot((1 - weight) * curve.spread, weight * _PRIOR_SPREAD * (curve.spread > 0))
        return replace(curve, won=won / over, lost=lost / over, spread=spread)
