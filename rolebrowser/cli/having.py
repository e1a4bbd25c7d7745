"""A session for a command: options in, a Session out, what surprises on stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime
from typing import Any

import click

from rolebrowser import config as configuration
from rolebrowser.cli.asking import TerminalPrompts
from rolebrowser.config import Config
from rolebrowser.frozen import dataclass
from rolebrowser.identity import durations, production, profile_files
from rolebrowser.identity.model import Profile, Session, State
from rolebrowser.identity.profiles import Profiles
from rolebrowser.safetext import clean
from rolebrowser.target import Target


class Duration(click.ParamType):
    """ "1h30m", "45m" or seconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Seconds."""
        if isinstance(value, int):
            return value
        try:
            return durations.parse(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


duration_option = click.option(
    "--duration", type=Duration(), default=0, help="How long the role's session lasts: 1h30m."
)


@dataclass(frozen=True, slots=True)
class Had:
    """A session and the profile it is of; None for the environment's or the machine's."""

    session: Session
    profile: Profile | None

    @property
    def settings(self) -> dict[str, str]:
        """The profile's."""
        return dict(self.profile.settings) if self.profile is not None else {}


def session(profile: str, role: str = "", region: str = "", duration: int = 0) -> Had:
    """The session of a profile and role, what surprises in it said on stderr.

    Raises as `credentials.resolve` does.
    """
    from rolebrowser.identity import credentials

    config = configuration.load()
    found = profile_files.load(os.environ)
    had = credentials.resolve(
        profile,
        role,
        profiles=found,
        aws_dir=config.aws_dir,
        prompts=TerminalPrompts(),
        region=region,
        duration=duration,
        seconds=config.timeouts.aws,
    )
    warn(had)
    chosen = found.get(had.profile)
    if sys.stderr.isatty() and guarded(config, chosen, role):
        say(f"{role or had.profile} counts as production.")
    told = credentials.account_warning(chosen, had) if chosen is not None else ""
    if told:
        say(told)
    return Had(had, chosen)


def sources(had: Had, role: str = "") -> list[Callable[[], Session]]:
    """What gives the sessions that a session came of, the nearest first; nobody is asked."""
    chain = had.profile.chain if had.profile is not None else ()
    config, found = configuration.load(), profile_files.load(os.environ)
    return list(openers(config, found, chain if role else chain[1:]).values())


def at_hand(profiles: Profiles, accounts: Collection[str]) -> list[Callable[[], Session]]:
    """What gives the sessions of some accounts that are cached and alive: nothing is assumed."""
    from rolebrowser.identity import caches, discovery, sessions

    config, now = configuration.load(), datetime.now(UTC)
    cached = caches.read(config.aws_dir, os.environ, store=config.session_store)
    alive = (
        each.name
        for each in discovery.askable(profiles)
        if each.account in accounts
        and sessions.lifetime(each, profiles, cached, now, {}).state in (State.VALID, State.NONE)
    )
    return list(openers(config, profiles, alive).values())


def openers(
    config: Config, profiles: Profiles, names: Iterable[str]
) -> dict[str, Callable[[], Session]]:
    """What gives the sessions of some profiles, in their order; nobody is asked."""
    from rolebrowser.identity import credentials
    from rolebrowser.identity.prompts import NobodyToAsk

    def opener(name: str) -> Callable[[], Session]:
        return lambda: credentials.resolve(
            name,
            "",
            profiles=profiles,
            aws_dir=config.aws_dir,
            prompts=NobodyToAsk(),
            seconds=config.timeouts.aws,
        )

    return {name: opener(name) for name in names}


def guarded(config: Config, profile: Profile | None, role: str = "") -> bool:
    """Whether a profile, or a role on top of it, counts as production by config.toml's [guard]."""
    name = profile.name if profile is not None else ""
    return production.guarded(config, Target(profile=name, role=role), profile)


def warn(session: Session | None) -> None:
    """What surprises in a session, on stderr; None (a plain URL) has nothing."""
    for warning in session.warnings if session is not None else ():
        say(warning)


def say(sentence: str) -> None:
    """A word on stderr, where it disturbs no data."""
    click.echo(clean(f"rolebrowser: {sentence}"), err=True)
