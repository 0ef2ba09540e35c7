"""Which unknown would move the forecast most, if it were known.

For each open deal and thing not known the model is asked under each answer. How far the expected amount would move, on
average over the answers as they usually come, is what knowing is worth: nothing where no answer moves the chance,
however large the deal.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from tas_analytics.forecast.ahead import of
from tas_analytics.forecast.columns import Floats
from tas_analytics.forecast.fitted import Fitted
from tas_analytics.forecast.whatif import WhatIf, supposed
from tas_analytics.metrics.periods import FiscalCalendar, Period

#: What may be unknown of a deal, in the words of the list.
KINDS: Final = {
    "criterion": "A criterion is not rated",
    "milestone": "Whether the next milestone is reached",
    "close_date": "No close date",
    "amount": "No amount",
}
CRITERIA: Final = 20
#: For how many known ratings an even guess stands beside the company's own share of favourable ones.
_GUESSED: Final = 10
_COLUMNS: Final = ["deal_key", "kind", "value", "if_good", "if_bad", "odds"]

_Expected = Callable[[pd.DataFrame], Floats]


def information(fitted: Fitted, worth: pd.DataFrame, period: Period, calendar: FiscalCalendar) -> pd.DataFrame:
    """What knowing would be worth, the most first.

    Parameters
    ----------
    fitted
        The model of the day.
    worth
        ``deal_key`` and ``amount`` (in the reporting currency) of the open deals asked about.
    period
        The period forecast.
    calendar
        The company's fiscal calendar.

    Returns
    -------
    DataFrame
        ``deal_key``, ``kind`` (of :data:`KINDS`), ``value`` (how far the expected amount would move on average, either
        way), ``if_good`` and ``if_bad`` (by how much under the better and the worse answer), ``odds`` (of the better).
        A deal without an amount counts as the middle one.
    """
    rows = fitted.rows.merge(worth.rename(columns={"amount": "worth"}), on="deal_key")
    if rows.empty or period.last_day <= fitted.as_of:
        return pd.DataFrame(columns=_COLUMNS)
    amount = rows["worth"].to_numpy(dtype=np.float64, na_value=np.nan)
    usual = float(np.nanmedian(amount)) if np.isfinite(amount).any() else 0.0
    money = np.where(np.isfinite(amount), amount, usual)
    days = [day for day in (period.start - dt.timedelta(days=1), period.last_day) if day > fitted.as_of]

    def expected(some: pd.DataFrame) -> Floats:
        won = of(fitted, days, some).won
        return np.asarray(money * (won[:, -1] - (won[:, 0] if len(days) > 1 else 0.0)))

    found = [
        _criterion(rows, expected, calendar),
        _milestone(rows, expected, calendar),
        _close_date(rows, expected, period, calendar),
        _amount(rows, amount, expected),
    ]
    table = pd.concat([one for one in found if len(one)] or [pd.DataFrame(columns=_COLUMNS)], ignore_index=True)
    table = table[table["value"] > 0]
    order = table.sort_values(["value", "deal_key"], ascending=[False, True], kind="stable", ignore_index=True)
    return order[_COLUMNS]


def _table(
    rows: pd.DataFrame,
    kind: str,
    asked: npt.NDArray[np.bool_],
    now: Floats,
    answers: tuple[Floats, Floats],
    odds: float,
) -> pd.DataFrame:
    """Two answers, the first with those odds: by how much each moves what is expected now."""
    one, other = answers
    moves = np.stack([one - now, other - now])
    better = one >= other
    return pd.DataFrame(
        {
            "deal_key": rows["deal_key"],
            "kind": kind,
            "value": odds * np.abs(moves[0]) + (1 - odds) * np.abs(moves[1]),
            "if_good": moves.max(axis=0),
            "if_bad": moves.min(axis=0),
            "odds": np.where(better, odds, 1 - odds),
        }
    )[asked]


def _criterion(rows: pd.DataFrame, expected: _Expected, calendar: FiscalCalendar) -> pd.DataFrame:
    """One more criterion is rated, favourably or not, as ratings of the open deals usually are."""
    if "criteria known" not in rows:
        return pd.DataFrame(columns=_COLUMNS)
    known = rows["criteria known"].astype(float).fillna(0.0)
    balance = rows["assessment balance"].astype(float).fillna(0.0)
    favourable = float(((known + balance) / 2).sum())
    odds = (favourable + _GUESSED / 2) / (float(known.sum()) + _GUESSED)
    plus = expected(supposed(rows, WhatIf(ratings=(("?", "+"),)), calendar))
    minus = expected(supposed(rows, WhatIf(ratings=(("?", "-"),)), calendar))
    return _table(rows, "criterion", (known < CRITERIA).to_numpy(), expected(rows), (plus, minus), odds)


def _milestone(rows: pd.DataFrame, expected: _Expected, calendar: FiscalCalendar) -> pd.DataFrame:
    """The next milestone may be reached already, which nobody has noted: as likely as not."""
    if "milestones achieved" not in rows:
        return pd.DataFrame(columns=_COLUMNS)
    late = rows["milestones overdue"].astype(float).fillna(0.0).gt(0).to_numpy()
    reached = expected(supposed(rows, WhatIf(reached=1, reached_late=1), calendar))
    now = expected(rows)
    return _table(rows, "milestone", late, now, (reached, now), 0.5)


def _close_date(rows: pd.DataFrame, expected: _Expected, period: Period, calendar: FiscalCalendar) -> pd.DataFrame:
    """The close date lies in the period or in the next, as those of the other open deals do."""
    asked = rows["close_date"].isna().to_numpy()
    if not asked.any():
        return pd.DataFrame(columns=_COLUMNS)
    dated = rows.loc[~asked, "close_date"]
    inside = float((dated < pd.Timestamp(period.end)).sum())
    odds = (inside + 1) / (len(dated) + 2)
    sooner = expected(supposed(rows, WhatIf(close_date=period.last_day), calendar))
    later = expected(supposed(rows, WhatIf(close_date=calendar.quarter_of(period.end).last_day), calendar))
    return _table(rows, "close_date", asked, expected(rows), (sooner, later), odds)


def _amount(rows: pd.DataFrame, amount: Floats, expected: _Expected) -> pd.DataFrame:
    """The amount is one of those of the other open deals: the upper or the lower half of them."""
    known = amount[np.isfinite(amount)]
    asked = ~np.isfinite(amount)
    if not asked.any() or len(known) < 2:
        return pd.DataFrame(columns=_COLUMNS)
    middle = float(np.median(known))
    now = expected(rows)
    chance = now / middle if middle else np.zeros(len(rows))
    high, low = float(known[known >= middle].mean()), float(known[known <= middle].mean())
    return _table(rows, "amount", asked, now, (chance * high, chance * low), 0.5)
