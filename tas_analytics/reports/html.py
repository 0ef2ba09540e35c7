"""The pack as one HTML file: nothing is fetched from anywhere, all text is escaped."""

from __future__ import annotations

import html
from typing import Final

from tas_analytics.charts import real_colours, theme
from tas_analytics.formats import day, money, number
from tas_analytics.reports.pack import MINUTES, Pack, minutes_rows, minutes_title, person, written

_STYLE: Final = """
:root{color-scheme:light}body{font:15px/1.45 "Source Sans 3","Source Sans Pro",system-ui,sans-serif;color:#12161A;
background:#FCFBF8;max-width:1180px;margin:2rem auto;padding:0 1.2rem}
h1,h2{font-family:"Source Serif 4",Georgia,serif;font-weight:600;line-height:1.2}h1{font-size:26px;max-width:46rem}
h2{font-size:17px;border-top:2px solid;padding-top:.6rem;margin-top:2rem}.s{color:#5C636B;font-size:13px}
table{border-collapse:collapse;width:100%;font-size:13px}th{text-align:left;font-weight:400;color:#5C636B}
td,th{padding:.3rem .5rem;border-bottom:1px solid #E4E0D8}.n{text-align:right;font-variant-numeric:tabular-nums}
.b{font-weight:600}.w{width:46%}.w div{position:relative;height:16px}.w i{position:absolute;top:0;height:16px}
.x{overflow-x:auto}.x td:first-child{white-space:nowrap}
@media print{body{margin:0;max-width:none}h2{break-after:avoid}tr{break-inside:avoid}}
"""


def write(one: Pack) -> bytes:
    """The page's bytes."""
    parts = [
        f"<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>{_(one.headline)}</title><style>{_STYLE}</style>",
        f"<p class=s>{_(one.stamp)}</p><h1>{_(one.headline)}</h1>",
        f"<h2>What changed</h2>{_ledger(one)}" if one.since else "",
        f"<h2>{_(one.board_sentence)}</h2><p class=s>{_(one.legend)} · {_(one.currency)}</p>{_board(one)}",
        f"<h2>{one.moved_title}</h2>{_moved(one)}" if one.since else "",
        _minutes(one),
        "</html>",
    ]
    return "\n".join(parts).encode()


def _(text: object) -> str:
    return html.escape(str(text))


def _ledger(one: Pack) -> str:
    rows = one.waterfall
    low, high = min(min(r.start, r.end) for r in rows), max(max(r.start, r.end) for r in rows)
    room = (high - low) * 1.08 or 1.0
    low -= room * 0.04
    lines = []
    for row in rows:
        left, width = (min(row.start, row.end) - low) / room * 100, abs(row.end - row.start) / room * 100
        colour = real_colours.colour(theme.meaning(row.meaning))
        bar = f"left:{left:.2f}%;width:{width:.2f}%;min-width:2px;background:{colour}"
        amount = number(row.amount, 0, sign=row.kind == "move")
        deals = "–" if row.deals is None else f"{row.deals:,}"
        lines.append(
            f"<tr><td>{_(row.label)}<td class=w><div><i style='{bar}'></i></div>"
            f"<td class='n b'>{amount}<td class=n>{deals}"
        )
    return f"<table><tr><th><th><th class=n>{_(one.currency)}<th class=n>Deals{''.join(lines)}</table>"


def _board(one: Pack) -> str:
    head = "".join(f"<th class=n>{label}" for _key, label, _kind in one.columns)
    lines = [
        f"<tr{' class=b' if row['leads'] else ''}><td>{_(person(row))}"
        + "".join(f"<td class=n>{written(row[key], kind)}" for key, _label, kind in one.columns)
        for row in one.board.to_dict("records")
    ]
    return f"<div class=x><table><tr><th>Name{head}{''.join(lines)}</table></div>"


def _minutes(one: Pack) -> str:
    rows = minutes_rows(one)
    if not rows:
        return ""
    lines = [
        f"<tr><td>{_(kind)}<td>{_(deal)}<td>{_(what)}<td>{_(who)}<td>{_(day(due)) if due else ''}"
        for kind, deal, what, who, due in rows
    ]
    head = "".join(f"<th>{label}" for label in MINUTES)
    return f"<h2>{_(minutes_title(one))}</h2><div class=x><table><tr>{head}{''.join(lines)}</table></div>"


def _moved(one: Pack) -> str:
    lines = [
        f"<tr><td class='n b'>{_(money(float(deal['effect']), one.currency, sign=True))}<td>{_(deal['name'])}"
        f"<td>{_(one.happened(deal))}<td>{_(deal['owner_after'] or deal['owner_before'] or '')}"
        for deal in one.moved
    ]
    return f"<div class=x><table><tr><th class=n>Change<th>Deal<th>What happened<th>Owner{''.join(lines)}</table></div>"
