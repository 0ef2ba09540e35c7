"""What a store says about its company: calendar, currency, and the days that it knows."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from tas_analytics.metrics.catalogue import catalogue
from tas_analytics.metrics.periods import FiscalCalendar
from tas_analytics.metrics.steps import NO_STEPS, Steps
from tas_analytics.store.database import Store

#: Every criterion of the assessment weighs the same, until the company says otherwise.
DEFAULT_WEIGHTS: Final = (1.0,) * 20
#: Exports less than so many days old are of the same week.
_WEEK: Final = 6


@dataclass(frozen=True)
class Company:
    """Facts that every question needs.

    ``first_day`` and ``last_day`` are the oldest and newest day of which a load of deals or a history
    tells; both None in an empty store. ``converts`` says that some deal is in another currency than the
    reporting one. ``days`` are all days with an export, oldest first, and before them every seventh day that
    a history covers; ``exports`` counts the days of exports alone. ``closes_from`` is the first day on which close
    dates are known as they were then. ``weights`` are those of the 20 criteria of the assessment, by number.
    ``steps`` are those of the milestone funnel.
    """

    calendar: FiscalCalendar
    currency: str
    converts: bool
    days: tuple[dt.date, ...]
    closes_from: dt.date | None = None
    exports: int = 0
    weights: tuple[float, ...] = DEFAULT_WEIGHTS
    steps: Steps = NO_STEPS

    @property
    def first_day(self) -> dt.date | None:
        """The oldest day that is known."""
        return self.days[0] if self.days else None

    @property
    def last_day(self) -> dt.date | None:
        """The newest day of an export of deals: the store's own "now"."""
        return self.days[-1] if self.days else None

    def week_before(self, day: dt.date) -> dt.date | None:
        """The day of the previous weekly export: the newest that is about a week old, or else the newest before."""
        earlier = [one for one in reversed(self.days) if one < day]
        weekly = [one for one in earlier if (day - one).days >= _WEEK]
        return next(iter(weekly or earlier), None)

    @classmethod
    def of(cls, store: Store) -> Company:
        """Read the facts from a store."""
        settings = dict(store.rows("select name, value from setting"))
        currency = settings.get("reporting_currency") or settings.get("common_currency") or "USD"
        converts = store.value(
            "select count(*) > 0 from (select distinct currency from opportunity_version) "
            "where currency is not null and currency <> $currency",
            {"currency": currency},
        )
        days = store.rows(
            "select distinct as_of from load where table_name = 'opportunities' and undone_at is null order by 1"
        )
        known = [row[0] for row in days]
        begins, closes = store.rows(
            "select cast(min(changed_at) as date), cast(min(changed_at) filter (where close_date is not null) as date) "
            "from change_version where opportunity_key is not null and valid_to is null"
        )[0]
        closes_from = min((day for day in (closes, *known[:1]) if day), default=None)
        if begins and known:
            weeks = (known[0] - begins).days // 7
            known = [known[0] - dt.timedelta(days=7 * week) for week in range(weeks, 0, -1)] + known
        weights = tuple(one.weight for one in catalogue(store))
        calendar = FiscalCalendar.of(settings)
        return cls(calendar, currency, bool(converts), tuple(known), closes_from, len(days), weights, Steps.of(store))
