"""What the rows of a stage history hold beside the stages themselves: overlaps, returns, entries by programs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tas_analytics.metrics import relation
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.scope import Scope
from tas_analytics.store.database import Store

#: Who a history says made a change, where that was no person.
PROGRAMS: Final = (
    "bot automation automated automatic automation_platform workflow workflows system api integration import "
    "data_import migration script sync crm_ui_bulk_action process"
).split()


@dataclass(frozen=True)
class StageRows:
    """Rows of stage history of the deals in scope, and how many of them are odd.

    ``overlaps`` are stays that ended after the next began, ``again`` entries into a stage that the deal had been in
    before, ``automated`` those that a program made.
    """

    rows: int
    deals: int
    overlaps: int
    again: int
    automated: int


def stage_rows(store: Store, company: Company, scope: Scope) -> StageRows:
    """Count them, as known on the scope's day."""
    inner = relation.deals(company, scope, (), set(), only=relation.closes_in(scope.period))
    ctes = relation.base_ctes(company, scope.as_of, inner.leans_on)
    sql = f"""
        with {"".join(f"{text}, " for text in ctes)}
        told as (
            select h.opportunity_key, h.stage, h.changed_at, coalesce(h.left_at,
                h.changed_at + to_seconds(86400 * h.stayed)) as left_at, lower(h.changed_by) as changed_by
            from change_version h
            where h.stage is not null and h.valid_to is null and cast(h.changed_at as date) <= date '{scope.as_of}'
                and h.opportunity_key in (select deal_key from ({inner.sql}))
        ),
        placed as (
            select *, lead(changed_at) over w as next_at,
                row_number() over (partition by opportunity_key, stage order by changed_at) as nth
            from told window w as (partition by opportunity_key order by changed_at)
        )
        select count(*), count(distinct opportunity_key), count(*) filter (where left_at > next_at),
            count(*) filter (where nth > 1), count(*) filter (where list_contains($programs, changed_by))
        from placed
    """
    return StageRows(*(int(value) for value in store.rows(sql, inner.params | {"programs": PROGRAMS})[0]))
