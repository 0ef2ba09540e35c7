"""Columns of a list of deals that name competitors, partners or contacts, as rows of those tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from tas_analytics.formats import count
from tas_analytics.ingest.structure.texttable import Note, TextTable
from tas_analytics.ingest.understanding.headers import normal, variants
from tas_analytics.ingest.understanding.mapping import FileMapping
from tas_analytics.ingest.understanding.presets import generic
from tas_analytics.ingest.understanding.transforms import NO, YES, column_of
from tas_analytics.ingest.values.convert import is_missing

#: Several names in a cell. A comma divides them too, unless it belongs to a company's name.
_APART: Final = re.compile(
    r"\s*(?:[;|\n]|,(?!\s*(?:inc|ltd|llc|llp|gmbh|ag|kg|corp|co|s\.?a|s\.?l|plc|bv|the)\b))\s*", re.IGNORECASE
)
_NO_NAMES: Final = frozenset(
    {*YES, *NO, "unknown", "unbekannt", "inconnu", "several", "many", "other", "others", "tbd"}
)


def find(headers: Sequence[str], content: Callable[[str], Sequence[str]]) -> dict[str, str]:
    """The header for each other table that a list of deals names something of; its cells must be names."""
    found: dict[str, str] = {}
    for table_name, columns in generic()["elsewhere"].items():
        for names in columns.values():
            known = [normal(name) for name in names]
            hits = [header for header in headers if set(variants(header)) & set(known)]
            hits.sort(key=lambda header: min(known.index(form) for form in variants(header) if form in known))
            header = next((header for header in hits if _are_names(content(header))), None)
            if header is not None:
                found[table_name] = header
    return found


def rows(
    text: TextTable, table_name: str, header: str, ids: pa.ChunkedArray, mapping: FileMapping
) -> tuple[dict[str, pa.ChunkedArray], pa.ChunkedArray, list[Note]]:
    """A row for each name, the line it comes from, and what there is to say."""
    column = next(iter(generic()["elsewhere"][table_name]))
    cells = column_of(text, header)
    distinct = pc.unique(cells)
    lists = pa.array([_names(cell) for cell in distinct.to_pylist()], pa.list_(pa.string()))
    each = lists.take(pc.index_in(cells, distinct).combine_chunks())
    parents = pc.list_parent_indices(each)
    found = {"opportunity_id": ids.take(parents)}
    if table_name == "contact_map" and "account" in mapping.columns:
        found["account"] = column_of(text, mapping.columns["account"]).take(parents)
    found[column] = pa.chunked_array([pc.list_flatten(each)])
    lines = text.data["line"].take(parents)
    note = Note("parts", None, f"{count(len(parents), 'name')} under “{header}” became {table_name.replace('_', ' ')}.")
    return found, lines, [note]


def _are_names(cells: Sequence[str]) -> bool:
    present = {cell.strip().lower() for cell in cells if not is_missing(cell)}
    return bool(present) and not present <= _NO_NAMES and not all(re.fullmatch(r"[\d.,\s%]+", cell) for cell in present)


def _names(cell: str) -> list[str]:
    found = [name.strip() for name in _APART.split(cell)]
    return list(dict.fromkeys(name for name in found if not is_missing(name) and name.lower() not in _NO_NAMES))
