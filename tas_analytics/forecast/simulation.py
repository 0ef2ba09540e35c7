"""What open deals and business to come may add up to: many drawn futures, pure numbers in and out.

Each deal has one random number per drawn future, made from its own key. So a deal has the same luck whichever filter
shows it and whatever is asked of the others: a group is the same as a filter on it, and what one change of one deal
does to the sum is not drowned in new luck. What all deals of a period share (the season, the economy, one sales team)
is one number per future, by which all log odds are moved together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import scipy

from tas_analytics.forecast.columns import Floats
from tas_analytics.forecast.scorecard import sigmoid

#: Drawn futures.
DRAWS: Final = 2_000
#: Deals that are drawn one by one; of the others, which each matter less, only sum and spread are drawn.
ONE_BY_ONE: Final = 2_500
QUANTILES: Final = (0.1, 0.5, 0.9)
_SEED: Final = 20
_NODES: Final = 33
_LEAST: Final = 1e-6
#: The variance of a logistic distribution relative to the normal one that it resembles.
_PROBIT: Final = np.pi / 8

Keys = npt.NDArray[np.int64]
Codes = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Deals:
    """Open deals to draw.

    Attributes
    ----------
    keys : array of (deals,)
        A whole number that names the deal and never changes.
    amount : array of (deals,)
        Amounts; a missing one counts as nothing.
    chances : array of (deals, days)
        Chance of being won by each of some days; never falls from one day to the next.
    before : array of (deals,), optional
        Chance of being won before the period begins: such a win is none of this period.
    """

    keys: Keys
    amount: Floats
    chances: Floats
    before: Floats | None = None


#: No deal at all.
NOTHING: Final = Deals(np.empty(0, dtype=np.int64), np.empty(0), np.empty((0, 1)))


@dataclass(frozen=True)
class Coming:
    """Business not yet created, as its mean and variance by each of some days."""

    mean: Floats
    variance: Floats


def shared_luck(spread: float) -> Floats:
    """By how much each future moves all log odds; evenly spread over a normal distribution, in random order."""
    return np.asarray(scipy.special.ndtri(_even(0)) * spread)


@dataclass(frozen=True)
class Futures:
    """Amounts won in each drawn future.

    Attributes
    ----------
    groups : array of (groups, draws)
        By the last day, per group.
    days : array of (days, draws)
        By each day, of all groups together.
    """

    groups: Floats
    days: Floats


def futures(deals: Deals, spread: float, groups: Codes | None = None, count: int = 1) -> Futures:
    """Draw the open deals.

    Parameters
    ----------
    deals
        The open deals.
    spread
        Standard deviation of what all deals share, in log odds.
    groups, count
        The group of each deal, 0 … ``count`` − 1; without it all are one group.
    """
    codes = np.zeros(len(deals.keys), dtype=np.intp) if groups is None else groups
    last = deals.chances.shape[1] - 1
    found = Futures(np.zeros((count, DRAWS)), np.zeros((last + 1, DRAWS)))
    amount = np.nan_to_num(deals.amount)
    final = deals.chances[:, -1]
    matter = np.flatnonzero((amount != 0) & (final > _LEAST))
    if len(matter) == 0:
        return found
    weight = amount[matter] ** 2 * final[matter] * (1 - final[matter])
    order = np.argsort(-weight, kind="stable")
    single, rest = matter[order[:ONE_BY_ONE]], matter[order[ONE_BY_ONE:]]
    luck = shared_luck(spread)
    # A chance is the mean over all futures; at the middle one it lies further from one half.
    steep = np.sqrt(1 + _PROBIT * spread**2)
    own = _logit(_uniform(deals.keys[single])) - luck.astype(np.float32)
    too_early = None if deals.before is None else own < _bounds(deals.before, single, steep)[:, None]
    for day in range(last + 1):
        won = own < _bounds(deals.chances[:, day], single, steep)[:, None]
        if too_early is not None:
            won &= ~too_early
        found.days[day] += amount[single] @ won
        if day == last and count == 1:
            found.groups[0] += found.days[day]
        elif day == last:
            share = np.zeros((count, len(single)))
            share[codes[single], np.arange(len(single))] = amount[single]
            found.groups[:] += share @ won.astype(np.float64)
    if len(rest):
        together = np.zeros(len(rest), dtype=np.intp)
        for day in range(last + 1):
            found.days[day] += _many(deals, rest, day, luck, steep, together, 1)[0]
        if count == 1:
            found.groups[0] = found.days[last]
        else:
            found.groups[:] += _many(deals, rest, last, luck, steep, codes[rest], count)
    return found


def coming(business: Coming) -> Floats:
    """Amounts of business not yet created in each drawn future, one row per day.

    A gamma distribution of that mean and variance: never below nothing, and now and then much.
    """
    even = _even(1)
    mean, variance = np.maximum(business.mean, 0.0), np.maximum(business.variance, 1e-12)
    shape = np.maximum(mean**2 / variance, 1e-3)
    found: Floats = scipy.special.gammaincinv(shape[:, None], even[None, :]) * (mean / shape)[:, None]
    return np.where(mean[:, None] > 0, found, 0.0)


def quantiles(sums: Floats) -> Floats:
    """P10, P50 and P90 along the drawn futures: an array of (rows, 3)."""
    return np.asarray(np.quantile(np.atleast_2d(sums), QUANTILES, axis=1).T, dtype=np.float64)


def _many(deals: Deals, rest: Codes, day: int, luck: Floats, steep: float, group: Codes, count: int) -> Floats:
    """Sums of many deals that each matter little: normal, around the mean that the shared luck gives."""
    nodes = np.linspace(float(luck.min()), float(luck.max()) + 1e-9, _NODES)
    amount = np.nan_to_num(deals.amount)[rest]
    place = _bounds(deals.chances[:, day], rest, steep)
    early = _bounds(deals.before, rest, steep)
    found = np.empty((count, DRAWS))
    means, spreads = np.empty((_NODES, count)), np.empty((_NODES, count))
    for at, move in enumerate(nodes):
        chance = sigmoid(place + move)
        if deals.before is not None:
            chance = np.maximum(chance - sigmoid(early + move), 0.0)
        means[at] = np.bincount(group, chance * amount, count)
        spreads[at] = np.bincount(group, chance * (1 - chance) * amount**2, count)
    for one in range(count):
        noise = scipy.special.ndtri(_even(2 + one))
        mean, variance = np.interp(luck, nodes, means[:, one]), np.interp(luck, nodes, spreads[:, one])
        found[one] = np.maximum(mean + noise * np.sqrt(variance), 0.0)
    return found


def _bounds(chances: Floats | None, rows: Codes, steep: float) -> npt.NDArray[np.float32]:
    """Log odds of chances at the middle future, below which a deal's own number must lie to be won."""
    if chances is None:
        return np.zeros(len(rows), dtype=np.float32)
    return (_logit(np.clip(chances[rows], 1e-7, 1 - 1e-7)) * steep).astype(np.float32)


def _uniform(keys: Keys) -> npt.NDArray[np.float32]:
    """One number between 0 and 1 per key and future, always the same for the same key (SplitMix64 as a hash)."""
    with np.errstate(over="ignore"):
        mixed = keys.astype(np.uint64)[:, None] * np.uint64(0x9E3779B97F4A7C15) + (
            np.arange(DRAWS, dtype=np.uint64) * np.uint64(0xD1B54A32D192ED03) + np.uint64(_SEED)
        )
        mixed ^= mixed >> np.uint64(30)
        mixed *= np.uint64(0xBF58476D1CE4E5B9)
        mixed ^= mixed >> np.uint64(27)
        mixed *= np.uint64(0x94D049BB133111EB)
        mixed ^= mixed >> np.uint64(31)
    share = (mixed >> np.uint64(40)).astype(np.float32)
    share += np.float32(0.5)
    share *= np.float32(2.0**-24)
    return share


def _even(stream: int) -> Floats:
    """Numbers evenly spread between 0 and 1 in a random order, another one per stream."""
    order = np.random.default_rng([_SEED, stream]).permutation(DRAWS)
    return np.asarray((order + 0.5) / DRAWS, dtype=np.float64)


def _logit(share: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    found: npt.NDArray[np.floating] = np.log(share) - np.log1p(-share)
    return found
