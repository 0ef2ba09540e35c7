"""The weekly digest: what a leader reads before the review, as mail, plain text and a message for a chat."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from tas_analytics.formats import count, day, money, sentence_case
from tas_analytics.metrics import activities
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.compare import short
from tas_analytics.metrics.scope import Scope
from tas_analytics.reports.pack import Pack, key_figures
from tas_analytics.review import decisions as deciding, risks as at_risk
from tas_analytics.review.risks import Risks
from tas_analytics.store.database import Store

#: Deals that are named under each heading.
NAMED: Final = 5
_STYLE: Final = "font:15px/1.5 'Source Sans 3',system-ui,sans-serif;color:#12161A;background:#FCFBF8;padding:16px"
_GREY: Final = "color:#5C636B;font-size:13px"


@dataclass(frozen=True)
class Section:
    """A heading with lines: each what it says, and a grey remark."""

    title: str
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Digest:
    """The digest: its subject, first sentences, figures and sections, and the stamp of scope and day."""

    subject: str
    sentences: tuple[str, ...]
    figures: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    stamp: str

    @property
    def text(self) -> str:
        """As plain text."""
        parts = ["\n".join(f"{one}." for one in self.sentences)]
        parts.append("\n".join(f"{label}: {value}" for label, value in self.figures))
        for section in self.sections:
            lines = [f"- {said}" + (f" ({remark})" if remark else "") for said, remark in section.lines]
            parts.append("\n".join([section.title, *lines]))
        return "\n\n".join([*parts, self.stamp]) + "\n"

    @property
    def html(self) -> str:
        """As a page for a mail: all text escaped, nothing fetched from anywhere."""
        first, *others = self.sentences
        parts = [f"<h1 style='font-size:20px;margin:0 0 8px'>{html.escape(first)}</h1>"]
        parts += [f"<p style='margin:0 0 4px'>{html.escape(one)}.</p>" for one in others]
        cells = "".join(
            f"<td style='padding:8px 18px 8px 0'><div style='{_GREY}'>{html.escape(label)}</div>"
            f"<b>{html.escape(value)}</b></td>"
            for label, value in self.figures
        )
        parts.append(f"<table style='border-collapse:collapse'><tr>{cells}</tr></table>")
        for section in self.sections:
            lines = "".join(
                f"<li style='margin:4px 0'>{html.escape(said)}"
                + (f"<br><span style='{_GREY}'>{html.escape(remark)}</span>" if remark else "")
                + "</li>"
                for said, remark in section.lines
            )
            parts.append(f"<h2 style='font-size:16px;margin:18px 0 4px'>{html.escape(section.title)}</h2>")
            parts.append(f"<ul style='margin:0;padding-left:18px'>{lines}</ul>")
        parts.append(f"<p style='{_GREY};margin-top:18px'>{html.escape(self.stamp)}</p>")
        return f'<!doctype html><html lang=en><meta charset=utf-8><body style="{_STYLE}">{"".join(parts)}</body></html>'


def digest(store: Store, company: Company, one: Pack) -> Digest:
    """The digest of a review pack, with its scope's risks, decisions and overdue actions."""
    found = at_risk.risks(store, company, one.scope)
    held = deciding.last_review(store, one.scope.as_of)
    decided = [] if held is None else deciding.decisions(store, company, one.scope, on=held)
    # Without an earlier day the board's sentence is the headline.
    sentences = list(dict.fromkeys([one.headline, one.board_sentence, at_risk.headline(found)]))
    if decided:
        sentences.append(deciding.came_true(decided))
    period = f"{short(one.scope.period)}, " if one.scope.period else ""
    whose = f"{one.leader}, " if one.leader else ""
    subject = f"Forecast review {whose}{period}{day(one.scope.as_of)}: {one.headline}"
    sections = [_moved(one), _risky(found), _broken(decided), _late(store, company, one.scope)]
    return Digest(
        " ".join(subject.split()),
        tuple(sentences),
        tuple((figure.label, figure.text) for figure in key_figures(one)[:6]),
        tuple(section for section in sections if section is not None),
        one.stamp,
    )


def as_data(one: Digest) -> dict[str, Any]:
    """The digest as JSON holds it."""
    return {
        "subject": one.subject,
        "sentences": list(one.sentences),
        "figures": dict(one.figures),
        "sections": [
            {"title": section.title, "lines": [{"text": said, "remark": remark} for said, remark in section.lines]}
            for section in one.sections
        ],
        "stamp": one.stamp,
    }


def as_card(one: Digest) -> dict[str, Any]:
    """The digest as the adaptive card that a Teams workflow posts."""

    def block(text: str, **look: Any) -> dict[str, Any]:
        return {"type": "TextBlock", "text": text, "wrap": True, **look}

    body = [block(one.sentences[0], weight="bolder", size="large"), *(block(said) for said in one.sentences[1:])]
    body.append({"type": "FactSet", "facts": [{"title": label, "value": value} for label, value in one.figures]})
    for section in one.sections:
        body.append(block(section.title, weight="bolder", spacing="medium"))
        body += [block(said + (f" ({remark})" if remark else ""), spacing="small") for said, remark in section.lines]
    body.append(block(one.stamp, isSubtle=True, size="small"))
    card = {
        "type": "AdaptiveCard", "version": "1.4", "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "body": body,
    }  # fmt: skip
    return {
        "type": "message",
        "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": card}],
    }


def _moved(one: Pack) -> Section | None:
    lines = [
        (f"{money(float(deal['effect']), one.currency, sign=True)} {deal['name']}: {one.happened(deal)}",
         str(deal["owner_after"] or deal["owner_before"] or ""))
        for deal in one.moved[:NAMED]
    ]  # fmt: skip
    return Section(_titled(one.moved, "deal moved", "deals moved"), tuple(lines)) if lines else None


def _risky(found: Risks) -> Section | None:
    rows = found.deals.head(NAMED).to_dict("records")
    lines = [
        (f"{money(float(row['effect']), found.currency)} {row['name']}: {'; '.join(row['facts'])}",
         str(row["owner"] or "no owner"))
        for row in rows
    ]  # fmt: skip
    if not lines:
        return None
    more = len(found.deals) - len(lines)
    title = f"{sentence_case(count(len(found.deals), 'deal'))} at risk"
    return Section(title + (f", the {len(lines)} with most of the forecast" if more > 0 else ""), tuple(lines))


def _broken(decided: Sequence[deciding.Decision]) -> Section | None:
    missed = [one for one in decided if one.outcome == "no"]
    lines = [(f"{one.deal}: {one.kind.label}. {one.said}", one.owner or "no owner") for one in missed[:NAMED]]
    return Section(_titled(missed, "decision did not come true", "decisions did not come true"), tuple(lines)) if (
        lines
    ) else None  # fmt: skip


def _late(store: Store, company: Company, scope: Scope) -> Section | None:
    rows = activities.of_type(store, company, scope, deciding.ACTION)
    rows = rows[rows["is_overdue"]]
    lines = [
        (f"{row['subject']}: due {day(row['due_on'].date())}", f"{row['owner'] or 'nobody'}, {row['deal']}")
        for row in rows.head(NAMED).to_dict("records")
    ]
    return Section(_titled(rows, "action is overdue", "actions are overdue"), tuple(lines)) if lines else None


def _titled(rows: Any, one: str, many: str) -> str:
    return sentence_case(count(len(rows), one, many))
