"""What a deal's chance, and with it the period, would be if something about the deal were otherwise.

Nothing is learnt anew and nothing is written: a copy of what is known of the deal is changed as the event would change
it, and scored by the same model.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from tas_analytics.forecast.ahead import Ahead, of
from tas_analytics.forecast.fitted import Fitted
from tas_analytics.metrics.periods import FiscalCalendar

_SIGN = {"+": 1, "-": -1}


@dataclass(frozen=True)
class WhatIf:
    """What is supposed of one deal; what is left out stays as it is.

    Attributes
    ----------
    reached : int
        Milestones that are reached today.
    reached_late : int
        How many of these were overdue.
    ratings : tuple of (before, after)
        Criteria whose rating changes: ``+``, ``-`` or ``?``.
    close_date : date, optional
        The new planned close date.
    amount : float, optional
        The new amount, in the reporting currency.
    dropped : bool
        Whether the deal is given up.
    """

    reached: int = 0
    reached_late: int = 0
    ratings: tuple[tuple[str, str], ...] = ()
    close_date: dt.date | None = None
    amount: float | None = None
    dropped: bool = False

    @property
    def anything(self) -> bool:
        """Whether anything is supposed at all."""
        return self != WhatIf()


def supposed(rows: pd.DataFrame, what: WhatIf, calendar: FiscalCalendar) -> pd.DataFrame:
    """Rows as the model takes them, as if it were so.

    Parameters
    ----------
    rows
        Deals as :attr:`Fitted.rows <tas_analytics.forecast.fitted.Fitted>` has them.
    what
        What is supposed of each of them.
    calendar
        Tells whether a new close date lies in a later quarter: that counts as a push.
    """
    found = rows.copy()
    if what.reached:
        _add(found, "milestones achieved", what.reached)
        if "days since milestone" in found:
            found["days since milestone"] = 0.0
        _add(found, "milestones overdue", -what.reached_late)
    if what.ratings:
        known = sum((after in _SIGN) - (before in _SIGN) for before, after in what.ratings)
        balance = sum(_SIGN.get(after, 0) - _SIGN.get(before, 0) for before, after in what.ratings)
        _add(found, "assessment balance", balance)
        _add(found, "criteria known", known)
    if what.amount is not None:
        # The model knows the deal's own currency: the amount changes by the same factor.
        before = found.get("worth", found["amount"]).astype(float)
        factor = np.where(before > 0, what.amount / before.where(before > 0), np.nan)
        found["amount"] = np.where(np.isfinite(factor), found["amount"].astype(float) * factor, what.amount)
    if what.close_date is not None:
        moved = pd.Timestamp(what.close_date)
        later = (moved > found["close_date"]).to_numpy()
        quarter = calendar.quarter_of(what.close_date).start
        pushed = later & (found["close_date"] < pd.Timestamp(quarter)).to_numpy()
        for name, holds in (("pushes", pushed), ("delays", later)):
            if name in found:
                found[name] = found[name].astype(float).fillna(0.0) + holds
        found["close_date"] = moved
    return found


def answers_if(fitted: Fitted, before: Ahead, rows: pd.DataFrame, what: WhatIf, calendar: FiscalCalendar) -> Ahead:
    """The chances of all deals with those of ``rows`` as if it were so."""
    changed = of(fitted, before.days, supposed(rows, what, calendar)).won
    place = np.searchsorted(before.keys, rows["deal_key"].to_numpy(dtype=np.int64))
    won = before.won.copy()
    won[place] = 0.0 if what.dropped else changed
    return replace(before, won=won)


def _add(found: pd.DataFrame, name: str, more: int) -> None:
    """Add to a count that the model may take; one that is not known begins at nought."""
    if more and name in found:
        found[name] = (found[name].astype(float).fillna(0.0) + more).clip(lower=0.0 if "balance" not in name else None)
