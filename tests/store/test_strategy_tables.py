"""Strategies, judgements and value in the store: what identifies a record, and how it comes and goes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tas_analytics.ingest.loading.loader import undo
from tas_analytics.store import Store
from tas_analytics.store.migrate import migrations
from tests.store.stores import contents, load_text, reconcile

DEALS = "opportunity_id,stage,amount\nD1,Qualify,100\nD2,Proof,200\n"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path / "store.duckdb")
    load_text(opened, DEALS, "deals_2026-11-16.csv")
    yield opened
    opened.close()


def test_two_strategies_of_one_day_against_two_competitors_are_both_kept(store: Store) -> None:
    text = (
        "opportunity_id,strategy,competitor,declared_on\n"
        "D1,Frontal,Halden,2026-11-02\nD1,Defend,Orrin,2026-11-02\nD1,Flanking,,2026-11-09\n"
    )
    reconcile(load_text(store, text, "strategies.csv"))
    found = store.rows("select strategy, competitor from strategy_version where valid_to is null order by 1")
    assert found == [("Defend", "Orrin"), ("Flanking", None), ("Frontal", "Halden")]


@pytest.mark.parametrize(
    ("one", "text"),
    [
        ("judgement", "opportunity_id,judgement,answer,judged_on\nD1,three_to_one,yes,2026-11-02\n"),
        (
            "value_argument",
            "opportunity_id,argument,business_driver,unique_value,confirmed_on\n"
            "D1,1,Energy,Less of it,2026-11-02\nD1,,Waste,None of it,\n",
        ),
        (
            "value_proposition",
            "opportunity_id,form,outcome,confirmed_on\nD1,event,$400k,2026-11-02\nD2,event,$5k,\n",
        ),
    ],
)
def test_the_tables_of_strategy_load_join_their_deal_and_can_be_undone(store: Store, one: str, text: str) -> None:
    before = contents(store)
    result = load_text(store, text, f"{one}.csv")
    reconcile(result)
    rows = text.count("\n") - 1
    assert store.value(f"select count(*) from {one}_version where opportunity_key is not null") == rows
    contents(store)
    undo(store, result.load_id)
    assert contents(store) == before


def test_strategies_of_an_older_store_are_known_by_their_competitor_after_the_migration(tmp_path: Path) -> None:
    path = tmp_path / "old.duckdb"
    texts = [file.read_text(encoding="utf-8") for _, file in migrations()]
    step = next(text for text in texts if "update record set natural_key" in text)
    Store.open(path).close()
    with duckdb.connect(str(path)) as connection:
        connection.execute("insert into record values ('strategies', 7, 'D1 | 2026-11-02'), ('milestones', 7, 'x')")
        connection.execute(
            "insert into strategy_state (record_key, state_hash, opportunity_id, competitor, declared_on, strategy) "
            "values (7, 1, 'D1', 'Halden', date '2026-11-02', 'Frontal')"
        )
        connection.execute(step[step.index("update record set natural_key") :])
        found = connection.execute("select table_name, natural_key from record order by 1").fetchall()
    assert found == [("milestones", "x"), ("strategies", "D1 | Halden | 2026-11-02")]
