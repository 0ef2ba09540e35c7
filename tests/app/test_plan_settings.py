"""Settings of the plan: what is entered of an edited table, and that deals follow it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest

from tas_analytics.errors import TasError
from tas_analytics.ingest.loading.entry import enter
from tas_analytics.metrics import milestones, plans
from tas_analytics.store.database import Store
from tas_analytics.ui import plan_settings as settings
from tests.app.conftest import Visitor, everything, healthy
from tests.metrics.small import store_of

DEALS = "opportunity_id,name,stage,amount,owner\nA,Alpha,Talk,100,Bob\n"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = store_of(tmp_path / "s.duckdb", {"opportunities_2026-01-31.csv": DEALS})
    yield opened
    opened.close()


def catalogue(store: Store) -> pd.DataFrame:
    return milestones.types(store)[list(settings._CATALOGUE)]


def save(store: Store, before: pd.DataFrame, after: pd.DataFrame) -> list[str]:
    rows = settings.changed_rows(before, after, settings._CATALOGUE, "code", "milestone")
    if rows:
        enter(store, "milestone_catalogue", rows, author="Dana")
    return [str(row["code"]) for row in rows]


def test_nothing_changed_enters_nothing(store: Store) -> None:
    before = catalogue(store)
    assert save(store, before, before.copy()) == []


def test_a_renamed_a_new_and_a_removed_milestone(store: Store) -> None:
    before = catalogue(store)
    after = before.copy()
    renamed = after["code"] == "nda_received"
    after["milestone"] = after["milestone"].mask(renamed, "Confidentiality *signed*")
    after["planned_days"] = after["planned_days"].mask(renamed, 21)
    after = after[after["code"] != "outbound_interest"]
    new = pd.DataFrame([{"milestone": "Site visit", "position": 155.0, "in_use": None}])
    assert set(save(store, before, pd.concat([after, new]))) == {"nda_received", "outbound_interest", "site_visit"}
    types = milestones.types(store).set_index("code")
    assert types.at["nda_received", "milestone"] == "Confidentiality *signed*"
    assert types.at["nda_received", "planned_days"] == 21
    assert milestones.resolver(store).find("NDA received") == "nda_received"  # files still have the old name
    assert not types.at["outbound_interest", "in_use"]
    assert types.at["site_visit", "in_use"]
    assert list(types.index).index("site_visit") == list(types.index).index("commercial_terms_understood") - 1
    assert save(store, catalogue(store), catalogue(store)) == []


@pytest.mark.parametrize("name", ["NDA *received*", "", None])
def test_names_must_tell_rows_apart(store: Store, name: str | None) -> None:
    before = catalogue(store)
    with pytest.raises(TasError):
        save(store, before, pd.concat([before, pd.DataFrame([{"milestone": name}])]))


def test_a_plan_is_replaced_as_a_whole(store: Store) -> None:
    code = "request_offering"
    columns = list(settings._STEPS)

    def shown() -> pd.DataFrame:
        steps = [step for step in plans.plans(store)[code] if step.in_use]
        rows = [
            (s.step_id, "Request Offering", s.subject, s.type, s.display, s.lead_days, s.owner, s.resources, s.priority,
             float(place), True)
            for place, s in enumerate(steps, start=1)
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=columns)

    before = shown()
    assert settings.plan_rows(before, before.copy(), "Request Offering") == []
    after = pd.concat([before.iloc[[1, 0]], pd.DataFrame([{"subject": "Read it <twice>"}])])
    enter(store, "activity_plans", settings.plan_rows(before, after, "Request Offering"), author="Dana")
    assert [step.subject.split(":")[0] for step in plans.of_milestone(plans.plans(store)[code])] == [
        "Define the compelling event and confirm the budget", "Understand the opportunity", "Read it <twice>",
    ]  # fmt: skip
    empty = shown().iloc[:0]
    enter(store, "activity_plans", settings.plan_rows(shown(), empty, "Request Offering"), author="Dana")
    assert plans.of_milestone(plans.plans(store)[code]) == []


@pytest.mark.parametrize("name", ["sample", "one deal", "plans"])
def test_the_cards_are_drawn(visitor: Callable[[str], Visitor], name: str) -> None:
    app = healthy(visitor(name).open("data", tab="Settings"))
    assert "Milestones, activity plans and warning signals" in everything(app)
