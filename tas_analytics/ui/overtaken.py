"""What a page asked that has been left meanwhile is not answered.

A part of a page that looks again and again asks from the browser, which hears of a change of pages later than the
server does. Streamlit (1.67) would answer such a question after the new page is drawn, and go back to the old page
for it: there it finds nothing to draw, and the visitor sees an empty page, or is where he came from. The part is gone
with its page, so the question is dropped.
"""

from __future__ import annotations

from streamlit.runtime.scriptrunner import script_runner
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData, ScriptRequests, ScriptRequestType


class Requests(ScriptRequests):
    """What one run of the pages is asked; a part of a page is run only while that page is shown or asked for."""

    def __init__(self) -> None:
        super().__init__()
        self._page = ""  # unknown until a page is asked for by what Streamlit calls its hash

    def _request_rerun_locked(self, new_data: RerunData) -> bool:
        page, part = new_data.page_script_hash, new_data.fragment_id or new_data.fragment_id_queue
        if part and self._page and page != self._page and self._state != ScriptRequestType.STOP:
            return True
        accepted = super()._request_rerun_locked(new_data)
        if accepted and (page or not part):
            self._page = page
        return accepted


def drop() -> None:
    """Have :class:`Requests` stand between every visit and its pages."""
    vars(script_runner)["ScriptRequests"] = Requests
