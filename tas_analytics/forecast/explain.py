"""A deal's chance as a sum: the average deal's, and what each thing known of the deal adds or takes."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from tas_analytics.forecast.columns import Floats
from tas_analytics.forecast.fitted import Fitted
from tas_analytics.forecast.known import ATTRIBUTE
from tas_analytics.formats import percent, sentence_case

#: What is left when all parts are summed: parts that work together, and what is told by date.
TOGETHER: Final = "all this together"
#: Columns that belong to one reason, and columns that only tell how far ahead one looks.
_SAME: Final = {
    "stage and looking ahead": "stage", "age and month of quarter": "age", "month of quarter": "month of the quarter",
}  # fmt: skip
_SILENT: Final = ("looking ahead",)
#: No slope from log odds to chances is steeper.
_STEEPEST: Final = 0.25
_NAMES: Final = {"crm_probability": "CRM probability", "category": "Forecast category"}
#: Values that are shares.
_SHARES: Final = frozenset({"crm_probability", "stage_probability"})


def contributions(fitted: Fitted, rows: pd.DataFrame, chances: Floats, average: float) -> pd.DataFrame:
    """Percentage points by which each deal stands above or below the average deal, per reason.

    The points of a row add up to its chance less the average, exactly. Where the parts together point the way the
    chance goes, they share out the difference by their size; where they do not, each counts by the slope half way, and
    what is left stands in the column :data:`TOGETHER`.

    Parameters
    ----------
    fitted
        The model.
    rows
        Deals as it takes them.
    chances
        Their chances.
    average
        The average chance of the open deals.
    """
    parts = fitted.parts(rows).drop(columns=list(_SILENT), errors="ignore").reset_index(drop=True)
    if parts.shape[1]:
        parts = parts.T.groupby(lambda name: _SAME.get(str(name), str(name)), sort=False).sum().T
    gap = chances - average
    # The slope half way between the two chances, or the one that leads from one to the other: it is never steeper.
    middle = (chances + average) / 2
    half_way = middle * (1 - middle) * (1 - fitted.prior_share)
    whole = parts.sum(axis=1).to_numpy(dtype=float)
    leads = (gap * whole > 0) & (np.abs(gap) <= np.abs(whole) * _STEEPEST)
    steep = np.where(leads, gap / np.where(leads, whole, 1.0), half_way)
    points = parts.mul(pd.Series(steep), axis=0) * 100
    rest = gap * 100 - points.sum(axis=1).to_numpy(dtype=float)
    return points.assign(**{TOGETHER: rest})


def value_of(row: pd.Series, reason: str) -> str:
    """What the deal has where a reason speaks of it, in words; nothing where there is no word for it."""
    if reason == TOGETHER:
        return ""
    day = row["day"]
    spans = {
        "age": ("created_date", False),
        "days in stage": ("stage_since", False),
        "days to planned close": ("close_date", True),
    }
    if reason in spans:
        column, ahead = spans[reason]
        if pd.isna(row.get(column)):
            return "not known"
        days = (row[column] - day).days if ahead else (day - row[column]).days
        return f"{days:,} days"
    value = row.get(reason)
    if value is None or pd.isna(value):
        return "not known" if reason in row.index else ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if reason in _SHARES:
        return percent(float(value))
    if isinstance(value, float):
        return f"{value:,.0f}"
    return str(value)


def name_of(reason: str) -> str:
    """A reason as a reader sees it."""
    name = _NAMES.get(reason) or reason.removeprefix(ATTRIBUTE)
    return sentence_case(name)
