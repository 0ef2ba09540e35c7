"""The metric registry: each number once, with its name, unit, formula and definition.

Pages, reports, the command line, help texts and the glossary all read it; nothing else in the
program may compute one of these numbers.
"""

from __future__ import annotations

from typing import Final

from tas_analytics.errors import BadQuestion
from tas_analytics.metrics.assessment import ASSESSMENT
from tas_analytics.metrics.buying import BUYING
from tas_analytics.metrics.flow import FLOW
from tas_analytics.metrics.justified import EVIDENCE
from tas_analytics.metrics.metric import Metric
from tas_analytics.metrics.pipeline import PIPELINE

_BY_KEY: Final = {one.key: one for one in (*PIPELINE, *FLOW, *ASSESSMENT, *BUYING, *EVIDENCE)}


def metric(key: str) -> Metric:
    """The metric of that key, or a refusal that lists them."""
    try:
        return _BY_KEY[key]
    except KeyError:
        raise BadQuestion(f'There is no metric "{key}"', f"Metrics: {', '.join(_BY_KEY)}.") from None


def metrics() -> tuple[Metric, ...]:
    """All metrics, in the order of the glossary."""
    return tuple(_BY_KEY.values())


def with_parts(keys: list[str]) -> list[Metric]:
    """The metrics and all that they are derived from, each once, parts before what needs them."""
    found: dict[str, Metric] = {}

    def add(key: str) -> None:
        if key not in found:
            one = metric(key)
            for part in one.parts:
                add(part)
            found[key] = one

    for key in keys:
        add(key)
    return list(found.values())
