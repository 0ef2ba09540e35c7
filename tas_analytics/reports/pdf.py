"""The pack as a PDF for print: landscape, the app's own font, stamped on every page."""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path
from typing import Any, Final

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import FontFace

from tas_analytics.charts import real_colours, theme
from tas_analytics.formats import day, money, number
from tas_analytics.reports.font import Fonts, writable, write_fonts
from tas_analytics.reports.pack import (
    MINUTES,
    ON_PAPER,
    Pack,
    key_figures,
    minutes_rows,
    minutes_title,
    person,
    written,
)

_FONT: Final = "Source Sans"
_MUTED: Final = (92, 99, 107)
_INK: Final = (18, 22, 26)
_ROW: Final = 8.0


def write(one: Pack) -> bytes:
    """The document's bytes."""
    logging.getLogger("fontTools").setLevel(logging.ERROR)  # it tells at length what it leaves out
    with tempfile.TemporaryDirectory() as folder:
        page = _Paper(one.stamp, write_fonts(_every_text(one), Path(folder)))
        _fill(page, one)
        return bytes(page.output())


def _fill(page: _Paper, one: Pack) -> None:
    page.add_page()
    page.say(one.headline, 20, bold=True)
    _figures(page, one)
    if one.since is not None:
        page.say("What changed", 12, bold=True)
        _ledger(page, one)
    page.add_page()
    page.say(one.board_sentence, 14, bold=True)
    page.say(f"{one.legend} · {one.currency}", 9)
    _board(page, one)
    if one.since is not None:
        page.add_page()
        more = f", the {ON_PAPER} largest" if len(one.moved) > ON_PAPER else ""
        page.say(one.moved_title + more, 14, bold=True)
        _moved(page, one)
    rows = minutes_rows(one)
    if rows:
        page.add_page()
        page.say(minutes_title(one), 14, bold=True)
        with _table(page, (26, 80, 100, 36, 22), ("LEFT",) * len(MINUTES)) as table:
            table.row(list(MINUTES))
            for kind, deal, what, who, due in rows:
                table.row([kind, deal, what, who, day(due, year=False) if due else ""])


def _every_text(one: Pack) -> str:
    """Every word of a name or sentence, for the characters in it."""
    deals = [f"{deal['name']}{deal['owner_after']}{deal['owner_before']}" for deal in one.moved[:ON_PAPER]]
    said = [text for row in minutes_rows(one) for text in row[:4]]
    stories = [one.happened(deal) for deal in one.moved[:ON_PAPER]]
    return "".join(
        [
            one.headline,
            one.stamp,
            one.board_sentence,
            *map(str, one.board["name"]),
            *deals,
            *stories,
            minutes_title(one),
            *said,
        ]
    )


class _Paper(FPDF):
    """Pages that carry the stamp at the foot."""

    def __init__(self, stamp: str, fonts: Fonts) -> None:
        super().__init__(orientation="landscape", format="A4")
        self.stamp = stamp
        self.set_auto_page_break(True, margin=16)
        self.lacking = fonts.lacking
        for style, file in fonts.styles.items():
            self.add_font(_FONT, "B" if style else "", file)
        for file in fonts.fallbacks:
            self.add_font(file.stem, "", file)
        if fonts.fallbacks:
            self.set_fallback_fonts([file.stem for file in fonts.fallbacks], exact_match=False)
            self.set_text_shaping(fonts.shaped)
        self.set_text_color(*_INK)
        self.set_title("Forecast review")

    def normalize_text(self, text: str) -> str:
        """The text that can be written: control characters and what no font has are replaced."""
        return str(super().normalize_text(writable(text).translate(self.lacking)))

    def footer(self) -> None:
        """Scope, day and page number."""
        self.set_y(-12)
        self.set_font(_FONT, "", 8)
        self.set_text_color(*_MUTED)
        self.cell(0, 6, f"{self.stamp} · page {self.page_no()}")
        self.set_text_color(*_INK)

    def say(self, text: str, size: float, *, bold: bool = False) -> None:
        """A paragraph."""
        self.set_font(_FONT, "B" if bold else "", size)
        self.multi_cell(0, size * 0.5, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(2)


def _figures(page: _Paper, one: Pack) -> None:
    figures = key_figures(one)
    width, top = page.epw / max(len(figures), 4), page.get_y() + 2
    for index, figure in enumerate(figures):
        for text, size, bold, down in ((figure.label, 9, False, 0.0), (figure.text, 15, True, 5.0)):
            page.set_xy(page.l_margin + index * width, top + down)
            page.set_font(_FONT, "B" if bold else "", size)
            page.set_text_color(*(_INK if bold else _MUTED))
            page.cell(width, 7, text)
    page.set_text_color(*_INK)
    page.set_xy(page.l_margin, top + 20)


def _ledger(page: _Paper, one: Pack) -> None:
    rows = one.waterfall
    low, high = min(min(r.start, r.end) for r in rows), max(max(r.start, r.end) for r in rows)
    left, width = page.l_margin + 45, 150.0
    scale = width / ((high - low) or 1.0)
    for row in rows:
        y = page.get_y()
        page.set_font(_FONT, "", 10)
        page.cell(43, _ROW, row.label, align="R")
        at, length = left + (min(row.start, row.end) - low) * scale, abs(row.end - row.start) * scale
        colour = real_colours.colour(theme.meaning(row.meaning)).lstrip("#")
        page.set_fill_color(int(colour[:2], 16), int(colour[2:4], 16), int(colour[4:], 16))
        page.rect(at, y + 1, max(length, 0.8), _ROW - 2, style="F")
        page.set_xy(left + width + 4, y)
        page.set_font(_FONT, "B", 10)
        page.cell(34, _ROW, number(row.amount, 0, sign=row.kind == "move"), align="R")
        page.set_font(_FONT, "", 10)
        page.cell(18, _ROW, "–" if row.deals is None else f"{row.deals:,}", align="R")
        page.set_xy(page.l_margin, y + _ROW)
    page.ln(3)
    page.say(f"Amounts in {one.currency} at the rates of the first day; deals at the right", 9)


def _board(page: _Paper, one: Pack) -> None:
    widths = (48, *(229 / len(one.columns) for _ in one.columns))
    aligns = ("LEFT", *("RIGHT" for _ in one.columns))
    with _table(page, widths, aligns) as table:
        table.row(["Name", *(label for _, label, _ in one.columns)])
        for row in one.board.to_dict("records"):
            style = FontFace(emphasis="BOLD") if row["leads"] else None
            table.row(
                [person(row), *(written(row[key], kind) for key, _, kind in one.columns)],
                style=style,
            )


def _moved(page: _Paper, one: Pack) -> None:
    with _table(page, (24, 100, 95, 45), ("RIGHT", "LEFT", "LEFT", "LEFT")) as table:
        table.row(["Change", "Deal", "What happened", "Owner"])
        for deal in one.moved[:ON_PAPER]:
            effect = money(float(deal["effect"]), one.currency, sign=True)
            owner = deal["owner_after"] or deal["owner_before"] or ""
            table.row([effect, str(deal["name"]), one.happened(deal), owner])


def _table(page: _Paper, widths: tuple[float, ...], aligns: tuple[str, ...]) -> Any:
    page.set_font(_FONT, "", 8.5)
    page.set_fill_color(255, 255, 255)
    page.set_draw_color(228, 224, 216)
    heads = FontFace(emphasis="", color=_MUTED)
    return page.table(
        col_widths=widths,
        text_align=aligns,
        line_height=5,
        headings_style=heads,
        borders_layout="HORIZONTAL_LINES",
        cell_fill_mode="NONE",
    )
