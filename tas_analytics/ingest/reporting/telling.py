"""What was made of a file, in plain words: for the upload page and the command line."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow.compute as pc

from tas_analytics.formats import count
from tas_analytics.ingest.loading.accounting import LoadResult
from tas_analytics.ingest.planning.plan import Prepared
from tas_analytics.ingest.understanding import content, elsewhere, stage_dates, wide
from tas_analytics.store.tables import table


def with_parts(results: Sequence[LoadResult]) -> list[LoadResult]:
    """Each result and, behind it, those of its parts."""
    return [one for result in results for one in (result, *result.parts)]


def parts_in_words(file: Prepared) -> list[str]:
    """What comes along from the same rows, such as ``312 attributes from 4 unused columns``."""
    return [_in_words(part) for part in file.parts]


def not_used(file: Prepared) -> list[str]:
    """Headers that neither the table nor one of its parts takes anything from."""
    taken: set[str] = set(taken_as_attributes(file))
    left = [header for header in file.mapping.left_out if header in file.text.columns]
    tables = {part.table_name for part in file.parts}
    sample = content.sampler(file.text)
    if "history" in tables:
        taken |= {header for header in left if stage_dates.is_stage_date(header)}
    if "assessments" in tables:
        taken |= {column.header for column in wide.columns(left, sample)}
    taken |= {header for name, header in elsewhere.find(left, sample).items() if name in tables}
    return [header for header in file.mapping.left_out if header not in taken]


def taken_as_attributes(file: Prepared) -> list[str]:
    """Headers whose cells become attributes of the deals."""
    return [header for part in file.parts if part.table_name == "attributes" for header in _attributes(part)]


def _in_words(part: Prepared) -> str:
    rows = part.text.rows_in_file
    if part.table_name == "history":
        return f"{count(rows, 'stage date')} as history"
    if part.table_name == "attributes":
        return f"{count(rows, 'attribute')} from {count(len(_attributes(part)), 'unused column')}"
    if part.table_name == "assessments":
        return f"{count(rows, 'rating')} as assessments"
    return f"{count(rows, 'row')} of {table(part.table_name).label.lower()}"


def _attributes(part: Prepared) -> list[str]:
    cells = part.text.data[part.cells(part.mapping.columns["attribute"])]
    return [str(name) for name in pc.unique(cells).to_pylist()]
