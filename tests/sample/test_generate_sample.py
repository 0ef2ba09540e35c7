"""The sample data: reproducible to the byte, valid, and holding exactly the facts that its README promises.

Everything here is computed from the CSV files with pandas; nothing is taken from the generator's own modules.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tas_analytics.store import tables

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
AWKWARD = [
    "Thornbury & Quillon Inc.", "O'Malleyford Dairy Ltd.", "Hollis, Wrede and Daughters LLC",
    "Dollar$mith Bottling Inc.", 'The "Old Kiln" Metals Co.', "Brandt <Nord> GmbH", "+Plusquell Energie AG",
    "Grünwälder Öfen & Söhne KG",
    "Star*Reef _Pacific_ Minerals Pty Ltd",
]  # fmt: skip
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


@pytest.fixture(scope="module")
def facts() -> Facts:
    loaded: Facts = json.loads((SAMPLE / "facts.json").read_text("utf-8"))
    return loaded


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    return read_table("people")


@pytest.fixture(scope="module")
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
        frame["usd"] = frame["Amount"] * frame["rate"].where(frame["Amount Currency"] == "EUR", 1.0)
        frame["quarter"] = quarters(frame["Close Date"])
        frame["day"] = day
        result[day] = frame
    return result


@pytest.fixture(scope="module")
def last(exports: dict[pd.Timestamp, pd.DataFrame]) -> pd.DataFrame:
    return exports[AS_OF]


@pytest.fixture(scope="module")
def steps(exports: dict[pd.Timestamp, pd.DataFrame]) -> pd.DataFrame:
    """Every deal's pairs of consecutive exports that list it: the earlier one's values end in ``_0``."""
    every = pd.concat(exports.values()).sort_values(["Opportunity ID", "day"], ignore_index=True)
    before = every.groupby("Opportunity ID")[["Stage", "open", "quarter", "Last Stage Change Date"]].shift()
    return every.join(before.add_suffix("_0"))


@pytest.fixture(scope="module")
def seller_targets(people: pd.DataFrame) -> pd.DataFrame:
    targets = read_table("targets").merge(people, on="person")
    targets["amount"] = targets["amount"].astype(float)
    return targets[~targets["person"].isin(set(people["manager"]))]


def test_a_new_run_writes_the_same_bytes(tmp_path: Path) -> None:
    script = ROOT / "data" / "generate_sample.py"
    environment = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "Pacific/Auckland", "LC_ALL": "C"}
    subprocess.run([sys.executable, str(script), "--out", str(tmp_path)], check=True, env=environment)
    written = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    committed = {path.relative_to(SAMPLE): path.read_bytes() for path in SAMPLE.rglob("*") if path.is_file()}
    assert sorted(written) == sorted(committed)
    assert [str(path) for path in written if written[path] != committed[path]] == []
    assert all(b"\r" not in content for content in committed.values())
    assert sum(map(len, committed.values())) < 5_000_000


@pytest.mark.parametrize("name", ["accounts", "people", "products", "targets", "rates", "stages"])
def test_a_table_has_exactly_its_columns_and_no_key_twice(name: str) -> None:
    frame, table = read_table(name), tables.table(name)
    assert list(frame.columns) == [column.name for column in table.columns]
    assert not frame.duplicated(list(table.key)).any()
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


def test_counts(facts: Facts, last: pd.DataFrame, people: pd.DataFrame) -> None:
    assert facts["as_of"] == AS_OF.date().isoformat()
    assert facts["counts"] == {
        "deals": len(last),
        "open": int(last["open"].sum()),
        "won": int(last["Stage"].eq("Won").sum()),
        "lost": int(last["Stage"].eq("Lost").sum()),
        "past_due": int((last["open"] & (last["Close Date"] < AS_OF)).sum()),
        "accounts": len(read_table("accounts")),
        "people": len(people),
        "targets": len(read_table("targets")),
    }
    assert facts["counts"]["deals"] == 1200
    assert 200 <= facts["counts"]["open"] <= 260


def win_rate(rows: pd.DataFrame) -> Facts:
    won, lost = int(rows["Stage"].eq("Won").sum()), int(rows["Stage"].eq("Lost").sum())
    return {"won": won, "lost": lost, "rate": pytest.approx(won / (won + lost), abs=1e-6)}


def test_one_region_wins_clearly_less(facts: Facts, last: pd.DataFrame) -> None:
    found = facts["win_rate_by_region"]
    assert found == {region: win_rate(last[last["region"] == region]) for region in REGIONS}
    assert found["APAC"]["rate"] < 0.75 * min(found["EMEA"]["rate"], found["North America"]["rate"])


def test_partners_deals_win_about_twice_as_often(facts: Facts, last: pd.DataFrame) -> None:
    found, partner = facts["win_rate_by_source"], last["Lead Source"] == "Partner"
    assert found == {"Partner": win_rate(last[partner]), "All others": win_rate(last[~partner])}
    assert 1.8 < found["Partner"]["rate"] / found["All others"]["rate"] < 2.3


def test_solution_is_the_bottleneck(facts: Facts, steps: pd.DataFrame) -> None:
    order = {stage: at for at, stage in enumerate([*OPEN, "Won"])}
    moved = steps[steps["open_0"].eq(True) & steps["Stage"].ne(steps["Stage_0"])].copy()
    moved["from"] = moved["Stage_0"].map(order)
    moved["to"] = moved["Stage"].map(order)
    moved["days"] = (moved["Last Stage Change Date"] - moved["Last Stage Change Date_0"]).dt.days
    for at, stage in enumerate(OPEN):
        lost = set(moved.loc[moved["Stage"].eq("Lost") & moved["Stage_0"].eq(stage), "Opportunity ID"])
        passed = set(moved.loc[(moved["from"] <= at) & (moved["to"] > at), "Opportunity ID"]) - lost
        days = moved.loc[moved["Stage_0"].eq(stage) & (moved["to"] > moved["from"]), "days"]
        assert facts["stages"][stage] == {
            "passed": len(passed),
            "lost": len(lost),
            "rate": pytest.approx(len(passed) / (len(passed) + len(lost)), abs=1e-6),
            "advances": len(days),
            "p75_days": pytest.approx(days.quantile(0.75), abs=0.005),
        }
    found = facts["stages"]
    assert min(found, key=lambda stage: float(found[stage]["rate"])) == "Solution"
    assert max(found, key=lambda stage: int(found[stage]["lost"])) == "Solution"
    others = [found[stage]["p75_days"] for stage in OPEN if stage != "Solution"]
    assert found["Solution"]["p75_days"] > 2 * max(others)


def test_one_team_pushes_far_more(facts: Facts, steps: pd.DataFrame, people: pd.DataFrame) -> None:
    rows = steps.assign(pushed=steps["quarter_0"].notna() & (steps["quarter"] > steps["quarter_0"].fillna("9999Q9")))
    deals = rows.groupby("Opportunity ID").agg(team=("team", lambda team: team.iloc[-1]), seen_open=("open", "any"),
                                               pushes=("pushed", "sum"))  # fmt: skip
    teams = deals[deals["seen_open"]].groupby("team")["pushes"].agg(["size", "sum"])
    found = facts["pushes_by_team"]
    assert set(found) == set(people["team"]) - {""}
    for team, row in found.items():
        size, pushes = int(teams.loc[team, "size"]), int(teams.loc[team, "sum"])
        assert row == {"deals": size, "pushes": pushes, "per_deal": pytest.approx(pushes / size, abs=1e-6)}
    others = [row["per_deal"] for team, row in found.items() if team != "Americas West"]
    assert found["Americas West"]["per_deal"] > 2.5 * max(others)


def test_ten_deals_hold_about_forty_percent(facts: Facts, last: pd.DataFrame) -> None:
    amounts = last.loc[last["open"], "usd"]
    top = amounts.nlargest(10).sum()
    assert facts["concentration"] == {
        "open_usd": pytest.approx(amounts.sum(), abs=0.02),
        "top10_usd": pytest.approx(top, abs=0.02),
        "share": pytest.approx(top / amounts.sum(), abs=1e-6),
    }
    assert 0.36 < facts["concentration"]["share"] < 0.44


def test_a_third_of_the_third_quarter_slipped(
    facts: Facts, exports: dict[pd.Timestamp, pd.DataFrame], last: pd.DataFrame
) -> None:
    then = exports[START]
    due = then[then["open"] & (then["quarter"] == "2026Q3")]
    latest = due["Opportunity ID"].map(last.set_index("Opportunity ID")["Close Date"])
    slipped = due[latest > pd.Timestamp(2026, 9, 30)]
    assert facts["slip_2026Q3"] == {
        "due_deals": len(due),
        "due_usd": pytest.approx(due["usd"].sum(), abs=0.02),
        "slipped_deals": len(slipped),
        "slipped_usd": pytest.approx(slipped["usd"].sum(), abs=0.02),
        "rate": pytest.approx(slipped["usd"].sum() / due["usd"].sum(), abs=1e-6),
    }
    assert 0.30 < facts["slip_2026Q3"]["rate"] < 0.37


def test_coverage_is_about_two_and_short_in_one_region(
    facts: Facts, last: pd.DataFrame, seller_targets: pd.DataFrame
) -> None:
    found = facts["coverage_2026Q4"]
    inside = last[last["quarter"] == "2026Q4"]
    plan = seller_targets[seller_targets["period"] == "2026Q4"]
    assert set(found) == {"Total", *REGIONS}
    for region, row in found.items():
        rows = inside if region == "Total" else inside[inside["region"] == region]
        target = (plan if region == "Total" else plan[plan["region"] == region])["amount"].sum()
        won = rows.loc[rows["Stage"] == "Won", "usd"].sum()
        still_open = rows.loc[rows["open"], "usd"].sum()
        commit = rows.loc[rows["open"] & (rows["Forecast Category"] == "Commit"), "usd"].sum()
        assert row == {
            "target_usd": target,
            "won_usd": pytest.approx(won, abs=0.02),
            "open_usd": pytest.approx(still_open, abs=0.02),
            "commit_usd": pytest.approx(commit, abs=0.02),
            "coverage": pytest.approx(still_open / (target - won), abs=1e-6),
            "won_plus_commit_share": pytest.approx((won + commit) / target, abs=1e-6),
        }
    assert 1.8 < found["Total"]["coverage"] < 2.2
    assert 0.6 < found["Total"]["won_plus_commit_share"] < 0.7
    assert found["EMEA"]["coverage"] < 0.6 * min(found["North America"]["coverage"], found["APAC"]["coverage"])


def test_the_call_rises_and_then_stands_still(facts: Facts, exports: dict[pd.Timestamp, pd.DataFrame]) -> None:
    for row in facts["commit_2026Q4"]:
        frame = exports[pd.Timestamp(row["date"])]
        inside = frame[frame["quarter"] == "2026Q4"]
        won = inside.loc[inside["Stage"] == "Won", "usd"].sum()
        commit = inside.loc[inside["open"] & (inside["Forecast Category"] == "Commit"), "usd"].sum()
        assert row["won_usd"] == pytest.approx(won, abs=0.02)
        assert row["commit_usd"] == pytest.approx(commit, abs=0.02)
        assert row["won_plus_commit_usd"] == pytest.approx(won + commit, abs=0.02)
    calls = [row["won_plus_commit_usd"] for row in facts["commit_2026Q4"]]
    assert [row["date"] for row in facts["commit_2026Q4"]] == [
        (dt.date(2026, 10, 5) + dt.timedelta(weeks=week)).isoformat() for week in range(7)
    ]
    assert calls[3] > 1.3 * calls[0]
    assert max(calls[-3:]) / min(calls[-3:]) < 1.02


def test_bookings_are_near_their_targets(facts: Facts, last: pd.DataFrame, seller_targets: pd.DataFrame) -> None:
    won = last[last["Stage"] == "Won"].groupby("quarter")["usd"].sum()
    targets = seller_targets.groupby("period")["amount"].sum()
    assert list(facts["bookings"]) == sorted(won.index)
    for period, row in facts["bookings"].items():
        assert row == {
            "won_usd": pytest.approx(won[period], abs=0.02),
            "target_usd": targets[period],
            "attainment": pytest.approx(won[period] / targets[period], abs=1e-6),
        }
    assert all(0.8 < row["attainment"] < 1.1 for period, row in facts["bookings"].items() if period != "2026Q4")


def test_wins_crowd_at_the_end_of_the_quarter(last: pd.DataFrame) -> None:
    closes = last.loc[last["Stage"].eq("Won") & (last["Close Date"] < pd.Timestamp(2026, 10, 1)), "Close Date"]
    left = (closes.dt.to_period("Q").dt.end_time.dt.normalize() - closes.dt.to_period("D").dt.start_time).dt.days
    assert (left < 21).mean() > 1.4 * 21 / 91


def quoted(facts: Facts) -> list[str]:
    """Every value of the facts in the form in which the README quotes it."""
    texts = [f"{n:,}" for n in facts["counts"].values()]
    for group in ("win_rate_by_region", "win_rate_by_source"):
        texts += [f"{row['won']} of {row['won'] + row['lost']} = {row['rate']:.4f}" for row in facts[group].values()]
    for stage, row in facts["stages"].items():
        texts.append(f"{stage} {row['passed']} of {row['passed'] + row['lost']} = {row['rate']:.4f}")
        texts.append(f"{stage} {row['p75_days']:.2f}")
    for team, row in facts["pushes_by_team"].items():
        texts.append(f"{team} {row['pushes']} / {row['deals']} = {row['per_deal']:.4f}")
    row = facts["concentration"]
    texts.append(f"{row['top10_usd']:,.2f} / {row['open_usd']:,.2f} = {row['share']:.4f}")
    row = facts["slip_2026Q3"]
    texts.append(f"{row['slipped_usd']:,.2f} / {row['due_usd']:,.2f} = {row['rate']:.4f}")
    texts.append(f"{row['slipped_deals']} of {row['due_deals']}")
    for row in facts["coverage_2026Q4"].values():
        gap = f"({row['target_usd']:,} − {row['won_usd']:,.2f})"
        texts.append(f"{row['open_usd']:,.2f} / {gap} = {row['coverage']:.4f}")
        texts.append(f"{row['won_plus_commit_share']:.4f}")
    for row in facts["commit_2026Q4"]:
        parts = ("won_usd", "commit_usd", "won_plus_commit_usd")
        texts.append(" | ".join([row["date"], *(f"{row[part]:,.2f}" for part in parts)]))
    for period, row in facts["bookings"].items():
        texts.append(f"| {period} | {row['won_usd']:,.2f} | {row['target_usd']:,} | {row['attainment']:.4f} |")
    return texts


def test_the_readme_quotes_the_facts(facts: Facts) -> None:
    readme = (ROOT / "data" / "README.md").read_text("utf-8")
    assert [text for text in quoted(facts) if text not in readme] == []
