"""The history that the store derives, against the same rules written out in plain Python."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import given, settings, strategies as st

from tas_analytics.ingest.loading.loader import load, undo
from tas_analytics.ingest.loading.settings import change_year
from tas_analytics.method.stages import propose
from tas_analytics.store import Store
from tests.store.stores import contents, csv_text, deals, load_text, prepared

D = dt.date
DAYS = [D(2026, 1, 5), D(2026, 2, 2), D(2026, 3, 2), D(2026, 5, 4)]
COLUMNS = ("amount", "owner", "close_date", "created_date", "stage_entered")
VALUES: Mapping[str, Sequence[object]] = {
    "stage": ["Qualify", "Proposal", "Won"],
    "amount": [None, 100, 250],
    "owner": [None, "Ann", "Bob"],
    "close_date": [None, D(2026, 3, 31), D(2026, 4, 1), D(2026, 8, 1)],
    "created_date": [None, D(2025, 12, 1)],
    "stage_entered": [None, None, D(2026, 1, 2)],
}


@dataclass(frozen=True)
class Export:
    """One dated file: for each deal, the value of each column that the file has."""

    number: int
    day: dt.date
    complete: bool
    columns: tuple[str, ...]
    rows: Mapping[str, Mapping[str, Any]]

    @property
    def text(self) -> str:
        # The last header makes every file's bytes its own: the same bytes of the same day count once.
        header = ["opportunity_id", *self.columns, f"file {self.number}"]
        return csv_text(header, [[key, *(row[c] for c in self.columns), ""] for key, row in self.rows.items()])

    @property
    def name(self) -> str:
        return f"deals_{self.day}.csv"


@st.composite
def histories(draw: st.DrawFn) -> list[Export]:
    exports = []
    for number in range(draw(st.integers(2, 4))):
        columns = ("stage", *(c for c in COLUMNS if draw(st.sampled_from([True, True, False]))))
        keys = draw(st.lists(st.sampled_from(["D1", "D2", "D3"]), min_size=1, max_size=3, unique=True))
        rows = {key: {c: draw(st.sampled_from(VALUES[c])) for c in columns} for key in keys}
        exports.append(Export(number, draw(st.sampled_from(DAYS)), draw(st.booleans()), columns, rows))
    return exports


def shuffled(exports: Sequence[Export], order: Sequence[int]) -> list[Export]:
    """Another order, in which files of one day keep theirs: of those the later load wins."""
    waiting = {day: [e for e in exports if e.day == day] for day in DAYS}
    return [waiting[exports[index].day].pop(0) for index in order]


# --- the rules, written out -------------------------------------------------------------------------------------


@dataclass
class Known:
    """A deal between two days."""

    start: dt.date
    end: dt.date | None
    values: Mapping[str, Any]
    of_the_past: bool = False


#: What an export cannot tell of the days before it.
UNKNOWN_THEN = ("stage", "stage_entered")


def timeline(exports: Sequence[Export], key: str, opening: float | None = None) -> list[Known]:
    """What was known of a deal and when; ``exports`` in the order of loading."""
    in_order = sorted(exports, key=lambda e: e.day)
    held: dict[str, Any] = dict.fromkeys(VALUES)
    by_day: dict[dt.date, dict[str, Any] | None] = {}
    created: list[tuple[dt.date, dt.date]] = []
    dated_from = D(9999, 1, 1)
    for export in in_order:
        if key in export.rows:
            held |= export.rows[key]
            by_day[export.day] = dict(held)
            if "created_date" in export.columns:
                dated_from = min(dated_from, export.day)
            if export.rows[key].get("created_date"):
                created.append((export.day, export.rows[key]["created_date"]))
    first_of_all, first = in_order[0].day, min(by_day)
    opened = next((c for day, c in reversed(created) if day == min(d for d, _ in created)), None) if created else None
    past = before(by_day[first] or {}, first, opened, first_of_all, opening)
    if past and first > first_of_all:
        by_day.setdefault(first_of_all, None)
    if past:  # what is known of the past stays known where the first files do not speak of it
        for day, values in by_day.items():
            if values is not None and day < dated_from:
                values["created_date"] = opened
    told = {known.start: dict(known.values) for known in past}
    begins = min((*told, first))
    for export in in_order:
        if key not in export.rows and export.complete and begins < export.day:
            by_day.setdefault(export.day, None)
    found: list[Known] = []
    last: dict[str, Any] | None = None
    for day, values in sorted((told | by_day).items()):
        # A file of the same day that shows the deal outweighs a complete one that lacks it.
        if values == last and found:
            continue
        if found and found[-1].end is None:
            found[-1].end = day
        if values is not None:
            found.append(Known(day, None, values, told.get(day) is values))
        last = values
    return found


def before(
    first: Mapping[str, Any], export_of: dt.date, created: dt.date | None, first_of_all: dt.date, opening: float | None
) -> list[Known]:
    """What the first export of a deal tells of the days before the first export of all."""
    values = {**first, "created_date": created}
    stage = propose(first["stage"])
    dated = None
    entered, close = first["stage_entered"], first["close_date"]
    if stage.status != "open":
        dated = close if close and close >= (created or close) else None
    elif entered and (created or entered) <= entered <= export_of:
        dated = entered
    elif stage.position == opening and not entered:
        dated = created
    found = []
    if created and created < min(first_of_all, dated or first_of_all):
        found.append(Known(created, None, {**values, **dict.fromkeys(UNKNOWN_THEN)}, True))
    if dated and dated < first_of_all:
        found.append(Known(dated, None, values, True))
    return found


def quarter(day: dt.date | None, first_month: int) -> int | None:
    return None if day is None else day.year * 4 + (day.month - first_month + 12) // 3


def expected(exports: Sequence[Export], first_month: int = 1) -> tuple[list[Any], list[Any]]:
    """Rows of opportunity_version and of stage_spell, by name."""
    used = {row["stage"] for e in exports for row in e.rows.values()}
    proposals = {stage: propose(stage) for stage in used}
    first = min((p.position for p in proposals.values() if p.status == "open"), default=None)
    versions, spells = [], []
    for key in sorted({key for e in exports for key in e.rows}):
        known = timeline(exports, key, first)
        pushes = delays = spell = 0
        last_open = None
        stays: list[list[Known]] = []
        told = []
        for index, now in enumerate(known):
            before = known[index - 1].values if index else None
            close, was = now.values["close_date"], before["close_date"] if before else None
            if close and was:
                delays += close > was
                pushes += (quarter(close, first_month) or 0) > (quarter(was, first_month) or 0)
            stage = now.values["stage"]
            if stage is not None:
                if not stays or stays[-1][-1].values["stage"] != stage:
                    spell += 1
                    stays.append([])
                stays[-1].append(now)
                if proposals[stage].status == "open":
                    last_open = stage
            first_close = next((k.values["close_date"] for k in known[: index + 1] if k.values["close_date"]), None)
            told.append((now, spell if stage else None, pushes, delays, last_open, first_close))
        since = []
        for number, stay in enumerate(stays, start=1):
            entered = max((k.values["stage_entered"] for k in stay if k.values["stage_entered"]), default=None)
            if entered is None and (number > 1 or stay[0].of_the_past):
                entered = stay[0].start
            if entered is None and proposals[stay[0].values["stage"]].position == first:
                entered = min((k.values["created_date"] for k in stay if k.values["created_date"]), default=None)
            since.append(entered)
        for now, nth, *rest in told:
            began = since[nth - 1] if nth else None
            versions.append((key, now.start, now.end, *(now.values[c] for c in VALUES), began, *rest))
        for number, stay in enumerate(stays, start=1):
            following = stays[number] if number < len(stays) else None
            left = None if following is None else since[number] or following[0].start
            stage, next_stage = stay[0].values["stage"], following[0].values["stage"] if following else None
            spells.append((key, number, stage, since[number - 1], stay[0].start, left, next_stage))
    return versions, spells


def derived(store: Store) -> tuple[list[Any], list[Any]]:
    named = "(select natural_key from record r where r.table_name = '{}' and r.record_key = {})"
    versions = store.rows(
        f"""
        select o.natural_key, cast(valid_from as date), cast(valid_to as date), {named.format("stages", "stage_key")},
            amount, {named.format("people", "owner_key")}, close_date, created_date, stage_entered, stage_since,
            pushes, delays, {named.format("stages", "last_open_stage_key")}, first_close_date
        from opportunity_version v
        join record o on o.table_name = 'opportunities' and o.record_key = v.record_key order by 1, 2
        """
    )
    spells = store.rows(
        f"""
        select o.natural_key, spell, {named.format("stages", "stage_key")}, entered, first_seen, left_on,
            {named.format("stages", "next_stage_key")}
        from stage_spell v
        join record o on o.table_name = 'opportunities' and o.record_key = v.opportunity_key order by 1, 2
        """
    )
    return versions, spells


def build(folder: str, name: str, exports: Sequence[Export], *, together: bool) -> Store:
    store = Store.open(Path(folder) / f"{name}.duckdb")
    files = [prepared(e.text, e.name, complete=e.complete) for e in exports]
    for batch in [files] if together else [[file] for file in files]:
        load(store, batch, user="test")
    return store


@settings(max_examples=8)
@given(histories(), st.data())
def test_any_order_gives_the_same_store_and_undo_leaves_no_trace(exports: list[Export], data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(exports))))
    taken = data.draw(st.integers(0, len(exports) - 1))
    with tempfile.TemporaryDirectory() as folder:
        together = build(folder, "together", exports, together=True)
        one_by_one = build(folder, "one", shuffled(exports, order), together=False)
        assert contents(one_by_one) == contents(together)
        assert derived(one_by_one) == expected(exports)

        rest = [e for e in exports if e.number != taken]
        without = build(folder, "without", rest, together=True)
        (load_id,) = one_by_one.rows(
            "select load_id from load where list_contains(headers, $h)", {"h": f"file {taken}"}
        )[0]
        undo(one_by_one, load_id)
        assert contents(one_by_one) == contents(without)
        assert derived(one_by_one) == expected(rest)
        for store in (together, one_by_one, without):
            store.close()


@settings(max_examples=2)
@given(histories(), st.permutations(range(4)))
def test_undoing_every_load_leaves_an_empty_store(exports: list[Export], order: list[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        empty = build(folder, "empty", [], together=False)
        store = build(folder, "store", exports, together=True)
        for load_id in [index + 1 for index in order if index < len(exports)]:
            undo(store, load_id)
        left = contents(store)
        # An untouched store gets its lists with the first load: the stages and milestones of the method.
        assert left.pop("stage")[0] == 7
        assert left == {name: found for name, found in contents(empty).items() if name != "stage"}
        assert store.value("select count(*) from record where table_name not in ('stages', 'milestone_catalogue')") == 0
        empty.close()
        store.close()


# --- single rules -----------------------------------------------------------------------------------------------

HEADER = ["opportunity_id", "stage", "amount", "close_date", "owner"]


def test_a_column_that_a_file_lacks_keeps_its_value_and_a_blank_cell_is_a_blank(store: Store) -> None:
    load_text(store, csv_text(HEADER, [["D1", "Qualify", 100, "2026-06-30", "Ann"]]), "deals_2026-01-05.csv")
    load_text(store, csv_text(["opportunity_id", "stage"], [["D1", "Proposal"]]), "deals_2026-01-12.csv")
    assert deals(store, "stage", "amount", "owner") == [{"stage": "Proposal", "amount": 100, "owner": "Ann"}]
    load_text(store, csv_text(["opportunity_id", "stage", "amount"], [["D1", "Proposal", ""]]), "deals_2026-01-19.csv")
    assert deals(store, "amount", "owner") == [{"amount": None, "owner": "Ann"}]
    assert deals(store, "amount", as_of=D(2026, 1, 15)) == [{"amount": 100}]


def test_the_later_load_of_a_day_wins(store: Store) -> None:
    for amount in (100, 200):
        load_text(
            store, csv_text(["opportunity_id", "stage", "amount"], [["D1", "Qualify", amount]]), "d_2026-01-05.csv"
        )
    assert deals(store, "amount") == [{"amount": 200}]
    undo(store, 2)
    assert deals(store, "amount") == [{"amount": 100}]


def test_a_deal_that_a_complete_export_lacks_is_gone_until_it_is_seen_again(store: Store) -> None:
    header = ["opportunity_id", "stage"]
    both, one = [["D1", "Qualify"], ["D2", "Qualify"]], [["D1", "Qualify"]]
    load_text(store, csv_text(header, both), "d_2026-01-05.csv", complete=True)
    load_text(store, csv_text(header, one), "d_2026-01-12.csv", complete=True)
    load_text(store, csv_text(header, both), "d_2026-01-19.csv", complete=True)
    assert [len(deals(store, "opportunity_id", as_of=D(2026, 1, day))) for day in (1, 5, 11, 12, 18, 19, 30)] == [
        0, 2, 2, 1, 1, 2, 2,
    ]  # fmt: skip
    # A part export says nothing of the deals that it lacks.
    load_text(store, csv_text(header, one), "d_2026-01-26.csv")
    assert len(deals(store, "opportunity_id")) == 2


def test_pushes_follow_the_fiscal_year(store: Store) -> None:
    header = ["opportunity_id", "stage", "close_date"]
    for day, close in (("2026-01-05", "2026-01-31"), ("2026-01-12", "2026-02-01")):
        load_text(store, csv_text(header, [["D1", "Qualify", close]]), f"d_{day}.csv")
    assert deals(store, "pushes", "delays", "first_close_date") == [
        {"pushes": 0, "delays": 1, "first_close_date": D(2026, 1, 31)}
    ]
    change_year(store, 2)
    assert deals(store, "pushes", "delays") == [{"pushes": 1, "delays": 1}]


def test_names_that_only_an_overruled_load_gave_come_back_when_it_rules_again(store: Store) -> None:
    header = ["opportunity_id", "stage", "account", "owner"]
    load_text(store, csv_text(header, [["D1", "Qualify", "Acme", "Ann"]]), "d_2026-01-05.csv")
    load_text(store, csv_text(header, [["D1", "Qualify", "Bolt", "Bob"]]), "d_2026-01-05.csv")
    load_text(store, csv_text(header, [["D2", "Qualify", "Core", "Cyd"]]), "d_2026-01-12.csv")
    undo(store, 3)
    undo(store, 2)
    assert deals(store, "account", "owner") == [{"account": "Acme", "owner": "Ann"}]


def test_a_reference_table_holds_from_the_beginning_and_keeps_what_it_was(store: Store) -> None:
    load_text(store, csv_text(["opportunity_id", "stage"], [["D1", "Qualify"]]), "d_2026-01-05.csv")
    people = ["person", "manager", "team"]
    load_text(store, csv_text(people, [["Ann", "Max", "East"]]), "people.csv", as_of=D(2026, 1, 5))
    load_text(store, csv_text(people, [["Ann", "Mia", "West"]]), "people2.csv", as_of=D(2026, 2, 1))
    rows = store.rows("select cast(valid_from as date), cast(valid_to as date), manager from person_version order by 1")
    assert rows == [(D(1900, 1, 1), D(2026, 2, 1), "Max"), (D(2026, 2, 1), None, "Mia")]


def test_a_table_of_how_things_are_now_can_be_set_back_by_loading_it_again(store: Store) -> None:
    people = ["person", "manager"]
    old, new = csv_text(people, [["Ann", "Max"]]), csv_text(people, [["Ann", "Mia"]])
    assert [load_text(store, text, "people.csv").seen_before for text in (old, old, new, new, old)] == [
        False, True, False, True, False,
    ]  # fmt: skip
    assert store.rows("select manager from person_version where valid_to is null") == [("Max",)]


def test_stages_that_a_file_orders_decide_where_deals_open(store: Store) -> None:
    load_text(
        store,
        csv_text(
            ["opportunity_id", "stage", "created_date"], [["D1", "Zig", "2025-12-01"], ["D2", "Zag", "2025-12-01"]]
        ),
        "d_2026-01-05.csv",
    )
    stages = ["stage", "position", "probability", "status"]
    load_text(store, csv_text(stages, [["Zig", 1, "10 %", "open"], ["Zag", 2, "20 %", "open"]]), "stages.csv")
    assert deals(store, "stage_since") == [{"stage_since": D(2025, 12, 1)}, {"stage_since": None}]
    undo(store, 2)
    fresh = contents(store)
    assert fresh["stage"][0] == 2
