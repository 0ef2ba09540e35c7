"""The cards of the page Stage against evidence."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import pandas as pd
import streamlit as st

from tas_analytics.charts import stage_bars
from tas_analytics.formats import count, csv_file, escape_markdown, money, percent, rate, sentence_case
from tas_analytics.metrics import evidence
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.evidence import Evidence
from tas_analytics.metrics.registry import metric
from tas_analytics.metrics.scope import Scope
from tas_analytics.store import Store
from tas_analytics.ui import drill, lists, page
from tas_analytics.ui.page import Tile
from tas_analytics.ui.session import View

_LISTS: Final = ("Ahead of the evidence", "Close later than they say", "Behind the evidence", "Not judged", "All")
_ROWS: Final = 8


def deals(view: View) -> pd.DataFrame:
    """The open deals with claimed and justified stage."""
    return _asked(view.store, view.version, view.company, view.scope).copy()


def headline(view: View, rows: pd.DataFrame) -> str:
    """How much of the pipeline stands in stages that no milestone justifies."""
    return evidence.headline(Evidence.of(rows), view.company.currency)


def can_judge(view: View, rows: pd.DataFrame) -> bool:
    """Whether there is anything to judge; says why not."""
    if rows.empty:
        page.nothing("No open deal", drill.why_empty(view, view.scope), key="evidence")
    elif not rows["is_judged"].any():
        derived = view.company.steps.derived
        page.nothing(
            "No milestones to judge by" if derived else "No stage asks for a milestone",
            "Stages that a deal was in prove themselves only. Load milestones, or add them on a deal's page."
            if derived
            else "The stages of the mandatory milestones are not the company's: correct them in the catalogue.",
            key="evidence",
        )
    else:
        return True
    return False


def tiles(view: View, rows: pd.DataFrame) -> None:
    """The four numbers of the page."""
    found, currency = Evidence.of(rows), view.company.currency
    page.tiles(
        [
            Tile("Deals ahead", rate(found.ahead, found.judged), metric("ahead_share").doc,
                 note=f"{found.ahead:,} of {found.judged:,} with milestones"),
            Tile("Stage inflation", money(found.inflation, currency), metric("stage_inflation").doc, note="unweighted"),
            Tile("Weighted inflation", money(found.weighted, currency), metric("weighted_inflation").doc,
                 note="of the weighted pipeline"),
            Tile("Closing later", f"{found.later:,}", "Open deals whose projected close lies after the "
                 "CRM's close date. Projected: what is left of the stage and the usual days of those to come; the "
                 "company's own medians from 20 advanced stays on, before that the planned days.",
                 note=money(found.later_amount, currency)),
        ]
    )  # fmt: skip


def stages_card(view: View, rows: pd.DataFrame) -> None:
    """Open deals by claimed stage, the part ahead of its evidence in amber."""
    by_amount = bool(rows["amount"].sum() > 0)
    weight = rows["amount"].fillna(0.0) if by_amount else pd.Series(1.0, index=rows.index)
    sums = rows.assign(value=weight, ahead=weight.where(rows["is_ahead"], 0.0)).groupby("stage", sort=False)
    bars = sums.agg(value=("value", "sum"), ahead=("ahead", "sum"), deals=("id", "size"), position=("position", "min"))
    bars = bars.sort_values("position").reset_index()
    currency = view.company.currency if by_amount else None
    top = bars.sort_values("ahead", ascending=False).iloc[0]
    say = money(float(top["ahead"]), currency) if by_amount else count(int(top["ahead"]), "deal")
    with page.card("claimed"):
        page.finding(
            f"{top['stage']} claims most without evidence: {say}, {percent(top['ahead'] / top['value'])} of the stage"
            if top["ahead"]
            else "Every stage claimed is justified",
            f"Open {'amount' if by_amount else 'deals'} by the stage claimed · the amber part is ahead of its evidence",
        )
        figure = stage_bars.stage_bars(
            bars.assign(group=bars["stage"], key=bars["stage"], deals=bars["deals"]),
            value="value", currency=currency, stalled="ahead", past="ahead of the evidence",
        )  # fmt: skip
        page.chart(figure, "claimed", "Open deals by claimed stage with the part ahead of its evidence")
        unjudged = Evidence.of(rows)
        if unjudged.unrecorded:
            left = (
                f", {money(unjudged.unrecorded_amount, view.company.currency)}," if unjudged.unrecorded_amount else ""
            )
            st.caption(
                escape_markdown(
                    sentence_case(f"{count(unjudged.unrecorded, 'open deal')}{left} without any milestone: not judged.")
                )
            )


def missing_card(view: View, rows: pd.DataFrame) -> None:
    """Which mandatory milestones the deals ahead lack."""
    ahead = rows[rows["is_ahead"]]
    each = ahead.assign(milestone=ahead["missing"].str.split("; ")).explode("milestone")
    sums = each.groupby("milestone").agg(deals=("id", "nunique"), amount=("amount", "sum"))
    sums = sums.sort_values(["amount", "deals"], ascending=False).reset_index()
    with page.card("missing"):
        if sums.empty:
            page.finding("No mandatory milestone is missing", "Of the stages before the one claimed")
            return
        first = sums.iloc[0]
        page.finding(
            f"{first['milestone']} is missing most: {money(float(first['amount']), view.company.currency)}",
            "Mandatory milestones missing before the stage claimed · a deal may lack several",
        )
        table = [
            (escape_markdown(row["milestone"]), f"{row['deals']:,}",
             escape_markdown(money(float(row["amount"]), view.company.currency)))
            for row in sums.head(_ROWS).to_dict("records")
        ]  # fmt: skip
        st.table(pd.DataFrame(table, columns=["Milestone", "Deals", "Amount"]), border="horizontal", hide_index=True)


def deals_card(view: View, rows: pd.DataFrame) -> None:
    """The deals ranked by money, with what is missing and both closing days."""
    with page.card("evidence-deals"):
        which = str(
            st.segmented_control(
                "List", _LISTS, default=_LISTS[0], required=True, key="evidence_list", bind="query-params",
                label_visibility="collapsed",
            ) or _LISTS[0]
        )  # fmt: skip
        chosen = _chosen(rows, which)
        amount = f", {money(float(chosen['amount'].sum()), view.company.currency)}" if len(chosen) else ""
        page.finding(
            sentence_case(f"{count(len(chosen), 'open deal')}: {which.lower()}{amount}"),
            f"Most money first · a row opens the deal · amounts in {view.company.currency}",
        )
        if chosen.empty:
            page.nothing("No deal here", "Choose another list.", key="evidence-deals")
            return
        _table(view, chosen)


def _chosen(rows: pd.DataFrame, which: str) -> pd.DataFrame:
    if which == _LISTS[1]:
        return rows[rows["days_later"] > 0].sort_values(["amount", "days_later"], ascending=False)
    picked = {_LISTS[0]: rows["is_ahead"], _LISTS[2]: rows["is_behind"], _LISTS[3]: ~rows["is_judged"]}
    return rows[picked[which]] if which in picked else rows


def _table(view: View, rows: pd.DataFrame) -> None:
    config = st.column_config
    shown = rows.head(lists.SHOWN)
    chosen_row = lists.choose(
        shown[
            [
                "amount",
                "name",
                "at_stake",
                "stage",
                "justified",
                "missing",
                "close_date",
                "projected_close",
                "days_later",
                "owner",
            ]
        ],
        "evidence-table",
        "Open deals with claimed and justified stage, most money first",
        columns={
            "name": lists.deal(),
            "amount": lists.amount(),
            "at_stake": lists.amount("At stake"),
            "stage": config.TextColumn("Claimed", width=85),
            "justified": config.TextColumn("Justified", width=85),
            "missing": config.TextColumn("Missing", width=190),
            "close_date": config.DateColumn("Close, CRM", format="D MMM YYYY", width=100),
            "projected_close": config.DateColumn("Projected", format="D MMM YYYY", width=100),
            "days_later": config.NumberColumn("Days later", format="%d", alignment="right", width=80),
            "owner": config.TextColumn("Owner", width=140),
        },
        most=15,
    )
    if chosen_row is not None:
        page.open_deal(str(shown["id"].iloc[chosen_row]))
    lists.foot(
        len(rows),
        "At stake: amount × (probability claimed − probability justified).",
        "evidence-csv",
        f"stage-against-evidence-{view.scope.as_of}.csv",
        lambda: csv_file(rows),
    )


@lru_cache(maxsize=32)
def _asked(store: Store, _version: int, company: Company, scope: Scope) -> pd.DataFrame:
    return evidence.against_evidence(store, company, scope)
