"""Sentences about a deal's strategy and about those of a portfolio; each is computed from what it tells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tas_analytics.formats import SMALL_N, count, money, percent, sentence_case
from tas_analytics.method.advice import Advice, Support
from tas_analytics.method.strategies import Strategy, Variation
from tas_analytics.metrics.strategic import DealCase


def named(strategy: Strategy, variation: Variation | None) -> str:
    """``Flanking, acknowledge and expand``."""
    return f"{strategy.name}, {variation.name[0].lower()}{variation.name[1:]}" if variation else strategy.name


def of_deal(case: DealCase) -> str:
    """What is declared, what is advised, and what stands between the two."""
    advice = case.advice
    if case.current and case.strategy is None:
        return f"A strategy is declared that the method does not know: {case.current[0].text}"
    if len({one.strategy for one in case.current}) > 1:
        both = " and ".join(dict.fromkeys(one.strategy.name for one in case.current if one.strategy))
        return f"Two strategies are declared, {both}: a team cannot follow both"
    if case.strategy is None:
        return _undeclared(case)
    name = case.strategy.name
    if case.agreement == "agrees":
        return f"{name} is declared, and what is known advises it"
    if advice.strategy is not None:
        return f"{name} is declared, but what is known advises {named(advice.strategy, advice.variation)}"
    if case.agreement == "open":
        return f"{name} is declared; whether it fits hangs on an open question: {_question(advice)}"
    return f"{name} is declared, but no answer to what is open leads there"


def _undeclared(case: DealCase) -> str:
    advice = case.advice
    if advice.strategy is not None:
        return f"No strategy is declared; what is known advises {named(advice.strategy, advice.variation)}"
    if not any(sign != "?" for sign in case.ours.values()):
        return "No strategy is declared, and nothing is rated from which one could be advised"
    return f"No strategy is declared; first find out: {_question(advice)}"


def of_tree(advice: Advice) -> str:
    """Where the tree leads."""
    if advice.strategy is not None:
        return f"The tree leads to {named(advice.strategy, advice.variation)}"
    return f"The tree stops at an open question, with {count(len(advice.possible), 'strategy', 'strategies')} possible"


def of_support(strategy: Strategy, supports: Sequence[Support]) -> str:
    """How much of what a strategy stands on holds."""
    needed = [one for one in supports if one.footing.needed]
    if not needed:
        return f"{strategy.name} leans on no criterion"
    holds = sum(one.holds is True for one in needed)
    unknown = sum(one.holds is None for one in needed)
    lead = f"{strategy.name} leans on {count(len(needed), 'criterion', 'criteria')}: {holds or 'none'} {_hold(holds)}"
    return f"{lead}, {unknown} not known" if unknown else lead


def of_portfolio(cases: Sequence[DealCase], currency: str) -> str:
    """The first sentence of the portfolio's page."""
    if not cases:
        return "No deal is open here"
    declared = [one for one in cases if one.current]
    if not declared:
        if len(cases) == 1:
            return "The only open deal has no declared strategy"
        return f"None of the {count(len(cases), 'open deal')} has a declared strategy"
    wrong = [one for one in declared if any(flag.certain for flag in one.flags)]
    if not wrong:
        return (
            f"{sentence_case(count(len(declared), 'open deal'))} have a strategy, and none breaks a rule of the method"
        )
    amount = sum(one.deal["amount"] or 0.0 for one in wrong if one.deal["amount"] == one.deal["amount"])
    worth = f"{money(amount, currency)} in " if amount else ""
    common, times = Counter(flag.rule.label for one in wrong for flag in one.flags if flag.certain).most_common(1)[0]
    lead = f"{worth}{count(len(wrong), 'open deal')} with a strategy that breaks a rule"
    return sentence_case(f"{lead}; most often: {common[0].lower()}{common[1:]} ({times})")


def of_agreement(cases: Sequence[DealCase]) -> str:
    """How many declared strategies are those advised."""
    known = [one for one in cases if one.strategy is not None]
    if not known:
        return "No declared strategy to compare with the advice"
    tally = Counter(one.agreement for one in known)
    few = len(known) < SMALL_N
    share = f"{tally['agrees']} of {len(known)}" if few else f"{percent(tally['agrees'] / len(known))} of the"
    rest = f"{tally['differs']} differ, {tally['open']} hang on something open"
    return f"{share} declared strategies are those advised; {rest}"


def _question(advice: Advice) -> str:
    question = advice.open_question
    return question.question[0].lower() + question.question[1:] if question else ""


def _hold(count_of: int) -> str:
    return "holds" if count_of <= 1 else "hold"
