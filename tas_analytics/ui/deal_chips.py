"""The chips under a deal's name: its category, and in a few words what speaks against its being in control."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

import pandas as pd
import streamlit as st

from tas_analytics.formats import count, sentence_case
from tas_analytics.metrics import evidence
from tas_analytics.metrics.company import Company
from tas_analytics.store import Store
from tas_analytics.ui import deal_data as data, page
from tas_analytics.ui.session import View

#: So many warning signals are named; of more the number is told.
_NAMED: Final = 2
_COLOURS: Final[dict[str, Literal["blue", "gray"]]] = {"commit": "blue"}


@dataclass(frozen=True)
class Chip:
    """A few words on a tint; orange ones warn, and say so with a sign before the words."""

    words: str
    colour: Literal["blue", "gray", "orange"]

    @property
    def warns(self) -> bool:
        """Whether it speaks against the deal's being in control."""
        return self.colour == "orange"


def chips(view: View, deal: pd.Series) -> list[Chip]:
    """The chips of a deal as known on the view's day; closed deals have none."""
    if deal["status"] != "open":
        return []
    category = deal["category"] if isinstance(deal["category"], str) else None
    said = [Chip(sentence_case(category.replace("_", " ")), _COLOURS.get(category, "gray"))] if category else []
    return said + [Chip(f"! {words}", "orange") for words in _warnings(view, deal)]


def draw(found: list[Chip]) -> None:
    """Draw the chips, if there are any."""
    if found:
        st.markdown(" ".join(f":{one.colour}-badge[{page.plain(one.words)}]" for one in found))


def _warnings(view: View, deal: pd.Series) -> list[str]:
    ticked = data.warnings_of(view, deal["id"])
    names = [one.name for one in data.signals_of(view) if one.code in ticked]
    # A signal that only a file names is counted, and has no name of the company's.
    named = len(names) == len(ticked) <= _NAMED
    said = names if named else [count(len(ticked), "warning signal")]
    late = sum(bool(row["is_overdue"]) for row in data.milestones_of(view, deal["id"]))
    if late:
        said.append(f"{count(late, 'milestone')} overdue")
    ahead = _ahead(view.store, view.version, view.company, view.scope.as_of, str(deal["id"]))
    if ahead:
        said.append(f"evidence for {ahead[0]} only")
    return said


@lru_cache(maxsize=128)
def _ahead(store: Store, _version: int, company: Company, as_of: dt.date, deal_id: str) -> tuple[str, int] | None:
    return evidence.of_deal(store, company, as_of, deal_id)
