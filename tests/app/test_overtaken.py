"""What the browser asks for parts of a page that are not there any more: dropped, and nothing else is."""

from __future__ import annotations

from streamlit.runtime.scriptrunner_utils.script_requests import RerunData, ScriptRequestType
from streamlit.testing.v1 import AppTest

from tas_analytics.ui import overtaken

#: A page whose first part looks by itself; while an answer is awaited the page ends before it.
PAGE = """
import streamlit as st

@st.fragment(run_every=60)
def part(name):
    st.write(name)

if "early" in st.query_params:
    part("waiting")
    st.stop()
for _ in range(2):
    st.write("title")
part("shown")
"""


def look(page: str, part: str = "part") -> RerunData:
    return RerunData(page_script_hash=page, fragment_id=part, is_auto_rerun=True)


def test_a_part_is_asked_for_its_own_page_only() -> None:
    asked = overtaken.Requests()
    assert asked.request_rerun(RerunData(page_script_hash="one"))
    asked.on_scriptrunner_ready()
    assert asked.request_rerun(look("two"))  # taken, so that nobody else runs it, and dropped
    assert asked.on_scriptrunner_ready().type is ScriptRequestType.STOP

    asked = overtaken.Requests()
    assert asked.request_rerun(RerunData(page_script_hash="one"))
    asked.on_scriptrunner_ready()
    assert asked.request_rerun(look("one"))
    assert asked.on_scriptrunner_ready().rerun_data.fragment_id_queue == ["part"]


def test_a_look_between_two_runs_is_dropped_and_an_act_is_not() -> None:
    asked = overtaken.Requests()
    asked.request_stop()
    assert asked.request_rerun(look("one"))
    # Refused: the session then begins a new run for it.
    assert not asked.request_rerun(RerunData(page_script_hash="one", fragment_id="part"))
    assert not asked.request_rerun(RerunData(page_script_hash="one"))


def test_a_page_that_ends_early_has_no_parts_but_those_it_drew() -> None:
    overtaken.drop()
    at = AppTest.from_string(PAGE)

    def parts() -> set[str]:
        at.run()
        assert not at.exception
        return set(vars(at)["_fragment_storage"]._fragments)

    shown = parts()
    assert len(shown) == 1
    assert parts() == shown
    at.query_params["early"] = "1"
    waiting = parts()
    assert len(waiting) == 1
    assert waiting != shown
