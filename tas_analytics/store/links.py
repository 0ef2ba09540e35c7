"""Names and IDs by which records speak of each other.

A deal may name its owner, account or product by the CRM's ID instead of the name, and what belongs to a
deal may name it by its name instead of the ID. Both are settled here, for deals that are there as well as
for those still to come.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tas_analytics.store.database import Cursor, among, first
from tas_analytics.store.tables import OPPORTUNITIES, TABLES, Table

#: Columns of an opportunity that name a record of another table: column → (table, key column).
REFERENCES: Final = {
    "account": ("accounts", "account_key"),
    "owner": ("people", "owner_key"),
    "product": ("products", "product_key"),
    "stage": ("stages", "stage_key"),
}
#: Those of them whose records come into being by being named.
NAMED: Final = ("account", "owner", "product")
#: Columns of a deal that its versions hold as they are.
OWN: Final = tuple(
    column.name for column in OPPORTUNITIES.columns if column.name not in {*REFERENCES, "last_open_stage"}
)
#: Number of the stage that stands for "not known".
UNKNOWN_STAGE: Final = 0
#: Tables whose records have an ID beside their name: table → (version table, name, ID, a column that names another).
IDENTIFIED: Final = {
    "accounts": ("account_version", "account", "account_id", "parent"),
    "people": ("person_version", "person", "person_id", "manager"),
    "products": ("product_version", "product", "product_id", None),
}
#: What stands between a pipeline and its stage in the name of a stage's record.
BETWEEN: Final = " › "

#: SQL of the stages, each with whether deals of its pipeline begin in it.
STAGES_SQL: Final = """(
    select *, position = min(position) filter (where status = 'open' and in_use) over (partition by pipeline)
        as is_opening
    from stage
)"""


def stage_name_sql(pipeline: str, stage: str) -> str:
    """SQL for the name of a stage's record: the stage, behind its pipeline where there is one."""
    return f"case when {pipeline} is null then {stage} else {pipeline} || '{BETWEEN}' || {stage} end"


def mention(cursor: Cursor, table_name: str, query: str) -> None:
    """Give a number to every name that a query yields and that has none yet.

    ``query`` is SQL with one text column; the order of numbers follows the names, so that equal
    loads give equal stores.
    """
    cursor.execute(
        f"""
        insert into record
        with wanted as (select distinct name from ({query}) as t(name) where name is not null),
        fresh as (
            select w.name from wanted w
            anti join (select natural_key from record where table_name = $table_name) r on r.natural_key = w.name
        ),
        top as (select coalesce(max(record_key), 0) as top from record where table_name = $table_name)
        select $table_name, cast(top + row_number() over (order by name) as integer), name from fresh, top
        """,
        {"table_name": table_name},
    )


def mention_names(cursor: Cursor, queries: Mapping[str, str]) -> None:
    """Give numbers to the accounts, people and products that deals name, unless by an ID that ``alias`` knows.

    Parameters
    ----------
    cursor
        Inside a transaction; :func:`list_identified` has been called.
    queries
        For a column of :data:`NAMED`, SQL that yields the names in it.
    """
    for column, query in queries.items():
        target = REFERENCES[column][0]
        known = f"select ref from alias where table_name = '{target}'"
        mention(cursor, target, f"select name from ({query}) as q(name) where name not in ({known})")


def keys_sql(alias: str) -> tuple[str, str]:
    """SQL of the key columns of a relation with names, and the joins that they need."""
    columns, joins = [], []
    for name, (target, key) in REFERENCES.items():
        named = stage_name_sql(f"{alias}.pipeline", f"{alias}.stage") if name == "stage" else f"{alias}.{name}"
        joins.append(
            f"left join (select record_key, natural_key from record where table_name = '{target}') {name}_record "
            f"on {name}_record.natural_key = {named}"
        )
        joins.append(
            f"left join (select ref, record_key from alias where table_name = '{target}') {name}_alias "
            f"on {name}_alias.ref = {alias}.{name}"
        )
        unknown = f", {UNKNOWN_STAGE}" if name == "stage" else ""
        columns.append(f"coalesce({name}_alias.record_key, {name}_record.record_key{unknown}) as {key}")
    joins.append(
        "left join (select record_key, natural_key from record where table_name = 'stages') last_record "
        f"on last_record.natural_key = {stage_name_sql(f'{alias}.pipeline', f'{alias}.last_open_stage')}"
    )
    columns.append("last_record.record_key as given_last_key")
    return ", ".join(columns), "\n".join(joins)


def list_identified(cursor: Cursor) -> None:
    """Fill the temp table ``alias``: the record of every ID of an account, a person, a product or a stage."""
    parts = [
        f"""
        select '{name}' as table_name, {ident} as ref, min(v.record_key) as record_key, min(v.{one}) as name
        from {version} v where valid_to is null and {ident} is not null and {ident} <> {one} group by {ident}
        """
        for name, (version, one, ident, _) in IDENTIFIED.items()
    ]
    named = stage_name_sql("v.pipeline", "v.stage")
    parts.append(
        f"""
        select 'stages' as table_name, stage_id as ref, min(r.record_key) as record_key, min(v.stage) as name
        from stage_version v join record r on r.table_name = 'stages' and r.natural_key = {named}
        where v.valid_to is null and stage_id is not null and stage_id <> v.stage group by stage_id
        """
    )
    cursor.execute(f"create or replace temp table alias as {' union all '.join(parts)}")


def name_by_id(cursor: Cursor, table_name: str) -> None:
    """Put names in place of the IDs by which people name their managers, and accounts their parents."""
    version, one, ident, column = IDENTIFIED[table_name]
    if column is None:
        return
    cursor.execute(
        f"""
        update {version} set {column} = named.name
        from (
            select {ident} as ref, min({one}) as name from {version}
            where valid_to is null and {ident} is not null and {ident} <> {one} group by {ident}
        ) named
        where {version}.{column} = named.ref
        """
    )


def ids_in_use(cursor: Cursor) -> bool:
    """Whether a deal or its history names an owner, account or product by an ID that a table knows."""
    said = [("opportunity_state", column) for column in NAMED]
    said += [("change_version", "owner"), ("change_version", "from_owner")]
    names = " union all ".join(
        f"select {column} as ref from {where} where {column} is not null" for where, column in said
    )
    list_identified(cursor)
    if first(cursor.execute("select count(*) from alias")) == (0,):
        return False
    found = first(cursor.execute(f"select count(*) > 0 from alias where ref in (select distinct ref from ({names}))"))
    return found == (True,)


def join_to_deals(cursor: Cursor, table: Table, *, only_missing: bool = False) -> None:
    """Find the deal of every record of a table that belongs to deals; unknown deals leave the key blank.

    Parameters
    ----------
    cursor
        Inside a transaction.
    table
        A table with a column ``opportunity_id``.
    only_missing
        Look only at records whose deal was unknown so far.
    """
    version = f"{table.one}_version"
    # The condition alone that most blocks of a large table cannot meet: any other would have them read.
    cursor.execute(
        f"""
        create or replace temp table missing as select record_key, opportunity_id as ref from {version}
        where {"opportunity_key is null" if only_missing else "opportunity_id is not null"}
        """
    )
    cursor.execute("create or replace temp table wanted as select distinct ref from missing where ref is not null")
    if first(cursor.execute("select count(*) from wanted")) == (0,):
        return
    cursor.execute(
        """
        create or replace temp table found as
        select w.ref, r.record_key from wanted w
        join record r on r.table_name = 'opportunities' and r.natural_key = w.ref
        """
    )
    there = among(cursor, "record_key", "select record_key from found")
    cursor.execute(
        f"delete from found where record_key not in (select record_key from sighting "
        f"where table_name = 'opportunities' and {there})"
    )
    # Names are looked through only for what no ID finds.
    if first(cursor.execute("select count(*) from wanted anti join found using (ref)")) != (0,):
        cursor.execute(
            """
            insert into found
            select w.ref, min(v.record_key) from (select * from wanted anti join found using (ref)) w
            join opportunity_state v on v.name = w.ref
            group by w.ref having count(distinct v.record_key) = 1
            """
        )
    # A history may name deals by what they were before: the lead, say, whose ID the deals' file has in a spare column.
    if first(cursor.execute("select count(*) from wanted anti join found using (ref)")) != (0,):
        cursor.execute(
            """
            insert into found
            select w.ref, min(r.record_key) from (select * from wanted anti join found using (ref)) w
            join attribute_version a on a.value = w.ref and a.valid_to is null
                and regexp_matches(lower(a.attribute), '(^|[ _.-])(id|key|number|no)$')
            join record r on r.table_name = 'opportunities' and r.natural_key = a.opportunity_id
            group by w.ref having count(distinct r.record_key) = 1
            """
        )
    if only_missing:
        cursor.execute(
            f"""
            update {version} set opportunity_key = joined.deal
            from (
                select distinct m.record_key, f.ref, f.record_key as deal from missing m join found f using (ref)
            ) joined
            where {version}.record_key = joined.record_key and {version}.opportunity_id = joined.ref
                and {version}.opportunity_key is null
            """
        )
        return
    cursor.execute(
        f"""
        update {version} set opportunity_key = matched.record_key
        from (select w.ref, f.record_key from wanted w left join found f using (ref)) matched
        where {version}.opportunity_id = matched.ref and {version}.opportunity_key is distinct from matched.record_key
        """
    )


def waiting_for_deals(cursor: Cursor) -> set[str]:
    """The tables with records whose deal is not known yet: one question instead of three for each table."""
    # A condition on the key alone, which most blocks of a large table cannot meet.
    asked = (
        f"(select '{one.name}' from {one.one}_version where opportunity_key is null limit 1)"
        for one in tables_of_deals()
    )
    return {name for (name,) in cursor.execute(" union all ".join(asked)).fetchall()}


def tables_of_deals() -> tuple[Table, ...]:
    """The tables whose records belong to deals."""
    return tuple(one for one in TABLES if one.of_deals)
