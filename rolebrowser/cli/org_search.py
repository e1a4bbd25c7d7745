"""`rolebrowser databases --everywhere`: the organization's databases, by engine or by asking."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import click

from rolebrowser import config as configuration
from rolebrowser.cli import having, output
from rolebrowser.config import Config
from rolebrowser.database.org_search import Hit, Progress, by_asking, by_engine
from rolebrowser.errors import RolebrowserError
from rolebrowser.identity import profile_files
from rolebrowser.identity.discovery import askable
from rolebrowser.identity.model import Session
from rolebrowser.kept import Kept

GOOD_FOR = timedelta(hours=1)
_COLUMNS = ("id", "kind", "account", "region", "profile", "source")


def show(
    profile: str,
    text: str,
    regions: Sequence[str],
    *,
    all_regions: bool,
    fresh: bool,
    as_json: bool,
) -> None:
    """Print every database whose id holds `text`.

    A profile's session asks the organization's engines first; without one, or where it may not,
    each profile that needs nobody's help is asked for the databases of its account. An answer of
    the last hour is shown again, with its age; `fresh` asks anew.
    """
    config = configuration.load()
    kept = Kept(config.cache_dir / "databases-everywhere.json")
    now = datetime.now(UTC)
    key = json.dumps([profile, text, list(regions), all_regions])
    old = None if fresh else kept.recall(key)
    if old is not None and now - old.at < GOOD_FOR and _sound(old.body):
        having.say(f"As found {old.age(now)}; --fresh asks again.")
        output.records(old.body, _COLUMNS, as_json=as_json)
        return
    found: Sequence[Hit] | None = None
    if profile:
        session = having.session(profile).session
        found = by_engine(session, text, seconds=config.timeouts.aws, partial=having.say)
    if found is None:
        found = _asked(config, text, regions, all_regions=all_regions)
    rows: list[dict[str, object]] = [
        {name: getattr(hit, name) or None for name in (*_COLUMNS, "arn")} for hit in found
    ]
    kept.keep(key, rows, now)
    output.records(rows, _COLUMNS, as_json=as_json)


def _sound(body: object) -> bool:
    return isinstance(body, list) and all(isinstance(each, dict) for each in body)


def _asked(
    config: Config, text: str, regions: Sequence[str], *, all_regions: bool
) -> tuple[Hit, ...]:
    from rolebrowser.database import rds

    def where(session: Session) -> tuple[str, ...]:
        if all_regions:
            return tuple(rds.regions(session))
        return tuple(regions) or (session.region,)

    profiles = profile_files.load(os.environ)
    openers = having.openers(config, profiles, (each.name for each in askable(profiles)))
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
