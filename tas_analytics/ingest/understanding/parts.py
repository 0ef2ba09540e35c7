"""One file, several tables: what a file holds beside its main table, and its main table made ready.

A list of deals often says more than what a deal is: when it entered each stage, how it is rated, who competes, and
columns that only this company has. :func:`take_apart` gives the main table with everything made and set aside, and a
table for each of the other things, with the same line numbers. All of it is text still.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import pyarrow as pa
import pyarrow.compute as pc

from tas_analytics.errors import UnknownTable
from tas_analytics.formats import count
from tas_analytics.ingest.structure.texttable import Note, TextTable
from tas_analytics.ingest.understanding import (
    assessments,
    content as contents,
    elsewhere,
    fields,
    stage_dates,
    wide as wides,
)
from tas_analytics.ingest.understanding.headers import normal
from tas_analytics.ingest.understanding.mapping import FileMapping, Sureness, by_preset
from tas_analytics.ingest.understanding.presets import by_title
from tas_analytics.ingest.understanding.transforms import add_made, column_of, filled, without_dropped
from tas_analytics.store.tables import table

#: Spare columns are taken unasked up to so many cells.
MOST_CELLS: Final = 500_000
#: A column with more values than this holds no stages.
MOST_STAGES: Final = 500
#: Tables whose rows tell of a part of a deal: the deal's own columns stand in each of them.
_OF_DEALS: Final = {"revenue_lines", "contact_map", "competitors", "partners", "sales_teams"}
_IDENTITY: Final = {"opportunity_id", "account"}

Attributes = Sequence[str] | Literal["auto", "none"]


@dataclass(frozen=True)
class Part:
    """A table taken from a file; ``label`` says what it is, and is empty for the file's main table."""

    label: str
    text: TextTable
    mapping: FileMapping


def take_apart(text: TextTable, mapping: FileMapping, *, attributes: Attributes = "auto") -> list[Part]:
    """The file's main table made ready, and behind it the further tables that it holds.

    Parameters
    ----------
    text
        The file's table, as read.
    mapping
        What its headers are, as proposed or corrected.
    attributes
        Headers of a list of deals to be taken as attributes; ``auto`` takes every spare one that is not empty.

    Returns
    -------
    list of Part
        The main table first: its mapping names only headers that its text has, and what was left out and why stands
        in its notes. Further tables have at least one row each.
    """
    main = _main(text, mapping)
    parts: list[Part] = []
    notes: list[Note] = []
    for title in mapping.also:
        parts += _also(text, main.mapping, title)
    if mapping.table == "opportunities":
        found, notes, used = _of_deals(main, attributes)
        parts += found
        left = tuple(header for header in main.mapping.left_out if header not in used)
        main = replace(main, mapping=replace(main.mapping, left_out=left))
    if notes:
        main = replace(main, text=replace(main.text, notes=(*main.text.notes, *notes)))
    return [main, *(part for part in parts if part.text.data.num_rows)]


def derive(text: TextTable, mapping: FileMapping, *, attributes: Attributes = "auto") -> list[Part]:
    """The further tables of a file alone; see :func:`take_apart`."""
    return take_apart(text, mapping, attributes=attributes)[1:]


def _main(text: TextTable, mapping: FileMapping) -> Part:
    text = add_made(without_dropped(text, mapping.drops), mapping.made)
    sure: Sureness = "preset" if mapping.source not in ("names", "content") else "exact"
    columns = {**mapping.columns, **{making.column: making.header for making in mapping.made}}
    sureness = {**{making.column: sure for making in mapping.made}, **mapping.sureness}
    mapping = replace(mapping, columns=columns, sureness=sureness)
    if mapping.wide and "opportunity_id" in columns:
        made, lines, notes = assessments.in_rows(text, mapping.wide, columns)
        part = _part("", text, mapping, "assessments", made, lines, (*text.notes, *notes))
        whole = replace(
            part.text, unplaced=text.unplaced, rows_in_file=part.text.rows_in_file + len(text.unplaced),
            preamble=text.preamble, footer=text.footer,
        )  # fmt: skip
        return Part("", whole, replace(part.mapping, left_out=mapping.left_out))
    text, mapping = fields.in_columns(text, mapping)
    text, mapping = assessments.in_signs(text, mapping)
    return Part("", text, mapping)


def _of_deals(main: Part, attributes: Attributes) -> tuple[list[Part], list[Note], set[str]]:
    """What a list of deals tells beside the deals, what there is to say, and the headers that it is taken from."""
    text, mapping = main.text, main.mapping
    spare = [header for header in mapping.left_out if header in text.columns]
    if not spare and attributes in ("auto", "none"):
        return [], [], set()
    stages, pipelines = (_values(text, mapping.columns.get(column)) for column in ("stage", "pipeline"))
    dates = stage_dates.find(spare, stages, pipelines)
    durations = {header for header in spare if stage_dates.is_duration(header)}
    spare = [header for header in spare if header not in {one.header for one in dates} | durations]
    wide = wides.columns(spare, contents.sampler(text))
    spare = [header for header in spare if header not in {one.header for one in wide}]
    others = elsewhere.find(spare, contents.sampler(text))
    spare = [header for header in spare if header not in others.values()]
    ids, why = _ids(text, mapping)
    chosen, notes = _chosen(text, mapping, spare, attributes, others)
    if ids is None:
        if dates or wide or others or chosen:
            notes.append(Note("parts", None, f"The spare columns are left out: {why}."))
        return [], notes, set()
    parts = []
    used = {*durations, *chosen, *others.values(), *(one.header for one in dates), *(one.header for one in wide)}
    if any(one.entered for one in dates):
        flows = column_of(text, mapping.columns["pipeline"]) if "pipeline" in mapping.columns else None
        parts.append(_part("Stage dates", text, mapping, "history", *stage_dates.history(text, dates, ids, flows)))
    if wide:
        columns = {"opportunity_id": mapping.columns.get("opportunity_id", mapping.columns.get("name", ""))}
        parts.append(_part("Assessments", text, mapping, "assessments", *assessments.in_rows(text, wide, columns)))
    for name, header in others.items():
        parts.append(_part(table(name).label, text, mapping, name, *elsewhere.rows(text, name, header, ids, mapping)))
    if chosen:
        parts.append(_part("Attributes", text, mapping, "attributes", *_attributes(text, chosen, ids)))
    return parts, notes, used


def _ids(text: TextTable, mapping: FileMapping) -> tuple[pa.ChunkedArray | None, str]:
    """What names the deal of each row, or why nothing does."""
    if "opportunity_id" in mapping.columns:
        return column_of(text, mapping.columns["opportunity_id"]), ""
    if "name" not in mapping.columns:
        return None, "no column names the deals"
    names = column_of(text, mapping.columns["name"])
    present = filled(names)
    if pc.count_distinct(present, mode="only_valid").as_py() < len(names) - present.null_count:
        return None, "the file has no column for the deal's ID, and several deals share a name"
    return names, ""


def _chosen(
    text: TextTable, mapping: FileMapping, spare: Sequence[str], attributes: Attributes, others: Mapping[str, str]
) -> tuple[list[str], list[Note]]:
    """Headers to be taken as attributes, and what is to be said of those that are not."""
    if attributes == "none":
        return [], []
    if attributes != "auto":
        unknown = [header for header in attributes if header not in text.columns]
        if unknown:
            raise UnknownTable(f'The file has no header "{unknown[0]}"', f"Its headers: {', '.join(text.columns)}.")
        return list(attributes), []
    ignored = {normal(header) for header in mapping.ignored}
    used = {header for making in mapping.made for header in making.uses} | set(mapping.columns.values())
    candidates = [h for h in spare if normal(h) not in ignored and h not in used and h not in others.values()]
    candidates = [header for header in candidates if _has_cells(text, header)]
    cells = text.data.num_rows * len(candidates)
    if cells > MOST_CELLS:
        sentence = (
            f"{count(len(candidates), 'spare column')} would be {cells:,} cells, more than are taken as attributes "
            "unasked: choose the ones that matter."
        )
        return [], [Note("parts", None, sentence)]
    return candidates, []


def _attributes(
    text: TextTable, headers: Sequence[str], ids: pa.ChunkedArray
) -> tuple[dict[str, pa.ChunkedArray], pa.ChunkedArray, list[Note]]:
    tables = []
    for place, header in enumerate(headers):
        cells = filled(column_of(text, header))
        rows = text.data.num_rows
        one = pa.table(
            {
                "opportunity_id": ids,
                "attribute": pa.chunked_array([pa.repeat(pa.scalar(header.strip(), pa.string()), rows)]),
                "value": cells,
                "line": text.data["line"],
                "place": pa.chunked_array([pa.repeat(pa.scalar(place, pa.int32()), rows)]),
            }
        )
        tables.append(one.filter(pc.is_valid(cells)))
    whole = pa.concat_tables(tables).sort_by([("line", "ascending"), ("place", "ascending")])
    shown = ", ".join(f"“{header.strip()}”" for header in headers[:6]) + (" …" if len(headers) > 6 else "")
    notes = [Note("parts", None, f"{count(len(headers), 'spare column')} became attributes of the deals: {shown}.")]
    return {name: whole[name] for name in ("opportunity_id", "attribute", "value")}, whole["line"], notes


def _also(text: TextTable, mapping: FileMapping, title: str) -> list[Part]:
    """Another export that the same rows hold, with each of its records once."""
    preset = by_title(title)
    other = by_preset(preset, text.columns)
    if mapping.table in _OF_DEALS:
        # The product of a line is not the deal's product.
        own = {header for column, header in mapping.columns.items() if column not in _IDENTITY}
        kept = {column: header for column, header in other.columns.items() if header not in own}
        other = replace(other, columns=kept, sureness={column: other.sureness[column] for column in kept})
    if any(column.required and column.name not in other.fed for column in table(other.table).columns):
        return []
    part = _main(text, replace(other, also=()))
    places = [f"c{part.text.columns.index(header)}" for header in dict.fromkeys(part.mapping.columns.values())]
    first = part.text.data.group_by(places).aggregate([("line", "min")])
    rows = part.text.data.filter(pc.is_in(part.text.data["line"], first["line_min"].combine_chunks()))
    said = f"{count(part.text.data.num_rows, 'row')} of {text.name} name {count(rows.num_rows, 'deal')}."
    note = Note("parts", None, said)
    shorter = replace(
        part.text, data=rows, notes=(note,), unplaced=(), rows_in_file=rows.num_rows, preamble=(), footer=()
    )
    return [Part(table(other.table).label, shorter, part.mapping)]


def _part(
    label: str,
    text: TextTable,
    mapping: FileMapping,
    table_name: str,
    columns: Mapping[str, pa.ChunkedArray],
    lines: pa.ChunkedArray,
    notes: Sequence[Note],
) -> Part:
    """A table of its own with the names of its columns as headers."""
    names = tuple(columns)
    data = pa.table({**{f"c{place}": columns[name] for place, name in enumerate(names)}, "line": lines})
    cells = replace(
        text,
        columns=names,
        data=data,
        preamble=(),
        footer=(),
        notes=tuple(notes),
        unplaced=(),
        rows_in_file=data.num_rows,
    )
    sureness: dict[str, Sureness] = dict.fromkeys(names, "preset")
    found = FileMapping(
        table_name, mapping.source, mapping.source_name, {name: name for name in names}, sureness,
        ids=mapping.ids, date_order=mapping.date_order, decimal=mapping.decimal,
    )  # fmt: skip
    return Part(label, cells, found)


def _values(text: TextTable, header: str | None) -> list[str]:
    if header is None or header not in text.columns:
        return []
    distinct = pc.unique(column_of(text, header))
    if len(distinct) > MOST_STAGES:
        return []
    return [value for value in distinct.to_pylist() if value and value.strip()]


def _has_cells(text: TextTable, header: str) -> bool:
    cells = filled(column_of(text, header))
    return bool(cells.null_count < len(cells))
