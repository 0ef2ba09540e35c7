"""Milestones and the plan of a deal, with the keyboard; and two people at one deal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import icalendar
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.app import stores
from tests.e2e.steps import finding, headline, main, settled, visit
from tools.server import RunningServer

DEALS = (
    stores.DEALS
    + """D1,"Brandt *Nord* - <fleet>",Brandt,Bob Lee,Qualify,120000,2026-12-10,2026-11-02
D2,Second,Acme,Cas Moore,Proof,80000,2026-12-12,2026-10-01
"""
)
PLAN = "/deal?id=D1&topic=Plan"
MILESTONES = "/deal?id=D1&topic=Milestones"


@pytest.fixture
def site(tmp_path: Path, furnish: Callable[[Path], Path], server: Callable[..., RunningServer]) -> RunningServer:
    """A server whose own data are two deals."""
    folder = furnish(tmp_path / "site")
    stores.store_with(folder / "own.duckdb", {"deals_2026-11-16.csv": DEALS})
    return server(folder=folder)


def come(page: Page, site: RunningServer, path: str, name: str) -> Page:
    """Open a page as somebody."""
    page.context.add_cookies([{"name": "tas_author", "value": name, "url": site.url}])
    return visit(page, site.url, path)


def press(place: Locator, key: str = "Enter") -> None:
    """Go to a button with the keyboard and press it."""
    place.focus()
    expect(place).to_be_focused()
    place.page.keyboard.press(key)
    settled(place.page)


def row(page: Page, words: str) -> Locator:
    """An activity or a milestone of the list, by words in it.

    While a page is drawn anew, what is replaced may for a moment stand before what replaces it: the last one counts.
    """
    return page.locator('[class*="st-key-row-"]').filter(has_text=words).last


def dialog(page: Page) -> Locator:
    """The open form."""
    return page.get_by_role("dialog")


def type_into(place: Locator, text: str) -> None:
    """Replace what stands in a field."""
    place.focus()
    place.page.keyboard.press("ControlOrMeta+a")
    place.page.keyboard.type(text)


def add_offering(page: Page) -> None:
    """Add the event of the method's example with the keyboard."""
    event = main(page).get_by_role("combobox", name="Event")
    event.focus()
    page.keyboard.type("Request Off")
    expect(page.get_by_role("option", name="Request Offering")).to_be_visible()
    page.keyboard.press("Enter")
    settled(page)
    expect(main(page).get_by_role("checkbox")).to_have_count(4)
    press(page.get_by_role("button", name="Add Request Offering"))
    expect(finding(page, "milestone-list")).to_have_text("0 of 1 reached")


def calendar(page: Page) -> dict[str, Any]:
    """The calendar file of the deal, read by a parser: entries by their text."""
    with page.expect_download() as taken:
        page.get_by_role("button", name="Calendar file").click()
    found = icalendar.Calendar.from_ical(Path(taken.value.path()).read_bytes())
    return {str(part["summary"]): part for part in found.walk() if part.name in ("VEVENT", "VTODO")}


def test_the_example_of_the_method_with_the_keyboard(site: RunningServer, page: Page) -> None:
    come(page, site, MILESTONES, "Dana Cole")
    expect(headline(page)).to_have_text("Brandt *Nord* - <fleet>")
    expect(main(page)).to_contain_text("No milestones are recorded for this deal")
    add_offering(page)
    press(page.get_by_role("tab", name="Plan"))
    expect(finding(page, "plan")).to_contain_text("4 open activities, none overdue")
    # One is edited,
    press(row(page, "Define the compelling event").get_by_role("button", name="Edit"))
    type_into(dialog(page).get_by_label("What is to be done"), "Define the *event* with the CFO")
    page.keyboard.press("Enter")
    settled(page)
    expect(row(page, "Define the *event* with the CFO")).to_be_visible()
    expect(dialog(page)).to_have_count(0)
    # one is delegated,
    press(row(page, "Develop the organisation map").get_by_role("button", name="Delegate"))
    to = page.get_by_role("combobox", name="To")
    to.focus()
    page.keyboard.type("Cas Mo")
    expect(page.get_by_role("option", name="Cas Moore")).to_be_visible()
    page.keyboard.press("Enter")
    settled(page)
    press(page.get_by_test_id("stPopoverBody").get_by_role("button", name="Delegate"))
    expect(row(page, "Develop the organisation map")).to_contain_text("Cas Moore, delegated by Dana Cole")
    # one is deleted,
    press(row(page, "Complete the opportunity assessment").get_by_role("button", name="Edit"))
    press(dialog(page).get_by_role("button", name="Delete the activity"))
    expect(row(page, "Complete the opportunity assessment")).to_have_count(0)
    # and one gets a start: it is in the calendar file.
    press(row(page, "Understand the opportunity").get_by_role("button", name="Edit"))
    dialog(page).get_by_role("spinbutton", name="year, Start").focus()
    page.keyboard.type("202611201030")
    press(dialog(page).get_by_role("button", name="Save"))
    expect(row(page, "Understand the opportunity")).to_contain_text("in the calendar 20 Nov, 10:30")
    found = calendar(page)
    (text,) = [one for one in found if one.startswith("Understand the opportunity")]
    assert found[text].name == "VEVENT"
    assert found[text].decoded("dtstart") == dt.datetime.fromisoformat("2026-11-20 10:30")
    assert text.endswith("Brandt *Nord* - <fleet>")
    # The delegated one is on Cas' list.
    visit(page, site.url, "/activities?person=Cas+Moore")
    expect(headline(page)).to_have_text("Cas Moore has 1 open activity, none overdue")
    press(row(page, "Develop the organisation map").get_by_role("button", name="Done"))
    expect(headline(page)).to_have_text("Cas Moore has nothing left to do")
    press(page.get_by_role("button", name="Undo"))
    expect(row(page, "Develop the organisation map")).to_be_visible()


def test_two_people_at_one_deal_lose_nothing(site: RunningServer, new_page: Callable[..., Page]) -> None:
    dana, eve = new_page(), new_page()
    come(dana, site, MILESTONES, "Dana Cole")
    add_offering(dana)
    come(eve, site, PLAN, "Eve Long")
    come(dana, site, PLAN, "Dana Cole")
    what = "Define the compelling event"
    # Both open the same form; each changes something else.
    for one in (dana, eve):
        row(one, what).get_by_role("button", name="Edit").click()
        settled(one)
    dialog(dana).get_by_label("Note").fill("Ask the *CFO* first")
    dialog(dana).get_by_role("button", name="Save").click()
    expect(row(dana, what)).to_contain_text("Ask the *CFO* first")
    dialog(eve).get_by_label("Resources").fill("Half a day")
    dialog(eve).get_by_role("button", name="Save").click()
    expect(row(eve, what)).to_contain_text("Half a day")
    expect(row(eve, what)).to_contain_text("Ask the *CFO* first")
    # Now both change the same thing: the later one is told, and may put hers in its place. On a slow machine the form
    # that was saved is still closing when the row shows what it entered.
    settled(eve)
    expect(dialog(eve)).to_have_count(0)
    dana.reload()
    settled(dana)
    for one in (dana, eve):
        row(one, what).get_by_role("button", name="Edit").click()
        settled(one)
    dialog(dana).get_by_label("Note").fill("Dana's note")
    dialog(dana).get_by_role("button", name="Save").click()
    expect(row(dana, what)).to_contain_text("Dana's note")
    dialog(eve).get_by_label("Note").fill("Eve's note")
    dialog(eve).get_by_role("button", name="Save").click()
    expect(dialog(eve)).to_contain_text("changed meanwhile by Dana Cole")
    expect(dialog(eve)).to_contain_text("note: Dana's note")
    dialog(eve).get_by_role("button", name="Save").click()
    expect(row(eve, what)).to_contain_text("Eve's note")
    expect(row(eve, what)).to_contain_text("Half a day")
    settled(eve)
    expect(eve.locator('[class*="st-key-row-"]').filter(has_text=what)).to_have_count(1)


def test_a_milestone_is_reached_with_its_proof_and_taken_back(site: RunningServer, page: Page) -> None:
    come(page, site, MILESTONES, "Dana Cole")
    add_offering(page)
    press(row(page, "Request Offering").get_by_role("button", name="Reached"))
    type_into(dialog(page).get_by_label("Evidence"), "Letter of <16 Nov>")
    page.keyboard.press("Enter")
    settled(page)
    expect(finding(page, "milestone-list")).to_have_text("1 of 1 reached")
    expect(row(page, "Request Offering")).to_contain_text("Letter of <16 Nov>")
    press(page.get_by_role("button", name="Undo"))
    expect(finding(page, "milestone-list")).to_have_text("0 of 1 reached")
    # What is displayed in the calendar needs a start: the form says so and keeps what was typed.
    press(page.get_by_role("tab", name="Plan"))
    press(page.get_by_role("button", name="Add an activity"))
    type_into(dialog(page).get_by_label("What is to be done"), "Meet the board")
    shown = dialog(page).get_by_role("combobox", name="Display in")
    shown.focus()
    page.keyboard.type("calendar")
    page.keyboard.press("Enter")
    press(dialog(page).get_by_role("button", name="Add"))
    expect(dialog(page)).to_contain_text("An activity in the calendar needs a start")
    expect(dialog(page).get_by_label("What is to be done")).to_have_value("Meet the board")
