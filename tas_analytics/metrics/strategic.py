"""Deals with the strategy declared for them, the one advised, and the rules that the declared one breaks.

What the advice rests on is read in a few queries for all deals of a scope: ratings as known on the day, people's
judgements, competitors in place, and business won at the account before. The rules themselves are pure
(:mod:`tas_analytics.method.advice`, :mod:`tas_analytics.method.strategy_flags`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from operator import ne
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from tas_analytics.method.advice import Advice, Judgement, advise, judgement_keys
from tas_analytics.method.criteria import Rating
from tas_analytics.method.judgements import Account, answer_of, propose
from tas_analytics.method.position import Scores
from tas_analytics.method.strategies import Strategy, Variation, find, find_variation
from tas_analytics.method.strategy_flags import Case, Flag, flags
from tas_analytics.metrics import relation
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.positions import CRITERIA, positions
from tas_analytics.metrics.scope import Scope
from tas_analytics.store.database import Store
from tas_analytics.store.profiles import NUMBERS

#: The rating of a score, from −1 on.
_SIGNS: Final = np.array(["-", "?", "+"], dtype=object)
Agreement = Literal["agrees", "differs", "open", "none"]


@dataclass(frozen=True)
class Declaration:
    """A strategy declared for a deal; ``text`` is what was written, ``record`` names it for a withdrawal.

    ``scores`` are our ratings on its day.
    """

    strategy: Strategy | None
    variation: Variation | None
    text: str
    competitor: str | None
    day: pd.Timestamp
    author: str | None
    reason: str | None
    record: str
    scores: tuple[int, ...]


@dataclass(frozen=True)
class DealCase:
    """One deal: what is advised, what is declared, and what is wrong with it.

    Parameters
    ----------
    deal
        The deal's row of :class:`tas_analytics.metrics.positions.Positions`.
    ours, theirs, competitor
        Our ratings, and those of the strongest competitor, if any is rated.
    judgements, proposals
        The judgements that count, and what the data alone propose.
    advice
        What the tree says.
    declared
        All declarations, the newest first.
    current
        Those in force: one, or several where they were declared against several competitors.
    judgement_records
        Names of the records of people's judgements, by judgement, for a withdrawal.
    flags
        Rules that the declared strategy breaks.
    """

    deal: dict[str, Any]
    ours: dict[int, Rating]
    theirs: dict[int, Rating] | None
    competitor: str | None
    judgements: dict[str, Judgement]
    proposals: dict[str, Judgement]
    advice: Advice
    declared: tuple[Declaration, ...]
    current: tuple[Declaration, ...]
    flags: tuple[Flag, ...]
    judgement_records: dict[str, tuple[str, ...]]

    @property
    def strategy(self) -> Strategy | None:
        """The strategy in force; the newest where there are several."""
        return self.current[0].strategy if self.current else None

    @property
    def agreement(self) -> Agreement:
        """Whether the declared strategy is the one advised.

        ``open``: it is one of those still possible; ``none``: nothing is declared.
        """
        if self.strategy is None:
            return "none"
        if self.advice.strategy is not None:
            return "agrees" if self.advice.strategy.key == self.strategy.key else "differs"
        return "open" if self.strategy.key in self.advice.possible else "differs"


def cases(store: Store, company: Company, scope: Scope, status: str | None = "open") -> list[DealCase]:
    """The deals of a scope, largest first, each with its advice; those without a declaration are among them.

    Parameters
    ----------
    store, company, scope
        Whose deals, and which.
    status
        ``open``, ``won``, ``lost`` or None for all.
    """
    stand = positions(store, company, scope, status)
    keys = [int(key) for key in stand.deals["deal_key"]]
    declared = declarations(store, scope, keys)
    judged = _judgements(store, scope, keys)
    accounts = _accounts(store, company, scope, keys)
    ours, theirs = signs(stand.ours), signs(stand.theirs)
    nobody = Account(currency=company.currency)
    return [
        _case(row, ours[place], theirs[place], declared[key], judged.get(key, {}), accounts.get(key, nobody))
        for place, (key, row) in enumerate(zip(keys, _records(stand.deals), strict=True))
    ]


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as Python values by column."""
    names = list(frame.columns)
    values = zip(*(frame[name].tolist() for name in names), strict=True)
    return [dict(zip(names, row, strict=True)) for row in values]


def in_force(declared: Sequence[Declaration]) -> tuple[Declaration, ...]:
    """The declarations that hold, the newest first.

    One against no competitor in particular speaks for the whole deal and ends all before it; one against a competitor
    ends only those before it against the same competitor.
    """
    held: list[Declaration] = []
    seen: set[str] = set()
    whole_on: pd.Timestamp | None = None
    for one in declared:
        if whole_on is not None and one.day < whole_on:
            break
        against = one.competitor or ""
        if against in seen:
            continue
        seen.add(against)
        held.append(one)
        if not one.competitor:
            whole_on = one.day
    return tuple(held)


def signs(scores: Scores) -> list[dict[int, Rating]]:
    """Scores of the 20 criteria, deal by deal, as ratings by number; what was never rated is not known."""
    places = np.nan_to_num(scores).astype(int) + 1
    return [dict(zip(NUMBERS, row, strict=True)) for row in _SIGNS[places].tolist()]


def _case(
    row: dict[str, Any],
    ours: dict[int, Rating],
    rivals: dict[int, Rating],
    declared: tuple[Declaration, ...],
    given: dict[str, list[tuple[Judgement, str]]],
    account: Account,
) -> DealCase:
    competitor = row["strongest"]
    theirs = rivals if competitor is not None else None
    proposals = propose(ours, theirs, competitor, account)
    judgements = proposals | {key: told[-1][0] for key, told in given.items()}
    records = {key: tuple(record for _, record in told) for key, told in given.items()}
    advice = advise(ours, judgements, theirs)
    current = in_force(declared)
    before, changes = _changed(declared, current)
    known = tuple(one.strategy for one in current if one.strategy is not None)
    broken = flags(Case(known, advice.answers, ours, row["category"], before, changes))
    return DealCase(row, ours, theirs, competitor, judgements, proposals, advice, declared, current, broken, records)


def _changed(declared: tuple[Declaration, ...], current: tuple[Declaration, ...]) -> tuple[Strategy | None, int | None]:
    """The strategy before the one in force, if it was another, and how many of our ratings differ between both days."""
    if not current or len(current) > 1:
        return None, None
    now = current[0]
    before = next((one for one in declared if one.day < now.day), None)
    if before is None or before.strategy is None or before.strategy is now.strategy:
        return None, None
    return before.strategy, sum(map(ne, before.scores, now.scores))


def declarations(store: Store, scope: Scope, keys: list[int]) -> dict[int, tuple[Declaration, ...]]:
    """The declarations of some deals by the deal's key, the newest first; an empty tuple where there is none."""
    held = "p.valid_to is null or p.valid_to > s.day"
    columns = ", ".join(f"coalesce(case when {held} then p.{name} end, 0)" for name in CRITERIA)
    told = store.rows(
        f"""
        with said as (
            select v.opportunity_key, v.strategy, v.variation, nullif(trim(v.competitor), '') as competitor,
                cast(coalesce(v.declared_on, l.as_of) as timestamp) as day, v.author, v.reason,
                r.natural_key as record
            from strategy_version v
            join load l on l.load_id = v.load_id
            join record r on r.table_name = 'strategies' and r.record_key = v.record_key
            semi join (select unnest(cast($keys as integer[])) as k) k on k.k = v.opportunity_key
            where {relation.at("v", scope.as_of)}
        ),
        ours as (select * from assessment_profile where competitor = '')
        select s.opportunity_key, s.strategy, s.variation, s.competitor, s.day, s.author, s.reason, s.record, {columns}
        from said s
        asof left join ours p on p.opportunity_key = s.opportunity_key and p.valid_from <= s.day
        where s.day <= date '{scope.as_of}'
        order by s.opportunity_key, s.day desc, s.competitor nulls first, s.record
        """,
        {"keys": keys},
    )
    found: dict[int, list[Declaration]] = defaultdict(list)
    for key, text, way, competitor, day, author, reason, record, *scores in told:
        strategy = find(text)
        found[key].append(
            Declaration(
                strategy,
                find_variation(strategy, way),
                text or "",
                competitor,
                pd.Timestamp(day),
                author,
                reason,
                record,
                tuple(scores),
            )
        )
    return defaultdict(tuple, {key: tuple(rows) for key, rows in found.items()})


def _judgements(store: Store, scope: Scope, keys: list[int]) -> dict[int, dict[str, list[tuple[Judgement, str]]]]:
    """What people judged and the names of the records, the newest answer of each judgement last."""
    told = store.rows(
        f"""
        select v.opportunity_key, lower(trim(v.judgement)), v.answer, coalesce(v.reason, ''),
            coalesce(v.author, l.loaded_by, 'somebody'), r.natural_key
        from judgement_version v
        join load l on l.load_id = v.load_id
        join record r on r.table_name = 'judgements' and r.record_key = v.record_key
        semi join (select unnest(cast($keys as integer[])) as k) k on k.k = v.opportunity_key
        where {relation.at("v", scope.as_of)} and coalesce(v.judged_on, l.as_of) <= date '{scope.as_of}'
        order by coalesce(v.judged_on, l.as_of)
        """,
        {"keys": keys},
    )
    found: dict[int, dict[str, list[tuple[Judgement, str]]]] = defaultdict(lambda: defaultdict(list))
    known = set(judgement_keys())
    for deal, judgement, answer, reason, author, record in told:
        key = (judgement or "").replace(" ", "_").replace("-", "_")
        if key in known:
            found[deal][key].append((Judgement(answer_of(answer), reason, author), record))
    return found


def _accounts(store: Store, company: Company, scope: Scope, keys: list[int]) -> dict[int, Account]:
    """What is known of each deal's account: other deals won by the day, and competitors in place."""
    everything = replace(scope, period=None, filters=())
    won = relation.deals(company, everything, (), {"amount"}, extra="v.account_key, ", only="s.status = 'won'")
    ctes = "".join(f"{text}, " for text in relation.base_ctes(company, scope.as_of, won.leans_on))
    frame = store.frame(
        f"""
        with {ctes} won as ({won.sql}),
        asked as (
            select v.record_key, v.account_key from opportunity_version v
            semi join (select unnest(cast($keys as integer[])) as k) k on k.k = v.record_key
            where {relation.at("v", scope.as_of)}
        ),
        before as (
            select a.record_key, count(*) as deals, sum(w.amount) as amount
            from asked a join won w on w.account_key = a.account_key and w.deal_key <> a.record_key
            group by a.record_key
        ),
        placed as (
            select c.opportunity_key, list(distinct trim(c.competitor) order by trim(c.competitor)) as names
            from competitor_version c
            where c.incumbent and c.opportunity_key is not null and {relation.at("c", scope.as_of)}
            group by c.opportunity_key
        )
        select a.record_key, a.account_key is not null as has_account, coalesce(b.deals, 0) as deals,
            cast(coalesce(b.amount, 0) as double) as amount, p.names
        from asked a
        left join before b on b.record_key = a.record_key
        left join placed p on p.opportunity_key = a.record_key
        """,
        won.params | {"keys": keys},
    )
    return {
        int(row["record_key"]): Account(
            int(row["deals"]) if row["has_account"] else None,
            float(row["amount"]),
            company.currency,
            tuple(row["names"]) if isinstance(row["names"], (list, np.ndarray)) else (),
        )
        for row in frame.to_dict("records")
    }
