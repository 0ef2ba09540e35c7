"""The bytes of one delimited text file, turned into a table of text, unaided.

Everything that has to be decided (encoding, delimiter, header, where the table ends) is decided from the whole
file and said in a note; everything that does not fit is repaired with a note, set aside with its reason, or
refused by name. Nothing is dropped in silence.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from tas_analytics.ingest import dialect as dialects, records, signatures
from tas_analytics.ingest.assembly import Assembly
from tas_analytics.ingest.encoding import decode
from tas_analytics.ingest.texttable import Note, TextTable, Unplaced

__all__ = ["Note", "TextTable", "Unplaced", "read_table"]


def read_table(data: bytes, name: str) -> TextTable:
    r"""Read one delimited text file.

    Parameters
    ----------
    data
        The bytes of the file.
    name
        What the file is called; used in messages only.

    Returns
    -------
    TextTable
        The cells as text, with the decisions and repairs.

    Raises
    ------
    UnreadableFile
        Where the file is no table of text; the title says what it seems to be.

    Examples
    --------
    >>> table = read_table(b"Deal;Amount\nA;1,50\nB;2,00\n", "deals.csv")
    >>> table.columns, table.delimiter, table.data.to_pylist()[0]
    (('Deal', 'Amount'), ';', {'c0': 'A', 'c1': '1,50', 'line': 2})
    """
    signatures.refuse_binary(data, name)
    text, encoding, notes = decode(data, name)
    signatures.refuse_markup(text, name)
    lines = records.split_lines(text)
    del text
    skip = 1 if lines[0].strip().lower() in {f"sep={sign}".strip() for sign in dialects.DELIMITERS} else 0
    dialect = dialects.detect(lines[skip:])
    if dialect.width < 2:
        unwrapped = records.unwrap(lines)
        if unwrapped is not None:
            lines = unwrapped
            dialect = dialects.detect(lines[skip:])
            notes.append(Note("repair", 1, "Every line was wrapped whole into quotation marks; they were taken off."))
    assembly = Assembly(name, lines, dialect, notes)
    assembly.read_head(skip)
    with _collector_at_rest():
        assembly.read_body()
    return assembly.table(encoding)


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Without the cyclic garbage collector: it finds nothing in lists of text, and takes a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
