"""The milestone funnel against a second computation in plain Python, on recorded milestones and on stages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest

from tas_analytics.metrics import cohorts, funnel, funnel_deals, milestone_findings as findings
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.journey import WON
from tas_analytics.metrics.measure import measure
from tas_analytics.metrics.registry import metrics
from tas_analytics.metrics.scope import Scope
from tas_analytics.store.database import Store
from tests.metrics import rawfiles
from tests.metrics.funnel_oracle import Deal, compare, funnel as oracle
from tests.metrics.planted import AS_OF as PLANTED_ON, Planted, company as company_of
from tests.metrics.small import store_of

AS_OF = dt.date(2026, 11, 16)
KEYS = [one.key for one in metrics() if one.group == "Milestones"]
#: The sample's milestones in the order of the default catalogue; the two kinds of interest are one step.
ORDER = (
    "Request Offering", "Qualitative call occurred", "Opportunity qualified",
    "Discovery or demonstration call occurred", "NDA received", "Timeline confirmed", "Executive sponsor commitment",
    "Key sponsorship verified", "Decision-making criteria understood", "Commercial terms understood",
    "Solution proposed", "Short-listed", "Solution validated", "Contracting process understood",
    "Contracts out for redline", "Signed agreement",
)  # fmt: skip
STEP = {"Inbound interest": 1, "Outbound interest": 1} | {name: at for at, name in enumerate(ORDER, start=2)}


def sample_deals(where: Mapping[str, str] | None = None, created_from: str | None = None) -> list[Deal]:
    """The sample's deals that have milestones, from its CSV files."""
    raw = rawfiles.dated(rawfiles.SAMPLE / "milestones.csv", "target_date", "achieved_date")
    frame = rawfiles.known(AS_OF).deals
    for key, value in (where or {}).items():
        frame = frame[frame[key] == value]
    if created_from:
        frame = frame[frame["created"] >= created_from]
    found = {
        row["deal"]: Deal(row["deal"], row["status"], row["amount"], row["created"]) for row in frame.to_dict("records")
    }
    recorded = set()
    for row in raw.to_dict("records"):
        deal = found.get(row["opportunity_id"])
        if deal is None:
            continue
        recorded.add(deal.key)
        step = STEP[row["milestone"]]
        if pd.notna(row["achieved_date"]) and row["achieved_date"] <= pd.Timestamp(AS_OF):
            deal.achieved[step] = min(row["achieved_date"], deal.achieved.get(step) or row["achieved_date"])
        if pd.notna(row["target_date"]):
            deal.targets[step] = min(row["target_date"], deal.targets.get(step) or row["target_date"])
    return [deal for deal in found.values() if deal.key in recorded]


@pytest.mark.parametrize("where", [{}, {"region": "APAC"}, {"source": "Partner", "region": "EMEA"}], ids=str)
@pytest.mark.parametrize("created_from", [None, "2026-01-01"])
def test_the_sample_agrees_with_the_second_computation(
    sample_store: Store, where: dict[str, str], created_from: str | None
) -> None:
    company = Company.of(sample_store)
    assert list(company.steps.names) == ["Inbound or outbound interest", *ORDER]
    scope = Scope.of(AS_OF, None, {key: (value,) for key, value in where.items()})
    if created_from:
        scope = cohorts.cohort(company, scope, cohorts.YEAR).scope
    got = measure(sample_store, KEYS, scope, ["milestone"], company)
    wanted = oracle(sample_deals(where, created_from), 17, pd.Timestamp(AS_OF))
    assert compare(got, wanted, company.steps.names) == []


def test_the_planted_bottleneck_separator_and_skipping_region_are_found(sample_store: Store) -> None:
    company = Company.of(sample_store)
    frame = measure(sample_store, [*funnel.KEYS, *funnel.MORE], Scope(AS_OF), ["milestone"], company)
    steps = funnel.table(frame, company.steps.names)
    worst, parts = funnel.bottleneck(steps), funnel.separator(frame)
    assert worst is not None
    assert parts is not None
    assert (worst.milestone, worst.gone, worst.cases, worst.median_days, worst.certain) == (
        "Short-listed",
        248,
        394,
        30,
        True,
    )
    assert parts.milestone == "Executive sponsor commitment"
    assert findings.where_deals_stop(steps, worst, parts) == (
        "Short-listed is where deals stop: 63\u202f% reach it, after a median of 30 days; "
        "60\u202f% of those with Executive sponsor commitment are won, 14\u202f% without"
    )
    regions = measure(sample_store, funnel.KEYS, Scope(AS_OF), ["region", "milestone"], company)
    skips = funnel.skipper(regions, "region")
    assert skips is not None
    assert (skips.group, skips.milestone) == ("APAC", "Decision-making criteria understood")
    raw = oracle(sample_deals({"region": "APAC"}), 17, pd.Timestamp(AS_OF))[STEP[skips.milestone]]
    assert (skips.skipped, skips.reached) == (raw["milestone_skipped"], raw["milestone_reached"])
    assert findings.who_skips(skips) == (
        "APAC skips Decision-making criteria understood in 89\u202f% of deals, the others in 8\u202f%"
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_is_planted_in_any_company_is_found(tmp_path: Path, seed: int) -> None:
    planted = company_of(seed)
    assert planted.skipper is not None
    told = first_sentences(tmp_path, planted)
    assert told.startswith(f"{planted.bottleneck} is where deals stop: ")
    assert f"% of those with {planted.separator} are won, " in told
    assert ". {} skips {} in ".format(*planted.skipper) in told


def test_where_nothing_is_planted_nothing_is_claimed(tmp_path: Path) -> None:
    told = first_sentences(tmp_path, company_of(4, effects=False))
    assert told.startswith("No step stands out")
    assert ";" not in told
    assert told.endswith(". ")


def first_sentences(tmp_path: Path, planted: Planted) -> str:
    """The page's first sentences for a company that is loaded through the import."""
    store = store_of(tmp_path / "planted.duckdb", planted.files)
    company, scope = Company.of(store), Scope(PLANTED_ON)
    assert company.steps.names == planted.steps
    frame = measure(store, [*funnel.KEYS, *funnel.MORE], scope, ["milestone"], company)
    by_region = measure(store, funnel.KEYS, scope, ["region", "milestone"], company)
    store.close()
    steps = funnel.table(frame, planted.steps)
    told = findings.where_deals_stop(steps, funnel.bottleneck(steps), funnel.separator(frame))
    return f"{told}. {findings.who_skips(funnel.skipper(by_region, 'region'))}"


def test_two_cohorts_are_compared_by_the_step_that_differs_most() -> None:
    def steps(*pairs: tuple[int, int]) -> pd.DataFrame:
        rows = [
            {"step": step, "milestone": name, "cases": came, "gone": went}
            for step, (name, (came, went)) in enumerate(zip(("Talk", "Offer", WON), pairs, strict=True), start=1)
        ]
        return pd.DataFrame(rows)

    words = ("created in Q1 2026", "created in Q2 2026")
    better = steps((100, 90), (90, 40), (40, 30))
    assert findings.against(better, steps((110, 98), (98, 80), (80, 60)), words) == (
        "Of deals created in Q1 2026 44\u202f% reach Offer, of those created in Q2 2026 82\u202f%"
    )
    assert findings.against(better, better, words).startswith("No step differs by more than chance")
    few = steps((12, 6), (6, 5), (5, 5))
    assert findings.against(better, few, words) == "Too few decided deals created in Q2 2026 to compare: 12"


def test_any_two_cohorts_can_be_chosen(sample_store: Store) -> None:
    company = Company.of(sample_store)
    scope = Scope(AS_OF, company.calendar.parse("2026Q4"))
    keys = cohorts.choices(scope, ["2026Q4", "2025Q3", "2026Q1"], ["2026Q2", "2026Q4"])
    assert keys == [
        "year", "year_before", "created", "closing", "all", "created:2026", "created:2025", "created:2026Q1",
        "created:2025Q3", "closing:2026", "closing:2026Q2",
    ]  # fmt: skip
    said = [cohorts.in_words(key, scope.period) for key in keys]
    assert len(set(said)) == len(said)
    assert said[2:6] == ["Created in Q4 2026", "Closing in Q4 2026", "Deals of all dates", "Created in FY 2026"]
    before = {key: cohorts.before(company, scope, key) for key in ("year", "closing", "created:2026", "all")}
    assert before == {"year": "year_before", "closing": "closing:2026Q3", "created:2026": "created:2025", "all": None}
    # A year has the deals of its quarters, counted from the raw file.
    year = cohorts.cohort(company, scope, "created:2026")
    counted = measure(sample_store, ["deals"], year.scope, (), company)["deals"].iloc[0]
    assert counted == (rawfiles.known(AS_OF).deals["created"].dt.year == 2026).sum()
    assert year.words == "created in FY 2026"


@pytest.mark.parametrize("which", funnel_deals.LISTS)
def test_the_deals_behind_a_step_are_those_counted(sample_store: Store, which: str) -> None:
    company = Company.of(sample_store)
    frame = measure(sample_store, [*funnel.KEYS, *funnel.MORE], Scope(AS_OF), ["milestone"], company)
    steps = funnel.table(frame, company.steps.names)
    column = {"reached": "deals", "out_of_order": None}.get(which, which)
    for step in ("Short-listed", "Inbound or outbound interest"):
        row = steps[steps["milestone"] == step].iloc[0]
        late = frame.loc[frame["milestone"] == step, "milestone_out_of_order"].iloc[0]
        rows = funnel_deals.step_deals(sample_store, company, Scope(AS_OF), step, which)
        assert len(rows) == (row[column] if column else late)
        assert rows["id"].is_unique
    won = funnel_deals.step_deals(sample_store, company, Scope(AS_OF), "Won", "reached")
    assert len(won) == 190


def test_overdue_milestones_are_listed_with_who_and_what_holds_them_up(sample_store: Store) -> None:
    company = Company.of(sample_store)
    raw = rawfiles.dated(rawfiles.SAMPLE / "milestones.csv", "target_date")
    status = rawfiles.known(AS_OF).deals.set_index("deal")["status"]
    late = raw[
        (raw["opportunity_id"].map(status) == "open") & raw["achieved_date"].isna()
        & (raw["target_date"] < pd.Timestamp(AS_OF))
    ]  # fmt: skip
    got = funnel_deals.overdue(sample_store, company, Scope(AS_OF))
    pairs = set(zip(got["id"], got["milestone"], strict=True))
    assert pairs == set(zip(late["opportunity_id"], late["milestone"], strict=True))
    by_contact = funnel_deals.holds_up(got, "contact").set_index("contact")["milestones"].to_dict()
    assert by_contact == late["contact"].value_counts().to_dict()
    activities = rawfiles.read(rawfiles.SAMPLE / "activities.csv")
    still = activities[activities["done_date"].isna() & ~activities["status"].isin(["Done", "Cancelled"])]
    open_ones = still.groupby(["opportunity_id", "milestone"]).size()
    wanted = [int(open_ones.get((row["id"], row["milestone"]), 0)) for row in got.to_dict("records")]
    assert list(got["activities"]) == wanted


# --- rules on a few rows ----------------------------------------------------------------------------------------------

DEALS = """opportunity_id,stage,amount,close_date,created_date,name
1,Won,100,2026-02-01,2026-01-01,First
2,Lost,50,2026-02-01,2026-01-01,<b>Second</b>
3,Offer,70,,2026-01-01,Third
4,Offer,30,2026-05-01,,Fourth
5,Talk,10,2026-05-01,2026-01-01,Fifth
"""
MILESTONES = """opportunity_id,milestone,target_date,achieved_date
1,NDA received,,2026-01-05
1,Short-listed,,2026-01-03
2,Own step *of ours*,,2026-01-20
3,NDA received,2026-01-10,
3,Timeline confirmed,2026-01-31,
4,NDA received,,2026-02-20
4,Contracts out for redline,,
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Store:
    path = tmp_path_factory.mktemp("funnel") / "small.duckdb"
    return store_of(path, {"opportunities_2026-01-31.csv": DEALS, "milestones.csv": MILESTONES})


def test_skipped_out_of_order_and_unknown_milestones(small: Store) -> None:
    company = Company.of(small)
    day = dt.date(2026, 1, 31)
    names = ("NDA received", "Timeline confirmed", "Short-listed", "Contracts out for redline", "Own step *of ours*")
    assert company.steps.names == names
    frame = measure(small, KEYS, Scope(day), ["milestone"], company).set_index("milestone")
    nda, last = frame.loc["NDA received"], frame.loc["Own step *of ours*"]
    # Deal 2 passed by every step before its own; deal 4's is of a later day; 5 has no milestone and is left out.
    assert (nda["milestone_reached"], nda["milestone_skipped"], nda["milestone_out_of_order"]) == (2, 1, 1)
    assert (last["milestone_stopped"], last["milestone_conversion"]) == (1, 0.5)
    assert frame["milestone_reached"].iloc[0] == 4
    assert (frame["milestones_due"].sum(), frame["milestones_overdue"].sum()) == (2, 1)
    plan = measure(small, ["milestones_due", "milestones_overdue", "overdue_share"], Scope(day), (), company).iloc[0]
    assert tuple(plan) == (2, 1, 0.5)  # a target of today is due and not yet overdue


def test_a_milestone_counts_from_its_day_on(small: Store) -> None:
    company = Company.of(small)

    def reached(day: dt.date) -> int:
        return int(
            measure(small, ["milestone_reached"], Scope(day), ["milestone"], company)
            .iloc[1:]
            .sum(numeric_only=True)
            .sum()
        )

    assert reached(dt.date(2026, 1, 2)) < reached(dt.date(2026, 1, 31))


def test_the_deals_own_dimension_is_its_last_milestone(small: Store) -> None:
    frame = measure(small, ["deals", "open_pipeline"], Scope(dt.date(2026, 1, 31)), ["milestone"])
    assert frame.values.tolist() == [[None, 3, 110], ["Short-listed", 1, 0], ["Own step *of ours*", 1, 0]]


@pytest.mark.parametrize(
    "files", [{}, {"opportunities_2026-01-31.csv": "opportunity_id,stage\n1,Won\n"}], ids=["none", "won only"]
)
def test_without_milestones_and_stages_there_is_no_funnel(tmp_path: Path, files: dict[str, str]) -> None:
    store = store_of(tmp_path / "none.duckdb", files)
    company = Company.of(store)
    frame = measure(store, list(funnel.KEYS), Scope(AS_OF), ["milestone"], company)
    steps = funnel.table(frame, company.steps.names)
    assert funnel.bottleneck(steps) is None
    assert findings.where_deals_stop(steps, None, None).startswith("No deal is decided yet")
    few = steps.reindex(range(1)).assign(cases=5.0)
    assert findings.where_deals_stop(few, None, None) == "Too few to say where deals stop: 5 deals decided"
    store.close()
