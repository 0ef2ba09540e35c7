"""A company of any size, written straight into a store's tables as the loader would leave them.

Two years of weekly exports; each deal has a version per stage that an export shows it in and one for a moved close
date, about three in all. Names repeat as they do in a CRM: 400 sellers, 20,000 accounts, 40 products, two currencies.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Final

from tas_analytics.store.database import Cursor, Store, set_setting

AS_OF: Final = dt.date(2026, 11, 16)
WEEKS: Final = 104
STAGES: Final = ("Qualify", "Develop", "Solution", "Proof", "Close")
SELLERS: Final = 400
ACCOUNTS: Final = 20_000
PRODUCTS: Final = 40

_LOADS: Final = """
    insert into load by name
    select cast(week + 1 as integer) as load_id, 1 as batch_id, timestamp '2026-11-16' as loaded_at,
        'bench' as loaded_by,
        'opportunities_' || cast(day as varchar) || '.csv' as file_name, md5(cast(day as varchar)) as file_hash,
        1 as file_bytes, 'opportunities' as table_name, 'template' as source, day as as_of,
        'the date in the file''s name' as as_of_reason, false as complete, [] as columns, [] as headers,
        cast('{}' as json) as mapping, cast('{}' as json) as conventions, 1 as rows_in_file, 0 as rows_new,
        0 as rows_changed, 0 as rows_unchanged, 0 as rows_rejected, 'usable' as verdict, cast('[]' as json) as findings
    from export
"""
_RECORDS: Final = """
    insert into record
    select 'opportunities', cast(i as integer), 'D' || lpad(cast(i as varchar), 9, '0') from range(1, $deals + 1) t(i)
    union all select 'people', cast(i as integer), 'Seller ' || i from range(1, $sellers + 1) t(i)
    union all select 'accounts', cast(i as integer), 'Account ' || i from range(1, $accounts + 1) t(i)
    union all select 'products', cast(i as integer), 'Product ' || i from range(1, $products + 1) t(i)
    union all select 'stages', stage_key, stage from stage
"""
_PEOPLE: Final = """
    insert into person_version by name
    select cast(i as integer) as record_key, timestamp '1900-01-01' as valid_from, 1 as load_id,
        'Seller ' || i as person, 'Manager ' || (i % 40) as manager, 'Team ' || (i % 40) as team,
        'Region ' || (i % 8) as region
    from range(1, $sellers + 1) t(i)
"""
_ACCOUNTS: Final = """
    insert into account_version by name
    select cast(i as integer) as record_key, timestamp '1900-01-01' as valid_from, 1 as load_id,
        'Account ' || i as account, 'Industry ' || (i % 12) as industry, 'Segment ' || (i % 3) as segment
    from range(1, $accounts + 1) t(i)
"""
_PRODUCTS: Final = """
    insert into product_version by name
    select cast(i as integer) as record_key, timestamp '1900-01-01' as valid_from, 1 as load_id,
        'Product ' || i as product, 'Family ' || (i % 5) as family
    from range(1, $products + 1) t(i)
"""
_TARGETS: Final = """
    insert into target_version by name
    select cast(row_number() over () as integer) as record_key, timestamp '1900-01-01' as valid_from, 1 as load_id,
        year || 'Q' || quarter as period, 'Seller ' || i as person, cast(2000000 as decimal(18, 2)) as amount
    from range(1, $sellers + 1) t(i), (values ('2025'), ('2026')) y(year), range(1, 5) q(quarter)
"""
_RATES: Final = """
    insert into rate_version by name
    select cast(row_number() over () as integer) as record_key, timestamp '1900-01-01' as valid_from, 1 as load_id,
        'EUR' as currency, cast(month as date) as date, 1.05 + (month(month) % 5) / 50.0 as rate
    from range(timestamp '2023-01-01', timestamp '2026-12-01', interval 1 month) t(month)
"""
#: Each deal's life: opened on a day of three years, five stages at most, won one time in three.
_LIVES: Final = """
    create temp table life as
    with drawn as (
        select cast(i as integer) as deal, hash(i) as h from range(1, $deals + 1) t(i)
    )
    select deal, h, date '2023-11-20' + cast(h % 1090 as integer) as created,
        cast(30 + (h // 1090) % 240 as integer) as days, cast((h // 261600) % 6 as integer) as fate,
        cast(1 + (h // 1569600) % $sellers as integer) as owner,
        cast(1 + (h // 627840000) % $accounts as integer) as account,
        cast(round(exp(8 + ((h // 7) % 5000) / 1000.0), 2) as decimal(18, 2)) as amount
    from drawn
"""
#: The days on which a life shows something new; fate 0 and 1 are won, the others are lost in the stage of that number.
_MOMENTS: Final = """
    create temp table moment as
    with entries as (
        select l.*, cast(s.k as integer) as k, cast(l.created + cast(l.days * s.k / 5 as integer) as date) as entered,
            case when fate >= 2 and s.k >= fate then 7 when s.k = 5 then 6 else s.k + 1 end as stage_key
        from life l, range(0, 6) s(k) where s.k <= case when fate >= 2 then fate else 5 end
    ),
    shown as (
        select *, greatest(date '2024-11-25', date '2024-11-25' + 7 * cast(ceil((entered - date '2024-11-25') / 7.0)
            as integer)) as seen
        from entries
    )
    select * from shown where seen <= date '2026-11-16'
    qualify row_number() over (partition by deal, seen order by k desc) = 1
"""
_VERSIONS: Final = """
    insert into opportunity_kept by name
    with ordered as (
        select *, lead(seen) over w as next_seen,
            last_value(case when stage_key <= 5 then stage_key end ignore nulls) over w as last_open
        from moment
        window w as (partition by deal order by seen)
    )
    select deal as record_key, cast(seen as timestamp) as valid_from, cast(next_seen as timestamp) as valid_to,
        cast(1 + (seen - date '2024-11-25') // 7 as integer) as load_id,
        'D' || lpad(cast(deal as varchar), 9, '0') as opportunity_id, 'Deal ' || deal as name, amount,
        case when h % 4 = 0 then 'EUR' else 'USD' end as currency, stage_key / 8.0 as probability,
        cast(case when stage_key > 5 then entered else created + days + 20 * k end as date) as close_date,
        created as created_date, entered as stage_entered,
        case when stage_key = 6 then 'Closed' when stage_key = 7 or h % 9 = 0 then 'Omitted'
            when stage_key = 5 then 'Commit' when stage_key >= 3 then 'Best Case' else 'Pipeline' end
            as forecast_category,
        'Source ' || (h % 6) as source, 'New business' as type,
        case when h % 3 > 0 then 'Call on ' || cast(seen + 5 as varchar) end as next_step, seen as last_activity,
        account as account_key, owner as owner_key, cast(1 + h % $products as integer) as product_key,
        cast(stage_key as integer) as stage_key, entered as stage_since,
        cast(last_open as integer) as last_open_stage_key, cast(k // 3 as integer) as pushes,
        cast(k as integer) as delays, cast(created + days as date) as first_close_date
    from ordered order by valid_from, record_key
"""
_SPELLS: Final = """
    insert into stage_spell
        (opportunity_key, stage_key, spell, entered, first_seen, left_on, next_stage_key)
    select deal, cast(stage_key as integer), cast(row_number() over w as integer), entered, seen,
        lead(entered) over w, cast(lead(stage_key) over w as integer)
    from moment
    window w as (partition by deal order by seen)
    order by seen, deal
"""


def build(path: Path, deals: int) -> Store:
    """A new store at ``path`` with so many deals."""
    store = Store.open(path)
    params = {"deals": deals, "sellers": SELLERS, "accounts": ACCOUNTS, "products": PRODUCTS}
    with store.transaction() as cursor:
        _stages(cursor)
        cursor.execute(
            "create temp table export as select cast(i as integer) as week, "
            f"date '2024-11-25' + 7 * cast(i as integer) as day from range(0, {WEEKS}) t(i)"
        )
        for sql in (_LOADS, _RECORDS, _PEOPLE, _ACCOUNTS, _PRODUCTS, _TARGETS, _RATES, _LIVES, _MOMENTS, _VERSIONS,
                    _SPELLS):  # fmt: skip
            used = {name: value for name, value in params.items() if f"${name}" in sql}
            cursor.execute(sql, used)
        set_setting(cursor, "common_currency", "USD")
        for name in ("export", "life", "moment"):
            cursor.execute(f"drop table {name}")
    return store


def _stages(cursor: Cursor) -> None:
    cursor.execute("delete from stage")
    rows = [
        *((key, name, key / 6, "open", 30) for key, name in enumerate(STAGES, start=1)),
        (6, "Won", 1.0, "won", None),
        (7, "Lost", 0.0, "lost", None),
    ]
    cursor.executemany(
        "insert into stage (stage_key, stage, position, probability, status, planned_days, origin, in_use) "
        "values (?, ?, ?, ?, ?, ?, 'set', true)",
        [(key, name, float(key), chance, status, planned) for key, name, chance, status, planned in rows],
    )
