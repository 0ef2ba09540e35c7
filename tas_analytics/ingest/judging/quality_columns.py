"""Columns that somebody fills in when a deal is closed: they look like reasons and are results."""

from __future__ import annotations

from typing import Final

from tas_analytics.ingest.judging.checks import Finding, check
from tas_analytics.ingest.judging.quality import JUDGED
from tas_analytics.store.database import Cursor

#: Fewer open (closed) deals say nothing about a column.
OPEN: Final = 8
CLOSED: Final = 20
#: A column filled on this much smaller a share of the open deals than of the closed ones was filled in at the close.
_GAP: Final = 0.3
#: Share of the closed deals below which a column is too empty to judge.
_LEAST: Final = 0.05
_CHANCE: Final = 1e-3


def known_at_close(filled: int, closed: int, filled_open: int, open_deals: int) -> bool:
    """Whether a column that is filled on so many closed and so many open deals becomes known at the close."""
    if closed < CLOSED or open_deals < OPEN:
        return False
    share, open_share = filled / closed, filled_open / open_deals
    if share < _LEAST:
        return False
    if share - open_share > _GAP and open_share < share / 2:
        return True
    return filled_open == 0 and (1 - share) ** open_deals < _CHANCE


def about_columns(cursor: Cursor) -> list[Finding]:
    """Further columns of deals that are filled on closed deals and hardly on open ones."""
    rows = cursor.execute(
        f"""
        with had as (
            select a.attribute, count(*) filter (where d.status <> 'open') as closed,
                count(*) filter (where d.status = 'open') as opened
            from attribute_version a join {JUDGED} d on d.record_key = a.opportunity_key
            where a.valid_to is null and trim(a.value) <> '' group by a.attribute
        )
        select had.attribute, had.closed, n.closed, had.opened, n.opened
        from had cross join (
            select count(*) filter (where status <> 'open') as closed, count(*) filter (where status = 'open') as opened
            from {JUDGED}
        ) n order by had.closed desc, had.attribute
        """
    ).fetchall()
    return [
        check("known_at_close").found(
            filled, column=name, filled=f"{filled:,}", closed=f"{closed:,}", with_it=f"{opened:,}", open=f"{every:,}"
        )
        for name, filled, closed, opened, every in rows
        if known_at_close(filled, closed, opened, every)
    ]
