"""What the pages say is what the registry measures: headlines, tiles, charts, lists."""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from tas_analytics.formats import money, percent
from tas_analytics.metrics.measure import measure
from tas_analytics.metrics.periods import Period
from tas_analytics.metrics.registry import metric
from tas_analytics.metrics.scope import Scope
from tests.app.conftest import Visitor, grey_line, headline, healthy


def scope_of(one: Visitor, period: str | None, **filters: str) -> Scope:
    """The scope that these filters mean, built without the pages."""
    company = one.company
    assert company.last_day is not None
    span: Period | None = company.calendar.parse(period) if period else None
    return Scope.of(company.last_day, span, {key: (value,) for key, value in filters.items()})


def values(one: Visitor, scope: Scope, *keys: str) -> pd.Series:
    row: pd.Series = measure(one.store, keys, scope).iloc[0]
    return row


def tile(app: AppTest, key: str) -> Any:
    label = metric(key).label
    return next(item for item in app.metric if item.label == label)


def spec(app: AppTest, key: str) -> dict[str, Any]:
    """The figure of the chart with that key."""
    chart = next(c for c in app.get("plotly_chart") if f"-{key}-light" in c.proto.id)
    figure: dict[str, Any] = json.loads(chart.proto.spec)
    return figure


def numbers(values: Any) -> list[float]:
    """An array of a figure, which may be packed."""
    if isinstance(values, dict):
        kind = {"f8": "d", "i1": "b", "i2": "h", "i4": "i", "f4": "f", "u1": "B", "u2": "H", "u4": "I"}[values["dtype"]]
        raw = base64.b64decode(values["bdata"])
        return [float(x) for x in struct.unpack(f"<{len(raw) // struct.calcsize(kind)}{kind}", raw)]
    return [float(value) for value in values]


def test_home_says_how_much_of_the_target_is_reached(visitor: Callable[[str], Visitor]) -> None:
    one = visitor("sample")
    app = healthy(one.open())
    row = values(one, scope_of(one, "2026Q4"), "won_amount", "category_commit", "target")
    share = percent((row["won_amount"] + row["category_commit"]) / row["target"])
    assert headline(app).startswith(f"Wins and commit cover {share} of the Q4 target")
    assert "Sample company · Q4 2026 · as of Mon 16 Nov 2026, day 47 of 92" in grey_line(app)


def test_home_of_the_public_data_counts_deals_without_amounts(visitor: Callable[[str], Visitor]) -> None:
    one = visitor("public")
    app = healthy(one.open())
    row = values(one, scope_of(one, None), "open_deals", "closed_deals", "win_rate")
    sentence = headline(app)
    assert f"{row['open_deals']:,.0f} deals are open, none with an amount" in sentence
    assert f"{percent(row['win_rate'])} of the {row['closed_deals']:,.0f} closed deals were won" in sentence
    assert (row["open_deals"], row["closed_deals"]) == (2089, 6711)


@pytest.mark.parametrize(
    "filters", [{}, {"region": "EMEA"}, {"region": "APAC"}, {"manager": "Desmond Kitteridge"}], ids=str
)
def test_tiles_are_the_metrics_of_the_scope(visitor: Callable[[str], Visitor], filters: dict[str, str]) -> None:
    one = visitor("sample")
    app = healthy(one.open(**filters))
    scope = scope_of(one, "2026Q4", **filters)
    row = values(one, scope, "open_pipeline", "weighted_pipeline", "won_amount", "coverage")
    for key in ("open_pipeline", "weighted_pipeline", "won_amount"):
        assert tile(app, key).value == money(row[key]), key
    assert tile(app, "coverage").value == f"{row['coverage']:.1f}×"


def test_every_tile_gives_its_definition(visitor: Callable[[str], Visitor]) -> None:
    app = healthy(visitor("sample").open())
    assert len(app.metric) == 6
    for key in ("open_pipeline", "weighted_pipeline", "won_amount", "win_rate", "average_won", "coverage"):
        help_text = tile(app, key).proto.help.replace("\\", "")
        assert metric(key).doc in help_text, key
        assert "Compared with" in help_text, key


def test_pipeline_names_the_fullest_stage(visitor: Callable[[str], Visitor]) -> None:
    one = visitor("sample")
    app = healthy(one.open("pipeline"))
    stages = measure(one.store, ["open_pipeline"], scope_of(one, "2026Q4"), ["stage"])
    top = stages.sort_values("open_pipeline").iloc[-1]
    total = stages["open_pipeline"].sum()
    assert f"{top['stage']} holds {money(top['open_pipeline'])} of the {money(total)} open pipeline" in headline(app)


@pytest.mark.parametrize("filters", [{}, {"region": "EMEA"}], ids=str)
def test_the_bars_are_the_open_pipeline_by_stage(visitor: Callable[[str], Visitor], filters: dict[str, str]) -> None:
    one = visitor("sample")
    figure = spec(healthy(one.open("pipeline", **filters)), "stages")
    stages = measure(one.store, ["open_pipeline", "open_deals"], scope_of(one, "2026Q4", **filters), ["stage"])
    stages = stages[stages["open_deals"] > 0]
    drawn: dict[str, float] = {}
    for trace in figure["data"][:2]:  # the amber part and the rest; the third takes clicks
        for key, length in zip(trace["customdata"], numbers(trace["x"]), strict=True):
            drawn[key[0]] = drawn.get(key[0], 0.0) + length
    assert list(drawn) == list(stages["stage"]), "stages in stage order"
    assert drawn == pytest.approx(dict(zip(stages["stage"], stages["open_pipeline"], strict=True)))


def test_the_drill_table_adds_up_to_the_bar(visitor: Callable[[str], Visitor]) -> None:
    one = visitor("sample")
    app = healthy(one.open("pipeline", deals="stage:Proof~status:open"))
    row = values(one, scope_of(one, "2026Q4", stage="Proof", status="open"), "open_pipeline", "open_deals")
    table = app.dataframe[0].value
    assert len(table) == row["open_deals"]
    assert table["amount"].sum() == pytest.approx(row["open_pipeline"])


def test_a_filter_changes_every_number(visitor: Callable[[str], Visitor]) -> None:
    """A filter chosen in the sidebar must not leave a number of the whole company behind."""
    app = visitor("sample").open()
    before = {item.label: item.value for item in app.metric}
    app.multiselect(key="region").select("EMEA").run()
    healthy(app)
    after = {item.label: item.value for item in app.metric}
    assert "EMEA" in grey_line(app)
    assert not {label for label in before if before[label] == after[label]}


def test_a_period_changes_the_numbers(visitor: Callable[[str], Visitor]) -> None:
    one = visitor("sample")
    app = one.open()
    app.selectbox(key="period").select("2026Q3").run()
    row = values(one, scope_of(one, "2026Q3"), "won_amount")
    assert tile(healthy(app), "won_amount").value == money(row["won_amount"])
    assert "Q3 2026" in grey_line(app)


def test_an_earlier_day_shows_what_was_known_then(visitor: Callable[[str], Visitor]) -> None:
    """The planted fact of 5 October: 248,334.80 won, which a view of today must not show."""
    one = visitor("sample")
    app = healthy(one.open())
    app.selectbox(key="as_of").select("2026-10-05").run()
    assert "as of Mon 5 Oct 2026" in grey_line(healthy(app))
    assert tile(app, "won_amount").value == "$248k"
