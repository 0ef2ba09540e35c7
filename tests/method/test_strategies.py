"""The strategies as data: complete, and found by name."""

from __future__ import annotations

import pytest

from tas_analytics.method.advice import judgement_keys, questions
from tas_analytics.method.strategies import data, find, find_variation, strategies, strategy

#: What the method's table says each strategy leans on.
LEANS_ON = {
    "frontal": [8],
    "flanking": [6, 14],
    "fragment": [10, 11, 17, 18],
    "defend": [9, 10, 11, 12],
    "develop": [5, 7, 10, 11, 12, 18],
    "disengage": [],
}


def test_the_six_lean_on_the_criteria_of_the_method() -> None:
    assert {one.key: [foot.criterion for foot in one.leans_on] for one in strategies()} == LEANS_ON
    kinds = {one.key: one.kind for one in strategies()}
    assert [key for key, kind in kinds.items() if kind == "attack"] == ["frontal", "flanking", "fragment"]
    assert [key for key, kind in kinds.items() if kind == "position"] == ["defend", "develop"]
    assert {one.key: [v.key for v in one.variations] for one in strategies()} == {
        "frontal": ["solution", "reputation"],
        "flanking": ["alter", "expand"],
        "fragment": ["niche", "coexistence"],
        "defend": ["insulate", "isolate"],
        "develop": ["invest", "delay"],
        "disengage": [],
    }


def test_every_exit_of_the_tree_leads_somewhere_and_every_judgement_is_asked() -> None:
    ends = {one.key for one in strategies()}
    used = {exit for one in questions().values() for exit in (one.yes, one.no)}
    assert used <= ends | set(questions())
    assert ends <= used, "each strategy can be reached"
    assert {one for node in questions().values() for one in node.inputs if isinstance(one, str)} == set(
        judgement_keys()
    )
    criteria = {one for node in questions().values() for one in node.inputs if isinstance(one, int)}
    assert criteria == {row["criterion"] for row in data()["ask"]}, "whom to ask is known of each"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Frontal", "frontal"), ("FRONTAL ATTACK", "frontal"), ("flank", "flanking"), ("Flanking strategy", "flanking"),
        ("Fragmnt strategy", "fragment"), ("Fragmentt", "fragment"), ("defence", "defend"), ("Defend", "defend"),
        ("Develop", "develop"), ("dis-engage", "disengage"), ("no bid", "disengage"), ("", None), (None, None),
        ("wait and see", None), ("Solution", None),
    ],
)  # fmt: skip
def test_a_strategy_is_found_in_any_spelling(text: str | None, key: str | None) -> None:
    found = find(text)
    assert (found.key if found else None) == key


@pytest.mark.parametrize(
    ("of", "text", "key"),
    [
        ("fragment", "Peaceful co-existence", "coexistence"), ("flanking", "A→B", "alter"),
        ("flanking", "A+1", "expand"),
        ("defend", "insulate", "insulate"), ("defend", "isolate", "isolate"), ("defend", "niche", None),
        ("disengage", "delay", None),
    ],
)  # fmt: skip
def test_a_variation_is_found_within_its_strategy(of: str, text: str, key: str | None) -> None:
    found = find_variation(strategy(of), text)
    assert (found.key if found else None) == key
