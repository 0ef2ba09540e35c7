"""What is wrong with the deals themselves: the same checks for one load and for the whole store.

The checks that look at a deal's newest version run in one scan; those of its history look at its
stays in stages. Each gives the deals that it finds a bit in one temporary table, from which
numbers, money and examples are read. Nothing here changes data; a name that differs by a space
stays as the CRM wrote it and is named.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tas_analytics.ingest.judging.checks import EXAMPLES, Finding, check, checks
from tas_analytics.store.database import Cursor, first
from tas_analytics.store.days import NEWEST_DAY, newest_day

#: The temporary tables: what is known of the deals that are judged, and those of them that a check has found.
JUDGED: Final = "judged_deal"
_FLAGGED: Final = "flagged_deal"
#: Currency in which money is told: chosen, else the commonest one without a rate.
REPORTING: Final = """coalesce((select max(value) from setting where name = 'reporting_currency'),
    (select max(value) from setting where name = 'common_currency'), 'USD')"""
#: A move between two stages, by what it is: the next stage comes earlier, or open stages lie between.
_MOVES: Final = """
    select own.stage_key, next.stage_key as next_stage_key,
        case when own.status <> 'open' and next.status = 'open' then 'reopened'
             when own.status <> 'open' or next.status = 'lost' then null
             when next.status = 'open' and next.position < own.position then 'backward'
             when exists (
                select 1 from stage between_them
                where between_them.status = 'open' and between_them.in_use and between_them.stage_key <> 0
                    and between_them.pipeline is not distinct from own.pipeline
                    and between_them.position > own.position
                    and (next.status = 'won' or between_them.position < next.position)
             ) then 'skipped'
        end as kind
    from stage own join stage next on next.stage_key <> own.stage_key
        and next.pipeline is not distinct from own.pipeline
    where own.stage_key <> 0 and next.stage_key <> 0
"""


@dataclass(frozen=True)
class Newest:
    """Which deals are judged: all of the store, or those of one load; and how many they are."""

    load_id: int | None
    as_of: dt.date | None
    deals: int
    open: int

    def base(self, of: str) -> int:
        """How many deals a share is taken of."""
        return {"open": self.open, "closed": self.deals - self.open}.get(of, self.deals)


def newest(cursor: Cursor, load_id: int | None) -> Newest:
    """Fill the table of the deals to be judged: those of a load, or all for None."""
    others = "select count(*) from load where table_name = 'opportunities' and undone_at is null and load_id <> $mine"
    alone = load_id is not None and first(cursor.execute(others, {"mine": load_id})) == (0,)
    mine = (
        ""
        if load_id is None or alone
        else "and v.record_key in "
        f"(select record_key from sighting where table_name = 'opportunities' and load_id = {load_id:d})"
    )
    cursor.execute(
        f"""
        create or replace temp table {JUDGED} as
        select v.record_key, v.stage_key, s.status, v.amount, v.currency, v.close_date, v.created_date,
            v.stage_entered, v.last_activity, v.account_key, v.owner_key, v.product_key, v.last_open_stage_key,
            hash(lower(trim(v.name))) as name, v.name is null as nameless
        from opportunity_version v join stage s using (stage_key)
        where v.valid_to is null {mine}
        """
    )
    counted = first(cursor.execute(f"select count(*), count(*) filter (where status = 'open') from {JUDGED}"))
    return Newest(load_id, newest_day(cursor), *(counted or (0, 0)))


@dataclass(frozen=True)
class Suspects:
    """Deals that a check concerns, as a query for their numbers, and words for its text."""

    key: str
    query: str
    words: dict[str, str]


def about_deals(cursor: Cursor, which: Newest, suspects: Sequence[Suspects]) -> list[Finding]:
    """Findings about the deals of one load, or about all of them."""
    keys = _flag_by_state(cursor, which)
    for key, query in _queries(which).items():
        _flag(cursor, len(keys), query)
        keys.append(key)
    keys += _flag_by_moves(cursor, len(keys))
    return _with_suspects(cursor, which, keys, suspects)


def about_suspects(cursor: Cursor, which: Newest, suspects: Sequence[Suspects]) -> list[Finding]:
    """Findings about these deals alone."""
    if not suspects:
        return []
    cursor.execute(
        f"create or replace temp table {_FLAGGED} as "
        f"select record_key, 0::bigint as mask, amount, currency, close_date from {JUDGED} limit 0"
    )
    return _with_suspects(cursor, which, [], suspects)


def _with_suspects(cursor: Cursor, which: Newest, keys: list[str], suspects: Sequence[Suspects]) -> list[Finding]:
    for one in suspects:
        _flag(cursor, len(keys), one.query)
        keys.append(one.key)
    found = _told(cursor, which, keys, {one.key: one.words for one in suspects})
    cursor.execute(f"drop table {_FLAGGED}")
    return found


def _flag_by_state(cursor: Cursor, which: Newest) -> list[str]:
    """Begin the table with the checks that are a condition on the newest version; gives their keys, a bit each."""
    conditions = {key: one.where for key, one in checks().items() if one.where is not None}
    bits = " | ".join(
        f"case when {where} then {1 << bit}::bigint else 0 end" for bit, where in enumerate(conditions.values())
    )
    cursor.execute(
        f"""
        create or replace temp table {_FLAGGED} as
        with marked as (
            select record_key, {bits} as mask, amount, currency, close_date from {JUDGED} where $as_of is not null
        )
        select * from marked where mask <> 0
        """,
        {"as_of": which.as_of},
    )
    return list(conditions)


def _flag(cursor: Cursor, bit: int, keys_query: str) -> None:
    """Add the deals that a query gives by number, as far as they are judged."""
    cursor.execute(
        f"""
        insert into {_FLAGGED}
        select record_key, {1 << bit}::bigint, amount, currency, close_date from {JUDGED}
        where record_key in ({keys_query})
        """
    )


def _flag_by_moves(cursor: Cursor, bit: int) -> list[str]:
    """Add the deals that were opened again, went back, passed over a stage, or left one before they entered it."""
    kinds = ("reopened", "backward", "skipped")
    mask = " | ".join(f"case when m.kind = '{kind}' then {1 << (bit + n)} else 0 end" for n, kind in enumerate(kinds))
    negative = f"case when y.left_on < y.entered then {1 << (bit + len(kinds))} else 0 end"
    cursor.execute(
        f"""
        insert into {_FLAGGED}
        with move as ({_MOVES}),
        odd as (
            select y.opportunity_key as record_key, cast(bit_or({mask} | {negative}) as bigint) as mask
            from stage_spell y
            left join (select * from move where kind is not null) m using (stage_key, next_stage_key)
            where m.kind is not null or y.left_on < y.entered
            group by 1
        )
        select record_key, o.mask, j.amount, j.currency, j.close_date from odd o join {JUDGED} j using (record_key)
        """
    )
    return [*kinds, "negative_stay"]


def _queries(which: Newest) -> dict[str, str]:
    """Checks that compare deals with each other or with what the loads saw, as queries for their numbers."""
    same = "account_key is not distinct from twin.account_key and d.name = twin.name"
    twins = f"""
        with twin as (
            select account_key, name {{by}} from {JUDGED} where not nameless {{only}} group by all having count(*) > 1
        )
        select d.record_key from {JUDGED} d semi join twin on d.{same} {{too}} where not nameless {{only}}
    """
    queries = {
        "entered_twice": twins.format(
            only="and status = 'open' and amount is not null", by=", amount", too="and d.amount = twin.amount"
        ),
        "same_name": twins.format(only="", by="", too=""),
    }
    if which.load_id is None:
        queries["not_in_newest"] = f"""
            select record_key from {JUDGED} where status = 'open' and record_key not in (
                select record_key from sighting where table_name = 'opportunities' and load_id in (
                    select load_id from load
                    where table_name = 'opportunities' and undone_at is null and as_of = {NEWEST_DAY}
                )
            )
        """
        queries["history_gaps"] = """
            with step as (
                select opportunity_key, stage, from_stage, changed_at, lag(stage) over w as before,
                    lag(changed_at) over w as before_at
                from change_version
                where valid_to is null and opportunity_key is not null and stage is not null
                window w as (partition by opportunity_key order by changed_at, record_key)
            )
            select opportunity_key from step where from_stage <> before and changed_at > before_at
        """
        # Times may be of another zone than the dates beside them: a day either way is no fault.
        queries["history_times"] = f"""
            select c.opportunity_key from change_version c
            join {JUDGED} o on o.record_key = c.opportunity_key
            cross join (
                select max(as_of) as day from load
                where table_name in ('opportunities', 'history') and undone_at is null
            ) newest
            where c.valid_to is null and (c.left_at < c.changed_at or cast(c.changed_at as date) < o.created_date - 1
                or cast(c.changed_at as date) > newest.day + 1)
        """
    return queries


def _told(cursor: Cursor, which: Newest, keys: list[str], words: dict[str, dict[str, str]]) -> list[Finding]:
    """Numbers, money and examples of every check that has found something."""
    counts = ", ".join(f"count(*) filter (where mask & {1 << bit} <> 0)" for bit in range(len(keys)))
    (numbers,) = cursor.execute(f"select {counts} from {_FLAGGED}").fetchall()
    if not any(numbers):
        return []
    _convert(cursor)
    hits = [bit for bit, n in enumerate(numbers) if n]
    sums = ", ".join(f"sum(worth) filter (where mask & {1 << bit} <> 0)" for bit in hits)
    (amounts,) = cursor.execute(f"select {sums} from {_FLAGGED}").fetchall()
    examples = {
        key: [
            number
            for (number,) in cursor.execute(
                f"select record_key from {_FLAGGED} where mask & {1 << bit} <> 0 "
                f"order by worth desc nulls last, record_key limit {EXAMPLES}"
            ).fetchall()
        ]
        for bit, key in enumerate(keys)
        if bit in hits
    }
    names = _names(cursor, sorted({number for numbers_of in examples.values() for number in numbers_of}))
    found = []
    for bit, amount in zip(hits, amounts, strict=True):
        one = check(keys[bit])
        shown = [names[number] for number in examples[one.key]]
        base, said = which.base(one.of), words.get(one.key, {})
        found.append(one.found(numbers[bit], base=base, amount=amount, examples=shown, **said))
    return found


def _convert(cursor: Cursor) -> None:
    """Give the flagged deals their amount in the reporting currency, at the rate of their close date or of now."""
    cursor.execute(
        f"""
        create or replace temp table {_FLAGGED} as
        with newest as (select {NEWEST_DAY} as day),
        rate as (
            -- Before the first rate of a currency its first one holds.
            select currency, rate, case when row_number() over (partition by currency order by date) = 1
                then date '0001-01-01' else date end as day
            from rate_version where valid_to is null
        ),
        foreign_deal as (
            select *, least(coalesce(close_date, newest.day), newest.day) as day
            from {_FLAGGED}, newest where currency <> {REPORTING}
        )
        select mask, record_key, cast(amount as double) as worth from {_FLAGGED}
        where currency is null or currency = {REPORTING}
        union all
        select f.mask, f.record_key, f.amount * r.rate
        from foreign_deal f asof left join rate r on r.currency = f.currency and r.day <= f.day
        """
    )


def _names(cursor: Cursor, numbers: list[int]) -> dict[int, str]:
    """What the deals of these numbers are called: the CRM's ID, else account, name and created date."""
    rows = cursor.execute(
        """
        with wanted as (select unnest(cast($numbers as integer[])) as record_key),
        shown as (
            select v.record_key, v.opportunity_id
            from opportunity_version v semi join wanted using (record_key) where v.valid_to is null
        )
        select r.record_key, coalesce(shown.opportunity_id, r.natural_key)
        from (
            select record_key, natural_key from record semi join wanted using (record_key)
            where table_name = 'opportunities'
        ) r
        join shown using (record_key)
        """,
        {"numbers": numbers},
    ).fetchall()
    return dict(rows)
