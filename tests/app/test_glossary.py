"""The glossary has every metric, and its search finds by all words."""

from __future__ import annotations

from collections.abc import Callable

from tas_analytics.metrics.dimensions import DIMENSIONS
from tas_analytics.metrics.registry import metrics
from tests.app.conftest import Visitor, everything, healthy


def texts(app: object) -> str:
    return "\n".join(str(table.value.to_csv()) for table in app.table)  # type: ignore[attr-defined]


def test_every_metric_and_dimension_is_defined(visitor: Callable[[str], Visitor]) -> None:
    shown = texts(healthy(visitor("sample").open("glossary")))
    missing = [one.key for one in metrics() if f"`{one.key}`" not in shown]
    assert not missing
    assert not [one.key for one in DIMENSIONS if f"`{one.key}`" not in shown]


def test_the_search_keeps_what_has_all_words(visitor: Callable[[str], Visitor]) -> None:
    app = visitor("sample").open("glossary")
    app.text_input(key="search").set_value("weighted pipeline").run()
    shown = texts(healthy(app))
    assert "`weighted_pipeline`" in shown
    assert "`win_rate`" not in shown


def test_a_search_without_a_hit_says_so(visitor: Callable[[str], Visitor]) -> None:
    app = visitor("sample").open("glossary")
    app.text_input(key="search").set_value("xyzzy <b>").run()
    healthy(app)
    assert "No definition has all these words" in everything(app)
    assert not app.table
