"""model: the fitted model as a card in JSON."""

from __future__ import annotations

import datetime as dt
import json

from tas_analytics.commands.output import out
from tas_analytics.commands.questions import scope_of
from tas_analytics.forecast.card import card
from tas_analytics.forecast.fitted import now
from tas_analytics.metrics.company import Company
from tas_analytics.store import Store


def model(store: Store, as_of: dt.date | None, days: int) -> int:
    """Print the card of the model that answers for so many days ahead."""
    company = Company.of(store)
    fitted = now(store, company, scope_of(company, (), None, as_of).as_of, days)
    out(json.dumps(card(fitted), ensure_ascii=False, indent=2))
    return 0
