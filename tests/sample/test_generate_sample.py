"""The sample data: reproducible to the byte, valid, and of the shape that its README promises."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from tas_analytics.store import tables
from tests.sample.raw import AS_OF, OPEN, REGIONS, ROOT, SAMPLE, START, read_table

AWKWARD = [
    "Thornbury & Quillon Inc.", "O'Malleyford Dairy Ltd.", "Hollis, Wrede and Daughters LLC",
    "Dollar$mith Bottling Inc.", 'The "Old Kiln" Metals Co.', "Brandt <Nord> GmbH", "+Plusquell Energie AG",
    "Grünwälder Öfen & Söhne KG",
    "Star*Reef _Pacific_ Minerals Pty Ltd",
]  # fmt: skip


def test_a_new_run_writes_the_same_bytes(tmp_path: Path) -> None:
    script = ROOT / "data" / "generate_sample.py"
    environment = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "Pacific/Auckland", "LC_ALL": "C"}
    subprocess.run([sys.executable, str(script), "--out", str(tmp_path)], check=True, env=environment)
    written = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    committed = {path.relative_to(SAMPLE): path.read_bytes() for path in SAMPLE.rglob("*") if path.is_file()}
    assert sorted(written) == sorted(committed)
    assert [str(path) for path in written if written[path] != committed[path]] == []
    assert all(b"\r" not in content for content in committed.values())
    assert sum(map(len, committed.values())) < 12_000_000


@pytest.mark.parametrize(
    "name", ["accounts", "people", "products", "targets", "rates", "stages", "assessments", "competitors"]
)
def test_a_table_has_exactly_its_columns_and_no_key_twice(name: str) -> None:
    frame, table = read_table(name), tables.table(name)
    assert list(frame.columns) == [column.name for column in table.columns if column.name in frame.columns]
    assert not frame.duplicated([name for name in table.key if name in frame.columns]).any()
    for column in table.columns:
        assert not column.required or column.name == "person" or (frame[column.name] != "").all()


def test_there_is_an_export_at_mid_year_and_on_every_monday_since(exports: dict[pd.Timestamp, pd.DataFrame]) -> None:
    mondays = pd.date_range("2026-07-06", "2026-11-16", freq="W-MON")
    assert list(exports) == [START, *mondays]
    assert len(mondays) == 20


def test_an_export_looks_like_a_salesforce_report() -> None:
    for path in (SAMPLE / "opportunities").iterdir():
        text = path.read_text("utf-8")
        assert text.startswith('"Opportunity ID","Opportunity Name",')
        table, footer = text.split("\n\n")
        assert all(line.startswith('"') and line.endswith('"') for line in table.splitlines())
        assert "Copyright (c) 2000-2026 salesforce.com, inc. All rights reserved." in footer
        assert "Confidential Information - Do Not Distribute" in footer


def test_the_weekly_exports_list_open_and_recently_closed_deals(exports: dict[pd.Timestamp, pd.DataFrame]) -> None:
    for day, frame in exports.items():
        assert frame["Opportunity ID"].is_unique
        assert frame["Opportunity ID"].str.len().eq(18).all()
        if day not in (START, AS_OF):
            assert (frame["open"] | (frame["Close Date"] >= day - pd.Timedelta(days=120))).all()
        following = exports.get(day + pd.Timedelta(days=7))
        if following is not None:
            assert set(frame.loc[frame["open"], "Opportunity ID"]) <= set(following["Opportunity ID"])


def test_no_date_contradicts_another(exports: dict[pd.Timestamp, pd.DataFrame]) -> None:
    for day, frame in exports.items():
        closed = frame[~frame["open"]]
        assert (closed["Close Date"] <= day).all()
        assert (closed["Close Date"] >= closed["Created Date"]).all()
        assert (closed["Close Date"] == closed["Last Stage Change Date"]).all()
        assert frame["Last Stage Change Date"].between(frame["Created Date"], day).all()
        assert frame["Created Date"].between(pd.Timestamp(2025, 1, 1), day).all()
        assert frame["Last Activity"].dropna().between(frame["Created Date"].min(), day).all()
        assert not (frame["Last Activity"] < frame["Created Date"]).any()


def test_no_duration_is_negative(steps: pd.DataFrame) -> None:
    seen_before = steps[steps["Stage_0"].notna()]
    assert (seen_before["Last Stage Change Date"] >= seen_before["Last Stage Change Date_0"]).all()


def test_values_stay_in_their_domains(last: pd.DataFrame) -> None:
    assert set(last["Stage"]) == {*OPEN, "Won", "Lost"}
    assert set(last["Forecast Category"]) == {"Omitted", "Pipeline", "Best Case", "Commit", "Closed"}
    assert last["Lead Source"].nunique() == 6
    assert set(last["Type"]) == {"New business", "Expansion", "Renewal"}
    assert set(last["Amount Currency"]) == {"USD", "EUR"}
    assert set(last.loc[last["Amount Currency"] == "EUR", "region"].dropna()) == {"EMEA"}
    assert last["Amount"].between(10_000, 1_700_000).all()
    assert 70_000 < last["Amount"].median() < 110_000
    assert (last["Forecast Category"].eq("Closed") == last["Stage"].eq("Won")).all()
    assert (last["Loss Reason"].ne("") == last["Stage"].eq("Lost")).all()
    assert last["Probability (%)"].between(0, 100).all()
    blank = last.loc[last["open"], "Next Step"].eq("").mean()
    assert 0.05 < blank < 0.3


def test_only_the_planted_names_are_unknown(last: pd.DataFrame, people: pd.DataFrame) -> None:
    unknown_products = last[~last["Product Name"].isin(read_table("products")["product"])]
    unknown_accounts = last[~last["Account Name"].isin(read_table("accounts")["account"])]
    unknown_owners = set(last["Opportunity Owner"]) - set(people["person"])
    assert sorted(unknown_products["Product Name"]) == ["Calibration Care Plan", "FlowRA-Pro", "VibrelSense"]
    assert sorted(unknown_accounts["Account Name"]) == ["Fennimarsh Rivet Works Inc.", "Sablewold Yeast SAS"]
    assert unknown_owners == {"Corwin Applethwaite"}


def test_awkward_but_legal_names_occur_in_accounts_and_deals(last: pd.DataFrame) -> None:
    assert set(AWKWARD) <= set(read_table("accounts")["account"])
    assert set(AWKWARD) <= set(last["Account Name"])


def test_the_organisation_has_its_shape(people: pd.DataFrame) -> None:
    assert people["team"].replace("", pd.NA).nunique() == 5
    assert [region for region in people["region"].unique() if region] == REGIONS
    assert (people["manager"] == "").sum() == 1
    assert (~people["person"].isin(set(people["manager"]))).sum() == 24
    accounts = read_table("accounts")
    assert accounts["industry"].nunique() == 8
    assert set(accounts["segment"]) == {"Enterprise", "Mid-market", "Growth"}
    assert set(accounts["parent"]) - {""} <= set(accounts["account"])
    assert len(read_table("products")) == 12
    assert read_table("products")["family"].nunique() == 4


def test_a_managers_target_is_the_sum_of_the_team(people: pd.DataFrame, seller_targets: pd.DataFrame) -> None:
    targets = read_table("targets")
    sums = seller_targets.groupby(["period", "manager"])["amount"].sum()
    managers = targets[targets["person"].isin(set(people["manager"]))].set_index(["period", "person"])["amount"]
    assert len(managers) == 9 * 5
    assert sums.to_dict() == managers.astype(float).to_dict()


def test_rates_are_monthly_and_plausible() -> None:
    rates = read_table("rates")
    assert list(pd.to_datetime(rates["date"])) == list(pd.date_range("2025-01-01", "2026-11-01", freq="MS"))
    assert rates["rate"].astype(float).between(1.04, 1.18).all()
