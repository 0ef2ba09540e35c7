"""Bytes to text: which encoding a file is in, and why."""

from __future__ import annotations

import codecs
import itertools
import re
from collections.abc import Iterator
from typing import Final

from charset_normalizer import from_bytes

from tas_analytics.errors import UnreadableFile
from tas_analytics.ingest.structure.texttable import Note

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig", "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le", "utf-32-le"),  # before UTF-16: its first two bytes are the same
    (codecs.BOM_UTF32_BE, "utf-32-be", "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "utf-16-be"),
)
_LABELS: Final = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 with a byte order mark",
    "utf-16-le": "UTF-16 (little endian)",
    "utf-16-be": "UTF-16 (big endian)",
    "utf-32-le": "UTF-32 (little endian)",
    "utf-32-be": "UTF-32 (big endian)",
    "cp1252": "Windows-1252 (Western European)",
    "latin-1": "ISO-8859-1 (Western European)",
    "iso8859-15": "ISO-8859-15 (Western European)",
    "cp1250": "Windows-1250 (Central European)",
    "mac-roman": "Mac Roman",
    "cp850": "DOS code page 850",
    "gb18030": "GB18030 (Chinese)",
}
#: Tried in this order; a later one must fit clearly better, because Western exports are by far the most frequent.
_LATIN: Final = ("cp1252", "iso8859-15", "cp1250", "mac-roman", "cp850")
_COMMON_HANZI: Final = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得"
    "经十三之进等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些前外天政四日社义事平形相"
    "全表间样与关各重新线内数正心反明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军情者最立代想已通并提直题程展五果料"
    "象员位入常文总次品式活设及管特件长求老头基资边流路级少图统接知较将组见计别她手角期根论运农指几九区强放决西被做必战先回任取据处"
    "户客额称销售阶段产名金赢输交商司北京上海深圳广东省市区省有限科技集团股份李王张刘陈杨黄赵周吴东南负责联系"
)
_HIGH_LINE: Final = re.compile(rb"[\x80-\xff][^\r\n]*")
_GB_PAIRS: Final = re.compile(rb"[\xa1-\xa9\xb0-\xf7][\xa1-\xfe]")
_GB_FOUR: Final = re.compile(rb"[\x81-\xfe][0-9][\x81-\xfe][0-9]")
_HIGH_RUN: Final = re.compile(rb"[\x80-\xff]+")
_VALID_UTF8: Final = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}",
)
#: Non-letters that western business text does use, so that they speak for an encoding rather than against it.
_USUAL_SIGNS: Final = frozenset("€£¥§°©®™–—‘’“”„…•·«»\u00a0\u202f±²³½¼¿¡ºª´×")
_DIGITS: Final = frozenset("0123456789")


def label(encoding: str) -> str:
    """The name of an encoding as a person would write it."""
    return _LABELS.get(encoding, encoding.upper())


def decode(data: bytes, name: str) -> tuple[str, str, list[Note]]:
    """Turn a file's bytes into text.

    Returns
    -------
    tuple
        The text without byte order mark and NUL characters, the encoding's name as Python knows it,
        and the notes that say how it was decided and what was repaired.

    Raises
    ------
    UnreadableFile
        Where the bytes are no text in any encoding.
    """
    for bom, encoding, codec in _BOMS:
        if data.startswith(bom):
            text, repairs = _lenient(data[len(bom) :], codec)
            note = Note("encoding", None, f"The text is {label(encoding)}; its byte order mark says so.")
            return _without_nul(text, [note, *repairs], encoding)
    wide = _wide_without_bom(data)
    if wide is not None:
        text, repairs = _lenient(data, wide)
        note = Note("encoding", None, f"The text is {label(wide)}; every other byte is zero.")
        return _without_nul(text, [note, *repairs], wide)
    _refuse_noise(data, name)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return _legacy(data, name)
    why = "every byte is plain ASCII" if data.isascii() else "all its accented characters are valid in it"
    return _without_nul(text, [Note("encoding", None, f"The text is UTF-8: {why}.")], "utf-8")


def _wide_without_bom(data: bytes) -> str | None:
    """UTF-16 or UTF-32 that lost its mark: ASCII signs and line ends leave zeros on one side only."""
    sample = data[:65536]
    if len(sample) < 4 or b"\x00" not in sample:
        return None
    zeros = [sample[offset::4].count(0) / max(1, len(sample[offset::4])) for offset in range(4)]
    if zeros[0] < 0.1 and min(zeros[1:]) > 0.8:
        return "utf-32-le"
    if zeros[3] < 0.1 and min(zeros[:3]) > 0.8:
        return "utf-32-be"
    even, odd = (zeros[0] + zeros[2]) / 2, (zeros[1] + zeros[3]) / 2
    if odd > 0.1 and even < odd / 20:
        return "utf-16-le"
    if even > 0.1 and odd < even / 20:
        return "utf-16-be"
    return None


def _refuse_noise(data: bytes, name: str) -> None:
    """Refuse bytes full of control characters: no encoding makes a table of them."""
    sample = data[:65536]
    noise = sum(sample.count(code) for code in (*range(1, 9), *range(14, 27), 28, 29, 30, 31, 127))
    # Zeros alone are forgiven: padded and damaged exports have them in long runs.
    if noise * 50 > len(sample) or sample.count(0) * 10 > 9 * len(sample):
        raise UnreadableFile(
            f'"{name}" is a binary file, not text', "Export the list from the CRM as CSV and load that file."
        )


def _without_nul(text: str, notes: list[Note], encoding: str) -> tuple[str, str, list[Note]]:
    text = text.removeprefix("\ufeff")
    zeros = text.count("\x00")
    if zeros:
        notes.append(nul_note(zeros, line_ends(text[: text.index("\x00")]) + 1))
        text = text.replace("\x00", "")
    return text, encoding, notes


def _lenient(data: bytes, codec: str) -> tuple[str, list[Note]]:
    """Decode, and where single places are damaged read them as Windows-1252 (or mark them) and say so."""
    try:
        return data.decode(codec), []
    except UnicodeDecodeError:
        pass
    damaged: list[int] = []

    def mend(error: UnicodeError) -> tuple[str, int]:
        if not isinstance(error, UnicodeDecodeError):  # pragma: no cover - only decoding calls this
            raise error
        damaged.append(error.start)
        piece = error.object[error.start : error.end]
        return (piece.decode("cp1252", "replace") if codec == "utf-8" else "\ufffd"), error.end

    codecs.register_error("tas-mend", mend)
    text = data.decode(codec, "tas-mend")
    before = data[: damaged[0]].decode(codec, "replace")
    return text, [damage_note(len(damaged), line_ends(before) + 1, codec)]


def line_ends(text: str) -> int:
    """Number of line ends in a text, of whatever kind."""
    return text.count("\n") + text.count("\r") - text.count("\r\n")


def damage_note(places: int, line: int, codec: str) -> Note:
    """What is said of places that are not valid in the encoding; ``line`` is the first of them."""
    what = "1 place is" if places == 1 else f"{places:,} places are"
    how = "read as Windows-1252" if codec == "utf-8" else "marked with \ufffd"
    return Note("encoding", line, f"{what} not valid {label(codec)} and were {how}, first in line {line:,}.")


def nul_note(zeros: int, line: int) -> Note:
    """What is said of NUL characters that were taken out; ``line`` is the first of them."""
    signs = "1 NUL character was" if zeros == 1 else f"{zeros:,} NUL characters were"
    return Note("nul", line, f"{signs} removed; the first is in line {line:,}.")


def _sample(data: bytes) -> bytes:
    """Up to 4,000 of the lines that have bytes above ASCII: only those can tell the encoding."""
    return b"\n".join(itertools.islice(high_lines(data), 4000))[:400_000]


def high_lines(data: bytes) -> Iterator[bytes]:
    """The lines with bytes above ASCII, without their ends."""
    after = 0
    for match in _HIGH_LINE.finditer(data):
        begin = max(after, *(data.rfind(end, after, match.start()) + 1 for end in (b"\n", b"\r")))
        after = match.end()
        yield data[begin:after]


def _legacy(data: bytes, name: str) -> tuple[str, str, list[Note]]:
    """One of the encodings from before UTF-8, or UTF-8 with damaged places."""
    sample = _sample(data)
    high = sum(len(run) for run in _HIGH_RUN.findall(sample))
    valid = sum(len(run) for run in _VALID_UTF8.findall(sample))
    if valid >= 0.8 * high:
        text, repairs = _lenient(data, "utf-8")
        return _without_nul(text, [Note("encoding", None, "The text is UTF-8 with damaged places."), *repairs], "utf-8")
    chinese = _chinese_share(sample, high)
    if chinese > 0.15:
        try:
            text = data.decode("gb18030")
        except UnicodeDecodeError:
            text = data.decode("gb18030", "replace")
        note = "The text is GB18030 (Chinese): its bytes pair up to frequent Chinese characters."
        return _without_nul(text, [Note("encoding", None, note)], "gb18030")
    return _western_or_guess(data, sample)


def _chinese_share(sample: bytes, high: int) -> float:
    """Share of frequent characters when the sample is read as GB18030; 0 where the bytes do not pair up."""
    # GB18030 writes rare signs, the yen sign among them, as high byte, digit, high byte, digit.
    plain, fours = _GB_FOUR.subn(b" ", sample)
    high -= 2 * fours
    paired = 2 * sum(len(_GB_PAIRS.findall(run)) for run in _HIGH_RUN.findall(plain) if len(run) % 2 == 0)
    if high <= 0 or paired < 0.8 * high:
        return 0.0
    text = sample.decode("gb18030", "replace")
    hanzi = [sign for sign in text if "\u4e00" <= sign <= "\u9fff"]
    return sum(sign in _COMMON_HANZI for sign in hanzi) / len(hanzi) if hanzi else 0.0


def _western_or_guess(data: bytes, sample: bytes) -> tuple[str, str, list[Note]]:
    scores: dict[str, float] = {}
    for codec in _LATIN:
        try:
            scores[codec] = _plausibility(sample.decode(codec))
        except UnicodeDecodeError:
            continue
    best = _LATIN[0] if _LATIN[0] in scores else "latin-1"
    for codec, score in scores.items():
        # Equal fit goes to Windows-1252; only the euro sign's other place needs no more than a small lead.
        lead = 0.02 if codec == "iso8859-15" else 0.2
        if score > scores.get(best, -1.0) + lead:
            best = codec
    why = "its accented letters make sense in it"
    if scores.get(best, -1.0) < 0.3:
        guess = from_bytes(sample).best()
        # Wide encodings have been looked for already: here they would make rare characters of any letters.
        if guess is not None and not guess.encoding.startswith(("utf_", "ascii")):
            best, why = guess.encoding, "it fits the frequencies of the letters best"
    try:
        text = data.decode(best)
    except UnicodeDecodeError:
        # Latin-1 gives every byte a character: better a wrong accent than no file.
        best, why = "latin-1", "no other encoding fits all its bytes"
        text = data.decode("latin-1")
    return _without_nul(text, [Note("encoding", None, f"The text is {label(best)}: {why}.")], best)


def _plausibility(text: str) -> float:
    """How much the non-ASCII characters look like Latin-script words; 1 at best, below 0 for rubbish."""
    good = total = 0.0
    padded = f" {text} "
    for index, sign in enumerate(padded):
        if sign < "\x80":
            continue
        total += 1
        before, after = padded[index - 1], padded[index + 1]
        if sign.isalpha() and sign not in _USUAL_SIGNS:
            run = before >= "\x80" and before.isalpha() and after >= "\x80" and after.isalpha()
            wrong_case = sign.isupper() and before.islower()
            odd = sign in "þðÞÐƒµ" or run or wrong_case
            alone = not before.isalpha() and not after.isalpha()  # "à" is a word, but few letters are
            good += -1 if odd else 0.3 if alone else 1
        elif before.isalpha() and after.isalpha() and sign not in "’‘·´–\u00a0":
            good -= 1
        else:
            amount = sign in "€£¥" and bool({before, after, padded[max(0, index - 2)]} & _DIGITS)
            good += 1 if amount else 0.5 if sign in _USUAL_SIGNS else -1
    return good / total if total else 0.0
