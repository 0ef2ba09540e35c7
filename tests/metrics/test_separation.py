"""What separates winners: planted effects are named, luck is not, and the numbers are those of other hands."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from tas_analytics.metrics.separation import ENOUGH, effects, fisher, holm, matched

Scores = NDArray[np.int64]


def counted(score: Scores, won: NDArray[np.bool_]) -> pd.DataFrame:
    """Deals × criteria as counts, the way the query gives them."""
    known = score != 0
    others = known.sum(axis=1)[:, None] - known
    key = ((np.arange(20) * 3 + score + 1) * 20 + others) * 2 + won[:, None]
    cells = np.bincount(key.ravel(), minlength=20 * 3 * 20 * 2)
    at = np.flatnonzero(cells)
    return pd.DataFrame(
        {"criterion": at // 120 + 1, "score": at // 40 % 3 - 1, "others": at // 2 % 20, "won": at % 2 == 1,
         "deals": cells[at]}
    )  # fmt: skip


def portfolio(
    dice: np.random.Generator, deals: int, planted: dict[int, tuple[float, float]]
) -> tuple[Scores, NDArray[np.bool_]]:
    """Closed deals as they come about: who gets far knows more and wins more; ratings do not care, but for the planted.

    ``planted`` gives, by criterion, the chance of + of deals that are won and of those that are lost.
    """
    stage = dice.integers(0, 5, deals)
    won = dice.random(deals) < np.array([0.08, 0.15, 0.3, 0.5, 0.7])[stage]
    good = dice.random((deals, 20)) < dice.uniform(0.2, 0.8, 20)
    for number, (of_won, of_lost) in planted.items():
        good[:, number - 1] = dice.random(deals) < np.where(won, of_won, of_lost)
    known = dice.random((deals, 20)) < np.array([0.5, 0.65, 0.78, 0.87, 0.93])[stage][:, None]
    return np.where(known, np.where(good, 1, -1), 0), won


@pytest.mark.parametrize("seed", [2026, 3])
def test_of_200_portfolios_without_effects_at_most_five_percent_name_anything(seed: int) -> None:
    dice = np.random.default_rng(seed)
    named = 0
    for _ in range(200):
        found = effects(counted(*portfolio(dice, int(dice.integers(60, 700)), {})))
        named += any(one.verdict in ("more", "less") for one in found)
    assert named <= 10


def test_planted_effects_are_named_with_their_sign_and_nothing_else() -> None:
    dice = np.random.default_rng(7)
    planted = {5: (0.8, 0.4), 11: (0.7, 0.35), 8: (0.3, 0.65)}
    found_each = dict.fromkeys(planted, 0)
    for _ in range(20):
        found = {one.criterion: one for one in effects(counted(*portfolio(dice, 500, planted)))}
        for number, (of_won, of_lost) in planted.items():
            found_each[number] += found[number].verdict == ("more" if of_won > of_lost else "less")
    assert min(found_each.values()) >= 19


def test_too_few_deals_are_said_and_not_tested() -> None:
    score = np.zeros((40, 20), dtype=np.int64)
    score[:, 0] = np.where(np.arange(40) < ENOUGH - 1, 1, -1)
    score[:, 1] = np.where(np.arange(40) < 20, 1, -1)
    won = np.arange(40) < 20
    found = {one.criterion: one for one in effects(counted(score, won))}
    assert (found[1].verdict, found[1].p) == ("few", None)
    assert found[1].difference is not None
    assert found[2].verdict == "more"
    assert (found[3].verdict, found[3].difference, found[3].unknown.deals) == ("few", None, 40)
    # Only one was tested, so nothing is corrected.
    assert found[2].p == pytest.approx(fisher(20, 20, 0, 20))


def test_counts_and_rates_are_those_of_the_deals() -> None:
    dice = np.random.default_rng(3)
    score, won = portfolio(dice, 300, {})
    for one in effects(counted(score, won)):
        column = score[:, one.criterion - 1]
        for rate, value in ((one.plus, 1), (one.minus, -1), (one.unknown, 0)):
            assert (rate.won, rate.deals) == (int(won[column == value].sum()), int((column == value).sum()))
        assert one.difference is not None
        assert one.difference.low < one.difference.value < one.difference.high


@pytest.mark.parametrize(("n", "m"), [(4, 3), (9, 12), (1, 7)])
def test_fishers_test_counts_all_tables_that_are_no_likelier(n: int, m: int) -> None:
    for a, b in product(range(n + 1), range(m + 1)):
        ways = {k: math.comb(n, k) * math.comb(m, a + b - k) for k in range(n + 1) if 0 <= a + b - k <= m}
        expected = sum(way for way in ways.values() if way <= ways[a]) / sum(ways.values())
        assert fisher(a, n, b, m) == pytest.approx(expected)


def test_holm_is_never_softer_than_the_chances_and_never_harder_than_bonferroni() -> None:
    dice = np.random.default_rng(1)
    for _ in range(50):
        chances = list(dice.random(20) ** 3)
        corrected = holm(chances)
        assert all(p <= q <= min(1.0, 20 * p) + 1e-12 for p, q in zip(chances, corrected, strict=True))
        order = np.argsort(chances)
        assert (np.diff(np.array(corrected)[order]) >= 0).all()
    assert holm([]) == []


def test_knowing_is_compared_among_deals_of_which_equally_much_else_was_known() -> None:
    """Who gets far knows more and wins more: compared plainly, knowing anything would look like winning."""
    dice = np.random.default_rng(11)
    score, won = portfolio(dice, 4000, {})
    known = score[:, 0] != 0
    plain = won[known].mean() - won[~known].mean()
    first = next(one for one in effects(counted(score, won)) if one.criterion == 1)
    assert first.knowing is not None
    assert plain > 0.15
    assert abs(first.knowing.value) < plain / 3


def test_the_matched_difference_is_covered_by_its_interval_as_often_as_it_says() -> None:
    dice = np.random.default_rng(5)
    covered = 0
    for _ in range(400):
        sizes = dice.integers(1, 12, 30), dice.integers(1, 12, 30)
        base = dice.uniform(0.1, 0.6, 30)
        hits = dice.binomial(sizes[0], base + 0.2), dice.binomial(sizes[1], base)
        found = matched(hits[0], sizes[0], hits[1], sizes[1])
        assert found is not None
        covered += found.low <= 0.2 <= found.high
    assert 0.92 < covered / 400 < 0.98
    empty = np.array([0, 3])
    assert matched(empty, empty, np.array([1, 0]), np.array([2, 0])) is None
