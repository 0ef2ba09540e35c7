"""The fitted model of a day, shared by pages and commands: learnt once per version of the data, in the background.

A page never waits for it: :func:`ready` gives the model if it is there and otherwise has it learnt meanwhile. A
command, which has nothing else to do, calls :func:`now`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

import numpy as np
import pandas as pd

from tas_analytics.background import Line, Stopped, Tell
from tas_analytics.forecast import kept
from tas_analytics.forecast.baselines import answer as simpler
from tas_analytics.forecast.by_date import ByDate, Curve
from tas_analytics.forecast.history import History
from tas_analytics.forecast.known import known
from tas_analytics.forecast.leaks import Finding
from tas_analytics.forecast.proof import SCORE, Proof, proofs
from tas_analytics.forecast.sample import Sample
from tas_analytics.forecast.walk import Walk, shifted
from tas_analytics.metrics.company import Company
from tas_analytics.store.database import Store

#: Days ahead that a model is learnt for: the least of these that holds what is asked, so that most questions of a day
#: share one model.
REACHES: Final = (92, 184, 366)
_KEPT: Final = 6

Key = tuple[Store, int, Company, dt.date, int]


@dataclass(frozen=True)
class Fitted:
    """The model of a day, and the deals that were open then.

    Attributes
    ----------
    as_of : date
        The day of the data.
    rows : DataFrame
        The open deals of all scopes: ``deal_key``, ``opportunity_id`` and the columns that a score takes, as
        :func:`~tas_analytics.forecast.known.known` gives them. A what-if changes a copy and hands it to
        :meth:`curve`; nothing is learnt anew.
    model : ByDate
        What was learnt.
    shifts : dict
        Per length of window, in days, by how much past windows move the log odds of won and lost.
    proofs : dict
        Per length of window what the past proves: whether a simpler answer is used instead, and whether the chances
        have shown to be what they say.
    read : callable
        Reads the history that it was learnt from, which a simpler answer needs.
    """

    as_of: dt.date
    rows: pd.DataFrame
    model: ByDate
    shifts: dict[int, tuple[float, float]]
    proofs: dict[int, Proof]
    read: Callable[[], History]

    def curve(self, until: Sequence[dt.date], rows: pd.DataFrame | None = None, *, unsure: bool = False) -> Curve:
        """P(won by) and P(lost by) each of those days, per row.

        Parameters
        ----------
        until
            Days after :attr:`as_of`, any number, in any order; the answer has them ascending, each once.
        rows
            Deals of :attr:`rows`, changed or not; all of them if left out.
        unsure
            Whether to work out the intervals too (``won_low``, ``won_high``); takes three times as long.
        """
        asked = self.rows if rows is None else rows
        curve = self.model.curve(asked, [max(1, (day - self.as_of).days) for day in until], unsure=unsure)
        return self._stood_in(asked, self.model.lean(asked, shifted(curve, self.shifts)))

    def proof(self, until: dt.date) -> Proof | None:
        """What the past proves for a day: of windows of about that length; None where there are none."""
        days = (until - self.as_of).days
        return self.proofs[min(self.proofs, key=lambda one: abs(one - days))] if self.proofs else None

    def answer(self, until: dt.date) -> str:
        """Who answers for a day: ``score``, or the simpler answer that past windows show to be better."""
        found = self.proof(until)
        return SCORE if found is None else found.answer

    def _stood_in(self, rows: pd.DataFrame, curve: Curve) -> Curve:
        """The curve with a simpler answer for the days at which the past shows one to be better."""
        keys = [self.answer(self.as_of + dt.timedelta(days=day)) for day in curve.days]
        if not any(key != SCORE for key in keys):
            return curve
        won, lost, spread = curve.won.copy(), curve.lost.copy(), curve.spread.copy()
        for key in set(keys) - {SCORE}:
            places = [place for place, one in enumerate(keys) if one == key]
            told = simpler(key, self.read(), rows, [curve.days[place] for place in places])
            known = np.isfinite(told.won)
            won[:, places] = np.where(known, told.won, won[:, places])
            lost[:, places] = np.where(known, told.lost, lost[:, places])
            # That it is right on the whole says nothing of how far deals differ, of which the score has its doubts.
            level = np.sqrt(1 / (self.won + 1) + 1 / (self.lost + 1))
            spread[:, places] = np.where(known, np.hypot(level, spread[:, places]), spread[:, places])
        won, lost = np.maximum.accumulate(won, axis=1), np.maximum.accumulate(lost, axis=1)
        over = np.maximum(won + lost, 1.0)
        return replace(curve, won=won / over, lost=lost / over, spread=spread * (curve.spread > 0))

    def parts(self, rows: pd.DataFrame | None = None) -> pd.DataFrame:
        """What each column adds to each deal's log odds against the average deal, before the stage table's share."""
        return self.model.parts(self.rows if rows is None else rows)

    @property
    def prior_share(self) -> float:
        """The share of each score that the stage table gives; the rest is the company's own history."""
        return self.model.prior_share

    @property
    def won(self) -> int:
        """Won deals that it has learnt from."""
        return self.model.won

    @property
    def lost(self) -> int:
        """Lost deals that it has learnt from."""
        return self.model.lost

    @property
    def refused(self) -> tuple[Finding, ...]:
        """Columns that give the end away and are not used, and columns that are doubted."""
        return self.model.past.refused

    @property
    def against(self) -> tuple[str, ...]:
        """Columns whose effect was levelled, because the data say the opposite of common sense (``monotone.SENSE``)."""
        return tuple(dict.fromkeys([*self.model.closing.against, *self.model.winning.against]))

    @property
    def corrected(self) -> bool:
        """Whether past windows were biased, which is taken off."""
        return any(one for pair in self.shifts.values() for one in pair)


def fit(store: Store, company: Company, as_of: dt.date, reach: int = REACHES[0]) -> Fitted:
    """Learn the model of a day, whatever is kept already."""
    history = History.until(store, company, as_of, reach)
    rows = known(store, [as_of], as_of) if history.today is None else history.today
    learnt = _learn(history, reach)
    return Fitted(as_of, rows, learnt.model, learnt.shifts, learnt.proofs, lambda: history)


def _learn(history: History, reach: int) -> kept.Learnt:
    sample = Sample(history, reach)
    walk = Walk.of(sample, today=True)
    assert walk.today is not None
    return kept.Learnt(walk.today, walk.shifts(), proofs(walk))


def _of_today(store: Store, company: Company, as_of: dt.date, reach: int) -> Fitted:
    """The model of the newest day, as it was kept or learnt and then kept; models of earlier days are not kept."""
    if as_of != company.last_day:
        return fit(store, company, as_of, reach)
    token = store.content_token
    learnt = kept.recall(store, as_of, reach)
    if learnt is None:
        fitted = fit(store, company, as_of, reach)
        kept.keep(store, token, as_of, reach, kept.Learnt(fitted.model, fitted.shifts, fitted.proofs))
        return fitted
    read = cache(lambda: History.until(store, company, as_of, reach))
    return Fitted(as_of, known(store, [as_of], as_of), learnt.model, learnt.shifts, learnt.proofs, read)


def reach_of(days: int) -> int:
    """How many days ahead the model learns for that answers for so many."""
    return next((one for one in REACHES if one >= days), days)


def now(store: Store, company: Company, as_of: dt.date, days: int = REACHES[0]) -> Fitted:
    """The model of a day, for so many days ahead; learnt here and now if it is not there yet.

    Raises
    ------
    Exception
        Whatever learning ended with.
    """
    key = _key(store, company, as_of, days)
    with suppress(Stopped):
        return _models.now(key, _work(key))
    return _of_today(store, company, as_of, key[-1])


def ready(store: Store, company: Company, as_of: dt.date, days: int = REACHES[0]) -> Fitted | None:
    """The model of a day if it is there; otherwise None, and it is learnt in the background.

    Raises
    ------
    Exception
        Whatever learning ended with.
    """
    key = _key(store, company, as_of, days)
    task = _models.ask(key, _work(key))
    if task.error is not None:
        raise task.error
    return task.answer


def there(store: Store, company: Company, as_of: dt.date, days: int = REACHES[0]) -> Fitted | None:
    """The model of a day if it is there; nothing is begun: for pages that can do without it."""
    task = _models.found(_key(store, company, as_of, days))
    return None if task is None else task.answer


# One at a time, for the machine has other work.
_models: Final = Line("forecast", _KEPT, "A forecast could not be learnt")


def _key(store: Store, company: Company, as_of: dt.date, days: int) -> Key:
    return store, store.data_version, company, as_of, reach_of(days)


def _work(key: Key) -> Callable[[Tell], Fitted]:
    store, version, company, as_of, reach = key

    def work(_: Tell) -> Fitted:
        if store.data_version != version:
            # The data have changed since: nobody will ask for this version again, but who does is answered.
            raise Stopped
        return _of_today(store, company, as_of, reach)

    return work
