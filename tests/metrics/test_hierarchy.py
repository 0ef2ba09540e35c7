"""The hierarchy: any depth, circles, strangers; and sums that lose nobody."""

from __future__ import annotations

import random

import pandas as pd
import pytest

from tas_analytics.metrics.company import Company
from tas_analytics.metrics.hierarchy import EVERYBODY, Hierarchy, hierarchy, of_leader
from tas_analytics.metrics.measure import measure, total
from tas_analytics.metrics.scope import Scope
from tas_analytics.store.database import Store

DEEP = {"Eve": "Dan", "Dan": "Cy", "Cy": "Bo", "Bo": "Al", "Al": None, "Flo": "Bo", "Gus": "Nobody listed"}


def test_any_depth_from_the_top_down() -> None:
    tree = Hierarchy.of(DEEP)
    assert [(one.name, one.depth) for one in tree.people] == [
        ("Al", 0), ("Bo", 1), ("Cy", 2), ("Dan", 3), ("Eve", 4), ("Flo", 2), ("Nobody listed", 0), ("Gus", 1),
    ]  # fmt: skip
    assert tree.under("Bo") == ("Bo", "Cy", "Dan", "Eve", "Flo")
    assert tree.under("Eve") == ("Eve",)
    assert tree.under("who?") == ()
    assert tree.leaders == ("Al", "Bo", "Cy", "Dan", "Nobody listed")


def test_circles_are_cut_and_nobody_is_lost() -> None:
    tree = Hierarchy.of({"A": "B", "B": "C", "C": "A", "D": "C", "Self": "Self"})
    assert sorted(tree.names) == ["A", "B", "C", "D", "Self"]
    assert tree.people[0].depth == 0


@pytest.mark.parametrize("seed", range(30))
def test_random_trees_roll_up_to_what_a_walk_finds(seed: int) -> None:
    dice = random.Random(seed)
    names = [f"P{i}" for i in range(dice.randint(1, 25))]
    managers = {name: dice.choice([None, *names]) for name in names}
    own = {name: float(dice.randint(0, 9)) for name in [*dice.sample(names, len(names) // 2), "Stranger", ""]}
    tree = Hierarchy.of(managers)
    assert sorted(tree.names) == sorted(names)
    rolled = tree.roll_up(pd.DataFrame({"owner": list(own), "n": list(own.values())}), ["n"]).set_index("name")["n"]
    assert rolled[EVERYBODY] == sum(own.values())
    place = {one.name: one.manager for one in tree.people}

    def reaches(name: str, leader: str) -> bool:
        while name != leader:
            if place.get(name) is None:
                return False
            name = str(place[name])
        return True

    for leader in names:
        expected = sum(n for name, n in own.items() if name in place and reaches(name, leader))
        assert rolled.get(leader, 0.0) == expected
    assert (rolled["Stranger"], rolled[""]) == (own["Stranger"], own[""])


def test_missing_is_not_nought() -> None:
    frame = pd.DataFrame({"owner": ["Eve", "Flo"], "target": [None, 5.0], "n": [1.0, 2.0]})
    rolled = Hierarchy.of(DEEP).roll_up(frame, ["target", "n"]).set_index("name")
    assert rolled["target"].isna()["Eve"]
    assert rolled.loc["Bo", "target"] == 5.0
    assert "Gus" not in rolled.index, "who has nothing is no row"


def test_the_samples_leaders_hold_what_their_people_hold(sample_store: Store) -> None:
    company = Company.of(sample_store)
    assert company.last_day
    scope = Scope(company.last_day, company.calendar.parse("2026Q4"))
    tree = hierarchy(sample_store, scope.as_of)
    assert tree.people[0].name == "Rosalind Achterberg"
    frame = measure(sample_store, ("open_pipeline", "target", "won_amount"), scope, ("owner",), company)
    rolled = tree.roll_up(frame, ["open_pipeline", "target", "won_amount"]).set_index("name")
    assert rolled.loc[EVERYBODY, "open_pipeline"] == pytest.approx(total(sample_store, "open_pipeline", scope, company))
    assert rolled.loc["Rosalind Achterberg", "target"] == pytest.approx(8_655_000)
    for leader in tree.leaders:
        narrowed = of_leader(scope, tree, leader)
        for key in ("open_pipeline", "won_amount", "target"):
            assert rolled.loc[leader, key] == pytest.approx(total(sample_store, key, narrowed, company)), (leader, key)
