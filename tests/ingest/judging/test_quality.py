"""What is wrong with the deals' history, with each other, and with their money."""

from __future__ import annotations

import pytest

from tas_analytics.ingest.judging.checks import Check, Finding, checks, ranked
from tas_analytics.ingest.judging.verdict import judge_store
from tas_analytics.store import Store
from tests.store.stores import csv_text, load_text

HEADER = ["opportunity_id", "name", "account", "owner", "stage", "amount", "close_date", "created_date"]
GOOD = ["D0", "Robots", "Acme", "Ann Lee", "Qualify", "10", "2026-06-30", "2026-01-02"]


def with_(**cells: str) -> list[str]:
    row = [cells.get(name, value) for name, value in zip(HEADER, GOOD, strict=True)]
    row[1] = cells.get("name", f"Deal {row[0]}")
    return row


def export(store: Store, day: str, *rows: dict[str, str], **options: object) -> None:
    load_text(store, csv_text(HEADER, [with_(**row) for row in rows]), f"deals_{day}.csv", **options)


def found(store: Store) -> dict[str, Finding]:
    return {finding.key: finding for finding in judge_store(store)[1]}


def moves(store: Store, *stages: str) -> None:
    """A deal that each of these exports shows in the next stage, and one that stays."""
    for week, stage in enumerate(stages):
        close = {"close_date": "2026-01-02"} if stage in {"Won", "Lost"} else {}
        export(
            store,
            f"2026-02-{2 + 7 * week:02d}",
            {"opportunity_id": "D1", "stage": stage, "amount": "70", **close},
            {"opportunity_id": "D2", "amount": "5"},
        )


@pytest.mark.parametrize(
    ("stages", "key"),
    [
        (("Qualify", "Won", "Qualify"), "reopened"),
        (("Solution", "Develop", "Solution"), "backward"),
        (("Qualify", "Solution", "Proof"), "skipped"),
        (("Solution", "Won"), "skipped"),
    ],
)
def test_a_move_that_is_out_of_the_ordinary_is_told(store: Store, stages: tuple[str, ...], key: str) -> None:
    # The stages in between must be in use, or nobody can have passed them over.
    for stage in ("Qualify", "Develop", "Solution", "Proof", "Close"):
        export(store, "2026-01-05", {"opportunity_id": f"S-{stage}", "stage": stage})
    moves(store, *stages)
    one = found(store)[key]
    assert (one.rows, one.amount, one.examples, one.text[:6]) == (1, 70, ("D1",), "1 deal")
    assert one.severity in {"note", "caveat"}
    assert one.mend


@pytest.mark.parametrize("stages", [("Qualify", "Develop", "Solution"), ("Qualify", "Lost"), ("Close", "Won")])
def test_an_ordinary_course_is_not_told(store: Store, stages: tuple[str, ...]) -> None:
    for stage in ("Qualify", "Develop", "Solution", "Proof", "Close"):
        export(store, "2026-01-05", {"opportunity_id": f"S-{stage}", "stage": stage})
    moves(store, *stages)
    assert not found(store).keys() & {"reopened", "backward", "skipped", "negative_stay"}


def test_a_stay_that_ends_before_it_begins_is_told(store: Store) -> None:
    header = [*HEADER, "stage_entered"]
    for day, stage, entered in (("2026-02-02", "Qualify", "2026-02-01"), ("2026-02-09", "Develop", "2026-01-15")):
        text = csv_text(header, [[*with_(opportunity_id="D1", stage=stage), entered]])
        load_text(store, text, f"deals_{day}.csv")
    one = found(store)["negative_stay"]
    assert (one.rows, one.examples) == (1, ("D1",))


def test_a_deal_never_seen_open_is_told_and_one_that_was_is_not(store: Store) -> None:
    won = {"stage": "Won", "close_date": "2026-01-09"}
    export(store, "2026-02-02", {"opportunity_id": "D1"}, {"opportunity_id": "D2", **won})
    export(store, "2026-02-09", {"opportunity_id": "D1", **won}, {"opportunity_id": "D2", **won})
    assert found(store)["closed_without_history"].examples == ("D2",)


def test_a_deal_entered_twice_counts_its_money_once_more(store: Store) -> None:
    export(
        store,
        "2026-02-02",
        {"opportunity_id": "D1", "name": "Robots", "amount": "80"},
        {"opportunity_id": "D2", "name": " robots", "amount": "80"},
        {"opportunity_id": "D3", "name": "Robots", "amount": "90"},
        {"opportunity_id": "D4", "name": "Robots", "account": "Bolt", "amount": "80"},
    )
    told = found(store)
    assert (told["entered_twice"].rows, told["entered_twice"].amount) == (2, 160)
    assert told["same_name"].rows == 3
    assert told["same_name"].examples == ("D3", "D1", "D2")


def test_open_deals_that_the_newest_export_lacks_are_told_until_it_is_complete(store: Store) -> None:
    export(store, "2026-02-02", {"opportunity_id": "D1", "amount": "7"}, {"opportunity_id": "D2"})
    export(store, "2026-02-09", {"opportunity_id": "D2"})
    one = found(store)["not_in_newest"]
    assert (one.rows, one.amount, one.examples, one.severity) == (1, 7, ("D1",), "caveat")
    export(store, "2026-02-16", {"opportunity_id": "D2"}, complete=True)
    assert "not_in_newest" not in found(store)


def test_money_is_told_in_the_reporting_currency(store: Store) -> None:
    load_text(store, "currency,date,rate\nEUR,2020-01-01,2\nEUR,2026-06-01,4\n", "rates_2026-02-02.csv")
    header = [*HEADER, "currency"]
    cells = {"owner": "", "amount": "100"}
    rows = [
        [*with_(opportunity_id="D1", **cells), "USD"],
        [*with_(opportunity_id="D2", **cells), "EUR"],
        [*with_(opportunity_id="D3", **cells), ""],
        [*with_(opportunity_id="D4", **cells), "XAU"],
        [*with_(opportunity_id="D5"), "USD"],
        [*with_(opportunity_id="D6"), "USD"],
    ]
    load_text(store, csv_text(header, rows), "deals_2026-02-02.csv")
    with store.transaction() as cursor:
        cursor.execute("insert into setting values ('reporting_currency', 'USD')")
    told = found(store)
    # An open deal is converted at the rate of the newest export, not at that of its close date to come.
    assert (told["without_owner"].rows, told["without_owner"].amount) == (4, 100 + 200 + 100)
    assert told["without_owner"].examples == ("D2", "D1", "D3", "D4")
    assert (told["no_rate"].rows, told["no_rate"].amount, told["no_rate"].examples) == (1, None, ("D4",))
    assert "in XAU (XAU\u00a0100) have no currency rate" in told["no_rate"].text


def test_many_deals_without_a_rate_make_the_data_unusable(store: Store) -> None:
    rows = [[*with_(opportunity_id=f"D{n}"), "USD" if n < 6 else "EUR"] for n in range(9)]
    load_text(store, csv_text([*HEADER, "currency"], rows), "deals_2026-02-02.csv")
    verdict, findings = judge_store(store)
    assert (verdict, findings[0].key, findings[0].severity) == ("unusable", "no_rate", "problem")


def test_dates_that_are_most_likely_swapped_make_the_data_unusable(store: Store) -> None:
    rows = [{"opportunity_id": f"D{n}", "created_date": "2026-09-02"} for n in range(7)]
    export(store, "2026-02-02", *rows, *({"opportunity_id": f"E{n}"} for n in range(6)))
    assert judge_store(store)[0] == "unusable"


def test_findings_rank_by_gravity_then_money_then_number() -> None:
    def one(key: str, severity: str, rows: int, amount: float | None) -> Finding:
        return Finding(key, severity, "t", "m", rows, amount)  # type: ignore[arg-type]

    mixed = [
        one("e", "note", 900, 9e9),
        one("c", "caveat", 500, None),
        one("b", "caveat", 1, -50.0),
        one("d", "caveat", 3, 0.0),
        one("a", "problem", 1, None),
    ]
    assert [finding.key for finding in ranked(mixed)] == ["a", "b", "c", "d", "e"]


def test_a_share_decides_how_grave_a_check_is() -> None:
    few = Check("k", "caveat", "t", "m", problem_above=0.2, problem_from=5)
    assert [few.gravity(*counts) for counts in ((1, 4), (2, 4), (4, 12), (5, 20), (6, 20))] == [
        "caveat", "problem", "caveat", "problem", "problem",
    ]  # fmt: skip
    one = Check("k", "note", "t", "m", caveat_above=0.1, problem_above=0.5)
    assert [one.gravity(rows, 100) for rows in (10, 11, 50, 51)] == ["note", "caveat", "caveat", "problem"]
    assert one.gravity(10, None) == "note"
    assert Check("k", "caveat", "t", "m", caveat_above=0.1).gravity(1, 100) == "caveat"


def test_every_check_says_what_is_wrong_and_how_to_mend_it() -> None:
    assert len(checks()) > 30
    for key, one in checks().items():
        assert one.text, key
        assert not one.text.endswith("."), key
        assert one.mend.endswith("."), key
        assert one.severity in {"problem", "caveat", "note"}, key
        assert one.of in {"deals", "open", "closed", "rows"}, key


def test_a_deal_without_an_id_is_named_by_what_identifies_it(store: Store) -> None:
    export(store, "2026-02-02", {"opportunity_id": "", "name": "Robots", "owner": ""})
    assert found(store)["without_owner"].examples == ("Acme / Robots / 2026-01-02",)


@pytest.mark.parametrize("text", ["{owner} {0} {rows}", "100 % {x", "a}b"])
def test_names_from_data_may_hold_braces(store: Store, text: str) -> None:
    load_text(store, "person,manager\nAnn,Bea\n", "people.csv")
    export(store, "2026-02-02", {"opportunity_id": text, "owner": text, "name": text})
    assert text in found(store)["unknown_owner"].text
    assert found(store)["unknown_owner"].examples == (text,)
