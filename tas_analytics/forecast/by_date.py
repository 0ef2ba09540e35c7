"""P(won by a day) for each open deal: two parts, rolled forward over steps of time.

P(closes within a step) and P(won, if it closes then), both learnt from what was known on past days. Deals that are
still open take part until today and are then censored; the time before the first close that the data show is left out,
for deals that closed then were never recorded. With few closed deals the answer leans on the stage table.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from tas_analytics.forecast.columns import Floats
from tas_analytics.forecast.known import ATTRIBUTE, REACHING_BACK, ends, known
from tas_analytics.forecast.leaks import Finding, findings
from tas_analytics.forecast.moments import Part, moving, standing
from tas_analytics.forecast.scorecard import sigmoid
from tas_analytics.metrics.company import Company
from tas_analytics.store.database import Store

#: Closed deals of the rarer outcome at which the company's own history and the stage table weigh the same.
HALF_PRIOR: Final = 12
#: Rows to learn from, deals to draw them from, and days that they are looked at on, at most.
_ROWS: Final = 12_000
#: The same for a model of the past, which only shows how wrong forecasts were.
_ROWS_BEFORE: Final = 5_000
_DEALS: Final = 25_000
_DAYS: Final = 60
_STEPS: Final = 15
#: Days of history below which the calendar is not learnt from.
_CALENDAR: Final = 100
_SHORTEST, _LONGEST = 2, 14
#: A column that is filled on so much another share of the deals that closed than of those still open is refused.
_GAP: Final = 0.15
_FEW: Final = 30
#: How many windows of the past the bias is taken from, and how sure it must be.
_WINDOWS: Final = 3
_SURE: Final = 2.0


@dataclass(frozen=True)
class History:
    """What the store knew of its deals until a day: open deals on past days, and how deals ended."""

    as_of: dt.date
    step: int
    first_month: int
    rows: pd.DataFrame
    ends: pd.DataFrame
    refused: tuple[Finding, ...]

    @classmethod
    def until(cls, store: Store, company: Company, as_of: dt.date, horizon: int) -> History:
        """Read it. ``rows`` have ``ended``, ``won`` (blank while open) beside what was known."""
        closed = ends(store, as_of)
        part = max(1, math.ceil(len(closed) / _DEALS))
        lasted = (pd.to_datetime(closed["ended"]) - pd.to_datetime(closed["created_date"])).dt.days
        first = min(pd.to_datetime(closed["ended"]), default=pd.Timestamp(as_of)).date()
        span = (as_of - first).days
        usual = float(lasted[lasted >= 0].median()) if (lasted >= 0).any() else 60.0
        step = int(np.clip(round(usual / 8), _SHORTEST, _LONGEST))
        step = max(step, math.ceil(span / _DAYS), math.ceil(horizon / _STEPS))
        days = [as_of - dt.timedelta(days=step * back) for back in range(1, span // step + 1)]
        rows = known(store, days, as_of, part) if days else known(store, [as_of], as_of, part).head(0)
        rows = rows.merge(closed[["deal_key", "won", "ended"]], how="left", on="deal_key")
        rows["ended"] = pd.to_datetime(rows["ended"])
        rows = rows[rows["ended"].isna() | (rows["ended"] > rows["day"])].reset_index(drop=True)
        return cls(as_of, step, company.calendar.start_month, *_refuse(rows, closed))

    def before(self, day: pd.Timestamp) -> History:
        """What was known on an earlier day; deals that ended later are open again."""
        rows = self.rows[self.rows["day"] < day].copy()
        later = rows["ended"] > day
        rows.loc[later, "ended"] = pd.NaT
        rows["won"] = rows["won"].where(~later)
        closed = self.ends[pd.to_datetime(self.ends["ended"]) <= day]
        return History(day.date(), self.step, self.first_month, rows.reset_index(drop=True), closed, self.refused)


def _refuse(rows: pd.DataFrame, closed: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, tuple[Finding, ...]]:
    """Blank the columns that give away how or whether a deal ended: those that reach back from a later day."""
    told = rows["ended"].notna()
    if told.sum() < _FEW or (~told).sum() < _FEW:
        return rows, closed, ()
    columns = [name for name in rows.columns if name in REACHING_BACK or str(name).startswith(ATTRIBUTE)]
    newest = rows.drop_duplicates("deal_key", keep="last")
    ended = newest["ended"].notna()
    outcome = np.asarray(newest.loc[ended, "won"].astype(float), dtype=np.float64)
    found = [
        one for one in findings(newest.loc[ended, columns], outcome, newest.loc[~ended, columns])
        if one.gravity == "leak" or rows["reconstructed"].any()
    ]  # fmt: skip
    named = {one.column for one in found}
    for name in columns:
        filled = newest[name].notna()
        shares = float(filled[ended].mean()), float(filled[~ended].mean())
        if name not in named and abs(shares[0] - shares[1]) > _GAP and newest["reconstructed"].mean() > 0.5:
            text = f"filled on {shares[0]:.0%} of the deals that closed but on {shares[1]:.0%} of those still open"
            found.append(Finding(name, "leak", text))
    leaks = [one.column for one in found if one.gravity == "leak"]
    return rows.assign(**{str(name): None for name in leaks}), closed, tuple(found)


class ByDate:
    """The score by date as learnt from a history.

    Parameters
    ----------
    history
        What was known until the day of the score.
    horizon
        Days ahead for which it is asked.
    calendar
        Whether the month of the quarter counts; left out, it does once the history is long enough.
    most
        Rows to learn from.
    """

    def __init__(self, history: History, horizon: int, *, calendar: bool | None = None, most: int = _ROWS) -> None:
        self.history, self.horizon = history, horizon
        self.steps = max(1, math.ceil(horizon / history.step))
        rows, step = history.rows, history.step
        won = history.ends["won"].astype(bool)
        self.won, self.lost = int(won.sum()), int((~won).sum())
        self.prior_share = 1.0 / (1.0 + (min(self.won, self.lost) / HALF_PRIOR) ** 1.5)
        end = pd.Timestamp(history.as_of)
        enough = bool(len(rows)) and (end - rows["day"].min()).days >= _CALENDAR
        self._calendar = enough if calendar is None else calendar
        dice = np.random.default_rng(20)
        room = np.maximum(((end - rows["day"]).dt.days.to_numpy() // step) - 1, 0)
        further = (dice.random(len(rows)) * (np.minimum(self.steps, room) + 1)).astype(np.intp)
        places = np.concatenate([np.arange(len(rows)), np.flatnonzero(further > 0)])
        ahead = np.concatenate([np.zeros(len(rows), dtype=np.intp), further[further > 0]])
        when = rows["day"].to_numpy()[places] + ahead * np.timedelta64(step, "D")
        ended = rows["ended"].to_numpy()[places]
        ok = (np.isnat(ended) | (ended > when)) & (when + np.timedelta64(step, "D") <= np.datetime64(end))
        places, ahead, when, ended = places[ok], ahead[ok], when[ok], ended[ok]
        closes = ~np.isnat(ended) & (ended <= when + np.timedelta64(step, "D"))
        drawn = self._draw(len(places), dice, most)
        self._closing = Part.fit(self._table(rows, places[drawn], when[drawn], ahead[drawn]), closes[drawn], 0.1)
        at = np.flatnonzero(closes)
        at = at[self._draw(len(at), dice, most)]
        outcome = rows["won"].to_numpy()[places[at]].astype(bool)
        self._winning = Part.fit(self._table(rows, places[at], when[at], ahead[at]), outcome, 0.3)

    @staticmethod
    def _draw(count: int, dice: np.random.Generator, most: int) -> npt.NDArray[np.intp]:
        return np.arange(count) if count <= most else np.sort(dice.choice(count, most, replace=False))

    def _table(
        self, rows: pd.DataFrame, places: npt.NDArray[np.intp], when: np.ndarray, ahead: npt.NDArray[np.intp]
    ) -> pd.DataFrame:
        some = rows.iloc[places].reset_index(drop=True)
        moved = moving(some, pd.Series(when), ahead, self.history.step, self.history.first_month)
        if not self._calendar:
            moved = moved.drop(columns=["month of quarter", "age and month of quarter"])
        return pd.concat([standing(some), moved], axis=1)

    def score(self, rows: pd.DataFrame, *, corrected: bool = True) -> pd.DataFrame:
        """``p_won`` and ``p_lost`` within the horizon, ``days`` until an expected close, ``prior_share``, per row.

        Parameters
        ----------
        rows
            Open deals as :func:`~tas_analytics.forecast.known.known` gives them for the day.
        corrected
            Whether a bias of past windows is taken off.
        """
        rows = rows.reset_index(drop=True)
        step, still = self.history.step, standing(rows)
        closing, winning = self._closing.points(still, moves=False), self._winning.points(still, moves=False)
        open_share, won, lost, time = np.ones(len(rows)), *np.zeros((3, len(rows)))
        for ahead in range(self.steps):
            when = rows["day"] + pd.Timedelta(days=ahead * step)
            moved = moving(rows, when, np.full(len(rows), ahead), step, self.history.first_month)
            closes = self._closing.chances(closing, moved)
            share = min(1.0, (self.horizon - ahead * step) / step)
            closes = 1 - (1 - closes) ** share if share < 1 else closes
            wins = self._winning.chances(winning, moved)
            now = open_share * closes
            won += now * wins
            lost += now * (1 - wins)
            time += now * (ahead + 0.5) * step
            open_share = open_share - now
        if corrected:
            won, lost = _shifted(won, self.shifts[0]), _shifted(lost, self.shifts[1])
        prior_won, prior_lost = self._prior(rows)
        share = self.prior_share
        won = (1 - share) * won + share * prior_won
        lost = (1 - share) * lost + share * prior_lost
        over = np.maximum(won + lost, 1.0)
        closed = 1 - open_share
        days = np.where(closed > 0.05, time / np.maximum(closed, 1e-9), np.nan)
        return pd.DataFrame(
            {"p_won": won / over, "p_lost": lost / over, "days": days, "prior_share": share}, index=rows.index
        )

    def parts(self, rows: pd.DataFrame) -> pd.DataFrame:
        """What each column adds to the log odds of closing soon and of being won then, against the average deal."""
        rows = rows.reset_index(drop=True)
        zero = np.zeros(len(rows), dtype=np.intp)
        moved = moving(rows, rows["day"], zero, self.history.step, self.history.first_month)
        table = pd.concat([standing(rows), moved], axis=1)
        return self._closing.by_column(table).add(self._winning.by_column(table), fill_value=0.0)

    def _prior(self, rows: pd.DataFrame) -> tuple[Floats, Floats]:
        """What the stage table alone says: the stage's probability, spread over the days that the path still takes."""
        rate = (self.won + 0.6) / (self.won + self.lost + 2)
        chance = rows["stage_probability"].to_numpy(dtype=np.float64, na_value=np.nan)
        chance = np.where(np.isfinite(chance), chance, rate)
        # The path takes about half a year; a deal at probability p has 1 − p of it before it.
        left = np.maximum(180.0 * (1 - chance), 15.0)
        closed = 1 - np.exp(-self.horizon / left)
        return chance * closed, (1 - chance) * closed

    @cached_property
    def shifts(self) -> tuple[float, float]:
        """By how much the log odds of won and lost are moved, for what past windows of the same length proved wrong."""
        end = pd.Timestamp(self.history.as_of) - pd.Timedelta(days=self.horizon)
        days = self.history.rows["day"].drop_duplicates().sort_values()
        # A model that had seen less than a window of the past was wrong for want of data, which now is there.
        days = days[(days <= end) & (days >= days.min() + pd.Timedelta(days=self.horizon))]
        apart = max(1, len(days) // (2 * _WINDOWS))
        chosen = list(days[::-1][: apart * _WINDOWS : apart])
        said: list[pd.DataFrame] = []
        for day in chosen:
            past = self.history.before(day)
            if len(past.ends) < _FEW or past.rows.empty:
                continue
            rows = self.history.rows[self.history.rows["day"] == day]
            scores = ByDate(past, self.horizon, calendar=self._calendar, most=_ROWS_BEFORE).score(rows, corrected=False)
            by = day + pd.Timedelta(days=self.horizon)
            ended = (rows["ended"] <= by).to_numpy()
            scores["won"] = ended & (rows["won"] == True).to_numpy()  # noqa: E712
            scores["lost"] = ended & (rows["won"] == False).to_numpy()  # noqa: E712
            said.append(scores)
        if not said:
            return 0.0, 0.0
        every = pd.concat(said)
        return tuple(_shift(every[f"p_{one}"].to_numpy(), every[one].to_numpy(dtype=float)) for one in ("won", "lost"))  # type: ignore[return-value]


def _shift(chances: Floats, happened: Floats) -> float:
    """The move of the log odds that makes chances agree with what happened, as far as the difference is no accident."""
    # Deals of one window share its fate, so their sum strays further than if each were drawn alone.
    error = math.sqrt(float(np.sum(chances * (1 - chances))) * _SURE + 1e-9)
    strays = (happened.sum() - chances.sum()) / error
    if abs(strays) < _SURE or happened.sum() == 0:
        return 0.0
    low, high, middle = -3.0, 3.0, 0.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if _shifted(chances, middle).sum() < happened.sum() else (low, middle)
    return float(middle * (1 - 1 / strays**2))


def _shifted(chances: Floats, shift: float) -> Floats:
    if shift == 0.0:
        return chances
    clipped = np.clip(chances, 1e-9, 1 - 1e-9)
    return sigmoid(np.log(clipped / (1 - clipped)) + shift)
