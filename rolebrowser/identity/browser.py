"""Opens pages in a browser; links that are secrets without putting them into anybody's argv."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import urlsplit

from rolebrowser.safetext import Secret

_OF_THE_TERMINAL = frozenset({"www-browser", "links", "elinks", "lynx", "w3m", "browsh"})
_START = "import sys, webbrowser; sys.exit(not webbrowser.get().open(sys.argv[1]))"
"""With the first browser that is there and no other: the next may be one of the terminal."""
_STARTING = 2.0
"""Seconds after which a browser has come up, or never will."""
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

    Never a browser of the terminal, which would draw over whoever asks; and by a process of its
    own, so that neither what a browser prints nor one that stays can disturb the screen.
    """
    import webbrowser

    if urlsplit(address).scheme not in ("http", "https"):
        return False
    if os.environ.get("SSH_CONNECTION") and not os.environ.get("BROWSER"):
        return False  # it would open where nobody sits
    try:
        found = webbrowser.get()
    except webbrowser.Error:
        return False
    if getattr(found, "name", "") in _OF_THE_TERMINAL:
        return False
    starter = subprocess.Popen(
        [sys.executable, "-I", "-c", _START, address],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        return starter.wait(_STARTING) == 0
    except subprocess.TimeoutExpired:
        # A browser that stays in the foreground of its starter.
        threading.Thread(target=starter.wait, daemon=True).start()
        return True


def _browser() -> Callable[[str], bool]:
    import webbrowser

    return webbrowser.open
