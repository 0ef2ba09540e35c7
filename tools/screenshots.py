"""Take the pictures of the documentation: every page of the sample company, light and dark, wide and narrow.

Run it with the Python of ``.venv``; it starts a server of its own in a temporary folder and writes
``docs/images``. Nothing on the pages depends on the day or the machine, so a new run changes a
picture only where the page has changed.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, sync_playwright

from tools.browser import LAUNCH_ARGS, expect_settled, find_browser
from tools.server import ROOT, start_server

IMAGES: Final = ROOT / "docs" / "images"
PAGES: Final = {
    "home": "/?data=sample",
    "pipeline": "/pipeline?data=sample",
    "deal": "/deal?data=sample&id=0065e000000Lhb5AAC",
    "data": "/data?data=sample&tab=Data+trust",
    "glossary": "/glossary?data=sample&search=win+rate",
}
NARROW: Final = ("home", "pipeline")
#: Pages are cut here: the rest is for the reader who opens them.
TALLEST: Final = 1500


def take(browser: Browser, url: str, path: Path, width: int, scheme: str) -> None:
    """One picture of a page at its full height, up to the tallest."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(url)
    expect_settled(page)
    height = int(page.evaluate("document.querySelector('.stMainBlockContainer').scrollHeight"))
    page.set_viewport_size({"width": width, "height": min(height + 40, TALLEST)})
    expect_settled(page)
    page.screenshot(path=path, animations="disabled")
    context.close()


def main() -> int:
    """Take all pictures; 1 where there is no browser."""
    program = find_browser()
    if program is None:
        print("No Chromium was found, so no pictures were taken.", file=sys.stderr)
        return 1
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        server = start_server(Path(folder))
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=program, args=list(LAUNCH_ARGS))
                for name, address in PAGES.items():
                    for scheme in ("light", "dark"):
                        take(browser, server.url + address, IMAGES / f"{name}-{scheme}.png", 1440, scheme)
                for name in NARROW:
                    take(browser, server.url + PAGES[name], IMAGES / f"{name}-narrow.png", 390, "light")
                browser.close()
        finally:
            server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
