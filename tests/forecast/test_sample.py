"""What a score is learnt from: looks at open deals, and the ends that came of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tas_analytics.forecast import sample as room
from tas_analytics.forecast.history import History
from tas_analytics.forecast.sample import Sample
from tas_analytics.metrics.company import Company
from tests.forecast import simulated
from tests.metrics.small import store_of

REACH = 92


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    path: Path = tmp_path_factory.mktemp("sample") / "s.duckdb"
    store = store_of(path, simulated.company(200, 4).files())
    read = History.until(store, Company.of(store), simulated.LAST, REACH)
    store.close()
    return read


def test_an_end_is_seen_from_each_look_as_far_away_as_it_was(history: History) -> None:
    """Near ends of early stages are losses: were far ones left out, too few wins would be foreseen."""
    sample = Sample(history, REACH)
    found, step = sample.winning, np.timedelta64(history.step, "D")
    rows = history.rows[history.rows["ended"].notna()]
    last = rows["ended"].to_numpy() - rows["day"].to_numpy() <= (sample.steps + 1) * step
    # The step in which the last ones closed may not be over yet.
    whole = rows["ended"].to_numpy() <= np.datetime64(history.as_of) - step
    assert (last & whole).sum() <= len(found.deals) <= last.sum()
    ends = history.ends.set_index("deal_key").loc[found.deals]
    ended = ends["ended"].to_numpy().astype("datetime64[D]")
    assert (found.when < ended).all()
    assert (ended <= found.over).all()
    assert (found.happened == ends["won"].to_numpy(dtype=float)).all()
    looks = rows[last & whole].groupby("deal_key").size()
    seen = np.unique(found.deals, return_counts=True)
    assert (looks.reindex(seen[0], fill_value=0).to_numpy() <= seen[1]).all()


def test_of_too_many_looks_at_ends_every_deal_keeps_one(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Sample(history, REACH).winning
    deals = np.unique(whole.deals)
    monkeypatch.setattr(room, "ROWS", len(deals) + 20)
    some = Sample(history, REACH).winning
    assert len(some.deals) == len(deals) + 20 < len(whole.deals) / 2
    assert set(some.deals) == set(deals)


def test_bins_are_as_fine_as_deals_tell_however_often_they_were_looked_at(history: History) -> None:
    sample = Sample(history, REACH)
    for part in (sample.closing, sample.winning):
        deals, rows = len(np.unique(part.deals)), len(part.deals)
        bins = {one.column: len(one.edges) + 1 for one in part.features.encodings if one.kind == "number"}
        # A value that is common has a bin of its own, and the last bins may be shorter.
        assert 4 < bins["age"] <= deals / 25 + 2 < rows / 50
