"""risks: the open deals at risk by the company's rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from tas_analytics.commands.output import Format, err, out, out_csv, out_json, out_table
from tas_analytics.commands.questions import Question, period_scope
from tas_analytics.errors import BadQuestion
from tas_analytics.formats import count, money, number
from tas_analytics.metrics.company import Company
from tas_analytics.review import risks as at_risk
from tas_analytics.review.risk_rules import rules as all_rules
from tas_analytics.review.risk_scores import scores_between
from tas_analytics.review.risks import Risks
from tas_analytics.store import Store

#: Columns of a deal in JSON and CSV.
_COLUMNS: Final = (
    "opportunity_id", "name", "account", "owner", "manager", "stage", "forecast_category", "amount", "close_date",
    "effect", "risks",
)  # fmt: skip


def risks(store: Store, words: Question, how: Format, *, scores: bool) -> int:
    """Print the deals at risk, largest effect on the forecast first."""
    company = Company.of(store)
    if not company.days:
        raise BadQuestion("There is nothing at risk yet", "Load an export of opportunities.")
    scope = period_scope(company, words.where, words.period, words.as_of)
    since = company.week_before(scope.as_of)
    known = scores_between(store, company, scope, since) if scores and since else None
    found = at_risk.risks(store, company, scope, scores=known)
    names = {one.code: one.name for one in all_rules(store)}
    if how is Format.csv:
        out_csv(_as_frame(found))
    elif how is Format.json:
        out_json(_as_json(found, names))
    else:
        _as_table(found)
    err(f"{at_risk.headline(found)}.")
    for one, why in found.skipped:
        err(f"Not checked: {one.name}, because {why}.")
    return 0


def _rows(found: Risks) -> list[dict[str, Any]]:
    rows = found.deals.rename(columns={"id": "opportunity_id"}).to_dict("records")
    return [{str(key): value for key, value in row.items()} for row in rows]


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    plain = {name: None if pd.isna(row[name]) else row[name] for name in _COLUMNS}
    plain["close_date"] = plain["close_date"].date() if plain["close_date"] is not None else None
    for name in ("amount", "effect"):
        plain[name] = None if pd.isna(row[name]) else round(float(row[name]), 2)
    return plain


def _as_json(found: Risks, names: Mapping[str, str]) -> dict[str, object]:
    return {
        "as_of": found.scope.as_of,
        "period": found.scope.period.key if found.scope.period else None,
        "filters": found.scope.filtered_by,
        "currency": found.currency,
        "open_deals": found.open_deals,
        "open_amount": round(found.open_amount, 2),
        "deals_at_risk": len(found.deals),
        "amount_at_risk": round(found.amount, 2),
        "effect": round(found.effect, 2),
        "rules": [
            {"code": row["code"], "rule": row["rule"], "deals": int(row["deals"]), "amount": round(row["amount"], 2)}
            for row in found.by_rule.to_dict("records")
        ],
        "not_checked": [{"code": one.code, "rule": one.name, "reason": why} for one, why in found.skipped],
        "deals": [
            _plain(row)
            | {
                "rules": [
                    {"code": code, "rule": names.get(code, code), "fact": fact}
                    for code, fact in zip(row["codes"], row["facts"], strict=True)
                ]
            }
            for row in _rows(found)
        ],
    }


def _as_frame(found: Risks) -> pd.DataFrame:
    rows = [_plain(row) | {"rules": "; ".join(row["codes"]), "facts": "; ".join(row["facts"])} for row in _rows(found)]
    return pd.DataFrame(rows, columns=[*_COLUMNS, "rules", "facts"])


def _as_table(found: Risks) -> None:
    out_table(
        ["deal", "effect", "amount", "owner", "stage", "what the data say"],
        [
            [
                str(row["name"]), number(float(row["effect"])),
                "–" if pd.isna(row["amount"]) else number(float(row["amount"])), str(row["owner"] or "–"),
                str(row["stage"]), "; ".join(row["facts"]),
            ]
            for row in _rows(found)
        ],
        [False, True, True, False, False, False],
    )  # fmt: skip
    if not found.deals.empty:
        out(f"{count(len(found.deals), 'deal')} at risk, {money(found.amount, found.currency)}, each counted once")
