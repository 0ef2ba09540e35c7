"""Activities of the deals with milestones: what people did for them and still have to do.

Planted: one seller leaves most of what is due undone; deals that got an executive sponsor had asked their supporter
for an introduction, the others mostly had not.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from sample_company.catalogue import AS_OF, LOST, WON
from sample_company.company import SEED, Company
from sample_company.deals import Deal
from sample_company.dice import Dice, workday
from sample_company.milestones import SPONSOR, Milestone
from sample_company.people import Person

#: The seller whose plans stay plans, and how often due activities get done: by others, and there.
TARDY: Final = "Arjun Bhaskarpal"
_DONE: Final = (0.78, 0.05)
#: What finds the sponsor, and how often it was done with and without one.
INTRODUCTION: Final = "Ask the supporter for an introduction to the executive"
_ASKED: Final = (0.86, 0.25)
_DELEGATED: Final = 0.12
#: (subject, type, days before the target) by milestone.
PLAN: Final[dict[str, tuple[tuple[str, str, int], ...]]] = {
    "Request Offering": (
        ("Define the compelling event and confirm the budget", "Call", 10),
        ("Complete the opportunity assessment", "To do", 7),
    ),
    "Qualitative call occurred": (("Prepare the questions for the first conversation", "To do", 3),),
    "Opportunity qualified": (("Decide with the manager whether the deal is worth its effort", "Meeting", 5),),
    "Discovery or demonstration call occurred": (("Rehearse the demonstration", "Meeting", 2),),
    "NDA received": (("Send the non-disclosure agreement and name who signs for us", "E-mail", 10),),
    "Timeline confirmed": (("Have the plan confirmed in writing", "Meeting", 7),),
    SPONSOR: ((INTRODUCTION, "Call", 14),),
    "Key sponsorship verified": (("Test the sponsor: ask for something that costs them effort", "Call", 7),),
    "Decision-making criteria understood": (("List the criteria, their weights and who set each", "To do", 7),),
    "Commercial terms understood": (("Talk through price, payment and conditions", "Meeting", 5),),
    "Solution proposed": (("Have the proposal read by the sponsor before it is sent", "E-mail", 5),),
    "Short-listed": (("Ask who else is left and what speaks against us", "Call", 5),),
    "Solution validated": (("Present the results to everybody who must approve", "Meeting", 3),),
    "Contracting process understood": (("Ask procurement for the steps, the people and the usual days", "Call", 7),),
    "Contracts out for redline": (("Brief legal counsel on what may be given away", "Meeting", 5),),
    "Signed agreement": (("Confirm with the sponsor the day of the signature", "Call", 5),),
}
_RESOURCES: Final = ("Solution engineer, half a day", "Legal counsel, two hours", "Regional director, one hour", "")
_NOTES: Final = (
    "Slides from the last visit can be used again", "Ask for Mr. *Brandt* at the gate", "Waiting for a call back",
    "Bring the figures for line 2 <draft>", "",
)  # fmt: skip


@dataclass(frozen=True)
class Activity:
    """One row of the activities table."""

    number: int
    deal: Deal
    milestone: str
    subject: str
    type: str
    display: str
    owner: str
    created_by: str
    contact: str
    resources: str
    status: str
    priority: str
    start: dt.datetime | None
    due: dt.date
    done: dt.date | None
    created: dt.date
    note: str


def build_activities(company: Company, milestones: Iterable[Milestone], seed: int = SEED) -> list[Activity]:
    """All activities by deal: those of open deals' pending milestones, and a part of what was done before."""
    managers = {person.name: person for person in company.people}
    order = {deal.id: number for number, deal in enumerate(company.deals)}
    rows: list[Activity] = []
    for deal_id, group in groupby(milestones, key=lambda row: row.deal.id):
        dice = Dice(seed, 23, order[deal_id])
        for row in list(group):
            for subject, kind, lead in PLAN.get(row.step.name, ()):
                made = _activity(dice, len(rows), row, (subject, kind, lead), managers)
                if made is not None:
                    rows.append(made)
    return rows


def _activity(
    dice: Dice, number: int, row: Milestone, plan: tuple[str, str, int], people: dict[str, Person]
) -> Activity | None:
    """One activity of a milestone's plan, or None where the CRM shows none."""
    subject, kind, lead = plan
    draws = [dice.uniform() for _ in range(10)]
    deal = row.deal
    closed = deal.stages.at(AS_OF) in (WON, LOST)
    kept = subject == INTRODUCTION or draws[0] < (0.22 if closed or row.achieved else 0.9)
    if not kept:
        return None
    seller = deal.owners.at(AS_OF)
    due = workday(max((row.achieved or row.target) - dt.timedelta(days=lead), deal.created))
    done = _done(deal, row, due, draws[1], seller)
    if subject == INTRODUCTION and row.achieved is None and done is None and (closed or draws[2] < 0.5):
        return None  # nobody asked, and nobody planned to
    if closed and done is None:
        return None
    created = min(workday(max(deal.created, due - dt.timedelta(days=10 + int(15 * draws[3])))), done or due, AS_OF)
    owner, author = _people(seller, people, draws[4])
    display, start = _shown(kind, due, done, draws[5])
    pending = ("Planned", "In progress", "Waiting")[0 if draws[6] < 0.7 else 1 if draws[6] < 0.9 else 2]
    return Activity(
        number=number,
        deal=deal,
        milestone=row.step.name,
        subject=subject,
        type=kind,
        display=display,
        owner=owner,
        created_by=author,
        contact=row.contact,
        resources=_RESOURCES[int(4 * draws[7])] if kind == "Meeting" else "",
        status="Done" if done else pending,
        priority="High" if draws[8] < 0.2 else "Normal" if draws[8] < 0.9 else "Low",
        start=start,
        due=due,
        done=done,
        created=created,
        note=_NOTES[int(25 * draws[9])] if 25 * draws[9] < len(_NOTES) else "",
    )


def _done(deal: Deal, row: Milestone, due: dt.date, draw: float, seller: str) -> dt.date | None:
    """The day on which it was done: one on which the CRM recorded something; None while it is not."""
    if row.step.name == SPONSOR:
        share = _ASKED[0 if row.achieved else 1]
    else:
        share = 0.97 if row.achieved else _DONE[1 if seller == TARDY else 0]
    if due > AS_OF or draw > share:
        return None
    latest = min(row.achieved or AS_OF, AS_OF)
    days = [day for day in deal.activities if day <= latest]
    return min(days, key=lambda day: (abs((day - due).days), day)) if days else None


def _people(seller: str, people: dict[str, Person], draw: float) -> tuple[str, str]:
    """Who does it and who entered it: now and then a manager hands it down, or a seller to a colleague."""
    person = people.get(seller)
    if person is None or draw >= _DELEGATED:
        return seller, seller
    if draw < _DELEGATED / 2:
        return seller, person.manager
    team = [one.name for one in people.values() if one.team == person.team and one.name not in (seller, person.manager)]
    return team[int(len(team) * (draw - _DELEGATED / 2) / (_DELEGATED / 2))], seller


def _shown(kind: str, due: dt.date, done: dt.date | None, draw: float) -> tuple[str, dt.datetime | None]:
    """Where it is shown, and its start: what is in the calendar has one."""
    if kind == "To do":
        return "To do", None
    if kind == "Meeting" or draw < 0.25:
        hour = 9 + int(7 * draw)
        return "Calendar and activity", dt.datetime.combine(done or due, dt.time(hour, 30 if draw < 0.4 else 0))
    return "Activity", None
