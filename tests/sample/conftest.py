"""The sample's tables and exports, each read once."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from tests.sample.raw import AS_OF, SAMPLE, Facts, quarters, read_report, read_table, to_usd


@pytest.fixture(scope="session")
def facts() -> Facts:
    loaded: Facts = json.loads((SAMPLE / "facts.json").read_text("utf-8"))
    return loaded


@pytest.fixture(scope="session")
def people() -> pd.DataFrame:
    return read_table("people")


@pytest.fixture(scope="session")
def exports(people: pd.DataFrame) -> dict[pd.Timestamp, pd.DataFrame]:
    """All exports with the value in USD, the quarter of the close date, and the owner's team and region."""
    rates = read_table("rates").assign(
        date=lambda t: pd.to_datetime(t["date"]).astype("datetime64[ns]"), rate=lambda t: t["rate"].astype(float)
    )
    places = people[["person", "team", "region"]].rename(columns={"person": "Opportunity Owner"})
    result: dict[pd.Timestamp, pd.DataFrame] = {}
    for path in sorted((SAMPLE / "opportunities").iterdir()):
        day = pd.Timestamp(path.stem.split("_")[1])
        frame = read_report(path).merge(places, on="Opportunity Owner", how="left")
        frame["valued"] = frame["Close Date"].where(frame["Close Date"] <= day, day).astype("datetime64[ns]")
        frame = pd.merge_asof(frame.sort_values("valued", kind="stable"), rates, left_on="valued", right_on="date")
        frame["usd"] = to_usd(frame)
        frame["quarter"] = quarters(frame["Close Date"])
        frame["day"] = day
        result[day] = frame
    return result


@pytest.fixture(scope="session")
def last(exports: dict[pd.Timestamp, pd.DataFrame]) -> pd.DataFrame:
    return exports[AS_OF]


@pytest.fixture(scope="session")
def steps(exports: dict[pd.Timestamp, pd.DataFrame]) -> pd.DataFrame:
    """Every deal's pairs of consecutive exports that list it: the earlier one's values end in ``_0``."""
    every = pd.concat(exports.values()).sort_values(["Opportunity ID", "day"], ignore_index=True)
    before = every.groupby("Opportunity ID")[["Stage", "open", "quarter", "Last Stage Change Date"]].shift()
    return every.join(before.add_suffix("_0"))


@pytest.fixture(scope="session")
def seller_targets(people: pd.DataFrame) -> pd.DataFrame:
    targets = read_table("targets").merge(people, on="person")
    targets["amount"] = targets["amount"].astype(float)
    return targets[~targets["person"].isin(set(people["manager"]))]
