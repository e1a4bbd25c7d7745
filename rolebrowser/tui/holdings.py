"""What the UI holds between screens: config, identities and sessions, databases, found roles.

Blocking methods are run in threads (`background.in_thread`); the results are plain values. No
widget in here, and no secret that doesn't sit in a `Session`.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rolebrowser import config as configuration
from rolebrowser.cancel import Cancel
from rolebrowser.config import Config
from rolebrowser.database.model import Database, User
from rolebrowser.errors import RolebrowserError
from rolebrowser.frozen import dataclass
from rolebrowser.identity import production
from rolebrowser.identity.prompts import Prompts
from rolebrowser.state import Recents
from rolebrowser.target import Bookmark, Target
from rolebrowser.tui.search_holdings import SearchHoldings

if TYPE_CHECKING:
    from rolebrowser.database.instances import Reach
    from rolebrowser.sandbox.process import SandboxProcess


@dataclass(frozen=True, slots=True)
class Found:
    """Databases of a session's region, and sentences on what could not be read."""

    databases: tuple[Database, ...]
    region: str
    partial: tuple[str, ...]


class Holdings(SearchHoldings):
    """See the module.

    Args:
        demo: a sandbox to wait for; its environment is taken over when it is ready.
    """

    def __init__(self, config: Config, demo: SandboxProcess | None = None) -> None:
        super().__init__(config)
        self._visiting = threading.Lock()
        self._kept: tuple[Path, Recents] | None = None
        self.demo_ready = demo is None
        self._demo = demo
        self._ahead: threading.Thread | None = None
        self._databases: dict[tuple[str, str, str], Found] = {}

    def await_demo(self, cancel: Cancel) -> None:
        """Wait for the sandbox and point this process at it. Raises SandboxError."""
        assert self._demo is not None
        exports = self._demo.wait_ready(cancel=cancel)
        for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ACCESS_KEY_ID"):
            os.environ.pop(name, None)
        os.environ.update(exports)
        # Its session-manager-plugin leads to its instances; the real one wouldn't.
        plugins = Path(exports["SANDBOX_DIRECTORY"]) / "bin"
        os.environ["PATH"] = f"{plugins}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        # Nothing of the demo stays behind in the person's home.
        directory = Path(exports["SANDBOX_DIRECTORY"])
        self.config = replace(
            configuration.load(),
            aws_dir=directory / "aws",
            state_dir=directory / "state",
            cache_dir=directory / "cache",
        )
        self.demo_ready = True

    def read_ahead(self) -> None:
        """Start reading the profiles in a thread of its own, before there is an event loop."""
        self._ahead = threading.Thread(target=self.reload, name="profiles", daemon=True)
        self._ahead.start()

    @property
    def read_already(self) -> bool:
        """True when `read_ahead` has come to its end before anybody waited for it."""
        return self._ahead is not None and not self._ahead.is_alive()

    def read(self) -> None:
        """What `read_ahead` began, else `reload`; blocks."""
        ahead, self._ahead = self._ahead, None
        if ahead is None:
            self.reload()
        else:
            ahead.join()

    def reload_config(self) -> None:
        """Read config.toml again, after a bookmark was added. Raises ConfigError."""
        kept = self.config
        self.config = replace(
            configuration.load(),
            aws_dir=kept.aws_dir,
            state_dir=kept.state_dir,
            cache_dir=kept.cache_dir,
        )

    def guarded(
        self, target: Target, *, bookmark: Bookmark | None = None, account: str = ""
    ) -> bool:
        """Whether a target counts as production.

        Args:
            account: the database's, where it is known.
        """
        profile = self.profiles.get(target.profile)
        if bookmark is None:
            same = (each for each in self.config.bookmarks if each.target == target)
            bookmark = next(same, None)
        return production.guarded(self.config, target, profile, bookmark=bookmark, account=account)

    def opened(self, target: Target) -> None:
        """Count a visit; blocks for a small file."""
        with self._visiting:
            self._mention(self._recents().opened(target, datetime.now(UTC)))

    def visits(self) -> Mapping[str, float]:
        """How much each profile is used, the latest visits counting most."""
        with self._visiting:
            return self._recents().weights(lambda target: target.profile, datetime.now(UTC))

    def _recents(self) -> Recents:
        """Those of the state directory in use, which the demo changes."""
        if self._kept is None or self._kept[0] != self.config.state_dir:
            self._kept = (self.config.state_dir, Recents(self.config.state_dir))
        return self._kept[1]

    def databases(
        self,
        profile: str,
        role: str,
        prompts: Prompts,
        cancel: Cancel,
        *,
        region: str = "",
        fresh: bool = False,
    ) -> Found:
        """The databases of a region (empty = the session's); asked once, until `fresh`."""
        from rolebrowser.database import rds

        session = self.resolve(profile, role, prompts, cancel)
        region = region or session.region
        known = self._databases.get((profile, role, region))
        if known is not None and not fresh:
            return known
        partial: list[str] = []
        try:
            listed = rds.list_databases(session, region, cancel=cancel, partial=partial.append)
        except RolebrowserError as error:
            self.heard(profile, role, error)
            raise
        found = Found(listed, region, tuple(partial))
        self._databases[profile, role, region] = found
        return found

    def users(
        self, profile: str, role: str, database: Database, cancel: Cancel
    ) -> tuple[Sequence[User], tuple[str, ...]]:
        """Users one may try, each with a verdict, and sentences on what could not be read.

        Raises as `assumable.own_rights`.
        """
        from rolebrowser.database.users import named

        with self._visiting:
            ranked = self._recents().ranked(datetime.now(UTC))
        known = named(self.config, database, recents=[each.target for each in ranked])
        return self.everybody(profile, role, database, known, cancel)

    def instances(self, target: Target, prompts: Prompts, cancel: Cancel) -> Reach:
        """Instances through which a target's database may be reached. Raises as AWS refuses."""
        from rolebrowser.database import instances, rds

        session = self.resolve(target.profile, target.role, prompts, cancel)
        region = target.region or session.region
        return instances.reach(session, rds.find(session, region, target.database, cancel=cancel))
