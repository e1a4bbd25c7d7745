"""`rolebrowser roles --sso`: the accounts and roles that SSO logins open."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime

import click

from rolebrowser import config as configuration
from rolebrowser.cli import having, output
from rolebrowser.config import Config
from rolebrowser.errors import ConfigError, RolebrowserError
from rolebrowser.identity import profile_files
from rolebrowser.identity.model import Kind
from rolebrowser.identity.profiles import Profiles
from rolebrowser.identity.sso import Door
from rolebrowser.identity.sso_accounts import Account, Accounts, KnownAccounts, discover
from rolebrowser.kept import Answer

_COLUMNS = ("account", "account_name", "role", "verdict", "profile", "login")


def show(profile: str, *, fresh: bool, as_json: bool) -> None:
    """Print them: of one profile's login, else of every login that profiles name.

    What was listed before is shown with its age; `fresh` asks the portal again.
    """
    config, profiles = configuration.load(), profile_files.load(os.environ)
    doors = _doors(profile, profiles)
    if not doors:
        raise ConfigError("No profile has an SSO login.", fix="aws configure sso makes one.")
    rows: list[dict[str, object]] = []
    failures: list[RolebrowserError] = []
    for door in doors:
        try:
            found = _accounts(door, config, fresh=fresh)
        except RolebrowserError as error:
            failures.append(error)
            continue
        for account in found.accounts:
            if account.problem:
                having.say(f"{account.name} ({account.id}): {account.problem}")
            rows += [_row(door, account, role, found, profiles) for role in account.roles]
    if len(failures) == len(doors):
        raise failures[0]
    for failure in failures:
        having.say(failure.in_a_line)
    output.records(rows, _COLUMNS, as_json=as_json, empty="The login opens no account.")


def _doors(profile: str, profiles: Profiles) -> list[Door]:
    if profile:
        return [Door.behind(profiles.named(profile), profiles)]
    doors = [
        Door.behind(each, profiles)
        for each in profiles
        if each.kind is Kind.SSO and each.problem is None
    ]
    return list({door.key: door for door in reversed(doors)}.values())[::-1]


def _accounts(door: Door, config: Config, *, fresh: bool) -> Accounts:
    kept = KnownAccounts(config.cache_dir)
    found = None if fresh else kept.recall(door)
    if found is not None:
        age = Answer(None, found.at).age(datetime.now(UTC))
        having.say(f"{door.label}: as listed {age}; --fresh asks again.")
        return found
    found = discover(door, config.aws_dir, seconds=config.timeouts.aws, progress=_progress)
    kept.keep(door, found)
    return found


def _progress(account: Account, done: int, total: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{done} of {total} accounts", err=True, nl=done == total)


def _row(
    door: Door, account: Account, role: str, found: Accounts, profiles: Profiles
) -> dict[str, object]:
    named = (
        each.name
        for each in profiles
        if each.kind is Kind.SSO
        and (each.setting("sso_account_id"), each.setting("sso_role_name")) == (account.id, role)
        and Door.behind(each, profiles).key == door.key
    )
    return {
        "account": account.id,
        "account_name": account.name,
        "email": account.email,
        "role": role,
        "arn": None,
        "verdict": "allow",
        "reasons": ["the SSO portal lists it"],
        "source": "sso",
        "profile": next(named, None),
        "login": door.label,
        "listed_at": output.iso(found.at),
    }
