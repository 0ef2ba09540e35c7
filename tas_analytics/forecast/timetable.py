"""The points of what changes as time passes, worked out once for each distinct day or stage, not for each deal."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from tas_analytics.forecast.columns import Cells, Floats
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

    def points(self, parts: tuple[Part, ...], steps: int) -> list[list[Floats]]:
        """The points of each deal, step by step and part by part."""
        width = len(self._grid)
        ahead = np.repeat(np.arange(steps), width)
        grid = self._grid.iloc[np.tile(np.arange(width), steps)].reset_index(drop=True)
        when = self._day + pd.Series(pd.to_timedelta(ahead * self._step, unit="D"))
        moved = moving(grid, when, ahead, self._step, self._first_month)
        cache: dict[Hashable, Cells] = {}
        each = [self._of(part, moved, steps, cache) for part in parts]
        return [[one[step] for one in each] for step in range(steps)]

    def _of(self, part: Part, moved: pd.DataFrame, steps: int, cache: dict[Hashable, Cells]) -> list[Floats]:
        """The points of the deals by one part, step by step."""
        sums: dict[str, Floats] = {}
        fixed = np.zeros(steps)
        for one, own in part.of_kind(moves=True):
            points = own[one.codes(moved, cache)].reshape(steps, -1)
            source = _FROM.get(str(one.column))
            if source is not None:
                sums[source] = sums.get(source, 0.0) + points
            elif points.size:
                fixed += points[:, 0]
        found = []
        for step in range(steps):
            total = np.full(self._rows, fixed[step])
            for source, points in sums.items():
                total += points[step][self._place[source]]
            found.append(total)
        return found
