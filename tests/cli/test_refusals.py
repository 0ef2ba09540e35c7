"""Wrong files: exit code 2, what, where and how to mend it, and nothing is loaded."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from tests.cli.conftest import Command, mentions_no_traceback, run

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20


def refused(tas: Command, *words: object) -> str:
    before = tas("check", "--json").out
    found = tas("load", *words)
    assert (found.code, found.out) == (2, "")
    assert mentions_no_traceback(found)
    assert len(found.err.strip().splitlines()) >= 2, "a title and a hint"
    assert tas("check", "--json").out == before
    assert tas("loads", "--json").json == []
    return found.err


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (PNG, "image"),
        (b"", "empty"),
        (b"   \n \n", "empty"),
        (b"opportunity_id,stage,amount\n", ""),
        (b"colour,shape\nred,round\nblue,square\n", "cannot be told"),
        (b"just one line of words", ""),
        (b"<html><body>Sign in</body></html>", ""),
        (b'{"deals": []}', ""),
        (b"\x00" * 500, ""),
        (b"PK\x03\x04broken", ""),
    ],
)
def test_a_file_that_is_no_export_is_refused(tas: Command, tmp_path: Path, data: bytes, says: str) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes(data)
    message = refused(tas, path)
    assert "export.csv" in message
    assert says in message


def test_a_zip_without_a_table_is_refused_by_name(tas: Command, tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("picture.png", b"\x89PNG\r\n\x1a\n" + bytes(50))
    assert "picture.png" in refused(tas, path)


def test_what_a_zip_holds_is_loaded(tas: Command, tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("deals.csv", "opportunity_id,stage\nD1,Qualify\n")
    assert tas("load", path).code == 0


def test_a_missing_file_is_refused(tas: Command, tmp_path: Path) -> None:
    assert "nowhere.csv" in refused(tas, tmp_path / "nowhere.csv")


def test_a_folder_without_csv_files_is_refused(tas: Command, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "no file that can be loaded" in refused(tas, tmp_path / "empty")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="this user may read every file")
def test_a_file_that_may_not_be_read_is_refused(tas: Command, deals: Path) -> None:
    deals.chmod(0)
    assert "cannot be read" in refused(tas, deals)


def test_one_wrong_file_keeps_the_right_ones_out(tas: Command, deals: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.csv"
    wrong.write_bytes(PNG)
    assert "wrong.csv" in refused(tas, deals, wrong)


@pytest.mark.parametrize("words", [["--as", "nonsense"], ["--source", "nonsense"], ["--as-of", "1850-01-01"]])
def test_options_that_mean_nothing_are_refused(tas: Command, deals: Path, words: list[str]) -> None:
    refused(tas, deals, *words)


def test_a_store_that_is_none_is_refused(tmp_path: Path, deals: Path) -> None:
    wrong = tmp_path / "store.duckdb"
    wrong.write_bytes(PNG)
    (tmp_path / "folder").mkdir()
    for store in (wrong, tmp_path / "folder", deals / "below" / "a" / "file.duckdb"):
        for words in (["load", deals], ["loads"], ["check"], ["measure", "deals"], ["undo", 1]):
            found = run("--store", store, *words)
            assert (found.code, found.out) == (2, ""), (store, words)
            assert mentions_no_traceback(found)
    assert wrong.read_bytes() == PNG


def test_an_export_that_cannot_be_written_is_refused(tas: Command, deals: Path) -> None:
    tas("load", deals)
    for name in ("deals.csv", "deals.xlsx", "deals.parquet"):
        found = tas("export", "opportunities", "--out", deals / name)
        assert (found.code, found.out) == (2, "")
        assert mentions_no_traceback(found)


def test_a_defect_of_ours_is_told_without_a_traceback(
    tas: Command, deals: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by nought")

    monkeypatch.setattr("tas_analytics.ingest.loading.loader.stage_rows", fail)
    monkeypatch.delenv("TAS_DEBUG", raising=False)
    message = refused(tas, deals)
    assert "ZeroDivisionError: by nought" in message
    assert "report" in message
