"""The steps of a company's milestone funnel: its milestones in the order of the catalogue, or else its stages.

A company that records milestones has those of the catalogue that some deal names, in the catalogue's
order. One that records none has its open stages in their place: entering a stage is then the milestone,
marked as derived wherever it is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from tas_analytics.store.database import Store

Origin = Literal["milestones", "stages", "none"]
#: Milestones of which a deal has one or the other: they are one step.
EITHER: Final = ("inbound_interest", "outbound_interest")
_EITHER_NAME: Final = "Inbound or outbound interest"
#: More steps than this no funnel shows; a deal's steps are kept as bits of one number.
MOST: Final = 60
#: The share of lost deals whose last stage must be known for won ones to count without theirs.
_MOST_LOST: Final = 0.8


@dataclass(frozen=True)
class Steps:
    """The steps, from the first to the last.

    Parameters
    ----------
    origin
        "milestones" recorded by the company, "stages" in their place, or "none" of either.
    names
        What each step is called; step 1 is the first.
    numbers
        The key of each milestone of the catalogue in use, and the number of the step that it is.
    processes
        The open stages of each pipeline, blank for stages of none: stages are steps of their pipeline only.
    won_counts
        Whether a won deal that was never seen in a stage counts as having passed all: only where it is known of most
        lost deals how far they came. Else the funnel would hold the won ones alone, or the lost ones alone.
    """

    origin: Origin = "none"
    names: tuple[str, ...] = ()
    numbers: tuple[tuple[int, int], ...] = ()
    processes: tuple[tuple[str, tuple[str, ...]], ...] = ()
    won_counts: bool = False

    @property
    def derived(self) -> bool:
        """Whether stages stand in for milestones."""
        return self.origin == "stages"

    @property
    def pipelines(self) -> tuple[str, ...]:
        """The pipelines in which deals are, blank for those of none."""
        return tuple(pipeline for pipeline, _ in self.processes)

    def names_in(self, pipeline: str | None) -> tuple[str, ...]:
        """The steps of one pipeline; milestones are the same in all, and None asks for those of all."""
        if not self.derived or pipeline is None:
            return self.names
        return dict(self.processes).get(pipeline, ())

    @property
    def params(self) -> dict[str, object]:
        """The parameters of the SQL that finds the step of a milestone."""
        if self.origin != "milestones":
            return {}
        return {
            "step_keys": [key for key, _ in self.numbers],
            "step_numbers": [number for _, number in self.numbers],
            "step_names": list(self.names),
        }

    @classmethod
    def of(cls, store: Store) -> Steps:
        """Read the steps from a store."""
        used = store.rows(
            "select t.milestone_key, t.code, t.milestone from milestone_type t "
            "semi join (select milestone_key from milestone_version where opportunity_key is not null) m "
            "using (milestone_key) order by t.position, t.milestone, t.code"
        )
        stages = store.rows(
            "select stage from stage where status = 'open' and in_use and stage_key <> 0 "
            "group by stage order by min(position), stage"
        )
        processes: dict[str, list[str]] = {}
        for stage, pipeline in store.rows(
            "select stage, coalesce(pipeline, '') from stage where status = 'open' and in_use and stage_key <> 0 "
            "order by pipeline nulls first, position, stage_key"
        ):
            processes.setdefault(pipeline, []).append(stage)
        told = tuple((pipeline, tuple(names[:MOST])) for pipeline, names in processes.items())
        if used:
            return replace(_of_milestones(used), processes=told)
        names = tuple(row[0] for row in stages)[:MOST]
        known = store.value(
            "select avg(cast(v.last_open_stage_key is not null as integer)) from opportunity_version v "
            "join stage s using (stage_key) where v.valid_to is null and s.status = 'lost'"
        )
        return cls("stages", names, processes=told, won_counts=(known or 0) >= _MOST_LOST) if names else cls()


#: Of a store without deals.
NO_STEPS: Final = Steps()


def _of_milestones(used: Sequence[tuple[int, str, str]]) -> Steps:
    both = set(EITHER) <= {code for _, code, _ in used}
    names = {key: _EITHER_NAME if both and code in EITHER else name for key, code, name in used}
    order = {name: number for number, name in enumerate(dict.fromkeys(names.values()), start=1)}
    kept = tuple(name for name, number in order.items() if number <= MOST)
    return Steps("milestones", kept, tuple((key, order[name]) for key, name in names.items() if order[name] <= MOST))
