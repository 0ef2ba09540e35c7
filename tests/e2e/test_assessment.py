"""Rating a deal with the keyboard alone, and seeing it at once elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import cycle, islice

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.steps import card, cell, chart, click_cell, finding, headline, main, parameters, path_of, settled, visit
from tests.sample.raw import SAMPLE, read_report, read_table
from tools.server import RunningServer

SIGNS = list(islice(cycle("+-?+"), 20))
SHOWN = {"+": "+", "-": "−", "?": "?"}
#: Sign of every square of a heatmap, by deal and criterion.
SQUARES = """
() => Object.fromEntries([...document.querySelectorAll('.js-plotly-plot')].flatMap(plot => plot.data)
  .filter(trace => trace.customdata)
  .flatMap(trace => trace.customdata.map((data, place) => [data.slice(0, 2).join('/'), trace.text[place]])))
"""


@pytest.fixture(scope="module")
def blank_deal() -> str:
    """The largest open deal that nobody has assessed."""
    deals = read_report(SAMPLE / "opportunities" / "opportunities_2026-11-16.csv")
    rated = set(read_table("assessments")["opportunity_id"])
    blank = deals[deals["open"] & ~deals["Opportunity ID"].isin(rated)]
    return str(blank.sort_values("Amount", ascending=False)["Opportunity ID"].iloc[0])


def squares(page: Page) -> dict[str, str]:
    found: dict[str, str] = page.evaluate(SQUARES)
    return found


def rating(page: Page, number: int, party: int = 0) -> str:
    """The sign in a cell of the sheet."""
    return str(page.locator(".sheet tr:not(.group) td .cell").nth((number - 1) * parties(page) + party).text_content())


def parties(page: Page) -> int:
    return page.locator(".sheet th.party").count()


def test_a_deal_is_rated_by_keyboard_alone_and_a_second_browser_sees_it(
    fresh_server: RunningServer, page: Page, new_page: Callable[..., Page], blank_deal: str
) -> None:
    visit(page, fresh_server.url, f"/deal?id={blank_deal}&topic=Assessment&criterion=1")
    expect(page.locator(".sheet .cell.current")).to_be_focused()
    expect(main(page)).to_contain_text("0 of 20")
    for sign in SIGNS:
        page.keyboard.press(sign)
        page.keyboard.press("ArrowDown")
    # A competitor, its first rating and the evidence for it.
    page.keyboard.press("a")
    page.keyboard.type("Ironbrook <Valves>")
    page.keyboard.press("Enter")
    expect(page.locator(".sheet th.party")).to_have_count(2)
    expect(page.locator(".sheet .cell.current")).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("+")
    page.keyboard.press("e")
    page.keyboard.type("Seen in their offer")
    page.keyboard.press("Enter")
    expect(page.locator(".sheet .state")).to_have_text("All saved", timeout=60_000)
    settled(page)
    assert [rating(page, n) for n in range(1, 21)] == [SHOWN[sign] for sign in SIGNS]
    assert rating(page, 1, 1) == "+"
    known = sum(sign != "?" for sign in SIGNS)
    expect(main(page)).to_contain_text(f"{known} of 20")

    other = visit(new_page(), fresh_server.url, "/assessment?period=all&data=sample")
    found = squares(other)
    assert [found[f"{blank_deal}/{n}"] for n in range(1, 21)] == [SHOWN[sign] for sign in SIGNS]
    visit(other, fresh_server.url, f"/deal?id={blank_deal}&topic=Assessment&criterion=1&data=sample")
    other.keyboard.press("ArrowRight")
    expect(other.locator(".sheet textarea")).to_have_value("Seen in their offer")

    # What a colleague changes meanwhile is shown, and neither rating is lost.
    other.keyboard.press("ArrowLeft")
    other.keyboard.press("-")
    expect(other.locator(".sheet .state")).to_have_text("All saved", timeout=60_000)
    expect(page.locator(".sheet tr:not(.group) td .cell").first).to_have_text("−", timeout=30_000)
    page.keyboard.press("Home")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".sheet .past li")).to_have_count(2)
    expect(page.locator(".sheet .past li.over")).to_contain_text("since changed")


def test_a_square_leads_to_its_criterion_and_back(sample_server: RunningServer, page: Page) -> None:
    visit(page, sample_server.url, "/assessment?period=all")
    expect(headline(page)).to_contain_text(re.compile(r"The weak spot is .+: \$[\d.]+M of \$[\d.]+M"))
    place = chart(page, "map-ours").locator("path.point").nth(3)
    place.click(force=True)
    settled(page)
    assert path_of(page) == "/deal"
    asked = parameters(page)
    assert asked["topic"] == "Assessment"
    expect(page.locator(".sheet .where")).to_contain_text(f"{asked['criterion']} of 20")
    page.go_back()
    page.wait_for_url(re.compile("/assessment"), wait_until="commit")
    settled(page)
    assert path_of(page) == "/assessment"


def test_a_competitors_square_lists_the_deals_behind_it(sample_server: RunningServer, page: Page) -> None:
    visit(page, sample_server.url, "/assessment?period=all&map=Competitors&cell=Osterwick+Controls~12")
    expect(finding(page, "duels")).to_have_text(re.compile(r"^\d+ deals against Osterwick Controls on Executive"))
    click_cell(page, "duel-list", 0, page.locator(".sheet .where"))
    assert path_of(page) == "/deal"
    assert parameters(page)["criterion"] == "12"
    expect(card(page, "duels")).to_have_count(0)


def test_a_beginner_is_led_from_an_open_question_through_the_sheet(
    fresh_server: RunningServer, page: Page, new_page: Callable[..., Page]
) -> None:
    """From the work list to its criterion, question by question, a competitor entered and taken away again."""
    visit(page, fresh_server.url, "/unknowns?period=all")
    expect(headline(page)).to_contain_text(re.compile(r"[\d,]+ questions are open; most hangs on .+ at "))
    name, criterion = (cell(page, "question-list", 0, column) for column in (1, 2))
    words = cell(page, "question-list", 0, 3)
    click_cell(page, "question-list", 0, page.locator(".sheet .where"))
    assert path_of(page) == "/deal"
    expect(headline(page)).to_have_text(name)
    sheet = page.locator(".sheet")
    expect(sheet.locator(".where")).to_contain_text(f"{parameters(page)['criterion']} of 20")
    expect(sheet).to_contain_text(criterion)

    # The coach shows one question with what to ask; a rating leads on to the next one.
    sheet.get_by_role("button", name="Question by question").click()
    expect(sheet).to_have_class(re.compile(r"\bcoach\b"))
    expect(sheet).to_contain_text(words)
    number = int(parameters(page)["criterion"])
    page.keyboard.press("+")
    expect(sheet.locator(".where")).to_contain_text(f"{number + 1} of 20")
    expect(sheet.locator(".state")).to_have_text("All saved", timeout=60_000)
    page.keyboard.press("q")
    expect(sheet).not_to_have_class(re.compile(r"\bcoach\b"))
    assert rating(page, number) == "+"

    # A competitor is entered, rated, seen elsewhere, and taken away again.
    before = parties(page)
    page.keyboard.press("a")
    page.keyboard.type("Quayside *Pumps*")
    page.keyboard.press("Enter")
    expect(sheet.locator("th.party")).to_have_count(before + 1)
    expect(sheet.locator(".cell.current")).to_be_focused()
    page.keyboard.press("-")
    expect(sheet.locator(".state")).to_have_text("All saved", timeout=60_000)
    other = visit(new_page(), page.url)
    expect(other.locator(".sheet th.party", has_text="Quayside *Pumps*")).to_have_count(1)
    sheet.locator("th.party", has_text="Quayside *Pumps*").locator("button.remove").click()
    expect(sheet.locator("th.party")).to_have_count(before)
    expect(other.locator(".sheet th.party")).to_have_count(before, timeout=30_000)

    # What has been found out is no open question any more.
    visit(page, fresh_server.url, "/unknowns?period=all&data=sample")
    assert (cell(page, "question-list", 0, 1), cell(page, "question-list", 0, 2)) != (name, criterion)
