"""The fitted model that pages and commands share."""

from __future__ import annotations

import datetime as dt
import io
import json
import time
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tas_analytics import cli
from tas_analytics.forecast import beside, fitted
from tas_analytics.forecast.baselines import NAMES, answer
from tas_analytics.forecast.by_date import ByDate, Curve
from tas_analytics.forecast.card import card
from tas_analytics.forecast.fitted import Fitted
from tas_analytics.metrics.company import Company
from tas_analytics.store.database import Store
from tests.forecast import simulated
from tests.metrics.small import store_of

DAYS = [simulated.LAST + dt.timedelta(days=n) for n in (30, 60, 90, 400)]


@pytest.fixture(scope="module")
def drawn() -> simulated.Company:
    return simulated.company(400, 5)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, drawn: simulated.Company) -> Iterator[Store]:
    opened = store_of(tmp_path_factory.mktemp("fitted") / "store.duckdb", drawn.files())
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def company(store: Store) -> Company:
    return Company.of(store)


@pytest.fixture(scope="module")
def model(store: Store, company: Company) -> Fitted:
    """The model as a page gets it: not there at first, and then without waiting."""
    assert fitted.ready(store, company, simulated.LAST) is None
    end = time.monotonic() + 120
    while (found := fitted.ready(store, company, simulated.LAST)) is None:
        assert time.monotonic() < end, "the model was not learnt in the background"
        time.sleep(0.05)
    return found


def test_pages_and_commands_share_one_model(store: Store, company: Company, model: Fitted) -> None:
    assert fitted.now(store, company, simulated.LAST) is model
    assert fitted.now(store, company, simulated.LAST, 30) is model
    assert fitted.ready(store, company, simulated.LAST, 90) is model


def test_a_second_process_learns_the_same(
    store: Store, company: Company, model: Fitted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    beside.begin()
    try:
        found = fitted.fit(store, company, simulated.LAST)
    finally:
        beside.end()
    curve, own = found.curve(DAYS, unsure=True), model.curve(DAYS, unsure=True)
    for name in ("won", "lost", "spread"):
        np.testing.assert_allclose(getattr(curve, name), getattr(own, name), atol=1e-10)
    assert [one.answer for one in found.proofs.values()] == [one.answer for one in model.proofs.values()]
    np.testing.assert_allclose(list(found.shifts.values()), list(model.shifts.values()), atol=1e-8)


def test_a_longer_time_is_never_less_likely(model: Fitted) -> None:
    curve = model.curve([DAYS[3], *DAYS])
    assert curve.days == (30, 60, 90, 400)
    assert curve.won.shape == curve.lost.shape == (len(model.rows), 4)
    assert (np.diff(curve.won, axis=1) >= 0).all()
    assert (np.diff(curve.lost, axis=1) >= 0).all()
    assert (curve.won + curve.lost <= 1 + 1e-9).all()
    assert (curve.won + curve.lost)[:, 3].mean() > 0.9
    assert (curve.close > 0).all()


def test_scores_come_close_to_the_truth(model: Fitted, drawn: simulated.Company) -> None:
    said = model.curve([DAYS[2]]).won[:, 0]
    truth = drawn.truth(simulated.LAST, 90).reindex(model.rows["opportunity_id"]).to_numpy()
    assert np.corrcoef(said, truth)[0, 1] > 0.8
    assert abs(said.mean() - truth.mean()) < 0.08


def test_an_interval_holds_the_truth_about_as_often_as_it_says(model: Fitted, drawn: simulated.Company) -> None:
    curve = model.curve([DAYS[0], DAYS[2]], unsure=True)
    truth = drawn.truth(simulated.LAST, 90).reindex(model.rows["opportunity_id"]).to_numpy()
    inside = (curve.won_low[:, 1] <= truth) & (truth <= curve.won_high[:, 1])
    assert 0.6 < inside.mean() <= 1
    assert 0.02 < (curve.won_high - curve.won_low)[:, 1].mean() < 0.4


def test_a_history_of_stages_takes_its_attributes_from_the_export(model: Fitted) -> None:
    assert model.rows["source"].notna().all()
    assert {"source", "stage"} <= set(model.parts().columns)


def test_a_simpler_answer_stands_in_where_the_past_shows_it_to_be_better(model: Fitted) -> None:
    until = DAYS[2]
    assert model.answer(until) == "score"
    proof = next(iter(model.proofs.values()))
    other = replace(model, proofs={30: replace(proof, length=30), 92: replace(proof, length=92, answer="age")})
    assert (other.answer(DAYS[0]), other.answer(until)) == ("score", "age")
    curve, own = other.curve([DAYS[0], until], unsure=True), model.curve([DAYS[0], until])
    assert np.allclose(curve.won[:, 0], own.won[:, 0])
    assert not np.allclose(curve.won[:, 1], own.won[:, 1], atol=0.02)
    told = answer("age", model.read(), model.rows, [90])
    assert (np.abs(curve.won[:, 1] - np.maximum(told.won[:, 0], own.won[:, 0])) < 0.02).mean() > 0.8
    assert (curve.won_high > curve.won_low).all()


@pytest.mark.parametrize("key", NAMES)
def test_simpler_answers_are_chances(model: Fitted, key: str) -> None:
    told = answer(key, model.read(), model.rows, [30, 90])
    assert told.won.shape == (len(model.rows), 2)
    known = np.isfinite(told.won)
    assert known.all() or key == "crm"
    assert ((told.won[known] >= 0) & (told.won[known] + told.lost[known] <= 1 + 1e-9)).all()


def test_the_card_holds_the_model(model: Fitted, store: Store) -> None:
    out = io.StringIO()
    with redirect_stdout(out), pytest.raises(SystemExit) as end:
        cli.main(["--store", str(store.path), "model"])
    assert not end.value.code
    told = json.loads(out.getvalue())
    assert told == json.loads(json.dumps(card(model)))
    assert told["learnt_from"]["won"] == model.won
    assert {one["length"] for one in told["past_windows"]} == set(model.proofs)
    source = next(one for one in told["winning"]["columns"] if one["column"] == "source")
    points = dict(zip([None, *source["levels"]], source["points"], strict=False))
    parts = model.model.winning.by_column(model.rows, {})["source"]
    assert np.allclose(parts, model.rows["source"].map(points), atol=1e-5)


def test_a_what_if_takes_changed_rows_and_learns_nothing(model: Fitted) -> None:
    rows = model.rows.copy()
    first = rows["stage"] == simulated.STAGES[0]
    before = model.curve(DAYS, rows[first])
    rows["stage"] = rows["stage"].mask(first, simulated.STAGES[2])
    rows["stage_probability"] = rows["stage_probability"].mask(first, 0.8)
    after = model.curve(DAYS, rows[first])
    assert (after.won[:, 1] > before.won[:, 1]).mean() > 0.9
    assert (after.close < before.close).mean() > 0.9
    assert model.curve(DAYS, rows.head(0)).won.shape == (0, 4)


def test_an_earlier_day_and_a_longer_time_have_models_of_their_own(
    store: Store, company: Company, model: Fitted, drawn: simulated.Company
) -> None:
    day = dt.date(2026, 1, 1)
    past = fitted.now(store, company, day)
    assert past is not model
    assert set(past.rows["opportunity_id"]) == set(drawn.happened(day, 90).index)
    assert past.won + past.lost < model.won + model.lost


def test_a_stage_table_does_not_outweigh_deals_that_hardly_ever_close(model: Fitted) -> None:
    few = ByDate.of(model.model.past, 25, 200, 8, 92, model.model.closing, model.model.winning, model.model.cohorts)
    rows = model.rows.assign(stage_probability=0.2)
    flat = np.ones((len(rows), 1))
    own = Curve((90,), 0.004 * flat, 0.03 * flat, np.zeros(len(rows)), 0 * flat)
    assert 0.2 < few.prior_share < 0.3
    assert (few.lean(rows, own).won < 0.012).all()
    none = ByDate.of(few.past, 0, 0, 8, 92, few.closing, few.winning, few.cohorts)
    assert np.allclose(none.lean(rows, own).won, 0.2 * (1 - np.exp(-90 / (180 * 0.8))))


def test_what_learning_ends_with_reaches_who_asks(tmp_path: Path) -> None:
    store = store_of(tmp_path / "s.duckdb", {})
    company = Company.of(store)
    store.close()
    with pytest.raises(Exception, match=r"[Cc]losed"):
        fitted.now(store, company, simulated.LAST)
