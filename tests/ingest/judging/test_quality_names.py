"""Names that reference tables lack, and names that may be one."""

from __future__ import annotations

import pytest

from tas_analytics.ingest.judging.checks import Finding
from tas_analytics.ingest.judging.verdict import judge_store
from tas_analytics.store import Store
from tests.store.stores import csv_text, load_text

HEADER = ["opportunity_id", "name", "account", "owner", "product", "stage", "amount", "close_date", "created_date"]


def deals(store: Store, day: str, *people: tuple[str, str, str]) -> None:
    """An export with a deal for each owner, account and stage."""
    rows = [
        [f"D{n}", f"Deal {n}", account, owner, "Robot", stage, n, "2026-06-30", "2026-01-02"]
        for n, (owner, account, stage) in enumerate(people, start=1)
    ]
    load_text(store, csv_text(HEADER, rows), f"deals_{day}.csv")


def owners(store: Store, *names: str) -> None:
    deals(store, "2026-02-02", *((name, f"Customer {chr(65 + n)}", "Qualify") for n, name in enumerate(names)))


def found(store: Store) -> dict[str, Finding]:
    return {finding.key: finding for finding in judge_store(store)[1]}


def test_an_owner_who_is_not_in_the_people_table_is_named_with_the_nearest(store: Store) -> None:
    load_text(store, "person,manager\nAnn Lee,Bea\n", "people.csv")
    owners(store, "Ann Lea", "Ann Lee", "Ann Lea")
    one = found(store)["unknown_owner"]
    assert (one.rows, one.amount, one.examples) == (2, 4, ("D3", "D1"))
    assert one.text == "1 owner of 2 deals is not in the people table: “Ann Lea” (2 deals, nearest is “Ann Lee”)"
    assert "owner in the CRM" in one.mend


def test_an_owner_who_left_is_told_while_open_deals_are_theirs(store: Store) -> None:
    load_text(store, "person,manager\nAnn Lee,Bea\nCarl Orr,Bea\n", "people_2026-01-05.csv")
    load_text(store, "person,manager\nAnn Lee,Bea\n", "people_2026-02-02.csv", complete=True)
    deals(store, "2026-02-02", ("Carl Orr", "A", "Qualify"), ("Carl Orr", "B", "Won"), ("Ann Lee", "C", "Qualify"))
    told = found(store)
    assert "unknown_owner" not in told, "they are known, but gone"
    assert (told["owner_left"].rows, told["owner_left"].examples) == (1, ("D1",))
    assert "“Carl Orr” (1 deal)" in told["owner_left"].text
    deals(store, "2026-02-09", ("Ann Lee", "A", "Qualify"), ("Carl Orr", "B", "Won"), ("Ann Lee", "C", "Qualify"))
    assert "owner_left" not in found(store), "what is closed needs nobody"


@pytest.mark.parametrize(
    ("one", "other"),
    [("Ann Lee", "ann  lee"), ("Lee, Ann", "Ann Lee"), ("José Díaz", "Jose Diaz"), ("Jon Marlowe", "John Marlowe")],
)
def test_owners_whose_names_look_alike_are_told(store: Store, one: str, other: str) -> None:
    owners(store, one, other, "Quite Different")
    told = found(store)["alike_owner"]
    assert told.rows == 2
    assert told.amount == 3
    assert f"“{one}”" in told.text
    assert f"“{other}”" in told.text


def test_an_owner_who_was_renamed_is_told_with_the_deals_of_today(store: Store) -> None:
    deals(store, "2026-02-02", ("Jon Marlowe", "A", "Qualify"), ("Carl Orr", "B", "Qualify"))
    deals(store, "2026-02-09", ("John Marlowe", "A", "Qualify"), ("Carl Orr", "B", "Qualify"))
    told = found(store)["alike_owner"]
    assert (told.rows, told.amount, told.examples) == (1, 1, ("D1",))
    assert "“John Marlowe” and “Jon Marlowe”" in told.text


@pytest.mark.parametrize("names", [("Ann Lee", "Bob Ray"), ("Seller 11", "Seller 12"), ("Max Born", "Max Bohr")])
def test_owners_with_names_of_their_own_are_not_told(store: Store, names: tuple[str, str]) -> None:
    owners(store, *names)
    assert "alike_owner" not in found(store)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Acme, Inc.", "ACME Inc", True),
        ("Acme", "Acme GmbH", True),
        ("Acme LLC", "Acme Corp.", False),
        ("Acme North", "Acme South", False),
        ("Aame", "Acme", False),
    ],
)
def test_customers_are_alike_only_where_writing_or_the_legal_form_differs(
    store: Store, one: str, other: str, alike: bool
) -> None:
    deals(store, "2026-02-02", ("Ann", one, "Qualify"), ("Ann", other, "Qualify"))
    assert ("alike_account" in found(store)) is alike


def test_a_load_of_products_says_which_deals_name_others(store: Store) -> None:
    owners(store, "Ann Lee")
    result = load_text(store, "product,family\nRobots,Machines\n", "products.csv")
    told = {finding.key: finding for finding in result.findings}["unknown_product"]
    assert (told.rows, told.examples) == (1, ("D1",))
    assert "nearest is “Robots”" in told.text
