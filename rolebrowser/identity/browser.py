"""Opens pages in a browser; links that are secrets without putting them into anybody's argv."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer

from rolebrowser.safetext import Secret

_OF_THE_TERMINAL = frozenset({"www-browser", "links", "elinks", "lynx", "w3m", "browsh"})
WAIT = 30.0
"""Seconds a browser has to come for the link."""


def open_privately(
    link: Secret, *, start: Callable[[str], bool] | None = None, seconds: float = WAIT
) -> bool:
    """Start a browser on `link`; True once one has fetched it.

    What the browser is started with, and so what any process list shows, is an address on this
    machine that hands the link out once.

    Args:
        start: given that address, starts a browser; default: `webbrowser.open`.
        seconds: to wait for it.
    """
    path = f"/{secrets.token_urlsafe(24)}"
    fetched = threading.Event()

    class Once(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """A redirect for the first who knows the path."""
            if self.path != path or fetched.is_set():
                self.send_error(404)
                return
            fetched.set()
            self.send_response(302)
            self.send_header("Location", link.reveal())
            self.send_header("Cache-Control", "no-store")
            self.send_header("Referrer-Policy", "no-referrer")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Nothing: the path is a secret while it works."""

    with HTTPServer(("127.0.0.1", 0), Once) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1})
        thread.daemon = True
        thread.start()
        try:
            address = f"http://127.0.0.1:{server.server_port}{path}"
            return (start or _browser())(address) and fetched.wait(seconds)
        finally:
            server.shutdown()
            thread.join(2)


def open_page(address: str) -> bool:
    """Open an address that is no secret, where a browser with a window is; True if one started.

    A browser of the terminal would draw over whoever asks.
    """
    import webbrowser

    try:
        found = webbrowser.get()
    except webbrowser.Error:
        return False
    if getattr(found, "name", "") in _OF_THE_TERMINAL:
        return False
    return found.open(address)


def _browser() -> Callable[[str], bool]:
    import webbrowser

    return webbrowser.open
