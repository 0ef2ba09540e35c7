"""The tab Assessment on a deal's page: where the deal stands, and the sheet on which it is rated."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

import numpy as np
import pandas as pd
import streamlit as st

from tas_analytics.charts import real_colours, theme
from tas_analytics.errors import TasError
from tas_analytics.formats import count, day, number, percent
from tas_analytics.ingest.loading.entry import enter, withdraw
from tas_analytics.method import position
from tas_analytics.method.criteria import questions
from tas_analytics.metrics import positions as position_queries, worksheet
from tas_analytics.store.profiles import NUMBERS
from tas_analytics.ui import assessed, author, page
from tas_analytics.ui.page import Tile
from tas_analytics.ui.rating_sheet import Entry, rating_sheet
from tas_analytics.ui.session import View

#: Seconds after which the sheet looks for what colleagues have entered.
_LOOK: Final = 5
_US: Final = "We"
_NO_DAY: Final = "none"
_STANDING: Final = {1: "ahead", 0: "level", -1: "behind"}


def draw(view: View, deal: pd.Series) -> None:
    """Draw the tab."""
    _sheet(view, deal)


@st.fragment(run_every=_LOOK)
def _sheet(view: View, deal: pd.Series) -> None:
    """The part that is drawn again after every entry, also after a colleague's."""
    view = replace(view, version=view.store.data_version)
    rows = worksheet.ratings_of(view.store, deal["id"], view.scope.as_of)
    listed = worksheet.competitors_of(view.store, deal["id"], view.scope.as_of)
    held = rows[rows["holds"]].drop_duplicates(["competitor", "number"])
    rivals = sorted({*held["competitor"], *listed["competitor"]} - {""}, key=str.casefold)
    _tiles(view, deal, held, rivals)
    before, since = _compare(view, deal, rows, rivals)
    key = f"sheet-{deal['id']}-{view.scope.as_of}"
    rating_sheet(
        _data(view, deal, rows, held, rivals, before) | {"token": key, "since": since},
        key=key,
        save=partial(_save, view, deal["id"]),
    )
    problem = st.session_state.pop("sheet-problem", None)
    if problem:
        page.refusal(problem[0], problem[1], "sheet")


def _scores(held: pd.DataFrame, rival: str) -> position.Scores:
    """The newest scores of one rated party, as a row."""
    signs = held[held["competitor"] == rival].set_index("number")["sign"]
    scores = signs.str.replace("−", "-").map(position.SCORES).reindex(NUMBERS)
    return np.asarray(scores, dtype=np.float64)[None, :]


def _tiles(view: View, deal: pd.Series, held: pd.DataFrame, rivals: Sequence[str]) -> None:
    """The assessment in numbers: how much is known, how it stands, against whom, and how old it is."""
    ours = _scores(held, "")
    known = int(position.known(ours).sum())
    score = float(position.assessment_score(ours, view.company.weights)[0])
    nets = {rival: position.net_advantage(ours, _scores(held, rival)) for rival in rivals}
    stands = [
        (float(pd.Series(net[0]).sum()), rival, int(position.standing(net)[0]))
        for rival, net in nets.items()
        if not pd.isna(net[0]).all()
    ]
    mine = held[held["competitor"] == ""]
    last = mine["day"].max() if len(mine) else None
    stale = last is not None and pd.notna(deal["stage_since"]) and last < deal["stage_since"]
    old = "" if last is None else f"{count((view.scope.as_of - last.date()).days, 'day')} ago"
    worst = min(stands) if stands else None
    page.tiles(
        [
            Tile("Known", f"{known} of 20", "Ratings other than ? among the 20 criteria.", note=percent(known / 20)),
            Tile(
                "Assessment score",
                percent(score) if known else "–",
                "Σ weight × score ÷ Σ weight × best score: 100 % is all favourable, −100 % all unfavourable.",
                note="100 % is all favourable",
            ),
            Tile(
                "Against the strongest",
                _STANDING[worst[2]].capitalize() if worst else "–",
                "Z: the sign of the sum of our net advantages. "
                + "; ".join(f"{rival}: {_STANDING[z]} ({number(net, sign=True)})" for net, rival, z in sorted(stands)),
                note=f"{worst[1]}, net {number(worst[0], sign=True)}" if worst else "no competitor is rated",
            ),
            Tile(
                "Last assessed",
                day(last.date(), year=False) if last is not None else "Never",
                "The day of the newest rating of ours.",
                note=f"{old}, before the present stage" if stale else old or "rate the first criterion below",
            ),
        ]
    )  # fmt: skip


def _compare(
    view: View, deal: pd.Series, rows: pd.DataFrame, rivals: Sequence[str]
) -> tuple[dict[tuple[str, int], str] | None, str]:
    """The signs on an earlier day, if one is chosen to compare with; and that day in words."""
    days = sorted({one.date() for one in rows["day"]}, reverse=True)
    earlier = [one.isoformat() for one in days[1:] or days if one < view.scope.as_of]
    if not earlier:
        return None, ""
    chosen = st.selectbox(
        "Compare",
        [_NO_DAY, *earlier],
        format_func=lambda key: "Not compared" if key == _NO_DAY else f"Compared with {_words(key)}",
        key=f"compare-{deal['id']}",
        label_visibility="collapsed",
        width=240,
    )
    if chosen in (None, _NO_DAY):
        return None, ""
    then = dt.date.fromisoformat(str(chosen))
    keys = pd.Series([_deal_key(view, deal["id"])])
    profiles = position_queries.profiles_of(view.store, then, keys)
    signs = {
        (row["competitor"], n): position.SIGNS[int(row[f"c{n}"])]
        for row in profiles.to_dict("records")
        for n in NUMBERS
        if pd.notna(row[f"c{n}"])
    }
    st.markdown(page.plain(_change_words(rows[rows["holds"]], signs, then)))
    return {(rival, n): signs.get((rival, n), "") for rival in ("", *rivals) for n in NUMBERS}, _words(str(chosen))


def _change_words(held: pd.DataFrame, before: dict[tuple[str, int], str], then: dt.date) -> str:
    """What became of our ratings since a day: found out, better, worse."""
    now = held[held["competitor"] == ""].drop_duplicates("number").set_index("number")["sign"].to_dict()
    value = {"+": 1, "−": -1, "?": 0, "": 0}
    pairs = [(before.get(("", n), ""), now.get(n, "")) for n in NUMBERS]
    found = sum(old in ("", "?") and new in ("+", "−") for old, new in pairs)
    better = sum(value[old] == -1 and value[new] == 1 for old, new in pairs)
    worse = sum(value[old] == 1 and value[new] == -1 for old, new in pairs)
    return f"Since {day(then)}: {found} found out, {better} turned to our favour, {worse} turned against us."


def _data(
    view: View,
    deal: pd.Series,
    rows: pd.DataFrame,
    held: pd.DataFrame,
    rivals: Sequence[str],
    before: dict[tuple[str, int], str] | None,
) -> dict[str, Any]:
    """What the sheet reads."""
    criteria = assessed.criteria(view)
    offers = worksheet.proposals(view.store, view.company, view.scope, deal, criteria)
    answers = position.answers(_scores(held, ""), view.company.weights)[0]
    asked = str(st.query_params.get(assessed.CRITERION, ""))
    colours = real_colours.palette("dark" if st.context.theme.type == "dark" else "light")
    return {
        "editable": view.scope.as_of == view.company.last_day,
        "today": day(view.scope.as_of),
        "author": author.name(view),
        "at": int(asked) if asked.isdigit() and 1 <= int(asked) <= len(NUMBERS) else None,
        "questions": [{"text": text, "answer": int(answers[place])} for place, text in enumerate(questions())],
        "criteria": [
            {
                "number": one.number,
                "name": one.name,
                "question": one.question,
                "favourable": one.favourable,
                "unfavourable": one.unfavourable,
                "ask": list(one.ask),
                "whom": one.whom,
                "proposal": vars(offers[one.number]) if one.number in offers else None,
            }
            for one in criteria
        ],
        "parties": [
            {"name": rival, "label": rival or _US, "cells": [_cell(rows, rival, n, before) for n in NUMBERS]}
            for rival in ("", *rivals)
        ],
        "names": worksheet.all_competitors(view.store),
        "colours": {
            "plus": colours[theme.DIVERGING[7]],
            "plus-ink": colours[theme.TEXT],
            "minus": colours[theme.DIVERGING[0]],
            "minus-ink": colours[theme.PAPER],
        },
    }


def _cell(rows: pd.DataFrame, rival: str, n: int, before: dict[tuple[str, int], str] | None) -> dict[str, Any]:
    past = worksheet.told(rows[(rows["competitor"] == rival) & (rows["number"] == n)])
    now = next((one for one in past if one["holds"]), None)
    cell: dict[str, Any] = {
        "sign": now["sign"] if now else "",
        "evidence": now["evidence"] if now else "",
        "history": past,
    }
    return cell if before is None else cell | {"before": before[rival, n]}


def _save(view: View, deal_id: str, entries: Sequence[Entry]) -> None:
    """Write what was entered: each a load with its author, none lost where a colleague was faster."""
    who, today = author.name(view), view.company.last_day
    try:
        for one in entries:
            if one.kind == "add":
                row = {"opportunity_id": deal_id, "competitor": one.competitor}
                enter(view.store, "competitors", [row], author=who)
            elif one.kind == "remove":
                _remove(view, deal_id, one.competitor, who)
            else:
                rated: dict[str, object] = {
                    "opportunity_id": deal_id,
                    "competitor": one.competitor or None,
                    "criterion": one.criterion,
                    # A note alone leaves the rating as it is now, which may be a colleague's.
                    "rating": one.sign or _sign_now(view, deal_id, one) or "?",
                    "assessed_on": today,
                    "author": who,
                }
                if one.evidence is not None:
                    rated["evidence"] = one.evidence or None
                enter(view.store, "assessments", [rated], author=who)
    except TasError as error:
        st.session_state["sheet-problem"] = (error.title, error.hint)


def _sign_now(view: View, deal_id: str, one: Entry) -> str:
    rows = worksheet.ratings_of(view.store, deal_id, view.scope.as_of)
    rows = rows[rows["holds"] & (rows["competitor"] == one.competitor) & (rows["number"] == one.criterion)]
    return str(rows["sign"].iloc[0]).replace("−", "-") if len(rows) else ""


def _remove(view: View, deal_id: str, competitor: str, who: str) -> None:
    """Take a competitor and its ratings off the deal; an undo of the load brings them back."""
    listed = worksheet.competitors_of(view.store, deal_id, view.scope.as_of)
    names = listed.loc[listed["competitor"] == competitor, "natural_key"].tolist()
    if names:
        withdraw(view.store, "competitors", names, author=who)
    rows = worksheet.ratings_of(view.store, deal_id, view.scope.as_of)
    rated = rows.loc[rows["holds"] & (rows["competitor"] == competitor), "natural_key"].unique().tolist()
    if rated:
        withdraw(view.store, "assessments", rated, author=who)


def _deal_key(view: View, deal_id: str) -> int:
    key = view.store.value(
        "select record_key from record where table_name = 'opportunities' and natural_key = $deal", {"deal": deal_id}
    )
    return int(key)


def _words(key: str) -> str:
    return day(dt.date.fromisoformat(key))
