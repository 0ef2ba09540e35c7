"""What a file holds and which of its headers is which column, proposed with reasons.

Presets are data files in ``presets/``: a new system is a new file, not new code. Where no preset
fits, headers are compared with each table's own names and synonyms, first exactly, then by
likeness; where headers do not tell, the cells may. What comes from a likeness or from cells is a
proposal that the user is shown as unsure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from tas_analytics.errors import UnknownTable
from tas_analytics.ingest.understanding import content as contents, wide as wides
from tas_analytics.ingest.understanding.headers import currency_of, fingerprint, normal
from tas_analytics.ingest.understanding.names import Sureness, match_names, said_nothing
from tas_analytics.ingest.understanding.presets import Drop, Preset, generic, generic_recipes, not_yet, presets
from tas_analytics.ingest.understanding.stage_dates import is_stage_date
from tas_analytics.ingest.understanding.transforms import Making, bind
from tas_analytics.ingest.understanding.wide import WideColumn
from tas_analytics.store.tables import OPPORTUNITIES, TABLES, Table, table

__all__ = [
    "BY_CONTENT", "BY_NAME", "TEMPLATE", "FileMapping", "Preset", "Sureness", "corrected", "fingerprint",
    "missing_required", "normal", "presets", "propose",
]  # fmt: skip

TEMPLATE: Final = "template"
OWN_MAPPING: Final = "mapping"
BY_NAME: Final = "names"
BY_CONTENT: Final = "content"
#: A file is taken for a table unasked where this share of its headers is understood, or this many of them
#: (CRM exports can have hundreds of columns).
ENOUGH: Final = 0.4
MANY: Final = 6
#: With this many columns understood, cells that are stages decide that a file holds deals.
FEW: Final = 4
#: A table's name in the file's name counts as much as this many columns.
HINT: Final = 1.5

Content = Callable[[str], Sequence[str]]


@dataclass(frozen=True)
class FileMapping:
    """A proposed or corrected mapping.

    ``columns`` maps a column of the table to the header that feeds it; ``sureness`` says how each
    was found; ``left_out`` are headers that feed nothing. ``made`` are columns that several headers
    or none feed (:func:`tas_analytics.ingest.understanding.parts.take_apart` makes them), ``drops`` the
    marks of rows that are no records, ``wide`` the headers that are criteria of an assessment, and ``ignored`` headers
    that are known to say nothing worth keeping. ``also`` names further exports that the file holds.
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
    made: tuple[Making, ...] = ()
    drops: tuple[Drop, ...] = ()
    ignored: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    wide: tuple[WideColumn, ...] = ()
    blank_means_unchanged: bool = False

    @property
    def unsure(self) -> tuple[str, ...]:
        """Columns found by likeness or by their cells only."""
        return tuple(column for column, how in self.sureness.items() if how in ("similar", "content"))

    @property
    def fed(self) -> frozenset[str]:
        """Columns that the file gives, directly or made."""
        given = set(self.columns) | {making.column for making in self.made}
        return frozenset(given | {"criterion", "rating"} if self.wide else given)


def propose(
    headers: Sequence[str],
    file_name: str,
    as_table: str | None = None,
    source: str | None = None,
    content: Content | None = None,
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
    content
        Gives some cells under a header, for files whose headers do not tell.

    Raises
    ------
    UnknownTable
        No table fits, or the file is of a kind that cannot be loaded. With ``as_table`` the
        mapping may lack a required column, which a correction can give.
    """
    if as_table is not None:
        table(as_table)
    else:
        _refuse_known(headers, file_name)
    content = contents.cleaned(content) if content is not None else None
    if source is not None and source not in {preset.key for preset in presets()} | {TEMPLATE, BY_NAME, BY_CONTENT}:
        keys = sorted({preset.key for preset in presets()})
        raise UnknownTable(f'There is no source "{source}"', f"Sources: {', '.join(keys)}.")
    hint = normal(Path(file_name).stem)
    present = {normal(header) for header in headers}
    fitting = [
        preset
        for preset in presets()
        if as_table in (None, preset.table) and source in (None, preset.key) and preset.fits(present)
    ]
    if fitting and as_table is None and source is None and wides.columns(headers, content):
        # The columns around the criteria look like many an export; those of deals keep ratings as a part.
        fitting = [preset for preset in fitting if preset.table == OPPORTUNITIES.name]
    tables = [table(as_table)] if as_table else list(TABLES)
    templates = [one for one in tables if source in (None, TEMPLATE) and _is_template(one, headers)]
    if templates:
        found = [by_names(one, headers) for one in templates]
        if as_table is not None or any(not missing_required(one) for one in found):
            return max(found, key=lambda one: (-len(missing_required(one)), _score(one, hint)))
    if fitting:
        ranked = [(preset.rank, by_preset(preset, headers)) for preset in fitting]
        return max(ranked, key=lambda pair: (pair[0], _score(pair[1], hint)))[1]
    proposals = [by_names(one, headers, content) for one in tables]
    if as_table is None:
        proposals = [found for found in proposals if _convinces(found, headers, content)]
        if any(found.table == "opportunities" and _is_list_of_deals(found) for found in proposals):
            # Ratings that stand in a list of deals are a part of it.
            proposals = [found for found in proposals if not found.wide]
    if content is not None and source in (None, BY_CONTENT):
        lacking = not proposals or all(missing_required(found) for found in proposals)
        guess = contents.propose_columns(headers, content, as_table) if lacking else None
        if guess is not None:
            return _by_content(guess, headers)
    if not proposals:
        raise _unknown(headers, file_name)
    return max(proposals, key=lambda found: _score(found, hint))


def corrected(base: FileMapping, columns: Mapping[str, str], headers: Sequence[str]) -> FileMapping:
    """The mapping after the user has chosen headers; unknown columns and headers are refused.

    A column that is made is chosen by the name that it has in the proposal.
    """
    one, makings = table(base.table), {making.header: making for making in base.made}
    chosen: dict[str, str] = {}
    for column, header in columns.items():
        one.column(column)
        if header in headers or header in makings:
            chosen[column] = header
        elif not _is_derived(base, column, header, headers):
            raise UnknownTable(f'The file has no header "{header}"', f"Its headers: {', '.join(headers)}.")
        else:
            # A column derived from others is derived anew.
            for name in {column, *_DERIVED_FROM} & set(base.columns):
                chosen.setdefault(name, base.columns[name])
    made = tuple(replace(makings[h], column=c) for c, h in chosen.items() if h in makings)
    direct = {column: header for column, header in chosen.items() if header not in makings}
    sureness: dict[str, Sureness] = {
        column: base.sureness.get(column, "user") if base.columns.get(column) == header else "user"
        for column, header in direct.items()
    }
    used = set(chosen.values()) | {header for making in made for header in making.uses}
    wide = tuple(column for column in base.wide if column.header not in used)
    used |= {column.header for column in wide}
    left = tuple(header for header in headers if header not in used)
    return replace(base, columns=direct, sureness=sureness, made=made, wide=wide, left_out=left)


#: Columns from which others are derived when a file is taken apart, and what the derived ones are called.
_DERIVED_FROM: Final = ("field", "old_value", "new_value", "criterion", "rating")
_DERIVED: Final = ("of other fields", "by number", "by sign", "by name")


def _is_derived(base: FileMapping, column: str, header: str, headers: Sequence[str]) -> bool:
    """Whether a header is not the file's own, but was derived from it when the file was taken apart."""
    if base.wide and header == column:
        return True
    front, _, back = header.rpartition(", ")
    return front in headers and (back in _DERIVED or back == f"as {column.removeprefix('from_')}")


def missing_required(mapping: FileMapping) -> list[str]:
    """Labels of required columns that no header feeds."""
    return [c.label for c in table(mapping.table).columns if c.required and c.name not in mapping.fed]


def by_preset(preset: Preset, headers: Sequence[str]) -> FileMapping:
    """The mapping that a preset gives for a file's headers."""
    by_normal = {normal(header): header for header in reversed(headers)}
    columns: dict[str, str] = {}
    sureness: dict[str, Sureness] = {}
    sure: Sureness = "preset"
    for known, how in ((preset.columns, sure), (preset.unsure, "similar")):
        for column, names in known.items():
            hit = next((by_normal[normal(name)] for name in names if normal(name) in by_normal), None)
            if hit is not None and column not in columns and hit not in columns.values():
                columns[column], sureness[column] = hit, "similar" if how == "similar" else "preset"
    made: list[Making] = []
    for recipe in preset.recipes:
        # A recipe gives way to a header of its own, except that several headers together beat one of them.
        making = bind(recipe, headers) if recipe.column not in {making.column for making in made} else None
        if isinstance(making, str) and recipe.column not in columns:
            columns[recipe.column], sureness[recipe.column] = making, "preset"
        elif isinstance(making, Making) and recipe.column not in columns:
            made.append(making)
    taken = set(columns) | {making.column for making in made}
    used = set(columns.values()) | {header for making in made for header in making.uses}
    # What the preset does not know may still be one of our columns under its own name.
    ignored = {normal(name) for name in preset.ignored} | {normal(drop.header) for drop in preset.drops}
    rest = [header for header in headers if header not in used and normal(header) not in ignored]
    for column, (header, how) in match_names(table(preset.table), rest, taken=taken).items():
        columns[column], sureness[column] = header, how
    used |= set(columns.values())
    if preset.table == "opportunities":
        made += _unit(columns)
    return FileMapping(
        preset.table,
        preset.key,
        preset.title,
        columns,
        sureness,
        tuple(header for header in headers if header not in used),
        preset.ids,
        preset.date_order,
        preset.decimal,
        tuple(made),
        preset.drops,
        tuple(header for header in headers if normal(header) in ignored | said_nothing()),
        preset.also,
        blank_means_unchanged=preset.blank_means_unchanged,
    )


def by_names(one: Table, headers: Sequence[str], content: Content | None = None) -> FileMapping:
    """The mapping of a table that names alone give."""
    wide = wides.columns(headers, content) if one.name == "assessments" else ()
    free = [header for header in headers if header not in {column.header for column in wide}]
    settled = {"criterion", "rating"} if wide else set()
    found = match_names(one, free, settled)
    made: list[Making] = []
    for recipe in generic_recipes(one.name):
        # A full name in one column beats its halves in two; but of two days of closing both are needed.
        has_own = recipe.kind != "first_of" and found.get(recipe.column, ("", "similar"))[1] == "exact"
        making = None if has_own else bind(recipe, free)
        if isinstance(making, Making):
            made.append(making)
    used = {header for making in made for header in making.uses}
    if made:
        taken = settled | {making.column for making in made}
        found = match_names(one, [header for header in free if header not in used], taken)
    columns = {column: header for column, (header, _) in found.items()}
    sureness: dict[str, Sureness] = {column: how for column, (_, how) in found.items()}
    if one.name == "opportunities":
        _settle_deals(columns, sureness, made, content)
    source, name = BY_NAME, "Recognised by its headers"
    if _is_template(one, headers):
        source, name = TEMPLATE, "Template of TAS Analytics"
    used |= set(columns.values()) | {column.header for column in wide}
    return FileMapping(
        one.name,
        source,
        name,
        columns,
        sureness,
        tuple(header for header in headers if header not in used),
        made=tuple(made),
        drops=tuple(Drop(row["header"], tuple(row["is"]), row["why"]) for row in generic()["drop"]),
        ignored=tuple(header for header in headers if normal(header) in said_nothing()),
        wide=wide,
    )


def _is_template(one: Table, headers: Sequence[str]) -> bool:
    """Whether headers are the table's own names, or the labels that its template bears on screen."""
    return set(headers) <= {c.name for c in one.columns} or set(headers) <= {c.label for c in one.columns}


def _settle_deals(
    columns: dict[str, str], sureness: dict[str, Sureness], made: list[Making], content: Content | None
) -> None:
    """What holds for lists of deals: the outcome stands for a missing stage, a unit in a header is a currency."""
    if "account" in columns and content is not None and contents.are_few_words(content(columns["account"])):
        # "Client: new, current, past" is no list of customers.
        del columns["account"], sureness["account"]
    if "stage" not in columns and "status" in columns:
        columns["stage"], sureness["stage"] = columns.pop("status"), "similar"
        del sureness["status"]
    made += _unit(columns)
    if columns and not {"opportunity_id", "name", "account"} & set(columns):
        made.append(Making("opportunity_id", "line of the file", "line", value="line "))


def _unit(columns: Mapping[str, str]) -> list[Making]:
    """The currency that the amount's header names, where no column does."""
    currency = currency_of(columns["amount"]) if "amount" in columns and "currency" not in columns else None
    return [Making("currency", f'always "{currency}"', "constant", value=currency)] if currency else []


def _by_content(guess: contents.Guess, headers: Sequence[str]) -> FileMapping:
    columns = dict(guess.columns)
    sureness: dict[str, Sureness] = dict.fromkeys(columns, "content")
    made: list[Making] = []
    if guess.table == "opportunities":
        _settle_deals(columns, sureness, made, None)
    left = tuple(header for header in headers if header not in columns.values())
    return FileMapping(guess.table, BY_CONTENT, "Recognised by its cells", columns, sureness, left, made=tuple(made))


def _convinces(found: FileMapping, headers: Sequence[str], content: Content | None) -> bool:
    """Whether a file may be taken for this table without asking."""
    if missing_required(found):
        return False
    if found.source == TEMPLATE:
        return True
    groups = generic()["telling"].get(found.table, [])
    if not all(found.fed & set(group) for group in groups):
        return False
    if found.wide:
        return True
    sure = len(found.columns) - len(found.unsure)
    known = len(found.columns) + sum(len(making.uses) for making in found.made)
    if found.table == "opportunities":
        known += len(wides.columns(found.left_out, content)) + sum(map(is_stage_date, found.left_out))
    if known / len(headers) >= ENOUGH or sure >= MANY:
        return True
    if found.table != "opportunities" or content is None or len(found.columns) < FEW:
        return False
    return contents.are_stages(content(found.columns["stage"]))


def _is_list_of_deals(found: FileMapping) -> bool:
    return found.sureness.get("stage") == "exact" and bool({"amount", "close_date"} & found.fed)


def _score(found: FileMapping, hint: str) -> float:
    words = [found.table, *generic()["file_names"].get(found.table, [])]
    named = any(normal(word) in hint for word in words) or (len(hint) > 3 and hint in normal(found.table))
    # An assessment in many columns says more than the few names around it.
    return len(found.columns) + len(found.made) + len(found.wide) - 0.5 * len(found.unsure) + (HINT if named else 0)


def _refuse_known(headers: Sequence[str], file_name: str) -> None:
    present = {normal(header) for header in headers}
    for refusal in not_yet()["refusal"]:
        if all(normal(name) in present for name in refusal["require"]) and not any(
            normal(name) in present for name in refusal.get("never", ())
        ):
            raise UnknownTable(f"{file_name} is {refusal['what']}", refusal["hint"])


def _unknown(headers: Sequence[str], file_name: str) -> UnknownTable:
    shown = ", ".join(headers[:8]) + (" …" if len(headers) > 8 else "")
    return UnknownTable(
        f"It cannot be told what {file_name} holds",
        f"Its headers are: {shown}. A file of deals needs a column for the stage; the templates show every table. "
        "If you know what it is, choose the table (on the command line: --as TABLE).",
    )
