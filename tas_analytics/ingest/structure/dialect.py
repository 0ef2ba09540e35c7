"""How a delimited file is written: its delimiter, its quotation mark and how a quote inside a cell is escaped.

The decision rests on many lines, not on the first: for every candidate the sample is taken apart, and the
candidate wins whose rows agree best in their number of cells and whose cells look most like values.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from tas_analytics.ingest.structure.quoting import patient

if TYPE_CHECKING:
    from tas_analytics.ingest.structure.shapes import Shapes

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
    " ": "blanks",
}
_LONG_SIGNS: Final = ("|~|", "~|~", "^|^", "#|#", "||", "::", ";;", "\t\t", "~~", "^^", "##", "@@", "\\t")
#: Stands for a delimiter of several signs while the rows are read.
_SHORT: Final = "\x1f"
#: A cell over more lines is none, but a quotation mark that was never closed.
_LONGEST_CELL: Final = 50
#: A dialect with a lower score is doubtful.
_WEAK: Final = 0.3
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
    number of cells. ``doubled`` says that double quotation marks are written twice although cells are quoted with
    single ones. ``sign`` is a delimiter of several signs, as it is written: :func:`plain_lines` puts ``delimiter`` in
    its place. ``shapes`` is what the columns look like, once that has been learned: damaged rows are mended by it.
    """

    delimiter: str
    quote: str = '"'
    escape: bool = False
    skip_space: bool = False
    width: int = 1
    score: float = 0.0
    evidence: str = ""
    doubled: bool = False
    sign: str = ""
    shapes: Shapes | None = field(default=None, compare=False, repr=False)

    @property
    def named(self) -> str:
        """What stands between the columns, in words."""
        return f'"{self.sign}"' if self.sign else NAMES[self.delimiter]

    def rows(self, lines: list[str], *, strict: bool = False) -> list[list[str]]:
        """The records of some lines; for samples, not for whole files."""
        reader = csv.reader(
            plain_lines(lines, self),
            delimiter=self.delimiter,
            quotechar=self.quote,
            skipinitialspace=self.skip_space,
            strict=strict,
        )
        return list(reader)


def unescape(lines: Sequence[str], quote: str) -> list[str]:
    """Backslash escapes of quotes, rewritten as doubled quotes.

    The standard library's ``escapechar`` would also swallow every other backslash, such as those of a path; only an
    escaped quote and an escaped backslash before one may change.
    """
    pattern = re.compile(r"\\(\\+)?" + re.escape(quote) if quote else r"(?!)")

    def double(match: re.Match[str]) -> str:
        slashes = match.group()[:-1]
        return "\\" * (len(slashes) // 2) + (quote * 2 if len(slashes) % 2 else quote)

    return [pattern.sub(double, line) if "\\" in line else line for line in lines]


def plain_lines(lines: Sequence[str], dialect: Dialect) -> Sequence[str]:
    """The lines with every delimiter and every quotation mark inside a cell as the standard library knows them."""
    if dialect.sign:
        return _with_short_delimiters(lines, dialect)
    if dialect.escape:
        return unescape(lines, dialect.quote)
    if dialect.doubled:
        return [line.replace('""', '"') for line in lines]
    return lines


def _with_short_delimiters(lines: Sequence[str], dialect: Dialect) -> list[str]:
    """Lines with the short delimiter in place of the long one, except inside quoted cells."""
    quote, sign, short = dialect.quote, dialect.sign, dialect.delimiter
    odd = [index for index, line in enumerate(lines) if quote in line and line.count(quote) % 2]
    # A quotation mark without its pair opens a cell that goes on to the next such line, if that is near.
    opened: dict[int, int] = {}
    while len(odd) > 1:
        first = odd.pop(0)
        if odd[0] - first <= _LONGEST_CELL:
            opened[first] = odd.pop(0)
    plain: list[str] = []
    inside, until = False, -1
    for index, line in enumerate(lines):
        if index in opened:
            until = opened[index]
        inside = index <= until and index not in opened
        parts = line.split(quote)
        begin = 1 if inside else 0
        parts[begin::2] = [part.replace(sign, short) for part in parts[begin::2]]
        plain.append(quote.join(parts))
    return plain


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
    best = _long(sample, text)
    for delimiter in DELIMITERS if best is None else ():
        if delimiter not in text:
            continue
        if delimiter in "^~" and text.count(delimiter) < 2 * len([line for line in sample if line.strip()]) - 4:
            continue  # rare signs must run through the whole file, or a stray one would decide
        candidate = _best_variant(sample, text, delimiter, quote)
        if best is None or candidate.score > best.score + 1e-9:
            best = candidate
    if best is None or (best.score < _WEAK and best.delimiter not in next(filter(str.strip, sample), "")):
        best = _spaced(sample) or best
    if best is not None and best.quote == "'" and text.count('""') > 1 and '"' not in text.replace('""', ""):
        best = replace(best, doubled=True)
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
        # Apostrophes at the ends of words look like quotation marks; apostrophes inside quoted cells hide real ones.
        single, double = (_agreement(Dialect(delimiter, sign), sample) for sign in "'\"")
        quote = "'" if single > 0.95 and single > double else '"'
    variants = [Dialect(delimiter, quote)]
    if f"\\{quote}" in text:
        variants.append(Dialect(delimiter, quote, escape=True))
    if re.search(rf"{re.escape(delimiter)} +{quote}", text):
        variants += [Dialect(v.delimiter, v.quote, v.escape, skip_space=True) for v in variants]
    best = _rate(variants[0], sample, len(variants) > 1)
    for variant in variants[1:]:
        rated = _rate(variant, sample, True)
        if variant.escape and _tidiness(variant, sample) < 0.9:
            continue  # a backslash that happens to stand before a quotation mark is no system of escapes
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
    return replace(dialect, width=width, score=round(score, 9), evidence=evidence)


def _agreement(dialect: Dialect, sample: list[str]) -> float:
    """Share of the lines that have the usual number of cells when quotation marks are read with patience."""
    widths: Counter[int] = Counter()
    for line in filter(str.strip, sample[:300]):
        cells, closed = patient(line.rstrip("\r\n"), dialect)
        widths[len(cells) if closed else 0] += 1
    return max((count for width, count in widths.items() if width > 1), default=0) / max(1, widths.total())


def _long(sample: list[str], text: str) -> Dialect | None:
    """A delimiter of several signs, none of which stands anywhere alone."""
    for sign in _LONG_SIGNS:
        if sign not in text or _SHORT in text:
            continue
        bare = [re.sub(r'"(?:[^"]|"")*"', "x", line.strip("\r\n")) for line in sample if line.strip()]
        counts = Counter(line.count(sign) for line in bare)
        usual, lines = counts.most_common(1)[0]
        alone = sum(1 for line in bare if any(part in line.replace(sign, "") for part in sign if not part.isalnum()))
        if usual and len(bare) > 1 and lines >= 0.9 * len(bare) and alone <= 0.02 * len(bare) and bare[0].count(sign):
            evidence = f"{lines:,} of {len(bare):,} lines looked at have {usual + 1} cells"
            return Dialect(_SHORT, width=usual + 1, score=1.0, evidence=evidence, sign=sign)
    return None


def _spaced(sample: list[str]) -> Dialect | None:
    """Blanks as delimiters: only below a header of single words, and where values stand in line under it."""
    rows = [row for row in Dialect(" ").rows(sample[:600]) if any(row)]
    if len(rows) < 4:
        return None
    header, body = rows[0], rows[1:]
    width = len(header)
    exact = [row for row in body if len(row) == width]
    words = all(header) and len({*header}) == width and not any(_VALUE.fullmatch(name) for name in header)
    if width < 3 or not words or len(exact) < max(3, 0.3 * len(body)) or any(len(row) < width for row in body):
        return None
    # The first columns hold values in every row, those included in which a later cell has blanks of its own.
    values = [all(_VALUE.fullmatch(row[place]) for row in body) for place in range(width)]
    if not values[0] or sum(values) < 2:
        return None
    evidence = f"{len(exact) + 1:,} of {len(rows):,} rows looked at have {width} cells"
    return Dialect(" ", width=width, score=_WEAK, evidence=evidence)


def _is_prose(rows: list[list[str]]) -> bool:
    """Whether the cells are pieces of sentences: a comma in a letter makes no table."""
    cells = [cell for row in rows[:600] for cell in row]
    texts = [cell for cell in cells if cell.strip()]
    if sum(len(text.split()) for text in texts) <= 4 * len(texts):
        return False
    # Notes in a table are prose too, but beside them stand values and single words.
    return sum(1 for cell in cells if len(cell.split()) <= 1) < 0.4 * len(cells)


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
            plain_lines(lines[position:], dialect),
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
