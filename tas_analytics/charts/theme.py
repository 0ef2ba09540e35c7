"""The look of every chart: colour tokens, the base figure, direct labels.

A figure names its colours by *place*, not by value. Streamlit's front end swaps the places
``#000001`` to ``#000010`` for the theme's categorical colours, ``#000011`` to ``#000020`` for the
sequential and ``#000021`` to ``#000030`` for the diverging ones, and ``#000038`` for the page. So
one figure is right in light and in dark. Streamlit does not document this; it is relied on here
and nowhere else, and a browser test watches that no such place survives on the screen.

Outside a browser page (PDF, PPTX, HTML) :mod:`tas_analytics.charts.real_colours` does the same swap.
"""

from __future__ import annotations

import datetime as dt
import html
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final, Literal, TypedDict, Unpack

import pandas as pd
import plotly.graph_objects as go

from tas_analytics import formats

Side = Literal["left", "center", "right"]
#: Plotly has no type information: a figure is Any, and this is the only module that says so.
Figure = Any

# --- colours by meaning ------------------------------------------------------------------

#: The categorical places, in the order of the theme's ``chartCategoricalColors``.
CATEGORICAL: Final = tuple(f"#{place:06d}" for place in range(1, 11))
#: The ink ramp, from the lightest (grid) to the text colour.
INK: Final = tuple(f"#{place:06d}" for place in range(11, 21))
#: Against us … level … for us.
DIVERGING: Final = tuple(f"#{place:06d}" for place in range(21, 31))
#: The page itself.
PAPER: Final = "#000038"

WON, LOST, OPEN, COMMIT, BEST, RISK, OURS, THEIRS, TARGET, UNKNOWN = CATEGORICAL
#: What a column named ``meaning`` may say, and the colour it gets.
MEANING: Final[Mapping[str, str]] = {
    "won": WON,
    "lost": LOST,
    "open": OPEN,
    "commit": COMMIT,
    "best": BEST,
    "risk": RISK,
    "ours": OURS,
    "theirs": THEIRS,
    "target": TARGET,
    "unknown": UNKNOWN,
}
GRID, RULE, LINE, MUTED, TEXT = INK[0], INK[1], INK[5], INK[6], INK[9]
CLEAR: Final = "rgba(0,0,0,0)"

# --- type and measure --------------------------------------------------------------------

SANS: Final = '"Source Sans", "Source Sans 3", sans-serif'
SIZE: Final = 13
SMALL: Final = 12
#: The width a chart has on a phone of 390 px, a little less for safety. Labels must not collide here.
PHONE: Final = 350
#: The widest a label left of its mark may become; longer ones are shortened.
LEFT_CAP: Final = 150

#: For ``st.plotly_chart(config=…)``: no bar of buttons, nothing that zooms.
CONFIG: Final[dict[str, Any]] = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False}
#: For every trace: a click selects, but must not grey the rest.
KEEP: Final[dict[str, Any]] = {
    "selected": {"marker": {"opacity": 1}},
    "unselected": {"marker": {"opacity": 1}},
}

# Advance widths of the bundled Source Sans, in hundredths of the type size.
_WIDTHS: Final[dict[str, int]] = {
    letter: width
    for width, letters in {
        12: "\u202f",
        20: " \u00a0",
        25: "|',.:;ijl·I",
        30: "!f()[]{}-",
        35: "t/\\r",
        43: '*?sz"',
        47: "cvyx–J",
        50: "YFLk0123456789#$+<=>^_aeg~−€£",
        55: "VXESATZ`houbdnpq",
        59: "CPRKßB",
        62: "&DG→U●",
        66: "HNOQ",
        73: "wM",
        82: "W%m@",
        95: "…",
    }.items()
    for letter in letters
}
_TAG: Final = re.compile(r"<[^>]*>")
_PLACE: Final = re.compile(r"#0000(?=\d\d)")


def is_missing(value: object) -> bool:
    """Whether a cell holds nothing: None, NaN, NaT or NA."""
    return value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and math.isnan(value))


def number(value: object) -> float:
    """A cell as a finite float to draw with; a missing one is 0 (its label still says so)."""
    if is_missing(value):
        return 0.0
    result = float(value)  # type: ignore[arg-type]  # whatever is no number is a defect of the caller
    return result if math.isfinite(result) else 0.0


def maybe(value: object) -> float | None:
    """A cell as a float to write, None where it holds nothing."""
    return None if is_missing(value) or not math.isfinite(float(value)) else float(value)  # type: ignore[arg-type]


def plain(value: object) -> Any:
    """A cell as JSON knows it, for ``customdata``: no NumPy numbers, dates as ISO text."""
    if is_missing(value):
        return None
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    return value.item() if hasattr(value, "item") else value


def day(value: Any) -> dt.date:
    """Take a cell as a day, whatever kind of date pandas made of it."""
    if isinstance(value, dt.datetime):
        return value.date()
    return value if isinstance(value, dt.date) else pd.Timestamp(value).date()


def raw(value: object) -> str:
    """A cell as text, empty where it holds nothing."""
    return "" if is_missing(value) else str(value)


def clean(value: object) -> str:
    """Text from a CRM, safe in a chart: markup escaped, nothing the theme swap could touch."""
    return _PLACE.sub("#\u20600000", formats.escape_chart(raw(value)))


@lru_cache(maxsize=4096)  # places are sought by trying: the same label is measured again and again
def text_width(text: str, size: float = SIZE, *, bold: bool = False) -> float:
    """How wide a chart label is drawn, in pixels; tags do not count, ``<br>`` starts a new line."""

    def line(part: str) -> float:
        share = sum(_WIDTHS.get(c, 100 if unicodedata.east_asian_width(c) in "WF" else 55) for c in part)
        return share / 100 * size

    heavy = 1.06 if bold or "<b>" in text else 1.0
    return heavy * max(line(html.unescape(_TAG.sub("", part))) for part in text.split("<br>"))


def fit(value: object, pixels: float, size: float = SIZE, *, bold: bool = False) -> str:
    """Text from data, shortened with … to a width and made safe."""
    text = raw(value).replace("\n", " ")
    if text_width(clean(text), size, bold=bold) <= pixels:
        return clean(text)
    while text and text_width(clean(text) + "…", size, bold=bold) > pixels:
        text = text[:-1]
    return clean(text.rstrip()) + "…"


def strong(text: str, on: bool = True) -> str:
    """Bold, where it is meant to be."""
    return f"<b>{text}</b>" if on and text else text


def left_margin(labels: Iterable[object], size: float = SIZE, cap: float = LEFT_CAP) -> float:
    """The room that labels left of their marks need, up to a cap; 10 px of air included."""
    widest = max((text_width(clean(label), size, bold=True) for label in labels), default=0.0)
    return math.ceil(min(widest, cap)) + 10


# --- the figure and its direct labels ----------------------------------------------------


def figure(height: float, left: float = 0, right: float = 0, top: float = 4, bottom: float = 4) -> Figure:
    """An empty figure in the look: fixed axes without lines, transparent, nothing to drag."""
    axis = {
        "showgrid": False,
        "zeroline": False,
        "showline": False,
        "ticks": "",
        "fixedrange": True,
        "automargin": False,
        "title": None,
    }
    return go.Figure(
        layout={
            "template": "none",
            "height": round(height),
            "margin": {"l": left, "r": right, "t": top, "b": bottom, "pad": 0},
            "paper_bgcolor": CLEAR,
            "plot_bgcolor": CLEAR,
            "showlegend": False,
            "dragmode": False,
            "hovermode": "closest",
            "clickmode": "event+select",
            "barmode": "overlay",
            "font": {"family": SANS, "size": SIZE, "color": TEXT},
            "hoverlabel": {
                "bgcolor": PAPER,
                "bordercolor": RULE,
                "font": {"family": SANS, "size": SIZE, "color": TEXT},
                "align": "left",
                "namelength": 0,
            },
            "xaxis": axis | {"tickfont": {"color": MUTED, "size": SMALL}, "visible": False},
            "yaxis": axis | {"tickfont": {"color": TEXT, "size": SIZE}, "visible": False},
        }
    )


class Look(TypedDict, total=False):
    """How a label looks and how far it stands from its place."""

    anchor: Side
    valign: Literal["top", "middle", "bottom"]
    colour: str
    size: float
    xref: str
    yref: str
    dx: float
    dy: float
    angle: float


class Pen(TypedDict, total=False):
    """How a line or a box is drawn."""

    colour: str
    width: float
    dash: str
    fill: str
    layer: Literal["above", "below"]
    xref: str
    yref: str


class Drawing:
    """Collects labels and lines and applies them to a figure at once.

    One ``update_layout`` takes a hundredth of a second where 250 single calls take five.
    """

    def __init__(self) -> None:
        self.annotations: list[dict[str, Any]] = []
        self.shapes: list[dict[str, Any]] = []

    def text(self, x: object, y: object, text: str, **look: Unpack[Look]) -> None:
        """Put a label at a place in the data, moved by dx and dy pixels; empty text draws nothing."""
        if not text:
            return
        anchor = look.get("anchor", "left")
        note = {
            "x": x,
            "y": y,
            "text": text,
            "showarrow": False,
            "xanchor": anchor,
            "yanchor": look.get("valign", "middle"),
            "align": anchor,
            "xref": look.get("xref", "x"),
            "yref": look.get("yref", "y"),
            "xshift": look.get("dx", 0),
            "yshift": look.get("dy", 0),
            "borderpad": 0,
            "font": {"family": SANS, "size": look.get("size", SIZE), "color": look.get("colour", TEXT)},
        }
        self.annotations.append(note | ({"textangle": look["angle"]} if "angle" in look else {}))

    def left(self, y: object, text: str, **look: Unpack[Look]) -> None:
        """Put a label that starts at the left edge of the plot, at any width."""
        look.setdefault("xref", "paper")
        look.setdefault("dx", -2)
        self.text(0, y, text, **look)

    def right(self, y: object, text: str, pixels: float = 0, **look: Unpack[Look]) -> None:
        """Put a label that ends so many pixels right of the plot's right edge, at any width."""
        look.setdefault("xref", "paper")
        look.setdefault("anchor", "right")
        look.setdefault("dx", pixels)
        self.text(1, y, text, **look)

    def line(self, x0: object, y0: object, x1: object, y1: object, **pen: Unpack[Pen]) -> None:
        """Draw a straight line, in ink unless told otherwise."""
        pen.setdefault("colour", TEXT)
        pen.setdefault("width", 1)
        self._shape("line", (x0, y0, x1, y1), pen)

    def box(self, x0: object, y0: object, x1: object, y1: object, **pen: Unpack[Pen]) -> None:
        """Draw a rectangle, filled or outlined."""
        self._shape("rect", (x0, y0, x1, y1), pen)

    def _shape(self, kind: str, ends: tuple[object, object, object, object], pen: Pen) -> None:
        line = {"color": pen.get("colour", CLEAR), "width": pen.get("width", 0), "dash": pen.get("dash", "solid")}
        shape = {"type": kind, "layer": pen.get("layer", "above"), "line": line}
        shape |= {"xref": pen.get("xref", "x"), "yref": pen.get("yref", "y")}
        shape |= {"fillcolor": pen.get("fill", CLEAR)} if kind == "rect" else {}
        self.shapes.append(shape | dict(zip(("x0", "y0", "x1", "y1"), ends, strict=True)))

    def apply(self, to: Figure) -> Figure:
        """Draw everything collected, in one step."""
        to.update_layout(annotations=self.annotations, shapes=self.shapes)
        return to


def short_amount(value: float, currency: str | None) -> str:
    """Write a round amount for an axis, without the empty decimal: ``$5M``."""
    return formats.escape_chart(re.sub(r"\.0(?=\D|$)", "", formats.money(value, currency)))


def bars(**trace: Any) -> Any:
    """A horizontal bar trace whose hover is ready-made text (a template would read data as code)."""
    return go.Bar(**{"orientation": "h", "hoverinfo": "text"} | KEEP | trace)


def columns(**trace: Any) -> Any:
    """A vertical bar trace in the same manner."""
    return go.Bar(**{"orientation": "v", "hoverinfo": "text"} | KEEP | trace)


def points(**trace: Any) -> Any:
    """A scatter trace in the same manner."""
    return go.Scatter(**{"hoverinfo": "text"} | KEEP | trace)


class Marks:
    """Collects the marks of a chart by colour, so that each colour becomes one trace."""

    def __init__(self, *colours: str) -> None:
        self.traces: dict[str, dict[str, list[Any]]] = {colour: {} for colour in colours}

    def add(self, colour: str, /, **fields: Any) -> None:
        """Add one mark: a value for each list of the trace."""
        for field, value in fields.items():
            self.traces[colour].setdefault(field, []).append(value)

    def items(self) -> list[tuple[str, dict[str, list[Any]]]]:
        """Give the colours that have marks, in the order in which they were announced."""
        return [(colour, trace) for colour, trace in self.traces.items() if trace]


def meaning(value: object, otherwise: str = OPEN) -> str:
    """The colour of a word such as ``won``; an unknown word gets the quiet one."""
    return MEANING.get(raw(value), otherwise)
