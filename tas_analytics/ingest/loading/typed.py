"""The typed rows of a file, as a temporary table: the decisions about it carried out in SQL.

A preview and a load see the very same rows. Columns with few distinct cells are read once per distinct
cell; the others in one pass over all rows, with a second, slower look only at the cells that the usual
form does not fit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tas_analytics.ingest.values.cells import distinct_cells, few_distinct, text_cells, usual_cast
from tas_analytics.ingest.values.convert import KEPT_WORDS, Convention, reason, value_sql
from tas_analytics.method.stages import LOST, OPEN, STATUSES, WON, propose
from tas_analytics.store.database import Cursor
from tas_analytics.store.held import BATCH, arrow_of, repeated
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
#: Columns that closed deals may have otherwise than their cells say.
_CLOSING: Final = frozenset({"stage", "last_open_stage"})
#: So many columns are read at a time.
_WORKERS: Final = 2
#: So many distinct texts are kept as a dictionary; DuckDB reads it anew for each batch.
_DICTIONARY: Final = 50_000
#: A row of ``typed`` that is loaded.
GOOD: Final = "good"


@dataclass(frozen=True)
class _Read:
    """A column of values, and whether each cell is wrong if any is."""

    values: pa.ChunkedArray
    wrong: pa.ChunkedArray | None


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
    rows = {
        "line": in_batches(prepared.data["line"].combine_chunks()),
        "place": in_batches(pa.array(np.arange(prepared.data.num_rows, dtype=np.int32))),
    }
    reads = _read_all(cursor, prepared, given)
    for name, read in reads.items():
        rows[name] = read.values
        if read.wrong is not None:
            rows[f"{name}_wrong"] = read.wrong
    cursor.register("incoming", pa.table(rows))
    values = [f"i.{c.name}" for c in given]
    told = list(given)
    if prepared.cell_currency is not None:
        values.append(f"cast({prepared.cell_currency!r} as varchar) as currency")
        told.append(one.column("currency"))
    wrong = [name for name, read in reads.items() if read.wrong is not None]
    flags = "".join(f", i.{name}_wrong" for name in wrong)
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
    # What is read need not pass through the query, which would copy it.
    ready = [name for name in reads if not (closed and name in _CLOSING)]
    own, key = _natural_key(one, names)
    if own is not None and not reads[own].values.null_count:
        key = "cast(null as varchar)"
    made = [*(column.name for column in told if column.name not in ready), *(["faults", "broken"] if wrong else [])]
    computed = arrow_of(
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
        meant as (select * {closed} from checked),
        keyed as (select *, {f"case when {own} is null then {key} end" if own else key} as natural_key from meant)
        select {", ".join(["place", *made, "natural_key"])}, hash('{shape}', {contents}) as state_hash,
            ({f"{own} is not null or " if own else ""}natural_key is not null)
                {"and faults = []" if wrong else ""} as good
        from keyed
        """,
    )
    cursor.unregister("incoming")
    if not np.array_equal(computed["place"], rows["place"]):
        computed = computed.sort_by("place")
    columns = {name: in_batches(computed[name].combine_chunks()) for name in computed.column_names}
    columns |= {name: rows[name] for name in ready} | {"line": rows["line"]}
    if not wrong:
        nothing = in_batches(_empty_lists(prepared.data.num_rows))
        columns |= {"faults": nothing, "broken": nothing}
    columns |= {"first_line": columns["line"], "first_place": columns["place"]}
    if own is not None:
        named, other = columns[own].cast(pa.string()), columns["natural_key"]
        columns["natural_key"] = pc.coalesce(named, other) if named.null_count else named
    typed = pa.table(columns)
    cursor.register("typed", typed)
    return Staged(_find_repeated(cursor, typed), tuple(column.name for column in told))


def _empty_lists(size: int) -> pa.Array:
    """So many lists of texts without any."""
    return pa.ListArray.from_arrays(pa.array(np.zeros(size + 1, np.int32)), pa.array([], pa.string()))


def in_batches(column: pa.Array) -> pa.ChunkedArray:
    """A column as the batches that DuckDB's threads take."""
    return pa.chunked_array([column.slice(start, BATCH) for start in range(0, len(column), BATCH)], column.type)


def _texts_in_batches(chunks: Sequence[pa.Array], kind: pa.DataType) -> pa.ChunkedArray:
    """The same for texts, which may be too many for a single array."""
    column, size = pa.chunked_array(chunks, kind), sum(map(len, chunks))
    return pa.chunked_array([column.slice(start, BATCH).combine_chunks() for start in range(0, size, BATCH)], kind)


def _find_repeated(cursor: Cursor, typed: pa.Table) -> pa.Table:
    """Of rows with the same key only the first is loaded; the others repeat it, or contradict it."""
    # Different hashes are different keys, and numbers are sorted much faster than texts are compared.
    # The hash of nothing is a number too, so rows without a key stay out of it.
    hashes = arrow_of(cursor, "select hash(natural_key) as hash from typed where natural_key is not null")["hash"]
    if not len(repeated(hashes.to_numpy())):
        return typed
    told = arrow_of(
        cursor,
        """
        select min(place) filter (where good) over same_key as first_place,
            min(line) filter (where good) over same_key as first_line,
            good and state_hash = first_value(state_hash) over (same_key order by len(faults), place) as good
        from typed
        window same_key as (partition by natural_key)
        order by place
        """,
    )
    for name in told.column_names:
        typed = typed.set_column(typed.schema.get_field_index(name), name, told[name])
    cursor.register("typed", typed)
    return typed


def reject_reason(prepared: Prepared, column: str, value: str, *, broken: bool) -> str:
    """Why a cell was refused, as a sentence without its subject; ``broken``: it can be read, but breaks a rule."""
    one = table(prepared.table_name).column(column)
    if one.required and not value.strip():
        return "is blank, but is needed"
    if broken:
        return RULES[prepared.table_name, column][1]
    return reason(prepared.conventions[column], value) or "cannot be read"


def _read_all(cursor: Cursor, prepared: Prepared, columns: Sequence[Column]) -> dict[str, _Read]:
    """How columns are read, several at a time: Arrow and DuckDB work without Python's lock."""
    with ExitStack() as stack:
        sides = [stack.enter_context(closing(cursor.cursor())) for _ in columns]
        pool = stack.enter_context(ThreadPoolExecutor(_WORKERS, "tas-type"))
        reads = pool.map(lambda side, column: _read(side, prepared, column), sides, columns)
        return {column.name: read for column, read in zip(columns, reads, strict=True)}


def _read(cursor: Cursor, prepared: Prepared, column: Column) -> _Read:
    """How a column is read."""
    texts = prepared.data[prepared.cells(prepared.mapping.columns[column.name])]
    rule = RULES.get((prepared.table_name, column.name))
    plain = rule is None and (prepared.table_name, column.name) not in {*_CASE, *KEPT_WORDS}
    if plain and not few_distinct(texts):
        if column.kind == "text":
            chunks, any_missing = text_cells(texts)
            values = _texts_in_batches(chunks, texts.type)
            return _Read(values, pc.is_null(values) if column.required and any_missing else None)
        value, wrong = _in_one_pass(cursor, prepared, column, texts, prepared.conventions[column.name])
        return _Read(in_batches(value), None if wrong is None else in_batches(wrong))
    value, wrong = _each_distinct(cursor, prepared, column, texts)
    return _Read(in_batches(value), in_batches(wrong) if column.required or pc.any(wrong).as_py() else None)


def _in_one_pass(
    cursor: Cursor, prepared: Prepared, column: Column, texts: pa.ChunkedArray, convention: Convention
) -> tuple[pa.Array, pa.Array | None]:
    """Values of a column with many distinct cells: the usual form at once, the cells that differ one by one."""
    cast = usual_cast(texts, column.kind, convention)
    if cast is None:
        return _each_distinct(cursor, prepared, column, texts)
    cursor.register("cells", pa.table({"cell": texts}))
    value = arrow_of(cursor, f"select {cast} as value from cells")["value"].combine_chunks()
    cursor.unregister("cells")
    if not value.null_count:
        return value, None
    odd = texts.filter(pc.is_null(value))
    odd_value, odd_wrong = _each_distinct(cursor, prepared, column, odd)
    distinct = pc.unique(odd)
    first_places = pc.index_in(distinct, value_set=odd.combine_chunks())
    places = pc.index_in(texts, value_set=distinct).combine_chunks()
    filled = pc.coalesce(value, odd_value.take(first_places).take(places))
    wrong = pc.fill_null(odd_wrong.take(first_places).take(places), False)
    return filled, wrong if pc.any(wrong).as_py() else None


def _each_distinct(
    cursor: Cursor, prepared: Prepared, column: Column, texts: pa.ChunkedArray
) -> tuple[pa.Array, pa.Array]:
    """For every cell, the column's value and whether the cell is wrong. Each distinct cell is read once.

    A text that few cells have between them comes as a dictionary, which takes much less memory.
    """
    distinct, places = _coded(texts)
    cells = distinct_cells(distinct, column.kind, KEPT_WORDS.get((prepared.table_name, column.name), ()))
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
        read = arrow_of(
            cursor,
            f"""
            select value, {" or ".join(wrong)} as wrong
            from (
                select place, missing, case when not missing then {f"{case}({value})" if case else value} end as value
                from cells
            )
            order by place
            """,
        )
        cursor.unregister("cells")
    values = read["value"].combine_chunks()
    if pa.types.is_string(values.type) and len(values) < min(_DICTIONARY, len(places) // 4):
        values = values.dictionary_encode()
    return values.take(places), read["wrong"].combine_chunks().take(places)


def _coded(texts: pa.ChunkedArray) -> tuple[pa.Array, pa.Array]:
    """The distinct cells of a column, and the place of each cell's among them."""
    coded = texts.dictionary_encode(null_encoding="encode")
    if not coded.num_chunks:
        return pa.array([], texts.type), pa.array([], pa.int32())
    # The dictionary grows from chunk to chunk; that of the last one is whole.
    return coded.chunks[-1].dictionary, pa.chunked_array([chunk.indices for chunk in coded.chunks]).combine_chunks()


def _closed_stages(cursor: Cursor, prepared: Prepared, reads: Mapping[str, _Read]) -> str:
    """SQL that gives closed deals a closed stage, where the CRM leaves them in the stage in which they were.

    Some systems keep won and lost apart from the stage. Such a stage, unless its name says that it is won or lost, then
    stands for "won" or "lost" with that stage as the last open one. Whether others are open in it just then is not
    asked: in another week's export it may be otherwise, and the order of loading must not matter.
    """
    if prepared.table_name != "opportunities" or not {"status", "stage"} <= reads.keys():
        return ""
    cursor.execute(
        "create or replace temp table closing as select distinct stage from incoming "
        f"where status in ('{WON}', '{LOST}') and stage is not null"
    )
    stages = [stage for (stage,) in cursor.execute("select stage from closing order by stage").fetchall()]
    cursor.execute("drop table closing")
    still_open = [stage for stage in stages if propose(stage).status == OPEN]
    if not still_open:
        return ""
    listed = ", ".join("'" + stage.replace("'", "''") + "'" for stage in still_open)
    closed = f"status in ('{WON}', '{LOST}') and stage in ({listed})"
    named = f"if(status = '{WON}', 'Won', 'Lost')"
    return (
        f"replace (case when {closed} then coalesce(last_open_stage, stage) else last_open_stage end "
        f"as last_open_stage, case when {closed} then {named} else stage end as stage)"
    )


def _natural_key(one: Table, given: set[str]) -> tuple[str | None, str]:
    """SQL for the text that identifies a record, from the columns that a file gives.

    If there is a column of texts that has it already, that column comes first, and the SQL stands where it is blank.
    """

    def column(name: str) -> str:
        return name if name in given else "cast(null as varchar)"

    def together(names: Sequence[str], between: str) -> str:
        return f"concat_ws('{between}', {', '.join(f'cast({column(name)} as varchar)' for name in names)})"

    own_id = "opportunity_id" if one.name == "opportunities" else one.own_id
    own = own_id if own_id in given else None
    if one.name == "opportunities":
        # Report exports often lack the id: then the account, the name and the day it was opened tell deals apart.
        described = together(("account", "name", "created_date"), " / ")
        named = f"coalesce({column('name')}, {column('account')}) is not null"
        return own, f"case when {named} then {described} end"
    if one.name == "stages":
        return None, stage_name_sql(column("pipeline"), column("stage"))
    if len(one.key) == 1:
        return own, column(one.key[0])
    parts = ", ".join(f"coalesce(cast({column(name)} as varchar), '')" for name in one.key)
    return own, f"concat_ws(' | ', {parts})"
