"""What the pages about strategy ask the store, cached by its version."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import pandas as pd

from tas_analytics.charts.decision_tree import decision_tree
from tas_analytics.charts.theme import Figure
from tas_analytics.method.advice import Advice, Judgement, judgement_keys, questions
from tas_analytics.method.criteria import Rating
from tas_analytics.method.strategies import strategy
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.scope import Scope
from tas_analytics.metrics.strategic import DealCase, cases
from tas_analytics.store.database import Store
from tas_analytics.ui.session import View

#: How a rating is written on screen.
SIGNS: Final[dict[Rating, str]] = {"+": "+", "-": "−", "?": "?"}
_WORDS: Final = {True: "yes", False: "no", None: "?"}


def of_deal(view: View, deal: pd.Series) -> DealCase:
    """One deal's case as known on the view's day, whatever the filters say."""
    scope = Scope(view.scope.as_of).where("deal", str(deal["id"]))
    return _cases(view.store, view.version, view.company, scope, None)[0]


def of_scope(view: View, status: str | None = "open") -> tuple[DealCase, ...]:
    """The cases of a view's scope."""
    return _cases(view.store, view.version, view.company, view.scope, status)


def may_enter(view: View) -> bool:
    """Whether the view shows the newest day, for which entries hold."""
    return view.scope.as_of == view.company.last_day


def tree(case: DealCase) -> Figure:
    """The tree with the deal's way lit."""
    end = case.advice.strategy.name if case.advice.strategy else None
    return decision_tree(tree_rows(case.advice, case.ours, case.judgements), end=end)


def tree_rows(advice: Advice, ours: dict[int, Rating], judgements: dict[str, Judgement]) -> pd.DataFrame:
    """The questions of the tree as the chart wants them."""
    order = list(questions())
    steps = {step.question.key: step for step in advice.path}
    rows = []
    for key, question in questions().items():
        step = steps.get(key)
        state = "off" if step is None else ("open" if step.leads_to is None else "taken" if step.matters else "passed")
        answer = "unknown" if step is None or step.answer is None else ("yes" if step.answer else "no")
        leaves = question.yes if question.yes not in order else ""
        after = order.index(question.no) if question.no in order else None
        skips = after if after is not None and after > order.index(key) + 1 else None
        note = ", ".join(_input(one, ours, judgements) for one in question.inputs)
        rows.append(
            {
                "key": key,
                "question": question.short,
                "answer": answer,
                "state": state,
                "note": f"{note}: changes nothing" if state == "passed" else note,
                "why": "\n".join((question.question, *(step.reasons if step else ()))),
                "exit": strategy(leaves).name if leaves else "",
                "exit_on": "yes" if leaves else "",
                "skips": skips,
                "below": strategy(question.no).name if question.no not in order else "",
            }
        )
    return pd.DataFrame(rows)


def _input(one: int | str, ours: dict[int, Rating], judgements: dict[str, Judgement]) -> str:
    """``#5 +``, ``proposed no`` or ``Dana: yes``."""
    if isinstance(one, int):
        return f"#{one} {SIGNS[ours.get(one, '?')]}"
    given = judgements.get(one, Judgement(None))
    word = _WORDS[given.answer]
    if given.author:
        return f"{given.author}: {word}"
    short = "can create one " if one == judgement_keys()[0] else ""
    return f"{short}proposed: {word}" if given.answer is not None else f"{short}not judged"


@lru_cache(maxsize=64)
def _cases(store: Store, _version: int, company: Company, scope: Scope, status: str | None) -> tuple[DealCase, ...]:
    return tuple(cases(store, company, scope, status))
