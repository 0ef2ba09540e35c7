"""The milestones of a store, derived from the catalogue and from what was loaded.

Derived, not remembered: a milestone that only an undone load named is gone with it. Every spelling in the data is
settled once, so that questions join numbers and never compare names.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

from tas_analytics.method.milestones import (
    AT_THE_END,
    MilestoneType,
    Resolver,
    code_of,
    defaults,
    split_synonyms,
)
from tas_analytics.store.database import Cursor, first
from tas_analytics.store.links import mention
from tas_analytics.store.tables import MILESTONE_CATALOGUE

#: Tables whose rows speak of milestones.
SPEAKING: Final = frozenset({"milestones", "activities", "activity_plans", "milestone_catalogue"})
_SET: Final = """
    select code, milestone, kind, position, stage, planned_days, mandatory, synonyms, about, in_use
    from milestone_type_version where valid_to is null
    order by code is not null, valid_from, load_id, milestone
"""
_SPELLINGS: Final = """
    select distinct milestone from milestone_version where milestone is not null
    union select distinct milestone from activity_version where milestone is not null
    union select distinct milestone from plan_step_version where milestone is not null
"""
#: Records whose milestone is not known yet, or whose spelling means another one than before.
_SETTLE: Final = """
    update milestone_version set milestone_key = n.milestone_key
    from (
        select n.*, b.milestone_key is distinct from n.milestone_key as is_other
        from milestone_name n left join name_before b using (name)
    ) n
    where n.name = milestone_version.milestone and (milestone_version.milestone_key is null or n.is_other)
"""


def sync_milestones(cursor: Cursor) -> None:
    """Write the list of milestones anew and give every record of a deal the number of its milestone."""
    types = _company_catalogue(cursor.execute(_SET).fetchall())
    names = [name for (name,) in cursor.execute(_SPELLINGS).fetchall()]
    types, codes = _with_found(types, names)
    cursor.execute("create or replace temp table milestone_code (name varchar, code varchar)")
    if codes:
        cursor.executemany("insert into milestone_code values (?, ?)", [list(pair) for pair in sorted(codes.items())])
    _write_types(cursor, types)
    cursor.execute("create or replace temp table name_before as select * from milestone_name")
    cursor.execute("delete from milestone_name")
    cursor.execute(
        "insert into milestone_name select c.name, t.milestone_key from milestone_code c join milestone_type t "
        "on t.code = c.code order by c.name"
    )
    cursor.execute("drop table milestone_code")
    cursor.execute(_SETTLE)
    cursor.execute("drop table name_before")


def is_synced(cursor: Cursor) -> bool:
    """Whether the list of milestones was ever written."""
    return first(cursor.execute("select count(*) > 0 from milestone_type")) == (True,)


def _company_catalogue(rows: Iterable[Sequence[Any]]) -> list[MilestoneType]:
    """The default catalogue with the company's rows laid over it; a cell that is blank keeps the default."""
    found = {one.code: one for one in defaults()}
    known = Resolver(defaults())
    for given, name, kind, position, stage, planned_days, mandatory, synonyms, about, in_use in rows:
        code = given or known.find(name) or code_of(name)
        base = found.get(code) or MilestoneType(code, name, origin="set")
        # Files still have the names that it had before.
        others = dict.fromkeys((*split_synonyms(synonyms), *base.synonyms, base.name))
        others.pop(name, None)
        found[code] = MilestoneType(
            code=code,
            name=name,
            kind=(kind or base.kind).strip().casefold(),
            position=base.position if position is None else position,
            stage=stage or base.stage,
            planned_days=base.planned_days if planned_days is None else planned_days,
            mandatory=base.mandatory if mandatory is None else mandatory,
            synonyms=tuple(others),
            about=about or base.about,
            in_use=base.in_use if in_use is None else in_use,
            origin="set",
        )
    return list(found.values())


def _with_found(types: list[MilestoneType], names: Sequence[str]) -> tuple[list[MilestoneType], dict[str, str]]:
    """The catalogue with the milestones that only the data name, and the code of every spelling."""
    resolver = Resolver(types)
    codes = {name: resolver.find(name) or code_of(name) for name in names}
    known = {one.code for one in types}
    own: dict[str, MilestoneType] = {}
    for name in sorted(names):
        code = codes[name]
        if code not in known:
            shown = own.get(code) or MilestoneType(code, name, position=AT_THE_END, origin="found")
            own[code] = replace(shown, synonyms=tuple(dict.fromkeys((*shown.synonyms, name))))
    return types + list(own.values()), codes


def _write_types(cursor: Cursor, types: Sequence[MilestoneType]) -> None:
    cursor.execute(
        "create or replace temp table wanted_type (code varchar, milestone varchar, kind varchar, position double, "
        "stage varchar, planned_days integer, mandatory boolean, in_use boolean, origin varchar, about varchar, "
        "synonyms varchar)"
    )
    cursor.executemany(
        "insert into wanted_type values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            [one.code, one.name, one.kind, one.position, one.stage, one.planned_days, one.mandatory, one.in_use,
             one.origin, one.about, "; ".join(one.synonyms) or None]
            for one in types
        ],
    )  # fmt: skip
    mention(cursor, MILESTONE_CATALOGUE.name, "select code from wanted_type")
    cursor.execute("delete from milestone_type")
    cursor.execute(
        """
        insert into milestone_type by name
        select r.record_key as milestone_key, w.* from wanted_type w
        join record r on r.table_name = 'milestone_catalogue' and r.natural_key = w.code
        order by w.position, w.milestone
        """
    )
    cursor.execute("drop table wanted_type")
