"""Columns that tell the outcome because somebody filled them in when the deal was closed.

Open deals give such a column away: it is blank on them, or holds other values. Without open deals to compare, a column
that tells won from lost almost without fault is reported and kept, for some columns really do.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd

from tas_analytics.forecast.columns import Cells, Floats, number_edges, read
from tas_analytics.ingest.judging.quality_columns import CLOSED, OPEN, known_at_close

#: Share of closed deals whose outcome the column tells for the column to be doubted.
_TELLS: Final = 0.97
#: Share of open deals with a value that closed ones have too, below which such a column is refused.
_SHARED: Final = 0.2
_BINS: Final = 40


@dataclass(frozen=True)
class Finding:
    """What is wrong with a column. A ``leak`` is refused, a ``doubt`` is kept and reported."""

    column: Hashable
    gravity: Literal["leak", "doubt"]
    text: str


def findings(deals: pd.DataFrame, won: Floats, open_deals: pd.DataFrame | None = None) -> list[Finding]:
    """Judge each column of closed deals, beside the open ones where there are any.

    Parameters
    ----------
    deals
        Closed deals, one row each.
    won
        1 for won, 0 for lost.
    open_deals
        Deals that are open on the same day, with the same columns.
    """
    if len(won) < CLOSED:
        return []
    compared = open_deals is not None and len(open_deals) >= OPEN
    found = []
    for column in deals.columns:
        cells = read(deals[column])
        others = None
        if compared and open_deals is not None:
            others = read(open_deals[column], cells.kind) if column in open_deals.columns else None
        one = _judge(column, cells, others, won, len(open_deals) if compared and open_deals is not None else 0)
        if one is not None:
            found.append(one)
    return found


def _judge(column: Hashable, cells: Cells, others: Cells | None, won: Floats, open_deals: int) -> Finding | None:
    filled = _filled(cells)
    if open_deals:
        with_it = int(_filled(others).sum()) if others is not None else 0
        if known_at_close(int(filled.sum()), len(won), with_it, open_deals):
            return Finding(
                column,
                "leak",
                f"filled on {int(filled.sum()):,} of {len(won):,} closed deals but on {with_it:,} of {open_deals:,} "
                "open ones: it becomes known at the close",
            )
    told, codes, to = _told(cells, won)
    if told < _TELLS or told - max(won.mean(), 1 - won.mean()) < 0.02:
        return None
    if others is not None and (with_values := _filled(others)).any():
        known = np.isin(_codes(others, cells, to)[with_values], codes).mean()
        if known < _SHARED:
            return Finding(
                column,
                "leak",
                f"tells the outcome of {told:.0%} of the closed deals, and open deals hold other values: "
                "it changes at the close",
            )
    return Finding(column, "doubt", f"alone tells the outcome of {told:.0%} of the closed deals")


def _filled(cells: Cells) -> np.ndarray:
    return cells.codes >= 0 if cells.kind == "text" else np.isfinite(cells.numbers)


def _codes(cells: Cells, own: Cells, edges: Floats) -> np.ndarray:
    """The codes of ``cells`` by the bins or texts of ``own``; −2 where it has none such."""
    if own.kind != "text":
        codes = np.searchsorted(edges, cells.numbers).astype(np.intp)
        common = own.numbers[np.isfinite(own.numbers)]
        values = np.unique(common)
        if len(values) <= _BINS:
            codes[~np.isin(cells.numbers, values)] = -2
        return codes
    place = {text: code for code, text in enumerate(own.texts)}
    to = np.array([place.get(text, -2) for text in cells.texts] + [-1], dtype=np.intp)
    return to[cells.codes]


def _told(cells: Cells, won: Floats) -> tuple[float, np.ndarray, Floats]:
    """The share of deals whose outcome their value tells, judged by the other deals with the value."""
    edges = np.empty(0)
    if cells.kind == "text":
        codes = cells.codes
    else:
        edges = number_edges(cells.numbers, _BINS)
        codes = np.searchsorted(edges, cells.numbers).astype(np.intp)
        codes[~np.isfinite(cells.numbers)] = -1
    shifted = codes + 1
    count = np.bincount(shifted).astype(np.float64)
    wins = np.bincount(shifted, weights=won)
    others, wins_of_others = count[shifted] - 1, wins[shifted] - won
    mean = won.mean()
    guess = np.where(others > 0, wins_of_others / np.maximum(others, 1), mean) > 0.5
    return float((guess == (won > 0.5)).mean()), np.unique(codes), edges
