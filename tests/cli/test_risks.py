"""`risks`: the deals at risk for people, for spreadsheets and for programs."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from tests.cli.conftest import Command, mentions_no_traceback

DEALS = """opportunity_id,name,owner,stage,amount,close_date,created_date
D1,=cmd|' /C calc'!A0,Ann,Qualify,100.10,2026-01-10,2025-12-01
D2,Fine,Ann,Qualify,200,2026-03-05,2026-02-01
"""


def test_deals_at_risk_in_every_format(tas: Command, tmp_path: Path) -> None:
    assert tas("risks").code == 2
    path = tmp_path / "opportunities_2026-02-02.csv"
    path.write_text(DEALS)
    assert tas("load", path).code == 0
    found = tas("risks", "--format", "json")
    assert found.code == 0
    answer = found.json
    assert (answer["period"], answer["open_deals"], answer["deals_at_risk"]) == ("2026Q1", 2, 1)
    assert answer["amount_at_risk"] == 100.10
    assert answer["deals"][0]["opportunity_id"] == "D1"
    assert {"code": "date_past", "rule": "Close date is past", "fact": "Due 10 Jan 2026, 23 days ago"} in (
        answer["deals"][0]["rules"]
    )
    assert {one["code"] for one in answer["not_checked"]} >= {"warnings", "score_fell"}
    rows = list(csv.DictReader(io.StringIO(tas("risks", "--format", "csv").out)))
    assert [row["opportunity_id"] for row in rows] == ["D1"]
    assert rows[0]["name"].startswith("'="), "no cell that a spreadsheet runs"
    text = tas("risks")
    assert "1 deal at risk, $100, each counted once" in text.out
    assert mentions_no_traceback(tas("risks", "--where", "owner=Nobody", "--scores"))
