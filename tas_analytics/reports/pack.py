"""What a review pack holds, whatever its format: the same figures as on screen, stamped with day and scope."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, Final

import pandas as pd

from tas_analytics.errors import BadQuestion
from tas_analytics.forecast.period import HIERARCHY, period_forecast
from tas_analytics.formats import count, day, money, number, percent, sentence_case
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.deals import deal_list
from tas_analytics.metrics.hierarchy import EVERYBODY, NOBODY, hierarchy, of_leader
from tas_analytics.metrics.measure import measure
from tas_analytics.metrics.scope import Scope
from tas_analytics.review import sentences
from tas_analytics.review.board import board, sentence, silent
from tas_analytics.review.buckets import BUCKETS
from tas_analytics.review.changes import Changes, Total, changed_deals, changes
from tas_analytics.review.meeting import Minutes, minutes
from tas_analytics.review.outlook import beside_board
from tas_analytics.store.database import Store

#: Rows of a table on paper or on a slide; files for spreadsheets and browsers have all.
ON_PAPER: Final = 40
_MOVED: Final = tuple(one.key for one in BUCKETS if one.key not in {"unchanged", "currency"})
#: How the board's figures hang together: the column of which it tells, and what is said where that column is.
_LEGEND: Final = (
    ("commit", "commit, best case and pipeline hold what is won"), ("gap", "gap is won and commit − target"),
    ("coverage", "coverage is open ÷ what the target still lacks"),
    ("needed", "needed is 1 ÷ the share that was won of what closed, as many deals as stand beside it"),
    ("p50", "the model sees four in five futures between P10 and P90, and P50 in the middle"),
)  # fmt: skip
#: Columns of the board: key, heading, and how a number is written.
BOARD: Final = (
    ("gap", "Gap", "signed"), ("target", "Target", "money"), ("won", "Won", "money"), ("commit", "Commit", "money"),
    ("call", "Call", "money"), ("best_case", "Best case", "money"), ("pipeline", "Pipeline", "money"),
    ("p10", "P10", "model"), ("p50", "P50", "model"), ("p90", "P90", "model"),
    ("coverage", "Coverage", "ratio"), ("needed", "Needed", "ratio"), ("closed", "Closed", "count"),
    ("deals", "Deals", "count"),
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A row of the waterfall: ``start`` to ``end`` is its bar."""

    label: str
    kind: str
    amount: float
    deals: int | None
    meaning: str
    start: float
    end: float


@dataclass(frozen=True)
class Pack:
    """Everything that a pack says."""

    scope: Scope
    #: The day compared with; None where the data tell of no earlier one.
    since: dt.date | None
    currency: str
    headline: str
    changes: Changes
    moved: list[dict[str, Any]]
    board: pd.DataFrame
    board_sentence: str
    deals: pd.DataFrame
    minutes: Minutes
    leader: str | None = None

    @property
    def stamp(self) -> str:
        """Whose deals, scope, day and the day compared with: on every page of every format."""
        scope = self.scope.sentence()
        if self.leader:
            scope = f"{self.leader} and everybody below · {self.scope.where('owner').sentence()}"
        told = f"compared with {day(self.since, weekday=True)}" if self.since else "no earlier export to compare with"
        return f"{scope} · {told} · in {self.currency}"

    @cached_property
    def columns(self) -> list[tuple[str, str, str]]:
        """The columns of :data:`BOARD` in which the board says anything."""
        quiet = silent(self.board)
        return [one for one in BOARD if one[0] not in quiet]

    @property
    def legend(self) -> str:
        """How the board's figures hang together: beside the board in every format."""
        keys = {key for key, *_ in self.columns}
        parts = [said for key, said in _LEGEND if key in keys]
        if "commit" not in keys:
            parts.insert(0, "pipeline holds what is won, nothing is in commit")
        return sentence_case(" · ".join(parts))

    @property
    def waterfall(self) -> list[Row]:
        """The ledger's rows from top to bottom."""
        at, rows = float(self.changes.start.amount), []
        if self.since is not None:
            rows.append(Row(f"Open on {day(self.since)}", "start", at, self.changes.start.deals, "target", at, at))
        for one in BUCKETS:
            total = self.changes.buckets[one.key]
            if one.key == "unchanged" or not (total.deals or total.amount):
                continue
            amount = float(total.amount)
            n = None if one.side == "rate" else total.deals
            rows.append(Row(one.label, "move", amount, n, one.meaning, at, at + amount))
            at += amount
        end = float(self.changes.end.amount)
        rows.append(Row(f"Open on {day(self.scope.as_of)}", "end", end, self.changes.end.deals, "target", end, end))
        return rows

    @property
    def moved_title(self) -> str:
        """How many deals moved, in words."""
        return f"{sentence_case(count(len(self.moved), 'deal'))} moved"

    def happened(self, deal: dict[str, Any]) -> str:
        """What happened to a deal, in words."""
        return sentences.happened(deal, self.currency, self.scope.as_of.year)


def pack(store: Store, company: Company, scope: Scope, since: dt.date | None = None, leader: str | None = None) -> Pack:
    """The review of a scope against an earlier day; without one, against the export of about a week before.

    Where the data tell of no earlier day, it says how things stand.

    Parameters
    ----------
    store, company, scope
        What is reviewed.
    since
        The earlier day.
    leader
        Whose review: that person, on any level, and everybody below; None for all.

    Raises
    ------
    BadQuestion
        No deals are loaded, or there is nobody of that name.
    """
    whole, leader = scope, None if leader == EVERYBODY else leader
    if leader is not None:
        tree = hierarchy(store, scope.as_of)
        # Where no file says who reports to whom, whoever owns deals is known by them.
        owned = measure(store, ("deals",), Scope(scope.as_of).where("owner", leader), (), company)
        if leader not in tree.names and not owned["deals"].iloc[0]:
            known = ", ".join(tree.leaders[:12]) or "nobody"
            raise BadQuestion(f"There is nobody called {leader}", f"People to whom others report: {known}.")
        scope = of_leader(scope, tree, leader)
    if since is None:
        since = company.week_before(scope.as_of)
    if not company.days:
        raise BadQuestion("There is nothing to review yet", "Load an export of deals.")
    found = _standing(store, company, scope) if since is None else changes(store, company, since, scope)
    # The very board of the page: a leader's rows are taken out of the whole company's.
    figures = _with_model(store, company, scope, board(store, company, whole, since, leader=leader))
    figures = _without_echo(figures)
    board_sentence = sentence(figures, scope, company.currency)
    if since is not None:
        headline = sentences.what_changed(found, company.currency)
    elif scope.period is not None:
        headline = board_sentence
    else:
        headline = f"{money(float(found.end.amount), company.currency)} is open in {count(found.end.deals, 'deal')}"
    return Pack(
        scope,
        since,
        company.currency,
        headline,
        found,
        [] if since is None else changed_deals(store, company, since, scope, _MOVED),
        figures,
        board_sentence,
        deal_list(store, company, scope.where("status", "open")),
        minutes(store, company, scope, scope.as_of, leader or ""),
        leader,
    )


def _standing(store: Store, company: Company, scope: Scope) -> Changes:
    """What is open, where there is no earlier day to compare with."""
    row = measure(store, ("open_deals", "open_pipeline"), scope, (), company).iloc[0]
    here = Total(int(row["open_deals"]), Decimal(str(row["open_pipeline"])))
    return Changes(scope.as_of, scope, here, here, {one.key: Total(0, Decimal(0)) for one in BUCKETS})


def _with_model(store: Store, company: Company, scope: Scope, figures: pd.DataFrame) -> pd.DataFrame:
    """The board with what the model says of the period; a scope without one has no such figures."""
    if scope.period is None:
        return beside_board(figures, None)
    return beside_board(figures, period_forecast(store, company, scope, HIERARCHY).rows)


def _without_echo(figures: pd.DataFrame) -> pd.DataFrame:
    """The board without leaders on top who only repeat the one leader below them.

    In a manager's pack whoever stands above the manager has the manager's sums and no call of that scope.
    """
    same = ["target", "won", "commit", "best_case", "pipeline", "open", "deals"]
    while len(figures) > 1:
        top, below = figures.iloc[0], figures.iloc[1]
        alone = (figures["depth"] == top["depth"] + 1).sum() == 1
        if not (alone and below["leads"] and pd.isna(top["call"]) and top[same].equals(below[same])):
            break
        figures = figures.iloc[1:].reset_index(drop=True).assign(depth=lambda rows: rows["depth"] - 1)
    return figures


#: Headings of what a meeting decided and agreed.
MINUTES: Final = ("Kind", "Deal", "What", "Who", "Due")


def minutes_rows(one: Pack) -> list[tuple[str, str, str, str, dt.date | None]]:
    """What the meeting decided, agreed and noted: kind, deal, what, who, due day; decisions first."""
    kept = one.minutes
    names = {str(row["id"]): str(row["name"]) for row in one.deals[["id", "name"]].to_dict("records")}
    names |= {decision.deal_id: decision.deal for decision in kept.decisions}
    rows: list[tuple[str, str, str, str, dt.date | None]] = [
        (decision.kind.label, decision.deal, decision.note or "", decision.owner or "", None)
        for decision in kept.decisions
    ]
    for row in kept.actions.to_dict("records"):
        due = None if pd.isna(row["due_on"]) else row["due_on"].date()
        deal = row["deal"] if isinstance(row["deal"], str) else ""
        rows.append(("Done" if row["is_done"] else "Action", deal, str(row["subject"]), str(row["owner"] or ""), due))
    rows += [
        ("Note", names.get(note.deal_id, note.deal_id), note.note, note.author or "", None)
        for note in kept.kept.values()
        if note.note
    ]
    return rows


def minutes_title(one: Pack) -> str:
    """How much was decided, agreed and noted."""
    kept = one.minutes
    said = [count(len(kept.decisions), "decision"), count(len(kept.actions), "action")]
    return f"{sentence_case(said[0])} and {said[1]} of the review"


def written(value: Any, kind: str) -> str:
    """A number of the board as text."""
    if value is None or pd.isna(value):
        return "–"
    if kind == "ratio":
        return number(float(value), 2)
    return number(float(value), 0, sign=kind == "signed")


def person(row: Any) -> str:
    """A name of the board, indented by its level."""
    return "\u2003" * int(row["depth"]) + ("No owner" if row["name"] == NOBODY else str(row["name"]))


@dataclass(frozen=True)
class KeyFigure:
    """A figure that stands first: as text for people, and as the number itself for a spreadsheet."""

    label: str
    text: str
    value: float | None
    kind: str


def key_figures(one: Pack) -> list[KeyFigure]:
    """What stands first, of the board's first row."""
    if one.board.empty:
        amount = float(one.changes.end.amount)
        return [KeyFigure("Open", money(amount, one.currency), amount, "money")]
    top = one.board.iloc[0]
    figures = [
        KeyFigure(label, money(_maybe(top[key]), one.currency), _maybe(top[key]), "money")
        for key, label, kind in one.columns
        if kind in {"money", "signed"}
    ]
    cover = _maybe(top["cover"])
    return [*figures, KeyFigure("Commit ÷ target", percent(cover), cover, "share")] if cover is not None else figures


def _maybe(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)
