"""Where a command prints and which folder its paths start from.

Both are kept per context, because the dashboard may carry out a command for another process while
its own threads go on printing.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import sys
from collections.abc import Callable, Sequence
from contextvars import ContextVar, copy_context
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import typer

from tas_analytics.formats import csv_text
from tas_analytics.relay import Answer

if TYPE_CHECKING:
    import pandas as pd

_OUT: ContextVar[TextIO | None] = ContextVar("out", default=None)
_ERR: ContextVar[TextIO | None] = ContextVar("err", default=None)
_CWD: ContextVar[Path | None] = ContextVar("cwd", default=None)


class Format(StrEnum):
    """How ``measure`` prints."""

    table = "table"
    csv = "csv"
    json = "json"


def out(text: str) -> None:
    """A line of the result."""
    print(text, file=_OUT.get() or sys.stdout)


def err(text: str) -> None:
    """A line for the person who reads along."""
    print(text, file=_ERR.get() or sys.stderr)


def is_redirected() -> bool:
    """Whether the command is carried out for another process, which gets all output at the end."""
    return _ERR.get() is not None


def here(path: Path) -> Path:
    """A path as the caller meant it."""
    return (_CWD.get() or Path.cwd()) / path.expanduser()


def out_json(value: object) -> None:
    """A result as JSON; money as numbers, days and times as ISO text."""
    out(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def out_csv(frame: pd.DataFrame) -> None:
    """A result as CSV; text that a spreadsheet would take for a formula is made harmless."""
    # It ends with a line's end; to take that off would copy a million lines.
    print(csv_text(frame), end="", file=_OUT.get() or sys.stdout)


def out_records(frame: pd.DataFrame) -> None:
    """A result as a JSON list of rows."""
    out_json(json.loads(frame.to_json(orient="records", date_format="iso")))


def out_table(header: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool]) -> None:
    """Columns aligned with spaces; ``right`` says which are numbers."""
    cells = [list(header), *[list(row) for row in rows]]
    widths = [max(len(row[index]) for row in cells) for index in range(len(header))]
    for row in cells:
        line = "  ".join(
            text.rjust(width) if to_right else text.ljust(width)
            for text, width, to_right in zip(row, widths, right, strict=True)
        )
        out(line.rstrip())


def run_in(cwd: Path, act: Callable[[], Any]) -> Answer:
    """Run a command with its output caught and its paths starting at ``cwd``."""
    printed, said = io.StringIO(), io.StringIO()

    def redirected() -> int:
        _OUT.set(printed)
        _ERR.set(said)
        _CWD.set(cwd)
        try:
            result = act()
        except typer.Exit as leaving:
            return int(leaving.exit_code)
        return result if isinstance(result, int) else 0

    code = copy_context().run(redirected)
    return Answer(printed.getvalue(), said.getvalue(), code)


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat() if isinstance(value, dt.date) else str(value)
