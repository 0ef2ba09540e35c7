"""Suggested activities and warning signals."""

from __future__ import annotations

import datetime as dt

import pytest

from tas_analytics.method import milestones, plans
from tas_analytics.method.plans import PlanStep, default_signals, default_steps


def test_request_offering_suggests_what_the_method_says() -> None:
    found = [step.subject.casefold() for step in default_steps() if step.milestone == "Request Offering"]
    assert len(found) == 4
    for words, subject in zip(
        (("understand", "opportunity"), ("compelling event", "confirm the budget"), ("complete", "assessment"),
         ("develop", "organisation map")),
        found,
        strict=True,
    ):  # fmt: skip
        assert all(word in subject for word in words), subject


def test_every_plan_belongs_to_a_milestone_and_is_well_formed() -> None:
    names = {one.name for one in milestones.defaults()}
    ids = [step.step_id for step in default_steps()]
    assert len(set(ids)) == len(ids)
    for step in default_steps():
        assert step.milestone in names
        assert step.display in plans.DISPLAYS
        assert step.type in plans.TYPES
        assert step.owner in plans.OWNER_RULES
        # No template knows a start date, so none may ask for the calendar.
        assert step.display != plans.CALENDAR
        assert step.lead_days >= 0
    wanted = {one.name for one in milestones.defaults() if one.kind in ("milestone", "customer event", "stage outcome")}
    assert wanted - {step.milestone for step in default_steps()} == {"Inbound interest", "Outbound interest"}


def test_due_counts_back_from_the_target_but_not_into_the_past() -> None:
    step = PlanStep("x", "NDA received", "Send it", lead_days=10)
    assert step.due(dt.date(2026, 3, 31), dt.date(2026, 3, 1)) == dt.date(2026, 3, 21)
    assert step.due(dt.date(2026, 3, 5), dt.date(2026, 3, 1)) == dt.date(2026, 3, 1)


@pytest.mark.parametrize(
    ("rule", "owner"),
    [("author", "Ann"), ("Deal owner", "Bob"), ("MANAGER", "Cas"), ("Dora Smith", "Dora Smith"), ("  ", "Ann")],
)
def test_the_owner_rule(rule: str, owner: str) -> None:
    assert PlanStep("x", "m", "s", owner=rule).owned_by("Ann", "Bob", "Cas") == owner
    assert PlanStep("x", "m", "s", owner="manager").owned_by("Ann", None, None) == "Ann"


def test_signals_cover_what_the_method_lists() -> None:
    codes = {signal.code for signal in default_signals()}
    assert {
        "unreturned_calls", "no_information", "criteria_slanted", "criteria_change", "delays", "budget_gone",
        "players_change", "meetings_cancelled", "meetings_delegated", "price_only", "not_knowing",
    } <= codes  # fmt: skip
    assert len(codes) == len(default_signals())
    assert {signal.about for signal in default_signals()} == {"customer", "contest", "us"}
    assert all(signal.ask and signal.ask.endswith("?") for signal in default_signals())


@pytest.mark.parametrize(
    ("status", "done", "cancelled"),
    [("Done", True, False), ("COMPLETED", True, False), ("Terminé", True, False), ("Cancelled", False, True),
     ("Planned", False, False), (None, False, False), ("", False, False), ("Not done", False, False)],
)  # fmt: skip
def test_what_a_status_says(status: str | None, done: bool, cancelled: bool) -> None:
    assert plans.is_done(status) is done
    assert plans.is_cancelled(status) is cancelled


@pytest.mark.parametrize(
    ("text", "display"),
    [("Calendar and Activities", plans.CALENDAR), ("To Do", "to do"), ("To-Do", "to do"), ("Activity", "activity"),
     (None, "activity"), ("Kalender", plans.CALENDAR)],
)  # fmt: skip
def test_display_in_any_spelling(text: str | None, display: str) -> None:
    assert plans.display_of(text) == display
