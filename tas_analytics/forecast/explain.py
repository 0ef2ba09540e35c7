"""A deal's chance as a sum: the average deal's, and what each thing known of the deal adds or takes."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from tas_analytics.forecast.columns import Floats
from tas_analytics.forecast.fitted import Fitted
from tas_analytics.forecast.known import ATTRIBUTE
from tas_analytics.formats import MINUS, percent, sentence_case

#: What is left when all parts are summed: parts that work together, and what is told by date.
TOGETHER: Final = "all this together"
#: Columns that belong to one reason, and columns that only tell how far ahead one looks.
_SAME: Final = {
    "stage and looking ahead": "stage", "age and month of quarter": "age", "month of quarter": "month of the quarter",
}  # fmt: skip
_SILENT: Final = ("looking ahead",)
#: No slope from log odds to chances is steeper.
_STEEPEST: Final = 0.25
#: How many reasons a line tells.
_TOLD: Final = 3
_NAMES: Final = {"crm_probability": "CRM probability", "category": "forecast category"}
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
    # Column by column: tables of millions of rows are slow to turn.
    parts: dict[str, Floats] = {}
    for name, told_by in fitted.parts(rows).items():
        reason = _SAME.get(str(name), str(name))
        if reason not in _SILENT:
            parts[reason] = parts.get(reason, 0.0) + told_by.to_numpy(dtype=float)
    gap = chances - average
    # The slope half way between the two chances, or the one that leads from one to the other: it is never steeper.
    middle = (chances + average) / 2
    half_way = middle * (1 - middle) * (1 - fitted.prior_share)
    whole = np.sum([np.zeros(len(rows)), *parts.values()], axis=0)
    leads = (gap * whole > 0) & (np.abs(gap) <= np.abs(whole) * _STEEPEST)
    steep = np.where(leads, gap / np.where(leads, whole, 1.0), half_way)
    points = {reason: 100 * steep * part for reason, part in parts.items()}
    points[TOGETHER] = 100 * gap - 100 * steep * whole
    return pd.DataFrame(points, index=pd.RangeIndex(len(rows)))


def told(points: pd.DataFrame) -> pd.Series:
    """The reasons that move each score most, with their percentage points, as one line: ``stage +12; age −4``.

    Parameters
    ----------
    points
        What :func:`contributions` gives. What the parts do together is no reason and is not told.
    """
    reasons = points.drop(columns=TOGETHER)
    lines = np.full(len(points), "", dtype=object)
    if reasons.empty:
        return pd.Series(lines, index=points.index)
    whole = np.column_stack([np.rint(reasons[name].clip(-100, 100)).astype(np.int8) for name in reasons.columns])
    names = np.array([_plain(str(name)) for name in reasons.columns], dtype=object)
    signed = np.array([f" {MINUS if n < 0 else '+'}{abs(n)}" for n in range(-100, 101)], dtype=object)
    size = np.abs(whole)
    each = np.arange(len(points))
    for _ in range(_TOLD):
        column = size.argmax(axis=1)
        value = whole[each, column]
        # Where all that is left is nothing, the first column comes out, told or not.
        worth = np.flatnonzero(size[each, column])
        size[each, column] = 0
        text = names[column[worth]] + signed[value[worth].astype(np.intp) + 100]
        lines[worth] = np.where(lines[worth] == "", text, lines[worth] + "; " + text)
    return pd.Series(lines, index=points.index)


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
    return sentence_case(_plain(reason))


def _plain(reason: str) -> str:
    """A reason within a sentence."""
    return _NAMES.get(reason) or reason.removeprefix(ATTRIBUTE)
