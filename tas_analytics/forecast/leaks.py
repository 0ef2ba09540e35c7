"""Columns that tell the outcome because somebody filled them in when the deal was closed.

Open deals give such a column away: it is blank on them, or holds other values. So does time: what tells on which day a
deal closed, or how long it took, was not known before. Without open deals to compare, a column that tells won from lost
almost without fault is reported and kept, for some columns really do.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd

from tas_analytics.forecast.columns import Cells, Floats, day_numbers, number_edges, read
from tas_analytics.ingest.judging.quality_columns import CLOSED, OPEN, known_at_close

#: Share of closed deals whose outcome the column tells for the column to be doubted.
_TELLS: Final = 0.97
#: Share of open deals with a value that closed ones have too, below which such a column is refused.
_SHARED: Final = 0.2
_BINS: Final = 40
_FEWEST_BINS: Final = 8
_PER_BIN: Final = 10
#: Share of the outcome's uncertainty that a column takes away, and of deals that would have to hold another value for
#: open and closed ones to be alike, from which on together a column changes at the close.
_TAKES: Final = 0.2
_UNLIKE: Final = 0.3
#: Values of fewer closed deals count as one.
_RARE: Final = 5
#: How closely the ranks of numbers may go with those of how long deals took.
_TIMED: Final = 0.8
#: A column changes from deal to deal, in the order of their ends, so much less often than in that of their beginnings
#: (or, in the order of how long they took, than by chance) if it tells the end.
_CALM: Final = 0.3
_CALMER: Final = 0.1
#: Chance below which something is no accident.
_CHANCE: Final = 1e-3


@dataclass(frozen=True)
class Finding:
    """What is wrong with a column. A ``leak`` is refused, a ``doubt`` is kept and reported."""

    column: Hashable
    gravity: Literal["leak", "doubt"]
    text: str


def findings(
    deals: pd.DataFrame, won: Floats, open_deals: pd.DataFrame | None = None, *, at_close: bool = True
) -> list[Finding]:
    """Judge each column of closed deals, beside the open ones where there are any.

    Parameters
    ----------
    deals
        Closed deals, one row each.
    won
        1 for won, 0 for lost.
    open_deals
        Deals that are open on the same day, with the same columns.
    at_close
        Whether the closed deals' cells are those of after the close; otherwise they were known before.
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
        count = len(open_deals) if compared and open_deals is not None else 0
        one = _judge(column, cells, others, won, count, at_close)
        if one is not None:
            found.append(one)
    return found


def timed(deals: pd.DataFrame, created: pd.Series, ended: pd.Series) -> list[Finding]:
    """Columns whose cells, as they are after the close, tell when deals closed.

    Parameters
    ----------
    deals
        Closed deals, one row each.
    created, ended
        The day on which each began and ended.
    """
    if len(deals) < CLOSED:
        return []
    first, last = (day_numbers(one) for one in (created, ended))
    found = []
    for column in deals.columns:
        cells = read(deals[column])
        numbers = cells.numbers - first if cells.kind == "day" else cells.numbers
        if cells.kind != "text" and abs(_alike(numbers, last - first)) > _TIMED:
            found.append(Finding(column, "leak", "tells how long a deal took: it becomes known at the close"))
            continue
        codes, _ = _binned(cells)
        known = (codes >= 0) & np.isfinite(last - first)
        if cells.kind == "day" or known.sum() < CLOSED:
            continue
        by_end, by_begin, by_length = (_changes(codes[known], one[known]) for one in (last, first, last - first))
        share = np.bincount(codes[known]) / known.sum()
        usual = float(known.sum() * (1 - (share**2).sum()))
        if by_end < _CALM * min(by_begin, usual) and by_begin >= CLOSED:
            found.append(Finding(column, "leak", "tells when a deal closed: it becomes known at the close"))
        elif by_length < _CALMER * usual and usual >= CLOSED:
            found.append(Finding(column, "leak", "tells how long a deal took: it becomes known at the close"))
    return found


def _changes(codes: np.ndarray, order: Floats) -> int:
    """How often a column changes from one deal to the next, in an order; deals that tie in it are drawn."""
    drawn = np.random.default_rng(22).random(len(codes))
    return int((np.diff(codes[np.lexsort((drawn, order))]) != 0).sum())


def _alike(first: Floats, second: Floats) -> float:
    """How closely two columns go together, by ranks."""
    known = np.isfinite(first) & np.isfinite(second)
    if known.sum() < CLOSED:
        return 0.0
    ranks = [pd.Series(one[known]).rank().to_numpy() for one in (first, second)]
    if min(one.std() for one in ranks) == 0:
        return 0.0
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])


def _judge(
    column: Hashable, cells: Cells, others: Cells | None, won: Floats, open_deals: int, at_close: bool
) -> Finding | None:
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
    codes, to = _binned(cells)
    told, taken = _told(codes, won)
    if at_close and others is not None and taken > _TAKES and _unlike(codes, _codes(others, cells, to)) > _UNLIKE:
        return Finding(
            column,
            "leak",
            f"takes away {taken:.0%} of the doubt about closed deals, and open deals hold other values: "
            "it changes at the close",
        )
    if at_close and others is not None and _given(codes, _codes(others, cells, to), won):
        return Finding(
            column,
            "leak",
            "holds values that only won, or only lost, deals have and no open one: it changes at the close",
        )
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


def _binned(cells: Cells) -> tuple[np.ndarray, Floats]:
    """The bin or text of each cell, −1 where blank, and the edges of bins."""
    if cells.kind == "text":
        return cells.codes, np.empty(0)
    edges = number_edges(cells.numbers, int(np.clip(len(cells.numbers) / _PER_BIN, _FEWEST_BINS, _BINS)))
    codes = np.searchsorted(edges, cells.numbers).astype(np.intp)
    codes[~np.isfinite(cells.numbers)] = -1
    return codes, edges


def _told(codes: np.ndarray, won: Floats) -> tuple[float, float]:
    """The share of deals whose outcome the others with their value tell, and the share of doubt that goes."""
    shifted = codes + 1
    count = np.bincount(shifted).astype(np.float64)
    wins = np.bincount(shifted, weights=won)
    others, wins_of_others = count[shifted] - 1, wins[shifted] - won
    mean = won.mean()
    guess = np.where(others > 0, wins_of_others / np.maximum(others, 1), mean) > 0.5
    if mean in {0.0, 1.0}:
        return float((guess == (won > 0.5)).mean()), 0.0
    # One usual deal is added, so that no chance is 0 or 1.
    share = (wins_of_others + mean) / (others + 1)
    doubt = -np.log(np.where(won > 0.5, share, 1 - share)).mean()
    usual = -(mean * np.log(mean) + (1 - mean) * np.log(1 - mean))
    return float((guess == (won > 0.5)).mean()), float(1 - doubt / usual)


def _given(codes: np.ndarray, others: np.ndarray, won: Floats) -> bool:
    """Whether some value stands on deals of one outcome only, and on no open deal, both by no accident."""
    shifted = codes[codes >= 0]
    if len(shifted) == 0:
        return False
    count = np.bincount(shifted)
    wins = np.bincount(shifted, weights=won[codes >= 0])
    on_open = np.bincount(others[others >= 0], minlength=len(count))[: len(count)]
    never = _CHANCE / max(int((count > 0).sum()), 1)
    absent = (on_open == 0) & ((1 - count / len(codes)) ** len(others) < never)
    share = won.mean()
    with np.errstate(divide="ignore"):
        luck = np.where(wins == count, share**count, np.where(wins == 0, (1 - share) ** count, 1.0))
    return bool((absent & (count > 0) & (luck < never)).any())


def _unlike(codes: np.ndarray, others: np.ndarray) -> float:
    """The share of deals that would have to hold another value for two groups of deals to be alike."""
    shifted, count = codes + 1, int(max(codes.max(), others.max())) + 2
    few = np.bincount(shifted, minlength=count) < _RARE
    few[0] = False
    shares = []
    for own in (shifted, np.where(others == -2, count, others + 1)):
        kept = np.append(few, True)[own]
        shares.append(np.bincount(np.where(kept, count, own), minlength=count + 1) / len(own))
    return float(np.abs(shares[0] - shares[1]).sum() / 2)
