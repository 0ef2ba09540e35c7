"""The sample's CSV files as frames, read with pandas alone; nothing is taken from the generator's own modules."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pandas as pd

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "data" / "sample"
AS_OF = pd.Timestamp(2026, 11, 16)
START = pd.Timestamp(2026, 6, 30)
OPEN = ["Qualify", "Develop", "Solution", "Proof", "Close"]
REGIONS = ["North America", "EMEA", "APAC"]
HEADER = [
    "Opportunity ID", "Opportunity Name", "Account Name", "Opportunity Owner", "Stage", "Amount", "Amount Currency",
    "Probability (%)", "Close Date", "Created Date", "Last Stage Change Date", "Type", "Lead Source",
    "Forecast Category", "Product Name", "Next Step", "Last Activity", "Loss Reason",
]  # fmt: skip
DATES = ["Close Date", "Created Date", "Last Stage Change Date", "Last Activity"]
Facts = dict[str, Any]


def read_report(path: Path) -> pd.DataFrame:
    """One export: the rows above the blank line, dates, amounts and probabilities read."""
    rows = list(csv.reader(path.read_text("utf-8").splitlines()))
    body = rows[1 : rows.index([])]
    assert rows[0] == HEADER
    assert {len(row) for row in body} == {len(HEADER)}
    frame = pd.DataFrame(body, columns=HEADER)
    for column in DATES:
        frame[column] = pd.to_datetime(frame[column].where(frame[column] != ""), format="%m/%d/%Y")
    frame["Amount"] = frame["Amount"].str.replace(",", "").astype(float)
    frame["Probability (%)"] = frame["Probability (%)"].astype(int)
    frame["open"] = frame["Stage"].isin(OPEN)
    return frame


def read_table(name: str) -> pd.DataFrame:
    with (SAMPLE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file))
    return pd.DataFrame(rows, columns=header)


def quarters(dates: pd.Series[pd.Timestamp]) -> pd.Series[str]:
    return dates.dt.year.astype(str) + "Q" + dates.dt.quarter.astype(str)


def to_usd(frame: pd.DataFrame) -> pd.Series[float]:
    """Amount × rate, each rounded to the cent, half a cent up; computed in whole numbers, so exactly."""
    cents = (frame["Amount"] * 100).round().astype("int64")
    ten_thousandths = (frame["rate"].where(frame["Amount Currency"] == "EUR", 1.0) * 10_000).round().astype("int64")
    return (cents * ten_thousandths + 5_000) // 10_000 / 100
