"""The chance that a deal is won, given that it closes.

The company's own closed deals choose the learner: the base rate, the scorecard, or the scorecard with boosted trees
beside it, each tried on deals that it was not fitted to. What is gained there, and how surely, decides how far scores
may leave the base rate.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from tas_analytics.errors import BadQuestion
from tas_analytics.forecast.columns import Codes, Floats
from tas_analytics.forecast.features import Features, alike, folds, take
from tas_analytics.forecast.leaks import Finding, findings
from tas_analytics.forecast.scorecard import Scorecard, logit, sigmoid
from tas_analytics.forecast.threads import one_thread_of_algebra
from tas_analytics.forecast.trees import Shape, Trees

Unit = Literal["log odds", "probability"]

#: What the base rate leans on before there are deals: so many deals, half of them won.
PRIOR_DEALS: Final = 2.0
#: Below so many deals of the rarer outcome nothing but the base rate is fitted.
_FEWEST: Final = 5
#: Below so many deals, and of the rarer outcome, trees are not tried.
_TREES_FROM: Final = 150
_TREES_RARER: Final = 50
#: From so many deals on, one part held back stands for several folds.
_LARGE: Final = 15_000
_FOLDS: Final = 4


@dataclass
class _Trial:
    """Log odds of deals by learners that were not fitted to them."""

    rows: npt.NDArray[np.intp]
    scorecard: Floats
    trees: Floats | None = None
    lengths: list[int] = field(default_factory=list)


class WinModel:
    """P(won | closes), for any table of deals.

    Columns are taken as they come: text, numbers, days, yes and no, blanks. Nothing is asked about them.

    Parameters
    ----------
    seed
        For the folds and the trees; the same seed and deals give the same scores.
    prior
        The win rate to answer with before there are closed deals; a few of them outweigh it.

    Attributes
    ----------
    base_rate : float
        The win rate of the fitted deals, leaning on the prior.
    deals : int
        How many were fitted.
    weights : tuple of float
        How far the scorecard and the trees move a score from the base rate; 0 and 0 when neither has shown a gain.
    gain : tuple of float
        What they gain over the base rate in log loss per deal, on deals that they were not fitted to, and its
        standard error.
    findings : list of Finding
        Columns refused as leaks, and columns that are doubted but kept.
    """

    def __init__(self, seed: int = 0, prior: float = 0.5) -> None:
        self.seed, self.prior = seed, prior
        self.base_rate = prior
        self.deals = 0
        self.weights = (0.0, 0.0)
        self.gain = (0.0, 0.0)
        self.findings: list[Finding] = []
        self._columns: list[Hashable] = []
        self._features = Features(())
        self._card = Scorecard(0.0, (), np.empty(0))
        self._trees: Trees | None = None
        self._base = logit(prior)

    def fit(
        self,
        deals: pd.DataFrame,
        won: pd.Series,
        *,
        open_deals: pd.DataFrame | None = None,
        groups: npt.NDArray[np.intp] | None = None,
    ) -> WinModel:
        """Fit to closed deals.

        Parameters
        ----------
        deals
            One row per closed deal, any columns.
        won
            Whether each was won, in the same order; deals without an answer are left out.
        open_deals
            Open deals with the same columns. With them, columns that are filled in at the close are refused.
        groups
            A number per row; rows that share one are never split between fitting and trying. Rows with the same
            cells never are.

        Returns
        -------
        WinModel
            Itself.

        Raises
        ------
        BadQuestion
            If the deals are no table, or there are not as many answers as deals, or these are not yes and no.
        """
        table, y = _plain(deals), _outcomes(won)
        for count, what in ((len(y), "outcomes"), (len(table if groups is None else groups), "groups")):
            if count != len(table):
                raise BadQuestion(f"{len(table)} deals but {count} {what}", "Give one for each deal.")
        known = ~np.isnan(y)
        y, table = y[known], table[known].reset_index(drop=True)
        self.__init__(self.seed, self.prior)  # type: ignore[misc]
        self._columns = list(table.columns)
        self.deals = len(y)
        self.base_rate = float((y.sum() + PRIOR_DEALS * self.prior) / (len(y) + PRIOR_DEALS))
        self._base = logit(self.base_rate)
        if min(y.sum(), len(y) - y.sum()) < _FEWEST:
            return self
        self.findings = findings(table, y, None if open_deals is None else _plain(open_deals))
        leaks = [one.column for one in self.findings if one.gravity == "leak"]
        self._features = Features.of(table.drop(columns=leaks))
        if self._features.encodings:
            codes, cells = self._features.table(table)
            with one_thread_of_algebra():
                self._learn(codes, cells, y, None if groups is None else _numbered(groups)[known])
        return self

    def predict(self, deals: pd.DataFrame) -> pd.Series:
        """The probability of each deal, on the deals' index."""
        return pd.Series(sigmoid(self._scores(_plain(deals))), index=deals.index, name="p_won")

    def explain(self, deals: pd.DataFrame, unit: Unit = "log odds") -> pd.DataFrame:
        """What each column adds to each deal's score, against the average fitted deal.

        Parameters
        ----------
        deals
            The deals.
        unit
            ``log odds``: :attr:`average` plus the row's sum is the log odds of :meth:`predict`. ``probability``: the
            row's sum is the probability less that of the average deal.

        Raises
        ------
        BadQuestion
            If the unit is another.

        Returns
        -------
        DataFrame
            One row per deal, one column per fitted column, in their order.
        """
        if unit not in get_args(Unit):
            raise BadQuestion(f"Parts of a score are not told in {unit}", f"Choose {' or '.join(get_args(Unit))}.")
        table = _plain(deals)
        codes, cells = self._features.table(table)
        parts = np.zeros((len(table), len(self._features.encodings)))
        if self.weights[0] and codes:
            parts += self.weights[0] * self._card.parts(codes)
        if self._trees is not None:
            parts += self.weights[1] * self._trees.parts(self._graded(self._card, codes, cells))
        place = {column: at for at, column in enumerate(self._columns)}
        summed = np.zeros((len(table), len(self._columns)))
        for feature, column in enumerate(self._features.columns):
            summed[:, place[column]] += parts[:, feature]
        if unit == "probability":
            summed *= _slopes(self.average, summed.sum(axis=1))[:, None]
        return pd.DataFrame(summed, index=deals.index, columns=pd.Index(self._columns, dtype=object))

    @property
    def average(self) -> float:
        """The log odds from which the parts of :meth:`explain` are counted."""
        total = self._base + self.weights[0] * (self._card.base - self._base if self.weights[0] else 0.0)
        return total + (self.weights[1] * (self._trees.base - self._base) if self._trees is not None else 0.0)

    def _scores(self, table: pd.DataFrame) -> Floats:
        scores = np.full(len(table), self._base)
        if not any(self.weights):
            return scores
        codes, cells = self._features.table(table)
        if self.weights[0]:
            scores += self.weights[0] * (self._card.logits(codes, len(table)) - self._base)
        if self._trees is not None:
            scores += self.weights[1] * (self._trees.logits(self._graded(self._card, codes, cells)) - self._base)
        return scores

    def _learn(self, codes: list[Codes], cells: Floats, y: Floats, groups: npt.NDArray[np.intp] | None) -> None:
        """Fit the learners, and settle from deals that they were not fitted to how much each may say."""
        self._card = Scorecard.fit(codes, self._features.sizes, self._features.ordered, y)
        trial = self._try(codes, cells, y, alike(codes, cells) if groups is None else groups)
        held = y[trial.rows]
        if len(held) == 0:
            # All deals belong to one group, so nothing can be shown of any learner.
            return
        middle = logit(float(held.mean()))
        basis = [trial.scorecard - middle]
        plain = _losses(np.full(len(held), middle), held)
        weights = _weights(basis, held, middle)
        best = _losses(middle + weights[0] * basis[0], held)
        if trial.trees is not None:
            both = [*basis, trial.trees - middle]
            mixed = _weights(both, held, middle)
            with_trees = _losses(middle + mixed[0] * both[0] + mixed[1] * both[1], held)
            better = best - with_trees
            if better.mean() > better.std() / np.sqrt(len(held)):
                weights, best = mixed, with_trees
        gained = plain - best
        gain, error = float(gained.mean()), float(gained.std() / np.sqrt(len(held)))
        self.gain = (gain, error)
        # A loss within the play of chance takes something off, a greater one everything.
        trust = float(np.clip(1.0 + gain / max(error, 1e-12), 0.0, 1.0))
        self.weights = (float(weights[0]) * trust, float(weights[1]) * trust if len(weights) > 1 else 0.0)
        if self.weights[1] > 0:
            length = int(np.median(trial.lengths) * 1.1)
            self._trees = self._grow(self._graded(self._card, codes, cells), y, length)

    def _try(self, codes: list[Codes], cells: Floats, y: Floats, groups: npt.NDArray[np.intp]) -> _Trial:
        """Score deals by learners fitted to others."""
        large = len(y) >= _LARGE
        fold = folds(groups, _FOLDS, self.seed)
        with_trees = len(y) >= _TREES_FROM and min(y.sum(), len(y) - y.sum()) >= _TREES_RARER
        card, wood, lengths = np.zeros(len(y)), np.zeros(len(y)), []
        tried = np.zeros(len(y), dtype=bool)
        for one in range(1 if large else _FOLDS):
            out, into = fold == one, fold != one
            if out.all() or not out.any() or y[into].min() == y[into].max():
                continue
            tried |= out
            own = self._scorecard(take(codes, into), y[into])
            card[out] = own.logits(take(codes, out), int(out.sum()))
            if with_trees:
                graded = self._graded(own, codes, cells)
                trees = Trees(self._shape(int(into.sum())), self.seed).fit(graded[into], y[into])
                length, wood[out] = trees.prune(graded[out], y[out])
                lengths.append(length)
        rows = np.flatnonzero(tried)
        return _Trial(rows, card[rows], wood[rows] if with_trees else None, lengths)

    def _scorecard(self, codes: list[Codes], y: Floats) -> Scorecard:
        return Scorecard.fit(codes, self._features.sizes, self._features.ordered, y, self._card)

    def _graded(self, card: Scorecard, codes: list[Codes], cells: Floats) -> Floats:
        """The cells as trees take them: levels of a category in the order of their points, which are held already."""
        graded = cells.copy()
        for place, one in enumerate(self._features.encodings):
            if one.kind == "category":
                graded[:, place] = card.points[place][codes[place]]
        return graded

    def _shape(self, rows: int) -> Shape:
        if rows < 2_000:
            return Shape(rate=0.05, leaves=6, least=12, trees=120, shrink=5.0, columns=0.5)
        if rows < 10_000:
            return Shape(rate=0.05, leaves=12, least=20, trees=250, shrink=5.0, columns=0.5)
        return Shape(rate=0.07, leaves=31, least=20, trees=320, shrink=3.0)

    def _grow(self, cells: Floats, y: Floats, length: int) -> Trees:
        shape = self._shape(len(y))
        shape = Shape(shape.rate, shape.leaves, shape.least, max(5, length), shape.shrink, shape.columns)
        return Trees(shape, self.seed).fit(cells, y)


def _plain(deals: pd.DataFrame) -> pd.DataFrame:
    """The deals numbered from 0, with each name of a column once."""
    if not isinstance(deals, pd.DataFrame):
        raise BadQuestion("The deals are no table", "Give a pandas DataFrame, a row for each deal.")
    table = deals.reset_index(drop=True)
    blank = table.columns.to_flat_index().isna()
    told: list[Hashable] = ["unnamed" if nameless else name for name, nameless in zip(table, blank, strict=True)]
    if len(set(told)) < len(told) or blank.any():
        taken, seen = set(told), dict.fromkeys(told, 0)
        table.columns = pd.Index([_once(name, taken, seen) for name in told], dtype=object)
    return table


def _outcomes(won: pd.Series) -> Floats:
    """1 for won, 0 for lost, NaN where it is not known."""
    hint = "Give True or 1 for won, False or 0 for lost, and nothing where it is not known."
    try:
        cells = pd.Series(won)
        known = cells.notna().to_numpy()
        y = np.full(len(cells), np.nan)
        y[known] = cells[known].astype(float)
    except (TypeError, ValueError) as error:
        raise BadQuestion("The outcomes are not all yes or no", hint) from error
    if not np.isin(y[known], (0.0, 1.0)).all():
        raise BadQuestion("The outcomes are not all yes or no", hint)
    return y


def _numbered(groups: npt.ArrayLike) -> npt.NDArray[np.intp]:
    """Groups of any name as numbers from 0; rows without one are by themselves."""
    numbers = pd.factorize(np.asarray(groups))[0].astype(np.intp)
    alone = numbers < 0
    numbers[alone] = numbers.max(initial=-1) + 1 + np.arange(int(alone.sum()))
    return numbers


def _once(name: Hashable, taken: set[Hashable], seen: dict[Hashable, int]) -> Hashable:
    """A name, or one like it that no other column has."""
    seen[name] += 1
    if seen[name] == 1:
        return name
    while (other := f"{name} ({seen[name]})") in taken:
        seen[name] += 1
    taken.add(other)
    return other


def _slopes(average: float, sums: Floats) -> Floats:
    """By what to multiply parts in log odds for them to add up to a difference of probabilities."""
    steep = float(sigmoid(np.array([average]))[0])
    moved = sigmoid(average + sums) - steep
    flat = np.abs(sums) < 1e-9
    return np.where(flat, steep * (1 - steep), moved / np.where(flat, 1.0, sums))


def _losses(scores: Floats, won: Floats) -> Floats:
    return np.logaddexp(0.0, scores) - won * scores


def _weights(basis: list[Floats], won: Floats, middle: float) -> Floats:
    """How much of each learner's departure from the base rate fits deals that it was not fitted to; none below 0."""
    matrix = np.column_stack(basis)
    weights = np.full(matrix.shape[1], 1.0 / matrix.shape[1])
    held = 25.0
    for _ in range(30):
        share = sigmoid(middle + matrix @ weights)
        slope = matrix.T @ (share - won) + held * (weights - 1.0 / matrix.shape[1])
        curve = (matrix * np.maximum(share * (1 - share), 1e-6)[:, None]).T @ matrix + held * np.eye(matrix.shape[1])
        free = (weights > 0) | (slope < 0)
        if not free.any():
            break
        move = np.zeros(len(weights))
        move[free] = np.linalg.solve(curve[np.ix_(free, free)], slope[free])
        weights = np.maximum(weights - move, 0.0)
        if np.abs(move).max() < 1e-6:
            break
    return weights
