"""Which columns a scorecard looks at, where there are too many for one.

The time of a fit grows with the cube of all codes together: exports of hundreds of columns would take hours. So columns
that tell hardly more by themselves than chance does are left out before, those that tell most being kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from tas_analytics.forecast.columns import Floats

#: Codes of all columns together, at most.
MOST: Final = 1_200


def foremost(
    codes: list[npt.NDArray[np.intp]], sizes: list[int], won: Floats, weights: Floats
) -> npt.NDArray[np.bool_]:
    """Whether each column is looked at; all of them as long as they have few codes.

    Parameters
    ----------
    codes, sizes
        Per column the code of each deal, and how many codes there are.
    won, weights
        Per deal 1 for won, 0 for lost, and how much it counts.
    """
    kept = np.ones(len(sizes), dtype=bool)
    if sum(sizes) <= MOST:
        return kept
    mean = float(np.average(won, weights=weights))
    left = weights * (won - mean)
    told = np.empty(len(sizes))
    for column, one in enumerate(codes):
        luck = np.bincount(one, weights**2, sizes[column]) * mean * (1 - mean)
        met = luck > 0
        free = max(int(met.sum()) - 1, 1)
        # Rao's score test of the column alone, in standard deviations above what chance gives.
        found = float((np.bincount(one, left, sizes[column])[met] ** 2 / luck[met]).sum())
        told[column] = (found - free) / np.sqrt(2 * free)
    order = np.argsort(-told, kind="stable")
    kept[order[np.cumsum(np.array(sizes)[order]) > MOST]] = False
    return kept
