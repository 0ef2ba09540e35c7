"""The milestones of a store: the catalogue laid over, spellings settled, nothing left behind."""

from __future__ import annotations

import datetime as dt
from itertools import permutations
from pathlib import Path

import pytest

from tas_analytics.ingest.loading.loader import undo
from tas_analytics.store import Store
from tests.store.stores import contents, load_text

DEALS = "opportunity_id,name,stage,amount\nD1,Deal one,Qualify,100\nD2,Deal two,Develop,200\n"
EVENTS = (
    "opportunity_id,milestone,target_date,achieved_date\n"
    "D1,Shortlisted,2026-01-05,\nD1,Budget board,2026-01-05,2026-01-04\nD2,Executive sponser comitment,2026-02-01,\n"
)
CATALOGUE = (
    "code,milestone,position,planned_days,mandatory,synonyms,in_use\n"
    ",Budget board,15,12,yes,Board ok,\n"
    "nda_received,Confidentiality signed,,20,,,\nqualitative_call,First talk,,,,,no\n"
)


def types(store: Store, where: str = "origin <> 'default'") -> list[tuple[object, ...]]:
    return store.rows(f"select code, milestone, origin from milestone_type where {where} order by position, code")


def meant(store: Store) -> list[tuple[object, ...]]:
    return store.rows(
        "select v.milestone, t.code from milestone_version v left join milestone_type t using (milestone_key) "
        "where v.valid_to is null order by v.opportunity_id, v.milestone"
    )


def test_spellings_are_settled_and_unknown_milestones_stand_at_the_end(store: Store) -> None:
    load_text(store, DEALS)
    assert load_text(store, EVENTS, "milestones.csv").prepared.table_name == "milestones"
    assert meant(store) == [
        ("Budget board", "budget_board"), ("Shortlisted", "short_listed"),
        ("Executive sponser comitment", "executive_sponsor_commitment"),
    ]  # fmt: skip
    assert types(store) == [("budget_board", "Budget board", "found")]
    (last,) = store.rows("select arg_max(code, position) from milestone_type")
    assert last == ("budget_board",)
    contents(store)


def test_the_companys_catalogue_is_laid_over_the_defaults(store: Store) -> None:
    load_text(store, DEALS)
    load_text(store, EVENTS, "milestones.csv")
    assert load_text(store, CATALOGUE, "our milestones.csv").prepared.table_name == "milestone_catalogue"
    assert types(store) == [
        ("budget_board", "Budget board", "set"), ("qualitative_call", "First talk", "set"),
        ("nda_received", "Confidentiality signed", "set"),
    ]  # fmt: skip
    ((place, days, mandatory),) = store.rows(
        "select position, planned_days, mandatory from milestone_type where code = 'nda_received'"
    )
    assert (place, days, mandatory) == (90, 20, False)  # a blank keeps the default
    load_text(
        store, "opportunity_id,milestone,achieved_date\nD2,Board ok,2026-01-04\nD2,NDA signed,2026-01-05\n", "m.csv"
    )
    assert ("Board ok", "budget_board") in meant(store)
    assert ("NDA signed", "nda_received") in meant(store)
    assert store.rows("select in_use from milestone_type where code = 'qualitative_call'") == [(False,)]
    contents(store)


def test_undo_leaves_nothing_of_a_catalogue_or_of_a_name(store: Store) -> None:
    load_text(store, DEALS)
    before = contents(store)
    events = load_text(store, EVENTS, "milestones.csv")
    between = contents(store)
    catalogue = load_text(store, CATALOGUE, "our milestones.csv")
    undo(store, catalogue.load_id)
    assert contents(store) == between
    undo(store, events.load_id)
    assert contents(store) == before
    assert types(store) == []
    assert store.value("select count(*) from milestone_name") == 0


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_any_order_of_loading_gives_the_same(tmp_path: Path, order: tuple[int, ...]) -> None:
    texts = [(DEALS, "deals.csv"), (EVENTS, "milestones.csv"), (CATALOGUE, "our milestones.csv")]
    found = []
    for name, places in (("a", (0, 1, 2)), ("b", order)):
        store = Store.open(tmp_path / f"{name}.duckdb")
        for place in places:
            load_text(store, texts[place][0], texts[place][1], as_of=dt.date(2026, 3, 1))
        found.append((contents(store), meant(store), types(store, "true")))
        store.close()
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("text", "name", "table"),
    [
        ("milestone,subject,type,lead_days\nNDA received,Send it,E-mail,3\n", "plans.csv", "activity_plans"),
        ("code,signal,ask\nsilent,They fall silent,Did they?\n", "signals.csv", "warning_signals"),
        ("opportunity_id,signal,holds,seen_on\nD1,delays,yes,2026-01-04\n", "warnings.csv", "warnings"),
    ],
)
def test_the_other_tables_of_the_plan_are_recognised(store: Store, text: str, name: str, table: str) -> None:
    load_text(store, DEALS)
    result = load_text(store, text, name)
    assert (result.prepared.table_name, result.new) == (table, 1)
    contents(store)
