"""What periods before this one tell of it: business that came late, and how far whole periods strayed.

Both are taken at the same distance from the end of each past period as the day of the forecast has from the end of
its own, from what is known of deals on that day: when they were created, closed and for how much.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from tas_analytics.forecast.columns import Floats
from tas_analytics.forecast.simulation import Coming
from tas_analytics.metrics import relation
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.periods import Period
from tas_analytics.metrics.scope import Scope
from tas_analytics.store.database import Store

#: Past periods that are looked at, at most.
PERIODS: Final = 8
#: How far whole periods stray where none is known (log odds), and for how many periods that guess stands.
USUAL_SPREAD: Final = 0.35
_GUESSED: Final = 4
#: The same for business that comes late: its spread as a share of its mean.
_USUAL_SHARE: Final = 0.6
_GUESSED_LATE: Final = 2
#: Ages in days by which open deals are told apart.
_AGES: Final = (30, 90, 180)
#: Open deals of past periods below which they say nothing of how periods stray.
_FEWEST: Final = 10


@dataclass(frozen=True)
class Late:
    """Business of past periods that was not yet created so long before their end.

    Attributes
    ----------
    periods : tuple of Period
        The past periods, newest first.
    amounts : array of (groups, days, periods)
        Won by each of some days, counted back from the period's end, of deals created after the day.
    deals : array of (groups, periods)
        How many deals those were by the end.
    """

    periods: tuple[Period, ...]
    amounts: Floats
    deals: Floats

    def by_day(self) -> Coming:
        """What is still to come of all groups together, by each day."""
        return self._coming(self.amounts.sum(axis=0))

    def by_end(self, members: Sequence[Sequence[int]]) -> Coming:
        """What is still to come by the end, of each of some sets of groups."""
        sums = [self.amounts[list(some), -1, :].sum(axis=0) for some in members]
        return self._coming(np.array(sums).reshape(len(members), len(self.periods)))

    def _coming(self, table: Floats) -> Coming:
        count = len(self.periods)
        if count == 0:
            return Coming(np.zeros(len(table)), np.zeros(len(table)))
        mean = table.mean(axis=1)
        seen = ((table - mean[:, None]) ** 2).sum(axis=1)
        guess = _GUESSED_LATE * (_USUAL_SHARE * mean) ** 2
        variance = (seen + guess) / (count - 1 + _GUESSED_LATE)
        return Coming(mean, np.asarray(variance * (1 + 1 / count)))


def closed_deals(store: Store, company: Company, scope: Scope, by: Sequence[str] = ()) -> pd.DataFrame:
    """Every deal of a scope in any period: ``status``, ``created_date``, ``close_date``, ``amount``, ``by_…``."""
    whole = scope.within(None)
    inner = relation.deals(company, whole, by, {"amount", "created_date", "close_date"})
    ctes = relation.base_ctes(company, scope.as_of, inner.leans_on)
    head = f"with {', '.join(ctes)}" if ctes else ""
    names = "".join(f"by_{key}, " for key in by)
    frame = store.frame(
        f"{head} select deal_key, {names}status, created_date, close_date, cast(amount as double) as amount "
        f"from ({inner.sql}) d order by deal_key",
        inner.params,
    )
    for name in ("created_date", "close_date"):
        frame[name] = pd.to_datetime(frame[name])
    return frame


def past_periods(company: Company, deals: pd.DataFrame, period: Period, as_of: dt.date) -> tuple[Period, ...]:
    """The periods of the same kind that were over by a day and lie wholly within what the data tell, newest first."""
    closed = deals.loc[deals["status"] != "open", "close_date"].dropna()
    if closed.empty:
        return ()
    first = closed.min().date()
    found: list[Period] = []
    at = company.calendar.previous(period)
    while at.start >= first and len(found) < PERIODS:
        if at.end <= as_of:
            found.append(at)
        at = company.calendar.previous(at)
    return tuple(found)


def late_business(
    deals: pd.DataFrame, periods: Sequence[Period], left: Sequence[int], groups: npt.NDArray[np.intp], count: int
) -> Late:
    """What was won in past periods of deals created after the day.

    Parameters
    ----------
    deals
        As :func:`closed_deals` gives them.
    periods
        Past periods.
    left
        Days from each day of interest to the period's last; the first is the day of the forecast itself.
    groups, count
        The group of each deal.
    """
    won = deals["status"].eq("won").to_numpy() & deals["amount"].notna().to_numpy()
    amounts = np.zeros((count, max(len(left) - 1, 1), len(periods)))
    number = np.zeros((count, len(periods)))
    created, closed = deals["created_date"], deals["close_date"]
    for place, one in enumerate(periods):
        last = pd.Timestamp(one.last_day)
        day = last - pd.Timedelta(days=left[0])
        inside = won & ((created > day) & (closed >= pd.Timestamp(one.start)) & (closed <= last)).to_numpy()
        for row, further in enumerate(left[1:] or left):
            done = inside & (closed <= last - pd.Timedelta(days=further)).to_numpy()
            amounts[:, row, place] = np.bincount(groups[done], deals["amount"].to_numpy()[done], count)
        number[:, place] = np.bincount(groups[inside], minlength=count)
    return Late(tuple(periods), amounts, number)


def spread(deals: pd.DataFrame, periods: Sequence[Period], left: int) -> tuple[float, int]:
    """How far whole periods stray from each other, in log odds, and how many periods say so.

    Of the deals open on the same day of each past period some share was won by its end. By luck alone these shares
    differ so much; what they differ more is what a period's deals share. A guess counts for a few periods.
    """
    created, closed = deals["created_date"], deals["close_date"]
    ended = deals["status"].ne("open")
    rows = []
    for place, one in enumerate(periods):
        last = pd.Timestamp(one.last_day)
        day = last - pd.Timedelta(days=left)
        still = ((created <= day) & (~ended | (closed > day))).to_numpy()
        won = still & (deals["status"].eq("won") & (closed <= last) & (closed >= pd.Timestamp(one.start))).to_numpy()
        age = np.searchsorted(_AGES, (day - created[still]).dt.days.to_numpy())
        rows.append(pd.DataFrame({"period": place, "age": age, "won": won[still].astype(float)}))
    known = [one for one in rows if len(one) >= _FEWEST]
    guess = _GUESSED * USUAL_SPREAD**2
    if len(known) < 2:
        return USUAL_SPREAD, len(known)
    table = pd.concat(known)
    rate = table.groupby("age")["won"].transform("mean")
    table = table.assign(expected=rate, luck=rate * (1 - rate))
    sums = table.groupby("period")[["won", "expected", "luck"]].sum()
    count = len(sums)
    beyond = ((sums["won"] - sums["expected"]) ** 2 * count / (count - 1) - sums["luck"]).sum()
    size = float((sums["luck"] ** 2).sum())
    seen = max(float(beyond) / size, 0.0) if size > 0 else 0.0
    return float(np.sqrt((guess + count * seen) / (_GUESSED + count))), count
