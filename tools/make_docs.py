"""Write the pages of ``docs/`` that the program itself knows best.

``python tools/make_docs.py`` writes ``docs/metrics.md`` from the metric registry, ``docs/data-dictionary.md``
from a fresh store, the reference in ``docs/command-line.md`` from the commands' own help, and the known headers in
``docs/importing.md`` from the presets. With ``--check`` nothing is written: files that differ are named, and the exit
code is 1.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from enum import Enum
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import typer

ROOT: Final = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:  # run as a script, this folder is on the path, not the project's
    sys.path.insert(0, str(ROOT))

from tas_analytics.cli import app  # noqa: E402
from tas_analytics.ingest.understanding.headers import normal  # noqa: E402
from tas_analytics.ingest.understanding.presets import presets, synonyms  # noqa: E402
from tas_analytics.metrics.dimensions import DIMENSIONS, RATING_DIMENSIONS  # noqa: E402
from tas_analytics.metrics.metric import Metric  # noqa: E402
from tas_analytics.metrics.registry import metrics  # noqa: E402
from tas_analytics.store import TABLES, Store, Table  # noqa: E402
from tools import markdown  # noqa: E402

DOCS: Final = ROOT / "docs"
#: What stands around the part that is written here in a page that people write.
BEGIN: Final = "<!-- generated from here -->"
END: Final = "<!-- generated up to here -->"
_NOTICE: Final = "<!-- Written by tools/make_docs.py: change the source, then run `make docs`. -->"

_BETTER: Final = {"up": "more is better", "down": "less is better", "neither": "neither good nor bad by itself"}
_GRAINS: Final = {
    "deal": "one row per deal, as it was known on the day of the question",
    "step": "one row per deal and open stage that it reached: passed, lost or still open there",
    "stay": "one row per deal and unbroken stay in a stage",
    "due": "one row per deal and period on whose first day it was open and due in the period",
    "target": "one row per target that counts",
    "rating": "one row per assessed deal and criterion: our newest rating as known on the day of the question",
    "duel": "one row per deal, competitor and criterion on which both we and the competitor are rated",
    "derived": "computed from other metrics, after each of those has been summed up by itself",
}
#: The store's own tables by what they are for: (heading, what they have in common, how to tell them).
_GROUPS: Final[tuple[tuple[str, str, tuple[str, ...] | str], ...]] = (
    (
        "Loads",
        "What was loaded, by whom, how it was read, and what could not be.",
        ("load", "reject"),
    ),
    (
        "Records and sightings",
        "Which load saw which record in which state. Everything about the past is derived from these.",
        ("record", "sighting"),
    ),
    (
        "States",
        "Each distinct content of a record, kept once, however many exports repeat it. Besides the two columns below, "
        "a table of states has every column of its importable table.",
        "_state",
    ),
    (
        "Versions",
        "What was known of a record, and from when until when. Every question is answered from these; they are "
        "derived, and are built anew for the records that a load or an undo touches.",
        "_version",
    ),
    (
        "Versions as stored",
        "Most deals of a first load are shown by one export, and their past follows from two days: stored as these "
        "days, and made a version by the view `opportunity_version`.",
        ("opportunity_kept",),
    ),
    (
        "States as stored",
        "The states of deals that no version holds as well. The first deals of a store are written once: their "
        "versions hold their states, and the view `opportunity_state` shows both kinds.",
        ("opportunity_state_kept",),
    ),
    (
        "Remembered mappings",
        "What users have settled about files with the same headers.",
        ("mapping",),
    ),
    (
        "Stages",
        "The stages in use, and the stays of the deals in them.",
        ("stage", "stage_spell", "milestone_type", "milestone_name"),
    ),
    (
        "Assessment profiles",
        "The newest rating of each criterion, by deal and rated party, and when it was the newest known.",
        ("assessment_profile",),
    ),
    (
        "The store itself",
        "Settings of the company, and which changes of shape the file has been through.",
        ("setting", "migration"),
    ),
)


def metrics_page() -> str:
    """The text of ``docs/metrics.md``."""
    everything = metrics()
    lines = [
        "# Metrics",
        _NOTICE,
        f"Every number on the pages and on the command line is one of these {len(everything)} metrics. Each is defined "
        "once, in `tas_analytics/metrics`, and nothing else in the program computes it. The page *Glossary* shows the "
        "same list.",
        "**Unit**: money is in the reporting currency; a percentage is printed as a share between 0 and 1 in CSV and "
        "JSON. **Adds up**: the values of the groups of a split sum to the total. **Rows** are what the formula "
        "aggregates:",
        "\n".join(f"- *{grain}*: {words}" for grain, words in _GRAINS.items()),
        "Rows of different kinds are never joined before they are summed, so a deal with several targets, stays or "
        "versions counts once. `ratio(a, b)` is a ÷ b, and nothing where b is nothing or zero: no metric is ever "
        "infinite.",
    ]
    groups = {one.group: [other for other in everything if other.group == one.group] for one in everything}
    lines.append(
        "\n".join(f"- [{group}](#{markdown.anchor(group)}): " + _links(members) for group, members in groups.items())
    )
    lines[-1] += "\n- [Dimensions](#dimensions): the ways to split and filter"
    for group, members in groups.items():
        lines.append(f"## {group}")
        for one in members:
            lines += _metric(one)
    lines.append("## Dimensions")
    lines.append(
        "Every metric can be split and filtered by these. Targets are known for people and teams only, so metrics that "
        "need a target are blank in a split by anything else."
    )
    lines.append(
        markdown.table(
            ("Dimension", "Key", "Definition", "Targets have it"),
            [(one.label, f"`{one.key}`", one.doc, "yes" if one.person_sql else "") for one in DIMENSIONS],
        )
    )
    lines.append(
        "Only the metrics of the assessment can be split by these, because a deal has many ratings; every other metric "
        "is blank there."
    )
    lines.append(
        markdown.table(("Dimension", "Key", "Definition"), [(o.label, f"`{o.key}`", o.doc) for o in RATING_DIMENSIONS])
    )
    return markdown.page(lines)


def _metric(one: Metric) -> Iterator[str]:
    yield f"### {one.label}"
    facts = [f"`{one.key}`", one.unit, _BETTER[one.better], f"*{one.grain}* rows"]
    if one.additive:
        facts.append("adds up")
    if one.base:
        facts.append(f"rests on `{one.base}` cases")
    yield " · ".join(facts)
    yield markdown.text(one.doc) + (f" *Other definitions:* {markdown.text(one.rivals)}" if one.rivals else "")
    yield f"```sql\n{one.formula}\n```"
    if one.source:
        yield f"Source: {markdown.text(one.source)}."


def _links(members: Sequence[Metric]) -> str:
    return ", ".join(f"[{one.label.lower() if one.label[1:].islower() else one.label}](#{markdown.anchor(one.label)})"
                     for one in members)  # fmt: skip


def dictionary_page() -> str:
    """The text of ``docs/data-dictionary.md``."""
    lines = [
        "# Data dictionary",
        _NOTICE,
        "First the tables that can be imported, in the words of `python -m tas_analytics schema`; then every table and "
        "column of the store, from the comments that the store itself carries.",
        "## Importable tables",
        "Any order of columns, any subset of them, as long as the needed ones are there. [importing.md](importing.md) "
        "says how cells of each kind may be written.",
    ]
    for one in TABLES:
        lines += _importable(one)
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(Path(folder) / "fresh.duckdb")
        try:
            tables = dict(
                store.rows(
                    "select table_name, comment from duckdb_tables() union all "
                    "select view_name, comment from duckdb_views() where not internal order by 1"
                )
            )
            columns = store.rows(
                "select table_name, column_name, data_type, is_nullable, comment from duckdb_columns() "
                "where not internal order by table_name, column_index"
            )
        finally:
            store.close()
    by_table = {name: list(rows) for name, rows in groupby(columns, key=lambda row: str(row[0]))}
    lines.append("## Tables of the store")
    lines.append(
        "There are no keys, constraints or sequences in the file, on purpose "
        "([decision 002](decisions/002-portable-schema.md)): `python -m tas_analytics check` proves what they would "
        "promise."
    )
    told: set[str] = set()
    for heading, what, members in _GROUPS:
        names = [n for n in tables if n.endswith(members)] if isinstance(members, str) else list(members)
        told |= set(names)
        lines += [f"### {heading}", what]
        for name in names:
            lines += _stored(name, str(tables[name] or ""), by_table[name], brief=members == "_state")
    if left := sorted(set(tables) - told):
        raise SystemExit(f"tools/make_docs.py does not know where to put: {', '.join(left)}")
    return markdown.page(lines)


def _importable(one: Table) -> Iterator[str]:
    yield f"### {one.label}"
    yield f"`{one.name}`: {markdown.text(one.doc)} A record is known by {markdown.listed(one.key)}."
    yield markdown.table(
        ("Column", "Kind", "Needed", "Meaning"),
        [(f"`{c.name}`", c.kind, "yes" if c.required else "", c.doc) for c in one.columns],
    )


def _stored(name: str, comment: str, columns: Sequence[tuple[Any, ...]], *, brief: bool) -> Iterator[str]:
    yield f"#### {name}"
    yield markdown.text(comment)
    kept = [row for row in columns if not brief or row[1] in {"record_key", "state_hash"}]
    yield markdown.table(
        ("Column", "Type", "May be blank", "Meaning"),
        [(f"`{row[1]}`", str(row[2]).lower(), "yes" if row[3] else "", str(row[4] or "")) for row in kept],
    )


def commands() -> str:
    """The generated part of ``docs/command-line.md``."""
    group: Any = typer.main.get_command(app)
    lines = [_NOTICE, "Before any command:", _parameters(group.params)]
    for name, command in group.commands.items():
        lines.append(f"### {name}")
        lines.append(markdown.text(str(command.help).strip()))
        words = [f"python -m tas_analytics {name}"]
        words += [p.metavar or p.name.upper() for p in command.params if not _is_option(p)]
        words += [_shown(p) if p.required else f"[{_shown(p)}]" for p in command.params if _is_option(p)]
        lines.append(f"```text\n{markdown.wrapped(words)}\n```")
        if command.params:
            lines.append(_parameters(command.params))
    return "\n\n".join(lines)


def headers() -> str:
    """The generated part of ``docs/importing.md``: the presets, and the names by which columns are known."""
    lines = [_NOTICE, "### Systems known by their headers"]
    lines.append(
        markdown.table(
            ("System and export", "`--source`", "Table", "Known by"),
            [
                (
                    one.title,
                    f"`{one.key}`",
                    f"`{one.table}`",
                    ", ".join(" or ".join(names) for names in one.require)
                    + (f", and {one.at_least} or more of: {', '.join(one.some_of)}" if one.at_least else ""),
                )
                for one in presets()
            ],
        )
    )
    lines.append("### Headers understood in any file")
    lines.append(
        "Case, accents, blanks, underscores and punctuation do not matter: `Close Date`, `close_date`, `CloseDate`."
    )
    known = synonyms()
    for table in TABLES:
        names = known.get(table.name, {})
        lines.append(f"#### {table.label}")
        lines.append(
            markdown.table(
                ("Column", "Headers"),
                [(f"`{c.name}`", ", ".join(_once([c.label, *names.get(c.name, [])]))) for c in table.columns],
            )
        )
    return "\n\n".join(lines)


def _once(names: Sequence[str]) -> list[str]:
    """Each header once, whatever its case and punctuation."""
    first: dict[str, str] = {}
    for name in names:
        first.setdefault(normal(name), name)
    return list(first.values())


def renewed(path: Path, part: str) -> str:
    """The text of a page that people write, with its generated part written anew."""
    head, begin, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{path.name} lacks the lines {BEGIN} and {END}.")
    return f"{head}{BEGIN}\n\n{part}\n\n{END}{tail}"


def _is_option(parameter: Any) -> bool:
    return str(parameter.opts[0]).startswith("-")


def _shown(parameter: Any) -> str:
    flags = "/".join([*parameter.opts, *parameter.secondary_opts])
    return flags if parameter.is_flag else f"{flags} {_metavar(parameter)}"


def _metavar(parameter: Any) -> str:
    if isinstance(parameter.default, Enum):
        return "|".join(str(member.value) for member in type(parameter.default))
    return str(parameter.metavar or type(parameter.default).__name__.upper().replace("INT", "NUMBER"))


def _parameters(parameters: Sequence[Any]) -> str:
    rows = []
    for one in parameters:
        if "--help" in one.opts:
            continue
        default = one.default.value if isinstance(one.default, Enum) else one.default
        said = "" if default in (None, "", False) or one.required else f" Default: `{default}`."
        name = _shown(one) if _is_option(one) else one.metavar or one.name.upper()
        rows.append((f"`{name}`", f"{one.help or ''}{said}"))
    return markdown.table(("Argument or option", "Meaning"), rows)


def pages() -> dict[Path, str]:
    """Every generated file with the text that it should have."""
    return {
        DOCS / "metrics.md": metrics_page(),
        DOCS / "data-dictionary.md": dictionary_page(),
        DOCS / "command-line.md": renewed(DOCS / "command-line.md", commands()),
        DOCS / "importing.md": renewed(DOCS / "importing.md", headers()),
    }


def outdated() -> list[Path]:
    """Generated files that are missing or differ from what they should be."""
    return [
        path
        for path, text in pages().items()
        if not path.is_file() or path.read_text(encoding="utf-8").replace("\r\n", "\n") != text
    ]


def main(words: Sequence[str] | None = None) -> int:
    """Write the pages, or with ``--check`` name those that are out of date."""
    parser = argparse.ArgumentParser(description="Write the generated pages of docs/.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if a page is out of date")
    options = parser.parse_args(words)
    if options.check:
        old = outdated()
        for path in old:
            print(f"{path.relative_to(ROOT)} is out of date: run `make docs`.", file=sys.stderr)
        return 1 if old else 0
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8", newline="\n")
        print(path.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
