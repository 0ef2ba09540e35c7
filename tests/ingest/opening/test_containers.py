"""Archives and files with the wrong ending: opened by content, and what is left out is said."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from tas_analytics.errors import UnreadableFile
from tas_analytics.ingest.opening import containers
from tas_analytics.ingest.opening.containers import read_file
from tests.ingest.files import (
    DEALS,
    MORE,
    PNG,
    compound,
    gzipped,
    locked_zip,
    old_workbook,
    open_document,
    workbook,
    zipped,
)  # fmt: skip
from tests.ingest.tables import cells, lines, said

ROWS = [["Id", "Name"], ["D-1", "First"], ["D-2", "Second"]]


def refusal(data: bytes, name: str = "deals.csv") -> UnreadableFile:
    with pytest.raises(UnreadableFile) as caught:
        read_file(data, name)
    assert f'"{name}' in caught.value.title
    assert caught.value.hint
    return caught.value


# --- plain text goes on as before ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["deals.csv", "deals.xlsx", "deals.xls", "deals.zip", "deals"])
def test_text_is_text_whatever_it_is_called(name: str) -> None:
    (table,) = read_file(DEALS.encode(), name)
    assert (table.name, table.part, table.encoding, table.delimiter) == (name, "", "utf-8", ",")
    assert cells(table) == [["D-1", "First", "10"], ["D-2", "Second", "20"]]


def test_tab_text_called_xls() -> None:
    (table,) = read_file(DEALS.replace(",", "\t").encode("utf-16"), "report.xls")
    assert (table.encoding, table.delimiter, table.rows_in_file) == ("utf-16-le", "\t", 2)


def test_a_path_reads_as_its_bytes_do(tmp_path: Path) -> None:
    for name, data in (
        ("a.csv", DEALS.encode()),
        ("b.zip", zipped({"x.csv": DEALS})),
        ("c.csv", gzipped(DEALS)),
        ("d.csv", workbook(S=ROWS)),
        ("e.xlsx", old_workbook(ROWS)),
        ("f.xls", open_document(ROWS)),
        ("g.xls", b"<table><tr><th>Id<th>Name<tr><td>1<td>a</table>"),
    ):
        path = tmp_path / name
        path.write_bytes(data)
        (by_path,), (by_bytes,) = read_file(path, name), read_file(data, name)
        assert by_path == by_bytes
        path.unlink()  # nothing holds the file open


def test_a_file_that_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere.zip", tmp_path):
        with pytest.raises(UnreadableFile, match="cannot be opened"):
            read_file(path, "deals.zip")


def test_progress_is_told_of_text() -> None:
    told: list[tuple[object, ...]] = []
    (table,) = read_file(zipped({"x.csv": DEALS}), "x.zip", progress=lambda *words: told.append(words))
    assert table.rows_in_file == 2
    assert told


def test_progress_of_a_workbook_rises_and_can_cancel() -> None:
    rows = [["Id", "Name"], *([f"D-{n}", "a"] for n in range(12_000))]
    data = workbook(One=rows, Two=ROWS)
    told: list[tuple[int, int]] = []
    assert len(read_file(data, "x.xlsx", progress=lambda done, size: told.append((done, size)))) == 2
    assert [done for done, _ in told] == sorted({done for done, _ in told})
    assert told[-1] == (len(data), len(data))

    def cancel(done: int, size: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read_file(data, "x.xlsx", progress=cancel)


# --- gzip ------------------------------------------------------------------------------------------------------------


def test_gzip_of_a_western_semicolon_file() -> None:
    text = "Nr;Verkäufer;Betrag\n" + "".join(f"{n};Jürgen Groß;{n},50 €\n" for n in range(1, 20))
    (table,) = read_file(gzipped(text.encode("cp1252")), "umsatz.csv.gz")
    assert (table.name, table.part, table.encoding, table.delimiter) == ("umsatz.csv.gz", "", "cp1252", ";")
    assert cells(table)[0] == ["1", "Jürgen Groß", "1,50 €"]


def test_gzip_in_two_members_is_one_file() -> None:
    (table,) = read_file(gzipped(DEALS) + gzipped("D-3,Third,30\n"), "deals.csv.gz")
    assert table.rows_in_file == 3


def test_gzip_of_a_workbook() -> None:
    (table,) = read_file(gzipped(workbook(S=ROWS)), "deals.xlsx.gz")
    assert (table.name, table.part, table.encoding) == ("deals.xlsx.gz", "S", "xlsx")


def test_a_tar_archive_is_refused_by_name() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        entry = tarfile.TarInfo("deals.csv")
        entry.size = len(DEALS)
        archive.addfile(entry, io.BytesIO(DEALS.encode()))
    assert "is a tar archive" in refusal(out.getvalue(), "deals.tar.gz").title
    assert "is a tar archive" in refusal(gzip.decompress(out.getvalue()), "deals.tar").title


@pytest.mark.parametrize("damage", [lambda d: d[:-9], lambda d: d[:12], lambda d: d[:20] + b"\xff" * 9 + d[29:]])
def test_a_damaged_gzip_is_refused(damage) -> None:  # type: ignore[no-untyped-def]
    assert "damaged gzip" in refusal(damage(gzipped(DEALS * 9))).title


# --- zip -------------------------------------------------------------------------------------------------------------


def test_every_table_of_a_zip() -> None:
    first, second = read_file(zipped({"deals.csv": DEALS, "2026/more.txt": MORE.replace(",", "\t")}), "export.zip")
    assert (first.name, first.part) == ("export.zip › deals.csv", "deals.csv")
    assert (second.name, second.part, second.delimiter) == ("export.zip › 2026/more.txt", "2026/more.txt", "\t")
    assert [row[0] for row in cells(first) + cells(second)] == ["D-1", "D-2", "D-3", "D-4"]


def test_what_is_no_table_is_left_out_and_said() -> None:
    files: dict[str, bytes | str] = {
        "__MACOSX/._deals.csv": b"\0\5\x16\7",
        ".DS_Store": b"\0\0\0\1Bud1",
        "folder/": "",
        "folder/logo.csv": PNG,
        "folder/empty.csv": "",
        "folder/header.csv": "Id,Name,Amount\n",
        "folder/deals.csv": DEALS,
    }
    (table,) = read_file(zipped(files), "export.zip")
    assert table.part == "folder/deals.csv"
    words = said(table, "archive")
    assert '"folder/logo.csv" was left out: it is a PNG image' in words
    assert '"folder/empty.csv" was left out: it is an empty file' in words
    assert '"folder/header.csv" was left out: it has a header but no rows' in words
    assert "2 files that an operating system left" in words


def test_workbooks_in_a_zip() -> None:
    tables = read_file(zipped({"a.xlsx": workbook(One=ROWS, Two=ROWS), "b.xlsx": workbook(Only=ROWS)}), "x.zip")
    assert [(table.name, table.part) for table in tables] == [
        ("x.zip › a.xlsx › One", "a.xlsx › One"),
        ("x.zip › a.xlsx › Two", "a.xlsx › Two"),
        ("x.zip › b.xlsx", "b.xlsx › Only"),
    ]


def test_archives_inside_archives_end_after_one_level() -> None:
    inner = zipped({"deals.csv": DEALS})
    (table,) = read_file(zipped({"inner.zip": inner}), "x.zip")
    assert (table.name, table.part) == ("x.zip › inner.zip › deals.csv", "inner.zip › deals.csv")
    (table,) = read_file(zipped({"deals.csv.gz": gzipped(DEALS)}), "x.zip")
    assert table.rows_in_file == 2
    assert "archive in an archive in an archive" in refusal(zipped({"b.zip": zipped({"c.zip": inner})})).title
    mixed = zipped({"b.zip": zipped({"c.zip": inner, "d.csv": MORE})})
    (table,) = read_file(mixed, "x.zip")
    assert '"c.zip" was left out' in said(table, "archive")


def test_names_in_utf8_that_do_not_say_so() -> None:
    data = zipped({"Vertr\u00e4ge.csv": DEALS})
    plain = data.replace(b"\x00\x08", b"\x00\x00")
    for archive in (data, plain):
        assert read_file(archive, "x.zip")[0].part == "Vertr\u00e4ge.csv"


def test_a_locked_zip_is_refused_whole() -> None:
    assert "is protected with a password" in refusal(locked_zip(), "deals.zip").title


@pytest.mark.parametrize("cut", [30, 60, -30])
def test_a_damaged_zip_is_refused(cut: int) -> None:
    assert "is a damaged zip archive" in refusal(zipped({"deals.csv": DEALS})[:cut]).title


def test_a_zip_with_a_damaged_file_is_refused_whole() -> None:
    data = bytearray(zipped({"a.csv": MORE, "deals.csv": DEALS}, zipfile.ZIP_STORED))
    data[data.index(b"Second")] ^= 1
    assert "is a damaged zip archive" in refusal(bytes(data)).title


def test_zips_without_tables_are_refused() -> None:
    assert "is an empty zip archive" in refusal(zipped({})).title
    assert "is an empty zip archive" in refusal(zipped({"folder/": ""})).title
    assert "is a PNG image" in refusal(zipped({"logo.png": PNG})).title
    two = refusal(zipped({"logo.png": PNG, "read.me": ""}))
    assert "without a table inside" in two.title
    assert '"logo.png" was left out: it is a PNG image' in two.hint
    assert "without a table" in refusal(zipped({".DS_Store": "x"})).title


def test_an_unknown_way_of_packing_is_named() -> None:
    data = bytearray(zipped({"deals.csv": DEALS}))
    for signature, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        data[data.index(signature) + offset] = 9  # "Deflate64", as Windows packs large files
    problem = refusal(bytes(data), "deals.zip")
    assert "packed in a way that cannot be opened" in problem.title


# --- archives made to harm -------------------------------------------------------------------------------------------


def test_a_zip_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "_HARMLESS", 1 << 20)
    bomb = b"Id,Name\n" + b"1,a\n" * 1_000_000
    assert len(bomb) > containers.MAX_RATIO * len(zipped({"a": bomb})), "tightly packed indeed"
    for data in (zipped({"deals.csv": bomb}), gzipped(bomb), zipped({"a.zip": zipped({"deals.csv": bomb})})):
        assert "packed so tightly" in refusal(data).title


def test_the_limit_holds_for_all_files_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "MAX_UNPACKED", len(DEALS) + 10)
    assert "so large when unpacked" in refusal(zipped({"a.csv": DEALS, "b.csv": DEALS})).title
    assert read_file(zipped({"a.csv": DEALS}), "a.zip")


def test_a_workbook_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "MAX_UNPACKED", 1000)
    assert "packed so tightly" in refusal(workbook(S=ROWS)).title


def test_too_many_files_are_refused() -> None:
    assert "holds 501 files" in refusal(zipped({f"{n}.csv": DEALS for n in range(501)})).title


def test_a_large_file_in_an_archive_goes_over_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "_IN_MEMORY", 1000)
    seen: list[object] = []
    original = containers._text

    def spy(job: containers._Job, source: containers.Given, name: str) -> object:
        seen.append(source)
        return original(job, source, name)

    monkeypatch.setattr(containers, "_text", spy)
    text = "Id,Name\n" + "".join(f"{n},Deal {n}\n" for n in range(5000))
    for data in (zipped({"deals.csv": text}), gzipped(text)):
        (table,) = read_file(data, "x.zip")
        assert (table.rows_in_file, lines(table)[-1]) == (5000, 5001)
        path = seen.pop()
        assert isinstance(path, Path)
        assert not path.exists(), "and nothing of it stays there"


# --- what cannot be opened -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "empty file"),
        (PNG, "PNG image"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "PDF"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(99), "7-Zip"),
        (b"Rar!\x1a\x07\x01\0" + bytes(99), "RAR"),
        (b"PAR1" + bytes(99), "Parquet"),
        (zipped({"[Content_Types].xml": "x", "word/document.xml": "x"}), "Word document"),
        (zipped({"[Content_Types].xml": "x", "ppt/presentation.xml": "x"}), "PowerPoint"),
        (zipped({"Index/Document.iwa": "x"}), "Apple Numbers"),
        (zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "x"}), "no spreadsheet"),
        (zipped({"xl/workbook.xml": "<broken"}), "damaged workbook"),
        (zipped({"xl/workbook.bin": "broken"}), "damaged workbook"),
        (compound(b"x" * 5000, "WordDocument"), "old Office file without a workbook"),
        (compound(b"x" * 5000, "EncryptedPackage"), "protected with a password"),
        (compound(b"x" * 5000, "Workbook"), "damaged workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Office file"),
        (b"<html><body>Sign in</body></html>", "HTML"),
        (b'<?xml version="1.0"?>\n<rows><row a="1"/></rows>', "XML"),
    ],
)
def test_refusals_name_the_file_and_what_it_is(data: bytes, what: str) -> None:
    assert what in refusal(data).title


def test_a_binary_workbook_that_cannot_be_read_says_how_to_mend_it() -> None:
    assert "save it as an Excel workbook (.xlsx)" in refusal(zipped({"xl/workbook.bin": "broken"})).hint


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 5), st.data())
def test_no_damage_makes_a_traceback(which: int, data: st.DataObject) -> None:
    whole = bytearray(SPECIMENS[which])
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(whole)) | st.just(len(whole)))
    try:
        tables = read_file(bytes(whole[:cut]), "x.csv")
    except UnreadableFile:
        return
    assert all(table.rows_in_file == table.data.num_rows + len(table.unplaced) for table in tables)


SPECIMENS = (
    workbook(S=ROWS), old_workbook(ROWS), open_document(ROWS), zipped({"a.csv": DEALS, "b.csv": MORE}), gzipped(DEALS),
    b"<html><table><tr><th>Id<th>Name<tr><td rowspan=2>1<td>a<tr><td>b</table></html>",
)  # fmt: skip
