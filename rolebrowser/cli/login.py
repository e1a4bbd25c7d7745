"""`rolebrowser login`: the SSO login of a profile."""

from __future__ import annotations

import os

import click

from rolebrowser import config as configuration
from rolebrowser.cli import output
from rolebrowser.cli.asking import TerminalPrompts, profile_option
from rolebrowser.cli.having import say
from rolebrowser.identity import profile_files, sso
from rolebrowser.identity.browser import open_page


@click.command()
@profile_option
@click.option("--no-browser", is_flag=True, help="Only print the address; open nothing.")
def login(profile: str, no_browser: bool) -> None:
    """Log in to the SSO portal a profile hangs on, also through its source_profile.

    All profiles of the same sso-session are logged in with it, and so is the AWS CLI. The address
    and the code go to stderr; the code is the same as on the page, or it isn't yours.
    """
    config = configuration.load()
    found = profile_files.load(os.environ)
    chosen = found.named(profile or os.environ.get("AWS_PROFILE") or "default")
    door = sso.Door.behind(chosen, found)
    ends = sso.log_in(
        door,
        aws_dir=config.aws_dir,
        prompts=TerminalPrompts(insist=True, start=None if no_browser else open_page),
        seconds=config.timeouts.aws,
        # Who says "log in" wants a new login, whatever the cache holds.
        refused=sso.access_token(door, config.aws_dir),
    )
    say(f"Logged in to {door.label}; the portal's token is good until {output.iso(ends)}.")
