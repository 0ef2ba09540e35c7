"""A mapping file: what has been settled about a recurring export, as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Literal

from tas_analytics.errors import UnreadableFile
from tas_analytics.ingest.planning.plan import Options, Prepared

_HINT: Final = 'It is JSON such as {"table": "opportunities", "columns": {"stage": "Deal Stage"}}.'
_ORDERS: Final = ("dmy", "mdy")
_MARKS: Final = (".", ",")
_ATTRIBUTES: Final = ("auto", "none")


def with_mapping(options: Options, path: Path) -> Options:
    """The options with what a mapping file says; what the options say themselves wins.

    Raises
    ------
    UnreadableFile
        The file is not there, or is no mapping.
    """
    try:
        said = json.loads(path.read_text(encoding="utf-8-sig"))
        if not isinstance(said, dict) or "columns" not in said:
            raise ValueError("no columns")
        file = said_of(said)
    except (OSError, ValueError, TypeError) as error:
        raise UnreadableFile(f"The mapping {path} cannot be read", _HINT) from error
    return replace(
        options,
        as_table=options.as_table or file.as_table,
        source=options.source or file.source,
        columns=file.columns,
        date_order=options.date_order or file.date_order,
        decimal=options.decimal or file.decimal,
        attributes=options.attributes if options.attributes != "auto" else file.attributes,
    )


def mapping_text(file: Prepared) -> str:
    """How a file is read, as a mapping file: every decision spelled out, so that the next file is read the same way."""
    date = file.convention_of("date", "timestamp")
    money = file.convention_of("money") or file.convention_of("number")
    settled = replace(
        file.options,
        as_table=file.table_name,
        source=file.mapping.source,
        columns=dict(file.mapping.columns),
        date_order=file.options.date_order or (date.date_order if date else None),
        decimal=file.options.decimal or (money.decimal if money else None),
    )
    return json.dumps(written(settled), ensure_ascii=False, indent=2) + "\n"


def mapping_name(file_name: str) -> str:
    """What the mapping of a file is called: ``deals.mapping.json``."""
    return f"{Path(file_name).stem}.mapping.json"


def written(options: Options) -> dict[str, Any]:
    """What options say of files of a kind, in the words of a mapping file; what they leave open is left out."""
    said = {
        "table": options.as_table,
        "source": options.source,
        "columns": dict(options.columns) if options.columns is not None else None,
        "date_order": options.date_order if options.date_order in _ORDERS else None,
        "decimal": options.decimal if options.decimal in _MARKS else None,
        "attributes": options.attributes if options.attributes != "auto" else None,
    }
    return {key: value for key, value in said.items() if value is not None}


def said_of(said: Mapping[str, Any]) -> Options:
    """The options that the words of a mapping file stand for.

    Raises
    ------
    ValueError
        They are no mapping.
    """
    columns = said.get("columns")
    if columns is not None:
        if not isinstance(columns, dict):
            raise ValueError("columns")
        columns = {str(column): str(header) for column, header in columns.items()}
    attributes: Literal["auto", "none"] = "none" if said.get("attributes") == "none" else "auto"
    if said.get("attributes") not in (None, *_ATTRIBUTES):
        raise ValueError("attributes")
    return Options(
        as_table=_text(said, "table"),
        source=_text(said, "source"),
        columns=columns,
        date_order=_text(said, "date_order", _ORDERS),
        decimal=_text(said, "decimal", _MARKS),
        attributes=attributes,
    )


def _text(said: Mapping[str, Any], key: str, known: tuple[str, ...] = ()) -> str | None:
    value = said.get(key)
    if value is None or (isinstance(value, str) and (not known or value in known)):
        return value
    raise ValueError(key)
