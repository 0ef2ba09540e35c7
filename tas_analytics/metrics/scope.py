"""Which deals a question is about, as data: it gives SQL, parameters and a sentence together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

from tas_analytics.formats import day as say_day
from tas_analytics.metrics.dimensions import dimension
from tas_analytics.metrics.periods import Period

#: The filter value that stands for deals without one.
NONE = ""


@dataclass(frozen=True)
class Scope:
    """The deals of a day, a period and some filters.

    Parameters
    ----------
    as_of
        The day whose knowledge counts.
    period
        Deals that close (or were created, by the metric) in it; None for all dates.
    filters
        Dimension key and the values allowed, in a fixed order so that equal scopes are equal keys.
    """

    as_of: dt.date
    period: Period | None = None
    filters: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @classmethod
    def of(
        cls, as_of: dt.date, period: Period | None = None, filters: Mapping[str, tuple[str, ...]] | None = None
    ) -> Scope:
        """A scope from a mapping; filters without values are left out."""
        kept = sorted((key, tuple(sorted(values))) for key, values in (filters or {}).items() if values)
        for key, _ in kept:
            dimension(key)
        return cls(as_of, period, tuple(kept))

    def where(self, key: str, *values: str) -> Scope:
        """The same scope with one more filter; without values the filter is taken off."""
        filters = {name: kept for name, kept in self.filters if name != key} | {key: tuple(values)}
        return Scope.of(self.as_of, self.period, filters)

    def on(self, as_of: dt.date) -> Scope:
        """The same scope as it was known on another day."""
        return replace(self, as_of=as_of)

    def within(self, period: Period | None) -> Scope:
        """The same scope for another period."""
        return replace(self, period=period)

    @property
    def filtered_by(self) -> dict[str, tuple[str, ...]]:
        """The filters as a mapping."""
        return dict(self.filters)

    def sentence(self) -> str:
        """``Q4 2026 · West · as of Mon 16 Nov 2026, day 47 of 92``."""
        parts = [self.period.label if self.period else "all close dates"]
        parts += [values_in_words(key, values) for key, values in self.filters]
        when = f"as of {say_day(self.as_of, weekday=True)}"
        if self.period and self.period.contains(self.as_of):
            when += f", day {self.period.day_of(self.as_of)} of {self.period.days}"
        return " · ".join([*parts, when])


def values_in_words(key: str, values: tuple[str, ...]) -> str:
    """``West``, ``West, East`` or ``4 owners``; values that do not speak for themselves get their dimension's name."""
    one = dimension(key)
    if len(values) > 3:
        return f"{len(values)} {one.plural or one.label.lower() + 's'}"
    named = ", ".join(value or f"no {one.label.lower()}" for value in values)
    return f"{one.label.lower()} {named}" if key in {"stage", "status", "source", "type"} else named
