"""What past windows prove: who answers, and whether chances may be taken at their word."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tas_analytics.forecast.proof import SCORE, calibration, proofs
from tas_analytics.forecast.walk import Walk, Window, shifted_chances, shifts


def windows(count: int, said: float, seed: int = 1, deals: int = 300, simple: float = 1.0) -> Walk:
    """Windows whose score and simpler answer stray from the true chances by so much, in log odds."""
    dice = np.random.default_rng(seed)
    found = []
    for place in range(count):
        odds = dice.normal(-1, 1, deals)
        won = dice.random(deals) < 1 / (1 + np.exp(-odds))
        ours, theirs = (1 / (1 + np.exp(-odds - dice.normal(0, 1, deals) * by)) for by in (said, simple))
        found.append(
            Window(
                pd.Timestamp("2026-01-01") + pd.Timedelta(days=45 * place), 90, np.arange(deals) + place * deals, ours,
                (1 - ours) / 2, won.astype(float), (~won).astype(float), {"age": theirs, "crm": np.full(deals, np.nan)},
            )
        )  # fmt: skip
    return Walk(tuple(found))


def test_a_simpler_answer_that_did_better_is_used() -> None:
    proof = proofs(windows(3, said=2.0, simple=0.0))[90]
    assert proof.answer == "age"
    assert proof.brier["age"] < proof.brier[SCORE]
    assert "crm" not in proof.brier
    assert not proof.proven


def test_luck_is_no_reason_to_change() -> None:
    chosen = [proofs(windows(3, said=0.3, simple=0.3, seed=seed))[90].answer for seed in range(40)]
    assert chosen.count(SCORE) >= 34


def test_few_wins_prove_nothing() -> None:
    proof = proofs(windows(1, said=2.0, simple=0.0, deals=30))[90]
    assert proof.answer == SCORE
    assert not proof.proven
    assert "too few wins" in proof.why


def test_chances_that_came_true_are_proven() -> None:
    proof = proofs(windows(3, said=0.0))[90]
    assert (proof.answer, proof.proven, proof.why) == (SCORE, True, "")
    assert abs(proof.foreseen - proof.won) < 40
    assert proof.deals == 900


def test_one_rule_says_whether_chances_are_proven() -> None:
    dice = np.random.default_rng(7)
    chances = dice.beta(1, 3, 2_000)
    won = (dice.random(2_000) < chances).astype(float)
    assert calibration(chances, won, 90).proven
    assert not calibration(chances, won, 60).proven
    assert "wins and" in calibration(np.minimum(chances * 1.6, 1), won, 90).why
    # As many wins as foreseen, but of other deals: the level alone proves nothing.
    assert "off on average" in calibration(np.where(np.arange(2_000) < 1_000, 0.0, 0.5), won, 90).why


@pytest.mark.parametrize("move", [-2.5, 0.0, 1.3, 2.9])
def test_a_bias_that_windows_share_is_found_and_one_beyond_measure_cut_off(move: float) -> None:
    chances = np.random.default_rng(8).beta(1, 4, 300)
    happened, day = shifted_chances(chances, move), pd.Timestamp("2026-01-01")
    found = [Window(day, length, np.arange(300), chances, chances, happened, happened, {}) for length in (40, 50, 60)]
    # Less what chance explains, which is little beside moves as large as these.
    assert np.allclose(shifts(found), move, rtol=0.05)
    nobody = [replace(one, won=np.zeros(300)) for one in found]
    assert -3 <= shifts(nobody)[0] < -2.8
