"""Days and amounts at an edge, in stores of a few rows."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from tas_analytics.metrics.company import Company
from tas_analytics.metrics.deals import deal_list, flag_totals
from tas_analytics.metrics.measure import measure
from tas_analytics.metrics.scope import Scope
from tests.metrics.small import store_of

HEADER = "opportunity_id,stage,amount,close_date,created_date\n"
DAY = dt.date(2026, 4, 30)


def test_a_deal_slips_with_the_first_day_after_the_period(tmp_path: Path) -> None:
    before = "1,Talk,10,2026-02-01,2025-11-01\n2,Talk,20,2026-02-01,2025-11-01\n3,Talk,40,2026-03-31,2025-11-01\n"
    after = "1,Talk,10,2026-03-31,2025-11-01\n2,Talk,90,2026-04-01,2025-11-01\n3,Won,40,2026-04-02,2025-11-01\n"
    files = {"opportunities_2026-01-01.csv": HEADER + before, "opportunities_2026-04-30.csv": HEADER + after}
    store = store_of(tmp_path / "slip.duckdb", files)
    try:
        quarter = Company.of(store).calendar.parse("2026Q1")
        keys = ["due_deals", "due_amount", "slipped_deals", "slipped_amount"]
        row = measure(store, keys, Scope(DAY, quarter)).iloc[0]
        # The amounts are those of the first day; a deal that was won later than planned has slipped as well.
        assert row.tolist() == [3, 70, 2, 60]
        assert measure(store, ["slipped_deals"], Scope(dt.date(2026, 3, 31), quarter))["slipped_deals"].iloc[0] == 0
    finally:
        store.close()


def test_a_close_before_the_creation_is_no_time_to_win(tmp_path: Path) -> None:
    rows = "1,Won,10,2026-02-11,2026-02-01\n2,Won,10,2026-02-01,2026-03-01\n3,Won,10,2026-02-01,2026-02-01\n"
    store = store_of(tmp_path / "days.duckdb", {"opportunities_2026-04-30.csv": HEADER + rows})
    try:
        assert measure(store, ["days_to_win"], Scope(DAY))["days_to_win"].iloc[0] == 5
    finally:
        store.close()


def test_a_limited_list_begins_with_the_largest_and_ends_with_those_without_an_amount(tmp_path: Path) -> None:
    rows = "1,Talk,,2026-05-01,\n2,Talk,10,2026-05-01,\n3,Talk,,2026-05-01,\n4,Talk,30,2026-05-01,\n5,Talk,10,,\n"
    store = store_of(tmp_path / "list.duckdb", {"opportunities_2026-04-30.csv": HEADER + rows})
    try:
        company = Company.of(store)
        order = ["4", "2", "5", "1", "3"]
        for limit in range(1, 7):
            assert list(deal_list(store, company, Scope(DAY), (), limit)["id"]) == order[:limit]
        assert list(deal_list(store, company, Scope(DAY), ("no_amount",), 1)["id"]) == ["1"]
        # A deal without a name, an account and a product is called by its ID.
        assert list(deal_list(store, company, Scope(DAY))["name"]) == order
        totals = flag_totals(store, company, Scope(DAY), ("no_amount", "top10")).set_index("key")
        assert (totals["deals"]["no_amount"], totals["amount"]["no_amount"]) == (2, 0)
        assert totals["largest"].astype(object).where(totals["largest"].notna(), None).to_dict() == {
            "no_amount": None,
            "top10": "4",
        }
    finally:
        store.close()


def test_a_stall_line_needs_twenty_stays_that_ended_with_an_advance(tmp_path: Path) -> None:
    for advanced, line in ((19, 30.0), (20, 9.0)):
        early = "".join(f"{n},Talk,1,2026-06-01,2026-04-01\n" for n in range(advanced + 1))
        late = "".join(f"{n},Offer,1,2026-06-01,2026-04-01\n" for n in range(advanced))
        late += f"{advanced},Talk,1,2026-06-01,2026-04-01\n"
        files = {"opportunities_2026-04-05.csv": HEADER + early, "opportunities_2026-04-10.csv": HEADER + late}
        store = store_of(tmp_path / f"stall{advanced}.duckdb", files)
        try:
            listed = deal_list(store, Company.of(store), Scope(DAY).where("stage", "Talk"))
            assert listed[["days_in_stage", "stall_line", "is_stalled"]].values.tolist() == [[29, line, line < 29]]
        finally:
            store.close()
