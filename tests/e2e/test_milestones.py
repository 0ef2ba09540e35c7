"""The funnel leads to the deals behind a step; what is agreed in a debrief is entered and followed up."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.e2e.steps import card, chart, finding, headline, parameters, settled, visit
from tools.server import RunningServer

STEP = "Opportunity qualified"


def test_a_step_of_the_funnel_leads_to_its_deals_by_mouse_and_keyboard(
    sample_server: RunningServer, page: Page
) -> None:
    visit(page, sample_server.url, "/milestones")
    expect(headline(page)).to_have_text(
        re.compile(r"^Short-listed is where deals stop: .+ Executive sponsor commitment")
    )
    expect(finding(page, "deals")).to_have_text(re.compile(r"^\d+ open deals wait for Short-listed"))
    label = chart(page, "funnel").locator("text", has_text=STEP).first.bounding_box()
    assert label
    page.mouse.click(label["x"] + 20, label["y"] + label["height"] + 10)
    expect(finding(page, "deals")).to_have_text(re.compile(rf"^\d+ open deals wait for {STEP}"))
    assert parameters(page)["step"] == STEP
    page.get_by_role("radio", name="Amount").focus()
    page.keyboard.press("Space")
    settled(page)
    assert parameters(page)["funnel_by"] == "Amount"
    page.get_by_text("Lost before it").click()
    expect(finding(page, "deals")).to_have_text(re.compile(rf"^\d+ deals were lost before {STEP}"))
    settled(page)
    page.goto(page.url)
    settled(page)
    expect(finding(page, "deals")).to_have_text(re.compile(rf"^\d+ deals were lost before {STEP}"))


def test_a_corrective_action_is_agreed_followed_up_and_taken_back(sample_server: RunningServer, page: Page) -> None:
    visit(page, sample_server.url, "/debrief?seller=Callum+Prewitt")
    page.get_by_label("What is to be corrected").fill("Ask *Quinn* <b>for proof</b>")
    page.get_by_role("button", name="Agree").click()
    expect(finding(page, "actions")).to_have_text("1 corrective action open, 0 overdue, 0 done")
    expect(card(page, "actions")).to_contain_text("Ask *Quinn* <b>for proof</b>")
    card(page, "actions").get_by_role("button", name="Done", exact=True).click()
    expect(finding(page, "actions")).to_contain_text("1 done")
    for _ in range(2):
        page.get_by_role("button", name="Undo").first.click()
        settled(page)
    expect(finding(page, "actions")).to_have_text("No corrective action is agreed yet")
