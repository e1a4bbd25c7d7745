"""`rolebrowser users`: as whom one may log in to a database, how we know, and why."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from rolebrowser import config as configuration
from rolebrowser.cli import asking, having, output
from rolebrowser.cli.asking import choose, json_option
from rolebrowser.config import Config
from rolebrowser.errors import ConfigError

if TYPE_CHECKING:
    from rolebrowser.database.model import Database, User
    from rolebrowser.database.users import Named
    from rolebrowser.identity.trust import Caller
    from rolebrowser.identity.why import Why


@click.command()
@asking.target_argument("database")
@asking.target_options
@click.option("--why", "explain", is_flag=True, help="Show each gate and the JSON that decided.")
@json_option
def users(database: str, explain: bool, as_json: bool, **choices: str) -> None:
    """List the users one may log in to DATABASE as (a bookmark or a database id), with a verdict.

    They come from the session's own rds-db:connect statements, from bookmarks and earlier
    connections, the master user, and -u USER. IAM knows patterns, not names: "any user matching X"
    is as much as it says. Whether a user exists is the database's to know. For one that is denied
    the statement that would let it in is printed with real values.
    """
    from rolebrowser.database import login_rights, rds
    from rolebrowser.identity import assumable

    config = configuration.load()
    target = choose(config, database, **{**choices, "user": ""})
    if target.url:
        raise ConfigError("Users are listed for databases of AWS.", fix="Name one with -p.")
    had = having.session(target.profile, target.role, target.region)
    found = rds.find(had.session, had.session.region, target.database)
    known = _known(config, found, choices["user"])
    missing: list[str] = []
    caller = assumable.own_rights(
        had.session,
        had.profile,
        seconds=config.timeouts.aws,
        partial=missing.append,
        others=having.sources(had, target.role),
    )
    listed = login_rights.everybody(caller, found, known)
    for sentence in missing:
        having.say(sentence)
    _show(caller, found, listed, missing, explain=explain, as_json=as_json)


def _known(config: Config, found: Database, typed: str) -> tuple[Named, ...]:
    from rolebrowser.database.users import named
    from rolebrowser.state import Recents

    recents = [each.target for each in Recents(config.state_dir).ranked(datetime.now(UTC))]
    return named(config, found, recents=recents, typed=[typed] if typed else [])


def _show(
    caller: Caller,
    found: Database,
    listed: Sequence[User],
    missing: Sequence[str],
    *,
    explain: bool,
    as_json: bool,
) -> None:
    from rolebrowser.database import login_rights
    from rolebrowser.identity import why_lines

    reasoned = [(user, login_rights.why(caller, found, user, notes=missing)) for user in listed]
    if explain and not as_json:
        output.text("\n\n".join(why_lines.plain(why) for _, why in reasoned) + "\n")
        return
    if as_json:
        rows = [_record(user, why, explain=explain) for user, why in reasoned]
    else:
        rows = [_line(user, why) for user, why in reasoned]
    nobody = (
        f"Nobody is known of {found.id}: no rds-db:connect statement names a user, and nobody "
        "logged in from here before. -u USER asks about one."
    )
    columns = ("user", "verdict", "source", "reasons")
    output.records(rows, columns, as_json=as_json, empty=nobody)


def _line(user: User, why: Why) -> dict[str, object]:
    """A row for people: one reason, and what to add."""
    add = (f"add {json.dumps(fix.statement)}" for fix in why.fixes)
    return {
        "user": f"any user matching {user.name}" if user.pattern else user.name,
        "verdict": user.verdict.value,
        "source": user.source,
        "reasons": [*user.reasons[:1], *add],
    }


def _record(user: User, why: Why, *, explain: bool) -> dict[str, object]:
    """A row for scripts."""
    from rolebrowser.cli.roles import why_json
    from rolebrowser.identity.policy_request import reason_json

    told = why_json(why)
    reasons = [reason_json(each) for each in why.case.answer().reasons]
    if not why.steps:
        # No policy has a say: the database is another account's, or takes no tokens.
        blank = dict.fromkeys(("source", "policy", "sid", "effect"), "") | {"statement": None}
        reasons = [blank | {"why": each} for each in user.reasons]
    row: dict[str, object] = {
        "user": user.name,
        "pattern": user.pattern,
        "verdict": user.verdict.value,
        "source": user.source,
        "reasons": reasons,
        "fix": told["fix"],
    }
    return row | told if explain else row
