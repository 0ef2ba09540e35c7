"""Where common sense settles the sense of an effect: achieving a milestone never lowers a score on its own account.

Points that run the other way are levelled (the nearest run in the right sense, by least squares), and where much had to
be levelled it is said: the data say otherwise.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from tas_analytics.forecast.columns import Codes, Floats
from tas_analytics.forecast.features import Features
from tas_analytics.forecast.scorecard import Scorecard

#: Columns whose effect has a sense: 1 for the more the better, −1 for the more the worse.
SENSE: Final = {
    "milestones achieved": 1,
    "days since milestone": -1,
    "milestones overdue": -1,
    "assessment balance": 1,
}
#: Blank here means that there was none yet, which is no better than one just now.
_NONE_YET: Final = frozenset({"days since milestone"})
#: Log odds that are levelled on average, from which on it is told.
_TOLD: Final = 0.1


def held(card: Scorecard, features: Features, codes: list[Codes], weights: Floats) -> tuple[Scorecard, tuple[str, ...]]:
    """The scorecard with effects in their sense, and the columns of which the data say otherwise."""
    points, base, against = list(card.points), card.base, []
    for place, one in enumerate(features.encodings):
        sense = SENSE.get(str(one.column))
        own = points[place]
        if sense is None or one.kind != "number" or not own.any():
            continue
        counts: Floats = np.maximum(np.bincount(codes[place], weights, len(own)), 1e-6)
        level = own.copy()
        level[1:] = sense * _ascending(sense * own[1:], counts[1:])
        if one.column in _NONE_YET:
            level[0] = min(level[0], level[1])
        if counts @ np.abs(level - own) > _TOLD * counts.sum():
            against.append(str(one.column))
        middle = float(level @ counts / counts.sum())
        points[place] = level - middle
        base += middle
    return replace(card, base=base, points=tuple(points)), tuple(against)


def _ascending(values: Floats, weights: Floats) -> Floats:
    """The nearest ascending run: neighbours that fall are pooled."""
    blocks: list[list[float]] = []
    for value, weight in zip(values.tolist(), weights.tolist(), strict=True):
        blocks.append([value, weight, 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            value_after, weight_after, count_after = blocks.pop()
            total = blocks[-1][1] + weight_after
            blocks[-1] = [
                (blocks[-1][0] * blocks[-1][1] + value_after * weight_after) / total,
                total,
                blocks[-1][2] + count_after,
            ]
    return np.repeat([value for value, _, _ in blocks], [int(count) for _, _, count in blocks])
