"""The heatmap: a mark for each cell, whose sign says what its colour says."""

from __future__ import annotations

import re

from tas_analytics.charts import theme
from tas_analytics.charts.heatmap import Cell, Grid, Row, heatmap


def grid(**more: object) -> Grid:
    rows = [
        Row("One <b>", [Cell(1, "+", ("D1", 1)), Cell(-2, "−", ("D1", 2)), Cell(None, "?", ("D1", 3))], ["<b>1</b>"]),
        Row("Two", [Cell(None, "?", ("D2", 1), changed=True), None, Cell(1, "+", ("D2", 3))], ["<b>1</b>"]),
    ]
    fields: dict[str, object] = {"counts": ("1", "2", "1"), "worst": 1, "numbers": ("favourable",)}
    return Grid(rows, ["A", "B", "C"], ["first", "first", "second"], **(fields | more))  # type: ignore[arg-type]


def test_every_cell_is_a_mark_with_its_sign_and_data() -> None:
    figure = heatmap(grid())
    marks = {
        tuple(data): (sign, row)
        for trace in figure.data
        for data, sign, row in zip(trace.customdata, trace.text, trace.y, strict=True)
    }
    assert marks == {
        ("D1", 1): ("+", 0),
        ("D1", 2): ("−", 0),
        ("D1", 3): ("?", 0),
        ("D2", 1): ("?", 1),
        ("D2", 3): ("+", 1),
    }


def test_groups_stand_apart_and_columns_do_not_overlap() -> None:
    figure = heatmap(grid())
    xs = sorted({x for trace in figure.data for x in trace.x})
    assert xs[1] - xs[0] == 28
    assert xs[2] - xs[1] > 28


def test_a_changed_cell_has_an_outline() -> None:
    figure = heatmap(grid(changed="changed since 1 May"))
    outlined = [trace for trace in figure.data if trace.marker.line.width == 2]
    assert sum(len(trace.x) for trace in outlined) == 2  # the cell, and the key that explains it


def test_the_key_says_each_level_in_words() -> None:
    key = ((1, "+", "favourable"), (-2, "−", "unfavourable"), (None, "?", "unknown"))
    texts = [note.text for note in heatmap(grid(key=key, key_title="We are")).layout.annotations]
    assert {"favourable", "unfavourable", "unknown", "<b>We are</b>"} <= set(texts)


def test_the_worst_column_is_bold_and_markup_is_escaped() -> None:
    texts = [note.text for note in heatmap(grid()).layout.annotations]
    assert "<b>B</b>" in texts
    assert "<b>2</b>" in texts
    assert "One &lt;b&gt;" in texts


def test_colours_are_places_and_a_click_greys_nothing() -> None:
    figure = heatmap(grid())
    for trace in figure.data:
        assert re.fullmatch(r"#0000\d\d", trace.marker.color) or trace.marker.color == theme.CLEAR
        assert trace.unselected.marker.opacity == 1


def test_forty_deals_draw_few_traces() -> None:
    cells = [Cell((n % 5) - 2, "0", ("D", n)) for n in range(20)]
    figure = heatmap(Grid([Row(f"Deal {n}", cells) for n in range(40)], [f"C{n}" for n in range(20)], ["Q"] * 20))
    assert len(figure.data) == 5
    assert sum(len(trace.x) for trace in figure.data) == 800
