"""From a table of deals to what the learners take: codes for the scorecard, numbers for the trees."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from tas_analytics.forecast.columns import BINS, Cells, Codes, Encoding, Floats, encode, read

#: At most so many columns of days are compared with each other.
_DAYS_COMPARED: Final = 4
#: Kinds of deals below which each deal counts as one of its own.
_KINDS: Final = 8


@dataclass(frozen=True)
class Features:
    """The encodings of a fitted table's columns."""

    encodings: tuple[Encoding, ...]

    @classmethod
    def of(cls, deals: pd.DataFrame, bins: int = BINS, cache: dict[Hashable, Cells] | None = None) -> Features:
        """Settle how each column is read. Columns that cannot tell deals apart are left out.

        Days themselves say when, not what: deals still to come will have later ones than all fitted. So columns of
        days are used by the time between them only. What was read is left in ``cache`` for the codes.
        """
        encodings: list[Encoding] = []
        days: dict[Hashable, Floats] = {}
        for column in deals.columns:
            cells = read(deals[column])
            if cache is not None:
                cache[column, cells.kind] = cells
            if cells.kind == "day":
                days[column] = cells.numbers
                filled = np.isfinite(cells.numbers)
                if 0 < filled.sum() < len(filled):
                    encodings.append(Encoding(column, "number", "day", np.empty(0)))
            elif (found := encode(column, cells, bins)) is not None:
                encodings.append(found)
        for first, second in combinations(list(days)[:_DAYS_COMPARED], 2):
            between = encode(second, Cells("number", days[second] - days[first]), bins)
            if between is not None and len(between.edges):
                encodings.append(Encoding(second, "number", "day", between.edges, (), first))
        return cls(tuple(encodings))

    @property
    def sizes(self) -> list[int]:
        """Codes per feature."""
        return [one.size for one in self.encodings]

    @property
    def ordered(self) -> list[bool]:
        """Per feature whether its codes are bins in an order."""
        return [one.kind == "number" for one in self.encodings]

    @property
    def columns(self) -> list[Hashable]:
        """The raw column of each feature."""
        return [one.column for one in self.encodings]

    def table(self, deals: pd.DataFrame) -> tuple[list[Codes], Floats]:
        """Codes of each feature, and side by side the numbers of those that are numbers."""
        cache: dict[Hashable, Cells] = {}
        codes = [one.codes(deals, cache) for one in self.encodings]
        cells = np.empty((len(deals), len(codes)))
        for place, one in enumerate(self.encodings):
            if one.kind == "number" and len(one.edges) == 0:
                cells[:, place] = codes[place]
            elif one.kind == "number":
                cells[:, place] = one.values(deals, cache)
            else:
                cells[:, place] = np.nan
        cells[~np.isfinite(cells)] = np.nan
        return codes, cells


def take(codes: list[Codes], rows: npt.NDArray[np.intp] | npt.NDArray[np.bool_]) -> list[Codes]:
    """The codes of some deals."""
    return [one[rows] for one in codes]


def alike(codes: list[Codes], cells: Floats) -> npt.NDArray[np.intp]:
    """A number per deal that deals with the same cells share; one each where there are hardly any kinds of deals.

    Of a handful of kinds none can be told by the others, and none has so few deals that they could be learnt by heart.
    """
    if not codes:
        return np.arange(len(cells))
    columns = {
        str(place): codes[place] if np.isnan(cells[:, place]).all() else cells[:, place] for place in range(len(codes))
    }
    marks = pd.util.hash_pandas_object(pd.DataFrame(columns), index=False).to_numpy()
    kinds, numbers = np.unique(marks, return_inverse=True)
    return np.arange(len(cells)) if len(kinds) < _KINDS else numbers


def folds(groups: npt.NDArray[np.intp], count: int, seed: int) -> npt.NDArray[np.intp]:
    """The fold of each deal; deals of one group share one, and folds hold about equally many deals."""
    sizes = np.bincount(groups)
    order = np.random.default_rng(seed).permutation(len(sizes))
    filled = np.cumsum(sizes[order]) - sizes[order] / 2
    fold = np.empty(len(sizes), dtype=np.intp)
    if len(sizes) < len(groups):
        fold[order] = np.minimum((filled * count / len(groups)).astype(np.intp), count - 1)
    else:
        fold[order] = np.arange(len(sizes)) % count
    placed: npt.NDArray[np.intp] = fold[groups]
    return placed
