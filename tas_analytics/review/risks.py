"""The deals at risk: each once, with all its risks, ranked by what the forecast of the period would lose with it.

**Effect**: what the forecast counts on from a deal. A deal in commit counts with its whole amount, one that is omitted
from the forecast not at all, any other with its amount × the probability of its stage. Money at risk is the sum of
the amounts of the deals that have at least one risk, each counted once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from tas_analytics.formats import SMALL_N, count, money, out_of, percent, rate, sentence_case, within_sentence
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.compare import short
from tas_analytics.metrics.scope import Scope
from tas_analytics.review.risk_data import SILENT, measured
from tas_analytics.review.risk_measures import MEASURES
from tas_analytics.review.risk_rules import AT_MOST, Rule, rules as all_rules
from tas_analytics.store.database import Store

NOBODY: Final = "No owner"
#: Columns of a deal at risk.
_KEPT: Final = (
    "id", "name", "account", "owner", "manager", "region", "team", "stage", "category", "forecast_category", "amount",
    "close_date", "effect", "risks", "codes", "facts",
)  # fmt: skip


@dataclass(frozen=True)
class Risks:
    """What is at risk in a scope.

    Parameters
    ----------
    deals
        The deals with a risk, largest effect first: ``id``, ``name``, ``account``, ``owner``, ``manager``, ``region``,
        ``team``, ``stage``, ``category`` (key), ``forecast_category`` (as in the exports), ``amount``, ``close_date``,
        ``effect``, ``risks`` (how many), ``codes`` and ``facts`` (of each, in the order of the rules).
    by_rule
        Per rule that some deal meets: ``code``, ``rule``, ``deals``, ``amount``, ``effect``; most money first. A deal
        counts under each of its rules, so these do not add up to the total.
    by_owner
        Per owner of open deals: ``owner``, ``manager``, ``open``, ``deals`` (at risk), ``amount`` (at risk),
        ``open_amount``, ``effect``; largest effect first.
    open_deals, open_amount, commit_deals, commit_amount
        All that is open in the scope, and of it what is in commit.
    skipped
        Rules that could not be checked, each with the reason.
    scope, currency
        What was looked at.
    """

    deals: pd.DataFrame
    by_rule: pd.DataFrame
    by_owner: pd.DataFrame
    open_deals: int
    open_amount: float
    commit_deals: int
    commit_amount: float
    skipped: tuple[tuple[Rule, str], ...]
    scope: Scope
    currency: str

    @property
    def amount(self) -> float:
        """Money at risk, each deal once."""
        return float(self.deals["amount"].sum())

    @property
    def effect(self) -> float:
        """What the forecast counts on from the deals at risk."""
        return float(self.deals["effect"].sum())

    @property
    def commit_at_risk(self) -> tuple[int, float]:
        """Number and amount of the deals at risk that are in commit."""
        held = self.deals[self.deals["category"] == "commit"]
        return len(held), float(held["amount"].sum())

    def of(self, code: str | None = None, owner: str | None = None) -> pd.DataFrame:
        """The deals of one rule, of one owner, or both."""
        rows = self.deals
        if code:
            rows = rows[[code in codes for codes in rows["codes"]]]
        if owner:
            rows = rows[rows["owner"].fillna(NOBODY) == owner]
        return rows.reset_index(drop=True)


def risks(
    store: Store,
    company: Company,
    scope: Scope,
    *,
    scores: pd.DataFrame | None = None,
    rules: Sequence[Rule] | None = None,
) -> Risks:
    """Check the open deals of a scope by the rules in use.

    Parameters
    ----------
    store, company, scope
        Whose deals; with a period those that close in it.
    scores
        ``id`` or ``deal_key``, ``p_before``, ``p_now`` where the caller has scores; rules that need them are skipped
        otherwise.
    rules
        Other rules than the company's.
    """
    listed = [one for one in (all_rules(store) if rules is None else rules) if one.in_use]
    working = [one for one in listed if one.works]
    skipped = [(one, f"there is no measure {one.measure!r}") for one in listed if not one.works]
    frame, silent = measured(store, company, scope, {MEASURES[one.measure].source for one in working}, scores)
    chance = frame["stage_probability"].astype(float).fillna(0)
    weight = np.select([frame["category"] == "commit", frame["category"] == "omitted"], [1.0, 0.0], chance)
    frame["effect"] = frame["amount"].astype(float).fillna(0) * weight
    found: list[tuple[Rule, np.ndarray]] = []
    for one in working:
        missing = _silent(one, silent)
        if missing:
            skipped.append((one, SILENT[missing]))
        else:
            found.append((one, _holds(one, frame)))
    return _summed(frame, found, tuple(skipped), scope, company.currency)


def facts_of(frame_row: dict[str, Any], held: Sequence[Rule]) -> list[str]:
    """What was measured, in words, for each rule that a deal meets."""
    return [MEASURES[one.measure].fact(float(frame_row[one.measure]), frame_row) for one in held]


def _silent(one: Rule, silent: frozenset[str]) -> str | None:
    """The key of the reason why a rule cannot be checked."""
    measure = MEASURES[one.measure]
    if measure.key == "no_next_step":
        return "next_step" if "next_step" in silent else None
    if measure.key in {"supporters_in_power", "opponents"} and "map" in silent:
        return "map"
    return measure.source if measure.source in silent else None


def _holds(one: Rule, frame: pd.DataFrame) -> np.ndarray:
    """Which deals meet a rule. What is not known meets none."""
    values = frame[one.measure].to_numpy(dtype=float, na_value=np.nan)
    with np.errstate(invalid="ignore"):
        held = values <= one.threshold if one.comparison == AT_MOST else values >= one.threshold
    held &= ~np.isnan(values)
    if one.categories:
        held &= frame["category"].isin(one.categories).to_numpy()
    if one.from_probability is not None:
        held &= frame["stage_probability"].to_numpy(dtype=float, na_value=np.nan) >= one.from_probability - 1e-9
    if one.from_amount is not None:
        held &= frame["amount"].to_numpy(dtype=float, na_value=np.nan) >= one.from_amount
    return held


def _summed(
    frame: pd.DataFrame,
    found: Sequence[tuple[Rule, np.ndarray]],
    skipped: tuple[tuple[Rule, str], ...],
    scope: Scope,
    currency: str,
) -> Risks:
    met = np.stack([held for _, held in found], axis=1) if found else np.zeros((len(frame), 0), dtype=bool)
    number = met.sum(axis=1)
    frame = frame.assign(risks=number, is_at_risk=number > 0)
    at_risk = frame[number > 0]
    rows = at_risk.to_dict("records")
    held = [[one for (one, _), holds in zip(found, line, strict=True) if holds] for line in met[number > 0]]
    deals = at_risk.assign(
        codes=pd.Series([tuple(one.code for one in line) for line in held], index=at_risk.index, dtype=object),
        facts=pd.Series(
            [tuple(facts_of(row, line)) for row, line in zip(rows, held, strict=True)],
            index=at_risk.index, dtype=object,
        ),
    )[list(_KEPT)]  # fmt: skip
    order = ["effect", "risks", "amount", "name", "id"]
    deals = deals.sort_values(order, ascending=[False, False, False, True, True], ignore_index=True, na_position="last")
    amount = frame["amount"].astype(float).fillna(0).to_numpy()
    effect = frame["effect"].to_numpy()
    by_rule = pd.DataFrame(
        [(one.code, one.name, int(h.sum()), float(amount[h].sum()), float(effect[h].sum())) for one, h in found],
        columns=["code", "rule", "deals", "amount", "effect"],
    )
    by_rule = by_rule[by_rule["deals"] > 0].sort_values(
        ["amount", "deals"], ascending=False, kind="stable", ignore_index=True
    )
    commit = frame[frame["category"] == "commit"]
    return Risks(
        deals, by_rule, _owners(frame), len(frame), float(amount.sum()), len(commit), float(commit["amount"].sum()),
        skipped, scope, currency,
    )  # fmt: skip


def _owners(frame: pd.DataFrame) -> pd.DataFrame:
    amount = frame["amount"].astype(float).fillna(0)
    rows = frame.assign(
        owner=frame["owner"].fillna(NOBODY), open_amount=amount, amount=amount.where(frame["is_at_risk"], 0.0),
        effect=frame["effect"].where(frame["is_at_risk"], 0.0),
    )  # fmt: skip
    found = rows.groupby("owner", sort=True).agg(
        manager=("manager", "first"), open=("id", "size"), deals=("is_at_risk", "sum"), amount=("amount", "sum"),
        open_amount=("open_amount", "sum"), effect=("effect", "sum"),
    )  # fmt: skip
    found = found.reset_index()
    return found.sort_values(["effect", "amount", "deals"], ascending=False, kind="stable", ignore_index=True)


def headline(found: Risks) -> str:
    """How much of what the forecast counts on is at risk, and by which rule most."""
    period = f" {short(found.scope.period)}" if found.scope.period else ""
    if not found.open_deals:
        return f"No deal is open in {found.scope.period.label}" if found.scope.period else "No deal is open"
    if found.deals.empty:
        lead = f"None of the {count(found.open_deals, f'open{period} deal')} meets a rule of the risk list"
        # Where most rules find no data, silence is no good news.
        return f"{lead}; {count(len(found.skipped), 'rule')} could not be checked" if found.skipped else lead
    n, held = found.commit_at_risk
    if found.commit_deals:
        verb = "has" if n == 1 else "have"
        lead = sentence_case(out_of(n, found.commit_deals, f"{period.strip()} commit deal".strip())) + f" {verb} a risk"
        lead += f", {money(held, found.currency)} of {money(found.commit_amount, found.currency)}"
    else:
        verb = "has" if len(found.deals) == 1 else "have"
        lead = sentence_case(out_of(len(found.deals), found.open_deals, f"open{period} deal")) + f" {verb} a risk"
        lead += f", {money(found.amount, found.currency)} of {money(found.open_amount, found.currency)}"
    top = found.by_rule.iloc[0]
    return f"{lead}; most money lies under “{within_sentence(str(top['rule']))}”"


def by_rule_finding(found: Risks) -> str:
    """The finding over the chart of the rules."""
    if found.by_rule.empty:
        return "No rule is met"
    twice = int((found.deals["risks"] > 1).sum())
    n = len(found.deals)
    lead = f"{money(found.amount, found.currency)} is at risk"
    if n == 1:
        return f"{lead} in one deal"
    if not twice:
        return f"{lead}; no deal has more than one risk"
    share = f"{rate(twice, n)} of the deals" if n >= SMALL_N else out_of(twice, n, "deal")
    return f"{lead}; {share} {'has' if twice == 1 else 'have'} two risks or more"


def by_owner_finding(found: Risks) -> str:
    """The finding over the list of owners."""
    held = found.by_owner[found.by_owner["effect"] > 0]
    if held.empty:
        return "Nobody's forecast rests on a deal at risk"
    top = held.iloc[0]
    share = float(top["effect"]) / float(held["effect"].sum())
    if len(held) == 1:
        return f"All of it is {top['owner']}'s"
    return f"{top['owner']} has {percent(share)} of the forecast at risk"
