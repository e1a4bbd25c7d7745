"""`rolebrowser databases --everywhere`: the organization's databases, by engine or by asking."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence

import click

from rolebrowser import config as configuration
from rolebrowser.cli import having, output
from rolebrowser.config import Config
from rolebrowser.database.org_search import Hit, Progress, by_asking, by_engine
from rolebrowser.errors import RolebrowserError
from rolebrowser.identity import profile_files
from rolebrowser.identity.model import Kind, Session
from rolebrowser.identity.profiles import Profiles
from rolebrowser.identity.prompts import NobodyToAsk

_COLUMNS = ("id", "kind", "account", "region", "profile", "source")


def show(
    profile: str, text: str, regions: Sequence[str], *, all_regions: bool, as_json: bool
) -> None:
    """Print every database whose id holds `text`.

    A profile's session asks the organization's engines first; without one, or where it may not,
    each profile that needs nobody's help is asked for the databases of its account.
    """
    config = configuration.load()
    found: Sequence[Hit] | None = None
    if profile:
        session = having.session(profile).session
        found = by_engine(session, text, seconds=config.timeouts.aws, partial=having.say)
    if found is None:
        found = _asked(config, text, regions, all_regions=all_regions)
    rows: list[dict[str, object]] = [
        {name: getattr(hit, name) or None for name in (*_COLUMNS, "arn")} for hit in found
    ]
    output.records(rows, _COLUMNS, as_json=as_json)


def _asked(
    config: Config, text: str, regions: Sequence[str], *, all_regions: bool
) -> tuple[Hit, ...]:
    from rolebrowser.database import rds

    def where(session: Session) -> tuple[str, ...]:
        if all_regions:
            return tuple(rds.regions(session))
        return tuple(regions) or (session.region,)

    profiles = profile_files.load(os.environ)
    openers = {
        each.name: _opener(each.name, profiles, config)
        for each in profiles
        if each.problem is None and each.kind is not Kind.NONE
    }
    failed: list[str] = []

    def told(progress: Progress) -> None:
        if progress.problem:
            failed.append(progress.profile)
            having.say(f"{progress.profile}: {progress.problem}")
        if sys.stderr.isatty():
            end = progress.done == progress.total
            click.echo(f"\r{progress.done} of {progress.total} profiles", err=True, nl=end)

    found = by_asking(openers, where, text=text, progress=told)
    if openers and len(failed) == len(openers):
        raise RolebrowserError(
            "No profile could list databases.", fix="rolebrowser doctor says why."
        )
    return found


def _opener(name: str, profiles: Profiles, config: Config) -> Callable[[], Session]:
    def open_session() -> Session:
        from rolebrowser.identity import credentials

        return credentials.resolve(
            name,
            "",
            profiles=profiles,
            aws_dir=config.aws_dir,
            prompts=NobodyToAsk(),
            seconds=config.timeouts.aws,
        )

    return open_session
