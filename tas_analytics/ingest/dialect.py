"""How a delimited file is written: its delimiter, its quotation mark and how a quote inside a cell is escaped.

The decision rests on many lines, not on the first: for every candidate the sample is taken apart, and the
candidate wins whose rows agree best in their number of cells and whose cells look most like values.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass
from typing import Final

#: A cell may be as long as the file: the library's limit of 128 KB would refuse long notes. (A C long on Windows.)
csv.field_size_limit(2**31 - 1)

DELIMITERS: Final = (",", ";", "\t", "|", "^", "~")
NAMES: Final = {
    ",": "commas",
    ";": "semicolons",
    "\t": "tabs",
    "|": "vertical bars",
    "^": "circumflexes",
    "~": "tildes",
}
_SAMPLE_LINES: Final = 3000
_SAMPLE_CHARS: Final = 600_000
#: What a value looks like: a number, date, amount or percent; anything without a candidate delimiter passes too.
_VALUE: Final = re.compile(r"[^\d;\t|,\"]{0,4}[-+(]?\d[\d.,:/ '\u00a0\u202f\u2009-]*\)?[^\d;\t|,\"]{0,5}")
_FOREIGN: Final = re.compile(r"[,;\t|]")


@dataclass(frozen=True)
class Dialect:
    """How a file is written, with the evidence for it.

    ``escape`` says that a quote after a backslash stands for a quote inside a quoted cell; ``skip_space`` that
    blanks after a delimiter come before an opening quote and do not belong to the cell. ``width`` is the usual
    number of cells.
    """

    delimiter: str
    quote: str = '"'
    escape: bool = False
    skip_space: bool = False
    width: int = 1
    score: float = 0.0
    evidence: str = ""

    def rows(self, lines: list[str], *, strict: bool = False) -> list[list[str]]:
        """The records of some lines; for samples, not for whole files."""
        reader = csv.reader(
            unescape(lines, self.quote) if self.escape else lines,
            delimiter=self.delimiter,
            quotechar=self.quote,
            skipinitialspace=self.skip_space,
            strict=strict,
        )
        return list(reader)


def unescape(lines: list[str], quote: str) -> list[str]:
    """Backslash escapes of quotes, rewritten as doubled quotes.

    The standard library's ``escapechar`` would also swallow every other backslash, such as those of a path; only an
    escaped quote and an escaped backslash before one may change.
    """
    pattern = re.compile(r"\\(\\+)?" + re.escape(quote) if quote else r"(?!)")

    def double(match: re.Match[str]) -> str:
        slashes = match.group()[:-1]
        return "\\" * (len(slashes) // 2) + (quote * 2 if len(slashes) % 2 else quote)

    return [pattern.sub(double, line) if "\\" in line else line for line in lines]


def detect(lines: list[str]) -> Dialect:
    """Decide how a file is written.

    Parameters
    ----------
    lines
        The lines of the file with their line ends.
    """
    sample = _sample(lines)
    text = "".join(sample)
    quote = _quote(text)
    best: Dialect | None = None
    for delimiter in DELIMITERS:
        if delimiter not in text:
            continue
        if delimiter in "^~" and text.count(delimiter) < 2 * len([line for line in sample if line.strip()]) - 4:
            continue  # rare signs must run through the whole file, or a stray one would decide
        candidate = _best_variant(sample, text, delimiter, quote)
        if best is None or candidate.score > best.score + 1e-9:
            best = candidate
    if best is None or best.width < 2:
        # One column: read with a delimiter that does not occur, so that a comma in a name splits nothing.
        absent = next((sign for sign in DELIMITERS if sign not in text), ",")
        return Dialect(absent, quote, evidence="no delimiter splits its lines into a table")
    return best


def _sample(lines: list[str]) -> list[str]:
    taken: list[str] = []
    size = 0
    for line in lines[:_SAMPLE_LINES]:
        taken.append(line)
        size += len(line)
        if size > _SAMPLE_CHARS:
            break
    return taken


def _quote(text: str) -> str:
    """The single quote only where it stands at the edges of cells far more often than the double one."""
    edges = {}
    for quote in "\"'":
        opening = len(re.findall(rf"(?:^|[,;\t|^~] ?){quote}", text, re.MULTILINE))
        closing = len(re.findall(rf"{quote}(?=[,;\t|^~\r\n]|\Z)", text))
        edges[quote] = min(opening, closing)
    return "'" if edges["'"] >= 2 and edges["'"] > 3 * edges['"'] else '"'


def _best_variant(sample: list[str], text: str, delimiter: str, quote: str) -> Dialect:
    """The plain dialect, unless a variant for escapes or blanks before quotes reads clearly better."""
    if quote == "'" and _tidiness(Dialect(delimiter, quote), sample) < 0.9:
        quote = '"'  # apostrophes at the ends of words only look like quotation marks
    variants = [Dialect(delimiter, quote)]
    if f"\\{quote}" in text:
        variants.append(Dialect(delimiter, quote, escape=True))
    if re.search(rf"{re.escape(delimiter)} +{quote}", text):
        variants += [Dialect(v.delimiter, v.quote, v.escape, skip_space=True) for v in variants]
    best = _rate(variants[0], sample, len(variants) > 1)
    for variant in variants[1:]:
        rated = _rate(variant, sample, True)
        if rated.score > best.score + 1e-6:
            best = rated
    return best


def _rate(dialect: Dialect, sample: list[str], pedantic: bool) -> Dialect:
    """The dialect with its score: agreement of the widths, number of columns, likeness to values."""
    try:
        rows = [row for row in dialect.rows(sample) if any(cell.strip() for cell in row)]
    except csv.Error:  # pragma: no cover - lax reading raises nothing that is known
        return dialect
    if len(sample) >= _SAMPLE_LINES and len(rows) > 1:
        rows.pop()  # it may have been cut off in the middle of a quoted cell
    widths = Counter(len(row) for row in rows)
    several = {width: count for width, count in widths.items() if width > 1}
    if not several:
        return dialect
    # The usual width: the most frequent one; of equally frequent ones the greater.
    width = max(several, key=lambda w: (several[w], w))
    agree = several[width] / len(rows)
    if len(rows) > 2 and (several[width] < 2 or (agree < 0.6 and _is_prose(rows))):
        return dialect
    likeness = _likeness(rows, dialect.quote)
    score = agree * agree * (1 - 1 / width) * likeness
    if pedantic:
        score *= _tidiness(dialect, sample)
    evidence = (
        f"{several[width]:,} of {len(rows):,} rows looked at have {width} cells"
        if several[width] < len(rows)
        else f"all {len(rows):,} rows looked at have {width} cells"
    )
    return Dialect(
        dialect.delimiter, dialect.quote, dialect.escape, dialect.skip_space, width, round(score, 9), evidence
    )


def _is_prose(rows: list[list[str]]) -> bool:
    """Whether the cells are pieces of sentences: a comma in a letter makes no table."""
    texts = [cell for row in rows[:600] for cell in row if cell.strip()]
    return sum(len(text.split()) for text in texts) > 4 * len(texts)


def _likeness(rows: list[list[str]], quote: str) -> float:
    known = total = 0
    for row in rows[:600]:
        for cell in row:
            total += 1
            text = cell.strip()
            if not text or (quote not in text and not _FOREIGN.search(text)) or _VALUE.fullmatch(text):
                known += 1
    return max(0.1, known / total) if total else 0.1


def _tidiness(dialect: Dialect, sample: list[str]) -> float:
    """Share of the lines at which a strict reading does not stumble."""
    stumbles = 0
    lines = sample[:600]
    position = 0
    while position < len(lines):
        reader = csv.reader(
            unescape(lines[position:], dialect.quote) if dialect.escape else lines[position:],
            delimiter=dialect.delimiter,
            quotechar=dialect.quote,
            skipinitialspace=dialect.skip_space,
            strict=True,
        )
        try:
            for _ in reader:
                pass
            break
        except csv.Error:
            stumbles += 1
            position += max(1, reader.line_num)
    return 1 - stumbles / (len(lines) + 1)
