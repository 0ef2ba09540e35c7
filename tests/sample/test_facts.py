"""The planted facts: each is in the files, and the README quotes it."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from tests.sample.raw import AS_OF, OPEN, REGIONS, ROOT, START, Facts, read_table, to_usd


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
    deals = steps.groupby("Opportunity ID").agg(now=("Stage", "last"))
    deals["last_open"] = steps[steps["open"]].groupby("Opportunity ID")["Stage"].last()
    deals = deals.dropna()
    reached = deals["last_open"].map(order).where(deals["now"] != "Won", order["Won"])
    moved = steps[steps["open_0"].eq(True) & steps["Stage"].ne(steps["Stage_0"])].copy()
    moved["from"] = moved["Stage_0"].map(order)
    moved["to"] = moved["Stage"].map(order)
    moved["days"] = (moved["Last Stage Change Date"] - moved["Last Stage Change Date_0"]).dt.days
    for at, stage in enumerate(OPEN):
        passed, lost = int((reached > at).sum()), int(((reached == at) & (deals["now"] == "Lost")).sum())
        days = moved.loc[moved["Stage_0"].eq(stage) & (moved["to"] > moved["from"]), "days"]
        assert facts["stages"][stage] == {
            "passed": passed,
            "lost": lost,
            "rate": pytest.approx(passed / (passed + lost), abs=1e-6),
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
        "open_usd": pytest.approx(amounts.sum(), abs=0.005),
        "top10_usd": pytest.approx(top, abs=0.005),
        "share": pytest.approx(top / amounts.sum(), abs=1e-6),
    }
    assert 0.36 < facts["concentration"]["share"] < 0.44


def test_a_third_of_the_third_quarter_slipped(
    facts: Facts, exports: dict[pd.Timestamp, pd.DataFrame], last: pd.DataFrame
) -> None:
    then = exports[START]
    due = then[then["open"] & (then["quarter"] == "2026Q3")].copy()
    # Valued on the quarter's first day; nothing that is due then lies before it.
    [rate] = read_table("rates").query("date == '2026-07-01'")["rate"].astype(float)
    due["usd"] = to_usd(due.assign(rate=rate))
    latest = due["Opportunity ID"].map(last.set_index("Opportunity ID")["Close Date"])
    slipped = due[latest > pd.Timestamp(2026, 9, 30)]
    assert facts["slip_2026Q3"] == {
        "due_deals": len(due),
        "due_usd": pytest.approx(due["usd"].sum(), abs=0.005),
        "slipped_deals": len(slipped),
        "slipped_usd": pytest.approx(slipped["usd"].sum(), abs=0.005),
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
            "won_usd": pytest.approx(won, abs=0.005),
            "open_usd": pytest.approx(still_open, abs=0.005),
            "commit_usd": pytest.approx(commit, abs=0.005),
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
        assert row["won_usd"] == pytest.approx(won, abs=0.005)
        assert row["commit_usd"] == pytest.approx(commit, abs=0.005)
        assert row["won_plus_commit_usd"] == pytest.approx(won + commit, abs=0.005)
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
            "won_usd": pytest.approx(won[period], abs=0.005),
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
