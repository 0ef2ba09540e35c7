"""The judgements that ratings alone cannot give, proposed from what is known, each with its reason.

A proposal is yes or no only where the data say so; otherwise it stays open, and the advice asks. A person's
own answer always goes before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import product
from typing import Any, Final

from tas_analytics.formats import count, money
from tas_analytics.method.advice import Answer, Judgement
from tas_analytics.method.criteria import Rating, criteria
from tas_analytics.method.strategies import data

_WORDS: Final[Mapping[Answer, str]] = {True: "yes", False: "no", None: "not known"}
_ANSWERS: Final[Mapping[str, Answer]] = {
    **dict.fromkeys(("yes", "y", "true", "1", "+", "ja", "oui", "si", "да", "是"), True),
    **dict.fromkeys(("no", "n", "false", "0", "-", "−", "nein", "non", "нет", "否"), False),
}


@dataclass(frozen=True)
class Account:
    """What the store knows of a deal's account besides the ratings.

    Parameters
    ----------
    won_before, won_amount, currency
        Deals of the account won before the day, and their amount; None where the deal names no account.
    incumbents
        Competitors that are in place at the customer.
    """

    won_before: int | None = None
    won_amount: float = 0.0
    currency: str = "USD"
    incumbents: tuple[str, ...] = ()


def propose(
    ours: Mapping[int, Rating], theirs: Mapping[int, Rating] | None, competitor: str | None, account: Account
) -> dict[str, Judgement]:
    """Every judgement with its proposed answer and the reason for it.

    Parameters
    ----------
    ours
        Our ratings by number of the criterion.
    theirs, competitor
        The ratings of the strongest competitor and its name; None where no competitor is rated.
    account
        What else is known.
    """
    return {
        "event_creatable": _event(_rated(ours, 15), _rated(ours, 12)),
        "three_to_one": _three_to_one(_pairs(ours, theirs), competitor),
        "criteria_changeable": _criteria(_rated(ours, 6), _rated(ours, 12)),
        "winnable_subset": _subset(_rated(ours, 10), _rated(ours, 11), _rated(ours, 18)),
        "position_to_protect": _position(_rated(ours, 9), account),
    }


def answer_of(text: str | None) -> Answer:
    """What a file or a person wrote for an answer; whatever is neither yes nor no is not known."""
    return _ANSWERS.get((text or "").strip().casefold())


def answer_word(answer: Answer) -> str:
    """An answer as it is written down."""
    return _WORDS[answer]


def three_to_one(pairs: Mapping[int, tuple[Rating, Rating]]) -> Answer:
    """Whether we are ahead on enough criteria, and on three times as many as we are behind.

    Ahead is + for us and − for them, behind the other way round; yes or no only where the gaps cannot change it.
    """
    rule = _rule()
    answers = set()
    for filled in product(*(_either(ours, theirs) for ours, theirs in pairs.values())):
        ahead, behind = filled.count(("+", "-")), filled.count(("-", "+"))
        answers.add(ahead >= rule["ahead"] and ahead >= rule["times"] * behind)
    return answers.pop() if len(answers) == 1 else None


def _rated(ours: Mapping[int, Rating], number: int) -> Rating:
    return ours.get(number, "?")


def _pairs(
    ours: Mapping[int, Rating], theirs: Mapping[int, Rating] | None
) -> tuple[tuple[int, tuple[Rating, Rating]], ...]:
    """Both ratings on the criteria that are compared; none where no competitor is rated."""
    if theirs is None:
        return ()
    return tuple((one, (_rated(ours, one), _rated(theirs, one))) for one in _rule()["compares"])


# Each proposal follows from a few ratings, and many deals share them: it is worked out and worded once.


@lru_cache(maxsize=1 << 15)
def _three_to_one(compared: tuple[tuple[int, tuple[Rating, Rating]], ...], competitor: str | None) -> Judgement:
    if not compared or competitor is None:
        return Judgement(None, "no competitor is rated yet")
    pairs = dict(compared)
    ahead = [number for number, pair in pairs.items() if pair == ("+", "-")]
    behind = [number for number, pair in pairs.items() if pair == ("-", "+")]
    gaps = [number for number, pair in pairs.items() if "?" in pair]
    parts = [f"ahead of {competitor} on {_numbers(ahead)}", f"behind on {_numbers(behind)}"]
    if gaps:
        parts.append(f"not known on {_numbers(gaps)}")
    return Judgement(three_to_one(pairs), ", ".join(parts))


@cache
def _event(power: Rating, executives: Rating) -> Judgement:
    said = _said({15: power, 12: executives})
    if power == "+":
        return Judgement(True, f"{said}: the people with power could make it urgent")
    if power == "-" and executives == "-":
        return Judgement(False, f"{said}: nobody who could make it urgent listens to us")
    return Judgement(None, f"{said}: that does not tell whether somebody would make it urgent")


@cache
def _criteria(formal: Rating, executives: Rating) -> Judgement:
    said = _said({6: formal, 12: executives})
    if executives == "-":
        return Judgement(False, f"{said}: no executive would carry other criteria")
    if formal == "-":
        return Judgement(True, f"{said}: criteria that are not settled yet can be shaped")
    if formal == "+" and executives == "+":
        return Judgement(True, f"{said}: an executive can still add to settled criteria")
    return Judgement(None, f"{said}: that does not tell whether the criteria can still move")


@cache
def _subset(value: Rating, support: Rating, profit: Rating) -> Judgement:
    said = _said({10: value, 11: support, 18: profit})
    ratings = (value, support, profit)
    if "-" in ratings:
        return Judgement(False, f"{said}: a part needs unique value, support inside and a profit")
    if ratings == ("+", "+", "+"):
        return Judgement(True, f"{said}: what a part needs is there")
    return Judgement(None, f"{said}: a part needs all three")


@lru_cache(maxsize=1 << 15)
def _position(relationship: Rating, account: Account) -> Judgement:
    said = _said({9: relationship})
    if account.won_before:
        amount = f" for {money(account.won_amount, account.currency)}" if account.won_amount else ""
        return Judgement(True, f"{count(account.won_before, 'deal')} of this account won before{amount}")
    if account.incumbents and relationship != "+":
        return Judgement(False, f"{' and '.join(account.incumbents)} in place, nothing won by us, {said}")
    if account.won_before == 0 and relationship == "-":
        return Judgement(False, f"nothing won at this account before, {said}")
    if relationship == "+":
        return Judgement(True, f"{said}, although nothing won at this account is in the data")
    return Judgement(None, f"nothing won at this account is in the data, {said}")


def _said(ratings: Mapping[int, Rating]) -> str:
    """``#15 Political alignment +, #12 Executive credibility ?``."""
    sign = {"+": "+", "-": "−", "?": "?"}
    return ", ".join(f"#{number} {criteria()[number - 1].name} {sign[one]}" for number, one in ratings.items())


def _numbers(numbers: list[int]) -> str:
    return " ".join(f"#{number}" for number in numbers) or "none"


def _either(ours: Rating, theirs: Rating) -> list[tuple[str, str]]:
    return [(a, b) for a in (ours if ours != "?" else "+-") for b in (theirs if theirs != "?" else "+-")]


@cache
def _rule() -> dict[str, Any]:
    return next(row for row in data()["judgement"] if row["key"] == "three_to_one")
