"""`rolebrowser roles --everywhere`: what every profile may assume, few asked at a time."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime, timedelta

import click

from rolebrowser import config as configuration
from rolebrowser.cli import having, output, roles_kept
from rolebrowser.cli.identity import anybody
from rolebrowser.errors import RolebrowserError
from rolebrowser.identity import profile_files
from rolebrowser.identity.discovery import Known, KnownRoles, Progress, askable, everywhere
from rolebrowser.kept import Answer

GOOD_FOR = timedelta(hours=1)
_COLUMNS = ("asked", "arn", "verdict", "trusted_entity", "reasons", "found")


def show(*, fresh: bool, as_json: bool) -> None:
    """Print the roles of every profile that needs nobody's help; those that fail on stderr.

    What was found in the last hour is shown again, with its age; `fresh` asks everybody anew.
    """
    config, profiles = configuration.load(), profile_files.load(os.environ)
    kept, now = KnownRoles(config.cache_dir), datetime.now(UTC)
    names = [each.name for each in anybody(askable(profiles), profiles)]
    known: dict[str, Known] = {}
    for name in names:
        found = None if fresh else kept.recall(profiles.named(name), profiles)
        if found is not None and now - found.at < GOOD_FOR:
            known[name] = found
    if known:
        oldest = Answer(None, min(each.at for each in known.values())).age(now)
        having.say(f"{counted(len(known))} as found up to {oldest}; --fresh asks again.")
    failed: list[str] = []

    def told(progress: Progress) -> None:
        if progress.problem:
            failed.append(progress.profile)
            having.say(f"{progress.profile}: {progress.problem}")
        for sentence in progress.outlook.missing if progress.outlook is not None else ():
            having.say(f"{progress.profile}: {sentence}")
        if sys.stderr.isatty():
            end = progress.done == progress.total
            click.echo(f"\r{progress.done} of {progress.total} profiles", err=True, nl=end)

    openers = having.openers(config, profiles, (name for name in names if name not in known))
    outlooks = everywhere(openers, profiles, seconds=config.timeouts.aws, progress=told)
    asked_at = datetime.now(UTC)
    for name, outlook in outlooks.items():
        kept.keep(profiles.named(name), profiles, outlook, asked_at)
        roles = tuple(each.role for each in outlook.roles)
        known[name] = Known(outlook.caller.principal.text, roles, outlook.missing, asked_at)
    if not known:
        raise RolebrowserError(
            "No profile could be asked for its roles.", fix="rolebrowser profiles says why."
        )
    rows = [
        {"asked": name, **row}
        for name in names
        if name in known
        for row in roles_kept.rows(known[name])
    ]
    output.records(rows, _COLUMNS, as_json=as_json, empty="No role is known to these profiles.")


def counted(profiles: int) -> str:
    """ "1 profile", "2 profiles"."""
    return f"{profiles} profile" if profiles == 1 else f"{profiles} profiles"
