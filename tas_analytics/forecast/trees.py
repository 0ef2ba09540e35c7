"""The challenger: boosted trees, for companies with enough closed deals, with each score taken apart by column.

The parts of a score come from the paths through the trees: at each split the mean of the fitted deals below changes,
and the change belongs to the column that was asked. The parts add up to the score exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from tas_analytics.forecast.columns import Floats, number_edges
from tas_analytics.forecast.threads import one_thread

#: Bins of a column, at most; scikit-learn takes 255.
_BINS: Final = 250
#: From so many deals on, all threads score them.
_MANY: Final = 50_000
#: Lengths that are tried are multiples of this.
_LOOK: Final = 5


@dataclass(frozen=True)
class Shape:
    """How trees are grown."""

    rate: float
    leaves: int
    least: int
    trees: int
    shrink: float = 1.0
    columns: float = 1.0


class Trees:
    """Boosted trees on numbers.

    Numbers are put into bins in which a common value, such as a round amount, stands alone: scikit-learn's own are
    quantiles, which throw it together with its neighbours.

    Parameters
    ----------
    shape
        How they are grown.
    seed
        For the draws; the same seed gives the same trees.
    """

    def __init__(self, shape: Shape, seed: int) -> None:
        # Importing it takes longer than most questions that need no trees.
        from sklearn.ensemble import HistGradientBoostingClassifier

        self.shape = shape
        self._model = HistGradientBoostingClassifier(
            learning_rate=shape.rate,
            max_iter=shape.trees,
            max_leaf_nodes=shape.leaves,
            min_samples_leaf=shape.least,
            l2_regularization=shape.shrink,
            max_features=shape.columns,
            early_stopping=False,
            random_state=seed,
        )
        self._means: list[Floats] = []
        self._edges: list[Floats] = []

    def fit(self, cells: Floats, won: Floats) -> Trees:
        """Grow the trees."""
        self._edges = [number_edges(column, _BINS) for column in cells.T]
        with one_thread():
            self._model.fit(self._binned(cells), won.astype(np.int8))
        self._means = []
        return self

    def _binned(self, cells: Floats) -> Floats:
        """The number of each cell's bin; NaN where there is none."""
        binned = np.full(cells.shape, np.nan)
        for place, edges in enumerate(self._edges):
            known = ~np.isnan(cells[:, place])
            binned[known, place] = np.searchsorted(edges, cells[known, place])
        return binned

    def logits(self, cells: Floats) -> Floats:
        """The log odds of each deal."""
        if len(cells) == 0:
            return np.empty(0)
        binned = self._binned(cells)
        if len(binned) < _MANY:
            with one_thread():
                scores: Floats = self._model.decision_function(binned)
            return scores
        # Many deals are alike in all their bins: each kind is asked about once.
        marks = pd.util.hash_pandas_object(pd.DataFrame(binned), index=False).to_numpy()
        _, first, place = np.unique(marks, return_index=True, return_inverse=True)
        told: Floats = self._model.decision_function(binned[first])
        return told[place]

    def prune(self, cells: Floats, won: Floats) -> tuple[int, Floats]:
        """Keep as many trees as do best on deals that were not fitted; their number, and those deals' log odds."""
        best, kept, length = np.inf, np.empty(0), 0
        with one_thread():
            for place, scores in enumerate(self._model.staged_decision_function(self._binned(cells)), 1):
                if place % _LOOK and place != self.shape.trees:
                    continue
                loss = float(np.mean(np.logaddexp(0.0, scores) - won * scores))
                if loss < best:
                    best, kept, length = loss, scores.copy(), place
        del self._model._predictors[length:]
        return length, kept

    def parts(self, cells: Floats) -> Floats:
        """The parts of each deal's log odds by column, less the mean of the fitted deals (:attr:`base`)."""
        found = np.zeros(cells.shape)
        cells, rows = self._binned(cells), np.arange(len(cells))
        for predictor, means in zip(self._predictors(), self._node_means(), strict=True):
            nodes, at = predictor.nodes, np.zeros(len(cells), dtype=np.intp)
            while True:
                moving = rows[nodes["is_leaf"][at] == 0]
                if len(moving) == 0:
                    break
                here = at[moving]
                column = nodes["feature_idx"][here]
                there = _next(nodes[here], cells[moving, column])
                found[moving, column] += means[there] - means[here]
                at[moving] = there
        return found

    @property
    def base(self) -> float:
        """The mean log odds of the fitted deals."""
        return float(self._model._baseline_prediction.ravel()[0] + sum(means[0] for means in self._node_means()))

    def _predictors(self) -> list[Any]:
        return [one for stage in self._model._predictors for one in stage]

    def _node_means(self) -> list[Floats]:
        """Per tree the mean of the fitted deals below each node; children stand behind their parents."""
        if not self._means:
            for predictor in self._predictors():
                nodes = predictor.nodes
                means = nodes["value"].astype(np.float64).copy()
                for place in range(len(nodes) - 1, -1, -1):
                    if not nodes["is_leaf"][place]:
                        left, right = int(nodes["left"][place]), int(nodes["right"][place])
                        weights = float(nodes["count"][left]), float(nodes["count"][right])
                        means[place] = (means[left] * weights[0] + means[right] * weights[1]) / sum(weights)
                self._means.append(means)
        return self._means


def _next(nodes: npt.NDArray[Any], values: Floats) -> npt.NDArray[np.intp]:
    """The child into which each value falls, one node per value."""
    left = np.where(np.isnan(values), nodes["missing_go_to_left"] != 0, values <= nodes["num_threshold"])
    chosen: npt.NDArray[np.intp] = np.where(left, nodes["left"], nodes["right"]).astype(np.intp)
    return chosen
