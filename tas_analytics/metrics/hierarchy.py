"""Who reports to whom, to any depth, and sums rolled up from the sellers to the leader.

The people table names each person's manager. A manager whom it does not list stands at the top; people who report to
each other in a circle are cut apart at the first of them by name; whoever owns deals without being listed stands
at the end, without a manager.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

import pandas as pd

from tas_analytics.metrics import relation
from tas_analytics.metrics.scope import Scope
from tas_analytics.store.database import Store

#: The row over all, and the one of deals that nobody owns.
EVERYBODY: Final = "Everybody"
NOBODY: Final = ""


@dataclass(frozen=True)
class Person:
    """One person's place: ``depth`` is 0 at the top, ``leads`` says that others report here."""

    name: str
    manager: str | None
    depth: int
    leads: bool


@dataclass(frozen=True)
class Hierarchy:
    """Everybody from the top down, each leader before those who report there, by name."""

    people: tuple[Person, ...]

    @classmethod
    def of(cls, managers: Mapping[str, str | None]) -> Hierarchy:
        """The hierarchy of a mapping of each person to his or her manager."""
        everyone = dict.fromkeys([*managers, *(one for one in managers.values() if one)])
        above = {name: managers.get(name) for name in everyone}
        reports: dict[str | None, list[str]] = {}
        for name in sorted(everyone, key=str.casefold):
            if above[name] == name:
                above[name] = None
            reports.setdefault(above[name], []).append(name)
        found: dict[str, Person] = {}

        def place(name: str, depth: int, manager: str | None) -> None:
            if name in found:
                return
            found[name] = Person(name, manager, depth, name in reports)
            for below in reports.get(name, ()):
                place(below, depth + 1, name)

        for name in reports.get(None, ()):
            place(name, 0, None)
        for name in sorted(everyone, key=str.casefold):  # whoever is left reports in a circle
            place(name, 0, None)
        return cls(tuple(found.values()))

    @property
    def names(self) -> tuple[str, ...]:
        """All names, from the top down."""
        return tuple(one.name for one in self.people)

    @property
    def leaders(self) -> tuple[str, ...]:
        """The names of those to whom others report."""
        return tuple(one.name for one in self.people if one.leads)

    def under(self, name: str) -> tuple[str, ...]:
        """A person and everybody below, to any depth; nothing for a name that is not here."""
        for place, one in enumerate(self.people):
            if one.name == name:
                return tuple(other.name for other in self._from(place))
        return ()

    def _from(self, place: int) -> Iterator[Person]:
        """The person at a place and everybody below."""
        top = self.people[place]
        yield top
        for one in islice(self.people, place + 1, None):
            if one.depth <= top.depth:
                return
            yield one

    def roll_up(self, frame: pd.DataFrame, columns: Sequence[str], key: str = "owner") -> pd.DataFrame:
        """Sums of a frame with one row per owner, for everybody and over all.

        Parameters
        ----------
        frame
            One row per owner, the owner's name in ``key`` (None or blank for deals that nobody owns).
        columns
            Columns to add up; they must be additive. A missing value counts only where all are missing.

        Returns
        -------
        DataFrame
            ``name``, ``depth``, ``leads`` and the columns. First :data:`EVERYBODY`, then people in the order of the
            hierarchy, only those with a value of their own or below; owners who are not listed last.
        """
        own = {str(row[key] or NOBODY): row for row in frame.to_dict("records")}
        listed = set(self.names)
        strangers = [name for name in own if name not in listed]
        rows = [{"name": EVERYBODY, "depth": 0, "leads": True, **_sum(own.values(), columns)}]
        for place, one in enumerate(self.people):
            below = [own[other.name] for other in self._from(place) if other.name in own]
            if below:
                rows.append({"name": one.name, "depth": one.depth + 1, "leads": one.leads, **_sum(below, columns)})
        rows += [
            {"name": name, "depth": 1, "leads": False, **_sum([own[name]], columns)}
            for name in sorted(strangers, key=lambda name: (name == NOBODY, name.casefold()))
        ]
        return pd.DataFrame(rows, columns=["name", "depth", "leads", *columns])


def hierarchy(store: Store, as_of: dt.date) -> Hierarchy:
    """The hierarchy as the people table has it on a day."""
    rows = store.rows(
        "select r.natural_key, p.manager from person_version p "
        "join record r on r.table_name = 'people' and r.record_key = p.record_key "
        f"where {relation.at('p', as_of)} order by 1"
    )
    return Hierarchy.of(dict(rows))


def of_leader(scope: Scope, tree: Hierarchy, leader: str | None) -> Scope:
    """The scope narrowed to the deals of a leader and of everybody below; None or :data:`EVERYBODY` leaves it."""
    if leader in {None, EVERYBODY}:
        return scope
    return scope.where("owner", *(tree.under(str(leader)) or (str(leader),)))


def _sum(rows: Iterable[Mapping[object, object]], columns: Sequence[str]) -> dict[str, float | None]:
    listed = list(rows)
    found: dict[str, float | None] = {}
    for column in columns:
        values = [float(row[column]) for row in listed if not pd.isna(row[column])]  # type: ignore[arg-type,call-overload]
        found[column] = sum(values) if values else None
    return found
