"""Where a file of the inbox goes when it is done with, and the reports that lie beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tas_analytics.errors import TasError
from tas_analytics.ingest.loading.loader import LoadResult
from tas_analytics.ingest.reporting import report
from tas_analytics.ingest.reporting.telling import with_parts

#: A mapping for all files of a folder; behind a file's name, for that file alone.
MAPPING: Final = "mapping.json"
_FOR_PROGRAMS: Final = ".report.json"
_FOR_PEOPLE: Final = ".report.txt"

#: Size of a file and time of its last change.
Stamp = tuple[int, int]


@dataclass(frozen=True)
class Outcome:
    """What became of one file: its results, one per table in it, or the reason why nothing was loaded.

    ``rejects`` tells by the number of a load where its rejected rows were written.
    """

    path: Path
    stamp: Stamp
    results: tuple[LoadResult, ...] = ()
    rejects: Mapping[int, Path | None] = field(default_factory=dict)
    error: TasError | None = None
    moved_to: Path | None = None

    @property
    def clean(self) -> bool:
        """Whether everything in the file was loaded and can be used."""
        everything = with_parts(self.results)
        return self.error is None and not any(one.rejected_rows or one.verdict == "unusable" for one in everything)

    def as_dicts(self) -> list[dict[str, object]]:
        """What ``load --json`` would print."""
        if self.error is not None:
            return [report.refused_as_dict(self.path.name, self.error)]
        return [report.as_dict(one, self.rejects.get(one.load_id), self.rejects) for one in self.results]

    def as_lines(self) -> list[str]:
        """What ``load`` would print."""
        if self.error is not None:
            return report.refused_as_lines(self.path.name, self.error)
        return [line for one in self.results for line in report.as_lines(one, self.rejects.get(one.load_id))]


def is_mapping(path: Path) -> bool:
    """Whether a file says how others are read, rather than being an export itself."""
    return path.name.casefold() == MAPPING or path.name.casefold().endswith(f".{MAPPING}")


def own_mapping(path: Path) -> Path | None:
    """The mapping of this file alone: ``deals.csv.mapping.json``, or ``deals.mapping.json`` as the page calls it."""
    for name in (f"{path.name}.{MAPPING}", f"{path.stem}.{MAPPING}"):
        if (found := path.with_name(name)).is_file():
            return found
    return None


def mapping_of(path: Path) -> Path | None:
    """The mapping of a file: its own, else its folder's."""
    of_folder = path.with_name(MAPPING)
    return own_mapping(path) or (of_folder if of_folder.is_file() else None)


def move(path: Path, place: Path, outcome: Outcome) -> Path:
    """Move a file and its own mapping into a folder, under a name that nothing there has yet, with its reports."""
    place.mkdir(parents=True, exist_ok=True)
    to = _claim(place, path.name, report.json_text(outcome.as_dicts()))
    told, own = to.with_name(to.name + _FOR_PEOPLE), own_mapping(path)
    try:
        lines = outcome.as_lines()
        if outcome.error is not None:
            lines.append("  Mend the file and put it into the inbox again; this copy stays until you delete it.")
        told.write_text("\n".join(lines) + "\n", encoding="utf-8", errors="backslashreplace")
        path.rename(to)
    except OSError:
        told.unlink(missing_ok=True)
        to.with_name(to.name + _FOR_PROGRAMS).unlink(missing_ok=True)
        raise
    if own is not None:
        own.rename(to.with_name(f"{to.name}.{MAPPING}"))
    return to


def _claim(place: Path, name: str, content: str) -> Path:
    """A name in a folder that nothing has yet; the report for programs is written under it, which makes it ours."""
    stem, dot, end = name.partition(".")
    for number in range(1, 10_000):
        to = place / (name if number == 1 else f"{stem} ({number}){dot}{end}")
        if to.exists():
            continue
        try:
            with to.with_name(to.name + _FOR_PROGRAMS).open("x", encoding="utf-8", errors="backslashreplace") as file:
                file.write(content)
        except FileExistsError:
            continue
        return to
    raise FileExistsError(f"{place / name}: too many files of that name")
