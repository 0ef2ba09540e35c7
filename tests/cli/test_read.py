"""``read``: the tables of a file as clean CSV, with every decision told, and nothing lost on the way."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from tests.cli.conftest import mentions_no_traceback, run

HEADER = ["Id", "Name", "Amount", "Close Date"]
ROWS = [[f"D-{n}", f"Deal, {n}", f"{n}00.50", f"2026-03-{n:02d}"] for n in range(1, 21)]


def written(rows: list[list[str]], delimiter: str = ",") -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n", delimiter=delimiter).writerows(rows)
    return text.getvalue()


def back(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, strict=True))


def test_a_file_is_written_as_clean_csv(tmp_path: Path) -> None:
    source, target = tmp_path / "deals.txt", tmp_path / "clean" / "deals.csv"
    source.write_bytes(written([HEADER, *ROWS], delimiter=";").encode("utf-16"))
    found = run("read", source, "--out", target, "--json")
    assert (found.code, found.err) == (0, "")
    (report,) = found.json
    assert report["file"] == "deals.txt"
    assert report["written"] == str(target)
    assert (report["encoding"], report["delimiter"], report["quote"], report["escape"]) == ("utf-16-le", ";", '"', '"')
    assert (report["header_line"], report["columns"]) == (1, HEADER)
    assert (report["rows_in_file"], report["rows"], report["unplaced"]) == (20, 20, [])
    assert {note["kind"] for note in report["notes"]} >= {"encoding", "delimiter", "header"}
    assert back(target) == [HEADER, *ROWS]
    assert target.read_bytes().startswith(b"Id,Name,Amount,Close Date\r\n")


def test_cells_stand_as_they_were_read(tmp_path: Path) -> None:
    rows = [["1", "=1+1", "  two blanks "], ["2", 'a "quote"', "line\nend"], ["3", "+49 30", "@home"]]
    source = tmp_path / "a.csv"
    source.write_text(written([["Id", "Formula", "Text"], *rows]), encoding="utf-8")
    assert run("read", source, "--out", tmp_path / "b.csv").code == 0
    assert back(tmp_path / "b.csv")[1:] == rows


def test_a_repaired_row_is_told_with_its_line(tmp_path: Path) -> None:
    text = written([HEADER, *ROWS]).replace("900.50,2026", "900.502026", 1)
    source = tmp_path / "a.csv"
    source.write_text(text, encoding="utf-8")
    found = run("read", source, "--out", tmp_path / "b.csv", "--json")
    assert found.code == 0
    assert [note["lines"] for note in found.json[0]["notes"] if note["kind"] == "repair"] == [[10]]
    assert back(tmp_path / "b.csv") == [HEADER, *ROWS]


def test_a_row_without_a_place_is_written_as_read_and_told(tmp_path: Path) -> None:
    lines = written([HEADER, *ROWS]).splitlines()
    lines.insert(5, "D-77,who,knows,what,this,is")
    source = tmp_path / "a.csv"
    source.write_text("\n".join(lines), encoding="utf-8")
    found = run("read", source, "--out", tmp_path / "b.csv", "--json")
    assert found.code == 1
    (lost,) = found.json[0]["unplaced"]
    assert (lost["line"], lost["row"]) == (6, ["D-77", "who", "knows", "what", "this", "is"])
    assert "6 cells" in lost["reason"]
    assert back(tmp_path / "b.csv") == [HEADER, *ROWS[:4], lost["row"], *ROWS[4:]]


def test_without_a_header_none_is_invented(tmp_path: Path) -> None:
    source = tmp_path / "a.csv"
    source.write_text(written(ROWS), encoding="utf-8")
    found = run("read", source, "--out", tmp_path / "b.csv", "--json")
    assert found.json[0]["header_line"] == 0
    assert back(tmp_path / "b.csv") == ROWS


@pytest.mark.parametrize(
    ("text", "expected"), [("Id,Name,Amount\n", [["Id", "Name", "Amount"]]), ("", []), ("\n\n", [])]
)
def test_a_file_without_rows_is_no_error_here(text: str, expected: list[list[str]], tmp_path: Path) -> None:
    source = tmp_path / "a.csv"
    source.write_text(text, encoding="utf-8")
    found = run("read", source, "--out", tmp_path / "b.csv", "--json")
    assert (found.code, found.json[0]["rows"]) == (0, 0)
    assert "empty" in {note["kind"] for note in found.json[0]["notes"]}
    assert back(tmp_path / "b.csv") == expected


def test_two_tables_in_a_file_are_two_files(tmp_path: Path) -> None:
    second = [["Id", "Owner", "Region", "Name", "Since"], *([f"D-{n}", "Ann", "North", "x", "2026"] for n in range(5))]
    source = tmp_path / "a.csv"
    source.write_text(written([HEADER, *ROWS]) + written(second), encoding="utf-8")
    found = run("read", source, "--out", tmp_path / "b.csv", "--json")
    assert found.code == 0
    assert [table["rows"] for table in found.json] == [20, 5]
    assert back(tmp_path / "b.csv") == [HEADER, *ROWS]
    assert back(tmp_path / "b-2.csv") == second


def test_several_files_into_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(written([HEADER, *ROWS]), encoding="utf-8")
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress(written([HEADER, *ROWS[:5]]).encode()))
    folder = tmp_path / "out"
    found = run("read", tmp_path / "a.csv", tmp_path / "b.csv.gz", "--out", folder)
    assert found.code == 0
    assert "20 rows, 4 columns" in found.out
    assert sorted(path.name for path in folder.iterdir()) == ["a.csv", "b.csv.csv"]
    assert back(folder / "b.csv.csv") == [HEADER, *ROWS[:5]]


def test_a_refused_file_does_not_keep_the_others_from_being_read(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(written([HEADER, *ROWS]), encoding="utf-8")
    (tmp_path / "b.csv").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)))
    found = run("read", tmp_path / "b.csv", tmp_path / "nowhere.csv", tmp_path / "a.csv", "--json")
    assert found.code == 2
    assert [report.get("rows") for report in found.json] == [None, None, 20]
    assert "PNG" in found.json[0]["refused"]
    assert "nowhere.csv" in found.err
    assert mentions_no_traceback(found)


def test_a_file_is_never_written_over_itself(tmp_path: Path) -> None:
    source = tmp_path / "a.csv"
    text = written([HEADER, *ROWS], delimiter=";")
    source.write_text(text, encoding="utf-8")
    for target in (source, tmp_path):
        found = run("read", source, "--out", target)
        assert found.code == 2
        assert "over itself" in found.err
    assert source.read_text(encoding="utf-8") == text


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    source = tmp_path / "a.csv"
    source.write_text(written([HEADER, *ROWS]), encoding="utf-8")
    found = run("read", source, "--out", source / "b.csv")
    assert found.code == 2
    assert "cannot be written" in found.err
    assert mentions_no_traceback(found)


def test_in_words(tmp_path: Path) -> None:
    lines = [*written([HEADER, *ROWS]).splitlines(), *(f"X-{n},a,b,c,d,e" for n in range(8))]
    source = tmp_path / "a.csv"
    source.write_text("\n".join(lines), encoding="utf-8")
    found = run("read", source)
    assert found.code == 1
    assert found.out.startswith("a.csv: 20 rows, 4 columns\n")
    assert "Line 22 has no place: it has 6 cells where the header has 4" in found.out
    assert "… and 3 more rows without a place" in found.out


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(alphabet="ab1-, ;\"\n\r\t'\\|", max_size=160))
def test_nothing_that_a_file_says_is_lost(tmp_path: Path, text: str) -> None:
    """Every letter and digit of the file is in the CSV or in the report."""
    source, target = tmp_path / "a.csv", tmp_path / "b.csv"
    source.write_text("Id,Name,Amount\nA-1,bb,1.5\nA-2,ab,2.5\nA-3,ba,3.5\n" + text, encoding="utf-8", newline="")
    found = run("read", source, "--out", target, "--json")
    assert mentions_no_traceback(found)
    assert found.code in (0, 1)
    (report, *_) = found.json
    aside = "".join([*report["preamble"], *report["footer"]])
    for sign in "ab1":
        kept = sum(path.read_text(encoding="utf-8").count(sign) for path in tmp_path.glob("b*.csv")) + aside.count(sign)
        assert kept >= source.read_text(encoding="utf-8").count(sign)
    for path in tmp_path.glob("b*.csv"):
        path.unlink()
