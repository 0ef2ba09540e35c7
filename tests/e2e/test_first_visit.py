"""The first visit to a fresh server, by any door: the frame, the filters and the right page."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.steps import grey_line, headline, parameters, path_of, settled, visit
from tools.server import ROOT, RunningServer, free_port

LINKS = (
    ("/pipeline?region=EMEA", "Pipeline by stage", "EMEA"),
    ("/glossary", "Glossary", "Sample company"),
    ("/data", "Data", "Sample company"),
)


def expect_the_page(page: Page, title: str, words: str) -> None:
    """The page with its frame; Streamlit's dialogue for pages that do not exist must not appear."""
    expect(headline(page)).to_be_visible()
    expect(grey_line(page)).to_contain_text(title)
    expect(grey_line(page)).to_contain_text(words)
    expect(page.get_by_text("Page not found")).to_have_count(0)
    expect(page.get_by_role("dialog")).to_have_count(0)
    sidebar = page.get_by_test_id("stSidebar")
    for name in ("Home", "Pipeline by stage", "Data", "Glossary"):
        expect(sidebar.get_by_role("link", name=name, exact=True)).to_be_visible()
    for name in ("Period", "Region", "Manager"):
        expect(sidebar.get_by_role("combobox", name=name)).to_be_visible()


@pytest.mark.parametrize(("path", "title", "words"), LINKS)
def test_a_deep_link_is_the_first_thing_a_fresh_server_sees(
    fresh_server: RunningServer, page: Page, path: str, title: str, words: str
) -> None:
    seen: list[str] = []
    page.on("response", lambda answer: seen.append(answer.url) if answer.status >= 400 else None)
    visit(page, fresh_server.url, path)
    expect_the_page(page, title, words)
    assert path_of(page) == path.partition("?")[0]
    assert not seen, "nothing may be asked for that is not there"


@pytest.fixture
def plain_streamlit(tmp_path: Path, furnish: Callable[[Path], Path]) -> Iterator[str]:
    """A server started by ``streamlit run dashboard.py``, as somebody does who knows Streamlit."""
    folder = furnish(tmp_path / "plain")
    port = free_port()
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "dashboard.py", "--server.port", str(port)],
            cwd=ROOT,
            env={**os.environ, "TAS_STORE": str(folder / "own.duckdb")},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"http://localhost:{port}/_stcore/health", timeout=2).close()
                break
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.05)
        yield f"http://localhost:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)
    assert "Traceback" not in (folder / "server.log").read_text(encoding="utf-8", errors="replace")


def test_streamlit_run_gives_the_same_first_page(plain_streamlit: str, page: Page) -> None:
    visit(page, plain_streamlit, "/pipeline?region=EMEA")
    expect_the_page(page, "Pipeline by stage", "EMEA")


def test_a_link_with_keys_and_one_in_words_show_the_same(
    sample_server: RunningServer, new_page: Callable[..., Page]
) -> None:
    """A link written by a program names keys; what the page writes into the address is as good."""
    by_key = visit(new_page(), sample_server.url, "/?data=sample&period=2026Q3&as_of=2026-10-05&region=EMEA")
    expect(grey_line(by_key)).to_contain_text("Sample company · Q3 2026 · EMEA · as of Mon 5 Oct 2026")
    assert parameters(by_key)["region"] == "EMEA", "a filter must not fall out of the address"
    other = new_page()
    other.goto(by_key.url)
    settled(other)
    expect(headline(other)).to_have_text(headline(by_key).inner_text())
    expect(grey_line(other)).to_have_text(grey_line(by_key).inner_text())


def test_a_link_names_whose_data_it_shows(
    sample_server: RunningServer, public_server: RunningServer, page: Page
) -> None:
    """What the address says must not depend on whether somebody has loaded data since."""
    visit(page, sample_server.url, "/pipeline")
    expect(grey_line(page)).to_contain_text("Sample company")
    query = page.url.partition("?")[2]
    visit(page, public_server.url, f"/pipeline?{query}")
    expect(grey_line(page)).to_contain_text("Sample company")


def test_a_second_start_is_quick_and_keeps_the_data(
    server: Callable[..., RunningServer], page: Page, tmp_path: Path
) -> None:
    first = server()
    before = headline(visit(page, first.url)).inner_text()
    page.goto("about:blank")  # an open page would miss its server
    first.stop()
    began = time.monotonic()
    second = server(folder=first.folder)
    # Under 5 s on a machine with nothing else to do; test machines are busy, a rebuilt sample takes far longer.
    assert time.monotonic() - began < 20
    expect(headline(visit(page, second.url))).to_have_text(before)
    assert "building the sample" not in second.log
