"""Files dropped in a folder: what is taken, when, and where it lies afterwards."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tas_analytics.errors import StoreProblem
from tas_analytics.ingest.loading.loader import LoadResult, load
from tas_analytics.ingest.planning.plan import Prepared
from tas_analytics.ingest.receiving import filing, inbox as module
from tas_analytics.ingest.receiving.inbox import QUIET, QUIET_IF_EMPTY, Inbox, Watcher, refused
from tas_analytics.store import Store
from tests.ingest.boxes import BAD, GOOD, LATER, PNG, Time, drop, found, loaded, settle
from tests.store.stores import contents, deals, load_text


def test_a_file_is_loaded_once_it_is_at_rest_and_moved_with_its_reports(box: Inbox, store: Store, clock: Time) -> None:
    path = drop(box, "deals_2026-02-02.csv", GOOD)
    assert box.look(store) == []
    clock.pass_by(QUIET / 2)
    assert box.look(store) == []
    clock.pass_by(QUIET / 2)
    (outcome,) = box.look(store)
    assert outcome.error is None
    assert not path.exists()
    assert deals(store, "opportunity_id", "amount") == [{"opportunity_id": "D1", "amount": 10}]
    name = "deals_2026-02-02.csv"
    assert loaded(box) == [name, f"{name}.report.json", f"{name}.report.txt"]
    assert outcome.moved_to is not None
    assert outcome.moved_to.read_text() == GOOD
    (report,) = json.loads(outcome.moved_to.with_name(f"{name}.report.json").read_text())
    assert (report["file"], report["table"], report["loaded"]["new"], report["load_id"]) == (
        name,
        "opportunities",
        1,
        1,
    )
    assert "1 new" in outcome.moved_to.with_name(f"{name}.report.txt").read_text()
    assert store.value("select loaded_by from load") == "inbox"
    assert box.look(store) == []


def test_a_file_that_grows_is_left_alone_until_it_stops(box: Inbox, store: Store, clock: Time) -> None:
    whole = drop(box, "deals_2026-02-02.csv", GOOD[:40])
    for length in range(60, len(GOOD), 20):
        assert box.look(store) == []
        clock.pass_by(QUIET * 0.9)
        whole.write_text(GOOD[:length])
    whole.write_text(GOOD)
    assert len(settle(box, store, clock)) == 1
    assert store.value("select count(*) from load") == 1


def test_an_empty_file_gets_more_time_to_be_filled(box: Inbox, store: Store, clock: Time) -> None:
    path = drop(box, "deals_2026-02-02.csv", "")
    assert settle(box, store, clock) == []
    path.write_text(GOOD)
    (outcome,) = settle(box, store, clock)
    assert outcome.error is None
    drop(box, "nothing.csv", "")
    (outcome,) = settle(box, store, clock, QUIET_IF_EMPTY)
    assert outcome.error is not None
    assert "empty" in outcome.error.title


@pytest.mark.parametrize(
    "name",
    ["a.csv.part", "a.csv.TMP", "a.csv.crdownload", ".a.csv", "~$a.csv", ".hidden/a.csv", "Thumbs.db", "mapping.json",
     "a.csv.mapping.json", "loaded/2026-01-01/a.csv", "refused/a.csv"],
)  # fmt: skip
def test_what_is_no_export_is_passed_over(box: Inbox, store: Store, clock: Time, name: str) -> None:
    path = drop(box, name, GOOD)
    assert settle(box, store, clock, 60) == []
    assert path.exists()
    assert box.waiting == []


def test_all_that_are_ready_are_one_batch_in_the_order_of_their_names(box: Inbox, store: Store, clock: Time) -> None:
    drop(box, "b.csv", LATER)
    drop(box, "A.csv", GOOD)
    drop(box, "people.csv", "person,manager\nAnn,Bea\n")
    settle(box, store, clock)
    assert store.rows("select file_name, batch_id from load order by load_id") == [
        ("A.csv", 1), ("b.csv", 1), ("people.csv", 1),
    ]  # fmt: skip
    # Of two files of one day the later one counts, and b comes behind A.
    assert deals(store, "amount") == [{"amount": 20}]


def test_a_batch_holds_no_more_than_memory_does(
    box: Inbox, store: Store, clock: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BATCH_BYTES", len(GOOD) + 10)
    for month in (1, 2, 3):
        drop(box, f"deals_2026-0{month}-03.csv", GOOD)
    assert [len(settle(box, store, clock)), len(box.look(store)), len(box.look(store))] == [1, 1, 1]
    assert store.value("select count(*) from load") == 3


def test_a_file_that_cannot_be_read_does_not_hold_up_the_others(box: Inbox, store: Store, clock: Time) -> None:
    drop(box, "a_picture.csv", PNG)
    drop(box, "deals_2026-02-02.csv", GOOD)
    drop(box, "words.txt", "nothing of use\n")
    outcomes = {outcome.path.name: outcome for outcome in settle(box, store, clock)}
    assert outcomes["deals_2026-02-02.csv"].error is None
    assert found(box, "refused") == sorted(
        name + end for name in ("a_picture.csv", "words.txt") for end in ("", ".report.json", ".report.txt")
    )
    assert (box.folder / "refused" / "a_picture.csv").read_bytes() == PNG
    text = (box.folder / "refused" / "a_picture.csv.report.txt").read_text()
    assert "a PNG image" in text
    assert "Export the list from the CRM as CSV" in text
    assert "put it into the inbox again" in text
    (report,) = json.loads((box.folder / "refused" / "a_picture.csv.report.json").read_text())
    (kept,) = json.loads(next((box.folder / "loaded").rglob("deals*.report.json")).read_text())
    assert list(report) == list(kept), "one shape for both"
    assert (report["verdict"], report["load_id"]) == ("refused", None)
    assert "PNG" in report["findings"][0]["text"]


def test_a_file_at_which_the_load_fails_is_found_and_the_others_are_loaded(
    box: Inbox, store: Store, clock: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = load

    def failing(store: Store, files: list[Prepared], **options: str) -> list[LoadResult]:
        if any(file.name == "bad.csv" for file in files):
            raise ZeroDivisionError("oh")
        return real(store, files, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "load", failing)
    drop(box, "bad.csv", LATER)
    drop(box, "deals_2026-02-02.csv", GOOD)
    outcomes = {outcome.path.name: outcome for outcome in settle(box, store, clock)}
    assert outcomes["deals_2026-02-02.csv"].error is None
    assert "ZeroDivisionError" in str(outcomes["bad.csv"].error)
    assert (box.folder / "refused" / "bad.csv").read_text() == LATER


@pytest.mark.parametrize(("error", "stays"), [(PermissionError(13, "held"), True), (OSError("no archive"), False)])
def test_a_file_that_another_program_holds_waits_and_a_damaged_one_is_refused(
    box: Inbox, store: Store, clock: Time, monkeypatch: pytest.MonkeyPatch, error: OSError, stays: bool
) -> None:
    path = drop(box, "deals_2026-02-02.csv", GOOD)

    def broken(*_: object, **__: object) -> list[Prepared]:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(module, "prepare_file", broken)
        outcomes = settle(box, store, clock)
    assert [outcome.error is not None for outcome in outcomes] == ([] if stays else [True])
    assert path.exists() is stays
    assert len(box.look(store)) == (1 if stays else 0)


def test_nothing_is_overwritten(box: Inbox, store: Store, clock: Time) -> None:
    for text in (GOOD, LATER, GOOD):
        drop(box, "deals.csv", text)
        settle(box, store, clock)
    for number in (1, 2):
        drop(box, "picture.csv", PNG + bytes([number]))
        settle(box, store, clock)
    texts = [path.read_text() for path in sorted((box.folder / "loaded").rglob("deals*.csv"))]
    assert sorted(texts) == sorted([GOOD, LATER, GOOD])
    assert [name for name in loaded(box) if name.endswith(".csv")] == ["deals (2).csv", "deals (3).csv", "deals.csv"]
    assert [name for name in found(box, "refused") if name.endswith(".csv")] == ["picture (2).csv", "picture.csv"]
    assert (box.folder / "refused" / "picture (2).csv").read_bytes() == PNG + bytes([2])
    assert (box.folder / "refused" / "picture (2).csv.report.txt").exists()


def test_rejected_rows_are_told_and_their_file_is_named(box: Inbox, store: Store, clock: Time) -> None:
    drop(box, "deals_2026-02-02.csv", BAD)
    (outcome,) = settle(box, store, clock)
    assert not outcome.clean
    (report,) = outcome.as_dicts()
    assert (report["rejected"], report["rows_in_file"]) == (1, 2)
    assert "lots" in Path(str(report["rejects_file"])).read_text(encoding="utf-8-sig")
    told = "\n".join(outcome.as_lines())
    assert "for example line 3, amount: “lots”" in told
    assert str(report["rejects_file"]) in told


def test_ended_between_load_and_move_the_file_is_loaded_again_and_changes_nothing(
    box: Inbox, store: Store, clock: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(box, "deals_2026-02-02.csv", GOOD)
    with monkeypatch.context() as patch:

        def killed(*_: object) -> Path:
            raise KeyboardInterrupt

        patch.setattr(module, "move", killed)
        with pytest.raises(KeyboardInterrupt):
            settle(box, store, clock)
    before = contents(store)
    (outcome,) = settle(Inbox(box.folder, clock=clock), store, clock)
    assert outcome.error is None
    assert "already loaded as load 1" in outcome.as_lines()[1]
    assert contents(store) == before
    assert store.value("select count(*) from load") == 1
    assert not (box.folder / "deals_2026-02-02.csv").exists()


def test_a_file_that_cannot_be_moved_is_loaded_once_and_moved_when_it_can_be(
    box: Inbox, store: Store, clock: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = drop(box, "deals_2026-02-02.csv", GOOD)
    with monkeypatch.context() as patch:

        def held(_self: Path, _to: Path) -> None:
            raise PermissionError(13, "held by another program")

        patch.setattr(Path, "rename", held)
        (outcome,) = settle(box, store, clock)
        assert outcome.moved_to is None
        for _ in range(3):
            assert settle(box, store, clock) == []
        assert path.exists()
        assert loaded(box) == [], "no report without its file"
    assert store.value("select count(*) from load") == 1
    box.look(store)
    assert not path.exists()
    assert "deals_2026-02-02.csv" in loaded(box)
    assert store.value("select count(*) from load") == 1


def test_a_file_written_to_while_it_is_loaded_is_loaded_again(
    box: Inbox, store: Store, clock: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = drop(box, "deals_2026-02-02.csv", GOOD)
    real = load

    def slow(store: Store, files: list[Prepared], **options: str) -> list[LoadResult]:
        results = real(store, files, **options)  # type: ignore[arg-type]
        path.write_text(LATER + "\n")
        return results

    with monkeypatch.context() as patch:
        patch.setattr(module, "load", slow)
        (outcome,) = settle(box, store, clock)
    assert outcome.moved_to is None
    assert path.exists()
    (outcome,) = settle(box, store, clock)
    assert outcome.moved_to is not None
    assert deals(store, "amount") == [{"amount": 20}]


def test_a_store_that_cannot_be_written_leaves_every_file_where_it_is(
    box: Inbox, store: Store, clock: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = drop(box, "deals_2026-02-02.csv", GOOD)

    def full(*_: object, **__: object) -> list[LoadResult]:
        raise StoreProblem("The disk is full", "Make room.")

    with monkeypatch.context() as patch:
        patch.setattr(module, "load", full)
        with pytest.raises(StoreProblem):
            settle(box, store, clock)
    assert path.exists()
    (outcome,) = box.look(store)
    assert outcome.error is None


def test_emptying_waits_for_what_is_still_being_written_but_not_for_ever(box: Inbox, store: Store, clock: Time) -> None:
    growing = drop(box, "growing.csv", "a")
    drop(box, "deals_2026-02-02.csv", GOOD)

    def wait(seconds: float) -> None:
        clock.pass_by(seconds)
        growing.write_text(growing.read_text() + "a")

    outcomes = box.empty(store, patience=5, wait=wait)
    assert [outcome.path.name for outcome in outcomes] == ["deals_2026-02-02.csv"]
    assert clock.now >= 5
    assert box.waiting == [growing]
    assert Inbox(box.folder.with_name("none")).create().empty(store) == []


def test_an_inbox_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreProblem, match="inbox"):
        Inbox(tmp_path / "file" / "inbox").create()


def test_the_watcher_loads_and_goes_on_after_a_failure(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "QUIET", 0.05)
    box = Inbox(tmp_path / "inbox")
    real, fail = box.look, threading.Event()
    fail.set()

    def look(store: Store) -> list[filing.Outcome]:
        if fail.is_set():
            fail.clear()
            raise RuntimeError("once")
        return real(store)

    monkeypatch.setattr(box, "look", look)
    watcher = Watcher(box, store, pause=0.02).start()
    try:
        assert box.folder.is_dir(), "the folder is there as soon as the watcher is"
        drop(box, "deals_2026-02-02.csv", GOOD)
        assert until(lambda: not (box.folder / "deals_2026-02-02.csv").exists())
    finally:
        watcher.stop()
    assert store.value("select count(*) from load") == 1


def until(true: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Wait for something; tells whether it came."""
    waiting = threading.Event()
    for _ in range(int(seconds / 0.02)):
        if true():
            return True
        waiting.wait(0.02)
    return False


def test_what_was_refused_last_can_be_listed(box: Inbox, store: Store, clock: Time) -> None:
    assert refused(box.folder, 5) == []
    drop(box, "picture.csv", PNG)
    settle(box, store, clock)
    drop(box, "refused/no.report.json", "{")
    (one,) = refused(box.folder, 5)
    assert (one.name, "PNG image" in one.why, "CSV" in one.mend) == ("picture.csv", True, True)
    assert refused(box.folder, 0) == []


def test_the_inbox_gives_what_the_command_gives(box: Inbox, store: Store, clock: Time, tmp_path: Path) -> None:
    drop(box, "deals_2026-02-02.csv", GOOD)
    settle(box, store, clock)
    other = Store.open(tmp_path / "other.duckdb")
    try:
        load_text(other, GOOD, "deals_2026-02-02.csv")
        assert contents(other) == contents(store)
    finally:
        other.close()
