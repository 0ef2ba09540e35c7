"""A whole meeting with the keyboard, and the one a week later."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tas_analytics.ingest.loading.loader import undo
from tas_analytics.store.database import Store
from tests.cli.conftest import run_process
from tests.e2e.steps import finding, headline, main, parameters, path_of, settled, visit
from tools.server import ROOT, RunningServer

LAST = dt.date(2026, 11, 16)
EXPORT = ROOT / "data" / "sample" / "opportunities" / f"opportunities_{LAST}.csv"


def a_week_early(folder: Path) -> Path:
    """A folder's own store: the sample as it was known a week before its newest export."""
    path = folder / "own.duckdb"
    shutil.copy(folder / "own-sample.duckdb", path)
    store = Store.open(path)
    try:
        day = "select load_id from load where as_of = $day and table_name = 'opportunities' and undone_at is null"
        for (load_id,) in store.rows(day, {"day": LAST}):
            undo(store, load_id, user="test")
    finally:
        store.close()
    return path


def sheet(page: Page) -> Locator:
    return page.locator(".meeting")


def here(page: Page) -> Locator:
    return sheet(page).locator(".stop.here .label")


def saved(page: Page) -> None:
    expect(sheet(page).locator(".state").last).to_have_text("All saved")
    settled(page)


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def step(page: Page, key: str = "ArrowRight") -> None:
    """Go on, and wait until the next step is there."""
    before = here(page).inner_text()
    page.keyboard.press(key)
    expect(here(page)).not_to_have_text(before)
    settled(page)


def work_on_a_deal(page: Page) -> None:
    """Questions are answered, a decision is taken and put into words, an action agreed, a note written."""
    questions = sheet(page).locator(".question")
    assert 3 <= questions.count() <= 5
    asked = questions.all_inner_texts()
    press(page, "1")
    page.keyboard.type("She signs on *Friday*")
    press(page, "Enter")
    expect(questions.nth(1).locator("textarea")).to_be_focused()
    press(page, "Escape", "d")
    expect(sheet(page).get_by_role("button", name="Keep in commit")).to_be_focused()
    press(page, "ArrowRight", "ArrowRight", "Enter")
    out = sheet(page).get_by_role("button", name="Move out of commit")
    expect(out).to_have_attribute("aria-pressed", "true")
    page.get_by_label("Move out of commit: in words").fill("The sponsor is gone")
    press(page, "Enter", "a")
    page.keyboard.type("Meet the new sponsor")
    press(page, "Enter")
    expect(sheet(page).locator(".actions li")).to_contain_text("Meet the new sponsor")
    press(page, "Escape", "o")
    page.keyboard.type("What is typed")
    saved(page)
    assert questions.all_inner_texts() == asked, "an action that was agreed changes nothing that is asked"


def a_week_later(page: Page, running: RunningServer, first: str, second: str) -> None:
    """The next export is loaded while the dashboard runs: the meeting opens with what came of the last one."""
    done = run_process("--store", running.folder / "own.duckdb", "load", EXPORT)
    assert done.code in {0, 1}, done.err
    visit(page, running.url, "/meeting?data=own&talk=8")
    expect(finding(page, "last-decisions")).to_have_text("2 of 2 decisions of 9 Nov came true")
    listed = page.locator(".st-key-card-last-decisions")
    expect(listed).to_contain_text(first)
    expect(listed).to_contain_text("It is in best case")
    expect(page.locator(".st-key-card-last-actions")).to_contain_text("Meet the new sponsor")
    sheet(page).get_by_role("button", name=re.compile(re.escape(second))).click()
    expect(sheet(page).locator("h2")).to_have_text(second)
    settled(page)
    expect(sheet(page).locator(".last")).to_contain_text("Keep in commit")
    expect(main(page)).to_contain_text("Legal has the papers")


def test_a_meeting_by_keyboard_and_the_week_after(
    server: Callable[..., RunningServer],
    new_page: Callable[..., Page],
    furnish: Callable[[Path], Path],
    tmp_path: Path,
) -> None:
    folder = furnish(tmp_path / "own")
    a_week_early(folder)
    running = server(folder=folder)
    page = new_page()
    visit(page, running.url, "/meeting?data=own&talk=4")
    expect(headline(page)).to_have_text(
        re.compile(r"^4 deals to talk about, on which \$[\d.]+M of the forecast hangs$")
    )
    expect(finding(page, "last-decisions")).to_have_text("No earlier review is kept")
    expect(page.get_by_test_id("stSidebar")).to_be_hidden()
    step(page)
    expect(headline(page)).to_contain_text("Wins and commit are")
    step(page)
    expect(headline(page)).to_contain_text("pipeline")
    step(page)
    assert parameters(page)["step"].startswith("deal:")
    # What was chosen at the first step holds on the later ones, where the choice is no longer drawn.
    expect(sheet(page).locator(".stop")).to_have_count(4 + 4)
    first = sheet(page).locator("h2").inner_text()
    work_on_a_deal(page)

    # Whoever leaves in the middle of a sentence finds it again, on the very deal.
    page.keyboard.type(" and not yet saved")
    visit(page, running.url, "/glossary?data=own")
    visit(page, running.url, "/meeting?data=own&talk=4")
    expect(sheet(page).locator("h2")).to_have_text(first)
    note = page.get_by_label("Note", exact=True)
    expect(note).to_have_value("What is typed and not yet saved")
    expect(sheet(page).locator(".question textarea").first).to_have_value("She signs on *Friday*")
    settled(page)
    note.focus()
    press(page, "Control+Enter")
    expect(sheet(page).locator("h2")).not_to_have_text(first)
    settled(page)
    second = sheet(page).locator("h2").inner_text()
    press(page, "1")
    page.keyboard.type("Legal has the papers")
    press(page, "Escape", "d", "Enter")
    expect(sheet(page).get_by_role("button", name="Keep in commit")).to_have_attribute("aria-pressed", "true")
    expect(sheet(page).locator(".clock")).to_have_text(re.compile(r"^0:\d\d of 5:00$"))
    press(page, "t")
    expect(sheet(page).locator(".clock")).to_contain_text("(stopped)")

    # The summary has all of it, and leads back to the other pages.
    sheet(page).get_by_role("button", name=re.compile("Summary")).click()
    expect(headline(page)).to_have_text("2 decisions and 1 action on 2 deals")
    decided = page.locator(".st-key-card-decided-today")
    expect(decided).to_contain_text("The sponsor is gone")
    expect(decided).to_contain_text(second)
    expect(page.locator(".st-key-card-notes-today")).to_contain_text("What is typed and not yet saved")
    sheet(page).get_by_role("button", name="Leave").click()
    expect(page.get_by_test_id("stSidebar")).to_be_visible()
    settled(page)
    assert path_of(page) == "/risks"

    a_week_later(page, running, first, second)
