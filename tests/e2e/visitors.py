"""Browsers of visitors, and what their pages must not do.

A page that has drawn the dashboard once has its scripts compiled: the next visit in it costs a third of one in a
browser just opened. So the first page of each kind stays for the tests that follow, and forgets in between
what a browser keeps: cookies, stored values, the address. Whatever a test opens besides is new.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Error, Page

VIEWPORT: Final = {"width": 1440, "height": 900}
OWN_HOSTS: Final = {"localhost", "127.0.0.1"}
#: Options that a page can change later; those with others are of another kind.
_CHANGEABLE: Final = ("viewport", "color_scheme")


@dataclass
class Watch:
    """What pages must not do, as far as they have done it, and whom they have called."""

    faults: list[str] = field(default_factory=list)
    origins: set[str] = field(default_factory=set)

    def follow(self, page: Page) -> None:
        """Begin to watch a page."""
        page.on("console", lambda m: self.faults.append(f"console: {m.text}") if m.type == "error" else None)
        page.on("pageerror", lambda error: self.faults.append(f"exception in the page: {error}"))
        page.on("request", lambda request: self._request(request.url))
        page.on("websocket", lambda socket: self._request(socket.url))

    def _request(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https", "ws", "wss"}:
            return
        if parts.hostname not in OWN_HOSTS:
            self.faults.append(f"request to another host: {url}")
        elif parts.scheme.startswith("http"):
            self.origins.add(f"{parts.scheme}://{parts.netloc}")

    def inspect(self, page: Page) -> None:
        """Look at what the page shows in the end."""
        if page.is_closed():
            return
        if "Traceback" in page.locator("body").inner_text():
            self.faults.append(f"traceback text on {page.url}")
        if page.get_by_test_id("stException").count():
            self.faults.append(f"an error box on {page.url}: {page.get_by_test_id('stException').first.inner_text()}")


class Visitors:
    """The browser's windows, over all tests of a process."""

    def __init__(self, browser: Browser) -> None:
        self.watch = Watch()
        self._browser = browser
        self._kept: dict[tuple[tuple[str, str], ...], Page] = {}
        self._lent: list[tuple[tuple[str, str], ...]] = []
        self._others: list[BrowserContext] = []

    def arrive(self, **options: Any) -> Page:
        """A visitor who has never been here; see the fixture ``new_page``."""
        kind = tuple(sorted((name, repr(value)) for name, value in options.items() if name not in _CHANGEABLE))
        if kind in self._lent:
            context = self._context(options)
            self._others.append(context)
            return context.new_page()
        self._lent.append(kind)
        page = self._kept.get(kind)
        if page is None:
            page = self._kept[kind] = self._context(options).new_page()
        page.set_viewport_size(options.get("viewport", VIEWPORT))
        page.emulate_media(color_scheme=options.get("color_scheme", "light"))
        return page

    def pages(self) -> list[Page]:
        """All pages of the present test, those that the dashboard or the test opened from another one included."""
        contexts = [*(self._kept[kind].context for kind in self._lent), *self._others]
        return [page for context in contexts for page in context.pages]

    def leave(self, *, spoilt: bool) -> None:
        """The test is over: everything is closed or, unless it is spoilt, forgotten."""
        for context in self._others:
            context.close()
        for kind in self._lent:
            if spoilt or not self._forgotten(self._kept[kind]):
                self._kept.pop(kind).context.close()
        self._others.clear()
        self._lent.clear()
        self.watch.faults.clear()
        self.watch.origins.clear()

    def _context(self, options: dict[str, Any]) -> BrowserContext:
        # What moves for the eye only is drawn sixty times a second without a graphics card: it is asked to stand still.
        still = {"viewport": VIEWPORT, "accept_downloads": True, "reduced_motion": "reduce"}
        context = self._browser.new_context(**{**still, **options})
        context.on("page", self.watch.follow)
        return context

    def _forgotten(self, page: Page) -> bool:
        """Whether the page has been made like new."""
        if page.is_closed():
            return False
        try:
            for other in page.context.pages:
                if other is not page:
                    other.close()
            page.evaluate("sessionStorage.clear()")
            page.goto("about:blank")
            devtools = page.context.new_cdp_session(page)
            for origin in self.watch.origins:
                devtools.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
            devtools.detach()
            page.context.clear_cookies()
        except Error:
            return False
        return True
