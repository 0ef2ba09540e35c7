"""What stands in the head of every page before Streamlit's own scripts.

- Where the server's root is. The browser's part of Streamlit does not know it: on ``/pipeline`` it asks
  ``/pipeline/_stcore/health`` first, is told "not found" twice, writes two errors to the console and only then asks the
  root. It asks the right place at once if the page says where that is, in a variable that it reads for hosts of
  its own.
- One step of the browser's history for each thing that a visitor does (``history.js``), from the first moment on.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

import streamlit as st
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_BEFORE: Final = b"<head>"
_HISTORY: Final = Path(__file__).parent / "history.js"


class OwnHead:
    """ASGI middleware that adds our scripts to the head of every HTML page."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request; anything but a page passes untouched."""
        if scope["type"] != "http" or not _wants_a_page(scope):
            await self._app(scope, receive, send)
            return
        # Uncompressed, because its text is to be changed; a page is 10 kB.
        headers = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        await self._app({**scope, "headers": headers}, receive, _Rewriter(send).send)


class _Rewriter:
    """Holds a response back until it is whole, if it is HTML."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None
        self._body = b""

    async def send(self, message: Message) -> None:
        """Pass a part of the response on, or keep it."""
        if message["type"] == "http.response.start":
            if _header(message, b"content-type").startswith(b"text/html"):
                self._start = message
                return
        elif self._start is not None:
            self._body += message.get("body", b"")
            if message.get("more_body"):
                return
            body = self._body.replace(_BEFORE, _BEFORE + _script(), 1)
            kept = [(n, v) for n, v in self._start["headers"] if n.lower() not in {b"content-length", b"etag"}]
            length = (b"content-length", str(len(body)).encode())
            await self._send({**self._start, "headers": [*kept, length]})
            await self._send({"type": "http.response.body", "body": body})
            return
        await self._send(message)


def _wants_a_page(scope: Scope) -> bool:
    accept = next((value for name, value in scope["headers"] if name == b"accept"), b"")
    return scope["method"] == "GET" and b"text/html" in accept


def _header(message: Message, wanted: bytes) -> bytes:
    return next((bytes(value) for name, value in message["headers"] if name.lower() == wanted), b"")


@cache
def _script() -> bytes:
    base: Any = st.get_option("server.baseUrlPath") or ""
    path = json.dumps("/" + str(base).strip("/") if base else "")
    root = f"window.__streamlit={{BACKEND_BASE_URL:window.location.origin+{path}}}"
    return f"<script>{root}</script><script>{_HISTORY.read_text(encoding='utf-8')}</script>".encode()
