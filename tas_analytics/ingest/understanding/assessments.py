"""Assessments in whatever form they are kept, as a row for each rating: number of the criterion, and +, - or ?."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from tas_analytics.formats import count
from tas_analytics.ingest.structure.texttable import Note, TextTable
from tas_analytics.ingest.understanding.headers import normal
from tas_analytics.ingest.understanding.mapping import FileMapping
from tas_analytics.ingest.understanding.transforms import column_of, filled
from tas_analytics.ingest.understanding.wide import US, WideColumn
from tas_analytics.method import criteria

#: What an assessment in many columns says beside the ratings, for each of them.
CARRIED = ("opportunity_id", "competitor", "assessed_on", "author", "evidence")


def in_rows(
    text: TextTable, wide: Sequence[WideColumn], columns: Mapping[str, str]
) -> tuple[dict[str, pa.ChunkedArray], pa.ChunkedArray, list[Note]]:
    """A row for each rating of an assessment that has a column for each criterion.

    Parameters
    ----------
    text
        The file's table.
    wide
        Its headers that are criteria, and those that hold the evidence for one.
    columns
        Headers of the other columns of the table of assessments.

    Returns
    -------
    tuple
        Columns of the table of assessments, the lines they come from, and what there is to say.
    """
    rows_before = text.data.num_rows
    proofs = {(one.competitor, one.number): one.header for one in wide if one.is_evidence}
    tables, unread = [], 0
    rated = [one for one in wide if not one.is_evidence]
    lights = any(criteria.traffic_light(pc.unique(column_of(text, one.header)).to_pylist()) for one in rated)
    for place, one in enumerate(rated):
        cells = column_of(text, one.header)
        # A minus sign alone means "unfavourable" here, not a missing value, as it does elsewhere.
        signs = signs_of(cells, one.number, lights=lights)
        present = pc.greater(pc.utf8_length(pc.utf8_trim_whitespace(signs)), 0)
        unread += pc.sum(pc.invert(pc.is_in(pc.filter(signs, present), pa.array(["+", "-", "?"])))).as_py() or 0
        rows = {
            "opportunity_id": column_of(text, columns["opportunity_id"]),
            "competitor": _rated(text, one, columns),
            "criterion": _same(str(one.number), rows_before),
            "rating": signs,
        }
        for name in ("assessed_on", "author"):
            if name in columns:
                rows[name] = column_of(text, columns[name])
        proof = proofs.get((one.competitor, one.number), columns.get("evidence"))
        rows["evidence"] = column_of(text, proof) if proof else _same("", rows_before)
        rows["line"] = text.data["line"]
        rows["place"] = pa.chunked_array([pa.repeat(pa.scalar(place, pa.int32()), rows_before)])
        tables.append(pa.table(rows).filter(present))
    whole = pa.concat_tables(tables).sort_by([("line", "ascending"), ("place", "ascending")])
    who = sorted({one.competitor for one in rated if one.competitor})
    rivals = f", for us and for {', '.join(who)}" if who else ""
    sentence = (
        f"{count(len(rated), 'column')} are criteria{rivals}: {count(rows_before, 'row')} became "
        f"{count(whole.num_rows, 'rating')}. A blank cell is no rating."
    )
    notes = [Note("wide", None, sentence)]
    if unread:
        notes.append(Note("wide", None, f"{count(unread, 'cell')} under a criterion could not be read as a rating."))
    names = [name for name in whole.column_names if name not in ("line", "place")]
    return {name: whole[name] for name in names}, whole["line"], notes


def in_signs(text: TextTable, mapping: FileMapping) -> tuple[TextTable, FileMapping]:
    """A list of ratings with criteria by number and ratings by sign, so that two spellings are one criterion."""
    if mapping.table != "assessments" or not {"criterion", "rating"} <= set(mapping.columns):
        return text, mapping
    names, ratings = (column_of(text, mapping.columns[column]) for column in ("criterion", "rating"))
    distinct = pc.unique(names).to_pylist()
    numbers = {name: criteria.find(name) for name in distinct}
    by_number = pa.array([str(numbers[name]) if numbers[name] else name for name in distinct], pa.string())
    found = by_number.take(pc.index_in(names, pa.array(distinct, pa.string())).combine_chunks())
    pairs = pc.binary_join_element_wise(found, ratings.combine_chunks(), "\x1f")
    cells = pc.unique(pairs)
    lights = criteria.traffic_light(pc.unique(ratings).to_pylist())
    signs = []
    for pair in cells.to_pylist():
        number, _, cell = pair.partition("\x1f")
        signs.append(_sign(cell, criteria.find(number) if number.isdigit() else None, lights=lights))
    rating = pa.array(signs, pa.string()).take(pc.index_in(pairs, cells))
    changed = {
        "criterion": (f"{mapping.columns['criterion']}, by number", pa.chunked_array([found])),
        "rating": (f"{mapping.columns['rating']}, by sign", pa.chunked_array([rating])),
    }
    columns, data, headers = dict(mapping.columns), text.data, list(text.columns)
    for column, (header, values) in changed.items():
        columns[column] = header
        if header not in headers:
            data = data.append_column(f"c{len(headers)}", values)
            headers.append(header)
    if "competitor" in mapping.columns:
        parties = rated_party(column_of(text, mapping.columns["competitor"]))
        headers.append(f"{mapping.columns['competitor']}, by name")
        columns["competitor"] = headers[-1]
        data = data.append_column(f"c{len(headers) - 1}", parties)
    unknown = sorted(name for name, number in numbers.items() if number is None and name.strip())
    notes = list(text.notes)
    if unknown:
        many = count(len(unknown), "criterion", "criteria")
        notes.append(Note("wide", None, f"{many} not among the 20, such as “{unknown[0]}”."))
    order = [f"c{place}" for place in range(len(headers))] + ["line"]
    text = replace(text, columns=tuple(headers), data=data.select(order), notes=tuple(notes))
    return text, replace(mapping, columns=columns)


def signs_of(cells: pa.ChunkedArray, number: int, *, lights: bool = False) -> pa.ChunkedArray:
    """Each cell as a sign; what is no rating stays as it was written, and what says that there is none is blank.

    Parameters
    ----------
    cells
        The cells.
    number
        The criterion.
    lights
        Whether the file's ratings are the letters of a traffic light.
    """
    distinct = pc.unique(cells)
    found = [_sign(cell, number, lights=lights) for cell in distinct.to_pylist()]
    return pa.chunked_array([pa.array(found, pa.string()).take(pc.index_in(cells, distinct).combine_chunks())])


def _sign(cell: str, number: int | None, *, lights: bool) -> str:
    if criteria.is_no_rating(cell):
        return ""
    if lights and normal(cell) == "y":
        return "?"
    return criteria.rating(cell, number) or cell


def _rated(text: TextTable, one: WideColumn, columns: Mapping[str, str]) -> pa.ChunkedArray:
    """Who is rated: the header's competitor, else the row's; blank is ourselves."""
    if one.competitor or "competitor" not in columns:
        return _same(one.competitor, text.data.num_rows)
    return rated_party(column_of(text, columns["competitor"]))


def rated_party(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Who is rated, as a column says it: ourselves, in whatever word, are blank."""
    distinct = pc.unique(cells)
    found = [None if name is None else "" if normal(name) in US else name.strip() for name in distinct.to_pylist()]
    names = pa.array(found, pa.string()).take(pc.index_in(cells, distinct).combine_chunks())
    return pc.fill_null(filled(pa.chunked_array([names])), "")


def _same(value: str, rows: int) -> pa.ChunkedArray:
    return pa.chunked_array([pa.repeat(pa.scalar(value, pa.string()), rows)])
