"""A damaged header mended: like a damaged row (:mod:`mending`), but its names have no form to go by.

Only what is plain from the way the line is written is mended. Names that ran together without a trace stay together,
and the reader says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from tas_analytics.ingest.structure.dialect import Dialect
from tas_analytics.ingest.structure.mending import (
    DROPPED,
    FOREIGN,
    FOREIGN_DELIMITERS,
    MAX_LINE,
    SPLIT,
    Mended,
    Token,
    Try,
    choose,
    literal_quotes,
    parted_at_quotes,
    tokens,
)

#: In "Close DateAmount" and "IDName" a new name begins: after a small letter, or after a word of capitals.
_SEAM: Final = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z])|(?<=[A-Z][A-Z])(?=[A-Z][a-z])")
#: So many names written with blanks between their words say that the others are written so too.
_SPACED: Final = 2


def mend_header(line: str, dialect: Dialect, width: int, *, spare: bool) -> Mended | None:
    """The one way in which a stroke makes this line the header of the table; None where there is none or several.

    Parameters
    ----------
    line
        The line without its end.
    width
        The number of cells in the rows.
    spare
        Whether the last cell of every row is empty: then the rows may simply end in a delimiter.
    """
    if width < 2 or len(line) > MAX_LINE:
        return None
    tries = list(literal_quotes(line, dialect, width, None))
    split = tokens(line, dialect.delimiter, dialect.quote, skip_space=dialect.skip_space)
    if split is None:
        tries += parted_at_quotes(line, dialect, width, None)
    elif len(split) == width - 1:
        tries += _parted(split, dialect.quote, spare=spare)
    elif len(split) > width:
        names = [text for text, _ in split if text.strip()]
        if len(names) == width:
            tries.append(Try(0.0, tuple(names), DROPPED))
    for delimiter in FOREIGN_DELIMITERS:
        other = tokens(line, delimiter, dialect.quote, skip_space=delimiter != " ")
        if delimiter != dialect.delimiter and other is not None and len(other) == width:
            tries.append(Try(0.0, tuple(text for text, _ in other), FOREIGN))
    return choose([attempt for attempt in tries if all(cell.strip() for cell in attempt.cells)])


def _parted(split: list[Token], quote: str, *, spare: bool) -> Iterator[Try]:
    """Two names that ran together taken apart again."""
    texts = [text for text, _ in split]
    spaced = sum(" " in text.strip() for text in texts) > _SPACED
    for place, (text, quoted) in enumerate(split):
        if quoted:
            # Two quoted names that touch look like one with a doubled quotation mark in it.
            pieces = [tuple(text.split(quote))] if text.count(quote) == 1 else []
        elif spaced and not spare:
            pieces = [(text[: match.start()], text[match.start() :]) for match in _SEAM.finditer(text)]
        else:
            pieces = []
        for piece in pieces:
            yield Try(0.0, (*texts[:place], *piece, *texts[place + 1 :]), SPLIT)
