"""The pack's four formats, opened by libraries: the same figures as `measure`, stamped, and nothing in names obeyed."""

from __future__ import annotations

import datetime as dt
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]
import pytest
from fontTools.ttLib import TTFont
from pptx import Presentation

from tas_analytics.commands.changes import Comparison
from tas_analytics.commands.review import WRITERS, review
from tas_analytics.errors import BadQuestion
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.measure import measure
from tas_analytics.metrics.scope import Scope
from tas_analytics.reports.font import write_fonts
from tas_analytics.reports.pack import minutes_rows, minutes_title, pack
from tas_analytics.review.board import board
from tas_analytics.review.meeting import Entry, keep
from tas_analytics.store.database import Store
from tests.store.stores import load_text

HEAD = "opportunity_id,name,owner,stage,amount,close_date,forecast_category\n"
NASTY = ("=1+1", "<script>alert(1)</script>", "Grünwälder Öfen & Söhne *KG*", "Łódź Żółw Škoda", "漢字 株式会社")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    found = Store.open(tmp_path / "pack.duckdb")
    rows = [f'D{i},"{name}",Ann <b>,Qualify,{1000 * (i + 1)}.50,2026-03-01,Commit' for i, name in enumerate(NASTY)]
    load_text(found, HEAD + "\n".join(rows), "deals.csv", as_table="opportunities", as_of=dt_of("2026-02-02"))
    moved = [row.replace("Qualify", "Won").replace("2026-03-01", "2026-02-06") for row in rows[:2]] + [
        row.replace(".50", ".75") for row in rows[2:]
    ]
    load_text(found, HEAD + "\n".join(moved), "deals.csv", as_table="opportunities", as_of=dt_of("2026-02-09"))
    load_text(found, "period,person,amount\n2026Q1,Ann <b>,20000\n", "targets.csv", as_table="targets")
    yield found
    found.close()


def dt_of(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def write(store: Store, path: Path, *where: str, period: str | None = None) -> Path:
    assert review(store, Comparison(None, where, period, None), path) == 0
    return path


def figures(store: Store) -> dict[str, float]:
    company = Company.of(store)
    assert company.last_day
    scope = Scope(company.last_day, company.calendar.parse("2026Q1"))
    keys = ("open_pipeline", "won_amount", "target", "commit_cumulative")
    return {key: float(value) for key, value in measure(store, keys, scope, (), company).iloc[0].items()}  # type: ignore[misc]


def test_the_workbook_holds_measures_figures_as_numbers(store: Store, tmp_path: Path) -> None:
    path = write(store, tmp_path / "pack.xlsx")
    book = openpyxl.load_workbook(path, data_only=True)
    assert book.sheetnames == ["Review", "Board", "Waterfall", "What changed", "Open deals"]
    expected = figures(store)
    sheet = book["Board"]
    heads = [cell.value for cell in sheet[3]]
    everybody = dict(zip(heads, [cell.value for cell in sheet[4]], strict=True))
    assert (everybody["Won"], everybody["Target"]) == (expected["won_amount"], expected["target"])
    assert everybody["Commit"] == expected["commit_cumulative"]
    ledger = list(book["Waterfall"].iter_rows(min_row=4, values_only=True))
    assert ledger[-1][1] == expected["open_pipeline"]
    assert ledger[-1][1] == pytest.approx(ledger[0][1] + sum(row[1] for row in ledger[1:-1]))
    for name in book.sheetnames[1:]:
        assert "as of Mon 9 Feb 2026" in book[name]["A1"].value
        assert book[name].auto_filter.ref
    cells = [cell for row in book["What changed"].iter_rows() for cell in row]
    written = openpyxl.load_workbook(path)["What changed"]
    formulas = [cell.value for row in written.iter_rows() for cell in row if cell.data_type == "f"]
    assert all(text.startswith("=SUBTOTAL(109,") for text in formulas), "no name becomes a formula"
    assert "=1+1" in [cell.value for cell in cells]
    amount = next(cell for cell in cells if cell.value == 1000.5)
    assert amount.number_format.startswith("#,##0.00")


def test_a_column_in_which_nothing_stands_takes_no_room(store: Store, tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(write(store, tmp_path / "pack.xlsx", period="2026Q1"))["Board"]
    seen = set()
    for cells in sheet.iter_cols(min_row=4):
        letter = cells[0].column_letter
        silent = all(cell.value is None for cell in cells)
        # openpyxl keeps the neighbours of equal width and state under the first one's letter.
        group = next(one for one in sheet.column_dimensions.values() if one.min <= cells[0].column <= one.max)
        assert group.hidden == silent, letter
        seen.add(silent)
    assert seen == {True, False}


def test_what_follows_from_other_cells_is_a_formula_with_its_value(store: Store, tmp_path: Path) -> None:
    path = write(store, tmp_path / "pack.xlsx")
    book, shown = openpyxl.load_workbook(path), openpyxl.load_workbook(path, data_only=True)
    heads = {cell.value: cell.column_letter for cell in book["Board"][3]}
    board, values = book["Board"], shown["Board"]
    for line in range(4, board.max_row + 1):
        at = {name: values[f"{letter}{line}"].value for name, letter in heads.items()}
        if at["Gap"] is not None:
            assert board[f"{heads['Gap']}{line}"].value == f"={heads['Commit']}{line}-{heads['Target']}{line}"
            assert at["Gap"] == pytest.approx(at["Commit"] - at["Target"])
        if at["Coverage"] is not None:
            assert at["Coverage"] == pytest.approx(at["Open"] / (at["Target"] - at["Won"]))
    last = book["Waterfall"].max_row
    assert book["Waterfall"][f"B{last}"].value == f"=SUM(B4:B{last - 1})"
    sums = {cell.column_letter: cell.value for cell in shown["What changed"][2] if isinstance(cell.value, int | float)}
    for letter, total in sums.items():
        column = [
            shown["What changed"][f"{letter}{line}"].value or 0 for line in range(4, shown["What changed"].max_row + 1)
        ]
        assert total == pytest.approx(sum(column))
    assert len(sums) == 4
    first = {row[0].value: (row[1].value, row[1].data_type) for row in book["Review"].iter_rows(min_row=5, max_row=11)}
    assert first["Won"] == (f"=Board!{heads['Won']}4", "f")


def test_the_slides_have_an_editable_chart_and_tables(store: Store, tmp_path: Path) -> None:
    deck = Presentation(str(write(store, tmp_path / "pack.pptx")))
    texts, charts, tables = [], [], []
    for slide in deck.slides:
        for shape in slide.shapes:
            texts += [shape.text_frame.text] if shape.has_text_frame else []
            charts += [shape.chart] if shape.has_chart else []
            tables += [shape.table] if shape.has_table else []
    (chart,) = charts
    base, bars, tails = chart.plots[0].series
    assert next(iter(chart.plots[0].categories)) == "Open on 2 Feb 2026"
    assert base.values[-1] + bars.values[-1] == pytest.approx(figures(store)["open_pipeline"])
    assert chart.value_axis.minimum_scale < min(base.values), "the axis leaves no bar out"
    assert tails.points[len(tails.values) - 1].data_label.text_frame.text == "$12k · 3 deals"
    cells = [cell.text for table in tables for row in table.rows for cell in row.cells]
    assert "<script>alert(1)</script>" in cells
    assert sum("compared with Mon 2 Feb 2026" in text for text in texts) == len(deck.slides)


def test_no_slide_is_left_with_a_row_or_two(tmp_path: Path) -> None:
    many = Store.open(tmp_path / "many.duckdb")
    try:
        rows = [f"D{i},Deal {i},Seller {i:02},Qualify,{1000 + i},2026-03-01,Commit" for i in range(36)]
        load_text(many, HEAD + "\n".join(rows), "deals.csv", as_table="opportunities", as_of=dt_of("2026-02-02"))
        load_text(many, HEAD + "\n".join(rows), "deals.csv", as_table="opportunities", as_of=dt_of("2026-02-09"))
        deck = Presentation(str(write(many, tmp_path / "pack.pptx")))
    finally:
        many.close()
    tables = [shape for slide in deck.slides for shape in slide.shapes if shape.has_table]
    people = [[row.cells[0].text.strip() for row in one.table.rows][1:] for one in tables if len(one.table.columns) > 4]
    assert sum(map(len, people)) == 37, "everybody, and each seller once"
    assert max(map(len, people)) - min(map(len, people)) <= 2
    for one in tables:
        assert one.top + one.height < deck.slide_height
        assert sum(column.width for column in one.table.columns) <= deck.slide_width - one.left


def test_a_leader_of_any_level_has_a_pack_with_the_boards_numbers(tmp_path: Path) -> None:
    firm = Store.open(tmp_path / "firm.duckdb")
    people = "name,manager\nCleo,\nMax,Cleo\nDeb,Max\nAnn,Max\nEli,Deb\nBo,Cleo\n"
    rows = "".join(
        f"D{n},{name},{name},Qualify,{1000 * n},2026-03-01,Commit\n"
        for n, name in enumerate(("Ann", "Bo", "Eli", "Deb"), start=1)
    )
    try:
        load_text(firm, people, "people.csv", as_table="people")
        for one in ("2026-02-02", "2026-02-09"):
            load_text(firm, HEAD + rows, "deals.csv", as_table="opportunities", as_of=dt_of(one))
        load_text(firm, "period,person,amount\n2026Q1,Ann,2000\n", "targets.csv", as_table="targets")
        company = Company.of(firm)
        scope = Scope(dt_of("2026-02-09"), company.calendar.parse("2026Q1"))

        def names(*where: str, leader: str | None = None) -> list[str]:
            path = tmp_path / "pack.xlsx"
            assert review(firm, Comparison(None, where, None, None), path, leader) == 0
            book = openpyxl.load_workbook(path, data_only=True)
            if leader:
                on_screen = board(firm, company, scope, dt_of("2026-02-02"), leader=leader)
                shown = [row[4] for row in book["Board"].iter_rows(min_row=4, values_only=True)]
                assert shown == list(on_screen["commit"])
                assert book["Waterfall"].cell(book["Waterfall"].max_row, 2).value == on_screen["open"].iloc[0]
                assert book["Board"]["A1"].value.startswith(f"{leader} and everybody below · Q1 2026 · as of")
            return [str(row[0]) for row in book["Board"].iter_rows(min_row=4, values_only=True)]

        assert names()[0] == "Cleo"
        assert names("manager=Max")[0] == "Max"
        assert names(leader="Max") == ["Max", "\u2003Ann", "\u2003Deb", "\u2003\u2003Eli"]
        assert names(leader="Deb") == ["Deb", "\u2003Eli"]
        assert names(leader="Eli") == ["Eli"]
        with pytest.raises(BadQuestion, match="nobody called Zoe"):
            names(leader="Zoe")
    finally:
        firm.close()


def test_all_formats_show_the_same_totals_as_measure(store: Store, tmp_path: Path) -> None:
    expected = figures(store)
    gap = expected["commit_cumulative"] - expected["target"]
    wanted = [f"{expected[key]:,.0f}" for key in expected] + [f"{gap:+,.0f}".replace("-", "−")]
    deck = Presentation(str(write(store, tmp_path / "pack.pptx")))
    tables = [shape.table for slide in deck.slides for shape in slide.shapes if shape.has_table]
    shown = {
        "pdf": words(write(store, tmp_path / "pack.pdf").read_bytes()),
        "pptx": [cell.text for table in tables for row in table.rows for cell in row.cells],
        "html": re.split(r"<[^>]+>|\n", write(store, tmp_path / "pack.html").read_text(encoding="utf-8")),
    }
    for name, texts in shown.items():
        # The slides tell the open pipeline in the chart, which another test reads.
        lacking = [text for text in wanted if text not in texts]
        assert lacking == ([f"{expected['open_pipeline']:,.0f}"] if name == "pptx" else []), name
    sheet = openpyxl.load_workbook(write(store, tmp_path / "pack.xlsx"), data_only=True)["Review"]
    first = {row[0]: row[1] for row in sheet.iter_rows(min_row=5, max_row=12, values_only=True)}
    assert first["Gap"] == pytest.approx(gap)
    assert first["Won"] == pytest.approx(expected["won_amount"])
    assert first["Commit ÷ target"] == pytest.approx(expected["commit_cumulative"] / expected["target"])


def words(data: bytes) -> list[str]:
    """The texts of a PDF, each as it was written: the glyphs by the fonts' own tables of characters."""
    streams = [_inflated(one) for one in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", data, re.DOTALL)]
    maps = [
        {
            int(a, 16): bytes.fromhex(b.decode()).decode("utf-16-be")
            for a, b in re.findall(rb"<(\w+)> <(\w{4,})>\n", one)
        }
        for one in streams
        if b"beginbfchar" in one
    ]
    found = []
    for one in streams:
        font = 0
        for number, text in re.findall(rb"/F(\d+) [\d.]+ Tf|\(((?:\\.|[^\\)])*)\) Tj", one, re.DOTALL):
            if number:
                font = int(number) - 1
                continue
            plain = re.sub(rb"\\(.)", lambda sign: b"\r" if sign[1] == b"r" else sign[1], text, flags=re.DOTALL)
            glyphs = [int.from_bytes(plain[at : at + 2]) for at in range(0, len(plain), 2)]
            found.append("".join(maps[font].get(glyph, "?") for glyph in glyphs))
    return found


def test_the_page_is_one_file_that_obeys_no_name(store: Store, tmp_path: Path) -> None:
    text = write(store, tmp_path / "pack.html").read_text(encoding="utf-8")
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert not re.search(r"(?:src|href)=|url\(|@import", text), "nothing is fetched"
    assert "Open on 9 Feb 2026" in text
    assert f"{figures(store)['open_pipeline']:,.0f}" in text


def test_the_document_has_its_pages_and_fonts(store: Store, tmp_path: Path) -> None:
    data = write(store, tmp_path / "pack.pdf").read_bytes()
    assert data.startswith(b"%PDF-")
    assert data.count(b"/Type /Page\n") == 3
    assert b"SourceSans" in data.replace(b" ", b"")
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", data, re.DOTALL)
    assert any(b" re f" in _inflated(stream) for stream in streams), "the ledger has bars"


def _inflated(data: bytes) -> bytes:
    try:
        return zlib.decompress(data)
    except zlib.error:
        return data  # some streams are written as they are


#: Names as they stand in CRMs, and what of them no font has.
SCRIPTS = {
    "北京汉语有限公司": "", "田中 さくら カタカナ": "", "한국어 주식회사": "", "Ромашка «Север»": "",
    "شركة النور": "", "חברה": "", "Ελλάς": "", "Việt Nam": "", "ไทย": "", "हिन्दी": "", "ქართული": "", "Հայ": "",
    "ខ្មែរ": "ខ្មែរ", "🚀 AG": "🚀",
}  # fmt: skip


def test_names_of_every_script_have_glyphs(tmp_path: Path) -> None:
    fonts = write_fonts("".join(SCRIPTS), tmp_path)
    assert {chr(code) for code in fonts.lacking} == set("".join(SCRIPTS.values()))
    assert fonts.lacking[ord("🚀")] == ""
    assert fonts.lacking[ord("ខ")] == "?"
    has = set[int]().union(*(TTFont(file).getBestCmap() for file in (fonts.styles["B"], *fonts.fallbacks)))
    assert {ord(ch) for ch in "".join(SCRIPTS)} <= has | set(fonts.lacking)
    assert sum(file.stat().st_size for file in fonts.fallbacks) < 60_000, "only what is used"


def test_a_document_with_names_of_every_script_is_written(tmp_path: Path) -> None:
    world = Store.open(tmp_path / "world.duckdb")
    try:
        rows = [
            f'D{i},"{name}",{name},Qualify,{1000 + i},2026-03-01,Commit' for i, name in enumerate([*SCRIPTS, "a\tb"])
        ]
        for day, text in (("2026-02-02", "\n".join(rows)), ("2026-02-09", "\n".join(rows).replace(",100", ",200"))):
            load_text(world, HEAD + text, "deals.csv", as_table="opportunities", as_of=dt_of(day))
        data = write(world, tmp_path / "world.pdf").read_bytes()
    finally:
        world.close()
    assert data.count(b"/Type /Page\n") == 3
    names = {b"DroidSansFallback", b"DejaVuSans", b"NotoSansThai", b"NotoSansDevanagari"}
    assert {name for name in names if name in data.replace(b" ", b"")} == names
    assert len(data) < 200_000


def test_a_scope_narrows_every_figure(store: Store, tmp_path: Path) -> None:
    path = write(store, tmp_path / "none.xlsx", "owner=Nobody")
    ledger = list(openpyxl.load_workbook(path, data_only=True)["Waterfall"].iter_rows(min_row=4, values_only=True))
    assert [row[1] for row in ledger] == [0, 0]
    for ending in WRITERS:
        assert write(store, tmp_path / f"empty{ending}", "owner=Nobody").stat().st_size > 1000


def test_what_cannot_be_written_is_refused(store: Store, tmp_path: Path) -> None:
    for path in (tmp_path / "pack.doc", tmp_path / "pack"):
        with pytest.raises(BadQuestion, match="none of"):
            write(store, path)
    (tmp_path / "file").write_text("x")
    with pytest.raises(BadQuestion, match="cannot be written"):
        write(store, tmp_path / "file" / "pack.html")


def test_a_single_export_says_how_things_stand(tmp_path: Path) -> None:
    one = Store.open(tmp_path / "one.duckdb")
    try:
        with pytest.raises(BadQuestion, match="nothing to review"):
            write(one, tmp_path / "pack.html")
        load_text(one, HEAD + "D1,A,Ann,Qualify,1,2026-03-01,\n", "d.csv", as_table="opportunities")
        company = Company.of(one)
        assert company.last_day
        bare = pack(one, company, Scope(company.last_day))
        assert (bare.headline, bare.since, bare.moved) == ("$1 is open in 1 deal", None, [])
        assert "no earlier export to compare with" in bare.stamp
        for ending in WRITERS:
            assert write(one, tmp_path / f"single{ending}", period="2026Q1").stat().st_size > 1000
        book = openpyxl.load_workbook(tmp_path / "single.xlsx", data_only=True)
        assert [cell.value for cell in book["Waterfall"][4]][1:] == [1, 1]
        page = (tmp_path / "single.html").read_text(encoding="utf-8")
        assert "<h1>Q1 has no target: $0 is won, $1 is open in 1 deal</h1>" in page
        assert "moved" not in page, "nothing can have moved"
    finally:
        one.close()


def test_what_the_meeting_decided_is_in_every_format(store: Store, tmp_path: Path) -> None:
    said = [
        Entry("decide", "D2", "=2+2 <b>", question="move_out"),
        Entry("action", "D3", "Call Łódź", ident="a", owner="Ann <b>", due=dt_of("2026-02-16")),
        Entry("note", "D2", "Nothing *new*"),
    ]
    keep(store, dt_of("2026-02-09"), said, author="Vera")
    company = Company.of(store)
    one = pack(store, company, Scope(dt_of("2026-02-09"), company.calendar.parse("2026Q1")))
    assert minutes_title(one) == "1 decision and 1 action of the review"
    rows = minutes_rows(one)
    assert [row[:4] for row in rows] == [
        ("Move out of commit", NASTY[2], "=2+2 <b>", "Ann <b>"),
        ("Action", NASTY[3], "Call Łódź", "Ann <b>"),
        ("Note", NASTY[2], "Nothing *new*", "Vera"),
    ]
    book = openpyxl.load_workbook(write(store, tmp_path / "m.xlsx", period="2026Q1"))
    cells = [[cell.value for cell in row] for row in book["Decisions"].iter_rows(min_row=4, max_row=6)]
    assert [row[2] for row in cells] == ["=2+2 <b>", "Call Łódź", "Nothing *new*"]
    assert book["Decisions"]["C4"].data_type == "s", "a text, not a formula"
    deck = Presentation(str(write(store, tmp_path / "m.pptx", period="2026Q1")))
    shown = [cell.text for shape in deck.slides[-1].shapes if shape.has_table for cell in shape.table.iter_cells()]
    assert "Call Łódź" in shown
    page = write(store, tmp_path / "m.html", period="2026Q1").read_text(encoding="utf-8")
    assert "=2+2 &lt;b&gt;" in page
    assert "1 decision and 1 action of the review" in page
    assert write(store, tmp_path / "m.pdf", period="2026Q1").read_bytes().count(b"/Type /Page\n") == 4
    before = pack(store, company, Scope(dt_of("2026-02-02"), company.calendar.parse("2026Q1")), dt_of("2026-02-01"))
    assert not minutes_rows(before), "a pack of an earlier day holds that day's review"
