"""The 20 criteria as the company wants them: the defaults of the method, changed by the table of criteria."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from tas_analytics.method.criteria import Criterion, criteria, find
from tas_analytics.store.database import Store

#: What stands between two questions in one cell.
BETWEEN: Final = "|"
_GIVEN: Final = ("short", "favourable", "unfavourable", "whom", "weight", "threshold", "within_days")


def catalogue(store: Store) -> tuple[Criterion, ...]:
    """All 20 by number, with the company's texts, weights and thresholds as they are now."""
    rows = store.rows(
        f"select criterion, ask, {', '.join(_GIVEN)} from criterion_version where valid_to is null order by record_key"
    )
    found = [(find(name), ask, dict(zip(_GIVEN, given, strict=True))) for name, ask, *given in rows]
    changes = {number: (ask, given) for number, ask, given in found if number is not None}
    return tuple(_changed(one, *changes.get(one.number, (None, {}))) for one in criteria())


def spellings(store: Store) -> dict[int, str]:
    """How the company's own rows name each criterion, by its number: the rows that :func:`catalogue` follows."""
    rows = store.rows("select criterion from criterion_version where valid_to is null order by record_key")
    return {number: name for (name,) in rows if (number := find(name)) is not None}


def _changed(one: Criterion, ask: str | None, given: dict[str, Any]) -> Criterion:
    """The criterion with what is given; blanks leave it as it is."""
    changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if "weight" in changes:
        changes["weight"] = max(0.0, changes["weight"])
    asked = tuple(text.strip() for text in (ask or "").split(BETWEEN) if text.strip())
    return replace(one, ask=asked or one.ask, **changes)
