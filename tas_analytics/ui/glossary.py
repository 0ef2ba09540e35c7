"""The glossary: every metric and dimension as the registry defines it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tas_analytics.formats import count, escape_markdown
from tas_analytics.metrics.dimensions import DIMENSIONS
from tas_analytics.metrics.metric import Metric
from tas_analytics.metrics.registry import metrics
from tas_analytics.ui import page

_BETTER: Final = {"up": "more is better", "down": "less is better", "neither": ""}


def found(words: str) -> list[Metric]:
    """The metrics that a search finds: all words, in name, key or definition."""
    wanted = words.lower().split()
    return [
        one
        for one in metrics()
        if all(word in f"{one.label} {one.key} {one.doc} {one.rivals} {one.group}".lower() for word in wanted)
    ]


def groups(chosen: Iterable[Metric]) -> None:
    """A card per group, a row per metric."""
    by_group: dict[str, list[Metric]] = {}
    for one in chosen:
        by_group.setdefault(one.group, []).append(one)
    for index, (group, members) in enumerate(by_group.items()):
        with page.card(f"group-{index}"):
            page.finding(group, count(len(members), "metric"))
            page.pairs((_name(one), _meaning(one)) for one in members)


def dimensions() -> None:
    """The ways in which every metric can be split and filtered."""
    with page.card("group-dimensions"):
        page.finding("Dimensions", "Ways to split and filter the metrics")
        rows = [
            (f"**{escape_markdown(one.label)}**  \n:small[`{one.key}`]", escape_markdown(one.doc)) for one in DIMENSIONS
        ]
        page.pairs(rows)


def _name(one: Metric) -> str:
    notes = ", ".join(note for note in (one.unit, _BETTER[one.better]) if note)
    return f"**{escape_markdown(one.label)}**  \n:small[`{one.key}`]  \n:small[:gray[{notes}]]"


def _meaning(one: Metric) -> str:
    parts = [escape_markdown(one.doc)]
    if one.rivals:
        parts.append(f":gray[{escape_markdown(one.rivals)}]")
    over = "" if one.grain == "derived" else f", over {one.grain} rows"
    parts.append(f":small[:gray[Formula{over}:] `{one.formula}`]")
    if one.source:
        parts.append(f":small[:gray[Source: {escape_markdown(one.source)}]]")
    return "  \n".join(parts)
