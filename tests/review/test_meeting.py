"""A meeting and the one a week later: what is kept, and whether it came true."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest

from tas_analytics.errors import TasError
from tas_analytics.ingest.loading.entry import enter
from tas_analytics.ingest.loading.loader import load
from tas_analytics.ingest.planning.plan import Options, prepare
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.periods import FiscalCalendar
from tas_analytics.metrics.scope import Scope
from tas_analytics.review import decisions as deciding, meeting
from tas_analytics.review.changes import changed_deals
from tas_analytics.review.decisions import Facts, came_true, judge, kind_of, kinds
from tas_analytics.review.inspection_data import answered_before, answers, inspect
from tas_analytics.review.meeting import Entry
from tas_analytics.review.risks import risks
from tas_analytics.store.database import Store
from tests.metrics.small import store_of

FIRST = """opportunity_id,name,owner,stage,amount,close_date,created_date,forecast_category,next_step
A,Alpha *x*,Ann,Offer,1000,2026-03-10,2025-12-01,Commit,Call
B,Beta,Ann,Offer,2000,2026-03-10,2025-12-01,Commit,Call
C,Gamma,Bob,Talk,4000,2026-03-20,2025-12-01,Pipeline,Wait
D,Delta,Bob,Offer,500,2026-03-20,2025-12-01,Commit,Call
E,Echo,Bob,Talk,100,2026-03-20,2025-12-01,Pipeline,Call
"""
#: A stays, B goes into best case, C gets a new next step and a later date, D is won.
SECOND = """opportunity_id,name,owner,stage,amount,close_date,created_date,forecast_category,next_step
A,Alpha *x*,Ann,Offer,1000,2026-03-10,2025-12-01,Commit,Call
B,Beta,Ann,Offer,2000,2026-03-10,2025-12-01,Best Case,Call
C,Gamma,Bob,Talk,4000,2026-05-20,2025-12-01,Pipeline,Meet the board
D,Delta,Bob,Won,500,2026-02-05,2025-12-01,Closed,Call
E,Echo,Bob,Talk,100,2026-03-20,2025-12-01,Pipeline,Call
"""
MONDAY, NEXT = dt.date(2026, 1, 31), dt.date(2026, 2, 7)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A meeting was held on Monday, and the export of the week after is loaded."""
    opened = store_of(tmp_path_factory.mktemp("meeting") / "s.duckdb", {f"opportunities_{MONDAY}.csv": FIRST})
    decided = {"A": "move_out", "B": "keep_commit", "C": "chase", "D": "keep_commit", "E": "reassess"}
    said = [
        Entry("decide", deal, "because" if deal == "A" else "", question=kind) for deal, kind in decided.items()
    ] + [
        Entry("decide", "C", question="hold_date"),
        Entry("answer", "A", "She said yes", question="no_activity", asked="What?", fact="A fact"),
        Entry("answer", "A", "Minutes", question="last_step"),
        Entry("note", "A", "Talk to *legal*"),
        Entry("note", "", "A short week"),
        Entry("time", "A", seconds=200),
        Entry("action", "A", "Call the lawyer", ident="x1", owner="Bob", due=dt.date(2026, 2, 3)),
        Entry("action", "", "Plan the off-site", ident="x2", due=None),
        Entry("action", "B", "Send the offer", ident="x3", owner="Ann", due=dt.date(2026, 2, 20)),
    ]  # fmt: skip
    loads = meeting.keep(opened, MONDAY, said, author="Vera")
    assert len(loads) < len(said), "entries of a kind are one load"
    meeting.keep(opened, MONDAY, [said[-3]], author="Vera")
    prepared = prepare(SECOND.encode(), f"opportunities_{NEXT}.csv", Options(as_table="opportunities", as_of=NEXT))
    load(opened, [prepared], user="test")
    yield opened
    opened.close()


def scope(store: Store, day: dt.date = NEXT) -> Scope:
    return Scope(day, Company.of(store).calendar.parse("2026Q1"))


def test_everything_that_was_said_is_kept(store: Store) -> None:
    company = Company.of(store)
    found = meeting.minutes(store, company, scope(store, MONDAY), MONDAY)
    assert found.deals == {"A", "B", "C", "D", "E"}
    assert (found.kept["A"].note, found.kept["A"].seconds, found.kept["A"].author) == ("Talk to *legal*", 200, "Vera")
    assert found.kept[""].note == "A short week"
    assert found.answered == {"A": 2}
    assert len(found.decisions) == 6
    actions = found.actions.set_index("subject")
    assert len(actions) == 3, "the same action twice is one"
    assert actions.at["Call the lawyer", "owner"] == "Bob"
    assert actions.at["Plan the off-site", "owner"] == "Vera"
    assert meeting.minutes(store, company, scope(store), NEXT).nothing


def test_a_week_later_each_decision_is_judged_by_the_data(store: Store) -> None:
    company = Company.of(store)
    assert deciding.last_review(store, NEXT) == MONDAY
    found = deciding.decisions(store, company, scope(store), on=MONDAY)
    judged = {(one.deal_id, one.kind.code): (one.outcome, one.said) for one in found}
    assert judged == {
        ("A", "move_out"): ("no", "It is still in commit"),
        ("B", "keep_commit"): ("no", "It is in best case"),
        ("C", "chase"): ("yes", "The next step is a new one"),
        ("C", "hold_date"): ("no", "Close date moved from 20 Mar 2026 to 20 May 2026"),
        ("D", "keep_commit"): ("yes", "Won on 5 Feb 2026"),
        ("E", "reassess"): ("no", "Not assessed since"),
    }
    assert came_true(found) == "2 of 6 decisions of 31 Jan came true"
    assert next(one for one in found if one.deal_id == "A").note == "because"
    early = deciding.decisions(store, company, scope(store, MONDAY), on=MONDAY)
    assert {one.outcome for one in early} == {"early"}, "as of the day itself nothing can be judged"


def test_the_next_sheet_asks_what_came_of_it(store: Store) -> None:
    company = Company.of(store)
    found = inspect(store, company, NEXT, ["A", "C"])
    assert found.since == MONDAY
    first = found.sheets["A"][0]
    assert (first.code, first.fact) == ("action_overdue", "Agreed with Bob for 3 Feb, and not done")
    again = {one.code: one for one in found.sheets["A"]}["no_activity"]
    assert [(one.text, one.author, one.day) for one in again.answers] == [("She said yes", "Vera", MONDAY)]
    # Nobody records milestones or activities here, and no deal is asked for them.
    assert not {"no_step", "nothing_under_way"} & {one.code for one in found.sheets["A"]}
    given = answers(store, NEXT, ["A"])["A"]
    assert [one.text for one in answered_before(given, found.sheets["A"], NEXT)] == ["Minutes"]
    assert not answered_before(given, found.sheets["A"], MONDAY)
    moved = {one.code: one.fact for one in found.sheets["C"]}
    assert moved["decision_missed"].startswith("Decided on 31 Jan: hold the close date. Close date moved")
    before = inspect(store, company, MONDAY, ["A"])
    assert "action_overdue" not in {one.code for one in before.sheets["A"]}


def test_the_walk_has_risks_and_movements_once_and_ranked(store: Store) -> None:
    company = Company.of(store)
    stops = meeting.agenda(risks(store, company, scope(store)), changed_deals(store, company, MONDAY, scope(store)))
    by_id = {one.deal_id: one for one in stops}
    assert "C" in by_id, "it left the period: its whole amount is missing"
    assert by_id["C"].effect == 4000
    assert "pushed out" in by_id["C"].why
    assert "D" not in by_id, "what is won needs no inspection"
    assert [one.effect for one in stops] == sorted((one.effect for one in stops), reverse=True)
    found = risks(store, company, scope(store))
    missed = [one for one in deciding.decisions(store, company, scope(store), on=MONDAY) if one.outcome == "no"]
    assert len(meeting.agenda(found, [], limit=1)) <= 1
    walk = [one.deal_id for one in meeting.agenda(found, [], 1, missed)]
    assert {"A", "B", "C", "E"} <= set(walk), "what did not come true is talked about in any case"
    assert len(walk) == len(set(walk))


def test_what_is_taken_back_and_done_and_blank(store: Store) -> None:
    company = Company.of(store)
    meeting.keep(store, NEXT, [Entry("decide", "A", question="chase"), Entry("note", "B", "x")], author="Vera")
    record = meeting.minutes(store, company, scope(store), NEXT).decisions[0].record
    said = [Entry("undecide", "A", ident=record), Entry("note", "B", " "), Entry("done", "A", ident="review-x1")]
    meeting.keep(store, NEXT, said, author="Vera")
    found = meeting.minutes(store, company, scope(store), NEXT)
    assert not found.decisions
    assert found.kept["B"].note == ""
    last = meeting.minutes(store, company, scope(store), MONDAY)
    assert last.actions.set_index("subject").at["Call the lawyer", "is_done"]
    assert "action_overdue" not in {one.code for one in inspect(store, company, NEXT, ["A"]).sheets["A"]}
    meeting.keep(store, NEXT, [Entry("decide", "A", "again", question="chase")], author="Vera")
    assert [one.note for one in meeting.minutes(store, company, scope(store), NEXT).decisions] == ["again"]


def test_an_entry_that_cannot_be_kept_keeps_nothing(store: Store) -> None:
    before = store.data_version
    with pytest.raises(TasError):
        meeting.keep(store, NEXT, [Entry("note", "A", "kept?"), Entry("action", "A", " ", ident="y")], author="Vera")
    assert store.data_version == before
    with pytest.raises(TasError):
        meeting.keep(store, NEXT, [Entry("shout", "A", "x")], author="Vera")


def test_loaded_files_speak_of_decisions_too(store: Store) -> None:
    """A company that keeps its minutes elsewhere can load them."""
    row = {"opportunity_id": "Beta", "decided_on": dt.date(2026, 2, 1), "kind": "Move out of commit", "note": "by file"}
    enter(store, "decisions", [row], author="file")
    found = deciding.decisions(store, Company.of(store), scope(store), on=dt.date(2026, 2, 1))
    assert [(one.deal_id, one.kind.code, one.outcome) for one in found] == [("B", "move_out", "yes")]


OPEN = {"status": "open", "category": "commit", "close_date": dt.date(2026, 3, 10), "next_step": "Call"}
NOW = OPEN | {"worked_on": None, "rated_on": None}
LATE = dt.date(2026, 5, 1)


@pytest.mark.parametrize(
    ("kind", "now", "outcome"),
    [
        ("keep_commit", {}, "yes"), ("keep_commit", {"category": "omitted"}, "no"),
        ("keep_commit", {"close_date": LATE}, "no"), ("keep_commit", {"status": "lost"}, "no"),
        ("move_in", {"category": "pipeline"}, "no"), ("move_in", {"status": "won"}, "yes"),
        ("move_out", {}, "no"), ("move_out", {"close_date": LATE}, "yes"), ("move_out", {"status": "lost"}, "yes"),
        ("move_out", {"category": None}, "yes"), ("hold_date", {}, "yes"),
        ("hold_date", {"close_date": dt.date(2026, 3, 1)}, "yes"), ("hold_date", {"close_date": LATE}, "no"),
        ("hold_date", {"close_date": None}, "no"), ("move_date", {}, "no"), ("move_date", {"close_date": LATE}, "yes"),
        ("chase", {}, "no"), ("chase", {"worked_on": dt.date(2026, 2, 3)}, "yes"),
        ("chase", {"worked_on": MONDAY}, "no"), ("reassess", {"rated_on": dt.date(2026, 2, 3)}, "yes"),
        ("close_lost", {}, "no"), ("close_lost", {"status": "lost"}, "yes"), ("close_lost", {"status": "won"}, "no"),
        ("other", {}, "unknown"), ("whatever", {}, "unknown"),
    ],
)  # fmt: skip
def test_judgements(kind: str, now: dict[str, Any], outcome: str) -> None:
    facts = Facts(OPEN, NOW | now, FiscalCalendar(), MONDAY, NEXT)
    found, said = judge(kind, facts)
    assert found == outcome
    assert said
    assert judge(kind, Facts(OPEN, NOW | now, FiscalCalendar(), NEXT, NEXT))[0] == "early"


def test_kinds_are_found_by_code_or_label() -> None:
    for one in kinds():
        assert kind_of(one.code) == kind_of(one.label.upper()) == one
    assert kind_of("Ask the board").label == "Ask the board"
