"""The switches of the page Milestones, all in the URL: which pipeline, whose deals, measured how, compared by what."""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

from tas_analytics.metrics import cohorts
from tas_analytics.metrics.dimensions import DIMENSIONS
from tas_analytics.metrics.scope import NONE, Scope
from tas_analytics.ui import funnel_data as data
from tas_analytics.ui.filters import NO_SPLIT, OTHER, compared_in_words
from tas_analytics.ui.funnel_data import Asked
from tas_analytics.ui.session import View

#: Every way to split deals, but by the steps themselves and one by one; the likeliest first.
SPLITS: Final = tuple(
    dict.fromkeys(
        ("region", "manager", "team", "owner", "product", "segment", "industry", "source", "type",
         *(one.key for one in DIMENSIONS if one.key not in {"milestone", "deal"}))
    )
)  # fmt: skip
#: The choice of all pipelines together, which only milestones have: stages are steps of their own pipeline.
ALL_PIPELINES: Final = "All pipelines"
_NO_PIPELINE: Final = "No pipeline"
#: Fewer decided deals than this say little: then all deals are shown first.
_ENOUGH: Final = 20


def switches(view: View) -> Asked:
    """Draw them and give what they say."""
    line = st.container(horizontal=True, gap="small", vertical_alignment="center", key="switches")
    pipeline = _pipeline(view, line)
    whole = view.scope if pipeline is None else view.scope.where("pipeline", pipeline)
    names = view.company.steps.names_in(pipeline)
    keys = _cohorts(view, whole)
    key = _select(line, "Deals", "cohort", keys, _default(view, whole, names), view, 250)
    measure = line.segmented_control(
        "Measure", ["Deals", "Amount"], default="Deals", required=True, key="funnel_by", bind="query-params",
        label_visibility="collapsed",
    )  # fmt: skip
    compare = line.selectbox(
        "Compare", [NO_SPLIT, OTHER, *_splits(view, pipeline)], format_func=compared_in_words, key="compare",
        bind="query-params", label_visibility="collapsed", width=230,
    )  # fmt: skip
    cohort, other = cohorts.cohort(view.company, whole, key), None
    if compare == OTHER:
        others = [one for one in keys if one != key]
        earlier = cohorts.before(view.company, whole, key)
        with_key = _select(line, "With", "with", others, earlier if earlier in others else others[0], view, 250)
        other = cohorts.cohort(view.company, whole, with_key)
    split = compare if compare in SPLITS else None
    return Asked(cohort, measure == "Amount", names, split, other, pipeline)


def _select(line: Any, label: str, key: str, keys: list[str], first: str, view: View, width: int) -> str:
    """A list of cohorts, of which one is chosen to begin with."""
    return str(
        line.selectbox(
            label, keys, index=keys.index(first), key=key, bind="query-params", width=width,
            format_func=lambda one: cohorts.in_words(one, view.scope.period), label_visibility="collapsed",
        )
    )  # fmt: skip


def _pipeline(view: View, line: Any) -> str | None:
    """The pipeline whose deals are followed; None where there is one only, or for all of them."""
    rows = view.measure(("deals",), ("pipeline",), Scope(view.scope.as_of))
    known = set(view.company.steps.pipelines)
    sizes = {value or NONE: int(n) for value, n in zip(rows["pipeline"], rows["deals"], strict=True)}
    options = sorted((one for one in sizes if one in known), key=lambda one: (-sizes[one], one))
    if len(options) < 2:
        return None
    whole = [] if view.company.steps.derived else [ALL_PIPELINES]
    chosen = str(
        line.selectbox(
            "Pipeline", [*whole, *options], key="pipeline", bind="query-params", width=190,
            format_func=lambda one: one or _NO_PIPELINE, label_visibility="collapsed",
        )
    )  # fmt: skip
    return None if chosen == ALL_PIPELINES and whole else chosen


def _splits(view: View, pipeline: str | None) -> list[str]:
    several = len(view.company.steps.pipelines) > 1 and pipeline is None and not view.company.steps.derived
    return [key for key in SPLITS if key != "pipeline" or several]


def _cohorts(view: View, scope: Scope) -> list[str]:
    """The cohorts to choose from: those of quarters in which some deal was created or closes."""
    now = scope.within(None)
    quarters = [
        [str(value) for value in view.measure(("deals",), (key,), now)[key] if value]
        for key in ("created_quarter", "close_quarter")
    ]
    return cohorts.choices(scope, *quarters)


def _default(view: View, scope: Scope, names: tuple[str, ...]) -> str:
    """The last four quarters, or all deals where those hold too few decided ones."""
    year = data.steps(view, Asked(cohorts.cohort(view.company, scope, cohorts.YEAR), by_amount=False, names=names))
    return cohorts.YEAR if len(year) and int(year["cases"].max()) >= _ENOUGH else cohorts.ALL
