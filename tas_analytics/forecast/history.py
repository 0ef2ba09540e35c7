"""What a store knew of its deals until a day: what the score by date is learnt from.

Open deals on past days with what was known of them then, and how and when deals ended. The time before the first close
that the data show is left out, for deals that closed then were never recorded.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from tas_analytics.forecast.cohorts import Looks
from tas_analytics.forecast.known import ATTRIBUTE, REACHING_BACK, ends, known
from tas_analytics.forecast.leaks import Finding, findings, timed
from tas_analytics.metrics import relation
from tas_analytics.metrics.company import Company
from tas_analytics.store.database import Store

#: Deals to learn from, and days that they are looked at on, at most.
_DEALS: Final = 25_000
_DAYS: Final = 60
#: Times that an open deal is looked at, at most: many more open deals than closed ones would fill the memory.
_LOOKS: Final = 600_000
_STEPS: Final = 16
_SHORTEST, _LONGEST = 2, 14
#: A column that is filled on so much another share of the deals that closed than of those still open is refused.
_GAP: Final = 0.15
#: Share of deals of which only a later day tells, above which their columns are judged, and refused, as a whole.
_MOSTLY: Final = 0.5
#: Fewer deals than this prove nothing.
FEW: Final = 30
_OPEN_DAYS: Final = """
    select sum(greatest(cast($as_of as date) - greatest(coalesce(v.created_date, $first), cast($first as date)), 0))
    from opportunity_version v join stage s using (stage_key)
    where s.status = 'open' and {at}
"""


@dataclass(frozen=True)
class Past:
    """What a model needs to remember of the history that it was learnt from.

    Attributes
    ----------
    step : int
        Days of a step.
    first_month : int
        The month in which the fiscal year begins.
    refused : tuple of Finding
        Columns that give the end away and are not used, and columns that are doubted.
    looks : int
        How many times an open deal was looked at.
    first_day, last_day : date or None
        The first and the last day on which.
    """

    step: int
    first_month: int
    refused: tuple[Finding, ...]
    looks: int
    first_day: dt.date | None
    last_day: dt.date | None


@dataclass(frozen=True)
class History:
    """What the store knew of its deals until a day: open deals on past days, and how deals ended."""

    as_of: dt.date
    step: int
    first_month: int
    rows: pd.DataFrame
    ends: pd.DataFrame
    refused: tuple[Finding, ...]
    today: pd.DataFrame | None = None

    @classmethod
    def until(cls, store: Store, company: Company, as_of: dt.date, horizon: int) -> History:
        """Read it. ``rows`` have ``ended``, ``won`` (blank while open) beside what was known."""
        closed = ends(store, as_of)
        lasted = (pd.to_datetime(closed["ended"]) - pd.to_datetime(closed["created_date"])).dt.days
        first = min(pd.to_datetime(closed["ended"]), default=pd.Timestamp(as_of)).date()
        span = (as_of - first).days
        usual = float(lasted[lasted >= 0].median()) if (lasted >= 0).any() else 60.0
        step = int(np.clip(round(usual / 8), _SHORTEST, _LONGEST))
        step = max(step, math.ceil(span / _DAYS), math.ceil(horizon / _STEPS))
        days = [as_of - dt.timedelta(days=step * back) for back in range(1, span // step + 1)]
        part = max(1, math.ceil(len(closed) / _DEALS), math.ceil(_looks(store, closed, first, as_of) / step / _LOOKS))
        # Without a sample the deals of today come with those of the past.
        rows = known(store, [*days, as_of] if part == 1 else days or [as_of], as_of, part)
        of_today = (rows["day"] == pd.Timestamp(as_of)).to_numpy()
        today, rows = rows[of_today].reset_index(drop=True), rows[~of_today]
        rows = rows.merge(closed[["deal_key", "won", "ended"]], how="left", on="deal_key")
        rows["ended"] = pd.to_datetime(rows["ended"])
        rows = rows[rows["ended"].isna() | (rows["ended"] > rows["day"])].reset_index(drop=True)
        return cls(as_of, step, company.calendar.start_month, *_refuse(rows, closed), today if part == 1 else None)

    @property
    def past(self) -> Past:
        """What a model remembers of it."""
        days = self.rows["day"]
        first, last = (None, None) if days.empty else (days.min().date(), days.max().date())
        return Past(self.step, self.first_month, self.refused, len(days), first, last)

    def looks(self, until: pd.Timestamp) -> Looks:
        """Every look at an open deal whose step was over by a day: whether it closed within."""
        over, ended = self.windows(self.step, until)
        created, day = self.rows["created_date"].to_numpy(), self.rows["day"].to_numpy()
        return Looks(created[over], day[over], ended[over].astype(np.float64))

    def windows(self, days: int, until: pd.Timestamp) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
        """Per look, whether so many days after it were over by a day, and whether its deal ended within them."""
        end = self.rows["day"].to_numpy() + np.timedelta64(days, "D")
        # A blank end is no day before any other.
        return np.asarray(end <= until.to_datetime64()), self.rows["ended"].to_numpy() <= end

    def before(self, day: pd.Timestamp) -> History:
        """What was known on an earlier day; deals that ended later are open again."""
        # The rows stand in the order of their days.
        rows = self.rows.iloc[: int(self.rows["day"].searchsorted(day))]
        later = rows["ended"] > day
        rows = rows.assign(ended=rows["ended"].mask(later), won=rows["won"].where(~later))
        closed = self.ends[pd.to_datetime(self.ends["ended"]) <= day]
        return History(day.date(), self.step, self.first_month, rows, closed, self.refused)


def _looks(store: Store, closed: pd.DataFrame, first: dt.date, as_of: dt.date) -> float:
    """For how many days deals were open since the first close, all deals together."""
    ended, created = pd.to_datetime(closed["ended"]), pd.to_datetime(closed["created_date"])
    over = (ended - created.where(created > pd.Timestamp(first), pd.Timestamp(first))).dt.days.clip(lower=0).sum()
    still = store.value(_OPEN_DAYS.format(at=relation.at("v", as_of)), {"as_of": as_of, "first": first})
    return float(over) + float(still or 0)


def _refuse(rows: pd.DataFrame, closed: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, tuple[Finding, ...]]:
    """Blank the columns that give away how, when or whether a deal ended: those that reach back from a later day."""
    told = rows["ended"].notna()
    if told.sum() < FEW or (~told).sum() < FEW:
        return rows, closed, ()
    columns = [name for name in rows.columns if name in REACHING_BACK or str(name).startswith(ATTRIBUTE)]
    newest = rows.drop_duplicates("deal_key", keep="last")
    ended, back = newest["ended"].notna(), newest["reaches_back"].astype(bool)
    late, still_open = _late(newest[ended & back], newest.loc[~ended, columns], columns), newest.loc[~ended, columns]
    found = {one.column: one for one in late}
    if not back[ended].all():
        outcome = np.asarray(newest.loc[ended, "won"].astype(float), dtype=np.float64)
        for one in findings(newest.loc[ended, columns], outcome, still_open, at_close=False):
            if one.gravity == "leak":
                found[one.column] = one
    mostly = float(back.mean()) > _MOSTLY
    for name in columns:
        filled = newest[name].notna()
        shares = float(filled[ended].mean()), float(filled[~ended].mean())
        if name not in found and abs(shares[0] - shares[1]) > _GAP and mostly:
            text = f"filled on {shares[0]:.0%} of the deals that closed but on {shares[1]:.0%} of those still open"
            found[name] = Finding(name, "leak", text)
    # Where most days have an export of their own, what those tell is kept.
    part = set() if mostly else {one.column for one in late if found[one.column] is one}
    blank = rows["reaches_back"].astype(bool)
    cleared = {str(name): rows[name].mask(blank) if name in part else None for name in found}
    said = (replace(one, text=f"{one.text}; days since the first export count") if one.column in part else one
            for one in found.values())  # fmt: skip
    return rows.assign(**cleared), closed, tuple(said)


def _late(deals: pd.DataFrame, still_open: pd.DataFrame, columns: list[str]) -> list[Finding]:
    """Columns that may have been filled in at the close, judged by deals of which only a later day tells."""
    if len(deals) < FEW:
        return []
    outcome = np.asarray(deals["won"].astype(float), dtype=np.float64)
    found = {one.column: one for one in timed(deals[columns], deals["created_date"], deals["ended"])}
    for one in findings(deals[columns], outcome, still_open):
        doubt = f"{one.text}, and nothing shows that it was known before the close"
        found[one.column] = one if one.gravity == "leak" else replace(one, gravity="leak", text=doubt)
    return list(found.values())
