"""Sentences and order of the assessment page, on portfolios made by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tas_analytics.method.criteria import criteria
from tas_analytics.metrics import portfolio
from tas_analytics.metrics.positions import Positions

NAN = np.nan


def made(
    rows: list[dict[str, object]], ours: list[dict[int, float]], net: list[dict[int, float]] | None = None
) -> Positions:
    def matrix(given: list[dict[int, float]]) -> np.ndarray:
        result = np.full((len(rows), 20), NAN)
        for place, scores in enumerate(given):
            for number, score in scores.items():
                result[place, number - 1] = score
        return result

    scores, nets = matrix(ours), matrix(net or [{} for _ in rows])
    deals = pd.DataFrame(rows)
    deals["known"] = (np.nan_to_num(scores) != 0).sum(axis=1)
    deals["known_share"] = deals["known"] / 20
    deals["score"] = np.nan_to_num(scores).mean(axis=1)
    deals["net"] = np.where(np.isnan(nets).all(axis=1), NAN, np.nansum(nets, axis=1))
    return Positions(deals, scores, scores - nets, nets)


@pytest.fixture
def found() -> Positions:
    everything = dict.fromkeys(range(1, 21), 1.0)
    rows: list[dict[str, object]] = [
        {"amount": 1000.0, "close_date": pd.Timestamp(2026, 3, 1), "category": "commit"},
        {"amount": 3000.0, "close_date": pd.Timestamp(2026, 2, 1), "category": "commit"},
        {"amount": NAN, "close_date": pd.NaT, "category": None},
    ]
    return made(rows, [everything | {7: -1.0, 11: 0.0}, everything | {15: 0.0}, {1: -1.0}], [{7: -2.0}, {12: 1.0}, {}])


def test_the_headline_names_the_criterion_with_most_money_against_us(found: Positions) -> None:
    text = portfolio.headline(found, "ours", criteria(), "USD")
    assert text == "The weak spot is political alignment: $3.0k of $4.0k is unfavourable or unknown"


def test_without_amounts_deals_are_counted(found: Positions) -> None:
    bare = Positions(found.deals.assign(amount=NAN), found.ours, found.theirs, found.net)
    assert portfolio.headline(bare, "ours", criteria(), "USD").endswith("2 of 3 deals are unfavourable or unknown")
    assert (
        portfolio.headline(bare, "net", criteria(), "USD")
        == "Competitors lead most often on solution fit: 1 of 3 deals"
    )


def test_commitments_without_a_sponsor_are_counted(found: Positions) -> None:
    assert portfolio.commit_gap(found, criteria()) == "1 of 2 commit deals still lacks inside support."


@pytest.mark.parametrize(
    ("order", "show", "expected"),
    [("amount", "ours", [1, 0, 2]), ("close", "ours", [1, 0, 2]), ("known", "ours", [2, 1, 0]),
     ("gap", "ours", [2, 0, 1]), ("gap", "net", [0, 1, 2])],
)  # fmt: skip
def test_orders(found: Positions, order: str, show: portfolio.Show, expected: list[int]) -> None:
    assert portfolio.ordered(found, order, show).tolist() == expected


def test_plus_is_the_same_side_in_every_view() -> None:
    assert portfolio.signs(1.0, "ours") == (1, "+")
    assert portfolio.signs(1.0, "theirs") == (-2, "+")  # what speaks for them speaks against us
    assert portfolio.signs(-1.0, "ours") == (-2, "−")
    assert portfolio.signs(0.0, "ours") == portfolio.signs(NAN, "ours") == (None, "?")
    assert portfolio.signs(0.0, "net") == (0, "0")
    assert portfolio.signs(-2.0, "net") == (-2, "−2")
    assert portfolio.signs(NAN, "net") == (None, "?")


def test_nothing_to_tell_is_told() -> None:
    empty = made([], [])
    assert portfolio.headline(empty, "ours", criteria(), "USD") == "No open deal here has been assessed yet"
    nothing = pd.DataFrame(columns=["competitor", "criterion", "net_advantage", "met_deals"])
    assert portfolio.against_competitor(nothing, criteria()) == "No competitor has been compared with us yet"
