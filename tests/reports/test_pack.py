"""The pack's four formats, opened by libraries: the same figures as `measure`, stamped, and nothing in names obeyed."""

from __future__ import annotations

import datetime as dt
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]
import pytest
from pptx import Presentation

from tas_analytics.commands.changes import Comparison
from tas_analytics.commands.review import WRITERS, review
from tas_analytics.errors import BadQuestion
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.measure import measure
from tas_analytics.metrics.scope import Scope
from tas_analytics.reports.pack import pack
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
    book = openpyxl.load_workbook(write(store, tmp_path / "pack.xlsx"))
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
    assert not [cell for cell in cells if cell.data_type == "f"], "no name becomes a formula"
    assert "=1+1" in [cell.value for cell in cells]
    amount = next(cell for cell in cells if cell.value == 1000.5)
    assert amount.number_format.startswith("#,##0.00")


def test_the_slides_have_an_editable_chart_and_tables(store: Store, tmp_path: Path) -> None:
    deck = Presentation(str(write(store, tmp_path / "pack.pptx")))
    texts, charts, tables = [], [], []
    for slide in deck.slides:
        for shape in slide.shapes:
            texts += [shape.text_frame.text] if shape.has_text_frame else []
            charts += [shape.chart] if shape.has_chart else []
            tables += [shape.table] if shape.has_table else []
        assert any("as of Mon 9 Feb 2026" in text for text in texts[-2:]) or texts
    (chart,) = charts
    base, bars = chart.plots[0].series
    assert next(iter(chart.plots[0].categories)) == "Open on 2 Feb 2026"
    assert bars.values[-1] == figures(store)["open_pipeline"]
    assert len(base.values) == len(bars.values)
    cells = [cell.text for table in tables for row in table.rows for cell in row.cells]
    assert "<script>alert(1)</script>" in cells
    assert sum("compared with Mon 2 Feb 2026" in text for text in texts) == len(deck.slides)


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
        return b""


def test_a_scope_narrows_every_figure(store: Store, tmp_path: Path) -> None:
    path = write(store, tmp_path / "none.xlsx", "owner=Nobody")
    ledger = list(openpyxl.load_workbook(path)["Waterfall"].iter_rows(min_row=4, values_only=True))
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


def test_a_single_export_says_what_is_missing(tmp_path: Path) -> None:
    one = Store.open(tmp_path / "one.duckdb")
    try:
        with pytest.raises(BadQuestion, match="nothing to review"):
            write(one, tmp_path / "pack.html")
        load_text(one, HEAD + "D1,A,Ann,Qualify,1,2026-03-01,\n", "d.csv", as_table="opportunities")
        company = Company.of(one)
        assert company.last_day
        with pytest.raises(BadQuestion, match="nothing to compare"):
            pack(one, company, Scope(company.last_day))
    finally:
        one.close()
