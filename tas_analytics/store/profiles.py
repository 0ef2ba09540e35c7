"""What was known of each deal's assessment, and of each competitor's in it: a row for each time it changed.

Derived from the ratings, so that a question about ten thousand deals reads a row for each rated party instead of
twenty ratings for each of its assessments. On a day D the newest rating of each criterion counts: of those assessed on
or before D and known at the end of D, the one assessed last. A row holds from ``valid_from`` until the day
``valid_to``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tas_analytics.store.database import Cursor, among, first

#: Numbers of the criteria, each a column ``c1`` … ``c20`` of the profile: 1 for +, 0 for ?, -1 for -, blank if never
#: rated.
NUMBERS: Final = tuple(range(1, 21))
#: The version that every rating has that no later load changed.
_BEGINNING: Final = "timestamp '1900-01-01'"
_OF_PARTY: Final = "partition by opportunity_key, competitor"

#: Ratings as numbers, each with the days on which it was known; what is no rating of a criterion is left out.
_RATINGS: Final = """
    select v.opportunity_key, coalesce(trim(regexp_replace(v.competitor, '\\s+', ' ', 'g')), '') as competitor,
        try_cast(v.criterion as tinyint) as criterion,
        cast(case v.rating when '+' then 1 when '?' then 0 when '-' then -1 end as tinyint) as score,
        coalesce(v.assessed_on, l.as_of) as assessed_on, v.assessed_on is not null as is_dated,
        cast(v.valid_from as date) as known_from, cast(v.valid_to as date) as known_to
    from assessment_version v
    join load l on l.load_id = v.load_id
    where v.opportunity_key is not null and v.rating in ('+', '?', '-')
        and try_cast(v.criterion as tinyint) between 1 and 20 {also}
"""
_NEWEST: Final = ", ".join(
    f"arg_max(r.score, (r.assessed_on, r.is_dated, r.score)) filter (where r.criterion = {n}) as c{n}" for n in NUMBERS
)
_COLUMNS: Final = ", ".join(f"c{n}" for n in NUMBERS)
_FILLED: Final = ", ".join(f"last_value(c{n} ignore nulls) over w as c{n}" for n in NUMBERS)
#: What a party's rows are built from, as one number.
_HASHES: Final = """
    select opportunity_key, cast(bit_xor(hash(record_key, valid_from, valid_to, load_id, competitor, criterion, rating,
        assessed_on)) as ubigint) as built_from
    from assessment_version where opportunity_key is not null {also} group by opportunity_key
"""


def general_sql(also: str = "") -> str:
    """SQL of the profiles by the rule itself: on each day on which anything changed, the newest known ratings.

    ``also`` is a further condition on ``assessment_version v``, beginning with ``and``.
    """
    return f"""
        with rating as ({_RATINGS.format(also=also)}),
        point as (
            select opportunity_key, competitor, greatest(assessed_on, known_from) as day from rating
            union
            select opportunity_key, competitor, known_to from rating where known_to > greatest(assessed_on, known_from)
        ),
        stood as (
            select p.opportunity_key, p.competitor, p.day, max(r.assessed_on) as assessed_on, {_NEWEST}
            from point p
            left join rating r on r.opportunity_key = p.opportunity_key and r.competitor = p.competitor
                and r.assessed_on <= p.day and r.known_from <= p.day and (r.known_to is null or r.known_to > p.day)
            group by all
        ),
        spanned as (
            select opportunity_key, competitor, day as valid_from,
                lead(day) over ({_OF_PARTY} order by day) as valid_to,
                assessed_on, {_COLUMNS}
            from stood
        )
        select * from spanned where assessed_on is not null
    """


def _simple_sql(also: str) -> str:
    """SQL of the same for deals whose ratings all hold from the beginning for good: linear in their number."""
    return f"""
        with r as ({_RATINGS.format(also=also)}),
        assessed as (select r.opportunity_key, r.competitor, r.assessed_on, {_NEWEST} from r group by all),
        filled as (
            select opportunity_key, competitor, assessed_on as valid_from,
                lead(assessed_on) over ({_OF_PARTY} order by assessed_on) as valid_to, assessed_on, {_FILLED}
            from assessed
            window w as ({_OF_PARTY} order by assessed_on rows between unbounded preceding and current row)
        )
        select * from filled
    """


def sync(cursor: Cursor, load_ids: Sequence[int] | None = None) -> None:
    """Build the profiles anew of all deals whose ratings are no longer those that they were built from.

    Parameters
    ----------
    cursor
        Inside a transaction; versions are built and joined to their deals.
    load_ids
        Loads of ratings that were just written: only their deals are looked at, unless one takes ratings away. None or
        nothing looks at all.
    """
    asked = _deals_of(cursor, load_ids) if load_ids else None
    only = among(cursor, "opportunity_key", asked) if asked else "true"
    cursor.execute(
        f"""
        create or replace temp table profiled as
        with now as ({_HASHES.format(also=f"and {only}")}),
        before as (
            select opportunity_key, any_value(built_from) as built_from from assessment_profile
            where {only} group by opportunity_key
        )
        select coalesce(n.opportunity_key, b.opportunity_key) as opportunity_key, n.built_from
        from now n full join before b on b.opportunity_key = n.opportunity_key
        where n.built_from is distinct from b.built_from
        """
    )
    if first(cursor.execute("select count(*) from profiled")) != (0,):
        cursor.execute("delete from assessment_profile where opportunity_key in (select opportunity_key from profiled)")
        cursor.execute(
            f"""
            create or replace temp table unsteady as
            select distinct opportunity_key from assessment_version
            where opportunity_key in (select opportunity_key from profiled)
                and (valid_from <> {_BEGINNING} or valid_to is not null)
            """
        )
        steady = (
            "and v.opportunity_key in (select opportunity_key from profiled anti join unsteady using (opportunity_key))"
        )
        for sql in (
            _simple_sql(steady),
            general_sql("and v.opportunity_key in (select opportunity_key from unsteady)"),
        ):
            cursor.execute(
                f"""
                insert into assessment_profile by name
                select p.*, d.built_from from ({sql}) p join profiled d using (opportunity_key)
                order by opportunity_key, competitor, valid_from
                """
            )
        cursor.execute("drop table unsteady")
    cursor.execute("drop table profiled")


def _deals_of(cursor: Cursor, load_ids: Sequence[int]) -> str | None:
    """SQL of the deals that loads of ratings tell of; None if any of them also takes ratings away."""
    ids = ", ".join(str(int(number)) for number in load_ids)
    if first(cursor.execute(f"select count(*) > 0 from load where load_id in ({ids}) and (complete or withdraws)")) == (
        True,
    ):
        return None
    touched = f"select record_key from sighting where table_name = 'assessments' and load_id in ({ids})"
    return f"""
        select distinct v.opportunity_key from assessment_version v
        where v.opportunity_key is not null and {among(cursor, "v.record_key", touched)}
    """
