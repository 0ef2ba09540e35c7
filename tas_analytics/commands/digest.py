"""digest: the weekly digest by mail or to a webhook."""

from __future__ import annotations

import base64
import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal

from tas_analytics.commands.changes import Comparison
from tas_analytics.commands.output import err, out
from tas_analytics.commands.questions import period_scope
from tas_analytics.commands.review import WRITERS
from tas_analytics.commands.running import State, with_path
from tas_analytics.commands.sending import Attachment, Delivery, mail, post, send
from tas_analytics.errors import BadQuestion
from tas_analytics.formats import count
from tas_analytics.metrics.company import Company
from tas_analytics.relay import ask
from tas_analytics.reports.digest import as_card, as_data, digest as write_digest
from tas_analytics.reports.pack import pack
from tas_analytics.store.database import Store, StoreLocked

Style = Literal["text", "teams"]
#: Types of the files that can go along.
_MIMES: Final = {
    ".pdf": "application/pdf",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".html": "text/html",
}


@dataclass(frozen=True)
class Wishes:
    """The words of ``digest``.

    ``to`` and ``webhook`` come before what the environment says; ``attach`` is the ending of the pack that goes along;
    ``leader`` is whose week it is, with everybody below.
    """

    about: Comparison
    to: tuple[str, ...] = ()
    webhook: str | None = None
    style: Style = "text"
    attach: str | None = None
    config: Path | None = None
    dry_run: bool = False
    leader: str | None = None


def digest(state: State, path: Path, wishes: Wishes) -> int:
    """Write the digest and send it.

    It is sent by this process, whose environment knows where to, even where the dashboard holds the store.
    """
    delivery = Delivery.known(wishes.config)
    if wishes.to:
        delivery = replace(delivery, to=wishes.to)
    webhook = wishes.webhook or delivery.webhook
    if not (wishes.dry_run or delivery.to or webhook):
        raise BadQuestion(
            "There is nobody to send the digest to",
            "Give --to or --webhook, set TAS_DIGEST_TO or TAS_WEBHOOK_URL, or look at it first by --dry-run.",
        )
    found = _written(state, path, wishes)
    if isinstance(found, int):
        return found
    if wishes.dry_run:
        out(f"Subject: {found['subject']}\n\n{found['text'].rstrip()}")
        if found["attachment"]:
            err(f"{found['attachment']['name']} would go along.")
        return 0
    code = 0
    if delivery.to and (wishes.to or not wishes.webhook):
        code = _by_mail(delivery, found)
    if webhook and (wishes.webhook or not wishes.to):
        text = f"{found['subject']}\n\n{found['text']}"
        post(webhook, found["card"] if wishes.style == "teams" else {"text": text, **found["data"]})
        err("Posted to the webhook.")
    return code


def content(store: Store, wishes: Wishes) -> int:
    """Print the digest with its attachment as JSON: how the process that holds the store hands it over."""
    out(json.dumps(write(store, wishes), ensure_ascii=False))
    return 0


def write(store: Store, wishes: Wishes) -> dict[str, Any]:
    """The digest in every form, as JSON can hold it."""
    company = Company.of(store)
    if not company.days:
        raise BadQuestion("There is nothing to tell yet", "Load two exports of opportunities of different days.")
    words = wishes.about
    scope = period_scope(company, words.where, words.period, words.as_of)
    found = pack(store, company, scope, words.since, wishes.leader)
    one = write_digest(store, company, found)
    attachment = None
    if wishes.attach is not None:
        ending = f".{wishes.attach.lower().lstrip('.')}"
        if ending not in WRITERS:
            raise BadQuestion(f"{wishes.attach} cannot go along", f"Choose one of {', '.join(_MIMES)}.")
        data = base64.b64encode(WRITERS[ending]()(found)).decode()
        attachment = {"name": f"review-{scope.as_of}{ending}", "mime": _MIMES[ending], "content": data}
    return {
        "subject": one.subject, "text": one.text, "html": one.html, "data": as_data(one), "card": as_card(one),
        "attachment": attachment,
    }  # fmt: skip


def _written(state: State, path: Path, wishes: Wishes) -> dict[str, Any] | int:
    """The digest; or, where the process that holds the store refuses, its exit code."""
    try:
        store = Store.open(path)
    except StoreLocked:
        if not state.may_ask:
            raise
        answer = ask(path, [*with_path(state, path), "--content"])
        if answer is None:
            raise
        if answer.code:
            sys.stderr.write(answer.stderr)
            return answer.code
        handed: dict[str, Any] = json.loads(answer.stdout)
        return handed
    return write(store, wishes)


def _by_mail(delivery: Delivery, found: dict[str, Any]) -> int:
    given = found["attachment"]
    attachment = (
        Attachment(given["name"], given["mime"], base64.b64decode(given["content"])) if given is not None else None
    )
    refused = send(delivery, mail(delivery, found["subject"], found["text"], found["html"], attachment))
    err(f"Sent to {count(len(delivery.to) - len(refused), 'address', 'addresses')}.")
    for address, reason in refused.items():
        err(f"Not taken: {address}, {reason}.")
    return 1 if refused else 0
