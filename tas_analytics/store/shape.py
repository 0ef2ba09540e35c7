"""What an importable table and its columns are.

A column's ``kind`` says how its text is read: ``text``, ``date``, ``timestamp`` (a day, with a time
of day where the file has one), ``money``, ``number``, ``percent`` (stored as a share between 0 and 1),
``integer``, ``boolean``, ``duration`` (stored in days) or ``period``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tas_analytics.errors import UnknownTable

Kind = Literal["text", "date", "timestamp", "money", "number", "percent", "integer", "boolean", "duration", "period"]


@dataclass(frozen=True)
class Column:
    """One importable column."""

    name: str
    kind: Kind
    label: str
    doc: str
    required: bool = False


@dataclass(frozen=True)
class Table:
    """One importable table; ``key`` names the columns that identify a record.

    ``own_id`` is a column that alone identifies a record where a file fills it.
    """

    name: str
    one: str
    label: str
    doc: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    own_id: str | None = None

    def column(self, name: str) -> Column:
        """The column of that name."""
        for column in self.columns:
            if column.name == name:
                return column
        raise UnknownTable(
            f'Table "{self.name}" has no column "{name}"', f"It has: {', '.join(c.name for c in self.columns)}."
        )

    @property
    def of_deals(self) -> bool:
        """Whether its records belong to a deal, which may be loaded before or after them."""
        return self.name != "opportunities" and any(column.name == "opportunity_id" for column in self.columns)
