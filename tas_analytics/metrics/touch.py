"""When somebody last worked on each deal, in SQL: the relation ``touch`` with ``deal_key`` and ``touched_on``.

Work on a deal is what the method asks for (an assessment, a milestone reached or changed, an activity done, a
strategy declared) and what keeps its record true: a change of stage, amount, close date, category, next step or owner.
That the CRM moved its date of the last activity along is no work on the record.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

from tas_analytics.metrics.asof import at

#: How far back a change of a deal's record is looked for.
DAYS: Final = 180
#: Table of what belongs to a deal, and the day on which it was worked on.
_WORK: Final = (
    ("assessment_version", "assessed_on"),
    ("milestone_version", "achieved_date"),
    ("activity_version", "done_date"),
    ("strategy_version", "declared_on"),
)
#: A deal that an export first shows so many days after its creation was entered then; an older one was only seen.
_ENTERED: Final = 7
_RECORD: Final = "stage_key, amount, close_date, forecast_category, next_step, owner_key"


def work(as_of: dt.date) -> str:
    """The relation ``work``: one row per deal and day on which it was worked on, as known on a day."""
    day, after = f"date '{as_of}'", f"timestamp '{as_of + dt.timedelta(days=1)}'"
    # The first version of what belongs to a deal holds from the beginning of time: its day says nothing.
    parts = [
        f"select opportunity_key as deal_key, unnest([{column}, case when x.valid_from > timestamp '1900-01-01' "
        f"then cast(x.valid_from as date) end]) as day from {table} x "
        f"where opportunity_key is not null and {at('x', as_of)}"
        for table, column in _WORK
    ]
    parts.append(
        f"""
        select record_key, cast(valid_from as date) from (
            select record_key, valid_from, created_date, hash({_RECORD}) as content,
                lag(hash({_RECORD})) over (partition by record_key order by valid_from) as before
            from opportunity_version
            where not coalesce(reconstructed, false) and valid_from < {after}
                and (valid_to is null or valid_to > {day} - {DAYS})
        ) where content is distinct from before and (before is not null or valid_from <= created_date + {_ENTERED})
        """
    )
    return f"work as (select deal_key, day from ({' union all '.join(parts)}) where day <= {day})"


def cte(as_of: dt.date) -> str:
    """The relation ``touch`` as known on a day."""
    return f"touch as (with {work(as_of)} select deal_key, max(day) as touched_on from work group by deal_key)"
