"""The stage list of a store, derived from what was loaded and edited.

Derived, not remembered: a stage that only an undone load brought is gone with it.
"""

from __future__ import annotations

from typing import Final

from tas_analytics.method.stages import Stage, defaults, propose
from tas_analytics.store.database import Cursor
from tas_analytics.store.versions import mention

#: Summed as decimals: a sum of doubles depends on the order of loading in its last digits.
_IN_USE: Final = """
    select o.stage, round(cast(sum(cast(o.probability as decimal(18, 9))) as double) / count(o.probability), 6)
    from opportunity_state o
    join sighting s on s.table_name = 'opportunities' and s.record_key = o.record_key and s.state_hash = o.state_hash
    join load l on l.load_id = s.load_id and l.undone_at is null
    where o.stage is not null
    group by o.stage
"""
_LOADED: Final = """
    select stage, position, probability, status, planned_days from stage_version where valid_to is null
"""


def sync_stages(cursor: Cursor) -> bool:
    """Write the ``stage`` table anew; tells whether a stage's order or meaning differs from before."""
    before = _meaning(cursor)
    in_use = dict(cursor.execute(_IN_USE).fetchall())
    loaded = {
        row[0]: Stage(row[0], row[1], row[2], row[3], row[4], "set") for row in cursor.execute(_LOADED).fetchall()
    }
    names = sorted(set(in_use) | set(loaded)) or [stage.stage for stage in defaults()]
    stages = [loaded.get(name) or propose(name, in_use.get(name)) for name in names]
    cursor.execute("delete from stage")
    cursor.execute("create or replace temp table stage_name (name varchar)")
    cursor.executemany("insert into stage_name values (?)", [[stage.stage] for stage in stages])
    mention(cursor, "stages", "select name from stage_name")
    cursor.execute("drop table stage_name")
    cursor.executemany(
        """
        insert into stage
        select record_key, natural_key, ?, ?, ?, ?, ?, ? from record
        where table_name = 'stages' and natural_key = ?
        """,
        [
            [s.position, s.probability, s.status, s.planned_days, s.origin, s.stage in in_use, s.stage]
            for s in sorted(stages, key=lambda stage: (stage.position, stage.stage))
        ],
    )
    return before != _meaning(cursor)


def _meaning(cursor: Cursor) -> list[tuple[object, ...]]:
    return cursor.execute("select stage, position, status, in_use from stage order by stage").fetchall()
