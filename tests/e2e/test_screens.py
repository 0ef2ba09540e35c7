"""Phones, dark screens, keyboards: what the pages owe to every visitor."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, TimeoutError as PlaywrightTimeoutError, expect

from tests.e2e.steps import chart, choose, finding, grey_line, headline, main, open_deal, parameters, settled, visit
from tools.browser import expect_settled
from tools.server import RunningServer

DEAL = "/deal?id=0065e000000L09cAAC"
EVERYWHERE = (
    "/",
    "/pipeline",
    "/pipeline?split=owner",
    DEAL,
    "/glossary",
    *(f"/data?tab={tab}" for tab in ("Upload", "Loads", "Data+trust", "Settings", "Templates")),
)
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
#: A place in place of a colour: as written, or as the browser has read it.
PLACES = re.compile(r"#0000\d\d\b|rgba?\(0, 0, (?:[1-9]|[1-5]\d|6[0-4])\b")


@pytest.mark.parametrize(("data", "scheme"), [("sample", "light"), ("public", "dark")])
def test_nothing_is_wider_than_a_phone(
    request: pytest.FixtureRequest, new_page: Callable[..., Page], data: str, scheme: str
) -> None:
    server: RunningServer = request.getfixturevalue(f"{data}_server")
    page = new_page(**PHONE, color_scheme=scheme)
    too_wide = {}
    for path in EVERYWHERE:
        visit(page, server.url, path)
        wide = page.evaluate(
            "() => [document.scrollingElement, document.querySelector('[data-testid=stMain]')]"
            ".map(node => node.scrollWidth - node.clientWidth)"
        )
        if max(wide) > 1:
            too_wide[path] = wide
    assert not too_wide


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_colour_has_been_filled_in(
    sample_server: RunningServer, new_page: Callable[..., Page], scheme: str
) -> None:
    page = new_page(color_scheme=scheme)
    left: dict[str, set[str]] = {}
    drawn = 0
    for path in ("/", "/pipeline?split=owner", DEAL):
        visit(page, sample_server.url, path)
        figures = page.evaluate("() => [...document.querySelectorAll('.js-plotly-plot')].map(plot => plot.outerHTML)")
        drawn += len(figures)
        found = set(PLACES.findall("".join(figures)))
        if found:
            left[path] = found
    assert drawn >= 8
    assert not left


def test_a_page_is_not_at_rest_before_its_charts_are_drawn(page: Page) -> None:
    page.set_content(
        '<div data-testid="stApp" data-test-script-state="notRunning" data-test-connection-state="CONNECTED">'
        '<div data-testid="stPlotlyChart"></div></div>'
    )
    with pytest.raises(PlaywrightTimeoutError):
        expect_settled(page, timeout=600)
    page.get_by_test_id("stPlotlyChart").evaluate("node => node.innerHTML = '<div class=\"js-plotly-plot\"></div>'")
    expect_settled(page, timeout=20_000)


def test_dark_is_dark(sample_server: RunningServer, new_page: Callable[..., Page]) -> None:
    page = visit(new_page(color_scheme="dark"), sample_server.url, "/pipeline")
    background = page.evaluate("() => getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor")
    assert background == "rgb(20, 23, 26)"
    expect(chart(page, "stages", "dark")).to_be_visible()
    fills = page.evaluate(
        "() => [...document.querySelectorAll('.js-plotly-plot .point path')].map(p => getComputedStyle(p).fill)"
    )
    assert "rgb(106, 120, 136)" in fills, "open deals have the dark theme's colour"
    assert "rgb(133, 146, 161)" not in fills


def test_a_phone_reaches_the_filters(sample_server: RunningServer, new_page: Callable[..., Page]) -> None:
    page = visit(new_page(**PHONE), sample_server.url, "/pipeline")
    expect(page.get_by_role("combobox", name="Region")).not_to_be_in_viewport()
    page.get_by_test_id("stExpandSidebarButton").click()
    expect(page.get_by_role("combobox", name="Region")).to_be_in_viewport()
    choose(page, "region", "EMEA")
    assert parameters(page)["region"] == "EMEA"


def test_a_phone_opens_a_deal_from_the_list(sample_server: RunningServer, new_page: Callable[..., Page]) -> None:
    page = visit(new_page(**PHONE), sample_server.url, "/pipeline?deals=stage:Close")
    assert open_deal(page)


def test_the_keyboard_reaches_filters_and_tabs(sample_server: RunningServer, page: Page) -> None:
    visit(page, sample_server.url, "/pipeline")
    target = page.get_by_role("combobox", name="Region")
    for _ in range(40):
        page.keyboard.press("Tab")
        if target.evaluate("node => node === document.activeElement"):
            break
    expect(target).to_be_focused()
    page.keyboard.type("EMEA")
    page.keyboard.press("Enter")
    settled(page)
    expect(grey_line(page)).to_contain_text("EMEA")
    assert parameters(page)["region"] == "EMEA"

    visit(page, sample_server.url, "/data")
    page.get_by_role("tab", name="Upload").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    settled(page)
    expect(page.get_by_role("tab", name="Loads")).to_have_attribute("aria-selected", "true")
    expect(main(page)).to_contain_text("loads in force")


def test_the_keyboard_opens_a_deal_from_the_list(sample_server: RunningServer, page: Page) -> None:
    visit(page, sample_server.url, "/pipeline?deals=stage:Close")
    page.locator(".st-key-drill").get_by_test_id("data-grid-canvas").focus()
    page.keyboard.press("ArrowDown")
    settled(page)
    expect(main(page).get_by_text("What the CRM says")).to_be_visible()


def test_charts_and_tables_have_words_for_those_who_do_not_see_them(sample_server: RunningServer, page: Page) -> None:
    visit(page, sample_server.url, "/pipeline")
    marks = page.locator("[data-testid=stPlotlyChart], [data-testid=stDataFrame] [role=region]").all()
    labels = [mark.get_attribute("aria-label") or "" for mark in marks]
    assert len(labels) >= 6
    assert not [label for label in labels if len(label) < 12], labels
    expect(headline(page)).to_have_count(1)
    expect(finding(page, "stages")).to_be_visible()
