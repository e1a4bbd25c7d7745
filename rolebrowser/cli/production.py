"""Production, on the command line: whether a target counts as it, and who writes has to say so."""

from __future__ import annotations

import shlex
from functools import cached_property

import click

from rolebrowser.cli import asking
from rolebrowser.config import Config
from rolebrowser.errors import ConfigError
from rolebrowser.identity.model import Profile
from rolebrowser.safetext import clean
from rolebrowser.target import Target


class Production:
    """Lets nobody write to production by habit: the database's name has to be typed, as in the UI.

    Args:
        name: TARGET, as it was given.
        given: the database's name as an option (--confirm); None = ask.

    Attributes:
        title: what the person calls it: a bookmark's name, or a database's id.
    """

    def __init__(self, config: Config, name: str, target: Target, given: str | None) -> None:
        self._config = config
        self._bookmark = config.bookmark(name)
        self._target = target
        self._given = given
        self._confirmed = False
        self.title = self._bookmark.name if self._bookmark else target.database or "This"

    def confirm(self, dbname: str, account: str = "") -> None:
        """Have the database's name given, once, where it is production.

        Args:
            dbname: what is to be typed, see `opened.name_to_type`.
            account: the database's, once it is known.

        Raises:
            ConfigError: another name was given, or nobody could be asked.
        """
        if self._confirmed or not self.counts(account):
            return
        given = self._given
        if given is None and asking.has_terminal():
            given = click.prompt(
                clean(f"{self.title} is production. Type {dbname} to allow writing"),
                err=True,
                default="",
                show_default=False,
            )
        if given != dbname:
            raise ConfigError(
                f"{self.title} is production: nothing was run.",
                fix=f"To write to it give {self.to_write(dbname)}",
            )
        self._confirmed = True

    @staticmethod
    def to_write(dbname: str) -> str:
        """The options that allow it, unasked."""
        return f"--read-write --confirm {shlex.quote(dbname)}"

    def counts(self, account: str = "") -> bool:
        """Whether the target counts as production.

        Args:
            account: the database's, where it is known.
        """
        from rolebrowser.identity import production

        return production.guarded(
            self._config, self._target, self._profile, bookmark=self._bookmark, account=account
        )

    @cached_property
    def _profile(self) -> Profile | None:
        from rolebrowser.identity import profile_files

        return profile_files.load().get(self._target.profile) if self._target.profile else None
