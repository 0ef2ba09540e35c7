"""One deal's assessment in full: every rating ever given, by whom and why, and what its own figures propose."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from tas_analytics.formats import count, day as say_day, money, percent
from tas_analytics.method.criteria import Criterion
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.deals import deal_list
from tas_analytics.metrics.scope import Scope
from tas_analytics.store.database import Store

#: Names of an attribute that gives the margin of a deal, compared as letters.
_MARGINS: Final = (
    "margin",
    "grossmargin",
    "marginpercent",
    "grossmarginpercent",
    "dealmargin",
    "profitmargin",
    "marge",
)
_SHORT, _FUTURE, _PROFIT = 16, 17, 18


@dataclass(frozen=True)
class Proposal:
    """A rating that the deal's own figures propose, with its reason; it is never written unasked."""

    sign: str
    reason: str


def ratings_of(store: Store, deal_id: str, as_of: dt.date) -> pd.DataFrame:
    """Every rating of a deal that any load ever brought, newest first, as far as it was made up to a day.

    Columns: ``competitor`` ("" is ourselves), ``number``, ``sign`` (+, −, ?), ``day``, ``author``, ``evidence``,
    ``loaded_at``, ``holds`` (known at the end of the day, and not overwritten since), ``natural_key``.
    """
    return store.frame(
        """
        with seen as (
            select s.record_key, s.state_hash, min(s.load_id) as load_id
            from sighting s
            join load l on l.load_id = s.load_id
            where s.table_name = 'assessments' and l.undone_at is null and not coalesce(l.withdraws, false)
                and s.record_key in (
                    select v.record_key from assessment_version v
                    join record o on o.table_name = 'opportunities' and o.record_key = v.opportunity_key
                    where o.natural_key = $deal)
            group by all
        )
        select coalesce(trim(t.competitor), '') as competitor, try_cast(t.criterion as integer) as number,
            case t.rating when '-' then '−' else t.rating end as sign, coalesce(t.assessed_on, l.as_of) as day,
            t.author, t.evidence, l.loaded_at, l.loaded_by, r.natural_key,
            exists (
                select 1 from assessment_version v where v.record_key = n.record_key and v.rating = t.rating
                    and v.evidence is not distinct from t.evidence and v.author is not distinct from t.author
                    and cast(v.valid_from as date) <= $day
                    and (v.valid_to is null or cast(v.valid_to as date) > $day)
            ) as holds
        from seen n
        join assessment_state t on t.record_key = n.record_key and t.state_hash = n.state_hash
        join load l on l.load_id = n.load_id
        join record r on r.table_name = 'assessments' and r.record_key = n.record_key
        where t.rating in ('+', '-', '?') and try_cast(t.criterion as integer) between 1 and 20
            and coalesce(t.assessed_on, l.as_of) <= $day
        order by day desc, holds desc, loaded_at desc, n.load_id desc
        """,
        {"deal": deal_id, "day": as_of},
    )


def competitors_of(store: Store, deal_id: str, as_of: dt.date) -> pd.DataFrame:
    """The competitors listed for a deal: ``competitor``, ``incumbent``, ``status``, ``natural_key``."""
    return store.frame(
        """
        select trim(v.competitor) as competitor, v.incumbent, v.status, r.natural_key
        from competitor_version v
        join record o on o.table_name = 'opportunities' and o.record_key = v.opportunity_key
        join record r on r.table_name = 'competitors' and r.record_key = v.record_key
        where o.natural_key = $deal and cast(v.valid_from as date) <= $day
            and (v.valid_to is null or cast(v.valid_to as date) > $day)
        order by 1
        """,
        {"deal": deal_id, "day": as_of},
    )


def all_competitors(store: Store) -> list[str]:
    """The names of all competitors that any deal knows, the commonest first."""
    rows = store.rows(
        "select trim(competitor) from competitor_version where valid_to is null and competitor is not null "
        "group by 1 order by count(*) desc, 1 limit 200"
    )
    return [str(name) for (name,) in rows]


def proposals(
    store: Store, company: Company, scope: Scope, deal: pd.Series, criteria: Sequence[Criterion]
) -> dict[int, Proposal]:
    """What the deal's own figures propose, by criterion; a criterion that they say nothing about is left out."""
    by_number = {one.number: one for one in criteria}
    found = {
        _SHORT: _short_term(by_number[_SHORT], company, scope.as_of, deal),
        _FUTURE: _future(by_number[_FUTURE], store, company, scope, deal),
        _PROFIT: _margin(by_number[_PROFIT], store, scope.as_of, str(deal["id"])),
    }
    return {number: one for number, one in found.items() if one is not None}


def _short_term(one: Criterion, company: Company, as_of: dt.date, deal: pd.Series) -> Proposal | None:
    if one.threshold is None or one.within_days is None or pd.isna(deal["amount"]) or pd.isna(deal["close_date"]):
        return None
    amount, left = float(deal["amount"]), (deal["close_date"].date() - as_of).days
    size = money(amount, company.currency)
    limit = money(one.threshold, company.currency)
    when = f"closes in {count(left, 'day')}" if left >= 0 else f"was due {count(-left, 'day')} ago"
    if amount >= one.threshold and 0 <= left <= one.within_days:
        return Proposal("+", f"{size} is {limit} or more, and it {when}: {one.within_days} or fewer")
    if amount < one.threshold:
        return Proposal("−", f"{size} is less than {limit}")
    return Proposal("−", f"It {when}; {one.within_days} days at most were set")


def _future(one: Criterion, store: Store, company: Company, scope: Scope, deal: pd.Series) -> Proposal | None:
    if one.threshold is None or not deal["account"]:
        return None
    rows = deal_list(store, company, Scope.of(scope.as_of, None, {"account": (str(deal["account"]),)}))
    around = dt.timedelta(days=one.within_days or 3650)
    near = rows["close_date"].between(pd.Timestamp(scope.as_of - around), pd.Timestamp(scope.as_of + around))
    others = rows[(rows["id"] != deal["id"]) & rows["status"].isin(["open", "won"]) & near]
    if others.empty:
        return None
    total = float(others["amount"].fillna(0).sum())
    what = f"{count(len(others), 'other open or won deal')} of {deal['account']}: {money(total, company.currency)}"
    limit = money(one.threshold, company.currency)
    enough = total >= one.threshold
    return Proposal("+" if enough else "−", f"{what}, {limit} or more" if enough else f"{what}, less than {limit}")


def _margin(one: Criterion, store: Store, as_of: dt.date, deal_id: str) -> Proposal | None:
    if one.threshold is None:
        return None
    rows = store.rows(
        """
        select v.attribute, v.value from attribute_version v
        join record o on o.table_name = 'opportunities' and o.record_key = v.opportunity_key
        where o.natural_key = $deal and cast(v.valid_from as date) <= $day
            and (v.valid_to is null or cast(v.valid_to as date) > $day)
            and list_contains($names, lower(regexp_replace(v.attribute, '[^A-Za-z]', '', 'g')))
        """,
        {"deal": deal_id, "day": as_of, "names": list(_MARGINS)},
    )
    for name, value in rows:
        share = _share(str(value))
        if share is not None:
            enough = share >= one.threshold
            side = "or more" if enough else "is the least wanted"
            return Proposal("+" if enough else "−", f"{name} is {percent(share)}; {percent(one.threshold)} {side}")
    return None


def _share(text: str) -> float | None:
    """A margin as a share: ``32 %``, ``32`` and ``0.32`` are the same."""
    found = re.fullmatch(r"\s*([+\-−]?\d+(?:[.,]\d+)?)\s*(%?)\s*", text)
    if not found:
        return None
    number = float(found[1].replace(",", ".").replace("−", "-"))
    return number / 100 if found[2] or abs(number) > 1 else number


def told(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Ratings in words for a worksheet: sign, day, author and evidence, newest first."""
    return [
        {
            "sign": str(row["sign"]),
            "day": say_day(row["day"].date()),
            "author": _text(row["author"]) or _text(row["loaded_by"]),
            "evidence": _text(row["evidence"]),
            "holds": bool(row["holds"]),
        }
        for row in frame.to_dict("records")
    ]  # fmt: skip


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
