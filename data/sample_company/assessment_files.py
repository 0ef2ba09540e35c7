"""The assessments and competitors as tables, and the facts that were planted in them."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path
from typing import Final

from sample_company.assessments import CRITERIA, RIVALS, Rating, Rival
from sample_company.catalogue import AS_OF, LOST, OPEN_STAGES, WON
from sample_company.exports import write_table
from sample_company.facts import Json

#: The criteria whose ratings are compared with the outcome: two that matter and one that does not.
COMPARED: Final = {5: "compelling_event", 11: "inside_support", 7: "solution_fit"}
_SCORE: Final = {"+": 1, "?": 0, "-": -1}
#: Newest rating of each criterion, by deal and rated party ("" is ourselves).
Newest = dict[tuple[str, str], dict[int, str]]


def write_assessments(folder: Path, ratings: list[Rating], rivals: list[Rival]) -> None:
    """The two tables, under the names of the import."""
    header = ("opportunity_id", "competitor", "criterion", "rating", "assessed_on", "author", "evidence")
    write_table(
        folder / "assessments.csv",
        header,
        ((r.deal.id, r.competitor, str(r.criterion), r.sign, r.day.isoformat(), r.author, r.evidence) for r in ratings),
    )
    write_table(
        folder / "competitors.csv",
        ("opportunity_id", "competitor", "incumbent", "status"),
        ((r.deal.id, r.competitor, "true" if r.incumbent else "false", r.status) for r in rivals),
    )


def assessment_facts(ratings: list[Rating], rivals: list[Rival]) -> dict[str, Json]:
    """What was planted, as numbers; the newest rating of each criterion counts."""
    newest: Newest = defaultdict(dict)
    for rating in ratings:  # in the order of their days
        newest[rating.deal.id, rating.competitor][rating.criterion] = rating.sign
    deals = {rating.deal.id: rating.deal for rating in ratings}
    stage = {key: deal.stages.at(AS_OF) for key, deal in deals.items()}
    return {
        "ratings": len(ratings),
        "deals": len(deals),
        "open_deals": sum(now in OPEN_STAGES for now in stage.values()),
        "competitors": {name: sum(rival.competitor == name for rival in rivals) for name in RIVALS},
        "win_rate_by_rating": {name: _by_rating(newest, stage, number) for number, name in COMPARED.items()},
        "executive_credibility": {name: _advantage(newest, name, 12) for name in RIVALS},
        "unknown_by_stage": {name: _unknown(newest, stage, name) for name in OPEN_STAGES},
    }


def _by_rating(newest: Newest, stage: dict[str, str], number: int) -> Json:
    """Closed deals by our last rating of a criterion, which was made before the close."""
    tally: Counter[tuple[str, str]] = Counter()
    for (deal, rival), signs in newest.items():
        if not rival:
            tally[signs[number], stage[deal]] += 1
    return {
        sign: {
            "won": tally[sign, WON],
            "lost": tally[sign, LOST],
            "rate": round(tally[sign, WON] / (tally[sign, WON] + tally[sign, LOST]), 6),
        }
        for sign in _SCORE
    }


def _advantage(newest: Newest, name: str, number: int) -> Json:
    """Average of our score less theirs, over the deals in which they are rated on the criterion."""
    scores = [
        _SCORE[newest[deal, ""][number]] - _SCORE[signs[number]]
        for (deal, rival), signs in list(newest.items())
        if rival == name and number in signs
    ]
    return {"deals": len(scores), "net_advantage": round(sum(scores) / len(scores), 6)}


def _unknown(newest: Newest, stage: dict[str, str], name: str) -> Json:
    """Of the open deals in a stage: how many of our ratings are ?."""
    signs = [sign for (deal, rival), by in newest.items() if not rival and stage[deal] == name for sign in by.values()]
    return {"deals": len(signs) // len(CRITERIA), "share": round(signs.count("?") / len(signs), 6)}
