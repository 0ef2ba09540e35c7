"""What past windows prove, in words: apart from the track record, for a score is told without the rest of that."""

from __future__ import annotations

from tas_analytics.forecast.baselines import NAMES
from tas_analytics.forecast.proof import SCORE, Proof
from tas_analytics.formats import number, within_sentence


def in_words(found: Proof | None) -> str:
    """What past windows prove of a day's chances: which answer is used, and whether it may be taken at its word."""
    if found is None:
        return "That chances come true is not proven: the data do not reach back far enough to tell."
    if found.answer != SCORE:
        return (
            f"Used instead of the score: {named(NAMES[found.answer])}, which did better in {found.windows} past "
            f"windows of {found.length} days (error {found.brier[found.answer]:.3f} against {found.brier[SCORE]:.3f})."
        )
    if not found.proven:
        return f"That chances over {found.length} days come true is not proven: {found.why}."
    return (
        f"Proven on {found.windows} past windows of {found.length} days: {number(found.foreseen)} wins foreseen, "
        f"{found.won:,} came."
    )


def named(answer: str) -> str:
    """The name of an answer within a sentence."""
    return answer if answer[:3].isupper() else f"the {within_sentence(answer)}"
