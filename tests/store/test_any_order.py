"""Exports, histories and what belongs to deals, in any order, with or without an undo: one and the same store."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hypothesis import HealthCheck, given, settings, strategies as st

from tas_analytics.ingest.loading.loader import load, undo
from tas_analytics.ingest.planning.plan import Options, prepare_file
from tas_analytics.store import Store
from tests.store.stores import Contents, contents, csv_text

D = dt.date
DAYS = [D(2026, 1, 5), D(2026, 2, 2), D(2026, 3, 2), D(2026, 4, 6)]
DEALS = ["D1", "D2", "D3"]
PIPELINES = {"New business": ["Qualify", "Proposal", "Closed Won"], "Renewals": ["Proposal", "Signed", "Closed Lost"]}
MOMENTS = [
    "2025-11-03 10:00",
    "2026-01-05 08:30",
    "2026-01-20 12:00",
    "2026-02-02 09:00",
    "2026-03-01 23:59",
    "2026-05-01",
]
BLANK_OR = ["", "2025-12-01", "2026-01-12", "2026-02-28"]


@dataclass(frozen=True)
class File:
    """A file to be loaded, of a day."""

    name: str
    text: str
    day: dt.date
    complete: bool = False

    def load(self, store: Store) -> int:
        """Load it; gives the number of the load."""
        options = Options(as_of=self.day, complete=self.complete)
        return load(store, prepare_file(self.text.encode(), f"{self.name}.csv", options), user="test")[0].load_id


def _one(draw: st.DrawFn, values: Sequence[str]) -> str:
    return draw(st.sampled_from(values))


@st.composite
def exports(draw: st.DrawFn, number: int) -> File:
    """Deals of two pipelines with stage dates and a spare column, some rows twice, owner and account by name or ID."""
    columns = ["Amount", "Close Date", "Create Date", "Deal owner", "Associated Company", "Last Activity Date", "Wood"]
    dates = ['Date entered "Proposal (Renewals)"', 'Date entered "Qualify (New business)"']
    given_ = [name for name in (*columns, *dates) if draw(st.sampled_from([True, True, False]))]
    values = {
        "Amount": ["", "100", "250.50"], "Close Date": ["", "2026-03-31", "2026-04-01"], "Create Date": BLANK_OR,
        "Deal owner": ["", "Ann", "P1", "P2"], "Associated Company": ["", "Acme", "A1"], "Last Activity Date": BLANK_OR,
        "Wood": ["", "oak", "elm"], dates[0]: BLANK_OR, dates[1]: BLANK_OR,
    }  # fmt: skip
    rows = []
    for deal in draw(st.lists(st.sampled_from(DEALS), min_size=1, max_size=3, unique=True)):
        pipeline = _one(draw, list(PIPELINES))
        row = [
            deal,
            f"Deal {deal}",
            _one(draw, PIPELINES[pipeline]),
            pipeline,
            *(_one(draw, values[c]) for c in given_),
        ]
        rows += [row] * draw(st.sampled_from([1, 1, 2]))
        if draw(st.sampled_from([False, False, True])):  # the same deal once more, and something else of it
            rows.append([*row[:2], _one(draw, PIPELINES[pipeline]), *row[3:]])
    # The last header makes the bytes of every file its own: the same bytes of the same day count once.
    head = ["Record ID", "Deal Name", "Deal Stage", "Pipeline", *given_, f"file {number}"]
    return File(
        f"deals{number}", csv_text(head, [[*row, ""] for row in rows]), draw(st.sampled_from(DAYS)), draw(st.booleans())
    )


@st.composite
def histories(draw: st.DrawFn, number: int) -> File:
    """Changes of stage, amount or close date, in any order of moments, of known and unknown deals."""
    head = ["opportunity_id", "changed_at", "pipeline", "stage", "from_stage", "amount", "close_date", f"file {number}"]
    rows = []
    for deal in draw(st.lists(st.sampled_from([*DEALS, "D9", "Deal D1"]), min_size=1, max_size=5)):
        pipeline = _one(draw, ["", *PIPELINES])
        stages = ["", *PIPELINES.get(pipeline, ["Qualify", "Proposal"])]
        amount, close = _one(draw, ["", "70", "90"]), _one(draw, ["", "2026-05-01"])
        rows.append([deal, _one(draw, MOMENTS), pipeline, _one(draw, stages), _one(draw, stages), amount, close, ""])
    return File(f"history{number}", csv_text(head, rows), draw(st.sampled_from(DAYS)))


@st.composite
def belongings(draw: st.DrawFn, number: int) -> File:
    """A table beside the deals: milestones of deals, or people, accounts and stages with their IDs."""
    tables = {
        "milestones": (
            ["opportunity_id", "milestone", "achieved_date"],
            [[*DEALS, "Deal D2", "D9"], ["NDA", "Offer"], BLANK_OR],
        ),
        "people": (["person", "person_id", "manager"], [["Ann", "Bob"], ["", "P1", "P2"], ["", "Max"]]),
        "accounts": (["account", "account_id", "industry"], [["Acme", "Bolt"], ["", "A1"], ["", "Food"]]),
        "stages": (
            ["pipeline", "stage", "position", "probability", "status"],
            [list(PIPELINES), ["Proposal", "Qualify", "Signed"], ["1", "2.5"], ["20 %", "70 %"], ["open", "won"]],
        ),
    }  # fmt: skip
    name = _one(draw, list(tables))
    head, values = tables[name]
    rows = [[_one(draw, cells) for cells in values] for _ in range(draw(st.integers(1, 3)))]
    return File(
        f"{name}{number}",
        csv_text([*head, f"file {number}"], [[*row, ""] for row in rows]),
        draw(st.sampled_from(DAYS)),
    )


@st.composite
def companies(draw: st.DrawFn) -> list[File]:
    """The files of a company, no two of one table and day: of those the later load wins.

    Lists of deals have their stage dates with them, which count as a history.
    """
    kinds = draw(st.lists(st.sampled_from([exports, exports, histories, belongings]), min_size=1, max_size=4))
    files = [draw(kind(number)) for number, kind in enumerate([exports, *kinds])]
    taken: set[tuple[str, dt.date]] = set()
    found = []
    for file in files:
        tells_of = "deals" if _table(file) == "history" else _table(file)
        days = [day for day in [file.day, *DAYS] if (tells_of, day) not in taken]
        if days:
            taken.add((tells_of, days[0]))
            found.append(replace(file, day=days[0]))
    return found


def _table(file: File) -> str:
    return file.name.rstrip("0123456789")


def _build(folder: str, name: str, files: Sequence[File], taken_back: File | None = None) -> Contents:
    store = Store.open(Path(folder) / f"{name}.duckdb")
    try:
        loads = {file.name: file.load(store) for file in files}
        if taken_back is not None:
            undo(store, loads[taken_back.name], user="test")
        return contents(store)
    finally:
        store.close()


@settings(max_examples=6, suppress_health_check=[HealthCheck.too_slow])
@given(companies(), st.data())
def test_the_order_of_loading_and_what_was_undone_leave_no_trace(files: list[File], data: st.DataObject) -> None:
    order = data.draw(st.permutations(files))
    gone = data.draw(st.sampled_from(files))
    rest = [file for file in order if file is not gone]
    with tempfile.TemporaryDirectory(prefix="tas-order-") as folder:
        assert _build(folder, "one", files) == _build(folder, "other", order)
        without = _build(folder, "undone", files, taken_back=gone)
        never = _build(folder, "never", rest)
        if not any(_table(file) in ("deals", "history", "stages") for file in rest):
            # The method's own stages are listed with the first load that speaks of stages.
            del without["stage"], never["stage"]
        assert without == never


def test_of_two_stages_entered_at_one_moment_the_newer_file_counts_and_in_one_row_the_later_stage() -> None:
    head, proposal = "Record ID,Deal Stage,Pipeline", '"Date entered ""Proposal (Sales)"""'
    qualify = '"Date entered ""Qualify (Sales)"""'
    both = File("both", f"{head},{proposal},{qualify}\nD1,Proposal,Sales,2025-12-01,2025-12-01\n", D(2026, 1, 5))
    old = File("old", f"{head},{proposal}\nD1,Proposal,Sales,2025-12-01\n", D(2026, 1, 5))
    new = File("new", f"{head},{qualify}\nD1,Proposal,Sales,2025-12-01\n", D(2026, 2, 2))
    for files, stage in (([both], "Proposal"), ([old, new], "Qualify"), ([new, old], "Qualify")):
        with tempfile.TemporaryDirectory(prefix="tas-order-") as folder:
            _build(folder, "store", files)
            store = Store.open(Path(folder) / "store.duckdb")
            entered = "select arg_min(s.stage, valid_from) from opportunity_version join stage s using (stage_key)"
            assert store.value(entered) == stage
            store.close()


def test_names_that_came_from_ids_go_with_the_file_that_gave_them() -> None:
    head = "Record ID,Deal Stage,Pipeline,Associated Company\n"
    deals = File("deals", f"{head}D1,Proposal,Sales,A1\n", D(2026, 1, 5))
    accounts = File("accounts", "account,account_id\nAcme,A1\n", D(2026, 1, 5))
    with tempfile.TemporaryDirectory(prefix="tas-order-") as folder:
        never = _build(folder, "never", [deals])
        assert _build(folder, "undone", [deals, accounts], taken_back=accounts) == never
        assert _build(folder, "with", [deals, accounts]) != never
