"""Every page on every kind of store: no exception, no refusal, nothing unescaped, the badge of trust."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache

import pytest
from streamlit.testing.v1 import AppTest

from tas_analytics.ingest.judging.verdict import judge_store
from tas_analytics.store.database import Store
from tests.app import stores
from tests.app.conftest import PAGES, TABS, Visitor, badge, everything, grey_line, headline, healthy

SAID = {
    "usable": "Data usable",
    "caveats": "Data usable with caveats",
    "unusable": "Data not usable",
    "empty": "No data",
}
SIGNS = {"usable": "✓", "caveats": "!", "unusable": "✕", "empty": "○"}
STORES = ("sample", "empty", "public", "one deal", "markup", "no amounts", "no dates")


def views(place: str, store: Store) -> list[dict[str, str]]:
    """The parameters under which a page has something of its own to show."""
    if place == "data":
        return [{"tab": tab} for tab in TABS]
    if place == "deal":
        ids = store.rows("select natural_key from record where table_name = 'opportunities' order by 1 limit 2")
        tabs = [{"id": row[0], "topic": tab} for row in ids[:1] for tab in ("Score", "Assessment", "Strategy", "Value")]
        return [{"id": row[0]} for row in ids] + tabs + [{}]
    if place == "assessment":
        return [{"period": "All close dates", "map": which} for which in ("Deals", "Competitors", "Coaching")] + [
            {"squares": "Net advantage", "order": "gap", "blank": "true"}
        ]
    if place == "pipeline":
        return [{}, {"split": "owner", "measure": "Weighted"}, {"split": "region", "measure": "Deals"}]
    if place == "debrief":
        return [{}, {"part": "Roll-out"}]
    if place == "milestones":
        return [{}, {"compare": "By region", "funnel_by": "Amount", "cohort": "Deals of all dates"},
                {"compare": "With other deals", "step": "Won", "step_list": "reached"}]  # fmt: skip
    return [{}]


@pytest.mark.parametrize("place", PAGES)
@pytest.mark.parametrize("name", STORES)
def test_page_runs(visitor: Callable[[str], Visitor], name: str, place: str) -> None:
    one = visitor(name)
    params: dict[str, str] = {"data": "own"} if name == "empty" else {}
    for view in views(place, Store.open(one.own) if name == "empty" else one.store):
        app = healthy(one.open(place, **params, **view))
        assert headline(app)
        assert ("Sample company" if name == "sample" else "Your data") in grey_line(app)
        assert "nan" not in re.findall(r"\b\w+\b", everything(app).lower()), "a missing number is not text"
        _lists_of_deals_begin_with_amounts(app)
        _says_how_far_its_data_can_be_trusted(app, Store.open(one.own) if name == "empty" else one.store)


def _lists_of_deals_begin_with_amounts(app: AppTest) -> None:
    """Every list of deals begins with its amount, and a narrow phone shows that and the most of the deal's name."""
    for table in app.dataframe:
        config = {name: one for name, one in json.loads(table.proto.columns or "{}").items() if one}
        shown = [config.get(name, {}) for name in table.value.columns]
        deals = [
            name for name, one in zip(table.value.columns, shown, strict=True) if "Deal" in (name, one.get("label"))
        ]
        if not deals:
            continue
        money = [name for name, one in zip(table.value.columns, shown, strict=True)
                 if (one.get("type_config") or {}).get("format") == "%,d"]  # fmt: skip
        if not money:
            assert table.value.columns[0] == deals[0]
            continue
        assert table.value.columns[1] == deals[0], list(table.value.columns)
        # A change in bold is written by its table.
        assert table.value.columns[0] in (money[0], "Change"), list(table.value.columns)
        assert shown[0]["width"] + 0.7 * shown[1]["width"] <= 360 - 2 * 16 - 2


def _says_how_far_its_data_can_be_trusted(app: AppTest, store: Store) -> None:
    verdict, told = _judged(store)
    shown = badge(app)
    assert SAID[verdict] in shown.label
    assert SIGNS[verdict] in shown.label, "a sign beside the words, so that colour is never alone"
    assert (f"· {told} finding" in shown.label) is bool(told)
    assert shown.query_string == "tab=Data+trust"


@cache
def _judged(store: Store) -> tuple[str, int]:
    """The verdict, and how many findings it rests on; the stores of these tests do not change."""
    verdict, findings = judge_store(store)
    return verdict, sum(finding.severity != "note" for finding in findings)


@pytest.mark.parametrize("place", PAGES)
@pytest.mark.parametrize("name", ["sample", "empty", "public"])
def test_page_is_safe_without_the_frame(visitor: Callable[[str], Visitor], name: str, place: str) -> None:
    """A page's file run by itself must neither fail nor lose its filters."""
    app = healthy(visitor(name).alone(place))
    assert headline(app)
    assert app.sidebar.children, "the filters are there without the frame"


def test_the_frame_titles_and_lists_its_pages(visitor: Callable[[str], Visitor]) -> None:
    app = visitor("sample").open()
    for place, path in PAGES.items():
        assert headline(app.switch_page(path).run()), place


def unescaped(text: str) -> list[str]:
    """The parts of the awkward names that would format, link or become a tag, where nothing escapes them."""
    harmful = ("[x](http", "<b>Tag", "<script", "*Bold*", ":red[loud]", "_case_", "$mith & $ons", "`code`")
    found = (re.search(rf"(?<!\\){re.escape(part)}", text) for part in harmful)
    return [text[max(one.start() - 60, 0) : one.end() + 40] for one in found if one]


@pytest.mark.parametrize("place", ["home", "pipeline", "data"])
def test_names_with_markup_stay_words(visitor: Callable[[str], Visitor], place: str) -> None:
    one = visitor("markup")
    for view in views(place, one.store):
        assert not unescaped(everything(healthy(one.open(place, **view))))


@pytest.mark.parametrize("index", range(len(stores.MARKUP)))
def test_a_deal_with_markup_in_its_names_has_a_page(visitor: Callable[[str], Visitor], index: int) -> None:
    name = stores.MARKUP[index].strip()
    app = healthy(visitor("markup").open("deal", id=f"M{index}", owner=name))
    assert headline(app) == name
    assert name in grey_line(app), "the owner's name stands above the headline"
    assert not unescaped(everything(app))
    assert not app.get("html")[1:], "the look is the only HTML of a page"


@pytest.mark.parametrize("index", range(0, len(stores.MARKUP), 3))
def test_a_filter_on_a_name_with_markup_is_told_in_words(visitor: Callable[[str], Visitor], index: int) -> None:
    name = stores.MARKUP[index].strip()
    app = healthy(visitor("markup").open("pipeline", owner=name))
    assert name in grey_line(app)
    assert not unescaped(everything(app))


def test_an_empty_store_leads_to_the_first_upload(visitor: Callable[[str], Visitor]) -> None:
    one = visitor("empty")
    for place in ("home", "pipeline"):
        app = healthy(one.open(place, data="own"))
        assert "Load your CRM" in headline(app)
        assert {"start-upload", "start-sample"} <= {button.key for button in app.button}
        assert not app.metric, "nothing is counted where nothing is"
