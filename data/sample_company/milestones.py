"""Milestones of the deals: what the customer had to do, by when it was planned, and when it happened.

The company keeps milestones since :data:`KEPT_SINCE`. Planted: a deal with the commitment of an executive sponsor wins
far more often; from the proposal to the short list most deals stop, and the rest take longest; one
region skips the decision criteria. Everything else is missed now and then, whatever becomes of the deal.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from sample_company.catalogue import AS_OF, LOST, OPEN_STAGES, WON
from sample_company.company import SEED, Company
from sample_company.customers import customers_of
from sample_company.deals import Deal
from sample_company.dice import Dice, workday

#: Deals created from this day on have milestones, but for the few whose owners never entered any.
KEPT_SINCE: Final = dt.date(2025, 7, 1)
_KEPT: Final = 0.93
_LARGE: Final = 60_000_000  # cents
SPONSOR: Final = "Executive sponsor commitment"
CRITERIA: Final = "Decision-making criteria understood"
PROPOSED: Final = "Solution proposed"
TERMS: Final = "Commercial terms understood"
SHORT_LIST: Final = "Short-listed"
SIGNED: Final = "Signed agreement"
SKIPPING_REGION: Final = "APAC"
_INBOUND: Final = ("Inbound web", "Trade show", "Webinar", "Customer referral")


@dataclass(frozen=True)
class Step:
    """One milestone of the company's plan.

    ``at`` is its place in the stay in its stage, 0 to 1; ``passing`` the chance that a deal which leaves the stage
    forwards has reached it, ``dying`` that one which is lost there has. ``who`` is the customer's person by
    :data:`sample_company.customers.TITLES`.
    """

    name: str
    stage: str
    days: int
    at: float
    passing: float
    dying: float
    who: int


STEPS: Final = (
    Step("Inbound interest", "Qualify", 0, 0.0, 1.0, 1.0, 3),
    Step("Outbound interest", "Qualify", 5, 0.12, 0.96, 0.92, 3),
    Step("Request Offering", "Qualify", 10, 0.30, 0.88, 0.75, 2),
    Step("Qualitative call occurred", "Qualify", 14, 0.50, 0.95, 0.80, 1),
    Step("Opportunity qualified", "Qualify", 30, 0.97, 0.97, 0.0, 1),
    Step("Discovery or demonstration call occurred", "Develop", 10, 0.20, 0.96, 0.85, 3),
    Step("NDA received", "Develop", 14, 0.35, 0.93, 0.72, 2),
    Step("Timeline confirmed", "Develop", 20, 0.55, 0.95, 0.62, 1),
    Step(SPONSOR, "Develop", 25, 0.75, 0.0, 0.30, 0),
    Step("Key sponsorship verified", "Develop", 30, 0.97, 0.96, 0.0, 0),
    Step(CRITERIA, "Solution", 12, 0.10, 0.97, 0.96, 4),
    Step(TERMS, "Solution", 30, 0.25, 0.97, 0.94, 2),
    Step(PROPOSED, "Solution", 40, 0.42, 0.97, 0.84, 4),
    Step(SHORT_LIST, "Solution", 45, 0.96, 0.97, 0.0, 2),
    Step("Solution validated", "Proof", 35, 0.45, 0.96, 0.30, 4),
    Step("Contracting process understood", "Proof", 45, 0.85, 0.94, 0.25, 2),
    Step("Contracts out for redline", "Close", 10, 0.35, 0.97, 0.60, 2),
    Step(SIGNED, "Close", 30, 1.0, 1.0, 0.0, 0),
)
#: Chance of a sponsor's commitment, of deals that are won in the end and of those that leave Develop and are lost.
_SPONSORED: Final = (0.95, 0.50)
#: Chance that the skipping region asks for the criteria all the same.
_SKIPPED: Final = 0.12
#: Chance that a milestone which never came was planned in the CRM at all.
_PLANNED: Final = 0.7
#: Chance that a target gone by was put off.
_PUT_OFF: Final = 0.6
_PROOFS: Final = (
    "E-mail from {who}", "Minutes of the call, confirmed by {who}", "{who} said so in the meeting",
    "Document in the deal's folder", "Letter, signed by {who}",
)  # fmt: skip


@dataclass(frozen=True)
class Milestone:
    """One row of the milestones table; ``achieved`` is blank while it is not."""

    deal: Deal
    step: Step
    contact: str
    target: dt.date
    achieved: dt.date | None
    evidence: str


def build_milestones(company: Company, seed: int = SEED) -> list[Milestone]:
    """All milestones, by deal in the order of creation, each deal from its own source of chance."""
    regions = {person.name: person.region for person in company.people}
    rows: list[Milestone] = []
    for number, deal in enumerate(company.deals):
        dice = Dice(seed, 21, number)
        kept = dice.chance(_KEPT) or deal.amounts.entries[0][1] >= _LARGE
        if deal.created >= KEPT_SINCE and kept:
            region = regions.get(deal.owners.at(AS_OF), "")
            rows += _of_deal(Dice(seed, 22, number), deal, region)
    return rows


def stays(deal: Deal) -> dict[str, tuple[dt.date, dt.date, bool]]:
    """Each open stage that the deal was in: first day, day of leaving it for good, and whether forwards."""
    found: dict[str, tuple[dt.date, dt.date, bool]] = {}
    order = (*OPEN_STAGES, WON)
    for at, stage in enumerate(OPEN_STAGES):
        entered = next((day for day, name in deal.stages.entries if name == stage), None)
        if entered is None:
            continue
        onward = [day for day, name in deal.stages.entries if name in order[at + 1 :] and day > entered]
        if onward:
            found[stage] = (entered, onward[0], True)
        else:
            found[stage] = (entered, deal.stages.entries[-1][0], False)
    return found


def _of_deal(dice: Dice, deal: Deal, region: str) -> list[Milestone]:
    """The rows of one deal: those of the stages that it has entered by now."""
    rows: list[Milestone] = []
    wins = deal.stages.entries[-1][1] == WON
    people = customers_of(deal.account)
    been = stays(deal)
    for step in STEPS:
        draws = [dice.uniform() for _ in range(6)]  # the same number for each step, so that rules can change alone
        if step.stage not in been or been[step.stage][0] > AS_OF:
            continue
        if step.name == "Inbound interest" and deal.source not in _INBOUND:
            continue
        entered, left, onward = been[step.stage]
        reached = draws[0] < _odds(step, onward, wins, region)
        place = min(1.0, max(0.0, step.at + (0.0 if step.at in (0.0, 1.0) else 0.16 * (draws[1] - 0.5))))
        day = entered + dt.timedelta(days=round(place * (left - entered).days))
        day = min(workday(day), left)
        achieved = day if reached and day <= AS_OF else None
        skipped = step.name == CRITERIA and region == SKIPPING_REGION and not reached
        if skipped or (achieved is None and not reached and draws[2] > _PLANNED):
            continue
        target = _target(step, entered, draws[3])
        still_open = deal.stages.at(AS_OF) not in (WON, LOST)
        if achieved is None and still_open and target < AS_OF and draws[4] < _PUT_OFF:
            target = workday(AS_OF + dt.timedelta(days=3 + int(40 * draws[4] / _PUT_OFF)))
        contact = people[step.who if draws[5] < 0.8 else (step.who + 1) % len(people)]
        proof = _PROOFS[int(len(_PROOFS) * draws[5])].format(who=contact) if achieved and draws[2] < 0.6 else ""
        rows.append(Milestone(deal, step, contact, target, achieved, proof))
    return rows


def _odds(step: Step, onward: bool, wins: bool, region: str) -> float:
    """The chance that the deal reaches the milestone before it leaves the stage."""
    if step.name == SPONSOR and onward:
        return _SPONSORED[0 if wins else 1]
    if step.name == CRITERIA and region == SKIPPING_REGION:
        return _SKIPPED
    return step.passing if onward else step.dying


def _target(step: Step, entered: dt.date, draw: float) -> dt.date:
    """The planned day: the plan's days after entering the stage, as people round them."""
    return workday(entered + dt.timedelta(days=round(step.days * (0.85 + 0.5 * draw))))
