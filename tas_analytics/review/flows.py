"""From which category or stage to which: the deals of a waterfall by where they were and where they are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final, Literal

import pandas as pd

from tas_analytics.formats import within_sentence
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.scope import Scope
from tas_analytics.review.buckets import bucket
from tas_analytics.review.changes import moves
from tas_analytics.store.database import Store

By = Literal["forecast_category", "stage"]
#: Categories in their order, with name and colour; an owner's own word that means none of them is "none".
CATEGORIES: Final = (
    ("commit", "Commit", "commit"),
    ("best_case", "Best case", "best"),
    ("pipeline", "Pipeline", "open"),
    ("omitted", "Omitted", "unknown"),
    ("none", "No category", "unknown"),
)
_LABELS: Final[Mapping[str, str]] = {key: label for key, label, _ in CATEGORIES}
#: Where deals go to or come from that are not in scope on both days, below the groups.
_ELSEWHERE: Final = 1000


def called(category: str | None) -> str:
    """A category within a sentence: ``best case``; what is none of them is ``no category``."""
    return within_sentence(_LABELS.get(category or "none", _LABELS["none"]))


def flows(store: Store, company: Company, since: dt.date, scope: Scope, by: By = "forecast_category") -> pd.DataFrame:
    """One row per way: ``source``, ``target`` with ``_label`` and ``_order`` each, ``amount``, ``deals``, ``stays``.

    A deal that came into scope or left it has the waterfall's bucket on the side on which it is not in scope, and
    its colour. The amount is the second day's, of a deal that left the first day's, both at the first day's rates.
    ``meaning`` is the target's colour, ``source_meaning`` the source's.
    """
    query = moves(company, since, scope, with_state=True)
    column = "category" if by == "forecast_category" else "stage"
    frame = store.frame(
        f"""{query.sql},
        way as (
            select case when inside_then then coalesce({column}_then, 'none') end as source,
                case when inside_now then coalesce({column}_now, 'none') end as target, bucket,
                case when inside_then then coalesce(position_then, 999) end as source_position,
                case when inside_now then coalesce(position_now, 999) end as target_position,
                case when inside_now then now_amount else was_amount end as amount
            from moved
        )
        select source, target, case when source is null or target is null then bucket end as bucket,
            min(source_position) as source_position, min(target_position) as target_position,
            cast(sum(amount) as double) as amount, count(*) as deals
        from way group by 1, 2, 3
        """,
        query.params,
    )
    rows = []
    for row in frame.to_dict("records"):
        source, target = _text(row["source"]), _text(row["target"])
        other = _text(row["bucket"])
        rows.append(
            {
                **_side("source", source, other, row["source_position"], by),
                **_side("target", target, other, row["target_position"], by),
                "amount": float(row["amount"]),
                "deals": int(row["deals"]),
                "stays": source is not None and source == target,
            }
        )
    columns = [
        *("source", "source_label", "source_order", "source_meaning", "target", "target_label", "target_order"),
        *("meaning", "amount", "deals", "stays"),
    ]
    return pd.DataFrame(rows, columns=columns).sort_values(["source_order", "target_order"]).reset_index(drop=True)


def _side(side: str, group: str | None, other: str | None, position: float, by: By) -> dict[str, object]:
    meaning = "meaning" if side == "target" else "source_meaning"
    if group is None:
        one = bucket(str(other))
        return {
            side: f"bucket:{one.key}",
            f"{side}_label": one.label,
            f"{side}_order": _ELSEWHERE + list(_ORDER).index(one.key),
            meaning: one.meaning,
        }
    if by == "stage":
        return {side: group, f"{side}_label": group, f"{side}_order": float(position), meaning: "open"}
    place, (_, label, colour) = next((i, one) for i, one in enumerate(CATEGORIES) if one[0] == group)
    return {side: group, f"{side}_label": label, f"{side}_order": place, meaning: colour}


_ORDER: Final = (
    *("created", "reopened", "owner_in", "pulled_in"),
    *("won", "lost", "pushed_out", "owner_out", "removed"),
)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
