"""The ledger and the flow: where bars stand, what is said, what a click carries."""

from __future__ import annotations

import pytest

from tas_analytics.charts import flow, theme, waterfall
from tests.charts import samples


def test_each_bar_begins_where_the_one_before_ended() -> None:
    frame = samples.ledger()
    figure = waterfall.waterfall(frame)
    spans = {}
    for trace in figure.data[1:]:
        for key, base, length in zip(trace.customdata, trace.base, trace.x, strict=True):
            spans[key[0]] = (base, base + length)
    at = 14.3e6
    for key, amount in zip(frame["key"], frame["amount"], strict=True):
        if key in spans:
            assert spans[key] == pytest.approx((at, at + amount))
            at = spans[key][1]
    assert at == pytest.approx(frame["amount"].iloc[-1])
    low, high = figure.layout.xaxis.range
    assert low < min(min(span) for span in spans.values())
    assert high > max(max(span) for span in spans.values())


def test_amounts_are_signed_in_one_unit_and_the_net_is_said() -> None:
    texts = [note.text for note in waterfall.waterfall(samples.ledger()).layout.annotations]
    assert "$M" in texts
    for said in ("<b>14.30</b>", "<b>+0.86</b>", "<b>−1.08</b>", "<b>13.23</b>", "<b>−1.07</b> net"):
        assert said in texts
    assert "–" in texts, "currency counts no deals"


def test_small_amounts_get_a_unit_of_their_own() -> None:
    frame = samples.ledger().assign(amount=lambda rows: rows["amount"] / 1000)
    assert "$k" in [note.text for note in waterfall.waterfall(frame).layout.annotations]
    assert waterfall.unit([950.0]) == (1.0, "", 0)
    assert waterfall.unit([]) == (1.0, "", 0)


def test_colours_follow_the_meaning() -> None:
    colours: dict[str, str] = {}
    for trace in waterfall.waterfall(samples.ledger()).data[1:]:
        colours |= {key[0]: trace.marker.color for key in trace.customdata}
    assert (colours["won"], colours["lost"], colours["pushed_out"]) == (theme.WON, theme.LOST, theme.RISK)


def test_the_whole_row_takes_the_click() -> None:
    figure = waterfall.waterfall(samples.ledger())
    low, high = figure.layout.xaxis.range
    whole = figure.data[0]
    assert whole.marker.color == theme.CLEAR
    assert [key[0] for key in whole.customdata] == list(samples.ledger()["key"])
    assert set(whole.x) == {high - low}


def test_a_flow_loses_nothing_and_ribbons_carry_both_ends() -> None:
    frame = samples.ways()
    figure = flow.flow(frame)
    marks = figure.data[0]
    assert {tuple(data) for data in marks.customdata} == set(zip(frame["source"], frame["target"], strict=True))
    nodes = list(figure.data[1:])
    heights = {tuple(trace.customdata[0]): trace.y[0] for trace in nodes}
    sources = frame.groupby("source")["amount"].sum()
    assert heights["commit", None] > heights["bucket:created", None]
    assert set(heights) == {(key, None) for key in sources.index} | {("*", key) for key in frame["target"].unique()}
    assert len([shape for shape in figure.layout.shapes if shape.type == "path"]) == len(frame)
    assert all(-1e-9 <= trace.base[0] <= 1 and trace.base[0] + trace.y[0] <= 1 + 1e-9 for trace in nodes)
