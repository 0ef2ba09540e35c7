"""Stores of a few rows, loaded through the import as a user's files are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

from tas_analytics.ingest.loading.loader import load
from tas_analytics.ingest.planning.plan import Options, prepare
from tas_analytics.store.database import Store, set_setting

STAGES = """stage,position,probability,status,planned_days
Talk,1,0.25,open,30
Offer,2,0.5,open,30
Won,3,1,won,
Lost,4,0,lost,
"""


def store_of(path: Path, files: Mapping[str, str], *, settings: Mapping[str, str] | None = None) -> Store:
    """A new store with those files; ``opportunities_2026-01-31.csv`` is the export of that day."""
    store = Store.open(path)
    with store.transaction() as cursor:
        for name, value in (settings or {}).items():
            set_setting(cursor, name, value)
    prepared = []
    for name, text in {"stages.csv": STAGES, **files}.items():
        table, _, day = name.removesuffix(".csv").rpartition("_")
        dated = day[:1].isdigit()
        options = Options(
            as_table=table if dated else name.removesuffix(".csv"), as_of=dt.date.fromisoformat(day) if dated else None
        )
        prepared.append(prepare(text.encode(), name, options))
    load(store, prepared, user="test")
    return store
