"""What sellers write beside a rating: a few sentences for each criterion and sign."""

from __future__ import annotations

from typing import Final

#: Who said it, in front of what was said; blank: nobody is named.
VOICES: Final = (
    "Plant manager", "Head of maintenance", "Head of procurement", "Operations director", "Finance controller",
    "Quality lead", "Automation engineer", "Site director", "Chief engineer", "IT security lead",
)  # fmt: skip

#: Criterion → sign → sentences.
EVIDENCE: Final[dict[int, dict[str, tuple[str, ...]]]] = {
    1: {
        "+": ("project has a name, a leader and a start date", "scope of the first line is written down"),
        "-": ("still collecting ideas, no project yet", "three departments describe three different needs"),
        "?": ("not clear which line comes first",),
    },
    2: {
        "+": ("adds a second shift this year", "market leader in its niche, orders are growing"),
        "-": ("two sites are for sale", "lost its largest customer in spring"),
        "?": ("nobody here has read their annual report",),
    },
    3: {
        "+": ("pays within terms, results are public and good", "rated A by the credit insurer"),
        "-": ("pays 60 days late on the last service invoices", "loss for the second year running"),
        "?": ("credit check asked for, no answer yet",),
    },
    4: {
        "+": ("money stands in this year's investment plan", "board released the budget last month"),
        "-": ("budget is spent, next round in the new year", "has to share the money with a roof repair"),
        "?": ("does not know who signs above 100k",),
    },
    5: {
        "+": ("inspection in spring, must be measured by then", "new line starts up in 14 weeks, no second date"),
        "-": ("nothing happens if they wait another year", "would be nice to have, says so himself"),
        "?": ("asked why now, got no answer",),
    },
    6: {
        "+": ("sent the scoring sheet with weights", "tender names nine criteria and who scores them"),
        "-": ("price and feeling, in his own words", "the list changes with every meeting"),
        "?": ("tender documents promised for next week",),
    },
    7: {
        "+": ("data sheet covers all points of the specification", "test rig confirmed the accuracy"),
        "-": ("needs an interface that we do not offer", "temperature range is 20 degrees short"),
        "?": ("specification of the media still missing",),
    },
    8: {
        "+": ("one engineer for two days is enough", "can use the configuration of the sister plant"),
        "-": ("wants a pilot on three lines at our cost", "four on-site workshops before any offer"),
        "?": ("size of the pilot not agreed",),
    },
    9: {
        "+": ("customer for six years, yearly review in place", "calls us first when a sensor fails"),
        "-": ("first contact, knows us from a trade show", "still angry about the late delivery"),
        "?": ("two of our people know them, neither asked yet",),
    },
    10: {
        "+": ("counts two stops fewer a year, signed by finance", "only we see the leak before the alarm"),
        "-": ("says any of the three would do", "sees a cheaper meter, nothing more"),
        "?": ("no figure from their side yet",),
    },
    11: {
        "+": ("coaches us before each meeting", "put our name on the short list himself"),
        "-": ("our contact has moved to another site", "friendly, but sends the same mail to all bidders"),
        "?": ("cannot tell whether he speaks for us when we are out",),
    },
    12: {
        "+": ("managing director took our call within the day", "asked our vice president to present to the board"),
        "-": ("board has never heard of us", "executive meeting cancelled twice"),
        "?": ("no access above department level so far",),
    },
    13: {
        "+": ("same way of working, open with bad news", "engineers understand each other at once"),
        "-": ("wants everything in writing, we want a workshop", "expects local staff in every country"),
        "?": ("only met over video",),
    },
    14: {
        "+": ("what counts is who answers at night, told over lunch", "wants to look good at the group meeting"),
        "-": ("does not say what matters to him", "decision seems to be made over golf"),
        "?": ("nobody has asked what he personally wants from it",),
    },
    15: {
        "+": ("the people who decide want us", "inner circle met, two of three on our side"),
        "-": ("our supporter has no say since the merger", "the new director brings his old supplier"),
        "?": ("organisation chart is from before the merger",),
    },
    16: {
        "+": ("order is above the threshold and due this quarter", "order before year end confirmed"),
        "-": ("small first order, and late", "frame contract without call-offs this year"),
        "?": ("amount depends on the number of lines",),
    },
    17: {
        "+": ("nine more sites with the same need", "roll-out named in the three-year plan"),
        "-": ("one machine, one site, that is all", "builds its own sensors from next year"),
        "?": ("plans for the other sites not known",),
    },
    18: {
        "+": ("list price accepted, service on top", "no custom work in it"),
        "-": ("asks for 30 percent off and free commissioning", "margin gone after the travel costs"),
        "?": ("discount not discussed",),
    },
    19: {
        "+": ("standard product, standard terms", "acceptance test is agreed in writing"),
        "-": ("penalty clause without a cap", "first installation in such an atmosphere"),
        "?": ("legal has not seen the terms yet",),
    },
    20: {
        "+": ("would be the reference for the whole industry", "opens the door to the group"),
        "-": ("no one will look at this site", "outside the markets that we want"),
        "?": ("nobody asked marketing",),
    },
}
