"""Milestones for a large company, written straight into the store as the loader would leave them."""

from __future__ import annotations

from typing import Final

from tas_analytics.ingest.loading.milestone_types import sync_milestones
from tas_analytics.store.database import Store

#: Milestones per deal, ten of the catalogue's.
EACH: Final = 10
_CODES: Final = """
    create temp table numbered as
    select milestone, position, cast(row_number() over (order by position) - 1 as integer) as place
    from milestone_type where kind in ('milestone', 'stage outcome') order by position limit $each
"""
_EVENTS: Final = """
    create temp table event_row as
    select cast(row_number() over (order by o.record_key, n.place) as integer) as record_key, o.natural_key,
        o.record_key as deal, n.milestone,
        date '2024-06-01' + cast(hash(o.record_key) % 800 + 9 * n.place as integer) as target,
        hash(o.record_key, n.place) as h, n.place
    from record o cross join numbered n where o.table_name = 'opportunities'
"""
_RECORDS: Final = """
    insert into record select 'milestones', record_key, natural_key || ' | ' || milestone from event_row
"""
_STATES: Final = """
    insert into milestone_state by name
    select record_key, h as state_hash, natural_key as opportunity_id, milestone, target as target_date,
        case when h % 10 > place % 7 then target + cast(h % 40 as integer) - 20 end as achieved_date
    from event_row
"""
_SIGHTINGS: Final = """
    insert into sighting select 'milestones', record_key, h, cast(1 as integer), record_key from event_row
"""
_VERSIONS: Final = """
    insert into milestone_version by name
    select s.record_key, timestamp '1900-01-01' as valid_from, 1 as load_id, e.deal as opportunity_key,
        s.* exclude (record_key, state_hash)
    from milestone_state s join event_row e using (record_key) order by record_key
"""


def add(store: Store) -> int:
    """Give every deal ten milestones; gives how many there are."""
    with store.transaction() as cursor:
        sync_milestones(cursor)
        cursor.execute(_CODES, {"each": EACH})
        for sql in (_EVENTS, _RECORDS, _STATES, _SIGHTINGS, _VERSIONS):
            cursor.execute(sql)
        cursor.execute("drop table numbered")
        cursor.execute("drop table event_row")
        sync_milestones(cursor)
    return int(store.value("select count(*) from milestone_version"))
