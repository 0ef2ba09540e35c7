"""How far the data can be trusted: the same checks for one load and for the whole store.

A check is a condition on the newest version of each deal, with the sentence that tells of it and
the way to mend it. Nothing here changes data; a name that differs by a space stays as the CRM
wrote it and is named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from rapidfuzz import fuzz, process

from tas_analytics.formats import count, number
from tas_analytics.store.database import Cursor, Store

if TYPE_CHECKING:
    from tas_analytics.ingest.loader import Rejected
    from tas_analytics.ingest.plan import Prepared

Severity = Literal["problem", "caveat", "note"]
_RANK: Final = {"problem": 0, "caveat": 1, "note": 2}
#: Kinds of the reader's notes that tell of something left out or mended; the others tell how the file is written.
_TOLD: Final = {"repair", "footer", "nul", "unplaced", "empty"}
#: Rejected rows above this share make a load unusable rather than usable with caveats.
TOO_MANY_REJECTED: Final = 0.2
VERDICTS: Final = {
    "usable": "Usable",
    "caveats": "Usable with caveats",
    "unusable": "Not usable",
    "empty": "No data yet",
}


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


def judge(findings: Sequence[Finding], loaded_rows: int) -> str:
    """``usable``, ``caveats`` or ``unusable``."""
    if loaded_rows == 0 or any(finding.severity == "problem" for finding in findings):
        return "unusable"
    return "caveats" if any(finding.severity == "caveat" for finding in findings) else "usable"


def judge_load(
    cursor: Cursor, file: Prepared, load_id: int, rejects: Sequence[Rejected], loaded_rows: int
) -> list[Finding]:
    """Ranked findings about one load, within its transaction."""
    found = _about_rejects(rejects, loaded_rows)
    found += _about_reading(file)
    if file.table_name == "opportunities":
        found += _about_deals(cursor, load_id)
    else:
        found += _about_names(cursor, None, only=file.table_name)
    return _ranked(found)


def judge_store(store: Store) -> tuple[str, list[Finding]]:
    """Verdict and ranked findings about everything that is loaded."""
    with store.cursor() as cursor:
        deals = cursor.execute("select count(*) from opportunity_version where valid_to is null").fetchone()
        if not deals or deals[0] == 0:
            return "empty", []
        found = _about_deals(cursor, None)
        rejected = cursor.execute("select coalesce(sum(rows_rejected), 0) from load where undone_at is null").fetchone()
    if rejected and rejected[0]:
        found.append(
            Finding(
                "rejected",
                "caveat",
                f"{count(int(rejected[0]), 'row')} of the loaded files were rejected",
                "Download the rejected rows from the list of loads, mend them and load that file.",
                int(rejected[0]),
            )
        )
    return judge(found, deals[0]), _ranked(found)


def _ranked(found: list[Finding]) -> list[Finding]:
    return sorted(found, key=lambda finding: (_RANK[finding.severity], -finding.rows))


def _about_rejects(rejects: Sequence[Rejected], loaded_rows: int) -> list[Finding]:
    rows = len({reject.line for reject in rejects})
    if not rows:
        return []
    share = rows / (rows + loaded_rows)
    examples = tuple(
        f"line {r.line}, {r.column}: “{r.value[:40]}” {r.reason}" if r.column else f"line {r.line}: {r.reason}"
        for r in rejects[:5]
    )
    return [
        Finding(
            "rejected",
            "problem" if share > TOO_MANY_REJECTED else "caveat",
            f"{count(rows, 'row')} rejected",
            "Download the rejected rows, mend them and load that file.",
            rows,
            None,
            examples,
        )
    ]


def _about_reading(file: Prepared) -> list[Finding]:
    found = [
        Finding(
            "ambiguous",
            "caveat",
            f"“{file.mapping.columns[column]}” can be read in two ways: {convention.evidence}",
            "Choose the right reading if this one is wrong.",
        )
        for column, convention in file.conventions.items()
        if convention.ambiguous
    ]
    for column in file.mapping.unsure:
        header = file.mapping.columns[column]
        found.append(
            Finding(
                "unsure",
                "caveat",
                f"“{header}” was taken for {column.replace('_', ' ')} because it looks alike",
                "Correct the mapping if it is something else.",
            )
        )
    found += [
        Finding("repair", "note", note.text.rstrip("."), "Nothing to do if this is right.")
        for note in file.text.notes
        if note.kind in _TOLD
    ]
    found += [Finding("repair", "note", note, "Nothing to do: both forms name the same record.") for note in file.notes]
    return found


def _about_deals(cursor: Cursor, load_id: int | None) -> list[Finding]:
    row = cursor.execute(
        "select max(as_of) from load where table_name = 'opportunities' and undone_at is null"
    ).fetchone()
    as_of = row[0] if row else None
    mine = _mine(load_id)
    found = []
    for check in _CHECKS:
        params: dict[str, object] = {"as_of": as_of} if "$as_of" in check.where else {}
        hit = cursor.execute(
            f"""
            select count(*), cast(sum(v.amount) as double),
                array_slice(list(v.opportunity_name order by v.amount desc nulls last, v.opportunity_name), 1, 5)
            from (
                select v.*, coalesce(v.opportunity_id, v.name) as opportunity_name from opportunity_version v
                where v.valid_to is null {mine}
            ) v
            join stage s using (stage_key)
            where {check.where}
            """,
            params | ({"load_id": load_id} if load_id is not None else {}),
        ).fetchone()
        if hit and hit[0]:
            found.append(
                Finding(
                    check.key,
                    check.severity,
                    check.text.format(deals=count(hit[0], "deal")),
                    check.mend,
                    hit[0],
                    hit[1],
                    tuple(name for name in hit[2] or () if name),
                )
            )
    found += _about_names(cursor, load_id)
    found += _about_stages(cursor)
    found += _about_currencies(cursor)
    return found


def _about_names(cursor: Cursor, load_id: int | None, only: str | None = None) -> list[Finding]:
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
            "Check them under Data, Stages, and change what is wrong.",
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
    return [
        Finding(
            "no_rate",
            "problem",
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
