"""The forecast by mouse: it comes by itself, a row narrows the deals, a deal opens, what-if moves score and period."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.steps import (
    card,
    cell,
    click_cell,
    finding,
    headline,
    main,
    parameters,
    path_of,
    row_of,
    segment,
    settled,
    visit,
)
from tools.server import RunningServer

#: Seconds in which a busy machine has fitted the model.
FITTED = 120_000
WHO = "Jörg Wiesenthaler"
DEAL = "Brandt <Nord> GmbH - Vibrel Fleet group framework"


def test_from_the_forecast_to_a_deal_and_what_would_change_it(
    sample_server: RunningServer, page: Page, new_page: Callable[..., Page]
) -> None:
    visit(page, sample_server.url, "/forecast")
    expect(headline(page)).to_have_text(re.compile(r"^Q4 will likely land at \$\d"), timeout=FITTED)
    settled(page)
    expect(card(page, "fan").locator(".js-plotly-plot")).to_be_visible()
    expect(finding(page, "bridge")).to_contain_text("$3.3M won")
    # A person's row narrows the deals, and the link keeps it.
    narrowed = main(page).get_by_role("button", name="Show all deals")
    click_cell(page, "forecast-rows-hierarchy", row_of(page, "forecast-rows-hierarchy", WHO), narrowed)
    settled(page)
    assert parameters(page)["group"] == WHO
    expect(finding(page, "movers")).to_contain_text(DEAL)
    other = new_page()
    visit(other, page.url, "")
    expect(finding(other, "movers")).to_contain_text(DEAL, timeout=FITTED)
    other.close()
    # The deal that moves the sum most opens at its score.
    click_cell(page, "movers", 0, main(page).get_by_text("What would change the score?"))
    settled(page)
    assert path_of(page) == "/deal"
    assert parameters(page)["topic"] == "Score"
    expect(headline(page)).to_have_text(DEAL)
    before = main(page).get_by_test_id("stMetricValue").last.inner_text()
    assert re.fullmatch(r"\d+\u202f%", before)
    what_if = card(page, "what-if")
    what_if.get_by_role("button", name="Solution validated").click()
    settled(page)
    expect(finding(page, "what-if")).to_contain_text(re.compile("That (lifts|lowers|leaves)"))
    what_if.get_by_text("Drop the deal").click()
    settled(page)
    expect(finding(page, "what-if")).to_contain_text("lowers the score by")
    expect(what_if.get_by_role("table")).to_contain_text("0\u202f%")
    expect(what_if.get_by_role("button", name="Save 1 milestone")).to_be_visible()
    page.go_back()
    settled(page)
    expect(headline(page)).to_have_text(re.compile(r"^Q4 will likely land"))
    # Another split, and the chance of the total stays what it was.
    total = cell(page, "forecast-rows-hierarchy", 0, 1)
    assert total.endswith("%") or float(total.replace(",", "")) > 0
    # The track record is worked out in the background and says which answer was best.
    visit(page, sample_server.url, "/track-record")
    expect(finding(page, "answers")).to_contain_text(re.compile("score"), timeout=FITTED)
    expect(card(page, "reliability").locator(".js-plotly-plot")).to_be_visible()
    segment(page, "horizon", "30 days")
    assert parameters(page)["horizon"]
