"""The tab behind the badge of trust, and the card of the inbox; that every page has the badge: test_pages_run.py."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tas_analytics.formats import escape_markdown
from tas_analytics.ingest.judging.checks import Finding
from tas_analytics.ingest.judging.verdict import judge_store
from tas_analytics.ingest.loading.loader import load
from tas_analytics.ingest.loading.settings import change_currency
from tas_analytics.ingest.planning.plan import prepare
from tas_analytics.ingest.receiving.inbox import USER
from tas_analytics.store import Store
from tas_analytics.ui import session
from tests.app.conftest import PAGES, Visitor, badge, everything, healthy
from tests.app.stores import DEALS


@pytest.mark.parametrize("place", ["home", "data"])
def test_a_page_by_itself_has_the_words_where_it_cannot_have_the_link(
    visitor: Callable[[str], Visitor], place: str
) -> None:
    app = healthy(visitor("sample").alone(place))
    assert "Data usable with caveats" in everything(app) or badge(app).label


def test_a_store_is_judged_once_for_all_pages_and_reruns(
    visitor: Callable[[str], Visitor], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Store] = []

    def counted(store: Store) -> tuple[str, list[Finding]]:
        asked.append(store)
        return judge_store(store)

    monkeypatch.setattr(session, "judge_store", counted)
    session._judged.cache_clear()
    one = visitor("one deal")
    app = one.open()
    for place in PAGES:
        app.switch_page(PAGES[place]).run()
        healthy(app)
    assert len(asked) == 1


def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shelf: Any) -> Store:
    """An empty store of the test's own, shown as one's own data."""
    monkeypatch.setenv("TAS_STORE", str(tmp_path / "own.duckdb"))
    monkeypatch.setenv("TAS_SAMPLE_STORE", str(shelf.path("sample")))
    return Store.open(tmp_path / "own.duckdb")


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shelf: Any) -> Any:
    store = own(tmp_path, monkeypatch, shelf)
    yield Visitor(store.path, shelf.path("sample")), store
    store.close()


BAD = (
    "opportunity_id,name,account,owner,stage,amount,close_date,created_date,currency\n"
    "D1,One,*Acme*,Ann Lee,Proof,120000,2026-09-10,2026-10-01,\n"
    "D2,Two,,,Proof,500,2026-12-10,2026-10-01,\n"
    "D3,Three,Acme,Bo,Proof,700,2026-12-10,2026-10-01,XAU\n"
    "D4,Four,Acme,Bo,Proof,900,2026-12-10,2026-10-01,XAG\n"
)


def test_the_tab_ranks_what_is_wrong_with_count_money_examples_and_mending(mine: tuple[Visitor, Store]) -> None:
    visitor, store = mine
    change_currency(store, "USD")
    load(store, [prepare(BAD.encode(), "deals_2026-11-02.csv")])
    verdict, findings = judge_store(store)
    assert verdict == "unusable"
    app = healthy(visitor.open("data", tab="Data trust"))
    assert "Data not usable" in badge(app).label
    text = everything(app).replace("\\", "")
    places = [text.index(finding.mend) for finding in findings]
    assert places == sorted(places), "gravest first, then by money"
    for finding in findings:
        assert finding.text[1:] in text
        assert all(example in text for example in finding.examples)
    assert "What makes the data unusable" in text
    assert "· **$500**" in text, "the money of the deal without an owner"
    assert escape_markdown("D2") in everything(app)


def test_the_loads_tab_tells_where_the_inbox_is_and_what_came(mine: tuple[Visitor, Store], tmp_path: Path) -> None:
    visitor, store = mine
    app = healthy(visitor.open("data", data="own", tab="Loads"))
    assert str(tmp_path / "inbox") in [code.value for code in app.code]
    assert any("Nothing has come through it yet" in caption.value for caption in app.caption)

    load(store, [prepare((DEALS + "D1,One,Acme,Ann,Proof,1,2026-12-10,2026-10-01\n").encode(), "a.csv")], user=USER)
    refused = tmp_path / "inbox" / "refused"
    refused.mkdir(parents=True)
    told = {"file": "*b*.csv", "findings": [{"text": "It is a *PNG* image", "mend": "Export it as CSV."}]}
    (refused / "b.csv.report.json").write_text(json.dumps([told]))
    app = healthy(visitor.open("data", tab="Loads"))
    (table,) = [one.value for one in app.table]
    said = "\n".join(table["b"])
    assert "a\\.csv" in said or "a.csv" in said
    assert "1 row" in said
    assert "Refused\\: It is a \\*PNG\\* image" in said, "names and reasons from files are only words"
    assert not any("Nothing has come" in caption.value for caption in app.caption)


def test_an_inbox_that_is_off_is_said_to_be_off(mine: tuple[Visitor, Store], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAS_INBOX", "off")
    app = healthy(mine[0].open("data", data="own", tab="Loads"))
    assert "The inbox is switched off" in everything(app)
    assert not app.code


def test_the_sample_has_no_inbox(visitor: Callable[[str], Visitor]) -> None:
    app = healthy(visitor("sample").open("data", tab="Loads"))
    assert "inbox" not in everything(app)
