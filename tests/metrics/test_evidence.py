"""Stage against evidence: by hand on a few deals, and in plain Python on the sample."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from tas_analytics.metrics import evidence
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.measure import measure
from tas_analytics.metrics.scope import Scope
from tas_analytics.store.database import Store
from tests.metrics import rawfiles
from tests.metrics.small import store_of

AS_OF = dt.date(2026, 11, 16)
STAGES = """stage,position,probability,status,planned_days
Qualify,1,0.2,open,30
Develop,2,0.4,open,30
Solution,3,0.6,open,45
Proof,4,0.8,open,45
Won,6,1,won,
Lost,7,0,lost,
"""
DEALS = """opportunity_id,name,stage,amount,close_date,created_date,stage_entered
1,Sound,Develop,100,2026-03-31,2026-01-01,2026-01-20
2,<b>Ahead</b>,Proof,1000,2026-02-10,2026-01-01,2026-01-20
3,Behind,Qualify,10,2026-12-31,2026-01-01,2026-01-20
4,Unrecorded,Proof,7,2026-12-31,2026-01-01,2026-01-20
5,Gone,Lost,7,2026-01-31,2026-01-01,2026-01-20
6,Later,Proof,500,2026-12-31,2026-01-01,
"""
MILESTONES = """opportunity_id,milestone,achieved_date
1,Opportunity qualified,2026-01-10
2,NDA received,2026-01-10
2,Solution proposed,2026-01-12
3,Opportunity qualified,2026-01-10
3,Key sponsorship verified,2026-01-11
5,NDA received,2026-01-10
6,Opportunity qualified,2026-02-05
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Store:
    path = tmp_path_factory.mktemp("evidence") / "small.duckdb"
    return store_of(path, {"stages.csv": STAGES, "opportunities_2026-01-31.csv": DEALS, "milestones.csv": MILESTONES})


def test_the_first_stage_that_lacks_a_mandatory_milestone_is_justified(small: Store) -> None:
    day = dt.date(2026, 1, 31)
    rows = evidence.against_evidence(small, Company.of(small), Scope(day)).set_index("id")
    assert set(rows.index) == {"1", "2", "3", "4", "6"}
    assert rows["justified"].dropna().to_dict() == {"1": "Develop", "2": "Qualify", "3": "Solution", "6": "Qualify"}
    assert rows["is_ahead"].to_dict() == {"1": False, "2": True, "3": False, "4": False, "6": True}
    assert rows["is_behind"].to_dict() == {"1": False, "2": False, "3": True, "4": False, "6": False}
    assert rows.loc["2", "missing"] == "Opportunity qualified; Key sponsorship verified"
    # A milestone of a later day does not count yet.
    assert rows.loc["6", "n_missing"] == 3
    assert rows.loc["2", "at_stake"] == pytest.approx(1000 * (0.8 - 0.2))
    found = evidence.Evidence.of(rows.reset_index())
    assert (found.judged, found.ahead, found.inflation, found.behind, found.unrecorded) == (4, 2, 1500, 1, 1)
    said = evidence.headline(found, "USD")
    assert said == (
        "2 of 4 open deals are ahead of the evidence: $1.5k stands in stages not yet earned, "
        "$900 of the weighted pipeline"
    )
    risks = evidence.risks(small, Company.of(small), Scope(day))
    assert list(risks["id"]) == ["2", "6"]
    assert risks["why"].iloc[0].startswith("claims Proof, evidence for Qualify: Opportunity qualified")


def test_the_projected_close_adds_what_is_left_and_what_is_to_come(small: Store) -> None:
    rows = evidence.against_evidence(small, Company.of(small), Scope(dt.date(2026, 1, 31))).set_index("id")
    # Day 11 of 30 in Develop, then 45 and 45 planned days.
    assert rows.loc["1", "projected_close"] == pd.Timestamp("2026-01-31") + pd.Timedelta(days=19 + 90)
    assert rows.loc["1", "days_later"] == (pd.Timestamp("2026-05-20") - pd.Timestamp("2026-03-31")).days
    assert rows.loc["2", "projected_close"] == pd.Timestamp("2026-01-31") + pd.Timedelta(days=34)
    # Since when it is in its stage is not known: the whole stage is still to come.
    assert rows.loc["6", "projected_close"] == pd.Timestamp("2026-01-31") + pd.Timedelta(days=45)


def test_the_metrics_are_the_sums_of_the_deals(small: Store, sample_store: Store) -> None:
    for store, day in ((small, dt.date(2026, 1, 31)), (sample_store, AS_OF)):
        company = Company.of(store)
        rows = evidence.against_evidence(store, company, Scope(day))
        found = evidence.Evidence.of(rows)
        keys = ["judged_deals", "ahead_deals", "stage_inflation", "weighted_inflation"]
        row = measure(store, keys, Scope(day), (), company).iloc[0]
        wanted = [found.judged, found.ahead, found.inflation, found.weighted]
        assert [float(value) for value in row] == pytest.approx(wanted)


def test_the_sample_agrees_with_a_second_computation(sample_store: Store) -> None:
    deals = rawfiles.known(AS_OF).deals
    deals = deals[deals["status"] == "open"]
    order = ["Qualify", "Develop", "Solution", "Proof", "Close"]
    asked = dict(zip(order, ("Opportunity qualified", "Key sponsorship verified", "Solution proposed",
                             "Solution validated", "Signed agreement"), strict=True))  # fmt: skip
    raw = rawfiles.read(rawfiles.SAMPLE / "milestones.csv")
    has = {(row["opportunity_id"], row["milestone"]) for row in raw.to_dict("records") if row["achieved_date"]}
    recorded = set(raw["opportunity_id"])
    chance = rawfiles.read(rawfiles.SAMPLE / "stages.csv").set_index("stage")["probability"].astype(float)
    wanted = {}
    for row in deals.to_dict("records"):
        if row["deal"] not in recorded:
            continue
        justified = next((stage for stage in order if (row["deal"], asked[stage]) not in has), order[-1])
        ahead = order.index(row["stage"]) > order.index(justified)
        stake = (row["amount"] or 0) * (chance[row["stage"]] - chance[justified]) if ahead else 0.0
        wanted[row["deal"]] = (justified, ahead, round(stake, 2))
    rows = evidence.against_evidence(sample_store, Company.of(sample_store), Scope(AS_OF))
    assert len(rows) == len(deals)
    got = {
        row["id"]: (row["justified"], row["is_ahead"], round(0.0 if pd.isna(row["at_stake"]) else row["at_stake"], 2))
        for row in rows[rows["is_judged"]].to_dict("records")
    }
    assert got == wanted
    lines = {
        stage: rawfiles.known(AS_OF).stays.query("stage == @stage and advanced")["days"].median() for stage in order
    }
    days = evidence.stage_days(sample_store, Company.of(sample_store), AS_OF)
    assert dict(zip(days["stage"], days["days"], strict=True)) == lines
    assert days["is_own"].all()


def test_without_milestones_no_stage_is_judged(tmp_path: Path) -> None:
    store = store_of(tmp_path / "none.duckdb", {"stages.csv": STAGES, "opportunities_2026-01-31.csv": DEALS})
    rows = evidence.against_evidence(store, Company.of(store), Scope(dt.date(2026, 1, 31)))
    assert not rows["is_judged"].any()
    said = evidence.headline(evidence.Evidence.of(rows), "USD")
    assert said == "None of the 5 open deals has a milestone, so no stage can be judged"
    store.close()
