"""How far data can be trusted, in one word and in ranked sentences."""

from __future__ import annotations

import datetime as dt

import pytest

from tas_analytics.ingest.judging.checks import Finding
from tas_analytics.ingest.judging.verdict import judge, judge_store
from tas_analytics.store import Store
from tests.store.stores import csv_text, load_text

HEADER = ["opportunity_id", "account", "owner", "stage", "amount", "close_date", "created_date"]
GOOD = ["D0", "Acme", "Ann", "Qualify", "10", "2026-06-30", "2026-01-02"]


def with_(**cells: str) -> list[str]:
    return [cells.get(name, value) for name, value in zip(HEADER, GOOD, strict=True)]


@pytest.mark.parametrize(
    ("key", "cells", "amount"),
    [
        ("won_without_amount", {"stage": "Won", "amount": "", "close_date": "2026-01-03"}, None),
        ("closed_without_date", {"stage": "Lost", "close_date": ""}, 10),
        ("open_without_amount", {"amount": ""}, None),
        ("open_without_date", {"close_date": ""}, 10),
        ("overdue", {"close_date": "2026-02-01"}, 10),
        ("close_before_created", {"close_date": "2025-12-31", "stage": "Won"}, 10),
        ("closed_in_future", {"stage": "Won"}, 10),
        ("dates_in_future", {"created_date": "2026-02-03"}, 10),
        ("without_owner", {"owner": ""}, 10),
        ("without_account", {"account": ""}, 10),
        ("negative_amount", {"amount": "-10"}, -10),
    ],
)
def test_each_check_finds_its_deal_and_no_other(store: Store, key: str, cells: dict[str, str], amount: float) -> None:
    others = [with_(opportunity_id=f"D{n}", account=f"Acme {n}") for n in (1, 3, 4)]
    others += [with_(opportunity_id=f"W{n}", stage="Won", close_date="2026-01-09") for n in range(9)]
    text = csv_text(HEADER, [*others, with_(opportunity_id="D2", **cells)])
    result = load_text(store, text, "d_2026-02-02.csv")
    found = {finding.key: finding for finding in result.findings}
    assert key in found
    assert (found[key].rows, found[key].amount, found[key].examples) == (1, amount, ("D2",))
    assert found[key].text.startswith("1 deal")
    assert found[key].mend
    # A deal that the first export shows closed has no past, which is a finding of its own.
    assert set(found) - {"closed_without_history"} == {key}


def test_clean_deals_are_usable_without_a_word(store: Store) -> None:
    result = load_text(store, csv_text(HEADER, [with_()]), "d_2026-02-02.csv")
    assert (result.verdict, result.findings) == ("usable", ())
    assert judge_store(store) == ("usable", [])


def test_an_empty_store_is_no_verdict(store: Store) -> None:
    assert judge_store(store) == ("empty", [])


def test_the_verdict_of_findings() -> None:
    def finding(severity: str) -> Finding:
        return Finding("k", severity, "t", "m")  # type: ignore[arg-type]

    assert judge([], 1) == "usable"
    assert judge([finding("note")], 1) == "usable"
    assert judge([finding("note"), finding("caveat")], 1) == "caveats"
    assert judge([finding("problem"), finding("caveat")], 1) == "unusable"
    assert judge([], 0) == "unusable"


def test_findings_are_ranked_and_show_the_largest_deals_first(store: Store) -> None:
    rows = [with_(opportunity_id=f"D{n}", owner="", amount=str(n)) for n in range(1, 8)]
    rows.append(with_(opportunity_id="D9", amount="-1"))
    rows.append(with_(opportunity_id="D8", close_date=""))
    result = load_text(store, csv_text(HEADER, rows), "d_2026-02-02.csv")
    assert [finding.key for finding in result.findings] == ["without_owner", "open_without_date", "negative_amount"]
    assert result.findings[0].examples == ("D7", "D6", "D5", "D4", "D3")


def test_a_load_is_judged_by_its_own_deals_and_the_store_by_all(store: Store) -> None:
    load_text(store, csv_text(HEADER, [with_(opportunity_id="D1", owner="")]), "d_2026-02-02.csv")
    second = load_text(store, csv_text(HEADER, [with_(opportunity_id="D2")]), "d_2026-02-09.csv")
    assert second.verdict == "usable"
    verdict, findings = judge_store(store)
    assert (verdict, [f.key for f in findings]) == ("caveats", ["without_owner", "not_in_newest"])


def test_rejected_rows_are_told_until_they_are_undone(store: Store) -> None:
    rows = [with_(opportunity_id=f"D{n}") for n in range(9)] + [with_(opportunity_id="D9", amount="lots")]
    load_text(store, csv_text(HEADER, rows), "d_2026-02-02.csv")
    assert "1 row of the loaded files" in judge_store(store)[1][0].text


def test_the_day_of_the_newest_export_decides_what_is_overdue(store: Store) -> None:
    text = csv_text(HEADER, [with_(close_date="2026-02-02")])
    assert load_text(store, text, "d.csv", as_of=dt.date(2026, 2, 2)).verdict == "usable"
    assert load_text(store, text, "d.csv", as_of=dt.date(2026, 2, 3)).verdict == "caveats"


def test_deals_without_any_day_are_told_to_need_one(store: Store) -> None:
    undated = csv_text(["opportunity_id", "stage"], [["D1", "Qualify"]])
    assert "without_day" in {finding.key for finding in load_text(store, undated, "deals.csv").findings}
    told = load_text(store, undated, "deals.csv", as_of=dt.date(2026, 1, 5))
    assert "without_day" not in {finding.key for finding in told.findings}
