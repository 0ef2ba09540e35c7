"""The forecast board by mouse: a row, a call with its reason and author, the switch, a shared link, the pack."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.steps import card, cell, click_cell, finding, headline, main, parameters, row_of, segment, settled, visit
from tools.server import RunningServer

WHO = "Dagmar Ehrenfeldt"
NEW_CALL = 123_000
#: The table's key with the blank that ends it among the classes: the key of the tabs begins with the same word.
TABLE = "board "


def called(page: Page, who: str) -> re.Pattern[str]:
    return re.compile(rf"^{re.escape(who)} (calls \$|has made no call yet)")


def test_a_row_leads_to_its_calls_and_a_call_is_kept_with_its_author(fresh_server: RunningServer, page: Page) -> None:
    page.context.add_cookies([{"name": "tas_author", "value": "Dana%20Berg", "url": fresh_server.url}])
    visit(page, fresh_server.url, "/board")
    expect(headline(page)).to_have_text(re.compile(r"^Wins and commit are \$2\.8M short of the Q4 target"))
    seen = finding(page, "calls").filter(has_text=called(page, WHO))
    click_cell(page, TABLE, row_of(page, TABLE, WHO), seen)
    settled(page)
    assert parameters(page)["person"] == WHO
    expect(finding(page, "calls")).to_contain_text("calls $68k")
    form = card(page, "calls")
    amount = form.get_by_label(re.compile("^Commit,"))
    amount.fill(str(NEW_CALL))
    amount.press("Tab")
    form.get_by_label("Why").fill("Two orders *promised*")
    form.get_by_label("Why").press("Tab")
    form.get_by_role("button", name="Submit the call").click()
    expect(finding(page, "calls")).to_contain_text("calls $123k, $39k more than on 9 Nov")
    settled(page)
    card(page, "calls").get_by_role(
        "heading", level=3
    ).scroll_into_view_if_needed()  # a table is painted once it is on the screen
    expect(card(page, "calls").locator("[role=grid] td").filter(has_text="Dana Berg").first).to_be_attached()
    rows = [[cell(page, "card-calls", row, column) for column in range(5)] for row in range(3)]
    kept = next(row for row in rows if row[2].startswith("$123,000"))
    assert kept[1] == "Commit"
    assert kept[3:] == ["Two orders *promised*", "Dana Berg"]
    again = page.context.new_page()
    visit(again, page.url, "")
    expect(finding(again, "calls")).to_contain_text("calls $123k")


def test_categories_switch_and_the_link_keeps_it(
    sample_server: RunningServer, page: Page, new_page: Callable[..., Page]
) -> None:
    visit(page, sample_server.url, "/board?leader=Desmond+Kitteridge")
    expect(finding(page, "calls")).to_contain_text("Desmond Kitteridge")
    columns = page.locator(".st-key-board [role=grid] th")
    columns.filter(has_text="Commit").first.wait_for(state="attached")
    names = [(one.text_content() or "").strip() for one in columns.all()]
    won, commit = names.index("Won"), names.index("Commit")
    together = [float(cell(page, "board", 0, at)) for at in (won, commit)]
    assert together == [pytest.approx(0.53, abs=0.01), pytest.approx(1.08, abs=0.01)]
    before = cell(page, "board", 0, commit)
    segment(page, "categories", "Exclusive")
    assert parameters(page)["categories"] == "Exclusive"
    expect(card(page, "board")).to_contain_text("each category by itself")
    table = page.locator(".st-key-board [role=grid] tr[aria-rowindex='2'] td")
    expect(table.nth(commit)).not_to_have_text(before)  # a table is painted a moment after the page
    assert float(cell(page, "board", 0, commit)) == pytest.approx(together[1] - together[0], abs=0.011)
    other = new_page()
    visit(other, page.url, "")
    expect(card(other, "board")).to_contain_text("each category by itself")
    expect(other.locator(".st-key-board [role=grid] tr[aria-rowindex='2'] td").nth(commit)).to_have_text(
        cell(page, "board", 0, commit)
    )
    assert cell(other, "board", 0, 0) == "Desmond Kitteridge"


PACKS = {
    "PDF for print": (".pdf", b"%PDF-"),
    "Slides": (".pptx", b"PK"),
    "Workbook": (".xlsx", b"PK"),
    "Web page": (".html", b"<!doctype html>"),
}


def test_the_pack_is_a_file_of_the_board_that_is_shown(sample_server: RunningServer, page: Page) -> None:
    visit(page, sample_server.url, "/board?leader=Annelie+Brockhoff")
    main(page).get_by_role("button", name="Review pack").click()
    for button, (ending, begins) in PACKS.items():
        with page.expect_download(timeout=60_000) as waiting:
            page.get_by_role("button", name=button).click()
        assert waiting.value.suggested_filename == f"review-2026-11-16{ending}"
        data = Path(waiting.value.path()).read_bytes()
        assert data.startswith(begins)
        if ending == ".html":
            text = data.decode()
            assert "Wins and commit are $993k short of the Q4 target" in text
            assert "Rosalind Achterberg" not in text
    settled(page)
