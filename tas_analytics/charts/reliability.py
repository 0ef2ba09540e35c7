"""What was said against what happened, bin by bin."""

from __future__ import annotations

import math
from typing import Final

import pandas as pd

from tas_analytics import formats
from tas_analytics.charts import theme
from tas_analytics.charts.theme import Figure

_HEIGHT: Final = 320
_SMALLEST: Final = 7.0
_LARGEST: Final = 26.0


def reliability(frame: pd.DataFrame) -> Figure:
    """Share that happened over the chance that was said, with a line on which both are equal.

    What it is: one dot a bin of chances, its area the number of deals, written beside it; an upright line is the
    interval of the share. When to use it: to see whether a chance of 30 % comes true in three of ten cases.

    Parameters
    ----------
    frame
        ``bin``, ``deals``, ``predicted`` and ``actual`` (shares), ``low`` and ``high`` of the actual share.

    Returns
    -------
    Figure
        ``customdata`` of every dot is ``[bin]``.
    """
    rows = frame.to_dict("records")
    if not rows:
        return theme.figure(_HEIGHT)
    most = max(theme.number(row["deals"]) for row in rows) or 1.0
    reach = min(
        1.0, max(0.3, *(theme.number(row[key]) for row in rows for key in ("predicted", "actual", "high"))) + 0.03
    )
    if reach > 0.9:
        reach = 1.0  # so that the axis ends at a number
    drawn = theme.Drawing()
    drawn.line(0, 0, reach, reach, colour=theme.INK[4], dash="dot")
    sizes = []
    for row in rows:
        x, y = theme.number(row["predicted"]), theme.number(row["actual"])
        size = max(_LARGEST * math.sqrt(theme.number(row["deals"]) / most), _SMALLEST)
        sizes.append(round(size, 1))
        drawn.line(x, theme.number(row["low"]), x, theme.number(row["high"]), colour=theme.INK[4], width=1.5)
        drawn.text(
            x,
            y,
            formats.number(theme.number(row["deals"])),
            dx=size / 2 + 3,
            dy=-7,
            size=theme.SMALL,
            colour=theme.MUTED,
        )
    result = theme.figure(_HEIGHT, left=48, right=16, top=26, bottom=42)
    result.add_trace(
        theme.points(
            x=[theme.number(row["predicted"]) for row in rows], y=[theme.number(row["actual"]) for row in rows],
            mode="markers", customdata=[[theme.plain(row["bin"])] for row in rows], cliponaxis=False,
            marker={"size": sizes, "color": theme.OURS, "opacity": 1, "line": {"width": 1, "color": theme.PAPER}},
            hovertext=[
                f"<b>{formats.percent(theme.number(row['predicted']))}</b> said on average, "
                f"{formats.percent(theme.number(row['actual']))} happened<br>"
                f"{formats.count(int(theme.number(row['deals'])), 'deal')}"
                for row in rows
            ],
        )
    )  # fmt: skip
    step = 0.25 if reach > 0.6 else 0.1
    ticks = [step * place for place in range(int(reach / step) + 1)]
    names = [formats.percent(tick) for tick in ticks]
    small = {"size": theme.SMALL, "color": theme.MUTED}
    drawn.text(
        0.5, 0, "said", xref="paper", yref="paper", anchor="center", valign="top", dy=-22, size=theme.SMALL,
        colour=theme.MUTED,
    )  # fmt: skip
    drawn.text(
        0, 1, "won", xref="paper", yref="paper", anchor="right", valign="bottom", dx=-6, dy=8, size=theme.SMALL,
        colour=theme.MUTED,
    )  # fmt: skip
    result.update_xaxes(visible=True, range=[-0.01, reach], tickvals=ticks, ticktext=names, tickfont=small, tickangle=0)
    result.update_yaxes(
        visible=True, range=[-0.01, reach], tickvals=ticks, ticktext=names, showgrid=True, gridcolor=theme.GRID,
        tickfont=small, ticklabelstandoff=6,
    )  # fmt: skip
    return drawn.apply(result)
