"""The fonts of the printed pack: the one that Streamlit brings along for the pages, and others for what it lacks.

Paper and screen look alike, and names in any script that a CRM holds can be read: Source Sans has the Latin, Greek and
Cyrillic letters, the fonts of the folder ``fonts`` the Chinese, Japanese, Korean, Arabic, Hebrew, Armenian, Georgian,
Thai and Indian (Devanagari) ones. All come in the web's compressed form. Only the characters that a document uses are
taken out of them, which makes the document small and leaves fonts alone that it does not need.
"""

from __future__ import annotations

import importlib.util
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

#: Style of the document → weight of the font.
WEIGHTS: Final = {"": 400, "B": 600}
#: Always there: what numbers and dates are made of, and the sign for what the font lacks.
_ALWAYS: Final = "".join(map(chr, range(32, 127))) + "…–−→·÷±\u202f\u00a0"
#: For what Source Sans lacks, in this order; what is in none of them is written as a question mark.
FALLBACKS: Final = (
    "DroidSansFallback.woff2",
    "DejaVuSans-part.woff2",
    "NotoSansThai-Regular.woff2",
    "NotoSansDevanagari-Regular.woff2",
)
_LINES: Final = ("Zl", "Zp")
_FOLDER: Final = Path(__file__).parent / "fonts"


@dataclass(frozen=True)
class Fonts:
    """The font files of a document.

    Parameters
    ----------
    styles
        The file by style.
    fallbacks
        Files for the characters that those lack, in the order in which they are to be asked.
    lacking
        Characters that no font has, and what stands for each: nothing for symbols and marks.
    """

    styles: dict[str, Path]
    fallbacks: tuple[Path, ...]
    lacking: dict[int, str]

    @property
    def shaped(self) -> bool:
        """Whether letters must be joined or stacked, as in Arabic: Chinese, Japanese and Korean ones stand alone."""
        return any(not file.stem.startswith("Droid") for file in self.fallbacks)


def write_fonts(text: str, folder: Path) -> Fonts:
    """Write font files with the characters of a text into a folder."""
    found = importlib.util.find_spec("streamlit")
    if found is None or found.origin is None:
        raise FileNotFoundError("Streamlit's fonts")
    source = next((Path(found.origin).parent / "static").rglob("SourceSansVF-Upright*.woff2"))
    font = TTFont(source)
    wanted = set(map(ord, writable(_ALWAYS + text))) - {ord("\n")}
    rest = wanted - set(font.getBestCmap())
    _cut(font, wanted - rest, ["kern"])
    styles = {}
    for style, weight in WEIGHTS.items():
        styles[style] = folder / f"sans-{weight}.ttf"
        _save(instancer.instantiateVariableFont(font, {"wght": weight}, inplace=False), styles[style])
    fallbacks = []
    for name in FALLBACKS:
        if not rest:
            break
        other = TTFont(_FOLDER / name)
        has = rest & set(other.getBestCmap())
        if has:
            # Letters that join or stack need the font's own rules.
            _cut(other, has | {0x20}, ["*"])
            fallbacks.append(folder / f"{name.partition('.')[0]}.ttf")
            _save(other, fallbacks[-1])
            rest -= has
    return Fonts(styles, tuple(fallbacks), {code: _stands_for(code) for code in rest})


def writable(text: str) -> str:
    """A text without what no font draws: control characters, joiners and line separators; wide blanks become three."""
    kept = (
        ch
        for ch in text
        if ch == "\n" or (unicodedata.category(ch)[0] != "C" and unicodedata.category(ch)[:2] not in _LINES)
    )
    return "".join(kept).replace("\u2003", 3 * "\u00a0")


def _cut(font: TTFont, codes: set[int], features: list[str]) -> None:
    cutter = subset.Subsetter(subset.Options(layout_features=features, notdef_outline=True, name_IDs=["*"]))
    cutter.populate(unicodes=codes)
    cutter.subset(font)


def _save(font: TTFont, path: Path) -> None:
    font.flavor = None
    font.save(path)


def _stands_for(code: int) -> str:
    """A question mark for a letter that no font has; pictures, marks and joiners are left out."""
    return "?" if unicodedata.category(chr(code))[0] in "LN" else ""
