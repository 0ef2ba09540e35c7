"""read: what the reader makes of a file, as one clean CSV file per table and a report of every decision."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from tas_analytics.commands.output import err, here, out, out_json
from tas_analytics.errors import UnreadableFile
from tas_analytics.formats import count
from tas_analytics.ingest.opening.containers import read_file
from tas_analytics.ingest.structure.second import parted
from tas_analytics.ingest.structure.texttable import NoRows, Note, TextTable, Unplaced, nothing

#: So many rows without a place are listed for a person to read.
_SHOWN: Final = 5
_BLANK: Final = b" \t\r\n\x00\xef\xbb\xbf\xfe\xff"


def read(files: Sequence[Path], target: Path | None, *, as_json: bool) -> int:
    """Read files, write their tables, print the report; 1 if a row has no place, 2 if a file was refused."""
    code, report = 0, []
    for path, place in zip(files, _places(files, target), strict=True):
        try:
            found = tables(here(path), path.name)
            written = _write(found, path, place) if place is not None else [None] * len(found)
        except UnreadableFile as refusal:
            code = 2
            err(f"{refusal.title}.")
            err(refusal.hint)
            report.append({"file": path.name, "refused": refusal.title, "hint": refusal.hint})
            continue
        for table, name in zip(found, written, strict=True):
            code = max(code, 1 if table.unplaced else 0)
            report.append(as_dict(table, path.name, name))
            if not as_json:
                _tell(table, name)
    if as_json:
        out_json(report)
    return code


def tables(source: bytes | Path, name: str) -> list[TextTable]:
    """Every table of a file; a file with a header and no rows, or with nothing at all, is a table without rows here."""
    try:
        return [part for table in read_file(source, name) for part in parted(table)]
    except NoRows as found:
        return [found.table]
    except UnreadableFile:
        if _is_blank(source):
            return [nothing(name, Note("empty", None, "The file is empty."))]
        raise


def _is_blank(source: bytes | Path) -> bool:
    if isinstance(source, bytes):
        return not source.strip(_BLANK)
    try:
        with source.open("rb") as file:
            return all(not block.strip(_BLANK) for block in iter(lambda: file.read(1 << 20), b""))
    except OSError:
        return False


def _places(files: Sequence[Path], target: Path | None) -> list[Path | None]:
    """Where to write the first table of each file: the file that is named, or one in the folder that is named."""
    if target is None:
        return [None] * len(files)
    if len(files) == 1 and not here(target).is_dir():
        return [target]
    stems = Counter(path.stem for path in files)
    return [target / f"{path.stem if stems[path.stem] == 1 else path.name}.csv" for path in files]


def _write(found: Sequence[TextTable], path: Path, target: Path) -> list[str | None]:
    """Write each table; the paths as the caller would write them."""
    written: list[str | None] = []
    for number, table in enumerate(found, start=1):
        place = target.with_name(f"{target.stem}-{number}{target.suffix}") if number > 1 else target
        if here(place).resolve() == here(path).resolve():
            raise UnreadableFile(
                f'"{path.name}" would be written over itself', "Choose another name behind --out; the file was kept."
            )
        try:
            here(place).parent.mkdir(parents=True, exist_ok=True)
            with here(place).open("w", encoding="utf-8", newline="") as file:
                for piece in _pieces(table):
                    file.write(piece)
        except OSError as problem:
            raise UnreadableFile(
                f"{place} cannot be written: {problem.strerror or problem}", "Check the folder and the free space."
            ) from problem
        written.append(str(place))
    return written


def as_csv(table: TextTable) -> str:
    """A table as CSV by RFC 4180: the header if the file has one, then its rows in the order of the file.

    Cells stand as they were read, and a row that has no place under the header stands as it was read too, with as
    many cells as it has: what the file says is never lost on the way. The report names its line.
    """
    return "".join(_pieces(table))


def _pieces(table: TextTable) -> Iterator[str]:
    if table.header_line:
        yield _lines([table.columns])
    waiting = sorted(table.unplaced, key=lambda row: row.line)
    for batch in table.data.to_batches(max_chunksize=20_000):
        *columns, numbers = (column.to_pylist() for column in batch.columns)
        rows: list[Sequence[str]] = list(zip(*columns, strict=True))
        if waiting and numbers and waiting[0].line < numbers[-1]:
            yield _merged(rows, numbers, waiting)
        else:
            yield _lines(rows)
    yield _lines([row.row for row in waiting])


def _merged(rows: Sequence[Sequence[str]], numbers: Sequence[int], waiting: list[Unplaced]) -> str:
    merged: list[Sequence[str]] = []
    for row, number in zip(rows, numbers, strict=True):
        while waiting and waiting[0].line < number:
            merged.append(waiting.pop(0).row)
        merged.append(row)
    return _lines(merged)


def _lines(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def as_dict(table: TextTable, file: str, written: str | None = None) -> dict[str, Any]:
    """The report on one table."""
    return {
        "file": file,
        "table": table.part,
        "written": written,
        "encoding": table.encoding,
        "delimiter": table.delimiter,
        "quote": table.quote,
        "escape": table.escape,
        "header_line": table.header_line,
        "columns": list(table.columns),
        "rows_in_file": table.rows_in_file,
        "rows": table.data.num_rows,
        "preamble": list(table.preamble),
        "footer": list(table.footer),
        "notes": [
            {"kind": note.kind, "line": note.line, "text": note.text, "lines": list(note.lines)} for note in table.notes
        ],
        "unplaced": [{"line": row.line, "reason": row.reason, "row": list(row.row)} for row in table.unplaced],
    }


def _tell(table: TextTable, written: str | None) -> None:
    name = f"{table.name}, {table.part}" if table.part else table.name
    placed = f"{count(table.data.num_rows, 'row')}, {count(len(table.columns), 'column')}"
    out(f"{name}: {placed}" + (f", written to {written}" if written else ""))
    for note in table.notes:
        out(f"  {note.text}")
    for row in table.unplaced[:_SHOWN]:
        out(f"  Line {row.line:,} has no place: {row.reason}.")
    if len(table.unplaced) > _SHOWN:
        out(f"  … and {count(len(table.unplaced) - _SHOWN, 'more row')} without a place; --json lists them all.")
