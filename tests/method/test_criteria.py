"""The 20 criteria by number and name, and what people write for a rating."""

from __future__ import annotations

import pytest

from tas_analytics.method.criteria import _data, _names, criteria, find, names_one, normal, rating


def test_there_are_twenty_in_four_questions_of_five() -> None:
    assert [one.number for one in criteria()] == list(range(1, 21))
    questions = [one.question for one in criteria()]
    assert [questions.count(question) for question in dict.fromkeys(questions)] == [5, 5, 5, 5]
    assert len({one.key for one in criteria()}) == 20
    # High is bad for the effort of selling and for risk only.
    assert [one.number for one in criteria() if one.high_is_bad] == [8, 19]


def test_no_name_means_two_criteria() -> None:
    names = [normal(name) for row in _data()["criterion"] for name in {row["name"], row["key"], *row["names"]}]
    twice = {name for name in names if names.count(name) > 1}
    assert {_names()[name] for name in twice} <= set(range(1, 21))
    for row in _data()["criterion"]:
        for name in (row["name"], row["key"], *row["names"]):
            assert find(name) == row["number"], name


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("7", 7), ("07", 7), ("#7", 7), ("7.", 7), ("C7", 7), ("Criterion 7", 7), ("Kriterium 12", 12), ("Q20", 20),
        ("7. Solution fit", 7), ("07 - solution_fit", 7), ("Solution-Fit", 7), ("SOLUTION FIT", 7), ("Solutionfit", 7),
        ("Compeling event", 5), ("Informal decision critera", 14), ("Formal decision critera", 6), ("UBV", 10),
        ("Unique Business Value (UBV)", 10), ("20.0", 20),
        ("0", None), ("21", None), ("7. Develop", None), ("8. Solution fit", None), ("", None), ("Colour", None),
        ("Stage", None), ("Decision maker", None), ("-7", 7),
    ],
)  # fmt: skip
def test_a_criterion_is_found_in_any_spelling(text: str, number: int | None) -> None:
    assert find(text) == number


def test_a_number_alone_names_no_criterion_in_words() -> None:
    assert not names_one("7")
    assert not names_one("C 7")
    assert names_one("7. Solution fit")
    assert not names_one("Colour")


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("+", "+"), ("\uff0b", "+"), ("-", "-"), ("−", "-"), ("–", "-"), ("?", "?"), ("1", "+"), ("0", "?"),
        ("-1", "-"),
        ("Yes", "+"), ("NO", "-"), ("favourable", "+"), ("Unfavorable", "-"), ("green", "+"), ("Red", "-"),
        ("amber", "?"), (" + ", "+"), ("'+", "+"), ("unknown", "?"), ("maybe later", None), ("", None), ("7", None),
        ("high", None), ("Ja", "+"), ("是", "+"),
    ],
)  # fmt: skip
def test_a_rating_is_read_as_its_sign(text: str, sign: str | None) -> None:
    assert rating(text) == sign


@pytest.mark.parametrize("one", criteria(), ids=lambda one: one.key)
def test_the_poles_of_each_criterion_are_its_ratings(one: object) -> None:
    criterion = next(c for c in criteria() if c is one)
    assert rating(criterion.favourable, criterion.number) == "+"
    assert rating(criterion.unfavourable, criterion.number) == "-"
    assert rating("high", criterion.number) == ("-" if criterion.high_is_bad else "+")
    assert rating("LOW", criterion.number) == ("+" if criterion.high_is_bad else "-")
    # A colour is a judgement already, whatever is high.
    assert rating("green", criterion.number) == "+"
