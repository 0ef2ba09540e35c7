"""Small files and what the reader makes of them, for its tests."""

from __future__ import annotations

from tas_analytics.ingest.reading.reader import TextTable, read_table

ROWS = "\n".join(f"D-{n},Deal {n},Acme {n},{n * 100}.50,2026-03-{n:02d}" for n in range(1, 13))
PLAIN = f"Id,Name,Account,Amount,Close Date\n{ROWS}\n"


def read(text: str | bytes, name: str = "deals.csv") -> TextTable:
    return read_table(text if isinstance(text, bytes) else text.encode(), name)


def cells(table: TextTable) -> list[list[str]]:
    return [list(row.values())[:-1] for row in table.data.to_pylist()]


def lines(table: TextTable) -> list[int]:
    return [int(line) for line in table.data.column("line").to_pylist()]


def kinds(table: TextTable) -> set[str]:
    return {note.kind for note in table.notes}


def said(table: TextTable, kind: str) -> str:
    return " ".join(note.text for note in table.notes if note.kind == kind)
