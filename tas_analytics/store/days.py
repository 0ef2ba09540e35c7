"""The oldest and the newest day that a load of deals tells of."""

from __future__ import annotations

import datetime as dt
from typing import Final

from tas_analytics.store.database import Cursor, first

_DEALS: Final = "from load where table_name = 'opportunities' and undone_at is null"
#: SQL of the day of the first export of deals: from then on the exports alone tell.
FIRST_DAY: Final = f"(select min(as_of) {_DEALS})"
#: SQL of the day of the newest export of deals: the store's own "now".
NEWEST_DAY: Final = f"(select max(as_of) {_DEALS})"


def first_day(cursor: Cursor) -> dt.date | None:
    """The day of the first export of deals, or None; before it, the past of deals is reconstructed."""
    row = first(cursor.execute(f"select {FIRST_DAY}"))
    return row[0] if row else None


def newest_day(cursor: Cursor) -> dt.date | None:
    """The day of the newest export of deals, or None."""
    row = first(cursor.execute(f"select {NEWEST_DAY}"))
    return row[0] if row else None
