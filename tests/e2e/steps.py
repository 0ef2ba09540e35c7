"""What a user does, and where things are on a page: shared by the browser tests."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import (
    Error as PlaywrightError,
    FilePayload,
    FloatRect,
    Locator,
    Page,
    TimeoutError as PlaywrightTimeoutError,
    expect,
)

from tools.browser import expect_settled

#: The machines that run these tests may be busy.
expect.set_options(timeout=20_000)

Files = Sequence[str | Path | FilePayload]


def visit(page: Page, url: str, path: str = "/") -> Page:
    """Open an address and wait until the page is at rest."""
    page.goto(url + path)
    page.get_by_test_id("stApp").wait_for()
    expect_settled(page, timeout=60_000)
    return page


def settled(page: Page) -> Page:
    """Wait until the page is at rest."""
    expect_settled(page, timeout=60_000)
    return page


def main(page: Page) -> Locator:
    """The page without its sidebar."""
    return page.get_by_test_id("stMain")


def headline(page: Page) -> Locator:
    """The computed sentence on top."""
    return main(page).get_by_role("heading", level=1)


def grey_line(page: Page) -> Locator:
    """The small line above it: page, whose data, scope, day."""
    return main(page).locator('[data-testid="stMarkdown"]:has(h1) p').first


def card(page: Page, key: str) -> Locator:
    """A card by its key."""
    return page.locator(f".st-key-card-{key}")


def finding(page: Page, key: str) -> Locator:
    """The title of a card."""
    return card(page, key).get_by_role("heading", level=3)


def chart(page: Page, key: str, theme: str = "light") -> Locator:
    """A chart by its key."""
    return page.locator(f".st-key-{key}-{theme}")


def parameters(page: Page) -> dict[str, str]:
    """The parameters in the page's address."""
    return {key: values[-1] for key, values in parse_qs(urlsplit(page.url).query).items()}


def path_of(page: Page) -> str:
    """The path in the page's address."""
    return urlsplit(page.url).path


def _box(place: Locator) -> FloatRect:
    """Where something stands, once it stands still: a chart is laid out again when its fonts or its room arrive."""
    before: FloatRect | None = None
    for _ in range(20):
        try:
            place.scroll_into_view_if_needed()
            box = place.bounding_box()
        except PlaywrightError:  # drawn once more just now: what stands in its place is taken
            box = None
        if box is not None and box == before:
            return box
        before = box
        place.page.wait_for_timeout(50)
    raise AssertionError("what is to be clicked is not drawn, or does not come to rest")


def _click_until_answered(page: Page, click: Callable[[], None]) -> None:
    """Click in a chart until the address shows what it leads to, and the page is at rest.

    A chart says that it was clicked a moment later, longer on a busy machine than a page must be at rest; and for a
    moment after a page has been drawn, a chart that is drawn once more drops a click.
    """
    before = page.url
    for _ in range(4):
        click()
        try:
            page.wait_for_function("before => location.href !== before", arg=before, timeout=4_000)
        except PlaywrightTimeoutError:
            # A click that is still being answered must not be repeated.
            settled(page)
            if page.url == before:
                continue
        break
    settled(page)
    assert page.url != before, "a click in a chart was not answered"


def click_row(page: Page, key: str, label: str) -> None:
    """Click the bar that stands beside a label until the address shows what it leads to."""

    def click() -> None:
        text = chart(page, key).locator(".ytick text").filter(has_text=re.compile(rf"^{re.escape(label)}$"))
        row = _box(text.first)
        page.mouse.click(row["x"] + row["width"] + 20, row["y"] + row["height"] / 2)

    _click_until_answered(page, click)


def click_mark(page: Page, key: str, index: int = 0, marks: str = ".point path, path.point, .points path") -> None:
    """Click the nth mark of a chart, wherever it is drawn, until the address shows what it leads to."""

    def click() -> None:
        box = _box(chart(page, key).locator(marks).nth(index))
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    _click_until_answered(page, click)


def click_words(page: Page, key: str, words: str | re.Pattern[str], *, dx: float = 0, dy: float = 0) -> None:
    """Click in a chart beside some text that it shows, until the address shows what it leads to."""

    def click() -> None:
        box = _box(chart(page, key).locator("text").filter(has_text=words).first)
        page.mouse.click(box["x"] + box["width"] / 2 + dx, box["y"] + box["height"] / 2 + dy)

    _click_until_answered(page, click)


def click_cell(page: Page, key: str, row: int, shows: Locator, *, column: float = 40, clicks: int = 1) -> None:
    """Click a row of a table until what it leads to shows.

    Tables are painted, so the click goes by place; and for a moment after its rows have changed a
    table drops what is selected in it, so the click is repeated as a user would.
    """
    grid = page.locator(f"[class*='st-key-{key}'] .dvn-scroller")
    for _ in range(5):
        grid.evaluate("node => node.scrollIntoView({block: 'center'})")
        grid.click(position={"x": column, "y": 32 * (row + 1.5)}, click_count=clicks)
        try:
            shows.wait_for(timeout=4_000)
        except PlaywrightTimeoutError:
            # A busy machine takes its time: a click that is still being answered must not be repeated.
            settled(page)
            if not shows.is_visible() and grid.is_visible():
                continue
        break
    shows.wait_for()


def row_of(page: Page, key: str, label: str | re.Pattern[str]) -> int:
    """The row of a table whose first column holds that text."""
    first = page.locator(f"[class*='st-key-{key}'] td[id^='glide-cell-0-']").filter(has_text=label)
    first.wait_for(state="attached")
    return int((first.get_attribute("id") or "").rpartition("-")[2])


def open_deal(page: Page, row: int = 0) -> str:
    """Open a deal from the list of deals; gives its headline."""
    click_cell(page, "drill", row, main(page).get_by_text("What the CRM says"))
    settled(page)
    assert path_of(page) == "/deal"
    return headline(page).inner_text()


def cell(page: Page, key: str, row: int, column: int) -> str:
    """The text of a cell, from the table that screen readers get."""
    place = page.locator(f".st-key-{key} [role=grid] tr[aria-rowindex='{row + 2}'] td").nth(column)
    return (place.text_content() or "").strip()


def choose(page: Page, key: str, option: str | re.Pattern[str]) -> None:
    """Choose in a select box or add to a list of values."""
    box = page.locator(f".st-key-{key}").get_by_role("combobox")
    wanted = page.get_by_role("option", name=option).first
    for patience in (4_000, 8_000, 30_000):
        # The sidebar may still be on its way to where the box is in sight, and a list that moves closes.
        box.scroll_into_view_if_needed()
        page.wait_for_timeout(200)
        box.click()
        try:
            wanted.click(timeout=patience)
            break
        except PlaywrightTimeoutError:
            if patience == 30_000:
                raise
            page.keyboard.press("Escape")
            settled(page)
    page.keyboard.press("Escape")  # a list of values stays open for the next one
    settled(page)


def segment(page: Page, key: str, option: str) -> None:
    """Choose one of the segments of a switch."""
    page.locator(f".st-key-{key}").get_by_role("radio", name=option, exact=True).click()
    settled(page)


def upload(page: Page, files: Files) -> None:
    """Drop files on the uploader, all at once."""
    inputs = page.get_by_test_id("stFileUploaderDropzoneInput")
    inputs.set_input_files([str(f) if isinstance(f, Path) else f for f in files])  # type: ignore[arg-type]
    settled(page)


def csv(name: str, text: str) -> FilePayload:
    """A file made on the spot."""
    return {"name": name, "mimeType": "text/csv", "buffer": text.encode()}


def start_own_data(page: Page, url: str) -> None:
    """Leave the sample for an empty store of one's own."""
    visit(page, url, "/data")
    page.get_by_role("button", name="Start with my own data").first.click()
    settled(page)
    expect(grey_line(page)).to_contain_text("Your data")


def load_files(page: Page, files: Files) -> None:
    """Upload files on the tab Upload and load them."""
    upload(page, files)
    button = page.locator(".st-key-load").get_by_role("button")
    expect(button).to_be_visible(timeout=60_000)
    button.click()
    expect(finding(page, "loaded")).to_be_visible(timeout=60_000)
    settled(page)


def download(page: Page, press: Callable[[], None]) -> tuple[str, str]:
    """Name and text of what a button gives."""
    with page.expect_download(timeout=30_000) as waiting:
        press()
    got = waiting.value
    return got.suggested_filename, Path(got.path()).read_text(encoding="utf-8-sig")


PAGES: Final = ("/", "/pipeline", "/changes", "/board", "/data", "/glossary")
