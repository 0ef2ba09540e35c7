"""Histories give deals a past: checked against the raw rows, day by day, and in any order of loading."""

from __future__ import annotations

import csv
import datetime as dt
import itertools
from decimal import Decimal
from pathlib import Path

import pytest

from tas_analytics.ingest.loading.loader import undo
from tas_analytics.ingest.values.salesforce import long_id
from tas_analytics.metrics.company import Company
from tas_analytics.store import Store
from tests.store.stores import contents, csv_text, load_file, load_text

D = dt.date
DEALS = csv_text(
    ["opportunity_id", "name", "stage", "amount", "close_date", "created_date"],
    [["D1", "One", "Negotiation", 500, "2026-04-30", "2026-01-01"], ["D2", "Two", "Won", 80, "2026-02-20", ""]],
)
HISTORY = ["opportunity_id", "changed_at", "stage", "from_stage", "amount", "from_amount", "close_date"]


def moment_of(text: str) -> dt.datetime:
    return dt.datetime.strptime(text, "%m/%d/%y %I:%M %p")  # noqa: DTZ007 - as Salesforce shows it


def day_of(text: str) -> dt.date:
    return dt.datetime.strptime(text, "%m/%d/%y").date()  # noqa: DTZ007 - as Salesforce shows it


def on(store: Store, day: dt.date, deal: str = "D1") -> tuple[object, ...] | None:
    rows = store.rows(
        "select s.stage, s.status, v.amount, v.close_date from opportunity_version v join stage s using (stage_key) "
        "join record r on r.table_name = 'opportunities' and r.record_key = v.record_key "
        "where r.natural_key = $deal and valid_from < $after and (valid_to is null or valid_to >= $after)",
        {"deal": deal, "after": day + dt.timedelta(days=1)},
    )
    return rows[0] if rows else None


def test_a_history_of_stages_alone_leaves_the_amount_known_that_the_first_export_shows(store: Store) -> None:
    """A deal that entered its first stage on the day it was created: an amount of nought grew a million overnight."""
    load_text(store, DEALS, "deals_2026-03-31.csv")
    stages: list[list[object]] = [["D1", "2026-01-01", "Proposal"], ["D1", "2026-02-01 08:00", "Negotiation"]]
    load_text(store, csv_text(HISTORY[:3], stages), "history.csv")
    close = D(2026, 4, 30)
    assert on(store, D(2025, 12, 31)) is None
    assert on(store, D(2026, 1, 1)) == ("Proposal", "open", Decimal(500), close)
    assert on(store, D(2026, 2, 1)) == on(store, D(2026, 3, 31)) == ("Negotiation", "open", Decimal(500), close)


def test_a_history_tells_what_a_deal_was(store: Store) -> None:
    load_text(store, DEALS, "deals_2026-03-31.csv")
    rows: list[list[object]] = [
        ["D1", "2026-03-10 09:00:00", "Negotiation", "Proposal", "", "", ""],
        ["D1", "2026-01-20 12:30:00", "Proposal", "Qualification", 400, 300, ""],
        ["D1", "2026-02-01", "", "", "", "", "2026-04-30"],
    ]
    load_text(store, csv_text(HISTORY, rows), "history.csv")
    close = D(2026, 4, 30)
    assert on(store, D(2025, 12, 31)) is None
    assert on(store, D(2026, 1, 1)) == ("Qualification", "open", Decimal(300), close)
    assert on(store, D(2026, 1, 20)) == ("Proposal", "open", Decimal(400), close)
    assert on(store, D(2026, 3, 9)) == ("Proposal", "open", Decimal(400), close)
    assert on(store, D(2026, 3, 10)) == ("Negotiation", "open", Decimal(400), close)
    assert on(store, D(2026, 3, 31)) == ("Negotiation", "open", Decimal(500), close)
    assert on(store, D(2026, 2, 19), "D2") is None
    assert on(store, D(2026, 2, 20), "D2") == ("Won", "won", Decimal(80), D(2026, 2, 20))
    stays = store.rows(
        "select s.stage, entered, left_on, is_exact from stage_spell p join stage s using (stage_key) "
        "join record r on r.table_name = 'opportunities' and r.record_key = p.opportunity_key "
        "where r.natural_key = 'D1' order by spell"
    )
    assert stays == [
        ("Qualification", D(2026, 1, 1), D(2026, 1, 20), True),
        ("Proposal", D(2026, 1, 20), D(2026, 3, 10), True),
        ("Negotiation", D(2026, 3, 10), None, True),
    ]


def test_what_a_history_says_of_the_day_of_an_export_comes_before_it(store: Store) -> None:
    load_text(store, DEALS, "deals_2026-03-31.csv")
    rows = [
        ["D1", "2026-03-31 10:00", "Proposal", "Qualification", "", "", ""],
        ["D1", "2026-03-31 16:00", "Negotiation", "Proposal", "", "", ""],
    ]
    load_text(store, csv_text(HISTORY, rows), "history.csv")
    assert [row[0] for row in store.rows("select stage from stage_spell join stage using (stage_key) "
            "where opportunity_key = (select record_key from record where natural_key = 'D1') order by spell")] == [
        "Qualification", "Proposal", "Negotiation",
    ]  # fmt: skip
    assert on(store, D(2026, 3, 31)) == ("Negotiation", "open", Decimal(500), D(2026, 4, 30))


def test_history_and_deals_may_come_in_any_order_and_undo_leaves_no_trace(tmp_path: Path) -> None:
    rows: list[list[object]] = [
            ["D1", "2026-01-20 12:30:00", "Proposal", "Qualification", 400, 300, ""],
            ["D9", "2026-01-21", "Proposal", "", "", "", ""]]  # fmt: skip
    later = csv_text(["opportunity_id", "stage", "amount"], [["D1", "Won", 510], ["D9", "Proposal", 1]])
    files = [(DEALS, "deals_2026-03-31.csv"), (csv_text(HISTORY, rows), "history_2026-04-01.csv"),
             (later, "deals_2026-04-07.csv")]  # fmt: skip
    found = []
    for number, order in enumerate(itertools.permutations(files)):
        store = Store.open(tmp_path / f"{number}.duckdb")
        for text, name in order:
            load_text(store, text, name)
        found.append(contents(store))
        ((load_id,),) = store.rows("select load_id from load where table_name = 'history'")
        undo(store, load_id)
        without = contents(store)
        fresh = Store.open(tmp_path / f"{number}-fresh.duckdb")
        for text, name in order:
            if not name.startswith("history"):
                load_text(fresh, text, name)
        assert without == contents(fresh)
        store.close()
        fresh.close()
    assert all(one == found[0] for one in found)


def test_what_belongs_to_an_unknown_deal_waits_for_it(store: Store) -> None:
    load_text(store, csv_text(["opportunity_id", "milestone", "achieved_date"], [["D1", "NDA received", "2026-01-05"],
              ["Two", "NDA received", "2026-01-06"]]), "milestones.csv")  # fmt: skip
    assert store.rows("select count(*) from milestone_version where opportunity_key is not null") == [(0,)]
    load_text(store, DEALS, "deals_2026-03-31.csv")
    joined = store.rows(
        "select m.milestone, r.natural_key from milestone_version m join record r "
        "on r.table_name = 'opportunities' and r.record_key = m.opportunity_key order by 2"
    )
    assert joined == [("NDA received", "D1"), ("NDA received", "D2")]  # the second is named by the deal's name
    undo(store, 2)
    assert store.rows("select count(*) from milestone_version where opportunity_key is not null") == [(0,)]


def test_the_pipelines_stages_stand_side_by_side(store: Store) -> None:
    rows = [["D1", "New business", "Proposal"], ["D2", "Renewal", "Proposal"], ["D3", "Renewal", "Won"]]
    load_text(store, csv_text(["opportunity_id", "pipeline", "stage"], rows), "deals_2026-03-31.csv")
    stages = ["pipeline", "stage", "position", "probability", "status"]
    load_text(store, csv_text(stages, [["Renewal", "Proposal", 3, "90 %", "open"]]), "stages.csv")
    assert store.rows("select pipeline, stage, probability, origin from stage where in_use order by 1, 2") == [
        ("New business", "Proposal", 0.6, "proposed"),
        ("Renewal", "Proposal", 0.9, "set"),
        ("Renewal", "Won", 1.0, "default"),
    ]


def test_a_stage_may_be_named_by_its_id(store: Store) -> None:
    load_text(store, csv_text(["opportunity_id", "stage"], [["D1", "4711"]]), "deals_2026-03-31.csv")
    stages = ["stage", "position", "probability", "status", "stage_id"]
    load_text(store, csv_text(stages, [["Proposal", 3, "60 %", "open", "4711"]]), "stages.csv")
    assert on(store, D(2026, 3, 31)) == ("Proposal", "open", None, None)
    undo(store, 2)
    assert on(store, D(2026, 3, 31)) == ("4711", "open", None, None)


@pytest.mark.parametrize("history_first", [True, False])
def test_the_history_of_salesforce_agrees_with_its_rows_on_every_day(
    store: Store, public_data: Path, history_first: bool
) -> None:
    folder = public_data / "salesforce_history_demo"
    names = ["OpportunityHistory.csv", "Opportunity.csv"]
    for name in names if history_first else reversed(names):
        load_file(store, folder / name)
    with (folder / "OpportunityHistory.csv").open(encoding="utf-8-sig") as file:
        raw = list(csv.DictReader(file))
    moments = {id(row): moment_of(row["CreatedDate"]) for row in raw}
    days = sorted({moment.date() for moment in moments.values()})
    last = Company.of(store).last_day
    assert last is not None
    for day in days:
        if day >= last:
            continue
        newest: dict[str, dict[str, str]] = {}
        for row in sorted(raw, key=lambda row: moments[id(row)]):
            if moments[id(row)].date() <= day:
                newest[long_id(row["OpportunityId"])] = row
        for deal, row in newest.items():
            assert on(store, day, deal) is not None, (deal, day)
            stage, _, amount, close = on(store, day, deal) or ()
            assert (stage, amount, close) == (
                row["StageName"], Decimal(row["Amount"]) if row["Amount"] else None, day_of(row["CloseDate"]),
            ), (deal, day)  # fmt: skip
    assert (Company.of(store).first_day or last) < last


@pytest.mark.parametrize("people_first", [True, False])
def test_owners_that_only_a_history_names_by_their_id_get_their_names(store: Store, people_first: bool) -> None:
    load_text(store, DEALS, "deals_2026-03-31.csv")
    history = csv_text(["opportunity_id", "changed_at", "owner"], [["D1", "2026-02-01", "005AA"]]), "history.csv"
    people = csv_text(["person", "person_id"], [["Ann", "005AA"]]), "people.csv"
    for text, name in (people, history) if people_first else (history, people):
        load_text(store, text, name)
    assert store.rows(
        "select distinct r.natural_key from opportunity_version v join record r "
        "on r.table_name = 'people' and r.record_key = v.owner_key"
    ) == [("Ann",)]
