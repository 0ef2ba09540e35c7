"""How sure the points of a scorecard are.

The posterior under the strengths that were found (Laplace's approximation), in which all rows of a deal together count
as one event. With few deals a strength is itself a guess: a column in which nothing was found may still matter, as far
as the data do not speak against it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from tas_analytics.forecast.columns import Codes, Floats
    from tas_analytics.forecast.occupied import Occupied

#: Rows whose variance is worked out at once.
_AT_ONCE: Final = 16_384
#: Before there are data: the variance between deals of the log odds, which the columns share, and how many parameters'
#: worth of evidence that is. Settled on companies drawn with known chances (decision 019).
_BETWEEN: Final = 2.0
_EVIDENCE: Final = 2.0


@dataclass(frozen=True)
class Spread:
    """How sure the points of a scorecard are: their posterior covariance under the strengths (Laplace's approximation).

    ``places`` says where the points of a column begin and how many they are; the last row and column are those of the
    base.
    """

    covariance: Floats
    places: dict[int, tuple[int, int]]

    @classmethod
    def of_fit(
        cls, covariance: Floats, strengths: Floats, cuts: list[tuple[int, slice]], shapes: list[Occupied]
    ) -> Spread:
        """How sure the points of all codes are, from those of the codes that were fitted."""
        # Once for the rows, and once for the columns.
        once = _of_all(covariance, cuts, shapes)
        whole = np.array(_of_all(once.T, cuts, shapes))
        places, begin = {}, 0
        for one, _ in cuts:
            size = len(shapes[one].rest)
            if len(shapes[one].codes) < size:
                whole[begin : begin + size, begin : begin + size] += shapes[one].rest / strengths[one]
            places[one] = (begin, size)
            begin += size
        return cls(whole, places)

    def of(self, codes: list[list[Codes]], rows: int) -> Floats:
        """The variance of each row's log odds, on average over the codes that each column goes through."""
        total: Floats = np.full(rows, float(self.covariance[-1, -1]))
        for begin in range(0, rows, _AT_ONCE):
            part = slice(begin, min(begin + _AT_ONCE, rows))
            self._add(total[part], {one: [own[part].astype(np.intp) for own in codes[one]] for one in self.places})
        return np.asarray(np.maximum(total, 0.0), dtype=np.float64)

    def _add(self, total: Floats, codes: dict[int, list[npt.NDArray[np.intp]]]) -> None:
        """Add what columns and pairs of them tell: a row touches one code of each, so that few of all are looked up."""
        columns = list(self.places.items())
        for at, (one, (start, size)) in enumerate(columns):
            rows, own = slice(start, start + size), codes[one]
            for code in own:
                total += (2 / len(own)) * self.covariance[rows, -1][code]
            for other, (begin, width) in columns[at:]:
                block = self.covariance[rows, begin : begin + width].ravel()
                block = block * ((1 if other == one else 2) / (len(own) * len(codes[other])))
                for first in own:
                    place = first * width
                    for second in codes[other]:
                        total += block[place + second]

    def wider(self, column: int, variance: Floats) -> Spread:
        """The same with points of a column that may be off by a variance of their own each."""
        if column in self.places:
            begin, size = self.places[column]
            covariance = self.covariance.copy()
            covariance[range(begin, begin + size), range(begin, begin + size)] += variance
            return Spread(covariance, self.places)
        begin, size = len(self.covariance) - 1, len(variance)
        covariance = np.insert(self.covariance, [begin] * size, 0.0, axis=0)
        covariance = np.insert(covariance, [begin] * size, 0.0, axis=1)
        covariance[range(begin, begin + size), range(begin, begin + size)] = variance
        return Spread(covariance, {**self.places, column: (begin, size)})

    def only(self, columns: list[int]) -> Spread:
        """The same for some of the columns, which are numbered anew."""
        return Spread(self.covariance, {at: self.places[one] for at, one in enumerate(columns) if one in self.places})


def _of_all(rows: Floats, cuts: list[tuple[int, slice]], shapes: list[Occupied]) -> Floats:
    """Rows of all codes from those of the codes that were fitted."""
    if all(len(shapes[one].codes) == len(shapes[one].rest) for one, _ in cuts):
        return rows
    return np.concatenate([*(shapes[one].spread @ rows[cut] for one, cut in cuts), rows[-1:]])


def doubted(strength: float, penalty: Floats, covariance: Floats, told: Floats, columns: int) -> float:
    """The strength of a column, lowered as far as it is a guess.

    Parameters
    ----------
    strength, penalty
        How the points of the column are held.
    covariance
        Their covariance.
    told
        The information that the rows give of each.
    columns
        How many columns there are.
    """
    usual = float(np.mean(np.diag(np.linalg.inv(penalty))))
    spent = max(len(penalty) - strength * float(np.sum(covariance * penalty)), 0.0)
    possible = min(_BETWEEN / columns, 1.0 / max(float(told.mean()), 1e-9))
    variance = (spent * usual / strength + _EVIDENCE * possible) / (spent + _EVIDENCE)
    return usual / max(variance, usual / strength)
