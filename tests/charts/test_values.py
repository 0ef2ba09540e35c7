"""What each form says, and that the figure says what the frame says."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

import pandas as pd
import pytest

from tas_analytics.charts import (
    age_strip,
    conversion,
    cover_bar,
    history,
    milestone_funnel,
    month_columns,
    ranking,
    split_bars,
    stage_bars,
    theme,
    trend,
)
from tests.charts import samples


def texts(figure: Any) -> list[str]:
    return [note.text for note in figure.layout.annotations]


def test_stage_bars_keep_the_order_and_write_amount_and_count() -> None:
    figure = stage_bars.stage_bars(samples.stages(), stalled="stalled")
    assert texts(figure)[0] == "<b>$8.0M</b>  61 deals"
    assert list(figure.layout.yaxis.ticktext) == samples.STAGES
    assert list(figure.layout.yaxis.tickvals) == [4, 3, 2, 1, 0]
    amber, rest, room = figure.data
    assert [a + b for a, b in zip(amber.x, rest.x, strict=True)] == [8.0e6, 7.5e6, 7.5e6, 4.2e6, 1.5e6]
    assert amber.marker.color == theme.RISK
    assert all(a + b + c == pytest.approx(8.0e6) for a, b, c in zip(amber.x, rest.x, room.x, strict=True))
    assert "$3.1M past the stall line" in amber.hovertext[0]


def test_stage_bars_by_count_write_the_count_alone_and_mark_the_chosen_bar() -> None:
    figure = stage_bars.stage_bars(samples.stages(), value="deals", selected="s1")
    assert texts(figure)[1] == "<b>57</b> deals"
    assert figure.layout.yaxis.ticktext[1] == "<b>Develop</b>"
    assert [shape.line.color for shape in figure.layout.shapes] == [theme.TEXT]


def test_stage_bars_colour_by_meaning() -> None:
    frame = samples.stages().assign(meaning=["won", "lost", "open", "commit", "nonsense"])
    figure = stage_bars.stage_bars(frame)
    assert list(figure.data[0].marker.color) == [theme.WON, theme.LOST, theme.OPEN, theme.COMMIT, theme.OPEN]


def test_stage_bars_never_show_more_amber_than_bar() -> None:
    frame = samples.stages().assign(stalled=99e6)
    amber, rest, _ = stage_bars.stage_bars(frame, stalled="stalled").data
    assert list(amber.x) == [8.0e6, 7.5e6, 7.5e6, 4.2e6, 1.5e6]
    assert set(rest.x) == {0}


def test_split_bars_fold_the_small_ones_and_lose_nothing() -> None:
    frame = samples.split()
    figure = split_bars.split_bars(frame, limit=6)
    cells = {tuple(place): x for trace in figure.data[:-1] for place, x in zip(trace.customdata, trace.x, strict=True)}
    splits = {split for _, split in cells}
    assert len(splits) == 7
    assert split_bars.OTHER in splits
    heads = [text for text in texts(figure) if "deals" in text]
    assert heads[-1].startswith("<b>Other, 3 values</b>")
    scale = frame.groupby(["key", "split_key"])["amount"].sum()
    longest = max(x for place, x in cells.items() if place[1] != split_bars.OTHER)
    for (key, split), x in cells.items():
        if split != split_bars.OTHER:
            expected = longest * scale[(key, split)] / scale.max()
            assert x == pytest.approx(expected)
    ratio = scale.max() / longest
    assert sum(cells.values()) * ratio == pytest.approx(frame["amount"].sum())


def test_split_bars_with_two_values_past_the_limit_only_fold_when_it_saves_a_row() -> None:
    figure = split_bars.split_bars(samples.split(values=7), limit=6)
    assert not any("Other" in text for text in texts(figure))


def test_month_columns_stack_what_is_overdue_and_keep_no_date_apart() -> None:
    figure = month_columns.month_columns(samples.months())
    amber, grey, hit = figure.data
    assert amber.marker.color == theme.RISK
    assert [place[0] for place in amber.customdata] == ["2026-09-01", "2026-10-01", "2026-11-01"]
    assert grey.customdata[-1] == (month_columns.NO_DATE, None, None) or list(grey.customdata[-1]) == [
        "none",
        None,
        None,
    ]
    assert hit.x[-1] - hit.x[-2] > 1
    assert sum(amber.y) + sum(grey.y) == pytest.approx(samples.months()["amount"].sum())
    assert {"Nov", "Jan", "2027", "no", "date"} <= {
        text.replace("<b>", "").replace("</b>", "") for text in texts(figure)
    }
    assert any(text.startswith("<b>overdue $") for text in texts(figure))


def test_month_columns_show_months_without_deals() -> None:
    frame = samples.months(count=9, overdue=0, none=False).iloc[[0, 6]]
    assert len(month_columns.month_columns(frame).data[-1].x) == 6


@pytest.mark.parametrize(("count", "overdue"), [(30, 5), (40, 30), (19, 0), (60, 60), (200, 3)])
def test_month_columns_are_at_most_eighteen_and_still_add_up(count: int, overdue: int) -> None:
    frame = samples.months(count, overdue)
    figure = month_columns.month_columns(frame)
    assert len(figure.data[-1].x) <= 18
    total = sum(sum(trace.y) for trace in figure.data[:-1])
    assert total == pytest.approx(frame["amount"].sum())


def test_conversion_highlights_only_the_worst_step_with_enough_cases() -> None:
    frame = samples.funnel()
    figure = conversion.conversion(frame)
    assert list(figure.data[0].marker.color).count(theme.RISK) == 1
    assert conversion.worst_step(frame) == "m3"
    assert "<b>59\u202f%</b> · 31 d" in texts(figure)
    assert "7 of 12" in texts(figure)
    assert list(figure.data[0].x) == list(frame["reached"])


def test_conversion_of_few_deals_names_no_worst_step() -> None:
    frame = samples.funnel(small=True)
    assert conversion.worst_step(frame) is None
    assert theme.RISK not in conversion.conversion(frame).data[0].marker.color


def test_the_milestone_funnel_stacks_open_on_decided_and_marks_one_step() -> None:
    frame = samples.milestones()
    figure = milestone_funnel.milestone_funnel(frame, worst="Won")
    dark, pale, hit = figure.data
    assert [a + b for a, b in zip(dark.x, pale.x, strict=True)] == list(frame["reached"])
    assert list(pale.x) == list(frame["open"])
    assert list(dark.marker.color).count(theme.RISK) == 1
    assert (dark.marker.color[3], hit.marker.color) == (theme.RISK, theme.CLEAR)
    assert "<b>44\u202f%</b>" in texts(figure)
    assert "58\u202f%  31 d" in texts(figure)


def test_the_milestone_funnel_of_few_deals_says_k_of_n() -> None:
    assert "7 of 13  31 d" in texts(milestone_funnel.milestone_funnel(samples.milestones(small=True)))


def test_age_strip_draws_every_deal_once() -> None:
    frame = samples.deals()
    figure = age_strip.age_strip(frame, samples.LINES)
    drawn = sorted(place[0] for trace in figure.data for place in trace.customdata)
    assert drawn == sorted(frame["id"])
    grey, amber = figure.data
    by_id = frame.set_index("id")
    for (deal,) in amber.customdata:
        line = samples.LINES[by_id.loc[deal, "stage"]]
        assert line is not None
        assert by_id.loc[deal, "days"] > line
    assert all(6 <= size <= 18 for trace in figure.data for size in trace.marker.size)
    assert max(grey.marker.size) > min(grey.marker.size)
    names = [text for text in texts(figure) if text in samples.STAGES]
    assert names == samples.STAGES


def test_age_strip_pins_the_oldest_at_its_edge_and_says_so() -> None:
    figure = age_strip.age_strip(samples.deals(), samples.LINES)
    edge = figure.layout.xaxis.range[1]
    assert edge < 900
    hover = [h for trace in figure.data for h in trace.hovertext if "900 days" in h]
    assert len(hover) == 1
    assert "older than the scale shows" in hover[0]
    assert max(max(trace.x) for trace in figure.data) == edge
    assert any(text.startswith("over ") for text in texts(figure))


def test_ranking_adds_up_the_shares() -> None:
    frame = samples.top()
    figure = ranking.ranking(frame)
    assert "<b>$508k</b>  4\u202f%" in texts(figure)
    assert texts(figure)[-1] == "23\u202f%"
    assert [place[0] for place in figure.data[0].customdata] == list(frame["id"])
    assert ranking.ranking(frame.assign(cumulative=0.5)).layout.annotations[-1].text == "50\u202f%"


AMOUNTS = [0.0, 0.02e6, 0.5e6, 2e6, 16e6]


@pytest.mark.parametrize("target", [None, 1.0, 3e6, 100e6])
def test_cover_bar_labels_never_meet_at_any_width(target: float | None) -> None:
    for amounts in itertools.product(AMOUNTS, repeat=4):
        figure = cover_bar.cover_bar(samples.cover(*amounts), target)
        if not figure.data:
            assert not any(amounts)
            continue
        layout = figure.to_dict()["layout"]  # plain values: plotly makes new objects for each that is asked of a figure
        reach = layout["xaxis"]["range"][1]
        notes = [note for note in layout["annotations"] if "<br>" in note["text"]]
        for width in (theme.PHONE, 700, 1200):
            boxes = [box(note, width / reach) for note in notes]
            for (left, right, level), (other_left, other_right, other_level) in itertools.combinations(boxes, 2):
                assert level != other_level or right <= other_left or other_right <= left, (amounts, width)
            assert all(left >= -3 and right <= width + 8 for left, right, _ in boxes), (amounts, width)


def box(note: dict[str, Any], scale: float) -> tuple[float, float, float]:
    width = theme.text_width(note["text"])
    at = note["x"] * scale + note["xshift"]
    return (at - width, at, note["y"]) if note["xanchor"] == "right" else (at, at + width, note["y"])


def test_cover_bar_without_a_target_and_beyond_it() -> None:
    without = cover_bar.cover_bar(samples.cover())
    assert not any("Target" in text for text in texts(without))
    assert [trace.x[0] for trace in without.data] == [5.9e6, 3.9e6, 3.9e6, 2.4e6]
    assert [trace.base[0] for trace in without.data] == [0, 5.9e6, 9.8e6, 13.7e6]
    beyond = cover_bar.cover_bar(samples.cover(0, 2.1e6, 1.2e6, 4e6), 16.2e6)
    assert "Target <b>$16.2M</b>" in texts(beyond)
    assert "<b>$8.9M</b> missing" in texts(beyond)
    assert "Nothing in won" in texts(beyond)
    assert beyond.layout.xaxis.range[1] > 16.2e6


def test_trend_names_each_line_at_its_end() -> None:
    figure = trend.trend(samples.weeks(), period=samples.QUARTER, target=16.2e6)
    assert {"<b>$13.2M</b> won + commit", "<b>$7.9M</b> won", "<b>$16.2M</b> target"} <= set(texts(figure))
    assert [trace.line.color for trace in figure.data] == [theme.COMMIT, theme.WON]
    assert list(figure.layout.xaxis.ticktext) == ["wk 1", "4", "7, now", "10", "13"]
    assert list(figure.data[1].y)[-1] == 7.9e6


@pytest.mark.parametrize("week", range(1, 14))
def test_trend_ticks_never_crowd_the_current_week(week: int) -> None:
    figure = trend.trend(samples.weeks(week), period=samples.QUARTER)
    days = [dt.date.fromisoformat(day) for day in figure.layout.xaxis.tickvals]
    assert all(later - sooner >= dt.timedelta(weeks=2) for sooner, later in itertools.pairwise(days))
    assert week == 1 or any("now" in text for text in figure.layout.xaxis.ticktext)


@pytest.mark.parametrize(
    "ends", [(14.1, 14.0, 13.9), (14.2, 14.1, 14.0), (1, 1, 1), (0.1, 0, 14.0), (14.1, 14.1, 14.1)]
)
def test_trend_labels_of_close_lines_move_apart(ends: tuple[float, float, float]) -> None:
    rows = [
        {"date": dt.date(2026, 10, day), "series": name, "value": end * 1e6}
        for name, end in zip("abc", ends, strict=True)
        for day in (1, 8)
    ]
    figure = trend.trend(pd.DataFrame(rows), target=14.1e6)
    low, high = figure.layout.yaxis.range
    scale = (220 - 14 - 24) / (high - low)
    places = sorted((note.y - low) * scale + note.yshift for note in figure.layout.annotations)
    assert len(places) == 4
    assert all(upper - lower >= 14 for lower, upper in itertools.pairwise(places))


def test_history_steps_bands_and_moves() -> None:
    figure = history.history(samples.versions(), as_of=samples.AS_OF)
    bands, amounts, moves = figure.data
    assert len(bands.x) == 4, "consecutive versions of one stage are one band"
    assert amounts.line.shape == "hv"
    assert [hover.split("<br>")[0] for hover in amounts.hovertext] == [
        "<b>$310k</b>",
        "<b>$310k</b>",
        "<b>$410k</b>",
        "<b>$410k</b>",
        "<b>$474k</b>",
        "<b>$442k</b>",
        "<b>$442k</b>",
    ]
    assert list(moves.marker.color) == [theme.LINE, theme.RISK, theme.RISK, theme.LINE]
    assert "28 days later: 27 Nov 2026" in moves.hovertext[1]
    assert "5 days earlier" in moves.hovertext[3]
    assert {"<b>+28 d</b>", "<b>$442k</b>", "<b>18 Dec</b>", "16 Nov"} <= set(texts(figure))


def test_history_without_amount_or_close_date_still_shows_the_stages() -> None:
    frame = samples.versions().assign(amount=None, close_date=None)
    figure = history.history(frame)
    assert len(figure.data) == 2
    assert "Proof" in texts(figure)
