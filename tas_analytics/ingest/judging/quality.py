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

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tas_analytics.ingest.judging.checks import EXAMPLES, Finding, check, checks
from tas_analytics.store.database import Cursor, first
from tas_analytics.store.days import NEWEST_DAY, newest_day
from tas_analytics.store.held import BATCH, HeldRows, arrow_of, repeated

#: What is known of the deals that are judged, those of them that a check has found, and the first deals of a store.
JUDGED: Final = "judged_deal"
_FLAGGED: Final = "flagged_deal"
_NAMED_ALIKE: Final = "named_alike"
_FIRST: Final = "first_deal"
#: Columns of a deal that the checks look at, with their types.
_OWN: Final = {
    "name": "varchar", "amount": "decimal(18, 2)", "currency": "varchar", "close_date": "date", "created_date": "date",
    "stage_entered": "date", "last_activity": "date",
}  # fmt: skip
#: Spreads small numbers over 64 bits: an odd number near 2 to the 64th by the golden ratio.
_SPREAD: Final = np.uint64(0x9E3779B97F4A7C15)
#: What a move between stages may be, beside forward.
_MOVED: Final = ("reopened", "backward", "skipped")
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
    first_only: bool = False

    def base(self, of: str) -> int:
        """How many deals a share is taken of."""
        return {"open": self.open, "closed": self.deals - self.open}.get(of, self.deals)


def newest(cursor: Cursor, load_id: int | None, deals: HeldRows | None = None) -> Newest:
    """Register the deals to be judged: those of a load, or all for None.

    They are an Arrow table, not a temporary one: what a transaction wrote DuckDB reads with one thread only.

    Parameters
    ----------
    cursor
        To read with.
    load_id
        The load, or None.
    deals
        The deals of the load as they are now, if it brought the first ones of the store. They are let go.
    """
    others = "select count(*) from load where table_name = 'opportunities' and undone_at is null and load_id <> $mine"
    if deals is not None:
        deals.register(cursor, _FIRST)
        lacking = "".join(f", cast(null as {kind}) as {n}" for n, kind in _OWN.items() if n not in deals.column_names)
        source, mine = f"(select * {lacking} from {_FIRST})", "true"
    else:
        source, mine = "opportunity_version", "v.valid_to is null"
        if load_id is not None and first(cursor.execute(others, {"mine": load_id})) != (0,):
            mine += f""" and v.record_key in (
                select record_key from sighting where table_name = 'opportunities' and load_id = {load_id:d}
            )"""
    judged = arrow_of(
        cursor,
        f"""
        select v.record_key, v.stage_key, s.status, v.account_key, v.owner_key, v.product_key, v.last_open_stage_key,
            {", ".join(f"v.{name}" for name in _OWN if name != "name")},
            cast(hash(lower(trim(v.name))) >> 1 as bigint) as name, v.name is null as nameless
        from {source} v join stage s using (stage_key)
        where {mine}
        """,
    )
    if deals is not None:
        deals.let_go()
    cursor.register(JUDGED, judged)
    cursor.register(_NAMED_ALIKE, _perhaps_named_alike(judged))
    counted = first(cursor.execute(f"select count(*), count(*) filter (where status = 'open') from {JUDGED}"))
    every, opened = counted or (0, 0)
    return Newest(load_id, newest_day(cursor), every, opened, deals is not None)


def _perhaps_named_alike(judged: pa.Table) -> pa.Table:
    """The judged deals without those whose account and name are certainly no other deal's.

    One number stands for both; two different deals with the same number do no harm.
    """
    named = judged.filter(pc.invert(judged["nameless"])) if pc.any(judged["nameless"]).as_py() else judged
    accounts = pc.fill_null(named["account_key"], -1).to_numpy().astype(np.uint64)
    both = named["name"].to_numpy().astype(np.uint64) ^ (accounts * _SPREAD)
    twice = repeated(both)
    return named.filter(pa.array(np.isin(both, twice))) if len(twice) else named.slice(0, 0)


def forget(cursor: Cursor) -> None:
    """Let the judged deals go."""
    for name in (JUDGED, _NAMED_ALIKE, _FIRST, _FLAGGED):
        cursor.unregister(name)


@dataclass(frozen=True)
class Suspects:
    """Deals that a check concerns, as a query for their numbers, and words for its text."""

    key: str
    query: str
    words: dict[str, str]


def about_deals(cursor: Cursor, which: Newest, suspects: Sequence[Suspects]) -> list[Finding]:
    """Findings about the deals of one load, or about all of them."""
    conditions = {key: one.where for key, one in checks().items() if one.where is not None}
    keys = list(conditions)
    flags = [_by_state(list(conditions.values()))]
    for key, query in _queries(which).items():
        flags.append(_flag(len(keys), query))
        keys.append(key)
    if not which.first_only:  # deals of one export have moved nowhere yet
        flags.append(_by_moves(len(keys)))
        keys += [*_MOVED, "negative_stay"]
    return _with_suspects(cursor, which, keys, flags, suspects)


def about_suspects(cursor: Cursor, which: Newest, suspects: Sequence[Suspects]) -> list[Finding]:
    """Findings about these deals alone."""
    return _with_suspects(cursor, which, [], [], suspects) if suspects else []


def _with_suspects(
    cursor: Cursor, which: Newest, keys: list[str], flags: list[str], suspects: Sequence[Suspects]
) -> list[Finding]:
    for one in suspects:
        flags.append(_flag(len(keys), one.query))
        keys.append(one.key)
    cursor.register(_FLAGGED, _flagged(cursor, which, flags))
    return _told(cursor, which, keys, {one.key: one.words for one in suspects})


def _by_state(conditions: Sequence[str]) -> str:
    """The deals that the checks find which are a condition on the newest version, with a bit for each."""
    bits = " | ".join(f"case when {where} then {1 << bit}::bigint else 0 end" for bit, where in enumerate(conditions))
    return f"""
        select * from (
            select record_key, {bits} as mask, amount, currency, close_date from {JUDGED} where $as_of is not null
        ) where mask <> 0
    """


def _flag(bit: int, keys_query: str) -> str:
    """The deals that a query gives by number, as far as they are judged."""
    return f"""
        select record_key, {1 << bit}::bigint as mask, amount, currency, close_date from {JUDGED}
        where record_key in ({keys_query})
    """


def _by_moves(bit: int) -> str:
    """The deals that were opened again, went back, passed over a stage, or left one before they entered it."""
    mask = " | ".join(f"case when m.kind = '{kind}' then {1 << (bit + n)} else 0 end" for n, kind in enumerate(_MOVED))
    negative = f"case when y.left_on < y.entered then {1 << (bit + len(_MOVED))} else 0 end"
    return f"""
        select record_key, o.mask, j.amount, j.currency, j.close_date
        from (
            select y.opportunity_key as record_key, cast(bit_or({mask} | {negative}) as bigint) as mask
            from stage_spell y
            left join (select * from ({_MOVES}) where kind is not null) m using (stage_key, next_stage_key)
            where m.kind is not null or y.left_on < y.entered
            group by 1
        ) o join {JUDGED} j using (record_key)
    """


def _queries(which: Newest) -> dict[str, str]:
    """Checks that compare deals with each other or with what the loads saw, as queries for their numbers."""
    queries = {
        "entered_twice": """
            select unnest(list(record_key)) from namesake where status = 'open' and amount is not null
            group by account_key, name, amount having count(*) > 1
        """,
        "same_name": "select record_key from namesake",
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
    hits = [bit for bit, n in enumerate(numbers) if n]
    # Exact to the cent, in whichever order the threads come.
    sums = ", ".join(f"round(fsum(worth) filter (where mask & {1 << bit} <> 0), 2)" for bit in hits)
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


def _flagged(cursor: Cursor, which: Newest, flags: Sequence[str]) -> pa.Table:
    """Every deal that a check has found, with bits for the checks, and its amount in the reporting currency.

    The rate is that of the close date or of now, whichever comes first.
    """
    return cursor.execute(
        f"""
        with twin as (
            select account_key, name from {_NAMED_ALIKE} group by all having count(*) > 1
        ),
        namesake as materialized (
            select d.* from {_NAMED_ALIKE} d
            semi join twin on d.account_key is not distinct from twin.account_key and d.name = twin.name
        ),
        flagged as ({" union all by name ".join(flags)}),
        newest as (select {NEWEST_DAY} as day),
        rate as (
            -- Before the first rate of a currency its first one holds.
            select currency, rate, case when row_number() over (partition by currency order by date) = 1
                then date '0001-01-01' else date end as day
            from rate_version where valid_to is null
        ),
        foreign_deal as (
            select *, least(coalesce(close_date, newest.day), newest.day) as day
            from flagged, newest where currency <> {REPORTING}
        )
        select mask, record_key, cast(amount as double) as worth from flagged
        where currency is null or currency = {REPORTING}
        union all
        select f.mask, f.record_key, f.amount * r.rate
        from foreign_deal f asof left join rate r on r.currency = f.currency and r.day <= f.day
        """,
        {"as_of": which.as_of} if any("$as_of" in flag for flag in flags) else {},
    ).to_arrow_table(BATCH)


def _names(cursor: Cursor, numbers: list[int]) -> dict[int, str]:
    """What the deals of these numbers are called: the CRM's ID, else account, name and created date."""
    if not numbers:
        return {}
    listed = ", ".join(str(number) for number in numbers)
    rows = cursor.execute(
        f"""
        select r.record_key, coalesce(v.opportunity_id, r.natural_key)
        from (
            select record_key, natural_key from record
            where table_name = 'opportunities' and record_key in ({listed})
        ) r
        join opportunity_version v using (record_key)
        where v.valid_to is null and v.record_key in ({listed})
        """
    ).fetchall()
    return dict(rows)
