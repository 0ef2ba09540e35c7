"""Value propositions: sentences of six forms with named slots, and the chain of value that they draw on.

The forms are data (``value.toml``). A proposition is finished when every slot of its form is filled.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from tas_analytics.method.criteria import normal

_SLOT: Final = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Step:
    """A step of the chain of value, with the question that finds it."""

    key: str
    label: str
    ask: str


@dataclass(frozen=True)
class Slot:
    """A gap in a form: its column, its name, and what may stand there."""

    key: str
    label: str
    example: str


@dataclass(frozen=True)
class Form:
    """One form of a value proposition."""

    key: str
    name: str
    text: str
    slots: tuple[Slot, ...]

    def parts(self, filled: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
        """The sentence in pieces, each with whether it is an empty slot, whose name then stands in its place."""
        at = 0
        for match in _SLOT.finditer(self.text):
            if match.start() > at:
                yield self.text[at : match.start()], False
            value = _value(filled.get(match[1]))
            yield (value or slot(match[1]).label.lower()), not value
            at = match.end()
        if at < len(self.text):
            yield self.text[at:], False

    def sentence(self, filled: Mapping[str, Any]) -> str:
        """The sentence; an empty slot stands in brackets.

        Examples
        --------
        >>> form("assurance").sentence({"shared_risk": "a price that falls if the target is missed"})
        'We answer for the return on it with a price that falls if the target is missed.'
        """
        return "".join(f"[{text}]" if empty else text for text, empty in self.parts(filled))

    def empty(self, filled: Mapping[str, Any]) -> tuple[Slot, ...]:
        """The slots that are still empty; none where the proposition is finished."""
        return tuple(one for one in self.slots if not _value(filled.get(one.key)))


@cache
def steps() -> tuple[Step, ...]:
    """The chain from the business driver to the unique business value."""
    return tuple(Step(row["key"], row["label"], row["ask"]) for row in _data()["step"])


@cache
def forms() -> tuple[Form, ...]:
    """The six forms."""
    return tuple(
        Form(
            row["key"], row["name"], row["text"], tuple(slot(key) for key in dict.fromkeys(_SLOT.findall(row["text"])))
        )
        for row in _data()["form"]
    )


def form(key: str) -> Form:
    """The form of that key."""
    return next(one for one in forms() if one.key == key)


def find_form(text: str | None) -> Form | None:
    """The form that a text names in any spelling, or None."""
    key = _names().get(normal(text or ""))
    return form(key) if key else None


def slot(key: str) -> Slot:
    """The slot of that key."""
    row = _data()["slot"][key]
    return Slot(key, row["label"], row["example"])


def gains() -> Mapping[str, tuple[str, ...]]:
    """What value is made of: more, less, and what it costs."""
    return {key: tuple(words) for key, words in _data()["gains"].items()}


def _value(cell: object) -> str:
    """A cell as text; blank for whatever holds nothing, pandas' missing values among them."""
    return cell.strip() if isinstance(cell, str) else ""


@cache
def _names() -> dict[str, str]:
    return {normal(name): row["key"] for row in _data()["form"] for name in (row["key"], row["name"], *row["names"])}


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "value.toml").read_text(encoding="utf-8"))
