"""The cards of the page Strategy: the strategies of the open deals, and what became of those of closed ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

import pandas as pd
import streamlit as st

from tas_analytics.charts import split_bars
from tas_analytics.formats import count, percent, rate, sentence_case
from tas_analytics.method.strategies import strategies, strategy
from tas_analytics.method.strategy_flags import rules
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.intervals import wilson
from tas_analytics.metrics.scope import Scope
from tas_analytics.metrics.strategic import DealCase
from tas_analytics.metrics.strategy_outcomes import outcomes
from tas_analytics.metrics.strategy_words import of_agreement, of_portfolio
from tas_analytics.store.database import Store
from tas_analytics.ui import drill, lists, page
from tas_analytics.ui.session import View
from tas_analytics.ui.strategy_data import of_scope

_NONE: Final = "None declared"
_ANY: Final = "Any rule"
_AGREEMENT: Final = {"agrees": "as advised", "differs": "differs", "open": "open question", "none": "–"}


def headline(view: View) -> str:
    """What is wrong with the strategies of the open deals."""
    return of_portfolio(of_scope(view), view.company.currency)


def flags_card(view: View) -> None:
    """The deals whose strategy breaks a rule; a row opens the deal."""
    cases = [one for one in of_scope(view) if one.flags]
    with page.card("flags"):
        certain = sum(any(flag.certain for flag in one.flags) for one in cases)
        doubts = len(cases) - certain
        title = f"{sentence_case(count(certain, 'open deal'))} {'breaks' if certain == 1 else 'break'} a rule"
        doubt = f", {count(doubts, 'more')} may" if doubts else ""
        page.finding(title + doubt.replace("mores", "more"), "Certain ones first, largest first · a row opens the deal")
        if not cases:
            page.nothing("No declared strategy breaks a rule", _why(view), key="flags")
            return
        tally = Counter(flag.rule.key for one in cases for flag in one.flags)
        # Without the numbers: the words stand in the address, which must mean the same next week.
        broken = sorted((one for one in rules() if tally[one.key]), key=lambda one: -tally[one.key])
        labels = {one.key: one.label for one in broken}
        chosen = st.selectbox(
            "Rule", [_ANY, *labels], format_func=lambda key: labels.get(key, key), key="rule", bind="query-params",
            label_visibility="collapsed",
        )  # fmt: skip
        shown = [one for one in cases if chosen in (None, _ANY) or chosen in {flag.rule.key for flag in one.flags}]
        shown.sort(key=lambda one: (not any(flag.certain for flag in one.flags), -_amount(one)))
        _deals(view, shown, key="flagged", with_flags=True)


def stages_card(view: View) -> None:
    """How many open deals follow each strategy, stage by stage."""
    cases = of_scope(view)
    with page.card("stages"):
        named = Counter(one.strategy.name for one in cases if one.strategy)
        title = (
            f"{named.most_common(1)[0][0]} is declared most often: {named.most_common(1)[0][1]} of "
            f"{sum(named.values())} open deals with a strategy"
            if named
            else "No open deal has a declared strategy"
        )
        page.finding(title, "Open deals by stage and declared strategy · a part lists its deals")
        if not named:
            page.nothing("Nothing to split", "Declare a strategy on a deal's page, or load a file of strategies.",
                         key="strategy-stages")  # fmt: skip
            return
        rows = _by_stage(cases)
        page.chart(
            split_bars.split_bars(rows, value="deals", currency=None, limit=7),
            "strategy-stages",
            "Open deals by stage and declared strategy",
            on_select=_on_part("strategy-stages"),
        )


def listed_card(view: View) -> None:
    """The deals of the part that was chosen."""
    asked = str(st.query_params.get("part", ""))
    stage, sign, key = asked.partition("~")
    if not sign:
        return
    cases = [one for one in of_scope(view) if one.deal["stage"] == stage and key in ("*", _key(one))]
    name = "strategies of any kind" if key == "*" else (strategy(key).name if key in _keys() else "no strategy")
    with page.card("listed"):
        page.finding(
            f"{sentence_case(count(len(cases), 'open deal'))} in {stage}: {name}",
            "Largest first · a row opens the deal",
        )
        if cases:
            _deals(view, sorted(cases, key=lambda one: -_amount(one)), key="listed", with_flags=False)
        else:
            page.nothing("No deal here", "Choose another part above.", key="listed")


def agreement_card(view: View) -> None:
    """Declared against advised."""
    cases = [one for one in of_scope(view) if one.strategy is not None]
    with page.card("agreement"):
        page.finding(of_agreement(cases), "Open deals by declared strategy (rows) and what is known of them")
        if not cases:
            page.nothing("Nothing to compare", "No open deal here has a declared strategy.", key="agreement")
            return
        rows = []
        for one in strategies():
            own = [case for case in cases if case.strategy is one or (case.strategy and case.strategy.key == one.key)]
            if own:
                tally = Counter(case.agreement for case in own)
                rows.append({"Declared": one.name, "Deals": len(own), "As advised": tally["agrees"],
                             "Differs": tally["differs"], "Open question": tally["open"]})  # fmt: skip
        lists.show(pd.DataFrame(rows), "agreement-table", "Declared strategies and whether they are those advised")


def outcomes_card(view: View) -> None:
    """Win rates of closed deals by the strategy in force at their close, and by competitor met."""
    frame = _outcomes(view.store, view.version, view.company, view.scope.within(None))
    with page.card("outcomes"):
        page.finding(
            _best(frame),
            "All closed deals with a strategy in force at their close, whatever the period · with 95 % intervals",
        )
        if frame.empty:
            page.nothing(
                "No closed deal had a declared strategy",
                "Load the strategies of closed deals; this also fills as deals with a strategy close.",
                key="outcomes",
            )
            return
        rivals = Counter(name for names in frame["competitors"] for name in names)
        rows: list[dict[str, Any]] = []
        for one in strategies():
            own = frame[frame["strategy"] == one.key]
            if own.empty:
                continue
            low, high = wilson(int(own["won"].sum()), len(own))
            row = {"Strategy": one.name, "Won": _of(own), "95 %": f"{percent(low)} to {percent(high)}"}
            for name, _ in rivals.most_common(6):
                row[f"against {name}"] = _of(own[[name in names for names in own["competitors"]]])
            rows.append(row)
        lists.show(pd.DataFrame(rows), "outcome-table", "Win rates by strategy and competitor")
        st.caption(
            "A strategy is chosen for a reason: deals that differ in strategy differ in more. n is what follows “of”."
        )


def _best(frame: pd.DataFrame) -> str:
    if frame.empty:
        return "No win rates by strategy yet"
    won = frame["won"]
    share = rate(int(won.sum()), len(frame))
    return f"{share} of the {count(len(frame), 'closed deal')} with a strategy were won"


def _by_stage(cases: Sequence[DealCase]) -> pd.DataFrame:
    tally = Counter((one.deal["position"], one.deal["stage"], _key(one)) for one in cases)
    order = [one.key for one in strategies()] + [""]
    rows = [
        {
            "group": stage, "key": stage, "split": strategy(key).name if key else _NONE, "split_key": key or "none",
            "deals": deals, "amount": float(deals), "position": position, "place": order.index(key),
        }
        for (position, stage, key), deals in tally.items()
    ]  # fmt: skip
    return pd.DataFrame(rows).sort_values(["position", "place"], kind="stable", ignore_index=True)


def _deals(view: View, cases: Sequence[DealCase], *, key: str, with_flags: bool) -> None:
    rows = pd.DataFrame(
        {
            "name": [one.deal["name"] for one in cases],
            "amount": [one.deal["amount"] for one in cases],
            "declared": [" + ".join(each.strategy.name if each.strategy else each.text for each in one.current) or "–"
                         for one in cases],
            "flags": ["; ".join(_flag(flag.rule.label, flag.certain) for flag in one.flags) or "–" for one in cases],
            "advised": [one.advice.strategy.name if one.advice.strategy else "open question" for one in cases],
            "agreement": [_AGREEMENT[one.agreement] for one in cases],
            "stage": [one.deal["stage"] for one in cases],
            "owner": [one.deal["owner"] for one in cases],
        }
    )  # fmt: skip
    order = ["amount", "name", "flags", "declared", "advised", "stage", "owner"]
    if not with_flags:
        order = ["amount", "name", "declared", "advised", "agreement", "owner"]
    config = st.column_config
    chosen_row = lists.choose(
        rows[order],
        key,
        "Deals and their strategies",
        columns={
            "name": lists.deal(),
            "flags": config.TextColumn("Rule", width=300),
            "declared": config.TextColumn("Declared", width=130),
            "advised": config.TextColumn("Advised", width=110),
            "agreement": config.TextColumn("", width=110),
            "amount": lists.amount(),
            "stage": config.TextColumn("Stage", width=90),
            "owner": config.TextColumn("Owner", width=150),
        },
        most=12,
    )
    if chosen_row is not None:
        page.open_deal(str(cases[chosen_row].deal["id"]), topic="Strategy")
    st.caption(f"Amounts in {view.company.currency}.")


def _flag(label: str, certain: bool) -> str:
    return label if certain else f"may be: {label[0].lower()}{label[1:]}"


def _on_part(chart: str) -> Any:
    key = page.chart_key(chart)

    def callback() -> None:
        points = st.session_state[key]["selection"]["points"]
        data = points[0].get("customdata") if points else None
        if not data:
            page.keep_in_address("part", None)
        else:
            part = "*" if data[1] == split_bars.OTHER else ("" if data[1] == "none" else str(data[1]))
            page.keep_in_address("part", f"{data[0]}~{part}")

    return callback


def _why(view: View) -> str:
    declared = sum(bool(one.current) for one in of_scope(view))
    if declared:
        return "Every declared strategy has what it needs, as far as that is known."
    return drill.why_empty(view, view.scope) if not of_scope(view) else "No open deal here has a declared strategy."


def _key(one: DealCase) -> str:
    return one.strategy.key if one.strategy else ""


def _keys() -> set[str]:
    return {one.key for one in strategies()}


def _amount(one: DealCase) -> float:
    amount = one.deal["amount"]
    return 0.0 if pd.isna(amount) else float(amount)


def _of(rows: pd.DataFrame) -> str:
    won = rate(int(rows["won"].sum()), len(rows))
    return f"{won} of {len(rows)}" if len(rows) >= 20 else won


@lru_cache(maxsize=32)
def _outcomes(store: Store, _version: int, company: Company, scope: Scope) -> pd.DataFrame:
    return outcomes(store, company, scope)
