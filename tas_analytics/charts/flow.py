"""From which group to which: two stacks and the ribbons between them."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from tas_analytics import formats
from tas_analytics.charts import theme
from tas_analytics.charts.theme import Figure

_HEIGHT: Final = 380
#: Pixels that a node needs for its label of two lines.
_NODE: Final = 38
_GAP: Final = 0.02
_BAR: Final = 0.05
_CURVE: Final = 24


def flow(frame: pd.DataFrame, *, value: str = "amount", currency: str | None = "USD") -> Figure:
    """Ribbons from what was to what is.

    What it is: a stack of groups on the left, another on the right, and a ribbon for all deals that went from one to
    the other, as thick as their amount. Ribbons that lead elsewhere have the colour of where they lead; those
    that stay are grey. When to use it: to see movement between a handful of groups in one picture.

    Parameters
    ----------
    frame
        ``source``, ``source_label``, ``target``, ``target_label``, ``amount``, ``deals``, ``meaning`` (of the
        target) and ``stays`` (whether both are the same group); nodes stand in the order of the rows in which they
        first appear as ``source_order`` and ``target_order`` say.
    value
        ``"amount"`` or ``"deals"``.
    currency
        The currency of the amounts.

    Returns
    -------
    Figure
        ``customdata`` of every mark is ``[source, target]``; a node has None for the other side.
    """
    rows = [row for row in frame.to_dict("records") if theme.number(row[value]) > 0]
    if not rows:
        return theme.figure(_HEIGHT)
    most = max(len({row[side] for row in rows}) for side in ("source", "target"))
    height = max(_HEIGHT, (_NODE + 14) * most)
    left = _nodes(rows, "source", value, _NODE / height)
    right = _nodes(rows, "target", value, _NODE / height)
    drawn = theme.Drawing()
    paths, marks = [], theme.Marks(theme.CLEAR)
    used_left, used_right = dict.fromkeys(left, 0.0), dict.fromkeys(right, 0.0)
    for row in sorted(rows, key=lambda row: (row["source_order"], row["target_order"])):
        a, b = left[row["source"]], right[row["target"]]
        size = theme.number(row[value])
        top_a = a["top"] - used_left[row["source"]] * a["scale"]
        top_b = b["top"] - used_right[row["target"]] * b["scale"]
        used_left[row["source"]] += size
        used_right[row["target"]] += size
        low_a, low_b = top_a - size * a["scale"], top_b - size * b["scale"]
        quiet = bool(row["stays"])
        colour = theme.INK[3] if quiet else theme.meaning(row.get("meaning"))
        paths.append(_ribbon((top_a, low_a), (top_b, low_b), colour, 0.35 if quiet else 0.55))
        hover = f"<b>{theme.clean(row['source_label'])} → {theme.clean(row['target_label'])}</b><br>"
        hover += _amount_and_deals(row, currency)
        for share in (0.2, 0.5, 0.8):
            marks.add(
                theme.CLEAR, x=_BAR + share * (1 - 2 * _BAR), y=_between(top_a, top_b, share, low_a, low_b),
                customdata=[theme.plain(row["source"]), theme.plain(row["target"])],
                ids=f"{row['source']}>{row['target']}>{share}", hovertext=hover,
            )  # fmt: skip
    labels = [node["label"] for side in (left, right) for node in side.values()]
    wide = theme.left_margin(labels, cap=112) + 6
    result = theme.figure(height, left=wide, right=wide, top=8, bottom=8)
    for colour, trace in marks.items():
        result.add_trace(theme.points(mode="markers", marker={"color": colour, "size": 22}, **trace))
    for side, nodes, start in (("source", left, 0.0), ("target", right, 1 - _BAR)):
        _draw_nodes(result, drawn, side, nodes, start, value, currency)
    result.update_xaxes(range=[0, 1])
    result.update_yaxes(range=[0, 1])
    drawn.apply(result)
    result.update_layout(shapes=[*paths, *drawn.shapes])
    return result


def _nodes(rows: list[dict[Any, Any]], side: str, value: str, least: float) -> dict[Any, dict[str, Any]]:
    """Place the groups of one side from top to bottom, each as high as its part of the whole."""
    nodes: dict[Any, dict[str, Any]] = {}
    for row in sorted(rows, key=lambda row: row[f"{side}_order"]):
        own = nodes.setdefault(
            row[side], {"label": row[f"{side}_label"], "amount": 0.0, "deals": 0, "size": 0.0, "meaning": None}
        )
        own["amount"] += theme.number(row["amount"])
        own["deals"] += int(theme.number(row["deals"]))
        own["size"] += theme.number(row[value])
        own["meaning"] = row.get("meaning") if side == "target" else row.get("source_meaning")
    room = 1 - _GAP * (len(nodes) - 1)
    whole = sum(node["size"] for node in nodes.values())
    heights = [max(node["size"] / whole * room, least) for node in nodes.values()]
    shrink = room / sum(heights)
    at = 1.0
    for node, height in zip(nodes.values(), heights, strict=True):
        node["top"], node["height"] = at, height * shrink
        node["scale"] = node["height"] / node["size"]
        at -= node["height"] + _GAP
    return nodes


def _draw_nodes(
    result: Figure,
    drawn: theme.Drawing,
    side: str,
    nodes: dict[Any, dict[str, Any]],
    start: float,
    value: str,
    currency: str | None,
) -> None:
    """Draw one side's stack with its labels beside it."""
    for key, node in nodes.items():
        middle = node["top"] - node["height"] / 2
        data = [theme.plain(key), None] if side == "source" else ["*", theme.plain(key)]
        said = formats.money(node["amount"], currency) if value == "amount" else formats.number(node["deals"])
        hover = f"<b>{theme.clean(node['label'])}</b><br>{_amount_and_deals(node, currency)}"
        result.add_trace(
            theme.columns(
                x=[start + _BAR / 2], y=[node["height"]], base=[node["top"] - node["height"]], width=_BAR,
                marker={"color": theme.meaning(node["meaning"])}, customdata=[data], ids=[f"{side} {key}"],
                hovertext=[hover],
            )
        )  # fmt: skip
        text = f"{theme.fit(node['label'], 106, theme.SMALL)}<br>{theme.strong(formats.escape_chart(said))}"
        if side == "source":
            drawn.text(0, middle, text, anchor="right", dx=-8, size=theme.SMALL, xref="paper")
        else:
            drawn.text(1, middle, text, anchor="left", dx=8, size=theme.SMALL, xref="paper")


def _ribbon(a: tuple[float, float], b: tuple[float, float], colour: str, opacity: float) -> dict[str, Any]:
    """A band from one height to another, as a path of short straight pieces."""
    steps = [step / _CURVE for step in range(_CURVE + 1)]
    width = 1 - 2 * _BAR
    upper = [(_BAR + width * t, a[0] + (b[0] - a[0]) * _ease(t)) for t in steps]
    lower = [(_BAR + width * t, a[1] + (b[1] - a[1]) * _ease(t)) for t in reversed(steps)]
    path = "M" + " L".join(f"{x:.4f},{y:.4f}" for x, y in [*upper, *lower]) + " Z"
    return {
        "type": "path", "path": path, "fillcolor": colour, "opacity": opacity, "line": {"width": 0}, "layer": "below",
        "xref": "x", "yref": "y",
    }  # fmt: skip


def _ease(t: float) -> float:
    return t * t * (3 - 2 * t)


def _between(top_a: float, top_b: float, share: float, low_a: float, low_b: float) -> float:
    a, b = (top_a + low_a) / 2, (top_b + low_b) / 2
    return a + (b - a) * _ease(share)


def _amount_and_deals(row: dict[Any, Any], currency: str | None) -> str:
    amount = formats.escape_chart(formats.money(theme.maybe(row["amount"]), currency))
    return f"{amount}, {formats.count(int(theme.number(row['deals'])), 'deal')}"
