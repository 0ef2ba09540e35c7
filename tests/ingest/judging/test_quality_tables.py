"""What is wrong between files: rejects, contradictions, orphans, days that do not fit, histories."""

from __future__ import annotations

import pytest

from tas_analytics.ingest.judging.checks import Finding
from tas_analytics.ingest.judging.verdict import judge_store
from tas_analytics.ingest.loading.loader import undo
from tas_analytics.store import Store
from tests.store.stores import csv_text, load_text

HEADER = ["opportunity_id", "name", "account", "owner", "stage", "amount", "close_date", "created_date"]


def row(number: int, **cells: str) -> list[str]:
    good = [f"D{number}", f"Deal {number}", "Acme", "Ann", "Qualify", "10", "2026-06-30", "2026-01-02"]
    return [cells.get(name, value) for name, value in zip(HEADER, good, strict=True)]


def export(store: Store, day: str, deals: int = 2) -> None:
    load_text(store, csv_text(HEADER, [row(n) for n in range(1, deals + 1)]), f"deals_{day}.csv")


def found(store: Store) -> dict[str, Finding]:
    return {finding.key: finding for finding in judge_store(store)[1]}


def test_rejected_rows_are_told_with_the_money_that_is_missing(store: Store) -> None:
    rows = [row(n) for n in range(1, 10)] + [row(10, amount="1000", close_date="soon")]
    result = load_text(store, csv_text(HEADER, rows), "deals_2026-02-02.csv")
    one = {finding.key: finding for finding in result.findings}["rejected"]
    assert (one.rows, one.amount, one.severity) == (1, 1000, "caveat")
    assert "soon" in one.examples[0]
    whole = found(store)["rejected_before"]
    assert (whole.rows, whole.amount, whole.examples) == (1, 1000, ("deals_2026-02-02.csv (1 row)",))
    undo(store, result.load_id)
    export(store, "2026-02-02")
    assert "rejected_before" not in found(store)


def test_rows_that_contradict_each_other_are_told_with_their_lines(store: Store) -> None:
    rows = [row(1), row(2), row(1, amount="99"), row(1, amount="98"), row(2)]
    result = load_text(store, csv_text(HEADER, rows), "deals_2026-02-02.csv")
    one = {finding.key: finding for finding in result.findings}["contradicting_rows"]
    assert one.rows == 2
    assert one.examples[0].startswith("line 4:")
    assert "line 2" in one.examples[0]
    whole = found(store)["contradicting_rows"]
    assert (whole.rows, whole.examples) == (2, ("deals_2026-02-02.csv, line 4", "deals_2026-02-02.csv, line 5"))


def test_rows_of_unknown_deals_are_told_until_the_deals_come(store: Store) -> None:
    text = "opportunity_id,milestone,target_date\nD1,Kick-off,2026-03-01\nD7,Kick-off,2026-03-01\nD7,Pilot,2026-04-01\n"
    result = load_text(store, text, "milestones_2026-02-02.csv", as_table="milestones")
    one = {finding.key: finding for finding in result.findings}["orphans"]
    assert (one.rows, one.examples, one.severity) == (3, ("D7", "D1"), "caveat")
    verdict, findings = judge_store(store)
    assert (verdict, [finding.key for finding in findings]) == ("empty", ["orphans"])
    export(store, "2026-02-02")
    assert found(store)["orphans"].rows == 2
    assert found(store)["orphans"].examples == ("D7",)
    export(store, "2026-02-09", deals=7)
    assert "orphans" not in found(store)


@pytest.mark.parametrize(
    ("deals_day", "other_day", "key"),
    [
        ("2026-02-02", "2026-02-09", None),
        ("2026-02-02", "2026-02-10", "stale_deals"),
        ("2026-02-10", "2026-02-02", "stale_table"),
    ],
)
def test_an_export_that_has_fallen_behind_is_told(
    store: Store, deals_day: str, other_day: str, key: str | None
) -> None:
    export(store, deals_day)
    text = "opportunity_id,milestone,target_date\nD1,Kick-off,2026-03-01\n"
    load_text(store, text, f"milestones_{other_day}.csv", as_table="milestones")
    told = found(store)
    assert told.keys() & {"stale_deals", "stale_table"} == ({key} if key else set())
    if key:
        assert "8 days older" in told[key].text
        assert "milestones" in told[key].text


HISTORY = "opportunity_id,changed_at,stage,from_stage\n"


def history(store: Store, *changes: str) -> dict[str, Finding]:
    export(store, "2026-02-02")
    load_text(store, HISTORY + "\n".join(changes) + "\n", "history_2026-02-02.csv", as_table="history")
    return found(store)


def test_a_history_that_joins_up_is_not_told(store: Store) -> None:
    # The first change is of the evening before the created date: times may be of another zone than dates.
    told = history(store, "D1,2026-01-20,Qualify,Develop", "D1,2026-01-05,Develop,Qualify", "D1,2026-01-01,Qualify,")
    assert not told.keys() & {"history_gaps", "history_times"}


def test_a_history_with_a_gap_is_told(store: Store) -> None:
    told = history(store, "D1,2026-01-05,Develop,Qualify", "D1,2026-01-20,Qualify,Proof", "D2,2026-01-05,Qualify,")
    assert (told["history_gaps"].rows, told["history_gaps"].examples) == (1, ("D1",))


@pytest.mark.parametrize("day", ["2025-12-31", "2026-02-04"])
def test_a_change_at_a_time_that_cannot_be_is_told(store: Store, day: str) -> None:
    told = history(store, f"D1,{day},Qualify,", "D2,2026-01-05,Qualify,")
    assert (told["history_times"].rows, told["history_times"].examples) == (1, ("D1",))


def test_a_stage_left_before_it_was_entered_is_told(store: Store) -> None:
    export(store, "2026-02-02")
    text = "opportunity_id,changed_at,left_at,stage\nD1,2026-01-10,2026-01-05,Develop\n"
    load_text(store, text, "history_2026-02-02.csv", as_table="history")
    assert found(store)["history_times"].rows == 1
