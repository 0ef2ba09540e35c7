"""P(won by each of some days) of every open deal: the one place at which the forecast asks the model."""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Final

import numpy as np
import pandas as pd

from tas_analytics.forecast.columns import Floats
from tas_analytics.forecast.fitted import Fitted, now, ready as fitted_ready, there as fitted_there
from tas_analytics.forecast.simulation import Keys
from tas_analytics.metrics.company import Company
from tas_analytics.store.database import Store

_KEPT: Final = 16


@dataclass(frozen=True)
class Ahead:
    """The chances of all open deals of a day.

    Attributes
    ----------
    days : tuple of date
        The days until which a deal has to be won.
    keys : array of (deals,)
        ``deal_key`` of each open deal, ascending.
    won : array of (deals, days)
        Chances of being won by each day; never falling.
    prior_share : float
        How much of each chance is the stage table's word, 0 … 1.
    learnt_won, learnt_lost : int
        Closed deals that the model has learnt from.
    """

    days: tuple[dt.date, ...]
    keys: Keys
    won: Floats
    prior_share: float
    learnt_won: int
    learnt_lost: int

    @property
    def unsure(self) -> float:
        """Standard error of the level of all chances, in log odds, for want of closed deals to learn from."""
        return float(np.sqrt(1 / (self.learnt_won + 1) + 1 / (self.learnt_lost + 1)))


_answers: OrderedDict[tuple[object, ...], Ahead] = OrderedDict()
_lock = Lock()


def ahead(store: Store, company: Company, as_of: dt.date, days: Sequence[dt.date]) -> Ahead:
    """Ask the model, learning it first where need be; the answer is kept per version of the data."""
    return _kept(store, as_of, days) or _keep(now(store, company, as_of, _reach(as_of, days)), store, days)


def ready(store: Store, company: Company, as_of: dt.date, days: Sequence[dt.date]) -> Ahead | None:
    """The same without waiting: None while the model is being learnt in the background."""
    return _if_there(fitted_ready, store, company, as_of, days)


def there(store: Store, company: Company, as_of: dt.date, days: Sequence[dt.date]) -> Ahead | None:
    """The same as far as the model is there already: nothing is begun."""
    return _if_there(fitted_there, store, company, as_of, days)


def _if_there(
    ask: Callable[[Store, Company, dt.date, int], Fitted | None],
    store: Store,
    company: Company,
    as_of: dt.date,
    days: Sequence[dt.date],
) -> Ahead | None:
    found = _kept(store, as_of, days)
    if found is not None:
        return found
    fitted = ask(store, company, as_of, _reach(as_of, days))
    return None if fitted is None else _keep(fitted, store, days)


def of(fitted: Fitted, days: Sequence[dt.date], rows: pd.DataFrame | None = None) -> Ahead:
    """What a model says of its open deals, or of some of them as they are changed in ``rows``."""
    asked = fitted.rows if rows is None else rows
    later = [day for day in days if day > fitted.as_of]
    chances = np.zeros((len(asked), len(days)))
    if later and len(asked):
        curve = fitted.curve(later, asked)
        place = {ahead: at for at, ahead in enumerate(curve.days)}
        for at, day in enumerate(days):
            if day > fitted.as_of:
                chances[:, at] = curve.won[:, place[(day - fitted.as_of).days]]
    # Days at which another answer speaks may say more than later ones do: the last day's word holds.
    chances = np.minimum.accumulate(chances[:, ::-1], axis=1)[:, ::-1]
    keys = asked["deal_key"].to_numpy(dtype=np.int64)
    return Ahead(tuple(days), keys, chances, fitted.prior_share, fitted.won, fitted.lost)


def _reach(as_of: dt.date, days: Sequence[dt.date]) -> int:
    return max(((day - as_of).days for day in days if day > as_of), default=1)


def _kept(store: Store, as_of: dt.date, days: Sequence[dt.date]) -> Ahead | None:
    key = (str(store.path), store.data_version, as_of, tuple(days))
    with _lock:
        if key in _answers:
            _answers.move_to_end(key)
        return _answers.get(key)


def _keep(fitted: Fitted, store: Store, days: Sequence[dt.date]) -> Ahead:
    found = of(fitted, days)
    with _lock:
        _answers[str(store.path), store.data_version, fitted.as_of, tuple(days)] = found
        while len(_answers) > _KEPT:
            _answers.popitem(last=False)
    return found
