"""Stages edited in the app are a load like any other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tas_analytics.errors import TasError
from tas_analytics.ingest.loading.loader import load, undo
from tas_analytics.ingest.loading.settings import StageRow, change_stages, in_this_order, stages_of
from tas_analytics.ingest.planning import memory
from tas_analytics.ingest.planning.plan import prepare
from tas_analytics.metrics.company import Company
from tas_analytics.store import Store
from tas_analytics.store.check import check

DEALS = (
    "opportunity_id,pipeline,stage,amount\n"
    "D1,Sales,Zeta,10\nD2,Sales,Closed Won,20\nD3,Renewals,Zeta,30\nD4,Renewals,Proof,40\n"
)


@pytest.fixture
def deals(store: Store) -> Store:
    load(store, [prepare(DEALS.encode(), "deals_2026-02-02.csv")])
    return store


def names(rows: list[StageRow], pipeline: str | None) -> list[str]:
    return [row.stage for row in rows if row.pipeline == pipeline]


def test_each_pipeline_has_its_stages_with_their_evidence(deals: Store) -> None:
    rows = stages_of(deals)
    assert names(rows, "Sales") == ["Zeta", "Closed Won"]
    assert names(rows, "Renewals") == ["Zeta", "Proof"]
    assert all(row.evidence for row in rows if row.origin == "proposed")
    assert "Stage not known" not in {row.stage for row in rows}


def test_the_currency_whose_rate_is_one_is_that_of_the_reports(store: Store) -> None:
    rows = "opportunity_id,stage,amount,currency\nD1,Zeta,10,USD\nD2,Zeta,20,USD\nD3,Zeta,30,EUR\nD4,Zeta,30,GBP\n"
    load(store, [prepare(rows.encode(), "deals_2026-02-02.csv")])
    assert Company.of(store).currency == "USD"  # the commonest, as long as no rate says anything
    rates = "currency,date,rate\nEUR,2026-01-01,1\nUSD,2026-01-01,0.9\n"
    load(store, [prepare(rates.encode(), "rates.csv")])
    assert Company.of(store).currency == "EUR"


def test_an_order_by_hand_is_kept_undone_and_proved(deals: Store) -> None:
    before = stages_of(deals)
    mine = [row for row in before if row.pipeline == "Renewals"]
    change_stages(deals, in_this_order([replace(mine[1], probability=0.125), mine[0]]))
    after = stages_of(deals)
    assert names(after, "Renewals") == ["Proof", "Zeta"]
    assert {row.stage: row.probability for row in after if row.pipeline == "Renewals"}["Proof"] == 0.125
    assert {row.origin for row in after if row.pipeline == "Renewals"} == {"set"}
    assert [row for row in after if row.pipeline == "Sales"] == [row for row in before if row.pipeline == "Sales"]
    assert check(deals).ok
    assert memory.remembered(deals) == [], "an edit in the app says nothing of files"
    undo(deals, 2)
    assert stages_of(deals) == before


def test_equal_positions_are_set_apart_and_the_scale_is_kept() -> None:
    rows = [StageRow(None, name, at, 0.5, "open", None) for name, at in (("C", 55.0), ("A", 10.0), ("B", 10.0))]
    found = in_this_order(rows)
    assert [row.stage for row in found] == ["C", "A", "B"]
    assert [row.position for row in found] == [10.0, 10.5, 55.0]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"probability": 1.5}, "probability of Zeta"),
        ({"probability": -1.0}, "probability of Zeta"),
        ({"probability": float("nan")}, "probability of Zeta"),
        ({"status": "maybe"}, "Zeta is neither"),
        ({"planned_days": -3}, "planned days of Zeta"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(deals: Store, changes: dict[str, object], words: str) -> None:
    before = stages_of(deals)
    with pytest.raises(TasError, match=words):
        change_stages(deals, [replace(before[0], **changes), *before[1:]])  # type: ignore[arg-type]
    assert stages_of(deals) == before
    assert len(deals.rows("select 1 from load")) == 1


def test_names_with_commas_quotes_and_formulas_survive(store: Store) -> None:
    text = 'opportunity_id,stage\nD1,"=A1, ""quoted"""\nD2,"Line\nbreak"\n'
    load(store, [prepare(text.encode(), "d_2026-02-02.csv")])
    before = stages_of(store)
    change_stages(store, before)
    assert [(row.stage, row.position, row.origin) for row in stages_of(store)] == [
        (row.stage, row.position, "set") for row in before
    ]
