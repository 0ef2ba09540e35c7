"""Invented frames for the charts of the forecast."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd

from tas_analytics.charts import chance_curve, chance_map, fan, reliability, signed_bars

AS_OF = dt.date(2026, 11, 16)


def futures() -> pd.DataFrame:
    days = [AS_OF + dt.timedelta(days=7 * week) for week in range(6)] + [dt.date(2026, 12, 31)]
    return pd.DataFrame(
        {
            "day": days,
            "p10": [3.2e6 + 0.35e6 * week for week in range(7)],
            "p50": [3.2e6 + 0.6e6 * week for week in range(7)],
            "p90": [3.2e6 + 0.9e6 * week for week in range(7)],
        }
    )


def earlier() -> pd.DataFrame:
    return futures().assign(day=[AS_OF - dt.timedelta(days=7 * week) for week in range(7)])


def won() -> pd.DataFrame:
    return pd.DataFrame({"day": [dt.date(2026, 10, 1), AS_OF], "won": [0.0, 3.2e6]})


def chances() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "id": [f"D{i}" for i in range(6)],
            "name": ["Yearin <b>", "Cheers & $ons", "Zotware", "Conecom", "No date", "No amount"],
            "amount": [1.4e6, 1.3e6, 2e5, 1e5, 5e4, None],
            "close_date": [
                *pd.to_datetime(["2026-11-30", "2026-12-18", "2026-10-01", "2027-05-01", "NaT", "2026-12-31"])
            ],
            "chance": [0.62, 0.31, 0.05, 0.9, 0.4, 0.2],
            "meaning": ["commit", "best", "risk", "open", "open", "best"],
            "detail": ["Ann <b>, Proof"] * 6,
        }
    )


def curve() -> pd.DataFrame:
    won = [0.0, 0.2, 0.35, 0.5, 0.62]
    return pd.DataFrame(
        {
            "day": [AS_OF + dt.timedelta(days=14 * step) for step in range(5)], "won": won,
            "low": [share * 0.9 for share in won], "high": [share * 1.1 for share in won],
            "lost": [share * 0.3 for share in won], "supposed": [share * 1.2 for share in won],
        }
    )  # fmt: skip


def parts() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "key": ["stage", "age", "rest"], "label": ["Stage", "Age", "All else together"],
            "detail": ["Proof <b>", "259 days", ""], "value": [23.0, -7.4, 0.4],
        }
    )  # fmt: skip


def bands() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "bin": [0, 3, 8], "deals": [490, 161, 13], "predicted": [0.06, 0.35, 0.92], "actual": [0.09, 0.37, 0.85],
            "low": [0.07, 0.3, 0.58], "high": [0.12, 0.45, 0.96],
        }
    )  # fmt: skip


def figures() -> dict[str, Any]:
    quarter = (dt.date(2026, 10, 1), dt.date(2026, 12, 31))
    marks = {dt.date(2026, 12, 11): "planned close", dt.date(2026, 12, 31): "Q4 ends"}
    return {
        "chance_curve": chance_curve.chance_curve(curve(), marks=marks),
        "signed_bars": signed_bars.signed_bars(parts()),
        "reliability": reliability.reliability(bands()),
        "fan": fan.fan(futures(), period=quarter, won=won(), said=earlier(), target=8.7e6),
        "chance_map": chance_map.chance_map(chances(), as_of=AS_OF, until=quarter[1], selected="D1"),
    }
