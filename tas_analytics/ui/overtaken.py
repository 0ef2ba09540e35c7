"""What the browser asks for a page that it no longer shows, or does not show yet, is not answered.

A part of a page that looks again and again asks from the browser, which hears of a change of pages later than the
server does. Streamlit (1.67) would answer such a question after the new page is drawn, and go back to the old page
for it: there it finds nothing to draw, and the visitor sees an empty page, or is where he came from. The part is gone
with its page, so the question is dropped.

The same part may be gone from its own page: what is drawn while an answer is awaited ends early, with ``st.stop``, and
then Streamlit keeps the parts of the drawing before. One of them, run in a place that is not there any more, takes the
whole page down: the browser shows nothing at all. So they are forgotten where a page ends early. Nor may a part begin
a run of its own while what the run before has drawn is still on its way to the browser, for Streamlit would not send
the rest of that; a part that looks of its own accord looks again in a moment.
"""

from __future__ import annotations

from streamlit.runtime.scriptrunner import get_script_run_ctx, script_runner
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData, ScriptRequests, ScriptRequestType


class Requests(ScriptRequests):
    """What one run of the pages is asked; a part of a page is run only while that page is shown or asked for."""

    def __init__(self) -> None:
        super().__init__()
        self._page = ""  # unknown until a page is asked for by what Streamlit calls its hash

    def request_stop(self) -> None:
        """End the run: its page does so, by ``st.stop`` in its own thread, or the session, which needs another run."""
        run = get_script_run_ctx(suppress_warning=True)
        # Where the session was first, another run may have drawn its own parts already.
        ends_early = run is not None and run.script_requests is self and self._state != ScriptRequestType.STOP
        if run is not None and ends_early and not run.fragment_ids_this_run:
            run.fragment_storage.clear(new_fragment_ids=run.shared.new_fragment_ids.snapshot())
        super().request_stop()

    def _request_rerun_locked(self, new_data: RerunData) -> bool:
        page, part = new_data.page_script_hash, new_data.fragment_id or new_data.fragment_id_queue
        if self._state == ScriptRequestType.STOP:
            return bool(part) and new_data.is_auto_rerun
        if part and self._page and page != self._page:
            return True
        accepted = super()._request_rerun_locked(new_data)
        if accepted and (page or not part):
            self._page = page
        return accepted


def drop() -> None:
    """Have :class:`Requests` stand between every visit and its pages."""
    vars(script_runner)["ScriptRequests"] = Requests
