from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tas_analytics.charts import real_colours, theme
from tests.charts import samples

SETTINGS = tomllib.loads((Path(__file__).parents[2] / ".streamlit" / "config.toml").read_text("utf-8"))


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_every_list_of_the_theme_has_ten_real_colours(mode: str) -> None:
    for name in ("chartCategoricalColors", "chartSequentialColors", "chartDivergingColors"):
        colours = SETTINGS["theme"][mode][name]
        assert len(colours) == 10
        assert all(re.fullmatch(r"#[0-9A-F]{6}", colour) for colour in colours)


def test_places_are_those_that_streamlit_swaps() -> None:
    assert tuple(f"#0000{n:02d}" for n in range(1, 11)) == theme.CATEGORICAL
    assert tuple(f"#0000{n:02d}" for n in range(11, 21)) == theme.INK
    assert tuple(f"#0000{n:02d}" for n in range(21, 31)) == theme.DIVERGING
    assert tuple(theme.MEANING.values()) == theme.CATEGORICAL


def test_places_are_still_named_in_the_installed_streamlit() -> None:
    source = Path(pytest.importorskip("streamlit").__file__).parent / "elements" / "lib" / "streamlit_plotly_theme.py"
    text = source.read_text("utf-8")
    for place in (*theme.CATEGORICAL, *theme.INK, *theme.DIVERGING, theme.PAPER):
        assert f'"{place}"' in text


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_meanings_have_the_colours_of_the_words_in_markdown(mode: real_colours.Mode) -> None:
    named = SETTINGS["theme"][mode]
    for place, name in ((theme.WON, "greenColor"), (theme.LOST, "redColor"), (theme.RISK, "orangeColor")):
        assert real_colours.colour(place, mode) == named[name]
    assert real_colours.colour(theme.COMMIT, mode) == named["blueColor"]
    assert real_colours.colour(theme.OPEN, mode) == named["grayColor"]
    assert real_colours.colour(theme.TEXT, mode) == real_colours.colour(theme.TARGET, mode) == named["textColor"]
    assert real_colours.colour(theme.MUTED, mode) == named["grayTextColor"]


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_exports_have_real_colours_only(mode: real_colours.Mode) -> None:
    for name, figure in samples.figures().items():
        before = figure.to_json()
        spec = real_colours.export_colours(figure, mode).to_json()
        assert not re.search(r"#0000\d\d", spec), name
        assert SETTINGS["theme"][mode]["backgroundColor"] in spec
        assert figure.to_json() == before, "the figure itself stays as it was"


def test_text_from_data_cannot_name_a_colour_place() -> None:
    assert not re.search(r"#0000\d\d", theme.clean("Deal #000006"))
    assert theme.clean("<b>R&D</b>") == "&lt;b&gt;R&amp;D&lt;/b&gt;"
    assert theme.clean(None) == theme.clean(float("nan")) == ""


def test_long_text_is_shortened_to_its_room_and_stays_escaped() -> None:
    short = theme.fit("R&D <programme> of an extraordinarily long name", 90)
    assert short.endswith("…")
    assert theme.text_width(short) <= 90
    assert "&amp;" in short
    assert "<" not in short
    assert theme.fit("Close", 90) == "Close"


def test_width_of_a_label_counts_letters_not_markup() -> None:
    assert theme.text_width("<b>Won</b><br>$7.9M") == pytest.approx(theme.text_width("$7.9M", bold=True), rel=0.02)
    assert theme.text_width("&amp;") == theme.text_width("&")
    assert theme.text_width("日本語") > theme.text_width("abc")


def test_left_margin_has_a_cap() -> None:
    assert theme.left_margin(["Close"]) < 60
    assert theme.left_margin(["x" * 200]) == theme.LEFT_CAP + 10
    assert theme.left_margin([]) == 10
