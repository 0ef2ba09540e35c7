"""Strategies, judgements and value as tables, and the facts that were planted in them."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path
from typing import Final

from sample_company.assessments import Rating, Rival
from sample_company.catalogue import AS_OF
from sample_company.deals import outcome
from sample_company.exports import Seen, write_table
from sample_company.facts import Json
from sample_company.strategies import PLANTED, VARIATIONS, Declared, build_judgements, build_strategies, known_of
from sample_company.values import SLOTS, STEPS, build_values

_VALUE_END: Final = ("confirmed_by", "confirmed_on", "author")


def write_strategies(folder: Path, ratings: list[Rating], rivals: list[Rival], last: list[Seen]) -> Json:
    """The four tables, under the names of the import; gives the planted facts."""
    assessed = known_of(ratings, rivals)
    declared = build_strategies(assessed, last)
    judged = build_judgements(assessed)
    arguments, propositions = build_values(assessed)
    rows = sorted((row for of_deal in declared.values() for row in of_deal), key=lambda row: (row.day, row.deal.id))
    write_table(
        folder / "strategies.csv",
        ("opportunity_id", "strategy", "variation", "competitor", "declared_on", "author", "reason"),
        ((r.deal.id, r.strategy, r.variation, r.competitor, r.day.isoformat(), r.author, r.reason) for r in rows),
    )
    write_table(
        folder / "judgements.csv",
        ("opportunity_id", "judgement", "answer", "judged_on", "author", "reason"),
        ((r.deal.id, r.judgement, r.answer, r.day.isoformat(), r.author, r.reason) for r in judged),
    )
    write_table(
        folder / "value_chain.csv",
        ("opportunity_id", "argument", *STEPS, *_VALUE_END),
        (
            (
                r.deal.id,
                str(r.number),
                *(r.steps[step] for step in STEPS),
                r.confirmed_by,
                _day(r.confirmed_on),
                r.author,
            )
            for r in arguments
        ),
    )
    write_table(
        folder / "value_propositions.csv",
        ("opportunity_id", "form", *SLOTS, *_VALUE_END),
        (
            (r.deal.id, r.form, *(r.slots.get(s, "") for s in SLOTS), r.confirmed_by, _day(r.confirmed_on), r.author)
            for r in propositions
        ),
    )
    return {
        "declared": len(rows),
        "deals": sum(bool(of_deal) for of_deal in declared.values()),
        "judgements": len(judged),
        "arguments": len(arguments),
        "propositions": len(propositions),
        "unfinished": sum(not one.is_finished for one in propositions),
        "by_strategy": _by_strategy(declared),
        "planted": dict(PLANTED),
    }


def _by_strategy(declared: dict[str, list[Declared]]) -> Json:
    """Deals by the strategy declared last (of two on one day, the first of the list counts) and what became of them."""
    tally: Counter[tuple[str, str]] = Counter()
    for rows in declared.values():
        if rows:
            newest = max(row.day for row in rows)
            row = next(row for row in rows if row.day == newest)
            tally[row.strategy, outcome(row.deal, AS_OF)] += 1
    return {name: {result: tally[name, result] for result in ("open", "won", "lost")} for name in VARIATIONS}


def _day(day: dt.date | None) -> str:
    return day.isoformat() if day else ""
