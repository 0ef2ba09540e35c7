"""From a text table to typed rows: what each column is, how it is read, and which rows cannot be.

Nothing is written to the store here. :func:`prepare` decides, :func:`stage_rows` carries the
decisions out in SQL on a temporary table, so that a preview and a load see the very same rows.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from tas_analytics.errors import BadQuestion, UnknownTable
from tas_analytics.ingest.cells import distinct_cells
from tas_analytics.ingest.convert import Convention, decide, reason, value_sql
from tas_analytics.ingest.mapping import FileMapping, corrected, missing_required, propose
from tas_analytics.ingest.reader import TextTable, read_table
from tas_analytics.ingest.salesforce import long_id
from tas_analytics.method.stages import STATUSES, propose as propose_stage
from tas_analytics.store.database import Cursor, first
from tas_analytics.store.tables import Column, table

#: Cells beyond this many distinct ones add nothing to a decision about a column.
ENOUGH_VALUES: Final = 100_000
_FILE_DATE: Final = re.compile(r"(?<!\d)(20\d\d)[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12]\d|3[01])(?!\d)")
#: Nothing is known of days before this one: the first version of a reference record holds from here on.
BEGINNING: Final = dt.date(1900, 1, 1)
#: Days that the past has fixed: the latest of them is the earliest day an export can be of.
_FACT_DATES: Final = ("created_date", "stage_entered", "last_activity")
#: What a typed value must satisfy beyond being readable: SQL on ``value``, and the reason where it fails.
_RULES: Final = {
    ("opportunities", "probability"): ("value between 0 and 1", "is not between 0 and 100 %"),
    ("stages", "probability"): ("value between 0 and 1", "is not between 0 and 100 %"),
    ("stages", "status"): (f"value in {STATUSES}", "is not one of open, won, lost"),
    ("opportunities", "currency"): ("regexp_full_match(value, '[A-Z]{3}')", "is not a three-letter currency code"),
    ("rates", "currency"): ("regexp_full_match(value, '[A-Z]{3}')", "is not a three-letter currency code"),
    ("rates", "rate"): ("value > 0", "is not above zero"),
}
_CASE: Final = {("opportunities", "currency"): "upper", ("rates", "currency"): "upper", ("stages", "status"): "lower"}


@dataclass(frozen=True)
class Options:
    """What the user has said about a file; None leaves the decision to us."""

    as_table: str | None = None
    source: str | None = None
    as_of: dt.date | None = None
    complete: bool = False
    columns: Mapping[str, str] | None = None
    date_order: str | None = None
    decimal: str | None = None


@dataclass(frozen=True)
class Prepared:
    """A file that has been read and understood, ready to be previewed or loaded."""

    text: TextTable
    mapping: FileMapping
    conventions: Mapping[str, Convention]
    options: Options
    file_hash: str
    file_bytes: int
    notes: tuple[str, ...] = ()
    data: pa.Table = field(default_factory=lambda: pa.table({}), compare=False)

    @property
    def missing(self) -> list[str]:
        """Labels of required columns that no header feeds; only a draft has any."""
        return missing_required(self.mapping)

    @property
    def name(self) -> str:
        """The file's name."""
        return self.text.name

    @property
    def table_name(self) -> str:
        """The importable table it goes into."""
        return self.mapping.table

    @property
    def columns(self) -> list[str]:
        """Columns of the table that the file gives."""
        given = list(self.mapping.columns)
        if "currency" not in given and self.cell_currency is not None:
            given.append("currency")
        return given

    @property
    def cell_currency(self) -> str | None:
        """Currency that the amount cells themselves carry, where no column names it."""
        amount = self.conventions.get("amount")
        if self.table_name != "opportunities" or amount is None or "currency" in self.mapping.columns:
            return None
        return amount.currency

    def cells(self, header: str) -> str:
        """Name of the data column under a header."""
        return f"c{self.text.columns.index(header)}"

    def convention_of(self, kind: str) -> Convention | None:
        """The convention of the first column of a kind, for the summary of a load."""
        one = table(self.table_name)
        names = [c.name for c in one.columns if c.kind == kind and c.name in self.conventions]
        return self.conventions[names[0]] if names else None


def prepare(data: bytes, name: str, options: Options | None = None, *, draft: bool = False) -> Prepared:
    """Read a file and decide everything about it.

    A draft may lack required columns (``missing`` says which), so that the user can be asked for
    them; it cannot be loaded.

    Raises
    ------
    UnreadableFile
        It is not a table of text.
    UnknownTable
        It cannot be told which table it is, or a required column is missing.
    """
    text, options = read_table(data, name), options or Options()
    mapping = propose(text.columns, text.name, options.as_table, options.source)
    if options.columns is not None:
        mapping = corrected(mapping, options.columns, text.columns)
    missing = missing_required(mapping)
    if missing and not draft:
        raise UnknownTable(
            f"{text.name} has no column for {' or '.join(missing)}",
            f"Its headers are: {', '.join(text.columns[:12])}. Choose the column that holds it, "
            "on the upload page or in a mapping file.",
        )
    rows, notes = text.data, []
    if mapping.ids == "salesforce" and "opportunity_id" in mapping.columns:
        rows, lengthened = _long_ids(rows, f"c{text.columns.index(mapping.columns['opportunity_id'])}")
        if lengthened:
            notes.append(f"{lengthened:,} Salesforce ids of 15 characters were written in their 18-character form")
    prepared = Prepared(text, mapping, {}, options, hashlib.sha256(data).hexdigest(), len(data), tuple(notes), rows)
    return replace(prepared, conventions=_conventions(prepared))


def stage_rows(cursor: Cursor, prepared: Prepared) -> None:
    """Fill the temporary table ``typed``: a row per row of the file, typed, with its key, hash and faults.

    Columns: line, natural_key, state_hash, faults (names of columns whose cell cannot be taken),
    broken (those of them that can be read, but break a rule), first_line (line of the first row
    with the same key), same_as_first, and the table's columns.
    """
    one = table(prepared.table_name)
    given = [column for column in one.columns if column.name in prepared.mapping.columns]
    rows = {"line": prepared.data["line"]}
    for column in given:
        rows[column.name], rows[f"{column.name}_wrong"] = _read(cursor, prepared, column)
    cursor.register("incoming", pa.table(rows))
    values = [c.name if c in given else f"{_fixed(prepared, c)} as {c.name}" for c in one.columns]
    faults = ", ".join(f"case when {c.name}_wrong then '{c.name}' end" for c in given)
    ruled = [c.name for c in given if (one.name, c.name) in _RULES]
    broken = ", ".join(f"case when {name}_wrong and {name} is not null then '{name}' end" for name in ruled)
    contents = ", ".join(f"coalesce(cast({c.name} as varchar), chr(0))" for c in one.columns)
    shape = ",".join(sorted(prepared.columns))
    cursor.execute(
        f"""
        create or replace temp table typed as
        with checked as (
            select line, list_filter([{faults}], lambda x: x is not null) as faults,
                cast([{broken}] as varchar[]) as broken, {", ".join(values)}
            from incoming
        ),
        keyed as (
            select *, {_natural_key(one.name, one.key)} as natural_key,
                md5_number_lower(concat_ws(chr(31), '{shape}', {contents})) as state_hash
            from checked
        )
        select *, min(line) filter (where faults = []) over same_key as first_line,
            state_hash = first_value(state_hash) over (same_key order by len(faults), line) as same_as_first
        from keyed
        window same_key as (partition by natural_key)
        """
    )
    cursor.unregister("incoming")


def reject_reason(prepared: Prepared, column: str, value: str, *, broken: bool) -> str:
    """Why a cell was refused, as a sentence without its subject; ``broken``: it can be read, but breaks a rule."""
    one = table(prepared.table_name).column(column)
    if one.required and not value.strip():
        return "is blank, but is needed"
    if broken:
        return _RULES[prepared.table_name, column][1]
    return reason(prepared.conventions[column], value) or "cannot be read"


def find_as_of(cursor: Cursor, prepared: Prepared, fallback: dt.date | None) -> tuple[dt.date, str]:
    """The day of which a file tells, and how it is known; needs ``typed``.

    What the user said comes first, then a date in the file's name, then the latest day that the
    deals themselves name as past. Reference tables follow the deals: ``fallback`` is the newest
    day known so far, and without one they hold from the beginning.
    """
    if prepared.options.as_of is not None:
        if prepared.options.as_of < BEGINNING:
            raise BadQuestion(f"{prepared.options.as_of} is before 1900", "Give the day of which the export tells.")
        return prepared.options.as_of, "as you said"
    named = _FILE_DATE.search(prepared.name)
    if named is not None:
        try:
            return dt.date(int(named[1]), int(named[2]), int(named[3])), "the date in the file's name"
        except ValueError:
            pass  # 31 February is part of a number, not a date
    if prepared.table_name == "opportunities":
        closed = [
            name
            for (name,) in cursor.execute("select distinct stage from typed where stage is not null").fetchall()
            if propose_stage(name).status != "open"
        ]
        latest = first(
            cursor.execute(
                f"select greatest({', '.join(f'max({c})' for c in _FACT_DATES)}, "
                "max(close_date) filter (where list_contains($closed, stage))) from typed",
                {"closed": closed},
            )
        )
        if latest and latest[0] is not None:
            return max(latest[0], BEGINNING), "the latest day on which something happened to a deal"
    if fallback is not None:
        return fallback, "the newest deals in the store"
    return BEGINNING, "holds from the beginning, until deals give a day"


_SQL_TYPE: Final = {
    "text": "varchar",
    "date": "date",
    "money": "decimal(18, 2)",
    "number": "double",
    "percent": "double",
    "integer": "bigint",
    "boolean": "boolean",
    "period": "varchar",
}


def _read(cursor: Cursor, prepared: Prepared, column: Column) -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
    """For every row, a column's value and whether the cell is wrong. Each distinct cell is read once."""
    texts = prepared.data[prepared.cells(prepared.mapping.columns[column.name])]
    cells = distinct_cells(texts, column.kind)
    case = _CASE.get((prepared.table_name, column.name))
    rule = _RULES.get((prepared.table_name, column.name))
    if column.kind == "text" and case is None and rule is None:
        value = pc.if_else(cells["missing"], pa.scalar(None, pa.string()), cells["cell"])
        read = pa.table({"value": value, "wrong": pc.and_(cells["missing"], column.required)})
    else:
        value = value_sql(prepared.conventions[column.name], "cell")
        wrong = ["(not missing and value is null)", *(["missing"] if column.required else [])]
        if rule is not None:
            wrong.append(f"(value is not null and not ({rule[0]}))")
        cursor.register("cells", cells.append_column("place", pa.array(range(len(cells)))))
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


def _fixed(prepared: Prepared, column: Column) -> str:
    code = prepared.cell_currency if column.name == "currency" else None
    return f"cast({repr(code) if code else 'null'} as {_SQL_TYPE[column.kind]})"


def _natural_key(table_name: str, key: tuple[str, ...]) -> str:
    if table_name == "opportunities":
        # Report exports often lack the id: then the account, the name and the day it was opened tell deals apart.
        return (
            "coalesce(opportunity_id, case when coalesce(name, account) is not null "
            "then concat_ws(' / ', account, name, cast(created_date as varchar)) end)"
        )
    if len(key) == 1:
        return key[0]
    return "concat_ws(' | ', " + ", ".join(f"coalesce(cast({name} as varchar), '')" for name in key) + ")"


def _values(rows: pa.Table, cell: str) -> list[tuple[str, int]]:
    counted = pc.value_counts(rows[cell])
    if len(counted) > ENOUGH_VALUES:
        counted = counted.slice(0, ENOUGH_VALUES)
    return list(zip(counted.field("values").to_pylist(), counted.field("counts").to_pylist(), strict=True))


def _conventions(prepared: Prepared) -> dict[str, Convention]:
    """How each column is read; dates that could be read both ways follow the file's other dates."""
    one, options, mapping = table(prepared.table_name), prepared.options, prepared.mapping

    def decided(column: str, header: str, order: str | None) -> Convention:
        return decide(
            _values(prepared.data, prepared.cells(header)),
            one.column(column).kind,
            date_order_hint=options.date_order or order or mapping.date_order,
            decimal_hint=options.decimal or mapping.decimal,
        )

    found = {column: decided(column, header, None) for column, header in mapping.columns.items()}
    orders = {c.date_order for c in found.values() if c.kind == "date" and not c.ambiguous} & {"dmy", "mdy"}
    if options.date_order is None and len(orders) == 1:
        order = orders.pop()
        for column, header in mapping.columns.items():
            if found[column].kind == "date" and found[column].ambiguous:
                evidence = f"read as {'day/month' if order == 'dmy' else 'month/day'} like the file's other dates"
                found[column] = replace(decided(column, header, order), ambiguous=False, evidence=evidence)
    return found


def _long_ids(rows: pa.Table, cell: str) -> tuple[pa.Table, int]:
    ids = rows[cell].to_pylist()
    longer = [long_id(text) for text in ids]
    changed = sum(before != after for before, after in zip(ids, longer, strict=True))
    if not changed:
        return rows, 0
    return rows.set_column(rows.schema.get_field_index(cell), cell, pa.array(longer, pa.string())), changed
