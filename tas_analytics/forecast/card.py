"""The fitted model as a card that people read and programs can compute with: plain JSON, nothing that runs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

import numpy as np

from tas_analytics import __version__
from tas_analytics.forecast.fitted import Fitted
from tas_analytics.forecast.moments import MOVING, Part

#: How the parts make a score.
_HOW: Final = (
    "Steps follow each other from the day on. In each, the chance to close is 1 / (1 + exp(-x)) of the closing part, "
    "and the chance to be won, if it closes then, that of the winning part; x is the base plus the points of each "
    "column. A column of numbers has points for blank and for its bins, which end at the edges; one of words for "
    "blank, for its levels, and for all others. P(won by a day) is the sum over steps of still open x closes x won. "
    "A deal of one of the cohorts, by the day it was created, has the chances of won and lost multiplied by its factor "
    "(where it is above 1, the odds of their sum). Shifts of the nearest lengths move its log odds. The stage table "
    "has the share prior_share."
)


def card(fitted: Fitted) -> dict[str, Any]:
    """The card of a fitted model: what it learnt from, how well it did, and every point of it."""
    past = fitted.model.past
    return {
        "program": f"tas-analytics {__version__}",
        "as_of": str(fitted.as_of),
        "learnt_from": {
            "won": fitted.won,
            "lost": fitted.lost,
            "first_day": None if past.first_day is None else str(past.first_day),
            "last_day": None if past.last_day is None else str(past.last_day),
            "looks": past.looks,
            "open_deals": len(fitted.rows),
        },
        "days_ahead": fitted.model.reach,
        "step_days": past.step,
        "prior_share": fitted.prior_share,
        "cohorts": fitted.model.cohorts.as_table(),
        "shifts": {str(length): {"won": won, "lost": lost} for length, (won, lost) in fitted.shifts.items()},
        "past_windows": [asdict(one) for one in fitted.proofs.values()],
        "refused": [{**asdict(one), "column": str(one.column)} for one in fitted.refused],
        "levelled": list(fitted.against),
        "how": _HOW,
        "closing": _part(fitted.model.closing),
        "winning": _part(fitted.model.winning),
    }


def _part(part: Part) -> dict[str, Any]:
    columns = []
    for one, own in zip(part.features.encodings, part.card.points, strict=True):
        entry: dict[str, Any] = {"column": str(one.column), "moves_with_time": one.column in MOVING}
        if one.kind == "number":
            entry["edges"] = np.asarray(one.edges).tolist()
        else:
            entry["levels"] = list(one.levels)
        columns.append(entry | {"points": np.round(own, 6).tolist()})
    return {"base": round(part.card.base, 6), "columns": columns}
