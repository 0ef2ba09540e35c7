"""P(won by a day) for each open deal: two parts, rolled forward over steps of time.

P(closes within a step) and P(won, if it closes then), both learnt from what was known on past days. Deals that are
still open take part until today and are then censored. With few closed deals the answer leans on the stage table.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from tas_analytics.forecast.cohorts import COHORT, Cohorts
from tas_analytics.forecast.columns import PER_BIN, Cells, Floats
from tas_analytics.forecast.features import Features
from tas_analytics.forecast.history import History, Past
from tas_analytics.forecast.moments import Moments, Part, moving, standing
from tas_analytics.forecast.scorecard import Scorecard, log_odds, sigmoid
from tas_analytics.forecast.stage_table import Told, days_left, share
from tas_analytics.forecast.timetable import Timetable

#: Rows to learn from, at most.
ROWS: Final = 10_000
#: Bins of a number, at most and where deals are few.
_BINS: Final = 32
_FEWEST_BINS: Final = 4
#: Days of history below which the calendar is not learnt from.
_CALENDAR: Final = 100
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
