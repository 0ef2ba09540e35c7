"""The funnel over stages, where a company records no milestones, against a second computation."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from tas_analytics.ingest.loading.loader import load
from tas_analytics.ingest.planning.plan import Options, prepare
from tas_analytics.metrics import funnel
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.journey import WON
from tas_analytics.metrics.measure import measure
from tas_analytics.metrics.registry import metrics
from tas_analytics.metrics.scope import Scope
from tas_analytics.metrics.stage_rows import stage_rows
from tas_analytics.store.database import Store
from tests.metrics import rawfiles
from tests.metrics.funnel_oracle import Deal, compare, funnel as oracle
from tests.metrics.small import store_of

KEYS = [one.key for one in metrics() if one.group == "Milestones"]


def test_each_pipeline_has_a_funnel_of_its_own(tmp_path: Path) -> None:
    """Two pipelines share a stage's name; each funnel has the steps of its own, and only its own deals."""
    rows = ["opportunity_id,pipeline,stage,created_date,last_open_stage"]
    rows += [f"N{n},New,{'Won' if n % 3 else 'Lost'},2026-01-01,{'Contract' if n % 2 else 'Demo'}" for n in range(60)]
    rows += [
        f"R{n},Renewal,{'Won' if n % 5 else 'Lost'},2026-01-01,{'Contract' if n % 2 else 'Call'}" for n in range(40)
    ]
    stages = (
        "pipeline,stage,position,probability,status\nNew,Demo,1,0.2,open\nNew,Contract,2,0.6,open\nNew,Won,3,1,won\n"
        "New,Lost,4,0,lost\nRenewal,Call,1,0.3,open\nRenewal,Contract,2,0.7,open\nRenewal,Won,3,1,won\n"
        "Renewal,Lost,4,0,lost\n"
    )
    files = {"opportunities_2026-01-31.csv": "\n".join(rows), "stages.csv": stages}
    store = store_of(tmp_path / "two.duckdb", files)
    company = Company.of(store)
    assert company.steps.pipelines == ("New", "Renewal")
    assert company.steps.names_in("Renewal") == ("Call", "Contract")
    for pipeline, first, deals in (("New", "Demo", 60), ("Renewal", "Call", 40)):
        scope = Scope(dt.date(2026, 1, 31)).where("pipeline", pipeline)
        steps = funnel.table(
            measure(store, list(funnel.KEYS), scope, ["milestone"], company), company.steps.names_in(pipeline)
        )
        lost = [n for n in range(deals) if n % (3 if pipeline == "New" else 5) == 0]
        at_first = sum(n % 2 == 0 for n in lost)
        got = steps.set_index("milestone")[["cases", "gone"]]
        assert list(got.loc["Contract"]) == [deals, deals - at_first]
        assert list(got.loc[WON]) == [deals - at_first, deals - len(lost)]
        assert set(steps["milestone"]) <= {funnel.START, first, "Contract", WON}
    store.close()


def hubspot_rows() -> pd.DataFrame:
    """An invented HubSpot export with the day of entering each stage: skips, returns, gaps and deals without a date."""
    rows = []
    stages = ["Appointment", "Qualified", "Demo", "Contract"]
    for number in range(240):
        start = pd.Timestamp("2026-01-05") + pd.Timedelta(days=number % 90)
        fate = number % 6
        seen = {name: start + pd.Timedelta(days=7 * at + number % 5) for at, name in enumerate(stages) if at <= fate}
        if number % 11 == 0:
            seen.pop("Qualified", None)
        if number % 13 == 0 and "Demo" in seen:
            seen["Demo"] = start - pd.Timedelta(days=2)
        stage = "Closed Won" if fate == 5 else "Closed Lost" if fate in {1, 3} else stages[min(fate, 3)]
        closed = start + pd.Timedelta(days=60) if stage.startswith("Closed") else pd.NaT
        rows.append(
            {"Record ID": f"H{number}", "Deal Name": f"Deal {number}", "Deal Stage": stage, "Pipeline": "Sales",
             "Amount": 1000 + number, "Create Date": start.date(),
             "Close Date": None if pd.isna(closed) else closed.date()}
            | {f'Date entered "{name} (Sales)"': seen[name].date() if name in seen else None for name in stages}
        )  # fmt: skip
    return pd.DataFrame(rows)


def test_a_hubspot_export_with_stage_times(tmp_path: Path) -> None:
    raw = hubspot_rows()
    store = Store.open(tmp_path / "hubspot.duckdb")
    export = prepare(raw.to_csv(index=False).encode(), "hubspot-deals.csv", Options(as_of=dt.date(2026, 8, 1)))
    load(store, [export], user="test")
    company = Company.of(store)
    names = ["Appointment", "Qualified", "Demo", "Contract"]
    assert company.steps.derived
    assert list(company.steps.names) == names
    deals = []
    for row in raw.to_dict("records"):
        status = {"Closed Won": "won", "Closed Lost": "lost"}.get(row["Deal Stage"], "open")
        achieved: dict[int, pd.Timestamp | None] = {}
        for step, name in enumerate(names, start=1):
            day = row[f'Date entered "{name} (Sales)"']
            if day is not None and not pd.isna(day):
                achieved[step] = pd.Timestamp(day)
            elif row["Deal Stage"] == name:
                achieved[step] = None
        deals.append(Deal(row["Record ID"], status, row["Amount"], pd.Timestamp(row["Create Date"]), achieved))
    got = measure(store, KEYS, Scope(dt.date(2026, 8, 1)), ["milestone"], company)
    assert compare(got, oracle(deals, 4, pd.Timestamp("2026-08-01")), names) == []
    assert got["milestone_skipped"].sum() > 0
    assert got["milestone_backwards"].sum() > 0
    store.close()


@pytest.fixture(scope="module")
def helix(public_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, pd.DataFrame, pd.DataFrame]:
    """The public stage history, its leads taken for deals: 5,200 of them, 26,436 rows with overlaps and bots."""
    folder = public_data / "helixcore_stage_history"
    if not (folder / "funnel_stage_history.csv").is_file():
        pytest.skip("the public stage history is not here: no folder helixcore_stage_history")
    told = rawfiles.dated(folder / "funnel_stage_history.csv", "entered_at", "exited_at")
    leads = rawfiles.read(folder / "leads.csv")
    leads["expected_mrr_usd"] = leads["expected_mrr_usd"].astype(float)
    last = told.sort_values("entered_at", kind="stable").groupby("lead_id").tail(1).set_index("lead_id")["stage"]
    deals = leads.assign(stage=leads["lead_id"].map(last)).dropna(subset=["stage"])
    deals = deals.rename(
        columns={"lead_id": "opportunity_id", "created_at": "created_date", "expected_mrr_usd": "amount"}
    )
    columns = ["opportunity_id", "stage", "amount", "created_date", "segment"]
    history = told.rename(
        columns={
            "lead_id": "opportunity_id",
            "entered_at": "changed_at",
            "exited_at": "left_at",
            "stage_source": "changed_by",
        }
    )[["opportunity_id", "stage", "changed_at", "left_at", "changed_by"]]
    order = ["New", "Attempted", "Contacted", "Working"]
    rest = [name for name in told["stage"].value_counts().index if name not in order and not name.startswith("Closed")]
    places = told[told["stage"].isin(rest)].groupby("stage")["entered_at"].count().sort_values(ascending=False).index
    stages = pd.DataFrame({"stage": [*order, *places], "status": "open"})
    closed = sorted(name for name in told["stage"].unique() if name.startswith("Closed"))
    stages = pd.concat(
        [stages, pd.DataFrame({"stage": closed, "status": ["won" if "Won" in name else "lost" for name in closed]})]
    )
    stages["position"] = range(1, len(stages) + 1)
    stages["probability"] = 0.5
    store = Store.open(tmp_path_factory.mktemp("helix") / "helix.duckdb")
    files = {"stages": stages, "opportunities": deals[columns], "history": history}
    day = told["entered_at"].max().date() + dt.timedelta(days=1)
    prepared = [
        prepare(frame.to_csv(index=False).encode(), f"{name}.csv", Options(as_table=name, as_of=day))
        for name, frame in files.items()
    ]
    load(store, prepared, user="test")
    return store, told, deals.assign(day=day)


def test_a_won_deal_passed_all_stages_where_it_is_known_how_far_the_lost_ones_came(tmp_path: Path) -> None:
    """A single export that names the stage in which deals were lost says nothing of stages of the won ones."""
    rows = [f"{n},{'Won' if n % 4 else 'Lost'},2026-01-01,{'' if n % 4 else 'Talk'}" for n in range(80)]
    text = "opportunity_id,stage,created_date,last_open_stage\n" + "\n".join([*rows, "99,Offer,2026-01-01,"])
    for name, told, cases in (("told", text, (80, 60)), ("untold", text.replace("Talk", ""), (0, 0))):
        store = store_of(tmp_path / f"{name}.duckdb", {"opportunities_2026-01-31.csv": told})
        company = Company.of(store)
        frame = measure(store, list(funnel.KEYS), Scope(dt.date(2026, 1, 31)), ["milestone"], company)
        steps = funnel.table(frame, company.steps.names).set_index("milestone")
        assert tuple(steps.loc["Offer", ["cases", "gone"]]) == cases
        store.close()


def test_a_stage_history_with_overlaps_and_bots(helix: tuple[Store, pd.DataFrame, pd.DataFrame]) -> None:
    store, told, raw = helix
    company = Company.of(store)
    day = raw["day"].iloc[0]
    names = list(company.steps.names)
    order = {name: step for step, name in enumerate(names, start=1)}
    first = told.groupby(["lead_id", "stage"])["entered_at"].min()
    deals: dict[str, Deal] = {}
    for row in raw.to_dict("records"):
        status = "won" if row["stage"] == "Closed Won" else "lost" if row["stage"].startswith("Closed") else "open"
        created = pd.Timestamp(row["created_date"]).normalize()
        deals[row["opportunity_id"]] = Deal(row["opportunity_id"], status, row["amount"], created)
    for row in first.reset_index().to_dict("records"):
        if row["stage"] in order and row["lead_id"] in deals:
            deals[row["lead_id"]].achieved[order[row["stage"]]] = row["entered_at"].normalize()
    recorded = [deal for deal in deals.values() if deal.achieved]
    got = measure(store, KEYS, Scope(day), ["milestone"], company)
    assert compare(got, oracle(recorded, len(names), pd.Timestamp(day)), names) == []


def test_the_same_history_as_it_was_exported_finds_its_deals_by_their_leads(
    helix: tuple[Store, pd.DataFrame, pd.DataFrame], public_data: Path, tmp_path: Path
) -> None:
    """The deals have IDs of their own and name their lead in a spare column; nothing is renamed by hand."""
    _, told, _ = helix
    folder = public_data / "helixcore_stage_history"
    store = Store.open(tmp_path / "as-it-is.duckdb")
    files = [
        prepare((folder / name).read_bytes(), name, Options()) for name in ("deals.csv", "funnel_stage_history.csv")
    ]
    load(store, files, user="test")
    company = Company.of(store)
    day = company.last_day
    assert day is not None
    raw = rawfiles.read(folder / "deals.csv").set_index("lead_id")
    mine = told[told["lead_id"].isin(raw.index)]
    counted = stage_rows(store, company, Scope(day))
    assert (counted.rows, counted.deals) == (len(mine), mine["lead_id"].nunique())
    assert counted.automated == int(mine["stage_source"].isin(["bot", "system"]).sum()) > 0
    order = {name: step for step, name in enumerate(company.steps.names, start=1)}
    deals = []
    for key, rows in mine.groupby("lead_id"):
        lead = str(key)
        status = {"Closed Won": "won", "Closed Lost": "lost"}[str(raw.loc[lead, "status"])]
        first = rows.groupby("stage")["entered_at"].min().dt.normalize()
        achieved: dict[int, pd.Timestamp | None] = {order[str(n)]: t for n, t in first.items() if n in order}
        created = pd.Timestamp(str(raw.loc[lead, "deal_created_at"])).normalize()
        deals.append(Deal(lead, status, float(str(raw.loc[lead, "final_mrr_usd"])), created, achieved))
    keys = [key for key in KEYS if not key.endswith("_amount") and "value" not in key]
    got = measure(store, keys, Scope(day), ["milestone"], company)
    assert compare(got, oracle(deals, len(order), pd.Timestamp(day)), list(order)) == []
    store.close()


def test_what_is_odd_in_a_stage_history_is_counted(helix: tuple[Store, pd.DataFrame, pd.DataFrame]) -> None:
    store, told, raw = helix
    company = Company.of(store)
    counted = stage_rows(store, company, Scope(raw["day"].iloc[0]))
    assert counted.rows == len(told) == 26_436
    ordered = told.sort_values(["lead_id", "entered_at"], kind="stable")
    follows = ordered.groupby("lead_id")["entered_at"].shift(-1)
    assert counted.overlaps == int((ordered["exited_at"] > follows).sum()) > 0
    assert counted.automated == int(told["stage_source"].isin(["bot", "system"]).sum()) > 0
    assert counted.again == int(told.duplicated(["lead_id", "stage"]).sum())
