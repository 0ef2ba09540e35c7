"""A dashboard in use: settings, two visitors at once, and the command line beside it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.e2e.steps import (
    card,
    choose,
    click_cell,
    csv,
    download,
    finding,
    grey_line,
    headline,
    load_files,
    main,
    settled,
    start_own_data,
    visit,
)
from tools.server import ROOT, RunningServer

DEALS = "opportunity_id,name,account,owner,stage,amount,close_date,created_date\n"
ROWS = (
    "S1,First,Acme,Ann Lee,Qualify,100000,2026-12-10,2026-10-01\n"
    "S2,Second,Acme,Ann Lee,Proof,200000,2026-12-10,2026-10-01\n"
)
GOOD = csv("good_2026-11-16.csv", DEALS + ROWS)
WEIGHTED = re.compile(r"Weighted pipeline[\s\S]*?(\$[\d.]+[kM]?)")


def weighted(page: Page, url: str) -> str:
    """The tile Weighted pipeline at home."""
    visit(page, url, "/?data=own&period=all")
    tile = page.get_by_test_id("stMetric").filter(has_text="Weighted pipeline")
    return tile.get_by_test_id("stMetricValue").inner_text().strip()


def stage_row(page: Page, name: str) -> Locator:
    """A stage in the list of stages."""
    return page.locator(".stages li").filter(has=page.get_by_text(name, exact=True))


def order_of_stages(page: Page) -> list[str]:
    """The stages from top to bottom."""
    return page.locator(".stages li:visible .stage").all_inner_texts()


def test_a_stage_probability_changes_the_weighted_pipeline_and_can_be_undone(
    fresh_server: RunningServer, page: Page
) -> None:
    start_own_data(page, fresh_server.url)
    load_files(page, [GOOD])
    before = weighted(page, fresh_server.url)
    visit(page, fresh_server.url, "/data?tab=Settings&data=own")
    save = page.get_by_role("button", name="Save the stages")
    expect(save).to_be_disabled()
    field = stage_row(page, "Proof").get_by_label("Probability")
    field.fill("10")
    field.press("Enter")
    settled(page)
    expect(save).to_be_enabled()
    save.click()
    settled(page)
    after = weighted(page, fresh_server.url)
    assert after != before

    visit(page, fresh_server.url, "/data?tab=Loads&data=own")
    expect(main(page)).to_contain_text("2 loads in force")
    click_cell(page, "loads", 0, card(page, "load"))
    page.get_by_role("button", name="Undo this load").click()
    page.get_by_role("dialog").get_by_role("button", name="Undo the load").click()
    settled(page)
    assert weighted(page, fresh_server.url) == before


def test_stages_are_dragged_and_moved_with_the_keyboard(fresh_server: RunningServer, page: Page) -> None:
    start_own_data(page, fresh_server.url)
    stages = ["Qualify", "Develop", "Proof", "Close", "Won"]
    rows = [f"S{number},D,A,B,{stage},1,2026-12-10,2026-10-01" for number, stage in enumerate(stages)]
    load_files(page, [csv("deals.csv", DEALS + "\n".join(rows) + "\n")])
    visit(page, fresh_server.url, "/data?tab=Settings&data=own")
    expect(stage_row(page, "Won")).to_be_visible()
    assert order_of_stages(page) == stages

    handle, first = (
        stage_row(page, "Close").locator(".handle").bounding_box(),
        stage_row(page, "Qualify").bounding_box(),
    )
    assert handle is not None
    assert first is not None
    page.mouse.move(handle["x"] + 5, handle["y"] + 8)
    page.mouse.down()
    page.mouse.move(handle["x"] + 5, first["y"] + 4, steps=12)
    page.mouse.up()
    settled(page)
    assert order_of_stages(page) == ["Close", "Qualify", "Develop", "Proof", "Won"]

    up = stage_row(page, "Proof").get_by_role("button", name="Move Proof up")
    up.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    settled(page)
    expect(up).to_be_focused()
    wanted = ["Close", "Proof", "Qualify", "Develop", "Won"]
    assert order_of_stages(page) == wanted

    page.get_by_role("button", name="Save the stages").click()
    expect(page.get_by_text("Stages saved.")).to_be_visible()
    visit(page, fresh_server.url, "/data?tab=Settings&data=own")
    expect(stage_row(page, "Won")).to_be_visible()
    assert order_of_stages(page) == wanted


def test_the_fiscal_year_moves_the_quarters(fresh_server: RunningServer, page: Page) -> None:
    start_own_data(page, fresh_server.url)
    load_files(page, [GOOD])
    visit(page, fresh_server.url, "/?data=own")
    expect(grey_line(page)).to_contain_text("Q4 2026")
    visit(page, fresh_server.url, "/data?tab=Settings&data=own")
    choose(page, "fiscal-start", "July")
    visit(page, fresh_server.url, "/?data=own&period=2027Q2")
    expect(grey_line(page)).not_to_contain_text("Q4 2026")
    expect(grey_line(page)).to_contain_text("Q2 FY2027")
    expect(page.locator(".st-key-period").get_by_role("combobox")).to_have_value("Q2 FY2027")
    expect(headline(page)).to_contain_text("$300k")


def test_what_one_visitor_loads_the_other_sees(
    fresh_server: RunningServer, page: Page, new_page: Callable[..., Page]
) -> None:
    other = new_page()
    start_own_data(other, fresh_server.url)
    start_own_data(page, fresh_server.url)
    visit(other, fresh_server.url, "/pipeline?data=own")
    expect(headline(other)).to_contain_text("Load your CRM")
    load_files(page, [GOOD])
    # no reload of the page: any rerun shows the new data
    other.get_by_test_id("stSidebar").get_by_role("link", name="Home", exact=True).click()
    settled(other)
    expect(headline(other)).to_contain_text("$300k")
    expect(finding(page, "loaded")).to_be_visible()


def command(server: RunningServer, *words: str) -> subprocess.CompletedProcess[str]:
    """A command of the command line on the server's own store."""
    return subprocess.run(
        [sys.executable, "-m", "tas_analytics", *words],
        cwd=ROOT,
        env={**os.environ, "TAS_STORE": str(server.store)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_command_line_loads_while_the_dashboard_runs(
    fresh_server: RunningServer, page: Page, tmp_path: Path
) -> None:
    visit(page, fresh_server.url, "/?data=own")
    expect(headline(page)).to_contain_text("Load your CRM")
    file = tmp_path / "good_2026-11-16.csv"
    file.write_bytes(GOOD["buffer"])
    done = command(fresh_server, "load", str(file), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)[0]["loaded"] == {"new": 2, "changed": 0, "unchanged": 0}
    page.reload()
    settled(page)
    expect(headline(page)).to_contain_text("$300k")

    refused = command(fresh_server, "load", str(tmp_path / "nowhere.csv"))
    assert refused.returncode == 2
    assert "Traceback" not in refused.stderr
    assert command(fresh_server, "check").returncode == 0
    assert command(fresh_server, "undo", "1").returncode == 0
    visit(page, fresh_server.url, "/?data=own")
    expect(headline(page)).to_contain_text("Load your CRM")


def test_the_glossary_finds_and_says_when_it_does_not(sample_server: RunningServer, page: Page) -> None:
    visit(page, sample_server.url, "/glossary")
    field = page.get_by_role("textbox", name="Search")
    field.fill("win rate value")
    field.press("Enter")
    settled(page)
    expect(main(page)).to_contain_text("value_win_rate")
    expect(main(page)).not_to_contain_text("weighted_pipeline")
    field.fill("xyzzy")
    field.press("Enter")
    settled(page)
    expect(main(page)).to_contain_text("No definition has all these words")
    assert "search=xyzzy" in page.url


def test_templates_download_with_the_headers_that_are_understood(sample_server: RunningServer, page: Page) -> None:
    visit(page, sample_server.url, "/data?tab=Templates")
    for label in ("Opportunities", "People and teams"):
        page.locator("summary").filter(has_text=label).click()
        settled(page)
    name, text = download(page, lambda: page.locator(".st-key-template-opportunities button").click())
    assert name == "opportunities.csv"
    assert "stage" in text.splitlines()[0].split(",")
    assert len(text.splitlines()) == 1
    name, text = download(page, lambda: page.locator(".st-key-example-people button").click())
    assert name == "people-example.csv"
    assert len(text.splitlines()) > 10
    assert not [line for line in text.splitlines() if line.startswith(("=", "+", "@"))]


def test_who_enters_things_is_asked_once_and_remembered(
    sample_server: RunningServer, page: Page, new_page: Callable[..., Page]
) -> None:
    visit(page, sample_server.url)
    page.get_by_role("button", name="Say who you are").click()
    name = page.get_by_role("combobox", name="Your name")
    name.fill("Dana *O'Hara* <b>")
    name.press("Enter")
    you = page.get_by_role("button", name="You are Dana *O'Hara* <b>")
    expect(you).to_be_visible()
    settled(page)
    # The browser's next visit knows it, another browser does not.
    page.goto("about:blank")
    expect(
        visit(page, sample_server.url, "/data").get_by_role("button", name="You are Dana *O'Hara* <b>")
    ).to_be_visible()
    other = visit(new_page(), sample_server.url)
    expect(other.get_by_role("button", name="Say who you are")).to_be_visible()
