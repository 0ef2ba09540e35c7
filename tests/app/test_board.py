"""The page Forecast board: its figures, a call entered on it, and stores that lack what it needs."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tas_analytics.review.calls import every_call
from tas_analytics.store.database import Store
from tas_analytics.ui.board_calls import changed
from tests.app.conftest import Visitor, everything, headline, healthy


def test_the_board_shows_leaders_before_their_people(visitor: Callable[[str], Visitor]) -> None:
    app = healthy(visitor("sample").open("board"))
    assert headline(app).startswith("Wins and commit are $2.8M short of the Q4 target, $1.1M of it with Thibault")
    rows = app.dataframe[0].value
    assert rows["Name"].iloc[0] == "Rosalind Achterberg"
    assert rows["Name"].iloc[1] == "\u2003Annelie Brockhoff"
    assert rows["Gap"].iloc[0] == pytest.approx(-2.837, abs=0.001)


def test_a_leader_sees_his_own_people(visitor: Callable[[str], Visitor]) -> None:
    app = healthy(visitor("sample").open("board", leader="Desmond Kitteridge", categories="Exclusive"))
    rows = app.dataframe[0].value
    assert len(rows) == 6
    assert rows["Name"].iloc[0].strip() == "Desmond Kitteridge"
    assert "Desmond Kitteridge calls $2.1M" in everything(app).replace("\\", "")


def test_a_call_is_entered_with_its_author(
    visitor: Callable[[str], Visitor], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = visitor("sample")
    own = tmp_path / "own.duckdb"
    Store.open(one.sample).close()
    shutil.copy(one.sample, own)
    monkeypatch.setenv("TAS_STORE", str(own))
    app = healthy(Visitor(own, one.sample).open("board", data="own", person="Aoife O'Rahallan"))
    app.number_input(key="call-Commit-Aoife O'Rahallan").set_value(123_456.0)
    app.text_input(key="call-reason-Aoife O'Rahallan").set_value("Two *signed*")
    next(button for button in app.button if button.label == "Submit the call").click().run()
    healthy(app)
    store = Store.open(own)
    try:
        log = every_call(store, Visitor(own, one.sample).company.calendar.parse("2026Q4"), "Aoife O'Rahallan")
        entered = log[log["amount"] == 123_456.0].iloc[0]
        assert entered["reason"] == "Two *signed*"
        assert entered["entered_by"]
    finally:
        store.close()


@pytest.mark.parametrize("name", ["one deal", "markup", "no amounts", "no dates", "public"])
def test_without_targets_or_calls_the_page_says_so(visitor: Callable[[str], Visitor], name: str) -> None:
    app = healthy(visitor(name).open("board"))
    assert headline(app)
    assert "nan" not in everything(app).lower().split()


@pytest.mark.parametrize("person", ["<script>", "nobody", "*", ""])
def test_a_typed_person_never_breaks_the_page(visitor: Callable[[str], Visitor], person: str) -> None:
    assert headline(healthy(visitor("sample").open("board", person=person, leader="Who?")))


def test_only_what_was_changed_becomes_a_call() -> None:
    latest = {"Commit": 100.0, "Best case": 300.0}
    assert changed({"Commit": 120.0, "Best case": 300.0}, latest) == {"Commit": 120.0}
    assert changed({"Commit": 100.0, "Best case": 300.001}, latest) == {}
    assert changed({"Commit": None, "Best case": 5.0}, {}) == {"Best case": 5.0}
