"""The metrics a second time, in plain Python over frames that the tests make of the raw files with pandas.

Nothing here comes from the program: a formula that is wrong in the registry is not wrong here in the same way.
Each grain is a frame with a column per dimension; a metric is a function of the rows of a group.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pandas as pd

Value = float | None
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Span:
    """A period: ``end`` is the first day after it."""

    key: str
    start: dt.date
    end: dt.date

    def has(self, days: pd.Series[Any]) -> pd.Series[bool]:
        return days.notna() & (days >= pd.Timestamp(self.start)) & (days < pd.Timestamp(self.end))


@dataclass(frozen=True)
class Known:
    """Everything known on a day, a frame per grain; a grain that the data lack is None."""

    deals: pd.DataFrame
    steps: pd.DataFrame
    stays: pd.DataFrame
    due: Mapping[str, pd.DataFrame] = field(default_factory=dict)  # by period
    targets: pd.DataFrame | None = None


def ratio(a: Value, b: Value) -> Value:
    return None if a is None or b is None or b == 0 else a / b


def given(rows: Rows, column: str) -> list[float]:
    """The values of a column that are not blank."""
    return [float(row[column]) for row in rows if row[column] is not None]


def total(values: Iterable[float]) -> float:
    """A sum without the error of adding in one order or another."""
    return math.fsum(values)


def mean(values: list[float]) -> Value:
    return math.fsum(values) / len(values) if values else None


def quantile(values: list[float], share: float) -> Value:
    """By linear interpolation between the two nearest values."""
    if not values:
        return None
    ordered, at = sorted(values), share * (len(values) - 1)
    low, high = math.floor(at), math.ceil(at)
    return ordered[low] + (at - low) * (ordered[high] - ordered[low])


def top(rows: Rows, n: int) -> Value:
    amounts = sorted(given(rows, "amount"), reverse=True)
    return ratio(math.fsum(amounts[:n]), math.fsum(amounts)) if amounts else None


Pick = Callable[[Rows], Rows]
Formula = Callable[[Rows], Value]


def _of(status: str) -> Pick:
    return lambda rows: [row for row in rows if row["closes_in"] and row["status"] == status]


still_open, won, lost = _of("open"), _of("won"), _of("lost")


def _counts(pick: Pick) -> Formula:
    return lambda rows: float(len(pick(rows)))


def _sums(pick: Pick, weight: str | None = None) -> Formula:
    def value(rows: Rows) -> Value:
        picked = [row for row in pick(rows) if row["amount"] is not None]
        return math.fsum(row["amount"] * (1 if weight is None else row[weight]) for row in picked)

    return value


def _created(rows: Rows) -> Rows:
    return [row for row in rows if row["created_in"]]


def _flagged(name: str) -> Pick:
    return lambda rows: [row for row in still_open(rows) if row[name]]


def _in_category(name: str) -> Pick:
    # A deal that is in no category is pipeline.
    return lambda rows: [row for row in still_open(rows) if (row["category"] or "pipeline") == name]


def _days_to_win(rows: Rows) -> Value:
    lasted = [(row["close"] - row["created"]).days for row in won(rows) if row["close"] and row["created"]]
    return mean([float(days) for days in lasted if days >= 0])


def _moves(column: str) -> Formula:
    return lambda rows: float(sum(row[column] for row in rows if row["closes_in"]))


DEAL: Final[dict[str, Formula]] = {
    "deals": _counts(lambda rows: [row for row in rows if row["closes_in"]]),
    "open_deals": _counts(still_open),
    "won_deals": _counts(won),
    "lost_deals": _counts(lost),
    "closed_deals": lambda rows: float(len(won(rows)) + len(lost(rows))),
    "created_deals": _counts(_created),
    "created_won_deals": _counts(lambda rows: [row for row in _created(rows) if row["status"] == "won"]),
    "open_pipeline": _sums(still_open),
    "weighted_pipeline": _sums(still_open, "probability"),
    "crm_weighted_pipeline": _sums(still_open, "crm_probability"),
    "created_amount": _sums(_created),
    "won_amount": _sums(won),
    "lost_amount": _sums(lost),
    "average_won": lambda rows: mean(given(won(rows), "amount")),
    "average_open": lambda rows: mean(given(still_open(rows), "amount")),
    "days_to_win": _days_to_win,
    "category_omitted": _sums(_in_category("omitted")),
    "category_pipeline": _sums(_in_category("pipeline")),
    "category_best_case": _sums(_in_category("best_case")),
    "category_commit": _sums(_in_category("commit")),
    "top_1_share": lambda rows: top(still_open(rows), 1),
    "top_5_share": lambda rows: top(still_open(rows), 5),
    "top_10_share": lambda rows: top(still_open(rows), 10),
    "overdue_deals": _counts(_flagged("overdue")),
    "overdue_pipeline": _sums(_flagged("overdue")),
    "stalled_deals": _counts(_flagged("stalled")),
    "stalled_pipeline": _sums(_flagged("stalled")),
    "push_count": _moves("pushes"),
    "delay_count": _moves("delays"),
    "pushed_deals": _counts(lambda rows: [row for row in still_open(rows) if row["pushes"] >= 2]),
}


def _where(column: str, value: object) -> Pick:
    return lambda rows: [row for row in rows if row[column] == value]


STEP: Final[dict[str, Formula]] = {
    "stage_passed": _counts(_where("outcome", "passed")),
    "stage_lost": _counts(_where("outcome", "lost")),
    "stage_open": _counts(_where("outcome", "open")),
}
_advanced: Final = _where("advanced", True)
STAY: Final[dict[str, Formula]] = {
    "stays": lambda rows: float(len(given(_advanced(rows), "days"))),
    "median_days_in_stage": lambda rows: quantile(given(_advanced(rows), "days"), 0.5),
    "days_in_stage": lambda rows: quantile(given(_advanced(rows), "days"), 0.75),
}
_slipped: Final = _where("slipped", True)
DUE: Final[dict[str, Formula]] = {
    "due_amount": lambda rows: total(given(rows, "amount")),
    "slipped_amount": lambda rows: total(given(_slipped(rows), "amount")),
    "due_deals": _counts(list),
    "slipped_deals": _counts(_slipped),
}
TARGET: Final[dict[str, Formula]] = {"target": lambda rows: total(given(rows, "amount")) if rows else None}


def _coverage(v: Mapping[str, Value]) -> Value:
    gap = _gap(v)
    return ratio(v["open_pipeline"], gap) if gap is not None and gap > 0 else None


def _gap(v: Mapping[str, Value]) -> Value:
    target, booked = v["target"], v["won_amount"]
    return None if target is None or booked is None else target - booked


def _velocity(v: Mapping[str, Value]) -> Value:
    parts = [v["open_deals"], v["average_won"], _win_rate(v)]
    return None if None in parts else ratio(math.prod(part for part in parts if part is not None), v["days_to_win"])


def _add(*keys: str) -> Callable[[Mapping[str, Value]], Value]:
    return lambda v: math.fsum(v[key] or 0.0 for key in keys)


def _win_rate(v: Mapping[str, Value]) -> Value:
    return ratio(v["won_deals"], (v["won_deals"] or 0) + (v["lost_deals"] or 0))


def _value_win_rate(v: Mapping[str, Value]) -> Value:
    return ratio(v["won_amount"], (v["won_amount"] or 0) + (v["lost_amount"] or 0))


#: Formula, and the metrics that it takes.
DERIVED: Final[dict[str, tuple[Callable[[Mapping[str, Value]], Value], tuple[str, ...]]]] = {
    "win_rate": (_win_rate, ("won_deals", "lost_deals")),
    "value_win_rate": (_value_win_rate, ("won_amount", "lost_amount")),
    "cohort_win_rate": (lambda v: ratio(v["created_won_deals"], v["created_deals"]), ("created_won_deals",
                                                                                      "created_deals")),
    "sales_velocity": (_velocity, ("open_deals", "average_won", "won_deals", "lost_deals", "days_to_win")),
    "attainment": (lambda v: ratio(v["won_amount"], v["target"]), ("won_amount", "target")),
    "gap": (_gap, ("won_amount", "target")),
    "coverage": (_coverage, ("open_pipeline", "won_amount", "target")),
    "needed_coverage": (lambda v: ratio(1.0, _value_win_rate(v)), ("won_amount", "lost_amount")),
    "commit_cumulative": (_add("won_amount", "category_commit"), ("won_amount", "category_commit")),
    "best_case_cumulative": (_add("won_amount", "category_commit", "category_best_case"),
                             ("won_amount", "category_commit", "category_best_case")),
    "pipeline_cumulative": (_add("won_amount", "category_commit", "category_best_case", "category_pipeline"),
                            ("won_amount", "category_commit", "category_best_case", "category_pipeline")),
    "stage_resolved": (_add("stage_passed", "stage_lost"), ("stage_passed", "stage_lost")),
    "stage_conversion": (lambda v: ratio(v["stage_passed"], (v["stage_passed"] or 0) + (v["stage_lost"] or 0)),
                         ("stage_passed", "stage_lost")),
    "slip_rate": (lambda v: ratio(v["slipped_amount"], v["due_amount"]), ("slipped_amount", "due_amount")),
    "slip_rate_count": (lambda v: ratio(v["slipped_deals"], v["due_deals"]), ("slipped_deals", "due_deals")),
}  # fmt: skip
GRAINS: Final = {"deal": DEAL, "step": STEP, "stay": STAY, "due": DUE, "target": TARGET}
EVERY: Final = (*(key for one in GRAINS.values() for key in one), *DERIVED)
#: What a count or a sum is where a group has no row of its grain; everything else is unknown there.
_NOTHING: Final = {
    key: (0.0 if key not in {"average_won", "average_open", "days_to_win", "median_days_in_stage", "days_in_stage",
                             "target"} and not key.startswith("top_") else None)
    for one in GRAINS.values() for key in one
}  # fmt: skip


#: Groups of the registry whose metrics have oracles of their own, beside the tables that they are computed from.
ELSEWHERE: Final = {
    "Milestones": "test_funnel",
    "Method": "test_funnel",
    "Assessment": "test_assessment",
    "Evidence": "test_evidence",
}


def known_here(groups: Iterable[tuple[str, str]]) -> list[str]:
    """Of metrics with their groups, the keys of those that this oracle computes: all but those of ``ELSEWHERE``."""
    return [key for key, group in groups if group not in ELSEWHERE]


def answer(
    known: Known,
    keys: Sequence[str],
    by: Sequence[str] = (),
    period: Span | None = None,
    filters: Mapping[str, Sequence[str]] | None = None,
) -> dict[tuple[str | None, ...], dict[str, Value]]:
    """What ``measure`` should give: the values per group; without a split the group is ``()``."""
    base = {part for key in keys for part in (DERIVED[key][1] if key in DERIVED else (key,))}
    groups: dict[tuple[str | None, ...], dict[str, Value]] = {} if by else {(): {}}
    for grain, formulas in GRAINS.items():
        wanted = [key for key in formulas if key in base]
        rows = _rows(known, grain, period, filters or {}, by) if wanted else None
        if rows is None:
            continue
        for group, part in _split(rows, by).items():
            groups.setdefault(group, {}).update({key: formulas[key](part) for key in wanted})
    for values in groups.values():
        values.update({key: _NOTHING[key] for key in base if key not in values})
    return {
        group: {key: DERIVED[key][0](values) if key in DERIVED else values[key] for key in keys}
        for group, values in groups.items()
    }


def _rows(
    known: Known, grain: str, period: Span | None, filters: Mapping[str, Sequence[str]], by: Sequence[str]
) -> Rows | None:
    rows: pd.DataFrame | None
    if grain == "target":
        rows = known.targets
        if rows is None or not set(by).union(filters) <= set(rows.columns):
            return None
        if period is not None:
            rows = rows[rows["close_quarter"] == period.key]
    elif grain == "due":
        parts = [frame for key, frame in known.due.items() if period is None or key == period.key]
        if not parts:
            return None
        rows = pd.concat(parts)
    else:
        rows = {"deal": known.deals, "step": known.steps, "stay": known.stays}[grain]
    for key, values in filters.items():
        # A filter on the stage means the deal's own, also where rows are of the stages that it went through.
        column = "present_stage" if key == "stage" and "present_stage" in rows.columns else key
        rows = rows[rows[column].fillna("").isin(list(values))]
    if grain in {"deal", "step"}:
        rows = rows.assign(
            closes_in=period.has(rows["close"]) if period else True,
            created_in=period.has(rows["created"]) if period else True,
        )
        rows = rows[rows["closes_in"] | rows["created_in"]] if grain == "deal" else rows[rows["closes_in"]]
    elif grain == "stay" and period is not None:
        rows = rows[period.has(rows["left"])]
    plain = rows.astype(object).where(rows.notna(), None)
    return [{str(name): value for name, value in row.items()} for row in plain.to_dict("records")]


def _split(rows: Rows, by: Sequence[str]) -> dict[tuple[str | None, ...], Rows]:
    groups: dict[tuple[str | None, ...], Rows] = {} if by else {(): []}
    for row in rows:
        groups.setdefault(tuple(row[key] for key in by), []).append(row)
    return groups


def found(frame: pd.DataFrame, by: Sequence[str], keys: Sequence[str]) -> dict[tuple[Any, ...], dict[str, Value]]:
    """The answer of ``measure`` in the same form."""
    return {
        tuple(row[key] for key in by): {key: None if pd.isna(row[key]) else float(row[key]) for key in keys}
        for row in frame.to_dict("records")
    }


def differences(
    got: Mapping[tuple[Any, ...], Mapping[str, Value]], wanted: Mapping[tuple[Any, ...], Mapping[str, Value]]
) -> list[str]:
    """Every disagreement in words: groups that one side lacks, and values further apart than 1e-9."""
    words = [f"missing group {group}" for group in wanted.keys() - got.keys()]
    words += [f"group {group} should not be there" for group in got.keys() - wanted.keys()]
    for group in wanted.keys() & got.keys():
        for key, value in wanted[group].items():
            other = got[group][key]
            same = value is other if value is None or other is None else math.isclose(
                value, other, rel_tol=1e-9, abs_tol=1e-9
            )  # fmt: skip
            if not same:
                words.append(f"{key} of {group}: got {other}, should be {value}")
    return sorted(words)
