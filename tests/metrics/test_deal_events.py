"""Everything that happened to a deal, against the sample's files and a store of a few rows."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from tas_analytics.metrics import deal_events, plans
from tas_analytics.metrics.company import Company
from tas_analytics.store.database import Store
from tests.metrics import rawfiles
from tests.metrics.small import store_of

AS_OF = dt.date(2026, 11, 16)


def test_the_events_of_a_sample_deal_are_those_of_its_files(sample_store: Store) -> None:
    files = {
        name: rawfiles.read(rawfiles.SAMPLE / f"{name}.csv") for name in ("milestones", "activities", "assessments")
    }
    counts = files["activities"]["opportunity_id"].value_counts()
    deal_id = next(key for key in counts.index if (files["assessments"]["opportunity_id"] == key).any())
    of_deal = {name: frame[frame["opportunity_id"] == deal_id] for name, frame in files.items()}
    got = deal_events.recorded(sample_store, AS_OF, deal_id)
    assert got["day"].is_monotonic_decreasing
    kinds = got["kind"].value_counts().to_dict()
    assert kinds["Milestones"] == of_deal["milestones"]["achieved_date"].notna().sum()
    assert kinds["Activities"] == of_deal["activities"]["done_date"].notna().sum()
    rounds = of_deal["assessments"].drop_duplicates(["assessed_on", "competitor"])
    assert kinds["Ratings"] == len(rounds)
    plus = int((of_deal["assessments"]["rating"] == "+").sum())
    told = got.loc[got["kind"] == "Ratings", "detail"].str.extract(r"^(\d+) favourable")[0].astype(int).sum()
    assert told == plus


def test_changes_are_told_per_column_and_nothing_of_later_days(tmp_path: Path) -> None:
    head = "opportunity_id,name,stage,amount,close_date,created_date\n"
    store = store_of(
        tmp_path / "events.duckdb",
        {
            "opportunities_2026-01-05.csv": head + "1,<b>A</b>,Talk,100,2026-03-01,2026-01-01\n",
            "opportunities_2026-01-12.csv": head + "1,<b>A</b>,Offer,100,2026-04-01,2026-01-01\n",
            "opportunities_2026-01-19.csv": head + "1,<b>A</b>,Offer,80,2026-04-01,2026-01-01\n",
            "activities.csv": "opportunity_id,subject,type,owner,start_date,due_date,done_date,status\n"
            "1,Call them,Call,Ann,2026-01-08,,2026-01-08,Done\n1,Write it down,Note,Ann,2026-01-09,,,\n"
            "1,Later,Call,Ann,2026-02-08,2026-02-08,,Planned\n",
            "strategies.csv": "opportunity_id,strategy,declared_on,reason\n1,flanking,2026-01-10,why not\n",
        },
    )
    company = Company.of(store)

    def kinds(day: dt.date) -> list[str]:
        log = deal_events.versions(store, company, day, "1")
        changed = deal_events.changes(log)
        told = deal_events.recorded(store, day, "1")
        return sorted([*changed["kind"], *told["kind"]])

    assert kinds(dt.date(2026, 1, 8)) == ["Activities"]
    assert kinds(dt.date(2026, 1, 12)) == ["Activities", "Close date", "Notes", "Stage", "Strategy"]
    assert kinds(dt.date(2026, 1, 19)) == ["Activities", "Amount", "Close date", "Notes", "Stage", "Strategy"]
    assert set(kinds(dt.date(2026, 1, 19))) <= set(deal_events.KINDS)
    store.close()


def test_warnings_are_told_by_their_names_seen_and_over(sample_store: Store) -> None:
    told = deal_events.recorded(sample_store, AS_OF, "0065e000000L09cAAC")
    warned = set(told.loc[told["kind"] == "Warnings", "what"])
    names = {one.code: one.name for one in plans.signals(sample_store)}
    assert {f"{names['price_only']} – no longer", f"{names['probing_weaknesses']} – no longer"} <= warned
    assert {one.removesuffix(" – no longer") for one in warned} <= set(names.values())
