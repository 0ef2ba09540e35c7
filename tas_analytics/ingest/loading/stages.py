"""The stage list of a store, derived from what was loaded and edited.

Derived, not remembered: a stage that only an undone load brought is gone with it. Each pipeline has
stages of its own; a stage list without a pipeline holds for all that have none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tas_analytics.method.stages import Signs, Stage, defaults, is_known, propose
from tas_analytics.store.database import Cursor
from tas_analytics.store.links import UNKNOWN_STAGE, mention, stage_name_sql

#: Of each stage in use: the CRM's average probability, how many deals the CRM calls won, lost and open, and how many
#: of those without that word have a close date behind them. Sums are of decimals: a sum of doubles depends on the order
#: of loading in its last digits.
_IN_USE: Final = """
    select pipeline, stage, round(cast(sum(cast(probability as decimal(18, 9))) as double) / count(probability), 6),
        count(*) filter (where lower(status) = 'won'), count(*) filter (where lower(status) = 'lost'),
        count(*) filter (where lower(status) = 'open'), count(*)
    from opportunity_state where stage is not null group by pipeline, stage
    union all
    select distinct c.pipeline, c.stage, null, 0, 0, 0, 0 from change_version c
    where c.stage is not null and c.opportunity_key is not null
    union all
    select distinct c.pipeline, c.from_stage, null, 0, 0, 0, 0 from change_version c
    where c.from_stage is not null and c.opportunity_key is not null
    union all
    select distinct pipeline, last_open_stage, null, 0, 0, 0, 0 from opportunity_state where last_open_stage is not null
"""
_LOADED: Final = """
    select pipeline, stage, position, probability, status, planned_days, stage_id from stage_version
    where valid_to is null
"""
#: Where in the lives of deals each stage stands, 0 for first and 1 for last, by the order in which deals were first
#: seen in their stages.
_PLACES: Final = """
    with seen as (
        select s.record_key, o.pipeline, o.stage, cast(l.as_of as timestamp) as seen_at
        from sighting s join load l on l.load_id = s.load_id
        join opportunity_state o on o.record_key = s.record_key and o.state_hash = s.state_hash
        where s.table_name = 'opportunities' and o.stage is not null
        union all
        select opportunity_key, pipeline, stage, changed_at from change_version
        where opportunity_key is not null and stage is not null and valid_to is null
    ),
    firsts as (select record_key, pipeline, stage, min(seen_at) as seen_at from seen group by all),
    ranked as (
        select *, rank() over (partition by record_key order by seen_at) - 1 as place,
            count(*) over (partition by record_key) - 1 as last
        from firsts
    )
    select pipeline, stage, round(cast(avg(place / last) as double), 4), count(*) from ranked where last > 0
    group by pipeline, stage
"""

_Key = tuple[str | None, str]


def sync_stages(cursor: Cursor) -> bool:
    """Write the ``stage`` table anew; tells whether a stage's order or meaning differs from before."""
    before = _meaning(cursor)
    rows = cursor.execute(_LOADED).fetchall()
    loaded: dict[_Key, Stage] = {(row[0], row[1]): Stage(row[1], row[2], row[3], row[4], row[5], "set") for row in rows}
    in_use = _signs(cursor, {row[6]: (row[0], row[1]) for row in rows if row[6] not in (None, row[1])})
    used = set(in_use)
    keys = used | {key for key in loaded if key[0] is not None or not any(k[1] == key[1] for k in used)}
    ordered = sorted(keys, key=lambda key: (key[0] or "", key[1])) or [(None, stage.stage) for stage in defaults()]
    stages = [
        (
            pipeline,
            loaded.get((pipeline, name)) or loaded.get((None, name)) or propose(name, in_use.get((pipeline, name))),
        )
        for pipeline, name in ordered
    ]
    cursor.execute("delete from stage where stage_key <> $unknown", {"unknown": UNKNOWN_STAGE})
    cursor.execute("create or replace temp table stage_name (pipeline varchar, name varchar)")
    cursor.executemany("insert into stage_name values (?, ?)", [[pipeline, stage.stage] for pipeline, stage in stages])
    named = stage_name_sql("pipeline", "name")
    mention(cursor, "stages", f"select {named} from stage_name")
    keys_of = {
        (pipeline, name): key
        for pipeline, name, key in cursor.execute(
            f"select pipeline, name, record_key from stage_name join record "
            f"on table_name = 'stages' and natural_key = {named}"
        ).fetchall()
    }
    cursor.execute("drop table stage_name")
    cursor.executemany(
        "insert into stage (stage_key, pipeline, stage, position, probability, status, planned_days, origin, evidence, "
        "in_use) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            [keys_of[p, s.stage], p, s.stage, s.position, s.probability, s.status, s.planned_days, s.origin, s.evidence,
             (p, s.stage) in in_use]
            for p, s in sorted(stages, key=lambda pair: (pair[0] or "", pair[1].position, pair[1].stage))
        ],
    )  # fmt: skip
    return before != _meaning(cursor)


def _signs(cursor: Cursor, by_id: Mapping[str, _Key]) -> dict[_Key, Signs]:
    """What the data says of each stage in use; ``by_id`` gives those that deals name by the CRM's ID."""
    found: dict[_Key, Signs] = {}
    for pipeline, stage, probability, won, lost, opened, deals in cursor.execute(_IN_USE).fetchall():
        signs = Signs(probability, won, lost, opened, deals)
        key = by_id.get(stage, (pipeline, stage))
        if key not in found or deals:
            found[key] = signs
    # Looking through all histories takes time, and only names that tell nothing need it.
    if any(not is_known(stage) for _, stage in found):
        for pipeline, stage, place, deals in cursor.execute(_PLACES).fetchall():
            if (pipeline, stage) in found:
                found[pipeline, stage] = found[pipeline, stage].placed(place, deals)
        for (pipeline, stage), signs in list(found.items()):
            known = [
                (other.place, name)
                for (process, name), other in found.items()
                if process == pipeline and other.place is not None and is_known(name)
            ]
            found[pipeline, stage] = signs.beside(known)
    return found


def _meaning(cursor: Cursor) -> list[tuple[object, ...]]:
    return cursor.execute(
        "select pipeline, stage, position, status, in_use from stage order by pipeline, stage, stage_key"
    ).fetchall()
