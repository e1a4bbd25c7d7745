"""`rolebrowser databases --everywhere`: the organization's databases, by engine or by asking."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import click

from rolebrowser import config as configuration
from rolebrowser.cli import having, output
from rolebrowser.cli.identity import anybody
from rolebrowser.config import Config
from rolebrowser.database.known_hits import Found, KnownHits, Wanted
from rolebrowser.database.org_search import Hit, Progress, by_asking, by_engine
from rolebrowser.errors import RolebrowserError
from rolebrowser.identity import profile_files
from rolebrowser.identity.discovery import askable
from rolebrowser.identity.model import Session
from rolebrowser.kept import Answer

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
    kept, now = KnownHits(config.cache_dir), datetime.now(UTC)
    wanted = Wanted(profile, text, tuple(regions), all_regions)
    nothing = f"No database whose id holds {text!r} was found." if text else "There is no database."
    old = None if fresh else kept.recall(wanted)
    if old is not None and now - old.at < GOOD_FOR:
        having.say(f"As found {Answer(None, old.at).age(now)}; --fresh asks again.")
        output.records(_rows(old), _COLUMNS, as_json=as_json, empty=nothing)
        return
    found: Sequence[Hit] | None = None
    if profile:
        session = having.session(profile).session
        found = by_engine(session, text, seconds=config.timeouts.aws, partial=having.say)
    if found is None:
        found = _asked(config, text, regions, all_regions=all_regions)
    kept.keep(wanted, found, now)
    rows = _rows(Found(tuple(found), now))
    output.records(rows, _COLUMNS, as_json=as_json, empty=nothing)


def _rows(found: Found) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for hit in found.hits:
        row: dict[str, object] = {n: getattr(hit, n) or None for n in (*_COLUMNS, "arn")}
        rows.append({**row, "found_at": output.iso(found.at)})
    return rows


def _asked(
    config: Config, text: str, regions: Sequence[str], *, all_regions: bool
) -> tuple[Hit, ...]:
    from rolebrowser.database import rds

    def where(session: Session) -> tuple[str, ...]:
        if all_regions:
            return tuple(rds.regions(session))
        return tuple(regions) or (session.region,)

    profiles = profile_files.load(os.environ)
    who = anybody(askable(profiles), profiles)
    openers = having.openers(config, profiles, (each.name for each in who))
    failed: list[str] = []

    def told(progress: Progress) -> None:
        if progress.problem:
            failed.append(progress.profile)
            having.say(f"{progress.profile}: {progress.problem}")
        for sentence in progress.missing:
            having.say(f"{progress.profile}: {sentence}")
        if sys.stderr.isatty():
            end = progress.done == progress.total
            asked = f"{progress.done} of {progress.total} profiles, {progress.regions} regions"
            click.echo(f"\r{asked}", err=True, nl=end)

    found = by_asking(openers, where, text=text, progress=told)
    if len(failed) == len(openers):
        raise RolebrowserError(
            "No profile could list databases.", fix="rolebrowser doctor says why."
        )
    return found
