"""What a user settles about a file holds for the next file of the kind, until it is settled anew or forgotten."""

from __future__ import annotations

import datetime as dt

import pytest

from tas_analytics.ingest.judging.verdict import Finding
from tas_analytics.ingest.loading import loader
from tas_analytics.ingest.loading.loader import load
from tas_analytics.ingest.planning import memory
from tas_analytics.ingest.planning.plan import Options, Prepared, prepare_file
from tas_analytics.store import Store
from tests.ingest.files import workbook

#: No day above 12: only the user can know which comes first.
DATES = "opportunity_id,stage,amount,created_date\nD1,Proof,10,03/04/2026\nD2,Proof,20,05/06/2026\n"
STRANGE = "Nr;Wo es steht;Wert;Farbe\nU1;Phase A;1.500;rot\nU2;Phase B;2.250;blau\n"


def read(store: Store, text: str, name: str = "a.csv", options: Options | None = None) -> Prepared:
    return prepare_file(text.encode(), name, options, recall=memory.recall(store))[0]


def settle(store: Store, text: str, options: Options, **how: object) -> None:
    load(store, [prepare_file(text.encode(), "first.csv", options)[0]], user="Ann", **how)  # type: ignore[arg-type]


def test_an_ambiguous_order_of_dates_is_settled_once(store: Store) -> None:
    assert read(store, DATES).conventions["created_date"].ambiguous
    settle(store, DATES, Options(date_order="dmy"))
    again = read(store, DATES.replace("03/04", "07/08"), "next.csv")
    assert again.remembered
    assert again.conventions["created_date"].date_order == "dmy"
    load(store, [again])
    days = store.rows("select created_date from opportunity_version where valid_to is null order by all")
    assert days == [(dt.date(2026, 6, 5),), (dt.date(2026, 8, 7),)]


def test_table_columns_decimal_mark_and_attributes_are_remembered(store: Store) -> None:
    columns = {"opportunity_id": "Nr", "stage": "Wo es steht", "amount": "Wert"}
    told = Options("opportunities", columns=columns, decimal=",", attributes="none")
    settle(store, STRANGE, told)
    again = read(store, STRANGE.replace("1.500", "7.125"))
    assert (again.table_name, dict(again.mapping.columns), again.parts) == ("opportunities", columns, ())
    assert again.options == told
    load(store, [again])
    amounts = store.rows("select cast(amount as integer) from opportunity_version where valid_to is null order by all")
    assert amounts == [(2250,), (7125,)]


def test_without_a_correction_nothing_is_remembered(store: Store) -> None:
    settle(store, DATES, Options(as_of=dt.date(2026, 6, 1), complete=True))
    assert memory.remembered(store) == []
    assert not read(store, DATES).remembered


def test_a_preview_and_a_load_that_fails_teach_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    settle(store, DATES, Options(date_order="dmy"), dry_run=True)
    assert memory.remembered(store) == []

    def failing(*_: object) -> list[Finding]:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("tas_analytics.ingest.loading.accounting.judge_load", failing)
    with pytest.raises(RuntimeError):
        settle(store, DATES, Options(date_order="dmy"))
    assert memory.remembered(store) == []


def test_the_last_word_replaces_the_one_before(store: Store) -> None:
    settle(store, DATES, Options(date_order="dmy"))
    settle(store, DATES, Options(date_order="mdy"))
    (one,) = memory.remembered(store)
    assert one.options.date_order == "mdy"
    assert (one.file_name, one.table_name, one.by) == ("first.csv", "opportunities", "Ann")


def test_what_is_remembered_is_not_dated_anew_each_time_it_is_used(store: Store) -> None:
    settle(store, DATES, Options(date_order="dmy"))
    (before,) = memory.remembered(store)
    load(store, [read(store, DATES.replace("10", "11"))], user="Bob")
    assert memory.remembered(store) == [before]


def test_what_is_said_of_one_thing_leaves_the_rest_as_settled(store: Store) -> None:
    settle(store, DATES, Options(date_order="dmy"))
    again = read(store, DATES, options=Options(as_table="opportunities", attributes="none"))
    assert (again.options.date_order, again.options.attributes) == ("dmy", "none")
    other = read(store, DATES, options=Options(columns={"opportunity_id": "opportunity_id", "stage": "stage"}))
    assert other.options.date_order is None, "new columns are a new settlement"
    assert not other.remembered


def test_headers_in_another_order_and_spelling_are_the_same_file(store: Store) -> None:
    columns = {"opportunity_id": "Nr", "stage": "Wo es steht"}
    settle(store, STRANGE, Options("opportunities", columns=columns))
    again = read(store, "wert;FARBE;nr;wo_es_steht\n5;rot;U9;Phase C\n")
    assert dict(again.mapping.columns) == {"opportunity_id": "nr", "stage": "wo_es_steht"}


def test_other_headers_are_another_file(store: Store) -> None:
    settle(store, DATES, Options(date_order="dmy"))
    assert not read(store, DATES.replace("created_date", "close_date")).remembered


@pytest.mark.parametrize(
    "content",
    ['{"table": "no_such_table"}', '{"table": "opportunities", "columns": {"stage": "Gone"}}', '{"columns": 3}', "[]"],
)
def test_what_no_longer_fits_is_left_aside(store: Store, content: str) -> None:
    settle(store, DATES, Options(date_order="dmy"))
    with store.transaction() as cursor:
        cursor.execute("update mapping set options = cast($content as json)", {"content": content})
    again = read(store, DATES)
    assert again.table_name == "opportunities"
    assert not again.remembered
    assert load(store, [again])[0].loaded_rows == 2


def test_forgetting(store: Store) -> None:
    settle(store, DATES, Options(date_order="dmy"))
    mark = read(store, DATES).fingerprint
    found = memory.find(store, mark)
    assert found is not None
    assert found.options == Options("opportunities", date_order="dmy")
    assert memory.forget(store, mark)
    assert not memory.forget(store, mark)
    assert memory.find(store, mark) is None
    assert not read(store, DATES).remembered


def test_undoing_the_load_keeps_what_was_settled(store: Store) -> None:
    """The load may be undone because its file was wrong; how such files are read was not."""
    settle(store, DATES, Options(date_order="dmy"))
    loader.undo(store, 1)
    assert read(store, DATES).conventions["created_date"].date_order == "dmy"


def test_each_sheet_of_a_workbook_has_its_own_memory(store: Store) -> None:
    book = workbook(
        Deals=[["Nr", "Wo es steht", "Wert"], ["U1", "Phase A", 10]], People=[["person", "manager"], ["Ann", "Bo"]]
    )
    settle(store, "Nr;Wo es steht;Wert\nU1;Phase A;1\n", Options("opportunities", columns={"stage": "Wo es steht"}))
    found = prepare_file(book, "book.xlsx", recall=memory.recall(store))
    assert [(one.table_name, one.remembered) for one in found] == [("opportunities", True), ("people", False)]
