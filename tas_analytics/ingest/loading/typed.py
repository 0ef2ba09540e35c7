"""The typed rows of a file, as a temporary table: the decisions about it carried out in SQL.

A preview and a load see the very same rows. Columns with few distinct cells are read once per distinct
cell; the others in one pass over all rows, with a second, slower look only at the cells that the usual
form does not fit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tas_analytics.ingest.values.cells import distinct_cells, few_distinct, needs_cleaning, usual_cast, usual_text_sql
from tas_analytics.ingest.values.convert import KEPT_WORDS, Convention, reason, value_sql
from tas_analytics.method.stages import LOST, OPEN, STATUSES, WON, is_known, propose
from tas_analytics.store.database import Cursor, first
from tas_analytics.store.held import BATCH
from tas_analytics.store.links import stage_name_sql
from tas_analytics.store.tables import Column, Table, table

if TYPE_CHECKING:
    from tas_analytics.ingest.planning.plan import Prepared

_CODE: Final = ("regexp_full_match(value, '[A-Z]{3}')", "is not a three-letter currency code")
_WITH_CURRENCY: Final = ("opportunities", "history", "revenue_lines", "rates")
#: What a typed value must satisfy beyond being readable: SQL on ``value``, and the reason where it fails.
RULES: Final = {
    **{(name, "currency"): _CODE for name in _WITH_CURRENCY},
    ("opportunities", "probability"): ("value between 0 and 1", "is not between 0 and 100 %"),
    ("history", "probability"): ("value between 0 and 1", "is not between 0 and 100 %"),
    ("stages", "probability"): ("value between 0 and 1", "is not between 0 and 100 %"),
    ("stages", "status"): (f"value in {STATUSES}", "is not one of open, won, lost"),
    ("rates", "rate"): ("value > 0", "is not above zero"),
    ("assessments", "rating"): ("value in ('+', '-', '?')", "is not one of +, -, ?"),
    ("contact_map", "rank"): ("value between 1 and 5", "is not between 1 and 5"),
    ("contact_map", "influence"): ("value between 1 and 5", "is not between 1 and 5"),
    ("influence", "strength"): ("value between 1 and 5", "is not between 1 and 5"),
}
_CASE: Final = {
    **{(name, "currency"): "upper" for name in _WITH_CURRENCY},
    ("stages", "status"): "lower",
    ("opportunities", "status"): "lower",
}
#: A row of ``typed`` that is loaded.
GOOD: Final = "good"


@dataclass(frozen=True)
class _Read:
    """How one column comes out of the registered rows: its value, and whether its cell is wrong."""

    value: str
    wrong: str | None


@dataclass(frozen=True)
class Staged:
    """The typed rows of a file, and the columns of the table among theirs."""

    rows: pa.Table
    given: tuple[str, ...]


def stage_rows(cursor: Cursor, prepared: Prepared) -> Staged:
    """Register the relation ``typed``: a row per row of the file, typed, with its key, hash and faults.

    It is an Arrow table, not a temporary one: what a transaction has written itself DuckDB reads with one
    thread only, and everything that follows reads these rows.

    Columns: line, natural_key, state_hash, faults (names of columns whose cell cannot be taken),
    broken (those of them that can be read, but break a rule), place, first_place and first_line (of the first
    row with the same key), good (whether the row is loaded), and those columns of the table that the file gives.

    Returns
    -------
    Staged
        The same rows, with the names of the columns that the file gives.
    """
    one = table(prepared.table_name)
    given = [column for column in one.columns if column.name in prepared.mapping.columns]
    # A part has several rows of one line, so rows are told apart by their place.
    places = pa.chunked_array([np.arange(prepared.data.num_rows, dtype=np.int32)])
    rows: dict[str, pa.ChunkedArray] = {"line": prepared.data["line"], "place": places}
    reads = {column.name: _read(cursor, prepared, column, rows) for column in given}
    cursor.register("incoming", pa.table(rows))
    values = [f"{reads[c.name].value} as {c.name}" for c in given]
    told = list(given)
    if prepared.cell_currency is not None:
        values.append(f"cast({prepared.cell_currency!r} as varchar) as currency")
        told.append(one.column("currency"))
    wrong = {name: read.wrong for name, read in reads.items() if read.wrong is not None}
    flags = "".join(f", {sql} as {name}_wrong" for name, sql in wrong.items())
    any_wrong = " or ".join(f"{name}_wrong" for name in wrong) or "false"
    faults = ", ".join(f"case when {name}_wrong then '{name}' end" for name in wrong) or "null"
    ruled = [name for name in wrong if (one.name, name) in RULES]
    broken = ", ".join(f"case when {name}_wrong and {name} is not null then '{name}' end" for name in ruled)
    names = {column.name for column in told}
    listed = ", ".join(column.name for column in told)
    shape = ",".join(sorted(prepared.columns))
    none = "cast([] as varchar[])"
    closed = _closed_stages(cursor, prepared, reads)
    if closed and "last_open_stage" not in names:
        listed += ", cast(null as varchar) as last_open_stage"
        told.append(one.column("last_open_stage"))
    contents = ", ".join(column.name for column in told)
    rows_of = _register(
        cursor,
        f"""
        with raw as (
            select i.line, i.place, {", ".join(values)} {flags}
            from incoming i
        ),
        checked as (
            select line, place, {listed},
                case when {any_wrong} then list_filter([{faults}], lambda x: x is not null) else {none} end as faults,
                case when {any_wrong} then cast([{broken}] as varchar[]) else {none} end as broken
            from raw
        ),
        meant as (select * {closed} from checked)
        select *, {_natural_key(one, names)} as natural_key, hash('{shape}', {contents}) as state_hash,
            line as first_line, place as first_place,
            natural_key is not null {"and faults = []" if wrong else ""} as good
        from meant
        """,
    )
    cursor.unregister("incoming")
    return Staged(_find_repeated(cursor) or rows_of, tuple(column.name for column in told))


def _register(cursor: Cursor, query: str) -> pa.Table:
    rows = cursor.execute(query).to_arrow_table(BATCH)
    cursor.register("typed", rows)
    return rows


def _find_repeated(cursor: Cursor) -> pa.Table | None:
    """Of rows with the same key only the first is loaded; the others repeat it, or contradict it."""
    # Different hashes are different keys, and numbers are compared much faster than texts.
    # The hash of nothing is a number too, so rows without a key stay out of the count.
    repeated = first(
        cursor.execute("select count(*) > count(distinct hash(natural_key)) from typed where natural_key is not null")
    )
    if repeated != (True,):
        return None
    return _register(
        cursor,
        """
        select * replace (
            min(place) filter (where good) over same_key as first_place,
            min(line) filter (where good) over same_key as first_line,
            good and state_hash = first_value(state_hash) over (same_key order by len(faults), place) as good
        )
        from typed
        window same_key as (partition by natural_key)
        order by place
        """,
    )


def reject_reason(prepared: Prepared, column: str, value: str, *, broken: bool) -> str:
    """Why a cell was refused, as a sentence without its subject; ``broken``: it can be read, but breaks a rule."""
    one = table(prepared.table_name).column(column)
    if one.required and not value.strip():
        return "is blank, but is needed"
    if broken:
        return RULES[prepared.table_name, column][1]
    return reason(prepared.conventions[column], value) or "cannot be read"


def _read(cursor: Cursor, prepared: Prepared, column: Column, rows: dict[str, pa.ChunkedArray]) -> _Read:
    """How a column is read; what it needs is added to ``rows``."""
    texts = prepared.data[prepared.cells(prepared.mapping.columns[column.name])]
    rule = RULES.get((prepared.table_name, column.name))
    plain = rule is None and (prepared.table_name, column.name) not in {*_CASE, *KEPT_WORDS}
    if not plain or few_distinct(texts):
        rows[column.name], rows[f"{column.name}_wrong"] = _each_distinct(cursor, prepared, column, texts)
        if not column.required and not pc.any(rows[f"{column.name}_wrong"]).as_py():
            del rows[f"{column.name}_wrong"]
            return _Read(f"i.{column.name}", None)
        return _Read(f"i.{column.name}", f"i.{column.name}_wrong")
    cell = f"i.{column.name}"
    convention = prepared.conventions[column.name]
    if column.kind == "text":
        rows[column.name] = texts
        usual = usual_text_sql(cell, clean=not needs_cleaning(texts))
        return _Read(usual, f"({usual}) is null" if column.required else None)
    rows[column.name], wrong = _in_one_pass(cursor, prepared, column, texts, convention)
    if wrong is None:
        return _Read(cell, None)
    rows[f"{column.name}_wrong"] = wrong
    return _Read(cell, f"{cell}_wrong")


def _in_one_pass(
    cursor: Cursor, prepared: Prepared, column: Column, texts: pa.ChunkedArray, convention: Convention
) -> tuple[pa.ChunkedArray, pa.ChunkedArray | None]:
    """Values of a column with many distinct cells: the usual form at once, the cells that differ one by one."""
    cast = usual_cast(texts, column.kind, convention)
    if cast is None:
        return _each_distinct(cursor, prepared, column, texts)
    cursor.register("cells", pa.table({"cell": texts}))
    value = cursor.execute(f"select {cast} as value from cells").to_arrow_table()["value"]
    cursor.unregister("cells")
    if not value.null_count:
        return value, None
    odd = texts.filter(pc.is_null(value))
    odd_value, odd_wrong = _each_distinct(cursor, prepared, column, odd)
    distinct = pc.unique(odd)
    first_places = pc.index_in(distinct, value_set=odd.combine_chunks())
    places = pc.index_in(texts, value_set=distinct)
    filled = pc.coalesce(
        value.combine_chunks(), odd_value.take(first_places).combine_chunks().take(places.combine_chunks())
    )
    wrong = pc.fill_null(odd_wrong.take(first_places).combine_chunks().take(places.combine_chunks()), False)
    return pa.chunked_array([filled]), pa.chunked_array([wrong]) if pc.any(wrong).as_py() else None


def _each_distinct(
    cursor: Cursor, prepared: Prepared, column: Column, texts: pa.ChunkedArray
) -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
    """For every cell, the column's value and whether the cell is wrong. Each distinct cell is read once."""
    cells = distinct_cells(texts, column.kind, KEPT_WORDS.get((prepared.table_name, column.name), ()))
    case = _CASE.get((prepared.table_name, column.name))
    rule = RULES.get((prepared.table_name, column.name))
    if column.kind == "text" and case is None and rule is None:
        value = pc.if_else(cells["missing"], pa.scalar(None, pa.string()), cells["cell"])
        read = pa.table({"value": value, "wrong": pc.and_(cells["missing"], column.required)})
    else:
        value = value_sql(prepared.conventions[column.name], "cell")
        wrong = ["(not missing and value is null)", *(["missing"] if column.required else [])]
        if rule is not None:
            wrong.append(f"(value is not null and not ({rule[0]}))")
        cursor.register("cells", cells.append_column("place", pa.array(np.arange(len(cells)))))
        read = cursor.execute(
            f"""
            select value, {" or ".join(wrong)} as wrong
            from (
                select place, missing, case when not missing then {f"{case}({value})" if case else value} end as value
                from cells
            )
            order by place
            """
        ).to_arrow_table()
        cursor.unregister("cells")
    places = pc.index_in(texts, value_set=cells["raw"].combine_chunks())
    return read["value"].take(places), read["wrong"].take(places)


def _closed_stages(cursor: Cursor, prepared: Prepared, reads: Mapping[str, _Read]) -> str:
    """SQL that gives closed deals a closed stage, where the CRM leaves them in the stage in which they were.

    Some systems keep won and lost apart from the stage. A stage whose name says that it is open, or in which the same
    file has open deals too, then stands for "won" or "lost" with that stage as the last open one.
    """
    if prepared.table_name != "opportunities" or not {"status", "stage"} <= reads.keys():
        return ""
    cursor.execute(
        f"""
        create or replace temp table stage_status as
        select {reads["stage"].value} as stage, {reads["status"].value} as status
        from incoming i group by all
        """
    )
    said: dict[str, set[str]] = {}
    for stage, status in cursor.execute("select stage, status from stage_status where stage is not null").fetchall():
        said.setdefault(stage, set()).add(status)
    cursor.execute("drop table stage_status")
    still_open = [
        stage
        for stage, words in said.items()
        if words & {WON, LOST}
        and propose(stage).status == OPEN
        and (is_known(stage) or len(words & {WON, LOST, OPEN}) > 1)
    ]
    if not still_open:
        return ""
    listed = ", ".join("'" + stage.replace("'", "''") + "'" for stage in still_open)
    closed = f"status in ('{WON}', '{LOST}') and stage in ({listed})"
    named = f"if(status = '{WON}', 'Won', 'Lost')"
    return (
        f"replace (case when {closed} then coalesce(last_open_stage, stage) else last_open_stage end "
        f"as last_open_stage, case when {closed} then {named} else stage end as stage)"
    )


def _natural_key(one: Table, given: set[str]) -> str:
    """SQL for the text that identifies a record, from the columns that a file gives."""

    def column(name: str) -> str:
        return name if name in given else "cast(null as varchar)"

    def together(names: Sequence[str], between: str) -> str:
        return f"concat_ws('{between}', {', '.join(f'cast({column(name)} as varchar)' for name in names)})"

    if one.name == "opportunities":
        # Report exports often lack the id: then the account, the name and the day it was opened tell deals apart.
        described = together(("account", "name", "created_date"), " / ")
        named = f"coalesce({column('name')}, {column('account')}) is not null"
        return f"coalesce({column('opportunity_id')}, case when {named} then {described} end)"
    if one.name == "stages":
        return stage_name_sql(column("pipeline"), column("stage"))
    if len(one.key) == 1:
        return f"coalesce({column(one.own_id)}, {column(one.key[0])})" if one.own_id else column(one.key[0])
    parts = ", ".join(f"coalesce(cast({column(name)} as varchar), '')" for name in one.key)
    key = f"concat_ws(' | ', {parts})"
    return f"coalesce({column(one.own_id)}, {key})" if one.own_id else key
