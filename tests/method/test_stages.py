"""What a stage most likely means, from its name."""

from __future__ import annotations

import pytest

from tas_analytics.method.stages import LOST, OPEN, STATUSES, WON, Signs, _data, defaults, normal, propose


def test_the_methods_own_stages_come_in_order() -> None:
    assert [stage.stage for stage in defaults()] == [
        "Qualify", "Develop", "Solution", "Proof", "Close", "Won", "Lost",
    ]  # fmt: skip
    assert [stage.probability for stage in defaults()] == [0.2, 0.4, 0.6, 0.8, 0.9, 1.0, 0.0]
    assert [stage.planned_days for stage in defaults()] == [30, 30, 45, 45, 30, None, None]
    assert {stage.status for stage in defaults()} == set(STATUSES)


def test_no_name_is_known_twice() -> None:
    names = [normal(name) for group in _data()["known"] for name in group["names"]]
    assert sorted({name for name in names if names.count(name) > 1}) == []


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("Closed Won", WON), ("closedwon", WON), ("6 - Closed/Won", WON), ("Signed", WON), ("Gewonnen", WON),
        ("Gagnée", WON), ("赢单", WON), ("Won - Expansion", WON),
        ("Closed Lost", LOST), ("closedlost", LOST), ("Closed-Lost to Competition", LOST), ("Verloren", LOST),
        ("Perdue", LOST), ("Deal perdido", LOST), ("丢单", LOST),
        ("Negotiation/Review", OPEN), ("Zig", OPEN), ("Id. Decision Makers", OPEN), ("", OPEN), ("123", OPEN),
    ],
)  # fmt: skip
def test_won_and_lost_are_known_by_name(name: str, status: str) -> None:
    found = propose(name)
    assert found.status == status
    assert found.stage == name
    assert (found.probability == 1, found.probability == 0) == (status == WON, status == LOST)


@pytest.mark.parametrize(
    "names",
    [
        ["Prospecting", "Engaging", "Won", "Lost"],
        ["Prospecting", "Qualification", "Needs Analysis", "Value Proposition", "Id. Decision Makers",
         "Perception Analysis", "Proposal/Price Quote", "Negotiation/Review", "Closed Won", "Closed Lost"],
        ["Appointment Scheduled", "Qualified to Buy", "Presentation Scheduled", "Decision Maker Bought-In",
         "Contract Sent", "Closed Won", "Closed Lost"],
        ["Lead", "Qualified", "Demo", "Closed Won", "Closed Lost"],
        ["Qualify", "Develop", "Solution", "Proof", "Close", "Won", "Lost"],
    ],
)  # fmt: skip
def test_the_stages_of_known_systems_get_their_order(names: list[str]) -> None:
    positions = [propose(name).position for name in names]
    assert positions == sorted(positions)
    chances = [propose(name).probability for name in names[:-1]]
    assert chances == sorted(chances)


def test_the_crms_own_probability_counts_where_somebody_keeps_it() -> None:
    assert propose("Negotiation", Signs(0.7)).probability == 0.7
    assert propose("Zig", Signs(0.7)).position == 70
    assert propose("Negotiation", Signs(0.0)) == propose("Negotiation", None)
    assert propose("Closed Won", Signs(0.3)).probability == 1


def test_an_open_stage_is_never_certain() -> None:
    assert propose("Zig", Signs(1.0)).probability == 0.99
    assert propose("Zig", Signs(0.0001)).probability == 0.01


def test_a_numbered_name_of_the_method_is_the_methods_stage() -> None:
    found = propose("2. Develop")
    assert (found.origin, found.planned_days) == ("default", 30)


def test_the_crms_own_word_decides_where_a_name_tells_nothing() -> None:
    assert propose("Handshake", Signs(won=12, deals=12)).status == WON
    assert propose("Zig", Signs(lost=3, deals=3)).status == LOST
    assert propose("Zig", Signs(lost=3, opened=1, deals=4)).status == OPEN
    assert propose("Negotiation", Signs(won=12, deals=12)).status == OPEN


def test_a_stage_without_a_telling_name_stands_where_deals_pass_it() -> None:
    known = [(0.0, "Qualification"), (0.5, "Proposal"), (1.0, "Closed Won")]
    found = propose("Zig", Signs().placed(0.25, 40).beside(known))
    assert propose("Qualification").position < found.position < propose("Proposal").position
    assert found.evidence == "its place in the lives of 40 deals"
    # The next load moves the place a little, and not the weighted pipeline.
    assert propose("Zig", Signs().placed(0.252, 41).beside(known)).probability == found.probability == 0.4
    later = propose("Zag", Signs().placed(0.75, 40).beside(known))
    assert propose("Proposal").position < later.position < propose("Closed Won").position


def test_numbered_names_keep_their_order() -> None:
    assert propose("1 - Zig").position < propose("2 - Zag").position < propose("10 - Zog").position
