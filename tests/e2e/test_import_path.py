"""From CRM files to the pipeline and back: upload, correct, load, undo, refuse."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.app import stores
from tests.e2e.steps import (
    card,
    choose,
    click_cell,
    click_row,
    csv,
    finding,
    grey_line,
    headline,
    load_files,
    main,
    open_deal,
    parameters,
    path_of,
    row_of,
    segment,
    settled,
    start_own_data,
    upload,
    visit,
)
from tools.server import RunningServer

DEALS = "opportunity_id,name,account,owner,stage,amount,close_date,created_date\n"
GOOD = csv("good.csv", DEALS + "G1,Good deal,Acme,Ann Lee,Proof,120000,2026-12-10,2026-10-01\n")
PICTURE = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010806000000") + bytes(range(256)) * 4


@pytest.fixture
def crm(public_data: Path) -> list[Path]:
    """The public CRM's four files."""
    return [public_data / "maven_crm" / name for name in stores.PUBLIC_FILES]


def test_public_crm_from_the_files_to_a_deal_and_back(
    fresh_server: RunningServer, page: Page, new_page: Callable[..., Page], crm: list[Path]
) -> None:
    start_own_data(page, fresh_server.url)
    upload(page, crm)
    verdict = card(page, "verdict")
    expect(verdict).to_be_visible(timeout=60_000)
    expect(main(page)).to_contain_text("sales_pipeline.csv: 8,800 rows of opportunities")
    expect(verdict).to_contain_text("Nothing is loaded yet")
    expect(verdict).to_contain_text("GTXPro")
    expect(verdict).to_contain_text("GTX Pro")
    expect(verdict).to_contain_text("1,425 deals without an account")
    expect(verdict.get_by_role("heading", level=3)).to_contain_text("8,927 rows ready")
    expect(headline(page)).to_contain_text("No deals loaded yet")

    page.locator(".st-key-load").get_by_role("button").click()
    expect(finding(page, "loaded")).to_contain_text("8,927 new", timeout=60_000)
    expect(finding(page, "loaded")).not_to_contain_text("rejected")
    settled(page)
    page.get_by_role("button", name="Open the pipeline").click()
    settled(page)
    assert path_of(page) == "/pipeline"
    expect(grey_line(page)).to_contain_text("Your data")
    expect(headline(page)).to_contain_text("Engaging holds 1,589 of the 2,089 open deals")

    click_row(page, "stages", "Engaging")
    expect(finding(page, "deals")).to_contain_text("1,589 deals in Engaging")
    assert parameters(page)["deals"] == "stage:Engaging"
    listed = page.url

    deal_headline = open_deal(page)
    deal = page.url
    assert parameters(page)["id"]
    expect(main(page)).to_contain_text("Engaging")

    page.go_back()
    settled(page)
    expect(finding(page, "deals")).to_contain_text("1,589 deals in Engaging")
    assert parameters(page)["deals"] == "stage:Engaging"

    for address, sentence in (
        (listed, "Engaging holds 1,589 of the 2,089 open deals"),
        (deal, deal_headline),
    ):
        other = new_page()
        other.goto(address)
        settled(other)
        expect(headline(other)).to_have_text(sentence)
        expect(grey_line(other)).to_contain_text("Your data")
    other = new_page()
    other.goto(listed)
    settled(other)
    expect(finding(other, "deals")).to_contain_text("1,589 deals in Engaging")


def test_loading_twice_changes_nothing_and_undo_takes_it_back(fresh_server: RunningServer, page: Page) -> None:
    start_own_data(page, fresh_server.url)
    load_files(page, [GOOD])
    expect(finding(page, "loaded")).to_contain_text("1 new")
    load_files(page, [GOOD])
    expect(finding(page, "loaded")).not_to_contain_text(re.compile(r"[1-9]\d* (new|changed)"))

    page.get_by_role("tab", name="Loads").click()
    settled(page)
    expect(main(page)).to_contain_text("1 load in force, 1 row")
    click_cell(page, "loads", 0, card(page, "load"))
    expect(finding(page, "load")).to_contain_text("Load 1: good.csv")
    page.get_by_role("button", name="Undo this load").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("good.csv")
    dialog.get_by_role("button", name="Undo the load").click()
    settled(page)
    expect(dialog).to_have_count(0)
    expect(headline(page)).to_contain_text("No deals loaded yet")
    visit(page, fresh_server.url, "/pipeline?data=own")
    expect(headline(page)).to_contain_text("Load your CRM")
    expect(main(page)).not_to_contain_text("Good deal")


def test_keeping_a_load_keeps_it(fresh_server: RunningServer, page: Page) -> None:
    """Closing the question must not undo anything."""
    start_own_data(page, fresh_server.url)
    load_files(page, [GOOD])
    visit(page, fresh_server.url, "/data?tab=Loads&data=own")
    click_cell(page, "loads", 0, card(page, "load"))
    page.get_by_role("button", name="Undo this load").click()
    page.get_by_role("dialog").get_by_role("button", name="Keep it").click()
    settled(page)
    expect(main(page)).to_contain_text("1 load in force")


def test_wrong_files_are_refused_in_words_and_the_good_one_loads(fresh_server: RunningServer, page: Page) -> None:
    start_own_data(page, fresh_server.url)
    wrong: list[FilePayload] = [
        {"name": "photo.png", "mimeType": "image/png", "buffer": PICTURE},
        csv("empty.csv", ""),
        csv("header_only.csv", DEALS),
        csv("recipes.csv", "dish,minutes\nSoup,20\nBread,90\n"),
    ]
    upload(page, [*wrong, GOOD])
    for index in range(4):
        refusal = page.locator(f".st-key-refusal-file-{index}")
        expect(refusal).to_be_visible()
        text = refusal.inner_text()
        assert text.startswith("✕ "), text
        assert len(text.splitlines()[-1]) > 20, f"a refusal says what to do: {text}"
        assert not re.search(r"Error|Exception|None|0x|codec|duckdb", text), text
    expect(finding(page, "verdict")).to_contain_text(re.compile(r"^1 rows? ready"))
    expect(card(page, "verdict")).to_contain_text("4 files will be left out")
    page.get_by_role("button", name="Load 1 file").click()
    expect(finding(page, "loaded")).to_contain_text("1 file loaded: 1 new", timeout=60_000)
    visit(page, fresh_server.url, "/data?tab=Loads&data=own")
    expect(main(page)).to_contain_text("1 load in force, 1 row")


def test_rejected_cells_are_named_before_and_after(fresh_server: RunningServer, page: Page) -> None:
    start_own_data(page, fresh_server.url)
    rows = "".join(f"R{i},Deal {i},Acme,Ann Lee,Proof,{1000 + i},2026-12-10,2026-10-01\n" for i in range(20))
    upload(page, [csv("partly.csv", DEALS + rows + "R99,Bad one,Acme,Ann Lee,Proof,a lot,2026-12-10,2026-10-01\n")])
    expect(finding(page, "verdict")).to_contain_text("1 error")
    page.get_by_role("button", name="without the 1 rejected row").click()
    expect(finding(page, "loaded")).to_contain_text("1 rejected", timeout=60_000)
    settled(page)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Rejected rows of partly.csv").click()
    text = Path(waiting.value.path()).read_text(encoding="utf-8-sig")
    assert "a lot" in text
    assert "Deal 3" not in text, "rows that were loaded are not among the rejected"


def test_an_unknown_file_is_mapped_by_hand(fresh_server: RunningServer, page: Page) -> None:
    start_own_data(page, fresh_server.url)
    text = "Nummer;Vorgang;Wo er steht;Wert\n" + "".join(
        f"U{i};Vorgang {i};Phase {'A' if i % 2 else 'B'};{i}.500,00\n" for i in range(1, 9)
    )
    upload(page, [csv("unknown.csv", text)])
    expect(page.locator(".st-key-refusal-file-0")).to_be_visible()
    expect(page.locator(".st-key-load")).to_have_count(0)
    page.get_by_role("combobox", name="This file holds").click()
    page.get_by_role("option", name="Opportunities").click()
    settled(page)
    headers = {"Stage": "Wo er steht", "Amount": "Wert", "Opportunity ID": "Nummer"}
    for column, header in headers.items():
        map_column(page, column, header)
    expect(finding(page, "verdict")).to_contain_text("8 rows ready")
    page.get_by_role("button", name="Load 1 file").click()
    expect(finding(page, "loaded")).to_contain_text("8 new", timeout=60_000)
    visit(page, fresh_server.url, "/pipeline?data=own&period=all")
    expect(finding(page, "deals")).to_contain_text("8 open deals")
    expect(main(page)).to_contain_text("Phase A")


def map_column(page: Page, column: str, header: str) -> None:
    """Choose a header for a column in the editor of the mapping, as a user does with the keyboard."""
    columns = page.locator("details").filter(has_text="Check and correct the columns")
    if columns.get_attribute("open") is None:
        columns.locator("summary").click()
    row = row_of(page, "mapping-", re.compile(rf"^{column}( \(needed\))?$"))
    field = page.locator("#portal").get_by_role("combobox")
    click_cell(page, "mapping-", row, field, column=230, clicks=2)
    field.fill(header)
    page.locator("#portal").get_by_role("option", name=header, exact=True).click()
    page.keyboard.press("Enter")
    settled(page)
    unused = card(page, "file-0").locator("p").filter(has_text="Recognised")
    expect(unused).not_to_contain_text(re.compile(rf"not used: .*\b{header}\b"))


def test_sample_and_own_data_are_never_mixed(fresh_server: RunningServer, page: Page) -> None:
    visit(page, fresh_server.url)
    expect(grey_line(page)).to_contain_text("Sample company")
    sample_sentence = headline(page).inner_text()
    choose(page, "region", "EMEA")
    start_own_data(page, fresh_server.url)
    load_files(page, [GOOD])
    for path in ("/", "/pipeline", "/data", "/glossary"):
        visit(page, fresh_server.url, f"{path}?data=own")
        expect(grey_line(page)).to_contain_text("Your data")
        expect(page.locator("body")).not_to_contain_text("EMEA")
    visit(page, fresh_server.url, "/?data=own")
    expect(headline(page)).to_contain_text("$120k")
    segment(page, "data", "Sample company")
    expect(grey_line(page)).to_contain_text("Sample company")
    expect(headline(page)).to_have_text(sample_sentence)
    segment(page, "data", "Your data")
    expect(headline(page)).to_contain_text("$120k")
    visit(page, fresh_server.url)
    expect(grey_line(page)).to_contain_text("Your data")
