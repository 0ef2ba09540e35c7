"""The real colours of a figure, for what is drawn outside a browser page: PDF, PPTX, HTML, mail.

They are read from ``.streamlit/config.toml``, the only place that holds them.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal

import plotly.graph_objects as go

from tas_analytics.charts.theme import CATEGORICAL, DIVERGING, INK, PAPER, Figure

Mode = Literal["light", "dark"]
_SETTINGS: Final = Path(__file__).resolve().parents[2] / ".streamlit" / "config.toml"
_LISTS: Final[Sequence[tuple[str, Sequence[str]]]] = (
    ("chartCategoricalColors", CATEGORICAL),
    ("chartSequentialColors", INK),
    ("chartDivergingColors", DIVERGING),
)


@functools.cache
def palette(mode: Mode = "light") -> Mapping[str, str]:
    """The real colour of every place, read from the theme of the dashboard."""
    theme = tomllib.loads(_SETTINGS.read_text("utf-8"))["theme"][mode]
    real = {PAPER: str(theme["backgroundColor"])}
    for name, places in _LISTS:
        real |= zip(places, map(str, theme[name]), strict=True)
    return real


def colour(place: str, mode: Mode = "light") -> str:
    """The real colour of one place, for reports that draw without a figure."""
    return palette(mode)[place]


def export_colours(drawn: Figure, mode: Mode = "light") -> Figure:
    """A copy of a figure with real colours, on paper, for a file or a mail.

    Parameters
    ----------
    drawn
        Any figure of this package.
    mode
        Which half of the theme.
    """
    real = palette(mode)
    spec = re.sub(r"#0000\d\d", lambda m: real.get(m.group(), m.group()), json.dumps(drawn.to_plotly_json(), cls=_Json))
    copy = go.Figure(json.loads(spec))
    copy.update_layout(paper_bgcolor=real[PAPER], plot_bgcolor=real[PAPER])
    return copy


class _Json(json.JSONEncoder):
    """Plotly keeps tuples, dates and arrays as they came."""

    def default(self, o: Any) -> Any:
        if isinstance(o, dt.date):
            return o.isoformat()
        return o.tolist() if hasattr(o, "tolist") else super().default(o)
