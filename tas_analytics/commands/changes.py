"""changes: the waterfall between two days and its deals."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from tas_analytics.commands.output import Format, err, out, out_json, out_table
from tas_analytics.commands.questions import scope_of
from tas_analytics.errors import BadQuestion
from tas_analytics.formats import day, neutralise
from tas_analytics.metrics.company import Company
from tas_analytics.review.buckets import BUCKETS, bucket
from tas_analytics.review.changes import Changes, changed_deals, changes as compare
from tas_analytics.store import Store

#: Columns of a deal in JSON and CSV: the effect first, then what stood behind it on either day.
_COLUMNS: Final = (
    "opportunity_id", "bucket", "before", "after", "amount", "currency_effect", "name", "account",
    "stage_before", "stage_after", "category_before", "category_after", "close_date_before", "close_date_after",
    "owner_before", "owner_after", "own_amount_before", "own_amount_after", "currency_before", "currency_after",
    "pushes", "delays",
)  # fmt: skip


@dataclass(frozen=True)
class Comparison:
    """The words of ``changes`` and ``review``."""

    since: dt.date | None
    where: Sequence[str]
    period: str | None
    as_of: dt.date | None


def changes(store: Store, words: Comparison, how: Format) -> int:
    """Print what changed between two days."""
    company = Company.of(store)
    if not company.days:
        raise BadQuestion("There is nothing to compare yet", "Load two exports of opportunities of different days.")
    if words.since is None:
        raise BadQuestion("The first day is missing", "Give it as --since 2026-09-23.")
    scope = scope_of(company, words.where, words.period, words.as_of)
    found = compare(store, company, words.since, scope)
    deals = changed_deals(store, company, words.since, scope)
    if company.first_day and words.since < company.first_day:
        err(f"The data begin on {day(company.first_day)}: before that, deals are known by their created dates only.")
    if how is Format.json:
        out_json(_as_json(company, found, deals))
    elif how is Format.csv:
        out(_as_csv(deals))
    else:
        _as_table(company, found)
    return 0


def _as_json(company: Company, found: Changes, deals: Sequence[Mapping[str, Any]]) -> dict[str, object]:
    return {
        "since": found.since,
        "as_of": found.scope.as_of,
        "period": found.scope.period.key if found.scope.period else None,
        "filters": found.scope.filtered_by,
        "currency": company.currency,
        "start": str(found.start.amount),
        "start_deals": found.start.deals,
        "end": str(found.end.amount),
        "end_deals": found.end.deals,
        "buckets": [
            {"bucket": key, "deals": total.deals, "amount": str(total.amount)} for key, total in found.buckets.items()
        ],
        "deals": [{column: _exact(deal[column]) for column in _COLUMNS} for deal in deals],
    }


def _exact(value: object) -> object:
    return str(value) if isinstance(value, Decimal) else value


def _as_csv(deals: Sequence[Mapping[str, Any]]) -> str:
    text = io.StringIO()
    file = csv.writer(text, lineterminator="\n")
    file.writerow(_COLUMNS)
    file.writerows([["" if (cell := deal[c]) is None else neutralise(cell) for c in _COLUMNS] for deal in deals])
    return text.getvalue().rstrip("\n")


def _as_table(company: Company, found: Changes) -> None:
    def line(label: str, deals: int | None, amount: Decimal, sign: str) -> list[str]:
        return [label, "" if deals is None else f"{deals:,}", f"{amount:{sign},.2f}"]

    rows = [line(f"Open on {day(found.since)}", found.start.deals, found.start.amount, "")]
    for one in BUCKETS:
        total = found.buckets[one.key]
        if total.deals or total.amount:
            rows.append(line(bucket(one.key).label, None if one.side == "rate" else total.deals, total.amount, "+"))
    rows.append(line(f"Open on {day(found.scope.as_of)}", found.end.deals, found.end.amount, ""))
    out_table(["", "deals", company.currency], rows, [False, True, True])
    if not found.start.deals and not found.end.deals:
        err("No deal was open in this scope on either day.")
