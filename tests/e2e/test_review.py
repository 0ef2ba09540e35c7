"""The weekly review by mouse: from a row, a ribbon or a switch to the deals, to a deal and back."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.e2e.steps import (
    choose,
    click_cell,
    click_mark,
    click_row,
    download,
    finding,
    grey_line,
    headline,
    main,
    parameters,
    path_of,
    settled,
    visit,
)
from tools.server import RunningServer


def test_a_row_of_the_ledger_leads_to_its_deals_and_back(sample_server: RunningServer, page: Page) -> None:
    visit(page, sample_server.url, "/changes")
    expect(headline(page)).to_have_text(re.compile(r"^Open Q4 pipeline fell \$1\.2M this week: \$500k was won"))
    click_row(page, "waterfall", "Lost")
    assert parameters(page)["show"] == "lost"
    expect(finding(page, "changed")).to_have_text(re.compile(r"^6 deals lost · −\$466k"))
    click_cell(page, "changed-deals", 0, main(page).get_by_text("What the CRM says"))
    settled(page)
    assert path_of(page) == "/deal"
    page.go_back()
    settled(page)
    assert path_of(page) == "/changes"
    expect(finding(page, "changed")).to_contain_text("6 deals lost")


def test_switches_days_and_a_shared_link(sample_server: RunningServer, page: Page) -> None:
    visit(page, sample_server.url, "/changes")
    page.locator(".st-key-moved").get_by_text("Pushed out", exact=True).click()
    settled(page)
    expect(finding(page, "changed")).to_contain_text("3 deals pushed out")
    choose(page, "since", "Mon 5 Oct 2026")
    expect(headline(page)).to_contain_text("since 5 Oct")
    expect(finding(page, "changed")).to_contain_text("12 deals pushed out")
    shared = page.url
    again = page.context.new_page()
    visit(again, shared, "")
    expect(headline(again)).to_contain_text("since 5 Oct")
    expect(finding(again, "changed")).to_contain_text("12 deals pushed out")
    choose(page, "to", "Mon 12 Oct 2026")
    expect(grey_line(page)).to_contain_text("as of Mon 12 Oct 2026")


def test_a_ribbon_leads_to_its_deals(sample_server: RunningServer, page: Page) -> None:
    visit(page, sample_server.url, "/changes")
    click_mark(page, "flow", 1, ".scatterlayer .point")
    assert parameters(page)["show"] == "category:commit>commit"
    expect(finding(page, "changed")).to_contain_text("9 deals from Commit to Commit")


def test_the_list_is_a_file(sample_server: RunningServer, page: Page) -> None:
    visit(page, sample_server.url, "/changes?show=won")
    name, text = download(page, lambda: page.get_by_role("button", name="Download as CSV").click())
    assert name == "changes-2026-11-16.csv"
    assert len(text.splitlines()) == 7
    assert text.splitlines()[0].startswith("opportunity_id,name,account,bucket,before,after,amount")
