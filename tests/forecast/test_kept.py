"""What a model has learnt is kept beside its store, and taken up only for the very same contents."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tas_analytics.forecast import fitted, kept, shelf
from tas_analytics.forecast.card import card
from tas_analytics.ingest.loading.loader import load
from tas_analytics.ingest.planning.plan import Options, prepare
from tas_analytics.metrics.company import Company
from tas_analytics.store.database import Store
from tests.forecast import simulated
from tests.metrics.small import store_of

DAY = simulated.LAST
DAYS = [DAY + dt.timedelta(days=n) for n in (30, 90, 400)]
REACH = fitted.reach_of(90)


@pytest.fixture(scope="module")
def drawn() -> simulated.Company:
    return simulated.company(200, 8)


@pytest.fixture(scope="module")
def learnt(drawn: simulated.Company, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, fitted.Fitted]:
    """A closed store with a kept model, and the model as it was learnt."""
    store = store_of(tmp_path_factory.mktemp("kept") / "store.duckdb", drawn.files())
    model = fitted.now(store, Company.of(store), DAY)
    store.close()
    return store.path, model


@pytest.fixture
def store(learnt: tuple[Path, fitted.Fitted], tmp_path: Path) -> Iterator[Store]:
    """A copy of the store with what is kept beside it, opened as a new process would."""
    path = tmp_path / "store.duckdb"
    shutil.copy(learnt[0], path)
    shutil.copytree(shelf.folder_of(learnt[0]), shelf.folder_of(path))
    opened = Store.open(path)
    yield opened
    opened.close()


def test_a_new_process_takes_up_what_was_learnt(store: Store, learnt: tuple[Path, fitted.Fitted]) -> None:
    before = [file.stat().st_mtime_ns for file in shelf.folder_of(store.path).iterdir()]
    assert kept.recall(store, DAY, REACH) is not None
    again, model = fitted.now(store, Company.of(store), DAY), learnt[1]
    assert [file.stat().st_mtime_ns for file in shelf.folder_of(store.path).iterdir()] == before
    for rows in (None, model.rows):
        one, other = again.curve(DAYS, rows, unsure=True), model.curve(DAYS, unsure=True)
        for name in ("won", "lost", "close", "spread"):
            assert np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True), name
    assert again.parts().equals(model.parts())
    assert json.dumps(card(again)) == json.dumps(card(model))
    assert (again.refused, again.against, again.proofs) == (model.refused, model.against, model.proofs)
    assert again.read().rows.shape == model.read().rows.shape


def test_changed_data_are_learnt_anew(
    store: Store, drawn: simulated.Company, learnt: tuple[Path, fitted.Fitted]
) -> None:
    export = drawn.export(DAY)
    closed = export["stage"] == "Won"
    export.loc[closed, "stage"] = np.where(np.arange(closed.sum()) % 2, "Won", "Lost")
    files = [prepare(export.to_csv(index=False).encode(), "o.csv", Options(as_table="opportunities", as_of=DAY))]
    load(store, files, user="test")
    assert kept.recall(store, DAY, REACH) is None
    again = fitted.now(store, Company.of(store), DAY)
    assert again.won < learnt[1].won * 0.7
    assert again.curve(DAYS).won.mean() < learnt[1].curve(DAYS).won.mean() * 0.8
    assert kept.recall(store, DAY, REACH) is not None


def test_another_store_in_its_place_is_learnt_anew(store: Store, tmp_path: Path) -> None:
    """It may well have had as many changes."""
    version, path = store.data_version, store.path
    store.close()
    other = store_of(tmp_path / "other.duckdb", simulated.company(200, 9).files())
    assert other.data_version == version
    other.close()
    shutil.copy(other.path, path)
    put = Store.open(path)
    assert kept.recall(put, DAY, REACH) is None
    put.close()


def test_another_day_or_reach_is_another_model(store: Store) -> None:
    assert kept.recall(store, DAY - dt.timedelta(days=30), REACH) is None
    assert kept.recall(store, DAY, fitted.reach_of(100)) is None
    past = fitted.now(store, Company.of(store), DAY - dt.timedelta(days=30))
    assert past.as_of < DAY
    assert len(list(shelf.folder_of(store.path).iterdir())) == 1


@pytest.mark.parametrize("damage", ["cut", "empty", "words", "pickle"])
def test_a_damaged_file_is_learnt_anew(store: Store, damage: str) -> None:
    (file,) = shelf.folder_of(store.path).iterdir()
    whole = file.read_bytes()
    with np.load(file) as arrays:
        told = {name: arrays[name] for name in arrays.files}
    if damage == "pickle":
        # What could run something when it is read is refused.
        with file.open("wb") as out:
            np.savez(out, **told | {"told": np.array([{"base": 1}], dtype=object)})
    else:
        file.write_bytes({"cut": whole[: len(whole) // 2], "empty": b"", "words": b"not a model"}[damage])
    assert kept.recall(store, DAY, REACH) is None


def test_where_nothing_can_be_written_the_answer_is_the_same(
    learnt: tuple[Path, fitted.Fitted], tmp_path: Path
) -> None:
    path = tmp_path / "store.duckdb"
    shutil.copy(learnt[0], path)
    shelf.folder_of(path).write_text("in the way")
    store = Store.open(path)
    found = fitted.now(store, Company.of(store), DAY)
    store.close()
    assert np.array_equal(found.curve(DAYS).won, learnt[1].curve(DAYS).won)
    assert shelf.folder_of(path).read_text() == "in the way"
