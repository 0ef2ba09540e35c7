"""Salesforce record ids: 15 case-sensitive characters, or the same with a three-character check."""

from __future__ import annotations

import re
from typing import Final

_SHORT: Final = re.compile(r"[0-9A-Za-z]{15}")
_CHECK: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def long_id(text: str) -> str:
    """The 18-character form of a 15-character id; anything else unchanged.

    Each of the three characters encodes which of five letters are capitals, the first as the
    lowest bit.

    Examples
    --------
    >>> long_id("006Ec00000AieKF")
    '006Ec00000AieKFIAZ'
    """
    if not _SHORT.fullmatch(text):
        return text
    check = ""
    for start in (0, 5, 10):
        bits = sum(1 << index for index, char in enumerate(text[start : start + 5]) if char.isupper())
        check += _CHECK[bits]
    return text + check
