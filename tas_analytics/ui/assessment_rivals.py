"""The other two maps of the assessment page: competitors by criteria, and who knows how much."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd
import streamlit as st

from tas_analytics.charts import heatmap, theme
from tas_analytics.charts.heatmap import Cell, Grid, Row
from tas_analytics.formats import count, number, percent
from tas_analytics.method.criteria import questions
from tas_analytics.metrics import portfolio
from tas_analytics.metrics.positions import CRITERIA
from tas_analytics.metrics.scope import Scope
from tas_analytics.ui import assessed, lists, page
from tas_analytics.ui.session import View

#: The parameter that names the chosen square, as ``competitor~criterion``.
CELL: Final = "cell"
_FAR_KEY: Final = (
    (2, "1", "a point or more ahead"), (1, "½", "ahead"), (0, "0", "level, within ¼"), (-1, "−½", "behind"),
    (-2, "−1", "a point or more behind"),
)  # fmt: skip
#: Fewer cases than this are written as "k of n".
_FEW: Final = 20
#: Which share the squares of the coaching map show.
SHARES: Final = {"Known": "known_share", "Favourable": "favourable_share"}
WHO: Final = {"By owner": "owner", "By team": "team"}


def which_deals() -> str | None:
    """Whether the comparison takes open deals or all of them; the status, None for all."""
    chosen = st.segmented_control(
        "Deals compared", ["Open deals", "All deals"], default="Open deals", required=True, key="compared",
        bind="query-params", label_visibility="collapsed",
    )  # fmt: skip
    return None if chosen == "All deals" else "open"


def averages(view: View, status: str | None) -> pd.DataFrame:
    """Average net advantage with its n, by competitor and criterion."""
    return view.measure(("net_advantage", "met_deals"), ("competitor", "criterion"), _scope(view, status))


def headline(view: View, status: str | None) -> str:
    """The finding of the map of competitors."""
    return portfolio.against_competitor(averages(view, status), assessed.criteria(view))


def competitors_card(view: View, status: str | None) -> None:
    """Competitors by criteria; a click lists the deals behind the average."""
    frame = averages(view, status)
    if frame.empty:
        page.nothing(
            "No competitor has been compared with us yet",
            "Rate one on a deal's page, or load a file of assessments that names competitors.",
            key="rivals",
        )
        return
    table = {(row["competitor"], int(row["criterion"])): row for row in frame.to_dict("records")}
    met = view.measure(("met_deals", "net_advantage"), ("competitor",), _scope(view, status))
    met = met.sort_values("net_advantage")
    criteria = assessed.criteria(view)
    rows = []
    for rival in met.to_dict("records"):
        cells: list[Cell | None] = [
            _average_cell(rival["competitor"], one.number, one.name, table.get((rival["competitor"], one.number)))
            for one in criteria
        ]
        average = number(round(float(rival["net_advantage"]), 1), 1, sign=True)
        rows.append(Row(rival["competitor"], cells, [f"<b>{average}</b>", f"{int(rival['met_deals'])}"]))
    grid = Grid(
        rows=rows,
        columns=[one.short for one in criteria],
        groups=[one.question for one in criteria],
        key_title="On average we are",
        key=_FAR_KEY,
        numbers=("average", "deals"),
        text_size=11,
        left=190,
        column=35,
        pitch=35,
        square=31,
    )  # fmt: skip
    page.finding("Net advantage by competitor and criterion",
                 "Our score less theirs, −2 to +2, on average over the deals in which both are rated · select a square "
                 "to list its deals")  # fmt: skip
    with st.container(key="scroll-rivals", horizontal=True, wrap=False):
        figure = heatmap.heatmap(grid)
        page.chart(figure, "rivals", f"{count(len(rows), 'competitor')} by 20 criteria: average net advantage",
                   on_select=_choose, width=int(figure.layout.width))  # fmt: skip
    _list(view, status)


def _average_cell(rival: str, criterion: int, name: str, row: dict[Any, Any] | None) -> Cell | None:
    if row is None or pd.isna(row["net_advantage"]):
        return None
    value, n = float(row["net_advantage"]), int(row["met_deals"])
    average = number(round(value, 1), 1, sign=True)
    hover = f"<b>{theme.clean(rival)}</b><br>{criterion} {theme.clean(name)}: <b>{average}</b> over {count(n, 'deal')}"
    return Cell(portfolio.level_of_average(value), average, (rival, criterion), hover)


def _choose() -> None:
    points = st.session_state[page.chart_key("rivals")]["selection"]["points"]
    page.keep_in_address(CELL, "~".join(map(str, points[0]["customdata"][:2])) if points else None)


def _list(view: View, status: str | None) -> None:
    """The deals behind the chosen square, worst first; a row opens the deal at the criterion."""
    rival, _, asked = str(st.query_params.get(CELL, "")).rpartition("~")
    if not rival or not asked.isdigit() or not 1 <= int(asked) <= len(CRITERIA):
        return
    found = assessed.positions(view, status)
    place = int(asked) - 1
    net = found.ours[:, place] - assessed.scores_against(view, found, rival)[:, place]
    mine = found.ours[:, place]
    frame = found.deals[["id", "name", "amount", "owner", "stage"]].assign(net=net, ours=mine, theirs=mine - net)
    frame = frame[~np.isnan(net)].sort_values(["net", "amount"], ascending=[True, False], kind="stable")
    with page.card("duels"):
        one = assessed.criteria(view)[place]
        page.finding(
            f"{count(len(frame), 'deal')} against {rival} on {one.name}",
            "The worst first · select a row to open the deal at this criterion",
        )
        if frame.empty:
            page.nothing("No deal here", "Neither filter nor square leaves a deal.", key="duels")
            return
        shown = frame.assign(
            ours=[portfolio.signs(value, "ours")[1] for value in frame["ours"]],
            theirs=[portfolio.signs(value, "ours")[1] for value in frame["theirs"]],
            net=[portfolio.signs(value, "net")[1] for value in frame["net"]],
        )
        config = st.column_config
        chosen_row = lists.choose(
            shown[["amount", "name", "net", "ours", "theirs", "owner", "stage"]],
            "duel-list",
            "The deals behind the square, worst first",
            columns={
                "name": lists.deal(),
                "net": config.TextColumn("Net", width=60),
                "ours": config.TextColumn("We", width=60),
                "theirs": config.TextColumn("They", width=60),
                "amount": lists.amount(),
                "owner": config.TextColumn("Owner", width=160),
                "stage": config.TextColumn("Stage", width=110),
            },
            most=12,
        )
        if chosen_row is not None:
            assessed.open_criterion(str(frame["id"].iloc[chosen_row]), int(asked))


def coaching_switches() -> tuple[str, str]:
    """Which share, and by whom; both in the URL."""
    line = st.container(horizontal=True, gap="small")
    share = line.segmented_control(
        "Share", list(SHARES), default="Known", required=True, key="share", bind="query-params",
        label_visibility="collapsed",
    )  # fmt: skip
    who = line.segmented_control(
        "By whom", list(WHO), default="By owner", required=True, key="who", bind="query-params",
        label_visibility="collapsed",
    )  # fmt: skip
    return SHARES[str(share or "Known")], WHO[str(who or "By owner")]


def coaching_headline(view: View, key: str) -> str:
    """Which question is known least, or stands worst."""
    frame = view.measure((key, "assessed_deals"), ("question",))
    frame = frame.dropna(subset=[key])
    if frame.empty:
        return "No open deal here has been assessed yet"
    worst = frame.sort_values(key, kind="stable").iloc[0]
    asked = questions()[int(worst["question"]) - 1]
    share = percent(float(worst[key]))
    if key == "known_share":
        return f"“{asked}” is known least: {share} of its criteria"
    return f"“{asked}” stands worst: {share} of what is known speaks for us"


def coaching_card(view: View, key: str, who: str) -> None:
    """Owners or teams by questions, against the share of all."""
    keys = (key, "ratings_known", "ratings_asked", "ratings_favourable", "assessed_deals")
    frame = view.measure(keys, (who, "question")).dropna(subset=[key])
    if frame.empty:
        page.nothing("No assessment here yet", "Rate a deal on its page, or load a file of assessments.", key="coach")
        return
    shares = view.measure((key,), ("question",))
    whole = {str(asked): float(share) for asked, share in zip(shares["question"], shares[key], strict=True)}
    totals = view.measure((key, "assessed_deals", "open_deals"), (who,)).dropna(subset=[key])
    totals = totals[totals["open_deals"] > 0].sort_values(key, kind="stable")
    parts = ("ratings_known", "ratings_asked") if key == "known_share" else ("ratings_favourable", "ratings_known")
    table = {(row[who], row["question"]): row for row in frame.to_dict("records")}
    rows = []
    for one in totals.to_dict("records"):
        name = one[who] or f"No {who}"
        cells = [_share_cell(name, n, table.get((one[who], str(n))), key, parts, whole) for n in range(1, 5)]
        numbers = [f"<b>{percent(one[key])}</b>", f"{int(one['assessed_deals'])} of {int(one['open_deals'])}"]
        rows.append(Row(str(name), cells, numbers))
    grid = Grid(
        rows=rows,
        columns=list(questions()),
        groups=[""] * 4,
        key_title="Against the whole",
        key=((2, "", "15 points or more above"), (1, "", "5 or more above"), (0, "", "near it"),
             (-1, "", "5 or more below"), (-2, "", "15 points or more below")),
        numbers=("all", "assessed"),
        text_size=12,
        left=230,
        column=150,
        pitch=32,
        square=28,
        level=True,
    )  # fmt: skip
    what = "known, + or −" if key == "known_share" else "+ of what is known"
    page.finding(
        f"Share of criteria {what}, by {who} and question",
        "Percent of the criteria of assessed open deals · select an owner's square for the open questions",
    )
    with st.container(key="scroll-coach", horizontal=True, wrap=False):
        figure = heatmap.heatmap(grid)
        page.chart(figure, "coach", f"{count(len(rows), who)} by four questions", on_select=_work_list(who),
                   width=int(figure.layout.width))  # fmt: skip


def _share_cell(
    name: str, question: int, row: dict[Any, Any] | None, key: str, parts: tuple[str, str], whole: dict[str, float]
) -> Cell | None:
    if row is None or pd.isna(row[key]):
        return None
    gap = float(row[key]) - float(whole[str(question)])
    size = 2 if abs(gap) >= 0.15 else 1 if abs(gap) >= 0.05 else 0
    k, n = int(row[parts[0]]), int(row[parts[1]])
    said = f"{k} of {n}" if n < _FEW else f"{percent(float(row[key]))}, {k} of {n}"
    hover = (
        f"<b>{theme.clean(name)}</b><br>{theme.clean(questions()[question - 1])} <b>{said}</b><br>"
        f"all: {percent(whole[str(question)])}"
    )
    return Cell(size if gap > 0 else -size, f"{100 * float(row[key]):.0f}", (name, question), hover)


def _work_list(who: str) -> Any:
    def callback() -> None:
        points = st.session_state[page.chart_key("coach")]["selection"]["points"]
        if points and who == "owner":
            st.session_state["open_owner"] = str(points[0]["customdata"][0])

    return callback


def _scope(view: View, status: str | None) -> Scope:
    return view.scope.where("status", status) if status else view.scope
