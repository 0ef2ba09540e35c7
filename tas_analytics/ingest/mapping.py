"""What a file holds and which of its headers is which column, proposed with reasons.

Presets are data files in ``presets/``: a new system is a new file, not new code. Where no preset
fits, headers are compared with each table's own names and synonyms, first exactly, then by
likeness; a likeness is a proposal that the user is shown as unsure.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

from rapidfuzz import fuzz

from tas_analytics.errors import UnknownTable
from tas_analytics.store.tables import TABLES, Table, table

FOLDER: Final = Path(__file__).parent / "presets"
TEMPLATE: Final = "template"
OWN_MAPPING: Final = "mapping"
BY_NAME: Final = "names"
LIKENESS: Final = 86
#: A file is taken for a table unasked where this share of its headers is understood, or this many of them
#: (CRM exports can have hundreds of columns).
ENOUGH: Final = 0.4
MANY: Final = 6

Sureness = Literal["preset", "exact", "similar", "user"]


@dataclass(frozen=True)
class Preset:
    """One system's export, as its data file tells."""

    key: str
    name: str
    table: str
    require: tuple[str, ...]
    some_of: tuple[str, ...]
    at_least: int
    columns: Mapping[str, tuple[str, ...]]
    ignored: tuple[str, ...] = ()
    ids: str | None = None
    date_order: str | None = None
    decimal: str | None = None

    def fits(self, headers: set[str]) -> bool:
        """Whether the normal forms of a file's headers carry this preset's signature."""
        signed = all(normal(name) in headers for name in self.require)
        return signed and sum(normal(name) in headers for name in self.some_of) >= self.at_least


@dataclass(frozen=True)
class FileMapping:
    """A proposed or corrected mapping.

    ``columns`` maps a column of the table to the header that feeds it; ``sureness`` says how each
    was found; ``left_out`` are headers that feed nothing.
    """

    table: str
    source: str
    source_name: str
    columns: Mapping[str, str]
    sureness: Mapping[str, Sureness] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    ids: str | None = None
    date_order: str | None = None
    decimal: str | None = None

    @property
    def unsure(self) -> tuple[str, ...]:
        """Columns found by likeness only."""
        return tuple(column for column, how in self.sureness.items() if how == "similar")


def normal(header: str) -> str:
    """A header without case, accents, spaces, underscores and punctuation."""
    text = unicodedata.normalize("NFKD", header)
    text = "".join(ch for ch in text if not unicodedata.combining(ch)).casefold()
    return re.sub(r"[\W_]+", "", text)


def propose(
    headers: Sequence[str], file_name: str, as_table: str | None = None, source: str | None = None
) -> FileMapping:
    """The best mapping for a file's headers.

    Parameters
    ----------
    headers
        The file's headers, unique.
    file_name
        For the error message, and to choose between tables that fit equally well.
    as_table
        The table, where the user names it.
    source
        The preset, where the user names it.

    Raises
    ------
    UnknownTable
        No table fits, or the file is of a kind that cannot be loaded yet. With ``as_table`` the
        mapping may lack a required column, which a correction can give.
    """
    if as_table is not None:
        table(as_table)
    else:
        _refuse_known(headers, file_name)
    present = {normal(header) for header in headers}
    if source is not None and source not in {preset.key for preset in presets()} | {TEMPLATE, BY_NAME}:
        keys = sorted({preset.key for preset in presets()})
        raise UnknownTable(f'There is no source "{source}"', f"Sources: {', '.join(keys)}.")
    fitting = [
        preset
        for preset in presets()
        if (as_table in (None, preset.table)) and (source in (None, preset.key)) and preset.fits(present)
    ]
    proposals = [_by_preset(preset, headers) for preset in fitting]
    if not proposals:
        tables = [table(as_table)] if as_table else list(TABLES)
        proposals = [_by_names(one, headers) for one in tables]
        if as_table is None:
            proposals = [found for found in proposals if not missing_required(found) and _understood(found, headers)]
    if not proposals:
        raise _unknown(headers, file_name)
    hint = normal(Path(file_name).stem)
    return max(
        proposals,
        key=lambda found: (
            len(found.columns) - 0.5 * len(found.unsure),
            normal(found.table) in hint or hint in normal(found.table),
        ),
    )


def corrected(base: FileMapping, columns: Mapping[str, str], headers: Sequence[str]) -> FileMapping:
    """The mapping after the user has chosen headers; unknown columns and headers are refused."""
    one = table(base.table)
    for column, header in columns.items():
        one.column(column)
        if header not in headers:
            raise UnknownTable(f'The file has no header "{header}"', f"Its headers: {', '.join(headers)}.")
    sureness: dict[str, Sureness] = {
        column: base.sureness.get(column, "user") if base.columns.get(column) == header else "user"
        for column, header in columns.items()
    }
    left = tuple(header for header in headers if header not in columns.values())
    return FileMapping(
        base.table,
        base.source,
        base.source_name,
        dict(columns),
        sureness,
        left,
        base.ids,
        base.date_order,
        base.decimal,
    )


def missing_required(mapping: FileMapping) -> list[str]:
    """Labels of required columns that no header feeds."""
    return [c.label for c in table(mapping.table).columns if c.required and c.name not in mapping.columns]


@cache
def presets() -> tuple[Preset, ...]:
    """All presets, by file name."""
    found = []
    for path in sorted(FOLDER.glob("*.toml")):
        if path.stem in {"synonyms", "not_yet"}:
            continue
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        found.append(
            Preset(
                key=data["key"],
                name=data["name"],
                table=data["table"],
                require=tuple(data["require"]),
                some_of=tuple(data.get("any", ())),
                at_least=int(data.get("at_least", 0)),
                columns={column: tuple(names) for column, names in data["columns"].items()},
                ignored=tuple(data.get("ignored", {}).get("headers", ())),
                ids=data.get("ids"),
                date_order=data.get("date_order"),
                decimal=data.get("decimal"),
            )
        )
    return tuple(found)


def _by_preset(preset: Preset, headers: Sequence[str]) -> FileMapping:
    by_normal = {normal(header): header for header in reversed(headers)}
    columns: dict[str, str] = {}
    for column, names in preset.columns.items():
        hit = next((by_normal[normal(name)] for name in names if normal(name) in by_normal), None)
        if hit is not None and hit not in columns.values():
            columns[column] = hit
    sureness: dict[str, Sureness] = dict.fromkeys(columns, "preset")
    # What the preset does not know may still be one of our columns under its own name.
    known = {normal(name) for name in preset.ignored}
    rest = [header for header in headers if header not in columns.values() and normal(header) not in known]
    extra = _match_names(table(preset.table), rest, taken=set(columns))
    for column, (header, how) in extra.items():
        columns[column] = header
        sureness[column] = how
    left = tuple(header for header in headers if header not in columns.values())
    return FileMapping(
        preset.table, preset.key, preset.name, columns, sureness, left, preset.ids, preset.date_order, preset.decimal
    )


def _by_names(one: Table, headers: Sequence[str]) -> FileMapping:
    found = _match_names(one, headers, taken=set())
    columns = {column: header for column, (header, _) in found.items()}
    own = {normal(column.name) for column in one.columns}
    is_template = all(normal(header) in own for header in headers)
    source, name = (TEMPLATE, "Template of TAS Analytics") if is_template else (BY_NAME, "Recognised by its headers")
    left = tuple(header for header in headers if header not in columns.values())
    return FileMapping(one.name, source, name, columns, {c: how for c, (_, how) in found.items()}, left)


def _match_names(one: Table, headers: Sequence[str], taken: set[str]) -> dict[str, tuple[str, Sureness]]:
    found: dict[str, tuple[str, Sureness]] = {}
    free = list(headers)
    names = {column.name: _names(one.name, column.name, column.label) for column in one.columns}
    wanted = [column.name for column in one.columns if column.name not in taken]
    for rank in range(max((len(names[column]) for column in wanted), default=0)):
        for column in wanted:
            if column in found or rank >= len(names[column]):
                continue
            hit = next((header for header in free if normal(header) == names[column][rank]), None)
            if hit is not None:
                found[column] = (hit, "exact")
                free.remove(hit)
    pairs = [
        (fuzz.ratio(normal(header), name), column, header)
        for column in wanted
        if column not in found
        for header in free
        for name in names[column]
        # "AccountId" looks like "account", but holds no name.
        if not normal(header).endswith("id") or name.endswith("id")
    ]
    for likeness, column, header in sorted(pairs, key=lambda pair: (-pair[0], pair[1])):
        if likeness < LIKENESS:
            break
        if column not in found and header in free:
            found[column] = (header, "similar")
            free.remove(header)
    return found


def _refuse_known(headers: Sequence[str], file_name: str) -> None:
    present = {normal(header) for header in headers}
    known = _not_yet()
    for refusal in known["refusal"]:
        if all(normal(name) in present for name in refusal["require"]):
            raise UnknownTable(f"{file_name} is {refusal['what']}", known["hint"]["text"])


@cache
def _not_yet() -> dict[str, Any]:
    return tomllib.loads((FOLDER / "not_yet.toml").read_text(encoding="utf-8"))


@cache
def _synonyms() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads((FOLDER / "synonyms.toml").read_text(encoding="utf-8"))


@cache
def _names(table_name: str, column: str, label: str) -> tuple[str, ...]:
    names = [column, label, *_synonyms().get(table_name, {}).get(column, [])]
    return tuple(dict.fromkeys(normal(name) for name in names))


def _understood(found: FileMapping, headers: Sequence[str]) -> bool:
    sure = len(found.columns) - len(found.unsure)
    return len(found.columns) / len(headers) >= ENOUGH or sure >= MANY


def _unknown(headers: Sequence[str], file_name: str) -> UnknownTable:
    shown = ", ".join(headers[:8]) + (" …" if len(headers) > 8 else "")
    return UnknownTable(
        f"It cannot be told what {file_name} holds",
        f"Its headers are: {shown}. A file of deals needs a column for the stage; the templates show every table. "
        "If you know what it is, choose the table (on the command line: --as TABLE).",
    )
