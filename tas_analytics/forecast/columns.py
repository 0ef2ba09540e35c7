"""Raw columns made ready for a model: what each holds, and which bin or level each cell falls into.

Nothing is known of a column but its cells. Text that reads as numbers or days is taken as such; what hardly repeats
identifies a deal and tells nothing; cells that no fitted deal had fall into a level of their own, which weighs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int32]
Kind = Literal["number", "category"]

#: Share of a text column's filled cells that must read as numbers (days) for the column to be one of numbers (days).
READS_AS: Final = 0.98
#: At most so many bins of a number and levels of a category; the rest of the levels share one.
BINS: Final = 32
LEVELS: Final = 100
#: At least so many deals to a bin or level, on average.
PER_BIN: Final = 25
PER_LEVEL: Final = 4
#: A text column with more distinct cells than this share of its filled ones identifies deals.
IDENTIFIES: Final = 0.6
#: From so many deals on, whole numbers of which none occurs twice may be serial numbers; and how far these lie apart.
SERIAL_FROM: Final = 40
SERIAL_SPREAD: Final = 5
_NUMBERED: Final = re.compile(r"(?:^|[\W_])(?:id|no|nr|num|number|key|guid|code)\.?$", re.IGNORECASE)
_DAY: Final = re.compile(r"\s*\d{1,4}[-/.]\d{1,2}[-/.]\d{2,4}\b")
_MONEY: Final = re.compile(r"[\s$€£¥%\u00a0\u2009']")
_SECONDS: Final = 86_400.0


def day_numbers(values: pd.Series) -> Floats:
    """Days since 1970 of a column of timestamps; missing ones are NaN."""
    stamps = pd.to_datetime(values, errors="coerce", utc=True).dt.tz_localize(None)
    # In microseconds, for nanoseconds hold no year before 1677.
    micro = stamps.to_numpy(dtype="datetime64[us]")
    return np.where(np.isnat(micro), np.nan, micro.astype(np.int64) / (_SECONDS * 1e6))


def _number(text: str) -> float:
    bare = _MONEY.sub("", text)
    if "," in bare:
        thousands = re.fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d*)?", bare) is not None
        bare = bare.replace(",", "") if thousands else bare.replace(".", "").replace(",", ".")
    try:
        value = float(bare)
    except ValueError:
        return np.nan
    return value if np.isfinite(value) else np.nan


def _said(cell: object) -> str | None:
    missing = cell is None or cell is pd.NA or cell is pd.NaT or (isinstance(cell, float) and np.isnan(cell))
    return None if missing else str(cell)


def _texts(values: pd.Series) -> tuple[npt.NDArray[np.intp], list[str | None]]:
    """Codes of the cells, −1 where blank, and what each code says; equal texts share a code."""
    try:
        codes, found = pd.factorize(values, use_na_sentinel=True)
    except (TypeError, NotImplementedError):
        # Lists and the like, which cannot be compared, are told apart by what they say.
        codes, found = pd.factorize(pd.Series([_said(one) for one in values], dtype=object))
    said = [str(one).strip() for one in found]
    order = {text: place for place, text in enumerate(dict.fromkeys(said))}
    to = np.array([-1 if not text else order[text] for text in said] + [-1], dtype=np.intp)
    return to[codes], list(order)


@dataclass(frozen=True)
class Cells:
    """A column as it was read: numbers, or codes of texts (−1 blank) with the texts."""

    kind: Literal["number", "day", "text"]
    numbers: Floats = field(default_factory=lambda: np.empty(0))
    codes: npt.NDArray[np.intp] = field(default_factory=lambda: np.empty(0, dtype=np.intp))
    texts: list[str | None] = field(default_factory=list)


def read(values: pd.Series, kind: Literal["number", "day", "text"] | None = None) -> Cells:
    """Read a column's cells, as ``kind`` if that is settled already."""
    dtype = values.dtype
    if isinstance(dtype, pd.PeriodDtype):
        values, dtype = values.dt.to_timestamp(), np.dtype("datetime64[ns]")
    plain = not pd.api.types.is_bool_dtype(dtype)
    if plain and pd.api.types.is_numeric_dtype(dtype) and kind in {None, "number"}:
        numbers = values.to_numpy(dtype=np.float64, na_value=np.nan).copy()
        numbers[~np.isfinite(numbers)] = np.nan
        return Cells("number", numbers)
    if pd.api.types.is_datetime64_any_dtype(dtype) and kind in {None, "day"}:
        return Cells("day", day_numbers(values))
    if pd.api.types.is_timedelta64_dtype(dtype) and kind in {None, "number"}:
        return Cells("number", values.dt.total_seconds().to_numpy(dtype=np.float64) / _SECONDS)
    codes, texts = _texts(values)
    read_as = kind or _kind_of(codes, texts)
    if read_as == "text":
        return Cells("text", codes=codes, texts=texts)
    return Cells(read_as, np.append(_numbers_of(texts, read_as), np.nan)[codes])


def _kind_of(codes: npt.NDArray[np.intp], texts: list[str | None]) -> Literal["number", "day", "text"]:
    filled = np.bincount(codes[codes >= 0], minlength=len(texts))
    total = filled.sum()
    if total == 0:
        return "text"
    # A look at some of the texts spares the parsing of columns that are plainly words.
    some = texts[:: max(1, len(texts) // 200)]
    if sum(bool(text and text[-1:].isdigit()) or bool(text and text[:1].isdigit()) for text in some) < len(some) / 2:
        return "text"
    if np.isfinite(_numbers_of(texts, "number")) @ filled >= READS_AS * total:
        return "number"
    if sum(bool(text and _DAY.match(text)) for text in some) >= READS_AS * len(some):
        days = np.isfinite(_numbers_of(texts, "day"))
        if days @ filled >= READS_AS * total:
            return "day"
    return "text"


def _numbers_of(texts: list[str | None], kind: Literal["number", "day", "text"]) -> Floats:
    if kind == "number":
        return np.array([_number(text or "") for text in texts], dtype=np.float64)
    stamps = pd.to_datetime(pd.Series(texts, dtype=object), errors="coerce", format="mixed", utc=True)
    return day_numbers(stamps)


@dataclass(frozen=True)
class Encoding:
    """One feature: which raw column it comes from, and how its cells become codes.

    Code 0 is a missing cell. Of a number the codes 1 to ``size − 1`` are its bins in their order; of a category they
    are its levels, the last one standing for all that are rare or unseen.
    """

    column: Hashable
    kind: Kind
    cells: Literal["number", "day", "text"]
    edges: Floats
    levels: tuple[str, ...] = ()
    less: Hashable | None = None

    @property
    def size(self) -> int:
        """Number of codes."""
        return len(self.edges) + 2 if self.kind == "number" else len(self.levels) + 2

    @property
    def name(self) -> str:
        """What it is called in reports."""
        return f"{self.column}" if self.less is None else f"days from {self.less} to {self.column}"

    def values(self, deals: pd.DataFrame, cache: dict[Hashable, Cells]) -> Floats:
        """Its cells as numbers: of a category the codes, NaN where missing."""
        if self.kind == "number":
            own = self._cells(deals, cache, self.column).numbers
            return own if self.less is None else own - self._cells(deals, cache, self.less).numbers
        codes = self.codes(deals, cache).astype(np.float64)
        codes[codes == 0] = np.nan
        return codes

    def codes(self, deals: pd.DataFrame, cache: dict[Hashable, Cells]) -> Codes:
        """The code of each cell."""
        if self.kind == "number":
            numbers = self.values(deals, cache)
            codes = np.searchsorted(self.edges, numbers, side="left").astype(np.int32) + 1
            codes[~np.isfinite(numbers)] = 0
            return codes.astype(np.int32)
        cells = self._cells(deals, cache, self.column)
        place = {text: code for code, text in enumerate(self.levels, 1)}
        other = len(self.levels) + 1
        to = np.array([place.get(text or "", other) for text in cells.texts] + [0], dtype=np.int32)
        return to[cells.codes]

    def _cells(self, deals: pd.DataFrame, cache: dict[Hashable, Cells], column: Hashable) -> Cells:
        # Two parts of a score may take the same column for another kind of thing.
        key = (column, self.cells)
        if key not in cache:
            if column not in deals.columns:
                blank = pd.Series(np.nan, index=deals.index, dtype=object)
                cache[key] = read(blank, self.cells)
            else:
                cache[key] = read(deals[column], self.cells)
        return cache[key]


def _is_serial(column: Hashable, numbers: Floats) -> bool:
    """Whether numbers count the deals: whole, none twice, and close together or called a number or an ID."""
    known = numbers[np.isfinite(numbers)]
    if len(known) < SERIAL_FROM or (known % 1 != 0).any() or len(np.unique(known)) < len(known):
        return False
    dense = known.max() - known.min() < SERIAL_SPREAD * len(known)
    return bool(dense) or _NUMBERED.search(str(column)) is not None


def number_edges(numbers: Floats, bins: int) -> Floats:
    """Upper edges of bins that hold about equally many; a value that is common has a bin of its own."""
    known = np.sort(numbers[np.isfinite(numbers)])
    if len(known) == 0 or known[0] == known[-1]:
        return np.empty(0)
    values, counts = np.unique(known, return_counts=True)
    if len(values) <= bins:
        return (values[:-1] + values[1:]) / 2
    target = len(known) / bins
    edges: list[float] = []
    held = 0
    for place in range(len(values) - 1):
        held += counts[place]
        if held >= target or counts[place + 1] >= target:
            edges.append((values[place] + values[place + 1]) / 2)
            held = 0
    return np.array(edges, dtype=np.float64)


def encode(column: Hashable, cells: Cells, bins: int = BINS) -> Encoding | None:
    """The encoding of a column; None if it holds nothing that could tell deals apart."""
    if cells.kind in {"number", "day"}:
        if _is_serial(column, cells.numbers):
            return None
        filled = int(np.isfinite(cells.numbers).sum())
        edges = number_edges(cells.numbers, int(np.clip(filled / PER_BIN, 4, bins)))
        if len(edges) == 0 and filled in {0, len(cells.numbers)}:
            return None
        return Encoding(column, "number", cells.kind, edges)
    counts = np.bincount(cells.codes[cells.codes >= 0], minlength=len(cells.texts))
    filled = int(counts.sum())
    distinct = int((counts > 0).sum())
    blank = len(cells.codes) - filled
    if distinct + (blank > 0) < 2:
        return None
    if distinct > IDENTIFIES * filled and distinct > 12:
        # Which deal it is tells nothing; that the cell is filled may.
        return Encoding(column, "category", "text", np.empty(0), ()) if 0 < filled < len(cells.codes) else None
    least = 2 if filled < 2_000 else 5
    order = np.argsort(-counts, kind="stable")[: LEVELS if filled > PER_LEVEL * LEVELS else max(2, filled // PER_LEVEL)]
    levels = tuple(str(cells.texts[place]) for place in order if counts[place] >= least)
    if not levels and blank == 0:
        return None
    return Encoding(column, "category", "text", np.empty(0), levels)
