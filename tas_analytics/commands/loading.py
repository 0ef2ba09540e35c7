"""load, mapping, loads, undo and check."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from tas_analytics.commands.output import err, here, out, out_json, out_table
from tas_analytics.commands.progress import Progress
from tas_analytics.errors import UnknownTable, UnreadableFile
from tas_analytics.formats import named
from tas_analytics.ingest.opening.suffixes import SUFFIXES
from tas_analytics.store import Store
from tas_analytics.store.check import check as check_store
from tas_analytics.store.database import Interrupted

if TYPE_CHECKING:  # reading files takes long to import, and the short commands do without it
    from tas_analytics.ingest.loading.loader import LoadResult
    from tas_analytics.ingest.planning.plan import Options


@dataclass(frozen=True)
class Wishes:
    """The options of ``load``."""

    as_table: str | None
    source: str | None
    as_of: dt.date | None
    complete: bool
    mapping: Path | None = None
    dry_run: bool = False
    attributes: Literal["auto", "none"] = "auto"


def import_ahead() -> None:
    """Begin to import what a load needs: pandas too, for which DuckDB asks at a parameter."""

    def begin() -> None:
        for name in ("tas_analytics.ingest.loading.loader", "pandas"):
            import_module(name)

    threading.Thread(target=begin, daemon=True).start()


def load(opening: Future[Store], files: Sequence[Path], wishes: Wishes, *, as_json: bool) -> int:
    """Load files; 1 if rows were rejected or the verdict is "not usable", 2 if it was cancelled.

    Parameters
    ----------
    opening
        The store, which may still be being opened or created: files are read meanwhile.
    files, wishes
        What to load, and how.
    as_json
        Whether to print JSON.
    """
    from tas_analytics.ingest.planning.memory import recall
    from tas_analytics.ingest.planning.plan import Prepared, prepare_file

    def remembered(headers: str) -> Options | None:
        return recall(opening.result())(headers)

    options = _options(wishes)
    prepared: list[Prepared] = []
    left_out = 0
    try:
        with Progress() as progress:
            for path, is_named in _expand(files):
                try:
                    prepared += prepare_file(
                        path,
                        path.name,
                        options,
                        recall=remembered,
                        progress=_as_long_as(opening, progress.reading(path.name)),
                    )
                except OSError as error:
                    raise UnreadableFile(
                        f"{path} cannot be read: {error.strerror}", "Check the name and that you may read the file."
                    ) from error
                except (UnknownTable, UnreadableFile) as error:
                    if is_named:
                        raise
                    # A folder of exports may hold a read-me or a dictionary as well: said, and left out.
                    left_out += 1
                    progress.clear()
                    err(f"Left out: {named(str(error), path.name)}")
            if not prepared:
                raise UnknownTable("No file in the folder can be loaded", "The lines above say why for each.")
            # Imported while the files were read.
            from tas_analytics.ingest.loading import loader

            store = opening.result()
            results = progress.interruptible(
                store,
                lambda: loader.load(store, prepared, dry_run=wishes.dry_run, progress=progress.tell, last_use=True),
            )
    except (KeyboardInterrupt, Interrupted):
        err("Cancelled: nothing was loaded.")
        return 2
    from tas_analytics.ingest.reporting.telling import with_parts

    everything = with_parts(results)
    rejects = {one.load_id: None if wishes.dry_run else written_rejects(store, one) for one in everything}
    _print(results, rejects, dry_run=wishes.dry_run, as_json=as_json)
    return 1 if left_out or any(one.rejected_rows or one.verdict == "unusable" for one in everything) else 0


def _as_long_as(opening: Future[Store], told: Callable[[int, int], None]) -> Callable[[int, int], None]:
    """Progress that ends the reading of a file if the store turns out to be none, or another program's."""

    def tell(done: int, whole: int) -> None:
        if opening.done():
            opening.result()
        told(done, whole)

    return tell


def _print(results: Sequence[LoadResult], rejects: Mapping[int, Path | None], *, dry_run: bool, as_json: bool) -> None:
    from tas_analytics.ingest.reporting.report import as_dict, as_lines

    if as_json:
        out_json([as_dict(result, rejects[result.load_id], rejects) for result in results])
        return
    for result in results:
        for line in as_lines(result, rejects[result.load_id], dry_run=dry_run):
            out(line)
        for part in result.parts:
            if rejects[part.load_id]:
                out(f"  rejected rows of {part.prepared.part.lower()}: {rejects[part.load_id]}")


def mapping(store: Store, file: Path, wishes: Wishes, target: Path | None) -> int:
    """Print or write how a file is read, as a mapping file for ``load --mapping``."""
    from tas_analytics.ingest.planning.mapping_file import mapping_text
    from tas_analytics.ingest.planning.memory import recall
    from tas_analytics.ingest.planning.plan import prepare_file

    try:
        tables = prepare_file(here(file), file.name, _options(wishes), draft=True, recall=recall(store))
    except OSError as error:
        raise UnreadableFile(
            f"{file} cannot be read: {error.strerror}", "Check the name and that you may read the file."
        ) from error
    for number, one in enumerate(tables, start=1):
        if one.missing:
            err(f"{one.name}: no header was found for {' and '.join(one.missing)}. Add it before you load.")
        for column in one.mapping.unsure:
            err(f"{one.name}: {column} was taken from “{one.mapping.columns[column]}”. Please check.")
        if target is None:
            out(mapping_text(one).rstrip())
            continue
        place = target if number == 1 else target.with_name(f"{target.stem}-{number}{target.suffix}")
        try:
            here(place).write_text(mapping_text(one), encoding="utf-8")
        except OSError as error:
            raise UnreadableFile(
                f"{place} cannot be written: {error.strerror}", "Name a file in a folder that you may write to."
            ) from error
        err(f"Written: {place}, how {one.name} is read.")
    return 0


def loads(store: Store, *, as_json: bool) -> int:
    """Print the loads, newest first."""
    keys = [
        "load_id", "loaded_at", "loaded_by", "file_name", "table_name", "source", "as_of", "complete", "rows_in_file",
        "rows_new", "rows_changed", "rows_unchanged", "rows_rejected", "amount_in_file", "amount_loaded", "verdict",
        "undone_at",
    ]  # fmt: skip
    rows = [
        dict(zip(keys, row, strict=True))
        for row in store.rows(f"select {', '.join(keys)} from load order by load_id desc")
    ]
    if as_json:
        out_json(rows)
        return 0
    if not rows:
        err("Nothing has been loaded yet.")
        return 0
    counts = ["rows_in_file", "rows_new", "rows_changed", "rows_unchanged", "rows_rejected"]
    out_table(
        ["load", "file", "table", "as of", "rows", "new", "changed", "unchanged", "rejected", "verdict"],
        [
            [
                str(row["load_id"]),
                row["file_name"],
                row["table_name"],
                row["as_of"].isoformat(),
                *(str(row[key]) for key in counts),
                row["verdict"] if row["undone_at"] is None else "undone",
            ]
            for row in rows
        ],
        [True, False, False, False, True, True, True, True, True, False],
    )
    return 0


def undo(store: Store, load_id: int) -> int:
    """Take a load back."""
    from tas_analytics.ingest.loading import loader

    name = loader.undo(store, load_id)
    err(f"Load {load_id} ({name}) is undone; the store is as if it had never been loaded.")
    return 0


def check(store: Store, *, as_json: bool) -> int:
    """Print the outcome of the checks; 1 if a promise is broken."""
    found = check_store(store)
    if as_json:
        contents = [{"table": name, "rows": rows, "fingerprint": mark} for name, rows, mark in found.contents]
        out_json({"ok": found.ok, "problems": list(found.problems), "contents": contents})
    else:
        out_table(
            ["table", "rows", "fingerprint"],
            [[name, str(rows), mark] for name, rows, mark in found.contents],
            [False, True, False],
        )
        for problem in found.problems:
            err(f"Broken: {problem}.")
        err("All checks pass." if found.ok else "The store is damaged. Restore it from a backup, or load it anew.")
    return 0 if found.ok else 1


def written_rejects(store: Store, result: LoadResult) -> Path | None:
    """Write the rejected rows beside the store; None if there are none, or if that cannot be done."""
    from tas_analytics.ingest.reporting.report import write_rejects

    try:
        return write_rejects(store, result)
    except OSError as error:
        err(
            f"The rejected rows cannot be written beside the store: {error.strerror}. "
            "The Data page has them for download."
        )
        return None


def _expand(files: Sequence[Path]) -> list[tuple[Path, bool]]:
    """The files, those inside folders among them, each with whether the user named it."""
    found: list[tuple[Path, bool]] = []
    for path in map(here, files):
        if path.is_dir():
            inside = sorted(one for one in path.rglob("*") if _may_be_an_export(one, path))
            if not inside:
                raise UnreadableFile(
                    f"The folder {path} holds no file that can be loaded",
                    f"Name files, or a folder that has some. Taken are: {', '.join(SUFFIXES)}.",
                )
            found += [(file, False) for file in inside]
        else:
            found.append((path, True))
    return found


def _may_be_an_export(path: Path, folder: Path) -> bool:
    """Whether a file of a folder is to be looked at: hidden ones and what a spreadsheet program has open are not."""
    inside = path.relative_to(folder).parts
    hidden = any(part.startswith((".", "~$")) for part in inside)
    return not hidden and path.suffix.casefold() in SUFFIXES and path.is_file()


def _options(wishes: Wishes) -> Options:
    from tas_analytics.ingest.planning.mapping_file import with_mapping
    from tas_analytics.ingest.planning.plan import Options

    options = Options(wishes.as_table, wishes.source, wishes.as_of, wishes.complete, attributes=wishes.attributes)
    return options if wishes.mapping is None else with_mapping(options, here(wishes.mapping))
