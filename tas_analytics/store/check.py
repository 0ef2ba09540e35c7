"""Proof that the store keeps its promises, and a fingerprint of what it holds.

The fingerprint speaks of contents only, by their natural names: numbers of loads and records and
the order of loading leave no trace in it, so two stores that know the same are equal here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tas_analytics.store import profiles
from tas_analytics.store.database import Store
from tas_analytics.store.links import REFERENCES, UNKNOWN_STAGE
from tas_analytics.store.tables import OPPORTUNITIES, TABLES, Table


@dataclass(frozen=True)
class Check:
    """Outcome: what is wrong (nothing, if all is well), and rows and fingerprint per table."""

    problems: tuple[str, ...]
    contents: tuple[tuple[str, int, str], ...]

    @property
    def ok(self) -> bool:
        """Whether every promise holds."""
        return not self.problems


#: Each promise as a query that counts its breaches.
_PROMISES: Final = {
    "records with the same number": """
        select count(*) from (select 1 from record group by table_name, record_key having count(*) > 1)""",
    "records with the same name": """
        select count(*) from (select 1 from record group by table_name, natural_key having count(*) > 1)""",
    "loads with the same number": "select count(*) from (select 1 from load group by load_id having count(*) > 1)",
    "sightings of a load that is missing or undone": """
        select count(*) from sighting s
        anti join (select load_id from load where undone_at is null) l on l.load_id = s.load_id""",
    "loads whose rows do not add up": """
        select count(*) from load where rows_in_file <> rows_new + rows_changed + rows_unchanged + rows_rejected""",
    "loads whose rejected rows are not kept": """
        select count(*) from load l
        left join (
            select load_id, count(distinct {'line': line, 'row': row_text}) as rows from reject group by load_id
        ) r on r.load_id = l.load_id
        where rows_rejected <> coalesce(r.rows, 0)""",
    "stages listed twice": "select count(*) from (select 1 from stage group by stage_key having count(*) > 1)",
    "stages of an unknown meaning": """
        select count(*) from stage where status not in ('open', 'won', 'lost') or probability not between 0 and 1""",
    "deals in a stage that is not listed": """
        select count(*) from opportunity_version v anti join stage s on s.stage_key = v.stage_key""",
    "milestones listed twice": """
        select count(*) from (select 1 from milestone_type group by milestone_key having count(*) > 1
            union all select 1 from milestone_type group by code having count(*) > 1)""",
    "milestones of a kind that is not listed": """
        select count(*) from milestone_version v
        left join milestone_name n on n.name = v.milestone
        left join milestone_type t on t.milestone_key = n.milestone_key
        where v.milestone_key is distinct from t.milestone_key or (v.milestone is not null and t.code is null)""",
    "parts of a load that is undone": """
        select count(*) from load p join load l on l.load_id = p.part_of
        where (p.undone_at is null) <> (l.undone_at is null)""",
    "stays in a stage of no deal": """
        select count(*) from stage_spell p anti join opportunity_version v on v.record_key = p.opportunity_key""",
    "profiles that do not follow from their ratings": f"""
        with built as (select * exclude (built_from) from assessment_profile), due as ({profiles.general_sql()})
        select count(*) from ((from built except from due) union all (from due except from built))""",
}


def check(store: Store) -> Check:
    """Test every promise and fingerprint every table."""
    promises = dict(_PROMISES)
    for one in TABLES:
        promises |= _versioned(one)
        if one.of_deals:
            promises[f"{one.name} of a deal that is not there"] = f"""
                select count(*) from {one.one}_version c
                anti join opportunity_state o on o.record_key = c.opportunity_key
                where c.opportunity_key is not null"""
    problems = tuple(f"{n:,} {what}" for what, sql in promises.items() if (n := int(store.value(sql) or 0)) > 0)
    contents = [_fingerprint(store, f"{one.one}_version", _named(one)) for one in TABLES]
    contents.append(
        _fingerprint(
            store,
            "stage",
            "select pipeline, stage, position, probability, status, planned_days, origin, in_use from stage "
            f"where stage_key <> {UNKNOWN_STAGE}",
        )
    )
    contents.append(
        _fingerprint(
            store,
            "milestone_type",
            "select * exclude (milestone_key) from milestone_type where origin <> 'default'",
        )
    )
    contents.append(
        _fingerprint(
            store,
            "stage_spell",
            "select o.natural_key, s.natural_key, p.spell, p.entered, p.first_seen, p.left_on, n.natural_key, "
            "p.is_exact "
            "from stage_spell p "
            "join record o on o.table_name = 'opportunities' and o.record_key = p.opportunity_key "
            "join record s on s.table_name = 'stages' and s.record_key = p.stage_key "
            "left join record n on n.table_name = 'stages' and n.record_key = p.next_stage_key",
        )
    )
    contents.append(
        _fingerprint(
            store,
            "assessment_profile",
            "select o.natural_key, p.* exclude (opportunity_key, built_from) from assessment_profile p "
            "join record o on o.table_name = 'opportunities' and o.record_key = p.opportunity_key",
        )
    )
    return Check(problems, tuple(contents))


def _versioned(one: Table) -> dict[str, str]:
    name = f"{one.one}_version"
    return {
        f"{one.name} known in two ways at once": f"""
            select count(*) from (
                select valid_to, lead(valid_from) over (partition by record_key order by valid_from) as next
                from {name}
            ) where next is not null and (valid_to is null or valid_to > next)""",
        f"{one.name} that end before they begin": f"select count(*) from {name} where valid_to <= valid_from",
        f"{one.name} without a record": f"""
            select count(*) from {name} v anti join (
                select record_key from record where table_name = '{one.name}'
            ) r on r.record_key = v.record_key""",
        f"sightings of {one.name} in a state that is not kept": f"""
            select count(*) from sighting s
            anti join {one.one}_state t on t.record_key = s.record_key and t.state_hash = s.state_hash
            where s.table_name = '{one.name}'""",
        f"states of {one.name} that no load saw": f"""
            select count(*) from {one.one}_state t
            anti join (select * from sighting where table_name = '{one.name}') s
            on t.record_key = s.record_key and t.state_hash = s.state_hash""",
    }


def _named(one: Table) -> str:
    """The versions of a table with names in place of numbers."""
    if one.of_deals:
        numbers = "record_key, load_id, opportunity_key" + (", milestone_key" if one.name == "milestones" else "")
        return (
            f"select v.* exclude ({numbers}), o.natural_key from {one.one}_version v "
            "left join record o on o.table_name = 'opportunities' and o.record_key = v.opportunity_key"
        )
    if one is not OPPORTUNITIES:
        return f"select * exclude (record_key, load_id) from {one.one}_version"
    keys = {**{key: target for target, key in REFERENCES.values()}, "last_open_stage_key": "stages"}
    names = ", ".join(
        f"(select natural_key from record r where r.table_name = '{target}' and r.record_key = v.{key}) as {key}"
        for key, target in keys.items()
    )
    return (
        f"select o.natural_key, v.* exclude (record_key, load_id, {', '.join(keys)}), {names} "
        "from opportunity_version v join record o on o.table_name = 'opportunities' and o.record_key = v.record_key"
    )


def _fingerprint(store: Store, name: str, sql: str) -> tuple[str, int, str]:
    rows = store.rows(f"select count(*), coalesce(bit_xor(md5_number_lower(cast(t as varchar))), 0) from ({sql}) t")
    return name, int(rows[0][0]), f"{int(rows[0][1]):016x}"
