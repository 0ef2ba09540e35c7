"""The catalogue of milestones, and which spelling means which."""

from __future__ import annotations

import pytest

from tas_analytics.method.milestones import KINDS, MilestoneType, Resolver, code_of, defaults, normal, split_synonyms
from tas_analytics.method.stages import defaults as stages

TWELVE = [
    "Inbound interest", "Outbound interest", "Qualitative call occurred", "Discovery or demonstration call occurred",
    "NDA received", "Timeline confirmed", "Executive sponsor commitment", "Decision-making criteria understood",
    "Commercial terms understood", "Short-listed", "Contracting process understood", "Contracts out for redline",
]  # fmt: skip
FOUND = Resolver(defaults())


def test_the_twelve_hard_facts_are_there_in_their_order() -> None:
    assert [one.name for one in defaults() if one.kind == "milestone"] == TWELVE


def test_codes_names_and_places_are_each_taken_once() -> None:
    for values in ([o.code for o in defaults()], [o.name for o in defaults()], [o.position for o in defaults()]):
        assert len(set(values)) == len(values)
    assert [one.position for one in defaults()] == sorted(one.position for one in defaults())
    assert {one.kind for one in defaults()} <= set(KINDS) - {"own"}


def test_every_stage_ends_in_a_mandatory_milestone_within_its_planned_days() -> None:
    planned = {stage.stage: stage.planned_days for stage in stages() if stage.planned_days}
    last = {one.stage: one for one in defaults() if one.kind == "stage outcome"}
    assert list(last) == list(planned)
    for one in defaults():
        assert one.planned_days is not None
        assert one.planned_days <= (planned[str(one.stage)] or 0), one
        assert one.mandatory == (one.kind == "stage outcome")


def test_no_spelling_means_two_milestones() -> None:
    meant: dict[str, set[str]] = {}
    for one in defaults():
        for name in (one.name, one.code, *one.synonyms):
            meant.setdefault(normal(name), set()).add(one.code)
    assert {name: codes for name, codes in meant.items() if len(codes) > 1} == {}


@pytest.mark.parametrize("one", defaults(), ids=lambda one: one.code)
def test_each_is_found_by_code_name_synonyms_and_in_capitals(one: MilestoneType) -> None:
    for name in (one.code, one.name, *one.synonyms):
        assert FOUND.find(name) == FOUND.find(name.upper()) == FOUND.find(f"  3. {name} ") == one.code, name


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Shortlisted", "short_listed"), ("Non-Disclosure Agreement Received", "nda_received"),
        ("N.D.A. received", "nda_received"), ("Executive sponser comitment", "executive_sponsor_commitment"),
        ("Commitment of the Executive Sponsor", "executive_sponsor_commitment"),
        ("Discovery/ Demonstration Call Occurred", "discovery_call"), ("Date of the Demo", "discovery_call"),
        ("inbond interest", "inbound_interest"), ("outbound intrest", "outbound_interest"),
        ("Request_Offering", "request_offering"),
    ],
)  # fmt: skip
def test_usual_spellings_are_found(name: str, code: str) -> None:
    assert FOUND.find(name) == code


@pytest.mark.parametrize(
    "name",
    ["NDA sent", "Interest", "Executive sponsor lost", "No timeline confirmed", "Commercial terms rejected",
     "Site visit", "Contract", "", "  ", "Qualified lead", "Informal approval received", "解决"],
)  # fmt: skip
def test_what_only_looks_alike_is_a_milestone_of_its_own(name: str) -> None:
    assert FOUND.find(name) is None


def test_what_the_company_calls_a_milestone_outweighs_our_synonyms() -> None:
    mine = MilestoneType("pilot_done", "Pilot completed", origin="set")
    assert Resolver([*defaults(), mine]).find("pilot completed") == "pilot_done"
    named = MilestoneType("last_two", "In the last two", synonyms=("shortlisted",), origin="set")
    assert Resolver([*defaults(), named]).find("Shortlisted") == "last_two"


def test_codes_and_synonyms_of_cells() -> None:
    assert code_of("Board: budget approved!") == "board_budget_approved"
    assert code_of("???") == "unnamed"
    assert split_synonyms(" a; b ;;c ") == ("a", "b", "c")
    assert split_synonyms(None) == ()
