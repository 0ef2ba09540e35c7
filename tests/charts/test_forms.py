"""What holds for every form: nothing crashes, nothing is lost, nothing from the data is markup."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from tas_analytics.charts import (
    age_strip,
    chance_curve,
    chance_map,
    conversion,
    cover_bar,
    decision_tree,
    fan,
    flow,
    forest,
    history,
    milestone_funnel,
    milestone_timeline,
    month_columns,
    ranking,
    rate_panels,
    reliability,
    rule_bars,
    signed_bars,
    split_bars,
    stage_bars,
    theme,
    trend,
    waterfall,
)
from tests.charts import samples, samples_forecast, samples_strategy

Draw = Callable[[pd.DataFrame], Any]

FORMS: dict[str, tuple[Draw, pd.DataFrame]] = {
    "stage_bars": (lambda frame: stage_bars.stage_bars(frame, stalled="stalled"), samples.stages()),
    "split_bars": (lambda frame: split_bars.split_bars(frame, stalled="stalled"), samples.split()),
    "month_columns": (month_columns.month_columns, samples.months()),
    "conversion": (conversion.conversion, samples.funnel()),
    "age_strip": (lambda frame: age_strip.age_strip(frame, samples.LINES), samples.deals()),
    "ranking": (ranking.ranking, samples.top()),
    "rule_bars": (rule_bars.rule_bars, samples.rules()),
    "cover_bar": (cover_bar.cover_bar, samples.cover()),
    "trend": (trend.trend, samples.weeks()),
    "history": (history.history, samples.versions()),
    "chance_curve": (chance_curve.chance_curve, samples_forecast.curve()),
    "signed_bars": (signed_bars.signed_bars, samples_forecast.parts()),
    "reliability": (reliability.reliability, samples_forecast.bands()),
    "fan": (
        lambda frame: fan.fan(
            frame,
            period=(dt.date(2026, 10, 1), dt.date(2026, 12, 31)),
            won=samples_forecast.won() if len(frame) else None,
            said=samples_forecast.earlier() if len(frame) else None,
            target=8.7e6,
        ),
        samples_forecast.futures(),
    ),
    "chance_map": (
        lambda frame: chance_map.chance_map(frame, as_of=samples.AS_OF, until=dt.date(2026, 12, 31)),
        samples_forecast.chances(),
    ),
    "waterfall": (waterfall.waterfall, samples.ledger()),
    "flow": (flow.flow, samples.ways()),
    "decision_tree": (lambda frame: decision_tree.decision_tree(frame, end="Flanking"), samples_strategy.tree("yyny")),
    "forest": (forest.forest, samples_strategy.differences()),
    "rate_panels": (lambda frame: rate_panels.rate_panels(frame, usual=0.35), samples_strategy.panels()),
    "milestone_funnel": (milestone_funnel.milestone_funnel, samples.milestones()),
    "milestone_timeline": (
        lambda frame: milestone_timeline.milestone_timeline(frame, as_of=samples.AS_OF),
        samples.planned(),
    ),
}
EVERY = pytest.mark.parametrize(("draw", "frame"), FORMS.values(), ids=FORMS)


def texts(figure: Any) -> list[str]:
    return [note.text for note in figure.layout.annotations]


def said(figure: Any) -> str:
    """Everything that a figure can show as text."""
    words = texts(figure) + list(figure.layout.yaxis.ticktext or ()) + list(figure.layout.xaxis.ticktext or ())
    for trace in figure.data:
        words += list(trace.hovertext)
    return "\n".join(words)


@EVERY
def test_an_empty_frame_gives_an_empty_figure(draw: Draw, frame: pd.DataFrame) -> None:
    assert len(draw(frame.iloc[:0]).data) == 0
    assert len(draw(pd.DataFrame()).data) == 0


@EVERY
def test_every_mark_carries_its_key_and_stays_bright_after_a_click(draw: Draw, frame: pd.DataFrame) -> None:
    figure = draw(frame)
    assert figure.data
    for trace in figure.data:
        assert len(trace.customdata) == len(trace.x)
        assert all(place[0] is not None for place in trace.customdata)
        assert trace.unselected.marker.opacity == 1
        assert trace.selected.marker.opacity == 1
        assert len(trace.hovertext) == len(trace.x)
        assert trace.hovertemplate is None, "a template would read text from the data as code"


@EVERY
def test_axes_do_not_move_and_nothing_is_a_legend(draw: Draw, frame: pd.DataFrame) -> None:
    layout = draw(frame).layout
    assert layout.xaxis.fixedrange
    assert layout.yaxis.fixedrange
    assert layout.dragmode is False
    assert layout.showlegend is False


@EVERY
def test_markup_in_names_is_shown_not_obeyed(draw: Draw, frame: pd.DataFrame) -> None:
    names = ("group", "split", "stage", "name", "label", "detail", "source_label", "target_label")
    evil = frame.copy()
    for column in names:
        if column in evil:
            evil[column] = [f"<a href='x'>{i % 3}</a> & %{{x}} #000006" for i in range(len(evil))]
    if "series" in evil:
        evil["series"] = "<a href='x'>0</a> & %{x} #000006"
    spec = said(draw(evil))
    assert "<a" not in spec
    if set(names) & set(frame) or "series" in frame:
        assert "&lt;a" in spec
    assert "#000006" not in spec


@EVERY
def test_missing_values_never_show_as_words(draw: Draw, frame: pd.DataFrame) -> None:
    holes = frame.copy()
    for column in (
        "amount",
        "value",
        "stalled",
        "deals",
        "rate",
        "median_days",
        "share",
        "detail",
        "close_date",
        "lost",
    ):
        if column in holes:
            holes[column] = holes[column].astype(object)
            holes.loc[holes.index[0], column] = None
            holes.loc[holes.index[-1], column] = float("nan")
    for word in ("nan", "None", "NaT", "inf"):
        assert word not in said(draw(holes)).replace("Financ", "")


@EVERY
def test_the_same_frame_gives_the_same_figure(draw: Draw, frame: pd.DataFrame) -> None:
    assert draw(frame).to_json() == draw(frame.copy()).to_json()


@EVERY
def test_the_frame_is_left_alone(draw: Draw, frame: pd.DataFrame) -> None:
    before = frame.copy(deep=True)
    draw(frame)
    pd.testing.assert_frame_equal(frame, before)


@EVERY
def test_a_single_row_is_enough(draw: Draw, frame: pd.DataFrame) -> None:
    assert draw(frame.iloc[:1]).data


def test_numpy_keys_survive_json() -> None:
    frame = samples.stages()
    frame["key"] = range(len(frame))
    spec = json.loads(stage_bars.stage_bars(frame).to_json())
    assert spec["data"][0]["customdata"] == [[0], [1], [2], [3], [4]]


def test_colours_are_places_only() -> None:
    for name, figure in samples.figures().items():
        spec = json.loads(figure.to_json())
        spec["layout"].pop("template")
        found = set(_colours(spec))
        allowed = {*theme.CATEGORICAL, *theme.INK, *theme.DIVERGING, theme.PAPER, theme.CLEAR}
        assert found <= allowed, name


def _colours(part: Any) -> list[str]:
    if isinstance(part, dict):
        out = []
        for key, value in part.items():
            if "color" in key:
                out += value if isinstance(value, list) else [value]
            else:
                out += _colours(value)
        return out
    return [colour for item in part for colour in _colours(item)] if isinstance(part, list) else []
