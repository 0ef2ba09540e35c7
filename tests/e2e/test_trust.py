"""Files dropped into the inbox change what the pages show; the badge of trust says what to make of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.steps import headline, main, parameters, path_of, settled, visit
from tools.server import RunningServer

HEADER = "opportunity_id,name,account,owner,stage,amount,close_date,created_date\n"
GOOD = HEADER + "D1,Robots,Acme,Ann Lee,Qualify,120000,2026-12-10,2026-11-01\n"
WORSE = HEADER + "D1,Robots,Acme,,Proof,150000,2026-11-10,2026-11-01\n"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def badge(page: Page) -> Locator:
    """The badge in the page's head."""
    return main(page).locator(".st-key-trust").get_by_role("link")


def drop(server: RunningServer, name: str, content: str | bytes) -> Path:
    """Put a file into the inbox as a careful program does; gives the place."""
    path = server.folder / "inbox" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def wait_until(page: Page, true: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait for something outside the browser."""
    for _ in range(int(seconds * 10)):
        if true():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it did not come to pass")


def gone(path: Path) -> Callable[[], bool]:
    return lambda: not path.exists()


def test_what_is_dropped_into_the_inbox_is_on_the_pages_within_seconds(fresh_server: RunningServer, page: Page) -> None:
    visit(page, fresh_server.url, "/data?data=own&tab=Loads")
    expect(badge(page)).to_have_text("○ No data yet")
    expect(main(page)).to_contain_text("Nothing has come through it yet")
    expect(main(page)).to_contain_text(str(fresh_server.folder / "inbox"))

    stages = drop(fresh_server, "stages.csv", "stage,order,probability,status\nQualify,1,0.1,open\nProof,2,0.5,open\n")
    wait_until(page, gone(drop(fresh_server, "deals_2026-11-09.csv", GOOD)))
    wait_until(page, gone(stages))
    visit(page, fresh_server.url, "/?data=own")
    expect(headline(page)).to_contain_text("$120k")
    expect(badge(page)).to_have_text("✓ Data usable")

    picture = drop(fresh_server, "picture.csv", b"\x89PNG\r\n\x1a\n" + bytes(40))
    wait_until(page, gone(drop(fresh_server, "deals_2026-11-16.csv", WORSE)))
    wait_until(page, gone(picture))
    page.reload()
    settled(page)
    expect(badge(page)).to_contain_text("! Data usable with caveats")
    badge(page).click()
    settled(page)
    assert path_of(page) == "/data"
    assert parameters(page)["tab"] == "Data trust"
    expect(main(page)).to_contain_text("1 deal without an owner · $150k")
    expect(main(page)).to_contain_text("1 deal open past their close date")

    page.get_by_role("tab", name="Loads").click()
    settled(page)
    expect(main(page)).to_contain_text("deals_2026-11-16.csv")
    expect(main(page)).to_contain_text('Refused: "picture.csv" is a PNG image')
    (report,) = json.loads((fresh_server.folder / "inbox/refused/picture.csv.report.json").read_text())
    assert report["verdict"] == "refused"
    assert len(list((fresh_server.folder / "inbox/loaded").rglob("*.csv"))) == 3


@pytest.mark.parametrize("path", ["/", "/pipeline", "/deal?id=0065e000000L09cAAC", "/data?tab=Upload", "/glossary"])
def test_the_badge_is_on_every_page_and_leads_to_the_reasons(
    sample_server: RunningServer, page: Page, path: str
) -> None:
    visit(page, sample_server.url, path)
    expect(badge(page)).to_have_text(re.compile(r"^! Data usable with caveats · \d+ findings$"))
    badge(page).focus()
    expect(badge(page)).to_be_focused()
    page.keyboard.press("Enter")
    settled(page)
    assert (path_of(page), parameters(page)["tab"]) == ("/data", "Data trust")
    expect(page.get_by_role("tab", name="Data trust")).to_have_attribute("aria-selected", "true")
    expect(main(page)).to_contain_text("What to keep in mind when reading the numbers")


def test_the_badge_keeps_the_filters(sample_server: RunningServer, page: Page) -> None:
    visit(page, sample_server.url, "/pipeline?region=EMEA")
    badge(page).click()
    settled(page)
    assert parameters(page)["region"] == "EMEA"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("phone", [False, True], ids=["wide", "phone"])
def test_the_badge_is_in_sight_and_covers_nothing(
    sample_server: RunningServer, new_page: Callable[..., Page], scheme: str, phone: bool
) -> None:
    page = visit(new_page(**(PHONE if phone else {}), color_scheme=scheme), sample_server.url, "/?region=EMEA")
    expect(badge(page)).to_be_in_viewport()
    box = badge(page).bounding_box()
    assert box is not None
    for words in (headline(page), main(page).locator('[data-testid="stMarkdown"]:has(h1) p').first):
        other = words.evaluate(
            "node => { const r = document.createRange(); r.selectNodeContents(node); "
            "const b = r.getBoundingClientRect(); return [b.left, b.top, b.right, b.bottom]; }"
        )
        apart = (
            box["x"] >= other[2] or box["x"] + box["width"] <= other[0]
            or box["y"] >= other[3] - 1 or box["y"] + box["height"] <= other[1] + 1
        )  # fmt: skip
        assert apart, (box, other)
