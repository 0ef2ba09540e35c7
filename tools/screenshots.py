"""Take the pictures of the documentation from the sample: ``python tools/screenshots.py``.

A server is started on stores in a temporary folder, so the pictures show the sample and nothing of
yours. The same program and the same browser give the same pictures: the day on screen is the data's,
not the clock's, nothing moves while a picture is taken, and a picture that looks like the one that is
there already is not written again.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

# A script finds its own folder first, not the project's.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools import browser as the_browser
from tools.server import ROOT, start_server

if TYPE_CHECKING:
    from playwright.sync_api import Browser

IMAGES: Final = ROOT / "docs" / "images"
WIDE: Final = 1440
#: No picture is longer than this: what comes after is in the text.
LONGEST: Final = 1380
MOST_BYTES: Final = 300_000
#: A browser rounds the edge of a line now this way, now that. Up to so many pixels may differ clearly.
UNSEEN_PIXELS: Final = 12
CLEARLY: Final = 48
SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
#: The largest open deal of the sample that is in trouble: it has a history worth showing.
DEAL: Final = "Brandt <Nord> GmbH - Vibrel Fleet group framework"
STILL: Final = (
    "*, *::before, *::after {transition: none !important; animation: none !important; caret-color: transparent}"
)


@dataclass(frozen=True)
class Picture:
    """One picture: its file's name, the page's address, and how it is seen."""

    name: str
    path: str
    width: int = WIDE
    scheme: Literal["light", "dark"] = "light"
    longest: int = LONGEST


def pictures(deal: str) -> Iterator[Picture]:
    """Every picture of the documentation."""
    pages = {
        "home": "/",
        "pipeline": "/pipeline",
        "deal": f"/deal?id={deal}",
        "score": f"/deal?id={deal}&topic=Score",
        "forecast": "/forecast",
        "track-record": "/track-record",
        "changes": "/changes",
        "board": "/board",
        "risks": "/risks",
        "meeting": f"/meeting?step=deal:{deal}",
        "assessment": "/assessment?period=all",
        "worksheet": f"/deal?id={deal}&topic=Assessment&criterion=5",
        "strategy": "/strategy",
        "what-wins": "/what-wins",
        "milestones": "/milestones",
        "evidence": "/evidence",
        "activities": "/activities",
        "data": "/data?tab=Data+trust",
        "glossary": "/glossary?search=win+rate",
    }
    for scheme in SCHEMES:
        for name, path in pages.items():
            # So many marks that a longer picture would be too large a file.
            longest = 1150 if name in {"assessment", "milestones", "risks"} else LONGEST
            yield Picture(f"{name}-{scheme}", path, scheme=scheme, longest=longest)


def deal_id(folder: Path) -> str:
    """The key of the deal that is shown, from the exports of the sample."""
    from tas_analytics.store.database import Store

    store = Store.open(folder / "own-sample.duckdb")
    try:
        key = store.value(
            "select r.natural_key from opportunity_version v "
            "join record r on r.table_name = 'opportunities' and r.record_key = v.record_key where v.name = $name",
            {"name": DEAL},
        )
    finally:
        store.close()
    if key is None:
        raise SystemExit(f"The sample has no deal called {DEAL}: choose another in tools/screenshots.py.")
    return str(key)


def take(browser: Browser, url: str, picture: Picture, folder: Path) -> Path:
    """Take one picture."""
    context = browser.new_context(
        viewport={"width": picture.width, "height": 900}, color_scheme=picture.scheme, reduced_motion="reduce"
    )
    try:
        page = context.new_page()
        page.goto(url + picture.path)
        page.get_by_test_id("stApp").wait_for()
        the_browser.expect_settled(page, timeout=60_000)
        # What is worked out in the background belongs to the picture; one answer may lead to the next question.
        while page.locator("[class*=st-key-behind-]").count():
            page.wait_for_function("() => !document.querySelector('[class*=st-key-behind-]')", timeout=300_000)
            the_browser.expect_settled(page, timeout=60_000)
        content = "() => document.querySelector('[data-testid=stMainBlockContainer]').getBoundingClientRect().height"
        height = min(max(round(page.evaluate(content)), 600), picture.longest)
        page.set_viewport_size({"width": picture.width, "height": height})
        page.add_style_tag(content=STILL)
        page.evaluate("() => document.fonts.ready")
        the_browser.expect_settled(page, timeout=60_000)
        taken = page.screenshot(animations="disabled", caret="hide")
    finally:
        context.close()
    target = folder / f"{picture.name}.png"
    if not (target.exists() and looks_the_same(target.read_bytes(), taken)):
        target.write_bytes(taken)
    return target


def looks_the_same(one: bytes, other: bytes) -> bool:
    """Whether nobody could tell two pictures apart."""
    from PIL import Image, ImageChops

    with Image.open(io.BytesIO(one)) as first, Image.open(io.BytesIO(other)) as second:
        if first.size != second.size:
            return False
        apart = ImageChops.difference(first.convert("L"), second.convert("L")).histogram()
    return sum(apart[CLEARLY:]) <= UNSEEN_PIXELS


def main() -> int:
    """Take every picture, or those whose names hold one of the words given."""
    parser = argparse.ArgumentParser(description="Take the pictures of the documentation from the sample.")
    parser.add_argument("words", nargs="*", help="only the pictures whose names hold one of these words")
    parser.add_argument("--out", type=Path, default=IMAGES, help="the folder for the pictures")
    options = parser.parse_args()
    path = the_browser.find_browser()
    if path is None:
        print("There is no Chromium or Chrome that starts: see `python tools/browser.py`.", file=sys.stderr)
        return 1
    from playwright.sync_api import sync_playwright

    from tas_analytics import sample

    options.out.mkdir(parents=True, exist_ok=True)
    too_large = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        sample.ensure(folder / "own-sample.duckdb")
        wanted = [
            one for one in pictures(deal_id(folder)) if not options.words or any(w in one.name for w in options.words)
        ]
        server = start_server(folder)
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=path, args=list(the_browser.LAUNCH_ARGS))
                for one in wanted:
                    target = take(browser, server.url, one, options.out)
                    size = target.stat().st_size
                    print(f"{target.name:24} {size / 1000:6.0f} kB")
                    if size > MOST_BYTES:
                        too_large.append(target.name)
                browser.close()
        finally:
            server.stop()
    if too_large:
        print(f"Larger than {MOST_BYTES / 1000:.0f} kB: {', '.join(too_large)}.", file=sys.stderr)
    return 1 if too_large else 0


if __name__ == "__main__":
    sys.exit(main())
