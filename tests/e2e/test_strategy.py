"""What wins and strategy by mouse: from a difference to its deals, from a flag to the tree, and what others see."""

from __future__ import annotations

import re

from playwright.sync_api import Page, TimeoutError as PlaywrightTimeoutError, expect

from tests.e2e.steps import (
    card,
    chart,
    click_words,
    finding,
    headline,
    main,
    parameters,
    settled,
    visit,
)
from tools.server import RunningServer


def open_first(page: Page, key: str) -> None:
    """Click the first row of a table until the address is that of a deal: a busy machine takes its time to draw it."""
    grid = page.locator(f"[class*='st-key-{key}'] .dvn-scroller")
    for _ in range(4):
        grid.evaluate("node => node.scrollIntoView({block: 'center'})")
        grid.click(position={"x": 40, "y": 48})
        try:
            page.wait_for_url(re.compile("/deal"), timeout=10_000)
        except PlaywrightTimeoutError:
            continue
        break
    page.wait_for_url(re.compile("/deal"))
    settled(page)


def test_a_criterion_leads_to_its_deals_and_back(sample_server: RunningServer, page: Page) -> None:
    visit(page, sample_server.url, "/what-wins")
    expect(headline(page)).to_have_text(re.compile(r"^Inside support and compelling event separate winners"))
    expect(finding(page, "criteria")).to_have_text("2 criteria of 20 tested make a difference")
    click_words(page, "criteria", re.compile("#5 Compelling event"))
    assert parameters(page)["criterion"] == "5"
    expect(finding(page, "rated")).to_have_text(re.compile(r"^199 closed deals were rated \+ on compelling event; 58"))
    page.locator(".st-key-rated").get_by_text("−", exact=True).click()
    settled(page)
    expect(finding(page, "rated")).to_have_text(re.compile(r"^146 closed deals were rated − on compelling event; 24"))
    open_first(page, "rated-deals")
    expect(main(page).get_by_text("Stage probability")).to_be_visible()
    page.go_back()
    page.wait_for_url(re.compile("/what-wins"))
    settled(page)
    expect(finding(page, "rated")).to_contain_text("compelling event")


def test_the_moment_and_a_shared_link(sample_server: RunningServer, page: Page) -> None:
    visit(page, sample_server.url, "/what-wins?before=as+rated+90+days+before+the+close&criterion=11")
    expect(finding(page, "criteria")).to_be_visible()
    expect(card(page, "criteria")).to_contain_text("90 days before the close")
    expect(finding(page, "rated")).to_contain_text("inside support")


def test_a_flag_leads_to_the_tree_and_a_declaration_reaches_a_second_browser(
    sample_server: RunningServer, page: Page
) -> None:
    visit(page, sample_server.url, "/strategy?period=all")
    expect(headline(page)).to_have_text(re.compile(r"open deals with a strategy that breaks a rule; most often: "))
    open_first(page, "flagged")
    expect(main(page).get_by_text(re.compile("^The tree (leads|stops)"))).to_be_visible()
    assert parameters(page)["topic"] == "Strategy"
    expect(chart(page, "tree").locator("text").filter(has_text="Compelling event").first).to_be_visible()
    other = page.context.new_page()
    visit(other, page.url, "")
    before = finding(other, "declared").inner_text()
    page.get_by_role("button", name="Declare a strategy").click()
    page.get_by_role("textbox", name="Why").fill("seen in the browser test")
    page.get_by_role("button", name="Declare", exact=True).click()
    settled(page)
    expect(card(page, "declared")).to_contain_text("seen in the browser test")
    other.reload()
    settled(other)
    expect(card(other, "declared")).to_contain_text("seen in the browser test")
    assert finding(other, "declared").inner_text() != before
    # Taken back, so that the sample tells the same to the tests that follow.
    page.get_by_text(re.compile("declarations so far")).click()
    page.get_by_role("button", name="Withdraw").first.click()
    settled(page)
    expect(card(page, "declared")).not_to_contain_text("seen in the browser test")
