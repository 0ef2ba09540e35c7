"""What is known of the exports of each system: data files in ``presets/``, read once.

A file describes one system. It may hold several exports, each the signature of a file (headers that it must have,
headers of which it has some), the columns that its headers feed, and *recipes* for columns that no single header
feeds: a constant, names put together, the first of several that is filled, a status from two flags.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

from tas_analytics.ingest.understanding.headers import normal

FOLDER: Final = Path(__file__).parent / "presets"
#: Data files that describe no system.
_OTHERS: Final = {"synonyms", "not_yet", "generic"}

MakingKind = Literal["constant", "join", "first_of", "status", "words", "inverse", "line"]


@dataclass(frozen=True)
class Source:
    """A header, by any of its names, that counts only where another header's cell is one of ``values``.

    ``unless`` are cells of its own that mean "no value".
    """

    names: tuple[str, ...]
    where: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()


@dataclass(frozen=True)
class Recipe:
    """How a column is made that no single header feeds."""

    column: str
    kind: MakingKind
    sources: tuple[Source, ...] = ()
    value: str = ""
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Drop:
    """Rows that are no records: those in which a header's cell is one of ``values``."""

    header: str
    values: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class Preset:
    """One kind of export of one system, as its data file tells.

    ``require`` are headers that the file has, each by one of its names; ``some_of`` headers of which it has
    ``at_least`` so many; ``never`` headers that speak against it. Of presets that fit, the higher ``rank`` wins.
    """

    key: str
    name: str
    table: str
    require: tuple[tuple[str, ...], ...]
    some_of: tuple[str, ...]
    at_least: int
    columns: Mapping[str, tuple[str, ...]]
    ignored: tuple[str, ...] = ()
    ids: str | None = None
    date_order: str | None = None
    decimal: str | None = None
    what: str = ""
    rank: int = 0
    never: tuple[str, ...] = ()
    unsure: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    recipes: tuple[Recipe, ...] = ()
    drops: tuple[Drop, ...] = ()
    also: tuple[str, ...] = ()
    blank_means_unchanged: bool = False

    @property
    def title(self) -> str:
        """The system and which of its exports this is, for people."""
        return f"{self.name}: {self.what}" if self.what else self.name

    def fits(self, headers: set[str]) -> bool:
        """Whether the normal forms of a file's headers carry this preset's signature."""
        signed = all(any(normal(name) in headers for name in names) for names in self.require)
        if not signed or any(normal(name) in headers for name in self.never):
            return False
        return sum(normal(name) in headers for name in self.some_of) >= self.at_least


@cache
def presets() -> tuple[Preset, ...]:
    """All presets, by file name."""
    found: list[Preset] = []
    for path in sorted(FOLDER.glob("*.toml")):
        if path.stem in _OTHERS:
            continue
        system = tomllib.loads(path.read_text(encoding="utf-8"))
        exports = system.pop("export", [{}])
        found += [_preset(system, export) for export in exports]
    return tuple(found)


@cache
def by_title(title: str) -> Preset:
    """The preset of that title."""
    return next(preset for preset in presets() if preset.title == title)


@cache
def synonyms() -> dict[str, dict[str, list[str]]]:
    """Names of columns as people write them, by table and column."""
    return tomllib.loads((FOLDER / "synonyms.toml").read_text(encoding="utf-8"))


@cache
def not_yet() -> dict[str, Any]:
    """Files that are known and cannot be loaded."""
    return tomllib.loads((FOLDER / "not_yet.toml").read_text(encoding="utf-8"))


@cache
def generic() -> dict[str, Any]:
    """What holds for files of unknown systems: telling columns, recipes, headers that say nothing of a deal."""
    return tomllib.loads((FOLDER / "generic.toml").read_text(encoding="utf-8"))


@cache
def generic_recipes(table_name: str) -> tuple[Recipe, ...]:
    """Recipes that any file of a table may need."""
    return tuple(_recipe(row) for row in generic()["made"] if row["table"] == table_name)


def _preset(system: Mapping[str, Any], export: Mapping[str, Any]) -> Preset:
    data = {**system, **export}
    ignored = [*_ignored(system), *_ignored(export)]
    return Preset(
        key=data["key"],
        name=data["name"],
        table=data["table"],
        require=tuple(_names(entry) for entry in data["require"]),
        some_of=tuple(data.get("any", ())),
        at_least=int(data.get("at_least", 0)),
        columns={column: _names(names) for column, names in data["columns"].items()},
        ignored=tuple(dict.fromkeys(ignored)),
        ids=data.get("ids"),
        date_order=data.get("date_order"),
        decimal=data.get("decimal"),
        what=data.get("what", ""),
        rank=int(data.get("rank", 0)),
        never=tuple(data.get("never", ())),
        unsure={column: _names(names) for column, names in data.get("unsure", {}).items()},
        recipes=tuple(_recipe(row) for row in data.get("made", ())),
        drops=tuple(
            Drop(row["header"], tuple(row["is"]), row["why"])
            for row in [*system.get("drop", ()), *export.get("drop", ())]
        ),
        also=tuple(data.get("also", ())),
        blank_means_unchanged=bool(data.get("blank_means_unchanged", False)),
    )


def _ignored(data: Mapping[str, Any]) -> Iterable[str]:
    return _names(data.get("ignored", ()))


def _recipe(row: Mapping[str, Any]) -> Recipe:
    column = row["column"]
    if "constant" in row:
        return Recipe(column, "constant", value=row["constant"])
    if "join" in row:
        return Recipe(column, "join", tuple(_source(part) for part in row["join"]), row.get("between", " "))
    if "first_of" in row:
        return Recipe(column, "first_of", tuple(_source(part) for part in row["first_of"]))
    if "inverse" in row:
        return Recipe(column, "inverse", (_source(row["inverse"]),))
    if "status" in row:
        flags = row["status"]
        return Recipe(
            column, "status", tuple(Source(_names(flags.get(flag, ())), (flag,)) for flag in ("closed", "won", "lost"))
        )
    return Recipe(column, "words", (_source(row["words"]),), words=row["map"])


def _source(part: Any) -> Source:
    if isinstance(part, dict):
        return Source(
            _names(part["header"]),
            _names(part.get("where", ())),
            tuple(part.get("is", ())),
            tuple(part.get("unless", ())),
        )
    return Source(_names(part))


def _names(entry: Any) -> tuple[str, ...]:
    return (entry,) if isinstance(entry, str) else tuple(entry)
