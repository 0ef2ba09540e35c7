"""The tab Upload: what it says of files, what corrections do, what is remembered, and cancelling."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tas_analytics.ingest.planning import memory
from tas_analytics.store import Store
from tas_analytics.ui import data_upload_work, jobs
from tests.app.conftest import Visitor, everything
from tests.app.stores import DEALS
from tests.ingest.files import workbook

GOOD = (DEALS + "D1,One,Acme,Ann,Proof,10,2026-12-10,2026-10-01\n").encode()
DATES = b"opportunity_id,stage,created_date,Shade\nD1,Proof,03/04/2026,dark\nD2,Proof,05/06/2026,\n"


class Desk:
    """Somebody at the tab Upload of a store of their own."""

    def __init__(self, visitor: Visitor, store: Store) -> None:
        self.store = store
        self.app: AppTest = visitor.open("data", data="own", tab="Upload")
        self.files: list[tuple[str, bytes, str]] = []

    def drop(self, **files: bytes) -> Desk:
        self.files = [(name.replace("__", "."), data, "") for name, data in files.items()]
        self.app.file_uploader[0].set_value(self.files)
        return self.run()

    def run(self) -> Desk:
        """Draw the page until nothing is going on in the background."""
        for _ in range(100):
            self.app.run()
            assert not self.app.exception
            if "cancel-job" not in self.keys:
                return self
            time.sleep(0.1)
        raise AssertionError("the job does not end")

    def press(self, key: str) -> Desk:
        self.app.button(key=key).click()
        return self.run()

    def pick(self, prefix: str, value: Any) -> Desk:
        (box,) = [box for box in self.app.selectbox if (box.key or "").startswith(prefix)]
        box.set_value(value)
        return self.run()

    @property
    def text(self) -> str:
        return everything(self.app).replace("\\", "")

    @property
    def corrections(self) -> str:
        """The label under which the columns are corrected."""
        return next(one.label for one in self.app.expander if one.label.startswith("Check and correct"))

    @property
    def keys(self) -> set[str]:
        return {button.key or "" for button in self.app.button}


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shelf: Any) -> Iterator[Desk]:
    monkeypatch.setenv("TAS_STORE", str(tmp_path / "own.duckdb"))
    monkeypatch.setenv("TAS_SAMPLE_STORE", str(shelf.path("sample")))
    store = Store.open(tmp_path / "own.duckdb")
    yield Desk(Visitor(store.path, shelf.path("sample")), store)
    store.close()


def test_a_file_is_looked_at_and_loaded(desk: Desk) -> None:
    desk.drop(a__csv=GOOD)
    assert "a.csv: 1 row of opportunities" in desk.text
    assert "1 row ready" in desk.text
    assert desk.store.rows("select 1 from load") == []
    desk.press("load")
    assert "1 new" in desk.text
    assert len(desk.store.rows("select 1 from load")) == 1
    assert not desk.app.file_uploader[0].value, "the place is free for the next files"


def test_what_comes_along_is_said_and_can_be_left_out(desk: Desk) -> None:
    desk.drop(a__csv=DATES)
    assert "Also 1 attribute from 1 unused column." in desk.text
    (toggle,) = desk.app.toggle
    toggle.set_value(False)
    desk.run()
    assert "Also" not in desk.text
    assert "not used: Shade" in desk.text
    desk.press("load")
    assert desk.store.rows("select table_name from load") == [("opportunities",)]


def test_every_table_of_a_workbook_has_a_card(desk: Desk) -> None:
    book = workbook(Deals=[["Id", "Name", "Amount", "Stage"], ["1", "A", 3, "Proof"]], People=[["person"], ["Ann"]])
    desk.drop(book__xlsx=book, a__csv=GOOD)
    assert "book.xlsx › Deals: 1 row of opportunities" in desk.text
    assert "book.xlsx › People: 1 row of people and teams" in desk.text
    assert desk.app.button(key="load").label == "Load 3 tables of 2 files"
    assert len([box for box in desk.app.checkbox if (box.key or "").startswith("complete-")]) == 2, "one for each file"


def test_a_correction_is_remembered_said_and_forgotten(desk: Desk) -> None:
    desk.drop(a__csv=DATES)
    assert "please do" in desk.corrections
    desk.pick("order-", "dmy").press("load").press("close-result")
    desk.drop(b__csv=DATES.replace(b"03/04", b"07/08"))
    assert "Read as you settled on" in desk.text
    assert "at a.csv" in desk.text
    assert "please do" not in desk.corrections
    desk.press("forget-0")
    assert "Read as you settled on" not in desk.text
    assert "please do" in desk.corrections
    assert memory.remembered(desk.store) == []


def test_a_new_correction_replaces_the_remembered_one(desk: Desk) -> None:
    desk.drop(a__csv=DATES).pick("order-", "dmy").press("load").press("close-result")
    desk.drop(b__csv=DATES.replace(b"03/04", b"07/08")).pick("order-", "mdy")
    assert "Read as you settled on" not in desk.text, "it is being settled anew"
    desk.press("load")
    (one,) = memory.remembered(desk.store)
    assert one.options.date_order == "mdy"


def test_an_unknown_file_asks_what_it_holds(desk: Desk) -> None:
    desk.drop(a__csv=b"Nummer;Wo er steht\nU1;Phase A\n")
    assert "load" not in desk.keys
    desk.pick("table-", "opportunities")
    assert "a.csv: 1 row of opportunities" in desk.text
    assert "please do" in desk.corrections


def test_a_refused_file_holds_up_no_other(desk: Desk) -> None:
    desk.drop(p__png=b"\x89PNG\r\n\x1a\n" + bytes(64), a__csv=GOOD)
    assert "✕ " in desk.text
    assert "1 file will be left out" in desk.text
    told = desk.text[desk.text.index("Left out") :]
    assert "p.png" in told[:200]
    # Once the rest is loaded, what was left out is still said, with its reason.
    desk.press("load")
    assert "1 file loaded" in desk.text
    assert desk.text.count("p.png") == 1


def test_of_weekly_exports_the_newest_speaks_for_all(desk: Desk) -> None:
    rows = "D{0},One,Acme,Ann,Proof,10,2025-12-10,2025-10-01\n"
    late = {month: (DEALS + "".join(map(rows.format, range(month)))).encode() for month in (3, 1, 2)}
    desk.drop(**{f"d_2026-0{month}-02__csv": text for month, text in late.items()})
    assert desk.text.count("open past") == 1
    assert "3 deals open past their close date" in desk.text
    assert "d_2026-03-02.csv, the newest of 3 exports alike" in desk.text


class Gate:
    """Holds up the reading of files until a test opens it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        self.opened, self.entered = threading.Event(), threading.Event()
        plain = getattr(data_upload_work, name)

        def held(*args: Any, **kwargs: Any) -> Any:
            self.entered.set()
            while not self.opened.wait(0.02):
                told = kwargs.get("progress")
                if told is not None:
                    told(1, 2) if name == "prepare_file" else told("Held up", 0.5)
            return plain(*args, **kwargs)

        monkeypatch.setattr(data_upload_work, name, held)


def drop_and_wait(desk: Desk, gate: Gate, **files: bytes) -> None:
    desk.app.file_uploader[0].set_value([(name.replace("__", "."), data, "") for name, data in files.items()])
    desk.app.run()
    assert gate.entered.wait(20)


def test_reading_shows_a_bar_and_can_be_cancelled(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "PATIENCE", 0.1)
    gate = Gate(monkeypatch, "prepare_file")
    drop_and_wait(desk, gate, a__csv=GOOD)
    assert {"cancel-job"} <= desk.keys
    assert "load" not in desk.keys
    desk.press("cancel-job")
    assert "Cancelled: nothing was loaded" in desk.text
    gate.opened.set()
    desk.press("out-cancelled")
    assert "a.csv: 1 row of opportunities" in desk.text


def test_loading_can_be_cancelled_and_leaves_the_files_there(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "PATIENCE", 0.1)
    desk.drop(a__csv=GOOD)
    gate = Gate(monkeypatch, "load")
    desk.app.button(key="load").click()
    desk.app.run()
    assert gate.entered.wait(20)
    assert "cancel-job" in desk.keys
    desk.press("cancel-job")
    assert "Cancelled: nothing was loaded" in desk.text
    assert desk.store.rows("select 1 from load") == []
    gate.opened.set()
    desk.press("load")
    assert len(desk.store.rows("select 1 from load")) == 1


def test_a_load_goes_on_while_another_page_is_looked_at(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "PATIENCE", 0.1)
    desk.drop(a__csv=GOOD)
    gate = Gate(monkeypatch, "load")
    desk.app.button(key="load").click()
    desk.app.run()
    desk.app.switch_page("pages/help/glossary.py").run()
    gate.opened.set()
    for _ in range(100):
        if desk.store.rows("select 1 from load"):
            break
        time.sleep(0.1)
    desk.app.switch_page("pages/data/data.py")
    desk.run()
    assert "1 new" in desk.text


def test_markup_in_names_and_headers_stays_words(desk: Desk) -> None:
    text = DEALS.replace("name", ":red[name]") + "D1,*One*,Acme,Ann,Proof,10,2026-12-10,2026-10-01\n"
    desk.drop(**{"[x](http://evil.example)__csv": text.encode()})
    assert "\\[x\\]\\(http\\:" in everything(desk.app)


def test_uploaded_files_lie_beside_the_store_and_are_swept_away(desk: Desk) -> None:
    folder = data_upload_work.folder_of(desk.store.path)
    desk.drop(a__csv=GOOD, b__csv=DATES)
    assert sorted(path.read_bytes() for path in folder.rglob("*") if path.is_file()) == sorted([GOOD, DATES])
    assert sys.platform == "win32" or folder.stat().st_mode & 0o077 == 0, "readable for its owner only"
    desk.drop(a__csv=GOOD)
    assert len([path for path in folder.rglob("*") if path.is_file()]) == 1
    data_upload_work.sweep(desk.store.path)
    assert not folder.exists()
    data_upload_work.sweep(desk.store.path)


def test_no_room_for_a_file_is_said_in_words(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copyfileobj", full)
    desk.drop(a__csv=GOOD)
    assert "✕ The files cannot be written beside the store: No space left on device" in desk.text
