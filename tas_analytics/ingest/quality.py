"""What is wrong with the deals themselves: the same checks for one load and for the whole store.

A check is a condition on the newest version of each deal, with the sentence that tells of it and
the way to mend it. Nothing here changes data; a name that differs by a space stays as the CRM
wrote it and is named.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

from rapidfuzz import fuzz, process

from tas_analytics.formats import count, number
from tas_analytics.store.database import Cursor, first

Severity = Literal["problem", "caveat", "note"]
#: Above this share of rows or deals, what is missing makes the data unusable rather than usable with caveats.
TOO_MANY: Final = 0.2


@dataclass(frozen=True)
class Finding:
    """One thing worth knowing about the data, with up to five examples."""

    key: str
    severity: Severity
    text: str
    mend: str
    rows: int = 0
    amount: float | None = None
    examples: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, item: dict[str, Any]) -> Finding:
        """A finding as the store keeps it."""
        return cls(**{**item, "examples": tuple(item["examples"])})


@dataclass(frozen=True)
class _Check:
    key: str
    severity: Severity
    where: str
    text: str  # {deals} is "12 deals"
    mend: str


_CHECKS: Final = (
    _Check(
        "won_without_amount",
        "caveat",
        "s.status = 'won' and v.amount is null",
        "{deals} won without an amount, so won revenue is too low",
        "Fill the amount in the CRM, or map the column that holds it.",
    ),
    _Check(
        "closed_without_date",
        "caveat",
        "s.status <> 'open' and v.close_date is null",
        "{deals} closed without a close date, so no period counts them",
        "Fill the close date in the CRM.",
    ),
    _Check(
        "open_without_amount",
        "caveat",
        "s.status = 'open' and v.amount is null",
        "{deals} open without an amount: they count as deals, but not as pipeline",
        "Fill the amount in the CRM. Until then read the pipeline by number of deals.",
    ),
    _Check(
        "open_without_date",
        "caveat",
        "s.status = 'open' and v.close_date is null",
        "{deals} open without a close date: they appear in no period, only in all dates",
        "Fill the expected close date in the CRM.",
    ),
    _Check(
        "overdue",
        "caveat",
        "s.status = 'open' and v.close_date < $as_of",
        "{deals} open past their close date",
        "Move the close date or close the deal in the CRM.",
    ),
    _Check(
        "close_before_created",
        "caveat",
        "v.close_date < v.created_date",
        "{deals} with a close date before the created date",
        "Correct one of the two dates in the CRM.",
    ),
    _Check(
        "closed_in_future",
        "caveat",
        "s.status <> 'open' and v.close_date > $as_of",
        "{deals} closed on a day that is still to come",
        "Correct the close date in the CRM, or the day of which the export tells.",
    ),
    _Check(
        "without_owner", "caveat", "v.owner_key is null", "{deals} without an owner", "Assign an owner in the CRM."
    ),
    _Check(
        "without_account",
        "caveat",
        "v.account_key is null",
        "{deals} without an account: they are loaded, and stand under “none” in a split by account or industry",
        "Fill the account in the CRM.",
    ),
    _Check("negative_amount", "note", "v.amount < 0", "{deals} with a negative amount", "Check the sign in the CRM."),
)  # fmt: skip

#: Names used by deals that the table of that kind does not have: table, key column, word.
_UNKNOWN: Final = (
    ("products", "product", "product_key", "product"),
    ("accounts", "account", "account_key", "account"),
    ("people", "person", "owner_key", "owner"),
)


def about_deals(cursor: Cursor, load_id: int | None) -> list[Finding]:
    """Findings about the deals of one load, or about all of them for None."""
    row = first(cursor.execute("select max(as_of) from load where table_name = 'opportunities' and undone_at is null"))
    as_of = row[0] if row else None
    params = {"as_of": as_of} | ({"load_id": load_id} if load_id is not None else {})
    mine = f"""
        from (
            select v.*, coalesce(v.opportunity_id, v.name) as shown from opportunity_version v
            where v.valid_to is null {_mine(load_id)}
        ) v
        join stage s using (stage_key)
    """
    # Counting is cheap and mostly finds little; sums and examples are asked for only where there are some.
    counts = ", ".join(f"count(*) filter (where {check.where})" for check in _CHECKS)
    (row,) = cursor.execute(f"select $as_of, {counts} {mine}", params).fetchall()
    found = []
    for check, deals in zip(_CHECKS, row[1:], strict=True):
        if deals:
            ((_, amount, names),) = cursor.execute(
                f"""
                select $as_of, cast(sum(v.amount) as double),
                    array_slice(list(v.shown order by v.amount desc nulls last, v.shown), 1, 5)
                {mine} where {check.where}
                """,
                params,
            ).fetchall()
            text = check.text.format(deals=count(deals, "deal"))
            examples = tuple(name for name in names if name)
            found.append(Finding(check.key, check.severity, text, check.mend, deals, amount, examples))
    found += about_names(cursor, load_id)
    found += _about_stages(cursor)
    found += _about_currencies(cursor)
    return found


def about_names(cursor: Cursor, load_id: int | None, only: str | None = None) -> list[Finding]:
    """Names that deals use and the reference tables do not have, with the nearest one that they do."""
    found = []
    for table_name, one, key, word in _UNKNOWN:
        if only is not None and table_name != only:
            continue
        known = [
            name for (name,) in cursor.execute(f"select {one} from {one}_version where valid_to is null").fetchall()
        ]
        if not known:
            continue
        unknown = cursor.execute(
            f"""
            select r.natural_key, count(*), cast(sum(v.amount) as double) from opportunity_version v
            join record r on r.table_name = '{table_name}' and r.record_key = v.{key}
            anti join (select record_key from {one}_version where valid_to is null) d on d.record_key = v.{key}
            where v.valid_to is null {_mine(load_id)}
            group by 1 order by 2 desc, 1
            """,
            {"load_id": load_id} if load_id is not None else {},
        ).fetchall()
        if not unknown:
            continue
        deals = sum(row[1] for row in unknown)
        named = []
        for name, n, _ in unknown[:5]:
            near = process.extractOne(name, known, scorer=fuzz.ratio, score_cutoff=80)
            named.append(f"“{name}” ({count(n, 'deal')}" + (f", nearest is “{near[0]}”)" if near else ")"))
        verb = "is" if len(unknown) == 1 else "are"
        noun = word if len(unknown) == 1 else word + "s"
        found.append(
            Finding(
                f"unknown_{word}",
                "caveat",
                f"{count(len(unknown), word)} of {count(deals, 'deal')} {verb} not in the {table_name} table: "
                + ", ".join(named[:3]),
                f"Correct the {noun} in the CRM or in the {table_name} file; "
                "the deals are loaded with the name they have.",
                deals,
                sum(row[2] or 0 for row in unknown),
                tuple(named),
            )
        )
    return found


def _about_stages(cursor: Cursor) -> list[Finding]:
    rows = cursor.execute(
        "select stage, probability, status from stage where in_use and origin = 'proposed' order by position, stage"
    ).fetchall()
    if not rows:
        return []
    steps = [f"{name} {number(100 * p)} %" if status == "open" else f"{name} ({status})" for name, p, status in rows]
    return [
        Finding(
            "proposed_stages",
            "caveat",
            f"{count(len(rows), 'stage')} got order, probability and meaning from the name: {' → '.join(steps)}",
            "Check them under Data, Settings, and change what is wrong.",
            len(rows),
        )
    ]


def _about_currencies(cursor: Cursor) -> list[Finding]:
    rows = cursor.execute(
        """
        with reporting as (
            select coalesce(max(value) filter (where name = 'reporting_currency'),
                max(value) filter (where name = 'common_currency'), 'USD') as code
            from setting
        )
        select v.currency, count(*) from opportunity_version v, reporting
        where v.valid_to is null and v.currency <> reporting.code
            and v.currency not in (select currency from rate_version where valid_to is null)
        group by 1 order by 2 desc
        """
    ).fetchall()
    if not rows:
        return []
    total = sum(n for _, n in rows)
    (deals,) = cursor.execute("select count(*) from opportunity_version where valid_to is null").fetchall()[0]
    return [
        Finding(
            "no_rate",
            "problem" if total > TOO_MANY * deals else "caveat",
            f"{count(total, 'deal')} in {', '.join(code for code, _ in rows)} have no currency rate, "
            "so their amounts are left out",
            "Load a file of currency rates (see the templates).",
            total,
            None,
            tuple(code for code, _ in rows[:5]),
        )
    ]


def _mine(load_id: int | None) -> str:
    if load_id is None:
        return ""
    return (
        "and v.record_key in (select record_key from sighting "
        "where table_name = 'opportunities' and load_id = $load_id)"
    )
