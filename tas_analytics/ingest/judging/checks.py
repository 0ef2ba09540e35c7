"""The checks of the data, read from ``checks.toml``, and what one of them finds."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

from tas_analytics.formats import count

Severity = Literal["problem", "caveat", "note"]
#: What the number found is compared with, where a share decides how grave it is.
Base = Literal["deals", "open", "closed", "rows"]
#: From the gravest to the least.
RANK: Final[dict[str, int]] = {"problem": 0, "caveat": 1, "note": 2}
_HALF: Final = 0.5
#: So many examples stand for all.
EXAMPLES: Final = 5


@dataclass(frozen=True)
class Finding:
    """One thing worth knowing about the data, with up to five examples.

    ``amount`` is the money of the deals concerned, in the reporting currency; None where no money
    hangs on it, or where no rate converts it.
    """

    key: str
    severity: Severity
    text: str
    mend: str
    rows: int = 0
    amount: float | None = None
    examples: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, item: dict[str, Any]) -> Finding:
        """A finding as the store keeps it."""
        return cls(**{**item, "examples": tuple(item["examples"])})


@dataclass(frozen=True)
class Check:
    """One check: its texts, and how grave what it finds is."""

    key: str
    severity: Severity
    text: str
    mend: str
    of: Base = "deals"
    caveat_above: float | None = None
    problem_above: float | None = None
    problem_from: int = 0
    where: str | None = None

    def gravity(self, rows: int, base: int | None) -> Severity:
        """How grave so many of ``base`` are; None for a base that nobody knows."""
        share = rows / base if base else 0.0
        # One row of four is a quarter of the file and still one row to mend; half of a file is no slip.
        enough = rows >= self.problem_from or share >= _HALF
        if self.problem_above is not None and share > self.problem_above and enough:
            return "problem"
        if self.caveat_above is not None and share > self.caveat_above and self.severity == "note":
            return "caveat"
        return self.severity

    def found(
        self,
        rows: int,
        *,
        base: int | None = None,
        amount: float | None = None,
        examples: Sequence[str] = (),
        **words: str,
    ) -> Finding:
        """What the check says of so many rows or deals."""
        words = {"deals": count(rows, "deal"), "rows": count(rows, "row")} | words
        return Finding(
            self.key,
            self.gravity(rows, base),
            self.text.format(**words),
            self.mend.format(**words),
            rows,
            amount,
            tuple(examples[:EXAMPLES]),
        )


def check(key: str) -> Check:
    """The check of that key."""
    return checks()[key]


@cache
def checks() -> dict[str, Check]:
    """All checks, in the order of the file."""
    data = tomllib.loads((Path(__file__).parent / "checks.toml").read_text(encoding="utf-8"))
    return {key: Check(key, **entry) for key, entry in data.items()}


def ranked(found: Sequence[Finding]) -> list[Finding]:
    """Findings from the gravest to the least: by severity, then by money, then by number."""
    return sorted(found, key=lambda one: (RANK[one.severity], -abs(one.amount or 0.0), -one.rows))
