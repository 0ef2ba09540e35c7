"""Large files, read block by block: the same table as in one piece, whatever the blocks cut through."""

from __future__ import annotations

import random
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import example, given, settings, strategies as st

from tas_analytics.errors import UnreadableFile
from tas_analytics.ingest.reading import assembly, decoding, patience, reader, streaming, swift
from tas_analytics.ingest.reading.reader import TextTable, read_table, sha256_of
from tas_analytics.ingest.reading.source import Source
from tas_analytics.ingest.reading.streaming import Limits
from tas_analytics.ingest.structure.dialect import Dialect
from tests.ingest.tables import cells, lines, said

HEADER = "Id,Name,Account,Amount,Close Date"


def body(count: int, start: int = 0) -> list[str]:
    return [f"D-{n},Deal {n},Acme {n % 7},{n}.50,2026-03-{n % 28 + 1:02d}" for n in range(start, start + count)]


def in_blocks(data: bytes, block: int = 500, tail: int = 20) -> TextTable:
    with Source(data, "x.csv") as source:
        return reader.read_large(source, limits=Limits(block=block, ahead=1 << 22, tail=tail))


def outcome(data: bytes, block: int | None = None, tail: int = 20) -> dict[str, object]:
    """Everything that a reading gives, or what it says in refusing."""
    try:
        table = reader.read_whole(data, "x.csv") if block is None else in_blocks(data, block, tail)
    except UnreadableFile as refused:
        return {"refused": str(refused)}
    found = {field.name: getattr(table, field.name) for field in fields(table)}
    return {**found, "data": table.data.to_pylist()}


def same(data: bytes, block: int, tail: int) -> None:
    whole, blocks = outcome(data), outcome(data, block, tail)
    for name, value in whole.items():
        assert blocks.get(name) == value, name
    assert blocks.keys() == whole.keys()


@pytest.fixture
def swift_rows(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many rows each run of the swift way put into the table."""
    seen: list[int] = []
    put = streaming.put_run

    def spy(target: assembly.Assembly, run: swift.Run) -> None:
        seen.append(len(run.lines))
        put(target, run)

    monkeypatch.setattr(streaming, "put_run", spy)
    return seen


# --- named cases -------------------------------------------------------------------------------------------------


def test_plain_rows_are_read_swiftly(swift_rows: list[int]) -> None:
    table = in_blocks("\n".join([HEADER, *body(400)]).encode())
    assert table.rows_in_file == 400
    assert lines(table) == list(range(2, 402))
    assert cells(table)[399] == ["D-399", "Deal 399", "Acme 0", "399.50", "2026-03-08"]
    assert sum(swift_rows) > 300


def test_notes_of_several_lines_keep_their_line_numbers(swift_rows: list[int]) -> None:
    rows = [f'{n},"first\nsecond, ""quoted""\r\nthird",x,y,z' for n in range(200)]
    table = in_blocks("\n".join([HEADER, *rows, ""]).encode())
    assert lines(table) == [2 + 3 * n for n in range(200)]
    assert cells(table)[150] == ["150", 'first\nsecond, "quoted"\r\nthird', "x", "y", "z"]
    assert sum(swift_rows) > 100


def test_a_damaged_row_costs_only_its_surroundings(swift_rows: list[int]) -> None:
    rows = body(4000)
    rows[2000] = 'D-2000,"Deal 2000,Acme,1.50,2026-03-01'
    data = "\n".join([HEADER, *rows, ""]).encode()
    table = in_blocks(data, block=40_000)
    assert cells(table)[2000] == ["D-2000", '"Deal 2000', "Acme", "1.50", "2026-03-01"]
    assert "line 2,002" in said(table, "repair")
    assert sum(swift_rows) > 3000
    same(data, 40_000, 20)


def test_what_is_no_record_is_set_aside_in_the_middle_and_at_the_end() -> None:
    rows = [*body(300), "Subtotal,,,99,", HEADER, ",,,,", *body(300, 300)]
    text = "\n".join([HEADER, *rows, "", "Grand Total,,,123,", "", "Copyright (c) 2026 Some CRM"])
    table = in_blocks(text.encode())
    assert table.rows_in_file == 600
    assert table.footer == ("Grand Total,,,123,", "Copyright (c) 2026 Some CRM", "Subtotal,,,99,", HEADER)


def test_a_footer_longer_than_the_part_left_for_the_end() -> None:
    text = "\n".join([HEADER, *body(300), *[""] * 90, "Grand Total,,,123,", "", "Confidential"])
    same(text.encode(), 400, 0)
    assert in_blocks(text.encode(), 400, 0).footer == ("Grand Total,,,123,", "Confidential")


def test_rows_of_another_width_are_padded_and_set_aside_in_their_order() -> None:
    rows = body(500)
    rows[100], rows[200], rows[300] = rows[100].rsplit(",", 1)[0], rows[200] + ",one,more", rows[300] + ",,"
    data = "\n".join([HEADER, *rows, ""]).encode()
    table = in_blocks(data)
    assert sorted([*lines(table), *(row.line for row in table.unplaced)]) == list(range(2, 502))
    assert lines(table) == sorted(lines(table))
    assert (202, "one,more") in [(row.line, row.value) for row in table.unplaced]
    assert 302 in lines(table)
    same(data, 500, 20)


def test_a_second_table_in_another_block() -> None:
    text = "\n".join([HEADER, *body(500), "", "Id,Owner,Phone", "1,Ann,555", "2,Bob,556", "3,Cy,557", ""])
    same(text.encode(), 700, 20)
    assert len(in_blocks(text.encode(), 700).unplaced) == 4


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-16-be", "cp1252", "utf-32"])
def test_other_encodings_are_cut_at_line_ends(codec: str) -> None:
    rows = [f"{n},Jürgen Weiß,Größe,{n}.000,2026-03-01" for n in range(300)]
    data = "\r\n".join([HEADER, *rows, ""]).encode(codec)
    same(data, 999, 20)
    assert cells(in_blocks(data, 999))[299][1] == "Jürgen Weiß"


def test_a_wrong_byte_far_down_is_found_counted_and_mended() -> None:
    data = "\n".join([HEADER, *(row.replace("Acme", "Ækme") for row in body(400)), ""]).encode()
    data = data.replace(b"D-333,Deal", b"D-333,D\xe9al").replace(b"D-350,", b"D\0-350,")
    same(data, 600, 20)
    table = in_blocks(data, 600)
    assert cells(table)[333][1] == "Déal 333"
    assert "line 335" in said(table, "encoding")
    assert "line 352" in said(table, "nul")


def test_a_byte_that_the_encoding_of_the_head_does_not_have() -> None:
    rows = [row.replace("Acme", "Größe") for row in body(5000)]
    data = "\n".join([HEADER, *rows, ""]).encode("cp1252").replace(b"D-4990,", b"D\x81-4990,")
    same(data, 9000, 20)


def test_a_path_is_read_as_its_bytes_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "_SMALL", 1000)
    path = tmp_path / "deals.csv"
    path.write_bytes("\n".join([HEADER, *body(400), ""]).encode())
    table = read_table(path, "deals.csv")
    assert table.data.equals(read_table(path.read_bytes(), "deals.csv").data)
    assert sha256_of(path) == sha256_of(path.read_bytes())


def test_a_path_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r'"gone\.csv" cannot be opened'):
        read_table(tmp_path / "gone.csv", "gone.csv")


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "_SMALL", 1000)
    path = tmp_path / "deals.csv"
    path.write_text("\n".join([HEADER, *body(400), ""]))

    def write_more(_done: int, _all: int) -> None:
        with path.open("a") as file:
            file.write("D-9,late,Acme,1,2026-01-01\n")

    with pytest.raises(UnreadableFile, match="changed by another program"):
        read_table(path, "deals.csv", progress=write_more)


def test_a_line_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "LONGEST_LINE", 4000)
    data = "\n".join([HEADER, *body(50), "x," * 9000, *body(50)]).encode()
    with pytest.raises(UnreadableFile, match="has a line of more than"):
        in_blocks(data)


def test_rows_that_fit_nowhere_are_kept_only_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assembly, "_MOST_UNPLACED", 30_000)
    rows = [row + ",one,more" if n % 2 else row for n, row in enumerate(body(400))]
    data = "\n".join([HEADER, *rows, ""]).encode()
    with pytest.raises(UnreadableFile, match="too damaged to be read"):
        in_blocks(data)


# --- progress ----------------------------------------------------------------------------------------------------


class Cancelled(Exception):
    pass


def test_progress_is_told_and_can_cancel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "_TELL_EVERY", 0.0)
    data = "\n".join([HEADER, *body(2000), ""]).encode()
    told: list[tuple[int, int]] = []
    with Source(data, "x.csv") as source:
        reader.read_large(source, lambda done, size: told.append((done, size)), Limits(block=2000))
    assert told == sorted(told)
    assert told[-1] == (len(data), len(data))
    assert len(told) > 40

    def cancel(done: int, size: int) -> None:
        if done > size // 2:
            raise Cancelled

    with Source(data, "x.csv") as source, pytest.raises(Cancelled):
        reader.read_large(source, cancel, Limits(block=2000))


# --- damage without end ------------------------------------------------------------------------------------------


def test_quotes_that_open_in_every_row_and_never_close_lose_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    # Each row alone would be searched for its closing quote to the end of the file.
    monkeypatch.setattr(patience, "VAIN", 2000)
    rows = [f'D-{n},5" pipe,"hello {n},1,2026-03-01' for n in range(3000)]
    table = in_blocks("\n".join([HEADER, *rows, ""]).encode(), block=1 << 20)
    assert table.rows_in_file == 3000
    assert [int(cell[0][2:]) for cell in cells(table)] == list(range(3000))


# --- any file ----------------------------------------------------------------------------------------------------

PIECES = [
    "a",
    "Won",
    "12",
    "2026-01-05",
    "",
    " ",
    "é€",
    'say ""yes""',
    "x\ny",
    "one\r\ntwo\nthree\nfour",
    "Total",
    "5'",
]
DAMAGE = ['"', ",", "\n", "\r", "\0", '""', ',"', '",', ",,", "\n\n", 'x"y', "\nTotal,,,\n", "\nId,Owner\nx,y\nz,w\n"]


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """Files of every style, sound, damaged, padded, with and without footers."""
    width = draw(st.integers(1, 7))
    quoted = draw(st.sampled_from(["all", "needed", "never"]))
    end = draw(st.sampled_from(["\n", "\r\n"]))
    seed = random.Random(draw(st.integers(0, 2**32)))
    count = draw(st.sampled_from([0, 2, 30, 150]))

    def write(cell: str) -> str:
        plain = cell.replace('""', '"')
        if quoted == "all" or (quoted == "needed" and any(sign in plain for sign in ',"\r\n')):
            return '"' + plain.replace('"', '""') + '"'
        return plain.replace("\n", " ").replace("\r", "").replace('"', "") if quoted == "never" else plain

    odd = draw(st.sampled_from([0.0, 0.2, 1.0]))
    rows = [[f"Name {place}" for place in range(width)]]
    for number in range(count):
        cells_ = [seed.choice(PIECES) if seed.random() < odd else f"v{number}" for _ in range(width)]
        rows.append([f"D-{number}" if seed.random() < 0.95 else cells_[0], *cells_[1:]])
    text = end.join(",".join(map(write, row)) for row in rows) + end
    for _ in range(draw(st.sampled_from([0, 0, 1, 2, 20]))):
        place = seed.randrange(len(text) + 1)
        text = text[:place] + seed.choice(DAMAGE) + text[place:]
    text += draw(
        st.sampled_from(["", "", end * 3, f"{end}Grand Total{',' * (width - 1)}{end}", f"{end}Confidential text"])
    )
    codec = draw(st.sampled_from(["utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "cp1252"]))
    return text.encode(codec, "replace")


@settings(max_examples=250, deadline=None)
@given(data=files(), block=st.sampled_from([64, 200, 1000, 20_000]), tail=st.sampled_from([0, 1, 20, 500]))
@example(data=b'a,b,c,d\n1,"x\ny",2,3\n' * 60, block=64, tail=0)
@example(data=b"a,b\n" + b"\n" * 300, block=64, tail=0)
def test_blocks_give_what_one_piece_gives(data: bytes, block: int, tail: int) -> None:
    same(data, block, tail)


def test_a_dialect_that_is_not_known_goes_the_patient_way() -> None:
    from tas_analytics.ingest.reading.blocks import Shape

    names = ["a", "b", "c", "d"]
    assert Shape.of(Dialect("|"), names) is not None
    for unknown in (Dialect("||"), Dialect(","), Dialect(",", escape=True), Dialect(",", skip_space=True)):
        quote = Dialect(unknown.delimiter, ",") if unknown == Dialect(",") else unknown
        assert Shape.of(quote, names) is None
