"""Drawn futures against what can be computed exactly."""

from __future__ import annotations

import numpy as np
import pytest

from tas_analytics.forecast import simulation
from tas_analytics.forecast.simulation import NOTHING, Coming, Deals, coming, futures, quantiles


def some(count: int, seed: int = 1) -> Deals:
    dice = np.random.default_rng(seed)
    chances = dice.beta(1, 3, count)
    days = np.stack([chances * 0.3, chances * 0.7, chances], axis=1)
    return Deals(dice.permutation(10 * count)[:count], np.exp(dice.normal(10, 1, count)), days)


@pytest.mark.parametrize("spread", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("count", [60, 3_400])
def test_the_mean_of_all_futures_is_the_sum_of_the_chances(count: int, spread: float) -> None:
    deals = some(count)
    sums = futures(deals, spread).groups[0]
    exact = float(deals.chances[:, -1] @ deals.amount)
    assert sums.mean() == pytest.approx(exact, rel=0.03)
    if not spread:
        luck = np.sqrt((deals.chances[:, -1] * (1 - deals.chances[:, -1])) @ deals.amount**2)
        assert sums.std() == pytest.approx(luck, rel=0.08)


def test_what_deals_share_widens_the_sum_but_not_one_deal() -> None:
    alike = Deals(np.arange(400), np.ones(400), np.full((400, 1), 0.3))
    alone, shared = futures(alike, 0.0).groups[0], futures(alike, 0.5).groups[0]
    # Of many deals alike nearly all spread is the shared one: p(1 − p) × spread × deals.
    assert shared.std() == pytest.approx(0.21 * 0.5 * 400, rel=0.15)
    assert alone.std() == pytest.approx(np.sqrt(0.21 * 400), rel=0.08)
    one = Deals(np.array([7]), np.ones(1), np.array([[0.3]]))
    assert futures(one, 0.5).groups[0].mean() == pytest.approx(0.3, abs=0.03)


def test_a_group_is_what_a_filter_on_it_shows() -> None:
    deals = some(300)
    groups = np.arange(300) % 3
    split = futures(deals, 0.4, groups, 3).groups
    alone = Deals(deals.keys[groups == 1], deals.amount[groups == 1], deals.chances[groups == 1])
    assert np.allclose(split[1], futures(alone, 0.4).groups[0])
    assert np.allclose(split.sum(axis=0), futures(deals, 0.4).groups[0])


def test_one_deal_less_leaves_the_luck_of_the_others() -> None:
    deals = some(200)
    rest = Deals(deals.keys[1:], deals.amount[1:], deals.chances[1:])
    gone = futures(deals, 0.4).groups[0] - futures(rest, 0.4).groups[0]
    assert set(np.round(gone, 4)) <= {0.0, round(float(deals.amount[0]), 4)}


@pytest.mark.parametrize("count", [50, 3_300])
def test_days_never_fall_and_end_where_the_period_does(count: int) -> None:
    deals = some(count)
    days = futures(deals, 0.4).days
    assert days.shape == (3, simulation.DRAWS)
    middle = quantiles(days)
    assert (np.diff(middle, axis=0) >= 0).all()
    assert np.allclose(days[-1], futures(deals, 0.4).groups[0])


def test_wins_before_the_period_are_none_of_it() -> None:
    deals = some(200)
    early = Deals(deals.keys, deals.amount, deals.chances, before=deals.chances[:, 0])
    assert futures(early, 0.0).groups[0].mean() == pytest.approx(
        0.7 * float(deals.chances[:, -1] @ deals.amount), rel=0.05
    )


def test_business_to_come_has_the_mean_and_spread_of_the_past_and_is_never_below_nothing() -> None:
    found = coming(Coming(np.array([0.0, 100.0, 1e6]), np.array([0.0, 400.0, 2.5e11])))
    assert (found >= 0).all()
    assert not found[0].any()
    assert found[1].mean() == pytest.approx(100, rel=0.01)
    assert found[1].std() == pytest.approx(20, rel=0.03)
    assert found[2].std() == pytest.approx(5e5, rel=0.05)


def test_nothing_open_and_missing_amounts_give_nothing() -> None:
    assert not futures(NOTHING, 0.4).days.any()
    blank = Deals(np.array([1]), np.array([np.nan]), np.array([[0.5]]))
    assert not futures(blank, 0.4).days.any()
