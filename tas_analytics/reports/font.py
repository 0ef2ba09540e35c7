"""The font of the printed pack: the one that Streamlit brings along for the pages, so that paper and screen look alike.

It is a variable font in the web's compressed form. Only the characters that a document uses are taken out of it, which
makes the two weights in a moment and the document small.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Final

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

#: Style of the document → weight of the font.
WEIGHTS: Final = {"": 400, "B": 600}
#: Always there: what numbers and dates are made of, and the sign for what the font lacks.
_ALWAYS: Final = "".join(map(chr, range(32, 127))) + "…–−→·÷±\u2009\u2003\u00a0"


def write_fonts(text: str, folder: Path) -> dict[str, Path]:
    """Write a font file for each weight with the characters of a text; gives the files by style."""
    found = importlib.util.find_spec("streamlit")
    if found is None or found.origin is None:
        raise FileNotFoundError("Streamlit's fonts")
    source = next((Path(found.origin).parent / "static").rglob("SourceSansVF-Upright*.woff2"))
    font = TTFont(source)
    options = subset.Options(layout_features=["kern"], notdef_outline=True, name_IDs=["*"])
    cutter = subset.Subsetter(options)
    cutter.populate(text=_ALWAYS + text)
    cutter.subset(font)
    files = {}
    for style, weight in WEIGHTS.items():
        one = instancer.instantiateVariableFont(font, {"wght": weight}, inplace=False)
        one.flavor = None
        files[style] = folder / f"sans-{weight}.ttf"
        one.save(files[style])
    return files
