"""The score by date on public data, day by day: printed, never asserted. ``make bench`` runs it.

Protocol: what was known on a day is loaded on its own (a single export, later ends taken back, or a history of stages
until the day), and the score is held against what happened in the days that followed. Beside it the share won of past
windows and that by age.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pytest

from tas_analytics.forecast import fitted
from tas_analytics.forecast.baselines import answer
from tas_analytics.ingest.loading.loader import load
from tas_analytics.ingest.planning.plan import Options, prepare
from tas_analytics.metrics.company import Company
from tas_analytics.store.database import Store
from tests.conftest import public_folder
from tests.metrics import rawfiles
from tests.perf.learners import auc

pytestmark = pytest.mark.bench

BESIDE: Final = ("base_rate", "age")


@dataclass(frozen=True)
class Export:
    """A single export of a public set: the file, and how its columns are called."""

    file: str
    key: str
    created: str
    closed: str
    stage: str
    won: str
    ends: tuple[str, ...]
    #: What was filled in or changed after the day.
    late: tuple[str, ...]
    first: str
    last: str
    beside: tuple[str, ...] = ()


EXPORTS: Final = {
    "maven": Export(
        "maven_crm/sales_pipeline.csv", "opportunity_id", "engage_date", "close_date", "deal_stage", "Won",
        ("Won", "Lost"), ("close_value",), "2017-06-01", "2017-10-01",
        ("accounts.csv", "products.csv", "sales_teams.csv"),
    ),
    "olga": Export(
        "olga_pipeline/opportunities.csv", "opportunity_id", "created_date", "close_date", "stage", "Closed Won",
        ("Closed Won", "Closed Lost"),
        ("amount", "sales_cycle_days", "close_date_pushed", "loss_reason", "lost_at_stage", "is_won", "is_closed"),
        "2025-07-01", "2026-04-01",
    ),
    "variant": Export(
        "maven_variant_messy/sales_pipeline.csv", "opportunity_id", "created_on", "close_date", "deal_stage", "Won",
        ("Won", "Lost"), ("close_value",), "2017-06-01", "2017-10-01",
        ("accounts.csv", "products.csv", "sales_teams.csv"),
    ),
    "qichao": Export(
        "qichao_crm/crm_deals.csv", "deal_id", "created_date", "close_date", "stage", "Closed Won",
        ("Closed Won", "Closed Lost"), ("acv", "days_in_pipeline", "deal_score", "num_touches", "forecast_category"),
        "2023-03-01", "2024-01-01",
    ),
}  # fmt: skip


def _file(name: str) -> Path:
    path = public_folder() / name
    if not path.exists():
        pytest.skip(f"the public data sets have no {name}")
    return path


def _store(path: Path, files: list[tuple[str, str | None, bytes]], day: dt.date) -> Store:
    store = Store.open(path)
    load(store, [prepare(text, name, Options(as_table=table, as_of=day)) for name, table, text in files], user="bench")
    return store


def _judge(store: Store, day: dt.date, ahead: int, ends: pd.DataFrame) -> dict[str, float]:
    """The score of a day against ``ends``: ``ended`` and ``won`` by ID."""
    until = day + dt.timedelta(days=ahead)
    model = fitted.fit(store, Company.of(store), day)
    said = model.curve([until]).won[:, 0]
    known = ends.reindex(model.rows["opportunity_id"])
    within = (known["ended"] > pd.Timestamp(day)) & (known["ended"] <= pd.Timestamp(until))
    won = (known["won"].fillna(False).astype(bool) & within).to_numpy()
    found = {"deals": len(won), "won": won.sum(), "brier": ((said - won) ** 2).mean()}
    found |= {"ratio": said.sum() / max(won.sum(), 1), "auc": auc(won, said)}
    for key in BESIDE:
        told = answer(key, model.read(), model.rows, [ahead]).won[:, 0]
        found |= {f"{key} brier": ((told - won) ** 2).mean(), f"{key} ratio": told.sum() / max(won.sum(), 1)}
    return found


def _print(name: str, ahead: int, rows: dict[dt.date, dict[str, float]]) -> None:
    table = pd.DataFrame(rows).T
    print(f"\n{name}, {ahead} days ahead\n{table.round(4).to_string()}")
    weights = table["deals"]
    briers = {key: round(float(np.average(table[key], weights=weights)), 4) for key in table if "brier" in str(key)}
    foreseen = float((table["ratio"] * table["won"]).sum() / table["won"].sum())
    print(f"all days: {briers}, predicted ÷ actual {foreseen:.3f}, AUC {table['auc'].mean():.3f}")


@pytest.mark.parametrize("name", EXPORTS)
def test_a_single_export(tmp_path: Path, name: str) -> None:
    one = EXPORTS[name]
    path = _file(one.file)
    table = rawfiles.read(path)
    table = table[table[one.created].notna()]
    closed = table[one.stage].isin(one.ends)
    ended = pd.to_datetime(table[one.closed]).where(closed)
    ends = pd.DataFrame({"ended": ended, "won": table[one.stage] == one.won}).set_axis(table[one.key])
    rows = {}
    for day in (stamp.date() for stamp in pd.date_range(one.first, one.last) if stamp.day in (1, 15)):
        known = table[pd.to_datetime(table[one.created]) <= pd.Timestamp(day)]
        later = ~(ended.reindex(known.index) <= pd.Timestamp(day))
        known = known.assign(
            **{one.stage: known[one.stage].mask(later, "Open"), one.closed: known[one.closed].mask(later)}
        ).drop(columns=list(one.late))
        beside: list[tuple[str, str | None, bytes]] = [
            (file, None, path.with_name(file).read_bytes()) for file in one.beside
        ]
        export = (path.name, "opportunities", known.to_csv(index=False).encode())
        store = _store(tmp_path / f"{day}.duckdb", [*beside, export], day)
        rows[day] = _judge(store, day, 90, ends)
        store.close()
    _print(name, 90, rows)


def test_a_history_of_stages(tmp_path: Path) -> None:
    """Helixcore's leads taken for deals, 30 days ahead."""
    told = rawfiles.dated(_file("helixcore_stage_history/funnel_stage_history.csv"), "entered_at")
    leads = rawfiles.read(_file("helixcore_stage_history/leads.csv"))
    told = told.sort_values("entered_at", kind="stable")
    last = told.groupby("lead_id").tail(1).set_index("lead_id")["stage"]
    deals = leads.assign(stage=leads["lead_id"].map(last)).dropna(subset=["stage"])
    deals = deals.rename(
        columns={"lead_id": "opportunity_id", "created_at": "created_date", "expected_mrr_usd": "amount"}
    )
    columns = [
        "opportunity_id", "stage", "amount", "created_date", "segment", "country", "channel", "company_size_band",
        "buyer_role",
    ]  # fmt: skip
    moves = told.rename(columns={"lead_id": "opportunity_id", "entered_at": "changed_at"})
    first = ["New", "Attempted", "Contacted", "Working"]
    counts = told["stage"].value_counts().index
    is_open = [*first, *(name for name in counts if name not in first and not name.startswith("Closed"))]
    closed = sorted(name for name in counts if name.startswith("Closed"))
    status = ["open"] * len(is_open) + ["won" if "Won" in name else "lost" for name in closed]
    stages = pd.DataFrame({"stage": [*is_open, *closed], "status": status, "probability": 0.5})
    stages["position"] = np.arange(len(stages)) + 1
    day = told["entered_at"].max().date() + dt.timedelta(days=1)
    files = {
        "stages": stages, "opportunities": deals[columns], "history": moves[["opportunity_id", "stage", "changed_at"]],
    }  # fmt: skip
    texts: list[tuple[str, str | None, bytes]] = [
        (f"{name}.csv", name, frame.to_csv(index=False).encode()) for name, frame in files.items()
    ]
    store = _store(tmp_path / "helix.duckdb", texts, day)
    end = told[told["stage"].isin(closed)].groupby("lead_id").tail(1).set_index("lead_id")
    ends = pd.DataFrame({"ended": end["entered_at"].dt.normalize(), "won": end["stage"] == "Closed Won"})
    _print(
        "helixcore",
        30,
        {one: _judge(store, one, 30, ends) for one in (dt.date(2026, month, 1) for month in (4, 5, 6, 7))},
    )
    store.close()
