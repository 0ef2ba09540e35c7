"""Activity plans and warning signals: what the method suggests before a company changes it.

The facts are data (``activity_plans.toml``, ``warnings.toml``); the rules here say who owns a suggested activity, when
it is due, and what the words of an activity's cells mean.
"""

from __future__ import annotations

import datetime as dt
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

#: Where an activity is shown, in the order of a list of choices.
CALENDAR: Final = "calendar and activity"
DISPLAYS: Final = (CALENDAR, "activity", "to do")
#: Kinds of activities that are offered; a company's own come on top.
TYPES: Final = ("Call", "Meeting", "E-mail", "Demonstration", "Proposal", "To do", "Note")
#: The status of what is done.
DONE: Final = "Done"
STATUSES: Final = ("Planned", "In progress", "Waiting", DONE, "Cancelled")
PRIORITIES: Final = ("High", "Normal", "Low")
#: Rules for the owner of a suggested activity; anything else is a person's name.
OWNER_RULES: Final = ("author", "deal owner", "manager")
#: Words for "done" and "called off", without case and accents.
_DONE: Final = frozenset(
    (
        "done completed complete closed finished held sent erledigt abgeschlossen beendet termine terminee fait "
        "completado completada hecho hecha terminado concluido concluida feito выполнено выполнена завершено "
        "завершена сделано 完成 已完成"
    ).split()
)
_CANCELLED: Final = frozenset(
    (
        "cancelled canceled deleted dropped declined abgesagt storniert entfallen annule annulee cancelado cancelada "
        "anulado отменено отменена 取消 已取消"
    ).split()
)

#: Words for "still to be done". Another status may be what came of it: "connected", "no answer".
_OPEN: Final = frozenset(
    (
        "planned|in progress|waiting|open|not started|waiting on someone else|deferred|scheduled|pending|to do|todo|"
        "new|assigned|overdue|geplant|offen|nicht begonnen|in bearbeitung|wartend|zuruckgestellt|planifie|planifiee|"
        "en cours|"
        "ouvert|ouverte|en attente|a faire|planificado|planificada|pendiente|abierto|abierta|en curso|pendente|aberto|"
        "em andamento|запланировано|запланирована|открыта|открыто|в работе|ожидание|计划中|进行中|待办|未开始"
    ).split("|")
)


@dataclass(frozen=True)
class PlanStep:
    """One suggested activity of a milestone; ``lead_days`` count back from the milestone's target date."""

    step_id: str
    milestone: str
    subject: str
    type: str | None = None
    display: str = "activity"
    lead_days: int = 0
    owner: str = "author"
    resources: str | None = None
    priority: str | None = None
    position: float = 0.0
    in_use: bool = True
    origin: str = "default"

    def due(self, target: dt.date, today: dt.date) -> dt.date:
        """The day by which it should be done; never before today."""
        return max(target - dt.timedelta(days=self.lead_days), today)

    def owned_by(self, author: str, deal_owner: str | None, manager: str | None) -> str:
        """Who does it: the rule carried out, the author where it names nobody."""
        named = {"author": author, "deal owner": deal_owner, "manager": manager}
        return named.get(self.owner.strip().casefold(), self.owner.strip()) or author


@dataclass(frozen=True)
class Signal:
    """One warning signal: ``about`` groups it, ``ask`` is the question that finds it."""

    code: str
    name: str
    about: str | None = None
    ask: str | None = None
    position: float = 0.0
    in_use: bool = True
    origin: str = "default"


@cache
def default_steps() -> tuple[PlanStep, ...]:
    """The activity plans before a company changes them, in their order."""
    return tuple(
        PlanStep(
            row["id"], row["milestone"], row["subject"], row["type"], row["display"], row["lead_days"],
            row.get("owner", "author"), row.get("resources"), row.get("priority"), float(place),
        )
        for place, row in enumerate(_data("activity_plans.toml")["step"], start=1)
    )  # fmt: skip


@cache
def default_signals() -> tuple[Signal, ...]:
    """The warning signals before a company changes them, in their order."""
    return tuple(
        Signal(row["code"], row["name"], row["about"], row["ask"], float(place))
        for place, row in enumerate(_data("warnings.toml")["signal"], start=1)
    )


def is_done(status: str | None) -> bool:
    """Whether a status says that the activity is done, in any of the languages of exports."""
    return _plain(status) in _DONE


def is_cancelled(status: str | None) -> bool:
    """Whether a status says that the activity will not happen."""
    return _plain(status) in _CANCELLED


def display_of(text: str | None) -> str:
    """Where an activity is shown, from any spelling: ``Calendar & Activities`` → ``calendar and activity``."""
    word = _plain(text)
    if "calendar" in word or "kalender" in word:
        return CALENDAR
    return "to do" if word.replace(" ", "").replace("-", "") in ("todo", "todos", "task", "aufgabe") else "activity"


def done_words() -> tuple[str, ...]:
    """All words for "done", for comparisons in SQL."""
    return tuple(sorted(_DONE))


def open_words() -> tuple[str, ...]:
    """All words for "still to be done", for comparisons in SQL."""
    return tuple(sorted(_OPEN))


def cancelled_words() -> tuple[str, ...]:
    """All words for "called off", for comparisons in SQL."""
    return tuple(sorted(_CANCELLED))


def _plain(text: str | None) -> str:
    decomposed = unicodedata.normalize("NFKD", text or "")
    return "".join(ch for ch in decomposed if not unicodedata.combining(ch)).casefold().strip()


@cache
def _data(name: str) -> dict[str, list[dict[str, Any]]]:
    return tomllib.loads((Path(__file__).parent / name).read_text(encoding="utf-8"))
