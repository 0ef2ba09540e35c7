"""The default learner: points per bin and level, added up, each column shrunk by as much as its data deserve.

A logistic regression on bins. The points of a column are drawn towards zero (levels of a category) or towards their
neighbours (bins of a number), by a strength of its own that is estimated from the data by maximising the marginal
likelihood (Fellner and Schall's fixed point, in Wood and Fasiolo 2017): a column without signal ends with no points at
all, and nothing has to be tuned.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from tas_analytics.forecast.design import Design, root_of_inverse
from tas_analytics.forecast.foremost import foremost
from tas_analytics.forecast.occupied import Occupied
from tas_analytics.forecast.spread import Spread, doubted

if TYPE_CHECKING:
    # Nothing of pandas is imported here: the process that fits beside another one needs none (beside).
    from tas_analytics.forecast.columns import Codes, Floats

#: A strength at which a column has no points to speak of.
GONE: Final = 3e3
_WEAKEST: Final = 1e-2
#: Rows from which strengths are estimated; they do not depend on how many there are.
_ENOUGH_ROWS: Final = 20_000
_ROUNDS: Final = 20
_ROUNDS_AGAIN: Final = 5
_RETRY: Final = 100.0
#: Evidence against points that every column has to overcome, in parameters. Settled on public data (decision 017).
_DOUBT: Final = 0.5
#: How much the columns' strengths are held together, in parameters.
_ALIKE: Final = 2.0


def sigmoid(logits: Floats) -> Floats:
    """Log odds to probabilities."""
    return 1.0 / (1.0 + np.exp(-np.clip(logits, -40, 40)))


def log_odds(chances: Floats) -> Floats:
    """Probabilities to log odds, kept finite."""
    clipped = np.clip(chances, 1e-9, 1 - 1e-9)
    return np.asarray(np.log(clipped / (1 - clipped)))


def logit(share: float) -> float:
    """A probability to log odds, kept finite."""
    share = min(max(share, 1e-6), 1 - 1e-6)
    return float(np.log(share / (1 - share)))


@cache
def _penalty(size: int, ordered: bool) -> Floats:
    """How points of one column are held: bins by their neighbours, levels by zero; code 0 is a missing cell."""
    matrix = np.eye(size)
    bins = size - 1
    if ordered and bins > 2:
        steps = np.diff(np.eye(bins), axis=0)
        matrix[1:, 1:] = steps.T @ steps + (2.0 / bins) ** 2 * np.eye(bins)
    matrix.flags.writeable = False
    return matrix


@dataclass(frozen=True)
class Scorecard:
    """A fitted scorecard.

    ``points`` has one array per column, in log odds, by code; the average fitted deal gets 0 from each column.
    ``spread`` says how sure they are.
    """

    base: float
    points: tuple[Floats, ...]
    strengths: Floats
    spread: Spread | None = None

    @classmethod
    def fit(
        cls,
        codes: list[Codes],
        sizes: list[int],
        ordered: list[bool],
        won: Floats,
        start: Scorecard | None = None,
        weights: Floats | None = None,
        *,
        ahead: Floats | None = None,
        sure: bool = False,
    ) -> Scorecard:
        """Fit to deals.

        Parameters
        ----------
        codes
            Per column the code of each deal.
        sizes, ordered
            Per column the number of codes and whether they are bins in an order.
        won
            1 for won, 0 for lost; both must occur.
        start
            A scorecard of much the same deals, from whose strengths the search begins.
        weights
            How much each row counts, where several tell of the same event; 1 each if left out.
        ahead
            What is added to each row's log odds before there are points.
        sure
            Whether to work out how sure the points are.
        """
        rows = len(won)
        weights = np.ones(rows) if weights is None else weights
        if not codes:
            return cls(logit(float(np.average(won, weights=weights))), (), np.empty(0))
        step = max(1, rows // _ENOUGH_ROWS)
        some = slice(None, None, step)
        shapes = [
            Occupied.of(_penalty(size, flag), np.bincount(one, minlength=size))
            for one, size, flag in zip(codes, sizes, ordered, strict=True)
        ]
        met = [shape.of_rows(one) for shape, one in zip(shapes, codes, strict=True)]
        ahead = np.zeros(rows) if ahead is None else ahead
        solver = _Solver(
            [one[some] for one in met], won[some], weights[some], ahead[some], [one.penalty for one in shapes]
        )
        if start is not None:
            solver.begin(start, shapes)
        solver.estimate(*(_ROUNDS, 3) if start is None else (_ROUNDS_AGAIN, 1))
        if step > 1:
            solver = _Solver(met, won, weights, ahead, solver.penalties, solver)
            solver.newton(8, renew=8)
        points, base = [], solver.beta[-1]
        for column, one in enumerate(codes):
            own = shapes[column].spread @ solver.points(column)
            held = np.bincount(one, weights, sizes[column])
            middle = float(own @ held) / weights.sum()
            # A code that no fitted deal had weighs nothing; bins in between lean on their neighbours.
            if not ordered[column]:
                own[held == 0] = middle
            points.append(own - middle)
            base += middle
        spread = None
        if sure:
            spread = Spread.of_fit(*solver.unsure(), solver.cuts(), shapes)
        return cls(float(base), tuple(points), solver.strengths, spread)

    def parts(self, codes: list[Codes]) -> Floats:
        """The points of each deal (rows) from each column, in log odds."""
        if not codes:
            return np.empty((0, 0))
        return np.column_stack([own[one] for own, one in zip(self.points, codes, strict=True)])

    def logits(self, codes: list[Codes], rows: int) -> Floats:
        """The log odds of each deal."""
        total = np.full(rows, self.base)
        for own, one in zip(self.points, codes, strict=True):
            if own.any():
                total += own[one]
        return total


class _Solver:
    """Newton's method for the points under given strengths, and the fixed point for the strengths.

    A column whose strength says that it has no points is left out from then on.
    """

    def __init__(
        self,
        codes: list[npt.NDArray[np.intp]],
        won: Floats,
        weights: Floats,
        ahead: Floats,
        penalties: list[Floats],
        like: _Solver | None = None,
    ) -> None:
        self.codes, self.won, self.weights, self.ahead, self.penalties = codes, won, weights, ahead, penalties
        self.strengths: Floats = np.full(len(penalties), 3.0) if like is None else like.strengths.copy()
        # Those with few codes first, as the matrix likes it.
        order = sorted(range(len(penalties)), key=lambda one: len(penalties[one]))
        if like is None:
            kept = foremost(codes, [len(one) for one in penalties], won, weights)
            self.strengths[~kept] = GONE
            order = [one for one in order if kept[one]]
        self.alive: list[int] = order if like is None else list(like.alive)
        self._lay_out()
        self.beta: Floats = np.zeros(self.matrix.width)
        self.beta[-1] = logit(float(np.average(won, weights=weights)))
        if like is not None:
            self.beta = like.beta.copy()
        self.root: Floats = np.empty((0, 0))
        self.bent: Floats = np.empty((0, 0))

    def begin(self, start: Scorecard, shapes: list[Occupied]) -> None:
        """Begin where another scorecard of these columns has ended."""
        kept = np.isin(np.arange(len(self.strengths)), self.alive)
        self.strengths = np.where(kept, np.minimum(start.strengths, _RETRY), GONE)
        for one, cut in self.cuts():
            self.beta[cut] = start.points[one][shapes[one].codes]
        self.beta[-1] = start.base

    def _lay_out(self) -> None:
        self.starts: npt.NDArray[np.intp] = np.concatenate(
            [[0], np.cumsum([len(self.penalties[one]) for one in self.alive])]
        ).astype(np.intp)
        self.matrix = Design([self.codes[one] for one in self.alive], self.starts, len(self.won))

    def cuts(self) -> list[tuple[int, slice]]:
        """The columns that are left, and where their points stand."""
        return [(one, slice(self.starts[at], self.starts[at + 1])) for at, one in enumerate(self.alive)]

    def points(self, column: int) -> Floats:
        """The points of a column; none if it was left out."""
        found = [cut for one, cut in self.cuts() if one == column]
        return self.beta[found[0]].copy() if found else np.zeros(len(self.penalties[column]))

    def _held(self, strengths: Floats | None = None) -> Floats:
        strengths = self.strengths if strengths is None else strengths
        whole = np.zeros((len(self.beta), len(self.beta)))
        for one, cut in self.cuts():
            whole[cut, cut] = strengths[one] * self.penalties[one]
        whole[-1, -1] = 1e-6
        return whole

    def _loss(self, eta: Floats, beta: Floats, pull: Floats) -> float:
        return float(self.weights @ (np.logaddexp(0.0, eta) - self.won * eta) + 0.5 * (beta @ pull))

    def newton(self, steps: int, *, renew: int = 1) -> None:
        """Improve the points by at most so many steps.

        The curvature that the deals give takes most of the time, and changes little: the first ``renew`` steps work it
        out anew.
        """
        held = self._held()
        eta, pull = self.matrix.times(self.beta) + self.ahead, held @ self.beta
        now = self._loss(eta, self.beta, pull)
        for turn in range(steps):
            share = sigmoid(eta)
            anew = turn < renew or len(self.bent) != len(held)
            if anew:
                self.bent = self.matrix.curve(self.weights * np.maximum(share * (1 - share), 1e-6))
            if anew or turn == 0:
                self.root = root_of_inverse(self.bent + held)
            slope = self.matrix.turned_times(self.weights * (share - self.won)) + pull
            move = self.root.T @ (self.root @ slope)
            size = 1.0
            while True:
                beta = self.beta - size * move
                eta, pull = self.matrix.times(beta) + self.ahead, held @ beta
                after = self._loss(eta, beta, pull)
                if after <= now + 1e-9 or size <= 1e-3:
                    break
                size /= 2
            self.beta = beta
            done = now - after < 1e-5 * (1 + abs(now))
            now = after
            if done:
                break

    def estimate(self, rounds: int, first: int) -> None:
        """Find the strengths, with so many steps at first for which the curvature is worked out anew."""
        for turn in range(rounds):
            self.newton(3 if turn == 0 else 1, renew=first if turn == 0 else (turn + 1) % 2)
            moved = 0.0
            each = [(one, *self._told(one, cut)) for one, cut in self.cuts()]
            # The strength that would fit if all columns had the same.
            common = (sum(max(spent, 1e-9) for _, spent, _ in each) + _DOUBT) / max(sum(one[2] for one in each), 1e-12)
            for one, spent, size in each:
                strength = self.strengths[one]
                ratio = (max(spent, 1e-9) + _DOUBT + _ALIKE) / max(size + _ALIKE / common, 1e-12) / strength
                # The fixed point creeps; a longer stride gets to the same place sooner.
                ratio = float(np.clip(ratio**1.6, 0.1, 20.0))
                self.strengths[one] = float(np.clip(strength * ratio, _WEAKEST, GONE))
                # A column that hardly has points left changes nothing, however far its strength still goes.
                moved = max(moved, abs(float(np.log(ratio))) * min(max(spent, 0.0), 1.0))
            self._leave_out()
            if moved < 0.15 or not self.alive:
                break
        self.newton(10)

    def _told(self, column: int, cut: slice) -> tuple[float, float]:
        """How many parameters' worth a column's points are, and their size as its strength holds them."""
        penalty, own, root = self.penalties[column], self.beta[cut], self.root[cut.start :, cut]
        spent = len(penalty) - self.strengths[column] * float(np.sum((root.T @ root) * penalty))
        return spent, float(own @ penalty @ own)

    def unsure(self) -> tuple[Floats, Floats]:
        """The covariance of the points, and the strengths that it is worked out with; see :mod:`.spread`."""
        self.newton(1)
        covariance = self.root.T @ self.root
        strengths = self.strengths.copy()
        for one, cut in self.cuts():
            own = np.diag(self.bent[cut, cut])
            strengths[one] = doubted(strengths[one], self.penalties[one], covariance[cut, cut], own, len(self.alive))
        root = root_of_inverse(self.bent + self._held(strengths))
        return root.T @ root, strengths

    def _leave_out(self) -> None:
        left = [(one, cut) for one, cut in self.cuts() if self.strengths[one] < GONE]
        if len(left) < len(self.alive):
            self.beta = np.concatenate([*(self.beta[cut] for _, cut in left), self.beta[-1:]])
            self.alive = [one for one, _ in left]
            self._lay_out()
