"""What a company plans and watches its deals by, as it has set it; and the warning signals that were seen in deals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import pandas as pd

from tas_analytics.method.milestones import code_of, normal
from tas_analytics.method.plans import PlanStep, Signal, default_signals, default_steps
from tas_analytics.metrics import relation
from tas_analytics.metrics.milestones import resolver
from tas_analytics.store.database import Store

_STEPS: Final = """
    select coalesce(v.step_id, r.natural_key), v.milestone, v.subject, v.type, coalesce(v.display, 'activity'),
        coalesce(v.lead_days, 0), coalesce(v.owner, 'author'), v.resources, v.priority, coalesce(v.position, 1000),
        coalesce(v.in_use, true), 'set'
    from plan_step_version v join record r on r.table_name = 'activity_plans' and r.record_key = v.record_key
    where v.valid_to is null order by coalesce(v.position, 1000), v.subject
"""
_SIGNALS: Final = """
    select code, signal, about, ask, position, in_use from warning_signal_version where valid_to is null
    order by code is not null, load_id, signal
"""


def plans(store: Store) -> dict[str, tuple[PlanStep, ...]]:
    """The activity plans by the code of their milestone. A company's plan for a milestone replaces the default one."""
    found = resolver(store)

    def by_code(steps: list[PlanStep]) -> dict[str, tuple[PlanStep, ...]]:
        groups: dict[str, list[PlanStep]] = {}
        for step in steps:
            groups.setdefault(found.find(step.milestone) or code_of(step.milestone), []).append(step)
        return {code: tuple(group) for code, group in groups.items()}

    return by_code(list(default_steps())) | by_code([PlanStep(*row) for row in store.rows(_STEPS)])


def signals(store: Store) -> tuple[Signal, ...]:
    """The warning signals in their order: the default list with the company's rows laid over it."""
    found = {one.code: one for one in default_signals()}
    names = {normal(one.name): one.code for one in default_signals()}
    for given, name, about, ask, position, in_use in store.rows(_SIGNALS):
        code = given or names.get(normal(name)) or code_of(name)
        base = found.get(code) or Signal(code, name, position=1000.0)
        found[code] = Signal(
            code, name, about or base.about, ask or base.ask, base.position if position is None else position,
            base.in_use if in_use is None else in_use, "set",
        )  # fmt: skip
    return tuple(sorted(found.values(), key=lambda one: (one.position, one.name)))


def warnings_of(store: Store, as_of: dt.date, deal_id: str) -> dict[str, tuple[dt.date | None, str | None, str | None]]:
    """The warning signals that hold for one deal on a day: code → day on which it was seen, author, note."""
    rows = store.rows(
        f"""
        select w.signal, w.seen_on, coalesce(w.author, l.loaded_by), w.note
        from ({_holding(as_of)}) w
        join record o on o.table_name = 'opportunities' and o.record_key = w.opportunity_key
        left join load l on l.load_id = w.load_id
        where o.natural_key = $deal_id order by w.seen_on
        """,
        {"deal_id": deal_id},
    )
    known = _codes(store)
    return {known.get(normal(name), code_of(name)): (seen, author, note) for name, seen, author, note in rows}


def signal_name(store: Store) -> Callable[[str], str]:
    """What a warning signal is called, by its code or its name however it is written; unknown ones as they are."""
    known, names = _codes(store), {one.code: one.name for one in signals(store)}
    return lambda word: names.get(known.get(normal(word), ""), word)


def warning_counts(store: Store, as_of: dt.date) -> pd.DataFrame:
    """The deals with warning signals on a day, for lists of risks.

    Columns: deal_key, id, signals (how many hold), names (of the signals, a list in their order).
    """
    rows = store.rows(
        f"""
        select w.opportunity_key, o.natural_key, list(w.signal) from ({_holding(as_of)}) w
        join record o on o.table_name = 'opportunities' and o.record_key = w.opportunity_key
        group by all order by 1
        """
    )
    known, order = _codes(store), {one.code: (place, one.name) for place, one in enumerate(signals(store))}
    found = []
    for key, deal_id, names in rows:
        codes = {known.get(normal(name), code_of(name)) for name in names}
        listed = sorted(order.get(code, (len(order), code)) for code in codes)
        found.append((key, deal_id, len(codes), [name for _, name in listed]))
    return pd.DataFrame(found, columns=["deal_key", "id", "signals", "names"])


def of_milestone(steps: tuple[PlanStep, ...], *, in_use: bool = True) -> list[PlanStep]:
    """The steps of a plan in their order, with places of their own."""
    chosen = [step for step in sorted(steps, key=lambda one: one.position) if step.in_use or not in_use]
    return [replace(step, position=float(place)) for place, step in enumerate(chosen, start=1)]


def _holding(as_of: dt.date) -> str:
    """SQL of the warnings that hold on a day."""
    day = f"date '{as_of}'"
    return f"""
        select * from deal_warning_version dw
        where {relation.at("dw", as_of)} and dw.opportunity_key is not null and coalesce(dw.holds, true)
            and coalesce(dw.seen_on <= {day}, true)
    """


def _codes(store: Store) -> dict[str, str]:
    """The code of every signal by its normal code and name."""
    return {normal(word): one.code for one in signals(store) for word in (one.code, one.name)}
