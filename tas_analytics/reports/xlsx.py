"""The pack as a workbook: values and live formulas with number formats, filters and frozen heads.

What follows from other cells is a formula with its value beside it, for readers that do not calculate: gap and
coverage of the board, the end of the waterfall, the figures that stand first, and sums of the rows that a filter
leaves.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import pandas as pd
import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from tas_analytics.reports.pack import BOARD, MINUTES, KeyFigure, Pack, key_figures, minutes_rows, person
from tas_analytics.review.buckets import bucket

#: The first row of a table, from 0.
_FIRST: Final = 3
#: The board's columns, and the open amount from which the coverage follows.
_BOARD: Final = (*BOARD, ("open", "Open", "money"))
_FORMULAS: Final = {"gap": "={commit}-{target}", "coverage": "={open}/({target}-{won})"}
_MONEY: Final = "#,##0.00;-#,##0.00"
_DEALS: Final = (
    ("id", "ID"), ("name", "Deal"), ("account", "Account"), ("owner", "Owner"), ("manager", "Manager"),
    ("stage", "Stage"), ("forecast_category", "Category"), ("amount", "Amount"), ("close_date", "Close date"),
    ("days_in_stage", "Days in stage"), ("pushes", "Pushes"), ("next_step", "Next step"),
)  # fmt: skip


def write(one: Pack) -> bytes:
    """The workbook's bytes."""
    out = io.BytesIO()
    # Texts from a CRM are written as texts, never as formulas or links.
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "default_date_format": "yyyy-mm-dd",
    }
    with xlsxwriter.Workbook(out, options) as book:
        _summary(book, one)
        columns = [label for _, label, _ in _BOARD]
        rows = [
            [person(row), *(_followed(row, key, line) for key, *_ in _BOARD)]
            for line, row in enumerate(one.board.to_dict("records"), start=_FIRST + 1)
        ]
        ratios = {index + 1 for index, (_, _, kind) in enumerate(_BOARD) if kind == "ratio"}
        plain = {index + 1 for index, (_, _, kind) in enumerate(_BOARD) if kind == "count"}
        _table(book, "Board", one.stamp, ["Name", *columns], rows, plain=plain, ratios=ratios)
        ledger: list[list[Any]] = [[row.label, row.amount, row.deals] for row in one.waterfall]
        last = _FIRST + len(ledger) - 1
        if len(ledger) > 1:
            ledger[-1][1] = Formula(f"=SUM(B{_FIRST + 1}:B{last})", ledger[-1][1])
        _table(book, "Waterfall", one.stamp, ["Step", f"Amount, {one.currency}", "Deals"], ledger, plain={2})
        moved = [
            [
                deal["opportunity_id"], deal["name"], deal["account"], bucket(str(deal["bucket"])).label,
                one.happened(deal),
                deal["before"], deal["after"], deal["amount"], deal["currency_effect"],
                deal["owner_after"] or deal["owner_before"],
                deal["stage_before"], deal["stage_after"], deal["close_date_before"], deal["close_date_after"],
                deal["pushes"],
            ]
            for deal in one.moved
        ]  # fmt: skip
        heads = [
            *(
                "ID",
                "Deal",
                "Account",
                "Kind of change",
                "What happened",
                "Before",
                "After",
                "Change",
                "Currency effect",
                "Owner",
            ),
            *("Stage before", "Stage after", "Close before", "Close after", "Pushes"),
        ]
        _table(book, "What changed", one.stamp, heads, moved, plain={14}, sums={5, 6, 7, 8})
        deals = [[row[key] for key, _ in _DEALS] for row in one.deals.to_dict("records")]
        _table(book, "Open deals", one.stamp, [label for _, label in _DEALS], deals, plain={9, 10}, sums={7})
        minutes = minutes_rows(one)
        if minutes:
            _table(book, "Decisions", one.stamp, list(MINUTES), minutes, plain=set())
    return out.getvalue()


@dataclass(frozen=True)
class Formula:
    """A formula, and the value that it has now."""

    text: str
    value: float


def _column(key: str) -> str:
    """The letter of a column of the board's sheet."""
    return str(xl_col_to_name(1 + [one for one, *_ in _BOARD].index(key)))


def _followed(row: dict[Any, Any], key: str, line: int) -> Any:
    """A cell of the board: a formula where it follows from cells of its row, and has a value."""
    value = row[key]
    if pd.isna(value) or key not in _FORMULAS:
        return value
    cells = {name: f"{_column(name)}{line}" for name in ("commit", "target", "open", "won")}
    return Formula(_FORMULAS[key].format(**cells), float(value))


def _summary(book: Any, one: Pack) -> None:
    sheet = book.add_worksheet("Review")
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 18)
    sheet.write_string(0, 0, one.headline, book.add_format({"bold": True, "font_size": 16}))
    sheet.write_string(1, 0, one.stamp, book.add_format({"font_color": "#5C636B"}))
    sheet.write_string(3, 0, one.board_sentence, book.add_format({"bold": True}))
    kinds = {"money": book.add_format({"num_format": _MONEY}), "share": book.add_format({"num_format": "0%"})}
    line = 4
    for line, figure in enumerate(key_figures(one), start=4):
        sheet.write_string(line, 0, figure.label)
        if figure.value is None:
            sheet.write_string(line, 1, figure.text, book.add_format({"align": "right"}))
        else:
            sheet.write_formula(line, 1, _first_figure(figure), kinds[figure.kind], figure.value)
    sheet.write_string(line + 2, 0, one.legend, book.add_format({"font_color": "#5C636B"}))
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _first_figure(figure: KeyFigure) -> str:
    """Where a figure that stands first comes from: the board's first row, or the end of the waterfall."""
    line = _FIRST + 1
    keys = {label: key for key, label, _ in _BOARD}
    if figure.label in keys and figure.label != "Open":
        return f"=Board!{_column(keys[figure.label])}{line}"
    if figure.kind == "share":
        return f"=Board!{_column('commit')}{line}/Board!{_column('target')}{line}"
    return f"=INDEX(Waterfall!B:B,COUNTA(Waterfall!A:A)+{_FIRST - 2})"


def _is_blank(cell: Any) -> bool:
    return cell is None or (not isinstance(cell, str | Formula) and bool(pd.isna(cell)))


def _table(
    book: Any,
    name: str,
    stamp: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    plain: set[int],
    ratios: set[int] = frozenset(),  # type: ignore[assignment]
    sums: set[int] = frozenset(),  # type: ignore[assignment]
) -> None:
    sheet = book.add_worksheet(name)
    sheet.write_string(0, 0, stamp, book.add_format({"font_color": "#5C636B"}))
    bold = book.add_format({"bold": True, "bottom": 1})
    kinds = {
        "money": book.add_format({"num_format": _MONEY}), "plain": book.add_format({"num_format": "0"}),
        "ratio": book.add_format({"num_format": "0.00"}), "date": book.add_format({"num_format": "yyyy-mm-dd"}),
    }  # fmt: skip
    widths = [len(head) + 3 for head in heads]
    right = book.add_format({"bold": True, "bottom": 1, "align": "right"})
    for column, head in enumerate(heads):
        numbers = any(isinstance(row[column], int | float | Decimal) and not pd.isna(row[column]) for row in rows)
        sheet.write_string(2, column, head, right if numbers else bold)
    for line, row in enumerate(rows, start=_FIRST):
        for column, cell in enumerate(row):
            if _is_blank(cell):
                continue
            if isinstance(cell, str):
                sheet.write_string(line, column, cell)
                widths[column] = max(widths[column], min(len(cell) + 2, 46))
            elif isinstance(cell, Formula):
                kind = "ratio" if column in ratios else "money"
                sheet.write_formula(line, column, cell.text, kinds[kind], cell.value)
                widths[column] = max(widths[column], 16 if kind == "money" else 9)
            elif isinstance(cell, dt.date):
                sheet.write_datetime(line, column, dt.datetime(cell.year, cell.month, cell.day), kinds["date"])  # noqa: DTZ001 - a day has no zone
                widths[column] = max(widths[column], 12)
            else:
                kind = "plain" if column in plain else "ratio" if column in ratios else "money"
                sheet.write_number(line, column, float(cell) if isinstance(cell, Decimal) else cell, kinds[kind])
                widths[column] = max(widths[column], 16 if kind == "money" else 9)
    if sums and rows:
        sheet.write_string(1, min(sums) - 1, "Sum of the rows shown", book.add_format({"font_color": "#5C636B"}))
        for column in sums:
            letter, shown = xl_col_to_name(column), [row[column] for row in rows if not pd.isna(row[column])]
            text = f"=SUBTOTAL(109,{letter}{_FIRST + 1}:{letter}{_FIRST + len(rows)})"
            sheet.write_formula(1, column, text, kinds["money"], float(sum(shown)))
    for column, width in enumerate(widths):
        # A column in which nothing stands keeps its place, for formulas and for programs, but not its room.
        silent = bool(rows) and all(_is_blank(row[column]) for row in rows)
        sheet.set_column(column, column, width, None, {"hidden": silent})
    sheet.freeze_panes(3, 1)
    sheet.autofilter(2, 0, max(len(rows) + 2, 3), len(heads) - 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
