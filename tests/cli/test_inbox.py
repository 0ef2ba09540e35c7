"""The inbox from the command line: for a scheduled job, with and without the dashboard."""

from __future__ import annotations

from pathlib import Path

import pytest

from tas_analytics.ingest.receiving import inbox as module
from tests.cli.conftest import Command, mentions_no_traceback, run
from tests.cli.test_processes import holder

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "QUIET", 0.05)


@pytest.fixture
def box(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


def test_the_inbox_lies_beside_the_store_and_an_empty_one_is_no_fault(tas: Command, tmp_path: Path) -> None:
    found = tas("inbox")
    assert (found.code, found.out) == (0, "")
    assert str(tmp_path / "inbox") in found.err
    assert (tmp_path / "inbox").is_dir()


def test_what_lies_there_is_loaded_and_moved(tas: Command, box: Path, deals: Path) -> None:
    deals.rename(box / deals.name)
    found = tas("inbox")
    assert found.code == 0
    assert "3 new" in found.out
    assert [path.name for path in (box / "loaded").rglob("*.csv")] == [deals.name]
    assert "inbox" in tas("loads", "--json").out


def test_a_refused_file_is_exit_code_one_and_the_others_are_loaded(tas: Command, box: Path, deals: Path) -> None:
    deals.rename(box / deals.name)
    (box / "picture.csv").write_bytes(PNG)
    found = tas("inbox", "--json")
    assert found.code == 1
    assert mentions_no_traceback(found)
    said = {report["file"]: report for report in found.json}
    assert said["picture.csv"]["verdict"] == "refused"
    assert said[deals.name]["loaded"]["new"] == 3
    assert (box / "refused" / "picture.csv").read_bytes() == PNG


def test_another_folder_can_be_named(
    tas: Command, tmp_path: Path, deals: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / deals.name).write_text(deals.read_text())
    monkeypatch.chdir(tmp_path)
    assert "3 new" in tas("inbox", "--folder", "one").out
    monkeypatch.setenv("TAS_INBOX", "two")
    assert "already loaded" in tas("inbox").out
    assert not list((tmp_path / "two").glob("*.csv"))


def test_an_inbox_that_is_off_is_refused(tas: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAS_INBOX", "off")
    found = tas("inbox")
    assert (found.code, found.out) == (2, "")
    assert "switched off" in found.err


def test_a_folder_that_cannot_be_made_is_refused(tas: Command, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    found = tas("inbox", "--folder", tmp_path / "file" / "inbox")
    assert found.code == 2
    assert mentions_no_traceback(found)


def test_the_dashboard_takes_the_inbox_of_the_one_who_asks(tmp_path: Path, box: Path, deals: Path) -> None:
    """The store is held by another process, which has another idea of where the inbox is."""
    store = tmp_path / "held.duckdb"
    deals.rename(box / deals.name)
    process = holder(store, "relay")
    try:
        found = run("--store", store, "inbox", "--folder", box, "--json")
    finally:
        process.kill()
        process.communicate()
    assert found.code == 0
    assert [report["loaded"]["new"] for report in found.json] == [3]
    assert not (box / deals.name).exists()
