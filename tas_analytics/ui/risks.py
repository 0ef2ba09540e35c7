"""The cards of the page Risks."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import pandas as pd
import streamlit as st

from tas_analytics.charts import rule_bars
from tas_analytics.formats import count, csv_file, escape_markdown, money, percent, sentence_case, within_sentence
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.scope import Scope
from tas_analytics.review import risk_rules, risks as finding_risks
from tas_analytics.review.risk_measures import MEASURES
from tas_analytics.review.risk_rules import AT_MOST, Rule
from tas_analytics.review.risks import Risks
from tas_analytics.store import Store
from tas_analytics.ui import behind, lists, page, score_data
from tas_analytics.ui.session import View

#: What is chosen stands in the URL: a rule by its code, an owner by name.
RULE: Final = "risk"
OWNER: Final = "whose"
_OWNERS: Final = 7
#: Columns of the file.
FILE: Final = (
    "id", "name", "account", "owner", "manager", "region", "team", "stage", "forecast_category", "amount", "close_date",
    "effect", "risks", "rules", "facts",
)  # fmt: skip


class _Scored:
    """Scores as a part of a key: there is one answer with them and one without, for each version of the data."""

    def __init__(self, frame: pd.DataFrame | None) -> None:
        self.frame = frame

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Scored) and (self.frame is None) == (other.frame is None)

    def __hash__(self) -> int:
        return hash(self.frame is None)


def found(view: View) -> Risks:
    """The risks of the view's deals, with scores once they are known."""
    return _found(view.store, view.version, view.company, view.scope, _Scored(_scores(view)))


def rules_of(view: View) -> tuple[Rule, ...]:
    """The rules in their order."""
    return _rules(view.store, view.version)


def chosen(view: View) -> tuple[str | None, str | None]:
    """The rule and the owner that the URL asks for; unknown ones are passed over."""
    code, owner = str(st.query_params.get(RULE, "")), str(st.query_params.get(OWNER, ""))
    everything = found(view)
    return (
        code if code in set(everything.by_rule["code"]) else None,
        owner if owner in set(everything.by_owner["owner"]) else None,
    )


def choose(rule: str | None = None, owner: str | None = None) -> None:
    """Put a choice into the URL, or take it out."""
    page.keep_in_address(RULE, rule)
    page.keep_in_address(OWNER, owner)


def rules_card(view: View) -> None:
    """Money under each rule; a bar chooses its deals."""
    everything = found(view)
    code, _ = chosen(view)
    with page.card("risk-rules"):
        page.finding(
            finding_risks.by_rule_finding(everything),
            f"Amount of the open deals that meet each rule, {view.company.currency} · a deal counts under each of its "
            "rules · a bar lists its deals",
        )
        if everything.by_rule.empty:
            said = "No open deal in this scope meets a rule that could be checked."
            page.nothing("No rule is met", said, key="rules")
            return
        page.chart(
            rule_bars.rule_bars(everything.by_rule, currency=view.company.currency, selected=code), "risk-bars",
            "Amount at risk by rule", on_select=_on_bar("risk-bars"),
        )  # fmt: skip


def owners_card(view: View) -> None:
    """Whose forecast rests on deals at risk."""
    everything = found(view)
    rows = everything.by_owner[everything.by_owner["deals"] > 0]
    if everything.deals.empty:
        return  # the card of the rules has said so
    with page.card("risk-owners"):
        page.finding(
            finding_risks.by_owner_finding(everything),
            "What the forecast counts on from deals at risk, by owner: commit in full, the rest by the stage's "
            "probability · a name lists the deals",
        )
        for place, row in enumerate(rows.head(_OWNERS).to_dict("records")):
            line = st.container(horizontal=True, gap="small", wrap=False)
            line.container(width=70).markdown(f"**{page.plain(money(float(row['effect']), view.company.currency))}**")
            said = f"{int(row['deals'])} of {count(int(row['open']), 'open deal')}, " + money(
                float(row["amount"]), view.company.currency
            )
            label = f"{page.plain(str(row['owner']))} :small[:gray[{page.plain(said)}]]"
            line.button(label, key=f"owner-{place}", type="tertiary", on_click=choose, kwargs={"owner": row["owner"]})
        more = len(rows) - _OWNERS
        if more > 0:
            st.caption(f"and {count(more, 'owner')} more; the list below has all their deals")


def deals_card(view: View) -> None:
    """Every deal at risk once, with all its risks; a row opens its inspection."""
    everything = found(view)
    code, owner = chosen(view)
    rows = everything.of(code, owner)
    if everything.deals.empty:
        return
    names = {one.code: one.name for one in rules_of(view)}
    with page.card("risk-deals"):
        title, back = st.columns([9, 3], vertical_alignment="bottom")
        with title:
            page.finding(_words(rows, names.get(code or ""), owner, view), _LINE)
        if code or owner:
            back.button("Show all deals at risk", key="risk-all", on_click=choose, type="tertiary")
        if rows.empty:
            page.nothing("No deal here", "No open deal in this scope is at risk by the rules in use.", key="risk-deals")
            return
        _table(view, rows, names)


_LINE: Final = (
    "Largest effect on the forecast first: the amount of a commit deal, of others the amount × the stage's probability"
    " · select a row to inspect the deal"
)


def _words(rows: pd.DataFrame, rule: str | None, owner: str | None, view: View) -> str:
    amount = float(rows["amount"].sum())
    text = f"{count(len(rows), 'deal')} at risk"
    text += f" under “{within_sentence(rule)}”" if rule else ""
    text += f", {owner}" if owner else ""
    return sentence_case(text + (f" · {money(amount, view.company.currency)}" if amount else ""))


def _table(view: View, rows: pd.DataFrame, names: dict[str, str]) -> None:
    config = st.column_config
    shown = rows.head(lists.SHOWN)
    table = pd.DataFrame(
        {
            "Effect": shown["effect"], "Deal": shown["name"], "Risks": shown["risks"],
            "What the data say": [" · ".join(facts) for facts in shown["facts"]],
            "Amount": shown["amount"], "Owner": shown["owner"], "Stage": shown["stage"],
            "Category": shown["forecast_category"], "Close": shown["close_date"],
        }
    )  # fmt: skip
    chosen_row = lists.choose(
        table.loc[:, table.notna().any()],
        "risk-table",
        "Deals at risk, largest effect on the forecast first",
        columns={
            "Deal": lists.deal(),
            "Effect": lists.amount(None),
            "Risks": config.NumberColumn(alignment="right", width=50),
            "What the data say": config.TextColumn(width=430),
            "Amount": lists.amount(),
            "Owner": config.TextColumn(width=140),
            "Stage": config.TextColumn(width=125),
            "Category": config.TextColumn(width=85),
            "Close": config.DateColumn(format="D MMM YYYY", width=100),
        },
        most=15,
    )
    if chosen_row is not None:
        page.open_deal(str(shown["id"].iloc[chosen_row]), topic="Inspect")
    lists.foot(
        len(rows),
        "The download names the rules and the facts of each deal.",
        "risk-csv",
        f"risks-{view.scope.as_of}.csv",
        lambda: csv_of(rows, names),
    )


def csv_of(rows: pd.DataFrame, names: dict[str, str]) -> bytes:
    """The deals as CSV, with cells that a spreadsheet would run neutralised."""
    plain = rows.assign(
        rules=["; ".join(names.get(code, code) for code in codes) for codes in rows["codes"]],
        facts=["; ".join(facts) for facts in rows["facts"]],
        close_date=pd.to_datetime(rows["close_date"]).dt.date,
    )
    return csv_file(plain[list(FILE)])


def checked_card(view: View) -> None:
    """The rules as they are: what each means, why it matters and what ends it; and those that could not be checked."""
    everything = found(view)
    met = dict(zip(everything.by_rule["code"], everything.by_rule["deals"], strict=True))
    missing = {one.code: why for one, why in everything.skipped}
    listed = [one for one in rules_of(view) if one.in_use]
    with page.card("risk-checked"):
        lead = f"{len(listed) - len(missing)} of {len(listed)} rules could be checked" if missing else (
            f"All {len(listed)} rules could be checked"
        )  # fmt: skip
        page.finding(lead, "Thresholds, switches and rules of your own are under Data, Settings")
        with st.expander("The rules", key="risk-rule-list", on_change="rerun") as place:
            if place.open:
                rows = [_rule_row(one, met.get(one.code, 0), missing.get(one.code), view) for one in listed]
                page.pairs(rows)
        _score_line(view, missing)
        page.link("pages/data/data.py", "Change the rules", tab="Settings")


def _rule_row(one: Rule, deals: int, missing: str | None, view: View) -> tuple[str, str]:
    state = f"not checked: {missing}" if missing else count(deals, "deal")
    parts = [escape_markdown(part) for part in (one.why, one.mend) if part]
    return (
        f"**{escape_markdown(one.name)}**  \n:small[:gray[{escape_markdown(state)}]]",
        f"{escape_markdown(in_words(one, view.company.currency))}  \n:small[:gray[{' '.join(parts)}]]",
    )


def in_words(one: Rule, currency: str) -> str:
    """When a rule is met: ``Days past the close date at least 1, only in commit``."""
    measure = MEASURES.get(one.measure)
    if measure is None:
        return f"There is no measure “{one.measure}”"
    limit = percent(one.threshold) if measure.unit == "share" else f"{one.threshold:g}".replace("-", "−")
    words = measure.label if measure.unit == "yes" else f"{measure.label} {one.comparison} {limit}"
    if measure.unit == "yes" and one.comparison == AT_MOST:
        words = f"{measure.label}: no"
    if one.categories:
        words += f", only in {' and '.join(name.replace('_', ' ') for name in one.categories)}"
    if one.from_probability is not None:
        words += f", in stages of {percent(one.from_probability)} or more"
    if one.from_amount is not None:
        words += f", from {money(one.from_amount, currency)}"
    return words


def _score_line(view: View, missing: dict[str, str]) -> None:
    """While the scores are being learnt, which takes seconds: that they are, and the page anew once they are there."""
    silent = [one for one in rules_of(view) if one.code in missing and one.works]
    if not any(MEASURES[one.measure].source == "score" for one in silent):
        return
    task = score_data.trend(view)
    # They may have come since the rules were checked for this page.
    if not task.done or _scores(view) is not None:
        said = "The chances to win are being learnt; then the deals are checked by them, too"
        behind.look(lambda: task.done, lambda: (said, None), "risk-scores")


def _on_bar(chart: str) -> Any:
    key = page.chart_key(chart)

    def callback() -> None:
        points = st.session_state[key]["selection"]["points"]
        data = points[0].get("customdata") if points else None
        choose(str(data[0] if isinstance(data, list) else data) if data else None)

    return callback


def _scores(view: View) -> pd.DataFrame | None:
    """The chances of the deals now and about a week before, by one model; None while it is being learnt."""
    task = score_data.trend(view)
    now = score_data.by_key(view) if task.answer is not None else None
    week = score_data.a_week_ago(view, task.answer) if task.answer is not None else None
    if now is None or week is None:
        return None
    both = pd.DataFrame({"p_now": now, "p_before": week[1]}).dropna()
    return both.rename_axis("deal_key").reset_index()


@lru_cache(maxsize=8)
def _rules(store: Store, _version: int) -> tuple[Rule, ...]:
    return risk_rules.rules(store)


@lru_cache(maxsize=32)
def _found(store: Store, _version: int, company: Company, scope: Scope, scored: _Scored) -> Risks:
    return finding_risks.risks(store, company, scope, scores=scored.frame)
