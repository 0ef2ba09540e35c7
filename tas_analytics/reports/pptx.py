"""The pack as slides, with charts and tables that can be edited."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, Final

from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE
from pptx.enum.text import PP_ALIGN
from pptx.util import Emu, Inches, Pt

from tas_analytics.charts import real_colours, theme
from tas_analytics.formats import money
from tas_analytics.reports.pack import BOARD, Pack, key_figures, person, written

_INK: Final = RGBColor(0x12, 0x16, 0x1A)
_MUTED: Final = RGBColor(0x5C, 0x63, 0x6B)
_LEFT: Final = Inches(0.6)
_WIDTH: Final = Inches(12.1)
#: Rows of a table that a slide can hold.
_ROWS: Final = 14


def write(one: Pack) -> bytes:
    """The presentation's bytes."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = Inches(13.333), Inches(7.5)
    first = _slide(deck, one.headline, one.stamp)
    _figures(first, one)
    _chart(_slide(deck, "What changed", one.stamp), one)
    people = one.board.to_dict("records")
    for begin in range(0, max(len(people), 1), _ROWS):
        rows = [
            [person(row), *(written(row[key], kind) for key, _, kind in BOARD)] for row in people[begin : begin + _ROWS]
        ]
        heads = ["Name", *(label for _, label, _ in BOARD)]
        _table(_slide(deck, one.board_sentence, one.stamp), heads, rows, (2.6, *(0.95 for _ in BOARD)))
    moved = [
        [
            money(float(deal["effect"]), one.currency, sign=True), str(deal["name"]), one.happened(deal),
            deal["owner_after"] or deal["owner_before"] or "",
        ]
        for deal in one.moved[: 2 * _ROWS]
    ]  # fmt: skip
    for begin in range(0, len(moved), _ROWS):
        title = f"{len(one.moved):,} deals moved" + (", the largest" if len(one.moved) > len(moved) else "")
        heads = ["Change", "Deal", "What happened", "Owner"]
        _table(_slide(deck, title, one.stamp), heads, moved[begin : begin + _ROWS], (1.2, 4.8, 4.1, 2.0), numbers=1)
    out = io.BytesIO()
    deck.save(out)
    return out.getvalue()


def _slide(deck: Any, title: str, stamp: str) -> Any:
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    _text(slide, title, Inches(0.45), 26, _INK, bold=True, height=1.0)
    _text(slide, stamp, Inches(6.95), 11, _MUTED)
    return slide


def _text(
    slide: Any, text: str, top: Any, size: float, colour: Any, *, bold: bool = False, height: float = 0.4
) -> None:
    frame = slide.shapes.add_textbox(_LEFT, top, _WIDTH, Inches(height)).text_frame
    frame.word_wrap = True
    run = frame.paragraphs[0].add_run()
    run.text = text
    run.font.size, run.font.bold, run.font.color.rgb = Pt(size), bold, colour


def _figures(slide: Any, one: Pack) -> None:
    for index, (label, figure) in enumerate(key_figures(one)):
        left = _LEFT + Emu(int(_WIDTH / 4) * (index % 4))
        top = Inches(2.0 + 1.6 * (index // 4))
        frame = slide.shapes.add_textbox(left, top, Emu(int(_WIDTH / 4)), Inches(1.2)).text_frame
        for text, size, bold, colour in ((label, 13, False, _MUTED), (figure, 28, True, _INK)):
            paragraph = frame.paragraphs[0] if size == 13 else frame.add_paragraph()
            run = paragraph.add_run()
            run.text = text
            run.font.size, run.font.bold, run.font.color.rgb = Pt(size), bold, colour


def _chart(slide: Any, one: Pack) -> None:
    """The waterfall as a stacked bar chart: an unseen base carries the bar."""
    rows = one.waterfall
    data = CategoryChartData(number_format="#,##0")
    data.categories = [row.label for row in rows]
    lows = [min(row.start, row.end) if row.kind == "move" else 0.0 for row in rows]
    data.add_series("Base", lows)
    data.add_series(one.currency, [abs(row.amount) for row in rows])
    shape = slide.shapes.add_chart(XL_CHART_TYPE.BAR_STACKED, _LEFT, Inches(1.4), _WIDTH, Inches(5.4), data)
    chart = shape.chart
    chart.has_legend = False
    chart.has_title = False
    chart.category_axis.reverse_order = True
    chart.category_axis.tick_labels.font.size = Pt(12)
    chart.value_axis.visible = False
    chart.value_axis.has_major_gridlines = False
    plot = chart.plots[0]
    plot.gap_width, plot.overlap = 35, 100
    base, bars = plot.series
    base.format.fill.background()
    for index, row in enumerate(rows):
        point = bars.points[index]
        point.format.fill.solid()
        colour = real_colours.colour(theme.meaning(row.meaning)).lstrip("#")
        point.format.fill.fore_color.rgb = RGBColor.from_string(colour.upper())
        frame = point.data_label.text_frame
        deals = "" if row.deals is None else f", {row.deals:,}"
        frame.text = money(row.amount, one.currency, sign=row.kind == "move") + deals
        frame.paragraphs[0].runs[0].font.size = Pt(11)


def _table(
    slide: Any, heads: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float], *, numbers: int = 99
) -> None:
    """A table; the first column is text unless ``numbers`` says how many at the left are numbers."""
    shape = slide.shapes.add_table(
        len(rows) + 1, len(heads), _LEFT, Inches(1.5), _WIDTH, Inches(0.34 * (len(rows) + 1))
    )
    table = shape.table
    for column, width in enumerate(widths):
        table.columns[column].width = Inches(width)
    for line, row in enumerate([heads, *rows]):
        for column, text in enumerate(row):
            cell = table.cell(line, column)
            cell.text = str(text)
            cell.margin_top = cell.margin_bottom = Inches(0.03)
            paragraph = cell.text_frame.paragraphs[0]
            paragraph.font.size = Pt(11)
            right = column >= 1 if numbers == 99 else column < numbers
            paragraph.alignment = PP_ALIGN.RIGHT if right else PP_ALIGN.LEFT
