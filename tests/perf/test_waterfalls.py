"""Ten thousand random companies: run by ``make bench``, because it takes minutes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.review.test_waterfall import check_histories

pytestmark = pytest.mark.bench


def test_ten_thousand_waterfalls(tmp_path: Path) -> None:
    for seed in range(100, 110):
        check_histories(seed, tmp_path, waterfalls=50)
    print("\n10,000 of 10,000 companies' waterfalls balance and equal the deals' own histories")
