"""The people at the customers, so that every file that speaks of them means the same ones."""

from __future__ import annotations

import zlib
from functools import cache
from typing import Final

from sample_company.company import SEED
from sample_company.dice import Dice

_FIRST: Final = (
    "Adaeze", "Bastian", "Corinna", "Dmitri", "Eleanor", "Farid", "Greta", "Hiroshi", "Ilona", "Jasper", "Katrin",
    "Leopold", "Maribel", "Niels", "Odette", "Pavel", "Quinn", "Rosalba", "Stellan", "Tamsin", "Ulrike", "Vikram",
    "Winifred", "Xiulan", "Yannick", "Zofia",
)  # fmt: skip
_LAST: Final = (
    "Abendroth", "Birkenshaw", "Castellane", "Dunmorrow", "Eisenlohr", "Fairweather", "Gallowgate", "Hartenfels",
    "Ironmonger", "Jessamine", "Kowalewska", "Lindqvist-Ray", "Marchbanks", "Northcote", "Oyelaran", "Penhallow",
    "Quillfeather", "Rothesay", "Sandoval-Pike", "Tremblay", "Underhill", "Vasquez-Lund", "Wetherby", "Yamabuki",
)  # fmt: skip
#: (title, department) of the five people whom every customer has, the most senior first.
TITLES: Final = (
    ("Chief Operating Officer", "Management"),
    ("Plant Manager", "Production"),
    ("Head of Procurement", "Procurement"),
    ("Head of Maintenance", "Maintenance"),
    ("Process Engineer", "Engineering"),
)


@cache
def customers_of(account: str) -> tuple[str, ...]:
    """The names of the five people at an account, in the order of :data:`TITLES`."""
    dice = Dice(SEED, 20, zlib.crc32(account.encode()))
    names: list[str] = []
    while len(names) < len(TITLES):
        name = f"{dice.pick(_FIRST)} {dice.pick(_LAST)}"
        if name not in names:
            names.append(name)
    return tuple(names)
