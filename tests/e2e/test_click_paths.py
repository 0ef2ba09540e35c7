"""Every mark leads to the deals behind it, and every deal to its page."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable

from playwright.sync_api import Page, WebSocketRoute, expect

from tests.e2e.steps import (
    card,
    cell,
    chart,
    choose,
    click_mark,
    click_row,
    download,
    finding,
    grey_line,
    headline,
    main,
    open_deal,
    parameters,
    path_of,
    segment,
    settled,
    visit,
)
from tools.server import RunningServer

DEAL = "0065e000000L09cAAC"


def test_a_bar_leads_to_its_deals_and_a_row_to_the_deal(sample_server: RunningServer, page: Page) -> None:
    visit(page, sample_server.url, "/pipeline")
    plain = page.url
    words = chart(page, "stages").locator("text").all_text_contents()
    label = next(word for word in words if "$2.3M" in word)
    click_row(page, "stages", "Close")
    assert parameters(page)["deals"] == "stage:Close"
    expect(finding(page, "deals")).to_have_text(re.compile(r"^13 deals in Close · \$2\.3M"))
    assert "13 deals" in label, "the list holds as many deals as the bar says"
    listed = page.url
    first = cell(page, "drill", 0, 1)
    assert open_deal(page) == first
    expect(main(page)).not_to_contain_text("not in the data shown")
    assert "deals" not in parameters(page), "the list is no part of the deal's address"
    # Each click was one step, though Streamlit makes three of opening a page.
    page.go_back()
    settled(page)
    assert page.url == listed
    expect(finding(page, "deals")).to_contain_text("13 deals in Close")
    page.go_back()
    settled(page)
    assert page.url == plain
    expect(finding(page, "deals")).to_contain_text("87 open deals")


def test_a_list_can_be_left_again(sample_server: RunningServer, page: Page) -> None:
    visit(page, sample_server.url, "/pipeline?deals=stage:Close")
    page.get_by_role("button", name="Show all open deals").click()
    settled(page)
    expect(finding(page, "deals")).to_contain_text("87 open deals")
    assert "deals" not in parameters(page)


def test_a_month_column_leads_to_its_deals(sample_server: RunningServer, page: Page) -> None:
    visit(page, sample_server.url, "/pipeline")
    click_mark(page, "months", 0)
    assert parameters(page)["deals"].startswith("close_month:2026-10")
    expect(finding(page, "deals")).to_contain_text("3 open deals")
    expect(finding(page, "deals")).to_contain_text("$307k")


def test_a_cell_of_the_split_leads_to_its_deals(sample_server: RunningServer, page: Page) -> None:
    visit(page, sample_server.url, "/pipeline")
    choose(page, "split", re.compile("region", re.IGNORECASE))
    click_mark(page, "split", 1)
    choice = dict(part.split(":") for part in parameters(page)["deals"].split("~"))
    assert choice.keys() >= {"stage", "region"}
    expect(finding(page, "deals")).to_contain_text(choice["stage"])
    expect(finding(page, "deals")).to_contain_text(choice["region"])
    expect(finding(page, "deals")).not_to_contain_text("no deals")


def test_a_dot_of_the_ages_leads_to_its_deal(sample_server: RunningServer, page: Page) -> None:
    visit(page, sample_server.url, "/pipeline")
    click_mark(page, "ages", 4)
    assert path_of(page) == "/deal"
    expect(grey_line(page)).to_contain_text("Deal")
    expect(main(page)).not_to_contain_text("not in the data shown")


def test_a_bar_of_the_largest_leads_to_its_deal(sample_server: RunningServer, page: Page) -> None:
    visit(page, sample_server.url, "/pipeline")
    click_mark(page, "concentration", 0)
    assert path_of(page) == "/deal"
    expect(headline(page)).to_have_text("Thornbury & Quillon Inc. - Flowra Pro 12 sites")


def test_a_segment_of_the_cover_bar_leads_to_its_deals(sample_server: RunningServer, page: Page) -> None:
    visit(page, sample_server.url)
    click_mark(page, "cover", 1)
    assert path_of(page) == "/pipeline"
    assert parameters(page)["deals"] == "list:commit"
    expect(finding(page, "deals")).to_contain_text("deals in commit · $2.5M")


def test_a_bar_at_home_leads_to_its_deals(sample_server: RunningServer, page: Page) -> None:
    visit(page, sample_server.url)
    click_row(page, "home-stage", "Proof")
    assert path_of(page) == "/pipeline"
    expect(finding(page, "deals")).to_contain_text("18 deals in Proof · $3.0M")


def test_what_needs_attention_leads_to_its_deals(sample_server: RunningServer, page: Page) -> None:
    """The list behind the link holds what the link promises, under the same filters."""
    visit(page, sample_server.url, "/?region=EMEA")
    entry = card(page, "attention").get_by_role("link").first
    promised = re.search(r"(\d+) deals?", card(page, "attention").inner_text())
    assert promised
    entry.click()
    settled(page)
    assert path_of(page) == "/pipeline"
    assert parameters(page)["deals"].startswith("list:")
    expect(grey_line(page)).to_contain_text("EMEA")
    expect(finding(page, "deals")).to_have_text(re.compile(rf"^{promised.group(1)} deals?\b"))


def test_a_filter_stays_when_the_page_changes(sample_server: RunningServer, page: Page) -> None:
    visit(page, sample_server.url)
    choose(page, "region", "APAC")
    assert parameters(page)["region"] == "APAC"
    sidebar = page.get_by_test_id("stSidebar")
    for name, path in (("Pipeline by stage", "/pipeline"), ("Glossary", "/glossary"), ("Home", "/")):
        sidebar.get_by_role("link", name=name, exact=True).click()
        settled(page)
        assert path_of(page) == path
        assert parameters(page)["region"] == "APAC", "a filter must not fall out of the address"
    expect(grey_line(page)).to_contain_text("APAC")


def test_the_same_address_shows_the_same_view_elsewhere(
    sample_server: RunningServer, page: Page, new_page: Callable[..., Page]
) -> None:
    visit(page, sample_server.url, "/pipeline")
    choose(page, "region", "EMEA")
    choose(page, "period", "Q1 2027")
    segment(page, "measure", "Deals")
    choose(page, "split", re.compile("owner", re.IGNORECASE))
    other = new_page()
    other.goto(page.url)
    settled(other)
    for part in (headline, grey_line, lambda one: finding(one, "stages"), lambda one: finding(one, "deals")):
        expect(part(other)).to_have_text(part(page).inner_text())
    expect(chart(other, "split")).to_be_visible()
    assert parameters(other) == parameters(page)


def test_the_list_downloads_as_it_is_shown(sample_server: RunningServer, page: Page) -> None:
    visit(page, sample_server.url, "/pipeline?deals=stage:Close")
    first = cell(page, "drill", 0, 1)
    name, text = download(page, lambda: page.get_by_role("button", name="Download as CSV").click())
    assert name == "deals-2026-11-16.csv"
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 13
    assert rows[0]["name"] == first
    assert {row["stage"] for row in rows} == {"Close"}
    assert sum(float(row["amount"]) for row in rows) > 2_250_000
    amounts = [float(row["amount"]) for row in rows]
    assert amounts == sorted(amounts, reverse=True)


def test_no_cell_of_a_download_runs_as_a_formula(server: Callable[..., RunningServer], page: Page) -> None:
    from tests.app import stores

    running = server()
    running.stop()
    formulas = ["=1+1", "+2", "-cmd|' /C calc'!A0", "@SUM(A1)", "\t=3"]
    lines = [f'F{i},"{text}","{text}","{text}",Proof,-5,2026-12-10,2026-09-01' for i, text in enumerate(formulas)]
    stores.store_with(running.store, {"deals.csv": stores.DEALS + "\n".join(lines) + "\n"})
    running = server(folder=running.folder)
    visit(page, running.url, "/pipeline?data=own&period=all")
    name, text = download(page, lambda: page.get_by_role("button", name="Download as CSV").click())
    assert name.endswith(".csv")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == len(formulas)
    for row in rows:
        for column in ("name", "account", "owner"):
            assert row[column][:1] not in set("=@\t\r"), row
            assert row[column] == "+2" or not row[column].startswith(("+", "-")), row
        assert float(row["amount"]) == -5, "a number keeps its sign"


def test_a_look_for_a_page_that_was_left_does_not_bring_it_back(
    sample_server: RunningServer, new_page: Callable[..., Page]
) -> None:
    """The rating sheet looks every few seconds; a look may arrive while the next page is drawn."""
    asked: list[str | bytes] = []
    leaving: list[str | bytes] = []

    def between(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def ask(message: str | bytes) -> None:
            asked.append(message)
            for one in [message, *leaving]:
                server.send(one)

        socket.on_message(ask)

    page = new_page()
    page.route_web_socket(re.compile("_stcore/stream"), between)
    visit(page, sample_server.url, f"/deal?id={DEAL}&topic=Assessment")
    expect(page.locator(".sheet")).to_be_visible()
    settled(page)
    asked.clear()
    for _ in range(200):
        if asked:  # whatever is asked now is a look
            break
        page.wait_for_timeout(100)
    leaving.extend(asked * 3)
    assert leaving
    page.get_by_test_id("stSidebar").get_by_role("link", name="Glossary", exact=True).click()
    page.wait_for_url(re.compile("/glossary"))
    settled(page)
    assert path_of(page) == "/glossary"
    expect(grey_line(page)).to_contain_text("Glossary")
    expect(page.locator(".sheet")).to_have_count(0)
    page.unroute_all()
