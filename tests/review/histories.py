"""Random companies: their exports as files, and what was true of each deal on each day, in plain Python."""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Final

from tas_analytics.ingest.loading.loader import load
from tas_analytics.ingest.planning.plan import Options, Prepared, prepare
from tas_analytics.store.database import Store, set_setting

FIRST: Final = dt.date(2026, 6, 15)
STAGES: Final = {"Talk": "open", "Offer": "open", "Sign": "open", "Won": "won", "Lost": "lost"}
OWNERS: Final = ("Ann", "Bob *Star*", "Cy <b>", "Dee", "")
REGIONS: Final = ("", "", "North", "South")
CATEGORIES: Final = ("Commit", "Best case", "Pipeline", "")
#: Companies in one store.
GROUPS: Final = 20
#: GBP has no rate, so its deals count with nothing.
CURRENCIES: Final = ("USD", "USD", "", "EUR", "EUR", "CHF", "GBP")
COLUMNS: Final = (
    "opportunity_id", "name", "account", "owner", "region", "stage", "amount", "currency", "close_date", "created_date",
    "forecast_category",
)  # fmt: skip
_STAGE_FILE: Final = "stage,position,probability,status\nTalk,1,0.2,open\nOffer,2,0.5,open\nSign,3,0.8,open\n" \
    "Won,4,1,won\nLost,5,0,lost\n"  # fmt: skip


@dataclass
class State:
    """What an export says of a deal."""

    owner: str
    region: str
    stage: str
    amount: str
    currency: str
    close: dt.date | None
    category: str

    @property
    def status(self) -> str:
        return STAGES[self.stage]


@dataclass
class History:
    """A company: what each export listed, and the tables beside the deals in two editions."""

    days: list[dt.date]
    exports: list[dict[str, State]]
    complete: list[bool]
    created: dict[str, dt.date]
    turn: dt.date  # from this day on the second edition of rates and people holds
    rates: tuple[dict[tuple[str, dt.date], float], dict[tuple[str, dt.date], float]]
    regions: tuple[dict[str, str], dict[str, str]]
    first_month: int = 1
    _known: dict[dt.date, dict[str, State]] = field(default_factory=dict)

    def known(self, day: dt.date) -> dict[str, State]:
        """Every deal that is known at the end of a day."""
        if day not in self._known:
            found: dict[str, State] = {}
            for when, listed, complete in zip(self.days, self.exports, self.complete, strict=True):
                if when <= day:
                    found = dict(listed) if complete else {**found, **listed}
            self._known[day] = found
        return self._known[day]

    def seen(self, deal: str, day: dt.date) -> list[State]:
        """What the exports up to a day say of a deal, one after the other."""
        listed = zip(self.days, self.exports, strict=True)
        return [states[deal] for when, states in listed if when <= day and deal in states]

    def group(self, deal: str) -> str:
        """Which of the random companies a deal belongs to: one store holds many, told apart by the account."""
        return f"Company {int(deal[1:]) % GROUPS}"

    def region(self, state: State, day: dt.date) -> str:
        people = self.regions[1] if day >= self.turn else {**self.regions[1], **self.regions[0]}
        return state.region or people.get(state.owner, "")

    def rate(self, currency: str, known_on: dt.date, day: dt.date) -> float | None:
        """The rate of a day, as the table of another day has it."""
        # What only the second edition has is known from the beginning; what it changes, from its own day on.
        table = self.rates[1] if known_on >= self.turn else {**self.rates[1], **self.rates[0]}
        dates = sorted(date for code, date in table if code == currency)
        if not dates:
            return None
        return table[currency, max((date for date in dates if date <= day), default=dates[0])]

    def store(self, path: Path, shuffle: random.Random) -> Store:
        """The company's files, loaded in any order."""
        store = Store.open(path)
        with store.transaction() as cursor:
            set_setting(cursor, "fiscal_start_month", str(self.first_month))
            set_setting(cursor, "reporting_currency", "USD")
        files = [prepare(_STAGE_FILE.encode(), "stages.csv", Options(as_table="stages"))]
        editions = (self.days[0], self.turn)
        for day, rates, regions in zip(editions, self.rates, self.regions, strict=True):
            rows = [(code, date, rate) for (code, date), rate in rates.items()]
            files.append(_file("rates", day, ("currency", "date", "rate"), rows))
            people = [(name, region) for name, region in regions.items()]
            files.append(_file("people", day, ("person", "region"), people))
        for day, listed, complete in zip(self.days, self.exports, self.complete, strict=True):
            deals = [
                (key, f"Deal {key} | $5 *", self.group(key), s.owner, s.region, s.stage, s.amount, s.currency,
                 s.close or "", self.created[key], s.category)
                for key, s in listed.items()
            ]  # fmt: skip
            files.append(_file("opportunities", day, COLUMNS, deals, complete=complete))
        shuffle.shuffle(files)
        load(store, files, user="test")
        return store


def _file(
    table: str, day: dt.date, header: Sequence[str], rows: Iterable[Sequence[object]], *, complete: bool = False
) -> Prepared:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    options = Options(as_table=table, as_of=day, complete=complete)
    return prepare(text.getvalue().encode(), f"{table}_{day}.csv", options)


def invent(dice: random.Random, deals: int = 240, weeks: int = 9) -> History:
    """Companies whose deals are created, moved, grown, shrunk, handed over, closed, re-opened and deleted."""
    days = [FIRST + dt.timedelta(days=7 * week + dice.randint(0, 2)) for week in range(weeks)]
    alive: dict[str, State] = {}
    created: dict[str, dt.date] = {}
    exports: list[dict[str, State]] = []
    complete: list[bool] = []
    for week, day in enumerate(days):
        for key, state in list(alive.items()):
            if dice.random() < 0.04:
                del alive[key]
            elif dice.random() < 0.6:
                alive[key] = _moved(state, day, dice)
        for _ in range(deals // 3 if week == 0 else deals // weeks):
            key = f"D{len(created):04d}"
            created[key] = day - dt.timedelta(days=dice.randint(0, 5))
            alive[key] = _new(day, dice)
        whole = dice.random() < 0.6
        # A report that is no complete export may leave deals out, which says nothing of them.
        exports.append({k: s for k, s in alive.items() if whole or dice.random() < 0.8})
        complete.append(whole)
    turn = days[weeks // 2] + dt.timedelta(days=dice.randint(0, 3))
    dates = [FIRST + dt.timedelta(days=offset) for offset in (-200, -20, 11, 25, 47)]
    first = {(code, date): _rate(dice) for code in ("EUR", "CHF") for date in dates[:3]}
    second = {**first, **{(code, date): _rate(dice) for code in ("EUR", "CHF") for date in dates[2:]}}
    regions = {name: dice.choice(REGIONS[1:]) for name in OWNERS[:3]}
    later = {**regions, OWNERS[1]: dice.choice(("North", "South")), OWNERS[3]: "East"}
    return History(days, exports, complete, created, turn, (first, second), (regions, later), dice.choice((1, 1, 2, 6)))


def _rate(dice: random.Random) -> float:
    return round(dice.uniform(0.5, 1.6), 4)


def _amount(dice: random.Random) -> str:
    return dice.choice(("", "0", f"{dice.randint(1, 900_000) / 100:.2f}", f"{dice.randint(1, 900)}000.00"))


def _close(day: dt.date, dice: random.Random) -> dt.date:
    return day + dt.timedelta(days=dice.randint(-30, 150))


def _new(day: dt.date, dice: random.Random) -> State:
    return State(
        dice.choice(OWNERS), dice.choice(REGIONS), dice.choice(list(STAGES)[: dice.choice((3, 3, 5))]), _amount(dice),
        dice.choice(CURRENCIES), _close(day, dice) if dice.random() < 0.95 else None, dice.choice(CATEGORIES),
    )  # fmt: skip


def _moved(state: State, day: dt.date, dice: random.Random) -> State:
    """The deal a week later: one or two things are different."""
    after = State(**vars(state))
    for what in dice.sample(("owner", "region", "stage", "amount", "currency", "close", "category"), 2):
        match what:
            case "owner":
                after.owner = dice.choice(OWNERS)
            case "region":
                after.region = dice.choice(REGIONS)
            case "stage":
                after.stage = dice.choice(list(STAGES))
            case "amount":
                after.amount = _amount(dice)
            case "currency":
                after.currency = dice.choice(CURRENCIES)
            case "close":
                after.close = _close(day, dice)
            case "category":
                after.category = dice.choice(CATEGORIES)
    return after


def convert(amount: str, rate: float | None) -> Decimal:
    """An amount at a rate, to the cent; what is not known counts with nothing."""
    if not amount or rate is None:
        return Decimal("0.00")
    exact = float(amount) * rate * 100
    return (Decimal(math.floor(exact + 0.5)) / 100).quantize(Decimal("0.01"))


Filters = Mapping[str, tuple[str, ...]]


def passes(history: History, state: State, day: dt.date, filters: Filters) -> bool:
    values = {
        "owner": state.owner,
        "region": history.region(state, day),
        "stage": state.stage,
        "forecast_category": state.category,
    }
    return all(values[key] in allowed for key, allowed in filters.items())
