"""The generated pages are what the program says today, and say all of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tas_analytics.ingest.understanding.presets import presets
from tas_analytics.metrics.dimensions import DIMENSIONS
from tas_analytics.metrics.registry import metrics
from tas_analytics.store import TABLES, Store
from tools import make_docs, markdown
from tools.make_docs import BEGIN, DOCS, END


def test_the_generated_pages_are_up_to_date() -> None:
    """`make docs` writes them."""
    assert [path.name for path in make_docs.outdated()] == []


def test_check_names_what_is_out_of_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    right, wrong = tmp_path / "right.md", tmp_path / "wrong.md"
    right.write_text("right\n", encoding="utf-8")
    wrong.write_text("old\n", encoding="utf-8")
    monkeypatch.setattr(make_docs, "ROOT", tmp_path)
    monkeypatch.setattr(make_docs, "pages", lambda: {right: "right\n", wrong: "new\n", tmp_path / "none.md": "new\n"})
    assert make_docs.main(["--check"]) == 1
    said = capsys.readouterr().err
    assert "wrong.md" in said
    assert "none.md" in said
    assert "right.md" not in said
    assert wrong.read_text(encoding="utf-8") == "old\n"
    assert make_docs.main([]) == 0
    assert make_docs.main(["--check"]) == 0


def test_a_page_that_people_write_keeps_their_words(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n\n{BEGIN}\nold\n{END}\n\nafter\n", encoding="utf-8")
    assert make_docs.renewed(page, "new") == f"before\n\n{BEGIN}\n\nnew\n\n{END}\n\nafter\n"
    page.write_text("without the marks\n", encoding="utf-8")
    with pytest.raises(SystemExit, match="lacks the lines"):
        make_docs.renewed(page, "new")


def test_every_metric_is_there_with_its_definition() -> None:
    text = (DOCS / "metrics.md").read_text(encoding="utf-8")
    assert [one.key for one in metrics() if f"### {one.label}\n\n`{one.key}` · {one.unit}" not in text] == []
    assert [one.key for one in metrics() if one.doc not in text or one.formula not in text] == []
    assert [one.key for one in DIMENSIONS if f"| `{one.key}` |" not in text] == []


def test_links_to_metrics_lead_to_one_heading_each() -> None:
    text = (DOCS / "metrics.md").read_text(encoding="utf-8")
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    anchors = [markdown.anchor(heading) for heading in headings]
    assert sorted(set(anchors)) == sorted(anchors)


def test_every_table_and_column_of_a_store_is_there(tmp_path: Path) -> None:
    text = (DOCS / "data-dictionary.md").read_text(encoding="utf-8")
    store = Store.open(tmp_path / "fresh.duckdb")
    try:
        tables = store.rows(
            "select table_name, comment from duckdb_tables() union all "
            "select view_name, comment from duckdb_views() where not internal"
        )
        columns = store.rows("select table_name, column_name, comment from duckdb_columns() where not internal")
    finally:
        store.close()
    assert [name for name, comment in tables if not comment] == []
    assert [(table, column) for table, column, comment in columns if not comment] == []
    sections = {part.split("\n", 1)[0]: part for part in text.split("\n#### ")[1:]}
    assert sorted(sections) == sorted(name for name, _ in tables)
    brief = {f"{one.one}_state" for one in TABLES}
    missing = [(t, c) for t, c, _ in columns if f"| `{c}` |" not in sections[t] and t not in brief]
    assert missing == []
    assert [one.name for one in TABLES if f"`{one.name}`: {one.doc}" not in text] == []


def test_every_preset_and_every_header_is_in_the_page_on_importing() -> None:
    text = (DOCS / "importing.md").read_text(encoding="utf-8")
    assert [one.key for one in presets() if f"| {one.title} | `{one.key}` | `{one.table}` |" not in text] == []
    assert [c.name for one in TABLES for c in one.columns if f"| `{c.name}` | {c.label}" not in text] == []


def test_a_bar_in_a_cell_ends_no_column() -> None:
    assert markdown.table(("A",), [("a|b",), ("",)]).splitlines() == ["| A |", "| --- |", "| a\\|b |", "| |"]
