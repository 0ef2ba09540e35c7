"""Which ratings go together with winning: pure statistics over counts of closed deals.

For each criterion two differences of win rates are looked at. Favourable against unfavourable compares the rates as
they are, with Newcombe's interval. Known against unknown must not: what is known grows with how far a deal got, and
deals that are lost early are known least. It therefore compares deals of which equally many *other* criteria were
known, weighted after Mantel and Haenszel, with Sato's interval.

Twenty criteria looked at together would show some difference by luck alone. A criterion is said to separate winners
from losers only where Fisher's exact test says so after Holm's correction for all criteria that could be tested; then
the chance that any is named wrongly is at most 2 %. Knowing and not knowing is shown with its interval, but no
criterion is named for it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tas_analytics.metrics.intervals import difference

#: Deals that each side of a comparison needs.
ENOUGH: Final = 10
#: The chance of naming any criterion wrongly that is accepted. Holm keeps to it on average; at 0.02 no run of 200
#: portfolios without effects names anything in more than one of twenty, and the usual effects are found all the same.
LEVEL: Final = 0.02
_Z: Final = 1.959964
_CRITERIA: Final = 20

Verdict = Literal["more", "less", "none", "few"]


@dataclass(frozen=True)
class Rate:
    """Deals, and how many of them were won."""

    won: int
    deals: int

    @property
    def share(self) -> float | None:
        """The win rate; None without deals."""
        return self.won / self.deals if self.deals else None


@dataclass(frozen=True)
class Difference:
    """A difference of two win rates with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Effect:
    """One criterion.

    Parameters
    ----------
    criterion
        Its number.
    plus, minus, unknown
        Closed deals by our rating at the moment asked about.
    difference
        Win rate of + less that of −; None where one side has no deal.
    p
        Probability of such a difference by luck, corrected for looking at all criteria; None where it was not tested.
    verdict
        ``more``: those rated + win more often; ``less``: less often; ``none``: no difference that luck would not
        explain; ``few``: one side has too few deals to tell.
    knowing
        Win rate of known (+ or −) less that of unknown among deals of which equally much else was known; None where
        there is nothing to compare.
    """

    criterion: int
    plus: Rate
    minus: Rate
    unknown: Rate
    difference: Difference | None
    p: float | None
    verdict: Verdict
    knowing: Difference | None


def effects(counts: pd.DataFrame) -> list[Effect]:
    """All criteria, the strongest difference first, those with too few deals last.

    Parameters
    ----------
    counts
        ``criterion`` (number), ``score`` (1, 0 or -1), ``others`` (how many of the other criteria were known), ``won``
        (whether the deals were won), ``deals`` (how many).
    """
    table = _table(counts)
    found = [_measured(int(number), table[number - 1]) for number in sorted(set(counts["criterion"]))]
    tested = [one for one in found if min(one.plus.deals, one.minus.deals) >= ENOUGH]
    corrected = holm([_luck(one) for one in tested])
    p_of = {one.criterion: p for one, p in zip(tested, corrected, strict=True)}
    judged = [_judged(one, p_of.get(one.criterion)) for one in found]
    return sorted(judged, key=lambda one: (one.verdict == "few", -(one.difference.value if one.difference else -2.0)))


def fisher(won: int, deals: int, other_won: int, other_deals: int) -> float:
    """The two-sided exact probability of a table at least as unlikely as this one, if both rates were the same.

    Examples
    --------
    >>> round(fisher(8, 10, 2, 10), 4)
    0.023
    """
    total = won + other_won
    cases = np.arange(max(0, total - other_deals), min(deals, total) + 1)
    logs = _ways(deals, cases) + _ways(other_deals, total - cases)
    chance = np.exp(logs - logs.max())
    observed = chance[won - int(cases[0])]
    # Tables as likely as the observed one differ from it by rounding only.
    return float(min(1.0, chance[chance <= observed * (1 + 1e-7)].sum() / chance.sum()))


def holm(chances: list[float]) -> list[float]:
    """Probabilities corrected for being looked at together, after Holm (1979).

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    order = sorted(range(len(chances)), key=chances.__getitem__)
    corrected, highest = [0.0] * len(chances), 0.0
    for place, index in enumerate(order):
        highest = max(highest, min(1.0, (len(chances) - place) * chances[index]))
        corrected[index] = highest
    return corrected


def matched(won: NDArray[np.int64], deals: NDArray[np.int64], other_won: NDArray[np.int64],
            other_deals: NDArray[np.int64]) -> Difference | None:  # fmt: skip
    """The difference of two rates within strata, after Mantel and Haenszel, with Sato's (1989) interval.

    Each argument has one number per stratum. A stratum with one side only says nothing; None where all are so.
    """
    total = deals + other_deals
    use = (deals > 0) & (other_deals > 0)
    if not use.any():
        return None
    a, n, b, m, t = (one[use].astype(float) for one in (won, deals, other_won, other_deals, total))
    weight = float((n * m / t).sum())
    value = float(((a * m - b * n) / t).sum()) / weight
    p = float(((n**2 * b - m**2 * a + n * m * (m - n) / 2) / t**2).sum())
    q = float(((a * (m - b) + b * (n - a)) / (2 * t)).sum())
    spread = _Z * math.sqrt(max(value * p + q, 0.0)) / weight
    return Difference(value, max(value - spread, -1.0), min(value + spread, 1.0))


def _table(counts: pd.DataFrame) -> NDArray[np.int64]:
    """The counts as one array: criterion, score (−1, 0, 1), others known, lost or won."""
    table = np.zeros((_CRITERIA, 3, _CRITERIA, 2), dtype=np.int64)
    place = [counts[name].to_numpy(dtype=np.int64) for name in ("criterion", "score", "others", "won")]
    np.add.at(table, (place[0] - 1, place[1] + 1, place[2], place[3]), counts["deals"].to_numpy(dtype=np.int64))
    return table


def _measured(number: int, table: NDArray[np.int64]) -> Effect:
    """One criterion, not yet judged."""
    lost, won = table.sum(axis=1).T
    minus, unknown, plus = (Rate(int(won[place]), int(lost[place] + won[place])) for place in range(3))
    gap = None
    if plus.deals and minus.deals:
        low, high = difference(plus.won, plus.deals, minus.won, minus.deals)
        gap = Difference((plus.share or 0.0) - (minus.share or 0.0), low, high)
    known, not_known = table[0] + table[2], table[1]
    knowing = matched(known[:, 1], known.sum(axis=1), not_known[:, 1], not_known.sum(axis=1))
    return Effect(number, plus, minus, unknown, gap, None, "few", knowing)


def _judged(one: Effect, p: float | None) -> Effect:
    verdict: Verdict = "few"
    if p is not None and one.difference is not None:
        verdict = "none" if p > LEVEL else ("more" if one.difference.value > 0 else "less")
    return Effect(one.criterion, one.plus, one.minus, one.unknown, one.difference, p, verdict, one.knowing)


def _luck(one: Effect) -> float:
    return fisher(one.plus.won, one.plus.deals, one.minus.won, one.minus.deals)


def _ways(of: int, chosen: NDArray[np.int64]) -> NDArray[np.float64]:
    """Logarithm of the number of ways to choose some of so many."""
    log_factorial = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, of + 1)))])
    ways: NDArray[np.float64] = log_factorial[of] - log_factorial[chosen] - log_factorial[of - chosen]
    return ways
