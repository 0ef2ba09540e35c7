"""What the milestone funnel says, in sentences computed from it and tested against it."""

from __future__ import annotations

import pandas as pd

from tas_analytics.formats import SMALL_N, count, money, number, percent, rate, sentence_case
from tas_analytics.metrics.funnel import Bottleneck, Separator, Skipper, shift
from tas_analytics.metrics.intervals import difference
from tas_analytics.metrics.journey import WON


def where_deals_stop(steps: pd.DataFrame, worst: Bottleneck | None, parts: Separator | None) -> str:
    """The page's first sentence: the bottleneck, and the milestone that separates the deals that are won."""
    if worst is None:
        decided = int(steps["cases"].max()) if len(steps) else 0
        if not decided:
            lead = "No deal is decided yet, so nobody can say where deals stop"
        elif decided < SMALL_N:
            lead = f"Too few to say where deals stop: {count(decided, 'deal')} decided"
        else:
            lead = "No step loses a deal"
    elif not worst.certain:
        lead = f"No step stands out: the weakest, {worst.milestone}, keeps {rate(worst.gone, worst.cases)} of its deals"
    elif worst.milestone == WON:
        lead = f"The decision is where deals stop: {rate(worst.gone, worst.cases)} are won once all steps are behind"
    else:
        lead = f"{worst.milestone} is where deals stop: {rate(worst.gone, worst.cases)} reach it"
        if worst.median_days is not None:
            lead += f", after a median of {count(round(worst.median_days), 'day')}"
    return f"{lead}; {_parts(parts)}" if parts else lead


def who_skips(one: Skipper | None) -> str:
    """The page's second sentence: the group of deals that goes without a milestone; nothing where none does."""
    if one is None:
        return ""
    return (
        f"{one.group} skips {one.milestone} in {rate(one.skipped, one.reached)} of deals, "
        f"the others in {rate(one.others_skipped, one.others_reached)}"
    )


def _parts(parts: Separator) -> str:
    return (
        f"{percent(parts.had_won / parts.had)} of those with {parts.milestone} are won, "
        f"{percent(parts.lacked_won / parts.lacked)} without"
    )


def what_is_lost(steps: pd.DataFrame, worst: Bottleneck | None) -> str:
    """The finding over the bars: how many deals the weakest step loses, beside the others."""
    if worst is None or not worst.lost:
        reached = int(steps["reached"].iloc[0]) if len(steps) else 0
        return f"{sentence_case(count(reached, 'deal'))} and how far they came"
    lead = f"{worst.lost:,} of {worst.cases:,} decided deals did not reach {_step(worst.milestone)}"
    if worst.next_lost < worst.lost:
        return f"{lead}; no other step loses more than {worst.next_lost:,}"
    return lead


def _step(milestone: str) -> str:
    return "the win" if milestone == WON else milestone


def what_separates(parts: Separator | None) -> str:
    """The finding over the comparison of win rates with and without each milestone."""
    if parts is None:
        return "No milestone separates won from lost deals by more than chance"
    return (
        f"With {parts.milestone} {rate(parts.had_won, parts.had)} were won, without it "
        f"{rate(parts.lacked_won, parts.lacked)}"
    )


def kept_promises(due: int, overdue: int, worst: str | None, worst_overdue: int, derived: bool) -> str:
    """The finding over the list of overdue milestones."""
    if derived:
        return "Target dates need milestones of your own"
    if due == 0:
        return "No milestone of an open deal has come due"
    if overdue == 0:
        return f"None of the {count(due, 'milestone')} due by now is overdue"
    lead = f"{rate(overdue, due)} of the milestones due by now {'is' if overdue == 1 else 'are'} overdue"
    if due >= 20:
        lead = f"{rate(overdue, due)} of the {due:,} milestones due by now are overdue"
    return f"{lead}, most often {worst} ({worst_overdue:,})" if worst and worst_overdue > 1 else lead


def what_is_left_out(
    unrecorded: int, skipped: int, out_of_order: int, backwards: int, *, derived: bool
) -> tuple[str, str]:
    """What the funnel's rule passes over, said rather than hidden: a title and a sentence."""
    said = [
        count(skipped, "skipped " + ("stage" if derived else "milestone")),
        f"{out_of_order:,} achieved out of order" if out_of_order else "none achieved out of order",
        count(backwards, "negative time"),
    ]
    title = sentence_case(", ".join(said[:-1]) + f" and {said[-1]}")
    left = f"{sentence_case(count(unrecorded, 'deal'))} of which nothing is recorded {_were(unrecorded)} left out."
    return title, left if unrecorded else "Every deal in scope is counted."


def against(steps: pd.DataFrame, other: pd.DataFrame, words: tuple[str, str]) -> str:
    """Two funnels side by side: the step that differs most; ``words`` say whose deals they are, after "deals"."""
    found = shift(steps, other)
    if found is None:
        decided = [int(one["cases"].max()) if len(one) else 0 for one in (steps, other)]
        if min(decided) < SMALL_N:
            few = words[decided.index(min(decided))]
            return f"Too few decided deals {few} to compare: {min(decided):,}"
        return f"No step differs by more than chance between deals {words[0]} and {words[1]}"
    verb = "are won" if found.milestone == WON else f"reach {found.milestone}"
    return (
        f"Of deals {words[0]} {rate(found.gone, found.cases)} {verb}, "
        f"of those {words[1]} {rate(found.other_gone, found.other_cases)}"
    )


def listed(which: str, n: int, amount: float, milestone: str, currency: str) -> str:
    """The title of a list of deals of a step: ``44 open deals wait for Short-listed, $9.7M``."""
    won = milestone == WON
    words = {
        "waiting": (
            f"open {_plural(n)} {'waits' if n == 1 else 'wait'} " + ("to be decided" if won else f"for {milestone}")
        ),
        "lost": f"{_plural(n)} {_were(n)} lost " + ("after the last step" if won else f"before {milestone}"),
        "reached": f"{_plural(n)} {_were(n)} won" if won else f"{_plural(n)} reached {milestone}",
        "skipped": f"{_plural(n)} went past {milestone} without it",
        "out_of_order": f"{_plural(n)} achieved {milestone} out of order",
    }[which]
    return f"{n:,} {words}" + (f", {money(amount, currency)}" if amount else "") if n else f"No {words}"


def _plural(n: int) -> str:
    return "deal" if n == 1 else "deals"


def _were(n: int) -> str:
    return "was" if n == 1 else "were"


def days(value: float | None, p75: float | None) -> str:
    """``31 d, P75 54 d``; a dash where nothing is known."""
    if value is None or pd.isna(value):
        return "–"
    return f"{number(value)} d" + (f", P75 {number(p75)} d" if p75 is not None and not pd.isna(p75) else "")


def which_group(label: str, groups: list[tuple[str, pd.DataFrame]], skips: Skipper | None) -> str:
    """Several funnels beside each other: who brings deals furthest, and who skips what the others do not."""
    return "; ".join([_who_wins(label, groups), *([who_skips(skips)] if skips else [])])


def _who_wins(label: str, groups: list[tuple[str, pd.DataFrame]]) -> str:
    rated = []
    for name, one in groups:
        first = one[one["step"] > 0].head(1)
        decided = int(first["cases"].sum())
        if decided >= SMALL_N:
            rated.append((name, int(one["gone"].iloc[-1]), decided))
    if len(rated) < 2:
        return f"Too few decided deals to compare by {label}"
    best = max(rated, key=lambda item: item[1] / item[2])
    worst = min(rated, key=lambda item: item[1] / item[2])
    pairs = len(rated) * (len(rated) - 1) // 2
    low, _ = difference(best[1], best[2], worst[1], worst[2], claims=pairs)
    if low <= 0:
        return f"No {label} wins more of its deals than another by more than chance"
    return f"{best[0]} wins {rate(*best[1:])} of its decided deals, {worst[0]} {rate(*worst[1:])}"
