"""Options that name a target, and questions asked on the terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from rolebrowser import config as configuration
from rolebrowser.config import Config
from rolebrowser.connection.url import is_url
from rolebrowser.errors import Cancelled, ConfigError, MfaRequired, RolebrowserError, UnknownName
from rolebrowser.identity.prompts import LoginRequest, LoginShown, MfaRequest, NobodyToAsk
from rolebrowser.safetext import Secret, clean
from rolebrowser.target import Target

F = TypeVar("F", bound=Callable[..., Any])


def _bookmarks(context: object, parameter: object, typed: str) -> list[CompletionItem]:
    try:
        names = [each.name for each in configuration.load().bookmarks]
    except RolebrowserError:
        return []
    return [CompletionItem(name) for name in names if name.startswith(typed)]


def _routes(context: object, parameter: object, typed: str) -> list[CompletionItem]:
    try:
        names = [each.name for each in configuration.load().routes if each.name]
    except RolebrowserError:
        return []
    return [CompletionItem(each) for each in ("direct", "ssm", *names) if each.startswith(typed)]


def _profiles(context: object, parameter: object, typed: str) -> list[CompletionItem]:
    from rolebrowser.identity import profile_files

    names = [each.name for each in profile_files.load(os.environ)]
    return [CompletionItem(name) for name in names if name.startswith(typed)]


def _named(ctx: click.Context, param: click.Parameter, value: str) -> str:
    """Refuse an empty -p: a script's variable that isn't set would mean the default profile."""
    from click.core import ParameterSource

    given = ctx.get_parameter_source(param.name or "") is not ParameterSource.DEFAULT
    if given and not value.strip():
        raise click.BadParameter("it is empty; leave it out for the usual profile.", ctx, param)
    return value


profile_option = click.option(
    "-p",
    "--profile",
    default="",
    metavar="PROFILE",
    help="AWS profile.",
    callback=_named,
    shell_complete=_profiles,
)
role_option = click.option("--role", default="", metavar="ARN", help="A role to assume from it.")


class Region(click.ParamType):
    """An AWS region by its name."""

    name = "region"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name. Raises UnknownName for what can't be one."""
        from rolebrowser.identity import regions

        regions.check(value)
        return value


region_option = click.option(
    "--region",
    type=Region(),
    default="",
    metavar="REGION",
    help="AWS region; default: the profile's.",
)
user_option = click.option(
    "-u", "--user", default="", metavar="USER", help="Database user to log in as."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
confirm_option = click.option(
    "--confirm",
    metavar="DBNAME",
    help="Production is written to only with its database's name: give it here, or be asked.",
)


def target_argument(name: str = "target") -> Callable[[F], F]:
    """TARGET, completed from the bookmarks."""
    return click.argument(name, shell_complete=_bookmarks)


_elsewhere = (
    click.option(
        "--route",
        default="",
        metavar="ROUTE",
        shell_complete=_routes,
        help="A route of config.toml; or direct, HOST:PORT, ssh:HOST, ssm, ssm:INSTANCE.",
    ),
    click.option(
        "--endpoint", default="", metavar="NAME", help="writer (default), reader, or its name."
    ),
    click.option("-d", "--dbname", default="", metavar="NAME", help="Database inside the server."),
    user_option,
    region_option,
)


def target_options(command: F) -> F:
    """-p, --role, --region, -u, --dbname, --endpoint, --route."""
    for option in (*_elsewhere, role_option, profile_option):
        command = option(command)
    return command


def target_options_without_role(command: F) -> F:
    """The same where --role means a database's role: the ARN is --assume's."""
    assume = click.option("--assume", default="", metavar="ARN", help="An AWS role to assume.")
    for option in (*_elsewhere, assume, profile_option):
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
    """Whether there are credentials to be had without naming a profile."""
    names = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ACCESS_KEY_ID")
    if any(os.environ.get(name) for name in names):
        return True
    from rolebrowser.identity import profile_files

    return profile_files.load(os.environ).get("default") is not None


def need_user(config: Config, target: Target) -> Target:
    """The target, if it names a user.

    Raises:
        ConfigError: it doesn't; the users bookmarks name for that database are offered.
    """
    if target.user or target.url:
        return target
    known = dict.fromkeys(
        bookmark.target.user
        for bookmark in config.bookmarks
        if bookmark.target.database == target.database and bookmark.target.user
    )
    offered = f" Bookmarks know: {', '.join(known)}." if known else ""
    raise ConfigError(
        f"No database user was named for {target.database}.",
        fix=f"Give one: -u USER.{offered} rolebrowser users lists who may.",
    )


class _Printed:
    """A login on stderr: what was printed stays."""

    def say(self, text: str) -> None:
        """One more line."""
        click.echo(clean(text), err=True)

    def close(self) -> None:
        """Nothing to take away."""


class TerminalPrompts:
    """Asks on /dev/tty, so that stdin and stdout stay free for data.

    Args:
        insist: show a login on stderr even where nobody seems to be.
        start: given a login's address, tries to open it in a browser.
    """

    def __init__(
        self, *, insist: bool = False, start: Callable[[str], object] | None = None
    ) -> None:
        self._insist = insist
        self._start = start

    @property
    def can_log_in(self) -> bool:
        """True where somebody may read stderr."""
        return self._insist or sys.stderr.isatty() or has_terminal()

    def show_login(self, request: LoginRequest) -> LoginShown:
        """The address and the code on stderr."""
        from rolebrowser.sandbox import portal

        until = request.expires_at.astimezone()
        click.echo(
            clean(
                f"To log in to {request.session}, open this in a browser, on any machine:\n"
                f"  {request.complete_url}\nand check that it shows the code  {request.code}\n"
                f"Waiting until {until:%H:%M:%S}; Ctrl+C gives up.",
                keep="\n",
            ),
            err=True,
        )
        if portal.is_ours(request.complete_url, os.environ):
            line = f"rolebrowser demo --allow '{request.complete_url}'"
            click.echo(clean(f"Without a browser, in another terminal: {line}"), err=True)
        if self._start is not None:
            self._start(request.complete_url)
        return _Printed()

    def mfa_code(self, request: MfaRequest) -> str:
        """A code typed unseen. Raises MfaRequired without a terminal, Cancelled on an empty one."""
        if not has_terminal():
            return NobodyToAsk().mfa_code(request)
        name = request.role.rsplit("/", 1)[-1] or request.profile
        question = f"{request.refused} MFA code for {name} ({request.serial}): ".lstrip()
        code = _unseen(question)
        if not code:
            raise MfaRequired("No MFA code was given.")
        return code

    def process_says(self, profile: str, text: str) -> None:
        """On stderr."""
        said = f"rolebrowser: the credential_process of {profile} says: {text}"
        click.echo(clean(said, keep="\n"), err=True)


def ask_password() -> Secret | None:
    """The password of a plain URL's user, typed unseen; None without a terminal."""
    return Secret(_unseen("Password: ")) if has_terminal() else None


def _unseen(question: str) -> str:
    import getpass

    try:
        # getpass talks to /dev/tty itself.
        return getpass.getpass(clean(question)).strip()
    except (EOFError, KeyboardInterrupt):
        raise Cancelled("Nothing was entered.") from None


def has_terminal() -> bool:
    """Whether there is somebody to ask, wherever stdin and stdout go."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True
