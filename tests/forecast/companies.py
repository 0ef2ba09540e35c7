"""Deals whose true chances are known, because they are drawn here."""

from __future__ import annotations

import numpy as np
import pandas as pd


def deals(count: int, seed: int, strength: float = 1.0) -> tuple[pd.DataFrame, pd.Series, np.ndarray]:
    """Deals as a CRM exports them, which were won, and the chance that each had."""
    dice = np.random.default_rng(seed)
    region = dice.choice(["West", "East", "North <b>", ""], count, p=[0.4, 0.3, 0.2, 0.1])
    source = dice.choice(["Partner", "Inbound", "Outbound"], count)
    amount = np.exp(dice.normal(10, 1.2, count))
    touches = dice.poisson(6, count)
    logit = (
        -0.6
        + 0.9 * (source == "Partner")
        - 0.5 * (region == "East")
        - 0.45 * (np.log(amount) - 10)
        + 0.9 * np.minimum(touches, 8) / 8
    )
    chance = 1 / (1 + np.exp(-(strength * logit - (1 - strength) * 0.4)))
    won = pd.Series(dice.random(count) < chance, name="won")
    table = pd.DataFrame(
        {
            "Deal ID": [f"006{seed}{i:07d}" for i in range(count)],
            "Region": region,
            "Source": source,
            "Amount": [f"${value:,.2f}" for value in amount],
            "Touches": touches,
            "Seller": dice.choice([f"Seller {i}" for i in range(30)], count),
            "Opened": pd.Timestamp("2025-01-06") + pd.to_timedelta(dice.integers(0, 500, count), unit="D"),
            "Partner involved": source == "Partner",
            "Empty": None,
            "Always": "yes",
        }
    )
    return table, won, chance
