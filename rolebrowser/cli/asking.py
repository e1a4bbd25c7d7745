"""Options that name a target, and questions asked on the terminal."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar

import click

from rolebrowser.config import Config
from rolebrowser.connection.url import is_url
from rolebrowser.errors import Cancelled, ConfigError, MfaRequired, UnknownName
from rolebrowser.identity.prompts import MfaRequest, NobodyToAsk
from rolebrowser.safetext import clean
from rolebrowser.target import Target

F = TypeVar("F", bound=Callable[..., Any])

profile_option = click.option("-p", "--profile", default="", help="AWS profile.")
role_option = click.option("--role", default="", help="ARN of a role to assume from it.")
region_option = click.option("--region", default="", help="AWS region; default: the profile's.")
user_option = click.option("-u", "--user", default="", help="Database user to log in as.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def target_options(command: F) -> F:
    """-p, --role, --region, -u, --dbname, --endpoint."""
    for option in (
        click.option("--endpoint", default="", help='"writer", "reader" or an endpoint\'s name.'),
        click.option("-d", "--dbname", default="", help="Database inside the server."),
        user_option,
        region_option,
        role_option,
        profile_option,
    ):
        command = option(command)
    return command


def choose(config: Config, name: str, **choices: str) -> Target:
    """The target a person names: a bookmark (or its digit), a plain URL, or a database id.

    Args:
        choices: fields of Target given as options; they win over a bookmark's.

    Raises:
        UnknownName: no such bookmark, and without a profile no database can be asked for.
    """
    if is_url(name):
        return Target(url=name)
    bookmark = config.bookmark(name)
    if bookmark is not None:
        return bookmark.target.with_changes(**choices)
    if not choices.get("profile") and not _usual_session():
        names = [each.name for each in config.bookmarks]
        fix = "For a database id, name the profile too: -p PROFILE."
        raise UnknownName("bookmark", name, names, fix=fix)
    return Target(database=name).with_changes(**choices)


def _usual_session() -> bool:
    names = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ACCESS_KEY_ID")
    return any(os.environ.get(name) for name in names)


def need_user(target: Target) -> Target:
    """The target, if it names a user. Raises ConfigError."""
    if target.user or target.url:
        return target
    raise ConfigError(
        f"No database user was named for {target.database}.",
        fix="Give one: -u USER. rolebrowser users lists who may.",
    )


class TerminalPrompts:
    """Asks on /dev/tty, so that stdin and stdout stay free for data."""

    def mfa_code(self, request: MfaRequest) -> str:
        """A code typed unseen. Raises MfaRequired without a terminal, Cancelled on an empty one."""
        if not _has_terminal():
            return NobodyToAsk().mfa_code(request)
        import getpass

        name = request.role.rsplit("/", 1)[-1] or request.profile
        question = f"{request.refused} MFA code for {name} ({request.serial}): ".lstrip()
        try:
            # getpass talks to /dev/tty itself.
            code = getpass.getpass(clean(question)).strip()
        except (EOFError, KeyboardInterrupt):
            raise Cancelled("No MFA code was given.") from None
        if not code:
            raise MfaRequired("No MFA code was given.")
        return code


def _has_terminal() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True
