"""The chance to win, learnt from any table of closed deals."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest

from tas_analytics.errors import BadQuestion
from tas_analytics.forecast import WinModel, foremost
from tas_analytics.forecast.trees import Shape, Trees
from tests.forecast.companies import deals


def log_loss(won: pd.Series, chance: pd.Series | np.ndarray) -> float:
    y, p = np.asarray(won, dtype=float), np.asarray(chance, dtype=float)
    return float(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)))


@pytest.fixture(scope="module")
def fitted() -> tuple[WinModel, pd.DataFrame, pd.Series]:
    table, won, _ = deals(1_200, 1)
    return WinModel().fit(table, won), table, won


def test_scores_come_close_to_the_true_chances(fitted: tuple[WinModel, pd.DataFrame, pd.Series]) -> None:
    model, _, _ = fitted
    table, won, chance = deals(3_000, 2)
    scores = model.predict(table)
    assert log_loss(won, scores) < log_loss(won, np.full(len(won), won.mean())) - 0.04
    assert log_loss(won, scores) < log_loss(won, chance) + 0.015
    assert list(scores.index) == list(table.index)


def test_scores_are_as_reliable_as_they_say(fitted: tuple[WinModel, pd.DataFrame, pd.Series]) -> None:
    model, _, _ = fitted
    table, won, _ = deals(6_000, 3)
    scores = model.predict(table)
    tenth = pd.qcut(scores, 10, labels=False)
    gap = (scores.groupby(tenth).mean() - won.astype(float).groupby(tenth).mean()).abs()
    assert gap.mean() < 0.04


def test_the_parts_of_a_score_add_up_to_it(fitted: tuple[WinModel, pd.DataFrame, pd.Series]) -> None:
    model, table, _ = fitted
    parts, scores = model.explain(table), model.predict(table)
    assert list(parts.columns) == list(table.columns)
    assert np.allclose(model.average + parts.sum(axis=1), np.log(scores / (1 - scores)), atol=1e-6)
    average = 1 / (1 + np.exp(-model.average))
    assert np.allclose(average + model.explain(table, "probability").sum(axis=1), scores, atol=1e-9)
    assert (parts[["Empty", "Always", "Deal ID"]] == 0).all(axis=None)
    effect = parts["Source"] + parts["Partner involved"]
    assert effect[table["Source"] == "Partner"].mean() > effect[table["Source"] != "Partner"].mean() + 0.5


def test_the_parts_add_up_with_trees_too() -> None:
    dice = np.random.default_rng(5)
    table = pd.DataFrame({"a": dice.normal(size=1500), "b": dice.choice(list("uvwxyz"), 1500), "c": dice.random(1500)})
    table.loc[::7, "a"] = np.nan
    table.loc[::11, "b"] = None
    # Only together do a and b tell anything: no scorecard can see it.
    chance = np.where((table["a"] > 0) == table["b"].isin(["u", "v", "w"]), 0.85, 0.15)
    model = WinModel().fit(table, pd.Series(dice.random(1500) < chance))
    assert model.weights[1] > 0.5
    assert model.predict(table.head(0)).empty
    assert model.explain(table.head(0)).empty
    parts, scores = model.explain(table), model.predict(table)
    assert np.allclose(model.average + parts.sum(axis=1), np.log(scores / (1 - scores)), atol=1e-5)
    assert parts["c"].abs().mean() < parts["b"].abs().mean() / 3


def test_the_same_deals_and_seed_give_the_same_scores() -> None:
    table, won, _ = deals(300, 7)
    first, second = WinModel(3).fit(table, won), WinModel(3).fit(table, won)
    assert first.predict(table).equals(second.predict(table))
    assert first.fit(table, won).predict(table).equals(second.predict(table))


def test_without_signal_scores_stay_at_the_base_rate() -> None:
    table, won, _ = deals(900, 11)
    shuffled = won.sample(frac=1, random_state=4).reset_index(drop=True)
    scores = WinModel().fit(table, shuffled).predict(deals(900, 12)[0])
    assert abs(scores.mean() - shuffled.mean()) < 0.01
    assert scores.std() < 0.02


def test_fifty_deals_do_no_worse_than_the_base_rate() -> None:
    other, other_won, _ = deals(2_000, 200, strength=0.3)
    worse = []
    for seed in range(100, 108):
        table, won, _ = deals(50, seed, strength=0.3)
        loss = log_loss(other_won, WinModel().fit(table, won).predict(other))
        worse.append(loss - log_loss(other_won, np.full(2_000, (won.sum() + 1) / 52)))
    assert np.mean(worse) < 0.02


@pytest.mark.parametrize(
    ("won", "low", "high"),
    [([], 0.5, 0.5), ([True], 0.6, 0.7), ([False] * 30, 0.0, 0.05), ([True] * 30, 0.95, 1.0), ([None] * 5, 0.5, 0.5)],
)
def test_too_little_to_learn_from_gives_the_prior_and_the_base_rate(won: list[bool], low: float, high: float) -> None:
    table = deals(30, 1)[0]
    model = WinModel().fit(table.head(len(won)), pd.Series(won, dtype=object))
    scores = model.predict(table)
    assert scores.between(low, high).all()
    assert (model.explain(table) == 0).all(axis=None)


def test_what_was_never_seen_is_scored_all_the_same(fitted: tuple[WinModel, pd.DataFrame, pd.Series]) -> None:
    model, table, _ = fitted
    odd = table.head(4).copy()
    odd["Region"], odd["Amount"], odd["Touches"] = "Atlantis", "n/a", np.inf
    odd["Opened"] = "soon"
    assert model.predict(odd).between(0.01, 0.99).all()
    assert model.predict(table[["Source"]].head(3)).between(0.01, 0.99).all()
    assert model.predict(table.head(0)).empty
    assert model.explain(table.head(0)).empty


def test_any_kind_of_column_is_taken() -> None:
    table, won, _ = deals(200, 21)
    table["Same name"] = pd.Categorical(table["Region"])
    table["Duration"] = pd.to_timedelta(table["Touches"], unit="D")
    table["Period"] = pd.PeriodIndex(table["Opened"], freq="M")
    table["Nullable"] = pd.array([None if i % 3 else i for i in range(200)], dtype="Int64")
    table["Mixed"] = [i if i % 2 else f"x{i % 5}" for i in range(200)]
    table["Lists"] = [str([i % 4]) for i in range(200)]
    table["Note"] = [f"Met the customer on floor {i}; *good* talk" for i in range(200)]
    table["Infinite"] = np.where(table["Touches"] > 6, np.inf, 1.0)
    table["Immense"] = np.where(table["Touches"] > 6, 1e300, -1e300)
    table["Real lists"] = pd.Series([[i % 4] if i % 3 else None for i in range(200)], dtype=object)
    table["Long ago"] = np.resize(np.array(["0001-01-01", "9999-12-31"], dtype="datetime64[s]"), 200)
    table["Long ago in words"] = np.resize(["0001-01-01", "9999-12-31", "2024-02-30"], 200)
    table["Exact"] = pd.Series([Decimal(i) / 3 if i % 5 else Decimal("NaN") for i in range(200)], dtype=object)
    table["Region (2)"] = "a name that a second column of one name would get"
    twice = pd.concat([table, table[["Region"]], table[["Region"]].set_axis([None], axis=1)], axis=1)
    model = WinModel().fit(twice, won)
    assert model.predict(twice).between(0, 1).all()
    parts = model.explain(twice)
    assert parts.shape == twice.shape
    assert parts.columns.is_unique
    assert np.allclose(1 / (1 + np.exp(-model.average - parts.sum(axis=1))), model.predict(twice))


def test_answers_must_be_as_many_as_deals() -> None:
    table, won, _ = deals(20, 1)
    with pytest.raises(BadQuestion, match="20 deals but 19 outcomes"):
        WinModel().fit(table, won.head(19))
    with pytest.raises(BadQuestion, match="20 deals but 3 groups"):
        WinModel().fit(table, won, groups=np.arange(3))


@pytest.mark.parametrize(
    "outcomes",
    [["Won", "Lost"], [2, 1], [1, -1], [0.5, 1.0], [np.inf, 0.0], pd.date_range("2026-01-01", periods=2), None],
)
def test_outcomes_must_be_yes_or_no(outcomes: Any) -> None:
    table, _, _ = deals(20, 1)
    with pytest.raises(BadQuestion):
        WinModel().fit(table, cast("Any", None if outcomes is None else pd.Series(outcomes).repeat(10)))


def test_outcomes_are_taken_in_any_form_of_yes_and_no() -> None:
    table, won, _ = deals(120, 1)
    asked = table.head(5)
    plain = WinModel().fit(table, won).predict(asked)
    forms: list[Any] = [won.astype(int), won.astype(float), won.astype("boolean"), won.astype(object), list(won)]
    for form in forms:
        assert WinModel().fit(table, form).predict(asked).equals(plain)
    some = won.astype(object).where(np.arange(120) % 9 > 0)
    assert WinModel().fit(table, some).deals == int(some.notna().sum())
    named = np.array([f"deal {i % 60}" for i in range(120)])
    assert (
        WinModel().fit(table, won, groups=named).weights
        == WinModel().fit(table, won, groups=np.arange(120) % 60).weights
    )


def test_hardly_any_kinds_of_deals_are_told_apart_all_the_same() -> None:
    won = pd.Series([True, False] * 60)
    table = pd.DataFrame({"Verdict": won.map({True: "yes", False: "no"})})
    assert WinModel().fit(table, won).predict(table)[won].min() > 0.9
    # In one group with each other, nothing can be shown of them.
    assert WinModel().fit(table, won, groups=np.zeros(120, dtype=np.intp)).predict(table).eq(0.5).all()


def test_deals_must_be_a_table() -> None:
    table, won, _ = deals(20, 1)
    model = WinModel().fit(table, won)
    nothing: Any
    for nothing in ([1, 2], None, won, {"a": [1]}, np.zeros((20, 2))):
        with pytest.raises(BadQuestion, match="no table"):
            model.predict(nothing)
        with pytest.raises(BadQuestion, match="no table"):
            WinModel().fit(nothing, won)
    with pytest.raises(BadQuestion, match="points"):
        model.explain(table, unit=cast("Any", "points"))


def test_of_too_many_columns_those_that_tell_most_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foremost, "MOST", 40)
    # So few that no trees are tried, for these look at all.
    table, won, _ = deals(140, 3)
    dice = np.random.default_rng(4)
    noise = pd.DataFrame({f"Field {i}": dice.normal(size=140) for i in range(60)})
    noise["Signal"] = dice.normal(size=140) + 2 * won
    wide = pd.concat([noise, table], axis=1)
    model = WinModel().fit(wide, won)
    told = model.explain(wide).abs().sum()
    assert (told > 0).sum() <= 12
    assert told.idxmax() == "Signal"
    assert model.weights[0] > 0


def test_a_column_filled_at_the_close_is_refused_and_named() -> None:
    table, won, _ = deals(400, 31)
    still_open = deals(120, 32)[0]
    plain = WinModel().fit(table, won, open_deals=still_open)
    table["Signed on"] = ["2026-03-01" if one else None for one in won]
    table["CRM probability"] = np.where(won, 100, 0)
    still_open["Signed on"], still_open["CRM probability"] = None, np.resize([20, 40, 60, 80], 120)
    model = WinModel().fit(table, won, open_deals=still_open)
    assert {one.column: one.gravity for one in model.findings} == {"Signed on": "leak", "CRM probability": "leak"}
    assert np.allclose(model.predict(table), plain.predict(table), atol=1e-9)


def test_a_column_that_really_tells_is_doubted_and_kept() -> None:
    table, won, _ = deals(400, 41)
    table["Verbal approval"] = np.where(won, "given", "refused")
    model = WinModel().fit(table, won)
    assert [(one.column, one.gravity) for one in model.findings] == [("Verbal approval", "doubt")]
    assert model.predict(table)[won].min() > 0.9


def test_trees_tell_a_common_value_from_its_neighbours() -> None:
    dice = np.random.default_rng(5)
    amounts = np.exp(dice.normal(9, 1, 4_000))
    amounts[::20] = 10_000.0
    chance = np.where(amounts == 10_000.0, 0.9, 0.3)
    won = (dice.random(4_000) < chance).astype(float)
    trees = Trees(Shape(rate=0.1, leaves=8, least=20, trees=60), seed=0).fit(amounts[:, None], won)
    round_one, near = 1 / (1 + np.exp(-trees.logits(np.array([[10_000.0], [9_960.0]]))))
    assert round_one > 0.75
    assert near < 0.45


def test_many_deals_are_scored_like_few(monkeypatch: pytest.MonkeyPatch) -> None:
    dice = np.random.default_rng(6)
    cells = np.column_stack([dice.integers(0, 9, 800), dice.choice([1.0, 2.0, np.nan], 800)]).astype(float)
    trees = Trees(Shape(rate=0.1, leaves=6, least=10, trees=20), seed=0).fit(cells, (cells[:, 0] > 4).astype(float))
    few = trees.logits(cells)
    monkeypatch.setattr("tas_analytics.forecast.trees._MANY", 1)
    assert np.array_equal(trees.logits(cells), few)
