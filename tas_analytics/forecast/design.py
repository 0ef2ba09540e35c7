"""The linear algebra of a scorecard: its matrix of ones, never written out, and the inverse of its curvature."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from tas_analytics.forecast.columns import Floats

Places = npt.NDArray[np.intp]

#: Rows that are counted at once, so that the numbers stay in the processor's cache.
_AT_ONCE: Final = 16_384
#: Columns are counted together as long as they have no more combinations of codes than this.
_TOGETHER: Final = 100
#: Size of a triangle from which on it is inverted by halves.
_SMALL: Final = 48


class Design:
    """The matrix with a 1 where a deal has a code, and a last column of ones: sums over codes stand for it.

    Parameters
    ----------
    codes
        Per column the code of each row. Columns with few codes had better stand first: they are counted together.
    starts
        Where each column's codes begin in the matrix, and where the last one's end.
    rows
        How many rows.
    """

    def __init__(self, codes: list[Places], starts: Places, rows: int) -> None:
        self._starts, self.width, self._rows = starts, int(starts[-1]) + 1, rows
        #: Per column and row the place of the 1.
        self._places: Places = np.empty((len(codes), rows), dtype=np.intp)
        for at, one in enumerate(codes):
            np.add(one, starts[at], out=self._places[at])
        self._groups = list(self._grouped(codes))

    def _grouped(self, codes: list[Places]) -> Iterator[tuple[int, list[int], Places]]:
        """Columns that are counted together: the first, their sizes, and the combination that each row has."""
        sizes = np.diff(self._starts).tolist()
        first = 0
        while first < len(codes):
            last, whole, together = first + 1, sizes[first], codes[first]
            while last < len(codes) and whole * sizes[last] <= _TOGETHER:
                together = together * sizes[last] + codes[last]
                whole *= sizes[last]
                last += 1
            yield first, sizes[first:last], together
            first = last

    def times(self, beta: Floats) -> Floats:
        """The matrix times a vector."""
        total = np.full(self._rows, beta[-1])
        for one in self._places:
            total += beta[one]
        return total

    def turned_times(self, values: Floats) -> Floats:
        """The turned matrix times a vector."""
        sums = [np.bincount(one, values, end)[begin:] for one, begin, end in self._columns()]
        return np.concatenate([*sums, [values.sum()]])

    def curve(self, weights: Floats) -> Floats:
        """The turned matrix times the weighted matrix."""
        upper = np.zeros((self.width, self.width))
        for first in range(0, self._rows, _AT_ONCE):
            self._add(upper, slice(first, first + _AT_ONCE), weights[first : first + _AT_ONCE])
        whole = upper + upper.T
        # A deal has one code of each column: what codes have with themselves is what they have with the column of ones.
        whole[:, -1] = whole[-1, :] = sums = self.turned_times(weights)
        np.fill_diagonal(whole, sums)
        return whole

    def _add(self, upper: Floats, rows: slice, weights: Floats) -> None:
        """Add what some rows give: each group of columns counted with all columns after it at one go."""
        places = self._places[:, rows]
        again = np.tile(weights, len(places))
        cells = np.empty(places.shape, dtype=np.intp)
        for first, sizes, together in self._groups:
            own, last, whole = together[rows], first + len(sizes), math.prod(sizes)
            end = int(self._starts[last])
            width = self.width - 1 - end
            np.add(places[last:], own * width - end, out=cells[last:])
            part = cells[last:].ravel()
            after = np.bincount(part, again[: part.size], whole * width).reshape(*sizes, width)
            if len(sizes) == 1:
                upper[self._starts[first] : end, end:-1] += after
                continue
            among = np.bincount(own, weights, whole).reshape(sizes)
            axes = range(len(sizes))
            for at in axes:
                mine = slice(self._starts[first + at], self._starts[first + at + 1])
                upper[mine, end:-1] += after.sum(axis=tuple(one for one in axes if one != at))
                for other in range(at + 1, len(sizes)):
                    theirs = slice(self._starts[first + other], self._starts[first + other + 1])
                    upper[mine, theirs] += among.sum(axis=tuple(one for one in axes if one not in {at, other}))

    def _columns(self) -> Iterator[tuple[Places, int, int]]:
        """The places of each column's rows, and where its codes begin and end."""
        for at, one in enumerate(self._places):
            yield one, int(self._starts[at]), int(self._starts[at + 1])


def root_of_inverse(matrix: Floats) -> Floats:
    """The lower triangle that, turned and times itself, is the inverse of a symmetric positive matrix.

    It is a third of the work of the inverse itself, which is hardly ever needed as a whole.
    """
    return _inverse_of_lower(np.asarray(np.linalg.cholesky(matrix), dtype=np.float64))


def _inverse_of_lower(matrix: Floats) -> Floats:
    if len(matrix) <= _SMALL:
        return np.asarray(np.linalg.inv(matrix), dtype=np.float64)
    half = len(matrix) // 2
    found = np.zeros(matrix.shape)
    first, last = _inverse_of_lower(matrix[:half, :half]), _inverse_of_lower(matrix[half:, half:])
    found[:half, :half], found[half:, half:] = first, last
    found[half:, :half] = -(last @ (matrix[half:, :half] @ first))
    return found
