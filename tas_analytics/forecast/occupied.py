"""Codes that no row has, taken out of a fit without changing it.

What is held only by its neighbours follows from them: such points are worked out after the fit, exactly, and the
matrices of the fit are smaller by them. A model of an early day has met a part of the codes only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from tas_analytics.forecast.columns import Codes, Floats


@dataclass(frozen=True)
class Occupied:
    """The codes of one column that rows have.

    Attributes
    ----------
    codes : array
        Which they are, ascending.
    penalty : array, codes × codes
        How their points are held once the others have been settled: the Schur complement.
    spread : array, size × codes
        From their points to those of all codes.
    rest : array, size × size
        The covariance that the points of the other codes have left, at a strength of 1.
    """

    codes: npt.NDArray[np.intp]
    penalty: Floats
    spread: Floats
    rest: Floats
    _place: npt.NDArray[np.intp]

    @classmethod
    def of(cls, penalty: Floats, counts: npt.NDArray[np.intp]) -> Occupied:
        """Split a column's codes by whether rows have them."""
        size = len(penalty)
        met = counts > 0
        if met.all():
            every = np.arange(size)
            return cls(every, penalty, np.eye(size), np.zeros((size, size)), every)
        codes, empty = np.flatnonzero(met), np.flatnonzero(~met)
        place = np.cumsum(met) - 1
        spread, rest = np.zeros((size, len(codes))), np.zeros((size, size))
        spread[codes, np.arange(len(codes))] = 1.0
        own = penalty[np.ix_(codes, codes)]
        if len(empty):
            free = np.linalg.inv(penalty[np.ix_(empty, empty)])
            between = penalty[np.ix_(empty, codes)]
            spread[empty] = -free @ between
            own = own - between.T @ free @ between
            rest[np.ix_(empty, empty)] = free
        return cls(codes, np.asarray(own), spread, rest, place)

    def of_rows(self, codes: Codes) -> npt.NDArray[np.intp]:
        """The rows' codes, numbered among the occupied ones."""
        return self._place[codes]
