"""The value that a deal promises: its lines of argument and its propositions, as known on a day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from tas_analytics.formats import as_day
from tas_analytics.method.value import Form, Slot, Step, find_form, steps
from tas_analytics.metrics import relation
from tas_analytics.store.database import Store


@dataclass(frozen=True)
class Argument:
    """A line of argument: what each step says, and who at the customer has confirmed it, when.

    ``record`` names it for a withdrawal.
    """

    name: str | None
    said: dict[str, str | None]
    confirmed_by: str | None
    confirmed_on: dt.date | None
    author: str | None
    record: str

    @property
    def open_steps(self) -> tuple[Step, ...]:
        """The steps that nobody has found out yet."""
        return tuple(step for step in steps() if not self.said[step.key])


@dataclass(frozen=True)
class Proposition:
    """A value proposition; ``form`` is None where the file names one that there is not."""

    name: str | None
    form: Form | None
    written_as: str
    slots: dict[str, Any]
    confirmed_by: str | None
    confirmed_on: dt.date | None
    author: str | None
    record: str

    @property
    def empty(self) -> tuple[Slot, ...]:
        """The slots still to be filled; none where it is finished."""
        return self.form.empty(self.slots) if self.form else ()


@dataclass(frozen=True)
class Value:
    """What a deal promises."""

    arguments: tuple[Argument, ...]
    propositions: tuple[Proposition, ...]


def value_of(store: Store, deal_key: int, day: dt.date) -> Value:
    """The value of one deal as known at the end of a day."""
    chain = _rows(store, "value_chain", "value_argument", deal_key, day, "argument nulls first")
    told = _rows(store, "value_propositions", "value_proposition", deal_key, day, "proposition nulls first, form")
    return Value(
        tuple(
            Argument(
                row["argument"],
                {step.key: row[step.key] for step in steps()},
                row["confirmed_by"],
                as_day(row["confirmed_on"]),
                row["author"],
                row["record"],
            )
            for row in chain
        ),
        tuple(
            Proposition(
                row["proposition"],
                find_form(row["form"]),
                str(row["form"]),
                row,
                row["confirmed_by"],
                as_day(row["confirmed_on"]),
                row["author"],
                row["record"],
            )
            for row in told
        ),
    )


def _rows(store: Store, table_name: str, one: str, deal_key: int, day: dt.date, order: str) -> list[dict[Any, Any]]:
    frame = store.frame(
        f"select v.*, r.natural_key as record from {one}_version v join record r on r.record_key = v.record_key "
        f"and r.table_name = $table_name where v.opportunity_key = $deal and {relation.at('v', day)} order by {order}",
        {"deal": deal_key, "table_name": table_name},
    )
    return frame.astype(object).where(frame.notna(), None).to_dict("records")
