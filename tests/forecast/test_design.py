"""The algebra of a scorecard against the same written out in full."""

from __future__ import annotations

import numpy as np
import pytest

from tas_analytics.forecast import design as designs
from tas_analytics.forecast.design import Design, root_of_inverse


@pytest.mark.parametrize(
    ("sizes", "at_once"), [((2, 3, 3, 4, 9, 40), 16_384), ((5,), 16_384), ((90, 2, 7), 100), ((), 9)]
)
def test_sums_over_codes_are_the_matrix_written_out(
    sizes: tuple[int, ...], at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(designs, "_AT_ONCE", at_once)
    dice = np.random.default_rng(len(sizes))
    rows = 250
    codes = [dice.integers(0, size, rows).astype(np.intp) for size in sizes]
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.intp)
    full = np.column_stack([*(np.eye(size)[one] for size, one in zip(sizes, codes, strict=True)), np.ones(rows)])
    design = Design(codes, starts, rows)
    weights, beta = dice.random(rows), dice.normal(size=full.shape[1])
    np.testing.assert_allclose(design.times(beta), full @ beta)
    np.testing.assert_allclose(design.turned_times(weights), full.T @ weights)
    np.testing.assert_allclose(design.curve(weights), full.T @ (weights[:, None] * full), atol=1e-12)


@pytest.mark.parametrize("size", [1, 48, 49, 233])
def test_the_root_makes_the_inverse(size: int) -> None:
    half = np.random.default_rng(size).normal(size=(size, size))
    matrix = half @ half.T + np.eye(size)
    root = root_of_inverse(matrix)
    np.testing.assert_allclose(np.triu(root, 1), 0, atol=1e-12)
    np.testing.assert_allclose(root.T @ root @ matrix, np.eye(size), atol=1e-8)
