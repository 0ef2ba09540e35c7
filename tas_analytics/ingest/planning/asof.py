"""The day of which a file tells, and how it is known."""

from __future__ import annotations

import datetime as dt
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from tas_analytics.errors import BadQuestion
from tas_analytics.formats import count
from tas_analytics.ingest.planning.report_day import report_day
from tas_analytics.method.stages import OPEN, propose
from tas_analytics.store.database import Cursor

if TYPE_CHECKING:
    from tas_analytics.ingest.planning.plan import Prepared

_FILE_DATE: Final = re.compile(r"(?<!\d)(20\d\d)[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12]\d|3[01])(?!\d)")
#: Nothing is known of days before this one: the first version of a reference record holds from here on.
BEGINNING: Final = dt.date(1900, 1, 1)
#: Reasons for a day that do not lie in the file's rows.
SAID: Final = "as you said"
NAMED: Final = "the date in the file's name"
#: Reason for the day of deals of which nothing says when they were so.
LOADED: Final = "the day of loading, as nothing in the file tells its day"
#: Days that the past has fixed: the latest of them is the earliest day an export can be of.
_FACT_DATES: Final = ("created_date", "stage_entered", "last_activity")
#: A day is taken for mistyped where it lies this far behind all others and at most this share of the deals have such.
_FAR: Final = dt.timedelta(days=60)
_FEW: Final = 0.002


def find_as_of(cursor: Cursor, prepared: Prepared, fallback: dt.date | None) -> tuple[dt.date, str]:
    """The day of which a file tells, and how it is known; needs ``typed``.

    What the user said comes first, then the day that the report says of itself, then a date in the
    file's name, then the latest day that the deals themselves name as past. Reference tables follow the
    deals: ``fallback`` is the newest day known so far, and without one they hold from the beginning. Deals
    that name no day follow the newest ones too, unless these name none either: then they are of the day on
    which they are loaded.
    """
    stated = stated_day(prepared)
    if stated is not None:
        return stated
    if prepared.table_name == "opportunities":
        found = _latest_fact(cursor, prepared)
        if found is not None:
            return found
        if fallback is None or _follows_the_clock(cursor, fallback):
            # The clock that ``load.loaded_at`` is written by; nothing else asks it.
            ((today,),) = cursor.execute("select cast(now() at time zone 'UTC' as date)").fetchall()
            return max(today, fallback or today), LOADED
    if fallback is not None:
        return fallback, "the newest deals in the store"
    return BEGINNING, "holds from the beginning, until deals give a day"


def _follows_the_clock(cursor: Cursor, newest: dt.date) -> bool:
    """Whether the deals of the newest day are of it only because they were loaded then."""
    rows = cursor.execute(
        "select as_of_reason from load where table_name = 'opportunities' and undone_at is null and as_of = $newest",
        {"newest": newest},
    ).fetchall()
    return bool(rows) and all(reason == LOADED for (reason,) in rows)


def stated_day(prepared: Prepared) -> tuple[dt.date, str] | None:
    """The day that the user, the report itself or the file's name states, or None.

    The report comes before the name: the CRM wrote it at the moment of the export, the name is a label. Where they
    differ, the reason says both.
    """
    if prepared.options.as_of is not None:
        if prepared.options.as_of < BEGINNING:
            raise BadQuestion(f"{prepared.options.as_of} is before 1900", "Give the day of which the export tells.")
        return prepared.options.as_of, SAID
    named = _day_in_name(prepared.name)
    made = report_day(prepared, named)
    if made is not None:
        differs = f"; the file's name says {named}" if named not in (None, made.day) else ""
        return made.day, made.reason + differs
    return None if named is None else (named, NAMED)


def _day_in_name(name: str) -> dt.date | None:
    found = _FILE_DATE.search(name)
    if found is None:
        return None
    try:
        return dt.date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None  # 31 February is part of a number, not a date


def _latest_fact(cursor: Cursor, prepared: Prepared) -> tuple[dt.date, str] | None:
    """The latest day on which something happened to a deal, passing over days that can only be mistyped."""
    given = [name for name in (*_FACT_DATES, "close_date") if name in prepared.mapping.columns]
    if not given:
        return None
    stages = "select distinct stage from typed where stage is not null" if "stage" in prepared.mapping.columns else ""
    closed = [name for (name,) in (cursor.execute(stages).fetchall() if stages else ()) if propose(name).status != OPEN]
    is_closed = "list_contains($closed, stage)" if stages else "$closed = []"
    if "status" in prepared.mapping.columns:
        is_closed += " or status in ('won', 'lost')"
    facts = " union all ".join(
        f"select {name} as day from typed" + (f" where {is_closed}" if name == "close_date" else "") for name in given
    )
    rows = cursor.execute(
        f"select day, count(*) from ({facts}) where day is not null group by day order by day desc",
        {"closed": closed} if "close_date" in given else {},
    ).fetchall()
    if not rows:
        return None
    total, beyond = sum(n for _, n in rows), 0
    for (day, n), (before, _) in pairwise(rows):
        beyond += n
        if day - before > _FAR and beyond <= max(1, _FEW * total) and total >= 50:
            mistyped = count(beyond, "date")
            why = f"the latest day on which something happened to a deal, but for {mistyped} far in the future"
            return max(before, BEGINNING), why
        if beyond > max(1, _FEW * total):
            break
    return max(rows[0][0], BEGINNING), "the latest day on which something happened to a deal"
