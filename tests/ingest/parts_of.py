"""Small exports taken apart, for the tests of what a file holds beside its main table."""

from __future__ import annotations

from tas_analytics.ingest.reading.reader import read_table
from tas_analytics.ingest.understanding.content import sampler
from tas_analytics.ingest.understanding.mapping import propose
from tas_analytics.ingest.understanding.parts import Attributes, Part, take_apart
from tas_analytics.ingest.understanding.transforms import column_of


def taken(data: str | bytes, name: str = "export.csv", attributes: Attributes = "auto") -> list[Part]:
    """The main table of a file and its parts."""
    text = read_table(data.encode() if isinstance(data, str) else data, name)
    return take_apart(text, propose(text.columns, text.name, content=sampler(text)), attributes=attributes)


def rows(part: Part, *columns: str) -> list[tuple[str, ...]]:
    """Columns of a table by their names, row by row."""
    cells = [column_of(part.text, part.mapping.columns[column]).to_pylist() for column in columns]
    return list(zip(*cells, strict=True))


def lines(part: Part) -> list[int]:
    """The lines of the file that a part's rows come from."""
    return [int(line) for line in part.text.data["line"].to_pylist()]


def said(part: Part, kind: str) -> str:
    """What the notes of one kind say."""
    return " ".join(note.text for note in part.text.notes if note.kind == kind)


def by_table(parts: list[Part]) -> dict[str, Part]:
    """The further tables by what they are."""
    return {part.mapping.table: part for part in parts[1:]}
