"""The condition that picks what was known on a day."""

from __future__ import annotations

import datetime as dt


def at(alias: str, day: dt.date) -> str:
    """The condition that picks the version of ``alias`` that was known at the end of a day."""
    after = f"timestamp '{day + dt.timedelta(days=1)}'"
    return f"({alias}.valid_from < {after} and ({alias}.valid_to is null or {alias}.valid_to >= {after}))"
