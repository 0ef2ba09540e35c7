"""What the cells of each column look like, learned from the rows of a file that are in order.

Needed only where a row is damaged: of all the ways in which it could be mended, the right one puts a date under the
dates and an amount under the amounts.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

from tas_analytics.ingest.structure.layout import is_value

#: The cost of a cell that cannot belong to its column; anything from here on is no fit.
MISFIT: Final = 4.0
_ODD: Final = 2.0
_UNUSUAL: Final = 1.0
#: Fewer rows than this teach nothing.
_ENOUGH: Final = 6
_CASES: Final = {
    **{ord(sign): "9" for sign in "0123456789"},
    **{ord(sign): "A" for sign in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
    **{ord(sign): "a" for sign in "abcdefghijklmnopqrstuvwxyz"},
}
#: Small letters in a form.
_LETTERS: Final = "a"
_RUN: Final = re.compile(r"([9Aa])\1+")


@lru_cache(20_000)
def form(cell: str) -> str:
    """The build of a cell: runs of digits, capitals and small letters each become one sign, others stay.

    Examples
    --------
    >>> form("MG-8769"), form("$74.69"), form("Closed Won")
    ('A-9', '$9.9', 'Aa Aa')
    """
    text = cell.translate(_CASES)
    if not text.isascii():
        text = "".join(("A" if sign.isupper() else "a") if sign > "\x7f" and sign.isalpha() else sign for sign in text)
    return _RUN.sub(r"\1", text)


@dataclass(frozen=True)
class Column:
    """What is known of one column.

    ``forms`` is empty where the cells are free text; ``words`` where they are not a short list of values. ``strict``
    says that the form alone tells a cell of this column from others. What is ``usual`` is so in more than a few cells,
    which a damaged row in which it is not does not spoil; ``usual_length`` is 0 where lengths differ.
    """

    may_be_blank: bool
    only_blank: bool
    forms: frozenset[str]
    words: frozenset[str]
    opening: str
    initials: frozenset[str]
    finals: frozenset[str]
    signs: frozenset[str]
    shortest: int
    longest: int
    values: bool
    usual_forms: frozenset[str] = frozenset()
    usual_initials: frozenset[str] = frozenset()
    usual_length: int = 0

    @cached_property
    def strict(self) -> bool:
        """Whether a stranger would be noticed in this column: not where the cells are words."""
        return self.only_blank or bool(self.opening) or (bool(self.forms) and _LETTERS not in self.signs)

    def cost(self, cell: str) -> float:
        """How badly a cell fits: 0 for one like the others, :data:`MISFIT` for one that cannot be meant."""
        if cell in self.words:
            return 0.0
        if not cell or cell.isspace():
            return 0.0 if self.may_be_blank else MISFIT
        if self.only_blank or not cell.startswith(self.opening):
            return MISFIT
        built = form(cell)
        cost = self._form_cost(cell, built) if self.forms else self._text_cost(cell, built)
        if not self.shortest / 2 <= len(cell) <= self.longest * 2:
            cost += _UNUSUAL
        return cost + (_UNUSUAL if self.words else 0.0)

    def _form_cost(self, cell: str, built: str) -> float:
        if built in self.forms:
            # All as long as each other: dates and ids are that always, amounts may be by chance.
            gap = abs(len(cell) - self.longest) if self.strict and self.shortest == self.longest else 0
            return (0.0, _ODD, MISFIT)[min(gap, 2)]
        # Not seen before, but made of the same signs: $72 among $74.69 and $5.30.
        alike = {*built} <= self.signs and built[0] in self.initials
        if not self.strict:
            return _UNUSUAL if alike else _ODD
        return _UNUSUAL if alike and built[-1] in self.finals and self.shortest < self.longest else MISFIT

    def _text_cost(self, cell: str, built: str) -> float:
        cost = 0.0 if built[0] in self.initials else _UNUSUAL
        return cost + (_ODD if not self.values and is_value(cell) else 0.0)


class Shapes:
    """The columns of a table, as far as its orderly rows teach them.

    Parameters
    ----------
    rows
        Rows of the right width.
    patience
        How long damaged rows are looked at closely; once it is used up, they are set aside without. A row that cannot
        be mended takes ten times as much of it as one that can.
    """

    def __init__(self, rows: Iterable[Sequence[str]], patience: int = 10_000) -> None:
        taken = [row for row in rows if any(cell and not cell.isspace() for cell in row)]
        self.columns = tuple(_learn(cells) for cells in zip(*taken, strict=True)) if len(taken) >= _ENOUGH else ()
        self.patience = patience

    def __bool__(self) -> bool:
        """Whether anything was learned that can tell one column from another."""
        return any(column.strict for column in self.columns)

    def never_blank(self, start: int) -> int:
        """How many columns from one on are never empty."""
        return sum(not column.may_be_blank for column in self.columns[start:])

    def cost(self, cells: Sequence[str], *, start: int = 0) -> float:
        """How badly some neighbouring cells fit, the first of them under column ``start``."""
        return sum(column.cost(cell) for column, cell in zip(self.columns[start:], cells, strict=False))


def _learn(cells: Sequence[str]) -> Column:
    filled = [cell for cell in cells if cell and not cell.isspace()]
    if not filled:
        nothing: frozenset[str] = frozenset()
        return Column(True, True, nothing, nothing, "", nothing, nothing, nothing, 0, 0, values=False)
    forms = Counter(form(cell) for cell in filled)
    # Forms seen once may be damage; a column in which they abound is free text.
    lonely = sum(1 for count in forms.values() if count == 1)
    formal = len(forms) <= max(2, len(filled) // 8) and lonely <= max(1, len(filled) // 12)
    distinct = set(filled)
    listed = len(filled) >= 20 and len(distinct) <= len(filled) // 5
    opening = _opening(distinct) if len(distinct) > 1 else ""
    lengths = [len(cell) for cell in filled]
    few = max(1, len(filled) // 50)
    ((length, times),) = Counter(lengths).most_common(1)
    initials: Counter[str] = Counter()
    for built, count in forms.items():
        initials[built[0]] += count
    return Column(
        may_be_blank=len(filled) < len(cells),
        only_blank=False,
        forms=frozenset(forms) if formal else frozenset(),
        words=frozenset(distinct) if listed else frozenset(),
        # Names and dates that happen to begin alike say nothing about the next one; addresses do.
        opening=opening if "://" in opening else "",
        initials=frozenset(built[0] for built in forms),
        finals=frozenset(built[-1] for built in forms),
        signs=frozenset("".join(forms)),
        shortest=min(lengths),
        longest=max(lengths),
        values=any(is_value(cell) for cell in filled),
        usual_forms=frozenset(one for one, count in forms.items() if count > few),
        usual_initials=frozenset(one for one, count in initials.items() if count > few),
        usual_length=length if len(filled) - times <= few else 0,
    )


def _opening(cells: set[str]) -> str:
    """What all cells begin with."""
    first, last = min(cells), max(cells)
    length = next((place for place, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))
    return first[:length]
