"""`rolebrowser forget`: cached sessions, gone."""

from __future__ import annotations

import os

import click

from rolebrowser import config as configuration
from rolebrowser.cli.asking import profile_option, role_option
from rolebrowser.cli.having import say
from rolebrowser.errors import RolebrowserError
from rolebrowser.identity import profile_files


@click.command()
@profile_option
@role_option
@click.option("--all", "everything", is_flag=True, help="Every cached session and SSO login.")
def forget(profile: str, role: str, everything: bool) -> None:
    """Remove cached sessions, those of the AWS CLI with them: they are the same files.
    What the keyring holds (session_store) goes too.

    -p takes a profile's own session, with --role that of a role on top of it. Long-term keys in
    ~/.aws/credentials are never touched, and AWS is not told: a session that was copied elsewhere
    lives on until its end.
    """
    from rolebrowser.identity import credentials, forgetting

    if everything == bool(profile):
        raise click.UsageError("Give either -p PROFILE or --all.")
    if role and everything:
        raise click.UsageError("--role goes with -p PROFILE.")
    aws_dir = configuration.load().aws_dir
    found = profile_files.load(os.environ)
    if everything:
        count, logins = forgetting.forget_all(profiles=found, aws_dir=aws_dir)
        say(f"Forgot {_count(count, 'session')} and {_count(logins, 'SSO login')}.")
        return
    if not credentials.forget(found.named(profile), role, profiles=found, aws_dir=aws_dir):
        raise RolebrowserError(f"No session of {role or profile} is cached.")
    say(f"Forgot the session of {role or profile}.")


def _count(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
