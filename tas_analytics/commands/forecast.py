"""forecast: where a period will land, beside commit, best case, weighted pipeline and calls."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from tas_analytics.commands.output import Format, err, out, out_csv, out_records, out_table
from tas_analytics.commands.questions import scope_of
from tas_analytics.forecast import fitted
from tas_analytics.forecast.period import FIGURES, HIERARCHY
from tas_analytics.formats import number, percent
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.dimensions import dimension
from tas_analytics.review import outlook as outlooks, proven, unknowns as unknown
from tas_analytics.store import Store

_SHARES = {"chance"}
_SHOWN = ("target", "won", "open_likely", "new_likely", "p10", "p50", "p90", "chance", "commit", "best_case",
          "weighted", "call")  # fmt: skip
_HEADS = {
    "open_likely": "from open", "new_likely": "not created", "p10": "P10", "p50": "P50", "p90": "P90",
    "chance": "P(target)", "best_case": "best case",
}  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """The words of ``forecast``."""

    period: str | None
    by: str | None
    where: Sequence[str]
    as_of: dt.date | None


def forecast(store: Store, words: Asked, how: Format) -> int:
    """Print one row, or one per group."""
    company = Company.of(store)
    scope = scope_of(company, words.where, words.period, words.as_of)
    by = None if words.by is None else HIERARCHY if words.by == HIERARCHY else dimension(words.by).key
    found, rows = outlooks.outlook(store, company, scope, by)
    if by is None:
        call = outlooks.call_over_all(store, scope, found)
        rows["call"] = float("nan") if call is None else call[1]
    names = {"name": "person" if by == HIERARCHY else by or "name"}
    keys = [] if by is None else [*names.values(), *(["depth"] if by == HIERARCHY else [])]
    table = rows.rename(columns=names)[[*keys, *FIGURES, "call"]]
    table.insert(0, "period", found.period.key)
    table = table.round({name: 4 if name in _SHARES else 2 for name in (*FIGURES, "call")})
    if how is Format.csv:
        out_csv(table)
    elif how is Format.json:
        out_records(table)
    else:
        _as_table(rows, by)
        out("")
        out(f"{outlooks.sentence(found, company.currency)}. Amounts in {company.currency}.")
    for line in outlooks.said(found):
        err(line)
    left = (found.period.last_day - found.as_of).days
    if found.answers is not None:
        err(proven.in_words(fitted.now(store, company, found.as_of, left).proof(found.period.last_day)))
    return 0


def unknowns(store: Store, words: Asked, how: Format) -> int:
    """Print what would move the forecast most if it were known."""
    company = Company.of(store)
    scope = scope_of(company, words.where, words.period, words.as_of)
    scope = scope.within(scope.period or company.calendar.quarter_of(scope.as_of))
    ahead = max(((scope.period.last_day if scope.period else scope.as_of) - scope.as_of).days, 1)
    found = unknown.unknowns(store, company, scope, fitted.now(store, company, scope.as_of, ahead))
    table = found.rename(columns={"id": "opportunity_id"}).round(
        {"amount": 2, "value": 2, "if_good": 2, "if_bad": 2, "odds": 4}
    )
    if how is Format.csv:
        out_csv(table)
    elif how is Format.json:
        out_records(table)
    else:
        rows = [
            [row["id"], row["name"], row["what"], number(row["value"]), number(row["if_good"], sign=True),
             number(row["if_bad"], sign=True)]
            for row in found.to_dict("records")
        ]  # fmt: skip
        out_table(["deal", "name", "not known", "worth", "if good", "if bad"], rows, [False, False, False, *[True] * 3])
        out(f"{unknown.sentence(found, company.currency)}. Amounts in {company.currency}.")
    return 0


def _as_table(rows: pd.DataFrame, by: str | None) -> None:
    label = [] if by is None else ["person" if by == HIERARCHY else dimension(by).label.lower()]
    lines = []
    for row in rows.to_dict("records"):
        name = str(row["name"])
        if name == "":
            name = "(none)"
        lead = [] if by is None else ["  " * int(row["depth"]) + name]
        lines.append(lead + [_shown(key, row[key]) for key in _SHOWN])
    out_table([*label, *(_HEADS.get(key, key) for key in _SHOWN)], lines, [*(False for _ in label), *[True] * 12])


def _shown(key: str, value: Any) -> str:
    if pd.isna(value):
        return "–"
    return percent(value) if key in _SHARES else number(value)
