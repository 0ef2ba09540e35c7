"""load and mapping: every kind of file, several tables a file, what comes along, memory, progress, cancelling."""

from __future__ import annotations

import io
import json
import os
import signal
import sys
import threading
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tas_analytics.commands.progress import Progress
from tas_analytics.ingest.loading import deriving
from tas_analytics.relay import CANCELLED
from tas_analytics.store.database import Interrupted
from tests.cli.conftest import Command, mentions_no_traceback
from tests.ingest.files import workbook

HUBSPOT = (
    "Record ID,Deal Name,Deal Stage,Pipeline,Amount,Close Date,Create Date,Date entered Qualify (Sales),Shade\n"
    "1,One,Qualify,Sales,10,2026-06-30,2026-01-02,2026-01-05,dark\n"
    "2,Two,Proof,Sales,20,2026-06-30,2026-01-03,2026-01-07,\n"
    "3,Three,Proof,Sales,a lot,2026-06-30,2026-01-03,not a day,light\n"
)


@pytest.fixture
def hubspot(tmp_path: Path) -> Path:
    path = tmp_path / "hubspot_2026-02-02.csv"
    path.write_text(HUBSPOT)
    return path


def reconciles(result: dict[str, Any]) -> bool:
    return bool(result["rows_in_file"] == sum(result["loaded"].values()) + result["rejected"])


def test_what_comes_along_is_told_with_the_same_keys_and_reconciles(tas: Command, hubspot: Path) -> None:
    found = tas("load", hubspot, "--json")
    assert found.code == 1, "a row was rejected"
    (deals,) = found.json
    assert (deals["part"], deals["table"]) == (None, "opportunities")
    parts = {part["part"]: part for part in deals["also"]}
    assert {part["table"] for part in parts.values()} == {"history", "attributes"}
    for one in (deals, *parts.values()):
        assert reconciles(one)
        assert one.keys() == deals.keys()
    assert parts["Attributes"]["rows_in_file"] == 2
    assert deals["rejected"] == 1
    assert "a lot" in Path(deals["rejects_file"]).read_text(encoding="utf-8-sig")
    assert "Shade" not in deals["left_out"], "it is an attribute now"


def test_rejected_rows_of_what_came_along_are_written_too(tas: Command, hubspot: Path) -> None:
    (deals,) = tas("load", hubspot, "--json").json
    (history,) = [part for part in deals["also"] if part["table"] == "history"]
    assert history["rejected"] == 1
    assert "not a day" in Path(history["rejects_file"]).read_text(encoding="utf-8-sig")


def test_people_read_the_same_in_words(tas: Command, hubspot: Path) -> None:
    found = tas("load", hubspot, "--dry-run")
    assert "also 2 attributes from 1 unused column: 2 new, 0 changed" in found.out
    assert "also 3 stage dates as history: 2 new, 0 changed, 1 rejected" in found.out
    found = tas("load", hubspot)
    assert "rejected rows of stage dates:" in found.out


def test_attributes_can_be_left_out(tas: Command, hubspot: Path) -> None:
    (deals,) = tas("load", hubspot, "--attributes", "none", "--json").json
    assert {part["table"] for part in deals["also"]} == {"history"}
    assert "Shade" in deals["left_out"]
    refused = tas("load", hubspot, "--attributes", "some")
    assert (refused.code, refused.out) == (2, "")


def test_every_table_of_a_workbook_is_loaded_and_undone_by_itself(tas: Command, tmp_path: Path) -> None:
    path = tmp_path / "book_2026-02-02.xlsx"
    path.write_bytes(
        workbook(Deals=[["Id", "Name", "Amount", "Stage"], ["1", "A", 3, "Proof"]], People=[["person"], ["Ann"]])
    )
    found = tas("load", path, "--json")
    assert [(one["table"], one["file"]) for one in found.json] == [
        ("opportunities", f"{path.name} › Deals"),
        ("people", f"{path.name} › People"),
    ]
    assert all(reconciles(one) for one in found.json)
    assert tas("undo", found.json[1]["load_id"]).code == 0
    assert tas("measure", "deals", "--format", "json").json == [{"deals": 1}]


def test_a_folder_stands_for_all_that_can_be_loaded_in_it(tas: Command, tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    (folder / "more").mkdir(parents=True)
    (folder / ".hidden").mkdir()
    deals = "opportunity_id,stage\n{},Proof\n"
    (folder / "a_2026-02-02.csv").write_text(deals.format("A"))
    (folder / "more" / "b_2026-02-02.TSV").write_text("opportunity_id\tstage\nB\tProof\n")
    (folder / "c_2026-02-02.xlsx").write_bytes(workbook(Deals=[["opportunity_id", "stage"], ["C", "Proof"]]))
    with zipfile.ZipFile(folder / "d.zip", "w") as archive:
        archive.writestr("d_2026-02-02.csv", deals.format("D"))
    for hidden in (".e.csv", "~$c_2026-02-02.xlsx", ".hidden/f.csv", "notes.md", "picture.png"):
        (folder / hidden).write_text(deals.format("X"))
    found = tas("load", folder, "--json")
    assert (found.code, found.err) == (0, "")
    assert len(found.json) == 4
    assert tas("measure", "deals", "--format", "json").json == [{"deals": 4}]


def test_what_a_folder_holds_besides_is_left_out_by_name_with_the_reason(tas: Command, tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    (folder / "a_2026-02-02.csv").write_text("opportunity_id,stage\nA,Proof\n")
    (folder / "palette.csv").write_text("Colour,Shade\nred,dark\nblue,pale\n")
    (folder / "nothing.csv").write_text("")
    found = tas("load", folder, "--json")
    assert found.code == 1
    assert [one["file"] for one in found.json] == ["a_2026-02-02.csv"]
    said = [line for line in found.err.splitlines() if line.startswith("Left out: ")]
    assert ["nothing.csv" in said[0], "palette.csv" in said[1], len(said)] == [True, True, 2]
    assert tas("load", folder / "palette.csv", folder / "a_2026-02-02.csv").code == 2, "what is named is meant"


def test_a_folder_without_exports_says_what_is_taken(tas: Command, tmp_path: Path) -> None:
    (tmp_path / "only").mkdir()
    found = tas("load", tmp_path / "only")
    assert (found.code, found.out) == (2, "")
    assert ".xlsx" in found.err


def test_a_mapping_is_written_changed_and_used(tas: Command, tmp_path: Path) -> None:
    path, target = tmp_path / "odd.csv", tmp_path / "odd.json"
    path.write_text("Ref;Phase X;Worth;Closes\nD1;Proposal;1.000,50;03/04/2026\n")
    found = tas("mapping", path, "--as", "opportunities", "--out", target)
    assert (found.code, found.out) == (0, "")
    assert "stage was taken from “Phase X”. Please check." in found.err
    told = json.loads(target.read_text())
    told["columns"] = {"opportunity_id": "Ref", "stage": "Phase X", "amount": "Worth"}
    target.write_text(json.dumps(told | {"decimal": ","}))
    (result,) = tas("load", path, "--mapping", target, "--as-of", "2026-02-02", "--json").json
    assert (result["amount_loaded"], result["mapping"]) == (1000.5, told["columns"])
    printed = tas("mapping", path)
    assert json.loads(printed.out)["columns"] == told["columns"], "it is remembered from now on"


def test_a_mapping_says_what_cannot_be_read_or_written(tas: Command, hubspot: Path, tmp_path: Path) -> None:
    for words in (("mapping", tmp_path / "none.csv"), ("mapping", hubspot, "--out", tmp_path / "no" / "m.json")):
        found = tas(*words)
        assert (found.code, found.out) == (2, "")
        assert mentions_no_traceback(found)
    assert tas("loads", "--json").json == []


def test_a_correction_is_remembered_for_the_next_file(tas: Command, tmp_path: Path) -> None:
    mapping = tmp_path / "m.json"
    mapping.write_text(json.dumps({"columns": {"opportunity_id": "id", "stage": "stage", "name": "b"}}))
    (tmp_path / "one_2026-02-02.csv").write_text("id,a,b,stage\nD1,wrong,right,Proof\n")
    tas("load", tmp_path / "one_2026-02-02.csv", "--mapping", mapping, "--as", "opportunities")
    (tmp_path / "two_2026-02-09.csv").write_text("id,a,b,stage\nD1,wrong,better,Proof\n")
    (result,) = tas("load", tmp_path / "two_2026-02-09.csv", "--json").json
    assert result["mapping"]["name"] == "b"


class Slow:
    """A clock that a test turns by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_bar_shows_only_what_takes_time_and_goes_away() -> None:
    screen, clock = io.StringIO(), Slow()
    with Progress(screen, clock) as progress:
        progress.tell("Loading a.csv: 5 rows", 0.5)
        assert screen.getvalue() == "", "nothing flashes"
        clock.now = 3.0
        progress.tell("Loading a.csv: 5 rows", 0.5)
        assert screen.getvalue() == "\r[############............] Loading a.csv: 5 rows, 3 s"
        clock.now = 3.01
        progress.tell("Loading a.csv: 5 rows", 0.6)
        assert screen.getvalue().count("\r") == 1, "not oftener than anybody can read"
    assert screen.getvalue().endswith(" \r")


def test_nothing_is_drawn_where_no_terminal_is(tas: Command, deals: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tas_analytics.commands.progress.PATIENCE", -1.0)
    assert tas("load", deals).err == ""


@pytest.mark.parametrize("kind", [KeyboardInterrupt(), Interrupted("The work was interrupted", "")], ids=repr)
def test_cancelling_leaves_nothing_behind(
    tas: Command, deals: Path, monkeypatch: pytest.MonkeyPatch, kind: BaseException
) -> None:
    before = tas("check", "--json").json

    def interrupted(*_: object, **__: object) -> None:
        raise kind

    monkeypatch.setattr(deriving, "derive", interrupted)
    found = tas("load", deals)
    assert (found.code, found.out) == (2, "")
    assert "Cancelled: nothing was loaded." in found.err
    monkeypatch.undo()
    assert tas("check", "--json").json == before
    assert tas("load", deals).code == 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")
def test_ctrl_c_in_the_middle_of_a_statement_ends_it(
    tas: Command, deals: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def long(cursor: Any, *_: object, **__: object) -> None:
        threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
        cursor.execute("select sum(range % 7) from range(30000000000)")

    monkeypatch.setattr(deriving, "derive", long)
    # A process that was started in the background may have been told to ignore it.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        found = tas("load", deals)
    finally:
        signal.signal(signal.SIGINT, before)
    assert found.code == 2
    assert "Cancelled: nothing was loaded." in found.err
    assert tas("loads", "--json").json == []


@pytest.mark.parametrize("moment", ["reading", "loading"])
def test_a_load_carried_out_for_another_process_is_cancelled_from_there(
    tas: Command, deals: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    wish = threading.Event()

    def long(cursor: Any, *_: object, **__: object) -> None:
        wish.set()
        cursor.execute("select sum(range % 7) from range(30000000000)")

    monkeypatch.setattr(deriving, "derive", long)
    if moment == "reading":
        wish.set()
    token = CANCELLED.set(wish)
    try:
        found = tas("load", deals)
    finally:
        CANCELLED.reset(token)
    assert (found.code, found.out) == (2, "")
    assert "Cancelled: nothing was loaded." in found.err
    assert tas("loads", "--json").json == []
