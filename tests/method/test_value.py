"""Value propositions: six forms, eleven slots, finished or not."""

from __future__ import annotations

import pytest

from tas_analytics.method.value import find_form, form, forms, gains, slot, steps
from tas_analytics.store.tables_strategy import VALUE_CHAIN, VALUE_PROPOSITIONS

#: The slots of the six forms as the method names them.
SLOTS = {
    "initiative": {"business_initiative", "outcome", "solution"},
    "precedent": {"similar_customer", "past_value"},
    "change": {"current_situation", "solution", "business_driver", "outcome"},
    "tracking": {"tracking_system", "frequency"},
    "event": {"compelling_event", "solution", "outcome"},
    "assurance": {"shared_risk"},
}


def test_the_six_forms_have_the_slots_of_the_method() -> None:
    assert {one.key: {slot.key for slot in one.slots} for one in forms()} == SLOTS


def test_every_slot_and_step_is_a_column_of_its_table() -> None:
    columns = {column.name for column in VALUE_PROPOSITIONS.columns}
    assert set().union(*SLOTS.values()) <= columns
    assert [one.key for one in steps()] == [column.name for column in VALUE_CHAIN.columns[2:7]]
    assert all(slot(key).example for key in set().union(*SLOTS.values()))


@pytest.mark.parametrize("one", forms(), ids=lambda one: one.key)
def test_a_proposition_is_finished_when_every_slot_is_filled(one: object) -> None:
    found = next(f for f in forms() if f is one)
    full = {part.key: f"<{part.key}> {{x}}" for part in found.slots}
    assert found.empty(full) == ()
    sentence = found.sentence(full)
    assert all(value in sentence for value in full.values())
    assert "[" not in sentence
    for part in found.slots:
        lacking = full | {part.key: "  "}
        assert found.empty(lacking) == (part,)
        assert f"[{part.label.lower()}]" in found.sentence(lacking)
    assert found.empty({part.key: float("nan") for part in found.slots}) == found.slots


def test_parts_tell_what_is_filled_from_what_is_not() -> None:
    parts = list(form("tracking").parts({"frequency": "each month"}))
    assert ("how the value is tracked", True) in parts
    assert ("each month", False) in parts
    assert parts[-1] == (".", False)


@pytest.mark.parametrize(
    ("text", "key"), [("Initiative", "initiative"), ("3", "change"), ("EVENT", "event"), ("poem", None), (None, None)]
)
def test_a_form_is_found_by_name_or_number(text: str | None, key: str | None) -> None:
    found = find_form(text)
    assert (found.key if found else None) == key


def test_gains_tell_more_from_less() -> None:
    assert set(gains()) == {"more", "less", "costs"}
    assert not set(gains()["more"]) & set(gains()["less"])
