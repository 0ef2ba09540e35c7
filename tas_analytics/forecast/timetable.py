"""The points of what changes as time passes, worked out once for each distinct day or stage, not for each deal."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from tas_analytics.forecast.columns import Floats
from tas_analytics.forecast.moments import Part, moving

#: What each moving column is worked out from; the others are the same for all deals of a day.
_FROM: Final = {
    "age": "created_date",
    "days in stage": "stage_since",
    "days to planned close": "close_date",
    "age and month of quarter": "created_date",
    "stage and looking ahead": "stage",
}


class Timetable:
    """Deals of one day, moved through time.

    Parameters
    ----------
    rows
        Open deals as :func:`~tas_analytics.forecast.known.known` gives them, all of one day.
    step, first_month
        Days of a step, and the month in which the fiscal year begins.
    """

    def __init__(self, rows: pd.DataFrame, step: int, first_month: int) -> None:
        self._step, self._first_month, self._rows = step, first_month, len(rows)
        self._place: dict[str, npt.NDArray[np.intp]] = {}
        distinct: dict[str, pd.Series] = {}
        for name in dict.fromkeys(_FROM.values()):
            self._place[name], found = pd.factorize(rows[name], use_na_sentinel=False)
            distinct[name] = pd.Series(found, dtype=rows[name].dtype)
        self._grid = pd.DataFrame(distinct)
        self._day = pd.Timestamp(rows["day"].iloc[0]) if len(rows) else pd.Timestamp(0)

    def points(self, parts: tuple[Part, ...], ahead: int) -> list[Floats]:
        """The points of each deal by each part when that many steps have passed."""
        when = pd.Series(self._day + pd.Timedelta(days=ahead * self._step), index=self._grid.index)
        moved = moving(self._grid, when, np.full(len(when), ahead), self._step, self._first_month)
        return [self._of(part, moved) for part in parts]

    def _of(self, part: Part, moved: pd.DataFrame) -> Floats:
        sums: dict[str, Floats] = {}
        fixed = 0.0
        for one, own in part.of_kind(moves=True):
            points = own[one.codes(moved, {})]
            source = _FROM.get(str(one.column))
            if source is None:
                fixed += float(points[0]) if len(points) else 0.0
            else:
                sums[source] = sums.get(source, 0.0) + points
        total = np.full(self._rows, fixed)
        for source, points in sums.items():
            total += points[self._place[source]]
        return total
