"""The terminal UI, on the person's own AWS or on a sandbox. Without click, for its start."""

from __future__ import annotations

import contextlib
import resource
import sys

from rolebrowser import config
from rolebrowser.errors import RolebrowserError


def browse() -> None:
    """The terminal UI on the person's own AWS; the demo when they ask for it there."""
    _need_terminal()
    _leave_no_core()
    from rolebrowser.tui.holdings import Holdings

    held = Holdings(config.load())
    # While Textual is loaded: also thousands of profiles are there for the first frame.
    held.read_ahead()
    from rolebrowser.tui.app import run

    if run(held) == "demo":
        run_demo()


def run_demo() -> None:
    """The terminal UI on a sandbox that starts while the UI paints."""
    _need_terminal()
    _leave_no_core()
    from rolebrowser.sandbox.process import SandboxProcess

    sandbox = SandboxProcess()
    try:
        from rolebrowser.tui.app import run
        from rolebrowser.tui.holdings import Holdings

        run(Holdings(config.Config(), sandbox))
    finally:
        sandbox.stop()


def _need_terminal() -> None:
    if not sys.stdin.isatty():
        raise RolebrowserError(
            "The terminal UI needs a terminal.",
            fix="For scripts there are commands: rolebrowser --help.",
        )


def _leave_no_core() -> None:
    """A crash writes no file of what was in memory: sessions and tokens are."""
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
