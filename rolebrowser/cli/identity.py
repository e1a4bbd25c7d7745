"""`rolebrowser profiles`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime

import click

from rolebrowser import config as configuration
from rolebrowser.cli import having, output
from rolebrowser.cli.asking import json_option
from rolebrowser.errors import ConfigError
from rolebrowser.identity import caches, profile_files, sessions
from rolebrowser.identity.model import Profile
from rolebrowser.identity.profiles import Profiles

NO_PROFILE = (
    "No AWS profile was found in ~/.aws/config or ~/.aws/credentials.\n"
    "Write one there (aws configure sso does it), or set AWS_CONFIG_FILE. To look around without "
    "AWS: rolebrowser demo."
)
_MEND = "Mend that line; every AWS tool refuses the file until then."
_LOOK = (
    "Is that the right path (AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE), and may you read it?"
)


def anybody(askable: Sequence[Profile], known: Profiles) -> Sequence[Profile]:
    """The profiles that can be asked. Raises ConfigError when there are none."""
    if askable:
        return askable
    if len(known.names):
        fix = "`rolebrowser profiles` says what each lacks."
        raise ConfigError("No profile has credentials to ask AWS with.", fix=fix)
    what, fix = NO_PROFILE.split("\n")
    raise ConfigError(what, fix=fix)


@click.command()
@json_option
def profiles(as_json: bool) -> None:
    """List AWS profiles, with what is known of their sessions' lives. Asks nobody.

    The table says a session's state in the words of the browser: the time left, static, ready,
    needs login …; --json has valid, expiring, expired, none, not-started, needs-login ….
    """
    config = configuration.load()
    found = profile_files.load(os.environ)
    cached = caches.read(config.aws_dir, os.environ, store=config.session_store)
    now = datetime.now(UTC)
    rows: list[dict[str, object]] = []
    for profile in found.profiles:
        life = sessions.lifetime(profile, found, cached, now, {})
        rows.append(
            {
                "name": profile.name,
                "kind": profile.kind.value,
                "account": profile.account or None,
                "region": profile.region or None,
                "source": profile.source or None,
                "expires_at": output.iso(life.expires_at),
                "state": life.state.value if as_json else sessions.describe(life, now),
                "production": having.guarded(config, profile),
                "problem": str(profile.problem) if profile.problem else None,
            }
        )
    if not rows and not found.problems and not as_json:
        click.echo(NO_PROFILE, err=True)
        return
    columns = ("name", "kind", "account", "region", "source", "state", "expires_at", "problem")
    output.records(rows, columns, as_json=as_json)
    if found.problems:
        refused = any(problem.line for problem in found.problems)
        raise ConfigError(
            "The AWS configuration can't be read as a whole.",
            why="\n".join(str(problem) for problem in found.problems),
            fix=_MEND if refused else _LOOK,
        )
