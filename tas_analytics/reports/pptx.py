"""The pack as slides, with charts and tables that can be edited."""

from __future__ import annotations

import io
from collections.abc import Sequence, Set
from typing import Any, Final, TypeVar

from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LABEL_POSITION, XL_TICK_LABEL_POSITION, XL_TICK_MARK
from pptx.enum.text import PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Emu, Inches, Pt

from tas_analytics.charts import real_colours, theme
from tas_analytics.formats import count, day, money
from tas_analytics.reports.pack import (
    MINUTES,
    Pack,
    Row,
    key_figures,
    minutes_rows,
    minutes_title,
    person,
    written,
)

T = TypeVar("T")

_INK: Final = RGBColor(0x12, 0x16, 0x1A)
_MUTED: Final = RGBColor(0x5C, 0x63, 0x6B)
_LEFT: Final = Inches(0.6)
_INCHES: Final = 12.1
_WIDTH: Final = Inches(_INCHES)
#: Of tables: the size of their text, the margin of a cell in inches, and how wide a letter is, to its size.
_SIZE: Final = 10.0
_MARGIN: Final = 0.05
_EM: Final = 0.7
_FAINT: Final = RGBColor(0xF3, 0xF1, 0xEB)
#: Rows of a table that a slide can hold: of people, whose names are short, and of deals, whose names may take two
#: lines.
_PEOPLE: Final = 17
_ROWS: Final = 14
#: Presentations know their styles of tables by number; this one is without lines and fills.
_PLAIN_STYLE: Final = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"


def write(one: Pack) -> bytes:
    """The presentation's bytes."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = Inches(13.333), Inches(7.5)
    first = _slide(deck, one.headline, one.stamp)
    _figures(first, one)
    if one.since is not None:
        _chart(_slide(deck, "What changed", one.stamp), one)
    people = one.board.to_dict("records")
    for part in _parts(people, _PEOPLE):
        rows = [[person(row), *(written(row[key], kind) for key, _, kind in one.columns)] for row in part]
        slide = _slide(deck, one.board_sentence, one.stamp)
        _text(slide, f"{one.legend} · {one.currency}", Inches(1.25), 10, _MUTED)
        heads = ["Name", *(label for _, label, _ in one.columns)]
        leaders = {index for index, row in enumerate(part) if row["leads"]}
        widths, size = _fitting(heads, rows)
        _table(slide, heads, rows, widths, heavy=leaders, size=size)
    moved = [
        [
            money(float(deal["effect"]), one.currency, sign=True), str(deal["name"]), one.happened(deal),
            deal["owner_after"] or deal["owner_before"] or "",
        ]
        for deal in one.moved[: 2 * _ROWS]
    ]  # fmt: skip
    for some in _parts(moved, _ROWS) if one.since is not None else []:
        title = one.moved_title + (", the largest" if len(one.moved) > len(moved) else "")
        heads = ["Change", "Deal", "What happened", "Owner"]
        _table(_slide(deck, title, one.stamp), heads, some, (1.0, 5.1, 4.1, 1.9), numbers=1)
    minutes = [
        [kind, deal, what, who, day(due, year=False) if due else ""] for kind, deal, what, who, due in minutes_rows(one)
    ]
    for said in _parts(minutes, _ROWS) if minutes else []:
        slide = _slide(deck, minutes_title(one), one.stamp)
        _table(slide, list(MINUTES), said, (1.6, 3.7, 4.4, 1.5, 0.9), numbers=0)
    out = io.BytesIO()
    deck.save(out)
    return out.getvalue()


def _parts(rows: Sequence[T], most: int) -> list[Sequence[T]]:
    """The rows in parts of about the same length, so that no slide is left with a row or two."""
    slides = max(-(-len(rows) // most), 1)
    length = -(-len(rows) // slides)
    return [rows[at * length : (at + 1) * length] for at in range(slides)]


def _slide(deck: Any, title: str, stamp: str) -> Any:
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    _text(slide, title, Inches(0.35), 22, _INK, bold=True, height=0.9)
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
    for index, figure in enumerate(key_figures(one)):
        left = _LEFT + Emu(int(_WIDTH / 4) * (index % 4))
        top = Inches(2.0 + 1.6 * (index // 4))
        frame = slide.shapes.add_textbox(left, top, Emu(int(_WIDTH / 4)), Inches(1.2)).text_frame
        frame.word_wrap = True
        for text, size, bold, colour in ((figure.label, 13, False, _MUTED), (figure.text, 28, True, _INK)):
            paragraph = frame.paragraphs[0] if size == 13 else frame.add_paragraph()
            run = paragraph.add_run()
            run.text = text
            run.font.size, run.font.bold, run.font.color.rgb = Pt(size), bold, colour


def _chart(slide: Any, one: Pack) -> None:
    """The waterfall as stacked bars: an unseen base carries the bar, and an unseen tail at its right the label.

    What was open on either day is a tick at its place, not a bar: the scale begins near the smallest, for beside the
    whole pipeline the steps of a week could not be seen.
    """
    rows = one.waterfall
    low, high = min(min(row.start, row.end) for row in rows), max(max(row.start, row.end) for row in rows)
    room = (high - low) or abs(high) or 1.0
    tick = room * 0.006
    ends = [max(row.start, row.end) for row in rows]
    lengths = [abs(row.amount) if row.kind == "move" else min(tick, end) for row, end in zip(rows, ends, strict=True)]
    data = CategoryChartData(number_format="#,##0")
    data.categories = [row.label for row in rows]
    data.add_series("Base", [end - length for end, length in zip(ends, lengths, strict=True)])
    data.add_series(one.currency, lengths)
    data.add_series("Label", [room * 0.3] * len(rows))
    shape = slide.shapes.add_chart(XL_CHART_TYPE.BAR_STACKED, _LEFT, Inches(1.3), _WIDTH, Inches(5.5), data)
    chart = shape.chart
    chart.has_legend = False
    chart.has_title = False
    chart.category_axis.reverse_order = True
    chart.category_axis.tick_labels.font.size = Pt(12)
    chart.category_axis.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    chart.category_axis.major_tick_mark = XL_TICK_MARK.NONE
    chart.category_axis.format.line.fill.background()
    chart.value_axis.visible = False
    chart.value_axis.has_major_gridlines = False
    chart.value_axis.minimum_scale, chart.value_axis.maximum_scale = low - room * 0.04, high + room * 0.3
    plot = chart.plots[0]
    plot.gap_width, plot.overlap = 35, 100
    base, bars, tails = plot.series
    base.format.fill.background()
    tails.format.fill.background()
    for index, row in enumerate(rows):
        point = bars.points[index]
        point.format.fill.solid()
        colour = real_colours.colour(theme.meaning(row.meaning)).lstrip("#")
        point.format.fill.fore_color.rgb = RGBColor.from_string(colour.upper())
        label = tails.points[index].data_label
        label.position = XL_LABEL_POSITION.INSIDE_BASE
        label.text_frame.text = _said(row, one.currency)
        label.text_frame.paragraphs[0].runs[0].font.size = Pt(12)


def _said(row: Row, currency: str) -> str:
    amount = money(row.amount, currency, sign=row.kind == "move")
    return amount if row.deals is None else f"{amount} · {count(row.deals, 'deal')}"


def _fitting(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[list[float], float]:
    """Widths in inches by the longest cell of each column, and the size at which each cell stays on its line.

    What the slide is shown with may lack the font, so that a letter is taken to be as wide as a wide font's bold one.
    """
    longest = [max(len(str(cell)) for cell in column) for column in zip(heads, *rows, strict=True)]
    room = _INCHES - 2 * _MARGIN * len(longest)
    size = min(_SIZE, int(2 * 72 * room / (_EM * sum(longest))) / 2)
    return [2 * _MARGIN + room * letters / sum(longest) for letters in longest], size


def _table(
    slide: Any,
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    widths: Sequence[float],
    *,
    numbers: int = 99,
    heavy: Set[int] = frozenset(),
    size: float = _SIZE,
) -> None:
    """A table; the first column is text unless ``numbers`` says how many at the left are numbers."""
    line = Inches(0.29)
    shape = slide.shapes.add_table(len(rows) + 1, len(heads), _LEFT, Inches(1.65), _WIDTH, line * (len(rows) + 1))
    table = shape.table
    shape._element.graphic.graphicData.tbl.tblPr.find(qn("a:tableStyleId")).text = _PLAIN_STYLE
    for column, width in enumerate(widths):
        table.columns[column].width = Inches(width)
    for at, row in enumerate([heads, *rows]):
        for column, text in enumerate(row):
            cell = table.cell(at, column)
            cell.text = str(text)
            cell.margin_top = cell.margin_bottom = Inches(0.03)
            cell.margin_left = cell.margin_right = Inches(_MARGIN)
            if at % 2:
                cell.fill.solid()
                cell.fill.fore_color.rgb = _FAINT
            paragraph = cell.text_frame.paragraphs[0]
            paragraph.font.size = Pt(size)
            paragraph.font.bold = at - 1 in heavy
            paragraph.font.color.rgb = _INK if at else _MUTED
            right = column >= 1 if numbers == 99 else column < numbers
            paragraph.alignment = PP_ALIGN.RIGHT if right else PP_ALIGN.LEFT
