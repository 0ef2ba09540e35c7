"""A real browser on a real server.

Every page that a test opens is watched: an error in the console, an exception in the page, a request
to another host, a traceback or an error box fails the test at its end, whatever it was about.
Screenshots of failures go to ``build/e2e/``. Waiting is done with ``expect_settled`` and playwright's
``expect``; nothing sleeps.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests import shared
from tests.app import stores
from tests.e2e.visitors import Visitors
from tools import browser as the_browser
from tools.server import ROOT, RunningServer, start_server

BUILD: Final = ROOT / "build" / "e2e"
_FAILED: Final = pytest.StashKey[bool]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is a browser test."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """Let fixtures know at teardown whether the test failed."""
    report = yield
    if report.when == "call":
        item.stash[_FAILED] = report.failed
    return report


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the session; skips where there is none."""
    path = the_browser.find_browser()
    if path is None:
        pytest.skip("no Chromium or Chrome that starts: see `python tools/browser.py`")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=list(the_browser.LAUNCH_ARGS))
        yield running
        running.close()


def _file_name(request: pytest.FixtureRequest) -> str:
    """The test's name as a file name."""
    return re.sub(r"\W+", "-", request.node.nodeid).strip("-") or "session"


def _stop_and_inspect(server: RunningServer, request: pytest.FixtureRequest, *, stopped: bool = False) -> None:
    """Stop a server and keep its log; it must not have ended by itself, nor logged a traceback."""
    ended = server.process.poll()
    server.stop()
    BUILD.mkdir(parents=True, exist_ok=True)
    shutil.copy(server.folder / "server.log", BUILD / f"{_file_name(request)}-{server.folder.name}.log")
    assert "Traceback" not in server.log, server.log
    assert ended is None or stopped, f"The server ended by itself with exit code {ended}. Its log:\n{server.log}"


@pytest.fixture(scope="session")
def furnish(sample_file: Path) -> Callable[[Path], Path]:
    """Puts the sample's store into a server's folder: it is built once for all tests, not once a server."""

    def put(folder: Path) -> Path:
        shared.copy(sample_file, folder / "own-sample.duckdb")
        return folder

    return put


@pytest.fixture(scope="session")
def sample_server(
    browser: Browser,
    tmp_path_factory: pytest.TempPathFactory,
    furnish: Callable[[Path], Path],
    request: pytest.FixtureRequest,
) -> Iterator[RunningServer]:
    """A server with the sample data and an empty own store, shared by the tests that only read."""
    server = start_server(furnish(tmp_path_factory.mktemp("sample-server")))
    yield server
    _stop_and_inspect(server, request)


@pytest.fixture(scope="session")
def public_server(
    browser: Browser,
    tmp_path_factory: pytest.TempPathFactory,
    furnish: Callable[[Path], Path],
    public_data: Path,
    request: pytest.FixtureRequest,
) -> Iterator[RunningServer]:
    """A server whose own data is the public CRM's, shared by the tests that only read."""
    folder = furnish(tmp_path_factory.mktemp("public-server"))
    stores.store_with(folder / "own.duckdb", stores.public_crm(public_data))
    server = start_server(folder)
    yield server
    _stop_and_inspect(server, request)


@pytest.fixture
def fresh_server(
    browser: Browser, tmp_path: Path, furnish: Callable[[Path], Path], request: pytest.FixtureRequest
) -> Iterator[RunningServer]:
    """A server of the test's own: an empty own store, and no page visited yet."""
    server = start_server(furnish(tmp_path / "fresh-server"))
    yield server
    _stop_and_inspect(server, request)


@pytest.fixture
def server(
    browser: Browser, tmp_path: Path, furnish: Callable[[Path], Path], request: pytest.FixtureRequest
) -> Iterator[Callable[..., RunningServer]]:
    """Starts servers: ``server()``, ``server("--flag", environment={...})``; all end with the test.

    With ``folder=`` a server is started on the stores of an earlier one.
    """
    started: list[RunningServer] = []

    def start(*arguments: str, folder: Path | None = None, environment: dict[str, str] | None = None) -> RunningServer:
        place = folder or furnish(tmp_path / f"server-{len(started)}")
        started.append(start_server(place, *arguments, environment=environment))
        return started[-1]

    yield start
    for one in started:
        _stop_and_inspect(one, request, stopped=True)  # a test may stop its servers itself


@pytest.fixture(scope="session")
def visitors(browser: Browser) -> Visitors:
    """Who visits, over all tests."""
    return Visitors(browser)


@pytest.fixture
def new_page(visitors: Visitors, request: pytest.FixtureRequest) -> Iterator[Callable[..., Page]]:
    """Opens watched pages, each like a new visitor with a browser of their own.

    ``new_page()``, or with anything that playwright's ``Browser.new_context`` takes, such as
    ``new_page(viewport={"width": 390, "height": 844})`` or ``new_page(color_scheme="dark")``.
    """
    # Servers of the same test are started first, so that they end after the pages, whatever the test's order of names.
    for name in {"fresh_server", "server"}.intersection(request.fixturenames):
        request.getfixturevalue(name)
    yield visitors.arrive
    faults: list[str] = []
    try:
        for page in visitors.pages():
            visitors.watch.inspect(page)
        faults = list(visitors.watch.faults)
        if faults or request.node.stash.get(_FAILED, True):
            BUILD.mkdir(parents=True, exist_ok=True)
            for number, page in enumerate(visitors.pages()):
                page.screenshot(path=BUILD / f"{_file_name(request)}-{number}.png", full_page=True)
    finally:
        visitors.leave(spoilt=bool(faults) or request.node.stash.get(_FAILED, True))
    assert not faults, "\n".join(faults)


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """One watched page, 1440 × 900."""
    return new_page()


@pytest.fixture
def expect_settled() -> Callable[..., None]:
    """The wait for a page at rest, ``expect_settled(page)``: see :func:`tools.browser.expect_settled`."""
    return the_browser.expect_settled
