"""The tabs Settings and Templates: stages of each pipeline with their evidence, and every table in its group."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tas_analytics.ingest.loading.loader import load
from tas_analytics.ingest.loading.settings import stages_of
from tas_analytics.ingest.planning.plan import prepare
from tas_analytics.store import TABLES, Store
from tas_analytics.ui import data_settings, data_templates, stage_list
from tests.app.conftest import Visitor, everything, healthy

DEALS = (
    "opportunity_id,pipeline,stage,amount\n"
    "D1,Sales,Zeta,10\nD2,Sales,Closed Won,20\nD3,Renewals,Proof,30\nD4,*Odd*,Nobody knows,40\n"
)


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shelf: Any) -> Iterator[tuple[Visitor, Store]]:
    monkeypatch.setenv("TAS_STORE", str(tmp_path / "own.duckdb"))
    monkeypatch.setenv("TAS_SAMPLE_STORE", str(shelf.path("sample")))
    store = Store.open(tmp_path / "own.duckdb")
    load(store, [prepare(DEALS.encode(), "deals_2026-02-02.csv")])
    yield Visitor(store.path, shelf.path("sample")), store
    store.close()


@pytest.fixture
def hand(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What is drawn as lists of stages, and what a user makes of the first stage of each."""
    seen: dict[str, Any] = {"lists": [], "change": lambda rows: rows}

    def drawn(rows: Any, *, key: str, editable: bool) -> Any:
        seen["lists"].append((rows, editable))
        return stage_list._checked(seen["change"]([dict(row) for row in rows]), [dict(row) for row in rows])

    monkeypatch.setattr(data_settings, "stage_list", drawn)
    return seen


def test_each_pipeline_is_a_tab_with_what_is_to_be_confirmed(mine: tuple[Visitor, Store]) -> None:
    app = healthy(mine[0].open("data", data="own", tab="Settings"))
    labels = [tab.label for tab in app.tabs]
    assert {"Renewals", "Sales · 2 to confirm", "\\*Odd\\* · 1 to confirm"} <= set(labels)
    assert "3 stages to be confirmed" in everything(app)
    assert app.button(key="save-stages").disabled


def test_each_stage_is_drawn_with_its_evidence(mine: tuple[Visitor, Store], hand: dict[str, Any]) -> None:
    healthy(mine[0].open("data", data="own", tab="Settings"))
    rows = {row["stage"]: row for given, _ in hand["lists"] for row in given}
    assert "Stage not known" not in rows
    assert rows["Zeta"]["note"].startswith("To be confirmed. Evidence: ")
    assert rows["Zeta"]["proposed"]
    assert rows["Proof"]["note"] == "A stage of the method"
    assert all(editable for _, editable in hand["lists"])


def test_confirming_all_is_one_load(mine: tuple[Visitor, Store]) -> None:
    visitor, store = mine
    app = visitor.open("data", data="own", tab="Settings")
    app.button(key="confirm-stages").click().run()
    healthy(app)
    assert not [row for row in stages_of(store) if row.origin == "proposed"]
    assert store.rows("select count(*) from load") == [(2,)]
    assert "Stages in their order" in everything(app)
    assert "confirm-stages" not in {button.key for button in app.button}


def test_an_order_by_hand_is_saved_for_its_pipeline_alone(mine: tuple[Visitor, Store], hand: dict[str, Any]) -> None:
    visitor, store = mine
    hand["change"] = lambda rows: [*rows[1:], rows[0]]
    app = visitor.open("data", data="own", tab="Settings")
    app.button(key="save-stages").click().run()
    rows = stages_of(store)
    assert [row.stage for row in rows if row.pipeline == "Sales"] == ["Closed Won", "Zeta"]
    assert {row.origin for row in rows if row.pipeline == "Sales"} == {"set"}
    assert {row.origin for row in rows if row.pipeline == "*Odd*"} == {"proposed"}


def test_a_blank_probability_is_refused_in_words(mine: tuple[Visitor, Store], hand: dict[str, Any]) -> None:
    visitor, store = mine
    hand["change"] = lambda rows: [row | {"probability": None} for row in rows]
    app = visitor.open("data", data="own", tab="Settings")
    app.button(key="save-stages").click().run()
    assert not app.exception
    assert "is not between 0 and 100" in everything(app)
    assert store.rows("select count(*) from load") == [(1,)]


@pytest.mark.parametrize(
    "said",
    [
        None, "x", [], [{}], [{"stage": "Other"}], [{"stage": "A", "probability": "much", "status": "open"}], {"a": 1},
        [{"stage": "A", "probability": 1, "status": "open", "planned_days": 1}] * 2,
        [{"stage": "A", "probability": 1, "status": "open", "planned_days": float("inf")}],
    ],
    ids=repr,
)  # fmt: skip
def test_whatever_a_browser_says_only_these_stages_count(said: Any) -> None:
    given = [{"stage": "A", "note": "", "probability": 5.0, "status": "open", "planned_days": None}]
    assert stage_list._checked(said, given) == given


def test_the_samples_stages_can_only_be_looked_at(visitor: Callable[[str], Visitor], hand: dict[str, Any]) -> None:
    app = healthy(visitor("sample").open("data", tab="Settings"))
    assert not any(editable for _, editable in hand["lists"])
    assert not {button.key for button in app.button} & {"save-stages", "confirm-stages"}


def test_every_table_stands_in_one_group() -> None:
    found = [one.name for _, tables in data_templates.groups().values() for one in tables]
    assert sorted(found) == sorted(one.name for one in TABLES)


def test_the_templates_are_folded_and_all_in_one_archive(visitor: Callable[[str], Visitor]) -> None:
    app = healthy(visitor("sample").open("data", tab="Templates"))
    assert {title.split("\n")[0] for title in everything(app).split("### ")[1:]} >= set(data_templates.GROUPS)
    assert sum("columns" in one.label for one in app.expander) == len(TABLES)
    with zipfile.ZipFile(io.BytesIO(data_templates.all_empty())) as archive:
        assert len(archive.namelist()) == len(TABLES)
        for one in TABLES:
            text = archive.read(f"{one.name}.csv")
            assert prepare(text + b"x" * 3 + b"\n", f"{one.name}.csv", draft=True).table_name == one.name
