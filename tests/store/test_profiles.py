"""The derived profiles: the newest known rating of each criterion, whatever is loaded, entered or undone."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tas_analytics.ingest.loading import loader
from tas_analytics.ingest.loading.entry import enter, withdraw
from tas_analytics.store import Store, profiles
from tas_analytics.store.check import check
from tests.store.stores import contents, csv_text, load_text

DEALS = csv_text(
    ["opportunity_id", "name", "stage", "amount", "created_date", "close_date"],
    [(f"D{n}", f"Deal {n}", "Qualify", 100 * n, "2026-01-01", "2026-12-31") for n in range(1, 6)],
)
HEADER = ["opportunity_id", "competitor", "criterion", "rating", "assessed_on"]
EXPORT = dt.date(2026, 6, 30)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(tmp_path / "store.duckdb")
    load_text(store, DEALS, "opportunities.csv", as_of=EXPORT)
    yield store
    store.close()


def ratings(store: Store, *rows: tuple[object, ...], as_of: dt.date = EXPORT, complete: bool = False) -> int:
    name = f"assessments_{store.data_version}.csv"
    text = csv_text(HEADER, rows)
    return load_text(store, text, name, as_table="assessments", as_of=as_of, complete=complete).load_id


def known(store: Store, day: dt.date, deal: str = "D1", competitor: str = "") -> dict[int, int]:
    columns = ", ".join(f"c{n}" for n in profiles.NUMBERS)
    rows = store.rows(
        f"select {columns} from assessment_profile p join record r on r.table_name = 'opportunities' "
        "and r.record_key = p.opportunity_key where r.natural_key = $deal and competitor = $competitor "
        "and p.valid_from <= $day and (p.valid_to is null or p.valid_to > $day)",
        {"deal": deal, "competitor": competitor, "day": day},
    )
    assert len(rows) <= 1
    return {n: score for n, score in enumerate(rows[0], 1) if score is not None} if rows else {}


def day(month: int, number: int) -> dt.date:
    return dt.date(2026, month, number)


def test_the_newest_rating_of_each_criterion_counts(store: Store) -> None:
    ratings(
        store,
        ("D1", "", 5, "?", "2026-02-01"), ("D1", "", 7, "+", "2026-02-01"), ("D1", "", 5, "+", "2026-03-01"),
        ("D1", "Acme", 5, "-", "2026-03-01"),
    )  # fmt: skip
    assert known(store, day(1, 31)) == {}
    assert known(store, day(2, 1)) == {5: 0, 7: 1}
    assert known(store, day(2, 28)) == {5: 0, 7: 1}
    assert known(store, day(3, 1)) == {5: 1, 7: 1}
    assert known(store, day(12, 1), competitor="Acme") == {5: -1}
    assert check(store).problems == ()


def test_the_order_of_loading_makes_no_difference(tmp_path: Path) -> None:
    files = [
        [("D1", "", n, "+-?"[n % 3], "2026-02-01") for n in range(1, 21)],
        [("D1", "", n, "+-?"[n % 2], "2026-03-01") for n in range(5, 11)],
        [("D1", "Acme", 5, "+", "2026-01-15"), ("D2", "", 1, "?", "2026-05-01")],
    ]
    found = []
    for order in ((0, 1, 2), (2, 1, 0)):
        store = Store.open(tmp_path / f"{order}.duckdb")
        if order[0]:
            load_text(store, DEALS, "opportunities.csv", as_of=EXPORT)
        for place in order:
            ratings(store, *files[place])
        if not order[0]:  # ratings wait for their deals
            load_text(store, DEALS, "opportunities.csv", as_of=EXPORT)
        found.append(contents(store)["assessment_profile"])
        store.close()
    assert found[0] == found[1]


def test_an_undo_leaves_nothing_behind(store: Store) -> None:
    ratings(store, ("D1", "", 5, "?", "2026-02-01"))
    before = contents(store)
    number = ratings(store, ("D1", "", 5, "+", "2026-02-01"), ("D2", "Acme", 5, "+", "2026-02-01"), as_of=day(7, 6))
    assert known(store, day(7, 6)) == {5: 1}
    assert known(store, day(7, 5)) == {5: 0}
    loader.undo(store, number)
    assert contents(store)["assessment_profile"] == before["assessment_profile"]


def test_entries_and_withdrawals_in_the_app(store: Store) -> None:
    first = {"opportunity_id": "D3", "competitor": None, "criterion": 11, "rating": "?", "assessed_on": day(6, 1)}
    enter(store, "assessments", [first], author="Ann")
    assert known(store, EXPORT, "D3") == {11: 0}
    again = enter(store, "assessments", [first | {"rating": "+", "assessed_on": EXPORT}], author="Bob")
    assert known(store, EXPORT, "D3") == {11: 1}
    names = store.rows(
        "select r.natural_key from assessment_version v join record r on r.table_name = 'assessments' "
        "and r.record_key = v.record_key where v.load_id = $load",
        {"load": again},
    )
    withdraw(store, "assessments", [names[0][0]], author="Bob")
    assert known(store, EXPORT, "D3") == {11: 0}
    assert check(store).problems == ()


def test_what_is_no_rating_and_deals_that_are_not_there_leave_no_profile(store: Store) -> None:
    ratings(store, ("D1", "", "Colour", "+", "2026-02-01"), ("D9", "", 5, "+", "2026-02-01"))
    assert store.rows("select count(*) from assessment_profile") == [(0,)]


def test_a_rating_without_a_date_is_of_its_export(store: Store) -> None:
    ratings(store, ("D1", "", 5, "+", ""), as_of=day(5, 4))
    assert known(store, day(5, 3)) == {}
    assert known(store, day(5, 4)) == {5: 1}


def test_a_complete_export_takes_away_what_it_lacks(store: Store) -> None:
    ratings(store, ("D1", "", 5, "+", "2026-02-01"), ("D1", "", 6, "-", "2026-02-01"))
    ratings(store, ("D1", "", 5, "+", "2026-02-01"), as_of=day(7, 6), complete=True)
    assert known(store, day(7, 5)) == {5: 1, 6: -1}
    assert known(store, day(7, 6)) == {5: 1}
    assert check(store).problems == ()


@pytest.mark.parametrize("seed", range(3))
def test_whatever_happens_the_profiles_follow_from_the_ratings(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    store = Store.open(tmp_path / "random.duckdb")
    load_text(store, DEALS, "opportunities.csv", as_of=EXPORT)
    numbers: list[int] = []
    for step in range(6):
        if numbers and chance.random() < 0.25:
            loader.undo(store, numbers.pop(chance.randrange(len(numbers))))
        else:
            keys = {
                (f"D{chance.randint(1, 6)}", chance.choice(["", "Acme", "Acme ", "Bolt"]), chance.randint(1, 20),
                 day(chance.randint(1, 6), 1))
                for _ in range(40)
            }  # fmt: skip
            rows = [(d, c, n, chance.choice("+-?"), when) for d, c, n, when in sorted(keys)]
            when, complete = EXPORT + dt.timedelta(days=7 * step), chance.random() < 0.2
            numbers.append(ratings(store, *rows, as_of=when, complete=complete))
        # `check` computes every profile again by the rule itself.
        assert check(store).problems == ()
    store.close()
