"""From a file to tables that can be loaded: what each column is and how it is read.

Nothing is written to the store here. :func:`prepare_file` decides; :mod:`tas_analytics.ingest.loading.typed`
carries the decisions out.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

import pyarrow as pa
import pyarrow.compute as pc

from tas_analytics.errors import UnknownTable
from tas_analytics.ingest.opening.containers import read_file
from tas_analytics.ingest.opening.sheets import INSIDE
from tas_analytics.ingest.reading.source import Progress, sha256_of
from tas_analytics.ingest.structure.second import parted
from tas_analytics.ingest.structure.texttable import TextTable
from tas_analytics.ingest.understanding import liberties
from tas_analytics.ingest.understanding.content import sampler
from tas_analytics.ingest.understanding.conventions import conventions
from tas_analytics.ingest.understanding.mapping import (
    FileMapping,
    corrected,
    fingerprint,
    missing_required,
    normal,
    propose,
)
from tas_analytics.ingest.understanding.parts import take_apart
from tas_analytics.ingest.values.convert import Convention
from tas_analytics.ingest.values.salesforce import long_id
from tas_analytics.store.tables import table

_SHORT_ID: Final = re.compile(r"006[0-9A-Za-z]{12}")

#: Gives what was settled before about files with the same headers.
Recall = Callable[[str], "Options | None"]


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
    attributes: Literal["auto", "none"] = "auto"

    @property
    def corrections(self) -> Options:
        """What holds for the next file of the same kind as well: all but its day and whether it is complete."""
        return replace(self, as_of=None, complete=False)

    def over(self, remembered: Options | None) -> Options:
        """These options, with what was settled before where they say nothing.

        Columns, or another table, are a new settlement: then nothing of the old one holds.
        """
        if remembered is None or self.columns is not None or self.as_table not in (None, remembered.as_table):
            return self
        return replace(
            self,
            as_table=remembered.as_table,
            source=self.source or remembered.source,
            columns=remembered.columns,
            date_order=self.date_order or remembered.date_order,
            decimal=self.decimal or remembered.decimal,
            attributes=self.attributes if self.attributes != "auto" else remembered.attributes,
        )

    def spelt_as(self, headers: Sequence[str]) -> Options:
        """The same with the headers as a file spells them: files count as alike whatever the case and the blanks."""
        spelling = {normal(header): header for header in reversed(headers)}
        columns = self.columns and {
            column: header if header in headers else spelling.get(normal(header), header)
            for column, header in self.columns.items()
        }
        return replace(self, columns=columns)


@dataclass(frozen=True)
class Prepared:
    """A table of a file that has been read and understood, ready to be previewed or loaded.

    ``parts`` are further tables taken from the same rows; ``part`` says of such a one what it is.
    """

    text: TextTable
    mapping: FileMapping
    conventions: Mapping[str, Convention]
    options: Options
    file_hash: str
    file_bytes: int
    notes: tuple[str, ...] = ()
    part: str = ""
    parts: tuple[Prepared, ...] = ()
    remembered: bool = False
    headers: tuple[str, ...] = ()

    @property
    def data(self) -> pa.Table:
        """The rows as text, under the names that ``cells`` gives, each with its line."""
        return self.text.data

    @property
    def missing(self) -> list[str]:
        """Labels of required columns that no header feeds; only a draft has any."""
        return missing_required(self.mapping)

    @property
    def name(self) -> str:
        """The file's name, with the sheet or the file inside it."""
        return self.text.name

    @property
    def table_name(self) -> str:
        """The importable table it goes into."""
        return self.mapping.table

    @property
    def fingerprint(self) -> str:
        """Of the file's headers, by which corrections are remembered."""
        return fingerprint(self.headers)

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
        has_currency = any(column.name == "currency" for column in table(self.table_name).columns)
        if amount is None or not has_currency or "currency" in self.mapping.columns:
            return None
        return amount.currency

    @property
    def everything(self) -> tuple[Prepared, ...]:
        """The table itself and its parts."""
        return (self, *self.parts)

    def without_loaded_cells(self) -> Prepared:
        """The same, for what is said of a load afterwards: without the cells that have become the table's values."""
        taken = {self.cells(header) for header in self.mapping.columns.values()}
        lighter = replace(self.text, data=self.data.drop_columns(sorted(taken & set(self.data.column_names))))
        return replace(self, text=lighter)

    def cells(self, header: str) -> str:
        """Name of the data column under a header."""
        return f"c{self.text.columns.index(header)}"

    def convention_of(self, *kinds: str) -> Convention | None:
        """The convention of the first column of these kinds, for the summary of a load."""
        one = table(self.table_name)
        names = [c.name for c in one.columns if c.kind in kinds and c.name in self.conventions]
        return self.conventions[names[0]] if names else None


def prepare_file(
    source: bytes | Path,
    name: str,
    options: Options | None = None,
    *,
    draft: bool = False,
    recall: Recall | None = None,
    progress: Progress | None = None,
) -> list[Prepared]:
    """Read a file and decide everything about each table in it.

    A draft may lack required columns (``missing`` says which), so that the user can be asked for
    them; it cannot be loaded.

    Parameters
    ----------
    source
        The file's bytes, or where it is.
    name
        What it is called.
    options
        What the user says about it.
    draft
        Whether required columns may be missing.
    recall
        Gives what was settled before about files with these headers.
    progress
        Called with bytes read and bytes in all; what it raises ends the reading.

    Raises
    ------
    UnreadableFile
        It is not a table of text.
    UnknownTable
        It cannot be told which table it is, or a required column is missing. In a file of several
        tables those that cannot be told are left out, as long as one remains.
    """
    size = len(source) if isinstance(source, bytes) else source.stat().st_size
    with ThreadPoolExecutor(1, "tas-digest") as pool:
        digest = pool.submit(sha256_of, source)
        texts = read_file(source, name, progress)
    found, refused = [], []
    for text in texts:
        try:
            found += _prepared(text, options or Options(), recall, (digest.result(), size), draft=draft)
        except UnknownTable as error:
            refused.append(error)
    if not found:
        raise refused[0]
    left_out = tuple(f"Left out: {error.title}" for error in refused)
    return [replace(found[0], notes=(*found[0].notes, *left_out)), *found[1:]]


def prepare(data: bytes | Path, name: str, options: Options | None = None, *, draft: bool = False) -> Prepared:
    """The first table of a file; see :func:`prepare_file`."""
    return prepare_file(data, name, options, draft=draft)[0]


def _prepared(
    text: TextTable, options: Options, recall: Recall | None, file: tuple[str, int], *, draft: bool
) -> list[Prepared]:
    """A table, and the second one below it if it can be told what that is; otherwise its rows are rejected ones."""
    first, *more = parted(text)
    if not more:
        return [_prepare(text, options, recall, file, draft=draft)]
    second = replace(more[0], name=f"{text.name}{INSIDE}second table")
    try:
        below = _prepare(second, replace(options, as_table=None, columns=None), recall, file, draft=False)
    except UnknownTable:
        return [_prepare(text, options, recall, file, draft=draft)]
    return [_prepare(first, options, recall, file, draft=draft), below]


def _prepare(
    text: TextTable, options: Options, recall: Recall | None, file: tuple[str, int], *, draft: bool
) -> Prepared:
    remembered = recall(fingerprint(text.columns)) if recall is not None else None
    settled = options.over(remembered and remembered.spelt_as(text.columns))
    if settled != options:
        try:
            return replace(_understood(text, settled, file, draft=draft), remembered=True)
        except UnknownTable:  # what was settled does not fit this file after all: as if it had never been said
            note = "What was settled before about files with these headers does not fit this one and was left aside"
            plain = _understood(text, options, file, draft=draft)
            return replace(plain, notes=(*plain.notes, note))
    return _understood(text, options, file, draft=draft)


def _understood(text: TextTable, settled: Options, file: tuple[str, int], *, draft: bool) -> Prepared:
    headers = text.columns

    mapping = propose(headers, text.name, settled.as_table, settled.source, sampler(text))
    if settled.columns is not None:
        mapping = corrected(mapping, settled.columns, headers)
    missing = missing_required(mapping)
    if missing and not draft:
        raise UnknownTable(
            f"{text.name} has no column for {' or '.join(missing)}",
            f"Its headers are: {', '.join(headers[:12])}. Choose the column that holds it, "
            "on the upload page or in a mapping file.",
        )
    first, *more = take_apart(text, mapping, attributes=settled.attributes)
    parts = tuple(_decided(part.text, part.mapping, settled, file, part=part.label, headers=headers) for part in more)
    main = _decided(first.text, first.mapping, settled, file, part="", headers=headers)
    return replace(main, parts=parts)


def _decided(
    text: TextTable,
    mapping: FileMapping,
    options: Options,
    file: tuple[str, int],
    *,
    part: str,
    headers: tuple[str, ...],
) -> Prepared:
    rows, notes = text.data, []
    if "opportunity_id" in mapping.columns:
        cell = f"c{text.columns.index(mapping.columns['opportunity_id'])}"
        rows, lengthened = _long_ids(rows, cell, certain=mapping.ids == "salesforce")
        if lengthened:
            notes.append(f"{lengthened:,} Salesforce ids of 15 characters were written in their 18-character form")
    text = replace(text, data=rows)
    how = conventions(text, mapping, options.date_order, options.decimal)
    text = replace(text, notes=(*text.notes, *liberties.notes(text, mapping, how)))
    return Prepared(text, mapping, how, options, *file, notes=tuple(notes), part=part, headers=headers)


def _long_ids(rows: pa.Table, cell: str, *, certain: bool) -> tuple[pa.Table, int]:
    """Ids of 15 characters in their long form; where it is not certain that they are Salesforce's, only deals' ids."""
    ids = rows[cell]
    short = pc.equal(pc.utf8_length(ids), 15)
    if not pc.any(short).as_py():
        return rows, 0
    distinct = pc.unique(ids.filter(short)).to_pylist()
    if not certain and not all(_SHORT_ID.fullmatch(text) for text in distinct):
        return rows, 0
    longer = {text: long for text in distinct if (long := long_id(text)) != text}
    if not longer:
        return rows, 0
    places = pc.index_in(ids, value_set=pa.array(list(longer), pa.string()))
    changed = pc.coalesce(
        pa.array(list(longer.values()), pa.string()).take(places.combine_chunks()), ids.combine_chunks()
    )
    index = rows.schema.get_field_index(cell)
    return rows.set_column(index, cell, changed), len(ids) - pc.count(places, mode="only_null").as_py()
