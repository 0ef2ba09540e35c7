"""How sure a rate is: intervals after Wilson, and after Newcombe for the difference of two rates."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Final

#: The confidence that a claim needs.
CONFIDENCE: Final = 0.95


def wilson(hits: int, cases: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """The interval of a rate after Wilson (1927); everything is possible without cases.

    Examples
    --------
    >>> [round(end, 3) for end in wilson(15, 20)]
    [0.531, 0.888]
    """
    if cases <= 0:
        return 0.0, 1.0
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    share, spread = hits / cases, z * z / cases
    middle = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * math.sqrt(share * (1 - share) / cases + spread / (4 * cases))
    return max(middle - half, 0.0), min(middle + half, 1.0)


def difference(
    hits: int, cases: int, other_hits: int, other_cases: int, confidence: float = CONFIDENCE, claims: int = 1
) -> tuple[float, float]:
    """The interval of a rate minus another one, after Newcombe (1998, method 10).

    Parameters
    ----------
    hits, cases, other_hits, other_cases
        The two rates.
    confidence
        Of the claim as a whole.
    claims
        How many differences were looked at to find this one: each is then held to a stricter test (Bonferroni).

    Examples
    --------
    >>> [round(end, 3) for end in difference(56, 70, 48, 80)]
    [0.052, 0.334]
    """
    if cases <= 0 or other_cases <= 0:
        return -1.0, 1.0
    strict = 1 - (1 - confidence) / max(claims, 1)
    low, high = wilson(hits, cases, strict)
    other_low, other_high = wilson(other_hits, other_cases, strict)
    share, other = hits / cases, other_hits / other_cases
    return (
        share - other - math.hypot(share - low, other_high - other),
        share - other + math.hypot(high - share, other - other_low),
    )
