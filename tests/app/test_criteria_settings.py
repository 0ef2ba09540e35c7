"""Settings of the criteria: what is entered of the edited table, and that the assessment follows it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tas_analytics.errors import TasError
from tas_analytics.ingest.loading.entry import enter
from tas_analytics.ingest.loading.loader import load, undo
from tas_analytics.ingest.planning.plan import prepare_file
from tas_analytics.metrics.catalogue import catalogue, spellings
from tas_analytics.metrics.company import Company
from tas_analytics.store.database import Store
from tas_analytics.ui.criteria_settings import entered, frame
from tests.app.conftest import Visitor, everything, healthy
from tests.metrics.small import store_of

DEALS = "opportunity_id,name,stage,amount,owner\nA,Alpha,Talk,100,Bob\n"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = store_of(tmp_path / "s.duckdb", {"opportunities_2026-01-31.csv": DEALS})
    yield opened
    opened.close()


def change(store: Store, number: int, **cells: Any) -> int | None:
    """Change cells of one criterion as somebody does in the table; gives the load."""
    before = frame(catalogue(store))
    after = before.copy()
    for name, value in cells.items():
        after.loc[after["criterion"] == number, name] = value
    rows = entered(before, after, spellings(store))
    return enter(store, "criteria", rows, author="Dana") if rows else None


def test_weights_texts_and_thresholds_are_entered_followed_and_undone(store: Store) -> None:
    assert change(store, 5) is None, "nothing changed enters nothing"
    usual = catalogue(store)
    first = change(store, 5, weight=3.0, short="A *date* that holds", ask="Why now? | Who says so?")
    assert first is not None
    changed = catalogue(store)[4]
    assert (changed.weight, changed.short, changed.ask) == (3.0, "A *date* that holds", ("Why now?", "Who says so?"))
    assert catalogue(store)[:4] == usual[:4]
    assert Company.of(store).weights[4] == 3.0
    change(store, 16, threshold=75_000.0, within_days=60.0)
    assert (catalogue(store)[15].threshold, catalogue(store)[15].within_days) == (75_000, 60)
    change(store, 5, short=None, weight=2.0)
    assert (catalogue(store)[4].short, catalogue(store)[4].weight) == (usual[4].short, 2.0), "a blank is the method's"
    undo(store, first)
    assert catalogue(store)[4].weight == 2.0, "what was entered later stays"


def test_a_row_that_a_file_has_named_is_the_one_that_changes(store: Store) -> None:
    load(store, prepare_file(b"criterion,weight\nCompelling event,4\n", "criteria.csv"))
    assert spellings(store) == {5: "Compelling event"}
    change(store, 5, weight=1.5)
    assert catalogue(store)[4].weight == 1.5
    assert len(spellings(store)) == 1
    assert store.value("select count(*) from criterion_version where valid_to is null") == 1


def test_the_table_as_a_file_is_loaded_back(store: Store) -> None:
    table = frame(catalogue(store))
    table.loc[table["criterion"] == 18, ["weight", "threshold"]] = [0.5, 0.25]
    (result,) = load(store, prepare_file(table.to_csv(index=False).encode("utf-8-sig"), "criteria.csv"))
    assert (result.prepared.table_name, result.loaded_rows, result.rejected_rows) == ("criteria", 20, 0)
    assert (catalogue(store)[17].weight, catalogue(store)[17].threshold) == (0.5, 0.25)
    assert catalogue(store)[4].ask == catalogue(store)[4].ask


@pytest.mark.parametrize(
    ("cells", "said"), [({"weight": -1.0}, "weight is 0 or more"), ({"within_days": -5.0}, "within days is 0 or more")]
)
def test_what_cannot_be_is_refused(store: Store, cells: dict[str, Any], said: str) -> None:
    with pytest.raises(TasError, match=said):
        change(store, 16, **cells)


def test_at_least_one_criterion_counts(store: Store) -> None:
    before = frame(catalogue(store))
    with pytest.raises(TasError, match="No criterion would count"):
        entered(before, before.assign(weight=0.0), {})


def test_the_page_shows_them_and_saves(tmp_path: Path, shelf: object, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "own.duckdb"
    monkeypatch.setenv("TAS_STORE", str(own))
    store = store_of(own, {"opportunities_2026-01-31.csv": DEALS})
    app = Visitor(own, own).open("data", tab="Settings", data="own")
    assert "Criteria of the assessment" in everything(healthy(app))
    app.session_state["set-criteria"] = True
    healthy(app.run())
    drawn = next(one.value for one in app.dataframe if "unfavourable" in one.value.columns)
    pd.testing.assert_frame_equal(drawn.reset_index(drop=True), frame(catalogue(store)), check_dtype=False)
    store.close()
