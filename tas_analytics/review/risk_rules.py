"""The rules by which an open deal counts as at risk: the default list, with the company's rows laid over it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from tas_analytics.method.milestones import code_of, normal
from tas_analytics.review.risk_measures import MEASURES
from tas_analytics.store.database import Store

AT_LEAST: Final = "at least"
AT_MOST: Final = "at most"
COMPARISONS: Final = (AT_LEAST, AT_MOST)
#: Words in exports and in people's own files for the second of the two.
_MOST: Final = frozenset({"at most", "most", "max", "maximum", "<=", "<", "up to", "höchstens", "au plus"})
_COLUMNS: Final = (
    "code", "rule", "measure", "comparison", "threshold", "category", "from_probability", "from_amount", "why", "mend",
    "ask", "position", "in_use",
)  # fmt: skip


@dataclass(frozen=True)
class Rule:
    """One rule: ``measure`` compared with ``threshold``, for deals of some categories, stages and amounts only.

    ``categories`` are keys of the registry's forecast categories; empty means all.
    """

    code: str
    name: str
    measure: str
    threshold: float
    comparison: str = AT_LEAST
    categories: tuple[str, ...] = ()
    from_probability: float | None = None
    from_amount: float | None = None
    why: str | None = None
    mend: str | None = None
    ask: str | None = None
    position: float = 0.0
    in_use: bool = True
    origin: str = "default"

    @property
    def works(self) -> bool:
        """Whether it can be checked at all: its measure exists."""
        return self.in_use and self.measure in MEASURES

    @property
    def only_in(self) -> str | None:
        """Its categories as they are written in the table."""
        return "; ".join(one.replace("_", " ") for one in self.categories) or None


@cache
def default_rules() -> tuple[Rule, ...]:
    """The rules before a company changes them, in their order."""
    data = tomllib.loads((Path(__file__).parent / "risk_rules.toml").read_text(encoding="utf-8"))
    return tuple(
        Rule(
            row["code"], row["name"], row["measure"], float(row["threshold"]), row.get("comparison", AT_LEAST),
            categories(row.get("only_in")), row.get("from_probability"), row.get("from_amount"), row["why"],
            row["mend"], row["ask"], float(place),
        )
        for place, row in enumerate(data["rule"], start=1)
    )  # fmt: skip


def rules(store: Store) -> tuple[Rule, ...]:
    """All rules in their order, those out of use among them."""
    found = {one.code: one for one in default_rules()}
    names = {normal(one.name): one.code for one in default_rules()}
    rows = store.rows(
        f"select {', '.join(_COLUMNS)} from risk_rule_version where valid_to is null "
        "order by code is not null, load_id, rule"
    )
    for values in rows:
        row = dict(zip(_COLUMNS, values, strict=True))
        code = row["code"] or names.get(normal(row["rule"])) or code_of(row["rule"])
        found[code] = _laid_over(found.get(code), code, row)
    return tuple(sorted(found.values(), key=lambda one: (one.position, one.name)))


def categories(text: str | None) -> tuple[str, ...]:
    """Forecast categories as keys, from a list in words: ``commit; best case``."""
    words = [word.strip().lower().replace("-", " ") for word in (text or "").replace(",", ";").split(";")]
    return tuple(dict.fromkeys("_".join(word.split()) for word in words if word))


def comparison(text: str | None) -> str:
    """At least or at most, from any spelling; blank means at least."""
    return AT_MOST if (text or "").strip().lower() in _MOST else AT_LEAST


def measure_of(text: str | None) -> str | None:
    """The key of a measure from its key or its label; what is none stays as it is written."""
    plain = (text or "").strip()
    by_label = {normal(one.label): key for key, one in MEASURES.items()}
    key = "_".join(plain.lower().split())
    return key if key in MEASURES else by_label.get(normal(plain), plain or None)


def _laid_over(base: Rule | None, code: str, row: dict[str, Any]) -> Rule:
    """A rule with what its row says; blanks keep what the default says."""
    one = base or Rule(code, row["rule"], "", 1.0, position=1000.0)
    given: dict[str, Any] = {"name": row["rule"], "origin": "set"}
    for field in ("threshold", "from_probability", "why", "mend", "ask", "position", "in_use"):
        if row[field] is not None:
            given[field] = row[field]
    if row["from_amount"] is not None:
        given["from_amount"] = float(row["from_amount"])
    if row["measure"]:
        given["measure"] = measure_of(row["measure"])
    if row["comparison"]:
        given["comparison"] = comparison(row["comparison"])
    if row["category"]:
        # "all" takes a restriction off again, because a blank keeps what the default says.
        given["categories"] = () if row["category"].strip().lower() in {"all", "any"} else categories(row["category"])
    return replace(one, **given)
