"""What a model has learnt, kept in a folder beside the store, so that a new process need not learn it again.

A model is taken up only where the store's contents and this program are the very ones that it was learnt with: its name
holds the token that each commit renews and a fingerprint of the code. The file is numbers and JSON and runs nothing;
what cannot be read is learnt anew.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import logging
import os
import zipfile
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from tas_analytics.forecast.by_date import ByDate
from tas_analytics.forecast.cohorts import Cohorts
from tas_analytics.forecast.columns import Encoding
from tas_analytics.forecast.features import Features
from tas_analytics.forecast.history import Past
from tas_analytics.forecast.leaks import Finding
from tas_analytics.forecast.moments import Part
from tas_analytics.forecast.proof import Proof
from tas_analytics.forecast.scorecard import Scorecard
from tas_analytics.forecast.shelf import files_of, folder_of
from tas_analytics.forecast.spread import Spread
from tas_analytics.store.database import Store

_LOG: Final = logging.getLogger(__name__)
#: Models of one store that are kept, one per reach.
_FILES: Final = 3
#: Rooms whose code settles what a model learns.
_ROOMS: Final = ("forecast", "metrics", "method", "store")
_PARTS: Final = ("closing", "winning")


@dataclass(frozen=True)
class Learnt:
    """A model, by how much past windows move it, and what they prove."""

    model: ByDate
    shifts: dict[int, tuple[float, float]]
    proofs: dict[int, Proof]


def keep(store: Store, token: str, as_of: dt.date, reach: int, learnt: Learnt) -> None:
    """Keep a model that was learnt while the store had that token; where nothing can be written, nothing is kept."""
    place = folder_of(store.path)
    target = place / _name(token, as_of, reach)
    partial = target.with_suffix(f".{os.getpid()}")
    try:
        place.mkdir(mode=0o700, exist_ok=True)
        with partial.open("wb") as file:
            np.savez(file, allow_pickle=False, **_arrays(learnt))
        partial.replace(target)
        for old in files_of(store.path)[_FILES:]:
            old.unlink(missing_ok=True)
    except OSError as error:
        _LOG.info("The forecast of %s is not kept: %s", store.path.name, error)
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def recall(store: Store, as_of: dt.date, reach: int) -> Learnt | None:
    """The model of a day as it was learnt from the store's present contents; None where it is not kept.

    ``model`` has no history: who needs it gives it one.
    """
    path = folder_of(store.path) / _name(store.content_token, as_of, reach)
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return _learnt({name: arrays[name] for name in arrays.files})
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, IndexError, EOFError, zipfile.BadZipFile) as error:
        _LOG.warning("The kept forecast %s cannot be read and is learnt anew: %s", path.name, error)
        return None


def _name(token: str, as_of: dt.date, reach: int) -> str:
    mark = hashlib.sha256(f"{token} {as_of} {reach} {_code()}".encode()).hexdigest()
    return f"{mark[:32]}.npz"


@cache
def _code() -> str:
    """A fingerprint of the code that learns, and of the library that computes."""
    root = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256(np.__version__.encode())
    for room in _ROOMS:
        for file in sorted((root / room).rglob("*")):
            if file.suffix in {".py", ".sql", ".toml"}:
                digest.update(file.name.encode())
                digest.update(file.read_bytes())
    return digest.hexdigest()


def _arrays(learnt: Learnt) -> dict[str, Any]:
    model, arrays = learnt.model, {}
    told: dict[str, Any] = {
        "past": asdict(model.past) | {"refused": [asdict(one) for one in model.past.refused]},
        "counts": [model.won, model.lost, model.steps, model.reach],
        "cohorts": [model.cohorts.last, model.cohorts.factors.tolist()],
        "shifts": [[length, *pair] for length, pair in learnt.shifts.items()],
        "proofs": [asdict(one) for one in learnt.proofs.values()],
    }
    for name in _PARTS:
        part: Part = getattr(model, name)
        spread = part.card.spread
        told[name] = {
            "base": part.card.base,
            "against": part.against,
            "columns": [[one.column, one.kind, one.cells, one.levels, one.less] for one in part.features.encodings],
            "places": None if spread is None else [[at, int(b), int(n)] for at, (b, n) in spread.places.items()],
        }
        arrays[f"{name} strengths"] = part.card.strengths
        if spread is not None:
            arrays[f"{name} covariance"] = spread.covariance
        for at, one in enumerate(part.features.encodings):
            arrays[f"{name} edges {at}"] = one.edges
            arrays[f"{name} points {at}"] = part.card.points[at]
    return arrays | {"told": np.array(json.dumps(told, default=str))}


def _learnt(arrays: dict[str, Any]) -> Learnt:
    told = json.loads(str(arrays["told"]))
    past = told["past"]
    days = [None if past[name] is None else dt.date.fromisoformat(past[name]) for name in ("first_day", "last_day")]
    refused = tuple(Finding(**one) for one in past["refused"])
    won, lost, steps, reach = told["counts"]
    model = ByDate.of(
        Past(past["step"], past["first_month"], refused, past["looks"], *days),
        won,
        lost,
        steps,
        reach,
        _part("closing", told["closing"], arrays),
        _part("winning", told["winning"], arrays),
        Cohorts(told["cohorts"][0], np.array(told["cohorts"][1], dtype=np.float64)),
    )
    return Learnt(
        model,
        {int(length): (won, lost) for length, won, lost in told["shifts"]},
        {one["length"]: Proof(**one) for one in told["proofs"]},
    )


def _part(name: str, told: dict[str, Any], arrays: dict[str, Any]) -> Part:
    encodings = tuple(
        Encoding(column, kind, cells, arrays[f"{name} edges {at}"], tuple(levels), less)
        for at, (column, kind, cells, levels, less) in enumerate(told["columns"])
    )
    points = tuple(arrays[f"{name} points {at}"] for at in range(len(encodings)))
    places = told["places"]
    spread = None
    if places is not None:
        spread = Spread(arrays[f"{name} covariance"], {at: (begin, size) for at, begin, size in places})
    card = Scorecard(told["base"], points, arrays[f"{name} strengths"], spread)
    return Part(Features(encodings), card, None, tuple(told["against"]))
