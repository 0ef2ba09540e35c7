"""The milestone funnel: a row per step from the metrics of the registry, and what stands out in it.

A step's row says what came to it (decided deals that had reached the step before), what went past, and how
long that took. The last row is the win itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from tas_analytics.formats import SMALL_N
from tas_analytics.metrics.intervals import difference
from tas_analytics.metrics.journey import WON

#: The metrics that the funnel is made of, each split by milestone.
KEYS: Final = (
    *("milestone_reached", "milestone_open", "milestone_resolved", "milestone_passed"),
    *("milestone_stopped", "milestone_waiting", "milestone_stopped_amount", "milestone_waiting_amount"),
    *("milestone_reached_amount", "milestone_open_amount", "milestone_resolved_amount", "milestone_passed_amount"),
    *("milestone_timed", "milestone_backwards", "median_days_to_milestone", "days_to_milestone"),
    "milestone_skipped",
)
#: What the second look at the funnel adds: it takes longer to find.
MORE: Final = (
    "milestone_out_of_order",
    *("milestone_had", "milestone_had_won", "milestone_lacked", "milestone_lacked_won"),
)
#: Both looks at once, for the deals in front: one pass over their milestones.
EVERY: Final = (*KEYS, *MORE)
#: What the step before the first milestone is called.
START: Final = "All deals"


def table(measured: pd.DataFrame, names: Sequence[str], *, by_amount: bool = False) -> pd.DataFrame:
    """The steps of one funnel, first to last.

    Parameters
    ----------
    measured
        :data:`KEYS` by milestone, of one group of deals; a missing row means that no deal reached the step.
    names
        The steps in their order.
    by_amount
        Measure by the deals' amounts rather than by their number.

    Returns
    -------
    DataFrame
        ``step`` (0 for the start), ``milestone``, ``reached``, ``deals`` (reached, by number), ``open`` (of those
        reached, still open), ``came`` (decided deals that had reached the step before), ``passed`` (of those, the ones
        that reached this step), ``conversion``, ``from_start`` (share of all decided deals), ``cases`` and ``gone``
        (came and passed, by number), ``lost`` and ``waiting`` (deals that got no further than the step before), their
        amounts, ``median_days``, ``p75_days``, ``timed``, ``backwards``, ``skipped``.
    """
    rows = measured.set_index("milestone")[list(KEYS)].reindex([None, *names])
    counted = [key for key in KEYS if key not in {"median_days_to_milestone", "days_to_milestone"}]
    rows[counted] = rows[counted].astype(float).fillna(0.0)
    tail = "_amount" if by_amount else ""
    found: list[dict[str, Any]] = []
    for step, name in enumerate([START, *names, WON]):
        here = rows.iloc[step] if step <= len(names) else None
        before = rows.iloc[step - 1] if step else None
        found.append(
            {
                "step": step,
                "milestone": name,
                "reached": _of(here, f"milestone_reached{tail}", _of(before, f"milestone_passed{tail}")),
                "deals": int(_of(here, "milestone_reached", _of(before, "milestone_passed"))),
                "open": _of(here, f"milestone_open{tail}"),
                "came": _of(before, f"milestone_resolved{tail}"),
                "passed": _of(before, f"milestone_passed{tail}"),
                "cases": int(_of(before, "milestone_resolved")),
                "gone": int(_of(before, "milestone_passed")),
                "lost": int(_of(before, "milestone_stopped")),
                "waiting": int(_of(before, "milestone_waiting")),
                "lost_amount": _of(before, "milestone_stopped_amount"),
                "waiting_amount": _of(before, "milestone_waiting_amount"),
                "median_days": _maybe(here, "median_days_to_milestone"),
                "p75_days": _maybe(here, "days_to_milestone"),
                "timed": int(_of(here, "milestone_timed")),
                "backwards": int(_of(here, "milestone_backwards")),
                "skipped": int(_of(here, "milestone_skipped")),
            }
        )
    frame = pd.DataFrame(found)
    frame["conversion"] = [_share(row["passed"], row["came"]) for row in found]
    start = found[1]["came"] if len(found) > 1 else 0.0
    frame["from_start"] = [_share(row["passed"], start) if row["step"] else None for row in found]
    frame[["median_days", "p75_days"]] = frame[["median_days", "p75_days"]].astype(float)
    # Where every deal has the first milestone, or the last one is the win, a row would say the same twice.
    first = len(found) > 2 and found[0]["reached"] == found[1]["reached"] and found[1]["gone"] == found[1]["cases"]
    last = len(found) > 2 and found[-1]["gone"] == found[-1]["cases"] > 0 and found[-2]["open"] == 0
    return frame.iloc[int(first) : len(found) - int(last)].reset_index(drop=True)


def _of(row: pd.Series | None, key: str, otherwise: float = 0.0) -> float:
    return otherwise if row is None else float(row[key])


def _maybe(row: pd.Series | None, key: str) -> float | None:
    return None if row is None or pd.isna(row[key]) else float(row[key])


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


@dataclass(frozen=True)
class Bottleneck:
    """The step that keeps the smallest share of the deals that come to it.

    ``certain`` says that its share is below that of the other steps together by more than chance.
    """

    milestone: str
    cases: int
    gone: int
    median_days: float | None
    certain: bool
    lost: int = 0
    next_lost: int = 0


def bottleneck(steps: pd.DataFrame) -> Bottleneck | None:
    """The weakest step among those with twenty decided deals or more; None where there is none or nothing is lost."""
    judged = steps[(steps["step"] > 0) & (steps["cases"] >= SMALL_N)]
    judged = judged[judged["gone"] < judged["cases"]]
    if judged.empty:
        return None
    shares = judged["gone"] / judged["cases"]
    worst = judged.iloc[int(shares.to_numpy().argmin())]
    others = steps[(steps["step"] > 0) & (steps["step"] != worst["step"])]
    cases, gone = int(worst["cases"]), int(worst["gone"])
    _, high = difference(gone, cases, int(others["gone"].sum()), int(others["cases"].sum()), claims=len(judged))
    days = None if pd.isna(worst["median_days"]) else float(worst["median_days"])
    rest = others["lost"].max() if len(others) else 0
    return Bottleneck(str(worst["milestone"]), cases, gone, days, high < 0, int(worst["lost"]), int(rest))


@dataclass(frozen=True)
class Separator:
    """The milestone that parts won from lost deals best: how many went past it with and without, and were won."""

    milestone: str
    had: int
    had_won: int
    lacked: int
    lacked_won: int

    @property
    def lead(self) -> float:
        """The difference of the two win rates."""
        return self.had_won / self.had - self.lacked_won / self.lacked


def separator(measured: pd.DataFrame) -> Separator | None:
    """The milestone whose deals win more often than those that went past it without, by more than chance.

    ``measured`` has :data:`MORE` by milestone. Each side needs twenty decided deals; of several, the one whose lead is
    largest at its least is named.
    """
    judged = [
        Separator(
            str(row["milestone"]), int(row["milestone_had"]), int(row["milestone_had_won"]),
            int(row["milestone_lacked"]), int(row["milestone_lacked_won"]),
        )
        for row in measured.to_dict("records")
        if row["milestone"] and min(row["milestone_had"], row["milestone_lacked"]) >= SMALL_N
    ]  # fmt: skip
    sure = [
        (difference(one.had_won, one.had, one.lacked_won, one.lacked, claims=len(judged))[0], one) for one in judged
    ]
    least, best = max(sure, key=lambda pair: pair[0], default=(0.0, None))
    return best if least > 0 else None


@dataclass(frozen=True)
class Skipper:
    """A group of deals that goes past a milestone without it more often than all others together."""

    group: str
    milestone: str
    skipped: int
    reached: int
    others_skipped: int
    others_reached: int


def skipper(measured: pd.DataFrame, by: str) -> Skipper | None:
    """The group and the milestone whose share of skipped ones is furthest above that of the others, if not by chance.

    ``measured`` has milestone_reached and milestone_skipped by the dimension ``by`` and by milestone. Each side needs
    twenty deals that reached the milestone; every group and milestone looked at makes the test stricter.
    """
    rows = measured[measured["milestone"].notna()].assign(group=measured[by])
    total = rows.groupby("milestone")[["milestone_reached", "milestone_skipped"]].sum()
    judged = []
    for row in rows[rows["group"].notna()].to_dict("records"):
        all_reached, all_skipped = (int(value) for value in total.loc[row["milestone"]])
        reached, skipped = int(row["milestone_reached"]), int(row["milestone_skipped"])
        if min(reached, all_reached - reached) >= SMALL_N:
            judged.append(
                Skipper(str(row["group"]), str(row["milestone"]), skipped, reached,
                        all_skipped - skipped, all_reached - reached)
            )  # fmt: skip
    sure = [
        (difference(one.skipped, one.reached, one.others_skipped, one.others_reached, claims=len(judged))[0], one)
        for one in judged
    ]
    least, found = max(sure, key=lambda pair: pair[0], default=(0.0, None))
    return found if least > 0 else None


@dataclass(frozen=True)
class Shift:
    """A step that keeps another share of its deals in one funnel than in another, by more than chance."""

    milestone: str
    gone: int
    cases: int
    other_gone: int
    other_cases: int


def shift(steps: pd.DataFrame, other: pd.DataFrame) -> Shift | None:
    """The step whose share differs most between two funnels, counted in deals; None where chance may explain all."""
    theirs = {row["milestone"]: row for row in other[other["step"] > 0].to_dict("records")}
    judged = [
        Shift(row["milestone"], row["gone"], row["cases"], there["gone"], there["cases"])
        for row in steps[steps["step"] > 0].to_dict("records")
        if (there := theirs.get(row["milestone"])) and min(row["cases"], there["cases"]) >= SMALL_N
    ]
    ends = [difference(one.gone, one.cases, one.other_gone, one.other_cases, claims=len(judged)) for one in judged]
    sure = [(max(low, -high), one) for (low, high), one in zip(ends, judged, strict=True)]
    least, found = max(sure, key=lambda pair: pair[0], default=(0.0, None))
    return found if least > 0 else None
